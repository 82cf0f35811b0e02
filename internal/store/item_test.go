package store_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// An item is made once, written over by its one transfer, and what a person is asked is
// carried only because a person wants it.
func TestLawOneItem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		of := func(kind hub.TransferKind, direction hub.Direction) hub.Transfer {
			return hub.Transfer{Company: "company", Connection: "connection", Kind: kind, Direction: direction, Subject: "5:p1", Goal: hub.Deliver, State: hub.Ready, Plan: 1}
		}
		item, product := of(hub.ItemTransfer, hub.In), of(hub.ProductTransfer, hub.In)
		s.must(func(tx *store.Tx) error { return tx.InsertTransfer(&item) })
		s.must(func(tx *store.Tx) error { return tx.InsertTransfer(&product) })
		for _, tr := range []hub.Transfer{of(hub.ItemTransfer, hub.In), of(hub.ItemTransfer, hub.Out), of(hub.ProductTransfer, hub.Out)} {
			if st.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertTransfer(&tr) }) == nil {
				t.Errorf("two transfers of one %s, or one that goes out", tr.Kind)
			}
		}
		write := `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ($1, $2, $3, 1, $4, $5, 1, $1, '', '', $6, 5, 0, 0, 0, '')`
		plain, asked, gone := `{"item":{"change":{}}}`, `{"item":{"change":{"why":"edited"}}}`, `{"item":{"change":{"why":"gone"}}}`
		document := s.transfer
		s.refuses("by its own transfer", write, "k1", document.ID, 1, "make_item", "intended", plain)
		s.refuses("by its own transfer", write, "k1", item.ID, 1, "make_product", "intended", plain)
		s.refuses("by its own transfer", write, "k1", product.ID, 1, "make_item", "intended", plain)
		s.refuses("by a person", write, "k2", item.ID, 1, "update_item", "intended", asked)
		s.transfer = item
		s.decides("vienti", "item.carried")
		s.refuses("by a person", write, "k3", item.ID, 1, "update_item", "intended", asked)
		word := hub.ItemWord{Company: "company", Connection: "connection", Item: hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "P1", Name: "Satama"}, Dimension: 5, Subject: "5:p1", There: 77}
		s.must(func(tx *store.Tx) error { return tx.PutItem(&word) })
		s.refuses("made once", write, "k4", item.ID, 1, "make_item", "intended", plain)
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(write, "p1", item.ID, 9, "make_item", "planned", plain)
			return err
		})
		s.refuses("made once", `update step set state = 'intended' where id = 'p1'`)
		s.refuses("by a person", write, "k4", item.ID, 1, "make_item", "intended", gone)
		s.decides("aino", "item.carried")
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(write, "k5", item.ID, 1, "make_item", "intended", gone)
			return err
		})
		s.refuses("unique", write, "k6", item.ID, 2, "update_item", "intended", plain)
	})
}

// What a source lists is kept as it was said, and found by code, by transfer and by what it
// is in Procountor.
func TestItems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		price := money.Must("12.50")
		words := []hub.ItemWord{
			{Item: hub.Item{Axis: hub.AxisProject, ID: store.RowItem("P 1"), Code: "P 1", Name: "Row"}, Copied: true},
			{Item: hub.Item{Axis: hub.AxisProject, ID: "g1", Code: "p  1", Name: "Satama", Closed: true}, At: time.UnixMilli(5).UTC(), Dimension: 5, Subject: "5:p 1", Needed: true, There: 77,
				Said: hub.ItemStand{Text: "P 1 Satama"}, Stands: hub.ItemStand{Text: "P 1 Harbour", Closed: true}, Seen: hub.ItemStand{Text: "P 1 Port"},
				Wanted: &hub.ItemChange{To: hub.ItemStand{Text: "a"}}, Asked: &hub.ItemChange{Why: hub.ItemEdited}},
			{Item: hub.Item{Axis: hub.ProductAxis, ID: "w1", Code: "K-7", Name: "Työ_100%", Unit: "h", Price: &price, VATPercent: &price}, Copied: true},
		}
		s.must(func(tx *store.Tx) error {
			for i := range words {
				words[i].Company, words[i].Connection = "company", "connection"
				if err := tx.PutItem(&words[i]); err != nil {
					return err
				}
			}
			return nil
		})
		s.must(func(tx *store.Tx) error {
			for i := range words {
				got, err := tx.Item("connection", words[i].Item.Axis, words[i].Item.ID)
				if err != nil || !reflect.DeepEqual(got, words[i]) {
					t.Errorf("%+v %v\nwant %+v", got, err, words[i])
				}
			}
			if got, err := tx.ItemOfCode("connection", hub.AxisProject, "P 1"); err != nil || got.Item.ID != "g1" {
				t.Errorf("a row's word before the source's: %+v %v", got, err)
			}
			links, err := tx.ItemLinks("connection", []hub.ItemRef{{Axis: hub.AxisProject, Code: "P 1"}, {Axis: hub.AxisProject, Code: "P 2"}})
			if l := links[hub.RefOf(hub.AxisProject, "p 1")]; err != nil || len(links) != 1 || l.There != 77 || !l.Listed || l.Seen.Text != "P 1 Port" {
				t.Errorf("%+v %v", links, err)
			}
			if list, err := tx.ItemWords("company", "5:p 1"); err != nil || len(list) != 1 {
				t.Errorf("%v %v", list, err)
			}
			if list, err := tx.ItemsThere("company", 5, 77); err != nil || len(list) != 1 {
				t.Errorf("%v %v", list, err)
			}
			if list, err := tx.ItemsThere("company", 6, 77); err != nil || len(list) != 0 {
				t.Errorf("%v %v", list, err)
			}
			fresh, err := tx.FreshItems("company")
			if err != nil || len(fresh) != 1 || fresh[0].Item.ID != "g1" {
				t.Errorf("%v %v", fresh, err)
			}
			if err := tx.ItemsCopied(fresh); err != nil {
				return err
			}
			if fresh, err = tx.FreshItems("company"); err != nil || len(fresh) != 0 {
				t.Errorf("%v %v", fresh, err)
			}
			for search, n := range map[string]int{"": 3, "satama": 1, "k-7": 1, "_1": 1, "%": 1, "zz": 0} {
				if list, err := tx.Items(store.ItemFilter{Company: "company", Search: search, Limit: 10}); err != nil || len(list) != n {
					t.Errorf("search %q: %d %v", search, len(list), err)
				}
			}
			var after store.ItemPlace
			for n := range 4 {
				list, err := tx.Items(store.ItemFilter{Company: "company", After: after, Limit: 1})
				if err != nil || len(list) != min(1, 3-n) {
					t.Fatalf("page %d: %v %v", n, list, err)
				}
				if len(list) == 1 {
					after = store.ItemPlace{Axis: list[0].Item.Axis, Code: list[0].Item.Code, Connection: list[0].Connection, ID: list[0].Item.ID}
				}
			}
			return nil
		})
	})
}

// Other axes are read from their beginning.
func TestItemsReadSince(t *testing.T) {
	r := store.ItemsRead{Axes: []string{"project=5"}, At: time.UnixMilli(5)}
	if r.Since([]string{"project=5"}) != r.At || !r.Since([]string{"project=6"}).IsZero() || !r.Since([]string{"project=5", "unit=6"}).IsZero() {
		t.Errorf("%+v", r)
	}
}
