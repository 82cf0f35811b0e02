// Package sie reads and writes SIE files of types 1 to 4, the text format of Swedish
// accounting programs, which payroll programs write too. Vouchers (#VER) become journals of
// payroll; the rest of a ledger, balances and budgets, is nobody's document and ignored.
// Source: "SIE filformat, utgåva 4B", www.sie.se; numbers in brackets are its paragraphs.
// What becomes of each label is in docs/sources/payroll-files.md.
//
// Places in faults are lines of the file: "L12/#TRANS". No fault ever holds an amount.
package sie

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/sweden"
)

// axes are the dimensions that the standard reserves (8.17). Any other goes by its number.
var axes = map[string]string{
	"1": hub.CostCentreAxis, "2": hub.CostUnitAxis, "6": "project", "7": format.EmployeeAxis,
	"8": "customer", "9": "supplier", "10": "invoice",
}

// Axis is the axis of a dimension of such files.
func Axis(dimension string) string {
	if a := axes[dimension]; a != "" {
		return a
	}
	return "sie_" + dimension
}

// labels that a file may begin with.
var labels = []string{
	"#FLAGGA", "#KSUMMA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#ORGNR", "#FNAMN", "#FNR", "#PROSA", "#RAR", "#VER",
	"#ADRESS", "#BKOD", "#DIM", "#FTYP", "#KONTO", "#KPTYP", "#OBJEKT", "#OMFATTN", "#TAXAR", "#VALUTA",
}

// Takes reports whether a file is of this kind, by its beginning.
func Takes(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	label := head[:min(len(head), 10)]
	if i := bytes.IndexAny(label, " \t\r\n"); i >= 0 {
		label = label[:i]
	}
	return slices.Contains(labels, strings.ToUpper(string(label)))
}

// Decode reads the payroll runs of a file: all of it is one, or each voucher, as
// o.Payroll.Runs says. The latter reads a ledger of any size as a stream. The error is that
// of reading r.
func Decode(r io.Reader, name string, o format.Options) iter.Seq2[format.Decoded, error] {
	if o.Payroll.Runs == hub.RunIsVoucher {
		return vouchers(r, name, o)
	}
	return func(yield func(format.Decoded, error) bool) {
		yield(whole(r, name, o))
	}
}

// whole reads a file that is one run.
func whole(r io.Reader, name string, o format.Options) (format.Decoded, error) {
	raw, err := io.ReadAll(io.LimitReader(r, format.MaxFile+1))
	if err != nil {
		return format.Decoded{}, err
	}
	if len(raw) > format.MaxFile {
		return format.TooLargeRun(base(name), raw), nil
	}
	in := NewReader(bytes.NewReader(raw))
	var journals []hub.RunJournal
	var faults []hub.Fault
	rows, latest := 0, civil.Date{}
	reference := ""
	for {
		v, err := in.Next()
		if err != nil { // of memory, there is only the end
			break
		}
		if at := other(&in.Head, o); at != "" {
			return format.OtherRun(in.Head.OrgNumber, in.Head.Name, firstOwn(o), hub.HashOf(raw), at), nil
		}
		list, bad := journalsOf(v, &in.Head)
		faults = append(faults, bad...)
		if rows += len(v.Rows); rows > format.MaxRunRows {
			faults = append(faults, hub.NewFault(hub.TooDeep, place(v.Line, "#VER"), "", "limit", strconv.Itoa(format.MaxRunRows)))
			break
		}
		if ref := named(v); len(list) > 0 && ref != "" && (reference == "" || v.Date.After(latest)) {
			reference, latest = ref, v.Date
		}
		journals = append(journals, plain(list)...)
	}
	if at := other(&in.Head, o); at != "" {
		return format.OtherRun(in.Head.OrgNumber, in.Head.Name, firstOwn(o), hub.HashOf(raw), at), nil
	}
	faults = append(faults, in.Faults...)
	if len(journals) > 0 || !hub.Stops(faults) {
		faults = append(faults, said(&in.Head, len(journals))...)
	}
	if hub.Stops(faults) {
		return format.UnreadRun(base(name), raw, faults), nil
	}
	d := format.RunDocument(journals, cmp.Or(reference, base(name), "SIE"), currency(&in.Head, o))
	d.Seller = hub.Party{Name: in.Head.Name, BusinessID: in.Head.OrgNumber}
	return format.Decoded{Document: d, Faults: faults, Raw: raw}, nil
}

