package scenes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/internal/web/webtest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A newcomer is a hub without a company, beside a sandbox that others have used.
type newcomer struct {
	*enginetest.World // of the others
	store             *store.Store
	engine            *engine.Engine
}

func newNewcomer(t *testing.T, cfg enginetest.Config) *newcomer {
	t.Helper()
	w := enginetest.OnSQLite(t)(cfg)
	n := &newcomer{World: w, store: storetest.Open(t, storetest.SQLite(t), store.Options{Now: w.Clock.Now})}
	n.engine = w.NewEngine(n.store, "new", 1)
	w.Must(n.store.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddPerson(people.User{Login: "matti", Name: "Matti Ylläpito", Role: people.Admin, Language: "fi"}, secret.New(webtest.Password))
		return err
	}))
	return n
}

// connection is the only one of the new hub.
func (n *newcomer) connection() hub.Connection {
	n.T.Helper()
	list, err := store.ReadOne(n.T.Context(), n.store, func(tx *store.Tx) ([]hub.Connection, error) { return tx.Connections("") })
	n.Must(err)
	if len(list) != 1 {
		n.T.Fatalf("%d connections", len(list))
	}
	return list[0]
}

// settle steps the new hub's engine until nothing is active.
func (n *newcomer) settle(company string) {
	n.T.Helper()
	for range 200 {
		next, err := n.engine.Step(n.T.Context(), n.Clock.Now(), company)
		n.Must(err)
		busy := false
		for _, t := range n.transfers(company) {
			busy = busy || t.State.Active()
		}
		if !busy {
			return
		}
		n.Clock.Set(next)
	}
	n.T.Fatal("does not settle")
}

func (n *newcomer) transfers(company string) []hub.Transfer {
	list, err := store.ReadOne(n.T.Context(), n.store, func(tx *store.Tx) ([]hub.Transfer, error) { return tx.AllTransfers(company) })
	n.Must(err)
	return list
}

