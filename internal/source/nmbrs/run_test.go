package nmbrs

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/nmbrs/nmbrsfake"
)

// A run comes as one document with a journal for each period, under the name of the
// ordinary run; its rows are told apart as the option says, and come to the same.
func TestRun(t *testing.T) {
	want := map[string][]string{
		"cost_unit": {"2026-06 5000 5500.00 cost_centre=100 cost_unit=A", "2026-06 5000 4100.50 cost_centre=200", "2026-06 2910 -9600.50",
			"2026-05 5000 10.00 cost_centre=100 cost_unit=A", "2026-05 2910 -10.00"},
		"cost_centre": {"2026-06 5000 5500.00 cost_centre=100", "2026-06 5000 4100.50 cost_centre=200", "2026-06 2910 -9600.50", "2026-05 5000 10.00 cost_centre=100", "2026-05 2910 -10.00"},
		"company":     {"2026-06 5000 9600.50", "2026-06 2910 -9600.50", "2026-05 5000 10.00", "2026-05 2910 -10.00"},
		"employee": {"2026-06 5000 3000.00 person 1", "2026-06 5000 2500.00 person 2", "2026-06 5000 4100.50 person 3", "2026-06 2910 -9600.50",
			"2026-05 5000 10.00 person 1", "2026-05 2910 -10.00"},
	}
	for detail, rowsOf := range want {
		t.Run(detail, func(t *testing.T) {
			w := newWorld(t)
			w.values["detail"], w.env.Payroll.ByEmployee = detail, detail == "employee"
			w.fake.Put(w.company, june())
			p := w.pull("")
			if len(p.Documents) != 1 || hub.Stops(p.Documents[0].Faults) {
				t.Fatalf("%+v", p.Documents)
			}
			d := p.Documents[0].Document
			if diff := cmp.Diff(rowsOf, rows(d)); diff != "" {
				t.Error(diff)
			}
			if d.Kind != hub.PayrollJournal || d.Number != "Lönekörning juni" || d.Date.String() != "2026-06-30" || d.Currency != "EUR" || !d.Private() {
				t.Errorf("%s %q %s %s", d.Kind, d.Number, d.Date, d.Currency)
			}
			for key, sum := range map[string]string{"2026-06 5000": "9600.50", "2026-06 2910": "-9600.50", "2026-05 5000": "10", "2026-05 2910": "-10"} {
				if !sums(d)[key].Equal(money.Must(sum)) {
					t.Errorf("%s comes to %s", key, sums(d)[key])
				}
			}
		})
	}
}

// Rows by employee show salaries: the option alone does not bring them.
func TestByEmployeeIsAskedTwice(t *testing.T) {
	w := newWorld(t)
	w.values["detail"] = "employee"
	w.fake.Put(w.company, june())
	if err := w.fails(); !errors.Is(err, source.ErrOptions) || !strings.Contains(err.Error(), "rows by employee") {
		t.Errorf("%v", err)
	}
	if calls, _ := w.fake.Calls(); calls != 0 {
		t.Errorf("%d calls were made", calls)
	}
}

// A run is called by its description, as it stands there, or by its number.
func TestNames(t *testing.T) {
	w := newWorld(t)
	for i, name := range []string{"Åke & Söner <juni> \"A\"", "  två\n rader ", "🚚", ""} {
		r := june()
		r.Number, r.Description = i+1, name
		w.fake.Put(w.company, r)
	}
	var got []string
	for _, f := range w.pull("").Documents {
		got = append(got, f.Document.Number)
	}
	if diff := cmp.Diff([]string{"Åke & Söner <juni> \"A\"", "två rader", "🚚", "4/2026"}, got); diff != "" {
		t.Error(diff)
	}
}

// Only what is locked is shown; a run that is unlocked and run again is shown as it is
// then, under the same id; one that is locked again unchanged is not.
func TestLocked(t *testing.T) {
	w := newWorld(t)
	r := june()
	r.Locked = false
	id := w.fake.Put(w.company, r)
	p := w.pull("")
	if len(p.Documents) != 0 || p.Next != "" {
		t.Fatalf("an open run was shown: %+v", p)
	}
	lock := func(locked bool) func(*nmbrsfake.Run) { return func(r *nmbrsfake.Run) { r.Locked = locked } }
	w.fake.Change(w.company, id, lock(true))
	p = w.pull(p.Next)
	if len(p.Documents) != 1 {
		t.Fatalf("%d documents", len(p.Documents))
	}
	first := p.Documents[0].Document
	w.fake.Change(w.company, id, lock(false))
	if p = w.pull(p.Next); len(p.Documents) != 0 {
		t.Fatal("an unlocked run was shown")
	}
	w.fake.Change(w.company, id, lock(true))
	again := w.pull(p.Next)
	if len(again.Documents) != 0 {
		t.Error("nothing has changed, and it was shown")
	}
	w.fake.Change(w.company, id, func(r *nmbrsfake.Run) {
		r.RunAt = "2026-06-28T10:00:00"
		r.Transactions[0].Lines[0].Cents += 5000
		r.Transactions[0].Lines[3].Cents -= 5000
	})
	p = w.pull(again.Next)
	if len(p.Documents) != 1 || p.Documents[0].Document.SourceID != first.SourceID || p.Documents[0].Document.Version() == first.Version() {
		t.Errorf("run again: %+v", p.Documents)
	}
}

