package mapping

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/posting"
)

// This file turns one journal of a payroll run into entries (decision 037). It has no
// partner and no other side that we would add: its rows balance as they are, to the cent,
// or it is held. No fault says an amount.

// payroll is [Journaled] for a journal of a payroll run. One without rows, which its run
// does not have any more, comes to nothing.
func payroll(in Input) (*Part, []hub.Fault) {
	b := newBuilder(in)
	b.journal = true
	b.checkRun()
	day := b.runDay()
	entries := b.runEntries()
	b.putFiles()
	if hub.Stops(b.faults) {
		return nil, b.faults
	}
	return &Part{Document: b.d, Day: day, Entries: entries, Files: b.files, Alone: true}, b.faults
}

// checkRun tests what holds for the whole journal.
func (b *builder) checkRun() {
	d, period := b.d, ""
	if d.Run != nil {
		period = string(d.Run.Period)
	}
	if kind, ok := b.s.Kinds[d.Kind]; !ok || !kind.On {
		b.fault(hub.KindOff, "kind", string(d.Kind), "kind", string(d.Kind))
	}
	if d.IsDemo() && b.in.Company.Environment == hub.Production {
		b.fault(hub.DemoDocument, "demo", d.Number)
	}
	if own := d.Own(); own.BusinessID != "" {
		if said := matching.ParseID(own.BusinessID, "", b.ownCountry(own)); said.Bare != "" && b.companyID().Bare != "" && !said.Same(b.companyID()) {
			b.companyOther("seller.business_id", own.BusinessID, own)
		}
	}
	if strings.TrimSpace(d.Number) == "" {
		b.fault(hub.NumberMissing, "number", "")
	}
	if d.Currency != b.currency() {
		b.fault(hub.JournalCurrency, "currency", string(d.Currency), "meant", string(b.currency()))
	}
	if limit := b.s.Payroll.RowLimit(); b.s.Payroll.Clearing == "" && slices.ContainsFunc(d.Rows, func(r hub.JournalRow) bool { return r.Clearing }) {
		b.fault(hub.PayrollRows, "rows", "", "rows", itoa(len(d.Rows)), "limit", itoa(limit))
	}
	for i := range d.Rows {
		if a := d.Rows[i].Amount; !a.Exact() || !a.Equal(a.RoundHalfUp(2)) {
			b.fault(hub.PayrollAmount, index("rows", i), "", "period", period)
			return // nobody knows what it leaves over
		}
	}
	if !hub.RowsLeft(d.Rows).IsZero() {
		b.fault(hub.PayrollBalance, "rows", "", "period", period)
	}
}

// runDay is the day on which the journal goes: its own; or, by setting, the first open
// one after it. The first day of the settings is asked of the run as a whole: what it
// corrects may be older.
func (b *builder) runDay() civil.Date {
	d := b.d.Date
	if d.IsZero() {
		b.fault(hub.DateMissing, "date", "")
		return d
	}
	if today := b.in.Today; !today.IsZero() {
		if n := today.DaysUntil(d); n > maxAhead || n < -maxBehind {
			b.fault(hub.DateUnlikely, "date", d.String(), "date", d.String(), "today", today.String())
			return d
		}
	}
	last := d
	if b.d.Run != nil {
		if days := b.d.Run.Ordinary.Days(); days.Last.After(last) {
			last = days.Last
		}
	}
	if first := b.s.Kinds[b.d.Kind].FirstDay; last.Before(first) {
		b.fault(hub.BeforeFirstDay, "date", d.String(), "first", first.String())
		return d
	}
	ok, why := b.r.Open(d)
	if ok || b.in.Booked || len(b.d.Rows) == 0 {
		return d
	}
	if b.s.Payroll.ClosedPeriod == hub.ClosedFirstDay {
		if day, ok := b.r.FirstOpen(d); ok {
			b.warn(hub.PayrollMoved, "date", d.String(), "date", d.String(), "day", day.String())
			return day
		}
	}
	why.Path = "date"
	b.faults = append(b.faults, why)
	return d
}

