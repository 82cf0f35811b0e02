package store_test

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// The columns that lists are made of hold no sum of payroll, whoever writes them, and the
// reasons that are kept say none.
func TestLawPayrollHasNoSum(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		for _, set := range []func(*hub.Transfer){
			func(tr *hub.Transfer) { tr.DocKind = hub.PayrollJournal },
			func(tr *hub.Transfer) { tr.DocKind, tr.Covers = hub.Journal, hub.PayrollJournal },
		} {
			tr := s.transfer
			set(&tr)
			tr.Gross = "4711.13"
			if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.SaveTransfer(&tr, "") }); err == nil {
				t.Errorf("%s of %q has a sum", tr.DocKind, tr.Covers)
			}
			tr.Gross = ""
			tr.Faults = []hub.Fault{hub.NewFault(hub.SavedDiffers, "transactions[3].accountingValue", "4711.13", "field", "accountingValue", "meant", "4711.13", "saved", "1.00"),
				hub.NewFault(hub.ProcountorCode+"The sum is 4711.13", "", "")}
			s.must(func(tx *store.Tx) error {
				if err := tx.SaveTransfer(&tr, ""); err != nil {
					return err
				}
				var faults string
				err := tx.QueryRow(`select faults from transfer where id = $1`, tr.ID).Scan(&faults)
				if strings.Contains(faults, "4711") || !strings.Contains(faults, "transactions[3].accountingValue") {
					t.Errorf("%s", faults)
				}
				return err
			})
		}
	})
}
