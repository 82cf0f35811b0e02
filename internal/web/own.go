package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// An accountView is the page about oneself.
type accountView struct {
	page
	// Companies are the names of those that the reader sees, by id.
	Companies map[string]string
	// Mail are the companies of which the reader may be told by mail.
	Mail  []place
	Fault string
}

// wantsMail reports whether the reader is told of a company.
func (v accountView) wantsMail(company string) bool { return !v.Person.WantsNoMail(company) }

func (s *Server) account(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showAccount(w, r, v, http.StatusOK, "")
}

func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, v visit, status int, fault string) (err error) {
	view := accountView{Fault: fault}
	if view.page, err = s.pageOfAll(r, v, v.say.T("account.title"), "account"); err != nil {
		return err
	}
	view.Companies = places(view.Scope.Companies).names()
	if view.Mail, err = s.mayTell(r, v, view.Scope.Companies); err != nil {
		return err
	}
	view.URL = "/account"
	return s.show(w, r, status, accountPage(view))
}

// mayTell are the companies of which the reader may be told: where they may mend
// something, or where their address is named.
func (s *Server) mayTell(r *http.Request, v visit, all []place) (list []place, err error) {
	boxes, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]store.Mailbox, error) { return tx.MailboxesOf(v.person.Login) })
	for _, p := range all {
		if v.person.Reach(people.Mend).HasSome(p.ID) || named(p, boxes) {
			list = append(list, p)
		}
	}
	return list, err
}

// named reports whether an address is told of a connection of p.
func named(p place, boxes []store.Mailbox) bool {
	return slices.ContainsFunc(p.Connections, func(c hub.Connection) bool {
		return slices.ContainsFunc(boxes, func(b store.Mailbox) bool { return b.Connection == c.ID })
	})
}

// ownMail keeps of which companies the reader wants mail: of those ticked. None
// ticked is none at all, also of companies connected later.
func (s *Server) ownMail(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	offered, err := s.mayTell(r, v, all)
	if err != nil {
		return err
	}
	none := slices.DeleteFunc(offered, func(p place) bool { return slices.Contains(r.PostForm["company"], p.ID) })
	change := func(u *people.User) {
		u.NoMail = nil
		for _, p := range none {
			u.NoMail = append(u.NoMail, p.ID)
		}
		if slices.Sort(u.NoMail); len(r.PostForm["company"]) == 0 {
			u.NoMail = []string{people.EveryCompany}
		}
	}
	if _, err := s.o.Engine.ChangePerson(r.Context(), v.person.ID, v.person.ID, change); err != nil {
		return err
	}
	s.say(r.Context(), true, v.say.T("users.changed"))
	return back(w, r, "/account")
}

// ownPassword changes the reader's password, who must know the present one:
// a browser that was left open is not enough.
func (s *Server) ownPassword(w http.ResponseWriter, r *http.Request, v visit) error {
	who := []string{clientAddress(r), clientAddress(r) + " " + v.person.Login}
	if wait := s.throttle.wait(s.o.Now(), who...); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		return s.showAccount(w, r, v, http.StatusTooManyRequests, tooMany(v, wait))
	}
	_, ok, err := s.check(r.Context(), v.person.Login, secret.New(r.PostFormValue("present")))
	if err != nil {
		return err
	}
	if !ok {
		s.throttle.failed(s.o.Now(), who...)
		return s.showAccount(w, r, v, http.StatusUnprocessableEntity, v.say.T("account.present-wrong"))
	}
	s.throttle.succeeded(who...)
	password := secret.New(r.PostFormValue("password"))
	if !password.Equal(secret.New(r.PostFormValue("again"))) {
		return s.showAccount(w, r, v, http.StatusUnprocessableEntity, v.say.T("setup.again-differs"))
	}
	err = s.o.Engine.SetPassword(r.Context(), v.person.ID, v.person.ID, password)
	if fault := passwordFault(v, err); fault != "" {
		return s.showAccount(w, r, v, http.StatusUnprocessableEntity, fault)
	}
	if err != nil {
		return err
	}
	// Every session has ended; this one begins anew.
	if err := s.begin(r.Context(), *v.person); err != nil {
		return err
	}
	s.say(r.Context(), true, v.say.T("account.password-changed"))
	return back(w, r, "/account")
}

// passwordFault says what is wrong with a new password, "" for nothing.
func passwordFault(v visit, err error) string {
	switch {
	case errors.Is(err, people.ErrPasswordShort):
		return v.say.T("setup.password-short")
	case errors.Is(err, people.ErrPasswordLong), errors.Is(err, people.ErrPasswordLogin):
		return v.say.T("setup.password-poor")
	}
	return ""
}

func tooMany(v visit, wait time.Duration) string {
	return v.say.N("login.wait", int((wait+time.Minute-1)/time.Minute))
}

// signOut ends the reader's other sessions.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := s.o.Engine.EndSessions(r.Context(), v.person.ID, v.person.ID); err != nil {
		return err
	}
	if err := s.begin(r.Context(), *v.person); err != nil {
		return err
	}
	s.say(r.Context(), true, v.say.T("account.signed-out"))
	return back(w, r, "/account")
}

// A passwordView is the page to which a one-time link leads.
type passwordView struct {
	page
	Token string
	User  people.User // whose password it is; without an id the link is not valid
	Fault string
}

func (s *Server) passwordForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showPassword(w, r, v, http.StatusOK, r.URL.Query().Get("token"), "")
}

func (s *Server) showPassword(w http.ResponseWriter, r *http.Request, v visit, status int, token, fault string) error {
	view := passwordView{page: s.plainPage(r, v, v.say.T("account.choose")), Token: token, Fault: fault}
	// The address holds the token: nothing on the page repeats it but the form.
	view.URL = "/login"
	u, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (people.User, error) { return tx.PasswordTokenOf(secret.New(token)) })
	switch {
	case errors.Is(err, store.ErrLink):
		if fault == "" {
			status, view.Fault = http.StatusUnprocessableEntity, v.say.T("account.link-wrong")
		}
	case err != nil:
		return err
	default:
		view.User = u
	}
	return s.show(w, r, status, passwordPage(view))
}

// password stores what somebody has chosen by a one-time link, and signs them in.
func (s *Server) password(w http.ResponseWriter, r *http.Request, v visit) error {
	token, password := r.PostFormValue("token"), secret.New(r.PostFormValue("password"))
	if wait := s.throttle.wait(s.o.Now(), clientAddress(r)); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		return s.showPassword(w, r, v, http.StatusTooManyRequests, token, tooMany(v, wait))
	}
	if !password.Equal(secret.New(r.PostFormValue("again"))) {
		return s.showPassword(w, r, v, http.StatusUnprocessableEntity, token, v.say.T("setup.again-differs"))
	}
	u, err := s.o.Engine.UsePasswordLink(r.Context(), secret.New(token), password)
	if errors.Is(err, store.ErrLink) {
		s.throttle.failed(s.o.Now(), clientAddress(r))
		return s.showPassword(w, r, v, http.StatusUnprocessableEntity, token, "")
	}
	if fault := passwordFault(v, err); fault != "" {
		return s.showPassword(w, r, v, http.StatusUnprocessableEntity, token, fault)
	}
	if err != nil {
		return err
	}
	if err := s.begin(r.Context(), u); err != nil {
		return err
	}
	return back(w, r, "/")
}