// runEntries are the rows by the account map and the registers. What is wrong with an
// account or a code is said once, at the first row that has it.
func (b *builder) runEntries() []hub.Entry {
	rules := posting.ForPayroll(b.s.Accounts)
	type account struct {
		line hub.PostingLine
		ok   bool
	}
	accounts, items := map[string]account{}, map[string][]hub.DimensionPart{}
	entries := make([]hub.Entry, 0, len(b.d.Rows))
	for i := range b.d.Rows {
		row, path := &b.d.Rows[i], index("rows", i)
		source := row.Account
		if row.Clearing {
			source = clearing
		}
		a, known := accounts[source]
		if !known {
			a.line, a.ok = b.runAccount(path, row, rules)
			accounts[source] = a
		}
		key := ""
		for _, d := range row.Dimensions {
			key += d.Axis + "\x00" + d.Code + "\x00"
		}
		parts, known := items[key]
		if !known {
			parts = b.dimensions(path, row.Dimensions)
			items[key] = parts
		}
		if !a.ok || row.Amount.IsZero() {
			continue
		}
		entries = append(entries, hub.Entry{Account: a.line.Account, Amount: row.Amount, VATPercent: money.Zero, VATStatus: a.line.VATStatus,
			Side: hub.PurchaseInvoice, Text: row.Words(), Dimensions: parts})
	}
	return entries
}

// clearing stands for the account of the row that balances a part: no source has one of
// that name.
const clearing = "\x00clearing"

// runAccount is the account and the VAT status of rows of an account of the source. None
// of them has VAT, so the status is the company's for what is outside its scope.
func (b *builder) runAccount(path string, row *hub.JournalRow, rules []hub.AccountRule) (line hub.PostingLine, ok bool) {
	path += ".account"
	switch {
	case row.Clearing && b.s.Payroll.Clearing == "":
		return line, false // said of the whole journal
	case row.Clearing:
		line.Account = b.s.Payroll.Clearing
	case strings.TrimSpace(row.Account) == "":
		b.fault(hub.FieldMissing, path, "", "field", path)
		return line, false
	default:
		c, verdict, between := posting.Choose(rules, posting.Row{Kind: b.d.Kind, Source: row.Account, Category: outsideScope, Area: hub.Home})
		switch verdict {
		case posting.Unmapped:
			b.fault(hub.AccountUnmapped, path, row.Account, "account", row.Account, "product", "", "percent", "0")
			return line, false
		case posting.Ambiguous:
			b.ambiguous(path, row.Account, between)
			return line, false
		}
		line = hub.PostingLine{Account: c.Account, VATStatus: c.VATStatus, Rule: c.Rule}
	}
	if !b.r.HasAccount(line.Account) {
		b.faults = append(b.faults, accountClosed(path, line))
		return line, false
	}
	if line.VATStatus == 0 {
		if line.VATStatus, ok = b.s.VATStatus(hub.PurchaseInvoice, outsideScope, ""); !ok {
			b.once(hub.NewFault(hub.VATStatusUnmapped, "", outsideScope, "category", outsideScope, "percent", "0"))
			return line, false
		}
	}
	if !b.r.HasStatus(hub.PurchaseInvoice, line.VATStatus) {
		b.once(hub.NewFault(hub.VATStatusDisabled, "", outsideScope, "status", itoa(line.VATStatus), "category", outsideScope, "rule", line.Rule))
		return line, false
	}
	return line, true
}

// once adds a fault unless it is said already.
func (b *builder) once(f hub.Fault) {
	if !slices.ContainsFunc(b.faults, f.Equal) {
		b.faults = append(b.faults, f)
	}
}

// payrollText is what a payroll journal is called: its run, the period where that is not
// the run's own, and both days where it goes on another one than its own.
func payrollText(w words, language string, p *Part) string {
	d := p.Document
	text := w.payroll + " " + d.Number
	if d.Run != nil && d.Run.Period != d.Run.Ordinary {
		text += ", " + w.period + " " + string(d.Run.Period)
	}
	if p.Day != d.Date {
		text += ", " + w.dated + " " + dateText(language, hub.Reference{Date: d.Date}) + ", " + w.bookedOn + " " + dateText(language, hub.Reference{Date: p.Day})
	}
	return replaceForbidden(tidy(text))
}
