package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// purchases sets the modes of purchase invoices that end approved.
func purchases(when hub.When, early hub.Early, rejected hub.AfterRejection) func(*hub.Settings) {
	return func(s *hub.Settings) {
		ks := s.Kinds[hub.PurchaseInvoice]
		ks.Arrival, ks.When, ks.Early, ks.Rejected = hub.ArriveApproved, when, early, rejected
		s.Kinds[hub.PurchaseInvoice] = ks
	}
}

func withCirculation(t *testing.T, s func(*hub.Settings)) *enginetest.World {
	t.Helper()
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: s})
	w.Sandbox.SetCirculation(w.Company.ProcountorID, true)
	return w
}

// status is that of the one voucher of a document, "" for none.
func status(t *testing.T, w *enginetest.World, number string) string {
	t.Helper()
	got := w.Vouchers(number)
	if len(got) > 1 {
		t.Fatalf("%d vouchers of %s", len(got), number)
	}
	if len(got) == 0 {
		return ""
	}
	return got[0].Status
}

// When a purchase invoice goes, in which status it rests, and that nothing is
// approved before the last approval: by setting, through all that the source says.
func TestPurchaseGoesByItsApprovals(t *testing.T) {
	type at struct {
		says   []string // of enginetest.Approved; nil: nothing
		state  hub.State
		code   string
		status string
	}
	silent, begun, first, last := []string(nil), []string{}, []string{"Anna"}, []string{"Anna", "Bo!"}
	for _, c := range []struct {
		when  hub.When
		early hub.Early
		life  []at
	}{
		{hub.AtOnce, "", []at{{silent, hub.Done, "", "APPROVED"}}},
		{hub.AtOnce, "", []at{{begun, hub.Waiting, hub.WaitsForLastApproval, "UNFINISHED"}, {first, hub.Waiting, "", "UNFINISHED"}, {last, hub.Done, "", "APPROVED"}}},
		{hub.AtFirstApproval, "", []at{{silent, hub.Waiting, hub.WaitsForApproval, ""}, {begun, hub.Waiting, hub.WaitsForApproval, ""},
			{first, hub.Waiting, hub.WaitsForLastApproval, "UNFINISHED"}, {last, hub.Done, "", "APPROVED"}}},
		{hub.AtFirstApproval, hub.EarlyReceived, []at{{first, hub.Waiting, hub.WaitsForLastApproval, "RECEIVED"}, {last, hub.Done, "", "APPROVED"}}},
		{hub.AtFirstApproval, hub.EarlyVerified, []at{{first, hub.Waiting, hub.WaitsForLastApproval, "VERIFIED"}, {last, hub.Done, "", "APPROVED"}}},
		{hub.AtFirstApproval, hub.EarlyVerified, []at{{[]string{"Anna", "-Bo"}, hub.Skipped, hub.RejectedThere, ""}, {[]string{"Anna", "-Bo", "Anna"}, hub.Waiting, "", "VERIFIED"}}},
		{hub.AtOnce, hub.EarlyVerified, []at{{begun, hub.Waiting, hub.WaitsForLastApproval, "UNFINISHED"}, {first, hub.Waiting, "", "VERIFIED"}, {last, hub.Done, "", "APPROVED"}}},
		{hub.AtLastApproval, hub.EarlyVerified, []at{{silent, hub.Waiting, hub.WaitsForLastApproval, ""}, {first, hub.Waiting, hub.WaitsForLastApproval, ""},
			{last, hub.Done, "", "APPROVED"}}},
		{hub.ByHand, "", []at{{silent, hub.Held, hub.WaitsForPerson, ""}, {last, hub.Held, hub.WaitsForPerson, ""}}},
	} {
		t.Run(fmt.Sprint(c.when, c.early, len(c.life)), func(t *testing.T) {
			w := withCirculation(t, purchases(c.when, c.early, ""))
			d := enginetest.NewParty(enginetest.Purchase("2001", "70.00"), 1)
			shown := &enginetest.Shown{Versions: []*hub.Document{d}}
			for _, a := range c.life {
				if a.says == nil {
					w.Receive(d)
				} else {
					s := enginetest.Approved(a.says...)
					shown.Stands(s)
					w.Stand(d, s)
				}
				w.Clock.Add(50 * time.Hour)
				w.Settle()
				wantState(t, w, "2001", a.state, a.code)
				if got := status(t, w, "2001"); got != a.status {
					t.Errorf("after %q the voucher is %q, not %q", a.says, got, a.status)
				}
				if a.status == "" && len(requests(w, "POST", "/businesspartners")) > 0 {
					t.Error("the partner was made before anything may be written")
				}
				list := []*enginetest.Shown{shown}
				for _, err := range append(w.AuditBooks(list), w.AuditStates(list)...) {
					t.Error(err)
				}
			}
		})
	}
}

