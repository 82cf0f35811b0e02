package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/secret"
)

// Logging in at Procountor: from step two of connecting, or from a company whose login
// has ended, to Procountor's page and back to [engine.LoginPath].

// loginSession is a secret of the browser's session: a login that was begun in one
// session ends in no other.
const loginSession = "procountor-login"

// redirectURI is what must be registered with Procountor for the client.
func (s *Server) redirectURI(r *http.Request) string { return s.address(r) + engine.LoginPath }

// connectLogin sends the browser to Procountor's page.
func (s *Server) connectLogin(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.joining(r, v)
	if err != nil {
		return err
	}
	if view.Joining.Another && view.Trial == nil && r.PostFormValue("first-done") == "" {
		view.Step, view.At, view.Fault = 2, "first-done", v.say.T("connect.fault-first")
		return s.showConnect(w, r, v, http.StatusUnprocessableEntity, view)
	}
	return s.toLogin(w, r, v, view.Joining.ID)
}

func (s *Server) toLogin(w http.ResponseWriter, r *http.Request, v visit, joining string) error {
	mine := s.sessions.GetString(r.Context(), loginSession)
	if mine == "" {
		mine = rand.Text()
		s.sessions.Put(r.Context(), loginSession, mine)
	}
	to, err := s.o.Engine.BeginLogin(r.Context(), v.person.ID, joining, secret.New(mine), s.redirectURI(r))
	if err != nil {
		return found(err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// loginAgain opens a company anew whose login has ended, or that had a key.
func (s *Server) loginAgain(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.companyOf(r, v)
	if err != nil {
		return err
	}
	joining, err := s.o.Engine.BeginAgain(r.Context(), v.person.ID, p.ID)
	if err != nil {
		return found(err)
	}
	return s.toLogin(w, r, v, joining)
}

// backFromLogin is where Procountor sends the browser.
func (s *Server) backFromLogin(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	mine := s.sessions.GetString(r.Context(), loginSession)
	if q.Get("state") == "" || mine == "" {
		return s.loginElsewhere(w, r, v)
	}
	code := q.Get("code")
	if q.Get("error") != "" {
		code = ""
	}
	in, err := s.o.Engine.FinishLogin(r.Context(), v.person.ID, secret.New(mine), secret.New(q.Get("state")), secret.New(code))
	to := v.begunFrom()
	if in.Joining.ID != "" && in.Joining.Again == "" {
		to = joiningURL(in.Joining.ID)
	}
	if errors.Is(err, engine.ErrLoginLost) {
		return s.loginElsewhere(w, r, v)
	}
	if err != nil {
		return s.loginFailed(w, r, v, to, err)
	}
	if in.Again {
		s.say(r.Context(), true, v.say.T("connect.logged-in-again"))
	}
	return back(w, r, to)
}

// loginElsewhere answers a browser whose login nobody waits for here. It stays at the
// address, which whoever has begun the login on the command line can hand over there.
func (s *Server) loginElsewhere(w http.ResponseWriter, r *http.Request, v visit) error {
	p := s.plainPage(r, v, v.say.T("status.request.title"))
	return s.show(w, r, http.StatusBadRequest, errorPage(p, http.StatusBadRequest, v.say.T("connect.login-lost")+" "+v.say.T("connect.login-elsewhere")))
}

// loginFailed says why nobody is logged in, and leads back to where it was begun.
func (s *Server) loginFailed(w http.ResponseWriter, r *http.Request, v visit, to string, err error) error {
	if r.Context().Err() != nil {
		return err
	}
	key := "login-broken"
	switch {
	case errors.Is(err, engine.ErrLoginRefused):
		key = "login-cancelled"
	case errors.Is(err, engine.ErrNoRefresh):
		key = "login-no-refresh"
	case errors.Is(err, engine.ErrOtherCompany):
		key = "login-other"
	}
	s.say(r.Context(), false, v.say.T("connect."+key, "reason", err.Error()))
	return back(w, r, to)
}

// mayReturn reports whether browsers may be sent to an address outside.
func (s *Server) mayReturn(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.User != nil || u.Fragment != "" {
		return false
	}
	u.RawQuery = ""
	return slices.Contains(s.o.ReturnURLs, u.String())
}

// returned is the address outside to which a connected company leads.
func returned(to, connection string) string {
	sep := "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	return to + sep + url.Values{"connection": {connection}}.Encode()
}
