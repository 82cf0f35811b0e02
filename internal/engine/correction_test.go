package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// ledger is what the journals in the books come to, by account.
func ledger(w *enginetest.World) map[string]string {
	sums := map[string]money.Amount{}
	for _, r := range journals(w) {
		for _, e := range r.Transactions {
			if e.TransactionType == "ENTRY" {
				sums[e.Account] = sums[e.Account].Add(money.Must(e.AccountingValue.String()))
			}
		}
	}
	out := map[string]string{}
	for account, sum := range sums {
		if !sum.IsZero() {
			out[account] = sum.Fixed(2)
		}
	}
	return out
}

func wantLedger(t *testing.T, w *enginetest.World, want map[string]string) {
	t.Helper()
	if got := ledger(w); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("in the books: %v, want %v", got, want)
	}
	if ids := w.Sandbox.Imbalance(w.Company.ProcountorID); len(ids) > 0 {
		t.Errorf("%v do not balance", ids)
	}
}

func decide(t *testing.T, w *enginetest.World, number string, a engine.Action) {
	t.Helper()
	if err := w.Engine.Act(t.Context(), "person", w.Transfer(number).ID, a, "agreed"); err != nil {
		t.Fatalf("%s %s: %v; %s", a, number, err, enginetest.Describe(w.Transfer(number)))
	}
	w.Settle()
}

// A document that changes after its month was summed is set right by a journal of
// the difference, or by one that turns it and a new one; the other documents of the
// sum stay as they are, and the books say what the documents say.
func TestChangedDocumentIsSetRight(t *testing.T) {
	for _, a := range []engine.Action{engine.Difference, engine.Reverse} {
		t.Run(string(a), func(t *testing.T) {
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				w := world(enginetest.Config{Writing: true, Settings: journaled(hub.PerMonth)})
				w.Receive(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "50"), enginetest.Purchase("P1", "40"))
				w.Settle()
				closeMonth(w, "2026-03")
				w.Settle()
				w.Receive(enginetest.Sale("1001", "120"))
				w.Settle()
				wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
				decide(t, w, "1001", a)
				wantState(t, w, "1001", hub.Done, "")
				wantLedger(t, w, map[string]string{"1700": "213.35", "3100": "-170.00", "2880": "-50.20", "4000": "40.00"})
				made := map[engine.Action]int{engine.Difference: 3, engine.Reverse: 4}[a]
				list := journals(w)
				if len(list) != made {
					t.Fatalf("%d journals", len(list))
				}
				for _, r := range list[2:] {
					if r.Status != "APPROVED" || !strings.Contains(r.TransactionDescription, "1001 Kuvitelma Kauppa Oy, muistiotosite 2026-03/1 (Procountor ") || r.ReceiptDate != "2026-03-31" {
						t.Errorf("%s %s %q", r.ReceiptDate, r.Status, r.TransactionDescription)
					}
				}
				// Again, the other way, and back to what it was.
				w.Receive(enginetest.Sale("1001", "90"))
				w.Settle()
				decide(t, w, "1001", engine.Reverse)
				w.Receive(enginetest.Sale("1001", "100"))
				w.Settle()
				decide(t, w, "1001", engine.Difference)
				wantState(t, w, "1001", hub.Done, "")
				wantLedger(t, w, map[string]string{"1700": "188.25", "3100": "-150.00", "2880": "-50.20", "4000": "40.00"})
				for _, err := range w.AuditStates(nil) {
					t.Error(err)
				}
			})
		})
	}
}

// What changes nothing in the books asks nobody.
func TestChangeThatTheBooksDoNotShow(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerMonth)})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	d := enginetest.Sale("1001", "100")
	d.Text, d.Lines[0].Name = "Kiitos", "Neuvonta"
	w.Receive(d)
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	if n := len(journals(w)); n != 1 {
		t.Errorf("%d journals", n)
	}
}

