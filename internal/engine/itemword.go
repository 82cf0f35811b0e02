package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// This file hears of items: from the registers of sources, and from rows that need them.

// itemsAtOnce is how many items of a source are stored in one transaction.
const itemsAtOnce = 200

// listItems reads what a source lists on the axes that its settings want, as far as it has
// changed since the last time. Nothing is read before the company's own dimensions are known.
func (e *Engine) listItems(ctx context.Context, s store.Source, src *source.Source, lease string) error {
	var conn hub.Connection
	var listing store.ItemsRead
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(s.Connection); err != nil {
			return err
		}
		listing, err = tx.ItemsRead(s.Connection)
		return err
	}); err != nil {
		return fmt.Errorf("%w: %w", errOwn, err)
	}
	registers, err := e.Registers(ctx, conn.Company)
	if err != nil {
		return fmt.Errorf("%w: %w", errOwn, err)
	}
	var axes, known []string
	for _, axis := range conn.Settings.Listed() {
		id := dimensionOf(&conn, registers, axis)
		if id != 0 || axis == hub.ProductAxis {
			axes, known = append(axes, axis), append(known, fmt.Sprintf("%s=%d", axis, id))
		}
	}
	if axes == nil {
		return nil
	}
	items, ok := src.Items(ctx, axes, listing.Since(known))
	if !ok {
		return nil
	}
	began := e.o.Now()
	var page []hub.Item
	flush := func() error {
		list := page
		page = nil
		if len(list) == 0 {
			return nil
		}
		return e.whileLeased(ctx, s.Connection, lease, func(tx *store.Tx) error { return e.hearItems(tx, &conn, registers, list) })
	}
	for it, err := range items {
		if err != nil {
			return err
		}
		if page = append(page, it); len(page) == itemsAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return e.whileLeased(ctx, s.Connection, lease, func(tx *store.Tx) error {
		return tx.SetItemsRead(s.Connection, store.ItemsRead{Axes: known, At: began.Add(-overlap)})
	})
}

// ReceiveItems takes what a source that hands over says of items: some of what it lists, or
// all. Axes that no dimension is mapped to are of no interest; heard is how many were on others.
func (e *Engine) ReceiveItems(ctx context.Context, connection string, items []hub.Item) (heard int, err error) {
	conn, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connection) })
	if err != nil {
		return 0, err
	}
	registers, err := e.Registers(ctx, conn.Company)
	if err != nil {
		return 0, err
	}
	listed := conn.Settings.Listed()
	items = slices.DeleteFunc(slices.Clone(items), func(it hub.Item) bool { return !slices.Contains(listed, it.Axis) })
	for page := range slices.Chunk(items, itemsAtOnce) {
		if err := e.store.Tx(ctx, func(tx *store.Tx) error {
			if err := notDetached(tx, conn.Company); err != nil {
				return err
			}
			return e.hearItems(tx, &conn, registers, page)
		}); err != nil {
			return heard, fmt.Errorf("receive items: %w", err)
		}
		heard += len(page)
	}
	return heard, nil
}

