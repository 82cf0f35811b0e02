package procountor

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// PersonsService is the section "Persons" of the API: the employees of a company, who claim travel and
// expenses (REFERENCE 3.5).
type PersonsService struct{ service }

// Create adds a person to the register and returns it as it was saved.
func (s *PersonsService) Create(ctx context.Context, in *Person) (*Person, error) {
	return write[Person](ctx, s.c, http.MethodPost, "/persons", nil, in)
}

// Update replaces the person in.ID, every field of it: read it, change it, put it back with its version.
func (s *PersonsService) Update(ctx context.Context, in *Person) (*Person, error) {
	return write[Person](ctx, s.c, http.MethodPut, at("persons", in.ID), nil, in)
}

// Entry reads one person, with the bytes that came: since [PersonsService.Update] replaces every field,
// whoever changes some of them puts the others back as they were read.
func (s *PersonsService) Entry(ctx context.Context, id int64) (*PersonEntry, error) {
	return get[*PersonEntry](ctx, s.c, at("persons", id), nil)
}

// A PersonFilter says which persons [PersonsService.List] shows. Zero fields do not limit.
type PersonFilter struct {
	Number          string // a part of the person number is enough
	MainGroup       string
	GroupID         int64
	IncludeInactive *bool
}

// List yields the persons that fit. The list has no previousId: it is walked by page number, 200 at a
// time, and ends after the first error.
func (s *PersonsService) List(ctx context.Context, f PersonFilter) iter.Seq2[PersonInfo, error] {
	q := query{}
	q.text("personNumber", f.Number)
	q.text("mainPersonGroup", f.MainGroup)
	q.id("personGroupId", f.GroupID)
	q.flag("includeInactive", f.IncludeInactive)
	src := search{path: "/persons", query: url.Values(q), noKeyset: true}
	return results(ctx, s.c, src, func(p *PersonInfo) int64 { return p.ID })
}
