package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// wantBooks holds what stands in the books against what sources have shown.
func wantBooks(t *testing.T, w *enginetest.World, runs ...*hub.Document) {
	t.Helper()
	if diffs := enginetest.SameSums(w.Books(), enginetest.Wanted(runs...)); len(diffs) > 0 {
		t.Errorf("the books: %s", strings.Join(diffs, "; "))
	}
	if ids := w.Sandbox.Imbalance(w.Company.ProcountorID); len(ids) > 0 {
		t.Errorf("%v do not balance", ids)
	}
}

// wantRun holds the states of a run's journals against those wanted, in the order of their
// days: a state and, after a blank, the code of its first reason.
func wantRun(t *testing.T, w *enginetest.World, run *hub.Document, want ...string) (list []hub.Transfer) {
	t.Helper()
	list = w.OfRun(run)
	var got []string
	for _, tr := range list {
		s := string(tr.State)
		for _, f := range tr.Faults {
			if !f.Warning || tr.State == hub.Waiting || tr.State == hub.Withdrawn {
				s += " " + f.Code
				break
			}
		}
		got = append(got, s)
	}
	if !slices.Equal(got, want) {
		t.Errorf("run %s: %q, want %q", run.Number, got, want)
	}
	return list
}

// A run waits until a person has looked at it; then each of its journals goes into its own
// period under the reference of the run, and arrives as the setting says. The same run
// again, by whichever way, sends nothing.
func TestPayrollRun(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		feature.Covers(t, "N-19", "N-20")
		w := world(enginetest.Config{Writing: true, Settings: enginetest.Pays("", hub.ArriveApproved)})
		run := enginetest.Run("Maaliskuu 2026", "4711.13", "2026-03", "2026-01", "2026-02")
		first := w.Receive(run)
		w.Settle()
		wantRun(t, w, run, "held waits-for-person", "held waits-for-person", "held waits-for-person")
		if got := written(w); len(got) != 0 {
			t.Fatalf("written before anybody has looked: %v", got)
		}
		if n, err := w.Engine.SendRun(t.Context(), "anna", w.Connection.ID, run.SourceID, ""); err != nil || n != 3 {
			t.Fatalf("%d journals sent: %v", n, err)
		}
		w.Settle()
		wantRun(t, w, run, "done", "done", "done")
		wantBooks(t, w, run)
		var got []string
		for _, r := range journals(w) {
			got = append(got, r.ReceiptDate+" "+r.Status+" "+r.Name)
		}
		slices.Sort(got)
		if want := []string{"2026-01-31 APPROVED Palkat Maaliskuu 2026, kausi 2026-01", "2026-02-28 APPROVED Palkat Maaliskuu 2026, kausi 2026-02",
			"2026-03-31 APPROVED Palkat Maaliskuu 2026"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		writes := len(written(w))
		again := w.Receive(run)
		if again[0].Result != engine.ResultUnchanged || again[0].Transfer != first[0].Transfer || again[0].State != hub.Done {
			t.Errorf("%+v", again[0])
		}
		other := *run // from the payroll program itself, which has an id for it
		other.SourceID = "nmbrs/17"
		w.Receive(&other)
		w.Settle()
		wantRun(t, w, &other, "held waits-for-person", "held waits-for-person", "held waits-for-person")
		if _, err := w.Engine.SendRun(t.Context(), "anna", w.Connection.ID, other.SourceID, ""); err != nil {
			t.Fatal(err)
		}
		w.Settle()
		wantRun(t, w, &other, "held document-twin", "held document-twin", "held document-twin")
		if n := len(written(w)); n != writes {
			t.Errorf("%d writes more", n-writes)
		}
	})
}

