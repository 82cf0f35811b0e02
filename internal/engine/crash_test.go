package engine_test

import (
	"flag"
	"fmt"
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

// life takes two documents through every kind of step: the first is posted for a
// new partner with two files and approved, changes (back to unfinished, replaced,
// approved; its customer's card with it), and is taken back; the second is sent, changes, is credited and sent
// anew, changes again and is sent beside; a third is sent and paid; a fourth is
// sent, credited in part and offset; two purchases come at the first approval and
// are approved at the last; a project and a product are made for a fifth sale, and the project is renamed and closed; a sale
// becomes a journal with a file, approved, and is taken back; another one is set right
// by a difference, then turned and booked anew. Afterwards everything has settled, whatever has happened.
func life(t *testing.T, w *enginetest.World) {
	first := enginetest.Attach(enginetest.Attach(enginetest.NewParty(enginetest.Sale("1001", "100.00"), 1), "a.pdf", "A"), "b.pdf", "B")
	shown := []*enginetest.Shown{{Versions: []*hub.Document{first}}}
	check := func(number string, want hub.State) {
		t.Helper()
		w.Settle()
		if got := w.Transfer(number); got.State != want {
			t.Fatalf("want %s: %s", want, enginetest.Describe(got))
		}
		for _, err := range append(append(w.AuditBooks(shown), w.AuditStates(shown)...), w.AuditOffsets(true)...) {
			t.Error(err)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	w.Receive(first)
	check("1001", hub.Done)

	changed := enginetest.NewParty(enginetest.Sale("1001", "120.00"), 1)
	changed.Attachments = first.Attachments
	changed.Buyer.Address.Street = "Uusikatu 7"
	shown[0].Versions = append(shown[0].Versions, changed)
	w.Receive(changed)
	check("1001", hub.Done)
	if got := w.Vouchers("1001"); len(got) != 1 || got[0].Status != "NOT_SENT" {
		t.Fatalf("after the change: %v", got)
	}
	if n := card(w); n.Transfer.State != hub.Done || n.Carried.IsZero() {
		t.Fatalf("after the customer has moved: %s", enginetest.Describe(n.Transfer))
	}
	for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
		if p.Name == changed.Buyer.Name && p.Address.Street != "Uusikatu 7" {
			t.Fatalf("the card of the customer that has moved: %+v", p.Address)
		}
	}

	w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("1001").ID, engine.TakeBack, "test"))
	check("1001", hub.TakenBack)

	s := w.Connection.Settings
	ks := s.Kinds[hub.SalesInvoice]
	ks.Arrival = hub.ArriveSent
	s.Kinds[hub.SalesInvoice] = ks
	w.SetSettings(s)
	second := enginetest.Sale("1002", "50.00")
	second.Buyer.Email = "laskut@kuvitelma.example"
	shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{second}})
	w.Receive(second)
	check("1002", hub.Done)
	if got := w.Vouchers("1002"); len(got) != 1 || got[0].Status != "SENT" {
		t.Fatalf("after sending: %v", got)
	}

	for i, a := range []engine.Action{engine.CreditAnew, engine.SendBeside} {
		changed := enginetest.Sale("1002", fmt.Sprint(60+i))
		changed.Buyer.Email = second.Buyer.Email
		shown[1].Versions = append(shown[1].Versions, changed)
		w.Receive(changed)
		w.Settle()
		tr := w.Transfer("1002")
		shown[1].LetGo(tr.InvoiceID, tr.InvoiceNumber)
		w.Must(w.Engine.Act(t.Context(), "test", tr.ID, a, "test"))
		check("1002", hub.DoneWithWarning)
		if got := w.Vouchers("1002"); len(got) != 3+i || got[2+i].Status != "SENT" {
			t.Fatalf("after %s: %d vouchers", a, len(got))
		}
	}

	third := enginetest.Sale("1003", "50.00")
	third.Buyer.Email = second.Buyer.Email
	shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{third}})
	w.Receive(third)
	w.Pay(paid("pay", "1003", "2026-03-12", "62.75"))
	check("1003", hub.Done)
	wantPayment(t, w, "pay", hub.Done, "")
	if got := w.Paid("1003"); len(got) != 1 || w.Vouchers("1003")[0].Status != "MARKED_PAID" {
		t.Fatalf("after paying: %v", got)
	}

	fourth, note := enginetest.Sale("1004", "50.00"), enginetest.Credit("1005", "20.00", "1004")
	fourth.Buyer.Email, note.Buyer.Email = second.Buyer.Email, second.Buyer.Email
	shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{fourth}})
	w.Receive(fourth)
	check("1004", hub.Done)
	shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{note}})
	w.Receive(note)
	check("1005", hub.Done)
	for _, o := range offsets(w) { // of our own credit note of 1002, and of this one
		if o.State != hub.Done {
			t.Fatal(enginetest.Describe(o))
		}
	}
	if a, b := marked(w, "1004"), marked(w, "1005"); a != "2026-03-10 25.10 COMPENSATIONINVOICE" || b != "2026-03-10 -25.10 SETOFF" {
		t.Fatalf("after offsetting: %q and %q", a, b)
	}

	for i, as := range []hub.Early{hub.EarlyVerified, hub.EarlyReceived} {
		s := w.Connection.Settings
		ks := s.Kinds[hub.PurchaseInvoice]
		ks.When, ks.Early = hub.AtFirstApproval, as
		s.Kinds[hub.PurchaseInvoice] = ks
		w.SetSettings(s)
		number := fmt.Sprint(2001 + i)
		bought := enginetest.Attach(enginetest.Purchase(number, "70.00"), "image.pdf", "P")
		shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{bought}})
		for _, stands := range []hub.Standing{enginetest.Approved(), enginetest.Approved("Anna"), enginetest.Approved("Anna", "Bo!")} {
			shown[len(shown)-1].Stands(stands)
			w.Stand(bought, stands)
			if stands.Round() == hub.RoundComplete {
				check(number, hub.Done)
			} else {
				check(number, hub.Waiting)
			}
		}
		if got := w.Vouchers(number); len(got) != 1 || got[0].Status != "APPROVED" {
			t.Fatalf("after the last approval: %v", got)
		}
	}

	// An item is made for a row with its product, then renamed and closed by its source.
	project := hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P700", Name: "Kallio"}
	_, err := w.Engine.ReceiveItems(t.Context(), w.Connection.ID, []hub.Item{project})
	w.Must(err)
	fifth := onProject("1008", "P700", "Kallio")
	fifth.Lines[0].Code, fifth.Buyer.Email = "K-700", second.Buyer.Email
	shown = append(shown, &enginetest.Shown{Versions: []*hub.Document{fifth}})
	w.Receive(fifth)
	check("1008", hub.Done)
	project.Name, project.Closed = "Kallionlouhinta", true
	_, err = w.Engine.ReceiveItems(t.Context(), w.Connection.ID, []hub.Item{project})
	w.Must(err)
	check("1008", hub.Done)
	wantItems(t, w, "(P700 Kallionlouhinta)")
	if made := w.Sandbox.Products(w.Company.ProcountorID); made[len(made)-1].Code != "K-700" || len(slices.DeleteFunc(made, func(p procountortest.Product) bool { return p.Code != "K-700" })) != 1 {
		t.Fatalf("products made: %+v", made)
	}

	s = w.Connection.Settings
	s.Level, s.Journal = hub.JournalLevel, hub.JournalSettings{Receivables: "1700", Payables: "2880"}
	w.SetSettings(s)
	w.Receive(enginetest.Attach(enginetest.Sale("1006", "70.00"), "c.pdf", "C"))
	w.Settle()
	closeMonth(w, "2026-03")
	check("1006", hub.Done)
	if got := journals(w); len(got) != 1 || got[0].Status != "APPROVED" || len(got[0].Attachments) != 1 {
		t.Fatalf("after closing the month: %+v", got)
	}
	w.Must(w.Engine.Act(t.Context(), "test", journalOf(w, "1006").ID, engine.TakeBack, "test"))
	check("1006", hub.TakenBack)
	if got := journals(w); len(got) != 0 {
		t.Fatalf("after taking back: %+v", got)
	}
	w.Receive(enginetest.Sale("1007", "70.00"))
	check("1007", hub.Done)
	for i, a := range []engine.Action{engine.Difference, engine.Reverse} {
		w.Receive(enginetest.Sale("1007", fmt.Sprint(80+i)))
		check("1007", hub.Held)
		w.Must(w.Engine.Act(t.Context(), "test", w.Transfer("1007").ID, a, "test"))
		check("1007", hub.Done)
		if got, net := ledger(w)[enginetest.PostedOn], fmt.Sprintf("-%d.00", 80+i); got != net || len(journals(w)) != 2+2*i {
			t.Fatalf("after %s: %s on %d journals", a, got, len(journals(w)))
		}
	}
}

