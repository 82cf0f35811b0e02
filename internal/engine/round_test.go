package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// circle is a world whose purchase invoices go their round: of project 1001 to maija, of
// person 37 to pre, who may only pre-approve, all else to anna; from 1000 on boss approves too.
type circle struct {
	*enginetest.World
	ids map[string]string // of persons, by the name before the @
}

func circled(t *testing.T, world func(enginetest.Config) *enginetest.World, cfg enginetest.Config) *circle {
	t.Helper()
	cfg.Writing = true
	w := world(cfg)
	c := &circle{World: w, ids: map[string]string{}}
	for name, role := range map[string]people.Role{"root": people.Admin, "anna": people.RoundLead, "maija": people.Approver, "boss": people.Approver,
		"pre": people.PreApprover, "viewer": people.Viewer} {
		c.hire(name, role)
	}
	s := w.Connection.Settings
	s.Circulation = hub.Circulation{On: true, FirstDay: civil.Must("2026-01-01"), Default: "anna@example.fi", Dimension: enginetest.Project,
		Fields:   []hub.ReceiverField{{Field: "order_reference", Means: hub.MeansProject, Pattern: `P-(\d+)`}, {Field: "buyer_reference", Means: hub.MeansPerson}},
		Projects: []hub.ReceiverOf{{Number: "1001", Login: "maija@example.fi"}}, Persons: []hub.ReceiverOf{{Number: "37", Login: "pre@example.fi"}},
		Further: []hub.FurtherApprover{{From: "1000", Login: "boss@example.fi"}}}
	w.SetSettings(s)
	return c
}

func (c *circle) hire(name string, role people.Role) {
	c.T.Helper()
	c.Must(c.Store.Tx(c.T.Context(), func(tx *store.Tx) error {
		u, err := tx.AddPerson(people.User{Login: name + "@example.fi", Name: strings.ToUpper(name[:1]) + name[1:], Role: role}, secret.Secret{})
		c.ids[name] = u.ID
		return err
	}))
}

// bought enters a purchase invoice in Procountor, received and not approved.
func (c *circle) bought(number, price, order, reference string) int64 {
	c.T.Helper()
	d := enginetest.Purchase(number, price)
	d.References.Order, d.References.Buyer = order, reference
	c.Foreign(d)
	list := c.Vouchers(number)
	id := list[len(list)-1].ID
	c.Sandbox.SetInvoiceStatus(c.Company.ProcountorID, id, "RECEIVED")
	return id
}

func (c *circle) seen() {
	c.T.Helper()
	c.Clock.Add(2 * time.Minute)
	c.Settle()
}

func (c *circle) round(number string) store.Round {
	c.T.Helper()
	list, err := store.ReadOne(c.T.Context(), c.Store, func(tx *store.Tx) ([]store.Round, error) { return tx.Rounds(store.RoundFilter{Limit: 100}) })
	c.Must(err)
	i := slices.IndexFunc(list, func(r store.Round) bool { return r.Number == number })
	if i < 0 {
		c.T.Fatalf("no round of %s", number)
	}
	return list[i]
}

// does lets a person decide about what is there now, and returns the refusal's code.
func (c *circle) does(name, number string, d circulation.Decision, shares ...circulation.Share) string {
	c.T.Helper()
	r := c.round(number)
	if d.Seen == 0 {
		d.Seen = r.Version
	}
	d.By = c.ids[name]
	if to, ok := c.ids[d.To]; ok {
		d.To = to
	}
	_, err := c.Engine.DecideRound(c.T.Context(), r.ID, d, shares)
	if no, ok := errors.AsType[*engine.RoundRefusal](err); ok {
		return no.Why
	}
	if store.IsNotFound(err) {
		return "not found"
	}
	c.Must(err)
	return ""
}

func (c *circle) wants(number string, state circulation.State, waits string) {
	c.T.Helper()
	if r := c.round(number); r.State != state || r.Waits() != c.ids[waits] {
		c.T.Errorf("%s: %s, waits for %s; decided %+v", number, r.State, r.Waits(), r.Stages)
	}
}