// whileLeased runs fn in a transaction, only while the lease on a source holds.
func (e *Engine) whileLeased(ctx context.Context, connection, lease string, fn func(tx *store.Tx) error) error {
	err := e.store.Tx(ctx, func(tx *store.Tx) error {
		ok, err := tx.KeepSource(connection, lease, e.o.Now().Add(pullLease))
		if err == nil && !ok {
			err = errLeaseLost
		}
		if err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, errLeaseLost) {
		err = fmt.Errorf("%w: %w", errOwn, err)
	}
	return err
}

// dimensionOf is the id of the dimension that an axis is mapped to, 0 for none.
func dimensionOf(conn *hub.Connection, registers *register.Copy, axis string) int64 {
	name := conn.Settings.Dimensions[axis]
	if name == "" {
		return 0
	}
	d, ok := registers.Dimension(name)
	if !ok {
		return 0
	}
	return d.ID
}

// hearItems keeps what a source lists, and lets the transfers of items take up what is
// new. Documents go on that waited to hear of them.
func (e *Engine) hearItems(tx *store.Tx, conn *hub.Connection, registers *register.Copy, items []hub.Item) error {
	news := false
	for _, it := range items {
		fresh, err := e.hearItem(tx, conn, registers, it)
		if err != nil {
			return fmt.Errorf("item %s of %s: %w", it.ID, it.Axis, err)
		}
		news = news || fresh
	}
	if !news {
		return nil
	}
	return e.goOn(tx, conn.Company, conn.ID, itemCodes, because{Items: true})
}

func (e *Engine) hearItem(tx *store.Tx, conn *hub.Connection, registers *register.Copy, it hub.Item) (news bool, err error) {
	w, err := tx.Item(conn.ID, it.Axis, it.ID)
	fresh := store.IsNotFound(err)
	if fresh {
		// What a row has named before is this one.
		if w, err = tx.Item(conn.ID, it.Axis, store.RowItem(it.Code)); err == nil {
			if fresh, err = false, tx.ForgetItem(&w); err != nil {
				return false, err
			}
			w.Item.ID = it.ID
			if err := tx.PutItem(&w); err != nil {
				return false, err
			}
		}
	}
	if err != nil && !store.IsNotFound(err) {
		return false, err
	}
	if fresh {
		w = hub.ItemWord{Company: conn.Company, Connection: conn.ID, Copied: true}
	}
	dimension := dimensionOf(conn, registers, it.Axis)
	if !fresh && sameItem(w.Item, it) && w.Dimension == dimension {
		return false, nil
	}
	was := hub.ItemStand{Text: w.Item.Text(), Closed: w.Item.Closed}
	w.Item, w.At = it, tx.Now()
	if fresh {
		was = w.Says()
	}
	if err := e.place(tx, &w, registers, dimension, was); err != nil {
		return false, err
	}
	making := conn.Settings.Making(it.Axis)
	switch {
	case it.Axis == hub.ProductAxis, dimension == 0, making == hub.MakeOff:
	case w.There != 0 && w.Says() != w.Said, w.There == 0 && w.Subject != "", w.There == 0 && making == hub.MakeAll && !it.Closed:
		if _, err := e.takeUp(tx, &w); err != nil {
			return false, err
		}
	}
	return true, tx.PutItem(&w)
}

func sameItem(a, b hub.Item) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// place puts a word into its dimension, and links it to the item there that its code
// means, if there is one and no other item of the same source is linked to it. said is
// what the source said of it before.
func (e *Engine) place(tx *store.Tx, w *hub.ItemWord, registers *register.Copy, dimension int64, said hub.ItemStand) error {
	if w.Dimension != dimension { // mapped to another one by now
		w.Dimension, w.Subject, w.There, w.Wanted, w.Asked = dimension, "", 0, nil, nil
		w.Said, w.Stands, w.Seen = hub.ItemStand{}, hub.ItemStand{}, hub.ItemStand{}
	}
	if dimension == 0 || w.There != 0 || w.Subject != "" {
		return nil
	}
	at := slices.IndexFunc(registers.Dimensions, func(d register.Dimension) bool { return d.ID == dimension })
	if at < 0 {
		return nil
	}
	item, _, finding := registers.Dimensions[at].Find(codeOf(w.Item))
	if item.ID == 0 || finding != register.Found && finding != register.Shut {
		return nil
	}
	others, err := tx.ItemsThere(w.Company, dimension, item.ID)
	if err != nil || slices.ContainsFunc(others, func(o hub.ItemWord) bool {
		return o.Connection == w.Connection && o.Item.Axis == w.Item.Axis && o.Item.ID != w.Item.ID
	}) {
		return err
	}
	w.There, w.Said, w.Stands = item.ID, said, hub.ItemStand{Text: item.Code, Closed: !item.Active}
	w.Seen = w.Stands
	return nil
}

// takeUp lets the transfer of an item compare what is said of it with what stands in
// Procountor; it is made if there is none.
func (e *Engine) takeUp(tx *store.Tx, w *hub.ItemWord) (t hub.Transfer, err error) {
	kind := hub.ItemTransfer
	if w.Item.Axis == hub.ProductAxis {
		kind = hub.ProductTransfer
	}
	if w.Subject == "" {
		if w.Subject, err = subjectOf(tx, w); err != nil {
			return t, err
		}
	}
	for range 2 { // another node may make it at this moment
		t, err = tx.TransferOf(w.Company, kind, hub.In, w.Subject)
		if err == nil {
			return t, e.wakeCard(tx, &t)
		}
		if !store.IsNotFound(err) {
			return t, err
		}
		t = hub.Transfer{Company: w.Company, Connection: w.Connection, Kind: kind, Direction: hub.In, Subject: w.Subject, Goal: hub.Deliver, State: hub.Ready}
		describeItem(&t, w)
		err = tx.Try(func() error { return tx.InsertTransfer(&t) })
		if err == nil {
			return t, e.wake(tx, t.Company, e.o.Now())
		}
		if !store.IsDuplicate(err) {
			return t, err
		}
	}
	return t, err
}

// subjectOf names the transfer of an item: that of others who speak of the same one, else
// by the item, or by the code of one that is to be made.
func subjectOf(tx *store.Tx, w *hub.ItemWord) (string, error) {
	if w.There != 0 {
		others, err := tx.ItemsThere(w.Company, w.Dimension, w.There)
		if err != nil {
			return "", err
		}
		for _, o := range others {
			if o.Subject != "" {
				return o.Subject, nil
			}
		}
		return fmt.Sprintf("%d#%d", w.Dimension, w.There), nil
	}
	subject := fmt.Sprintf("%d:%s", w.Dimension, hub.ItemKey(codeOf(w.Item)))
	others, err := tx.ItemWords(w.Company, subject)
	if err != nil {
		return "", err
	}
	for _, o := range others {
		// Of an item that had this code before, or of another one of this source.
		if hub.ItemKey(codeOf(o.Item)) != hub.ItemKey(codeOf(w.Item)) || o.Connection == w.Connection && o.Item.ID != w.Item.ID {
			return subject + "~" + w.Item.ID, nil
		}
	}
	return subject, nil
}

// need says that a row needs an item, or a product, that is not in Procountor. done
// means that it has been made by now, and that the register copy does not know it yet.
func (e *Engine) need(tx *store.Tx, conn *hub.Connection, registers *register.Copy, want mapping.Want) (t hub.Transfer, done bool, err error) {
	it := want.Item
	it.Axis = want.Axis
	w, err := tx.ItemOfCode(conn.ID, want.Axis, it.Code)
	switch {
	case store.IsNotFound(err):
		it.ID = store.RowItem(it.Code)
		w = hub.ItemWord{Company: conn.Company, Connection: conn.ID, Item: it, At: tx.Now(), Copied: true}
	case err != nil:
		return t, false, err
	case want.Axis == hub.ProductAxis || strings.HasPrefix(w.Item.ID, store.RowItem("")):
		it.ID = w.Item.ID // what the newest row says of it, spelling aside
		if !hub.SameItemText(w.Item.Text(), it.Text()) && w.There == 0 {
			w.Item, w.At = it, tx.Now()
		}
	}
	w.Needed = true
	if err := e.place(tx, &w, registers, want.Dimension, w.Says()); err != nil {
		return t, false, err
	}
	if w.There != 0 {
		w.Copied = false
		return t, true, tx.PutItem(&w)
	}
	if t, err = e.takeUp(tx, &w); err != nil {
		return t, false, err
	}
	return t, false, tx.PutItem(&w)
}

// wants is the verdict on a document that needs items or products which are not there:
// it waits for them, as far as nothing else keeps it from going. It is nil when nothing
// is to be made.
func wants(in mapping.Input, faults []hub.Fault) *verdict {
	missing := false
	for _, f := range faults {
		switch {
		case f.Warning:
		case f.Code == hub.ItemMissing, f.Code == hub.ProductMissing:
			missing = true
		default:
			return nil
		}
	}
	if !missing {
		return nil
	}
	v := &verdict{state: hub.Waiting, wants: mapping.Wants(in)}
	if !in.Connection.Writing {
		v.state, v.faults = hub.Noticed, []hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}
	}
	v.faults = append(v.faults, waitsForItems(faults)...)
	return v
}

