package web

import (
	"encoding/json"
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

// An itemView is what is said of one item of a dimension, on its own page.
type itemView struct {
	Words []hub.ItemWord
	// Version is what the reader answers.
	ID, Version string
	Open        bool
	Gone        bool // it is asked whether the item is made anew
	CanDecide   bool
	Connections map[string]string // names
}

// itemOf is the item that a page is about, nil on other pages.
func (s *Server) itemOf(r *http.Request, v visit, d *detail) (*itemView, error) {
	if !d.Kind.Lists() {
		return nil, nil
	}
	words, err := s.o.Engine.ItemOf(r.Context(), &d.Transfer)
	if err != nil {
		return nil, err
	}
	view := &itemView{Words: words, ID: d.ID, Version: d.Version, Open: engine.AsksItem(&d.Transfer), CanDecide: v.person.Can(people.Decide, d.Company, d.DocKind),
		Connections: map[string]string{}}
	view.Gone = view.Open && d.Faults[0].Code == hub.ItemRemoved
	for _, c := range d.Place.Connections {
		view.Connections[c.ID] = c.Name
	}
	return view, nil
}

// answerItem takes the answer about one item.
func (s *Server) answerItem(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	answer, err := answerOf(r)
	if err != nil {
		return err
	}
	err = s.o.Engine.AnswerItem(r.Context(), v.person.ID, id, r.PostFormValue("version"), answer)
	switch {
	case isNotNow(err) || errors.Is(err, engine.ErrNotNow):
		s.say(r.Context(), false, v.say.T("item.notnow"))
	case err != nil:
		return found(err)
	default:
		s.say(r.Context(), true, v.say.T("item-do."+string(answer)))
	}
	return back(w, r, "/documents/"+url.PathEscape(id))
}

// itemsOnPage is how many items one page shows.
const itemsOnPage = 100

// An itemsView is the page of all items that the sources of a company list.
type itemsView struct {
	page
	Place       place
	Search      string
	List        []engine.ItemNews
	Connections map[string]string
	// Off: no connection maps an axis.
	Off bool
	// More is the address of the next page, "" on the last one.
	More string
}

func (s *Server) items(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, ok := all.company(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	path := "/companies/" + url.PathEscape(p.ID) + "/items"
	f := store.ItemFilter{Company: p.ID, Search: strings.TrimSpace(r.URL.Query().Get("q")), Limit: itemsOnPage + 1}
	if after := r.URL.Query().Get("after"); after != "" && json.Unmarshal([]byte(after), &f.After) != nil {
		return errBadRequest
	}
	view := itemsView{Place: p, Search: f.Search, Connections: map[string]string{}, Off: true}
	for _, c := range p.Connections {
		view.Connections[c.ID] = c.Name
		view.Off = view.Off && len(c.Settings.Listed()) == 0
	}
	if view.List, err = s.o.Engine.Items(r.Context(), f); err != nil {
		return err
	}
	if len(view.List) > itemsOnPage {
		view.List = view.List[:itemsOnPage]
		last := view.List[itemsOnPage-1]
		after, err := json.Marshal(store.PlaceOf(&last.ItemWord))
		if err != nil {
			return err
		}
		view.More = path + "?" + url.Values{"q": {f.Search}, "after": {string(after)}}.Encode()
	}
	if view.page, err = s.page(r, v, v.say.T("item.title")+" · "+p.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, itemsPage(view))
}

// ItemStands says in a few words where an item stands, and whether that is good.
func ItemStands(say locale.Speaker, n engine.ItemNews) (words string, good bool) {
	switch {
	case n.Open():
		return say.T("item.asked"), false
	case n.Transfer != nil && n.Transfer.State.NeedsPerson():
		return remedy.Title(say, n.Transfer.Faults[0].Code), false
	case n.Transfer != nil && n.Transfer.State.Active():
		return say.T("item.under"), false
	case n.There == 0:
		return say.T("item.unmade"), false
	case n.Item.Axis != hub.ProductAxis && !hub.SameItemText(n.Seen.Text, n.Item.Text()):
		return say.T("item.differs"), false
	}
	return say.T("item.linked"), true
}
