package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A webhookView is the page of where a connection's business system is told of changes.
type webhookView struct {
	page
	Place      place
	Connection hub.Connection
	Hooks      []store.Webhook
	Counts     map[string]store.DeliveryCount
	Logs       map[string][]store.Delivery
	Secret     secret.Secret // of one that was just made, shown once
	Says       string        // what the secret is
	Address    string        // on the form
	Fault      string
}

// shownDeliveries is how many of a webhook the page shows; the API pages through all.
const shownDeliveries = 20

func webhookPath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/webhooks"
}

func (s *Server) webhooks(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showWebhooks(w, r, v, http.StatusOK, webhookView{})
}

func (s *Server) showWebhooks(w http.ResponseWriter, r *http.Request, v visit, status int, view webhookView) error {
	places, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := places.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	view.Place, view.Connection, view.Logs = p, c, map[string][]store.Delivery{}
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if view.Hooks, err = tx.Webhooks(c.ID); err != nil {
			return err
		}
		for _, h := range view.Hooks {
			if view.Logs[h.ID], err = tx.Deliveries(h.ID, 0, shownDeliveries); err != nil {
				return err
			}
		}
		view.Counts, err = tx.CountDeliveries(c.ID)
		return err
	}); err != nil {
		return err
	}
	if view.page, err = s.page(r, v, v.say.T("webhook.title")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = webhookPath(c.ID)
	return s.show(w, r, status, webhookPage(view))
}

// changeWebhooks makes one, or does something to one that is there. A secret is on the
// answer itself and nowhere else: reading the page again does not show it.
func (s *Server) changeWebhooks(w http.ResponseWriter, r *http.Request, v visit) error {
	connection, id, actor := r.PathValue("id"), r.PostFormValue("webhook"), v.person.ID
	var err error
	done := ""
	switch r.PostFormValue("do") {
	case "rotate":
		view := webhookView{Says: v.say.T("webhook.rotated")}
		if view.Secret, err = s.o.Engine.RotateWebhook(r.Context(), actor, connection, id); err == nil {
			return s.showWebhooks(w, r, v, http.StatusOK, view)
		}
	case "resume":
		done, err = v.say.T("webhook.resumed"), s.o.Engine.ResumeWebhook(r.Context(), actor, connection, id)
	case "end":
		done, err = v.say.T("webhook.ended"), s.o.Engine.EndWebhook(r.Context(), actor, connection, id)
	case "replay":
		day, bad := time.ParseInLocation(time.DateOnly, r.PostFormValue("from"), v.say.Zone())
		if bad != nil {
			return errBadRequest
		}
		var n int
		n, err = s.o.Engine.ReplayWebhook(r.Context(), actor, connection, id, day)
		done = v.say.N("webhook.replayed", n)
	default:
		return s.addWebhook(w, r, v, connection)
	}
	if err != nil {
		return found(err)
	}
	s.say(r.Context(), true, done)
	http.Redirect(w, r, webhookPath(connection), http.StatusSeeOther)
	return nil
}

func (s *Server) addWebhook(w http.ResponseWriter, r *http.Request, v visit, connection string) error {
	hook := store.Webhook{Connection: connection, URL: strings.TrimSpace(r.PostFormValue("address")), Language: r.PostFormValue("language")}
	if _, ok := locale.Parse(hook.Language); !ok {
		hook.Language = string(v.say.Language())
	}
	for _, k := range r.PostForm["type"] {
		hook.Kinds = append(hook.Kinds, hub.ChangeKind(k))
	}
	made, err := s.o.Engine.AddWebhook(r.Context(), v.person.ID, hook)
	view := webhookView{Address: hook.URL}
	switch {
	case errors.Is(err, engine.ErrWebhookURL):
		view.Fault = v.say.T("webhook.wrong-url", "why", err.Error())
	case errors.Is(err, store.ErrWebhooks):
		view.Fault = v.say.T("webhook.full")
	case errors.Is(err, engine.ErrWebhookKind):
		return errBadRequest
	case err != nil:
		return err
	}
	if err != nil {
		return s.showWebhooks(w, r, v, http.StatusUnprocessableEntity, view)
	}
	name := connection
	if c, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connection) }); err == nil {
		name = c.Name
	}
	return s.showWebhooks(w, r, v, http.StatusOK, webhookView{Secret: made.Secret, Says: v.say.T("webhook.made", "id", made.ID, "connection", name)})
}

// state is how a webhook stands, in words.
func (v webhookView) state(h store.Webhook) string {
	switch {
	case !h.Parked.IsZero():
		return v.say.T("webhook-is.parked") + ", " + v.say.T("webhook.since", "time", v.say.Time(h.Failing))
	case h.Fails > 0:
		return v.say.T("webhook-is.failing") + ", " + v.say.T("webhook.since", "time", v.say.Time(h.Failing)) + ", " + v.say.T("webhook.next", "time", v.say.Time(h.NextAt))
	}
	return v.say.T("webhook-is.good")
}

// answer is what came of the last try, in short.
func answered(d store.Delivery) string {
	if d.Status > 0 {
		return strconv.Itoa(d.Status)
	}
	return d.Error
}

func (v webhookView) kinds(h store.Webhook) string {
	if len(h.Kinds) == 0 {
		return v.say.T("webhook.types-all")
	}
	list := make([]string, len(h.Kinds))
	for i, k := range h.Kinds {
		list[i] = string(k)
	}
	return strings.Join(list, ", ")
}
