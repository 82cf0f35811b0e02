package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

func (a *app) previewCommand() *cobra.Command {
	var s selecting
	cmd := &cobra.Command{
		Use:   "preview [NUMBER…]",
		Short: "Show what stored documents would book, before anything is sent",
		Long: `Shows for stored documents, those named or all that the flags choose, the verdict
that each would get, how many requests they take, and what would come into the books:
sums by account and VAT status, to the cent. Nothing is sent, and Procountor is asked
nothing: it is found in the copies of its registers and invoices.

For files that are not handed over yet there is "vienti send --dry-run".`,
		Example: `  vienti preview
  vienti preview 10234 10235 -v               the requests as well
  vienti preview --state held --kind purchase_invoice
  vienti preview --from 2026-03-01 --to 2026-03-31 --csv > march.csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.preview(cmd.Context(), args, s) },
	}
	f := cmd.Flags()
	f.StringVar(&s.connection, "connection", "", "only this connection")
	f.StringVar(&s.state, "state", "", "only documents in this state")
	f.StringVar(&s.kind, "kind", "", "only documents of this kind")
	f.StringVar(&s.from, "from", "", "only documents of this day or later, YYYY-MM-DD")
	f.StringVar(&s.to, "to", "", "only documents of this day or earlier")
	f.StringVar(&s.search, "search", "", "only documents with these words in number, partner, sum or reference")
	f.BoolVarP(&s.verbose, "verbose", "v", false, "show each invoice as it would be written")
	f.BoolVar(&s.json, "json", false, "print JSON")
	f.BoolVar(&s.csv, "csv", false, "print the sums as a table for spreadsheets")
	return cmd
}

// selecting is what the flags of vienti preview say.
type selecting struct {
	connection, state, kind, from, to, search string
	verbose, json, csv                        bool
}

// selection turns it into one of the engine.
func (s selecting) selection(ctx context.Context, o *opened, numbers []string) (sel engine.Selection, err error) {
	for _, n := range numbers {
		found, err := o.find(ctx, n)
		if err != nil {
			return sel, err
		}
		for _, t := range found {
			sel.Transfers = append(sel.Transfers, t.ID)
		}
	}
	f := &sel.Filter
	if s.connection != "" {
		p, err := o.connection(ctx, s.connection)
		if err != nil {
			return sel, err
		}
		f.Connection = p.ID
	}
	if s.state != "" {
		if !slices.Contains(hub.States, hub.State(s.state)) {
			return sel, usage("there is no %q among the states", s.state)
		}
		f.States = []hub.State{hub.State(s.state)}
	}
	if s.kind != "" && !slices.Contains(hub.Kinds, hub.Kind(s.kind)) {
		return sel, usage("there is no %q among the kinds %v", s.kind, hub.Kinds)
	}
	for _, day := range []string{s.from, s.to} {
		if _, err := civil.Parse(day); day != "" && err != nil {
			return sel, usage("%s is not a day: write YYYY-MM-DD", day)
		}
	}
	f.Kind, f.From, f.To, f.Search = hub.Kind(s.kind), s.from, s.to, s.search
	return sel, nil
}

func (a *app) preview(ctx context.Context, numbers []string, s selecting) error {
	o, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	sel, err := s.selection(ctx, o, numbers)
	if err != nil {
		return err
	}
	p, err := o.engine.Preview(ctx, sel)
	if err != nil {
		return err
	}
	rows := make([]row, len(p.Documents))
	list := make([]struct {
		row
		foreseen
		Written  bool `json:"written"`
		Requests int  `json:"requests"`
	}, len(rows))
	for i := range p.Documents {
		d := &p.Documents[i]
		rows[i] = a.row(&d.Transfer)
		if list[i].Written = d.Written; !d.Written {
			rows[i].State, rows[i].Reasons = string(d.State), a.reasons(d.Faults)
			list[i].foreseen, list[i].Requests = foresee(d.Forecast), d.Requests
		}
		list[i].row = rows[i]
	}
	switch {
	case s.json:
		books, err := o.bookFigures(ctx, p.Books)
		if err != nil {
			return err
		}
		return a.json(map[string]any{"documents": list, "books": books, "requests": p.Requests, "written": p.Written, "cut": p.Cut})
	case s.csv:
		return a.bookCSV(ctx, o, p.Books)
	case len(rows) == 0:
		a.printf("%s\n", a.say.T("preview.nothing"))
		return nil
	}
	a.table(rows)
	a.why(rows)
	if s.verbose {
		for i := range p.Documents {
			d := &p.Documents[i]
			if d.Written {
				continue
			}
			registers, err := o.engine.Registers(ctx, d.Transfer.Company)
			if err != nil {
				return err
			}
			a.printf("\n%s  ", clip(a.name(rows[i]), 26))
			a.wouldBe(d.Forecast, registers)
		}
	}
	for _, b := range p.Books {
		if err := a.book(ctx, o, b); err != nil {
			return err
		}
	}
	going := 0
	for i := range p.Documents {
		if p.Documents[i].Goes() {
			going++
		}
	}
	a.printf("\n%s", wrap(a.say.N("preview.all", len(rows))+" "+a.say.T("preview.going", "going", a.say.Int(going), "requests", a.say.Int(p.Requests))+" "+
		a.say.T("preview.harmless"), "", ""))
	if p.Cut {
		a.printf("%s", wrap(a.say.T("preview.cut", "limit", a.say.Int(engine.MaxPreview)), "", ""))
	}
	return needsPerson(rows)
}

// book prints what would come into the books of a company.
func (a *app) book(ctx context.Context, o *opened, b engine.Book) error {
	if len(b.Sums) == 0 && b.Unknown == 0 {
		return nil
	}
	figures, err := o.bookFigures(ctx, []engine.Book{b})
	if err != nil {
		return err
	}
	t := table{right: []int{2, 3, 4, 5}}
	t.add(a.say.T("preview.account"), a.say.T("preview.status"), a.say.T("preview.percent"), a.say.T("preview.debit"), a.say.T("preview.credit"), a.say.T("preview.vat"))
	sum := func(s string) string {
		if m, err := money.Parse(s); err == nil && !m.IsZero() {
			return a.say.Sum(m)
		}
		return ""
	}
	for _, f := range figures[0].Sums {
		account := strings.TrimSpace(f.Account + " " + f.AccountName)
		if f.Account == "" {
			account = a.say.T("booked-as." + f.Chooser)
		}
		status, percent := "", ""
		if f.VATStatus != 0 {
			status = strings.TrimSpace(strconv.Itoa(f.VATStatus) + " " + f.VATStatusName)
			percent = a.say.Percent(money.Must(f.Percent))
		}
		t.add(clip(account, 40), clip(status, 30), percent, sum(f.Debit), sum(f.Credit), sum(f.VAT))
	}
	debit, credit := b.Sums.Total()
	t.add(a.say.T("preview.total"), "", "", a.say.Sum(debit), a.say.Sum(credit), "")
	a.printf("\n%s\n%s", a.say.T("preview.books-of", "company", plain(b.Company.Name)), t.String())
	if b.Unknown > 0 {
		a.printf("%s", wrap(a.say.N("preview.unknown", b.Unknown), "", ""))
	}
	return nil
}

// bookFigures are what would come into the books of a company, for programs.
type bookFigures struct {
	Company  string      `json:"company"`
	Currency string      `json:"currency"`
	Sums     []sumFigure `json:"sums"`
	// Unknown counts documents whose sums cannot be known to the cent.
	Unknown int    `json:"unknown,omitempty"`
	Debit   string `json:"debit"`
	Credit  string `json:"credit"`
}

// A sumFigure is one line of it. Account is not there where Procountor chooses it.
type sumFigure struct {
	Part          string `json:"part"`
	Chooser       string `json:"chosen_as"`
	Account       string `json:"account,omitempty"`
	AccountName   string `json:"account_name,omitempty"`
	VATStatus     int    `json:"vat_status,omitempty"`
	VATStatusName string `json:"vat_status_name,omitempty"`
	Percent       string `json:"vat_percent"`
	Debit         string `json:"debit"`
	Credit        string `json:"credit"`
	VAT           string `json:"vat"`
	Entries       int    `json:"entries"`
}

func (o *opened) bookFigures(ctx context.Context, books []engine.Book) ([]bookFigures, error) {
	list := []bookFigures{}
	for _, b := range books {
		registers, err := o.engine.Registers(ctx, b.Company.ID)
		if err != nil {
			return nil, err
		}
		f := bookFigures{Company: b.Company.Name, Currency: b.Company.Currency, Unknown: b.Unknown, Sums: []sumFigure{}}
		debit, credit := b.Sums.Total()
		f.Debit, f.Credit = debit.Fixed(2), credit.Fixed(2)
		for _, e := range b.Sums {
			line := sumFigure{Part: string(e.Part), Chooser: e.Chooser(), Account: e.Account, AccountName: registers.AccountName(e.Account), VATStatus: e.VATStatus,
				Percent: e.Percent.Trim(0).String(), Debit: e.Debit.Fixed(2), Credit: e.Credit.Fixed(2), VAT: e.VAT.Fixed(2), Entries: e.Count}
			if e.VATStatus != 0 {
				line.VATStatusName = registers.StatusName(e.VATStatus)
			}
			f.Sums = append(f.Sums, line)
		}
		list = append(list, f)
	}
	return list, nil
}

// bookCSV prints the sums of all companies for spreadsheets.
func (a *app) bookCSV(ctx context.Context, o *opened, books []engine.Book) error {
	figures, err := o.bookFigures(ctx, books)
	if err != nil {
		return err
	}
	w := csv.NewWriter(a.env.Stdout)
	records := [][]string{{"company", "part", "chosen_as", "account", "account_name", "vat_status", "vat_status_name", "vat_percent", "debit", "credit", "vat", "entries"}}
	for _, f := range figures {
		for _, s := range f.Sums {
			records = append(records, []string{f.Company, s.Part, s.Chooser, s.Account, s.AccountName, strconv.Itoa(s.VATStatus), s.VATStatusName, s.Percent,
				s.Debit, s.Credit, s.VAT, strconv.Itoa(s.Entries)})
		}
	}
	if err := w.WriteAll(records); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}