// While a run is open nothing of it is asked for, and what it was before is remembered: run
// again with the same time, it is read again all the same.
func TestRunAgainWithTheSameTime(t *testing.T) {
	w := newWorld(t)
	id := w.fake.Put(w.company, june())
	for n := range readAgain { // newer ones, so that it is none that is read each time
		r := june()
		r.Number, r.RunAt, r.Description = 10+n, "2026-06-29T10:00:00", "senare"
		w.fake.Put(w.company, r)
	}
	p := w.pull("")
	w.fake.Change(w.company, id, func(r *nmbrsfake.Run) { r.Locked = false })
	before := len(p.Documents)
	p = w.pull(p.Next)
	w.fake.Change(w.company, id, func(r *nmbrsfake.Run) { r.Locked, r.Transactions[1].Lines = true, nil })
	p = w.pull(p.Next)
	if before != 1+readAgain || len(p.Documents) != 1 || len(p.Documents[0].Document.Journals) != 1 {
		t.Errorf("%d documents, then %+v", before, p.Documents)
	}
}

// A journal that changes while nothing in the list does is noticed among the newest.
func TestNewestAreReadAgain(t *testing.T) {
	w := newWorld(t)
	id := w.fake.Put(w.company, june())
	p := w.pull("")
	w.fake.Change(w.company, id, func(r *nmbrsfake.Run) { r.Transactions[1].Lines[0].Account = "5001" })
	if p = w.pull(p.Next); len(p.Documents) != 1 || !slices.Contains(rows(p.Documents[0].Document), "2026-05 5001 10.00 cost_centre=100 cost_unit=A") {
		t.Errorf("%+v", p.Documents)
	}
	// Whatever is older is not asked for: a run of ours stays cheap.
	for n := range 20 {
		r := june()
		r.Number, r.RunAt, r.Description = 10+n, "2026-06-29T10:00:00", "senare"
		w.fake.Put(w.company, r)
	}
	p = w.pull(p.Next)
	before, _ := w.fake.Calls()
	w.pull(p.Next)
	if after, _ := w.fake.Calls(); after-before != 3+readAgain { // domain, companies, runs of the year
		t.Errorf("%d calls for a run without change", after-before)
	}
}