// Of payroll nothing stands in the database or beside it in clear: no amount, no person, no
// text of a row; and no fault, act or log says one.
func TestPayrollIsSealed(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			enginetest.Pays(hub.AtOnce, hub.ArriveApproved)(s)
			s.Payroll.ByEmployee = true
		}})
		secrets := []string{"4711.13", "4711,13", "471113", "1012.89", "3698.24", "HETU-77", "Salainen"}
		run := enginetest.Run("Maaliskuu 2026", "4711.13", "2026-03")
		for i := range run.Journals[0].Rows {
			run.Journals[0].Rows[i].Employee, run.Journals[0].Rows[i].Text = "HETU-77", "Salainen Saara"
		}
		run.Attachments = []hub.Attachment{enginetest.File("palkkalista.txt", "Salainen Saara 4711.13")}
		bad := enginetest.Run("Helmikuu 2026", "4711.13", "2026-02")
		bad.Journals[0].Rows[0].Amount = money.Must("4711.13")
		raw := []byte("Salainen Saara HETU-77 4711.13")
		read := []hub.Fault{hub.NewFault(hub.FieldInvalid, "journals[0].rows[0].amount", "4711.13", "field", "amount", "saved", "4711.13")}
		for _, in := range []engine.Incoming{{Document: run, Raw: raw}, {Document: bad, Raw: raw},
			{Document: enginetest.Run("Tammikuu 2026", "4711.13", "2026-01"), Raw: raw, Faults: read}, {Name: "rikki.xml", ID: "x", Raw: raw}} {
			_, err := w.Engine.Receive(t.Context(), w.Connection.ID, []engine.Incoming{in}, nil)
			w.Must(err)
		}
		w.Settle()
		wantRun(t, w, run, "done")
		wantRun(t, w, bad, "held payroll-balance")
		run.Journals[0].Rows[0].Amount, run.Journals[0].Rows[1].Amount = money.Must("4711.13"), money.Zero
		w.Receive(run) // changed, and set right by a journal of the difference
		w.Settle()
		wantRun(t, w, run, "held changed-later")
		w.Must(w.Engine.Act(t.Context(), "anna", w.OfRun(run)[0].ID, engine.Difference, "so"))
		w.Settle()
		wantRun(t, w, run, "done")
		if sum := w.Books()["2026-03 5000 10"]; sum.String() != "4711.13" {
			t.Errorf("booked %s", sum)
		}
		found := 0
		for where, text := range w.Stored() {
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("%s holds %q: %.300s", where, s, text)
				}
			}
			if strings.Contains(text, "Maaliskuu 2026") {
				found++
			}
		}
		if found == 0 {
			t.Error("nothing was looked at")
		}
	})
}

// While one journal of a run is held, none goes; a person may send one alone.
func TestPayrollGoesTogether(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveUnfinished)})
	run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03", "2026-02", "2026-01")
	run.Journals[1].Rows[0].Account = "5999"
	w.Receive(run)
	w.Settle()
	list := wantRun(t, w, run, "waiting payroll-waits", "held account-closed", "waiting payroll-waits")
	if got := written(w); len(got) != 0 {
		t.Fatalf("written while one is held: %v", got)
	}
	w.Must(w.Engine.Act(t.Context(), "anna", list[0].ID, engine.SendNow, ""))
	w.Settle()
	wantRun(t, w, run, "done", "held account-closed", "waiting payroll-waits")
	s := w.Connection.Settings
	s.Accounts = []hub.AccountRule{{Source: "*", Account: "=", Payroll: true}, {Source: "5999", Account: "5300", Payroll: true}}
	w.SetSettings(s)
	w.Settle()
	wantRun(t, w, run, "done", "done", "done")
	run.Journals[1].Rows[0].Account = "5300"
	wantBooks(t, w, run)
}

// Cost centres and cost units go on the dimensions that the settings name; an item that is
// not there is made first, where the settings say so.
func TestPayrollDimensions(t *testing.T) {
	feature.Covers(t, "N-14")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		enginetest.Pays(hub.AtOnce, hub.ArriveApproved)(s)
		s.Dimensions[hub.CostUnitAxis] = "Project"
		s.Axes = map[string]hub.AxisSettings{hub.CostCentreAxis: {Make: hub.MakeNeeded}}
	}})
	run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03")
	rows := run.Journals[0].Rows
	rows[0].Dimensions = []hub.Dimension{{Axis: hub.CostCentreAxis, Code: "40", Name: "Varasto"}, {Axis: hub.CostUnitAxis, Code: "P200"}}
	rows[1].Dimensions = []hub.Dimension{{Axis: hub.CostUnitAxis, Code: "P300"}, {Axis: "team", Code: "7"}} // nobody has named a dimension for it
	w.Receive(run)
	w.Settle()
	wantRun(t, w, run, "done")
	rows[1].Dimensions = rows[1].Dimensions[:1]
	wantBooks(t, w, run)
}