func (c *circle) status(id int64) string {
	inv, _ := c.Sandbox.Invoice(c.Company.ProcountorID, id)
	return inv.Status
}

// An invoice goes its round and is approved in Procountor only after the last of the
// required persons, with both names, once; its costs stand on both projects.
func TestRound(t *testing.T) {
	feature.Covers(t, "T-34", "T-35", "T-45")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		c := circled(t, world, enginetest.Config{})
		id := c.bought("P1", "1000", "P-1001", "")
		c.bought("P2", "10", "", "37")
		c.bought("P3", "10", "", "")
		c.seen()
		c.wants("P1", circulation.Open, "maija")
		c.wants("P2", circulation.Open, "pre")
		c.wants("P3", circulation.Open, "anna")
		if why := c.does("boss", "P1", circulation.Decision{Act: circulation.Approve}); why != circulation.NotYours {
			t.Errorf("the second before the first: %q", why)
		}
		if why := c.does("maija", "P2", circulation.Decision{Act: circulation.Approve}); why != "not found" {
			t.Errorf("another's: %q", why)
		}
		items := c.items()
		if why := c.does("maija", "P1", circulation.Decision{Act: circulation.Split}, circulation.Share{Item: items[0], Text: "4711", Percent: "60"},
			circulation.Share{Item: items[1], Text: "4712", Percent: "40"}); why != "" {
			t.Fatal(why)
		}
		if why := c.does("maija", "P1", circulation.Decision{Act: circulation.Approve, Text: "kunnossa"}); why != "" {
			t.Fatal(why)
		}
		c.seen()
		if c.status(id) != "RECEIVED" {
			t.Fatalf("%s after the first of two approvals", c.status(id))
		}
		c.wants("P1", circulation.Open, "boss")
		if why := c.does("boss", "P1", circulation.Decision{Act: circulation.Approve}); why != "" {
			t.Fatal(why)
		}
		c.seen()
		inv, _ := c.Sandbox.Invoice(c.Company.ProcountorID, id)
		if inv.Status != "APPROVED" {
			t.Fatalf("%s, %+v", inv.Status, c.approvals())
		}
		for _, want := range []string{"Maija: ", "Boss: ", "kunnossa"} {
			if !strings.Contains(inv.Notes, want) {
				t.Errorf("%q is not in the notes %q", want, inv.Notes)
			}
		}
		if n, comment := c.approved(); n != 1 || !strings.Contains(comment, "Maija ") || !strings.Contains(comment, "Boss ") {
			t.Errorf("%d approvals, %s", n, comment)
		}
		if got := c.dimensions(id); got != "600 400" {
			t.Errorf("on the items stand %s", got)
		}
		for _, tr := range c.approvals() {
			if tr.State != hub.Done || tr.InvoiceID != 0 {
				t.Errorf("%s", enginetest.Describe(tr))
			}
		}
		hours(c.World, 30)
		if list := c.approvals(); len(list) != 1 {
			t.Errorf("%d approvals", len(list))
		}
	})
}

func (c *circle) approvals() (list []hub.Transfer) {
	for _, t := range c.Transfers() {
		if t.Kind == hub.ApprovalTransfer {
			list = append(list, t)
		}
	}
	return list
}

// approved counts the requests to approve, and is the body of the newest.
func (c *circle) approved() (n int, comment string) {
	c.T.Helper()
	for _, r := range c.Sandbox.Received() {
		if strings.HasSuffix(r.Path, "/approve") {
			n++
		}
	}
	c.Must(c.Store.Read(c.T.Context(), func(tx *store.Tx) error {
		for _, t := range c.approvals() {
			steps, err := tx.Steps(t.ID, 0)
			if err != nil {
				return err
			}
			for _, s := range steps {
				if s.Kind == hub.Approve && s.State == hub.StepProved {
					body, err := tx.Blob(s.Request)
					if err != nil {
						return err
					}
					comment = string(body)
				}
			}
		}
		return nil
	}))
	return n, comment
}

