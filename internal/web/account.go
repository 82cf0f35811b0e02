package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// Keys of what a session holds.
const (
	sessionPerson = "person"
	sessionBegun  = "begun" // milliseconds, to be compared with User.SessionsSince
	sessionNotes  = "notes"
)

// languageCookie keeps the language chosen before signing in.
const languageCookie = "language"

// signedIn returns who the session belongs to, nil for nobody: the person is
// read anew each time, so that a role or a sign-out holds at once.
func (s *Server) signedIn(ctx context.Context) (*people.User, error) {
	id := s.sessions.GetString(ctx, sessionPerson)
	if id == "" {
		return nil, nil
	}
	u, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) (people.User, error) { return tx.Person(id) })
	if store.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	begun := time.UnixMilli(s.sessions.GetInt64(ctx, sessionBegun))
	if u.Disabled || begun.Before(u.SessionsSince) {
		return nil, nil
	}
	return &u, nil
}

// begin makes the session belong to a person, under a new token.
func (s *Server) begin(ctx context.Context, u people.User) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionPerson, u.ID)
	s.sessions.Put(ctx, sessionBegun, s.o.Store.Now().UnixMilli())
	return nil
}

// say leaves a note for the next page.
func (s *Server) say(ctx context.Context, good bool, text string) {
	mark := "-"
	if good {
		mark = "+"
	}
	s.sessions.Put(ctx, sessionNotes, mark+text)
}

func (s *Server) takeNotes(ctx context.Context) []note {
	n := s.sessions.PopString(ctx, sessionNotes)
	if n == "" {
		return nil
	}
	return []note{{Good: n[0] == '+', Text: n[1:]}}
}

// sendToLogin remembers where the reader wanted to go.
func (s *Server) sendToLogin(w http.ResponseWriter, r *http.Request) {
	to := "/login"
	if next := here(r); next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// A loginView is the login page.
type loginView struct {
	page
	Login string
	Next  string
	Fault string // in words, "" for none
}

func (s *Server) loginForm(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.person != nil {
		return back(w, r, r.URL.Query().Get("next"))
	}
	empty, err := s.nobodyYet(r.Context())
	if err != nil {
		return err
	}
	if empty {
		return back(w, r, "/setup")
	}
	p := s.plainPage(r, v, v.say.T("login.title"))
	p.Notes = s.takeNotes(r.Context())
	return s.show(w, r, http.StatusOK, loginPage(loginView{page: p, Next: local(r.URL.Query().Get("next"))}))
}

func (s *Server) login(w http.ResponseWriter, r *http.Request, v visit) error {
	login, password := people.NormalLogin(r.PostFormValue("login")), secret.New(r.PostFormValue("password"))
	next := local(r.PostFormValue("next"))
	view := loginView{page: s.plainPage(r, v, v.say.T("login.title")), Login: login, Next: next}
	who := []string{clientAddress(r), clientAddress(r) + " " + login}
	if wait := s.throttle.wait(s.o.Now(), who...); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		view.Fault = tooMany(v, wait)
		return s.show(w, r, http.StatusTooManyRequests, loginPage(view))
	}
	u, ok, err := s.check(r.Context(), login, password)
	if err != nil {
		return err
	}
	if !ok {
		s.throttle.failed(s.o.Now(), who...)
		s.o.Log.Warn("sign-in refused", "address", clientAddress(r))
		view.Fault = v.say.T("login.wrong")
		return s.show(w, r, http.StatusUnauthorized, loginPage(view))
	}
	s.throttle.succeeded(who...)
	if err := s.begin(r.Context(), u); err != nil {
		return err
	}
	if err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) error {
		return tx.AppendAct(audit.Act{Actor: u.ID, Kind: "person.signed_in", Subject: u.ID, Detail: audit.Detail(struct{}{})})
	}); err != nil {
		return err
	}
	return back(w, r, next)
}

