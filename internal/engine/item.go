package engine

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file keeps items of dimensions, and products, in Procountor as sources list them
// or rows need them (decision 030). One transfer for each item takes up what is said of it:
// it reads the dimension, compares, and makes, renames or closes, or asks.

// dimensions reads dimensions whole, for those who ask at the same moment at once.
func (r *run) dimensions(ctx context.Context, ids []int64) (list []procountor.Dimension, err error) {
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		d, err := r.client.Dimensions.Get(ctx, id)
		if errors.Is(err, procountor.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, *d)
	}
	return list, nil
}

// planItem compares an item, as it stands now, with what was said of it.
func (r *run) planItem(ctx context.Context, t *hub.Transfer) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	words, taken, err := r.itemWords(ctx, t)
	if err != nil {
		return err
	}
	var j judgedItem
	switch {
	case len(words) == 0:
	case t.Kind == hub.ProductTransfer:
		list, err := dispatch.ProductsOf(ctx, r.client, words[0].Item.Code)
		if err != nil {
			return r.trouble(err)
		}
		j = r.judgeProduct(words, list)
	default:
		d, err := r.dims.read(ctx, words[0].Dimension)
		if err != nil && !errors.Is(err, procountor.NotFound) {
			return r.trouble(err)
		}
		if err != nil {
			d = nil
		}
		j = r.judgeItem(words, d, taken)
	}
	var write *intent
	if j.write != nil && j.faults == nil && r.conns[j.write.Connection].Writing {
		in, err := r.prepare(t, hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: 1, Kind: j.kind, State: hub.StepPlanned, Detail: hub.StepDetail{Item: j.write}}, j.body, nil)
		if err != nil {
			return err
		}
		write = &in
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		now, err := tx.ItemWords(t.Company, t.Subject)
		if err != nil || !reflect.DeepEqual(now, words) {
			return err // somebody has said something meanwhile: compared anew
		}
		if write == nil {
			return r.restItem(tx, t, &j)
		}
		if err := putItems(tx, j.words); err != nil {
			return err
		}
		if t.State == hub.Waiting {
			if err := t.Move(hub.Ready); err != nil {
				return err
			}
		}
		describeItem(t, &j.words[j.of])
		steps, err = r.begin(tx, t, nil, []intent{*write})
		return err
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// itemWords reads what is said of the item of t, and which other items of its dimension
// the same connections have linked to something else they list.
func (r *run) itemWords(ctx context.Context, t *hub.Transfer) (words []hub.ItemWord, taken func(id int64) bool, err error) {
	others := map[int64]bool{}
	err = r.e.store.Read(ctx, func(tx *store.Tx) error {
		if words, err = tx.ItemWords(t.Company, t.Subject); err != nil || len(words) == 0 || t.Kind == hub.ProductTransfer {
			return err
		}
		ids, err := tx.LinkedItems(words[0].Connection, words[0].Item.Axis, words[0].Dimension, t.Subject)
		for _, id := range ids {
			others[id] = true
		}
		return err
	})
	return words, func(id int64) bool { return others[id] }, err
}

// judgedItem is what became of the comparison of an item.
type judgedItem struct {
	words []hub.ItemWord // as they are to be kept
	// of is whose word is carried; write says what, and kind and body how.
	of    int
	write *hub.ItemWrite
	kind  hub.StepKind
	body  []byte
	// faults are what keeps it from being written, asks what a person is asked.
	faults, asks []hub.Fault
}

func (j *judgedItem) linked() bool {
	return slices.ContainsFunc(j.words, func(w hub.ItemWord) bool { return w.There != 0 })
}

