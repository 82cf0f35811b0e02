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
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// onProject is a sale whose row is on a project.
func onProject(number, code, name string) *hub.Document {
	d := enginetest.Sale(number, "100.00")
	d.Lines[0].Dimensions = []hub.Dimension{{Axis: hub.AxisProject, Code: code, Name: name}}
	return d
}

// followed maps projects to the sandbox's dimension.
func followed(making hub.ItemMaking) enginetest.Config {
	return enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		postedApproved(s)
		s.Dimensions = map[string]string{hub.AxisProject: "Project"}
		if making != "" {
			s.Axes = map[string]hub.AxisSettings{hub.AxisProject: {Make: making}}
		}
	}}
}

// items are what stands in the dimension of projects beside what the demo company has,
// closed ones in brackets.
func items(w *enginetest.World) string {
	var list []string
	for _, it := range w.DimensionItems("Project") {
		if slices.Contains([]string{"P100 Verkkokauppa", "P200 Kassa", "P300 Sisäinen"}, it.CodeName) && it.Status == "" {
			continue
		}
		text := it.CodeName
		if it.Status != "" {
			text = "(" + text + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func wantItems(t *testing.T, w *enginetest.World, want string) {
	t.Helper()
	if got := items(w); got != want {
		t.Fatalf("items %q, want %q: %v", got, want, w.ItemTransfers())
	}
}

// editItem is a person in Procountor, on the item of a text; "" adds one.
func editItem(w *enginetest.World, text string, change func(*procountortest.DimensionItem)) {
	w.T.Helper()
	for _, d := range w.Sandbox.Dimensions(w.Company.ProcountorID) {
		if d.Name != "Project" {
			continue
		}
		var item procountortest.DimensionItem
		for _, it := range d.Items {
			if it.CodeName == text {
				item = it
			}
		}
		change(&item)
		w.Sandbox.EditItem(w.Company.ProcountorID, d.ID, item)
	}
}

// onItem is the item that the receipt of a document stands on.
func onItem(t *testing.T, w *enginetest.World, number string) string {
	t.Helper()
	v := w.Vouchers(number)
	if len(v) != 1 {
		t.Fatalf("%d vouchers of %s: %s", len(v), number, enginetest.Describe(w.Transfer(number)))
	}
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.InvoiceID == nil || *r.InvoiceID != v[0].ID {
			continue
		}
		for _, tr := range r.Transactions {
			for _, x := range tr.DimensionItemValues {
				for _, it := range w.DimensionItems("Project") {
					if it.ID == x.ItemID {
						return it.CodeName
					}
				}
			}
		}
	}
	return ""
}

// itemWrites are the requests that have made or changed items, and made products.
func itemWrites(w *enginetest.World) (list []procountortest.Request) {
	for _, r := range w.Sandbox.Received() {
		if r.Method != "GET" && (strings.HasSuffix(r.Path, "/items") || strings.HasPrefix(r.Path, "/products")) {
			list = append(list, r)
		}
	}
	return list
}

// A row names a project that Procountor does not have: it is made, once for all documents
// that wait for it, and they go on by themselves. A code without a name makes nothing.
func TestItemMadeForRow(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(followed(""))
		w.Receive(onProject("1001", "P400", "Satama"), onProject("1002", "p400", "Satama"), onProject("1003", "P100", ""), onProject("1004", "P500", ""))
		w.Settle()
		wantItems(t, w, "P400 Satama")
		wantState(t, w, "1001", hub.Done, "")
		wantState(t, w, "1002", hub.Done, "")
		wantState(t, w, "1003", hub.Done, "")
		wantState(t, w, "1004", hub.Held, hub.DimensionUnknown)
		for number, item := range map[string]string{"1001": "P400 Satama", "1002": "P400 Satama", "1003": "P100 Verkkokauppa"} {
			if got := onItem(t, w, number); got != item {
				t.Errorf("%s stands on %q", number, got)
			}
		}
		if n := len(itemWrites(w)); n != 1 {
			t.Errorf("%d writes for one item", n)
		}
		// What we have written is no change that somebody else has made.
		before := readings(w)
		w.Clock.Add(16 * time.Minute)
		w.Step(t.Context())
		if n := readings(w); n != before {
			t.Errorf("our own item came back as a change: %d readings, %d before", n, before)
		}
		r, err := w.Engine.Registers(t.Context(), w.Company.ID)
		w.Must(err)
		if _, ok := r.FindItem("Project", "P400"); !ok {
			t.Error("the copy does not know of it")
		}
	})
}

