package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// This file keeps what a reader has chosen in the list, through pages and searches,
// with JavaScript or without: the form says which boxes it shows and which of them
// are ticked, and the database remembers the rest.

// choice is what a reader has chosen, in the order of the list: what is kept, as far
// as the form does not show it, and what is ticked in the form.
func (s *Server) choice(ctx context.Context, v visit, form url.Values) (ids []string, err error) {
	ticked, shown := form["id"], form["shown"]
	if len(ticked) > maxTicked || len(shown) > maxTicked {
		return nil, errBadRequest
	}
	err = s.o.Store.Read(ctx, func(tx *store.Tx) error {
		kept, err := tx.Chosen(v.person.ID)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(kept, func(id string) bool { return slices.Contains(shown, id) || slices.Contains(ticked, id) })
		ids = append(ids, ticked...)
		in, err := tx.TransfersWithin(v.sees(), ids)
		ids = slices.DeleteFunc(ids, func(id string) bool { return !in[id] })
		return err
	})
	return ids, err
}

// keep remembers the boxes of a form.
func (s *Server) keep(ctx context.Context, v visit, form url.Values) error {
	ticked := form["id"]
	if len(ticked) > maxTicked || len(form["shown"]) > maxTicked {
		return errBadRequest
	}
	off := slices.DeleteFunc(slices.Clone(form["shown"]), func(id string) bool { return slices.Contains(ticked, id) })
	return s.o.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Unchoose(v.person.ID, off); err != nil {
			return err
		}
		return tx.Choose(v.person.ID, ticked)
	})
}

// listFilter reads the list out of the address to which a form goes back.
func listFilter(next string) (filter, error) {
	u, err := url.Parse(next)
	if err != nil || u.Path != "/documents" || u.Host != "" {
		return filter{}, errBadRequest
	}
	return parseFilter(u.Query())
}

// choose keeps the boxes, or chooses all, the whole page, or nothing, and goes to
// the page that the pressed button names.
func (s *Server) choose(w http.ResponseWriter, r *http.Request, v visit) error {
	next := r.PostFormValue("next")
	f, err := listFilter(next)
	if err != nil {
		return err
	}
	if to := r.PostFormValue("go"); to != "" {
		if u, err := url.Parse(to); err != nil || u.Host != "" || !slices.Contains([]string{"/documents", "/documents/dates", "/documents/preview", "/documents/export"}, u.Path) {
			return errBadRequest
		}
		next = to
	}
	form := r.PostForm
	switch do := r.PostFormValue("do"); do {
	case "all":
		more := false
		if err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) (err error) {
			more, err = tx.ChooseAll(v.person.ID, f.stored(v.sees()))
			return err
		}); err != nil {
			return err
		}
		if more {
			s.say(r.Context(), false, v.say.T("choice.too-many", "limit", v.say.Int(store.MaxChosen)))
		}
		return back(w, r, next)
	case "none":
		if err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) error { return tx.ChooseNone(v.person.ID) }); err != nil {
			return err
		}
		return back(w, r, next)
	case "page":
		form = url.Values{"id": form["shown"], "shown": form["shown"]}
	case "", "keep":
	default:
		return errBadRequest
	}
	if err := s.keep(r.Context(), v, form); err != nil {
		return err
	}
	return back(w, r, next)
}

// sendChosen sends what is chosen, and shows how it goes on.
func (s *Server) sendChosen(w http.ResponseWriter, r *http.Request, v visit) error {
	ids, err := s.choice(r.Context(), v, r.PostForm)
	if err != nil {
		return err
	}
	within, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (map[string]bool, error) {
		return tx.TransfersWithin(v.person.Reach(rightFor(engine.SendNow)), ids)
	})
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return !within[id] })
	if len(ids) == 0 {
		s.say(r.Context(), false, v.say.T("list.none-ticked"))
		return back(w, r, r.PostFormValue("next"))
	}
	sending, sent, err := s.o.Engine.Send(r.Context(), v.person.ID, ids)
	if err != nil {
		return err
	}
	if err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) error { return tx.ChooseNone(v.person.ID) }); err != nil {
		return err
	}
	s.say(r.Context(), sent > 0, v.say.N("sending.begun", sent, "not", v.say.Int(len(ids)-sent)))
	return back(w, r, "/sendings/"+url.PathEscape(sending.ID))
}