// waitsForItems says of what is missing that it is made, as warnings.
func waitsForItems(faults []hub.Fault) (list []hub.Fault) {
	for _, f := range faults {
		text := f.Args["item"]
		if f.Code == hub.ProductMissing {
			text = strings.TrimSpace(f.Args["code"] + " " + f.Args["name"])
		}
		if f.Code == hub.ItemMissing || f.Code == hub.ProductMissing {
			f = hub.NewFault(hub.WaitsForItem, f.Path, f.Value, "item", text).Warn()
		}
		list = append(list, f)
	}
	return list
}

// waitForItems lets t wait for the transfers of what it needs: for the first of them
// that is not done, and then for the next.
func (r *run) waitForItems(tx *store.Tx, t *hub.Transfer, v *verdict) error {
	conn := r.conns[t.Connection]
	first := ""
	for _, want := range v.wants {
		p, done, err := r.e.need(tx, &conn, r.registers, want)
		if err != nil {
			return err
		}
		if !done && first == "" {
			first = p.ID
		}
	}
	if first == "" {
		return r.putOff(tx, t, hub.Waiting, r.now().Add(wait(t.Rounds)), v.faults...)
	}
	if err := t.Move(hub.Waiting, v.faults...); err != nil {
		return err
	}
	t.WaitsFor, t.WakeAt, t.Lease, t.LeaseUntil = first, time.Time{}, "", time.Time{}
	if err := act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t)); err != nil {
		return err
	}
	return r.e.wake(tx, t.Company, r.now())
}

