package web

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/remedy"
)

// A ruleRowOf is the row of a document for whose sake a rule is written.
type ruleRowOf struct {
	Document string // id of its transfer, "" when there is none
	Line     int
	Row      posting.Row
	Samples  []posting.Sample
	Suggests []suggestionRow
	Entries  *entryRows
}

// A suggestionRow offers an account and a VAT status; its link fills the form in.
type suggestionRow struct{ Link, Text, Reason string }

// entryRows are entries in words.
type entryRows struct {
	Lines         []entryRow
	Debit, Credit string
	// Held says what else keeps the document from going.
	Held []string
}

type entryRow struct{ Account, Text, Status, Debit, Credit string }

// rowOf fills in what the form shows about the row of a document.
func (s *Server) rowOf(ctx context.Context, say locale.Speaker, m mapped, document, line string) (of ruleRowOf, err error) {
	if document == "" {
		return of, nil
	}
	if of.Line, err = strconv.Atoi(line); err != nil {
		return of, errBadRequest
	}
	of.Document = document
	if of.Row, of.Samples, err = s.o.Engine.RowSamples(ctx, m.Connection, document, of.Line); err != nil {
		return of, found(err)
	}
	for _, x := range posting.Suggest(of.Row, &m.Connection.Settings, m.Registers) {
		of.Suggests = append(of.Suggests, suggestion(say, m, of, x))
	}
	return of, nil
}

func suggestion(say locale.Speaker, m mapped, of ruleRowOf, x posting.Suggestion) suggestionRow {
	q := url.Values{"document": {of.Document}, "line": {strconv.Itoa(of.Line)}, "account": {x.Account}}
	row := suggestionRow{Text: strings.TrimSpace(x.Account + " " + m.Registers.AccountName(x.Account))}
	_, row.Reason = ProposalWords(say, x.Reason)
	if x.Status != 0 {
		q.Set("vat_status", strconv.Itoa(x.Status))
		row.Text += ", " + statusOf(say, m.Registers, of.Row.Kind, x.Status)
		why := "rule.status-by-settings"
		if x.ByDescription {
			why = "rule.status-by-description"
		}
		row.Reason += "; " + say.T(why)
	}
	row.Link = m.path("/rule?" + q.Encode())
	return row
}

// ruleFor is the rule that a row wants, still without what it gets.
func (of ruleRowOf) rule() hub.AccountRule {
	return SeenRule(&posting.Seen{Row: posting.Row{Kind: of.Row.Kind, Source: of.Row.Source, Invoice: of.Row.Invoice, Product: of.Row.Product,
		Category: of.Row.Category, Percent: of.Row.Percent}})
}

// entriesOf says what the document would be in the books by a map.
func (s *Server) entriesOf(ctx context.Context, say locale.Speaker, m mapped, document string, rules []hub.AccountRule) (*entryRows, error) {
	settings := m.Connection.Settings
	settings.Accounts = rules
	j, err := s.o.Engine.Entries(ctx, document, settings)
	if err != nil {
		return nil, found(err)
	}
	out := &entryRows{Debit: say.Sum(j.Debit), Credit: say.Sum(j.Credit)}
	for _, f := range j.Faults {
		if !f.Warning {
			out.Held = append(out.Held, remedy.For(say, f).Title)
		}
	}
	for _, l := range j.Lines {
		row := entryRow{Account: say.T("entries." + string(l.Side)), Text: l.Text}
		if l.Side == engine.SideRow {
			row.Account = strings.TrimSpace(l.Account + " " + m.Registers.AccountName(l.Account))
			row.Status = statusWords(l.VATStatus, m.Registers.StatusName(l.VATStatus))
		}
		if !l.Debit.IsZero() {
			row.Debit = say.Sum(l.Debit)
		}
		if !l.Credit.IsZero() {
			row.Credit = say.Sum(l.Credit)
		}
		out.Lines = append(out.Lines, row)
	}
	return out, nil
}

var lineOf = regexp.MustCompile(`^lines\[(\d+)\]\.account$`)

// ruleFor is the address of the form of a rule for what a document waits for.
func (v documentView) ruleFor(e remedy.Explanation) string {
	m := mapped{Connection: v.Connection}
	for _, f := range v.Faults {
		if at := lineOf.FindStringSubmatch(f.Path); at != nil && f.Code == e.Code && f.Value == e.Value {
			return m.path("/rule?" + url.Values{"document": {v.ID}, "line": {at[1]}}.Encode())
		}
	}
	return m.newRule(posting.SourceAccount{Code: e.Value, Sales: !v.DocKind.Buys(), Purchases: v.DocKind.Buys()})
}
