package mapping

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// A Part is what one document becomes in a journal.
type Part struct {
	Document *hub.Document
	// Day is the one on which a payroll journal goes; zero for what goes on its own.
	Day civil.Date
	// Entries balance but for the VAT, which Procountor computes. Slack is by how much
	// its rounding may differ from the source's; Limit what of that may stand in a
	// reconciliation row: a cent per rate.
	Entries      []hub.Entry
	Slack, Limit money.Amount
	// Alone says that the document needs a journal of its own: sales to other member
	// states are reported per VAT number of the buyer, and a source that rounds VAT
	// row by row is met to the cent with its own rows only.
	Alone         bool
	ToMemberState bool
	// Post is the invoice that the document would be at document level, as far as it
	// shows in what Procountor holds already.
	Post Step
	// Net, VAT and Gross are what the document comes to, decimal text.
	Net, VAT, Gross string
	Files           []hub.Attachment
}

// Journaled returns what a document becomes at journal level, with warnings at
// most, or nil and the faults. It needs no partner: who owes whom stays in the
// source's ledgers.
func Journaled(in Input) (*Part, []hub.Fault) {
	if in.Document.Kind == hub.PayrollJournal {
		return payroll(in)
	}
	b := newBuilder(in)
	b.journal = true
	b.checkWhose()
	b.checkDays()
	b.putNumber()
	b.putParty()
	b.putRows()
	b.putSums()
	b.checkReason()
	b.putFiles()
	foreign := b.d.Currency != b.currency()
	if foreign && (b.d.Rate == nil || b.d.Rate.Sign() <= 0) {
		b.fault(hub.JournalCurrency, "currency", string(b.d.Currency), "meant", string(b.currency()))
	}
	counter := b.s.Journal.Counter(b.d.Kind)
	switch {
	case counter == "":
		setting := "journal.receivables"
		if !b.sales {
			setting = "journal.payables"
		}
		b.fault(hub.JournalAccount, "", "", "setting", setting)
	case !b.r.HasAccount(counter):
		b.fault(hub.AccountClosed, "", counter, "account", counter)
	}
	status, ok := b.s.VATStatus(b.d.Kind, outsideScope, "")
	switch {
	case !ok:
		b.fault(hub.VATStatusUnmapped, "", outsideScope, "category", outsideScope, "percent", "0")
	case !b.r.HasStatus(b.d.Kind, status):
		b.fault(hub.VATStatusDisabled, "", outsideScope, "status", itoa(status), "category", outsideScope)
	}
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	p := &Part{Document: b.d, Files: b.files, Net: b.meant.Net, VAT: b.meant.VAT, Gross: b.meant.Gross, Alone: b.toMemberState(), ToMemberState: b.toMemberState(),
		Slack: halfCent.Mul(money.FromInt(int64(2*len(b.sums) + 2)))}
	inv, meant := b.inv, b.meant
	p.Post = Step{Kind: hub.PostInvoice, Invoice: &inv, Detail: hub.StepDetail{Meant: &meant}}
	own := func(a money.Amount) money.Amount {
		if foreign {
			return a.QuoHalfUp(*b.d.Rate, 2)
		}
		return a
	}
	gross, net := money.Zero, money.Zero
	var rows []hub.Entry
	for i, line := range b.postingOf().Lines {
		// The sum of the rows is converted, not each by itself: so no cent is lost.
		before := own(net)
		net = net.Add(money.Must(line.Net))
		e := hub.Entry{Account: line.Account, Amount: own(net).Sub(before), VATPercent: b.sums[i].percent.Trim(0), VATStatus: line.VATStatus, Side: b.d.Kind,
			Deduction: line.Deduction, Text: line.Text, Dimensions: line.Dimensions}
		gross = gross.Add(e.Amount).Add(e.Amount.Percent(e.VATPercent).RoundHalfUp(2))
		if b.sales {
			e.Amount = e.Amount.Neg()
		}
		if !e.Amount.IsZero() {
			rows = append(rows, e)
		}
	}
	if b.meant.Gross != "" {
		gross = own(money.Must(b.meant.Gross))
	}
	owed := hub.Entry{Account: counter, Amount: gross, VATStatus: status, Side: b.d.Kind, Text: strings.TrimSpace(b.d.Number + " " + b.d.Counterparty().Name)}
	if !b.sales {
		owed.Amount = gross.Neg()
	}
	entries := append([]hub.Entry{owed}, rows...)
	p.Entries, p.Limit = joined(entries), CentPerRate(entries)
	if left := Left(p.Entries); left.Exact() && left.Abs().Cmp(p.Limit) > 0 {
		p.Alone = true
		if rows := Left(entries); rows.Abs().Cmp(left.Abs()) < 0 {
			p.Entries, left = entries, rows
		}
		if left.Abs().Cmp(p.Slack) <= 0 {
			p.Entries = within(p.Entries, p.Limit)
		}
	}
	if left := Left(p.Entries); left.Abs().Cmp(p.Limit) > 0 || !left.Exact() {
		b.fault(hub.JournalBalance, "lines", left.String(), "difference", left.String(), "limit", p.Limit.String())
		return nil, b.faults
	}
	return p, b.faults
}

