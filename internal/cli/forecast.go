package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/procountor"
)

// A foreseen document says what would be written of it, for programs.
type foreseen struct {
	// NewPartner says that the customer or supplier would be added first;
	// PartnerID is the one in the register, 0 while none is certain.
	NewPartner bool  `json:"new_partner"`
	PartnerID  int64 `json:"partner_id,omitempty"`
	// Invoice is what would be posted, in Procountor's words; not there when no
	// row can be made.
	Invoice *procountor.Invoice `json:"invoice,omitempty"`
	Net     string              `json:"net,omitempty"`
	VAT     string              `json:"vat,omitempty"`
	Gross   string              `json:"gross,omitempty"`
	Planned []plannedStep       `json:"planned_steps,omitempty"`
	Journal []hub.Entry         `json:"journal,omitempty"`
	Arrival string              `json:"arrival,omitempty"`
}

type plannedStep struct {
	Kind       string `json:"kind"`
	Attachment string `json:"attachment,omitempty"`
}

func foresee(f engine.Forecast) foreseen {
	out := foreseen{NewPartner: f.NewPartner, Invoice: f.Invoice, Net: f.Net, VAT: f.VAT, Gross: f.Gross, Arrival: string(f.Arrival), Journal: f.Entries}
	if f.Partner != nil {
		out.PartnerID = f.Partner.ID
	}
	for _, s := range f.Steps {
		p := plannedStep{Kind: string(s.Kind)}
		if s.Detail.Attachment != nil {
			p.Attachment = s.Detail.Attachment.Name
		}
		out.Planned = append(out.Planned, p)
	}
	return out
}

// A previewed document is one line of a dry run.
type previewed struct {
	row
	foreseen
	forecast engine.Forecast
}

// preview says what would become of the files.
func (s *sending) preview(ctx context.Context, files []string, verbose bool) error {
	if err := s.check(files); err != nil {
		return err
	}
	a := s.app
	var list []previewed
	for _, name := range files {
		if err := s.read(name, func(d source.Found) error {
			p, err := s.forecast(ctx, d)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			p.File = filepath.Base(name)
			list = append(list, p)
			return nil
		}); err != nil {
			return err
		}
	}
	rows := make([]row, len(list))
	for i := range list {
		rows[i] = list[i].row
	}
	if s.json {
		books, err := s.hub.bookFigures(ctx, []engine.Book{s.booked(list)})
		if err != nil {
			return err
		}
		if err := a.json(struct {
			Connection string      `json:"connection"`
			Company    string      `json:"company"`
			Writing    bool        `json:"writing"`
			DryRun     bool        `json:"dry_run"`
			Documents  []previewed `json:"documents"`
			// Books are what the documents that go would book.
			Books []bookFigures `json:"books"`
		}{s.to.Name, s.to.Of.Name, s.to.Writing, true, list, books}); err != nil {
			return err
		}
		return needsPerson(rows)
	}
	a.where(s.to)
	for i := range rows {
		if list[i].NewPartner {
			rows[i].Partner += a.t("send.new-partner")
		}
	}
	a.table(rows)
	a.why(rows)
	if verbose {
		registers, err := s.hub.engine.Registers(ctx, s.to.Of.ID)
		if err != nil {
			return err
		}
		for _, p := range list {
			a.printf("\n%s  ", clip(a.name(p.row), 26))
			a.wouldBe(p.forecast, registers)
		}
	}
	if err := s.books(ctx, list); err != nil {
		return err
	}
	a.printf("\n%s %s\n", a.tallyOf(rows, true), a.t("send.dry"))
	if !s.to.Writing {
		a.printf("%s", wrap(a.t("writing.off", "connection", s.to.Name), "", ""))
	}
	return needsPerson(rows)
}

// booked is what the documents that go would book.
func (s *sending) booked(list []previewed) engine.Book {
	b := engine.Book{Company: s.to.Of}
	for _, p := range list {
		switch {
		case !goes(p.forecast.State):
		case p.forecast.Bookings == nil:
			b.Unknown++
		default:
			b.Sums.Add(hub.Kind(p.Kind), p.forecast.Bookings)
		}
	}
	b.Sums.Sort()
	return b
}

// books prints it.
func (s *sending) books(ctx context.Context, list []previewed) error {
	return s.app.book(ctx, s.hub, s.booked(list))
}

// forecast is what would become of one document.
func (s *sending) forecast(ctx context.Context, d source.Found) (p previewed, err error) {
	doc := d.Document
	p.row = row{Number: doc.Number, Kind: string(doc.Kind), Date: doc.Date.String(), Partner: doc.Counterparty().Name, Currency: string(doc.Currency)}
	if doc.Totals.Gross != nil {
		p.Sum = doc.Totals.Gross.Fixed(2)
	}
	if p.forecast, err = s.hub.engine.Check(ctx, s.to.ID, engine.Incoming{Document: doc, Faults: d.Faults, Raw: d.Raw, Places: d.Places}); err != nil {
		return p, err
	}
	p.foreseen, p.State, p.Reasons = foresee(p.forecast), string(p.forecast.State), s.app.reasons(p.forecast.Faults)
	return p, nil
}

