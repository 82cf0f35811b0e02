package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A companiesView lists companies and their connections.
type companiesView struct {
	page
	Companies  []companyView
	CanConnect bool // another company
}

type companyView struct {
	place
	Counts   map[hub.State]int
	Needs    int // documents that wait for a person
	CanSetUp bool
	Whole    bool // the reader sees all kinds of it, and so its connections
	Paused   *remedy.Explanation
	LoginBy  string // the name of who has logged in, where nobody has made a key
	// PaidUnapproved: purchases travel, and Procountor lets them be paid before they
	// are approved.
	PaidUnapproved bool
}

func (c companyView) moving() int {
	return c.Counts[hub.Ready] + c.Counts[hub.Working] + c.Counts[hub.Waiting] + c.Counts[hub.Unclear] + c.Counts[hub.Noticed]
}

func (c companyView) done() int {
	return c.Counts[hub.Done] + c.Counts[hub.DoneWithWarning] + c.Counts[hub.Linked]
}

func (s *Server) companies(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := companiesView{CanConnect: v.person.Can(people.SetUp, "", "")}
	if view.page, err = s.page(r, v, v.say.T("companies.title"), "companies", scopeOf(all...)); err != nil {
		return err
	}
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		for _, p := range all {
			counts, err := tx.CountTransfers(store.TransferFilter{Reach: v.sees(), Partners: true, Company: p.ID})
			if err != nil {
				return err
			}
			cv := companyView{place: p, Counts: counts, CanSetUp: v.person.Can(people.SetUp, p.ID, ""), Whole: v.person.Can(people.See, p.ID, "")}
			if cv.Needs, err = tx.CountNeeds(store.TransferFilter{Reach: v.sees(), Company: p.ID}); err != nil {
				return err
			}
			if p.PausedFault != nil && p.PausedUntil.After(s.o.Now()) {
				e := remedy.For(v.say, *p.PausedFault)
				cv.Paused = &e
			}
			view.Companies = append(view.Companies, cv)
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range view.Companies {
		c := &view.Companies[i]
		registers, err := s.o.Engine.Registers(r.Context(), c.ID)
		if err != nil {
			return err
		}
		c.PaidUnapproved = c.Detached.IsZero() && registers.Company.Payment == register.PaidUnapproved &&
			slices.ContainsFunc(c.Connections, func(n hub.Connection) bool { return n.Settings.Kinds[hub.PurchaseInvoice].On })
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	var logins []string
	for i := range view.Companies {
		if c := &view.Companies[i]; !c.LoggedIn.IsZero() {
			c.LoginBy = actor(v, names, c.LoggedInBy)
			logins = append(logins, c.BaseURL)
		}
	}
	formsTo(w, logins...)
	return s.show(w, r, http.StatusOK, companiesPage(view))
}

// A connectionView is the page of one connection.
type connectionView struct {
	page
	Place      place
	Connection hub.Connection
	Settings   []setting
	CanSetUp   bool
	// Log are the acts about the connection, for who may see them.
	Log []logLine
	// On is what the confirmation asks for; Noticed is how many documents go then.
	On      bool
	Noticed int
	Fault   string
	// Incomplete: the checklist keeps writing off.
	Incomplete bool
}

func (s *Server) connectionView(r *http.Request, v visit, title string) (view connectionView, err error) {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return view, err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return view, errNotFound
	}
	registers, err := s.o.Engine.Registers(r.Context(), p.ID)
	if err != nil {
		return view, err
	}
	view = connectionView{Place: p, Connection: c, Settings: settingWords(v.say, c.Settings, registers), CanSetUp: v.can(people.SetUp)}
	view.page, err = s.page(r, v, title+" · "+c.Name, "companies", scopeOf(p))
	return view, err
}

// maxConnectionActs is how much of a connection's log its page shows.
const maxConnectionActs = 50

func (s *Server) connection(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.connectionView(r, v, v.say.T("connection.title"))
	if err != nil {
		return err
	}
	if v.can(people.SeeActs) {
		if view.Log, err = s.connectionLog(r.Context(), v, view.Connection.ID); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusOK, connectionPage(view))
}

// writingForm asks before writing is switched: it names environment, company
// and client, for this is the moment from which books change.
func (s *Server) writingForm(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.connectionView(r, v, v.say.T("writing.title"))
	if err != nil {
		return err
	}
	if view.On = !view.Connection.Writing; view.On {
		if view.Noticed, err = s.noticed(r.Context(), view.Connection.ID); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusOK, writingPage(view))
}

func (s *Server) writing(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.connectionView(r, v, v.say.T("writing.title"))
	if err != nil {
		return err
	}
	switch r.PostFormValue("writing") {
	case "on":
		view.On = true
	case "off":
	default:
		return errBadRequest
	}
	if view.On {
		if view.Noticed, err = s.noticed(r.Context(), view.Connection.ID); err != nil {
			return err
		}
	}
	// Real books are only written to by whoever has read their name and copied it.
	if view.On && view.Place.Environment == hub.Production && !alike(r.PostFormValue("company"), view.Place.Name) {
		view.Fault = v.say.T("writing.name-differs")
		return s.show(w, r, http.StatusUnprocessableEntity, writingPage(view))
	}
	if view.On && r.PostFormValue("sure") != "yes" {
		view.Fault = v.say.T("writing.not-sure")
		return s.show(w, r, http.StatusUnprocessableEntity, writingPage(view))
	}
	err = s.o.Engine.SetWriting(r.Context(), v.person.ID, view.Connection.ID, view.On)
	if _, ok := errors.AsType[*engine.IncompleteError](err); ok {
		view.Fault, view.Incomplete = v.say.T("checklist.not-complete"), true
		return s.show(w, r, http.StatusUnprocessableEntity, writingPage(view))
	}
	if err != nil {
		return found(err)
	}
	if view.On {
		s.say(r.Context(), true, v.say.T("writing.is-on", "company", view.Place.Name)+" "+v.say.N("writing.became-ready", view.Noticed))
	} else {
		s.say(r.Context(), true, v.say.T("writing.is-off", "company", view.Place.Name))
	}
	return back(w, r, "/connections/"+url.PathEscape(view.Connection.ID))
}

// noticed counts what becomes ready when writing is switched on.
func (s *Server) noticed(ctx context.Context, connection string) (int, error) {
	counts, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) (map[hub.State]int, error) {
		return tx.CountTransfers(store.TransferFilter{Connection: connection, States: []hub.State{hub.Noticed}})
	})
	return counts[hub.Noticed], err
}

// connectionLog says who has changed what about a connection.
func (s *Server) connectionLog(ctx context.Context, v visit, id string) (log []logLine, err error) {
	acts, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts(id, 0, maxConnectionActs) })
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	for _, a := range acts {
		line := logLine{Act: a, Who: actor(v, names, a.Actor), What: actWord(v.say, a.Kind)}
		var d struct {
			On      *bool               `json:"on"`
			Changes []hub.SettingChange `json:"changes"`
		}
		if json.Unmarshal(a.Detail, &d) == nil {
			var words []string
			if d.On != nil {
				words = append(words, v.say.T(map[bool]string{true: "writing.on", false: "writing.off"}[*d.On]))
			}
			for _, c := range d.Changes {
				words = append(words, ChangeWords(v.say, c).String())
			}
			line.Why = strings.Join(words, "; ")
		}
		log = append(log, line)
	}
	return log, err
}

func (s *Server) resume(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := s.o.Engine.Resume(r.Context(), v.person.ID, r.PathValue("id")); err != nil {
		return found(err)
	}
	s.say(r.Context(), true, v.say.T("companies.resumed"))
	return back(w, r, "/companies")
}