// What becomes of a journal whose day is closed, by the setting.
func TestPayrollClosedPeriod(t *testing.T) {
	for _, closed := range []hub.ClosedPeriod{hub.ClosedHold, hub.ClosedFirstDay} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			enginetest.Pays(hub.AtOnce, hub.ArriveApproved)(s)
			s.Payroll.ClosedPeriod = closed
		}})
		w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-01")
		_, err := w.Engine.Refresh(t.Context(), w.Company.ID)
		w.Must(err)
		run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03", "2026-01")
		w.Receive(run)
		w.Settle()
		if closed == hub.ClosedHold {
			wantRun(t, w, run, "held period-closed", "waiting payroll-waits")
			w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-01")
			later(w)
			w.Must(w.Engine.Act(t.Context(), "anna", w.OfRun(run)[0].ID, engine.Retry, ""))
			w.Settle()
			wantRun(t, w, run, "done", "done")
			wantBooks(t, w, run)
			continue
		}
		wantRun(t, w, run, "done", "done")
		i := slices.IndexFunc(journals(w), func(r procountortest.LedgerReceipt) bool {
			return strings.Contains(r.TransactionDescription, "2026-01")
		})
		if i < 0 {
			t.Fatal("no journal of January")
		}
		if r := journals(w)[i]; r.ReceiptDate != "2026-02-01" || !strings.Contains(r.TransactionDescription, "päivätty 31.1.2026, kirjattu 1.2.2026") {
			t.Errorf("%s %s", r.ReceiptDate, r.TransactionDescription)
		}
	}
}

// A run that was run again: what is booked is held with the choices, what is new waits for
// them, what it does not have any more is taken out of the books when a person wants it.
func TestPayrollRunAgain(t *testing.T) {
	for _, answer := range []engine.Action{engine.Difference, engine.Reverse} {
		t.Run(string(answer), func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveApproved)})
			run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03", "2026-01")
			w.Receive(run)
			w.Settle()
			wantBooks(t, w, run)
			again := *run
			again.Journals = []hub.RunJournal{enginetest.Wages("2026-03", "3100.01"), enginetest.Wages("2026-02", "17")} // January is gone
			w.Receive(&again)
			w.Settle()
			list := wantRun(t, w, run, "held changed-later", "waiting payroll-waits", "held changed-later")
			wantBooks(t, w, run)
			for _, tr := range []hub.Transfer{list[0], list[2]} {
				w.Must(w.Engine.Act(t.Context(), "anna", tr.ID, best(&tr, answer), "run again"))
			}
			w.Settle()
			wantRun(t, w, run, "done", "done", "done")
			wantBooks(t, w, &again)
			w.Receive(run) // and back again
			w.Settle()
			list = wantRun(t, w, run, "held changed-later", "held changed-later", "held changed-later")
			for _, tr := range list {
				w.Must(w.Engine.Act(t.Context(), "anna", tr.ID, best(&tr, answer), "run again"))
			}
			w.Settle()
			wantRun(t, w, run, "done", "done", "done")
			wantBooks(t, w, run)
		})
	}
}

// best is the answer, or the only one there is where all of a journal goes or comes.
func best(t *hub.Transfer, answer engine.Action) engine.Action {
	if slices.Contains(engine.Allowed(t), answer) {
		return answer
	}
	return engine.Difference
}