// judgeItem compares a dimension, nil when it is not there any more, with the words
// about one item of it.
func (r *run) judgeItem(words []hub.ItemWord, d *procountor.Dimension, taken func(int64) bool) judgedItem {
	j := judgedItem{words: slices.Clone(words)}
	name := r.conns[words[0].Connection].Settings.Dimensions[words[0].Item.Axis]
	if d == nil {
		j.faults = []hub.Fault{hub.NewFault(hub.DimensionUnknown, "", words[0].Item.Text(), "dimension", name, "item", words[0].Item.Text())}
		return j
	}
	if !j.linked() {
		if j.find(r.registers, d, taken); j.faults != nil {
			return j
		}
	}
	if !j.linked() {
		j.make(r, d)
		return j
	}
	var id int64
	for _, w := range j.words {
		if id == 0 {
			id = w.There
		}
	}
	at := slices.IndexFunc(d.Items, func(it procountor.DimensionItem) bool { return it.ID == id })
	var there *hub.ItemThere
	if at >= 0 {
		there = &hub.ItemThere{ID: id, ItemStand: hub.ItemStand{Text: d.Items[at].CodeName, Closed: d.Items[at].Status != ""}}
	}
	for i := range j.words {
		w := &j.words[i]
		if w.There == 0 { // heard of after the others
			w.There, w.Said = id, w.Says()
			if there != nil {
				w.Stands = there.ItemStand
			}
		}
		if w.Asked = nil; there != nil {
			w.Seen = there.ItemStand
		}
		s := r.conns[w.Connection].Settings
		if s.Making(w.Item.Axis) == hub.MakeOff {
			continue
		}
		change := hub.CompareItem(w, there)
		if change == nil {
			if w.Said = w.Says(); there != nil && hub.SameItemText(there.Text, w.Said.Text) {
				w.Stands.Text = there.Text
			}
			w.Stands.Closed, w.Wanted = there.Closed, nil
			continue
		}
		wanted := w.Wanted != nil && w.Wanted.From == change.From && w.Wanted.To == change.To
		if change.Why == hub.ItemGone && w.Item.Closed {
			continue
		}
		if change.Why != "" && !wanted {
			w.Asked = change
			j.asks = append(j.asks, askedOfItem(d.Name, change))
			continue
		}
		if j.write != nil {
			continue // the next one is compared with what this has left
		}
		j.carry(&s, i, d, there, *change)
	}
	return j
}

// find links the words to the item that their code means.
func (j *judgedItem) find(registers *register.Copy, d *procountor.Dimension, taken func(int64) bool) {
	now := register.Dimension{ID: d.ID, Name: d.Name}
	for _, it := range d.Items {
		if taken(it.ID) {
			continue
		}
		item := register.DimensionItem{ID: it.ID, Code: it.CodeName, Active: it.Status == ""}
		if known, ok := registers.Item(it.ID); ok {
			item.Former = known.Item.Former
		}
		now.Items = append(now.Items, item)
	}
	w := &j.words[0]
	item, _, finding := now.Find(codeOf(w.Item))
	switch {
	case finding == register.Several, finding == register.Shut && item.ID == 0:
		j.faults = []hub.Fault{hub.NewFault(hub.DimensionAmbiguous, "", w.Item.Text(), "dimension", d.Name, "item", w.Item.Text())}
	case finding != register.None:
		for i := range j.words {
			w := &j.words[i]
			w.There, w.Said, w.Stands, w.Copied = item.ID, w.Says(), hub.ItemStand{Text: item.Code, Closed: !item.Active}, false
			w.Seen = w.Stands
		}
	}
}

// codeOf is what rows name an item by.
func codeOf(it hub.Item) string {
	if it.Code == "" {
		return it.Name
	}
	return it.Code
}

// make lets the item be made, if somebody wants it.
func (j *judgedItem) make(r *run, d *procountor.Dimension) {
	i := slices.IndexFunc(j.words, func(w hub.ItemWord) bool {
		conn := r.conns[w.Connection]
		switch conn.Settings.Making(w.Item.Axis) {
		case hub.MakeNeeded:
			return w.Needed && w.Item.Named() && !w.Item.Closed
		case hub.MakeAll:
			return w.Item.Named() && !w.Item.Closed
		}
		return false
	})
	if i >= 0 {
		s := r.conns[j.words[i].Connection].Settings
		j.carry(&s, i, d, nil, hub.ItemChange{To: j.words[i].Says()})
	}
}