// readings is how many readings of the registers have found changes.
func readings(w *enginetest.World) int {
	list, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]store.RegisterReading, error) { return tx.RegisterMoments(w.Company.ID, 100) })
	w.Must(err)
	return len(list)
}

// With "all" a project is made when the source lists it; it is renamed, closed and opened
// there as the source does it.
func TestItemFollowsSource(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		p := &enginetest.Projects{}
		w := enginetest.Sourced(world, p, followed(hub.MakeAll))
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P400", Name: "Satama"})
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g2", Code: "P401", Name: "Vanha", Closed: true})
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g3", Code: "P100", Name: "Kauppa"})
		w.Read()
		wantItems(t, w, "P400 Satama") // what is closed is not made, what is there stays as it is
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P400", Name: "Länsisatama"})
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g3", Code: "P100", Name: "Verkko"})
		w.Read()
		wantItems(t, w, "P100 Verkko, P400 Länsisatama")
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P400", Name: "Länsisatama", Closed: true})
		w.Read()
		wantItems(t, w, "P100 Verkko, (P400 Länsisatama)")
		w.Receive(onProject("1001", "P400", "Länsisatama"), onProject("1002", "P401", "Vanha"))
		w.Settle()
		wantState(t, w, "1001", hub.Held, hub.DimensionClosed)
		wantState(t, w, "1002", hub.Held, hub.DimensionClosed) // by the source's word alone: Procountor never had it
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P400", Name: "Länsisatama"})
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g2", Code: "P401", Name: "Vanha"})
		w.Read()
		wantItems(t, w, "P100 Verkko, P400 Länsisatama, P401 Vanha")
		wantState(t, w, "1001", hub.Done, "")
		wantState(t, w, "1002", hub.Done, "")
		// The number itself changes; rows that name the old one mean what the source lists.
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P999", Name: "Länsisatama"})
		p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g4", Code: "P400", Name: "Uusi"})
		w.Read()
		wantItems(t, w, "P100 Verkko, P999 Länsisatama, P401 Vanha, P400 Uusi")
		n := len(itemWrites(w))
		w.Read()
		if got := len(itemWrites(w)); got != n {
			t.Errorf("%d writes for nothing new", got-n)
		}
		if last := p.Since[len(p.Since)-1]; last.IsZero() || w.Clock.Now().Sub(last) > time.Hour {
			t.Errorf("everything was read again: %v", p.Since)
		}
		for _, tr := range w.ItemTransfers() {
			if tr.State != hub.Done {
				t.Error(enginetest.Describe(tr))
			}
		}
	})
}

