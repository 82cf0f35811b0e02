package nmbrs

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/nmbrs/nmbrsfake"
	"github.com/vienti/vienti/internal/source/sourcetest"
)

const token = "nyckel-4711"

// world is a fake with one company of one debtor.
type world struct {
	t       *testing.T
	fake    *nmbrsfake.Server
	now     time.Time
	debtor  int
	company int
	values  map[string]string
	env     source.Env
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 7, 3, 12, 0, 0, 0, time.UTC), values: map[string]string{"user": "api@firma.example"}}
	w.fake = nmbrsfake.New("api@firma.example", token, func() time.Time { return w.now })
	w.debtor = w.fake.AddDebtor("K-1", "Koncernen")
	w.company = w.fake.AddCompany(w.debtor, 7, "Firman Ab")
	w.env = source.Env{HTTP: &http.Client{Transport: w.fake}, Now: func() time.Time { return w.now }}
	t.Cleanup(func() {
		for _, p := range w.fake.Problems() {
			t.Error(p)
		}
	})
	return w
}

func (w *world) config() source.Config {
	return source.Config{Values: w.values, Secrets: map[string]secret.Secret{"token": secret.New(token)}}
}

func (w *world) open() *Driver {
	w.t.Helper()
	d, err := Kind().Open(w.env, w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	return d.(*Driver)
}

// pull reads one page as after a restart.
func (w *world) pull(cursor source.Cursor) source.Page {
	w.t.Helper()
	p, err := source.New("Nmbrs", w.open()).Pull(w.t.Context(), cursor, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// fails reads one page, which must not be.
func (w *world) fails() error {
	w.t.Helper()
	d, err := Kind().Open(w.env, w.config())
	if err != nil {
		return err
	}
	p, err := source.New("Nmbrs", d).Pull(w.t.Context(), "", 100)
	if err == nil {
		w.t.Fatalf("%d documents were read", len(p.Documents))
	}
	return err
}

// june is a run with a salary of two people on two cost centres, and a correction of May.
func june() nmbrsfake.Run {
	line := func(account, centre, unit, who, text string, cents int64) nmbrsfake.Line {
		return nmbrsfake.Line{Account: account, Centre: centre, Unit: unit, Employee: who, Text: text, Cents: cents}
	}
	return nmbrsfake.Run{Number: 6, Year: 2026, PeriodStart: 6, PeriodEnd: 6, Description: "Lönekörning juni", RunAt: "2026-06-25T09:30:00", Locked: true,
		Transactions: []nmbrsfake.Transaction{
			{Date: "20260630", Period: "6/2026", Lines: []nmbrsfake.Line{
				line("5000", "100", "A", "1", "Löner", 300000), line("5000", "100", "A", "2", "Löner", 250000), line("5000", "200", "", "3", "Löner", 410050), line("2910", "", "", "", "Nettolön", -960050),
			}},
			{Date: "20260531", Period: "5/2026", Lines: []nmbrsfake.Line{line("5000", "100", "A", "1", "Rättelse", 1000), line("2910", "", "", "", "Nettolön", -1000)}},
		}}
}

// harness makes runs of the suite's documents.
type harness struct {
	*world
	runs map[string]int
}

func newHarness(t *testing.T) *harness {
	w := newWorld(t)
	w.now = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	w.values["from_year"] = "2024"
	return &harness{w, map[string]int{}}
}

func (h *harness) Kind() source.Kind     { return Kind() }
func (h *harness) Deny(*testing.T)       { h.fake.Deny() }
func (h *harness) Writes(*testing.T) int { return 0 } // the fake has no operation that changes anything
func (h *harness) Secrets() []string     { return []string{token} }

func (h *harness) Exceptions() []sourcetest.Exception {
	day := civil.Must("2026-11-30")
	return []sourcetest.Exception{
		{Test: "Amounts", Reason: "a run has debit and credit instead of lines: TestRun", Date: day},
		{Test: "Text", Reason: "a run has no text beside its name: TestNames", Date: day},
	}
}

func (h *harness) Seed(_ *testing.T, docs []sourcetest.Seed) {
	for _, s := range docs {
		net, _ := s.Totals()
		cents := int64(0)
		if _, err := fmt.Sscan(strings.Replace(net.Fixed(2), ".", "", 1), &cents); err != nil {
			h.t.Fatal(err)
		}
		id := h.fake.Put(h.company, nmbrsfake.Run{ID: h.runs[s.Number], Number: int(s.Date.Month), Year: s.Date.Year, Description: s.Number, RunAt: s.Changed.UTC().Format("2006-01-02T15:04:05"), Locked: true,
			Transactions: []nmbrsfake.Transaction{{Date: strings.ReplaceAll(s.Date.String(), "-", ""), Lines: []nmbrsfake.Line{{Account: "5000", Cents: cents}, {Account: "2910", Cents: -cents}}}}})
		h.runs[s.Number] = id
	}
}

func (h *harness) Open(t *testing.T, env source.Env) source.Driver {
	t.Helper()
	env.HTTP = h.env.HTTP
	d, err := Kind().Open(env, h.config())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSuite(t *testing.T) {
	for name, change := range map[string]func(*harness){
		"the Netherlands": func(*harness) {},
		"Sweden": func(h *harness) {
			h.values["environment"] = "sweden"
			h.fake.Host, h.fake.Space = "api.nmbrs.se", "https://api.nmbrs.se/soap/v3/"
		},
		"Sweden, with the namespace of the Netherlands": func(h *harness) { h.values["environment"], h.fake.Host = "sweden", "api.nmbrs.se" },
		"the sandbox, which does not describe itself": func(h *harness) {
			h.values["environment"] = "sandbox"
			h.fake.Host, h.fake.Undescribed = "api-sandbox.nmbrs.nl", true
		},
		"another order, and CDATA": func(h *harness) { h.fake.Backwards, h.fake.CData = true, true },
		"by company":               func(h *harness) { h.values["detail"] = "company" },
		"several companies": func(h *harness) {
			other := h.fake.AddCompany(h.debtor, 8, "Andra Ab")
			h.fake.Put(other, june())
			h.values["company"] = "Firman Ab"
		},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
				h := newHarness(t)
				change(h)
				return h
			})
		})
	}
}

// rows are a document's rows: period, account, dimensions and sum of each.
func rows(d *hub.Document) (list []string) {
	for i := range d.Journals {
		j := &d.Journals[i]
		for _, r := range j.Rows {
			row := fmt.Sprintf("%s %s %s", j.Month(), r.Account, r.Amount)
			for _, x := range r.Dimensions {
				row += fmt.Sprintf(" %s=%s", x.Axis, x.Code)
			}
			if r.Employee != "" {
				row += " person " + r.Employee
			}
			list = append(list, row)
		}
	}
	return list
}

// sums are what a document's rows come to by period and account.
func sums(d *hub.Document) map[string]money.Amount {
	m := map[string]money.Amount{}
	for i := range d.Journals {
		for _, r := range d.Journals[i].Rows {
			key := string(d.Journals[i].Month()) + " " + r.Account
			m[key] = m[key].Add(r.Amount)
		}
	}
	return m
}
