package scenes

import (
	"fmt"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// admin makes somebody who may do everything, and signs in.
func admin(t *testing.T, w *enginetest.World) *Page {
	t.Helper()
	return adminAt(t, w, Desk)
}

func adminAt(t *testing.T, w *enginetest.World, look Look) *Page {
	t.Helper()
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddPerson(people.User{Login: "matti", Name: "Matti Ylläpito", Role: people.Admin, Language: "fi"}, secret.New(webtest.Password))
		return err
	}))
	p := Open(t, serve(t, w.Store, w.Engine), look)
	signIn(p, "matti")
	return p
}

// The source's number and Procountor's differ; they stand side by side on the list
// and the page, and either finds the document.
func TestBothNumbers(t *testing.T) {
	feature.Covers(t, "T-21", "T-23")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("88001", "100.00"), enginetest.Sale("88002", "200.00"))
	w.Settle()
	there := w.Transfer("88002").InvoiceNumber
	if there == 0 || there == 88002 {
		t.Fatal(enginetest.Describe(w.Transfer("88002")))
	}
	p := admin(t, w)
	for _, number := range []string{"88002", fmt.Sprint(there)} {
		p.Go("/documents?q=" + number)
		p.Sees("table.list thead", "Procountorissa")
		p.Sees("table.list tbody td.number", "88002")
		p.Sees("table.list tbody td.procountor", fmt.Sprint(there))
	}
	p.Click("td.number a")
	p.Sees("dl.facts", "88002")
	p.Sees("dl.facts", fmt.Sprint(there))
}

// The main switch of a connection: off, documents are only read; on, they go, and
// what was read before goes too.
func TestMainSwitch(t *testing.T) {
	feature.Covers(t, "S-91")
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	wait := func(number string, want hub.State, vouchers int) {
		t.Helper()
		w.Receive(enginetest.Sale(number, "100.00"))
		w.Settle()
		if got := w.Transfer(number); got.State != want || len(w.Vouchers(number)) != vouchers {
			t.Fatalf("%s, %d vouchers", enginetest.Describe(got), len(w.Vouchers(number)))
		}
	}
	wait("1001", hub.Noticed, 0)
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID)
	p.Sees(".standing .badge", "Luku päällä, kirjoitus pois")
	p.Click(".standing .actions a")
	p.Sees("dl.facts", "Esimerkkipaja Oy")
	p.Click("input[name=sure]")
	p.Click("main form button[type=submit]")
	p.Sees(".standing .badge", "Luku ja kirjoitus päällä")
	w.Settle()
	if n := len(w.Vouchers("1001")); n != 1 {
		t.Errorf("%d vouchers of what was read before", n)
	}
	wait("1002", hub.Done, 1)
	p.Click(".standing .actions a")
	p.Sees("h1", "")
	p.Click("main form button[type=submit]")
	p.Sees(".standing .badge", "Luku päällä, kirjoitus pois")
	wait("1003", hub.Noticed, 0)
}
