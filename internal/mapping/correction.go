package mapping

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Booked is what a document has in the books, by the journal it stands in and the
// corrections since: the entries of each, one after the other. Nothing is left of
// what was reversed.
func Booked(parts ...[]hub.Entry) []hub.Entry {
	if len(parts) == 1 {
		return parts[0]
	}
	var all []hub.Entry
	for _, p := range parts {
		all = append(all, p...)
	}
	return joined(all)
}

// Difference is what must be booked so that entries become others.
func Difference(booked, now []hub.Entry) []hub.Entry {
	return joined(append(Reversed(booked), now...))
}

// Correct makes the content of a journal that sets right the part of a document in
// an earlier one: entries are what is booked now, what it is called comes from
// head's Corrects. Party is the other party of the document, as it was booked.
func Correct(head hub.Document, language string, doc *hub.Document, entries []hub.Entry) (*hub.Document, []hub.Fault) {
	d := head
	party := doc.Counterparty()
	limit := CentPerRate(entries)
	d.Entries = entries
	if left := Left(entries); left.Abs().Cmp(halfCent.Mul(money.FromInt(int64(2*len(entries)+2)))) <= 0 {
		d.Entries = within(entries, limit)
	}
	var faults []hub.Fault
	switch left := Left(d.Entries); {
	case left.Abs().Cmp(limit) > 0 || !left.Exact():
		faults = append(faults, hub.NewFault(hub.JournalBalance, "", left.String(), "difference", left.String(), "limit", limit.String()))
	case !left.IsZero():
		faults = append(faults, hub.NewFault(hub.JournalRounding, "", left.Neg().Fixed(2), "difference", left.Neg().Fixed(2)).Warn())
	}
	w := wordsFor(language)
	what := map[hub.Correction]string{hub.ByDifference: w.difference, hub.ByReversal: w.reversal, hub.ByAnew: w.anew}[head.Covers.Corrects.How]
	d.Text = replaceForbidden(tidy(fmt.Sprintf("%s %s, %s", what, strings.TrimSpace(doc.Number+" "+party.Name), corrected(w, head.Covers.Corrects))))
	if head.Covers.Kind == hub.PayrollJournal {
		return &d, faults // no party, and no sum that anybody looks for
	}
	d.Buyer = hub.Party{Name: party.Name, BusinessID: party.BusinessID, VATNumber: party.VATNumber}
	gross := money.Zero
	for _, e := range d.Entries {
		if e.VATPercent.IsZero() && e.Account == owed(d.Entries) {
			gross = gross.Add(e.Amount)
		}
	}
	d.Totals = hub.Totals{Gross: &gross}
	return &d, faults
}

// corrected names the journal that is set right.
func corrected(w words, c *hub.Corrects) string {
	if c.Receipt == 0 {
		return w.toJournal + " " + c.Number
	}
	return fmt.Sprintf("%s %s (Procountor %d)", w.toJournal, c.Number, c.Receipt)
}

// owed is the account of the first entry: that of receivables or payables, where
// the sum has changed.
func owed(entries []hub.Entry) string {
	if len(entries) == 0 {
		return ""
	}
	return entries[0].Account
}