// What a person has called an item in Procountor stays until a person says otherwise;
// that it is closed is carried all the same.
func TestItemEditedThere(t *testing.T) {
	world := enginetest.OnSQLite(t)
	p := &enginetest.Projects{}
	w := enginetest.Sourced(world, p, followed(hub.MakeAll))
	item := hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P400", Name: "Satama"}
	p.Put(w, item)
	w.Read()
	editItem(w, "P400 Satama", func(it *procountortest.DimensionItem) { it.CodeName, it.Description = "P400 Harbour", "by hand" })
	w.Read()
	wantItems(t, w, "P400 Harbour") // the source has said nothing new
	item.Name, item.Closed = "Länsisatama", true
	p.Put(w, item)
	w.Read()
	wantItems(t, w, "(P400 Harbour)")
	ask := func(code string) hub.Transfer {
		t.Helper()
		list := w.ItemTransfers()
		if len(list) != 1 || list[0].State != hub.Held || list[0].Faults[0].Code != code {
			t.Fatalf("want it held for %s: %v", code, list)
		}
		return list[0]
	}
	asked := ask(hub.ItemChanged)
	if f := asked.Faults[0]; f.Args["there"] != "P400 Harbour" || f.Args["said"] != "P400 Länsisatama" {
		t.Errorf("asked about %v", f.Args)
	}
	w.Must(w.Engine.AnswerItem(t.Context(), "anna", asked.ID, asked.Version, engine.LeaveCard))
	w.Settle()
	wantItems(t, w, "(P400 Harbour)")
	w.Read()
	if list := w.ItemTransfers(); list[0].State != hub.Done {
		t.Fatalf("asked again about what was left: %v", list)
	}
	editItem(w, "P400 Harbour", func(it *procountortest.DimensionItem) { it.CodeName = "P400 Docks" })
	item.Name, item.Closed = "Itäsatama", false
	p.Put(w, item)
	w.Read()
	asked = ask(hub.ItemChanged)
	w.Must(w.Engine.AnswerItem(t.Context(), "anna", asked.ID, asked.Version, engine.CarryCard))
	w.Settle()
	wantItems(t, w, "P400 Itäsatama")
	for _, it := range w.DimensionItems("Project") {
		if it.CodeName == "P400 Itäsatama" && it.Description != "by hand" {
			t.Errorf("more than its name has changed: %+v", it)
		}
	}
	// One that was removed there is made anew only by a person's word.
	for _, d := range w.Sandbox.Dimensions(w.Company.ProcountorID) {
		for _, it := range d.Items {
			if it.CodeName == "P400 Itäsatama" {
				w.Sandbox.RemoveItem(w.Company.ProcountorID, d.ID, it.ID)
			}
		}
	}
	item.Name = "Satama"
	p.Put(w, item)
	w.Read()
	wantItems(t, w, "")
	asked = ask(hub.ItemRemoved)
	w.Must(w.Engine.AnswerItem(t.Context(), "anna", asked.ID, asked.Version, engine.CarryCard))
	w.Settle()
	wantItems(t, w, "P400 Satama")
}

