package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// The list and the document's page say what the source was told and when; what keeps
// it from being told has a page with the way out.
func TestReportPage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	doc := s.Transfers[hub.Done]
	denied := hub.NewFault(hub.BackDenied, "", "", "reason", "invoices:write")
	var tr hub.Transfer
	at := time.Date(2026, 3, 16, 10, 0, 0, 0, time.UTC)
	if err := s.Store.Tx(context.Background(), func(tx *store.Tx) error {
		if err := tx.PutReported(hub.Reported{Document: doc.Subject, Connection: doc.Connection, Told: hub.Report{Arrived: true},
			Says: []hub.Said{{Field: "status", Value: "Siirretty Procountoriin"}}, ToldAt: at, SeenAt: at}); err != nil {
			return err
		}
		tr = hub.Transfer{Company: doc.Company, Connection: doc.Connection, Kind: hub.ReportTransfer, Direction: hub.Out, Subject: doc.Subject, Goal: hub.Deliver,
			State: hub.Held, Faults: []hub.Fault{denied}, DocKind: doc.DocKind, Number: doc.Number, Plan: 1}
		return tx.InsertTransfer(&tr)
	}); err != nil {
		t.Fatal(err)
	}
	for path, words := range map[string][]string{
		"/documents/" + doc.ID:       {"Mitä lähdejärjestelmälle on ilmoitettu", "Siirretty Procountoriin", "invoices:write", "Itse tosite on Procountorissa"},
		"/documents?q=" + doc.Number: {"Ilmoitettu", "Siirretty Procountoriin"},
		"/documents/" + tr.ID:        {"Ilmoitus lähdejärjestelmälle", doc.Number, "invoices:write", "Yritä uudelleen"},
	} {
		a := s.get(path)
		for _, w := range words {
			if a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), w) {
				t.Errorf("%s does not say %q: %s", path, w, a.Status)
			}
		}
	}
	if a := s.post("/documents/"+tr.ID+"/retry", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("retry: %s", a.Status)
	}
}
