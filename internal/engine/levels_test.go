package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// journaled makes journals, by the account map, and approves them.
func journaled(per hub.JournalPer) func(*hub.Settings) {
	return func(s *hub.Settings) {
		arriving(hub.ArriveApproved)(s)
		s.Level, s.Journal = hub.JournalLevel, hub.JournalSettings{Per: per, Receivables: "1700", Payables: "2880"}
		s.Accounts = []hub.AccountRule{{Sales: true, Account: enginetest.PostedOn}, {Purchases: true, Account: "4000"}}
	}
}

// journals are those in the books of the sandbox that are not invalidated.
func journals(w *enginetest.World) (list []procountortest.LedgerReceipt) {
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.Type == "JOURNAL" && r.Status != "INVALIDATED" {
			list = append(list, r)
		}
	}
	return list
}

// written are the writes that the sandbox has received.
func written(w *enginetest.World) (list []string) {
	for _, r := range w.Sandbox.Received() {
		if r.Method != "GET" && !strings.Contains(r.Path, "oauth") {
			list = append(list, r.Method+" "+r.Path)
		}
	}
	return list
}

// journalOf is the transfer of the newest journal with a number.
func journalOf(w *enginetest.World, number string) (found hub.Transfer) {
	for _, t := range w.Transfers() {
		if t.DocKind == hub.Journal && t.Number == number {
			found = t
		}
	}
	return found
}

func closeMonth(w *enginetest.World, month hub.Month) engine.PeriodReceipt {
	w.T.Helper()
	rc, err := w.Engine.ClosePeriod(w.T.Context(), "test", w.Connection.ID, month)
	w.Must(err)
	return rc
}

// A document at journal level waits for its month, becomes one journal when that
// is closed, balanced to the cent, and no invoice.
func TestJournalPerDocument(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument)})
		w.Receive(enginetest.NewParty(enginetest.Sale("1001", "100.10"), 1), enginetest.Purchase("P1", "50"))
		w.Settle()
		wantState(t, w, "1001", hub.Waiting, hub.WaitsForPeriod)
		if got := written(w); len(got) != 0 {
			t.Fatalf("written before the month is closed: %v", got)
		}
		if rc := closeMonth(w, "2026-03"); rc.Waiting != 2 || rc.Level != hub.JournalLevel {
			t.Errorf("%+v", rc)
		}
		w.Settle()
		wantState(t, w, "P1", hub.Done, "")
		list := journals(w)
		if len(list) != 2 || len(w.Sandbox.Invoices(w.Company.ProcountorID)) != 0 {
			t.Fatalf("%d journals, %d invoices", len(list), len(w.Sandbox.Invoices(w.Company.ProcountorID)))
		}
		var accounts []string
		for _, r := range list {
			if r.Status != "APPROVED" || r.ReceiptDate != "2026-03-10" {
				t.Errorf("%s %s", r.Status, r.ReceiptDate)
			}
			for _, e := range r.Transactions {
				accounts = append(accounts, e.Account+" "+e.AccountingValue.String())
			}
		}
		slices.Sort(accounts)
		if want := []string{"1700 125.63", "2880 -62.75", "3100 -100.10", "4000 50.00"}; !slices.Equal(accounts, want) {
			t.Errorf("%q", accounts)
		}
		if ids := w.Sandbox.Imbalance(w.Company.ProcountorID); len(ids) > 0 {
			t.Errorf("%v do not balance", ids)
		}
	})
}

// One journal of a month for the sales and one for the purchases, summed, with a
// list of the documents; sales to other member states stand alone. What comes
// later makes a further journal.
func TestJournalPerMonth(t *testing.T) {
	for _, inFlight := range []int{1, 8} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, InFlight: inFlight, Settings: journaled(hub.PerMonth)})
		eu := enginetest.Sale("1004", "1000")
		eu.Buyer = hub.Party{Name: "Beispiel GmbH", VATNumber: "DE123456788", Address: hub.Address{Street: "Weg 1", Zip: "10115", City: "Berlin", Country: "DE"}}
		l := &eu.Lines[0]
		zero := money.Zero
		l.VATCategory, l.VATPercent, l.Supply, l.VAT, l.Gross = "K", zero, "goods", &zero, l.Net
		eu.Totals = hub.Totals{Net: l.Net, VAT: &zero, Gross: l.Net}
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "0.10"), enginetest.Credit("1003", "30", "1001"), eu, enginetest.Purchase("P1", "50"))
		w.Settle()
		closeMonth(w, "2026-03")
		w.Settle()
		var got []string
		for _, r := range journals(w) {
			s := r.Name + " " + r.ReceiptDate + " " + r.PartnerCode + fmt.Sprintf(" %d files:", len(r.Attachments))
			for _, e := range r.Transactions {
				s += " " + e.Account + " " + e.AccountingValue.String()
			}
			got = append(got, s)
		}
		slices.Sort(got)
		want := []string{
			"Beispiel GmbH 1004 2026-03-10 DE123456788 0 files: 1700 1000.00 3100 -1000.00",
			"Myyntilaskut 2026-03/1 2026-03-31  1 files: 1700 87.98 3100 -70.10",
			"Ostolaskut 2026-03/2 2026-03-31  1 files: 2880 -62.75 4000 50.00",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		for _, n := range []string{"1001", "1002", "1003", "1004", "P1"} {
			wantState(t, w, n, hub.Done, "")
		}
		w.Receive(enginetest.Sale("1005", "10"))
		w.Settle()
		wantState(t, w, "1005", hub.Done, "")
		if n := len(journals(w)); n != 4 || len(w.Sandbox.Imbalance(w.Company.ProcountorID)) > 0 {
			t.Errorf("%d journals", n)
		}
	}
}

