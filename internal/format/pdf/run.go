package pdf

import (
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
)

var runColumns = []column{{18, "L"}, {56, "L"}, {56, "L"}, {25, "R"}, {25, "R"}}

// Run makes the PDF of a payroll run as it was sent, in the speaker's language: each
// journal with its rows, dimensions and sums.
func Run(p *format.Posted, say locale.Speaker) ([]byte, error) {
	w := newWriter(say, p.Reference, say.T("sent.title", "run", p.Reference), strings.TrimSpace(p.Company+"  "+p.BusinessID))
	w.columns = runColumns
	debits, credits := money.Zero, money.Zero
	for i := range p.Journals {
		debit, credit := w.journal(&p.Journals[i])
		debits, credits = debits.Add(debit), credits.Add(credit)
	}
	if len(p.Journals) > 1 {
		w.Ln(3)
		w.sums(say.N("sent.all", len(p.Journals)), debits, credits)
	}
	return w.bytes("run " + p.Reference)
}

func (w *writer) journal(j *format.PostedJournal) (debit, credit money.Amount) {
	w.Ln(4)
	w.room(28) // not a heading alone at the foot of a page
	w.font("B", 11)
	heading := w.say.T("sent.journal", "number", j.Number)
	if j.Receipt != 0 {
		heading += " · " + w.say.T("sent.receipt", "number", strconv.FormatInt(j.Receipt, 10))
	}
	w.text(heading, 6)
	w.font("", 9)
	about := w.say.T("sent.day", "date", w.say.Date(j.Date), "period", w.say.Month(string(j.Period)))
	if j.Corrects != "" {
		about += " " + w.say.T("sent.corrects", "number", j.Corrects)
	}
	w.text(about, 5)
	w.Ln(1)
	w.head = []string{w.say.T("sent.account"), w.say.T("sent.text"), w.say.T("sent.dimensions"), w.say.T("sent.debit"), w.say.T("sent.credit")}
	w.header()
	for _, r := range j.Rows {
		var items []string
		for _, d := range r.Dimensions {
			items = append(items, d.Dimension+": "+d.Item)
		}
		cells := []string{r.Account, r.Text, strings.Join(items, ", "), "", ""}
		if r.Amount.Sign() < 0 {
			cells[4] = w.say.Sum(r.Amount.Neg().RoundHalfUp(2))
		} else {
			cells[3] = w.say.Sum(r.Amount.RoundHalfUp(2))
		}
		w.cells(cells, "")
	}
	w.head = nil
	debit, credit = j.Sums()
	w.sums(w.say.T("sent.sum"), debit, credit)
	return debit, credit
}