// vouchers reads a file whose vouchers are runs, one after the other.
func vouchers(r io.Reader, name string, o format.Options) iter.Seq2[format.Decoded, error] {
	return func(yield func(format.Decoded, error) bool) {
		hash := sha256.New()
		in := NewReader(io.TeeReader(r, hash))
		seen := map[string]int{}
		n, told := 0, 0
		refuse := func(at string) error {
			if _, err := io.Copy(io.Discard, in.r); err != nil {
				return err
			}
			yield(format.OtherRun(in.Head.OrgNumber, in.Head.Name, firstOwn(o), hex.EncodeToString(hash.Sum(nil)), at), nil)
			return nil
		}
		for {
			v, err := in.Next()
			if err != nil && !errors.Is(err, io.EOF) {
				yield(format.Decoded{}, err)
				return
			}
			if at := other(&in.Head, o); at != "" {
				if err := refuse(at); err != nil {
					yield(format.Decoded{}, err)
				}
				return
			}
			if v == nil {
				break
			}
			n++
			journals, faults := journalsOf(v, &in.Head)
			if len(v.Rows) > format.MaxRunRows {
				faults = append(faults, hub.NewFault(hub.TooDeep, place(v.Line, "#VER"), "", "limit", strconv.Itoa(format.MaxRunRows)))
			}
			faults = append(faults, in.Faults[told:]...)
			told = len(in.Faults)
			if in.Head.Flag == "1" {
				faults = append(faults, hub.NewFault(hub.SIEImported, "L1/#FLAGGA", "1"))
			}
			raw := bytes.Clone(v.Raw)
			switch {
			case hub.Stops(faults):
				if !yield(format.UnreadRun(fmt.Sprintf("%s (%d)", base(name), n), raw, faults), nil) {
					return
				}
			case len(journals) > 0:
				ref := cmp.Or(numbered(v), v.Text, base(name))
				id := hub.RunID(hub.MonthOf(v.Date), ref)
				if seen[id]++; seen[id] > 1 {
					ref = fmt.Sprintf("%s (%d)", ref, seen[id])
				}
				d := format.RunDocument(plain(journals), ref, currency(&in.Head, o))
				d.Seller = hub.Party{Name: in.Head.Name, BusinessID: in.Head.OrgNumber}
				if !yield(format.Decoded{Document: d, Faults: faults, Raw: raw}, nil) {
					return
				}
			}
		}
		faults := append(slices.Clone(in.Faults[told:]), said(&in.Head, n)...)
		if n > 0 {
			faults = slices.DeleteFunc(faults, func(f hub.Fault) bool { return f.Warning || f.Code == hub.SIEImported })
		}
		if hub.Stops(faults) {
			yield(format.UnreadRun(base(name), hash.Sum(nil), faults), nil)
		}
	}
}

// other says where the file names another company as its own; "" when it does not.
func other(h *Head, o format.Options) string {
	own := firstOwn(o)
	if h.OrgNumber == "" || own == "" || slices.ContainsFunc(o.Own, func(id string) bool { return format.SameID(id, h.OrgNumber) }) {
		return ""
	}
	return place(h.OrgLine, "#ORGNR")
}

func firstOwn(o format.Options) string { return cmp.Or(o.Own...) }

// said are the faults of the head, and of a file without vouchers.
func said(h *Head, vouchers int) (faults []hub.Fault) {
	switch {
	case vouchers == 0 && h.Type != "" && !strings.HasPrefix(h.Type, "4"):
		faults = append(faults, hub.NewFault(hub.SIEType, "file/#SIETYP", h.Type, "version", h.Type))
	case vouchers == 0:
		faults = append(faults, hub.NewFault(hub.RowsMissing, "file/#VER", ""))
	}
	if h.Flag == "1" {
		faults = append(faults, hub.NewFault(hub.SIEImported, "file/#FLAGGA", "1"))
	}
	return faults
}

// currency of the file: that which it states (#VALUTA), else kronor of a Swedish company,
// as the standard says, and euros of any other.
func currency(h *Head, o format.Options) money.Currency {
	if c, err := money.ParseCurrency(h.Currency); err == nil {
		return c
	}
	if _, err := sweden.ParseOrganisationNumber(cmp.Or(h.OrgNumber, firstOwn(o))); err == nil {
		return "SEK"
	}
	return "EUR"
}

