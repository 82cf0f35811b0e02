// Package sourcetest is the suite that every connector passes. A connector
// supplies a [Harness] and nothing else; what its system cannot do it says in
// [Harness.Exceptions], with a reason and a date, and a test that is excepted must
// really not hold for it to be left out.
package sourcetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// A Harness puts documents into a business system and opens the connector on it.
type Harness interface {
	Kind() source.Kind
	// Seed puts these documents into the system, beside those that are there. A
	// number that is there already is a change of that document.
	Seed(t *testing.T, docs []Seed)
	// Open starts the connector as after a restart: with nothing but what the
	// system holds.
	Open(t *testing.T, env source.Env) source.Driver
	// Deny makes the system refuse us from now on.
	Deny(t *testing.T)
	// Writes counts what the connector has changed in the system, beyond what a
	// [source.Settler] may tidy up.
	Writes(t *testing.T) int
	// Secrets lists what must never be seen in an error or a log line.
	Secrets() []string
	// Exceptions says which tests cannot hold.
	Exceptions() []Exception
}

// An Exception leaves a test out.
type Exception struct {
	Test, Reason string
	Date         civil.Date // when that was last looked at
}

// A Seed is a sales invoice or credit note in the words of the suite.
type Seed struct {
	Number     string
	Date       civil.Date
	Changed    time.Time
	CreditNote bool
	Buyer      string
	Text       string
	Rows       []Row
}

// A Row of a Seed; on a credit note the quantity is negative.
type Row struct {
	Name                        string
	Quantity, Price, VATPercent money.Amount
}

// Net is the row's sum without VAT, to the cent.
func (r Row) Net() money.Amount { return r.Quantity.Mul(r.Price).RoundHalfUp(2) }

// VAT is the row's VAT, to the cent.
func (r Row) VAT() money.Amount { return r.Net().Percent(r.VATPercent).RoundHalfUp(2) }

// Totals adds the rows up.
func (s Seed) Totals() (net, vat money.Amount) {
	for _, r := range s.Rows {
		net, vat = net.Add(r.Net()), vat.Add(r.VAT())
	}
	return net, vat
}

// now is the time of the whole suite; everything was changed an hour ago or before.
var now = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// maxPages ends a walk that would never end.
const maxPages = 500

func seed(number string, ago time.Duration) Seed {
	return Seed{
		Number: number, Date: civil.Must("2026-03-01"), Changed: now.Add(-time.Hour - ago), Buyer: "Rantalan Veistämö Ky",
		Rows: []Row{{"Lauta", money.Must("10"), money.Must("4.00"), money.Must("25.5")}},
	}
}

// seeds returns n documents, a minute apart, oldest first.
func seeds(n int) []Seed {
	var list []Seed
	for i := range n {
		list = append(list, seed(fmt.Sprintf("%04d", 1001+i), time.Duration(n-i)*time.Minute))
	}
	return list
}

// run is one harness under test.
type run struct {
	t   *testing.T
	h   Harness
	log bytes.Buffer
	all []string // every error seen
}

func (r *run) open() *source.Source {
	env := source.Env{Log: slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: func() time.Time { return now }}
	return source.New("the system", r.h.Open(r.t, env))
}

// walk reads everything from a cursor, opening the connector anew before each page.
func (r *run) walk(cursor source.Cursor, limit int) ([]source.Found, source.Cursor) {
	r.t.Helper()
	var list []source.Found
	for range maxPages {
		p, err := r.open().Pull(r.t.Context(), cursor, limit)
		if err != nil {
			r.t.Fatal(err)
		}
		list = append(list, p.Documents...)
		cursor = p.Next
		if !p.More {
			return list, cursor
		}
	}
	r.t.Fatalf("no end after %d pages", maxPages)
	return nil, ""
}

// settled reads once more, so that a settler has tidied up what the walk stored.
func (r *run) settled(cursor source.Cursor) source.Cursor {
	r.t.Helper()
	list, next := r.walk(cursor, 100)
	if len(list) > 0 {
		r.t.Fatalf("%d documents came again", len(list))
	}
	return next
}

func numbers(list []source.Found) string {
	var n []string
	for _, f := range list {
		n = append(n, f.Document.Number)
	}
	return strings.Join(n, " ")
}

func want(list []Seed) string {
	var n []string
	for _, s := range list {
		n = append(n, s.Number)
	}
	return strings.Join(n, " ")
}