// owedOn is the account of the other side of a journal.
func owedOn(parts []*Part) string { return parts[0].Entries[0].Account }

// toMemberState reports whether the document is a sale to another member state
// without VAT.
func (b *builder) toMemberState() bool {
	return b.sales && slices.ContainsFunc(b.d.Lines, func(l hub.Line) bool {
		category := strings.ToUpper(strings.TrimSpace(l.VATCategory))
		return category == community || category == reverse && b.abroadInEU()
	})
}

// putNumber is what of the header a journal needs.
func (b *builder) putNumber() {
	if strings.TrimSpace(b.d.Number) == "" {
		b.fault(hub.NumberMissing, "number", "")
	}
	b.inv.Date = register.Date(b.d.Date)
	b.inv.OriginalInvoiceNumber = b.exactText("number", b.d.Number, maxOriginalNumber)
	b.checkDiscount()
}

// putParty is what of the other party a journal needs.
func (b *builder) putParty() {
	p, cp := b.d.Counterparty(), &b.inv.CounterParty
	b.needName(p)
	cp.CounterPartyAddress.Name = b.text(b.other+".name", p.Name, maxName)
	cp.Identifier, cp.TaxCode = b.identifier(b.other, p), b.vatNumber(b.other, p)
}

// maxEntryText is what Procountor keeps of an entry's description.
const maxEntryText = 255

// Compose makes the content of a journal from what its documents have become.
// Entries of the same account, VAT status, VAT percent, deduction and dimensions
// are summed; VAT is computed from sums, so it may differ by the rounding of each
// document, which Procountor evens out in a row of its own.
func Compose(head hub.Document, language string, parts []*Part) (*hub.Document, []hub.Fault) {
	d := head
	d.Entries, d.Attachments = nil, nil
	slack, limit := money.Zero, money.Zero
	var all []hub.Entry
	for _, p := range parts {
		all = append(all, p.Entries...)
		slack, limit = slack.Add(p.Slack), limit.Add(p.Limit)
	}
	if len(parts) > 1 {
		d.Entries = joined(all)
	}
	if len(d.Entries) == 0 { // one document; or an invoice and its credit note: both are told
		d.Entries = all
	}
	slack = slack.Add(halfCent.Mul(money.FromInt(int64(len(d.Entries)))))
	if Left(d.Entries).Abs().Cmp(slack) <= 0 {
		d.Entries = within(d.Entries, limit)
	}
	var faults []hub.Fault
	switch left := Left(d.Entries); {
	case left.Abs().Cmp(limit) > 0 || !left.Exact():
		faults = append(faults, hub.NewFault(hub.JournalBalance, "", left.String(), "difference", left.String(), "limit", limit.String()))
	case !left.IsZero():
		faults = append(faults, hub.NewFault(hub.JournalRounding, "", left.Neg().Fixed(2), "difference", left.Neg().Fixed(2)).Warn())
	}
	w := wordsFor(language)
	if d.Covers.Kind == hub.PayrollJournal {
		one := parts[0]
		d.Date, d.Text, d.Attachments = one.Day, payrollText(w, language, one), one.Document.Attachments
		return &d, faults
	}
	gross, owed := money.Zero, owedOn(parts)
	for _, e := range d.Entries {
		if e.Account == owed {
			gross = gross.Add(e.Amount)
		}
	}
	d.Totals = hub.Totals{Gross: &gross}
	if len(parts) == 1 && d.Covers.Per == hub.PerDocument {
		one := parts[0]
		d.Text = replaceForbidden(tidy(strings.TrimSpace(one.Document.Counterparty().Name + " " + one.Document.Number)))
		d.Buyer = hub.Party{Name: one.Document.Counterparty().Name, BusinessID: one.Document.Counterparty().BusinessID, VATNumber: one.Document.Counterparty().VATNumber}
		d.Attachments = one.Document.Attachments
		return &d, faults
	}
	what := w.salesJournal
	if d.Covers.Kind == hub.PurchaseInvoice {
		what = w.purchaseJournal
	}
	d.Text = what + " " + d.Number
	list := documentList(w.listHead, parts)
	d.Attachments = []hub.Attachment{{Name: w.documentList + "-" + strings.ReplaceAll(d.Number, "/", "-") + ".csv", MIME: "text/csv", Size: int64(len(list)), Hash: hub.HashOf(list), Content: list}}
	return &d, faults
}

