package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// posts reports whether the account map posts the document. A journal has no
// other accounts.
func (b *builder) posts() bool { return b.journal || b.s.Kinds[b.d.Kind].Posting == hub.PostedByMap }

// books reports whether anything is put on the ledger receipt: by the account map, by the
// account that the invoice itself names, or
// dimensions only, beside the accounts that Procountor has chosen.
func (b *builder) books() bool {
	return b.posts() || b.d.ByCard() || b.d.Account != "" || slices.ContainsFunc(b.posting, func(l hub.PostingLine) bool { return len(l.Dimensions) > 0 })
}

// post chooses the account of a row; row holds what is its own. It reports
// whether the row may go: where the map says nothing, or two things, a person
// decides.
func (b *builder) post(path string, row posting.Row) (hub.PostingLine, bool) {
	if !b.posts() && b.d.Account == "" {
		return hub.PostingLine{}, true
	}
	row = b.asked(row)
	var c posting.Choice
	verdict, between := posting.Chosen, []posting.Choice(nil)
	if b.posts() {
		c, verdict, between = posting.Choose(b.s.Accounts, row)
	}
	if b.d.Account != "" {
		// The map may still know the VAT status of such a row.
		if verdict != posting.Chosen {
			c = posting.Choice{}
		}
		c.Account, c.Basis, verdict = b.d.Account, posting.ByInvoice, posting.Chosen
	}
	switch verdict {
	case posting.Unmapped:
		b.fault(hub.AccountUnmapped, path+".account", row.Source, "account", row.Source, "product", row.Product, "percent", row.Percent.Trim(0).String())
		return hub.PostingLine{}, false
	case posting.Ambiguous:
		b.ambiguous(path+".account", row.Source, between)
		return hub.PostingLine{}, false
	}
	line := hub.PostingLine{Account: c.Account, VATStatus: c.VATStatus, Deduction: c.Deduction, Basis: string(c.Basis), Rule: c.Rule}
	if !b.r.HasAccount(c.Account) {
		b.faults = append(b.faults, accountClosed(path+".account", line))
		if !b.unchecked {
			return hub.PostingLine{}, false
		}
	}
	return line, true
}

// ambiguous says between which accounts a person must decide.
func (b *builder) ambiguous(path, source string, between []posting.Choice) {
	var accounts []string
	for _, c := range between {
		accounts = append(accounts, c.Account)
	}
	b.fault(hub.AccountAmbiguous, path, source, "accounts", strings.Join(accounts, ", "))
}

// asked adds to what is a row's own what the map is asked about the document.
func (b *builder) asked(row posting.Row) posting.Row {
	other := b.d.Counterparty()
	row.Kind, row.Invoice, row.Area = b.d.Kind, b.d.References.Account, b.area()
	row.Partner = []string{other.Number, other.BusinessID, other.VATNumber}
	row.Category = strings.ToUpper(strings.TrimSpace(row.Category))
	if row.Category == "" && !row.Percent.IsZero() {
		row.Category = standard
	}
	return row
}

func accountClosed(path string, l hub.PostingLine) hub.Fault {
	return hub.NewFault(hub.AccountClosed, path, l.Account, "account", l.Account, "rule", l.Rule)
}

func statusDisabled(path, value string, status int, category, rule string) hub.Fault {
	return hub.NewFault(hub.VATStatusDisabled, path, value, "status", itoa(status), "category", category, "rule", rule)
}

// Dead are the faults of a posting that was decided on before, by the registers
// as they are now: what has been closed since then is not written.
func Dead(p *hub.Posting, kind hub.Kind, r *register.Copy) (faults []hub.Fault) {
	if p.Counter != "" && !r.HasAccount(p.Counter) {
		faults = append(faults, accountClosed("part.card", hub.PostingLine{Account: p.Counter}))
	}
	for i, l := range p.Lines {
		path := index("lines", i)
		if l.Account != "" && !r.HasAccount(l.Account) {
			faults = append(faults, accountClosed(path+".account", l))
		}
		if l.VATStatus != 0 && !r.HasStatus(kind, l.VATStatus) {
			faults = append(faults, statusDisabled(path+".vat_category", "", l.VATStatus, "", l.Rule))
		}
		for k, d := range l.Dimensions {
			if !r.OpenItem(d.Item) {
				dimension, item, _ := strings.Cut(d.Name, ": ")
				faults = append(faults, hub.NewFault(hub.DimensionClosed, path+"."+index("dimensions", k), d.Name, "dimension", dimension, "item", item))
			}
		}
	}
	return faults
}