// Run runs the suite; newHarness makes an empty system for each test.
func Run(t *testing.T, newHarness func(t *testing.T) Harness) {
	tests := []struct {
		name string
		test func(*run)
	}{
		{"Describe", describe}, {"Denied", deniedOnce}, {"Empty", empty}, {"All", nil}, {"Resume", resume},
		{"SameInstant", sameInstant}, {"Late", late}, {"Change", change}, {"Repeat", repeat}, {"Unstored", unstored},
		{"Amounts", amounts}, {"Days", days}, {"Text", text}, {"Cancel", cancel}, {"Capabilities", capabilities},
	}
	excepted := map[string]Exception{}
	for _, e := range newHarness(t).Exceptions() {
		if e.Reason == "" || e.Date.IsZero() || !slices.ContainsFunc(tests, func(x struct {
			name string
			test func(*run)
		}) bool {
			return x.name == e.Test
		}) {
			t.Errorf("exception %+v needs the name of a test, a reason and a date", e)
		}
		excepted[e.Test] = e
	}
	for _, x := range tests {
		if _, ok := excepted[x.name]; ok {
			continue
		}
		t.Run(x.name, func(t *testing.T) {
			if x.test == nil { // a new system for each page size
				for _, limit := range []int{1, 2, 3, 5, 6} {
					r := &run{t: t, h: newHarness(t)}
					allOf(r, limit)
					r.quiet()
				}
				return
			}
			r := &run{t: t, h: newHarness(t)}
			x.test(r)
			r.quiet()
		})
	}
}

// quiet holds after every test: nothing written, no secret shown.
func (r *run) quiet() {
	if n := r.h.Writes(r.t); n != 0 {
		r.t.Errorf("the connector changed %d things in the system", n)
	}
	seen := r.log.String() + strings.Join(r.all, "\n")
	for _, s := range r.h.Secrets() {
		if s != "" && strings.Contains(seen, s) {
			r.t.Error("a secret stands in a log line or an error")
		}
	}
}

func describe(r *run) {
	k := r.h.Kind()
	if k.Name == "" || k.Title == "" || k.Help == "" || k.Open == nil {
		r.t.Errorf("kind %q lacks a title, a help text or a way to open it", k.Name)
	}
	for _, o := range k.Options {
		if o.Name == "" || len(o.Help) < 20 || !strings.HasSuffix(o.Help, ".") {
			r.t.Errorf("option %q needs a help text in whole sentences", o.Name)
		}
		if o.Default != "" && len(o.Choices) > 0 && !slices.Contains(o.Choices, o.Default) {
			r.t.Errorf("option %q: the default is none of the choices", o.Name)
		}
		if o.Secret && o.Default != "" {
			r.t.Errorf("option %q: a secret has no default", o.Name)
		}
	}
	if err := k.Check(source.Config{Values: map[string]string{"no such option": "x"}}); err == nil {
		r.t.Error("an unknown option is not noticed")
	}
}

func deniedOnce(r *run) {
	r.h.Seed(r.t, seeds(1))
	r.h.Deny(r.t)
	_, err := r.open().Pull(r.t.Context(), "", 10)
	if !errors.Is(err, source.ErrDenied) || errors.Is(err, source.ErrBusy) {
		r.t.Errorf("got %v, want ErrDenied", err)
	}
	r.note(err)
}

func (r *run) note(err error) {
	if err != nil {
		r.all = append(r.all, err.Error())
	}
}

func empty(r *run) {
	p, err := r.open().Pull(r.t.Context(), "", 10)
	if err != nil || len(p.Documents) != 0 || p.More {
		r.t.Fatalf("an empty system: %+v, %v", p, err)
	}
	again, err := r.open().Pull(r.t.Context(), p.Next, 10)
	if err != nil || again.Next != p.Next {
		r.t.Errorf("the cursor moved from %q to %q without a document, %v", p.Next, again.Next, err)
	}
}

// allOf: each document once in total, oldest first, whatever the page size.
func allOf(r *run, limit int) {
	list := seeds(5)
	r.h.Seed(r.t, list)
	got, cursor := r.walk("", limit)
	if numbers(got) != want(list) {
		r.t.Errorf("pages of %d: %s, want %s", limit, numbers(got), want(list))
	}
	r.settled(cursor)
}

