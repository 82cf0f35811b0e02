package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor/procountortest"
)

func sending(s *hub.Settings) {
	arriving(hub.ArriveSent)(s)
	s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
}

func with(s hub.Settings, change func(*hub.Settings)) hub.Settings {
	change(&s)
	return s
}

// sentAndChanged is a world in which invoice 1001 of 100 was sent and has become
// one of 120.
func sentAndChanged(t *testing.T, world func(enginetest.Config) *enginetest.World) *enginetest.World {
	t.Helper()
	w := world(enginetest.Config{Writing: true})
	w.SetSettings(with(w.Connection.Settings, sending))
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	if v := holdsPrice(t, w, "1001", "100"); v.Status != "SENT" {
		t.Fatalf("voucher is %s", v.Status)
	}
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	return w
}

func answer(t *testing.T, w *enginetest.World, a engine.Action) {
	t.Helper()
	w.Must(w.Engine.Act(t.Context(), "maija", w.Transfer("1001").ID, a, "agreed with the customer"))
	w.Settle()
}

// prices of the vouchers of 1001 that are not removed, with their status.
func prices(w *enginetest.World) (list []string) {
	for _, inv := range w.Vouchers("1001") {
		row := inv.InvoiceRows[0]
		sign := strings.TrimSuffix(row.Quantity.String(), "1")
		list = append(list, sign+row.UnitPrice.String()+" "+inv.Status)
	}
	return list
}

func wantVouchers(t *testing.T, w *enginetest.World, want ...string) {
	t.Helper()
	if got := prices(w); !slices.Equal(got, want) {
		t.Errorf("in the books: %q, want %q", got, want)
	}
}

func allows(tr hub.Transfer, a engine.Action) bool { return slices.Contains(engine.Allowed(&tr), a) }

// Leave: the books stay as they are, the document rests, and the next change is
// asked about again.
func TestLeave(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := sentAndChanged(t, world)
		answer(t, w, engine.Leave)
		tr := wantState(t, w, "1001", hub.DoneWithWarning, hub.ChangeLeft)
		wantVouchers(t, w, "100 SENT")
		if !allows(tr, engine.Retry) {
			t.Error("nobody can think again")
		}
		w.Receive(enginetest.Sale("1001", "130"))
		w.Settle()
		wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
		w.Receive(enginetest.Sale("1001", "100")) // back to what was sent
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		wantVouchers(t, w, "100 SENT")
	})
}

// Send beside: another voucher, and people are told of the first. From then on the
// new one is the document's.
func TestSendBeside(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := sentAndChanged(t, world)
		answer(t, w, engine.SendBeside)
		tr := wantState(t, w, "1001", hub.DoneWithWarning, hub.SentBeside)
		wantVouchers(t, w, "100 SENT", "120 SENT")
		if tr.InvoiceID != w.Vouchers("1001")[1].ID || tr.Faults[0].Args["number"] == "" {
			t.Errorf("%+v", tr)
		}
		w.Receive(enginetest.Sale("1001", "130"))
		w.Settle()
		wantState(t, w, "1001", hub.Held, hub.DocumentChanged) // asked again, of the new one
		wantVouchers(t, w, "100 SENT", "120 SENT")
		answer(t, w, engine.Leave)
		tr = wantState(t, w, "1001", hub.DoneWithWarning, hub.ChangeLeft)
		if len(tr.Faults) != 2 || tr.Faults[1].Code != hub.SentBeside {
			t.Errorf("nobody is told of the first any more: %v", tr.Faults)
		}
	})
}