// A correction is dated on the day of the first journal while that month was never
// closed; else on the first open day after it; in Sweden never before today.
func TestCorrectionDay(t *testing.T) {
	for name, tc := range map[string]struct {
		country string
		close   bool
		reopen  bool
		want    string
	}{
		"open":                {country: "FI", want: "2026-03-10"},
		"closed":              {country: "FI", close: true, want: "2026-04-01"},
		"closed and reopened": {country: "FI", close: true, reopen: true, want: "2026-04-01"},
		"Sweden":              {country: "SE", want: "2026-04-05"},
	} {
		t.Run(name, func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument)})
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			closeMonth(w, "2026-03")
			w.Settle()
			w.Clock.Set(time.Date(2026, 4, 5, 9, 0, 0, 0, time.UTC))
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(`update company set country = $1`, tc.country)
				return err
			}))
			if tc.close {
				w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
				w.Step(t.Context())
			}
			if tc.reopen {
				w.Clock.Add(time.Hour)
				w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
				w.Step(t.Context())
			}
			w.Receive(enginetest.Sale("1001", "120"))
			w.Settle()
			decide(t, w, "1001", engine.Difference)
			list := journals(w)
			if len(list) != 2 || list[1].ReceiptDate != tc.want {
				t.Errorf("%d journals: %s; %s", len(list), list[len(list)-1].ReceiptDate, enginetest.Describe(w.Transfer("1001")))
			}
		})
	}
}

// Nothing is set right by itself, nor with content that the person did not see, nor
// twice at once; and what a correction builds on is not taken away below it.
func TestCorrectionIsGuarded(t *testing.T) {
	var w *enginetest.World
	posts := 0 // until the month is closed there
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument), Crash: func(p string) {
		if p == "post_journal/intended" && posts > 0 {
			if posts--; posts == 0 {
				w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
			}
		}
	}})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	if err := w.Engine.Act(t.Context(), "person", w.Transfer("1001").ID, engine.Difference, "why"); err == nil {
		t.Error("what has not changed is set right")
	}
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	id := w.Transfer("1001").ID
	for _, actor := range []string{"", "vienti"} {
		if err := w.Engine.Act(t.Context(), actor, id, engine.Reverse, "why"); err == nil {
			t.Errorf("set right by %q", actor)
		}
	}
	if err := w.Engine.Act(t.Context(), "person", id, engine.Reverse, " "); err == nil {
		t.Error("set right without a reason")
	}
	// Asked, and changed before it is done: asked anew.
	w.Must(w.Engine.Act(t.Context(), "person", id, engine.Difference, "why"))
	w.Receive(enginetest.Sale("1001", "130"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	if n := len(journals(w)); n != 1 {
		t.Fatalf("%d journals", n)
	}
	decide(t, w, "1001", engine.Difference)
	wantLedger(t, w, map[string]string{"1700": "163.15", "3100": "-130.00"})
	if err := w.Engine.Act(t.Context(), "person", journalOf(w, "1001").ID, engine.TakeBack, "why"); err == nil {
		t.Error("the first journal is taken back below its correction")
	}
	// The correction is: then the person is asked again.
	w.Must(w.Engine.Act(t.Context(), "person", journalOf(w, "1001/2").ID, engine.TakeBack, "why"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	wantLedger(t, w, map[string]string{"1700": "125.50", "3100": "-100.00"})
	// Turned and, before it is booked anew, refused and left out: nothing is booked, until it is retried.
	posts = 2
	w.Must(w.Engine.Act(t.Context(), "person", id, engine.Reverse, "why"))
	w.Settle()
	anew := journalOf(w, "1001/4")
	if !anew.State.NeedsPerson() {
		t.Fatalf("%s", enginetest.Describe(anew))
	}
	if err := w.Engine.Act(t.Context(), "person", journalOf(w, "1001/3").ID, engine.TakeBack, "why"); err == nil {
		t.Error("a reversal is taken back")
	}
	w.Must(w.Engine.Act(t.Context(), "person", anew.ID, engine.Skip, "why"))
	w.Settle()
	wantState(t, w, "1001", hub.Skipped, "")
	wantLedger(t, w, map[string]string{})
	w.Clock.Set(time.Date(2026, 4, 5, 9, 0, 0, 0, time.UTC))
	w.Must(w.Engine.Act(t.Context(), "person", id, engine.Retry, ""))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	wantLedger(t, w, map[string]string{"1700": "163.15", "3100": "-130.00"})
	if list := journals(w); list[len(list)-1].ReceiptDate != "2026-04-01" {
		t.Errorf("booked anew on %s", list[len(list)-1].ReceiptDate)
	}
	for _, err := range w.AuditStates(nil) {
		t.Error(err)
	}
}

// Whatever happens to documents in journals, with lost answers and crashes, and
// whatever persons answer, the sum of each chain is what its document says, and
// every journal balances.
func TestChainsComeToWhatDocumentsSay(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) { chains(t, seed, world) })
		})
	}
}