// resume: what comes after the first read is found from its cursor, alone.
func resume(r *run) {
	first := seeds(3)
	r.h.Seed(r.t, first)
	got, cursor := r.walk("", 2)
	if numbers(got) != want(first) {
		r.t.Errorf("first %s", numbers(got))
	}
	more := []Seed{seed("2001", -30*time.Minute), seed("2002", -40*time.Minute)}
	r.h.Seed(r.t, more)
	got, cursor = r.walk(cursor, 1)
	if numbers(got) != want(more) {
		r.t.Errorf("then %s, want %s", numbers(got), want(more))
	}
	r.settled(cursor)
}

func sameInstant(r *run) {
	var list []Seed
	for i := range 7 {
		list = append(list, seed(fmt.Sprintf("%04d", 1001+i), time.Minute))
	}
	r.h.Seed(r.t, list)
	got, cursor := r.walk("", 3)
	var n []string
	for _, f := range got {
		n = append(n, f.Document.Number)
	}
	slices.Sort(n)
	if strings.Join(n, " ") != want(list) {
		r.t.Errorf("got %v, want %s", n, want(list))
	}
	r.settled(cursor)
}

// late: what appears with an older time than that already read is found.
func late(r *run) {
	r.h.Seed(r.t, []Seed{seed("1001", 0)})
	_, cursor := r.walk("", 10)
	older := []Seed{seed("1000", 24*time.Hour)}
	r.h.Seed(r.t, older)
	got, cursor := r.walk(cursor, 10)
	if numbers(got) != want(older) {
		r.t.Errorf("got %q, want %s", numbers(got), want(older))
	}
	r.settled(cursor)
}

// change: a changed document comes again with its id and another version.
func change(r *run) {
	s := seed("1001", time.Minute)
	r.h.Seed(r.t, []Seed{s})
	first, cursor := r.walk("", 10)
	s.Rows[0].Price, s.Changed = money.Must("5.00"), s.Changed.Add(30*time.Second)
	r.h.Seed(r.t, []Seed{s})
	second, cursor := r.walk(cursor, 10)
	if len(first) != 1 || len(second) != 1 {
		r.t.Fatalf("%d, then %d documents", len(first), len(second))
	}
	a, b := first[0].Document, second[0].Document
	if a.SourceID != b.SourceID || a.Version() == b.Version() {
		r.t.Errorf("ids %s %s, versions equal: %v", a.SourceID, b.SourceID, a.Version() == b.Version())
	}
	r.settled(cursor)
}

// repeat: the same cursor gives the same documents, to the byte.
func repeat(r *run) {
	r.h.Seed(r.t, seeds(4))
	first, err := r.open().Pull(r.t.Context(), "", 3)
	if err != nil {
		r.t.Fatal(err)
	}
	again, err := r.open().Pull(r.t.Context(), "", 3)
	if err != nil {
		r.t.Fatal(err)
	}
	a, err := json.Marshal(first)
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := json.Marshal(again)
	if err != nil {
		r.t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		r.t.Errorf("the same cursor gave\n%s\nand\n%s", a, b)
	}
}

// unstored: a page that was read and never stored comes again.
func unstored(r *run) {
	list := seeds(4)
	r.h.Seed(r.t, list)
	s := r.open()
	p, err := s.Pull(r.t.Context(), "", 2)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := s.Pull(r.t.Context(), "", 2); err != nil { // the hub stopped before it stored the page
		r.t.Fatal(err)
	}
	got, cursor := r.walk(p.Next, 2)
	if numbers(got) != want(list[2:]) {
		r.t.Errorf("after the page that was stored: %s", numbers(got))
	}
	r.settled(cursor)
}

