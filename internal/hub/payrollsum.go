package hub

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/money"
)

// A RowSum is what the rows of one account and the same dimensions come to: before, and
// now.
type RowSum struct {
	Account, AccountName string
	Dimensions           []Dimension
	Was, Now             money.Amount
}

// Difference is what has come to it since.
func (s *RowSum) Difference() money.Amount { return s.Now.Sub(s.Was) }

// SumRows adds rows up by account and dimensions, sorted by these; what comes to nothing
// now and did before is left out.
func SumRows(was, now []JournalRow) (sums []RowSum) {
	at := map[string]int{}
	add := func(rows []JournalRow, to func(*RowSum) *money.Amount) {
		for i := range rows {
			r := &rows[i]
			key := r.Account
			dims := slices.SortedFunc(slices.Values(r.Dimensions), func(a, b Dimension) int {
				return cmp.Or(cmp.Compare(a.Axis, b.Axis), cmp.Compare(a.Code, b.Code))
			})
			for _, d := range dims {
				key += "\x00" + d.Axis + "\x00" + d.Code
			}
			n, ok := at[key]
			if !ok {
				n = len(sums)
				at[key] = n
				sums = append(sums, RowSum{Account: r.Account, Dimensions: dims, Was: money.Zero, Now: money.Zero})
			}
			sums[n].AccountName = cmp.Or(sums[n].AccountName, r.AccountName)
			a := to(&sums[n])
			*a = a.Add(r.Amount)
		}
	}
	add(was, func(s *RowSum) *money.Amount { return &s.Was })
	add(now, func(s *RowSum) *money.Amount { return &s.Now })
	sums = slices.DeleteFunc(sums, func(s RowSum) bool { return s.Was.IsZero() && s.Now.IsZero() })
	slices.SortStableFunc(sums, func(a, b RowSum) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.codes(), b.codes()))
	})
	return sums
}

func (s *RowSum) codes() string {
	var b strings.Builder
	for _, d := range s.Dimensions {
		b.WriteString(d.Axis + "\x00" + d.Code + "\x00")
	}
	return b.String()
}

// PeriodOf is the period of a journal of a run, which its source id ends with; or that of
// its day.
func PeriodOf(run, sourceID, day string) Month {
	rest, _ := strings.CutPrefix(sourceID, run+"/")
	if m, err := ParseMonth(rest[:min(len(rest), len("2006-01"))]); err == nil {
		return m
	}
	m, _ := ParseMonth(day[:min(len(day), len("2006-01"))])
	return m
}