// documentList tells which documents a sum is of: the audit trail asks for it
// (ACCOUNTING 9).
func documentList(head []string, parts []*Part) []byte {
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // spreadsheets take the rest for Windows-1252 without it
	w := csv.NewWriter(&buf)
	w.Comma = ';'
	rows := [][]string{head}
	for _, p := range parts {
		d := p.Document
		rows = append(rows, []string{d.Number, d.Date.String(), d.Counterparty().Name, d.Counterparty().BusinessID, p.Net, p.VAT, p.Gross, string(d.Currency), d.SourceID})
	}
	for _, row := range rows {
		for i, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+@") { // no formula for whoever opens it
				row[i] = "'" + cell
			}
		}
		_ = w.Write(row) // a buffer takes everything
	}
	w.Flush()
	return buf.Bytes()
}

// MakeJournal returns the plan of a journal, with warnings at most, or the faults:
// post · attachments · approve.
func MakeJournal(in Input) (*Plan, []hub.Fault) {
	b := newBuilder(in)
	d := in.Document
	if ok, why := b.r.Open(d.Date); !ok {
		why.Path = "date"
		b.faults = append(b.faults, why)
	}
	b.putFiles()
	body, left := journalBody(b, d)
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	raw, err := JournalBody(body, "")
	if err != nil {
		b.fault(hub.OwnFault, "", "", "reason", err.Error())
		return nil, b.faults
	}
	post := Step{Kind: hub.PostJournal, Body: raw}
	if !left.IsZero() {
		post.Detail.Reconcile = left.Neg().Fixed(2)
	}
	plan := &Plan{Steps: []Step{post}}
	for _, a := range b.files {
		a.ForCustomer = false
		plan.Steps = append(plan.Steps, Step{Kind: hub.Attach, Detail: hub.StepDetail{Attachment: &a}})
	}
	kind := hub.SalesInvoice
	if d.Covers != nil {
		kind = d.Covers.Kind
	}
	if to := b.s.Kinds[kind].Arrival; to == hub.ArriveApproved || to == hub.ArriveSent {
		plan.Steps = append(plan.Steps, Step{Kind: hub.Approve, Comment: approvalComment})
	}
	return plan, b.faults
}

// sides are Procountor's words for whose VAT it is.
var sides = map[hub.Kind]procountor.VATType{hub.SalesInvoice: procountor.VATSales, hub.PurchaseInvoice: procountor.VATPurchase}

// journalBody turns the entries of a journal into a ledger receipt, and returns
// what they leave over.
func journalBody(b *builder, d *hub.Document) (*procountor.LedgerReceipt, money.Amount) {
	if len(d.Entries) == 0 {
		b.fault(hub.RowsMissing, "entries", "")
		return nil, money.Zero
	}
	fit := func(s string, limit int) string { return cut(replaceForbidden(tidy(s)), limit) }
	first := d.Entries[0]
	r := &procountor.LedgerReceipt{
		Type: procountor.ReceiptJournal, Name: fit(firstOf(d.Text, d.Number), maxName), ReceiptDate: register.Date(d.Date),
		VATType: sides[first.Side], VATStatus: first.VATStatus, TransactionDescription: fit(firstOf(d.Text, d.Number), maxEntryText),
		PartnerCode: fit(firstOf(d.Buyer.VATNumber, d.Buyer.BusinessID), maxName),
	}
	for i, e := range d.Entries {
		path := index("entries", i)
		if !b.r.HasAccount(e.Account) {
			b.fault(hub.AccountClosed, path, e.Account, "account", e.Account)
		}
		status := e.VATStatus
		t := procountor.Transaction{
			TransactionType: procountor.Entry, Account: e.Account, AccountingValue: b.decimal(path, e.Amount), VATPercent: b.decimal(path, e.VATPercent),
			VATType: sides[e.Side], VATStatus: &status, Description: fit(e.Text, maxEntryText), VATDeductionPercent: b.decimal(path, deduction(e)),
		}
		for _, p := range e.Dimensions {
			t.DimensionItemValues = append(t.DimensionItemValues, procountor.DimensionItemValue{DimensionID: p.Dimension, ItemID: p.Item, Value: mustDecimal(e.Amount.Abs())})
		}
		r.Transactions = append(r.Transactions, t)
	}
	return r, Left(d.Entries)
}

// deduction is how many percent of the VAT of an entry are deducted.
func deduction(e hub.Entry) money.Amount {
	if a, err := money.Parse(e.Deduction); err == nil && e.Deduction != "" {
		return a
	}
	return money.Hundred
}

// JournalBody is the exact request of a journal, with the mark as the last line
// of its internal notes, or without one when mark is empty.
func JournalBody(r *procountor.LedgerReceipt, mark string) ([]byte, error) {
	if c, bad := forbidden(mark); bad {
		return nil, fmt.Errorf("mark %q: character %q is outside Windows-1252", mark, c)
	}
	out := *r
	if mark != "" {
		out.InvoiceNotes = hub.WithMark(out.InvoiceNotes, mark)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&out); err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
