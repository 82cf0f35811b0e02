package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// later lets the copy of the registers grow too old, and works.
func later(w *enginetest.World) {
	w.T.Helper()
	w.Clock.Add(16 * time.Minute)
	w.Step(w.T.Context())
	w.Settle()
}

// newsOf finds what is told of a thing.
func newsOf(t *testing.T, w *enginetest.World, what register.What, key string) engine.ChangeNews {
	t.Helper()
	n, err := w.Engine.News(t.Context(), w.Company.ID)
	w.Must(err)
	for _, r := range n.Readings {
		for _, c := range r.Changes {
			if c.Thing == (register.Thing{What: what, Key: key}) {
				return c
			}
		}
	}
	t.Fatalf("no change of %s %s in %+v", what, key, n.Readings)
	return engine.ChangeNews{}
}

// An account of the map is closed in Procountor: that is noticed and told with
// the rule and the documents, the map is not ready, nothing is sent, and what was
// held goes on by itself when the account is opened again, or the rule changed.
func TestClosedAccountHoldsUntilMended(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		feature.Covers(t, "E-25")
		w := world(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			postedApproved(s)
			s.Accounts = []hub.AccountRule{{Name: "services", Source: "300", Sales: true, Account: "3010"}}
		}})
		sale := func(number string) *hub.Document {
			d := enginetest.Sale(number, "100.00")
			d.Lines[0].Account = "300"
			return d
		}
		w.Receive(sale("1001"))
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		gaps := func() []posting.Gap {
			list, err := w.Engine.MapGaps(t.Context(), w.Connection)
			w.Must(err)
			return list
		}
		if len(gaps()) != 0 {
			t.Fatalf("%+v", gaps())
		}
		w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", false)
		w.Clock.Add(16 * time.Minute)
		w.Receive(sale("1002"))
		w.Settle()
		wantState(t, w, "1002", hub.Held, hub.AccountClosed)
		if f := w.Transfer("1002").Faults[0]; f.Args["rule"] != "services (300)" || len(w.Vouchers("1002")) != 0 {
			t.Errorf("%+v, %d vouchers", f, len(w.Vouchers("1002")))
		}
		if g := gaps(); len(g) != 1 || g[0].Why != posting.GapAccount || g[0].Rule.Name != "services" {
			t.Errorf("%+v", g)
		}
		c := newsOf(t, w, register.OfAccount, "3010")
		if c.How != register.Closed || len(c.Settings) != 1 || c.Settings[0].Rule.Name != "services" || len(c.Documents) != 1 || c.Documents[0].Number != "1002" {
			t.Errorf("%+v", c)
		}
		w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", true)
		later(w)
		wantState(t, w, "1002", hub.Done, "")
		if got := accounts(t, w, "1002"); !slices.Equal(got, []string{"3010"}) {
			t.Errorf("%v", got)
		}

		w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", false)
		w.Clock.Add(16 * time.Minute)
		w.Receive(sale("1003"))
		w.Settle()
		wantState(t, w, "1003", hub.Held, hub.AccountClosed)
		s := w.Connection.Settings
		s.Accounts = []hub.AccountRule{{Name: "services", Source: "300", Sales: true, Account: "3020"}}
		w.SetSettings(s)
		w.Settle()
		wantState(t, w, "1003", hub.Done, "")
		if got := accounts(t, w, "1003"); !slices.Equal(got, []string{"3020"}) {
			t.Errorf("%v", got)
		}
	})
}

// The account is closed after the plan was made and before the receipt is put:
// nothing is written on it, nothing is approved, and it goes on from there.
func TestClosedBeforeTheReceipt(t *testing.T) {
	var w *enginetest.World
	once := false
	w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		postedApproved(s)
		s.Accounts = []hub.AccountRule{{Sales: true, Account: "3010"}}
	}, Crash: func(p string) {
		if p == "post_invoice/recorded" && !once {
			once = true
			panic(enginetest.Crash(p))
		}
	}})
	w.Receive(enginetest.Sale("1001", "100.00"))
	if _, err := w.TryStep(); err != nil || !once {
		t.Fatal(err)
	}
	w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", false)
	w.Clock.Add(16 * time.Minute)
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.AccountClosed)
	if v := w.Vouchers("1001"); len(v) != 1 || v[0].Status != "UNFINISHED" {
		t.Errorf("%+v", v)
	}
	w.Sandbox.SetAccount(w.Company.ProcountorID, "3010", true)
	later(w)
	wantState(t, w, "1001", hub.Done, "")
}