// area is where the other party is.
func (b *builder) area() hub.Area {
	switch c := b.partyCountry(b.d.Counterparty()); {
	case c == b.country():
		return hub.Home
	case register.MemberState(c):
		return hub.EU
	}
	return hub.Abroad
}

// postingOf is what the ledger receipt must show.
func (b *builder) postingOf() *hub.Posting {
	p := &hub.Posting{Lines: make([]hub.PostingLine, len(b.posting)), Foreign: b.d.Currency != b.currency()}
	if b.d.ByCard() {
		p.Counter = b.s.CardAccount(b.d.Part.Card)
	}
	for i := range b.posting {
		p.Lines[i] = b.postingLine(i, &b.inv.InvoiceRows[i])
		if !b.posts() {
			p.Lines[i].VATStatus = 0 // as Procountor has it
		}
		p.Parts = p.Parts || b.d.GrossPrices || !b.sums[i].sum.Equal(b.sums[i].sum.RoundHalfUp(2))
	}
	return p
}

// postingLine is the line of a row, with what its entry is known by.
func (b *builder) postingLine(i int, row *procountor.InvoiceRow) hub.PostingLine {
	line, percent := b.posting[i], b.sums[i].percent
	net := b.sums[i].sum.RoundHalfUp(2)
	if b.d.GrossPrices {
		net = net.Sub(net.Mul(percent).QuoHalfUp(money.Hundred.Add(percent), 2))
	}
	line.Net, line.Text, line.VAT = net.Fixed(2), row.Product, percent.Trim(0).String()
	if line.VATStatus == 0 {
		line.VATStatus = b.sums[i].status
	}
	return line
}

// Receipt puts a posting on the ledger receipt that Procountor has made for the
// invoice, and returns the body to send, or nil when the receipt shows it
// already. Everything that the posting says nothing of stays as it was read, and
// so does the sum.
//
// Procountor makes one entry for each row (accountingByRow), but whether in the
// order of the rows is not known: a row is met by its VAT percent and its sum,
// in the order if that fits, else by its text as well. Where that leaves a doubt
// nothing is written. Faults that are warnings go with the body.
func Receipt(read *procountor.LedgerReceipt, p hub.Posting) (body []byte, faults []hub.Fault) {
	r := *read
	r.Transactions, r.Attachments = slices.Clone(read.Transactions), nil
	entries, ok := entriesOf(&r, p)
	if !ok {
		return nil, []hub.Fault{hub.NewFault(hub.ReceiptRows, "", fmt.Sprint(len(p.Lines)), "number", fmt.Sprint(r.InvoiceNumber))}
	}
	changed := false
	if p.Counter != "" {
		i := slices.IndexFunc(r.Transactions, func(t procountor.Transaction) bool { return t.TransactionType == procountor.ReversingEntry })
		if i < 0 {
			return nil, []hub.Fault{hub.NewFault(hub.ReceiptRows, "", "0", "number", fmt.Sprint(r.InvoiceNumber))}
		}
		if e := &r.Transactions[i]; e.Account != p.Counter {
			e.Account, changed = p.Counter, true
		}
	}
	for i, line := range p.Lines {
		e := &r.Transactions[entries[i]]
		if line.Account != "" && e.Account != line.Account {
			e.Account, changed = line.Account, true
		}
		if line.VATStatus != 0 && (e.VATStatus == nil || *e.VATStatus != line.VATStatus) {
			e.VATStatus, changed = &line.VATStatus, true
		}
		if line.Deduction != "" {
			d, err := procountor.ParseDecimal(line.Deduction)
			if err != nil {
				return nil, []hub.Fault{hub.NewFault(hub.FieldInvalid, "", line.Deduction, "field", "deduction", "form", "0 to 100")}
			}
			if d.Cmp(e.VATDeductionPercent) != 0 {
				e.VATDeductionPercent, changed = d, true
			}
		}
		value := absolute(e.AccountingValue)
		if len(line.Dimensions) == 0 || value.IsZero() {
			continue
		}
		var parts []procountor.DimensionItemValue
		for _, d := range line.Dimensions {
			parts = append(parts, procountor.DimensionItemValue{DimensionID: d.Dimension, ItemID: d.Item, Value: mustDecimal(value)})
		}
		if !slices.EqualFunc(parts, e.DimensionItemValues, func(a, b procountor.DimensionItemValue) bool {
			return a.DimensionID == b.DimensionID && a.ItemID == b.ItemID && a.Value.Cmp(b.Value) == 0
		}) {
			e.DimensionItemValues, changed = parts, true
		}
	}
	faults = evened(&r, p.Foreign || p.Parts)
	if !changed || hub.Stops(faults) {
		return nil, faults
	}
	body, err := json.Marshal(&r)
	if err != nil {
		return nil, []hub.Fault{hub.NewFault(hub.OwnFault, "", "", "reason", err.Error())}
	}
	return body, faults
}