// Two items that fit are never guessed between; when one of them is renamed, everything
// goes on by itself.
func TestItemAmbiguous(t *testing.T) {
	p := &enginetest.Projects{}
	w := enginetest.Sourced(enginetest.OnSQLite(t), p, followed(hub.MakeAll))
	editItem(w, "", func(it *procountortest.DimensionItem) { it.CodeName = "P400 Satama" })
	editItem(w, "", func(it *procountortest.DimensionItem) { it.CodeName = "P400 Harbour" })
	p.Put(w, hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P400", Name: "Hamn"})
	w.Read()
	if list := w.ItemTransfers(); len(list) != 1 || list[0].State != hub.Held || list[0].Faults[0].Code != hub.DimensionAmbiguous {
		t.Fatalf("%v", list)
	}
	w.Clock.Add(16 * time.Minute)
	w.Receive(onProject("1001", "P400", "Hamn"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DimensionAmbiguous)
	editItem(w, "P400 Harbour", func(it *procountortest.DimensionItem) { it.CodeName = "P401 Harbour" })
	later(w)
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	wantItems(t, w, "P400 Satama, P401 Harbour")
	if got := onItem(t, w, "1001"); got != "P400 Satama" {
		t.Errorf("stands on %q", got)
	}
}

// Nothing is made for what is off, for documents that are held for something else, or
// by a connection that only reads.
func TestItemNotMade(t *testing.T) {
	w := enginetest.OnSQLite(t)(followed(hub.MakeOff))
	w.Receive(onProject("1001", "P400", "Satama"))
	w.Settle()
	wantState(t, w, "1001", hub.Held, hub.DimensionUnknown)
	s := w.Connection.Settings
	ks := s.Kinds[hub.SalesInvoice]
	ks.LeavesOut = []string{hub.AxisProject}
	s.Kinds[hub.SalesInvoice] = ks
	w.SetSettings(s)
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	if got := onItem(t, w, "1001"); got != "" {
		t.Errorf("stands on %q", got)
	}
	s.Axes, ks.LeavesOut = nil, nil
	s.Kinds[hub.SalesInvoice] = ks
	w.SetSettings(s)
	bad := onProject("1002", "P401", "Muu")
	bad.Lines[0].VATPercent = money.Must("17")
	w.Receive(bad)
	w.Settle()
	if tr := w.Transfer("1002"); tr.State != hub.Held {
		t.Fatal(enginetest.Describe(tr))
	}
	w.Must(w.Engine.SetWriting(t.Context(), "anna", w.Connection.ID, false))
	w.Receive(onProject("1003", "P402", "Muu"))
	w.Settle()
	wantState(t, w, "1003", hub.Noticed, hub.WritingOff)
	wantItems(t, w, "")
	w.Must(w.Engine.SetWriting(t.Context(), "anna", w.Connection.ID, true))
	w.Settle()
	wantItems(t, w, "P402 Muu")
	wantState(t, w, "1003", hub.Done, "")
}

// Dimensions are put on the receipt also where Procountor chooses the accounts.
func TestItemBesideProcountorsAccounts(t *testing.T) {
	feature.Covers(t, "S-118")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Dimensions = map[string]string{hub.AxisProject: "Project"}
	}})
	w.Receive(enginetest.Sale("1001", "100.00"), onProject("1002", "P400", "Satama"))
	w.Settle()
	wantState(t, w, "1001", hub.Done, "")
	wantState(t, w, "1002", hub.Done, "")
	if got := onItem(t, w, "1002"); got != "P400 Satama" {
		t.Errorf("stands on %q", got)
	}
	accounts := map[string][]string{}
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		for _, tr := range r.Transactions {
			accounts[r.Name] = append(accounts[r.Name], tr.Account)
		}
	}
	for _, list := range accounts {
		for i, a := range list {
			if a != list[i%(len(list)/2)] {
				t.Errorf("accounts %v", list)
			}
		}
	}
}

// A product is made of the first row that names its code, once; codes that are there
// stay as they are, and default codes are never made.
func TestProductMade(t *testing.T) {
	feature.Covers(t, "S-20")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			s.MakeProducts, s.LinkProducts = true, true
			s.DefaultCodes.Product = "NONE"
		}})
		coded := func(number, code string) *hub.Document {
			d := enginetest.Sale(number, "100.00")
			d.Lines[0].Code = code
			return d
		}
		before := len(w.Sandbox.Products(w.Company.ProcountorID))
		w.Receive(coded("1001", "K-77"), coded("1002", "k-77"), coded("1003", ""))
		w.Settle()
		for _, n := range []string{"1001", "1002", "1003"} {
			wantState(t, w, n, hub.Done, "")
		}
		list := w.Sandbox.Products(w.Company.ProcountorID)[before:]
		if len(list) != 1 {
			t.Fatalf("%d products made: %+v", len(list), list)
		}
		p := list[0]
		if p.Code != "K-77" || p.Name != "Konsultointi" || p.Type != "SALES" || p.Unit != "HOUR" || p.Price.String() != "100" || p.VAT.String() != "25.5" || !p.Active {
			t.Errorf("%+v", p)
		}
		for _, n := range []string{"1001", "1002"} {
			if row := w.Vouchers(n)[0].InvoiceRows[0]; row.ProductID == nil || *row.ProductID != p.ID {
				t.Errorf("%s: the row is not linked to it: %+v", n, row)
			}
		}
		long := coded("1004", strings.Repeat("x", 41))
		w.Receive(long)
		w.Settle()
		wantState(t, w, "1004", hub.Held, hub.TextTooLong)
	})
}