func chains(t *testing.T, seed uint64, world func(enginetest.Config) *enginetest.World) {
	r := rand.New(rand.NewPCG(seed, 2))
	var w *enginetest.World
	faults := 10
	w = world(enginetest.Config{Writing: true, Settings: journaled([]hub.JournalPer{hub.PerDocument, hub.PerMonth}[seed%2]), Crash: func(point string) {
		if !strings.HasSuffix(point, "/intended") || faults == 0 || r.IntN(3) > 0 {
			return
		}
		faults--
		kind := hub.StepKind(strings.TrimSuffix(point, "/intended"))
		w.Sandbox.PlanFault(fault(kind, []faulty.Kind{faulty.Before, faulty.After}[r.IntN(2)]))
		if r.IntN(3) == 0 {
			panic(enginetest.Crash(point))
		}
	}})
	now := map[string]*hub.Document{}
	var numbers []string
	show := func(n string) {
		var prices []string
		for range 1 + r.IntN(4) {
			prices = append(prices, fmt.Sprintf("%d.%02d", r.IntN(300), 1+r.IntN(99)))
		}
		d := enginetest.Sale(n, "1")
		if strings.HasPrefix(n, "P") {
			d = enginetest.Purchase(n, "1")
		}
		now[n] = enginetest.Rows(d, prices...)
		w.Receive(now[n])
	}
	for i := range 4 {
		numbers = append(numbers, fmt.Sprint(1001+i), fmt.Sprint("P", i))
	}
	for _, n := range numbers {
		show(n)
	}
	w.Settle()
	closeMonth(w, "2026-03")
	answers := []engine.Action{engine.Difference, engine.Reverse, engine.Difference, engine.Reverse, engine.Leave}
	for range 25 {
		n := numbers[r.IntN(len(numbers))]
		switch r.IntN(4) {
		case 0:
			show(n)
		case 1, 2:
			if tr := w.Transfer(n); tr.State == hub.Held {
				a := answers[r.IntN(len(answers))]
				w.Must(w.Engine.Act(t.Context(), "person", tr.ID, a, "why"))
			}
		default:
			for range 1 + r.IntN(4) {
				next, err := w.TryStep()
				w.Must(err)
				w.Clock.Set(next)
			}
		}
	}
	faults = 0
	for range 20 {
		w.Settle()
		open := slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { return w.Transfer(n).State == hub.Done })
		if len(open) == 0 {
			break
		}
		for _, n := range open {
			tr := w.Transfer(n)
			a := answers[r.IntN(4)]
			if tr.State == hub.DoneWithWarning {
				a = engine.Retry // left before: asked again
			}
			if err := w.Engine.Act(t.Context(), "person", tr.ID, a, "why"); err != nil {
				t.Fatalf("seed %d: %s %s: %v", seed, a, enginetest.Describe(tr), err)
			}
		}
	}
	want := map[string]money.Amount{}
	for _, n := range numbers {
		wantState(t, w, n, hub.Done, "")
		d := now[n]
		if d.Kind == hub.SalesInvoice {
			want["1700"], want["3100"] = want["1700"].Add(*d.Totals.Gross), want["3100"].Sub(*d.Totals.Net)
		} else {
			want["2880"], want["4000"] = want["2880"].Sub(*d.Totals.Gross), want["4000"].Add(*d.Totals.Net)
		}
	}
	text := map[string]string{}
	for account, sum := range want {
		text[account] = sum.Fixed(2)
	}
	wantLedger(t, w, text)
	for _, j := range journals(w) {
		for _, e := range j.Transactions {
			if left := money.Must(e.AccountingValue.String()); e.TransactionType != "ENTRY" && left.Abs().Cmp(money.Cents(int64(len(numbers)))) > 0 {
				t.Errorf("seed %d: journal %s evens out %s", seed, j.Name, left)
			}
		}
	}
	for _, err := range w.AuditStates(nil) {
		t.Errorf("seed %d: %v", seed, err)
	}
}
