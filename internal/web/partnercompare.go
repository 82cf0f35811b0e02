package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/sheet"
)

// A compareView is a source's customers beside Procountor's register.
type compareView struct {
	page
	Place      place
	Connection hub.Connection
	List       string // as it was typed
	Fault      string
	Result     *engine.Comparison
	// Lists: the source lists its customers itself; From: they are read from there.
	Lists, From bool
	// Persons: the employees of claims are compared, not the customers.
	Persons bool
}

// maxShownCompared is how many rows of a comparison the page shows; the file has all.
const maxShownCompared = 500

func (v compareView) path() string {
	return "/connections/" + url.PathEscape(v.Connection.ID) + "/partners/compare"
}

func (s *Server) compareForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showCompare(w, r, v, http.StatusOK, compareView{})
}

func (s *Server) showCompare(w http.ResponseWriter, r *http.Request, v visit, status int, view compareView) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	view.Place, view.Connection, view.Lists = p, c, s.o.Engine.ListsParties(r.Context(), c.ID)
	if view.page, err = s.page(r, v, v.say.T("partners.compare")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = view.path()
	return s.show(w, r, status, comparePage(view))
}

// comparePartners compares a list, or what documents have named so far, on the page
// or as a file for the source. Nothing is written.
func (s *Server) comparePartners(w http.ResponseWriter, r *http.Request, v visit) error {
	connection := r.PathValue("id")
	view := compareView{List: strings.TrimSpace(r.PostFormValue("list")), From: r.PostFormValue("from") == "source"}
	view.Persons = r.PostFormValue("of") == string(register.Person)
	typ := register.Customer
	if view.Persons {
		typ, view.From = register.Person, false // of its employees a source shows no list
	}
	var list []hub.Party
	var err error
	if view.From {
		var fault *hub.Fault
		if list, fault, err = s.o.Engine.SourceParties(r.Context(), connection); err != nil && !errors.Is(err, engine.ErrTooMany) && !errors.Is(err, engine.ErrNoLister) {
			return found(err)
		}
		if fault != nil {
			x := remedy.For(v.say, *fault)
			view.Fault = x.Title + ". " + x.Cause
			return s.showCompare(w, r, v, http.StatusBadGateway, view)
		}
		if err != nil {
			view.Fault = v.say.T("partners.compare-wrong", "reason", err.Error())
			return s.showCompare(w, r, v, http.StatusUnprocessableEntity, view)
		}
	} else if view.List == "" {
		list, err = s.o.Engine.Parties(r.Context(), connection, typ)
		if err != nil {
			return err
		}
	} else if list, err = matching.ReadParties(strings.NewReader(view.List)); err != nil {
		view.Fault = v.say.T("partners.compare-wrong", "reason", err.Error())
		return s.showCompare(w, r, v, http.StatusUnprocessableEntity, view)
	}
	as := sheet.File(r.PostFormValue("as"))
	file := as == sheet.CSV || as == sheet.XLSX
	c, err := s.o.Engine.ComparePartners(r.Context(), connection, typ, list, file && !view.Persons)
	switch {
	case errors.Is(err, engine.ErrTooMany):
		view.Fault = v.say.T("partners.compare-wrong", "reason", err.Error())
		return s.showCompare(w, r, v, http.StatusUnprocessableEntity, view)
	case err != nil && file: // Procountor did not answer: the page still shows the copy
		view.Fault = v.say.T("registers.not-read", "reason", err.Error())
		return s.showCompare(w, r, v, http.StatusBadGateway, view)
	case err != nil:
		return found(err)
	}
	if !file {
		view.Result = &c
		return s.showCompare(w, r, v, http.StatusOK, view)
	}
	b, err := as.Make(c.Table())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", as.MIME())
	w.Header().Set("Content-Disposition", `attachment; filename="partners.`+string(as)+`"`)
	_, _ = w.Write(b) // the reader has gone; there is nobody to tell
	return nil
}

// comparedTone: what needs somebody is not good.
func comparedTone(c engine.Compared) tone {
	switch c {
	case engine.ComparedFound:
		return toneGood
	case engine.ComparedDoubt:
		return toneWarn
	}
	return toneBusy
}

var comparedStates = []engine.Compared{engine.ComparedDoubt, engine.ComparedMissing, engine.ComparedFound, engine.ComparedOnly}

// of are the rows of one state, as many as are shown.
func (v compareView) of(state engine.Compared) (rows []engine.ComparedRow) {
	for _, r := range v.Result.Rows {
		if r.State == state && len(rows) < maxShownCompared {
			rows = append(rows, r)
		}
	}
	return rows
}
