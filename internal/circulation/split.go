package circulation

import (
	"github.com/vienti/vienti/internal/money"
)

// A Share is what falls on one item of a dimension: a percentage or a sum, decimal text,
// of the invoice's net.
type Share struct {
	Item    int64  `json:"item"`
	Text    string `json:"text"` // of the item, as people know it
	Percent string `json:"percent,omitempty"`
	Sum     string `json:"sum,omitempty"`
}

// Sums are what each share comes to, to the cent: together they are the total. All are
// percentages, of 100 together, or all are sums; why is the code of what is wrong, and
// rest what is missing then.
func Sums(total money.Amount, shares []Share) (sums []money.Amount, rest money.Amount, why string) {
	percent, sum := money.Zero, money.Zero
	for _, s := range shares {
		if (s.Percent == "") == (s.Sum == "") || (s.Percent == "") != (shares[0].Percent == "") {
			return nil, money.Zero, SplitMixed
		}
	}
	for _, s := range shares {
		if s.Percent == "" {
			a, err := money.Parse(s.Sum)
			if err != nil || a.Decimals() > 2 || a.Sign() == 0 || a.Sign() != total.Sign() {
				return nil, money.Zero, SplitMixed
			}
			sum = sum.Add(a)
			sums = append(sums, a)
			continue
		}
		p, err := money.Parse(s.Percent)
		if err != nil || p.Sign() <= 0 {
			return nil, money.Zero, SplitMixed
		}
		// Of the running percentage, so that what is rounded away in one part is in the next.
		percent = percent.Add(p)
		upTo := total.Percent(percent).RoundHalfUp(2)
		sums = append(sums, upTo.Sub(sum))
		sum = upTo
	}
	if len(shares) == 0 {
		return nil, money.Zero, ""
	}
	if shares[0].Percent != "" {
		if rest = money.Hundred.Sub(percent); !rest.IsZero() {
			return nil, rest, SplitPercent
		}
		return sums, money.Zero, ""
	}
	if rest = total.Sub(sum); !rest.IsZero() {
		return nil, rest, SplitSum
	}
	return sums, money.Zero, ""
}

// Spread divides entries among shares: parts[i][k] is what of entry i falls on share k.
// Each entry's parts come to the entry, and over all entries each share comes to its sum,
// to the cent; entries and sums come to the same total.
func Spread(entries, sums []money.Amount) (parts [][]money.Amount) {
	total, seen := money.Sum(entries...), money.Zero
	given := make([]money.Amount, len(sums)) // of each share, so far
	for _, e := range entries {
		seen = seen.Add(e)
		row := make([]money.Amount, len(sums))
		left := e
		for k := range sums {
			// What the share has by the end of this entry, less what it has.
			row[k] = left
			if k < len(sums)-1 && !total.IsZero() {
				row[k] = sums[k].Mul(seen).QuoHalfUp(total, 2).Sub(given[k])
			}
			given[k], left = given[k].Add(row[k]), left.Sub(row[k])
		}
		parts = append(parts, row)
	}
	return parts
}
