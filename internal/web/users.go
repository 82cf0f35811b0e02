package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A usersView lists everyone, with a form to add another.
type usersView struct {
	page
	rightsForm
	Users []people.User
	New   people.User
	Fault string
}

// A userView is the page of one user, for an administrator.
type userView struct {
	page
	rightsForm
	User people.User
	// Whole says that the reader may change all of it: the user works nowhere else.
	Whole bool
	Work  workForm
	// HasPassword is false until they have chosen one.
	HasPassword bool
	// Link lets the user choose a password; it is shown once, "" otherwise.
	Link    string
	Expires time.Time
	Log     []logLine
	Fault   string
}

// maxUserActs is how much of a user's log the page shows.
const maxUserActs = 50

func (s *Server) users(w http.ResponseWriter, r *http.Request, v visit) error {
	view := usersView{New: people.User{Role: people.Viewer}}
	if !v.person.Can(people.SetPeople, "", "") {
		view.New.Role = people.ByCompany
	}
	return s.showUsers(w, r, v, http.StatusOK, view)
}

func (s *Server) showUsers(w http.ResponseWriter, r *http.Request, v visit, status int, view usersView) (err error) {
	if view.page, err = s.pageOfAll(r, v, v.say.T("users.title"), "users"); err != nil {
		return err
	}
	if view.Users, err = store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]people.User, error) { return tx.People() }); err != nil {
		return err
	}
	if view.rightsForm, err = s.rightsForm(r, v); err != nil {
		return err
	}
	view.Users = slices.DeleteFunc(view.Users, func(u people.User) bool { return !v.person.SeesPerson(u) })
	return s.show(w, r, status, usersPage(view))
}

// pageOfAll is a page about all companies.
func (s *Server) pageOfAll(r *http.Request, v visit, title, nav string) (page, error) {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return page{}, err
	}
	return s.page(r, v, title, nav, scopeOf(all...))
}

// addUser adds a user and shows the link by which they choose a password.
func (s *Server) addUser(w http.ResponseWriter, r *http.Request, v visit) error {
	form, err := s.rightsForm(r, v)
	if err != nil {
		return err
	}
	u := people.User{Login: people.NormalLogin(r.PostFormValue("login"))}
	form.read(r, &u)
	view := usersView{New: u}
	if err := u.Check(); err != nil {
		view.Fault = rightsFault(v.say, err)
		return s.showUsers(w, r, v, http.StatusUnprocessableEntity, view)
	}
	u, err = s.o.Engine.AddPerson(r.Context(), v.person.ID, u, secret.Secret{})
	if store.IsDuplicate(err) {
		view.Fault = v.say.T("users.login-taken", "login", view.New.Login)
		return s.showUsers(w, r, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return s.showLink(w, r, v, u.ID)
}

func (s *Server) user(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showUser(w, r, v, http.StatusOK, r.PathValue("id"), userView{})
}

func (s *Server) showUser(w http.ResponseWriter, r *http.Request, v visit, status int, id string, view userView) error {
	var acts []audit.Act
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if view.User, err = tx.Person(id); err != nil {
			return err
		}
		if view.HasPassword, err = tx.HasPassword(id); err != nil {
			return err
		}
		acts, err = tx.Acts(id, 0, maxUserActs)
		return err
	}); err != nil {
		return found(err)
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	if view.rightsForm, err = s.rightsForm(r, v); err != nil {
		return err
	}
	if view.Whole = v.person.MayLetIn(view.User); !view.Whole {
		acts = nil // they tell of other companies too
	} else if view.Work, err = s.workForm(r, v, view.User); err != nil {
		return err
	}
	for _, a := range acts {
		line := logLine{Act: a, Who: actor(v, names, a.Actor), What: actWord(v.say, a.Kind), Why: changeOf(a)}
		if a.Kind == "person.role" {
			line.Why = rightsChange(v.say, a, view.Names)
		}
		view.Log = append(view.Log, line)
	}
	if view.page, err = s.pageOfAll(r, v, v.say.T("users.about", "name", called(view.User)), "users"); err != nil {
		return err
	}
	// A form that was sent here is no address to come back to.
	view.URL = userURL(view.User)
	return s.show(w, r, status, userPage(view))
}

func userURL(u people.User) string { return "/users/" + url.PathEscape(u.ID) }

// called is what a user is called on pages.
func called(u people.User) string {
	if u.Name != "" {
		return u.Name
	}
	return u.Login
}

// changeUser stores name, rights, language and what else is kept of a user, or switches
// whether the user may sign in: what the form holds.
func (s *Server) changeUser(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	form, err := s.rightsForm(r, v)
	if err != nil {
		return err
	}
	change := func(u *people.User) { form.change(r, v, u) }
	var work workChange
	switch r.PostFormValue("may") {
	case "":
		u, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (people.User, error) { return tx.Person(id) })
		if err != nil {
			return found(err)
		}
		change(&u)
		switch err := u.Check(); {
		case errors.Is(err, people.ErrNoCompany), errors.Is(err, people.ErrKindsAdmin):
			return s.showUser(w, r, v, http.StatusUnprocessableEntity, id, userView{Fault: rightsFault(v.say, err)})
		case err != nil:
			return errBadRequest
		}
		if v.person.MayLetIn(u) {
			kept, err := s.workForm(r, v, u)
			if err != nil {
				return err
			}
			fault := ""
			if work, fault = kept.read(r, v.say, u); fault != "" {
				return s.showUser(w, r, v, http.StatusUnprocessableEntity, id, userView{Fault: fault})
			}
		}
	case "not":
		change = func(u *people.User) { u.Disabled = true }
	case "again":
		change = func(u *people.User) { u.Disabled = false }
	default:
		return errBadRequest
	}
	switch _, err := s.o.Engine.ChangePerson(r.Context(), v.person.ID, id, change); {
	case errors.Is(err, store.ErrLastAdmin):
		return s.showUser(w, r, v, http.StatusUnprocessableEntity, id, userView{Fault: v.say.T("users.last-admin")})
	case err != nil:
		return found(err)
	}
	if fault, err := s.keepWork(r, v, work); err != nil || fault != "" {
		if err != nil {
			return err
		}
		return s.showUser(w, r, v, http.StatusConflict, id, userView{Fault: fault})
	}
	if to := r.PostFormValue("to"); r.PostFormValue("may") == "not" && to != "" {
		// After the right has gone: nothing comes to them any more.
		done, err := s.o.Engine.HandOverRounds(r.Context(), v.person.ID, engine.HandOver{From: id, To: to})
		if err != nil && !isNotNow(err) && !store.IsNotFound(err) {
			return err
		}
		s.say(r.Context(), len(done.Left) == 0, v.say.T("users.changed")+" "+HandedOverWords(v.say, done))
		return back(w, r, "/users/"+url.PathEscape(id))
	}
	s.say(r.Context(), true, v.say.T("users.changed"))
	return back(w, r, "/users/"+url.PathEscape(id))
}

