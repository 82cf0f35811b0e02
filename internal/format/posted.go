package format

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Posted run is what was sent of a payroll run, as it stands in the books: for whoever
// wants to see it outside of them. The vendor's own integration could not show it
// (FEATURES N-4).
type Posted struct {
	Company, BusinessID string
	Reference           string // what people call the run
	Currency            money.Currency
	Journals            []PostedJournal
}

// A PostedJournal is one journal of it.
type PostedJournal struct {
	Number   string // ours
	Receipt  int64  // Procountor's, 0 as long as there is none
	Date     civil.Date
	Period   hub.Month
	Corrects string // the number of the journal that it sets right, "" of a first one
	Rows     []PostedRow
}

// A PostedRow is one row, with an account and items of Procountor.
type PostedRow struct {
	Account    string
	Amount     money.Amount // debit above zero, credit below
	Text       string
	Dimensions []PostedItem
}

// A PostedItem is an item of a dimension. Axis is what the source calls the dimension, ""
// where no setting says.
type PostedItem struct{ Axis, Dimension, Item string }

// PostedJournalOf is a journal that Vienti has made, as it was sent. axes are the
// connection's [hub.Settings.Dimensions].
func PostedJournalOf(d *hub.Document, receipt int64, period hub.Month, axes map[string]string) PostedJournal {
	j := PostedJournal{Number: d.Number, Receipt: receipt, Date: d.Date, Period: period}
	if d.Covers != nil && d.Covers.Corrects != nil {
		j.Corrects = d.Covers.Corrects.Number
	}
	called := map[string]string{}
	for axis, name := range axes {
		if old, ok := called[name]; !ok || axis < old {
			called[name] = axis
		}
	}
	for i := range d.Entries {
		e := &d.Entries[i]
		row := PostedRow{Account: e.Account, Amount: e.Amount, Text: e.Text}
		for _, p := range e.Dimensions {
			dimension, item, _ := strings.Cut(p.Name, ": ")
			row.Dimensions = append(row.Dimensions, PostedItem{called[dimension], dimension, item})
		}
		j.Rows = append(j.Rows, row)
	}
	return j
}

// Sums are what the rows come to in debit and in credit, both above zero.
func (j *PostedJournal) Sums() (debit, credit money.Amount) {
	debit, credit = money.Zero, money.Zero
	for i := range j.Rows {
		if a := j.Rows[i].Amount; a.Sign() > 0 {
			debit = debit.Add(a)
		} else {
			credit = credit.Sub(a)
		}
	}
	return debit, credit
}

// JSON writes the run as programs read it: amounts with two decimals, as text.
func (p *Posted) JSON() ([]byte, error) {
	type item struct {
		Dimension string `json:"dimension"`
		Item      string `json:"item"`
	}
	type row struct {
		Account    string `json:"account"`
		Debit      string `json:"debit,omitempty"`
		Credit     string `json:"credit,omitempty"`
		Text       string `json:"text,omitempty"`
		Dimensions []item `json:"dimensions,omitempty"`
	}
	type journal struct {
		Number   string     `json:"number"`
		Receipt  int64      `json:"receipt,omitempty"`
		Date     civil.Date `json:"date"`
		Period   hub.Month  `json:"period"`
		Corrects string     `json:"corrects,omitempty"`
		Debit    string     `json:"debit"`
		Credit   string     `json:"credit"`
		Rows     []row      `json:"rows"`
	}
	out := struct {
		Company    string         `json:"company"`
		BusinessID string         `json:"business_id"`
		Run        string         `json:"run"`
		Currency   money.Currency `json:"currency"`
		Journals   []journal      `json:"journals"`
	}{p.Company, p.BusinessID, p.Reference, p.Currency, []journal{}}
	for i := range p.Journals {
		from := &p.Journals[i]
		debit, credit := from.Sums()
		j := journal{from.Number, from.Receipt, from.Date, from.Period, from.Corrects, debit.Fixed(2), credit.Fixed(2), []row{}}
		for _, r := range from.Rows {
			to := row{Account: r.Account, Text: r.Text}
			if r.Amount.Sign() < 0 {
				to.Credit = r.Amount.Neg().Fixed(2)
			} else {
				to.Debit = r.Amount.Fixed(2)
			}
			for _, d := range r.Dimensions {
				to.Dimensions = append(to.Dimensions, item{cmp.Or(d.Dimension, d.Axis), d.Item})
			}
			j.Rows = append(j.Rows, to)
		}
		out.Journals = append(out.Journals, j)
	}
	b, err := json.MarshalIndent(out, "", "  ")
	return append(b, '\n'), err
}
