package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// Somebody changes something in Procountor just before one of our writes leaves,
// with the answer of the write kept or lost. It ends in a clear fault; nothing is
// approved, sent or paid before all earlier steps are proved; and when it is
// mended, the next try goes on from the step that it stood at.
func TestBrokenInTheMiddle(t *testing.T) {
	march := func(w *enginetest.World, closed bool) {
		if closed {
			w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
		} else {
			w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
		}
	}
	domestic := func(w *enginetest.World, off bool) {
		w.Sandbox.SetVATStatus(w.Company.ProcountorID, procountortest.VATStatusSeed{Number: 1, Description: "Domestic", Sales: !off, Purchase: !off, Domestic: true})
	}
	// usable switches the account that customers pay to off and on.
	usable := func(w *enginetest.World, off bool) {
		client, err := w.Engine.Client(t.Context(), w.Company)
		w.Must(err)
		for a, err := range client.BankAccounts.List(t.Context()) {
			w.Must(err)
			if a.IBAN != "FI2112345600000785" {
				continue
			}
			full, err := client.BankAccounts.Get(t.Context(), a.ID)
			w.Must(err)
			full.Status = procountor.BankAccountActive
			if off {
				full.Status = procountor.BankAccountInactive
			}
			_, err = client.BankAccounts.Update(t.Context(), full)
			w.Must(err)
		}
	}
	for _, c := range []struct {
		name string
		at   string // before this write leaves
		// change makes it so, and mends it.
		change func(w *enginetest.World, broken bool)
		code   string
		posts  int // in all, when it is done
	}{
		{"period closed before the post", "post_invoice/intended", march, hub.PeriodClosed, 2},
		{"period closed before the approval", "approve/intended", march, hub.PeriodClosed, 1},
		{"status disabled before the post", "post_invoice/intended", domestic, hub.VATStatusDisabled, 2},
		{"status disabled before the receipt", "put_receipt/intended", domestic, hub.VATStatusDisabled, 1},
		{"account of the receipt closed", "put_receipt/intended", func(w *enginetest.World, broken bool) {
			w.Sandbox.SetAccount(w.Company.ProcountorID, enginetest.PostedOn, !broken)
		}, hub.AccountClosed, 1},
		{"bank account taken away", "post_invoice/intended", usable, hub.BankAccountForeign, 2},
		{"receipt edited", "put_receipt/intended", func(w *enginetest.World, broken bool) {
			if broken {
				person(t, w, "1001", "3010")
			}
		}, hub.EditedThere, 1},
	} {
		for _, lost := range []faulty.Kind{faulty.None, faulty.Before} {
			t.Run(strings.TrimSuffix(c.name+"/"+string(lost), "/"), func(t *testing.T) {
				var w *enginetest.World
				once := false
				w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
					arriving(hub.ArriveSent)(s)
					for k, ks := range s.Kinds {
						ks.Posting = hub.PostedByMap
						s.Kinds[k] = ks
					}
					s.Accounts = []hub.AccountRule{{Sales: true, Purchases: true, Account: enginetest.PostedOn}}
					s.Sender, s.Channel, s.Payments, s.BankAccount = hub.SenderProcountor, hub.ChannelRule{hub.ByEmail}, hub.MasterSource, "FI2112345600000785"
				}, Crash: func(p string) {
					if p != c.at || once {
						return
					}
					once = true
					w.Clock.Add(2 * time.Minute / 3) // the copy of the registers is not of this moment
					c.change(w, true)
					if lost != faulty.None {
						w.Sandbox.PlanFault(fault(hub.StepKind(strings.Split(c.at, "/")[0]), lost))
					}
				}})
				w.Clock.Add(5 * time.Minute)
				d := enginetest.Attach(enginetest.Sale("1001", "100.00"), "a.pdf", "A")
				d.Buyer.Email = "laskut@kuvitelma.example"
				w.Receive(d)
				w.Pay(paid("pay", "1001", "2026-03-12", "125.50"))
				w.Settle()
				tr := w.Transfer("1001")
				if !tr.State.NeedsPerson() || !slices.ContainsFunc(tr.Faults, func(f hub.Fault) bool { return f.Code == c.code }) {
					t.Fatalf("want %s: %s", c.code, enginetest.Describe(tr))
				}
				for _, r := range w.Sandbox.Received() {
					if r.Status == 200 && (strings.HasSuffix(r.Path, "/approve") || strings.HasSuffix(r.Path, "/send") || strings.HasSuffix(r.Path, "/markpaid")) {
						t.Errorf("%s %s was made", r.Method, r.Path)
					}
				}
				for _, v := range w.Vouchers("1001") {
					if v.Status != "UNFINISHED" {
						t.Errorf("the voucher is %s", v.Status)
					}
				}
				c.change(w, false)
				w.Clock.Add(16 * time.Minute)
				if w.Transfer("1001").State.NeedsPerson() {
					w.Must(w.Engine.Act(t.Context(), "person", tr.ID, engine.Retry, ""))
				}
				w.Settle()
				wantState(t, w, "1001", hub.Done, "")
				if p := w.Payment("pay"); p.State.NeedsPerson() { // of the same closed month
					w.Clock.Add(16 * time.Minute)
					w.Must(w.Engine.Act(t.Context(), "person", p.ID, engine.Retry, ""))
					w.Settle()
				}
				wantPayment(t, w, "pay", hub.Done, "")
				if v := w.Vouchers("1001"); len(v) != 1 || v[0].Status != "MARKED_PAID" || !slices.Equal(accounts(t, w, "1001"), []string{enginetest.PostedOn}) {
					t.Errorf("in the end %d vouchers: %v on %v", len(v), v[0].Status, accounts(t, w, "1001"))
				}
				if n := len(requests(w, "POST", "/invoices")); n > c.posts+1 || lost == faulty.None && n != c.posts {
					t.Errorf("%d posts", n)
				}
			})
		}
	}
}