// carry makes the write of a change: of an item that is there all of it, with nothing
// else changed in it.
func (j *judgedItem) carry(s *hub.Settings, i int, d *procountor.Dimension, there *hub.ItemThere, change hub.ItemChange) {
	w := &j.words[i]
	said := w.Says()
	if there == nil || change.To.Text != change.From.Text {
		text, faults := mapping.ItemText(s, w.Item)
		if change.To.Text = text; hub.Stops(faults) {
			j.faults = append(j.faults, faults...)
			return
		}
	}
	item := procountor.DimensionItem{}
	j.kind = hub.MakeItem
	if there != nil {
		at := slices.IndexFunc(d.Items, func(it procountor.DimensionItem) bool { return it.ID == there.ID })
		item, j.kind = d.Items[at], hub.UpdateItem
		if item.Status = ""; change.To.Closed {
			item.Status = procountor.ItemInactive
		}
	} else {
		change.To.Closed = false // made active; closing it is a change of its own
	}
	item.CodeName = change.To.Text
	body, err := json.Marshal(item)
	if err != nil {
		j.faults = append(j.faults, hub.NewFault(hub.OwnFault, "", "", "reason", err.Error()))
		return
	}
	j.of, j.body = i, body
	j.write = &hub.ItemWrite{Dimension: d.ID, Item: item.ID, Connection: w.Connection, Axis: w.Item.Axis, Source: w.Item.ID, Code: w.Item.Code, Change: change, Said: said}
}

// judgeProduct looks for the product of a code among those that have it, or makes it.
func (r *run) judgeProduct(words []hub.ItemWord, list []procountor.Product) judgedItem {
	j := judgedItem{words: slices.Clone(words)}
	code := words[0].Item.Code
	active := slices.DeleteFunc(slices.Clone(list), func(p procountor.Product) bool { return !p.Active })
	switch {
	case len(active) == 1:
		for i := range j.words {
			w := &j.words[i]
			if w.There == active[0].ID {
				continue
			}
			w.There, w.Said, w.Stands, w.Copied = active[0].ID, w.Says(), hub.ItemStand{Text: active[0].Name}, false
			w.Seen = w.Stands
		}
		return j
	case len(active) > 1:
		j.faults = []hub.Fault{hub.NewFault(hub.ProductAmbiguous, "", code, "code", code)}
		return j
	case len(list) > 0:
		j.faults = []hub.Fault{hub.NewFault(hub.ProductInactive, "", code, "code", code)}
		return j
	}
	i := slices.IndexFunc(j.words, func(w hub.ItemWord) bool { return w.Needed && r.conns[w.Connection].Settings.MakeProducts })
	if i < 0 {
		return j
	}
	w := &j.words[i]
	p, faults := mapping.Product(r.conns[w.Connection], r.company, r.registers, w.Item)
	if p == nil {
		j.faults = faults
		return j
	}
	body, err := json.Marshal(p)
	if err != nil {
		j.faults = []hub.Fault{hub.NewFault(hub.OwnFault, "", "", "reason", err.Error())}
		return j
	}
	j.of, j.kind, j.body = i, hub.MakeProduct, body
	j.write = &hub.ItemWrite{Connection: w.Connection, Axis: w.Item.Axis, Source: w.Item.ID, Code: w.Item.Code, Change: hub.ItemChange{To: hub.ItemStand{Text: p.Name}}, Said: w.Says()}
	return j
}

// askedOfItem is what a person is asked about an item.
func askedOfItem(dimension string, c *hub.ItemChange) hub.Fault {
	if c.Why == hub.ItemGone {
		return hub.NewFault(hub.ItemRemoved, "", c.From.Text, "dimension", dimension, "item", c.From.Text)
	}
	return hub.NewFault(hub.ItemChanged, "", c.To.Text, "dimension", dimension, "item", c.From.Text, "there", c.From.Text, "said", c.To.Text)
}