// The approval in Procountor names who has approved at the source and when.
func TestApprovalNamesPersons(t *testing.T) {
	w := withCirculation(t, purchases(hub.AtFirstApproval, hub.EarlyVerified, ""))
	d := enginetest.Purchase("2001", "70.00")
	w.Stand(d, enginetest.Approved("Anna Aalto"))
	w.Settle()
	w.Stand(d, enginetest.Approved("Anna Aalto", "Bo Berg!"))
	w.Settle()
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	history, err := client.Invoices.Transactions(t.Context(), w.Vouchers("2001")[0].ID)
	w.Must(err)
	var details []string
	for _, h := range history {
		details = append(details, string(h.Action)+": "+h.Details)
	}
	// Helsinki is two hours ahead in March.
	want := "VERIFICATION: Anna Aalto 2026-03-16 09:00\nAPPROVAL: Bo Berg 2026-03-16 09:00; Anna Aalto 2026-03-16 08:00"
	if got := strings.Join(details, "\n"); !strings.Contains(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// What the source rejects after it has gone is held, or taken back by setting
// while it is unfinished; what is approved there is never touched without a person.
func TestRejectedAfterwards(t *testing.T) {
	for _, c := range []struct {
		name     string
		setting  hub.AfterRejection
		approved bool
		state    hub.State
		status   string
	}{
		{"held", hub.RejectionHeld, false, hub.Held, "VERIFIED"},
		{"taken back", hub.RejectionTakenBack, false, hub.TakenBack, ""},
		{"approved by then", hub.RejectionTakenBack, true, hub.Held, "APPROVED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := withCirculation(t, purchases(hub.AtFirstApproval, hub.EarlyVerified, c.setting))
			d := enginetest.Purchase("2001", "70.00")
			names := []string{"Anna"}
			if c.approved {
				names = []string{"Anna!"}
			}
			w.Stand(d, enginetest.Approved(names...))
			w.Settle()
			w.Stand(d, enginetest.Approved(append(names, "-Bo")...))
			w.Settle()
			tr := wantState(t, w, "2001", c.state, hub.RejectedThere)
			if got := status(t, w, "2001"); got != c.status {
				t.Errorf("the voucher is %q, not %q", got, c.status)
			}
			if tr.Faults[0].Args["by"] != "Bo" {
				t.Errorf("does not say who: %v", tr.Faults)
			}
			if c.state == hub.Held {
				w.Must(w.Engine.Act(t.Context(), "person", tr.ID, engine.TakeBack, "rejected"))
				w.Settle()
				wantState(t, w, "2001", hub.TakenBack, "")
				return
			}
			// Approved after all: as any that has not gone yet.
			w.Stand(d, enginetest.Approved(append(names, "-Bo", "Anna!")...))
			w.Settle()
			wantState(t, w, "2001", hub.Done, "")
			if got := status(t, w, "2001"); got != "APPROVED" {
				t.Errorf("the voucher is %q", got)
			}
		})
	}
}

// The source rejects while the approval is about to be intended, or has just been:
// before the intent nothing is approved, after it a person is told.
func TestRejectedMeanwhile(t *testing.T) {
	for point, want := range map[string]string{"post_invoice/sent": "UNFINISHED", "attach/recorded": "APPROVED"} {
		t.Run(point, func(t *testing.T) {
			var w *enginetest.World
			d := enginetest.Attach(enginetest.Purchase("2001", "70.00"), "image.pdf", "P")
			once := false
			w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: purchases(hub.AtLastApproval, "", ""), Crash: func(p string) {
				if p == point && !once {
					once = true
					w.Stand(d, enginetest.Approved("Anna!", "-Bo"))
				}
			}})
			w.Stand(d, enginetest.Approved("Anna!"))
			w.Settle()
			wantState(t, w, "2001", hub.Held, hub.RejectedThere)
			if got := status(t, w, "2001"); got != want {
				t.Errorf("the voucher is %q, not %q", got, want)
			}
		})
	}
}