// Credit and send anew: a credit note of all that was saved, which names the
// original, and then the new content; that the two must be offset is said.
func TestCreditAnew(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := sentAndChanged(t, world)
		old := w.Vouchers("1001")[0]
		answer(t, w, engine.CreditAnew)
		tr := wantState(t, w, "1001", hub.DoneWithWarning, hub.OffsetByHand)
		wantVouchers(t, w, "100 SENT", "-100 SENT", "120 SENT")
		note := w.Vouchers("1001")[1]
		for _, want := range []string{"Hyvitetty lasku 1001", "päivätty 10.3.2026"} {
			if !strings.Contains(note.AdditionalInformation, want) {
				t.Errorf("the credit note says %q, not %q", note.AdditionalInformation, want)
			}
		}
		key, marked := hub.MarkIn(note.Notes)
		if was, _ := hub.MarkIn(old.Notes); !marked || key == was {
			t.Errorf("mark of the credit note: %q", note.Notes)
		}
		if note.Date != "2026-03-16" || note.PartnerID == nil || *note.PartnerID != *old.PartnerID || !strings.HasPrefix(grossText(note), "-125.5") {
			t.Errorf("credit note of %s over %s", note.Date, grossText(note))
		}
		if tr.Faults[0].Args["credited"] == "" || tr.Faults[0].Args["number"] == tr.Faults[0].Args["credited"] {
			t.Errorf("offset what against what: %v", tr.Faults)
		}
		shown := &enginetest.Shown{Versions: []*hub.Document{enginetest.Sale("1001", "100"), enginetest.Sale("1001", "120")}}
		shown.LetGo(old.ID, *old.InvoiceNumber)
		for _, err := range append(w.AuditBooks([]*enginetest.Shown{shown}), w.AuditStates([]*enginetest.Shown{shown})...) {
			t.Error(err)
		}
		shown.Let = nil
		if len(w.AuditBooks([]*enginetest.Shown{shown})) == 0 {
			t.Error("the auditor takes credit notes that nobody wanted")
		}
		// The next change finds the new voucher, and the warning stays.
		w.Receive(enginetest.Sale("1001", "130"))
		w.Settle()
		wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
		answer(t, w, engine.CreditAnew)
		wantVouchers(t, w, "100 SENT", "-100 SENT", "120 SENT", "-120 SENT", "130 SENT")
		if tr := w.Transfer("1001"); len(tr.Faults) != 2 {
			t.Errorf("two to offset: %v", tr.Faults)
		}
	})
}

func grossText(inv procountortest.Invoice) string {
	return inv.InvoiceSumInfo[0].InvoiceSumTotal.String()
}

// An answer needs a person and a reason, and holds once, for the content that the
// person saw.
func TestAnswerNeedsPerson(t *testing.T) {
	w := sentAndChanged(t, enginetest.OnSQLite(t))
	id := w.Transfer("1001").ID
	for _, a := range []engine.Action{engine.Leave, engine.SendBeside, engine.CreditAnew} {
		for _, by := range [][2]string{{"maija", " "}, {"", "why"}, {"vienti", "why"}} {
			if err := w.Engine.Act(t.Context(), by[0], id, a, by[1]); !errors.Is(err, engine.ErrNoReason) {
				t.Errorf("%s by %q because of %q: %v", a, by[0], by[1], err)
			}
		}
	}
	for _, a := range []engine.Action{engine.SendBeside, engine.CreditAnew} {
		w.Must(w.Engine.Act(t.Context(), "maija", id, a, "yes"))
		w.Receive(enginetest.Sale("1001", "99")) // not what Maija saw
		w.Settle()
		wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
		wantVouchers(t, w, "100 SENT")
		w.Must(w.Engine.Act(t.Context(), "maija", id, a, "yes"))
		w.Receive(enginetest.Sale("1001", "100")) // nothing to answer any more
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		wantVouchers(t, w, "100 SENT")
		w.Receive(enginetest.Sale("1001", "120"))
		w.Settle()
	}
}

