// Package journalxml reads the journal of a payroll run as Visma Nmbrs gives it, by its
// interface or as a file: transactions of a day and a period, each with lines of debit and
// credit. Elements are found by their names, wherever they stand; see
// docs/sources/payroll-files.md.
//
// Places in faults count from 1: "transaction[2]/line[7]". No fault ever holds an amount.
package journalxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Limits on a journal.
const (
	maxDepth = 16    // three levels are used
	maxText  = 2_000 // bytes of one value
)

// Options say what the journal leaves open.
type Options struct {
	// Second is the axis of dim2, which is what the journal was asked by: cost centres,
	// departments, or employees ([format.EmployeeAxis]); "" means cost centres.
	Second string
	// Third is the axis of dim3; "" means cost units.
	Third string
	// OtherPeriods says that periods are no months, but weeks or four weeks: then the day
	// of a transaction tells its month.
	OtherPeriods bool
}

// Takes reports whether a file is of this kind, by its beginning.
func Takes(head []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	d.CharsetReader = asIs
	for {
		t, err := d.RawToken()
		if err != nil {
			return false
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local == "transactions"
		}
	}
}

// asIs: the text is UTF-8 by the time that it is read, whatever its declaration says.
func asIs(_ string, r io.Reader) (io.Reader, error) { return r, nil }

// File reads a file that is one run. Such a file does not say how the run is called: it
// goes by its latest period, for the name of the file may be another one each time.
func File(raw []byte, name string) format.Decoded {
	journals, faults := Decode(raw, Options{})
	if len(journals) == 0 && !hub.Stops(faults) {
		faults = append(faults, hub.NewFault(hub.RowsMissing, "transactions", ""))
	}
	if hub.Stops(faults) {
		return format.UnreadRun(filepath.Base(name), raw, faults)
	}
	probe := hub.Document{Journals: journals}
	year, month, _ := strings.Cut(string(probe.Ordinary()), "-")
	return format.Decoded{Document: format.RunDocument(journals, strings.TrimPrefix(month, "0")+"/"+year, "EUR"), Faults: faults, Raw: raw}
}

// Decode reads the transactions of a journal, one [hub.RunJournal] each. One without rows
// is left out: there is nothing to book. A transaction whose day lies outside its period is
// dated on the last day of it: what a run corrects is booked in the period that the
// correction belongs to (FEATURES N-19).
func Decode(raw []byte, o Options) (journals []hub.RunJournal, faults []hub.Fault) {
	text, fault := format.DecodeText(raw)
	if fault != nil {
		fault.Path = "transactions"
		return nil, []hub.Fault{*fault}
	}
	r := reader{o: o, d: xml.NewDecoder(bytes.NewReader(text))}
	if r.o.Second == "" {
		r.o.Second = hub.CostCentreAxis
	}
	if r.o.Third == "" {
		r.o.Third = hub.CostUnitAxis
	}
	r.d.CharsetReader = asIs
	r.read()
	return r.journals, r.faults
}

// Places says where the rows of a journal stand in it: by their paths in the document,
// such as journals[0].rows[3].
func Places(raw []byte) map[string]string {
	text, fault := format.DecodeText(raw)
	if fault != nil {
		return nil
	}
	r := reader{d: xml.NewDecoder(bytes.NewReader(text))}
	r.d.CharsetReader = asIs
	r.read()
	places := map[string]string{}
	for n := range r.journals {
		r.nth, r.row = r.numbers[n], 0
		path := "journals[" + strconv.Itoa(n) + "]"
		places[path] = r.at("")
		for i := range r.journals[n].Rows {
			r.row = i + 1
			places[path+".rows["+strconv.Itoa(i)+"]"] = r.at("")
		}
	}
	return places
}

type reader struct {
	o        Options
	d        *xml.Decoder
	journals []hub.RunJournal
	numbers  []int // of the transactions that they are
	faults   []hub.Fault
	nth      int // transaction
	row      int // line of it
	rows     int // in all
}

func (r *reader) at(element string) string {
	at := "transactions"
	if r.nth > 0 {
		at = "transaction[" + strconv.Itoa(r.nth) + "]"
		if r.row > 0 {
			at += "/line[" + strconv.Itoa(r.row) + "]"
		}
	}
	if element != "" {
		at += "/" + element
	}
	return at
}

const maxFaults = 200 // nobody reads more

func (r *reader) fault(code, element string, args ...string) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, hub.NewFault(code, r.at(element), "", args...))
	}
}

// errStop ends reading after a fault.
var errStop = errors.New("stop")

