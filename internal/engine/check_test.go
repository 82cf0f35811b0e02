package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func kinds(steps []hub.Step) (list []string) {
	for _, s := range steps {
		list = append(list, string(s.Kind))
	}
	return list
}

func stepsOf(w *enginetest.World, t hub.Transfer) []hub.Step {
	w.T.Helper()
	steps, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	w.Must(err)
	return steps
}

// What is shown before anything is written is what is written afterwards, and
// showing it asks Procountor nothing.
func TestForecastComesTrue(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveApproved
		s.Kinds[hub.SalesInvoice] = k
	}})
	known, fresh, file := enginetest.Sale("3001", "100.00"), enginetest.Sale("3002", "200.00"), []byte("%PDF-1.7 hours %%EOF")
	fresh.Buyer.Name, fresh.Buyer.BusinessID, fresh.Buyer.Number = "Haave Rakennus Oy", "6789012-4", ""
	known.Attachments = []hub.Attachment{{Name: "tunnit.pdf", MIME: "application/pdf", Size: int64(len(file)), Hash: hub.HashOf(file), Content: file}}
	w.Receive(known, fresh)
	w.Settle()
	w.Sandbox.ForgetRequests()
	forecasts := map[string]engine.Forecast{}
	for _, number := range []string{"3001", "3002"} {
		tr := w.Transfer(number)
		if !engine.Unwritten(&tr, stepsOf(w, tr)) {
			t.Fatalf("%s has been written: %s", number, tr.State)
		}
		f, err := w.Engine.CheckStored(t.Context(), &tr)
		w.Must(err)
		if f.State != hub.Noticed || f.Invoice == nil || f.Arrival != hub.ArriveApproved || f.Registers.IsZero() {
			t.Errorf("%s: %+v", number, f)
		}
		forecasts[number] = f
	}
	if asked := w.Sandbox.Requests(); len(asked) != 0 {
		t.Errorf("forecasting has asked Procountor %v", asked)
	}
	if f := forecasts["3001"]; f.NewPartner || f.Partner == nil || f.Gross != "125.50" || f.Net != "100.00" || f.VAT != "25.50" {
		t.Errorf("%+v", f)
	}
	if f := forecasts["3002"]; !f.NewPartner || f.Gross != "251.00" {
		t.Errorf("%+v", f)
	}

	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
	w.Settle()
	for number, f := range forecasts {
		tr := w.Transfer(number)
		if engine.Unwritten(&tr, stepsOf(w, tr)) || tr.State != hub.Done {
			t.Errorf("%s after writing: %s", number, enginetest.Describe(tr))
		}
		foreseen, done := kinds(f.Steps), kinds(stepsOf(w, tr))
		if f.NewPartner {
			done = append([]string{string(hub.MakePartner)}, done...)
		}
		if !slices.Equal(foreseen, done) {
			t.Errorf("%s: foreseen %v, done %v", number, foreseen, done)
		}
		got := w.Vouchers(number)
		if len(got) != 1 {
			t.Fatalf("%s: %d vouchers", number, len(got))
		}
		if there := fmt.Sprint(got[0].InvoiceSumInfo[0].InvoiceSumTotal); there != f.Gross && there+"0" != f.Gross && there+".00" != f.Gross {
			t.Errorf("%s: foreseen %s, there %s", number, f.Gross, there)
		}
	}
}

// A write whose answer was lost may have been made: of such a document nobody may
// say that nothing was written.
func TestNoForecastOfWhatMayBeWritten(t *testing.T) {
	held := hub.Transfer{Kind: hub.DocumentTransfer, Direction: hub.In, DocKind: hub.SalesInvoice, Goal: hub.Deliver, State: hub.Held}
	if !engine.Unwritten(&held, []hub.Step{{State: hub.StepRefused}, {State: hub.StepPlanned}}) {
		t.Error("a refused write has made something")
	}
	for _, s := range []hub.StepState{hub.StepIntended, hub.StepUnclear, hub.StepProved} {
		if engine.Unwritten(&held, []hub.Step{{State: s}}) {
			t.Errorf("with a step %s it is said that nothing was written", s)
		}
	}
	there := held
	there.InvoiceID = 7
	if engine.Unwritten(&there, nil) {
		t.Error("it has an invoice")
	}
}

// The same invoice under a second identity is foreseen as held.
func TestForecastKnowsTwins(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	first, twin := enginetest.Sale("3003", "100.00"), enginetest.Sale("3003", "100.00")
	twin.SourceID += "/again"
	w.Receive(first)
	w.Settle()
	f, err := w.Engine.Check(t.Context(), w.Connection.ID, engine.Incoming{Document: twin})
	w.Must(err)
	if f.State != hub.Held || f.Faults[len(f.Faults)-1].Code != hub.DocumentTwin {
		t.Errorf("%s %v", f.State, f.Faults)
	}
	if f, err = w.Engine.Check(t.Context(), w.Connection.ID, engine.Incoming{Document: first}); err != nil || f.State != hub.Ready {
		t.Errorf("the document itself: %s %v %v", f.State, f.Faults, err)
	}
}

// With an id that cannot be right nobody would be added to the register.
func TestForecastAddsNobodyWithAWrongID(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	d := enginetest.Sale("3004", "100.00")
	d.Buyer.Name, d.Buyer.BusinessID, d.Buyer.Number = "Haave Rakennus Oy", "6789012-5", ""
	f, err := w.Engine.Check(t.Context(), w.Connection.ID, engine.Incoming{Document: d})
	w.Must(err)
	if f.State != hub.Held || f.NewPartner || f.Partner != nil || slices.Contains(kinds(f.Steps), string(hub.MakePartner)) || f.Invoice == nil {
		t.Errorf("%s: %+v", f.State, f)
	}
}

// A credit note is shown with the number that it will print: Procountor's, where the
// settings say so and it is known.
func TestForecastOfACreditNote(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.CreditedNumber = hub.MasterProcountor }})
	w.Receive(enginetest.Sale("3001", "100.00"))
	w.Settle()
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, false))
	w.Receive(enginetest.Credit("3002", "40.00", "3001"), enginetest.Credit("3003", "40.00", "2999"))
	w.Settle()
	w.Sandbox.ForgetRequests()
	texts := map[string]string{}
	for number, printed := range map[string]string{"3002": fmt.Sprint(w.Transfer("3001").InvoiceNumber), "3003": "2999"} {
		tr := w.Transfer(number)
		f, err := w.Engine.CheckStored(t.Context(), &tr)
		w.Must(err)
		if f.Invoice == nil || !strings.HasPrefix(f.Invoice.AdditionalInformation, "Hyvitetty lasku "+printed+",") {
			t.Fatalf("%s: want number %s: %+v", number, printed, f)
		}
		texts[number] = f.Invoice.AdditionalInformation
	}
	if asked := w.Sandbox.Requests(); len(asked) != 0 {
		t.Errorf("forecasting has asked Procountor %v", asked)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
	w.Settle()
	for number, text := range texts {
		if v := w.Vouchers(number); len(v) != 1 || v[0].AdditionalInformation != text {
			t.Errorf("%s: foreseen %q, printed %+v", number, text, v)
		}
	}
}