// The answer to a write beside is lost: what is looked for is the new voucher, not
// the old one, which carries our mark as well.
func TestSendBesideLostAnswer(t *testing.T) {
	for _, lost := range []faulty.Kind{faulty.Before, faulty.After} {
		t.Run(string(lost), func(t *testing.T) {
			w := sentAndChanged(t, enginetest.OnSQLite(t))
			w.Sandbox.PlanFault(fault(hub.PostInvoice, lost))
			answer(t, w, engine.SendBeside)
			wantState(t, w, "1001", hub.DoneWithWarning, hub.SentBeside)
			wantVouchers(t, w, "100 SENT", "120 SENT")
		})
	}
}

// A write beside that two looks did not find, and that lands all the same, is
// taken over; so is a late credit note.
func TestLateBeside(t *testing.T) {
	for a, want := range map[engine.Action][]string{
		engine.SendBeside: {"100 SENT", "120 SENT"}, engine.CreditAnew: {"100 SENT", "-100 SENT", "120 SENT"},
	} {
		t.Run(string(a), func(t *testing.T) {
			late := &lateClient{}
			w := sentAndChanged(t, func(cfg enginetest.Config) *enginetest.World {
				cfg.Client = late.wrap
				return enginetest.OnSQLite(t)(cfg)
			})
			late.swallow = true
			w.Sandbox.ForgetRequests()
			w.Must(w.Engine.Act(t.Context(), "maija", w.Transfer("1001").ID, a, "agreed"))
			w.Step(t.Context()) // the post is swallowed
			w.Sandbox.PlanFault(fault(hub.PostInvoice, procountortest.FaultTooMany))
			for len(requests(w, "POST", "/invoices")) == 0 {
				w.Clock.Set(w.Step(t.Context()))
			}
			late.land(t)
			w.Clock.Add(2 * time.Minute)
			w.Settle()
			wantState(t, w, "1001", hub.DoneWithWarning, "")
			wantVouchers(t, w, want...)
		})
	}
}

// What Procountor refuses has not happened: the old voucher counts, and the person
// is asked again.
func TestAnswerRefused(t *testing.T) {
	for _, a := range []engine.Action{engine.SendBeside, engine.CreditAnew} {
		t.Run(string(a), func(t *testing.T) {
			w := sentAndChanged(t, enginetest.OnSQLite(t))
			w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03") // our copy does not know yet
			answer(t, w, a)
			if tr := w.Transfer("1001"); tr.State != hub.Refused || tr.Goal != hub.Deliver || tr.InvoiceID != w.Vouchers("1001")[0].ID {
				t.Fatalf("%s", enginetest.Describe(tr))
			}
			wantVouchers(t, w, "100 SENT")
			w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
			w.Clock.Add(20 * time.Minute)
			w.Must(w.Engine.Act(t.Context(), "maija", w.Transfer("1001").ID, engine.Retry, ""))
			w.Settle()
			wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
			answer(t, w, a)
			wantState(t, w, "1001", hub.DoneWithWarning, "")
		})
	}
}

// A credit note that fails half-way is finished before anything else: by retry,
// whatever the source shows meanwhile.
func TestCreditHalfWay(t *testing.T) {
	var w *enginetest.World
	w = sentAndChanged(t, func(cfg enginetest.Config) *enginetest.World {
		cfg.Crash = func(p string) {
			if p == "credit_invoice/recorded" {
				w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
			}
		}
		w = enginetest.OnSQLite(t)(cfg)
		return w
	})
	answer(t, w, engine.CreditAnew)
	tr := wantState(t, w, "1001", hub.Refused, "")
	wantVouchers(t, w, "100 SENT", "-100 UNFINISHED")
	if got := engine.Allowed(&tr); !slices.Equal(got, []engine.Action{engine.Retry, engine.DoneByHand}) {
		t.Errorf("allowed: %v", got)
	}
	w.Receive(enginetest.Sale("1001", "130"))
	w.Settle()
	wantState(t, w, "1001", hub.Refused, "")
	w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
	w.Clock.Add(20 * time.Minute)
	answer(t, w, engine.Retry)
	wantState(t, w, "1001", hub.DoneWithWarning, hub.OffsetByHand)
	wantVouchers(t, w, "100 SENT", "-100 SENT", "130 SENT")
}