// A journal and the lines of its rows.
type journal struct {
	hub.RunJournal
	lines []int
}

func plain(list []journal) (journals []hub.RunJournal) {
	for i := range list {
		journals = append(journals, list[i].RunJournal)
	}
	return journals
}

// Places says in which lines of a file that is one run its rows stand: by their paths in
// the document, such as journals[0].rows[3].
func Places(raw []byte) map[string]string {
	in := NewReader(bytes.NewReader(raw))
	places := map[string]string{}
	for n := 0; ; {
		v, err := in.Next()
		if err != nil {
			return places
		}
		list, _ := journalsOf(v, &in.Head)
		for _, j := range list {
			path := "journals[" + strconv.Itoa(n) + "]"
			places[path] = place(v.Line, "#VER")
			for i, line := range j.lines {
				places[path+".rows["+strconv.Itoa(i)+"]"] = place(line, "#TRANS")
			}
			n++
		}
	}
}

// journalsOf makes a journal of a voucher, or one for each month that its rows name: what a
// correction is of belongs into the month of its own (FEATURES N-19). Rows of other months
// that do not balance by themselves are a fault.
func journalsOf(v *Voucher, h *Head) (list []journal, faults []hub.Fault) {
	faults = v.Faults
	at := func(code string, args ...string) {
		faults = append(faults, hub.NewFault(code, place(v.Line, "#VER"), "", append(args, "line", strconv.Itoa(v.Line), "number", cmp.Or(numbered(v), "–"))...))
	}
	if len(v.Rows) == 0 && !v.Struck && !hub.Stops(faults) {
		at(hub.SIEVoucherEmpty)
	}
	if hub.Stops(faults) || len(v.Rows) == 0 {
		return nil, faults
	}
	month, byMonth := hub.MonthOf(v.Date), map[hub.Month]*journal{}
	var months []hub.Month
	for i := range v.Rows {
		day, m := v.Rows[i].Date, month
		if day.IsZero() || day.Year == v.Date.Year && day.Month == v.Date.Month {
			day = v.Date
		} else {
			m = hub.MonthOf(day)
		}
		j := byMonth[m]
		if j == nil {
			j = &journal{RunJournal: hub.RunJournal{Date: day, Series: v.Series, Number: v.Number, Text: v.Text}}
			byMonth[m] = j
			months = append(months, m)
		}
		if day.After(j.Date) {
			j.Date = day
		}
		j.Rows, j.lines = append(j.Rows, rowOf(&v.Rows[i], h)), append(j.lines, v.Rows[i].Line)
	}
	slices.Sort(months)
	for _, m := range months {
		j := byMonth[m]
		if len(months) > 1 && !j.Left().IsZero() {
			at(hub.SIERowMonths)
			return nil, faults
		}
		if len(h.Years) > 0 && !slices.ContainsFunc(h.Years, func(y civil.Period) bool { return y.Contains(j.Date) }) {
			at(hub.SIEYear, "date", j.Date.String())
			return nil, faults
		}
		list = append(list, *j)
	}
	return list, faults
}

func rowOf(r *Row, h *Head) hub.JournalRow {
	row := hub.JournalRow{Account: r.Account, AccountName: h.Accounts[r.Account], Amount: r.Amount, Text: r.Text}
	for _, it := range r.Items {
		switch axis := Axis(it.Dimension); {
		case it.Code == "":
		case axis == format.EmployeeAxis:
			row.Employee = it.Code
		default:
			row.Dimensions = append(row.Dimensions, hub.Dimension{Axis: axis, Code: it.Code, Name: h.Items[it]})
		}
	}
	return row
}

// named is what people call a voucher: its text, else its number.
func named(v *Voucher) string { return cmp.Or(v.Text, numbered(v)) }

func numbered(v *Voucher) string { return strings.TrimSpace(v.Series + " " + v.Number) }

// base is the name of a file without its folder and ending.
func base(name string) string {
	name = filepath.Base(name)
	if name == "." || name == "/" {
		return ""
	}
	return strings.TrimSuffix(name, filepath.Ext(name))
}
