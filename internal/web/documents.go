package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// pageSize is how many documents one page of the list shows.
const pageSize = 50

// A tab is a group of states that people ask for together.
type tab struct {
	Key    string
	States []hub.State
}

var needsPerson = []hub.State{hub.Held, hub.Refused}

// showNeeds is the tab of what waits for a person: what stands still, and what
// has arrived and still asks something.
const showNeeds = "needs"

// tabs of the list; the first shows all. Each state is in exactly one other.
var tabs = []tab{
	{"all", nil},
	{showNeeds, needsPerson},
	{"moving", []hub.State{hub.Noticed, hub.Ready, hub.Working, hub.Waiting, hub.Unclear}},
	{"done", []hub.State{hub.Done, hub.DoneWithWarning, hub.Linked}},
	{"ended", []hub.State{hub.Skipped, hub.DoneByHand, hub.TakenBack, hub.Withdrawn}},
}

// A filter is what the reader asked the list for, as it stands in the address.
type filter struct {
	Show       string // key of a tab
	State      hub.State
	Kind       hub.Kind
	Paid       hub.PaidState
	Company    string
	Connection string
	Code       string
	Who        remedy.Actor // who must act
	From, To   civil.Date
	AnyStart   bool // the start date is not looked at
	Unmoved    bool // only what has not been moved
	Search     string
	After      string
}

// maxSearch bounds what is searched for; nobody types more.
const maxSearch = 200

// actors are those who may have to act.
var actors = []remedy.Actor{remedy.Source, remedy.Admin, remedy.Accountant}

// parseFilter reads an address. What makes no sense is a bad request, so that
// nobody takes an unfiltered list for a filtered one.
func parseFilter(q url.Values) (f filter, err error) {
	f = filter{Show: q.Get("show"), State: hub.State(q.Get("state")), Kind: hub.Kind(q.Get("kind")), Paid: hub.PaidState(q.Get("paid")), Company: q.Get("company"),
		Connection: q.Get("connection"), Code: q.Get("code"), Search: strings.TrimSpace(q.Get("q")), After: q.Get("after"),
		Who: remedy.Actor(q.Get("who")), AnyStart: q.Get("any-start") != "", Unmoved: q.Get("unmoved") != ""}
	if f.Show == "" {
		f.Show = tabs[0].Key
	}
	if !slices.ContainsFunc(tabs, func(t tab) bool { return t.Key == f.Show }) {
		return f, fmt.Errorf("%w: no tab %.20q", errBadRequest, f.Show)
	}
	if f.State != "" && !slices.Contains(hub.States, f.State) {
		return f, fmt.Errorf("%w: no state %.20q", errBadRequest, f.State)
	}
	if f.Kind != "" && !slices.Contains(hub.Kinds, f.Kind) && f.Kind != hub.Unreadable {
		return f, fmt.Errorf("%w: no kind %.20q", errBadRequest, f.Kind)
	}
	if f.Paid != "" && !slices.Contains(hub.PaidStates, f.Paid) {
		return f, fmt.Errorf("%w: not paid %.20q", errBadRequest, f.Paid)
	}
	if f.Who != "" && !slices.Contains(actors, f.Who) {
		return f, fmt.Errorf("%w: nobody is %.20q", errBadRequest, f.Who)
	}
	for _, d := range []struct {
		to   *civil.Date
		text string
	}{{&f.From, q.Get("from")}, {&f.To, q.Get("to")}} {
		if d.text == "" {
			continue
		}
		if *d.to, err = civil.Parse(d.text); err != nil {
			return f, fmt.Errorf("%w: %w", errBadRequest, err)
		}
	}
	if len(f.Search) > maxSearch || len(f.After) > maxSearch || len(f.Code) > maxSearch {
		return f, fmt.Errorf("%w: too long", errBadRequest)
	}
	return f, nil
}

// query writes the filter as an address; changes are pairs of name and value.
func (f filter) query(changes ...string) string {
	q := url.Values{}
	put := func(name, v string) {
		if v != "" {
			q.Set(name, v)
		} else {
			q.Del(name)
		}
	}
	if f.Show != tabs[0].Key {
		put("show", f.Show)
	}
	put("state", string(f.State))
	put("kind", string(f.Kind))
	put("paid", string(f.Paid))
	put("company", f.Company)
	put("connection", f.Connection)
	put("code", f.Code)
	put("who", string(f.Who))
	tick := func(name string, on bool) {
		if on {
			put(name, "yes")
		}
	}
	tick("any-start", f.AnyStart)
	tick("unmoved", f.Unmoved)
	put("from", f.From.String())
	put("to", f.To.String())
	put("q", f.Search)
	put("after", f.After)
	for i := 0; i+1 < len(changes); i += 2 {
		put(changes[i], changes[i+1])
	}
	if len(q) == 0 {
		return "/documents"
	}
	return "/documents?" + q.Encode()
}

// narrowed reports whether more than a tab is asked for.
func (f filter) narrowed() bool {
	f.Show, f.After = "", ""
	return f != filter{}
}