func lifeConfig() enginetest.Config {
	return enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Payments = hub.MasterSource
		s.Offset = hub.OffsetByVienti
		s.Partner.CustomerChanges = hub.ChangesWrite
		s.Dimensions, s.MakeProducts = map[string]string{hub.AxisProject: "Project"}, true
		s.Sender, s.Channel, s.ChangedApproved = hub.SenderProcountor, hub.ChannelRule{hub.ByEmail, hub.ByMail}, true
		for k, ks := range s.Kinds {
			ks.Arrival, ks.Posting = hub.ArriveApproved, hub.PostedByMap
			s.Kinds[k] = ks
		}
		s.Accounts = []hub.AccountRule{{Sales: true, Purchases: true, Account: enginetest.PostedOn}}
	}}
}

// toProcountor are the kinds of step in the life of documents that write to Procountor; see TestRecordCrashes,
// TestChangeCrashes and TestReportCrashes, and of rounds TestRoundCrash and TestRoundFaults.
var toProcountor = slices.DeleteFunc(slices.Clone(hub.StepKinds), func(k hub.StepKind) bool { return k.ToSource() || k == hub.Annotate })

// fault is about the next write of a kind.
func fault(kind hub.StepKind, f faulty.Kind) faulty.Rule {
	path := "/invoices"
	switch kind {
	case hub.MakePartner, hub.UpdatePartner:
		path = "/businesspartners"
	case hub.MakeItem, hub.UpdateItem:
		path = "/dimensions"
	case hub.MakeProduct:
		path = "/products"
	case hub.Attach:
		path = "/attachments"
	case hub.PutReceipt, hub.PostJournal:
		path = "/ledgerreceipts"
	}
	return faulty.Rule{Write: true, Path: path, Times: 1, Fault: faulty.Fault{Kind: f}}
}