// printEntries prints the rows that a document would have in a journal.
func (a *app) printEntries(entries []hub.Entry, registers *register.Copy) {
	a.printf("  %s\n", a.say.T("journal.would-be"))
	rows := table{right: []int{1, 2, 3}}
	rows.add("  "+a.say.T("journal.account"), a.say.T("journal.debit"), a.say.T("journal.credit"), a.say.T("journal.vat"))
	for _, e := range entries {
		debit, credit := a.say.Sum(e.Amount), ""
		if e.Amount.Sign() < 0 {
			debit, credit = "", a.say.Sum(e.Amount.Neg())
		}
		rows.add("  "+plain(strings.TrimSpace(e.Account+" "+registers.AccountName(e.Account))), debit, credit, a.say.Percent(e.VATPercent))
	}
	a.printf("%s", rows.String())
}

// wouldBe prints what would be written of a document.
func (a *app) wouldBe(f engine.Forecast, registers *register.Copy) {
	a.printf("%s\n", a.t("forecast.title"))
	if len(f.Entries) > 0 {
		a.printEntries(f.Entries, registers)
		return
	}
	if f.Invoice == nil {
		a.printf("%s", wrap(a.say.T("document.forecast-nothing"), "  ", "  "))
		return
	}
	inv := f.Invoice
	heads := table{}
	line := func(label, value string) {
		if value != "" {
			heads.add("  "+label, plain(value))
		}
	}
	line(a.say.T("compare.partner"), inv.CounterParty.CounterPartyAddress.Name)
	line(a.say.T("compare.register"), a.registerWords(f))
	line(a.say.T("compare.channel"), a.say.Enum("voucher.channel", string(inv.InvoiceChannel)))
	reference := a.say.T("compare.reference-none")
	if p := inv.PaymentInfo.BankReferenceCode; p != nil {
		if reference = *p; reference == "" {
			reference = a.say.T("compare.reference-made")
		}
	}
	line(a.say.T("compare.reference"), reference)
	sum := func(text string) string {
		if amount, err := money.Parse(text); err == nil {
			return a.say.Amount(amount, money.Currency(inv.PaymentInfo.Currency))
		}
		return text
	}
	line(a.say.T("compare.net"), sum(f.Net))
	line(a.say.T("compare.vat"), sum(f.VAT))
	line(a.say.T("compare.gross"), sum(f.Gross))
	line(a.say.T("compare.arrival"), a.say.Enum("setting.arrival", string(f.Arrival)))
	a.printf("%s\n", heads.String())
	t := table{right: []int{1, 2, 4}}
	t.add("  "+a.say.T("compare.product"), a.say.T("compare.quantity"), a.say.T("compare.price"), a.say.T("compare.rate"), a.say.T("compare.net"))
	for _, r := range inv.InvoiceRows {
		quantity, price, discount, percent := amount(r.Quantity), amount(r.UnitPrice), amount(r.DiscountPercent), amount(r.VATPercent)
		net := ""
		if n, ok := mapping.RowNet(quantity, price, discount, percent, inv.ExtraInfo.UnitPricesIncludeVAT); ok {
			net = a.say.Sum(n)
		}
		rate := a.say.Percent(percent)
		if r.VATStatus != nil {
			rate += " · " + strings.TrimSpace(strconv.Itoa(*r.VATStatus)+" "+registers.StatusName(*r.VATStatus))
		}
		t.add("  "+clip(r.Product, 40), a.say.Number(quantity)+" "+a.say.Enum("voucher.unit", string(r.Unit)), a.say.Sum(price), clip(rate, 40), net)
	}
	a.printf("%s\n", t.String())
	for i, s := range f.Steps {
		words := a.say.T("step." + string(s.Kind))
		if s.Detail.Attachment != nil {
			words += ": " + plain(s.Detail.Attachment.Name)
		}
		a.printf("  %d. %s\n", i+1, words)
	}
}

// amount is a number of Procountor's client; both sides hold the same text.
func amount(d procountor.Decimal) money.Amount {
	a, err := money.Parse(d.String())
	if err != nil {
		return money.Zero
	}
	return a
}

// registerWords says which partner of the register would be meant.
func (a *app) registerWords(f engine.Forecast) string {
	switch {
	case f.NewPartner:
		return a.say.T("compare.register-new")
	case f.Partner != nil:
		return a.say.T("compare.register-found", "name", f.Partner.Name, "id", f.Partner.ID)
	case len(f.Candidates) == 0:
		return a.say.T("compare.register-none")
	}
	var names []string
	for _, c := range f.Candidates {
		names = append(names, fmt.Sprintf("%s (%d)", c.Partner.Name, c.Partner.ID))
	}
	return a.say.T("compare.register-doubtful", "names", strings.Join(names, ", "))
}

// name is what a document is called: its number, else our id, by which every
// command knows it too.
func (a *app) name(r row) string { return cmp.Or(r.Number, r.Transfer, a.say.T("list.no-number")) }

// goes reports whether a document would travel as soon as it may.
func goes(s hub.State) bool { return s.Active() || s == hub.Noticed }
