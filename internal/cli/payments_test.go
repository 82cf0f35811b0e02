package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A document shows its payments with the reason of each; all payments have a list
// of their own, and one its own page.
func TestPaymentsAreShown(t *testing.T) {
	j := newJoiner(t)
	j.run(0, j.flags()...)
	transfer := ""
	j.opened(func(o *opened) {
		conn, err := o.connection(t.Context(), "Webshop")
		if err != nil {
			t.Fatal(err)
		}
		doc := &hub.Document{Kind: hub.SalesInvoice, SourceID: "inv-1", Number: "1001", Date: civil.Must("2026-03-10"), Currency: "EUR"}
		if _, err := o.engine.Receive(t.Context(), conn.ID, []engine.Incoming{{Document: doc, Raw: []byte("{}")}}, nil); err != nil {
			t.Fatal(err)
		}
		got, err := o.engine.ReceivePayments(t.Context(), conn.ID, []engine.IncomingPayment{{Raw: []byte(`{"pushed":true}`), Payment: hub.PaymentMade{SourceID: "pay-1",
			Document: "inv-1", State: hub.PaymentPaid, Date: civil.Must("2026-03-12"), Amount: money.Must("25.50"), Currency: "EUR"}}})
		if err != nil {
			t.Fatal(err)
		}
		transfer = got[0].Transfer
		if err := o.store.Tx(t.Context(), func(tx *store.Tx) error {
			p, err := tx.Transfer(transfer)
			if err != nil {
				return err
			}
			if err := p.Move(hub.Held, hub.NewFault(hub.PaymentPeriod, "", "", "date", "2026-03-12")); err != nil {
				return err
			}
			return tx.SaveTransfer(&p, "")
		}); err != nil {
			t.Fatal(err)
		}
	})
	for _, c := range []struct{ args, want, not string }{
		{"show 1001", "Payments", ""},
		{"show 1001", "The day of the payment is in a closed period", ""},
		{"show " + transfer, "Payment: Sales invoice 1001", ""},
		{"show " + transfer + " --raw", `{"pushed":true}`, ""},
		{"log --payments", "25.50", ""},
		{"log", "1001", "closed period"},
		{"log --payments --json", hub.PaymentPeriod, ""},
	} {
		if out := j.run(0, strings.Fields(c.args)...); !strings.Contains(out, c.want) || c.not != "" && strings.Contains(out, c.not) {
			t.Errorf("vienti %s: %s", c.args, out)
		}
	}
}

// A document shows its files, who gets them, and how sure it is that they have arrived.
func TestFilesAreShown(t *testing.T) {
	w := openDoors(t, enginetest.Config{})
	w.Receive(enginetest.Attach(enginetest.Attach(enginetest.Sale("1001", "10.00"), "tunnit.pdf", "t"), "sopimus.pdf", "s"))
	w.Settle()
	run := func(args ...string) string {
		t.Helper()
		w.out.Reset()
		if code := Run(t.Context(), args, w.env); code != codeOK {
			t.Fatalf("vienti %v: %d\n%s", args, code, w.out)
		}
		return words(w.out.String())
	}
	if out := run("show", "1001"); !strings.Contains(out, "Files that would go") || !strings.Contains(out, "tunnit-1-") || !strings.Contains(out, "not sent yet") {
		t.Error(out)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "person", w.Connection.ID, true))
	w.Settle()
	if out := run("show", "1001"); !strings.Contains(out, "Files in Procountor") || !strings.Contains(out, "sopimus-2-") || !strings.Contains(out, "by size") {
		t.Error(out)
	}
	if out := run("show", "1001", "--json"); strings.Count(out, `"level": "size"`) != 2 {
		t.Error(out)
	}
}

// Payments by reference that are allocated to nothing, with the documents that they may
// be for and what to do, for people and for programs; without the right that is said.
func TestReferencePaymentsAreListed(t *testing.T) {
	w := openDoors(t, enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveApproved
		s.Kinds[hub.SalesInvoice] = k
	}})
	run := func(args ...string) string {
		t.Helper()
		w.out.Reset()
		if code := Run(t.Context(), args, w.env); code != codeOK {
			t.Fatalf("vienti %v: %d\n%s", args, code, w.out)
		}
		return words(w.out.String())
	}
	if out := run("payments"); !strings.Contains(out, "Every payment by reference is allocated.") {
		t.Error(out)
	}
	w.Receive(enginetest.Sale("1001", "100.00"))
	w.Settle()
	sum := procountortest.Num("125.50")
	w.Sandbox.AddReferencePayment(w.Company.ProcountorID, procountortest.ReferencePayment{PaymentDate: "2026-03-13", Sum: &sum, BankReference: "13", Name: "Maija\x1b[31m Maksaja"})
	for range 2 {
		w.Clock.Add(61 * time.Minute)
		w.Step(t.Context())
	}
	out := run("payments")
	for _, part := range []string{"125.50", " 13 Maija", "? 1001 Kuvitelma Kauppa Oy (same open sum)", "allocate the payment to it in Procountor"} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in %s", part, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("what the bank says moves the cursor")
	}
	if out := run("payments", w.Company.Name, "--json"); !strings.Contains(out, `"amount": "125.50"`) || !strings.Contains(out, `"by": "sum"`) || !strings.Contains(out, `"readable": true`) {
		t.Error(out)
	}
	w.allow(func(p *procountortest.UserPermissions) { *p = procountortest.NoRights() })
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.SetReferenceReading(w.Company.ID, store.ReferenceReading{Barred: true})
	}))
	if out := run("payments"); !strings.Contains(out, "the key may not read reference payments") {
		t.Error(out)
	}
}
