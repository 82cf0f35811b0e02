package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A periodsView lists the months of a connection: those that its source has
// closed, and those for which documents wait.
type periodsView struct {
	page
	Place      place
	Connection hub.Connection
	Months     []monthView
	CanClose   bool
	Fault      string
	Sent       string
	// Missing is how many documents of a month that was just closed have not
	// arrived, and List shows them.
	Missing      int
	MissingMonth hub.Month
	List         string
}

type monthView struct {
	Month   hub.Month
	Waiting int
	Closed  time.Time // zero while it is open
	Who     string
	List    string // where its documents are listed
}

func periodsPath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/periods"
}

func (s *Server) periods(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showPeriods(w, r, v, http.StatusOK, "", "")
}

func (s *Server) showPeriods(w http.ResponseWriter, r *http.Request, v visit, status int, sent, fault string) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	view := periodsView{Place: p, Connection: c, CanClose: v.can(people.Decide), Fault: fault, Sent: sent}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	asked, _ := hub.ParseMonth(r.URL.Query().Get("closed"))
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		closed, err := tx.ClosedPeriods(c.ID)
		if err != nil {
			return err
		}
		waiting, err := tx.WaitingMonths(c.ID)
		if err != nil {
			return err
		}
		for _, x := range closed {
			m := monthView{Month: x.Month, Closed: x.Closed, Who: actor(v, names, x.Actor), Waiting: waiting[x.Month]}
			delete(waiting, x.Month)
			view.Months = append(view.Months, m)
		}
		for m, n := range waiting {
			view.Months = append(view.Months, monthView{Month: m, Waiting: n})
		}
		if asked == "" {
			return nil
		}
		missing, err := tx.NotArrived(c.ID, asked, maxCounted)
		view.MissingMonth = asked
		for _, t := range missing {
			if c.Settings.Leveled() == hub.DocumentLevel || t.State.NeedsPerson() {
				view.Missing++
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(view.Months, func(a, b monthView) int { return strings.Compare(string(b.Month), string(a.Month)) })
	for i := range view.Months {
		view.Months[i].List = monthList(c.ID, view.Months[i].Month)
	}
	view.List = monthList(c.ID, view.MissingMonth)
	if view.page, err = s.page(r, v, v.say.T("periods.title")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = periodsPath(c.ID)
	return s.show(w, r, status, periodsPage(view))
}

// maxCounted bounds what a page counts one by one.
const maxCounted = 1000

// monthList is the address of the list of a month's documents.
func monthList(connection string, m hub.Month) string {
	days := m.Days()
	return filter{Connection: connection, From: days.First, To: days.Last}.query()
}

// closePeriod says that the source has closed a month.
func (s *Server) closePeriod(w http.ResponseWriter, r *http.Request, v visit) error {
	id, sent := r.PathValue("id"), strings.TrimSpace(r.PostFormValue("month"))
	month, err := hub.ParseMonth(sent)
	if err != nil {
		return s.showPeriods(w, r, v, http.StatusUnprocessableEntity, sent, v.say.T("periods.no-month", "value", sent))
	}
	words := v.say.Month(string(month))
	rc, err := s.o.Engine.ClosePeriod(r.Context(), v.person.ID, id, month)
	switch {
	case errors.Is(err, engine.ErrFuturePeriod):
		return s.showPeriods(w, r, v, http.StatusUnprocessableEntity, sent, v.say.T("periods.future", "period", words))
	case err != nil:
		return found(err)
	case rc.Level == hub.JournalLevel:
		s.say(r.Context(), true, v.say.N("periods.done-journal", rc.Waiting, "period", words))
	default:
		s.say(r.Context(), true, v.say.T("periods.done-document", "period", words))
	}
	return back(w, r, periodsPath(id)+"?closed="+url.QueryEscape(string(month)))
}
