package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A mailboxView is the page of the addresses that are told of a connection.
type mailboxView struct {
	page
	Place      place
	Connection hub.Connection
	Boxes      []store.Mailbox
	Address    string // on the form
	Fault      string
}

func mailboxPath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/mail"
}

func (s *Server) mailboxes(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showMailboxes(w, r, v, http.StatusOK, "", "")
}

func (s *Server) showMailboxes(w http.ResponseWriter, r *http.Request, v visit, status int, address, fault string) error {
	places, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := places.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	view := mailboxView{Place: p, Connection: c, Address: address, Fault: fault}
	if view.Boxes, err = store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]store.Mailbox, error) { return tx.Mailboxes(c.ID) }); err != nil {
		return err
	}
	if view.page, err = s.page(r, v, v.say.T("mailbox.title")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = mailboxPath(c.ID)
	return s.show(w, r, status, mailboxPage(view))
}

// changeMailboxes adds, switches on again or removes one address.
func (s *Server) changeMailboxes(w http.ResponseWriter, r *http.Request, v visit) error {
	id, address := r.PathValue("id"), r.PostFormValue("address")
	var err error
	done := v.say.T("mailbox.added", "address", address)
	if r.PostFormValue("do") == "remove" {
		done = v.say.T("mailbox.removed", "address", address)
		err = s.o.Engine.RemoveMailbox(r.Context(), v.person.ID, id, address)
	} else {
		l, ok := locale.Parse(r.PostFormValue("language"))
		if !ok {
			l = v.say.Language()
		}
		err = s.o.Engine.AddMailbox(r.Context(), v.person.ID, id, address, l)
	}
	fault := ""
	switch {
	case errors.Is(err, alert.ErrAddress):
		fault = "mailbox.wrong"
	case errors.Is(err, store.ErrMailboxes):
		fault = "mailbox.full"
	case store.IsNotFound(err):
		fault = "mailbox.missing"
	case err != nil:
		return err
	}
	if fault != "" {
		return s.showMailboxes(w, r, v, http.StatusUnprocessableEntity, address, v.say.T(fault))
	}
	s.say(r.Context(), true, done)
	http.Redirect(w, r, mailboxPath(id), http.StatusSeeOther)
	return nil
}

// A stopView asks whether letters are to stop. It is the same for every link, so
// that it tells nobody whose a link is, or whether it is one.
type stopView struct {
	page
	Token string
	Done  bool
	Fault string
}

func (s *Server) stopForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showStop(w, r, v, http.StatusOK, false, "")
}

func (s *Server) showStop(w http.ResponseWriter, r *http.Request, v visit, status int, done bool, fault string) error {
	view := stopView{page: s.plainPage(r, v, v.say.T("stop.title")), Token: r.URL.Query().Get("token"), Done: done, Fault: fault}
	// The address holds the token: nothing on the page repeats it but the form.
	view.URL = "/login"
	return s.show(w, r, status, stopPage(view))
}

// stopMail stops letters. Mail programs send this too, without a session or a
// body of ours, and want no redirect: RFC 8058.
func (s *Server) stopMail(w http.ResponseWriter, r *http.Request, v visit) error {
	who := "stop " + clientAddress(r)
	if wait := s.throttle.wait(s.o.Now(), who); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		return s.showStop(w, r, v, http.StatusTooManyRequests, false, tooMany(v, wait))
	}
	err := s.o.Engine.StopMail(r.Context(), secret.New(r.URL.Query().Get("token")))
	if errors.Is(err, engine.ErrStopLink) {
		s.throttle.failed(s.o.Now(), who)
		err = nil
	}
	if err != nil {
		return err
	}
	return s.showStop(w, r, v, http.StatusOK, true, "")
}
