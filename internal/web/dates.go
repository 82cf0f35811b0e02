package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// A datesView asks for other dates for what is chosen.
type datesView struct {
	page
	Count int
	Next  string
}

// maxTerm bounds a term of payment.
const maxTerm = 999

// parseWish reads the form of dates.
func parseWish(form url.Values) (w hub.DateWish, why string, err error) {
	w.Rule, why = hub.DueRule(form.Get("rule")), strings.TrimSpace(form.Get("why"))
	if !slices.Contains(hub.DueRules, w.Rule) || utf8.RuneCountInString(why) > maxWhy || !utf8.ValidString(why) {
		return w, why, errBadRequest
	}
	for name, to := range map[string]*civil.Date{"date": &w.Date, "day": &w.Day} {
		if text := form.Get(name); text != "" {
			if *to, err = civil.Parse(text); err != nil {
				return w, why, errors.Join(errBadRequest, err)
			}
		}
	}
	if text := form.Get("term"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxTerm {
			return w, why, errBadRequest
		}
		w.Term = &n
	}
	return w, why, nil
}

// datesForm asks for the dates of what is chosen.
func (s *Server) datesForm(w http.ResponseWriter, r *http.Request, v visit) error {
	ids, err := s.choice(r.Context(), v, nil)
	if err != nil {
		return err
	}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := datesView{Count: len(ids), Next: local(r.URL.Query().Get("next"))}
	if view.page, err = s.page(r, v, v.say.T("dates.title"), "documents", scopeOf(all...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, datesPage(view))
}

// changeDates changes the dates of what is chosen.
func (s *Server) changeDates(w http.ResponseWriter, r *http.Request, v visit) error {
	ids, err := s.choice(r.Context(), v, r.PostForm)
	if err != nil {
		return err
	}
	return s.putDates(w, r, v, ids, r.PostFormValue("next"))
}

// documentDates changes the dates of one document.
func (s *Server) documentDates(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	return s.putDates(w, r, v, []string{id}, "/documents/"+url.PathEscape(id))
}

func (s *Server) putDates(w http.ResponseWriter, r *http.Request, v visit, ids []string, next string) error {
	wish, why, err := parseWish(r.PostForm)
	if err != nil {
		return err
	}
	source := r.PostFormValue("source") != ""
	if source && why == "" {
		why = v.say.T("dates.back")
	}
	if why == "" {
		s.say(r.Context(), false, v.say.T("document.why-missing"))
		return back(w, r, next)
	}
	within, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (map[string]bool, error) {
		return tx.TransfersWithin(v.person.Reach(rightFor(engine.SendNow)), ids)
	})
	if err != nil {
		return err
	}
	done, not := 0, 0
	closed := map[string]bool{}
	for _, id := range ids {
		if !within[id] {
			not++
			continue
		}
		var t hub.Transfer
		var doc *hub.Document
		err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
			if t, err = tx.Transfer(id); err != nil || t.Kind != hub.DocumentTransfer {
				return err
			}
			row, err := tx.DocumentByID(t.Subject)
			if err == nil {
				doc, _, err = tx.Document(row.ID, row.Version)
			}
			return err
		})
		if err != nil {
			return found(err)
		}
		var date, due civil.Date
		ok := doc != nil
		if ok && !source {
			date, due, ok = wish.For(doc)
		}
		if !ok {
			not++
			continue
		}
		switch err := s.o.Engine.ChangeDates(r.Context(), v.person.ID, id, date, due, why); {
		case errors.Is(err, engine.ErrNotNow), errors.Is(err, engine.ErrDates):
			not++
			continue
		case err != nil:
			return err
		}
		done++
		if source {
			continue
		}
		registers, err := s.o.Engine.Registers(r.Context(), t.Company)
		if err != nil {
			return err
		}
		if open, _ := registers.Open(date); !open {
			closed[v.say.Month(date.String()[:7])] = true
		}
	}
	text := v.say.N("dates.changed", done)
	if source {
		text = v.say.N("dates.put-back", done)
	}
	if not > 0 {
		text += " " + v.say.N("dates.not", not)
	}
	s.say(r.Context(), done > 0, text)
	for month := range closed {
		s.say(r.Context(), false, v.say.T("dates.closed", "month", month))
	}
	return back(w, r, next)
}

// closedMonth is the month of a document's date, if Procountor has it closed.
func (v documentView) closedMonth() string {
	d, err := civil.Parse(v.Date)
	if err != nil || v.Registers == nil {
		return ""
	}
	if open, _ := v.Registers.Open(d); open {
		return ""
	}
	return v.say.Month(v.Date[:7])
}
