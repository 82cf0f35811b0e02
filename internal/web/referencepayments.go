package web

import (
	"net/http"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// A referencesView lists payments by reference that are allocated to nothing.
type referencesView struct {
	page
	Places  places
	Company string
	List    []hub.OpenReference
	// Count is how many there are, those beyond the list too.
	Count int
	// Barred are the companies whose key may not read them.
	Barred []string
}

// maxReferences is how many payments the page shows, the newest.
const maxReferences = 100

func (s *Server) openReferences(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := referencesView{Places: all, Company: r.URL.Query().Get("company")}
	shown := all
	if view.Company != "" {
		p, ok := all.company(view.Company)
		if !ok {
			return errNotFound
		}
		shown = []place{p}
	}
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if view.Count, err = tx.CountOpenReferences(view.Company, v.sees()); err != nil {
			return err
		}
		for _, p := range shown {
			reading, err := tx.ReferenceReading(p.ID)
			if err != nil {
				return err
			}
			if reading.Barred {
				view.Barred = append(view.Barred, p.Name)
			}
		}
		view.List, err = tx.OpenReferences(view.Company, v.sees(), maxReferences)
		return err
	}); err != nil {
		return err
	}
	if view.page, err = s.page(r, v, v.say.T("refpay.title"), "tasks", scopeOf(shown...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, referencesPage(view))
}

// StoredSum says a sum that is stored as text; its currency may not be known.
func StoredSum(say locale.Speaker, sum, currency string) string {
	a, err := money.Parse(sum)
	if err != nil {
		return sum
	}
	return say.Amount(a, money.Currency(currency))
}

// companyName tells payments of several companies apart.
func (v referencesView) companyName(p hub.OpenReference) string {
	if c, ok := v.Places.company(p.Company); ok && len(v.Places) > 1 {
		return c.Name
	}
	return ""
}

// ByWord says why a document is a candidate.
func ByWord(say locale.Speaker, by hub.CandidateBy) string {
	if by == hub.ByReference {
		return say.T("refpay.by-reference")
	}
	return say.T("refpay.by-sum")
}
