package procountor

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// ProductsService is the section "Products" of the API (REFERENCE 3.6).
type ProductsService struct{ service }

// Create adds a product to the register and returns it as it was saved.
func (s *ProductsService) Create(ctx context.Context, in *Product) (*Product, error) {
	return write[Product](ctx, s.c, http.MethodPost, "/products", nil, in)
}

// Update replaces the product in.ID, every field of it.
func (s *ProductsService) Update(ctx context.Context, in *Product) (*Product, error) {
	return write[Product](ctx, s.c, http.MethodPut, at("products", in.ID), nil, in)
}

// Get reads one product.
func (s *ProductsService) Get(ctx context.Context, id int64) (*Product, error) {
	return get[*Product](ctx, s.c, at("products", id), nil)
}

// GetMany reads products in batches of 200, ordered by id. Unknown ids are left out without an error.
func (s *ProductsService) GetMany(ctx context.Context, ids []int64) ([]Product, error) {
	return getMany[Product](ctx, s.c, "/products", ids)
}

// Delete removes a product; travel products cannot be removed.
func (s *ProductsService) Delete(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodDelete, at("products", id), nil)
}

// A ProductFilter says which products [ProductsService.List] shows. Zero fields do not limit.
type ProductFilter struct {
	Type                     ProductType
	Name, Code               string // a part of it is enough
	GroupIDs                 []int64
	Start, End               Date // when travel products hold
	Active                   *bool
	Localizations            *bool // whether names in other languages come too
	VersionStart, VersionEnd Time
}

// List yields the products that fit, by rising id, reading 200 at a time. It ends after the first error.
func (s *ProductsService) List(ctx context.Context, f ProductFilter) iter.Seq2[Product, error] {
	q := query{}
	q.text("type", string(f.Type))
	q.text("name", f.Name)
	q.text("code", f.Code)
	q.ids("group", f.GroupIDs)
	q.text("startDate", f.Start.String())
	q.text("endDate", f.End.String())
	q.flag("active", f.Active)
	q.flag("includeLocalizations", f.Localizations)
	q.text("versionStartDate", f.VersionStart.String())
	q.text("versionEndDate", f.VersionEnd.String())
	return results(ctx, s.c, search{path: "/products", query: url.Values(q)}, func(p *Product) int64 { return p.ID })
}

// Groups reads the product groups; kind "" means all.
func (s *ProductsService) Groups(ctx context.Context, kind ProductType) ([]ProductGroup, error) {
	q := query{}
	q.text("type", string(kind))
	v, err := get[struct {
		ProductGroups []ProductGroup `json:"productGroups"`
	}](ctx, s.c, "/products/groups", url.Values(q))
	return v.ProductGroups, err
}

// Group reads one product group.
func (s *ProductsService) Group(ctx context.Context, id int64) (*ProductGroup, error) {
	return get[*ProductGroup](ctx, s.c, at("products", "groups", id), nil)
}

// CreateGroup makes a product group.
func (s *ProductsService) CreateGroup(ctx context.Context, in *ProductGroup) (*ProductGroup, error) {
	return write[ProductGroup](ctx, s.c, http.MethodPost, "/products/groups", nil, in)
}

// UpdateGroup replaces the product group in.ID.
func (s *ProductsService) UpdateGroup(ctx context.Context, in *ProductGroup) (*ProductGroup, error) {
	return write[ProductGroup](ctx, s.c, http.MethodPut, at("products", "groups", in.ID), nil, in)
}

// DeleteGroup removes a product group; one that has products is a Conflict.
func (s *ProductsService) DeleteGroup(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodDelete, at("products", "groups", id), nil)
}

// DefaultDimensions reads how a product's postings are shared over dimensions.
func (s *ProductsService) DefaultDimensions(ctx context.Context, id int64) ([]DefaultDimensionInfo, error) {
	return get[[]DefaultDimensionInfo](ctx, s.c, at("products", id, "defaults", "dimensions"), nil)
}

// DefaultDimension reads how a product's postings are shared over one dimension.
func (s *ProductsService) DefaultDimension(ctx context.Context, id, dimensionID int64) (*DefaultDimension, error) {
	return get[*DefaultDimension](ctx, s.c, at("products", id, "defaults", "dimensions", dimensionID), nil)
}

// SetDefaultDimension replaces how a product's postings are shared over the dimension in.ID.
func (s *ProductsService) SetDefaultDimension(ctx context.Context, id int64, in *DefaultDimension) (*DefaultDimension, error) {
	return write[DefaultDimension](ctx, s.c, http.MethodPut, at("products", id, "defaults", "dimensions", in.ID), nil, in)
}