func (r *reader) read() {
	seen := false
	for {
		t, err := r.token()
		if err != nil {
			if !seen && !hub.Stops(r.faults) {
				r.fault(hub.FormatUnknown, "")
			}
			return
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if !seen && e.Name.Local != "transactions" {
			r.fault(hub.FormatUnknown, "")
			return
		}
		if seen = true; e.Name.Local == "transaction" {
			if err := r.transaction(); err != nil {
				return
			}
		}
	}
}

// token reads on; what cannot be read is a fault and the end.
func (r *reader) token() (xml.Token, error) {
	t, err := r.d.Token()
	line, _ := r.d.InputPos()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			reason := ""
			if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
				reason = e.Msg // speaks of markup alone
			}
			r.fault(hub.XMLBroken, "", "line", strconv.Itoa(line), "reason", reason)
		}
		return nil, err
	}
	if _, ok := t.(xml.Directive); ok {
		r.fault(hub.EntityForbidden, "", "line", strconv.Itoa(line))
		return nil, errStop
	}
	return t, nil
}

// fields reads the texts of the elements in one, by name; into decides about one that it
// knows, and reads it itself.
func (r *reader) fields(into func(name string) (bool, error)) (map[string]string, error) {
	values := map[string]string{}
	var path []string
	for {
		t, err := r.token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				r.fault(hub.XMLBroken, "", "line", "", "reason", "unexpected EOF")
			}
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if done, err := into(t.Name.Local); err != nil {
				return nil, err
			} else if done {
				continue
			}
			if path = append(path, t.Name.Local); len(path) > maxDepth {
				r.fault(hub.TooDeep, "", "limit", strconv.Itoa(maxDepth))
				return nil, errStop
			}
		case xml.EndElement:
			if len(path) == 0 {
				return values, nil
			}
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) == 0 {
				continue
			}
			name := strings.ToLower(path[len(path)-1])
			if len(values[name])+len(t) > maxText {
				r.fault(hub.TooDeep, name, "limit", strconv.Itoa(maxText))
				return nil, errStop
			}
			values[name] += strings.TrimSpace(string(t))
		}
	}
}

func (r *reader) transaction() error {
	r.nth++
	r.row = 0
	j := hub.RunJournal{}
	values, err := r.fields(func(name string) (bool, error) {
		if name != "line" {
			return false, nil
		}
		r.row++
		row, err := r.line()
		j.Rows = append(j.Rows, row)
		return true, err
	})
	r.row = 0
	if err != nil {
		return err
	}
	if len(j.Rows) == 0 {
		return nil
	}
	j.Text = values["description"]
	r.day(&j, values["date"], values["period"])
	r.journals, r.numbers = append(r.journals, j), append(r.numbers, r.nth)
	return nil
}

// day sets day and period, which must agree.
func (r *reader) day(j *hub.RunJournal, date, period string) {
	if date != "" {
		d, err := civil.ParseCompact(date)
		if err != nil {
			if d, err = civil.Parse(date); err != nil {
				r.fault(hub.FieldInvalid, "date", "field", "date", "form", "20260630")
			}
		}
		j.Date = d
	}
	if number, year, ok := strings.Cut(period, "/"); ok && !r.o.OtherPeriods {
		m, err1 := strconv.Atoi(strings.TrimSpace(number))
		y, err2 := strconv.Atoi(strings.TrimSpace(year))
		switch {
		case err1 != nil || err2 != nil || m < 1 || m > 53 || y < 1990 || y > 2200:
			r.fault(hub.FieldInvalid, "period", "field", "period", "form", "6/2026")
		case m <= 12:
			j.Period = hub.Month(strconv.Itoa(y) + "-" + strconv.Itoa(m + 100)[1:])
			if days := j.Period.Days(); !days.Contains(j.Date) {
				j.Date = days.Last
			}
		}
	}
	if j.Date.IsZero() {
		r.fault(hub.FieldMissing, "date", "field", "date")
	}
}

func (r *reader) line() (row hub.JournalRow, err error) {
	if r.rows++; r.rows > format.MaxRunRows {
		r.fault(hub.TooDeep, "", "limit", strconv.Itoa(format.MaxRunRows))
		return row, errStop
	}
	v, err := r.fields(func(string) (bool, error) { return false, nil })
	if err != nil {
		return row, err
	}
	row.Account, row.Text = v["dim1"], v["description"]
	if row.Account == "" {
		r.fault(hub.FieldMissing, "dim1", "field", "dim1")
	}
	for _, d := range []hub.Dimension{{Axis: r.o.Second, Code: v["dim2"]}, {Axis: r.o.Third, Code: v["dim3"]}} {
		switch {
		case d.Code == "":
		case d.Axis == format.EmployeeAxis:
			row.Employee = d.Code
		default:
			row.Dimensions = append(row.Dimensions, d)
		}
	}
	a, err := money.Parse(v["value"])
	if err != nil {
		r.fault(hub.FieldInvalid, "value", "field", "value", "form", "1250.50") // never the value: it may be a salary
		return row, nil                                                         //nolint:nilerr // the fault says it
	}
	switch strings.ToLower(v["debitcredit"]) {
	case "debit":
		row.Amount = a
	case "credit":
		row.Amount = a.Neg()
	default:
		r.fault(hub.FieldInvalid, "debitcredit", "field", "debitcredit", "form", "debit, credit")
	}
	return row, nil
}