// stored is the filter as the store understands it.
func (f filter) stored(reach people.Reach) store.TransferFilter {
	sf := store.TransferFilter{Reach: reach, Partners: true, Company: f.Company, Connection: f.Connection, Kind: f.Kind, Paid: f.Paid, Code: f.Code,
		Search: foldNumbers(f.Search), From: f.From.String(), To: f.To.String(), After: f.After}
	if f.AnyStart {
		sf.From = ""
	}
	switch {
	case f.State != "":
		sf.States = []hub.State{f.State}
	case f.Show == showNeeds:
		sf.Needs = true
	case f.Unmoved && f.Show == tabs[0].Key:
		sf.States = store.Unmoved
	default:
		for _, t := range tabs {
			if t.Key == f.Show {
				sf.States = t.States
			}
		}
	}
	return sf
}

// whoActs narrows a filter to the reasons that are one person's to see to.
func (f filter) whoActs(tx *store.Tx, sf *store.TransferFilter) error {
	if f.Who == "" {
		return nil
	}
	tasks, err := tx.CountTasks(f.Company, sf.Reach)
	sf.Needs, sf.Codes = true, []string{}
	for _, t := range tasks {
		if remedy.ActorOf(t.Code) == f.Who {
			sf.Codes = append(sf.Codes, t.Code)
		}
	}
	return err
}

// foldNumbers lets people search a sum as they write it: 12 400,00 and
// 12.400,00 are stored as 12400.00. Words without a decimal comma stay.
func foldNumbers(search string) string {
	text := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "−", "-").Replace(search)
	if !strings.Contains(text, ",") || strings.Trim(text, "0123456789 .,-€") != "" {
		return text
	}
	digits := strings.NewReplacer(" ", "", ".", "", "€", "").Replace(text)
	if a, err := money.Parse(strings.Replace(digits, ",", ".", 1)); err == nil {
		return a.String()
	}
	return text
}

// A documentsView is the list.
type documentsView struct {
	page
	Filter filter
	Places places
	Rows   []row
	Tabs   []tabView
	Next   string // address of the next page, "" at the end
	// Listing is what the database says of the list.
	Listing store.Listing
	// CanRetry and CanAct say whether the reader may tick rows.
	CanRetry bool
	// CanSend says whether the reader may tell documents to go.
	CanSend bool
	// CanTick says that some row can be ticked, HasFiles that some has files.
	CanTick, HasFiles bool
	// Chosen is what the reader has chosen, on this page and elsewhere.
	Chosen      map[string]bool
	ChosenCount int
	ChosenSums  []store.Sum
	// Live says that the list renews itself where JavaScript is on.
	Live bool
}

type tabView struct {
	Key     string
	URL     string
	Count   int
	AtLeast bool // there may be more
	Current bool
}

// A row is one line of the list.
type row struct {
	hub.Transfer
	Place       place
	Connection  hub.Connection
	Reason      string // why it stands where it stands, in a few words
	Retry, Send bool   // what may be done with it when it is ticked
	Preview     bool   // it can be said what it would book
	Tick, Needs bool   // it can be chosen; somebody must see to it
	Files       int    // how many went, or else how many there are
	Least       fileLine
	Told        string // what the source was told of it
}

func (s *Server) home(w http.ResponseWriter, r *http.Request, v visit) error {
	switch {
	case v.person.CanSomewhere(people.See):
	case v.person.CanSomewhere(people.Join):
		s.say(r.Context(), true, v.say.T("vendor.follow"))
		return back(w, r, "/account")
	default:
		return back(w, r, roundsPath)
	}
	return back(w, r, "/documents")
}

func (s *Server) documents(w http.ResponseWriter, r *http.Request, v visit) error {
	f, err := parseFilter(r.URL.Query())
	if err != nil {
		return err
	}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	sc := scopeOf(all...)
	if f.Company != "" || f.Connection != "" {
		p, ok := all.company(f.Company)
		if c, _, has := all.connection(f.Connection); has && f.Company == "" {
			p, ok = c, true
		}
		if !ok {
			return errNotFound
		}
		sc = scopeOf(p)
	}
	view := documentsView{Filter: f, Places: all, CanRetry: v.person.CanSomewhere(rightFor(engine.Retry)), CanSend: v.person.CanSomewhere(rightFor(engine.SendNow)), Live: f.After == ""}
	if view.page, err = s.page(r, v, v.say.T("list.title"), "documents", sc); err != nil {
		return err
	}
	if err := s.fillList(r.Context(), &view); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, documentsPage(view))
}