// Two contents of a run that come at the same moment are not mixed: one is stored, then the
// other.
func TestPayrollRunsAreNotMixed(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays("", hub.ArriveApproved)})
	for i := range 60 {
		more := enginetest.Run(fmt.Sprint("Ajo ", i), "3000", "2026-03", "2026-02")
		less := *more
		less.Journals = []hub.RunJournal{enginetest.Wages("2026-03", "3100")}
		var both sync.WaitGroup
		for _, d := range []*hub.Document{more, &less} {
			both.Go(func() {
				if _, err := w.Engine.Receive(t.Context(), w.Connection.ID, []engine.Incoming{{Document: d, Raw: []byte("x")}}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		sums := map[hub.Month]string{}
		w.Must(w.Store.Read(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.DocumentsOfClaim(w.Connection.ID, more.SourceID)
			for _, row := range rows {
				doc, _, err := tx.Document(row.ID, row.Version)
				if err != nil {
					return err
				}
				debit, _ := hub.Sums(doc.Rows)
				sums[doc.Run.Period] = debit.String()
			}
			return err
		}))
		if march, february := sums["2026-03"], sums["2026-02"]; (march == "3000.00") != (february == "3000.00") {
			t.Fatalf("mixed: %v", sums)
		}
	}
}

// A journal that its run does not have any more, before anything of it was written, ends;
// when the run has it again, it goes.
func TestPayrollJournalGone(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays("", hub.ArriveApproved)})
	run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03", "2026-02")
	w.Receive(run)
	w.Settle()
	less := *run
	less.Journals = run.Journals[:1]
	if rc := w.Receive(&less); rc[0].Result != engine.ResultChanged {
		t.Errorf("%+v", rc)
	}
	w.Settle()
	wantRun(t, w, run, "withdrawn payroll-gone", "held waits-for-person")
	w.Receive(run)
	w.Settle()
	wantRun(t, w, run, "held waits-for-person", "held waits-for-person")
	if _, err := w.Engine.SendRun(t.Context(), "anna", w.Connection.ID, run.SourceID, ""); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	wantBooks(t, w, run)
}

// Of a file that could not be read whole nothing is taken back that was there before.
func TestPayrollReadInPart(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveApproved)})
	run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03", "2026-02")
	w.Receive(run)
	w.Settle()
	part := *run
	part.Journals = run.Journals[:1]
	_, err := w.Engine.Receive(t.Context(), w.Connection.ID, []engine.Incoming{{Document: &part, Raw: []byte("cut"),
		Faults: []hub.Fault{hub.NewFault(hub.FileTooLarge, "", "")}}}, nil)
	w.Must(err)
	w.Settle()
	if list := w.OfRun(run); list[0].State != hub.Done || list[1].State != hub.Held {
		t.Errorf("%s; %s", enginetest.Describe(list[0]), enginetest.Describe(list[1]))
	}
	wantBooks(t, w, run)
}

// What a run corrects is booked in the period that it corrects, though its source dates it
// on the day of the run; in its own period it keeps its day.
func TestPayrollDayOfPeriod(t *testing.T) {
	feature.Covers(t, "N-19")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveUnfinished)})
	run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03", "2026-01")
	for i := range run.Journals {
		run.Journals[i].Date = civil.Must("2026-03-25")
	}
	w.Receive(run)
	w.Settle()
	var days []string
	for _, r := range journals(w) {
		days = append(days, r.ReceiptDate)
	}
	if slices.Sort(days); !slices.Equal(days, []string{"2026-01-31", "2026-03-25"}) {
		t.Errorf("%v", days)
	}
}

// Rows by employee are summed unless they are asked for: no person stands in the books.
func TestPayrollByEmployee(t *testing.T) {
	for _, asked := range []bool{false, true} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			enginetest.Pays(hub.AtOnce, hub.ArriveUnfinished)(s)
			s.Payroll.ByEmployee = asked
		}})
		run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03")
		run.Journals[0].Rows = append(run.Journals[0].Rows, enginetest.Wages("2026-03", "2000").Rows...)
		for i := range run.Journals[0].Rows {
			run.Journals[0].Rows[i].Employee = fmt.Sprint(100 + i/4)
		}
		w.Receive(run)
		w.Settle()
		wantBooks(t, w, run)
		rows := journals(w)[0].Transactions
		if named := strings.Contains(rows[0].Description, "100"); named != asked || (len(rows) == 8) != asked {
			t.Errorf("asked %v: %d rows, the first is %q", asked, len(rows), rows[0].Description)
		}
	}
}

