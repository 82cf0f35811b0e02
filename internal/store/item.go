package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

const itemColumns = `connection, axis, source_id, company, code, code_key, name, closed, more, at, dimension, subject, needed, there, said, stands, seen, wanted, asked, copied`

// ofRow begins the source id of what only rows have named so far.
const ofRow = "="

// RowItem is the id of an item that only rows name, until its source lists it.
func RowItem(code string) string { return ofRow + hub.ItemKey(code) }

func scanItem(scan func(...any) error) (w hub.ItemWord, err error) {
	var at int64
	var key, more, said, stands, seen, wanted, asked string
	it := &w.Item
	if err := scan(&w.Connection, &it.Axis, &it.ID, &w.Company, &it.Code, &key, &it.Name, &it.Closed, &more, &at, &w.Dimension, &w.Subject, &w.Needed,
		&w.There, &said, &stands, &seen, &wanted, &asked, &w.Copied); err != nil {
		return w, err
	}
	w.At = momentOf(at)
	var product itemMore
	for _, x := range []struct {
		text string
		into any
	}{{more, &product}, {said, &w.Said}, {stands, &w.Stands}, {seen, &w.Seen}, {wanted, &w.Wanted}, {asked, &w.Asked}} {
		if err := fromJSON(x.text, x.into); err != nil {
			return w, err
		}
	}
	it.Unit, it.Price, it.VATPercent = product.Unit, product.Price, product.VATPercent
	return w, nil
}

// itemMore is what a product has beside code and name.
type itemMore struct {
	Unit       string        `json:"unit,omitempty"`
	Price      *money.Amount `json:"price,omitempty"`
	VATPercent *money.Amount `json:"vat_percent,omitempty"`
}

// PutItem keeps a word, in the place of an earlier one of the same connection about the
// same item.
func (tx *Tx) PutItem(w *hub.ItemWord) error {
	var texts [6]string
	for i, v := range []any{itemMore{w.Item.Unit, w.Item.Price, w.Item.VATPercent}, w.Said, w.Stands, w.Seen, w.Wanted, w.Asked} {
		var err error
		if texts[i], err = toJSON(v); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`insert into item (`+itemColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)
		on conflict (connection, axis, source_id) do update set code=excluded.code, code_key=excluded.code_key, name=excluded.name, closed=excluded.closed,
		more=excluded.more, at=excluded.at, dimension=excluded.dimension, subject=excluded.subject, needed=excluded.needed, there=excluded.there,
		said=excluded.said, stands=excluded.stands, seen=excluded.seen, wanted=excluded.wanted, asked=excluded.asked, copied=excluded.copied`,
		w.Connection, w.Item.Axis, w.Item.ID, w.Company, w.Item.Code, hub.ItemKey(w.Item.Code), w.Item.Name, w.Item.Closed, texts[0], moment(w.At),
		w.Dimension, w.Subject, w.Needed, w.There, texts[1], texts[2], texts[3], texts[4], texts[5], w.Copied)
	return err
}

// ForgetItem takes out the word of a row about what its source lists by now.
func (tx *Tx) ForgetItem(w *hub.ItemWord) error {
	return tx.ExecOne(`delete from item where connection = $1 and axis = $2 and source_id = $3`, w.Connection, w.Item.Axis, w.Item.ID)
}

// Item returns what a connection says of the item with the source's own id.
func (tx *Tx) Item(connection, axis, id string) (hub.ItemWord, error) {
	return scanItem(tx.QueryRow(`select `+itemColumns+` from item where connection = $1 and axis = $2 and source_id = $3`, connection, axis, id).Scan)
}

// ItemOfCode returns what a connection says of the item of a code: what the source
// lists before what a row has named, the open one before the closed.
func (tx *Tx) ItemOfCode(connection, axis, code string) (hub.ItemWord, error) {
	return scanItem(tx.QueryRow(`select `+itemColumns+` from item where connection = $1 and axis = $2 and code_key = $3
		order by case when source_id like '=%' then 1 else 0 end, closed, at desc, source_id limit 1`, connection, axis, hub.ItemKey(code)).Scan)
}

// ItemWords returns all that is said of the item of a transfer, the newest word first.
func (tx *Tx) ItemWords(company, subject string) ([]hub.ItemWord, error) {
	return tx.items(`where company = $1 and subject = $2 and subject <> '' order by at desc, connection, axis, source_id`, company, subject)
}

// ItemsThere returns all that is said of one item of Procountor's dimension.
func (tx *Tx) ItemsThere(company string, dimension, there int64) ([]hub.ItemWord, error) {
	return tx.items(`where company = $1 and there = $3 and there > 0 and dimension = $2 order by connection, axis, source_id`, company, dimension, there)
}

// FreshItems returns what was written since the register copy was brought up to date.
func (tx *Tx) FreshItems(company string) ([]hub.ItemWord, error) {
	return tx.items(`where company = $1 and not copied order by connection, axis, source_id`, company)
}

// ItemsCopied says that the register copy knows of what was written.
func (tx *Tx) ItemsCopied(list []hub.ItemWord) error {
	for i := range list {
		w := &list[i]
		if _, err := tx.Exec(`update item set copied = true where connection = $1 and axis = $2 and source_id = $3`, w.Connection, w.Item.Axis, w.Item.ID); err != nil {
			return err
		}
	}
	return nil
}

// LinkedItems are the items of a dimension that a connection has linked to what it lists on
// an axis, but for those of one transfer.
func (tx *Tx) LinkedItems(connection, axis string, dimension int64, but string) (ids []int64, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select there from item where connection = $1 and axis = $2 and dimension = $3 and there > 0 and subject <> $4`, connection, axis, dimension, but)
	return ids, err
}

