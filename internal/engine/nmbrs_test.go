package engine_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	sources "github.com/vienti/vienti/internal/source/all"
	"github.com/vienti/vienti/internal/source/nmbrs/nmbrsfake"
	"github.com/vienti/vienti/internal/store"
)

// nmbrsWorld is a world whose connection is read from an Nmbrs with one company.
func nmbrsWorld(t *testing.T, settings func(*hub.Settings)) (w *enginetest.World, fake *nmbrsfake.Server, company int) {
	t.Helper()
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Sources: sources.Sources(),
		SourceHTTP: func(hub.Connection) *http.Client { return &http.Client{Transport: fake} },
		Settings: func(s *hub.Settings) {
			enginetest.Pays("", hub.ArriveApproved)(s)
			s.Dimensions[hub.CostUnitAxis] = "Project"
			if settings != nil {
				settings(s)
			}
		}})
	fake = nmbrsfake.New("api@firma.example", "avain", w.Clock.Now)
	company = fake.AddCompany(fake.AddDebtor("K-1", "Konserni"), 7, "Esimerkkipaja Oy")
	w.Must(w.Engine.SetSource(t.Context(), "anna", store.Source{Connection: w.Connection.ID, Kind: "nmbrs", Schedule: source.Schedule{Every: time.Hour}},
		source.Config{Values: map[string]string{"user": "api@firma.example", "test_company": "no"}, Secrets: map[string]secret.Secret{"token": secret.New("avain")}}))
	t.Cleanup(func() {
		for _, p := range fake.Problems() {
			t.Error(p)
		}
	})
	return w, fake, company
}

// wantedOf are the sums of a run of the fake, as [enginetest.World.Books] has ours.
func wantedOf(r nmbrsfake.Run) map[string]money.Amount {
	sums := map[string]money.Amount{}
	for _, tr := range r.Transactions {
		for _, l := range tr.Lines {
			key := tr.Date[:4] + "-" + tr.Date[4:6] + " " + l.Account
			for _, code := range []string{l.Centre, l.Unit} {
				if code != "" {
					key += " " + code
				}
			}
			sums[key] = sums[key].Add(money.Cents(l.Cents))
		}
	}
	return sums
}

// The seed's example, from Nmbrs to Procountor: a run with corrections of earlier months
// becomes a journal for each of them under the name of the ordinary run, cost centres and
// cost units as dimensions, items that are missing made; run again, it shows the difference.
func TestNmbrsToProcountor(t *testing.T) {
	w, fake, company := nmbrsWorld(t, nil)
	fake.AddCostCentre(company, "10", "Myynti")
	fake.AddCostCentre(company, "40", "Uusi pysäkki")
	fake.AddCostUnit(company, "K9", "Korjaus")
	wages := func(date, period string, cents int64) nmbrsfake.Transaction {
		return nmbrsfake.Transaction{Date: date, Period: period, Lines: []nmbrsfake.Line{
			{Account: "5000", Centre: "10", Unit: "K9", Employee: "1", Text: "Palkat", Cents: cents}, {Account: "5000", Centre: "40", Employee: "2", Text: "Palkat", Cents: 2 * cents},
			{Account: "2960", Text: "Palkkavelka", Cents: -3 * cents}}}
	}
	run := nmbrsfake.Run{Number: 3, Year: 2026, PeriodStart: 3, PeriodEnd: 3, Description: "Maaliskuun palkka-ajo", RunAt: "2026-03-14T08:00:00", Locked: true,
		Transactions: []nmbrsfake.Transaction{wages("20260331", "3/2026", 314159), wages("20260131", "1/2026", 1001), wages("20260228", "2/2026", -77)}}
	id := fake.Put(company, run)
	doc := &hub.Document{Number: run.Description, SourceID: fmt.Sprintf("nmbrs/%d/%d", company, id)}
	read := func() {
		t.Helper()
		w.Must(w.Engine.PullNow(t.Context(), "anna", w.Connection.ID))
		if p := pullOnce(t, w); p == nil || p.Fault != nil {
			t.Fatalf("%+v", p)
		}
		w.Settle()
	}
	send := func() {
		t.Helper()
		if _, err := w.Engine.SendRun(t.Context(), "anna", w.Connection.ID, doc.SourceID, ""); err != nil {
			t.Fatal(err)
		}
		w.Settle()
	}
	wantSums := func(r nmbrsfake.Run) {
		t.Helper()
		if diffs := enginetest.SameSums(w.Books(), wantedOf(r)); len(diffs) > 0 {
			t.Errorf("the books: %s", strings.Join(diffs, "; "))
		}
	}
	read()
	wantRun(t, w, doc, "held waits-for-person", "held waits-for-person", "held waits-for-person")
	send()
	wantRun(t, w, doc, "done", "done", "done")
	wantSums(run)
	for _, r := range journals(w) {
		if !strings.Contains(r.Name, run.Description) {
			t.Errorf("%s is called %q", r.ReceiptDate, r.Name)
		}
	}

	fake.Change(company, id, func(r *nmbrsfake.Run) { r.Locked = false })
	read()
	run.RunAt, run.Transactions[1] = "2026-03-15T08:00:00", wages("20260131", "1/2026", 2002)
	run.ID = id
	fake.Put(company, run)
	read()
	list := wantRun(t, w, doc, "held changed-later", "done", "done")
	w.Must(w.Engine.Act(t.Context(), "anna", list[0].ID, engine.Difference, "ajettu uudelleen"))
	w.Settle()
	wantRun(t, w, doc, "done", "done", "done")
	wantSums(run)
	before := strconv.Itoa(len(written(w)))
	read()
	if after := strconv.Itoa(len(written(w))); after != before {
		t.Errorf("%s writes, then %s", before, after)
	}
}
