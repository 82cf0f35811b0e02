package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
)

// epoch stands for the day of making.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// newFile is an empty file whose bytes depend on its content alone.
func newFile(orientation string) *fpdf.Fpdf {
	f := fpdf.New(orientation, "mm", "A4", "")
	f.SetCreationDate(epoch)
	f.SetModificationDate(epoch)
	f.SetCatalogSort(true)
	f.SetCompression(false)
	f.SetProducer("Vienti", false)
	return f
}

// The page, in millimetres.
const (
	left, top, right = 15.0, 15.0, 15.0
	width            = 210 - left - right
	bottom           = 297 - 18.0
	lineHeight       = 4.4
	pad              = 1.5
)

// A column of the tables; the words take what is left.
type column struct {
	width float64
	align string
}

var breakdownColumns = []column{{20, "L"}, {31, "L"}, {65, "L"}, {22, "R"}, {20, "R"}, {22, "R"}}

// A writer puts lines on pages.
type writer struct {
	*fpdf.Fpdf
	say     locale.Speaker
	b       *Breakdown // nil of a run
	columns []column
	head    []string // of the table that goes on, for the next page
}

// newWriter begins the first page: the title, and lines below it; name stands at the foot
// of each page.
func newWriter(say locale.Speaker, name, title string, lines ...string) *writer {
	w := &writer{Fpdf: newFile("P"), say: say}
	w.SetMargins(left, top, right)
	w.SetAutoPageBreak(false, 0)
	w.SetTitle(title, true)
	w.SetLang(string(say.Language()))
	w.AliasNbPages("{pages}")
	w.SetFooterFunc(func() {
		w.SetXY(left, 297-13)
		w.font("", 8)
		w.CellFormat(width/2, 5, encode(name), "", 0, "L", false, 0, "")
		w.CellFormat(width/2, 5, encode(say.T("breakdown.page", "n", w.PageNo()))+" / {pages}", "", 0, "R", false, 0, "")
	})
	w.AddPage()
	w.font("B", 15)
	w.text(title, 7)
	w.font("", 10)
	for _, l := range lines {
		if l != "" {
			w.text(l, 5)
		}
	}
	return w
}

// bytes is the finished file.
func (w *writer) bytes(what string) ([]byte, error) {
	var buf bytes.Buffer
	if err := w.Output(&buf); err != nil {
		return nil, fmt.Errorf("write %s: %w", what, err)
	}
	return buf.Bytes(), nil
}

// Write makes the PDF in the speaker's language.
func (b *Breakdown) Write(say locale.Speaker) ([]byte, error) {
	w := newWriter(say, b.Number, say.T("breakdown.title", "number", b.Number), b.Seller, b.Customer, say.Date(b.Date))
	w.b, w.columns = b, breakdownColumns
	for i := range b.Parts {
		w.part(&b.Parts[i])
	}
	w.total(say.T("breakdown.total"), hours(b.Parts), b.Total(), true)
	return w.bytes("breakdown of " + b.Number)
}

func (w *writer) font(style string, size float64) { w.SetFont("helvetica", style, size) }

// text writes a paragraph over the whole width.
func (w *writer) text(s string, height float64) {
	for _, l := range w.wrap(s, width) {
		w.room(height)
		w.SetX(left)
		w.CellFormat(width, height, l, "", 1, "L", false, 0, "")
	}
}

// room begins a page when there is less left than height, with the head of the
// table that goes on.
func (w *writer) room(height float64) {
	if w.GetY()+height <= bottom {
		return
	}
	style, size := w.GetFontStyle(), func() float64 { s, _ := w.GetFontSize(); return s }()
	w.AddPage()
	w.header()
	w.font(style, size)
}

func (w *writer) header() {
	if w.head == nil {
		return
	}
	w.font("B", 8.5)
	w.cells(w.head, "B")
	w.font("", 8.5)
}

// part is one project, or subproject.
func (w *writer) part(p *hub.BreakdownPart) {
	var names []string
	for _, n := range []string{p.Project, p.Subproject} {
		if n != "" {
			names = append(names, n)
		}
	}
	heading := strings.Join(names, " · ")
	if p.FixedPrice {
		heading = strings.TrimSpace(heading + " (" + w.say.T("breakdown.fixed") + ")")
	}
	w.Ln(4)
	w.room(24) // not a heading alone at the foot of a page
	if heading != "" {
		w.font("B", 11)
		w.text(heading, 6)
	}
	if len(p.Work) > 0 {
		w.table(p.Work, w.say.T("breakdown.work"), w.say.T("breakdown.hours"))
	}
	if len(p.Travel) > 0 {
		w.table(p.Travel, w.say.T("breakdown.travel"), w.say.T("breakdown.quantity"))
	}
	if len(w.b.Parts) > 1 {
		w.total(w.say.T("breakdown.part-total"), hours([]hub.BreakdownPart{*p}), p.Total(), false)
	}
}