// evened says how much Procountor's reconciliation row evens out, where that is
// more than a cent for each rate: a warning while the VAT of each entry rounded by
// itself explains it, half a cent each; beyond that the receipt is not the invoice.
// Where the entries are rounded as well, of parts of a cent or in conversion, it is
// three times as much: half a cent of the entry, the VAT of that, and half a cent
// of VAT; no currency is worth more than three of the books'.
func evened(r *procountor.LedgerReceipt, parts bool) []hub.Fault {
	sum, entries, rates := money.Zero, 0, map[string]bool{}
	for i := range r.Transactions {
		switch t := &r.Transactions[i]; t.TransactionType {
		case procountor.ReconciliationEntry:
			sum = sum.Add(absolute(t.AccountingValue))
		case procountor.Entry:
			entries++
			rates[absolute(t.VATPercent).Trim(0).String()] = true
		}
	}
	if sum.Cmp(money.Cents(int64(len(rates)))) <= 0 {
		return nil
	}
	args := []string{"amount", sum.Fixed(2), "number", fmt.Sprint(r.InvoiceNumber)}
	halves := entries + len(rates)
	if parts {
		halves = 3*halves + 1
	}
	if sum.Add(sum).Cmp(money.Cents(int64(halves))) > 0 {
		return []hub.Fault{hub.NewFault(hub.ReceiptOff, "", sum.Fixed(2), args...)}
	}
	return []hub.Fault{hub.NewFault(hub.ReceiptEvened, "", sum.Fixed(2), args...).Warn()}
}

// entriesOf finds for each line the transaction that is its entry.
func entriesOf(r *procountor.LedgerReceipt, p hub.Posting) (entries []int, ok bool) {
	lines := p.Lines
	var all []int
	for i := range r.Transactions {
		if r.Transactions[i].TransactionType == procountor.Entry {
			all = append(all, i)
		}
	}
	if len(all) != len(lines) {
		return nil, false
	}
	fits := func(line hub.PostingLine, t *procountor.Transaction, text bool) bool {
		percent, err := procountor.ParseDecimal(line.VAT)
		if err != nil || percent.Cmp(t.VATPercent) != 0 || text && !strings.HasPrefix(line.Text, strings.TrimSpace(t.Description)) {
			return false
		}
		net, err := money.Parse(line.Net)
		return err == nil && (p.Foreign || net.Abs().Sub(absolute(t.AccountingValue)).Abs().Cmp(money.Cents(1)) <= 0)
	}
	inOrder := true
	for i, line := range lines {
		inOrder = inOrder && fits(line, &r.Transactions[all[i]], false)
	}
	if inOrder {
		return all, true
	}
	taken := map[int]bool{}
	for _, line := range lines {
		found := -1
		for _, i := range all {
			if taken[i] || !fits(line, &r.Transactions[i], true) {
				continue
			}
			if found >= 0 && !samePlace(lines, line) {
				return nil, false
			}
			if found < 0 {
				found = i
			}
		}
		if found < 0 {
			return nil, false
		}
		taken[found] = true
		entries = append(entries, found)
	}
	return entries, true
}

// samePlace reports whether all lines that look like one stand on the same
// account and items, so that it does not matter which of their entries is whose.
func samePlace(lines []hub.PostingLine, as hub.PostingLine) bool {
	for _, l := range lines {
		if l.Net == as.Net && l.VAT == as.VAT && l.Text == as.Text && (l.Account != as.Account || l.VATStatus != as.VATStatus ||
			l.Deduction != as.Deduction || !slices.Equal(l.Dimensions, as.Dimensions)) {
			return false
		}
	}
	return true
}

// absolute is a value of Procountor's as ours, without its sign.
func absolute(d procountor.Decimal) money.Amount {
	a, err := money.Parse(d.String())
	if err != nil {
		return money.Zero
	}
	return a.Abs()
}
