package sourcetest

import (
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

// A WriterHarness is a [Harness] of a system that takes something back.
type WriterHarness interface {
	Harness
	// Project is the code of a project that the system knows, and Other another one.
	Project() (project, other string)
	// Recorded is what the system holds of what was written back, oldest first.
	Recorded(t *testing.T) []Recorded
	// Lose lets the system carry out the next write and lose its answer; Busy lets it
	// refuse the next one for now; Silent lets it answer from now on without showing
	// what it has made.
	Lose(t *testing.T)
	Busy(t *testing.T)
	Silent(t *testing.T)
}

// A ChangerHarness is a [WriterHarness] of a system whose records may be changed and
// removed. The suite runs its part when the connector is a [source.Changer].
type ChangerHarness interface {
	WriterHarness
	// Edit lets somebody there change what a record costs; Invoice lets somebody put it
	// on an invoice.
	Edit(t *testing.T, id, amount string)
	Invoice(t *testing.T, id string)
}

// Recorded is a record in a system.
type Recorded struct {
	ID, Project, Text string
	Net               money.Amount
	Number            string // of the purchase invoice
}

// bought is a purchase invoice from Procountor with rows on projects, "" for none.
func bought(number string, rows ...[2]string) *hub.Document {
	d := &hub.Document{Kind: hub.PurchaseInvoice, SourceID: "procountor/" + number, Number: number, VoucherNumber: "20017", Date: civil.Must("2026-03-02"), Currency: "EUR",
		Seller: hub.Party{Name: "Rautakauppa Öljymäki & Pojat Oy"}}
	for _, r := range rows {
		net := money.Must(r[1])
		l := hub.Line{Name: "Tarvikkeet", Net: &net, VATPercent: money.Must("25.5")}
		if r[0] != "" {
			l.Dimensions = []hub.Dimension{{Axis: hub.BackAxis, Code: r[0], Name: r[0] + " Remontti"}}
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}

// RunWriter runs the suite of those that are written to; newHarness makes an empty
// system for each test.
func RunWriter(t *testing.T, newHarness func(t *testing.T) WriterHarness) {
	for _, x := range []struct {
		name string
		test func(*writing)
	}{
		{"Describe", describeRecords}, {"Once", once}, {"Silent", silent}, {"Lost", lost}, {"Denied", deniedWrite}, {"Busy", busy},
		{"Restart", restart}, {"Others", others}, {"Compare", compareRecords}, {"Mark", marks},
		{"Change", changeRecord}, {"Remove", removeRecord}, {"Touched", touchedRecord},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := newHarness(t)
			r := &writing{run: run{t: t, h: h}, h: h}
			x.test(r)
			seen := r.log.String() + strings.Join(r.all, "\n")
			for _, s := range h.Secrets() {
				if s != "" && strings.Contains(seen, s) {
					t.Error("a secret stands in a log line or an error")
				}
			}
		})
	}
}

type writing struct {
	run
	h WriterHarness
}

func (r *writing) writer() source.Writer {
	r.t.Helper()
	d := r.h.Open(r.t, source.Env{Log: slog.New(slog.NewTextHandler(&r.log, nil)), Now: func() time.Time { return now }})
	w, ok := d.(source.Writer)
	if !ok || !slices.Contains(source.Capabilities(d), source.Writes) {
		r.t.Fatalf("%T takes nothing back, or does not say so", d)
	}
	return w
}

// marked is the one record of a document with the mark of an attempt.
func (r *writing) marked(w source.Writer, number string, attempt int) (body []byte, key string) {
	r.t.Helper()
	project, _ := r.h.Project()
	list, faults, err := w.Records(r.t.Context(), bought(number, [2]string{project, "100.00"}))
	if err != nil || len(list) != 1 || hub.Stops(faults) {
		r.t.Fatalf("%d records, %v", len(list), faults)
	}
	key = hub.StepKey("company", "connection", number, 1, hub.WriteRecord, 1, attempt)
	body, err = w.Marked(list[0].Body, hub.Mark("Procountor", "20017", key))
	if err != nil {
		r.t.Fatal(err)
	}
	return body, key
}

func (r *writing) there(n int) []Recorded {
	r.t.Helper()
	list := r.h.Recorded(r.t)
	if len(list) != n {
		r.t.Fatalf("the system holds %d records, want %d: %+v", len(list), n, list)
	}
	return list
}

// look returns what carries a key.
func (r *writing) look(w source.Writer, key string) (mine []source.Written) {
	r.t.Helper()
	list, err := w.Look(r.t.Context(), now.Add(-time.Hour))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, x := range list {
		if x.Key == key {
			mine = append(mine, x)
		}
	}
	return mine
}

// describeRecords: one record for each project, with the sum of its rows, whatever
// their order; none without a project; and what cannot be a project holds all.
func describeRecords(r *writing) {
	w := r.writer()
	a, b := r.h.Project()
	list, faults, err := w.Records(r.t.Context(), bought("77", [2]string{b, "10.10"}, [2]string{a, "5.00"}, [2]string{"", "99.00"}, [2]string{b, "-0.10"}))
	if err != nil || len(list) != 2 || len(faults) > 0 {
		r.t.Fatalf("%d records, %v", len(list), faults)
	}
	again, _, _ := w.Records(r.t.Context(), bought("77", [2]string{a, "5.00"}, [2]string{b, "-0.10"}, [2]string{b, "10.10"}))
	for i := range list {
		if len(again) != 2 || list[i].Part != again[i].Part || string(list[i].Body) != string(again[i].Body) {
			r.t.Errorf("other rows of the same sums: %+v", again)
		}
		body, err := w.Marked(list[i].Body, hub.Mark("Procountor", "20017", hub.StepKey("c", "c", "77", 1, hub.WriteRecord, i+1, 1)))
		if err != nil {
			r.t.Fatal(err)
		}
		if _, err := w.Write(r.t.Context(), body); err != nil {
			r.t.Fatal(err)
		}
	}
	sums := map[string]string{}
	for _, x := range r.there(2) {
		sums[x.Project] = x.Net.Fixed(2) + " " + x.Number
		if !strings.Contains(x.Text, "Rautakauppa Öljymäki & Pojat Oy") {
			r.t.Errorf("nobody knows whose it is: %q", x.Text)
		}
	}
	if sums[a] != "5.00 77" || sums[b] != "10.00 77" {
		r.t.Errorf("%v", sums)
	}
	if list, faults, err := w.Records(r.t.Context(), bought("78", [2]string{"", "99.00"})); err != nil || len(list) != 0 || len(faults) != 0 {
		r.t.Errorf("without a project: %v %v", list, faults)
	}
	if list, faults, err := w.Records(r.t.Context(), bought("79", [2]string{a, "1.00"}, [2]string{"Yleiset", "99.00"})); err != nil || !hub.Stops(faults) {
		r.t.Errorf("what is no project of the system's: %v %v", list, faults)
	}
}

// once: a write makes one record, shown with our mark by the answer or by a look.
func once(r *writing) {
	w := r.writer()
	body, key := r.marked(w, "77", 1)
	got, err := w.Write(r.t.Context(), body)
	if err != nil || got.ID != "" && got.Key != key {
		r.t.Fatalf("%+v, %v", got, err)
	}
	list := r.there(1)
	mine := r.look(w, key)
	if len(mine) != 1 || mine[0].ID != list[0].ID || got.ID != "" && got.ID != mine[0].ID {
		r.t.Errorf("wrote %+v, found %+v", got, mine)
	}
	if len(w.Compare(body, mine[0])) > 0 {
		r.t.Errorf("not what was sent: %v", w.Compare(body, mine[0]))
	}
}

// silent: an answer that shows nothing is no proof, and no error.
func silent(r *writing) {
	r.h.Silent(r.t)
	w := r.writer()
	body, key := r.marked(w, "77", 1)
	if got, err := w.Write(r.t.Context(), body); err != nil || got.ID != "" {
		r.t.Fatalf("%+v, %v", got, err)
	}
	if mine := r.look(w, key); len(mine) != 1 {
		r.t.Errorf("found %+v", mine)
	}
}

// lost: an answer that is lost says nothing, and a look finds the record.
func lost(r *writing) {
	w := r.writer()
	body, key := r.marked(w, "77", 1)
	r.h.Lose(r.t)
	_, err := w.Write(r.t.Context(), body)
	if err == nil || errors.Is(err, source.ErrBusy) || errors.Is(err, source.ErrDenied) || errors.Is(err, source.ErrRefused) {
		r.t.Fatalf("a lost answer: %v", err)
	}
	r.note(err)
	r.there(1)
	if mine := r.look(w, key); len(mine) != 1 {
		r.t.Errorf("found %+v", mine)
	}
}

func deniedWrite(r *writing) {
	w := r.writer()
	body, _ := r.marked(w, "77", 1)
	r.h.Deny(r.t)
	_, err := w.Write(r.t.Context(), body)
	_, lookErr := w.Look(r.t.Context(), now)
	for _, err := range []error{err, lookErr} {
		if r.note(err); !errors.Is(err, source.ErrDenied) {
			r.t.Errorf("got %v, want ErrDenied", err)
		}
	}
	r.there(0)
}

func busy(r *writing) {
	w := r.writer()
	body, _ := r.marked(w, "77", 1)
	r.h.Busy(r.t)
	_, err := w.Write(r.t.Context(), body)
	if r.note(err); !errors.Is(err, source.ErrBusy) {
		r.t.Errorf("got %v, want ErrBusy", err)
	}
	r.there(0)
	if _, err := w.Write(r.t.Context(), body); err != nil {
		r.t.Error(err)
	}
	r.there(1)
}

// restart: another process finds the mark.
func restart(r *writing) {
	w := r.writer()
	body, key := r.marked(w, "77", 2)
	if _, err := w.Write(r.t.Context(), body); err != nil {
		r.t.Fatal(err)
	}
	if mine := r.look(r.writer(), key); len(mine) != 1 {
		r.t.Errorf("found %+v", mine)
	}
}

// others: among many records each mark finds its own, and what is not ours has none.
func others(r *writing) {
	w := r.writer()
	keys := map[string]string{}
	for i := range 130 {
		number := fmt.Sprint(100 + i)
		body, key := r.marked(w, number, 1)
		keys[key] = number
		if _, err := w.Write(r.t.Context(), body); err != nil {
			r.t.Fatal(err)
		}
	}
	list, err := w.Look(r.t.Context(), now.Add(-time.Hour))
	if err != nil {
		r.t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range list {
		if keys[x.Key] == "" || seen[x.Key] || x.ID == "" {
			r.t.Errorf("%+v", x)
		}
		seen[x.Key] = true
	}
	if len(seen) != len(keys) {
		r.t.Errorf("found %d of %d", len(seen), len(keys))
	}
}

// compareRecords: what is saved otherwise is told.
func compareRecords(r *writing) {
	w := r.writer()
	body, key := r.marked(w, "77", 1)
	if _, err := w.Write(r.t.Context(), body); err != nil {
		r.t.Fatal(err)
	}
	project, _ := r.h.Project()
	more, _, _ := w.Records(r.t.Context(), bought("77", [2]string{project, "100.01"}))
	dearer, err := w.Marked(more[0].Body, hub.Mark("Procountor", "20017", key))
	if err != nil {
		r.t.Fatal(err)
	}
	faults := w.Compare(dearer, r.look(w, key)[0])
	if len(faults) != 1 || faults[0].Code != hub.RecordDiffers {
		r.t.Errorf("%+v", faults)
	}
}

// marks: the same record and mark give the same bytes, and a new attempt another mark.
func marks(r *writing) {
	w := r.writer()
	one, _ := r.marked(w, "77", 1)
	same, _ := r.marked(w, "77", 1)
	other, _ := r.marked(w, "77", 2)
	if string(one) != string(same) || string(one) == string(other) {
		r.t.Errorf("%s\n%s\n%s", one, same, other)
	}
}

// changer is the connector as one that changes records, nil when it does not.
func (r *writing) changer() source.Changer {
	c, ok := r.writer().(source.Changer)
	if _, declared := r.h.(ChangerHarness); ok && !declared {
		r.t.Fatalf("%T is a source.Changer, and its harness no ChangerHarness", c)
	}
	return c
}

// made writes a record and returns it as a look shows it.
func (r *writing) made(w source.Writer) (marked []byte, there source.Written) {
	r.t.Helper()
	body, key := r.marked(w, "77", 1)
	if _, err := w.Write(r.t.Context(), body); err != nil {
		r.t.Fatal(err)
	}
	return body, r.look(w, key)[0]
}

// changeRecord: a record says what it is changed to, with the mark of the change; and
// an answer that is lost says nothing.
func changeRecord(r *writing) {
	c := r.changer()
	if c == nil {
		return
	}
	_, there := r.made(c)
	project, _ := r.h.Project()
	for attempt, lost := range []bool{false, true} {
		amount := fmt.Sprintf("%d.50", 120+attempt)
		list, _, err := c.Records(r.t.Context(), bought("77", [2]string{project, amount}))
		if err != nil {
			r.t.Fatal(err)
		}
		key := hub.StepKey("company", "connection", "77", 2+attempt, hub.ChangeRecord, 1, 1)
		marked, err := c.Marked(list[0].Body, hub.Mark("Procountor", "20017", key))
		if err != nil {
			r.t.Fatal(err)
		}
		if lost {
			r.h.Lose(r.t)
		}
		got, err := c.Change(r.t.Context(), there.ID, marked)
		if lost != (err != nil) || errors.Is(err, source.ErrRefused) || errors.Is(err, source.ErrDenied) || errors.Is(err, source.ErrBusy) || !lost && got.ID != "" && got.Key != key {
			r.t.Errorf("%+v, %v", got, err)
		}
		r.note(err)
		if now := r.there(1)[0]; now.ID != there.ID || now.Net.Fixed(2) != amount {
			r.t.Errorf("%+v", now)
		}
		mine := r.look(c, key)
		if len(mine) != 1 || mine[0].ID != there.ID || len(c.Compare(marked, mine[0])) > 0 || c.Touched(marked, mine[0]) != nil {
			r.t.Errorf("found %+v", mine)
		}
	}
	r.h.Deny(r.t)
	if _, err := c.Change(r.t.Context(), there.ID, []byte("{}")); !errors.Is(err, source.ErrDenied) {
		r.t.Errorf("denied: %v", err)
	}
}

// removeRecord: a record is gone, and that it is gone already is no error.
func removeRecord(r *writing) {
	c := r.changer()
	if c == nil {
		return
	}
	_, there := r.made(c)
	r.h.Lose(r.t)
	if err := c.Remove(r.t.Context(), there.ID); err == nil || errors.Is(err, source.ErrRefused) {
		r.t.Errorf("a lost answer: %v", err)
	}
	r.there(0)
	if err := c.Remove(r.t.Context(), there.ID); err != nil {
		r.t.Errorf("once more: %v", err)
	}
	if mine := r.look(c, there.Key); len(mine) != 0 {
		r.t.Errorf("still shown: %+v", mine)
	}
}

// touchedRecord: what somebody has edited, or put on an invoice, is to be left alone.
func touchedRecord(r *writing) {
	c := r.changer()
	if c == nil {
		return
	}
	h := r.h.(ChangerHarness)
	marked, there := r.made(c)
	if f := c.Touched(marked, there); f != nil {
		r.t.Errorf("as it was written: %v", f)
	}
	h.Edit(r.t, there.ID, "99.00")
	if f := c.Touched(marked, r.look(c, there.Key)[0]); f == nil || f.Code != hub.RecordEdited || f.Args["field"] == "" {
		r.t.Errorf("edited: %v", f)
	}
	h.Edit(r.t, there.ID, "100.00")
	h.Invoice(r.t, there.ID)
	if f := c.Touched(marked, r.look(c, there.Key)[0]); f == nil || f.Code != hub.RecordInvoiced {
		r.t.Errorf("invoiced: %v", f)
	}
}