// linkUser makes a link by which the user chooses a new password.
func (s *Server) linkUser(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showLink(w, r, v, r.PathValue("id"))
}

// showLink shows a new link in the answer itself: it is stored nowhere, so it
// cannot be shown again.
func (s *Server) showLink(w http.ResponseWriter, r *http.Request, v visit, id string) error {
	token, expires, err := s.o.Engine.PasswordLink(r.Context(), v.person.ID, id)
	if errors.Is(err, store.ErrLink) {
		return s.showUser(w, r, v, http.StatusUnprocessableEntity, id, userView{Fault: v.say.T("users.link-disabled")})
	}
	if err != nil {
		return found(err)
	}
	link := PasswordURL(s.address(r), token)
	u, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (people.User, error) { return tx.Person(id) })
	if err != nil {
		return found(err)
	}
	switch sent, why := s.invite(r.Context(), v.say, u, link, expires); {
	case sent:
		s.say(r.Context(), true, v.say.T("mail.sent", "login", u.Login, "time", expires))
		return back(w, r, userURL(u))
	case why != "":
		return s.showUser(w, r, v, http.StatusOK, id, userView{Link: link, Expires: expires, Fault: why})
	}
	return s.showUser(w, r, v, http.StatusOK, id, userView{Link: link, Expires: expires})
}

// invite sends a user the link in their own language. It is sent at once and kept
// nowhere: whoever has it chooses the password. Where it cannot be sent, why says so.
func (s *Server) invite(ctx context.Context, say locale.Speaker, u people.User, link string, until time.Time) (sent bool, why string) {
	switch {
	case s.o.Mail == nil:
		return false, ""
	case !strings.Contains(u.Login, "@"):
		return false, say.T("mail.no-address")
	}
	l, _ := locale.Parse(u.Language)
	theirs := locale.New(l, s.o.Zone)
	letter := alert.Letter{Key: "invite/" + u.ID + "/" + until.String(), To: u.Login}
	letter.Subject, letter.Body = alert.Invitation(theirs, called(u), link, theirs.Time(until))
	if err := s.o.Mail(ctx, letter); err != nil {
		s.o.Log.Warn("an invitation was not sent", "cause", err)
		return false, say.T("mail.not-sent")
	}
	return true, ""
}

// PasswordURL is the link by which somebody chooses a password.
func PasswordURL(address string, token secret.Secret) string {
	return address + "/password?token=" + url.QueryEscape(token.Reveal())
}

// address is where browsers reach the pages.
func (s *Server) address(r *http.Request) string {
	switch {
	case s.o.PublicURL != "":
		return s.o.PublicURL
	case s.o.Secure || r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// speaks says a user's language in words.
func speaks(say locale.Speaker, u people.User) string {
	if l, ok := locale.Parse(u.Language); ok && u.Language != "" {
		return l.Name()
	}
	return say.T("users.browser-language")
}

// changeOf says what an act has changed, from what to what.
func changeOf(a audit.Act) string {
	var d struct{ From, To string }
	if json.Unmarshal(a.Detail, &d) != nil || d.From == d.To {
		return ""
	}
	word := func(s string) string {
		if s == "" {
			return "–"
		}
		return s
	}
	return word(d.From) + " → " + word(d.To)
}
