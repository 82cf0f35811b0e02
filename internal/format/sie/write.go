package sie

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
)

// firstFree is the first dimension that the standard leaves to everybody (8.17).
const firstFree = 20

// Write writes a run as it was sent in type 4I: a voucher for each journal. With utf8 it
// is in UTF-8, which the standard does not know and most programs read; else in code page
// 437, where a letter that is not in it becomes "?". What is written is read back equal.
func Write(p *format.Posted, on civil.Date, utf8 bool) []byte {
	w := writer{}
	charset := "PC8"
	if utf8 {
		charset = "UTF-8"
	}
	w.line("#FLAGGA", "0")
	w.buf.WriteString("#KSUMMA\r\n")
	w.sum = 0 // what follows is summed
	w.line("#PROGRAM", "Vienti", "1")
	w.line("#FORMAT", charset)
	w.line("#GEN", compact(on))
	w.line("#SIETYP", "4")
	if p.BusinessID != "" {
		w.line("#ORGNR", p.BusinessID)
	}
	w.line("#FNAMN", p.Company)
	w.line("#VALUTA", string(p.Currency))
	numbers := dimensions(p)
	names := map[int]string{}
	for item, n := range numbers {
		names[n] = cmp.Or(item.Dimension, item.Axis)
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		w.line("#DIM", strconv.Itoa(n), names[n])
	}
	for i := range p.Journals {
		j := &p.Journals[i]
		number := ""
		if j.Receipt != 0 {
			number = strconv.FormatInt(j.Receipt, 10)
		}
		w.line("#VER", "", number, compact(j.Date), p.Reference)
		w.buf.WriteString("{\r\n")
		for _, r := range j.Rows {
			fields := []string{"#TRANS", r.Account, "{"}
			for _, d := range r.Dimensions {
				fields = append(fields, strconv.Itoa(numbers[format.PostedItem{Axis: d.Axis, Dimension: d.Dimension}]), d.Item)
			}
			fields = append(fields, "}", r.Amount.Fixed(2))
			if r.Text != "" {
				fields = append(fields, "", r.Text)
			}
			w.line(fields...)
		}
		w.buf.WriteString("}\r\n")
	}
	fmt.Fprintf(&w.buf, "#KSUMMA %d\r\n", w.sum)
	if utf8 {
		return w.buf.Bytes()
	}
	return encodePC8(w.buf.String())
}

// dimensions gives each dimension its number: that of the standard for what the source
// calls cost centre and the like, a free one for the rest.
func dimensions(p *format.Posted) map[format.PostedItem]int {
	numbers := map[format.PostedItem]int{}
	taken := map[int]bool{}
	var rest []format.PostedItem
	for i := range p.Journals {
		for _, r := range p.Journals[i].Rows {
			for _, d := range r.Dimensions {
				d.Item = ""
				if _, ok := numbers[d]; ok {
					continue
				}
				n := 0
				for number, axis := range axes {
					if axis == d.Axis {
						n, _ = strconv.Atoi(number)
					}
				}
				if s, ok := strings.CutPrefix(d.Axis, "sie_"); ok {
					n, _ = strconv.Atoi(s)
				}
				if n <= 0 || taken[n] {
					n = 0
					rest = append(rest, d)
				}
				numbers[d] = n
				taken[n] = true
			}
		}
	}
	next := firstFree
	for _, d := range rest {
		for taken[next] {
			next++
		}
		numbers[d], taken[next] = next, true
	}
	return numbers
}

type writer struct {
	buf bytes.Buffer
	sum uint32
}

// line writes a record; every field but the label and braces that has to be is in quotes.
func (w *writer) line(fields ...string) {
	list := false
	for i, f := range fields {
		f = clean(f)
		switch {
		case i == 0 || f == "{" && fields[0] == "#TRANS" && i == 2:
			list = f == "{"
			if i > 0 {
				w.buf.WriteByte(' ')
				w.buf.WriteString(f)
				continue
			}
			w.buf.WriteString(f)
		case list && f == "}":
			list = false
			w.buf.WriteString(f)
			continue
		default:
			if !list || fields[i-1] != "{" {
				w.buf.WriteByte(' ')
			}
			if f == "" || strings.ContainsAny(f, " \t\"{}") {
				w.buf.WriteString(`"` + strings.ReplaceAll(f, `"`, `\"`) + `"`)
			} else {
				w.buf.WriteString(f)
			}
		}
		w.sum = crc32.Update(w.sum, crc32.IEEETable, encodePC8(f))
	}
	w.buf.WriteString("\r\n")
}

// clean is a text without what no field may hold (5.7). A backslash before a quote, or at
// the end, would say something else.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.ReplaceAll(strings.TrimSpace(s), `\`, "/")
}

func compact(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return strings.ReplaceAll(d.String(), "-", "")
}