// A journal of more rows than one may have goes in parts over the clearing account, whose
// sum is nothing; without that account it is held.
func TestPayrollSplit(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Sandbox: procountortest.Options{MaxJournalRows: 3}, Settings: func(s *hub.Settings) {
		enginetest.Pays(hub.AtOnce, hub.ArriveApproved)(s)
		s.Payroll.MaxRows = 3
	}})
	run := enginetest.Run("Maaliskuu 2026", "3000", "2026-03")
	w.Receive(run)
	w.Settle()
	wantRun(t, w, run, "held payroll-rows", "held payroll-rows")
	s := w.Connection.Settings
	s.Payroll.Clearing = "2950"
	w.SetSettings(s) // and it goes on by itself
	w.Settle()
	wantRun(t, w, run, "done", "done")
	wantBooks(t, w, run)
}

// What is wrong with a run is said before anything of it is sent, without an amount.
func TestPayrollFaults(t *testing.T) {
	for _, c := range []struct {
		code string
		with func(*hub.Document, *hub.Settings)
	}{
		{hub.PayrollBalance, func(d *hub.Document, s *hub.Settings) {
			d.Journals[0].Rows[0].Amount = d.Journals[0].Rows[0].Amount.Add(money.Cents(1))
		}},
		{hub.PayrollAmount, func(d *hub.Document, s *hub.Settings) { d.Journals[0].Rows[0].Amount = money.Must("1.005") }},
		{hub.AccountClosed, func(d *hub.Document, s *hub.Settings) { d.Journals[0].Rows[0].Account = "3900" }},
		{hub.AccountUnmapped, func(d *hub.Document, s *hub.Settings) {
			s.Accounts = []hub.AccountRule{{Source: "2920", Account: "2920", Payroll: true}}
		}},
		{hub.FieldMissing, func(d *hub.Document, s *hub.Settings) { d.Journals[0].Rows[0].Account = "" }},
		{hub.DimensionUnknown, func(d *hub.Document, s *hub.Settings) { d.Journals[0].Rows[0].Dimensions[0].Code = "99" }},
		{hub.DimensionUnknown, func(d *hub.Document, s *hub.Settings) { s.Dimensions[hub.CostCentreAxis] = "Kustannuspaikka" }},
		{hub.JournalCurrency, func(d *hub.Document, s *hub.Settings) { d.Currency = "SEK" }},
		{hub.CompanyOther, func(d *hub.Document, s *hub.Settings) {
			d.Seller = hub.Party{Name: "Toinen Oy", BusinessID: "2345678-0"}
		}},
		{hub.VATStatusUnmapped, func(d *hub.Document, s *hub.Settings) { delete(s.VATStatuses[hub.PurchaseInvoice], "O") }},
		{hub.DateMissing, func(d *hub.Document, s *hub.Settings) { d.Journals[0].Date, d.Journals[0].Period = d.DueDate, "" }},
		{hub.RowsMissing, func(d *hub.Document, s *hub.Settings) { d.Journals = nil }},
	} {
		t.Run(c.code, func(t *testing.T) {
			run := enginetest.Run("Maaliskuu 2026", "4711.13", "2026-03")
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				enginetest.Pays(hub.AtOnce, hub.ArriveApproved)(s)
				c.with(run, s)
			}})
			w.Receive(run)
			w.Settle()
			var codes []string
			for _, tr := range w.Transfers() {
				for _, f := range tr.Faults {
					codes = append(codes, f.Code)
					if strings.Contains(fmt.Sprint(f), "4711") || strings.Contains(fmt.Sprint(f), "2355") {
						t.Errorf("it says an amount: %v", f)
					}
				}
				if tr.State != hub.Held {
					t.Errorf("%s", enginetest.Describe(tr))
				}
			}
			if !slices.Contains(codes, c.code) || len(codes) > 3 {
				t.Errorf("%v", codes)
			}
			if got := written(w); len(got) != 0 {
				t.Errorf("written: %v", got)
			}
		})
	}
}