// items are the first two items of the dimension of projects.
func (c *circle) items() (ids []int64) {
	c.T.Helper()
	client, err := c.Engine.Client(c.T.Context(), c.Company)
	c.Must(err)
	dims, err := client.Dimensions.List(c.T.Context(), procountor.DimensionFilter{})
	c.Must(err)
	for _, d := range dims {
		if d.Name == enginetest.Project {
			for _, i := range d.Items {
				ids = append(ids, i.ID)
			}
		}
	}
	return ids
}

// dimensions are the parts of an invoice's costs, in the order of the receipt.
func (c *circle) dimensions(id int64) string {
	inv, _ := c.Sandbox.Invoice(c.Company.ProcountorID, id)
	var parts []string
	for _, r := range c.Sandbox.Receipts(c.Company.ProcountorID) {
		if inv.LedgerReceiptID == nil || r.ID != *inv.LedgerReceiptID {
			continue
		}
		for _, t := range r.Transactions {
			for _, v := range t.DimensionItemValues {
				parts = append(parts, v.Value.String())
			}
		}
	}
	return strings.Join(parts, " ")
}

// What somebody does in Procountor meanwhile wins, and is shown: approved, removed,
// changed after an approval here, or denied.
func TestRoundMeanwhile(t *testing.T) {
	feature.Covers(t, "T-34")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		c := circled(t, world, enginetest.Config{})
		there := c.bought("P1", "10", "", "")
		gone := c.bought("P2", "10", "", "")
		changed := c.bought("P3", "2000", "P-1001", "")
		c.seen()
		c.Sandbox.SetInvoiceStatus(c.Company.ProcountorID, there, "APPROVED")
		c.Sandbox.SetInvoiceStatus(c.Company.ProcountorID, gone, "INVALIDATED")
		if why := c.does("maija", "P3", circulation.Decision{Act: circulation.Approve}); why != "" {
			t.Fatal(why)
		}
		c.Sandbox.EditInvoice(c.Company.ProcountorID, changed, func(inv *procountortest.Invoice) { inv.InvoiceRows[0].UnitPrice = procountortest.Num("2500") })
		hours(c.World, 2)
		c.wants("P1", circulation.Ended, "")
		c.wants("P2", circulation.Ended, "")
		c.wants("P3", circulation.Open, "maija") // all decide again
		if why := c.does("anna", "P1", circulation.Decision{Act: circulation.Approve}); why != circulation.Over {
			t.Errorf("decided after the end: %q", why)
		}
		for _, who := range []string{"maija", "boss"} {
			if why := c.does(who, "P3", circulation.Decision{Act: circulation.Approve}); why != "" {
				t.Fatal(why)
			}
		}
		c.seen()
		if c.status(changed) != "APPROVED" {
			t.Errorf("%s", c.status(changed))
		}
		if n, _ := c.approved(); n != 1 {
			t.Errorf("%d approvals", n)
		}
	})
}

// Approved in Procountor between the last decision here and its writing: nothing is
// approved twice, and it is said.
func TestRoundApprovedThereFirst(t *testing.T) {
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
	id := c.bought("P1", "10", "", "")
	c.seen()
	if why := c.does("anna", "P1", circulation.Decision{Act: circulation.Approve}); why != "" {
		t.Fatal(why)
	}
	c.Sandbox.SetInvoiceStatus(c.Company.ProcountorID, id, "APPROVED")
	c.Settle()
	if n, _ := c.approved(); n != 0 {
		t.Errorf("%d approvals", n)
	}
	if tr := c.approvals()[0]; tr.State != hub.Linked || tr.Faults[0].Code != hub.RoundThere {
		t.Error(enginetest.Describe(tr))
	}
	c.wants("P1", circulation.Ended, "")
}

