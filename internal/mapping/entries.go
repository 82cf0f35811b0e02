package mapping

import (
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Left is what entries and the VAT that Procountor computes from each come to:
// zero, but for the rounding.
func Left(entries []hub.Entry) money.Amount {
	left := money.Zero
	for _, e := range entries {
		left = left.Add(e.Amount).Add(vatOf(e))
	}
	return left
}

func vatOf(e hub.Entry) money.Amount { return e.Amount.Percent(e.VATPercent).RoundHalfUp(2) }

// CentPerRate is what a reconciliation row of a document's entries may come to: a
// cent for each rate of VAT, and one where there is none.
func CentPerRate(entries []hub.Entry) money.Amount {
	var rates []string
	for _, e := range entries {
		if rate := e.VATPercent.Trim(0).String(); !e.VATPercent.IsZero() && !slices.Contains(rates, rate) {
			rates = append(rates, rate)
		}
	}
	return money.Cents(int64(max(len(rates), 1)))
}

// joined makes one entry of those with the same account, VAT status, VAT percent,
// deduction and dimensions; what cancels out is left out.
func joined(entries []hub.Entry) (list []hub.Entry) {
	for _, e := range entries {
		i := slices.IndexFunc(list, func(have hub.Entry) bool { return sameSide(have, e) })
		if i < 0 {
			list = append(list, e)
			continue
		}
		list[i].Amount = list[i].Amount.Add(e.Amount)
		if list[i].Text != e.Text {
			list[i].Text = ""
		}
	}
	return slices.DeleteFunc(list, func(e hub.Entry) bool { return e.Amount.IsZero() })
}

// sameSide reports whether two entries stand on the same place of the books.
func sameSide(a, b hub.Entry) bool {
	return a.Account == b.Account && a.VATStatus == b.VATStatus && a.VATPercent.Equal(b.VATPercent) && a.Side == b.Side && a.Deduction == b.Deduction &&
		slices.Equal(a.Dimensions, b.Dimensions)
}

// Reversed are entries with debit and credit exchanged.
func Reversed(entries []hub.Entry) []hub.Entry {
	list := slices.Clone(entries)
	for i := range list {
		list[i].Amount = list[i].Amount.Neg()
	}
	return list
}

const (
	// maxSplits bounds the rows that are made only for the cents of VAT: more of them
	// nobody can read.
	maxSplits = 20
	// splitWithin is up to how many cents the smaller row of a split comes to: within
	// them every percent rounds both ways.
	splitWithin = 400
)

// within makes two entries of one, where that lets the VAT which Procountor
// computes come nearer to the source's, until what is left over is within limit.
func within(entries []hub.Entry, limit money.Amount) []hub.Entry {
	for range maxSplits {
		left := Left(entries)
		if !left.Exact() || left.Abs().Cmp(limit) <= 0 {
			break
		}
		next := split(entries, -left.Sign())
		if next == nil {
			break
		}
		entries = next
	}
	return entries
}

// split parts the one entry whose VAT, computed of both parts, is then a cent more,
// or a cent less; nil when none is.
func split(entries []hub.Entry, sign int) []hub.Entry {
	for i, e := range entries {
		if e.VATPercent.IsZero() {
			continue
		}
		for cents := int64(1); cents <= splitWithin && money.Cents(cents).Cmp(e.Amount.Abs()) < 0; cents++ {
			small, large := e, e
			small.Amount = money.Cents(cents * int64(e.Amount.Sign()))
			large.Amount = e.Amount.Sub(small.Amount)
			if vatOf(small).Add(vatOf(large)).Sub(vatOf(e)).Sign() == sign {
				return slices.Insert(slices.Replace(slices.Clone(entries), i, i+1, large), i+1, small)
			}
		}
	}
	return nil
}
