package hub

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/money"
)

// This file takes a payroll run apart into its journals (decision 037).

// Whole reports whether d is a payroll run as its source hands it over, not taken apart.
func (d *Document) Whole() bool { return d.Kind == PayrollJournal && d.Run == nil }

// RunJournals takes a run apart: each journal becomes a document of its own, whose id is
// that of the run and its period, so that the same journal is the same however often the
// run is handed over. A second one of a period is told apart by its place. A journal of
// more rows than the settings let one have becomes several, which balance over the
// clearing account.
func (d *Document) RunJournals(s PayrollSettings) []Split {
	ordinary := d.Ordinary()
	seen := map[Month]int{}
	var parts []Split
	for i := range d.Journals {
		j := &d.Journals[i]
		month := j.Month()
		seen[month]++
		id := d.SourceID + "/" + string(month)
		if n := seen[month]; n > 1 {
			id += "/" + strconv.Itoa(n)
		}
		rows, places := j.Rows, []int(nil)
		if !s.ByEmployee && slices.ContainsFunc(rows, func(r JournalRow) bool { return r.Employee != "" }) {
			rows, places = summed(rows)
		}
		whole := *d
		whole.Journals, whole.SourceID, whole.Date, whole.Text = nil, id, j.Date, j.Text
		whole.Run = &Run{ID: d.SourceID, Reference: d.Number, Ordinary: ordinary, Period: month}
		if days := month.Days(); !days.IsZero() && (j.Date.Before(days.First) || j.Date.After(days.Last)) {
			whole.Date = days.Last // what a run corrects is booked in the period that it corrects (FEATURES N-19)
		}
		for n, from := range chunks(len(rows), s.RowLimit()) {
			part, to := whole, min(from+s.RowLimit(), len(rows))
			if len(rows) > s.RowLimit() {
				to = min(from+s.RowLimit()-1, len(rows))
			}
			part.Rows = slices.Clone(rows[from:to])
			if n > 0 {
				part.SourceID += "+" + strconv.Itoa(n+1)
				part.Attachments = nil
			}
			at := &JournalPlace{Journal: i, From: from, Rows: places}
			if len(rows) > s.RowLimit() {
				part.Rows = append(part.Rows, JournalRow{Clearing: true, Amount: RowsLeft(part.Rows).Neg(), Text: fmt.Sprintf("%d/%d", n+1, len(chunks(len(rows), s.RowLimit())))})
			}
			parts = append(parts, Split{Document: &part, At: at})
		}
	}
	return parts
}

// chunks are the first rows of the parts of a journal; one part is all of what is short
// enough, and of a longer one each has a row of its own that balances it.
func chunks(rows, limit int) []int {
	list := []int{0}
	if rows <= limit {
		return list
	}
	for from := limit - 1; from < rows; from += limit - 1 {
		list = append(list, from)
	}
	return list
}

// summed are rows by employee as the books need them: one for each account, side and
// dimensions, without persons and texts. places says which row each began with.
func summed(rows []JournalRow) (list []JournalRow, places []int) {
	at := map[string]int{}
	for i, r := range rows {
		key := strings.Join([]string{r.Account, strconv.Itoa(r.Amount.Sign())}, "\x00")
		for _, d := range r.Dimensions {
			key += "\x00" + d.Axis + "\x00" + d.Code
		}
		k, ok := at[key]
		if !ok {
			at[key] = len(list)
			r.Employee, r.Text = "", ""
			list, places = append(list, r), append(places, i)
			continue
		}
		list[k].Amount = list[k].Amount.Add(r.Amount)
	}
	return list, places
}

// A JournalPlace says where a journal stands in its run: which one it is, and which of its
// rows the document begins with; or, of rows that were summed, which row each is.
type JournalPlace struct {
	Journal, From int
	Rows          []int
}

// journalPath is the beginning of the path of something in a journal of a run, and rowPath
// that of something in a row.
var (
	journalPath = regexp.MustCompile(`^journals\[(\d+)\]\.?`)
	rowPath     = regexp.MustCompile(`^rows\[(\d+)\]`)
)

// path turns a place in the run into that in the journal; ok is false when it is another's.
func (p *JournalPlace) path(path string) (in string, ok bool) {
	m := journalPath.FindStringSubmatch(path)
	if m == nil {
		return path, true // of the run: it holds for each journal
	}
	if n, err := strconv.Atoi(m[1]); err != nil || n != p.Journal {
		return "", false
	}
	path = path[len(m[0]):]
	row := rowPath.FindStringSubmatch(path)
	if row == nil {
		return path, true
	}
	n, err := strconv.Atoi(row[1])
	if err != nil {
		return path, true
	}
	if p.Rows != nil {
		n = slices.Index(p.Rows, n)
	}
	if n -= p.From; n < 0 {
		return "", false
	}
	return "rows[" + strconv.Itoa(n) + "]" + path[len(row[0]):], true
}

// Whole turns a place in the journal into that in the run.
func (p *JournalPlace) Whole(path string) string {
	if row := rowPath.FindStringSubmatch(path); row != nil {
		if n, err := strconv.Atoi(row[1]); err == nil {
			n += p.From
			if p.Rows != nil && n < len(p.Rows) {
				n = p.Rows[n]
			}
			path = "rows[" + strconv.Itoa(n) + "]" + path[len(row[0]):]
		}
	}
	return strings.TrimSuffix("journals["+strconv.Itoa(p.Journal)+"]."+path, ".")
}

// Emptied is a journal that its run does not have any more: what was booked of it is
// taken out of the books by a difference that is all of it, turned.
func (d *Document) Emptied() *Document {
	e := *d
	e.Rows, e.Text, e.Attachments, e.Totals = nil, "", nil, Totals{}
	return &e
}

// RunKey is what a transfer waits for whose journal waits for the others of its run: no
// transfer has such an id.
func RunKey(connection, run string) string { return runPrefix + connection + "/" + run }

const runPrefix = "run/"

// ParseRunKey takes a key of [RunKey] apart; ok is false for another.
func ParseRunKey(key string) (connection, run string, ok bool) {
	rest, ok := strings.CutPrefix(key, runPrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "/")
}

// Sums are what rows of a journal come to: debit, and credit above zero.
func Sums(rows []JournalRow) (debit, credit money.Amount) {
	debit, credit = money.Zero, money.Zero
	for i := range rows {
		if a := rows[i].Amount; a.Sign() > 0 {
			debit = debit.Add(a)
		} else {
			credit = credit.Sub(a)
		}
	}
	return debit, credit
}

// Text of a row as the books show it.
func (r *JournalRow) Words() string {
	return strings.TrimSpace(r.Employee + " " + cmp.Or(r.Text, r.AccountName))
}