// Somebody approves, or removes, the voucher in Procountor while it waits for the
// source: that is seen, shown, and nothing is done twice.
func TestApprovedThereMeanwhile(t *testing.T) {
	w := withCirculation(t, purchases(hub.AtFirstApproval, hub.EarlyVerified, ""))
	d, gone := enginetest.Purchase("2001", "70.00"), enginetest.Purchase("2002", "80.00")
	for _, d := range []*hub.Document{d, gone} {
		w.Stand(d, enginetest.Approved("Anna"))
	}
	w.Settle()
	w.Clock.Add(2 * time.Minute)
	w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, w.Vouchers("2001")[0].ID, "APPROVED")
	w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, w.Vouchers("2002")[0].ID, "INVALIDATED")
	w.Sandbox.ForgetRequests()
	w.Step(t.Context())
	w.Settle()
	wantState(t, w, "2001", hub.DoneWithWarning, hub.ApprovedEarly)
	wantState(t, w, "2002", hub.Held, hub.EditedThere)
	w.Stand(d, enginetest.Approved("Anna", "Bo!"))
	w.Settle()
	wantState(t, w, "2001", hub.Done, "")
	for _, r := range w.Sandbox.Received() {
		if r.Method == "PUT" {
			t.Errorf("%s was written", r.Path)
		}
	}
}

// The content changes while the voucher is verified: it goes back to unfinished,
// is replaced, and rests verified again until the last approval.
func TestChangedInTheRound(t *testing.T) {
	w := withCirculation(t, purchases(hub.AtFirstApproval, hub.EarlyVerified, ""))
	w.Stand(enginetest.Purchase("2001", "70.00"), enginetest.Approved("Anna"))
	w.Settle()
	w.Receive(enginetest.Purchase("2001", "90.00"))
	w.Settle()
	wantState(t, w, "2001", hub.Waiting, hub.WaitsForLastApproval)
	holdsPrice(t, w, "2001", "90")
	if got := status(t, w, "2001"); got != "VERIFIED" {
		t.Errorf("the voucher is %q", got)
	}
	w.Stand(enginetest.Purchase("2001", "90.00"), enginetest.Approved("Anna", "Bo!"))
	w.Settle()
	wantState(t, w, "2001", hub.Done, "")
}

// A person tells a document to go: for the content that they have seen, and
// without approving anything before the source's last approval.
func TestSentByHand(t *testing.T) {
	w := withCirculation(t, func(s *hub.Settings) {
		purchases(hub.ByHand, hub.EarlyVerified, "")(s)
		ks := s.Kinds[hub.SalesInvoice]
		ks.When = hub.ByHand
		s.Kinds[hub.SalesInvoice] = ks
	})
	w.Receive(enginetest.Sale("1001", "10.00"), enginetest.Purchase("2001", "70.00"))
	w.Stand(enginetest.Purchase("2002", "80.00"), enginetest.Approved("Anna"))
	w.Settle()
	for _, n := range []string{"1001", "2001", "2002"} {
		tr := wantState(t, w, n, hub.Held, hub.WaitsForPerson)
		w.Must(w.Engine.Act(t.Context(), "person", tr.ID, engine.SendNow, ""))
	}
	w.Receive(enginetest.Sale("1001", "20.00")) // not what the person saw
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.WaitsForPerson)
	wantState(t, w, "2001", hub.Done, "")
	wantState(t, w, "2002", hub.Waiting, hub.WaitsForLastApproval)
	if a, b, c := status(t, w, "1001"), status(t, w, "2001"), status(t, w, "2002"); a != "" || b != "APPROVED" || c != "VERIFIED" {
		t.Errorf("%q %q %q", a, b, c)
	}
	if err := w.Engine.Act(t.Context(), "person", w.Transfer("2001").ID, engine.SendNow, ""); err == nil {
		t.Error("what has gone can be told to go")
	}
}

