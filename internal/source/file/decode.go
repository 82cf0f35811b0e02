// Package file reads invoice files: one at a time, as they are handed over, or all
// that appear in a folder. The format is found in the content, never in the name:
// Finvoice and Peppol BIS 3 (UBL), mixed in one file if need be.
package file

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/finvoice"
	"github.com/vienti/vienti/internal/format/ubl"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// Decode reads the documents of one file as a stream. What is no document of a
// known format comes out as one that could not be read, and so does a file without
// anything in it: whatever is handed over is answered for. The error is that of
// reading r. The name is what people call the file.
func Decode(r io.Reader, name string, o format.Options) iter.Seq2[source.Found, error] {
	return func(yield func(source.Found, error) bool) {
		fin := finvoice.Decoder{Options: o}
		n := 0
		show := func(list ...format.Decoded) bool {
			for _, d := range list {
				n++
				if !yield(found(d, name, n), nil) {
					return false
				}
			}
			return true
		}
		for p, err := range format.Parts(r) {
			if err != nil {
				yield(source.Found{}, fmt.Errorf("read %s: %w", name, err))
				return
			}
			if ubl.Takes(p) {
				if !show(fin.Close()...) || !show(ubl.Part(o, p)) {
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

// found names a document that could not be read by its file.
func found(d format.Decoded, name string, n int) source.Found {
	if d.Document.Kind == hub.Unreadable {
		d.Document.Number = filepath.Base(name)
		if n > 1 {
			d.Document.Number = fmt.Sprintf("%s (%d)", d.Document.Number, n)
		}
	}
	return source.Found{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: name}
}

// Read is Decode for a file on disk.
func Read(path string, o format.Options) iter.Seq2[source.Found, error] {
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
