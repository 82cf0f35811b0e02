package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

func arriving(a hub.Arrival) func(*hub.Settings) {
	return func(s *hub.Settings) {
		for k, ks := range s.Kinds {
			if ks.Arrival = a; k == hub.PurchaseInvoice && a == hub.ArriveSent {
				ks.Arrival = hub.ArriveApproved
			}
			s.Kinds[k] = ks
		}
	}
}

func holdsPrice(t *testing.T, w *enginetest.World, number, price string) procountortest.Invoice {
	t.Helper()
	got := w.Vouchers(number)
	if len(got) != 1 {
		t.Fatalf("%d vouchers of %s", len(got), number)
	}
	if p := got[0].InvoiceRows[0].UnitPrice.String(); p != price {
		t.Errorf("voucher of %s holds %s, want %s", number, p, price)
	}
	return got[0]
}

func wantState(t *testing.T, w *enginetest.World, number string, state hub.State, code string) hub.Transfer {
	t.Helper()
	tr := w.Transfer(number)
	if tr.State != state || code != "" && (len(tr.Faults) == 0 || tr.Faults[0].Code != code) {
		t.Errorf("want %s %s: %s", state, code, enginetest.Describe(tr))
	}
	return tr
}

// What becomes of a document that changes after its voucher was made: by the
// voucher's status, the settings, and what a person has done to it there.
func TestChangedDocument(t *testing.T) {
	for _, c := range []struct {
		name     string
		arrival  hub.Arrival
		settings func(*hub.Settings)
		country  string
		there    func(s *procountortest.Server, company int64, inv procountortest.Invoice)
		state    hub.State
		code     string
		price    string
	}{
		{name: "unfinished is replaced", arrival: hub.ArriveUnfinished, state: hub.Done, price: "120"},
		{name: "approved is held", arrival: hub.ArriveApproved, state: hub.Held, code: hub.DocumentChanged, price: "100"},
		{name: "approved goes back by setting", arrival: hub.ArriveApproved, settings: func(s *hub.Settings) { s.ChangedApproved = true },
			state: hub.Done, price: "120"},
		{name: "approved is held in Sweden whatever the setting", arrival: hub.ArriveApproved, country: "SE",
			settings: func(s *hub.Settings) { s.ChangedApproved = true }, state: hub.Held, code: hub.DocumentChanged, price: "100"},
		{name: "sent is held", arrival: hub.ArriveSent, settings: func(s *hub.Settings) {
			s.ChangedApproved, s.Sender, s.Channel = true, hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
		}, state: hub.Held, code: hub.DocumentChanged, price: "100"},
		{name: "paid is held", arrival: hub.ArriveUnfinished, there: func(s *procountortest.Server, company int64, inv procountortest.Invoice) {
			s.SetInvoiceStatus(company, inv.ID, "PAID")
		}, state: hub.Held, code: hub.DocumentChanged, price: "100"},
		{name: "edited there is held", arrival: hub.ArriveUnfinished, there: func(s *procountortest.Server, company int64, inv procountortest.Invoice) {
			s.EditInvoice(company, inv.ID, func(v *procountortest.Invoice) { v.AdditionalInformation = "Kiitos" })
		}, state: hub.Held, code: hub.EditedThere, price: "100"},
		{name: "mark removed is held", arrival: hub.ArriveUnfinished, there: func(s *procountortest.Server, company int64, inv procountortest.Invoice) {
			s.SetNotes(company, inv.ID, "")
		}, state: hub.Held, code: hub.MarkRemoved, price: "100"},
		{name: "removed there is held", arrival: hub.ArriveUnfinished, there: func(s *procountortest.Server, company int64, inv procountortest.Invoice) {
			s.SetInvoiceStatus(company, inv.ID, "INVALIDATED")
		}, state: hub.Held, code: hub.EditedThere},
		{name: "deleted there is held", arrival: hub.ArriveUnfinished, there: func(s *procountortest.Server, company int64, inv procountortest.Invoice) {
			s.DeleteInvoice(company, inv.ID)
		}, state: hub.Held, code: hub.EditedThere},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				arriving(c.arrival)(s)
				if c.settings != nil {
					c.settings(s)
				}
			}})
			sale := func(price string) *hub.Document {
				d := enginetest.Sale("1001", price)
				d.Payment.Reference = "RF18539007547034" // right in Finland and in Sweden
				return d
			}
			w.Receive(sale("100"))
			w.Settle()
			wantState(t, w, "1001", hub.Done, "")
			if c.country != "" {
				w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
					return tx.ExecOne(`update company set country = $1`, c.country)
				}))
			}
			before := holdsPrice(t, w, "1001", "100")
			if c.there != nil {
				w.Clock.Add(time.Minute)
				c.there(w.Sandbox, w.Company.ProcountorID, before)
			}
			w.Receive(sale("120"))
			w.Settle()
			wantState(t, w, "1001", c.state, c.code)
			if c.price == "" {
				if got := w.Vouchers("1001"); len(got) != 0 {
					t.Errorf("went anew by itself: %v", got[0].ID)
				}
				return
			}
			if after := holdsPrice(t, w, "1001", c.price); after.ID != before.ID {
				t.Errorf("voucher %d became %d", before.ID, after.ID)
			}
		})
	}
}

