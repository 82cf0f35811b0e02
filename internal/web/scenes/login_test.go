package scenes

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A company is opened by logging in at Procountor's own page: what must be set there
// first, the way there and back, the same choices as with a key. When Procountor ends
// the login the documents wait, and go on after somebody has logged in again.
func TestSceneLogin(t *testing.T) {
	feature.Covers(t, "T-8", "T-10", "T-11", "T-12", "T-17")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			n := newNewcomer(t, enginetest.Config{})
			demo := n.Sandbox.Demo()
			there := httptest.NewServer(n.Sandbox.Handler())
			t.Cleanup(there.Close)
			n.Sandbox.AddUser(demo.CompanyID, "taimer.api", "Taimer", "Rajapinta", procountortest.AllRights())
			here := serveWith(t, web.Options{Store: n.store, Engine: n.engine, Now: n.Clock.Now})
			n.Sandbox.SetRedirectURI(demo.ClientID, here+"/connect/back")
			p := Open(t, here, look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			p.Expect("401") // a wrong password at Procountor
			signIn(p, "matti")
			p.Go("/connect")
			p.Click("label[for=before-none]")
			p.Choose("#environment", "sandbox")
			p.Fill("#base-url", there.URL+"/api")
			p.Fill("#client-id", demo.ClientID)
			p.Fill("#client-secret", demo.ClientSecret)
			p.Click("form[action='/connect'] button")
			p.Sees(".in-procountor", "Salli laskutettavien rajapintojen käyttö")
			p.Sees(".in-procountor", "Lisää olemassa oleva käyttäjä")
			p.Sees("code.redirect", here+"/connect/back")
			look("1-two-ways")
			p.Click("#activate")

			p.Sees("main", demo.ClientID)
			p.Click("button[value=no]")
			p.Sees("p.note", "kirjautuminen peruttiin Procountorissa")
			p.Click("#activate")
			p.Fill("input[name=username]", "taimer.api")
			p.Fill("input[name=password]", "wrong")
			p.Click("button[value=yes]")
			p.Sees("[role=alert]", "Wrong username or password")
			p.Fill("input[name=password]", procountortest.LoginPassword)
			p.Click("button[value=yes]")

			p.Sees(".standing .lacks", "Kaikki tarvittava on kunnossa")
			p.Sees("#logged-in", "taimer.api")
			p.Fill("#name", "Taimer")
			look("2-opened")
			p.Click("form.choices button")
			p.Sees("p.note.good", "”Taimer” on tehty")

			c := n.connection()
			rows := func() (tokens string) {
				n.Must(n.store.Read(t.Context(), func(tx *store.Tx) error {
					return tx.QueryRow("select api_key || login from company").Scan(&tokens)
				}))
				return tokens
			}
			if s := rows(); s == "" || strings.Contains(s, "refresh") {
				t.Errorf("the login is not kept sealed: %q", s)
			}
			// Products that were added in Procountor are fetched again.
			client, err := n.engine.Client(t.Context(), hub.Company{ID: c.Company, BaseURL: there.URL + "/api"})
			n.Must(err)
			price, err := procountor.ParseDecimal("100")
			n.Must(err)
			_, err = client.Products.Create(t.Context(), &procountor.Product{Name: "Koulutus", Code: "KOUL", Type: procountor.ProductSales, Active: true,
				Unit: procountor.UnitHour, Price: price, Currency: "EUR"})
			n.Must(err)
			p.Go("/companies/" + c.Company + "/registers")
			p.Click("form.buttons button")
			p.Sees(".changes", "Koulutus")

			// Renewed without anybody, hour after hour.
			for range 3 {
				n.Clock.Add(2 * time.Hour)
				_, err := n.engine.Step(t.Context(), n.Clock.Now(), c.Company)
				n.Must(err)
			}
			p.Go("/companies")
			p.Sees(".logged-in", "Matti Ylläpito")

			n.Sandbox.EndLogins(demo.CompanyID)
			n.Clock.Add(2 * time.Hour)
			_, err = n.engine.Step(t.Context(), n.Clock.Now(), c.Company)
			n.Must(err)
			p.Go("/companies")
			p.Sees(".note.bad", "Kirjautuminen Procountoriin on päättynyt")
			look("3-ended")
			p.Click("button.login-again")
			p.Fill("input[name=username]", "taimer.api")
			p.Fill("input[name=password]", procountortest.LoginPassword)
			p.Click("button[value=yes]")
			p.Sees("p.note.good", "Kirjauduttu uudelleen")
			_, err = n.engine.Step(t.Context(), n.Clock.Now(), c.Company)
			n.Must(err)
			company, err := store.ReadOne(t.Context(), n.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(c.Company) })
			n.Must(err)
			if company.PausedFault != nil {
				t.Errorf("still rests: %+v", company.PausedFault)
			}
		})
	}
}