// restItem lets an item rest: with what a person is asked, with what would be written
// if the connection wrote, or with nothing.
func (r *run) restItem(tx *store.Tx, t *hub.Transfer, j *judgedItem) error {
	if err := putItems(tx, j.words); err != nil {
		return err
	}
	if len(j.words) > 0 {
		describeItem(t, &j.words[j.of])
	}
	if j.linked() && t.Kind == hub.ItemTransfer && j.faults == nil {
		if err := r.e.goOn(tx, t.Company, "", itemCodes, because{Items: true}); err != nil {
			return err
		}
	}
	switch {
	case j.faults != nil:
		return r.settleCard(tx, t, hub.Held, j.faults...)
	case j.write != nil: // by a connection that does not write
		text := j.write.Change.To.Text
		return r.settleCard(tx, t, hub.Noticed, hub.NewFault(hub.WritingOff, "", "").Warn(), hub.NewFault(hub.WaitsForItem, "", text, "item", text).Warn())
	case j.asks != nil:
		return r.settleCard(tx, t, hub.Held, j.asks...)
	case j.linked() || t.State == hub.Working:
		return r.settleCard(tx, t, hub.Done)
	}
	return r.settleCard(tx, t, hub.Skipped)
}

// describeItem copies what people look for from what was said of an item.
func describeItem(t *hub.Transfer, w *hub.ItemWord) {
	t.Number, t.SortKey, t.PartnerName = w.Item.Code, hub.SortKey(w.Item.Code), w.Item.Text()
}

func putItems(tx *store.Tx, words []hub.ItemWord) error {
	for i := range words {
		if err := tx.PutItem(&words[i]); err != nil {
			return err
		}
	}
	return nil
}

// itemCodes are the reasons that an item which has come, or is open again, may end.
var itemCodes = []string{hub.DimensionUnknown, hub.DimensionClosed, hub.DimensionAmbiguous, hub.ItemMissing, hub.ProductMissing, hub.ProductAmbiguous, hub.ProductInactive}

// wroteItem goes on after an item was made or written over: it and the word agree now.
// What other connections say of it stays their word, and is no news.
func (r *run) wroteItem(tx *store.Tx, t *hub.Transfer, s *hub.Step, saved *hub.ItemThere) error {
	words, err := tx.ItemWords(t.Company, t.Subject)
	if err != nil {
		return err
	}
	write := s.Detail.Item
	for i := range words {
		w := &words[i]
		mine := w.Connection == write.Connection && w.Item.Axis == write.Axis && w.Item.ID == write.Source
		if s.Kind != hub.UpdateItem {
			w.Said = w.Says() // new to all of them
		}
		if mine {
			if s.Kind != hub.UpdateItem || write.Change.To.Text != write.Change.From.Text {
				w.Said.Text = write.Said.Text
			}
			if s.Kind != hub.UpdateItem {
				w.Said.Closed = false
			} else if write.Change.To.Closed != write.Change.From.Closed {
				w.Said.Closed = write.Said.Closed
			}
			w.Wanted = nil
		}
		if s.Kind != hub.UpdateItem || write.Change.To.Text != write.Change.From.Text {
			w.Stands.Text = saved.Text // else it may be a person's, and stays one
		}
		w.There, w.Stands.Closed, w.Seen, w.Copied = saved.ID, saved.Closed, saved.ItemStand, false
	}
	if err := r.e.goOn(tx, t.Company, "", itemCodes, because{Items: true}); err != nil {
		return err
	}
	if t.Kind == hub.ProductTransfer {
		return r.restItem(tx, t, &judgedItem{words: words})
	}
	d := procountor.Dimension{ID: write.Dimension, Name: r.conns[write.Connection].Settings.Dimensions[write.Axis], Items: []procountor.DimensionItem{{ID: saved.ID, CodeName: saved.Text}}}
	if saved.Closed {
		d.Items[0].Status = procountor.ItemInactive
	}
	j := r.judgeItem(words, &d, func(int64) bool { return false })
	if j.write != nil {
		if err := putItems(tx, words); err != nil {
			return err
		}
		return t.Move(hub.Ready) // something was said while this was written
	}
	return r.restItem(tx, t, &j)
}