// A company is connected with the mouse: which way, the key, what it lacks, the
// choices; then its Severa, with company and statuses from what Severa has; and a
// preview that has written nothing.
func TestSceneConnect(t *testing.T) {
	feature.Covers(t, "E-8", "E-9", "E-10", "S-46")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			sev := enginetest.NewSevera()
			var cfg enginetest.Config
			sev.Into(&cfg)
			n := newNewcomer(t, cfg)
			sev.Now = n.Clock.Now
			r := sev.Furnish("1234567-1")
			demo := n.Sandbox.Demo()
			n.Foreign(enginetest.Sale("1001", "100.00")) // by the old integration
			n.Foreign(enginetest.Sale("1002", "200.00"))
			customer := sev.NewCustomer(1001, "Kuvitelma Kauppa Oy", "FI23456780")
			sev.Change("customers", customer, func(o severafake.Object) {
				o["eInvoiceAddress"], o["eInvoiceOperator"] = "FI2112345600000785", "NDEAFIHH"
			})
			for i := range 11 {
				inv := severafake.Invoice{Number: 1001 + i, Date: "2026-03-10", Due: "2026-03-24", Status: r.Waiting, Customer: customer, Projects: []string{r.Project},
					Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "1", Price: fmt.Sprint(i+1, "00.00"), VAT: "25.5", Unit: "h"}}}
				if i >= 8 {
					inv.Rows[0].Unit = "laatikollinen"
				}
				if i == 10 {
					inv.Number, inv.Date, inv.Due, inv.Rows[0].Unit = 900, "2026-02-28", "2026-03-30", "h"
				}
				sev.NewInvoice(inv)
			}
			before := len(n.Sandbox.Invoices(demo.CompanyID))
			rights := procountortest.AllRights()
			rights.Purchases.PurchaseInvoices = procountortest.AllowView
			person := n.Sandbox.AddUser(demo.CompanyID, "m.m", "Matti", "Meikäläinen", rights)
			key := n.Sandbox.AddAPIKey(demo.CompanyID, person, demo.ClientID, "")
			p := Open(t, serve(t, n.store, n.engine), look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			p.Expect("422") // what is missing is answered so
			signIn(p, "matti")
			p.Go("/companies")
			p.Click("main .head a[href='/connect']")
			p.Sees("h1", "Yhdistä Procountoriin")
			p.Sees(".stages li[aria-current=step]", "Minne")
			look("1-where")
			p.Choose("#environment", "sandbox")
			p.Fill("#base-url", "http://sandbox/api")
			p.Fill("#client-id", demo.ClientID)
			p.Fill("#client-secret", demo.ClientSecret)
			p.Click("form[action='/connect'] button")
			p.Sees("#fault-before-none", "Kerro, onko tähän yritykseen kirjoittanut jokin muu liittymä")
			p.Fill("#client-secret", demo.ClientSecret) // a secret is never shown again
			p.Click("label[for=before-none]")
			p.Click("form[action='/connect'] button")

			p.Sees(".how", "Uusi API-avain")
			p.Sees(".how code.client", demo.ClientID)
			p.Sees(".how", "Paina Muodosta, sitten Kopioi API-avain leikepöydälle ja sitten OK")
			if s := p.Text("main"); strings.Contains(s, "Irrota ensin nykyinen integraatio") {
				t.Error("the first integration is told to detach another")
			}
			p.Sees("table.rights", "Kirjoittaa ostolaskuja")
			look("2-key")
			p.Fill("#key", "no-such-key")
			p.Click("form[action$='/key'] button")
			p.Sees("#fault-key", "Avain pitää tehdä juuri tälle API-asiakkaalle")
			p.Fill("#key", key)
			p.Click("form[action$='/key'] button")

			p.Sees(".standing .lacks", "1 oikeus puuttuu")
			p.Sees("#right-write-purchases", "Anna käyttäjälle kaikki oikeudet ostolaskuihin")
			p.Sees(".standing", "Avain näyttää kuuluvan ihmisen omalle tunnukselle")
			look("3-lacks")
			p.Fill("#name", "Severa")
			p.Click("form.choices button")
			p.Sees("#fault-incomplete", "Oikeuksia puuttuu")
			n.Sandbox.SetRights(demo.CompanyID, person, procountortest.AllRights())
			p.Click("#check-again")
			p.Sees(".standing .lacks", "Kaikki tarvittava on kunnossa")

			p.Choose("input[name='from.sales_invoice']", "2026-03-01")
			p.Click("label[for=sender-procountor]")
			p.Fill("#name", "Severa")
			look("4-choices")
			p.Click("form.choices button")
			p.Sees("p.note.good", "”Severa” on tehty: luku päällä, kirjoitus pois")
			p.Sees(".standing", "Luku päällä, kirjoitus pois")
			look("5-made")
			for _, s := range []string{key, demo.ClientSecret} {
				if strings.Contains(p.Text("body"), s) {
					t.Error("a secret is on the page")
				}
			}

			c := n.connection()
			if c.Writing || c.System != "Severa" || c.Settings.Sender != hub.SenderProcountor || c.Settings.Kinds[hub.SalesInvoice].FirstDay != civil.Must("2026-03-01") {
				t.Errorf("%+v", c)
			}
			p.Go("/connections/" + c.ID)
			p.Click("main a[href$='/source']")
			p.Choose("#source-kind", "severa")
			p.Click("form.filters button")
			p.Fill("input[name='option.client_id']", "vienti")
			p.Fill("input[name='option.client_secret']", enginetest.SeveraSecret)
			p.Click(".settings-form button[value=choices]")
			p.Sees("main", "Visma Severa tarjoaa nyt nämä vaihtoehdot")
			p.Choose("select[name='option.company']", r.Company)
			p.Choose("select[name='option.status']", r.Waiting)
			p.Choose("select[name='option.status_after']", r.Transferred)
			p.Fill("input[name='option.client_secret']", enginetest.SeveraSecret) // never shown again
			look("6-severa")
			p.Click(".settings-form button[value=save]")
			p.Sees("main", "10 minuutin välein")
			_, err := n.engine.Pull(t.Context(), c.ID)
			n.Must(err)
			n.settle(c.Company)
			states := map[hub.State]int{}
			for _, tr := range n.transfers(c.Company) {
				states[tr.State]++
			}
			if states[hub.Noticed] != 6 || states[hub.Linked] != 2 || states[hub.Held] != 2 || states[hub.Skipped] != 1 {
				t.Errorf("%v", states)
			}
			p.Go("/connections/" + c.ID)
			p.Click("main .buttons a") // what would be written
			p.Sees("table.list", "Oli jo siellä")
			p.Sees("table.list", "Tuntematon yksikkö")
			look("7-preview")
			if got := len(n.Sandbox.Invoices(demo.CompanyID)); got != before {
				t.Errorf("%d invoices were written", got-before)
			}
			if got := sev.Writes(); got != 0 {
				t.Errorf("%d writes to Severa", got)
			}
			for _, problem := range sev.Problems() {
				t.Error(problem)
			}
		})
	}
}

