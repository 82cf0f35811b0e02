package scenes

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/all"
	"github.com/vienti/vienti/internal/source/nmbrs/nmbrsfake"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// Somebody who comes from Nmbrs does here what its own integration asks for: an account under
// any name, authorised by a login at Procountor, where the company is chosen; a state in
// colour and words; and a company of Nmbrs joined to it, of those that the API user sees.
func TestNmbrsIsConnected(t *testing.T) {
	feature.Covers(t, "N-6", "N-7", "N-8", "N-9", "N-10")
	feature.Covers(t, "N-11", "N-12", "N-13", "N-16")
	for _, look := range []Look{Desk, {Width: 360, Height: 780, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			var fake *nmbrsfake.Server
			n := newNewcomer(t, enginetest.Config{Sources: all.Sources(), SourceHTTP: func(hub.Connection) *http.Client { return &http.Client{Transport: fake} }})
			fake = nmbrsfake.New("api@firma.example", "nyckel", n.Clock.Now)
			debtor := fake.AddDebtor("K-1", "Koncernen")
			ours := fake.AddCompany(debtor, 7, "Firman Ab")
			test := fake.AddCompany(debtor, 8, "Firman test")
			n.Must(n.store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "annika", Name: "Annika Lön", Role: people.Admin, Language: "sv"}, secret.New(webtest.Password))
				return err
			}))
			demo := n.Sandbox.Demo()
			swedish := n.Sandbox.AddCompany(procountortest.SwedishDemo())
			n.Sandbox.AddUser(swedish, "lon", "Lön", "Gränssnitt", procountortest.AllRights())
			there := httptest.NewServer(n.Sandbox.Handler())
			t.Cleanup(there.Close)
			here := serveWith(t, web.Options{Store: n.store, Engine: n.engine, Now: n.Clock.Now})
			n.Sandbox.SetRedirectURI(demo.ClientID, here+"/connect/back")
			p := Open(t, here, look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			login := func() {
				p.Fill("input[name=username]", "lon")
				p.Fill("input[name=password]", procountortest.LoginPassword)
				p.Choose("select[name=company]", strconv.FormatInt(swedish, 10))
				p.Click("button[value=yes]")
			}
			signIn(p, "annika")
			p.Go("/companies")
			p.Click("a[href='/connect']")
			p.Click("label[for=before-none]")
			p.Choose("#environment", "sandbox")
			p.Fill("#base-url", there.URL+"/api")
			p.Fill("#client-id", demo.ClientID)
			p.Fill("#client-secret", demo.ClientSecret)
			p.Click("form[action='/connect'] button")
			p.Click("#activate")
			login()
			p.Sees(".standing .facts", procountortest.SwedishDemo().Name)
			p.Fill("#name", "Vad som helst 7")
			p.Fill("#system", "Visma Nmbrs")
			p.Click("form.choices button")
			p.Sees("p.note.good", "”Vad som helst 7” är gjord")
			c := n.connection()

			p.Go("/companies")
			p.Sees(".badge.good.connected", "ansluten")
			n.Sandbox.EndLogins(swedish)
			n.Clock.Add(2 * time.Hour)
			_, err := n.engine.Step(t.Context(), n.Clock.Now(), c.Company)
			n.Must(err)
			p.Go("/companies")
			p.Sees(".badge.bad.connected", "avbruten")
			p.Sees(".note.bad", "Inloggningen hos Procountor har upphört")
			p.Click("button.login-again")
			login()
			p.Sees("p.note.good", "")
			p.Go("/companies")
			p.Sees(".badge.good.connected", "ansluten")
			if text := p.Text("main"); strings.Contains(text, "upphört") {
				t.Error("the red message is still there")
			}

			// The company of Nmbrs is chosen for the company of Procountor.
			p.Click("a[href='/connections/" + c.ID + "']")
			p.Click("a[href$='/source']")
			p.Choose("#source-kind", "nmbrs")
			p.Click("form.filters button")
			p.Sees("p.note", "upphör 2027-03-01")
			p.Click("details summary")
			p.Sees("details", "CompanyService:Journals_GetByRunCostCenterCostUnitPerYear")
			p.Fill("input[name='option.user']", "api@firma.example")
			p.Fill("input[name='option.token']", "nyckel")
			p.Fill("textarea[name='option.excluded']", "Firman test")
			p.Click(".settings-form button[value=save]")
			p.Sees("dl.facts", "Visma Nmbrs")
			p.Click(".settings-form button[value=choices]")
			p.Sees("select[name='option.debtor']", "Koncernen (K-1)")
			p.Sees("select[name='option.company']", "Firman Ab (7)")
			if text := p.Text("select[name='option.company']"); strings.Contains(text, "Firman test") {
				t.Error("an excluded company is offered")
			}
			p.Choose("select[name='option.company']", strconv.Itoa(ours))
			look("1-company")
			p.Click(".settings-form button[value=save]")
			p.Click("input[name='option.company']") // saved: it is a field to be written in again
			p.Go("/connections/" + c.ID + "/checklist")
			p.Sees("#line-payroll-company", "Firman Ab (7)")
			look("2-is-it-a-test-company")

			// A further company of the same account: another connection, with the same user.
			second := hub.Connection{ID: n.store.NewID(), Company: c.Company, Name: "Dotter", System: "Visma Nmbrs", Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}
			n.Must(n.store.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertConnection(second, "annika") }))
			p.Go("/connections/" + second.ID + "/source?kind=nmbrs")
			p.Choose("#source-like", c.ID)
			p.Click("form.filters button")
			p.Sees(".settings-form", "Tas från anslutningen som du valde")
			p.Click(".settings-form button[value=choices]")
			p.Sees("select[name='option.company']", "Firman Ab (7)")
			p.Choose("select[name='option.company']", strconv.Itoa(ours))
			look("3-the-same-user")
			p.Click(".settings-form button[value=save]")
			p.Sees("dl.facts", "Visma Nmbrs")
			if pull, err := n.engine.Pull(t.Context(), second.ID); err != nil || pull == nil || pull.Fault != nil {
				t.Errorf("%+v, %v", pull, err)
			}

			// A company that is on the list is never read.
			n.Must(n.engine.SetSource(t.Context(), "annika", store.Source{Connection: c.ID, Kind: "nmbrs", Schedule: source.Schedule{Every: time.Hour}}, source.Config{
				Values: map[string]string{"user": "api@firma.example", "company": strconv.Itoa(test), "excluded": "Firman test"}}))
			if _, err := n.engine.Pull(t.Context(), c.ID); err != nil {
				t.Fatal(err)
			}
			p.Go("/connections/" + c.ID + "/source")
			p.Sees(".note.bad", "Källans företag är spärrat")
			p.Sees(".note.bad", "Firman test (8) står på listan över undantagna företag")
			look("4-barred")
			for _, problem := range fake.Problems() {
				t.Error(problem)
			}
		})
	}
}