// When the answer to a write of a round is lost, or the write itself, it is looked for:
// everything is there once, and the round goes on by itself.
func TestRoundFaults(t *testing.T) {
	for _, kind := range []hub.StepKind{hub.PutReceipt, hub.Annotate, hub.Approve} {
		for _, f := range []faulty.Kind{faulty.Before, faulty.After, procountortest.FaultHTMLAfter} {
			t.Run(fmt.Sprintf("%s-%s", kind, f), func(t *testing.T) {
				t.Parallel()
				var c *circle
				times := 0
				cfg := enginetest.Config{Crash: func(p string) {
					if p == string(kind)+"/intended" && times == 0 {
						times++
						c.Sandbox.PlanFault(fault(kind, f))
					}
				}}
				c = circled(t, enginetest.OnSQLite(t), cfg)
				id := c.bought("P1", "10", "", "")
				hours(c.World, 1)
				items := c.items()
				c.does("anna", "P1", circulation.Decision{Act: circulation.Split}, circulation.Share{Item: items[0], Text: "4711", Sum: "6.01"}, circulation.Share{Item: items[1], Text: "4712", Sum: "3.99"})
				if why := c.does("anna", "P1", circulation.Decision{Act: circulation.Approve}); why != "" {
					t.Fatal(why)
				}
				c.Settle()
				hours(c.World, 2)
				if times == 0 || c.status(id) != "APPROVED" || c.dimensions(id) != "6.01 3.99" {
					t.Errorf("%d, %s, %s, %s", times, c.status(id), c.dimensions(id), enginetest.Describe(c.approvals()[0]))
				}
				if inv, _ := c.Sandbox.Invoice(c.Company.ProcountorID, id); strings.Count(inv.Notes, "Anna: ") != 2 {
					t.Errorf("notes %q", inv.Notes)
				}
				if tr := c.approvals()[0]; tr.State != hub.Done {
					t.Error(enginetest.Describe(tr))
				}
			})
		}
	}
}

// The engine dies at each point of an approval: it is approved once, whoever died.
func TestRoundCrash(t *testing.T) {
	for _, point := range []string{"back/read", "put_receipt/intended", "put_receipt/sent", "put_receipt/recorded", "annotate/intended", "annotate/sent", "annotate/recorded",
		"approve/intended", "approve/sent", "approve/read", "approve/recorded"} {
		t.Run(point, func(t *testing.T) {
			died := false
			c := circled(t, enginetest.OnSQLite(t), enginetest.Config{Crash: func(p string) {
				if p == point && !died {
					died = true
					panic(enginetest.Crash(p))
				}
			}})
			id := c.bought("P1", "10", "", "")
			if point == "back/read" {
				c.Clock.Add(2 * time.Minute)
				_, _ = c.TryStep()
				c.Restart(nil)
			}
			hours(c.World, 1)
			items := c.items()
			c.does("anna", "P1", circulation.Decision{Act: circulation.Split}, circulation.Share{Item: items[0], Text: "4711", Sum: "6.01"}, circulation.Share{Item: items[1], Text: "4712", Sum: "3.99"})
			if why := c.does("anna", "P1", circulation.Decision{Act: circulation.Approve}); why != "" {
				t.Fatal(why)
			}
			_, _ = c.TryStep()
			if !died {
				t.Fatal("it did not die")
			}
			c.Restart(nil)
			hours(c.World, 2)
			c.Settle()
			if c.status(id) != "APPROVED" || c.dimensions(id) != "6.01 3.99" {
				t.Errorf("%s, %s, %s", c.status(id), c.dimensions(id), enginetest.Describe(c.approvals()[0]))
			}
			inv, _ := c.Sandbox.Invoice(c.Company.ProcountorID, id)
			if strings.Count(inv.Notes, "Anna: ") != 2 {
				t.Errorf("notes %q", inv.Notes)
			}
			if tr := c.approvals()[0]; tr.State != hub.Done {
				t.Error(enginetest.Describe(tr))
			}
		})
	}
}

