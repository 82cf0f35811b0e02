package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A purchase invoice that goes back to its source says so in the list and on its
// page, with the record that it has become there and what to do when it has changed.
func TestBackPage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	conn := s.Connections[0]
	gross := money.Must("125.50")
	doc := &hub.Document{Kind: hub.PurchaseInvoice, SourceID: "procountor/77", Number: "TOIM-9", VoucherNumber: "30017", Date: civil.Must("2026-03-02"), Currency: "EUR",
		Seller: hub.Party{Name: "Rautakauppa Öljymäki Oy"}, Lines: []hub.Line{}, Totals: hub.Totals{Gross: &gross}}
	var tr hub.Transfer
	if err := s.Store.Tx(context.Background(), func(tx *store.Tx) error {
		packed, err := store.PackDocument(doc, nil, nil)
		if err != nil {
			return err
		}
		row := store.DocumentRow{Connection: conn.ID, SourceID: doc.SourceID}
		if err := tx.PutDocument(&row, packed); err != nil {
			return err
		}
		if err := tx.PutBack(&store.Back{Connection: conn.ID, InvoiceID: 77, Company: conn.Company, Document: row.ID, Number: doc.Number, Status: "APPROVED"}); err != nil {
			return err
		}
		if err := tx.OpenRecord(hub.Record{Connection: conn.ID, Document: row.ID, Part: "4711"}); err != nil {
			return err
		}
		if err := tx.LiveRecord(row.ID, "4711", "9001"); err != nil {
			return err
		}
		changed := hub.NewFault(hub.BackChanged, "", "", "number", "30017", "record", "9001").Warn()
		tr = hub.Transfer{Company: conn.Company, Connection: conn.ID, Kind: hub.DocumentTransfer, Direction: hub.Out, Subject: row.ID, Goal: hub.Deliver,
			State: hub.DoneWithWarning, Faults: []hub.Fault{changed}, DocKind: doc.Kind, Number: doc.Number, PartnerName: doc.Seller.Name, Date: doc.Date.String(),
			Gross: "125.50", Currency: "EUR", Version: row.Version, Plan: 1, InvoiceNumber: 30017}
		if err := tx.InsertTransfer(&tr); err != nil {
			return err
		}
		return tx.OpenTasks(&tr, []string{hub.BackChanged})
	}); err != nil {
		t.Fatal(err)
	}
	a := s.get("/documents/" + tr.ID)
	for _, w := range []string{"Takaisin lähteeseen: Ostolasku", "TOIM-9", "30017", "9001", "4711", "poista 9001 sieltä ja yritä uudelleen", "On lähdejärjestelmässä"} {
		if !strings.Contains(a.Text(), w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if a.StatusCode != http.StatusOK || strings.Contains(a.Text(), "Poista Procountorista") {
		t.Errorf("%s, or an action that is none here", a.Status)
	}
	if a := s.get("/documents?q=TOIM-9"); !strings.Contains(a.Text(), "Takaisin lähteeseen") {
		t.Errorf("the list does not say where it goes: %.300s", a.Text())
	}
	if a := s.get("/tasks"); !strings.Contains(a.Text(), "TOIM-9") && !strings.Contains(a.Text(), "Muutettu Procountorissa") {
		t.Errorf("no task: %.300s", a.Text())
	}
}