// A VAT status that the company has switched off holds what needs it, and lets it
// go on when it is on again; what needs another goes all the while.
func TestDisabledStatusHoldsUntilMended(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	domestic := func(sales bool) {
		w.Sandbox.SetVATStatus(w.Company.ProcountorID, procountortest.VATStatusSeed{Number: 1, Description: "Domestic", Sales: sales, Purchase: true, Domestic: true})
	}
	domestic(false)
	w.Clock.Add(16 * time.Minute)
	w.Receive(enginetest.Sale("1001", "100.00"), enginetest.Purchase("P1", "50.00"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.VATStatusDisabled)
	wantState(t, w, "P1", hub.Done, "")
	if c := newsOf(t, w, register.OfVATStatus, "1"); c.How != register.Changed || len(c.Settings) != 2 || len(c.Documents) != 1 {
		t.Errorf("%+v", c)
	}
	domestic(true)
	later(w)
	wantState(t, w, "1001", hub.Done, "")
}

// An item that is renamed in Procountor is followed by its id, and that is said;
// one that is closed holds.
func TestDimensionItemRenamedAndClosed(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		postedApproved(s)
		s.Dimensions = map[string]string{"project": "Project"}
	}})
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	dims, err := client.Dimensions.List(t.Context(), procountor.DimensionFilter{})
	w.Must(err)
	i := slices.IndexFunc(dims, func(d procountor.Dimension) bool { return d.Name == "Project" })
	if i < 0 {
		t.Fatalf("%+v", dims)
	}
	item := dims[i].Items[0]
	code := item.CodeName
	sale := func(number string) *hub.Document {
		d := enginetest.Sale(number, "100.00")
		d.Lines[0].Dimensions = []hub.Dimension{{Axis: "project", Code: code}}
		return d
	}
	change := func(name, status string) {
		t.Helper()
		item.CodeName, item.Status = name, status
		_, err := client.Dimensions.UpdateItem(t.Context(), dims[i].ID, &item)
		w.Must(err)
		w.Clock.Add(16 * time.Minute)
	}
	change("X99 another name", "")
	w.Receive(sale("1001"))
	w.Settle()
	wantState(t, w, "1001", hub.DoneWithWarning, hub.DimensionRenamed)
	change("X99 another name", "P")
	w.Receive(sale("1002"))
	w.Settle()
	wantState(t, w, "1002", hub.Held, hub.DimensionClosed)
	change("X99 another name", "")
	later(w)
	wantState(t, w, "1002", hub.DoneWithWarning, hub.DimensionRenamed)
}

// A partner that is made inactive there is told of; a document that means it is
// held, and goes on when it is active again.
func TestPartnerInactiveThere(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	var id int64
	for p, err := range client.Partners.List(t.Context(), procountor.PartnerFilter{CustomerNumber: "1001"}) {
		w.Must(err)
		id = p.ID
	}
	active := func(on bool) {
		t.Helper()
		p, err := client.Partners.Get(t.Context(), id)
		w.Must(err)
		p.RegistryInfo.Active = &on
		_, err = client.Partners.Update(t.Context(), p)
		w.Must(err)
		w.Clock.Add(6 * time.Minute)
	}
	active(false)
	w.Receive(enginetest.Sale("1001", "100.00"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.PartnerInactive)
	if c := newsOf(t, w, register.OfPartner, register.PartnerThing(id).Key); c.How != register.Closed || len(c.Documents) != 1 {
		t.Errorf("%+v", c)
	}
	n, err := w.Engine.News(t.Context(), w.Company.ID)
	w.Must(err)
	if c := n.Partners[register.Customer]; c.All != customers(w) || c.Active != c.All-1 {
		t.Errorf("%+v of %d", c, customers(w))
	}
	active(true)
	w.Step(t.Context())
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
}

// A document that was changed after its voucher was approved waits for a person's
// answer; that it also lacks a rule, and gets one, is no answer.
func TestMendingAnswersNoQuestion(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		postedApproved(s)
		s.Accounts = []hub.AccountRule{{Source: "300", Sales: true, Account: "3010"}}
	}})
	sale := func(account string) *hub.Document {
		d := enginetest.Sale("1001", "100.00")
		d.Lines[0].Account = account
		return d
	}
	w.Receive(sale("300"))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	w.Receive(sale("301"))
	w.Settle()
	before := w.Transfer("1001")
	if before.State != hub.Held || !slices.ContainsFunc(before.Faults, func(f hub.Fault) bool { return f.Code == hub.DocumentChanged }) {
		t.Fatal(enginetest.Describe(before))
	}
	s := w.Connection.Settings
	s.Accounts = append(slices.Clone(s.Accounts), hub.AccountRule{Source: "301", Sales: true, Account: "3020"})
	w.SetSettings(s)
	if now := w.Transfer("1001"); now.State != hub.Held {
		t.Error(enginetest.Describe(now))
	}
}

// A partner that was removed there is in no list of changes; it is missed within
// a day.
func TestPartnerRemovedThere(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		var id int64
		for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
			if p.Name == "Kuvitelma Kauppa Oy" {
				id = p.ID
			}
		}
		w.Sandbox.RemovePartner(w.Company.ProcountorID, id)
		w.Clock.Add(6 * time.Minute)
		w.Step(t.Context())
		w.Clock.Add(25 * time.Hour)
		w.Step(t.Context())
		if c := newsOf(t, w, register.OfPartner, register.PartnerThing(id).Key); c.How != register.Removed || c.Name != "Kuvitelma Kauppa Oy" {
			t.Errorf("%+v", c)
		}
		f, err := w.Engine.Check(t.Context(), w.Connection.ID, engine.Incoming{Document: enginetest.Sale("1001", "100.00")})
		w.Must(err)
		if f.Partner == nil || !f.NewPartner {
			t.Errorf("%+v", f.Partner)
		}
	})
}

// A row is linked to the one product that has its code, if the setting says so.
func TestRowsNameProducts(t *testing.T) {
	for _, on := range []bool{false, true} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.LinkProducts = on }})
		code, id := "", int64(0)
		r, err := w.Engine.Registers(t.Context(), w.Company.ID)
		w.Must(err)
		for _, p := range r.Products {
			if p.Sales && p.Active && p.Code != "" {
				code, id = p.Code, p.ID
			}
		}
		d := enginetest.Rows(enginetest.Sale("1001", "100.00"), "100.00", "50.00")
		d.Lines[0].Code, d.Lines[1].Code = strings.ToLower(code), "no such code"
		w.Receive(d)
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		rows := w.Vouchers("1001")[0].InvoiceRows
		linked := rows[0].ProductID != nil && *rows[0].ProductID == id
		if id == 0 || linked != on || rows[1].ProductID != nil && *rows[1].ProductID != 0 {
			t.Errorf("on %v: %v, %v of %d", on, rows[0].ProductID, rows[1].ProductID, id)
		}
	}
}
