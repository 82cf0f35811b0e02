package scenes

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// Purchase invoices go their round: one to the manager of its project, one to the person
// whose id it bears, one to the default. The administrator tries the settings first. The
// pre-approver pre-approves and can no more; the manager splits 60/40 and approves from the
// phone; somebody approves the third in Procountor, and the page stops asking. The costs
// go on to the source's two projects.
func TestPurchaseInvoiceGoesItsRound(t *testing.T) {
	feature.Covers(t, "T-39", "T-40", "T-41", "T-44")
	for _, look := range []Look{Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			f := enginetest.NewFrame()
			cfg := enginetest.Config{Writing: true}
			f.Into(&cfg)
			w := enginetest.OnSQLite(t)(cfg)
			w.Frame(f)
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				for login, role := range map[string]people.Role{"johanna@example.fi": people.RoundLead, "pekka@example.fi": people.Approver, "esko@example.fi": people.PreApprover,
					"bo@example.fi": people.Approver} {
					name := strings.ToUpper(login[:1]) + strings.TrimSuffix(login[1:], "@example.fi") + " Esimerkki"
					if _, err := tx.AddPerson(people.User{Login: login, Name: name, Role: role, Language: "fi"}, secret.New(webtest.Password)); err != nil {
						return err
					}
				}
				return nil
			}))
			bought := func(number, price, order, buyer string) int64 {
				d := enginetest.Purchase(number, price)
				d.References.Order, d.References.Buyer = order, buyer
				w.Foreign(d)
				id := w.Vouchers(number)[0].ID
				w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, id, "RECEIVED")
				return id
			}
			status := func(id int64) string { inv, _ := w.Sandbox.Invoice(w.Company.ProcountorID, id); return inv.Status }
			first := bought("OL-1", "1000", "Työmaa P-1001", "")
			bought("OL-2", "10", "", "37")
			third := bought("OL-3", "10", "", "")
			later := func() { w.Clock.Add(2 * time.Minute); w.Settle() }
			later()
			as := func(p *Page, login string) {
				p.Click("form[action='/logout'] button")
				p.Sees("main form[action='/login'] label", "")
				signIn(p, login)
			}

			// 0. The settings, tried on what Procountor has.
			p := adminAt(t, w, look)
			sound := func() {
				if !look.NoScript {
					p.Sound()
				}
			}
			p.Go("/connections/" + w.Connection.ID + "/circulation")
			p.Click("input[name=on]")
			p.Fill("#default", "johanna@example.fi")
			p.Fill("#fields", "order_reference project P-(\\d+)\nbuyer_reference person")
			p.Fill("#projects", "1001 pekka@example.fi")
			p.Fill("#persons", "37 esko@example.fi")
			p.Fill("#further", "1000 bo@example.fi")
			p.Choose("#dimension", enginetest.Project)
			p.Click("button[name=try]")
			p.Sees(".trial", "pekka@example.fi")
			p.Sees(".trial", "1001")
			p.Shot("round-settings")
			sound()
			s := w.Connection.Settings
			s.Circulation = hub.Circulation{On: true, FirstDay: civil.Must("2026-01-01"), Default: "johanna@example.fi", Dimension: enginetest.Project,
				Fields:   []hub.ReceiverField{{Field: "order_reference", Means: hub.MeansProject, Pattern: `P-(\d+)`}, {Field: "buyer_reference", Means: hub.MeansPerson}},
				Projects: []hub.ReceiverOf{{Number: "1001", Login: "pekka@example.fi"}}, Persons: []hub.ReceiverOf{{Number: "37", Login: "esko@example.fi"}},
				Further: []hub.FurtherApprover{{From: "1000", Login: "bo@example.fi"}}}
			s.Back = hub.Back{Purchases: true, FirstDay: civil.Must("2026-01-01"), Dimension: enginetest.Project}
			w.SetSettings(s)
			later()

			// 1. and 2. Each sees their own.
			as(p, "pekka@example.fi")
			p.Sees(".rounds", "OL-1")
			if text := p.Text("main"); strings.Contains(text, "OL-2") || strings.Contains(text, "OL-3") {
				t.Errorf("a manager sees %s", text)
			}
			p.Go("/rounds?show=all")
			if text := p.Text("main"); strings.Contains(text, "OL-2") || strings.Contains(text, "OL-3") {
				t.Errorf("by the address a manager sees %s", text)
			}
			// 3. The pre-approver.
			as(p, "esko@example.fi")
			p.Click(".rounds h2 a")
			p.Sees("h1", "OL-2")
			if text := p.Text(".round-acts"); strings.Contains(text, "Hyväksy Procountorissa") {
				t.Error("a pre-approver may approve")
			}
			p.Click(".round-acts input[value=pre_approve] ~ button")
			p.Sees("main", "Päätös on tallennettu")
			// 4. The manager splits and approves; the second approver too.
			as(p, "pekka@example.fi")
			p.Click(".rounds h2 a")
			items := map[string]string{}
			for _, d := range w.Sandbox.Dimensions(w.Company.ProcountorID) {
				for _, i := range d.Items {
					items[strings.Fields(i.CodeName)[0]] = itoa(i.ID)
				}
			}
			p.Choose("#item-0", items["4711"])
			p.Fill("#percent-0", "60")
			p.Choose("#item-1", items["4712"])
			p.Fill("#percent-1", "40")
			p.Shot("round-split")
			sound()
			p.Click("form.split button")
			p.Sees("main", "Jako on tallennettu")
			p.Fill("#approve-text", "työ on tehty")
			p.Click(".round-acts input[value=approve] ~ button")
			p.Sees("main", "Päätös on tallennettu")
			later()
			if got := status(first); got != "RECEIVED" {
				t.Errorf("%s before the last approval", got)
			}
			as(p, "bo@example.fi")
			p.Click(".rounds input[type=checkbox]")
			p.Shot("waiting-for-me")
			sound()
			p.Click("form[action='/rounds/approve'] button")
			p.Sees("main", "1 lasku on hyväksytty")
			later()
			inv, _ := w.Sandbox.Invoice(w.Company.ProcountorID, first)
			if inv.Status != "APPROVED" || !strings.Contains(inv.Notes, "Pekka Esimerkki: hyväksyi: työ on tehty") || !strings.Contains(inv.Notes, "Bo Esimerkki: hyväksyi") {
				t.Errorf("%s %q", inv.Status, inv.Notes)
			}
			// 5. Somebody approves the third there.
			w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, third, "APPROVED")
			later()
			later()
			as(p, "johanna@example.fi")
			p.Go("/rounds?show=all&q=OL-3")
			p.Click(".rounds h2 a")
			p.Sees("main", "Lasku on hyväksytty Procountorissa. Täällä ei enää kysytä mitään.")
			if text := p.Text("main"); strings.Contains(text, "Esihyväksy") || strings.Contains(text, "Hylkää") {
				t.Error("it still asks")
			}
			for range 3 {
				w.Clock.Add(time.Hour)
				w.Settle()
			}
			if d := cmp.Diff([]string{"4711 600 OL-1 Olematon Tukku Oy OL-1", "4712 400 OL-1 Olematon Tukku Oy OL-1"}, f.Costs()); d != "" {
				t.Error(d)
			}
			n := 0
			for _, r := range w.Sandbox.Received() {
				if strings.HasSuffix(r.Path, "/approve") {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d approvals", n)
			}
		})
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