func (s *Server) fillList(ctx context.Context, view *documentsView) error {
	f := view.Filter.stored(view.Person.Reach(people.See))
	f.Limit = pageSize
	var l store.Listing
	var files map[string][]hub.Step
	var handed map[string]int
	var told map[string]hub.Reported
	if err := s.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if err = view.Filter.whoActs(tx, &f); err != nil {
			return err
		}
		if l, err = tx.List(f); err != nil {
			return err
		}
		if files, handed, err = tx.FileSteps(l.Rows); err != nil {
			return err
		}
		var subjects []string
		for _, t := range l.Rows {
			subjects = append(subjects, t.Subject)
		}
		if told, err = tx.ReportedOf(subjects); err != nil {
			return err
		}
		ids, err := tx.Chosen(view.Person.ID)
		if err != nil {
			return err
		}
		view.Chosen = map[string]bool{}
		for _, id := range ids {
			view.Chosen[id] = true
		}
		view.ChosenCount, view.ChosenSums, err = tx.SumChosen(view.Person.ID)
		return err
	}); err != nil {
		return err
	}
	if l.Next != "" {
		view.Next = view.Filter.query("after", l.Next)
	}
	for _, t := range tabs {
		tv := tabView{Key: t.Key, Current: t.Key == view.Filter.Show && view.Filter.State == ""}
		show := t.Key
		if t.Key == tabs[0].Key {
			show = ""
		}
		tv.URL = view.Filter.query("show", show, "state", "", "after", "")
		for state, n := range l.Counts {
			if len(t.States) == 0 || slices.Contains(t.States, state) {
				tv.Count += n
			}
		}
		tv.AtLeast = l.AtLeast && (len(t.States) == 0 || slices.Contains(t.States, hub.Done))
		switch {
		case t.Key == showNeeds:
			tv.Count, tv.AtLeast = l.Needs, l.NeedsMore
		case len(t.States) > 0 && !slices.Contains(t.States, hub.Done):
			tv.AtLeast = l.Many
		}
		view.Tabs = append(view.Tabs, tv)
	}
	view.Listing = l
	for _, t := range l.Rows {
		rw := row{Transfer: t, Reason: reason(view.say, t), Preview: previewable(&t)}
		rw.Place, _ = view.Places.company(t.Company)
		may := engine.AllowedIn(rw.Place.Company, &t)
		can := func(a engine.Action) bool {
			return slices.Contains(may, a) && view.Person.Can(rightFor(a), t.Company, t.DocKind)
		}
		rw.Retry, rw.Send = can(engine.Retry), can(engine.SendNow)
		rw.Connection, _ = rw.Place.connection(t.Connection)
		rw.Tick = t.Kind == hub.DocumentTransfer && t.Direction == hub.In || rw.Retry
		rw.Needs = t.State.NeedsPerson() || t.State == hub.DoneWithWarning && slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return remedy.ActorOf(f.Code) != remedy.Nobody })
		view.CanTick = view.CanTick || rw.Tick
		rw.Files = handed[t.Subject]
		if t.Kind == hub.DocumentTransfer {
			rw.Told = ToldWords(view.say, told[t.Subject])
		}
		if sent := engine.SentFiles(files[t.ID]); len(sent) > 0 {
			rw.Files, rw.Least = len(sent), fileLine{Sent: true, Seen: engine.LeastSure(sent)}
		}
		view.HasFiles = view.HasFiles || rw.Files > 0
		view.Rows = append(view.Rows, rw)
	}
	return nil
}

// exportURL is where the list is handed over as a table.
func (v documentsView) exportURL(as string) string {
	_, query, _ := strings.Cut(v.Filter.query("after", ""), "?")
	return "/documents/export?as=" + as + "&" + query
}

// chosenURL is a page about what is chosen, which comes back to this list.
func (v documentsView) chosenURL(path string) string {
	return path + "?chosen=yes&next=" + url.QueryEscape(v.Filter.query())
}

// maxTicked bounds what one form may retry: the boxes of some pages.
const maxTicked = 200

// retryMany tries the ticked documents again.
func (s *Server) retryMany(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.actMany(w, r, v, engine.Retry, func(done, not int) string {
		if not > 0 {
			return v.say.T("list.some-retried", "done", done, "not", not)
		}
		return v.say.N("list.retried", done)
	})
}

// actMany does one action with the ticked documents. One that may not is counted
// and does not keep the others. says puts into words what came of it.
func (s *Server) actMany(w http.ResponseWriter, r *http.Request, v visit, a engine.Action, says func(done, not int) string) error {
	ids, err := s.choice(r.Context(), v, r.PostForm)
	if err != nil {
		return err
	}
	within, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (map[string]bool, error) {
		return tx.TransfersWithin(v.person.Reach(rightFor(a)), ids)
	})
	if err != nil {
		return err
	}
	done, not := 0, 0
	for _, id := range ids {
		if !within[id] {
			not++
			continue
		}
		switch err := s.o.Engine.Act(r.Context(), v.person.ID, id, a, ""); {
		case err == nil:
			done++
		case isNotNow(err) || store.IsNotFound(err):
			not++
		default:
			return err
		}
	}
	if err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) error { return tx.ChooseNone(v.person.ID) }); err != nil {
		return err
	}
	if len(ids) == 0 {
		s.say(r.Context(), false, v.say.T("list.none-ticked"))
	} else {
		s.say(r.Context(), done > 0, says(done, not))
	}
	return back(w, r, r.PostFormValue("next"))
}