// A voucher that a person has removed goes again when a person wants it to.
func TestRemovedThereGoesAgainByRetry(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, w.Vouchers("1001")[0].ID, "INVALIDATED")
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	tr := wantState(t, w, "1001", hub.Held, hub.EditedThere)
	w.Must(w.Engine.Act(t.Context(), "test", tr.ID, engine.Retry, ""))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	holdsPrice(t, w, "1001", "120")
}

// A change that comes while the document is being worked on is not lost, and what
// is known to be wrong is not approved.
func TestChangedWhileWorking(t *testing.T) {
	for _, point := range []string{"post_invoice/intended", "post_invoice/sent", "post_invoice/recorded", "approve/intended", "approve/recorded"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				var w *enginetest.World
				once := false
				w = world(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { arriving(hub.ArriveApproved)(s); s.ChangedApproved = true },
					Crash: func(p string) {
						if p == point && !once {
							once = true
							w.Receive(enginetest.Sale("1001", "120"))
						}
					}})
				w.Receive(enginetest.Sale("1001", "100"))
				w.Settle()
				wantState(t, w, "1001", hub.Done, "")
				if v := holdsPrice(t, w, "1001", "120"); v.Status != "APPROVED" {
					t.Errorf("voucher is %s", v.Status)
				}
				approvals := 0
				for _, r := range w.Sandbox.Received() {
					if strings.HasSuffix(r.Path, "/approve") {
						approvals++
					}
				}
				// Once the outcome of the post is stored, the approval is intended.
				if (point == "post_invoice/intended" || point == "post_invoice/sent") && approvals != 1 {
					t.Errorf("approved %d times: the old content too", approvals)
				}
			})
		})
	}
}

// After the lost answer to a post: the person edits the voucher before we look.
func TestEditedBeforeLook(t *testing.T) {
	var w *enginetest.World
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Crash: func(p string) {
		if p == "post_invoice/sent" {
			inv := w.Vouchers("1001")[0]
			w.Sandbox.EditInvoice(w.Company.ProcountorID, inv.ID, func(v *procountortest.Invoice) { v.AdditionalInformation = "Kiitos" })
		}
	}})
	w.Sandbox.PlanFault(fault(hub.PostInvoice, faulty.After))
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	w.Receive(enginetest.Sale("1001", "120"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.EditedThere)
	holdsPrice(t, w, "1001", "100")
}

// After the lost answer to a post, a person acts in Procountor before we look:
// never a second voucher by itself.
func TestPersonBeforeLook(t *testing.T) {
	for _, c := range []struct {
		name  string
		there func(w *enginetest.World, id int64)
		code  string
	}{
		{"removes the mark", func(w *enginetest.World, id int64) { w.Sandbox.SetNotes(w.Company.ProcountorID, id, "") }, hub.MarkRemoved},
		{"invalidates", func(w *enginetest.World, id int64) {
			w.Sandbox.SetInvoiceStatus(w.Company.ProcountorID, id, "INVALIDATED")
		}, hub.EditedThere},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w *enginetest.World
			once := false
			w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Crash: func(p string) {
				if p == "post_invoice/sent" && !once {
					once = true
					c.there(w, w.Vouchers("1001")[0].ID)
				}
			}})
			w.Sandbox.PlanFault(fault(hub.PostInvoice, faulty.After))
			w.Receive(enginetest.Sale("1001", "100"))
			w.Settle()
			tr := wantState(t, w, "1001", hub.Held, c.code)
			posts := len(w.Sandbox.Invoices(w.Company.ProcountorID))
			if posts != 1 {
				t.Fatalf("%d invoices", posts)
			}
			// A person says retry: it is looked for again before anything is made.
			w.Must(w.Engine.Act(t.Context(), "test", tr.ID, engine.Retry, ""))
			w.Settle()
			if c.code == hub.MarkRemoved {
				wantState(t, w, "1001", hub.Held, c.code)
				if got := w.Vouchers("1001"); len(got) != 1 {
					t.Errorf("%d vouchers after retry", len(got))
				}
			} else {
				wantState(t, w, "1001", hub.Done, "")
				holdsPrice(t, w, "1001", "100")
			}
		})
	}
}

// A voucher with our number that is not ours, before the first write.
func TestForeignVoucher(t *testing.T) {
	for _, c := range []struct {
		name  string
		doc   *hub.Document
		state hub.State
		code  string
		count int
	}{
		{"the same is linked", enginetest.Sale("1001", "100"), hub.Linked, hub.LinkedThere, 1},
		{"another sum is held", enginetest.Sale("1001", "101"), hub.Held, hub.AlreadyThere, 1},
		{"a purchase with that number is another thing", enginetest.Purchase("1001", "100"), hub.Done, "", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			world := enginetest.OnSQLite(t)
			w := world(enginetest.Config{Writing: true})
			w.Foreign(enginetest.Sale("1001", "100"))
			w.Clock.Add(2 * time.Minute)
			w.Receive(c.doc)
			w.Settle()
			wantState(t, w, "1001", c.state, c.code)
			if got := w.Vouchers("1001"); len(got) != c.count {
				t.Errorf("%d vouchers", len(got))
			}
		})
	}
}

