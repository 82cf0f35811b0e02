package web

import (
	"slices"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
)

// kindOf says what a transfer moves: what a document is, or a payment of one.
func kindOf(say locale.Speaker, t hub.Transfer) string {
	if t.Kind != hub.PaymentTransfer {
		return kindWord(say, t.DocKind, t.CreditNote)
	}
	if t.DocKind == "" {
		return say.T("payment.word")
	}
	return say.T("payment.word") + ": " + kindWord(say, t.DocKind, t.CreditNote)
}

func explainAll(p page, faults []hub.Fault) (list []remedy.Explanation) {
	for _, f := range faults {
		list = append(list, remedy.For(p.say, f))
	}
	return list
}

// mayRetry reports whether the reader may try a payment of the document again.
func (v documentView) mayRetry(t hub.Transfer) bool {
	return v.Person.Can(people.Mend) && slices.Contains(engine.Allowed(&t), engine.Retry)
}