// ItemFilter chooses items for a list; empty fields choose all.
type ItemFilter struct {
	Company, Connection, Axis string
	// Search is a part of the code or the name.
	Search string
	// After is the last one of the page before, Limit how many there are on a page.
	After ItemPlace
	Limit int
}

// An ItemPlace is where a page of items has ended.
type ItemPlace struct{ Axis, Code, Connection, ID string }

// PlaceOf is where a page ends whose last item is w.
func PlaceOf(w *hub.ItemWord) ItemPlace {
	return ItemPlace{Axis: w.Item.Axis, Code: w.Item.Code, Connection: w.Connection, ID: w.Item.ID}
}

// Items lists what sources say, by axis and code.
func (tx *Tx) Items(f ItemFilter) ([]hub.ItemWord, error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(f.Search)) + "%"
	return tx.items(`where company = $1 and ($2 = '' or connection = $2) and ($3 = '' or axis = $3) and ($4 = '%%' or code_key like $4 escape '\' or lower(name) like $4 escape '\')
		and (axis, code_key, connection, source_id) > ($5, $6, $7, $8) order by axis, code_key, connection, source_id limit $9`,
		f.Company, f.Connection, f.Axis, like, f.After.Axis, hub.ItemKey(f.After.Code), f.After.Connection, f.After.ID, f.Limit)
}

func (tx *Tx) items(where string, args ...any) (list []hub.ItemWord, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		w, err := scanItem(scan)
		list = append(list, w)
		return err
	}, `select `+itemColumns+` from item `+where, args...)
	return list, err
}

// ItemLinks returns what a connection knows of the codes that rows name.
func (tx *Tx) ItemLinks(connection string, refs []hub.ItemRef) (hub.ItemLinks, error) {
	links := hub.ItemLinks{}
	for _, ref := range refs {
		w, err := tx.ItemOfCode(connection, ref.Axis, ref.Code)
		if IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		links[hub.RefOf(ref.Axis, ref.Code)] = hub.ItemLink{Item: w.Item, There: w.There, Seen: w.Seen, Listed: !strings.HasPrefix(w.Item.ID, ofRow)}
	}
	return links, nil
}

// WakeItems lets the items and products of a company be compared anew that a person
// is asked about, or that were only noticed; of one connection, if it is named.
func (tx *Tx) WakeItems(company, connection string) error {
	_, err := tx.Exec(`update transfer set state = 'ready', faults = '', code = '', wake_at = 0, changed = $3 where kind in ('dimension_item', 'product') and lease = ''
		and company = $1 and state in ('noticed', 'held', 'skipped')
		and ($2 = '' or exists (select 1 from item i where i.company = transfer.company and i.subject = transfer.subject and i.connection = $2))`,
		company, connection, millis(tx.Now()))
	return err
}

// An ItemsRead is how far the registers of a source have been read.
type ItemsRead struct {
	Axes []string  `json:"axes"`
	At   time.Time `json:"at"`
}

// Since is from when on what has changed is read of some axes: from the beginning, when
// other ones were read before.
func (l ItemsRead) Since(axes []string) time.Time {
	if !slices.Equal(l.Axes, axes) {
		return time.Time{}
	}
	return l.At
}

// ItemsRead returns how far the registers of a connection's source have been read.
func (tx *Tx) ItemsRead(connection string) (l ItemsRead, err error) {
	var text string
	if err := tx.QueryRow(`select listed from source where connection = $1`, connection).Scan(&text); err != nil || text == "" {
		return l, err
	}
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return l, fmt.Errorf("read how far the items of %s are listed: %w", connection, err)
	}
	return l, nil
}

// SetItemsRead says how far they have been read.
func (tx *Tx) SetItemsRead(connection string, l ItemsRead) error {
	text, err := toJSON(l)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update source set listed = $2 where connection = $1`, connection, text)
}
