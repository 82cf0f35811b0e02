package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// A circulationView is the form of the settings of rounds, with a trial of them.
type circulationView struct {
	page
	Place      place
	Connection hub.Connection
	// Sent are the fields as they stand, or as they were sent.
	Sent       map[string]string
	Fault      string
	Trial      []engine.RoundTrial
	Tried      bool
	Dimensions []string
}

func circulationPath(id string) string { return "/connections/" + url.PathEscape(id) + "/circulation" }

func (s *Server) circulationForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showCirculation(w, r, v, http.StatusOK, nil, "", nil, false)
}

func (s *Server) showCirculation(w http.ResponseWriter, r *http.Request, v visit, status int, sent map[string]string, fault string, trial []engine.RoundTrial, tried bool) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	registers, err := s.o.Engine.Registers(r.Context(), p.ID)
	if err != nil {
		return err
	}
	if sent == nil {
		x := c.Settings.Circulation
		sent = map[string]string{"first_day": "", "default": x.Default, "dimension": x.Dimension, "remind_days": strconv.Itoa(x.RemindDays),
			"fields": circulation.FieldLines(x.Fields), "projects": circulation.ReceiverLines(x.Projects), "persons": circulation.ReceiverLines(x.Persons),
			"further": circulation.FurtherLines(x.Further)}
		if x.On {
			sent["on"] = "yes"
		}
		if !x.FirstDay.IsZero() {
			sent["first_day"] = x.FirstDay.String()
		}
	}
	view := circulationView{Place: p, Connection: c, Sent: sent, Fault: fault, Trial: trial, Tried: tried}
	for _, d := range registers.Dimensions {
		view.Dimensions = append(view.Dimensions, d.Name)
	}
	if view.page, err = s.page(r, v, v.say.T("round.set.title"), "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = circulationPath(c.ID)
	return s.show(w, r, status, circulationPage(view))
}

// setCirculation stores what the form says, or tries it on what Procountor holds.
func (s *Server) setCirculation(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	sent := map[string]string{}
	for name := range r.PostForm {
		sent[name] = strings.TrimSpace(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
	}
	c := hub.Circulation{On: sent["on"] == "yes", Default: strings.ToLower(sent["default"]), Dimension: sent["dimension"]}
	var bad *circulation.BadLine
	var err error
	read := func(fn func() error) {
		if err == nil {
			err = fn()
		}
	}
	read(func() (err error) { c.Fields, err = circulation.ParseFields(sent["fields"]); return err })
	read(func() (err error) { c.Projects, err = circulation.ParseReceivers(sent["projects"]); return err })
	read(func() (err error) { c.Persons, err = circulation.ParseReceivers(sent["persons"]); return err })
	read(func() (err error) { c.Further, err = circulation.ParseFurther(sent["further"]); return err })
	if errors.As(err, &bad) {
		return s.showCirculation(w, r, v, http.StatusUnprocessableEntity, sent, v.say.T("round.set.bad-line", "n", bad.N, "line", bad.Text), nil, false)
	}
	if sent["first_day"] != "" {
		if c.FirstDay, err = civil.Parse(sent["first_day"]); err != nil {
			return errBadRequest
		}
	}
	if sent["remind_days"] != "" {
		if c.RemindDays, err = strconv.Atoi(sent["remind_days"]); err != nil || c.RemindDays < 0 || c.RemindDays > maxRemindDays {
			return errBadRequest
		}
	}
	if sent["try"] == "yes" {
		trial, err := s.o.Engine.TryCirculation(r.Context(), id, c)
		if err != nil {
			return found(err)
		}
		return s.showCirculation(w, r, v, http.StatusOK, sent, "", trial, true)
	}
	base, err := strconv.Atoi(sent["version"])
	if err != nil || base < 1 {
		return errBadRequest
	}
	var fault *engine.CirculationFault
	err = s.o.Engine.SetCirculation(r.Context(), v.person.ID, id, base, c)
	switch {
	case errors.As(err, &fault):
		return s.showCirculation(w, r, v, http.StatusUnprocessableEntity, sent, v.say.T("round.set."+fault.Code, "login", fault.Login), nil, false)
	case store.IsNotFound(err):
		return found(err)
	case err != nil:
		return err
	}
	s.say(r.Context(), true, v.say.T("round.set.saved"))
	return back(w, r, circulationPath(id))
}

// maxRemindDays is a quarter: whoever waits longer never answers.
const maxRemindDays = 90