// What can be chosen, and what cannot.
func TestChoices(t *testing.T) {
	all := []engine.Action{engine.Leave, engine.CreditAnew, engine.SendBeside}
	for _, c := range []struct {
		name string
		t    hub.Transfer
		want []engine.Action
	}{
		{"sent", hub.Transfer{InvoiceID: 7, Faults: faults(hub.DocumentChanged, "SENT")}, all},
		{"a supplier's invoice is the supplier's to credit", hub.Transfer{InvoiceID: 7, DocKind: hub.PurchaseInvoice,
			Faults: faults(hub.DocumentChanged, "PAID")}, []engine.Action{engine.Leave, engine.SendBeside}},
		{"a credit note is not credited", hub.Transfer{InvoiceID: 7, CreditNote: true, Faults: faults(hub.DocumentChanged, "SENT")},
			[]engine.Action{engine.Leave, engine.SendBeside}},
		{"unfinished is not in the books", hub.Transfer{InvoiceID: 7, Faults: faults(hub.DocumentChanged, "UNFINISHED")},
			[]engine.Action{engine.Leave, engine.SendBeside}},
		{"the new content cannot go", hub.Transfer{InvoiceID: 7, Faults: append(faults(hub.DocumentChanged, "SENT"),
			hub.NewFault(hub.PeriodClosed, "date", ""))}, []engine.Action{engine.Leave}},
		{"not changed", hub.Transfer{InvoiceID: 7, Faults: []hub.Fault{hub.NewFault(hub.TotalsDiffer, "", "")}}, nil},
		{"taking back", hub.Transfer{InvoiceID: 7, Goal: hub.TakeBack, Faults: faults(hub.DocumentChanged, "SENT")}, nil},
		{"a credit note is on its way", hub.Transfer{InvoiceID: 7, Goal: hub.CreditAnew, Faults: faults(hub.DocumentChanged, "SENT")}, nil},
		{"a twin", hub.Transfer{Faults: []hub.Fault{hub.NewFault(hub.DocumentTwin, "", "")}}, []engine.Action{engine.SendBeside}},
		{"somebody else's", hub.Transfer{Faults: []hub.Fault{hub.NewFault(hub.AlreadyThere, "", "")}}, []engine.Action{engine.SendBeside}},
		{"done by hand", hub.Transfer{Faults: []hub.Fault{hub.NewFault(hub.DocumentChanged, "", "", "was", "done_by_hand")}}, []engine.Action{engine.Leave}},
	} {
		tr := c.t
		if tr.DocKind == "" {
			tr.DocKind = hub.SalesInvoice
		}
		if tr.Goal == "" {
			tr.Goal = hub.Deliver
		}
		tr.State = hub.Held
		var got []engine.Action
		for _, a := range engine.Allowed(&tr) {
			if a.Decides() {
				got = append(got, a)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func faults(code, status string) []hub.Fault {
	return []hub.Fault{hub.NewFault(code, "", status, "number", "5", "status", status)}
}

// A change whose new content cannot go, of a voucher in a closed month: the books
// may still be left as they are.
func TestChangedInClosedMonth(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
	w.Clock.Add(20 * time.Minute)
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	tr := wantState(t, w, "1001", hub.Held, hub.PeriodClosed)
	if !allows(tr, engine.Leave) || allows(tr, engine.SendBeside) {
		t.Errorf("allowed: %v", engine.Allowed(&tr))
	}
	// Dated in the next month, it can go; its voucher is in the closed one.
	moved := enginetest.Sale("1001", "120")
	moved.Date, moved.DueDate = moved.Date.AddDays(30), moved.DueDate.AddDays(30)
	w.Receive(moved)
	w.Settle()
	tr = wantState(t, w, "1001", hub.Held, hub.DocumentChanged)
	if !allows(tr, engine.SendBeside) {
		t.Errorf("allowed: %v", engine.Allowed(&tr))
	}
	answer(t, w, engine.SendBeside)
	wantVouchers(t, w, "100 UNFINISHED", "120 UNFINISHED")
}

// The same invoice under two identities, or somebody else's voucher with that
// number: a person who has looked may send it beside.
func TestSendBesideAnother(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		twin := enginetest.Sale("1001", "100")
		twin.SourceID += "/again"
		w.Receive(enginetest.Sale("1001", "100"))
		w.Settle()
		w.Receive(twin)
		w.Foreign(enginetest.Sale("1002", "100"))
		w.Clock.Add(2 * time.Minute)
		w.Receive(enginetest.Sale("1002", "101"))
		w.Settle()
		for code, d := range map[string]*hub.Document{hub.DocumentTwin: twin, hub.AlreadyThere: enginetest.Sale("1002", "101")} {
			tr, err := w.TransferOf(d)
			w.Must(err)
			if tr.State != hub.Held || tr.Faults[0].Code != code {
				t.Fatalf("%s", enginetest.Describe(tr))
			}
			w.Must(w.Engine.Act(t.Context(), "maija", tr.ID, engine.SendBeside, "two orders with one number"))
			w.Settle()
			if tr, _ = w.TransferOf(d); tr.State != hub.Done || len(w.Vouchers(d.Number)) != 2 {
				t.Errorf("%s, %d vouchers", enginetest.Describe(tr), len(w.Vouchers(d.Number)))
			}
		}
	})
}

// What a person has ended, or removed in Procountor, never goes anew by itself,
// however often it changes.
func TestEndedStaysEnded(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(w *enginetest.World)
	}{
		{"done by hand", func(w *enginetest.World) {
			w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			w.Must(w.Engine.Act(w.T.Context(), "test", w.Transfer("1001").ID, engine.DoneByHand, "entered"))
			w.Sandbox.ReopenTrackingPeriod(w.Company.ProcountorID, "2026-03")
		}},
		{"taken back", func(w *enginetest.World) {
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			w.Must(w.Engine.Act(w.T.Context(), "test", w.Transfer("1001").ID, engine.TakeBack, "wrong"))
			w.Settle()
		}},
		{"removed there", func(w *enginetest.World) {
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, w.Vouchers("1001")[0].ID, "INVALIDATED")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
			c.end(w)
			for _, price := range []string{"110", "120", "130"} {
				w.Clock.Add(20 * time.Minute)
				w.Receive(enginetest.Sale("1001", price))
				w.Settle()
				wantState(t, w, "1001", hub.Held, "")
				wantVouchers(t, w)
			}
			if tr := w.Transfer("1001"); c.name != "removed there" {
				w.Must(w.Engine.Act(t.Context(), "test", tr.ID, engine.Leave, "as it was"))
				if got := w.Transfer("1001").State; string(got) != strings.ReplaceAll(c.name, " ", "_") {
					t.Errorf("left as %s", got)
				}
			}
		})
	}
}

// The credit note stands on the accounts of what it takes back, whoever has put
// them there, and not on those of the map or of Procountor's choice.
func TestCreditStandsOnTheSameAccounts(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: postedApproved})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	person(t, w, "1001", "3010")
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	answer(t, w, engine.CreditAnew)
	wantVouchers(t, w, "100 APPROVED", "-100 APPROVED", "120 APPROVED")
	var on []string
	for _, inv := range w.Vouchers("1001") {
		for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
			for _, e := range r.Transactions {
				if r.InvoiceID != nil && *r.InvoiceID == inv.ID && e.TransactionType == "ENTRY" {
					on = append(on, e.Account)
				}
			}
		}
	}
	if want := []string{"3010", "3010", enginetest.PostedOn}; !slices.Equal(on, want) {
		t.Errorf("the vouchers stand on %v, want %v", on, want)
	}
}
