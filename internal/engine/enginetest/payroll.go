package enginetest

import (
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// Run is a payroll run with one journal of wages for each month, the first of which is
// the run's own: wages, what is withheld, and what is paid out, on two cost centres.
func Run(reference, wages string, months ...hub.Month) *hub.Document {
	d := &hub.Document{Kind: hub.PayrollJournal, Number: reference, Currency: "EUR", Seller: hub.Party{Name: "Esimerkkipaja Oy", BusinessID: "1234567-1"}}
	for _, m := range months {
		d.Journals = append(d.Journals, Wages(m, wages))
	}
	d.SourceID = hub.RunID(d.Ordinary(), reference)
	return d
}

// Wages is a journal of a month that balances to the cent.
func Wages(month hub.Month, wages string) hub.RunJournal {
	gross := money.Must(wages)
	withheld := gross.Percent(money.Must("21.5")).RoundHalfUp(2)
	half := gross.QuoHalfUp(money.FromInt(2), 2)
	centre := func(code string) []hub.Dimension { return []hub.Dimension{{Axis: hub.CostCentreAxis, Code: code}} }
	return hub.RunJournal{Date: month.Days().Last, Period: month, Text: "Palkat", Rows: []hub.JournalRow{
		{Account: "5000", Amount: half, Text: "Kuukausipalkat", Dimensions: centre("10")},
		{Account: "5000", Amount: gross.Sub(half), Text: "Kuukausipalkat", Dimensions: centre("20")},
		{Account: "2920", Amount: withheld.Neg(), Text: "Ennakonpidätys"},
		{Account: "2960", Amount: withheld.Sub(gross), Text: "Palkkavelka"},
	}}
}

// Pays switches payroll on, with the cost centres of the sandbox.
func Pays(when hub.When, arrival hub.Arrival) func(*hub.Settings) {
	return func(s *hub.Settings) {
		s.Kinds[hub.PayrollJournal] = hub.KindSettings{On: true, FirstDay: civil.Must("2026-01-01"), Arrival: arrival, When: when}
		s.Dimensions = map[string]string{hub.CostCentreAxis: "Cost centre"}
	}
}

// OfRun are the transfers of the journals of a run.
func (w *World) OfRun(d *hub.Document) []hub.Transfer {
	w.T.Helper()
	list, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]hub.Transfer, error) {
		return tx.TransfersOfRun(w.Connection.ID, d.SourceID)
	})
	w.Must(err)
	return list
}

// Books are the sums of our journals in the books, by month, account and items.
func (w *World) Books() map[string]money.Amount {
	sums := map[string]money.Amount{}
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if _, ours := hub.MarkIn(r.InvoiceNotes); !ours || r.Type != "JOURNAL" || r.Status == "INVALIDATED" {
			continue
		}
		for _, t := range r.Transactions {
			key := r.ReceiptDate[:7] + " " + t.Account
			for _, v := range t.DimensionItemValues {
				key += " " + w.itemName(v.ItemID)
			}
			add(sums, key, money.Must(t.AccountingValue.String()))
		}
	}
	return sums
}

// itemName is what an item of a dimension begins with.
func (w *World) itemName(id int64) string {
	for _, d := range w.Sandbox.Dimensions(w.Company.ProcountorID) {
		for _, it := range d.Items {
			if it.ID == id {
				var code string
				_, _ = fmt.Sscan(it.CodeName, &code)
				return code
			}
		}
	}
	return "?"
}

// Wanted are the sums of what sources show of runs, by month, account and cost centre.
func Wanted(runs ...*hub.Document) map[string]money.Amount {
	sums := map[string]money.Amount{}
	for _, d := range runs {
		for i := range d.Journals {
			j := &d.Journals[i]
			for _, row := range j.Rows {
				key := string(j.Month()) + " " + row.Account
				for _, x := range row.Dimensions {
					key += " " + x.Code
				}
				add(sums, key, row.Amount)
			}
		}
	}
	return sums
}

func add(sums map[string]money.Amount, key string, a money.Amount) {
	if sum := sums[key].Add(a); sum.IsZero() {
		delete(sums, key)
	} else {
		sums[key] = sum
	}
}

// SameSums lists where two books differ.
func SameSums(got, want map[string]money.Amount) (diffs []string) {
	for key, a := range want {
		if !got[key].Equal(a) {
			diffs = append(diffs, fmt.Sprintf("%s: %s, want %s", key, got[key], a))
		}
	}
	for key, a := range got {
		if _, ok := want[key]; !ok {
			diffs = append(diffs, fmt.Sprintf("%s: %s, want nothing", key, a))
		}
	}
	slices.Sort(diffs)
	return diffs
}