func (w *writer) table(entries []hub.BreakdownEntry, what, quantity string) {
	w.Ln(1)
	w.room(14)
	w.head = []string{w.say.T("breakdown.day"), w.say.T("breakdown.person"), what, quantity, w.say.T("breakdown.price"), w.say.T("breakdown.sum")}
	w.header()
	for i := range entries {
		e := &entries[i]
		words := e.Description
		if e.Type != "" && e.Description != "" {
			words = e.Type + ": " + e.Description
		} else if e.Type != "" {
			words = e.Type
		}
		amount := w.say.Number(e.Quantity.Trim(0))
		if e.Unit != "" {
			amount += "\u00a0" + e.Unit
		}
		price, sum := "", ""
		if e.Price != nil {
			price = w.say.Sum(e.Price.Trim(2))
		}
		if a, ok := e.Amount(); ok {
			sum = w.say.Sum(a.Trim(2))
		}
		w.cells([]string{w.say.Date(e.Date), e.Person, words, amount, price, sum}, "")
	}
	w.head = nil
}

// total is a line of sums.
func (w *writer) total(name string, hours, sum money.Amount, last bool) {
	if last {
		w.Ln(3)
	}
	w.room(8)
	w.font("B", 9)
	count := ""
	if !hours.IsZero() {
		count = w.say.Number(hours.Trim(0)) + "\u00a0h"
	}
	y := w.GetY()
	w.Line(left, y, left+width, y)
	w.Ln(0.6)
	w.SetX(left)
	w.CellFormat(116, 5, encode(name), "", 0, "L", false, 0, "")
	w.CellFormat(22, 5, encode(count), "", 0, "R", false, 0, "")
	w.CellFormat(42, 5, encode(w.say.Amount(sum.Trim(2), w.b.Currency)), "", 1, "R", false, 0, "")
}

// sums is a line of what rows come to.
func (w *writer) sums(name string, debit, credit money.Amount) {
	w.room(8)
	w.font("B", 9)
	y := w.GetY()
	w.Line(left, y, left+width, y)
	w.Ln(0.6)
	w.cells([]string{"", name, "", w.say.Sum(debit.RoundHalfUp(2)), w.say.Sum(credit.RoundHalfUp(2))}, "")
}

// cells writes one row; each cell as many lines as it needs, over pages if it must.
func (w *writer) cells(texts []string, border string) {
	lines, high := make([][]string, len(texts)), 1
	for i, t := range texts {
		lines[i] = w.wrap(t, w.columns[i].width-pad)
		high = max(high, len(lines[i]))
	}
	if high <= 40 {
		w.room(float64(high) * lineHeight) // not torn apart, if it fits on a page
	}
	for n := range high {
		w.room(lineHeight)
		w.SetX(left)
		for i, c := range w.columns {
			text := ""
			if n < len(lines[i]) {
				text = lines[i][n]
			}
			edge := ""
			if n == high-1 {
				edge = border
			}
			w.CellFormat(c.width, lineHeight, text, edge, 0, c.align, false, 0, "")
		}
		w.Ln(lineHeight)
	}
}

// wrap cuts a text into encoded lines of at most that width, between words where
// it can.
func (w *writer) wrap(s string, width float64) (lines []string) {
	for _, paragraph := range strings.Split(strings.ReplaceAll(s, "\r", ""), "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) { // a no-break space stays
			word = encode(word)
			next := word
			if line != "" {
				next = line + " " + word
			}
			if w.GetStringWidth(next) <= width {
				line = next
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for w.GetStringWidth(word) > width && len(word) > 1 {
				n := 1
				for n < len(word)-1 && w.GetStringWidth(word[:n+1]) <= width {
					n++
				}
				lines, word = append(lines, word[:n]), word[n:]
			}
			line = word
		}
		lines = append(lines, line)
	}
	return lines
}

// encode writes a text in Windows-1252, which the fonts of every PDF reader have.
// A letter with a mark that is not in it loses the mark; anything else becomes "?".
func encode(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '\u202f':
			r = '\u00a0'
		case '\u2212':
			r = '-'
		}
		if r < ' ' || r == 0x7f {
			continue
		}
		if c, ok := charmap.Windows1252.EncodeRune(r); ok {
			b.WriteByte(c)
			continue
		}
		plain := "?"
		for _, d := range norm.NFKD.String(string(r)) {
			if c, ok := charmap.Windows1252.EncodeRune(d); ok && !unicode.Is(unicode.Mn, d) {
				plain = string([]byte{c})
			}
			break
		}
		b.WriteString(plain)
	}
	return b.String()
}
