package engine_test

import (
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// enters makes a partner as a person does in Procountor.
func enters(t *testing.T, w *enginetest.World, p hub.Party, change func(*procountor.Partner)) int64 {
	t.Helper()
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	made := &procountor.Partner{Name: p.Name, Type: procountor.PartnerCustomer, Address: &procountor.Address{Name: p.Name},
		InvoicingInfo: &procountor.InvoicingInfo{CustomerNumber: p.Number, Identifier: p.BusinessID, IdentifierType: "YHD", Language: procountor.Finnish},
		PaymentInfo:   procountor.PartnerPaymentInfo{PaymentMethod: procountor.PayBankTransfer, Currency: "EUR"},
		RegistryInfo:  &procountor.RegistryInfo{Active: new(true)}}
	if change != nil {
		change(made)
	}
	saved, err := client.Partners.Create(t.Context(), made)
	w.Must(err)
	return saved.ID
}

func partners(w *enginetest.World, name string) (n int) {
	for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
		if p.Name == name {
			n++
		}
	}
	return n
}

// A partner that a person has entered since our copy was read is found before one
// is made, at the cost of one read for each new partner.
func TestPartnerOfTheLastMinute(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		doc := enginetest.NewParty(enginetest.Sale("1001", "10"), 1)
		second := enginetest.NewParty(enginetest.Sale("1002", "10"), 1)
		// Under another name, and without our number: the id says that it is the same.
		id := enters(t, w, doc.Buyer, func(p *procountor.Partner) { p.Name, p.InvoicingInfo.CustomerNumber = "Uusi Yritys 1", "" })
		w.Receive(doc, second, enginetest.NewParty(enginetest.Sale("1003", "10"), 2))
		w.Sandbox.ForgetRequests()
		w.Settle()
		for _, n := range []string{"1001", "1002", "1003"} {
			if tr := wantState(t, w, n, hub.Done, ""); n != "1003" && tr.PartnerID != id {
				t.Errorf("%s goes to partner %d", n, tr.PartnerID)
			}
		}
		if n := len(requests(w, "POST", "/businesspartners")); n != 1 {
			t.Errorf("%d partners made", n)
		}
		if n := len(requests(w, "GET", "/businesspartners")); n > 2 {
			t.Errorf("%d reads for two partners", n)
		}
	})
}

// Two that may be meant are a person's to choose from.
func TestPartnerOfTheLastMinuteInDoubt(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	doc := enginetest.NewParty(enginetest.Sale("1001", "10"), 1)
	enters(t, w, doc.Buyer, func(p *procountor.Partner) { p.InvoicingInfo.CustomerNumber = "9001" })
	w.Receive(doc)
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.PartnerConflict)
	if n := len(requests(w, "POST", "/businesspartners")); n != 1 { // the person's
		t.Errorf("%d partners made", n)
	}
}

// mayMakePartners gives our user the right to customers in Procountor, or takes it.
func mayMakePartners(w *enginetest.World, may bool) {
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	session, err := client.Session.Get(w.T.Context())
	w.Must(err)
	rights := procountortest.AllRights()
	if !may {
		rights.Sales.CustomerRegister = procountortest.AllowView
	}
	w.Sandbox.SetRights(w.Company.ProcountorID, session.UserID, rights)
}

// partnerTransfer is the only one.
func partnerTransfer(w *enginetest.World) hub.Transfer {
	w.T.Helper()
	for _, t := range w.Transfers() {
		if t.Kind == hub.PartnerTransfer {
			return t
		}
	}
	w.T.Fatal("no partner")
	return hub.Transfer{}
}

// Documents whose partner was refused go on when that is mended: by retry, or by a
// person who has entered it and says so.
func TestPartnerMended(t *testing.T) {
	for _, byHand := range []bool{false, true} {
		enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
			w := world(enginetest.Config{Writing: true})
			mayMakePartners(w, false)
			w.Receive(enginetest.NewParty(enginetest.Sale("1001", "10"), 1), enginetest.NewParty(enginetest.Sale("1002", "10"), 1))
			w.Settle()
			wantState(t, w, "1001", hub.Held, hub.ProcountorCode+"insufficient access rights")
			tr := wantState(t, w, "1002", hub.Held, hub.ProcountorCode+"insufficient access rights")
			p := partnerTransfer(w)
			if p.State != hub.Refused || tr.WaitsFor != p.ID {
				t.Fatalf("%s; waits for %q", enginetest.Describe(p), tr.WaitsFor)
			}
			// A retry that is refused again leaves them as they are.
			w.Must(w.Engine.Act(t.Context(), "test", p.ID, engine.Retry, ""))
			w.Settle()
			wantState(t, w, "1001", hub.Held, hub.ProcountorCode+"insufficient access rights")

			mayMakePartners(w, true)
			what := engine.Retry
			if byHand {
				what = engine.DoneByHand
				enters(t, w, enginetest.NewParty(enginetest.Sale("1001", "10"), 1).Buyer, nil)
			}
			w.Must(w.Engine.Act(t.Context(), "test", p.ID, what, "mended"))
			w.Settle()
			wantState(t, w, "1001", hub.Done, "")
			wantState(t, w, "1002", hub.Done, "")
			if n := partners(w, "Uusi Yritys 1 Oy"); n != 1 {
				t.Errorf("%d partners", n)
			}
			// The next one of that customer goes at once.
			w.Receive(enginetest.NewParty(enginetest.Sale("1003", "10"), 1))
			w.Settle()
			wantState(t, w, "1003", hub.Done, "")
		})
	}
}

// A document that a person has dealt with, or that has changed, does not wait for
// its partner any more.
func TestHeldForPartnerAndEnded(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	mayMakePartners(w, false)
	w.Receive(enginetest.NewParty(enginetest.Sale("1001", "10"), 1))
	w.Settle()
	w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("1001").ID, engine.DoneByHand, "entered"))
	mayMakePartners(w, true)
	w.Must(w.Engine.Act(t.Context(), "test", partnerTransfer(w).ID, engine.Retry, ""))
	w.Settle()
	wantState(t, w, "1001", hub.DoneByHand, "")
	if len(w.Vouchers("1001")) != 0 {
		t.Error("it went all the same")
	}
}