// Where another integration has written so far, that one is detached first.
func TestConnectAfterAnother(t *testing.T) {
	feature.Covers(t, "E-3", "E-13")
	n := newNewcomer(t, enginetest.Config{})
	demo := n.Sandbox.Demo()
	p := Open(t, serve(t, n.store, n.engine), Desk)
	p.Expect("422")
	signIn(p, "matti")
	p.Go("/connect")
	p.Click("label[for=before-one]")
	p.Choose("#environment", "sandbox")
	p.Fill("#base-url", "http://sandbox/api")
	p.Fill("#client-id", demo.ClientID)
	p.Fill("#client-secret", demo.ClientSecret)
	p.Click("form[action='/connect'] button")
	p.Sees("#first", "Irrota ensin nykyinen integraatio")
	p.Sees(".standing.warn", "Jos molemmat kirjoittavat, sama lasku voi tulla kahdesti")
	p.Sees(".standing.warn", "Valitse ensimmäiseksi päiväksi")
	p.Shot("first")
	p.Sound()
	p.Fill("#key", demo.APIKey)
	p.Click("form[action$='/key'] button")
	p.Sees("#fault-first-done", "Irrota ensin aiempi integraatio")
	p.Click("label[for=first-done]")
	p.Fill("#key", demo.APIKey)
	p.Click("form[action$='/key'] button")
	p.Sees(".standing .lacks", "Kaikki tarvittava on kunnossa")
}

// A company leaves: what is half-way is seen, finished or not as chosen, the key
// is gone, and everything stays readable; connected again, nothing is sent twice.
func TestDetachACompany(t *testing.T) {
	feature.Covers(t, "E-14")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				k := s.Kinds[hub.SalesInvoice]
				k.Arrival = hub.ArriveApproved
				s.Kinds[hub.SalesInvoice] = k
			}})
			w.Receive(enginetest.Sale("1001", "100.00"))
			w.Settle()
			w.Sandbox.PlanFault(faulty.Rule{Path: "*/approve", Times: 1, Fault: faulty.Fault{Kind: procountortest.FaultTooMany}})
			w.Receive(enginetest.Sale("1002", "200.00"))
			for w.Transfer("1002").InvoiceID == 0 {
				w.Step(t.Context())
			}
			w.Receive(enginetest.Sale("1003", "300.00"))
			p := adminAt(t, w, look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			p.Expect("422")
			p.Go("/companies")
			p.Click("a[href$='/detach']")
			p.Sees("h1", "Irrota Procountorista")
			p.Sees(".standing", "1 tosite on puolivälissä")
			p.Sees(".standing", "1 on aloittamatta. Se jää tänne eikä lähde.")
			look("1-choice")
			p.Click("label[for=sure]")
			p.Click("form button.danger")
			p.Sees("[role=alert]", "Valitse, mitä puolivälissä oleville tositteille tehdään")
			p.Click("label[for=how-finish]")
			p.Click("label[for=sure]")
			p.Click("form button.danger")
			p.Sees("p.note.good", "keskeneräiset hoidetaan ensin")
			p.Sees(".standing", "Irrotetaan: puolivälissä olevat viedään ensin loppuun.")
			look("2-leaving")
			for range 20 {
				w.Clock.Set(w.Step(t.Context()))
			}
			p.Go("/companies")
			p.Sees(".note.detached", "Irrotettu 16.3.2026")
			p.Sees(".note.detached", "tekijä Matti Ylläpito")
			look("3-detached")
			if v := w.Vouchers("1002"); len(v) != 1 || v[0].Status != "APPROVED" {
				t.Errorf("%v", v)
			}
			var key string
			w.Must(w.Store.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("select api_key from company").Scan(&key) }))
			if key != "" {
				t.Error("the key is still there")
			}
			p.Go("/documents/" + w.Transfer("1002").ID)
			p.Sees(".note.detached", "Irrotettu")
			p.Sees(".standing .badge", "Valmis")
			p.Go("/connections/" + w.Connection.ID)
			p.Sees(".note.detached", "Irrotettu")
			w.Sandbox.ForgetRequests()
			for range 5 {
				w.Clock.Set(w.Step(t.Context()))
			}
			if r := w.Sandbox.Requests(); len(r) > 0 {
				t.Errorf("requests have left: %v", r)
			}

			demo := w.Sandbox.Demo()
			p.Go("/companies")
			p.Click("article a[href='/connect']")
			p.Click("label[for=before-none]")
			p.Choose("#environment", "sandbox")
			p.Fill("#base-url", w.Company.BaseURL)
			p.Fill("#client-id", demo.ClientID)
			p.Click("form[action='/connect'] button")
			p.Fill("#key", demo.APIKey)
			p.Click("form[action$='/key'] button")
			p.Sees("#there", "Esimerkkipaja Oy on ollut yhdistettynä ennenkin")
			look("4-again")
			p.Click("form.choices button")
			p.Sees("p.note.good", "on taas yhdistetty ja vain lukee")
			w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
			w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "200.00"), enginetest.Sale("1003", "300.00"))
			w.Settle()
			for _, number := range []string{"1001", "1002", "1003"} {
				if v := w.Vouchers(number); len(v) != 1 {
					t.Errorf("%s: %d vouchers", number, len(v))
				}
			}
		})
	}
}
