package procountor

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
)

// PartnersService is the section "Business partners" of the API: customers and suppliers
// (REFERENCE 3.4).
type PartnersService struct{ service }

// Create adds a partner to the register and returns it as it was saved.
func (s *PartnersService) Create(ctx context.Context, in *Partner) (*Partner, error) {
	return write[Partner](ctx, s.c, http.MethodPost, "/businesspartners", nil, in)
}

// Update replaces the partner in.ID, every field of it: read it, change it, put it back with its version.
func (s *PartnersService) Update(ctx context.Context, in *Partner) (*Partner, error) {
	return write[Partner](ctx, s.c, http.MethodPut, at("businesspartners", in.ID), nil, in)
}

// Patch changes single fields of a partner: fields is a JSON object of them, version the one that was
// read. Which fields may be changed is not known (REFERENCE 2.6), nor what the answer holds.
func (s *PartnersService) Patch(ctx context.Context, id int64, version Time, fields json.RawMessage) error {
	q := query{}
	q.text("version", version.String())
	_, err := doJSON(ctx, s.c, http.MethodPatch, at("businesspartners", id), url.Values(q), fields)
	return err
}

// Get reads one partner.
func (s *PartnersService) Get(ctx context.Context, id int64) (*Partner, error) {
	return get[*Partner](ctx, s.c, at("businesspartners", id), nil)
}

// GetMany reads partners in batches of 200, ordered by id. Unknown ids are left out without an error.
func (s *PartnersService) GetMany(ctx context.Context, ids []int64) ([]Partner, error) {
	return getMany[Partner](ctx, s.c, "/businesspartners", ids)
}

// Entries reads partners as [PartnersService.GetMany] does, each with the bytes that came. Since
// [PartnersService.Update] replaces every field, whoever changes some of them puts the others back as they
// were read, those too that this client does not know.
func (s *PartnersService) Entries(ctx context.Context, ids []int64) ([]PartnerEntry, error) {
	return getMany[PartnerEntry](ctx, s.c, "/businesspartners", ids)
}

// A PartnerFilter says which partners [PartnersService.List] shows. Zero fields do not limit.
type PartnerFilter struct {
	Type           PartnerType
	Name           string // sent as a header, as it is personal data
	Identifier     string // business id, VAT number or person id; sent as a header
	IdentifierType string
	CustomerNumber string
	MainGroup      string
	PartnerGroup   string
	// Active: nil leaves it to the server, which shows active ones; new(false) shows the others.
	Active                   *bool
	VersionStart, VersionEnd Time
}

// List yields the partners that fit, by rising id, reading 200 at a time. It ends after the first error.
func (s *PartnersService) List(ctx context.Context, f PartnerFilter) iter.Seq2[PartnerInfo, error] {
	q := query{}
	q.text("type", string(f.Type))
	q.text("identifierType", f.IdentifierType)
	q.text("customerNumber", f.CustomerNumber)
	q.text("mainGroup", f.MainGroup)
	q.text("partnerGroup", f.PartnerGroup)
	q.flag("active", f.Active)
	q.text("versionStartDate", f.VersionStart.String())
	q.text("versionEndDate", f.VersionEnd.String())
	h := http.Header{}
	maps.Copy(h, personal("name", f.Name))
	maps.Copy(h, personal("identifier", f.Identifier))
	src := search{path: "/businesspartners", query: url.Values(q), header: h}
	return results(ctx, s.c, src, func(p *PartnerInfo) int64 { return p.ID })
}

// DefaultAccounts reads where a partner's vouchers are booked by default.
func (s *PartnersService) DefaultAccounts(ctx context.Context, id int64) (*PartnerDefaultAccounts, error) {
	return get[*PartnerDefaultAccounts](ctx, s.c, at("businesspartners", id, "defaults", "accounts"), nil)
}

// DefaultProducts reads what a partner is usually invoiced for.
func (s *PartnersService) DefaultProducts(ctx context.Context, id int64) ([]DefaultProduct, error) {
	return get[[]DefaultProduct](ctx, s.c, at("businesspartners", id, "defaults", "products"), nil)
}

// DefaultDimensions reads how a partner's postings are shared over dimensions.
func (s *PartnersService) DefaultDimensions(ctx context.Context, id int64) ([]DefaultDimensionInfo, error) {
	return get[[]DefaultDimensionInfo](ctx, s.c, at("businesspartners", id, "defaults", "dimensions"), nil)
}

// DefaultDimension reads how a partner's postings are shared over one dimension.
func (s *PartnersService) DefaultDimension(ctx context.Context, id, dimensionID int64) (*DefaultDimension, error) {
	return get[*DefaultDimension](ctx, s.c, at("businesspartners", id, "defaults", "dimensions", dimensionID), nil)
}

// SetDefaultDimension replaces how a partner's postings are shared over the dimension in.ID.
func (s *PartnersService) SetDefaultDimension(ctx context.Context, id int64, in *DefaultDimension) (*DefaultDimension, error) {
	return write[DefaultDimension](ctx, s.c, http.MethodPut, at("businesspartners", id, "defaults", "dimensions", in.ID), nil, in)
}

// PersonalDetails reads the register data of the user who is logged in.
func (s *PartnersService) PersonalDetails(ctx context.Context) (*PersonalDetails, error) {
	return get[*PersonalDetails](ctx, s.c, "/businesspartners/personaldetails", nil)
}

// A PartnerGroupFilter says which groups [PartnersService.Groups] shows. Zero fields do not limit.
type PartnerGroupFilter struct {
	Name   string // part of the name
	Type   PartnerType
	Active *bool
}

// Groups yields partner groups in the server's order.
func (s *PartnersService) Groups(ctx context.Context, f PartnerGroupFilter) iter.Seq2[PartnerGroup, error] {
	q := query{}
	q.text("name", f.Name)
	q.text("type", string(f.Type))
	q.flag("active", f.Active)
	src := search{path: "/businesspartners/groups", query: url.Values(q), noKeyset: true}
	return results(ctx, s.c, src, func(g *PartnerGroup) int64 { return g.ID })
}

// Group reads one partner group.
func (s *PartnersService) Group(ctx context.Context, id int64) (*PartnerGroup, error) {
	return get[*PartnerGroup](ctx, s.c, at("businesspartners", "groups", id), nil)
}

// CreateGroup makes a partner group.
func (s *PartnersService) CreateGroup(ctx context.Context, in *PartnerGroup) (*PartnerGroup, error) {
	return write[PartnerGroup](ctx, s.c, http.MethodPost, "/businesspartners/groups", nil, in)
}

// UpdateGroup replaces the partner group in.ID.
func (s *PartnersService) UpdateGroup(ctx context.Context, in *PartnerGroup) (*PartnerGroup, error) {
	return write[PartnerGroup](ctx, s.c, http.MethodPut, at("businesspartners", "groups", in.ID), nil, in)
}