// bookings counts how often each document stands in the books: as an invoice, or
// in a journal that lists it.
func bookings(t *testing.T, w *enginetest.World, numbers ...string) map[string]int {
	t.Helper()
	m := map[string]int{}
	for _, n := range numbers {
		m[n] = len(w.Vouchers(n))
	}
	for _, r := range journals(w) {
		for _, n := range numbers {
			if strings.Contains(r.Transactions[0].Description, n+" ") || strings.HasSuffix(r.Name, " "+n) {
				m[n]++
			}
		}
	}
	return m
}

// The level goes back and forth in the middle of everything: before, during and
// after the writes, with lost answers. Nothing is booked twice, and everything once.
func TestLevelBackAndForth(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				backAndForth(t, seed, world)
			})
		})
	}
}

func backAndForth(t *testing.T, seed uint64, world func(enginetest.Config) *enginetest.World) {
	r := rand.New(rand.NewPCG(seed, 1))
	var w *enginetest.World
	faults := 6
	w = world(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument), Crash: func(point string) {
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
	var numbers []string
	s := w.Connection.Settings
	for i := range 40 {
		switch r.IntN(7) {
		case 0, 1:
			n := fmt.Sprint(2000 + i)
			numbers = append(numbers, n)
			w.Receive(enginetest.NewParty(enginetest.Sale(n, fmt.Sprint(10+i)), r.IntN(3)+1))
		case 6: // a person sets right what has changed after its journal, whatever the level
			if len(numbers) == 0 {
				continue
			}
			n := numbers[r.IntN(len(numbers))]
			tr := w.Transfer(n)
			if a := []engine.Action{engine.Difference, engine.Reverse}[r.IntN(2)]; slices.Contains(engine.Allowed(&tr), a) {
				w.Must(w.Engine.Act(t.Context(), "person", tr.ID, a, "why"))
			} else if m, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (store.Member, error) { return tx.JournalOf(tr.Subject) }); err == nil && m.Content != "" {
				d := enginetest.Sale(n, fmt.Sprint(10+i))
				d.Buyer.Name, d.Buyer.BusinessID, d.Buyer.Number = tr.PartnerName, "", ""
				w.Receive(d)
			}
		case 2:
			s.Level = []hub.Level{hub.DocumentLevel, hub.JournalLevel}[r.IntN(2)]
			w.SetSettings(s)
		case 3:
			closeMonth(w, "2026-03")
		default:
			for range r.IntN(4) {
				next, err := w.TryStep()
				w.Must(err)
				w.Clock.Set(next)
			}
		}
	}
	s.Level = hub.JournalLevel
	w.SetSettings(s)
	closeMonth(w, "2026-03")
	w.Settle()
	for _, n := range numbers {
		if tr := w.Transfer(n); slices.Contains(engine.Allowed(&tr), engine.Reverse) {
			w.Must(w.Engine.Act(t.Context(), "person", tr.ID, engine.Reverse, "why"))
		}
	}
	w.Settle()
	net := money.Zero
	for n, times := range bookings(t, w, numbers...) {
		if times == 0 || times > 1 && len(w.Vouchers(n)) > 0 {
			t.Errorf("seed %d: document %s is booked %d times: %s", seed, n, times, enginetest.Describe(w.Transfer(n)))
		}
		if len(w.Vouchers(n)) == 0 {
			tr := w.Transfer(n)
			doc, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (*hub.Document, error) {
				doc, _, err := tx.Document(tr.Subject, tr.Version)
				return doc, err
			})
			w.Must(err)
			net = net.Sub(*doc.Totals.Net)
		}
	}
	if got := ledger(w)[enginetest.PostedOn]; got != net.Fixed(2) && (got != "" || !net.IsZero()) {
		t.Errorf("seed %d: %s is booked in journals, not %s", seed, got, net.Fixed(2))
	}
	for _, err := range w.AuditStates(nil) {
		t.Errorf("seed %d: %v", seed, err)
	}
}