// A life is long: several kinds of step go wrong in one, unless each is to alone.
var together = flag.Int("together", 5, "how many kinds of step go wrong in one life")

// kindsOf are the kinds in a name such as "attach,approve".
func kindsOf(names string) (kinds []hub.StepKind) {
	for name := range strings.SplitSeq(names, ",") {
		kinds = append(kinds, hub.StepKind(name))
	}
	return kinds
}

// inOneLife joins kinds, as many as go wrong together.
func inOneLife(kinds []hub.StepKind) (names []string) {
	for list := range slices.Chunk(kinds, *together) {
		var s []string
		for _, kind := range list {
			s = append(s, string(kind))
		}
		names = append(names, strings.Join(s, ","))
	}
	return names
}

// Every kind of step, at every named point: the engine dies there and another
// takes over; alone, and together with an answer that was lost.
func TestCrashAtEveryPoint(t *testing.T) {
	actions := []hub.StepKind{hub.Circulate, hub.Verify, hub.Approve, hub.Send, hub.Unfinish, hub.Invalidate}
	for _, point := range []string{"intended", "sent", "read", "recorded", "looked"} {
		kinds := toProcountor
		if point == "read" {
			kinds = actions
		}
		for _, lost := range []faulty.Kind{faulty.None, faulty.After, faulty.Before} {
			if point == "looked" && lost == faulty.None || point == "read" && lost != faulty.None {
				continue
			}
			t.Run(strings.TrimSuffix(point+"-"+string(lost), "-"), func(t *testing.T) {
				for _, names := range inOneLife(kinds) {
					t.Run(names, func(t *testing.T) {
						t.Parallel()
						crashAt(t, point, lost, kindsOf(names))
					})
				}
			})
		}
	}
}

func crashAt(t *testing.T, point string, lost faulty.Kind, kinds []hub.StepKind) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		if strings.HasSuffix(t.Name(), "postgres") && lost != faulty.None && point != "looked" {
			return // the same code as on SQLite; what differs is committing
		}
		cfg := lifeConfig()
		var w *enginetest.World
		crashed, broken := map[hub.StepKind]int{}, map[hub.StepKind]bool{}
		cfg.Crash = func(p string) {
			name, at, _ := strings.Cut(p, "/")
			kind := hub.StepKind(name)
			if !slices.Contains(kinds, kind) {
				return
			}
			if at == "intended" && !broken[kind] && lost != faulty.None {
				broken[kind] = true
				w.Sandbox.PlanFault(fault(kind, lost))
			}
			if at == point && crashed[kind] < 2 { // the next one may die there too
				crashed[kind]++
				panic(enginetest.Crash(p))
			}
		}
		w = world(cfg)
		w.Sandbox.SetCirculation(w.Company.ProcountorID, true)
		life(t, w)
		for _, kind := range kinds {
			if crashed[kind] == 0 {
				t.Errorf("%s: the point was never reached", kind)
			}
		}
	})
}

// Every kind of write, with every way of going wrong.
func TestFaultOfEveryWrite(t *testing.T) {
	for _, f := range []faulty.Kind{faulty.After, faulty.Before, faulty.Body, procountortest.FaultHTMLBefore, procountortest.FaultHTMLAfter,
		procountortest.FaultTooMany, procountortest.FaultExpireToken} {
		t.Run(string(f), func(t *testing.T) {
			for _, names := range inOneLife(toProcountor) {
				t.Run(names, func(t *testing.T) {
					t.Parallel()
					faultOf(t, f, kindsOf(names))
				})
			}
		})
	}
}

func faultOf(t *testing.T, f faulty.Kind, kinds []hub.StepKind) {
	cfg := lifeConfig()
	var w *enginetest.World
	times := map[hub.StepKind]int{}
	cfg.Crash = func(p string) {
		name, at, _ := strings.Cut(p, "/")
		if kind := hub.StepKind(name); at == "intended" && slices.Contains(kinds, kind) && times[kind] < 2 {
			times[kind]++
			w.Sandbox.PlanFault(fault(kind, f))
		}
	}
	w = enginetest.OnSQLite(t)(cfg)
	w.Sandbox.SetCirculation(w.Company.ProcountorID, true)
	begin := w.Clock.Now()
	life(t, w)
	for _, kind := range kinds {
		if times[kind] == 0 {
			t.Errorf("%s: the write was never made", kind)
		}
	}
	if took := w.Clock.Now().Sub(begin); took > time.Duration(len(kinds))*20*time.Minute {
		t.Errorf("took %v", took)
	}
}
