package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// A detachView is the page on which a company is detached, and that shows how far
// it has come.
type detachView struct {
	page
	Place place
	engine.UnderWay
	How   hub.Leaving
	Fault string
	Log   []logLine
}

func (s *Server) detachForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showDetach(w, r, v, http.StatusOK, detachView{})
}

func (s *Server) showDetach(w http.ResponseWriter, r *http.Request, v visit, status int, view detachView) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, ok := all.company(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	view.Place = p
	if view.page, err = s.page(r, v, v.say.T("detach.title")+" · "+p.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = detachURL(p.ID)
	if view.UnderWay, err = s.o.Engine.UnderWay(r.Context(), p.ID); err != nil {
		return err
	}
	acts, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts(p.ID, 0, maxConnectionActs) })
	if err != nil {
		return err
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	for _, a := range acts {
		if strings.HasPrefix(a.Kind, "company.") {
			view.Log = append(view.Log, logLine{Act: a, Who: actor(v, names, a.Actor), What: actWord(v.say, a.Kind)})
		}
	}
	return s.show(w, r, status, detachPage(view))
}

func detachURL(company string) string { return "/companies/" + url.PathEscape(company) + "/detach" }

// detach takes the choice. Without anything half-way there is none to make.
func (s *Server) detach(w http.ResponseWriter, r *http.Request, v visit) error {
	view := detachView{How: hub.Leaving(r.PostFormValue("how"))}
	under, err := s.o.Engine.UnderWay(r.Context(), r.PathValue("id"))
	if err != nil {
		return found(err)
	}
	switch {
	case view.How != "" && view.How != hub.LeaveFinished && view.How != hub.LeaveStopped:
		return errBadRequest
	case view.How == "" && len(under.Begun) > 0:
		view.Fault = v.say.T("detach.fault-how")
		return s.showDetach(w, r, v, http.StatusUnprocessableEntity, view)
	case view.How == "":
		view.How = hub.LeaveFinished
	}
	if r.PostFormValue("sure") != "yes" {
		view.Fault = v.say.T("detach.fault-sure")
		return s.showDetach(w, r, v, http.StatusUnprocessableEntity, view)
	}
	c, err := s.o.Engine.Detach(r.Context(), v.person.ID, r.PathValue("id"), view.How)
	switch {
	case errors.Is(err, store.ErrDetached):
		return back(w, r, "/companies")
	case err != nil:
		return found(err)
	case c.Detached.IsZero():
		s.say(r.Context(), true, v.say.T("detach.begun-now", "company", c.Name))
		return back(w, r, detachURL(c.ID))
	}
	s.say(r.Context(), true, v.say.T("detach.done", "company", c.Name))
	return back(w, r, "/companies")
}

// stay ends a detaching that is not at its end.
func (s *Server) stay(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := s.o.Engine.Stay(r.Context(), v.person.ID, r.PathValue("id")); err != nil {
		return found(err)
	}
	c, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(r.PathValue("id")) })
	if err != nil {
		return found(err)
	}
	s.say(r.Context(), true, v.say.T("detach.stayed", "company", c.Name))
	return back(w, r, "/companies")
}
