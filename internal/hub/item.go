package hub

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/money"
)

// Axes of follow-up that systems for projects have; a source may have others.
const (
	AxisUnit       = "unit"
	AxisProject    = "project"
	AxisCostCentre = "cost_centre"
)

// Axes are those that every page offers.
var Axes = []string{AxisUnit, AxisProject, AxisCostCentre}

// ProductAxis is where a source lists its products and work types beside the items of its
// axes; no row stands on it.
const ProductAxis = "product"

// An Item is what a source lists on an axis: a project, a cost centre; or a product.
type Item struct {
	Axis string `json:"axis"`
	// ID is the source's own, and stays whatever the item is called.
	ID string `json:"id"`
	// Code is what rows name it by.
	Code   string `json:"code"`
	Name   string `json:"name,omitempty"`
	Closed bool   `json:"closed,omitempty"`

	// Of a product only. The price is one without VAT.
	Unit       string        `json:"unit,omitempty"`
	Price      *money.Amount `json:"price,omitempty"`
	VATPercent *money.Amount `json:"vat_percent,omitempty"`
}

// Text is what an item of Procountor's dimension is called: code and name in one.
func (i Item) Text() string {
	code, name := strings.Join(strings.Fields(i.Code), " "), strings.Join(strings.Fields(i.Name), " ")
	if code == "" || SameItemText(code, name) || len(name) > len(code) && SameItemText(name[:len(code)], code) && name[len(code)] == ' ' {
		return cmp.Or(name, code)
	}
	return strings.TrimSpace(code + " " + name)
}

// Named reports whether more is known of the item than a code: a code alone may be a
// slip of the pen, and nothing is made of it.
func (i Item) Named() bool { return strings.TrimSpace(i.Name) != "" }

// SameItemText reports whether two texts differ in capitals and spaces only.
func SameItemText(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// ItemKey is a code, or a text, as far as it tells items apart.
func ItemKey(code string) string { return strings.ToLower(strings.Join(strings.Fields(code), " ")) }

// An ItemMaking says which items of an axis are made in Procountor.
type ItemMaking string

// None; those that a row needs and that are not there; or all that the source lists.
const (
	MakeOff    ItemMaking = "off"
	MakeNeeded ItemMaking = "needed"
	MakeAll    ItemMaking = "all"
)

// ItemMakings are all of them.
var ItemMakings = []ItemMaking{MakeOff, MakeNeeded, MakeAll}

// AxisSettings say what becomes of an axis that the settings map to a dimension.
type AxisSettings struct {
	// Make says which of its items are made, renamed and closed; empty means needed.
	Make ItemMaking `json:"make,omitempty"`
}

// Making says which items of an axis are made: none of one that no dimension is named for.
func (s *Settings) Making(axis string) ItemMaking {
	if axis == ProductAxis {
		if s.MakeProducts {
			return MakeNeeded
		}
		return MakeOff
	}
	if s.Dimensions[axis] == "" {
		return MakeOff
	}
	return cmp.Or(s.Axes[axis].Make, MakeNeeded)
}

// DimensionOf is the dimension that rows of a kind of document get for an axis, "" for none.
func (s *Settings) DimensionOf(kind Kind, axis string) string {
	if slices.Contains(s.Kinds[kind].LeavesOut, axis) {
		return ""
	}
	return s.Dimensions[axis]
}

// Listed are the axes whose items are read from the source, in a fixed order.
func (s *Settings) Listed() (axes []string) {
	for axis := range s.Dimensions {
		if s.Making(axis) != MakeOff {
			axes = append(axes, axis)
		}
	}
	if s.MakeProducts {
		axes = append(axes, ProductAxis)
	}
	slices.Sort(axes)
	return axes
}

// An ItemStand is how an item stands in Procountor, or should.
type ItemStand struct {
	Text   string `json:"text"`
	Closed bool   `json:"closed,omitempty"`
}

// An ItemThere is an item of a dimension as Procountor shows it.
type ItemThere struct {
	ID int64
	ItemStand
}

// An ItemWord is what one connection says of an item, and how far the two have come.
type ItemWord struct {
	Company, Connection string
	Item                Item
	At                  time.Time // when the source has said it
	// Dimension is Procountor's, 0 for products and while none is mapped; Subject that
	// of the transfer, "" while there is none.
	Dimension int64
	Subject   string
	// Needed: a row waits for it.
	Needed bool
	// There is Procountor's id, 0 while there is none.
	There int64
	// Said is what the source said when the two last came to rest, and Stands what
	// stood in Procountor then.
	Said, Stands ItemStand
	// Seen is what was seen there last.
	Seen ItemStand
	// Wanted is what a person wants carried, Asked what they are asked about.
	Wanted, Asked *ItemChange
	// Copied: our register copy knows of what was written.
	Copied bool
}

// Says is the word as an item of Procountor's would stand.
func (w *ItemWord) Says() ItemStand { return ItemStand{w.Item.Text(), w.Item.Closed} }

// An ItemChange is what is to become of an item.
type ItemChange struct {
	From ItemStand `json:"from"`
	To   ItemStand `json:"to"`
	// Why says why it is not carried by itself.
	Why ItemWhy `json:"why,omitempty"`
}

// An ItemWhy says why a change is asked about.
type ItemWhy string

// Somebody has called the item something else in Procountor since; or it is not there any more.
const (
	ItemEdited ItemWhy = "edited"
	ItemGone   ItemWhy = "gone"
)

// CompareItem says what a word wants of the item that it is linked to. there is nil
// when Procountor does not have it any more. Only what the source itself has changed is
// carried, and a name only over the one that was known: a person's own stays.
func CompareItem(w *ItemWord, there *ItemThere) *ItemChange {
	says := w.Says()
	if there == nil {
		return &ItemChange{From: w.Stands, To: says, Why: ItemGone}
	}
	to := there.ItemStand
	if says.Closed != w.Said.Closed {
		to.Closed = says.Closed
	}
	change := ItemChange{From: there.ItemStand}
	if !SameItemText(says.Text, w.Said.Text) && !SameItemText(says.Text, there.Text) {
		to.Text = says.Text
		if !SameItemText(there.Text, w.Stands.Text) {
			change.Why = ItemEdited
		}
		if change.Why != "" && to.Closed != there.Closed {
			// That it is closed is no matter of its name: one after the other.
			to.Text, change.Why = there.Text, ""
		}
	}
	if to == there.ItemStand {
		return nil
	}
	change.To = to
	return &change
}

// An ItemWrite is what is written of an item: the step's body is the whole of it.
type ItemWrite struct {
	Dimension int64 `json:"dimension,omitempty"`
	Item      int64 `json:"item,omitempty"` // 0 of one that is made
	// Connection, Axis and Source are whose word it is.
	Connection string     `json:"connection"`
	Axis       string     `json:"axis"`
	Source     string     `json:"source"`
	Code       string     `json:"code,omitempty"`
	Change     ItemChange `json:"change"`
	// Said is the word that is carried, as the source said it.
	Said ItemStand `json:"said"`
}

// An ItemLink is what a connection knows of a code that rows name.
type ItemLink struct {
	Item  Item
	There int64
	// Seen is how the item stood in Procountor last.
	Seen ItemStand
	// Listed: the source itself shows it, not only a row.
	Listed bool
}

// An ItemRef is an axis and the code on it.
type ItemRef struct{ Axis, Code string }

// RefOf is the reference of a row's code.
func RefOf(axis, code string) ItemRef { return ItemRef{axis, ItemKey(code)} }

// ItemLinks are what a connection knows of the codes of a document.
type ItemLinks map[ItemRef]ItemLink
