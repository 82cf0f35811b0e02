package pcfile

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

const (
	// maxRows of one invoice; Procountor's own pages stop far below.
	maxRows = 10_000
	// maxLine is the length of one line in bytes: 44 fields of 512 characters are
	// a twentieth of it.
	maxLine = 500_000
)

// Decode reads the invoices of a file without attachments. The error is that of
// reading r.
func Decode(r io.Reader, o Options) iter.Seq2[format.Decoded, error] {
	return func(yield func(format.Decoded, error) bool) {
		file, err := io.ReadAll(io.LimitReader(r, format.MaxFile+1))
		if err != nil {
			yield(format.Decoded{}, err)
			return
		}
		for d := range decode(file, o, nil) {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// decode reads the invoices of a file; files are what the archive holds beside it.
func decode(file []byte, o Options, files *archive) iter.Seq[format.Decoded] {
	return func(yield func(format.Decoded) bool) {
		cut := len(file) > format.MaxFile
		n := 0
		for p := range pieces(file) {
			n++
			last := p.end == len(file)
			switch {
			case cut && last:
				yield(unread(p, nil, hub.NewFault(hub.FileTooLarge, p.root(), "", "limit", strconv.Itoa(format.MaxFile))))
				return
			case n > format.MaxDocuments:
				limit := strconv.Itoa(format.MaxDocuments)
				yield(unread(p, file[p.start:], hub.NewFault(hub.TooDeep, p.root(), limit, "limit", limit)))
				return
			}
			if !yield(o.read(p, files)) {
				return
			}
		}
	}
}

// A piece is one invoice in the file: a header line and its rows, or rows that have
// no header.
type piece struct {
	raw        []byte
	line       int // of the file, from 1
	start, end int // in the file
}

func (p piece) root() string { return "A" + strconv.Itoa(p.line) }

// pieces cuts a file before each line whose first field is not empty.
func pieces(file []byte) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		start, first, line := -1, 0, 0
		for at := 0; at < len(file); {
			line++
			end := len(file)
			next := end
			if i := bytes.IndexAny(file[at:], "\r\n"); i >= 0 {
				end = at + i
				next = end + 1
				if file[end] == '\r' && next < len(file) && file[next] == '\n' {
					next++
				}
			}
			text := bytes.TrimPrefix(file[at:end], []byte("\xef\xbb\xbf"))
			text = bytes.Trim(text, " \t\x00\x1a")
			switch {
			case len(text) == 0 && start < 0:
			case len(text) > 0 && text[0] != ';' && start >= 0:
				if !yield(piece{file[start:at], first, start, at}) {
					return
				}
				start, first = at, line
			case start < 0 && len(bytes.Trim(text, ";")) > 0:
				start, first = at, line
			}
			at = next
		}
		if start >= 0 {
			yield(piece{file[start:], first, start, len(file)})
		}
	}
}

// unread is what stands for a piece that could not be read.
func unread(p piece, raw []byte, faults ...hub.Fault) format.Decoded {
	d := format.Unread(format.Part{Raw: p.raw})
	d.Faults, d.Raw = append(d.Faults, faults...), raw
	return d
}

// A row is one line, cut into its fields.
type row struct {
	line   int
	fields []string
}

// read makes a document of a piece.
func (o Options) read(p piece, files *archive) format.Decoded {
	text, fault := format.DecodeText(p.raw)
	if fault != nil {
		fault.Path = p.root()
		if line, err := strconv.Atoi(fault.Args["line"]); err == nil {
			fault.Args["line"] = strconv.Itoa(p.line + line - 1)
		}
		return unread(p, p.raw, *fault)
	}
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text)), "\n")
	var rows []row
	for i, l := range lines {
		if len(l) > maxLine {
			return unread(p, p.raw, hub.NewFault(hub.TooDeep, p.root(), "", "limit", strconv.Itoa(maxLine)))
		}
		fields := strings.Split(l, ";")
		filled := false
		for k := range fields {
			fields[k] = strings.Trim(fields[k], " \t\u00a0\x00\x1a")
			filled = filled || fields[k] != ""
		}
		if filled {
			rows = append(rows, row{p.line + i, fields})
		}
	}
	if len(rows) > maxRows {
		return unread(p, p.raw, hub.NewFault(hub.TooDeep, p.root(), "", "limit", strconv.Itoa(maxRows)))
	}
	head := rows[0]
	if head.fields[0] == "" {
		return unread(p, p.raw, hub.NewFault(hub.LineWithoutInvoice, p.root(), "", "line", strconv.Itoa(head.line)))
	}
	v := invoice{o: o, root: p.root(), head: head, files: files}
	kind, fault := o.kindOf(head.fields[0])
	if fault == nil {
		fault = columns(head, headColumns)
	}
	for _, r := range rows[1:] {
		if fault == nil && len(r.fields) < rowColumns {
			fault = columns(r, rowColumns)
		}
	}
	if fault != nil {
		fault.Path = v.at(head, hType)
		if line := fault.Args["line"]; line != "" {
			fault.Path = fmt.Sprintf("%s/row[%s]", v.root, line)
		}
		return unread(p, p.raw, *fault)
	}
	v.read(kind, rows[1:], p.raw)
	return format.Decoded{Document: v.doc, Faults: v.Distinct(), Raw: p.raw, Places: v.Places}
}

// kindOf is what a type letter stands for.
func (o Options) kindOf(letter string) (hub.Kind, *hub.Fault) {
	switch letter {
	case typeSale:
		return hub.SalesInvoice, nil
	case o.Purchase:
		return hub.PurchaseInvoice, nil
	}
	known := typeSale
	if o.Purchase != "" {
		known += ", " + o.Purchase
	}
	code := hub.TypeUnknown
	if letter == typeExpense || letter == typeTravel || letter == typeJournal {
		code = hub.TypeNotMoved
	}
	f := hub.NewFault(code, "", letter, "known", known)
	return "", &f
}

// columns says when a line has not as many fields as it must: a semicolon in a text
// moves all that follows, so one more is not let pass even when it is empty.
func columns(r row, want int) *hub.Fault {
	n := len(r.fields)
	if n == want {
		return nil
	}
	f := hub.NewFault(hub.ColumnsWrong, "", "", "line", strconv.Itoa(r.line), "columns", strconv.Itoa(n), "expected", strconv.Itoa(want))
	return &f
}

// Places finds out where the values of one invoice stand in the file that it came
// from; root is the place of its first cell there.
func Places(raw []byte, root string) map[string]string {
	line, err := strconv.Atoi(strings.TrimPrefix(root, "A"))
	if err != nil {
		line = 1
	}
	for p := range pieces(raw) {
		p.line = line
		return Options{}.read(p, nil).Places
	}
	return nil
}
