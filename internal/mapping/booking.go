package mapping

import (
	"cmp"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor"
)

// An EntryPart says what a [Booking] is of a ledger receipt.
type EntryPart string

// The sum of the invoice on the ledger of receivables or payables; one row; and
// the cents that Procountor evens out.
const (
	CounterEntry EntryPart = "counter"
	RowEntry     EntryPart = "row"
	EvenedEntry  EntryPart = "evened"
)

// A Booking is one line of the ledger receipt that an invoice would get, in the
// company's own currency.
type Booking struct {
	Part EntryPart
	// Account is empty where Procountor chooses it.
	Account string
	// VATStatus and Percent are a row's; the others have none.
	VATStatus int
	Percent   money.Amount
	// Amount is without VAT, except the counter entry's; VAT is what Procountor
	// computes of it. Debit is positive.
	Amount, VAT money.Amount
}

// bookings are those of the invoice as it was built, in the shape of REFERENCE 3.2:
// the sum of the invoice, an entry for each row, and what rounding leaves. ok is
// false when the sum cannot be known, for a row is missing or the ways of rounding
// VAT disagree and the source states no sum.
func (b *builder) bookings() (list []Booking, ok bool) {
	if b.lost || b.meant.Gross == "" || len(b.sums) != len(b.posting) {
		return nil, false
	}
	sign := money.FromInt(1)
	if b.sales {
		sign = minusOne
	}
	rate := amountOf(b.inv.PaymentInfo.CurrencyRate)
	own := func(a money.Amount) money.Amount {
		if rate.Equal(one) || rate.IsZero() {
			return a
		}
		return a.QuoHalfUp(rate, 2)
	}
	gross := own(money.Must(b.meant.Gross)).Mul(sign).Neg()
	list = append(list, Booking{Part: CounterEntry, Amount: gross})
	left := gross
	for i := range b.sums {
		line := b.postingLine(i, &b.inv.InvoiceRows[i])
		e := Booking{Part: RowEntry, Account: line.Account, VATStatus: line.VATStatus, Percent: b.sums[i].percent.Trim(0),
			Amount: own(money.Must(line.Net)).Mul(sign)}
		e.VAT = e.Amount.Percent(e.Percent).RoundHalfUp(2)
		left = left.Add(e.Amount).Add(e.VAT)
		list = append(list, e)
	}
	if !left.IsZero() {
		list = append(list, Booking{Part: EvenedEntry, Amount: left.Neg()})
	}
	return list, left.Exact()
}

// BookingsOf are the entries that a document has in a journal.
func BookingsOf(entries []hub.Entry) (list []Booking) {
	for _, e := range entries {
		list = append(list, Booking{Part: RowEntry, Account: e.Account, VATStatus: e.VATStatus, Percent: e.VATPercent.Trim(0), Amount: e.Amount,
			VAT: e.Amount.Percent(e.VATPercent).RoundHalfUp(2)})
	}
	return list
}

func amountOf(d procountor.Decimal) money.Amount {
	a, err := money.Parse(d.String())
	if err != nil {
		return money.Zero
	}
	return a
}

// An EntrySum is what the entries of one account with one VAT handling come to.
type EntrySum struct {
	Part      EntryPart
	Account   string
	Sales     bool
	VATStatus int
	Percent   money.Amount
	// Debit and Credit are without VAT, except a counter entry's. VAT is debit
	// where positive.
	Debit, Credit, VAT money.Amount
	Count              int
}

// Chooser says who chooses the account of the entries, for the words of it:
// "account" when it is known, else the place where Procountor puts them.
func (e *EntrySum) Chooser() string {
	switch {
	case e.Account != "":
		return "account"
	case e.Part == EvenedEntry:
		return "evened"
	case e.Part == RowEntry && e.Sales:
		return "sales-account"
	case e.Part == RowEntry:
		return "purchase-account"
	case e.Sales:
		return "receivables"
	}
	return "payables"
}

// Sums adds up the entries of documents of one company, sales and purchases apart.
type Sums []EntrySum

// Add takes the entries of a document of a kind.
func (s *Sums) Add(kind hub.Kind, list []Booking) {
	sales := !kind.Buys()
	for _, e := range list {
		at := slices.IndexFunc(*s, func(x EntrySum) bool {
			return x.Part == e.Part && x.Account == e.Account && x.Sales == sales && x.VATStatus == e.VATStatus && x.Percent.Equal(e.Percent)
		})
		if at < 0 {
			at = len(*s)
			*s = append(*s, EntrySum{Part: e.Part, Account: e.Account, Sales: sales, VATStatus: e.VATStatus, Percent: e.Percent})
		}
		x := &(*s)[at]
		if x.Count++; e.Amount.Sign() >= 0 {
			x.Debit = x.Debit.Add(e.Amount)
		} else {
			x.Credit = x.Credit.Sub(e.Amount)
		}
		x.VAT = x.VAT.Add(e.VAT)
	}
}

// Sort brings the sums into the order in which people read them: sales before
// purchases; the ledgers, the rows by account and VAT, what is evened out.
func (s Sums) Sort() {
	parts := []EntryPart{CounterEntry, RowEntry, EvenedEntry}
	slices.SortStableFunc(s, func(a, b EntrySum) int {
		side := 0
		if a.Sales != b.Sales {
			if side = 1; a.Sales {
				side = -1
			}
		}
		return cmp.Or(side, cmp.Compare(slices.Index(parts, a.Part), slices.Index(parts, b.Part)), cmp.Compare(a.Account, b.Account),
			cmp.Compare(a.VATStatus, b.VATStatus), -a.Percent.Cmp(b.Percent))
	})
}

// Total is what all sums come to, VAT included: debit and credit are equal when
// every ledger receipt balances.
func (s Sums) Total() (debit, credit money.Amount) {
	for _, x := range s {
		debit, credit = debit.Add(x.Debit), credit.Add(x.Credit)
		if x.VAT.Sign() >= 0 {
			debit = debit.Add(x.VAT)
		} else {
			credit = credit.Sub(x.VAT)
		}
	}
	return debit, credit
}
