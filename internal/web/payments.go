package web

import (
	"slices"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
)

// kindOf says what a transfer moves: what a document is, a payment of one, or an
// offset.
func kindOf(say locale.Speaker, t hub.Transfer) string {
	switch t.Kind {
	case hub.OffsetTransfer:
		return say.T("offset.word") + ": " + kindWord(say, t.DocKind, true)
	case hub.CardTransfer:
		return say.T("card.word")
	case hub.ApprovalTransfer:
		return say.T("round.word") + ": " + kindWord(say, t.DocKind, t.CreditNote)
	case hub.ReportTransfer:
		return say.T("report.word") + ": " + kindWord(say, t.DocKind, t.CreditNote)
	case hub.ItemTransfer:
		return say.T("item.word")
	case hub.ProductTransfer:
		return say.T("item.product")
	case hub.DocumentTransfer, hub.PartnerTransfer:
		return KindWord(say, &t, kindWord(say, t.DocKind, t.CreditNote))
	}
	if t.DocKind == "" {
		return say.T("payment.word")
	}
	return say.T("payment.word") + ": " + kindWord(say, t.DocKind, t.CreditNote)
}

// offsetText says what is offset against what.
func offsetText(say locale.Speaker, p hub.OffsetPair) string {
	if p.Invoice == 0 {
		return say.T("offset.of-unknown", "note", p.NoteNumber, "credited", p.Credited)
	}
	return say.T("offset.of", "note", p.NoteNumber, "invoice", p.InvoiceNumber)
}

// sideText says which side of an offset a step marks.
func sideText(v documentView, s hub.Step) string {
	pair := v.Offsets[0].Pair
	if s.Detail.Side == hub.NoteSide {
		return v.say.T("offset.note", "number", pair.NoteNumber)
	}
	return v.say.T("offset.invoice", "number", pair.InvoiceNumber)
}

// paidSum is what is still open, in the invoice's currency.
func paidSum(say locale.Speaker, p hub.PaidWatch) string {
	a, err := money.Parse(p.Open)
	if err != nil {
		return p.Open
	}
	return say.Amount(a, money.Currency(p.Currency))
}

func explainAll(p page, faults []hub.Fault) (list []remedy.Explanation) {
	for _, f := range faults {
		list = append(list, remedy.For(p.say, f))
	}
	return list
}

// mayRetry reports whether the reader may try a payment of the document again.
func (v documentView) mayRetry(t hub.Transfer) bool {
	return v.can(people.Mend) && slices.Contains(engine.AllowedIn(v.Place.Company, &t), engine.Retry)
}