// A sale goes once the source has sent it, and keeps no other back until then.
func TestSaleGoesOnceSent(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, InFlight: 4, Settings: func(s *hub.Settings) {
			s.OrderBySourceNumber = true
			ks := s.Kinds[hub.SalesInvoice]
			ks.When = hub.OnceSent
			s.Kinds[hub.SalesInvoice] = ks
		}})
		yes, no := true, false
		first := enginetest.Sale("1001", "10.00")
		w.Stand(first, hub.Standing{Sent: &no})
		w.Stand(enginetest.Sale("1002", "10.00"), hub.Standing{Sent: &yes})
		w.Settle()
		wantState(t, w, "1001", hub.Waiting, hub.WaitsForSending)
		wantState(t, w, "1002", hub.Done, "")
		rc := w.Stand(first, hub.Standing{Sent: &yes})
		if rc.Result != engine.ResultChanged {
			t.Errorf("answered %s", rc.Result)
		}
		if rc := w.Stand(first, hub.Standing{Sent: &yes}); rc.Result != engine.ResultUnchanged {
			t.Errorf("the same again is answered %s", rc.Result)
		}
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
	})
}

// Other settings let go what waited by the old ones.
func TestWaitEndsWithTheSetting(t *testing.T) {
	for _, when := range []hub.When{hub.AtLastApproval, hub.ByHand} {
		w := withCirculation(t, purchases(when, "", ""))
		w.Stand(enginetest.Purchase("2001", "70.00"), enginetest.Approved("Anna"))
		w.Settle()
		s := w.Connection.Settings
		purchases(hub.AtFirstApproval, "", "")(&s)
		w.SetSettings(s)
		w.Settle()
		wantState(t, w, "2001", hub.Waiting, hub.WaitsForLastApproval)
		if got := status(t, w, "2001"); got != "UNFINISHED" {
			t.Errorf("%s: the voucher is %q", when, got)
		}
	}
}

// Procountor's circulation is off: the refusal says what to switch on, and the
// next try goes on from its step.
func TestCirculationOff(t *testing.T) {
	for _, early := range []hub.Early{hub.EarlyReceived, hub.EarlyVerified} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: purchases(hub.AtFirstApproval, early, "")})
		w.Stand(enginetest.Purchase("2001", "70.00"), enginetest.Approved("Anna"))
		w.Settle()
		tr := wantState(t, w, "2001", hub.Refused, hub.CirculationRefused)
		s := w.Connection.Settings
		purchases(hub.AtFirstApproval, hub.EarlyUnfinished, "")(&s)
		w.SetSettings(s)
		w.Must(w.Engine.Act(t.Context(), "person", tr.ID, engine.Retry, ""))
		w.Settle()
		wantState(t, w, "2001", hub.Waiting, hub.WaitsForLastApproval)
		if n := len(requests(w, "POST", "/invoices")); n != 1 {
			t.Errorf("%d posts", n)
		}
	}
}

// A payment of a purchase invoice waits until that is approved.
func TestPaidOnlyWhenApproved(t *testing.T) {
	w := withCirculation(t, func(s *hub.Settings) {
		purchases(hub.AtFirstApproval, hub.EarlyVerified, "")(s)
		s.Payments, s.Payer = hub.MasterSource, hub.MasterSource
	})
	d := enginetest.Purchase("2001", "100.00")
	w.Stand(d, enginetest.Approved("Anna"))
	w.Pay(paid("pay", "2001", "2026-03-12", "125.50"))
	w.Settle()
	wantPayment(t, w, "pay", hub.Waiting, hub.PaymentWaits)
	w.Stand(d, enginetest.Approved("Anna", "Bo!"))
	w.Settle()
	wantPayment(t, w, "pay", hub.Done, "")
	if got := status(t, w, "2001"); got != "MARKED_PAID" {
		t.Errorf("the voucher is %q", got)
	}
}

// What the source says is kept with when it was said, also while a write is in
// the air.
func TestStandingIsKept(t *testing.T) {
	var w *enginetest.World
	d := enginetest.Purchase("2001", "70.00")
	once := false
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: purchases(hub.AtFirstApproval, "", ""), Crash: func(p string) {
		if p == "post_invoice/intended" && !once {
			once = true
			w.Stand(d, enginetest.Approved("Anna", "Bo!"))
		}
	}})
	w.Stand(d, enginetest.Approved("Anna"))
	w.Settle()
	tr := wantState(t, w, "2001", hub.Done, "")
	rounds, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (list []string, err error) {
		acts, err := tx.Acts(tr.ID, 0, 50)
		for _, a := range acts {
			if a.Kind == "document.standing" {
				list = append(list, string(a.Detail))
			}
		}
		return list, err
	})
	w.Must(err)
	if len(rounds) != 2 || !strings.Contains(rounds[0], `"round":"complete"`) || !strings.Contains(rounds[1], `"round":"open"`) {
		t.Errorf("acts: %v", rounds)
	}
}