// Somebody else's voucher that was deleted there stands in nobody's way, though no
// version tells of it.
func TestForeignVoucherDeleted(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Foreign(enginetest.Sale("1001", "100"))
	w.Clock.Add(2 * time.Minute)
	w.Receive(enginetest.Sale("1001", "101"))
	w.Settle()
	tr := wantState(t, w, "1001", hub.Held, hub.AlreadyThere)
	w.Sandbox.DeleteInvoice(w.Company.ProcountorID, w.Vouchers("1001")[0].ID)
	w.Must(w.Engine.Act(t.Context(), "test", tr.ID, engine.Retry, ""))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	holdsPrice(t, w, "1001", "101")
}

// Purchases carry their supplier's number: another supplier may have the same.
func TestPurchaseNumbers(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Foreign(enginetest.Purchase("77", "100"))
	w.Clock.Add(2 * time.Minute)
	other := enginetest.Purchase("77", "100")
	other.SourceID += "/2"
	other.Seller = hub.Party{Name: "Mielikuva Palvelut Oy", BusinessID: "5678901-2", Number: "2002", Address: other.Seller.Address}
	w.Receive(other)
	w.Settle()
	wantState(t, w, "77", hub.Done, "")
	if got := w.Vouchers("77"); len(got) != 2 {
		t.Errorf("%d vouchers", len(got))
	}
	same := enginetest.Purchase("77", "90")
	w.Receive(same)
	w.Settle()
	tr, err := w.TransferOf(same)
	if err != nil || tr.State != hub.Held || tr.Faults[0].Code != hub.AlreadyThere {
		t.Errorf("the same supplier: %s, %v", enginetest.Describe(tr), err)
	}
}

// A text that is cut because the connection says so is told, and asks nobody.
func TestCutTextAsksNobody(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.TextTooLong = hub.Cut }})
	d := enginetest.Sale("1001", "100")
	d.Text = strings.Repeat("a", 10_001)
	w.Receive(d)
	w.Settle()
	if tr := wantState(t, w, "1001", hub.DoneWithWarning, ""); len(tr.Faults) != 1 || tr.Faults[0].Code != hub.TextCut {
		t.Errorf("faults %v", tr.Faults)
	}
	if got := tasks(t, w); got != "" {
		t.Errorf("tasks: %s", got)
	}
}

// A credit note goes as it is, with a task for a person.
func TestCreditNote(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Receive(enginetest.Sale("1001", "100"), enginetest.Credit("1002", "40", "1001"))
	w.Settle()
	tr := wantState(t, w, "1002", hub.DoneWithWarning, "")
	if len(tr.Faults) == 0 || tr.Faults[0].Code != hub.OffsetByHand {
		t.Errorf("faults %v", tr.Faults)
	}
	// The task is open until somebody has seen to it, and when it is opened again.
	if got := tasks(t, w); got != hub.OffsetByHand {
		t.Errorf("tasks: %s", got)
	}
	if err := w.Engine.MarkTask(t.Context(), "aino", tr.ID, hub.TextCut, true, ""); !errors.Is(err, engine.ErrNotNow) {
		t.Errorf("marked what is not asked: %v", err)
	}
	for _, done := range []bool{true, false, true} {
		if err := w.Engine.MarkTask(t.Context(), "aino", tr.ID, hub.OffsetByHand, done, "with 1001"); err != nil {
			t.Fatal(err)
		}
		if err := w.Engine.MarkTask(t.Context(), "matti", tr.ID, hub.OffsetByHand, done, ""); !errors.Is(err, engine.ErrNotNow) {
			t.Errorf("marked twice: %v", err)
		}
		if got := tasks(t, w); (got == "") != done {
			t.Errorf("done %v, and there is %q", done, got)
		}
	}
	acts, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts(tr.ID, 0, 3) })
	if err != nil || acts[0].Kind != "task.done" || acts[1].Kind != "task.reopened" || acts[0].Actor != "aino" ||
		!strings.Contains(string(acts[0].Detail), "with 1001") {
		t.Errorf("acts %v, %v", acts, err)
	}
	v := w.Vouchers("1002")
	if len(v) != 1 || v[0].InvoiceRows[0].Quantity.String() != "-1" {
		t.Errorf("vouchers %v", v)
	}
}

// tasks are the codes of what people are asked to do.
func tasks(t *testing.T, w *enginetest.World) string {
	t.Helper()
	list, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.TaskCount, error) { return tx.CountTasks("", people.Reach{}) })
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, k := range list {
		codes = append(codes, k.Code)
	}
	return strings.Join(codes, " ")
}