// maxSendings is how many sendings their page shows.
const maxSendings = 100

// A sendingView is how a sending goes on.
type sendingView struct {
	page
	store.Sending
	By, StoppedBy string
	// What has arrived, what a person must see to, what is under way, what was
	// stopped before it began, and what could not be sent.
	Done, Failed, Going, Back, Not []row
	CanStop                        bool
}

// Ended counts what has come to an end, one way or the other.
func (v sendingView) Ended() int { return len(v.Done) + len(v.Failed) + len(v.Back) + len(v.Not) }

// Total counts all of it that the reader sees.
func (v sendingView) Total() int { return v.Ended() + len(v.Going) }

func (s *Server) sending(w http.ResponseWriter, r *http.Request, v visit) error {
	var docs []store.SentDocument
	var view sendingView
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if view.Sending, err = tx.Sending(r.PathValue("id")); err != nil {
			return err
		}
		docs, err = tx.SentDocuments(view.Sending.ID)
		return err
	}); err != nil {
		return found(err)
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	var companies []place
	for _, d := range docs {
		t := d.Transfer
		if !v.person.Can(people.See, t.Company, t.DocKind) {
			continue
		}
		rw := row{Transfer: t, Reason: reason(v.say, t)}
		rw.Place, _ = all.company(t.Company)
		if !slices.ContainsFunc(companies, func(p place) bool { return p.ID == t.Company }) {
			companies = append(companies, rw.Place)
		}
		switch {
		case d.Result == store.Returned:
			view.Back = append(view.Back, rw)
		case d.Result == store.NotSent:
			view.Not = append(view.Not, rw)
		case t.State.NeedsPerson():
			view.Failed = append(view.Failed, rw)
		case t.State.Settled():
			view.Done = append(view.Done, rw)
		default:
			view.Going = append(view.Going, rw)
		}
	}
	view.By, view.StoppedBy = actor(v, names, view.Sending.Person), actor(v, names, view.Sending.StoppedBy)
	view.CanStop = len(view.Going) > 0 && view.Stopped.IsZero() && v.person.CanSomewhere(rightFor(engine.SendNow))
	if view.page, err = s.page(r, v, v.say.T("sending.title"), "documents", scopeOf(companies...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, sendingPage(view))
}

// stopSending lets what has begun finish and the rest stand as it stood.
func (s *Server) stopSending(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	switch n, err := s.o.Engine.StopSending(r.Context(), v.person.ID, id); {
	case isNotNow(err):
		s.say(r.Context(), false, v.say.T("document.not-now"))
	case err != nil:
		return found(err)
	default:
		s.say(r.Context(), true, v.say.N("sending.stopped", n))
	}
	return back(w, r, "/sendings/"+url.PathEscape(id))
}

// A sendingsView lists what was sent at once, and by whom.
type sendingsView struct {
	page
	Sendings []store.Sending
	Names    map[string]string
}

func (v sendingsView) by(id string) string {
	if n, ok := v.Names[id]; ok {
		return n
	}
	return id
}

func (s *Server) sendings(w http.ResponseWriter, r *http.Request, v visit) error {
	list, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]store.Sending, error) { return tx.Sendings(maxSendings) })
	if err != nil {
		return err
	}
	view := sendingsView{}
	for _, x := range list {
		if x.Person == v.person.ID || v.sees().Everything() {
			view.Sendings = append(view.Sendings, x)
		}
	}
	if view.Names, err = s.names(r.Context()); err != nil {
		return err
	}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	if view.page, err = s.page(r, v, v.say.T("sending.all"), "documents", scopeOf(all...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, sendingsPage(view))
}
