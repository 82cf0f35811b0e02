package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A cardView is what a source says otherwise than one partner's card, or what was
// carried to it.
type cardView struct {
	engine.CardNews
	CompanyName string
	// Names are the numbers of the documents that have said so, by id of their transfers.
	Said      []saidBy
	CanDecide bool
	Back      string // where to go afterwards
}

// A saidBy is a document that says something of a card.
type saidBy struct{ Transfer, Number string }

// seen is what the reader answers, for one form about several cards.
func (v cardView) seen() string { return v.Transfer.ID + "." + v.Transfer.Version }

// why says why a card is not carried by itself, "" when it is.
func (v cardView) why(say locale.Speaker) string {
	if !v.Open() {
		return ""
	}
	return remedy.Title(say, v.Transfer.Faults[0].Code)
}

func (s *Server) cardView(r *http.Request, v visit, n engine.CardNews, companyName string) (cardView, error) {
	view := cardView{CardNews: n, CompanyName: companyName, CanDecide: v.person.Can(people.Decide, n.Transfer.Company, n.Transfer.DocKind)}
	err := s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		for _, d := range n.Documents {
			t, err := tx.TransferOf(n.Transfer.Company, hub.DocumentTransfer, hub.In, d)
			if store.IsNotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			view.Said = append(view.Said, saidBy{t.ID, t.Number})
		}
		return nil
	})
	return view, err
}

// cardOf is the card that a page is about, or that a document has something to say of.
func (s *Server) cardOf(r *http.Request, v visit, d *detail) (*cardView, error) {
	var n engine.CardNews
	var err error
	switch d.Kind {
	case hub.CardTransfer:
		n, err = s.o.Engine.CardOf(r.Context(), &d.Transfer)
	case hub.DocumentTransfer:
		n, err = s.o.Engine.CardSaidBy(r.Context(), &d.Transfer)
	default:
		return nil, nil
	}
	if store.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	view, err := s.cardView(r, v, n, d.Place.Name)
	view.Back = "/documents/" + url.PathEscape(d.ID)
	return &view, err
}

// A cardsView is the page of all of them.
type cardsView struct {
	page
	Places  places
	Company string
	List    []cardView
	More    bool
	// Off: no connection in reach carries anything.
	Off bool
}

// asked are those that the reader may answer.
func (v cardsView) asked() (list []cardView) {
	for _, c := range v.List {
		if c.Open() && c.CanDecide {
			list = append(list, c)
		}
	}
	return list
}

func (s *Server) cards(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := cardsView{Places: all, Company: r.URL.Query().Get("company"), Off: true}
	shown := []place(all)
	if view.Company != "" {
		p, ok := all.company(view.Company)
		if !ok {
			return errNotFound
		}
		shown = []place{p}
	}
	for _, p := range shown {
		for _, c := range p.Connections {
			for _, k := range hub.Kinds {
				view.Off = view.Off && c.Settings.Partner.Changes(k) == hub.ChangesOff
			}
		}
		list, more, err := s.o.Engine.Cards(r.Context(), p.ID, "", v.sees())
		if err != nil {
			return err
		}
		view.More = view.More || more
		for _, n := range list {
			c, err := s.cardView(r, v, n, p.Name)
			if err != nil {
				return err
			}
			c.Back = filterQuery(cardsPath, "company", view.Company)
			view.List = append(view.List, c)
		}
	}
	if view.page, err = s.page(r, v, v.say.T("card.title"), "tasks", scopeOf(shown...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, cardsPage(view))
}

// cardsPath is where all of them are.
const cardsPath = "/partners/changes"

// answerOf reads what somebody says of cards.
func answerOf(r *http.Request) (engine.CardAnswer, error) {
	switch a := engine.CardAnswer(r.PostFormValue("answer")); a {
	case engine.CarryCard, engine.LeaveCard:
		return a, nil
	}
	return "", errBadRequest
}

// answerCard takes the answer about one card.
func (s *Server) answerCard(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	answer, err := answerOf(r)
	if err != nil {
		return err
	}
	if err := s.answered(r, v, id, r.PostFormValue("version"), answer); err != nil {
		return err
	}
	if to := r.PostFormValue("back"); strings.HasPrefix(to, cardsPath) || strings.HasPrefix(to, "/documents/") {
		return back(w, r, to)
	}
	return back(w, r, "/documents/"+url.PathEscape(id))
}

// answerCards takes one answer about all that the reader has seen.
func (s *Server) answerCards(w http.ResponseWriter, r *http.Request, v visit) error {
	answer, err := answerOf(r)
	if err != nil {
		return err
	}
	for _, seen := range r.PostForm["card"] {
		id, version, ok := strings.Cut(seen, ".")
		if !ok {
			return errBadRequest
		}
		t, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(id) })
		if err != nil {
			return found(err)
		}
		if !v.person.Can(people.Decide, t.Company, t.DocKind) {
			return errNotFound
		}
		if err := s.answered(r, v, id, version, answer); err != nil {
			return err
		}
	}
	return back(w, r, cardsPath)
}

func (s *Server) answered(r *http.Request, v visit, id, version string, answer engine.CardAnswer) error {
	err := s.o.Engine.AnswerCard(r.Context(), v.person.ID, id, version, answer)
	switch {
	case isNotNow(err) || errors.Is(err, engine.ErrNotNow):
		s.say(r.Context(), false, v.say.T("card.notnow"))
	case err != nil:
		return found(err)
	default:
		s.say(r.Context(), true, v.say.T("card-do."+string(answer)))
	}
	return nil
}