// Two decide at once: one decision is taken, the other is told why not; none doubles.
func TestRoundTwoAtOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		c := circled(t, world, enginetest.Config{})
		c.bought("P1", "10", "P-1001", "")
		c.seen()
		r := c.round("P1")
		whys := make(chan error, 8)
		for i := range 8 {
			go func() {
				d := circulation.Decision{Act: circulation.Approve, By: c.ids["maija"], Seen: r.Version}
				if i%2 == 1 {
					d = circulation.Decision{Act: circulation.Assign, By: c.ids["anna"], To: c.ids["boss"], Seen: r.Version}
				}
				_, err := c.Engine.DecideRound(t.Context(), r.ID, d, nil)
				whys <- err
			}()
		}
		taken := 0
		for range 8 {
			err := <-whys
			if err == nil {
				taken++
			} else if no, ok := errors.AsType[*engine.RoundRefusal](err); !ok || !slices.Contains([]string{circulation.Moved, circulation.Over, circulation.NotYours}, no.Why) {
				t.Error(err)
			}
		}
		list, err := store.ReadOne(t.Context(), c.Store, func(tx *store.Tx) ([]store.RoundDecision, error) { return tx.Decisions(r.ID) })
		if err != nil || taken != 1 || len(list) != 1 {
			t.Errorf("%d taken, %d kept, %v", taken, len(list), err)
		}
	})
}

// What waits for somebody whose right was withdrawn goes to the default, with the
// sentence; substitutes decide on their days and no others.
func TestRoundWithdrawnAndSubstitute(t *testing.T) {
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
	c.bought("P1", "10", "P-1001", "")
	c.bought("P2", "10", "", "")
	c.seen()
	c.Must(c.Store.Tx(t.Context(), func(tx *store.Tx) error {
		u, err := tx.Person(c.ids["maija"])
		if err != nil {
			return err
		}
		u.Role = people.Viewer
		return tx.SetPerson(u)
	}))
	if why := c.does("maija", "P1", circulation.Decision{Act: circulation.Approve}); why != circulation.RightMissing {
		t.Errorf("without the right: %q", why)
	}
	c.seen()
	c.wants("P1", circulation.Open, "anna")
	today := civil.DayOf(c.Clock.Now(), time.UTC)
	c.Must(c.Engine.SetSubstitute(t.Context(), c.ids["anna"], store.Substitute{Person: c.ids["anna"], Instead: c.ids["boss"], First: today.AddDays(1), Last: today.AddDays(2)}))
	if why := c.does("boss", "P2", circulation.Decision{Act: circulation.Approve}); why != "not found" {
		t.Errorf("a day too early: %q", why)
	}
	c.Clock.Add(24 * time.Hour)
	if why := c.does("boss", "P2", circulation.Decision{Act: circulation.Approve}); why != "" {
		t.Errorf("the substitute: %q", why)
	}
	list, err := store.ReadOne(t.Context(), c.Store, func(tx *store.Tx) ([]store.RoundDecision, error) { return tx.Decisions(c.round("P2").ID) })
	if err != nil || len(list) != 1 || list[0].Instead != c.ids["anna"] {
		t.Errorf("%+v %v", list, err)
	}
}

// Ours never comes back as an invoice to approve, and nothing is begun twice, also when
// another connection reads the same company, nor from a backup.
func TestRoundOnlyOnce(t *testing.T) {
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{Settings: arriving(hub.ArriveUnfinished)})
	c.Receive(enginetest.Purchase("OWN", "100"))
	c.bought("P1", "10", "", "")
	c.Settle()
	hours(c.World, 30)
	list, err := store.ReadOne(t.Context(), c.Store, func(tx *store.Tx) ([]store.Round, error) { return tx.Rounds(store.RoundFilter{Limit: 100}) })
	if err != nil || len(list) != 1 || list[0].Number != "P1" {
		t.Errorf("%+v %v", list, err)
	}
}