// A journal that is not to be read, or has nothing in it, is shown with what is wrong, and
// no amount in it.
func TestJournalsThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.fake.Put(w.company, june())
	for name, journal := range map[string]string{
		"cut off":  "<transactions><transaction><lines><line><value>4711.25</value>",
		"bomb":     `<!DOCTYPE x [<!ENTITY a "aaaa">]><transactions><transaction>&a;</transaction></transactions>`,
		"nothing":  "<transactions></transactions>",
		"no value": "<transactions><transaction><header><date>20260630</date></header><lines><line><dim1>5000</dim1><value>4711,25 kr</value><debitcredit>debit</debitcredit></line></lines></transaction></transactions>",
	} {
		w.fake.Answer(func(operation string) (int, string, bool) {
			var b strings.Builder
			b.WriteString(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><` + operation + `Response><` + operation + `Result><![CDATA[` + journal + `]]></` + operation + `Result></` + operation + `Response></e:Body></e:Envelope>`)
			return 200, b.String(), strings.HasPrefix(operation, "Journals_")
		})
		p := w.pull("")
		if len(p.Documents) != 1 || !hub.Stops(p.Documents[0].Faults) || p.Documents[0].Document.Journals != nil || p.Documents[0].Document.Number != "Lönekörning juni" {
			t.Errorf("%s: %+v", name, p.Documents)
			continue
		}
		for _, f := range p.Documents[0].Faults {
			for _, text := range append([]string{f.Value, f.Path}, args(f)...) {
				if strings.Contains(text, "4711") {
					t.Errorf("%s: fault %+v tells an amount", name, f)
				}
			}
		}
	}
}

func args(f hub.Fault) (list []string) {
	for _, v := range f.Args {
		list = append(list, v)
	}
	return list
}

// Runs of weeks go by their day; where the options say months, periods that are none stop
// reading instead of booking on the wrong month.
func TestWeeks(t *testing.T) {
	w := newWorld(t)
	r := june()
	r.Number, r.PeriodStart, r.PeriodEnd = 25, 25, 25
	r.Transactions = []nmbrsfake.Transaction{{Date: "20260618", Period: "7/2026", Lines: r.Transactions[1].Lines}}
	w.fake.Put(w.company, r)
	if err := w.fails(); !errors.Is(err, source.ErrOptions) || !strings.Contains(err.Error(), "period 25") {
		t.Errorf("%v", err)
	}
	w.values["periods"] = "weeks"
	if got := rows(w.pull("").Documents[0].Document); got[0] != "2026-06 5000 10.00 cost_centre=100 cost_unit=A" {
		t.Errorf("%v", got)
	}
}

// Companies that must not be moved: what is excluded is neither read nor offered, a test
// company is a person's word, and a blocked one gives no data.
func TestBarred(t *testing.T) {
	feature.Covers(t, "N-2", "N-3")
	for name, c := range map[string]struct {
		change func(*world)
		says   string
	}{
		"excluded by name":             {func(w *world) { w.values["excluded"] = "Annan\n firman  ab " }, "Firman Ab (7) (excluded)"},
		"excluded by number":           {func(w *world) { w.values["excluded"] = "7" }, "(excluded)"},
		"excluded, chosen":             {func(w *world) { w.values["excluded"], w.values["company"] = "Firman Ab", "7" }, "(excluded)"},
		"test company":                 {func(w *world) { w.values["test_company"] = "yes" }, "Firman Ab (7) (test)"},
		"written, and nobody has said": {func(w *world) { w.env.Writing = true }, "Firman Ab (7) (unsure)"},
		"blocked, chosen": {func(w *world) {
			w.values["company"] = "Firman Ab"
			w.fake.AddCompany(w.debtor, 8, "Andra")
			w.fake.Block(w.company, true)
		}, "Firman Ab (missing): the user sees Andra (8)"},
	} {
		w := newWorld(t)
		w.fake.Put(w.company, june())
		c.change(w)
		if err := w.fails(); !errors.Is(err, source.ErrBarred) || errors.Is(err, source.ErrDenied) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		for _, call := range w.fake.Used() {
			if strings.Contains(call, "Journals_") || strings.Contains(call, "Run_") {
				t.Errorf("%s: %s was called", name, call)
			}
		}
	}
	w := newWorld(t)
	w.fake.Put(w.company, june())
	w.env.Writing, w.values["test_company"] = true, "no"
	if p := w.pull(""); len(p.Documents) != 1 {
		t.Errorf("a real company: %d documents", len(p.Documents))
	}
	// Blocked between the list and the runs.
	w = newWorld(t)
	d := w.open()
	if _, err := d.company(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.fake.Block(w.company, true)
	if _, err := d.Pull(t.Context(), "", 10); !errors.Is(err, source.ErrBarred) || errors.Is(err, source.ErrDenied) || !strings.Contains(err.Error(), "Firman Ab (7) (blocked)") || !strings.Contains(err.Error(), "1003") {
		t.Errorf("%v", err)
	}
}

// Debtors and companies are chosen from what the user sees; what is excluded is not there.
func TestChoices(t *testing.T) {
	w := newWorld(t)
	other := w.fake.AddDebtor("K-2", "Andra koncernen")
	w.fake.AddCompany(other, 9, "Dotter Ab")
	choose := func() map[string][]source.Choice {
		t.Helper()
		choices, err := Kind().Choices(t.Context(), w.env, w.config())
		if err != nil {
			t.Fatal(err)
		}
		return choices
	}
	labels := func(list []source.Choice) (l []string) {
		for _, c := range list {
			l = append(l, c.Label)
		}
		return l
	}
	c := choose()
	if diff := cmp.Diff([]string{"Andra koncernen (K-2)", "Koncernen (K-1)"}, labels(c["debtor"])); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Dotter Ab (9)", "Firman Ab (7)"}, labels(c["company"])); diff != "" {
		t.Error(diff)
	}
	if err := w.fails(); !errors.Is(err, source.ErrOptions) || !strings.Contains(err.Error(), "Firman Ab (7), Dotter Ab (9)") {
		t.Errorf("several: %v", err)
	}
	w.values["debtor"] = c["debtor"][0].Value
	if diff := cmp.Diff([]string{"Dotter Ab (9)"}, labels(choose()["company"])); diff != "" {
		t.Error(diff)
	}
	delete(w.values, "debtor")
	w.values["excluded"] = "Dotter Ab"
	if diff := cmp.Diff([]string{"Firman Ab (7)"}, labels(choose()["company"])); diff != "" {
		t.Error(diff)
	}
	if p := w.pull(""); len(p.Documents) != 0 {
		t.Error("runs of nobody")
	}
}
