package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// A Teller is a small business system whose documents have a status and a day of
// payment: it is read, and told what has become of them.
type Teller struct {
	mu sync.Mutex
	// docs are its documents by their ids there, in the order of order.
	docs  map[string]*TellerDocument
	order []string
	// answers decide about the next requests that write, one each: "" to take it,
	// "lost" to take it without an answer, "before" to break before it is taken,
	// "busy", "refused", "silent" to take it and show nothing, "ignored" to show nothing
	// and not to take it.
	answers []string
	// Luck decides about requests of which Answer has not.
	Luck   func() string
	denied bool
	gone   bool // the status after the transfer
	told   []string
	reads  int
}

// A TellerDocument is a document of the system, and what the system says of it.
type TellerDocument struct {
	*hub.Document
	Status, PaidOn string
}

// The statuses of the system.
const (
	TellerReady = "Ready to transfer"
	TellerMoved = "Transferred to Procountor"
	TellerPaid  = "Paid"
)

// NewTeller returns an empty one.
func NewTeller() *Teller { return &Teller{docs: map[string]*TellerDocument{}} }

// Into prepares a world for it.
func (s *Teller) Into(cfg *Config) {
	cfg.Sources = source.NewRegistry(source.Kind{Name: "teller", Title: "Teller", Open: func(source.Env, source.Config) (source.Driver, error) { return (*tellerDriver)(s), nil }})
}

// Teller connects the world to s, tells it everything, and reads it every ten minutes.
func (w *World) Teller(s *Teller, telling hub.Telling) {
	w.T.Helper()
	w.Must(w.Engine.SetSource(w.T.Context(), "test", store.Source{Connection: w.Connection.ID, Kind: "teller", Schedule: source.Schedule{Every: 10 * time.Minute}}, source.Config{}))
	settings := w.Connection.Settings
	settings.Telling = telling
	w.SetSettings(settings)
}

// Pull reads the source of the world's connection, ten minutes later.
func (w *World) Pull() *store.Pull {
	w.T.Helper()
	w.Clock.Add(10 * time.Minute)
	p, err := w.Engine.Pull(w.T.Context(), w.Connection.ID)
	w.Must(err)
	if p == nil {
		w.T.Fatal("the source is not due")
	}
	return p
}

// Reports are the transfers by which sources are told.
func (w *World) Reports() (list []hub.Transfer) {
	for _, t := range w.Transfers() {
		if t.Kind == hub.ReportTransfer {
			list = append(list, t)
		}
	}
	return list
}

// Put enters documents, ready to be transferred.
func (s *Teller) Put(docs ...*hub.Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range docs {
		if s.docs[d.SourceID] == nil {
			s.docs[d.SourceID] = &TellerDocument{Status: TellerReady}
			s.order = append(s.order, d.SourceID)
		}
		s.docs[d.SourceID].Document = d
	}
}

// Set lets somebody there set what the system says of a document.
func (s *Teller) Set(number, status, paidOn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.docs {
		if d.Number == number {
			d.Status, d.PaidOn = status, paidOn
		}
	}
}

// Says is what the system says of a document.
func (s *Teller) Says(number string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.docs {
		if d.Number == number {
			return strings.TrimSpace(d.Status + " " + d.PaidOn)
		}
	}
	return ""
}

// Of is what the system says of the document with an id.
func (s *Teller) Of(sourceID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.docs[sourceID]; d != nil {
		return strings.TrimSpace(d.Status + " " + d.PaidOn)
	}
	return ""
}

// Answer decides about the next requests that write; see [Teller].
func (s *Teller) Answer(answers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// Deny refuses every request, or no more.
func (s *Teller) Deny(on bool) { s.mu.Lock(); defer s.mu.Unlock(); s.denied = on }

// Forget takes the status after the transfer away, or back.
func (s *Teller) Forget(on bool) { s.mu.Lock(); defer s.mu.Unlock(); s.gone = on }

// Told are the requests that were carried out, a line each.
func (s *Teller) Told() []string { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.told) }

// Reads is how often the system was asked about a single document.
func (s *Teller) Reads() int { s.mu.Lock(); defer s.mu.Unlock(); return s.reads }