// Cost centres and cost units of payroll become dimensions: each is switched on by choosing
// its dimension from those that Procountor has, so that its name is right at once; the rows of
// the next run stand on them.
func TestPayrollDimensionsAreChosen(t *testing.T) {
	feature.Covers(t, "N-14", "N-15")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		enginetest.Pays("", hub.ArriveApproved)(s)
		s.Dimensions = nil
	}})
	run := enginetest.Run("Maaliskuu 2026", "4711.13", "2026-03")
	for i := range run.Journals[0].Rows[:2] {
		row := &run.Journals[0].Rows[i]
		row.Dimensions = append(row.Dimensions, hub.Dimension{Axis: hub.CostUnitAxis, Code: "P100"})
	}
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID + "/settings")
	for _, name := range []string{"Project", "Cost centre"} { // all that the company has
		p.Sees("select[name='dimensions.cost_unit']", name)
	}
	p.Choose("select[name='dimensions.cost_centre']", "Cost centre")
	p.Choose("select[name='dimensions.cost_unit']", "Project")
	p.Sound()
	p.Click(".settings-form .save button")
	p.Sees("main", "Asetukset on tallennettu")
	w.Receive(run)
	w.Settle()
	if n, err := w.Engine.SendRun(t.Context(), "matti", w.Connection.ID, run.SourceID, ""); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	w.Settle()
	if diffs := enginetest.SameSums(w.Books(), enginetest.Wanted(run)); len(diffs) > 0 {
		t.Errorf("the books: %s", strings.Join(diffs, "; "))
	}
	for key := range w.Books() {
		if strings.Contains(key, " 5000 ") && !strings.HasSuffix(key, " P100") {
			t.Errorf("%s stands on no cost unit", key)
		}
	}
}
