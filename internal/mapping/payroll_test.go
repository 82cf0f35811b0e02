package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/procountor"
)

// Each case is a payroll run, as a file or as it is pushed, and what it becomes in the
// books: its journals with day, name and entries, or why they are held.
func TestPayrollGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/payroll/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	all := worlds(t)
	seen := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			g := readPayroll(t, file, all)
			var books bytes.Buffer
			for _, part := range g.in.Document.RunJournals(g.in.Connection.Settings.Payroll) {
				for _, f := range bookedAs(t, g.in, part.Document, &books) {
					seen[f.Code] = seen[f.Code] || !f.Warning || f.Code == hub.PayrollMoved
				}
			}
			compareSections(t, g, map[string][]byte{"books": books.Bytes()})
		})
	}
	for code := range payrollCodes {
		if !*update && !t.Failed() && !seen[code] {
			t.Errorf("no case has %s", code)
		}
	}
}

// payrollCodes are those that only payroll has: TestPayrollGolden shows them.
var payrollCodes = map[string]bool{hub.PayrollAmount: true, hub.PayrollBalance: true, hub.PayrollMoved: true, hub.PayrollRows: true, hub.FieldMissing: true}

// readPayroll is [readCase] for a case whose document may be a SIE file.
func readPayroll(t *testing.T, file string, all map[string]*world) golden {
	t.Helper()
	g := readCaseOf(t, file, all, hub.PayrollJournal)
	raw := section(g.archive, "run.se")
	if raw == nil {
		return g
	}
	own := g.world.company.BusinessID
	raw = bytes.ReplaceAll(raw, []byte("#ORGNR ORGNR"), []byte("#ORGNR "+own))
	for d, err := range sie.Decode(bytes.NewReader(raw), "run.se", format.Options{Own: []string{own}, Payroll: g.in.Connection.Settings.Payroll}) {
		if err != nil || hub.Stops(d.Faults) {
			t.Fatal(err, d.Faults)
		}
		g.in.Document = d.Document
	}
	return g
}

// bookedAs writes what one journal of a run becomes.
func bookedAs(t *testing.T, in mapping.Input, doc *hub.Document, w *bytes.Buffer) []hub.Fault {
	t.Helper()
	in.Document = doc
	fmt.Fprintf(w, "%s\n", doc.SourceID)
	part, faults := mapping.Journaled(in)
	w.Write(faultText(faults))
	if part == nil {
		return faults
	}
	head := hub.Document{Kind: hub.Journal, Number: doc.Number, Date: doc.Date, Currency: doc.Currency,
		Covers: &hub.Covers{Month: hub.MonthOf(doc.Date), Kind: doc.Kind, Per: hub.PerDocument}}
	content, more := mapping.Compose(head, in.Connection.Settings.Language, []*mapping.Part{part})
	w.Write(faultText(more))
	in.Document = content
	plan, more := mapping.MakeJournal(in)
	w.Write(faultText(more))
	if plan == nil {
		return append(faults, more...)
	}
	var r procountor.LedgerReceipt
	if err := json.Unmarshal(plan.Steps[0].Body, &r); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, "  %s %q\n", r.ReceiptDate, r.Name)
	for _, e := range r.Transactions {
		fmt.Fprintf(w, "  %s %12s", e.Account, e.AccountingValue)
		for _, v := range e.DimensionItemValues {
			fmt.Fprintf(w, " %s", itemText(in, v.DimensionID, v.ItemID))
		}
		fmt.Fprintf(w, " %q\n", e.Description)
	}
	return append(faults, more...)
}

func itemText(in mapping.Input, dimension, item int64) string {
	for _, d := range in.Registers.Dimensions {
		for _, it := range d.Items {
			if d.ID == dimension && it.ID == item {
				return d.Name + ":" + it.Code
			}
		}
	}
	return fmt.Sprintf("%d:%d", dimension, item)
}
