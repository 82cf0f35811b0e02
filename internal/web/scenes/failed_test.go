package scenes

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/internal/web"
	"github.com/vienti/vienti/internal/web/webtest"
)

// serve puts the pages over a store and returns their address.
func serve(t *testing.T, st *store.Store, e *engine.Engine) string {
	t.Helper()
	return serveWith(t, web.Options{Store: st, Engine: e})
}

func serveWith(t *testing.T, o web.Options) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	o.Zone, o.Version, o.Pulse, o.Log = zone, "0.1", 50*time.Millisecond, slog.New(slog.NewTextHandler(t.Output(), nil))
	h := web.New(o)
	t.Cleanup(h.Close)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func signIn(p *Page, login string) {
	p.t.Helper()
	p.Go("/")
	p.Sees("h1", "")
	p.Fill("#login", login)
	p.Fill("#password", webtest.Password)
	p.Click("main button[type=submit]")
	p.Sees(".environment", "")
}

// A document fails; its page says why and what to do; it is mended, retried, and
// arrives. Against a sandbox, so that arriving means arriving.
func TestFailedDocumentIsMended(t *testing.T) {
	feature.Covers(t, "E-53", "E-83", "E-84", "S-120")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(people.User{Login: "aino", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}, secret.New(webtest.Password))
				return err
			}))
			good, bad := enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "250.00")
			bad.Lines[0].Unit = "laatikollinen"
			w.Receive(good, bad)
			w.Settle()
			if got := w.Transfer("1002"); got.State != hub.Held {
				t.Fatal(enginetest.Describe(got))
			}
			p := Open(t, serve(t, w.Store, w.Engine), look)
			signIn(p, "aino")

			p.Sees(".environment", "HIEKKALAATIKKO Esimerkkipaja Oy")
			p.Sees("table.list", "1001")
			p.Click("#tab-needs")
			p.Sees("#list", "Tuntematon yksikkö")
			if s := p.Text("#list"); strings.Contains(s, "1001") {
				t.Errorf("the list shows what needs nobody: %s", s)
			}
			p.Shot("needs")
			if !look.NoScript {
				p.Sound()
			}
			p.Click("td.number a")
			p.Sees(".standing", "Pysäytetty")
			p.Sees(".explained", "Yksiköllä ”laatikollinen” ei ole vastinetta")
			p.Sees(".remedy", "Valitse sille Procountorin yksikkö")
			p.Sees(".who-acts", "Vientin ylläpitäjä")
			p.Sees("ol.log", "Pysäytetty Tuntematon yksikkö") // at the end of the invoice
			p.Shot("failed")
			if !look.NoScript {
				p.Sound()
			}

			// Tried again unmended, it is held again; mended, it goes on by itself.
			p.Click(".actions form button")
			p.Sees("p.note.good", "Yritetään uudelleen")
			w.Settle()
			s := w.Connection.Settings
			s.Units = map[string]string{"laatikollinen": "BOX"}
			w.SetSettings(s)
			w.Settle()
			if look.NoScript {
				p.Go("/documents?q=1002")
				p.Sees("table.list", "1002")
				p.Click("td.number a")
			}
			p.Sees(".standing .badge", "Valmis") // by itself, where there are scripts
			p.Sees(".steps", "Todennettu")
			p.Shot("done")
			if got := w.Vouchers("1002"); len(got) != 1 {
				t.Errorf("%d vouchers in Procountor", len(got))
			}
		})
	}
}

// passwordLink is the token of a link for choosing a password.
func passwordLink(t *testing.T, w *webtest.World) string {
	t.Helper()
	token, _, err := w.Engine.PasswordLink(t.Context(), "cli:test", w.People[people.Viewer].ID)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// Every kind of page, at both widths, light and dark: nobody is kept out and
// nothing sticks out.
func TestEveryPageIsSound(t *testing.T) {
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, Dark: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			st := storetest.Open(t, storetest.SQLite(t), store.Options{})
			w := webtest.Fill(t, st)
			p := Open(t, serve(t, st, w.Engine), look)
			p.Go("/login")
			p.Sound()
			p.Shot("login")
			signIn(p, "admin")
			for _, page := range []struct{ name, path string }{
				{"list", "/documents"},
				{"nothing", "/documents?q=zzz"},
				{"held", "/documents/" + w.Transfers[hub.Held].ID},
				{"refused", "/documents/" + w.Transfers[hub.Refused].ID},
				{"done", "/documents/" + w.Transfers[hub.Done].ID},
				{"users", "/users"},
				{"user", "/users/" + w.People[people.Finance].ID},
				{"account", "/account"},
				{"link", "/password?token=" + passwordLink(t, w)},
				{"warning", "/documents/" + w.Transfers[hub.DoneWithWarning].ID},
				{"unclear", "/documents/" + w.Transfers[hub.Unclear].ID},
				{"hostile", "/documents/" + w.Hostile.ID},
				{"partner", "/documents/" + w.Partner.ID},
				{"raw", "/documents/" + w.Transfers[hub.Held].ID + "/raw"},
				{"tasks", "/tasks"},
				{"companies", "/companies"},
				{"connection", "/connections/" + w.Connections[0].ID},
				{"settings", "/connections/" + w.Connections[0].ID + "/settings"},
				{"accounts", "/connections/" + w.Connections[0].ID + "/accounts"},
				{"rule", "/connections/" + w.Connections[0].ID + "/accounts/rule"},
				{"proposals", "/connections/" + w.Connections[0].ID + "/accounts/proposals"},
				{"history", "/connections/" + w.Connections[0].ID + "/settings/history"},
				{"writing", "/connections/" + w.Connections[1].ID + "/writing"},
				{"mailboxes", "/connections/" + w.Connections[0].ID + "/mail"},
				{"payments", "/payments"},
				{"stop", "/mail/stop?token=x"},
			} {
				p.Go(page.path)
				p.Sees("h1", "")
				p.Shot(page.name)
				p.Sound()
			}
			p.Expect("404")
			p.Go("/nowhere")
			p.Sound()
		})
	}
}

// With the keyboard alone: skip to the content, sign in, open a document.
func TestKeyboard(t *testing.T) {
	st := storetest.Open(t, storetest.SQLite(t), store.Options{})
	w := webtest.Fill(t, st)
	p := Open(t, serve(t, st, w.Engine), Desk)
	p.Go("/login")
	p.Sees("h1", "")
	p.Key("finance") // the field has the focus
	p.Key("\t")
	p.Key(webtest.Password)
	p.Key("\r")
	p.Sees("table.list", w.Transfers[hub.Held].Number)
	p.Key("\t")
	p.Sees(".skip", "Siirry sisältöön")
	p.Key("\r")
	p.Go("/documents?state=held&code=period-closed")
	for range 40 {
		p.Key("\t")
		if p.Focused() == "open-"+w.Transfers[hub.Held].ID {
			p.Key("\r")
			p.Sees(".standing", "Kausi on suljettu")
			return
		}
	}
	t.Error("the document cannot be reached with the tab key")
}