// check verifies a password; an unknown login takes as long as a wrong password.
func (s *Server) check(ctx context.Context, login string, password secret.Secret) (people.User, bool, error) {
	var u people.User
	var hash string
	err := s.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		u, hash, err = tx.PersonByLogin(login)
		return err
	})
	if err != nil && !store.IsNotFound(err) {
		return u, false, err
	}
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return u, false, ctx.Err()
	}
	ok, stale := people.VerifyPassword(hash, password)
	<-s.hashing
	if !ok || u.Disabled {
		return people.User{}, false, nil
	}
	if stale {
		err = s.o.Store.Tx(ctx, func(tx *store.Tx) error { return tx.RenewHash(u.ID, password) })
	} else {
		err = nil
	}
	return u, true, err
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request, _ visit) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return back(w, r, "/login")
}

// language keeps the choice: with the person, or before signing in in a cookie.
func (s *Server) language(w http.ResponseWriter, r *http.Request, v visit) error {
	l, ok := locale.Parse(r.PostFormValue("language"))
	if !ok {
		return errBadRequest
	}
	if v.person != nil {
		change := func(u *people.User) { u.Language = string(l) }
		if _, err := s.o.Engine.ChangePerson(r.Context(), v.person.ID, v.person.ID, change); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.o.Secure})
	return back(w, r, r.PostFormValue("next"))
}

func (s *Server) nobodyYet(ctx context.Context) (bool, error) {
	all, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	return len(all) == 0, err
}

// names are of everyone, by id, for logs.
func (s *Server) names(ctx context.Context) (map[string]string, error) {
	all, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	m := map[string]string{}
	for _, u := range all {
		m[u.ID] = called(u)
	}
	return m, err
}

// A setupView is the page of the first start.
type setupView struct {
	page
	Token       string
	Login, Name string
	Fault       string
}

func (s *Server) setupForm(w http.ResponseWriter, r *http.Request, v visit) error {
	empty, err := s.nobodyYet(r.Context())
	if err != nil {
		return err
	}
	if !empty {
		return back(w, r, "/login")
	}
	view := setupView{page: s.plainPage(r, v, v.say.T("setup.title")), Token: r.URL.Query().Get("token")}
	return s.show(w, r, http.StatusOK, setupPage(view))
}

func (s *Server) setup(w http.ResponseWriter, r *http.Request, v visit) error {
	view := setupView{page: s.plainPage(r, v, v.say.T("setup.title")),
		Token: r.PostFormValue("token"), Login: people.NormalLogin(r.PostFormValue("login")), Name: r.PostFormValue("name")}
	password := secret.New(r.PostFormValue("password"))
	if wait := s.throttle.wait(s.o.Now(), clientAddress(r)); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		view.Fault = tooMany(v, wait)
		return s.show(w, r, http.StatusTooManyRequests, setupPage(view))
	}
	if !password.Equal(secret.New(r.PostFormValue("again"))) {
		view.Fault = v.say.T("setup.again-differs")
		return s.show(w, r, http.StatusUnprocessableEntity, setupPage(view))
	}
	u := people.User{Login: view.Login, Name: view.Name, Role: people.Admin, Language: string(v.say.Language())}
	if u.Check() != nil {
		view.Fault = v.say.T("setup.login-wrong")
		return s.show(w, r, http.StatusUnprocessableEntity, setupPage(view))
	}
	err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) (err error) {
		if u, err = tx.UseSetupToken(secret.New(view.Token), u, password); err != nil {
			return err
		}
		return tx.AppendAct(audit.Act{Actor: u.ID, Kind: "person.set_up", Subject: u.ID, Detail: audit.Detail(struct{}{})})
	})
	switch {
	case errors.Is(err, store.ErrSetup):
		s.throttle.failed(s.o.Now(), clientAddress(r))
		view.Fault = v.say.T("setup.token-wrong")
	case passwordFault(v, err) != "":
		view.Fault = passwordFault(v, err)
	case err != nil:
		return err
	default:
		if err := s.begin(r.Context(), u); err != nil {
			return err
		}
		return back(w, r, "/")
	}
	return s.show(w, r, http.StatusUnprocessableEntity, setupPage(view))
}

// clientAddress is where a request comes from. Behind a proxy that is the proxy:
// the throttle then counts all its visitors together, which is the safe side.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
