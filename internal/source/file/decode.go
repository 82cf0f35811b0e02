// Package file reads files of invoices and payroll runs: one at a time, as they are handed over, or all
// that appear in a folder. The format is found in the content, never in the name:
// Finvoice and Peppol BIS 3 (UBL), mixed in one file if need be, Procountor's own
// invoice file, alone or in a ZIP, the CSV of Heeros, lists as workbooks or text, and
// payroll runs as SIE or journal XML.
package file

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/finvoice"
	"github.com/vienti/vienti/internal/format/heeros"
	"github.com/vienti/vienti/internal/format/journalxml"
	"github.com/vienti/vienti/internal/format/pcfile"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/format/table"
	"github.com/vienti/vienti/internal/format/ubl"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// Options say whose files are read, what Procountor's own format leaves open, and what
// the columns of lists mean.
type Options struct {
	format.Options
	pcfile.Settings
	Tables []hub.TableMap
	// Secret says that payroll comes this way: what cannot be read may be of payroll.
	Secret bool
}

// For are the options of a connection's files: the kind is the one that it moves, when it
// moves one only; own is the company's business id.
func For(s *hub.Settings, own string) Options {
	o := Options{Options: format.Options{Kind: hub.SalesInvoice, Own: []string{own}, Payroll: s.Payroll}, Tables: s.Tables, Secret: s.Kinds[hub.PayrollJournal].On}
	if s.Kinds[hub.PurchaseInvoice].On && !s.Kinds[hub.SalesInvoice].On {
		o.Kind = hub.PurchaseInvoice
	}
	return o
}

// table reads a list by the map that somebody has made for its header.
func (o Options) table(b []byte, name string) []format.Decoded {
	if heeros.Takes(b) {
		return heeros.Decode(b, o.Options)
	}
	t, fault := table.Read(b)
	if fault == nil {
		s := hub.Settings{Tables: o.Tables}
		if m := s.MapFor(t.Header); m != nil {
			return t.Documents(*m, o.Options)
		}
		return []format.Decoded{t.Unmapped(b, name)}
	}
	return []format.Decoded{format.Unread(format.Part{Raw: b, Fault: fault})}
}

// Decode reads the documents of one file as a stream. What is no document of a
// known format comes out as one that could not be read, and so does a file without
// anything in it: whatever is handed over is answered for. The error is that of
// reading r. The name is what people call the file.
func Decode(r io.Reader, name string, o Options) iter.Seq2[source.Found, error] {
	return func(yield func(source.Found, error) bool) {
		fin := finvoice.Decoder{Options: o.Options}
		n := 0
		show := func(list ...format.Decoded) bool {
			for _, d := range list {
				n++
				if !yield(o.found(d, name, n), nil) {
					return false
				}
			}
			return true
		}
		b := bufio.NewReaderSize(r, sniffed)
		head, _ := b.Peek(sniffed) // a read error comes again below
		if runs := payroll(head, b, name, o); runs != nil {
			for d, err := range runs {
				if err != nil {
					yield(source.Found{}, fmt.Errorf("read %s: %w", name, err))
					return
				}
				if !show(d) {
					return
				}
			}
			return
		}
		if zip := pcfile.TakesArchive(head); zip || table.IsText(head) && !pcfile.Takes(head) {
			whole, err := io.ReadAll(io.LimitReader(b, format.MaxFile+1))
			if err != nil {
				yield(source.Found{}, fmt.Errorf("read %s: %w", name, err))
				return
			}
			if len(whole) <= format.MaxFile && (!zip || table.IsWorkbook(whole)) {
				show(o.table(whole, name)...)
				return
			}
			b = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(whole), b), sniffed)
		}
		decode := pcfile.Decode
		switch {
		case pcfile.TakesArchive(head):
			decode = pcfile.DecodeArchive
		case !pcfile.Takes(head):
			decode = nil
		}
		if decode != nil {
			for d, err := range decode(b, pcfile.Options{Options: o.Options, Settings: o.Settings}) {
				if err != nil {
					yield(source.Found{}, fmt.Errorf("read %s: %w", name, err))
					return
				}
				if !show(d) {
					return
				}
			}
			return
		}
		for p, err := range format.Parts(b) {
			if err != nil {
				yield(source.Found{}, fmt.Errorf("read %s: %w", name, err))
				return
			}
			if ubl.Takes(p) {
				if !show(fin.Close()...) || !show(ubl.Part(o.Options, p)) {
					return
				}
				continue
			}
			if !show(fin.Part(p)...) {
				return
			}
		}
		if !show(fin.Close()...) || n > 0 {
			return
		}
		// Two empty files are two: their names are all that there is.
		f := hub.NewFault(hub.FormatUnknown, "file", "")
		empty := format.Unread(format.Part{Raw: []byte("empty file " + name), Fault: &f})
		empty.Raw = []byte{}
		show(empty)
	}
}

// payroll are the runs in a file of payroll, nil when it is none.
func payroll(head []byte, r io.Reader, name string, o Options) iter.Seq2[format.Decoded, error] {
	switch {
	case sie.Takes(head):
		return sie.Decode(r, name, o.Options)
	case journalxml.Takes(head):
		return func(yield func(format.Decoded, error) bool) {
			raw, err := io.ReadAll(io.LimitReader(r, format.MaxFile+1))
			if len(raw) > format.MaxFile {
				yield(format.TooLargeRun(name, raw), err)
				return
			}
			yield(journalxml.File(raw, name), err)
		}
	}
	return nil
}

// IsPayroll reports whether a file is of payroll, by its beginning.
func IsPayroll(head []byte) bool { return sie.Takes(head) || journalxml.Takes(head) }

// found names a document that could not be read by its file. Where payroll comes, it is
// taken for payroll: sealed, and seen with the right alone.
func (o Options) found(d format.Decoded, name string, n int) source.Found {
	if o.Secret && d.Document.Kind == hub.Unreadable && d.Raw != nil {
		d = format.UnreadRun(name, d.Raw, d.Faults)
	}
	if d.Document.Kind == hub.Unreadable || d.Document.Whole() && len(d.Document.Journals) == 0 {
		d.Document.Number = filepath.Base(name)
		if n > 1 {
			d.Document.Number = fmt.Sprintf("%s (%d)", d.Document.Number, n)
		}
	}
	return source.Found{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: name}
}

// Read is Decode for a file on disk.
func Read(path string, o Options) iter.Seq2[source.Found, error] {
	return func(yield func(source.Found, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(source.Found{}, err)
			return
		}
		defer f.Close()
		for d, err := range Decode(f, filepath.Base(path), o) {
			if !yield(d, err) {
				return
			}
		}
	}
}
