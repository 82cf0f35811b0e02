package web

import (
	"net/http"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/register"
)

// A registerCompareView is the page that holds a company's registers at one moment
// against those at another.
type registerCompareView struct {
	page
	Place place
	engine.RegisterComparison
	Registers []comparedRegister
}

// A comparedRegister is what is different in one register.
type comparedRegister struct {
	Name    string
	Changes []register.Change
}

// maxCompared is how many changes of one register the page lists.
const maxCompared = 500

func (s *Server) compareRegisters(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.companyOf(r, v)
	if err != nil {
		return err
	}
	view := registerCompareView{Place: p}
	q := r.URL.Query()
	if view.RegisterComparison, err = s.o.Engine.CompareRegisters(r.Context(), p.ID, q.Get("from"), q.Get("to")); err != nil {
		return found(err)
	}
	var of register.What
	for _, c := range view.Changes {
		if c.What != of {
			of = c.What
			view.Registers = append(view.Registers, comparedRegister{Name: v.say.T("register-many." + string(of))})
		}
		last := &view.Registers[len(view.Registers)-1]
		last.Changes = append(last.Changes, c)
	}
	if view.page, err = s.page(r, v, v.say.T("registers.compare-title")+" · "+p.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, registerComparePage(view))
}