// A tellerDriver is the connector of a [Teller].
type tellerDriver Teller

// Pull shows every document, always: the cursor is the number of the reading.
func (d *tellerDriver) Pull(_ context.Context, cursor source.Cursor, limit int) (p source.Page, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.denied {
		return p, fmt.Errorf("%w: key revoked", source.ErrDenied)
	}
	var round, at int
	_, _ = fmt.Sscanf(string(cursor), "%d/%d", &round, &at)
	for ; at < len(d.order) && len(p.Documents) < limit; at++ {
		x := d.docs[d.order[at]]
		p.Documents = append(p.Documents, source.Found{Document: x.Document, Past: x.Status != TellerReady})
	}
	if p.More = at < len(d.order); !p.More {
		round, at = round+1, 0
	}
	p.Next = source.Cursor(fmt.Sprintf("%d/%d", round, at))
	return p, nil
}

type tellerBody struct{ Status, PaidOn string }

func (x *TellerDocument) says() []hub.Said {
	return []hub.Said{{Field: "status", Value: x.Status}, {Field: "payment_date", Value: x.PaidOn}}
}

// Report compares; see [source.Reporter].
func (d *tellerDriver) Report(_ context.Context, id string, r, told hub.Report) (rep source.Reporting, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	x := d.docs[id]
	switch {
	case d.denied:
		return rep, fmt.Errorf("%w: key revoked", source.ErrDenied)
	case x == nil:
		return rep, fmt.Errorf("%w: %s is not there", source.ErrRefused, id)
	case d.gone:
		rep.Fault = new(hub.NewFault(hub.ReportSettings, "", "", "reason", "status "+TellerMoved))
		return rep, nil
	}
	rep.Says = x.says()
	want := tellerBody{x.Status, x.PaidOn}
	switch {
	case r.Paid == hub.PaidFully:
		want.Status, want.PaidOn = TellerPaid, r.PaidOn.String()
	case told.Paid == hub.PaidFully:
		if x.Status == TellerPaid {
			rep.Fault = new(hub.NewFault(hub.ReportUnpaid, "", "", "now", x.Status))
		}
		return rep, nil
	case r.Arrived && x.Status != TellerPaid:
		want.Status = TellerMoved
	}
	if want == (tellerBody{x.Status, x.PaidOn}) {
		return rep, nil
	}
	rep.Would = []hub.Said{{Field: "status", Value: want.Status}, {Field: "payment_date", Value: want.PaidOn}}
	if x.Status != TellerReady && x.Status != TellerMoved {
		rep.Fault = new(hub.NewFault(hub.ReportLeft, "", "", "now", x.Status, "would", want.Status).Warn())
		return rep, nil
	}
	rep.Body, err = json.Marshal(want)
	return rep, err
}

// Tell sets the fields of a document.
func (d *tellerDriver) Tell(_ context.Context, id string, body []byte) (rep source.Reporting, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer := ""
	if len(d.answers) > 0 {
		answer, d.answers = d.answers[0], d.answers[1:]
	} else if d.Luck != nil {
		answer = d.Luck()
	}
	switch {
	case d.denied:
		return rep, fmt.Errorf("%w: key revoked", source.ErrDenied)
	case answer == "busy":
		return rep, &source.BusyError{Reason: "429"}
	case answer == "refused":
		return rep, fmt.Errorf("%w: locked", source.ErrRefused)
	case answer == "ignored":
		return source.Reporting{Body: body}, nil
	case answer == "before":
		return rep, errors.New("connection reset")
	}
	var b tellerBody
	if err := json.Unmarshal(body, &b); err != nil {
		return rep, err
	}
	x := d.docs[id]
	x.Status, x.PaidOn = b.Status, b.PaidOn
	d.told = append(d.told, strings.TrimSpace(x.Number+" "+b.Status+" "+b.PaidOn))
	switch answer {
	case "lost":
		return rep, errors.New("connection reset")
	case "silent":
		return source.Reporting{Body: body}, nil
	}
	return source.Reporting{Says: x.says()}, nil
}

var _ source.Reporter = (*tellerDriver)(nil)