func amounts(r *run) {
	s := seed("1001", time.Minute)
	s.Rows = []Row{
		{"Kolme desimaalia", money.Must("3"), money.Must("0.335"), money.Must("25.5")},
		{"Nolla", money.Must("2"), money.Must("100.00"), money.Must("0")},
		{"Alennettu", money.Must("1.5"), money.Must("10.00"), money.Must("13.5")},
	}
	credit := seed("1002", 0)
	credit.CreditNote = true
	credit.Rows = []Row{{"Palautus", money.Must("-2"), money.Must("10.00"), money.Must("25.5")}}
	list := []Seed{s, credit}
	r.h.Seed(r.t, list)
	got, _ := r.walk("", 10)
	if len(got) != len(list) {
		r.t.Fatalf("%d documents", len(got))
	}
	for i, f := range got {
		d, from := f.Document, list[i]
		if hub.Stops(f.Faults) || d.CreditNote != from.CreditNote || len(d.Lines) != len(from.Rows) {
			r.t.Errorf("%s: %d lines, faults %+v", d.Number, len(d.Lines), f.Faults)
			continue
		}
		net, vat := from.Totals()
		if d.Totals.Gross == nil || !d.Totals.Gross.Equal(net.Add(vat)) {
			r.t.Errorf("%s comes to %v, want %s", d.Number, d.Totals.Gross, net.Add(vat))
		}
		for k, row := range from.Rows {
			l := d.Lines[k]
			if l.Quantity == nil || !l.Quantity.Equal(row.Quantity) || l.UnitPrice == nil || !l.UnitPrice.Equal(row.Price) || !l.VATPercent.Equal(row.VATPercent) ||
				l.Net != nil && !l.Net.Equal(row.Net()) {
				r.t.Errorf("%s: row %d is %+v, want %+v", d.Number, k+1, l, row)
			}
		}
	}
}

// days: an invoice of a day is of that day, at the ends of the year and on the
// nights when clocks change.
func days(r *run) {
	var list []Seed
	for i, day := range []string{"2025-12-31", "2026-01-01", "2026-03-29", "2026-10-25", "2024-02-29"} {
		s := seed(fmt.Sprintf("%04d", 1001+i), time.Duration(10-i)*time.Minute)
		s.Date = civil.Must(day)
		list = append(list, s)
	}
	r.h.Seed(r.t, list)
	got, _ := r.walk("", 10)
	if len(got) != len(list) {
		r.t.Fatalf("%d documents", len(got))
	}
	for i, f := range got {
		if f.Document.Date != list[i].Date {
			r.t.Errorf("%s became %s", list[i].Date, f.Document.Date)
		}
	}
}

func text(r *run) {
	var list []Seed
	for i, words := range []string{"Åke Öström & Söner <Oy> \"A\"", "Lähetys 🚚 maksettu", strings.Repeat("pitkä nimi ", 900), "ensimmäinen\ntoinen", "'; drop table document; --"} {
		s := seed(fmt.Sprintf("%04d", 1001+i), time.Duration(10-i)*time.Minute)
		s.Text = strings.TrimSpace(words)
		s.Rows[0].Name = strings.Fields(words)[0]
		list = append(list, s)
	}
	r.h.Seed(r.t, list)
	got, _ := r.walk("", 10)
	if len(got) != len(list) {
		r.t.Fatalf("%d documents", len(got))
	}
	for i, f := range got {
		if f.Document.Text != list[i].Text || f.Document.Lines[0].Name != list[i].Rows[0].Name {
			r.t.Errorf("%.100q became %.100q; faults %+v", list[i].Text, f.Document.Text, f.Faults)
		}
	}
}

// cancel: a cancelled read ends with the context's error and shows nothing.
func cancel(r *run) {
	r.h.Seed(r.t, seeds(2))
	ctx, stop := context.WithCancel(r.t.Context())
	stop()
	p, err := r.open().Pull(ctx, "", 10)
	if !errors.Is(err, context.Canceled) || len(p.Documents) > 0 {
		r.t.Errorf("got %d documents, %v", len(p.Documents), err)
	}
	r.note(err)
}

// capabilities: settling the same cursor again, or an old one, harms nothing.
func capabilities(r *run) {
	list := seeds(3)
	r.h.Seed(r.t, list)
	d := r.h.Open(r.t, source.Env{Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	s, ok := d.(source.Settler)
	if ok != slices.Contains(source.Capabilities(d), source.Settles) {
		r.t.Errorf("settles: %v, declared: %v", ok, source.Capabilities(d))
	}
	if !ok {
		return
	}
	p, err := r.open().Pull(r.t.Context(), "", 2)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range []source.Cursor{"", p.Next, p.Next, ""} {
		if err := s.Settle(r.t.Context(), c); err != nil {
			r.t.Errorf("settle %q: %v", c, err)
		}
	}
	got, _ := r.walk(p.Next, 2)
	if numbers(got) != want(list[2:]) {
		r.t.Errorf("after settling: %s", numbers(got))
	}
}