// links are what a connection knows of the codes that a document names.
func (e *Engine) links(ctx context.Context, connection string, doc *hub.Document) (hub.ItemLinks, error) {
	var refs []hub.ItemRef
	add := func(axis, code string) {
		if ref := hub.RefOf(axis, code); ref.Code != "" && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	for i := range doc.Lines {
		l := &doc.Lines[i]
		for _, d := range l.Dimensions {
			add(d.Axis, d.Code)
		}
		add(hub.ProductAxis, l.Code)
	}
	for i := range doc.Rows {
		for _, d := range doc.Rows[i].Dimensions {
			add(d.Axis, d.Code)
		}
	}
	if refs == nil {
		return nil, nil
	}
	return store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.ItemLinks, error) { return tx.ItemLinks(connection, refs) })
}

// copyItems brings the register copy up to date with what we have written ourselves, so
// that it comes back as no change.
func (e *Engine) copyItems(ctx context.Context, company string, u *store.Upkeep) error {
	if u.Registers == "" {
		return nil
	}
	written, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]hub.ItemWord, error) { return tx.FreshItems(company) })
	if err != nil || len(written) == 0 {
		return err
	}
	before, err := e.registers(ctx, *u)
	if err != nil {
		return err
	}
	now := before
	for _, w := range written {
		switch {
		case w.There == 0:
		case w.Item.Axis == hub.ProductAxis:
			now = now.WithProduct(register.Product{ID: w.There, Code: w.Item.Code, Name: w.Seen.Text, Sales: true, Active: true})
		default:
			now = now.WithItem(w.Dimension, register.DimensionItem{ID: w.There, Code: w.Seen.Text, Active: !w.Seen.Closed})
		}
	}
	fresh := *now
	fresh.Version++
	b, err := json.Marshal(fresh)
	if err != nil {
		return err
	}
	next := *u
	if err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		if next.Registers, err = tx.PutBlob(b); err != nil {
			return err
		}
		if err := tx.ItemsCopied(written); err != nil {
			return err
		}
		return tx.SetUpkeep(company, next)
	}); err != nil {
		return err
	}
	e.copies.Delete(u.Registers)
	*u = next
	return nil
}
