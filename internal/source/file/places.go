package file

import (
	"bytes"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/journalxml"
	"github.com/vienti/vienti/internal/format/pcfile"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
)

// Places finds out where the values of a document stand in the file that it came
// from: by path in the document ("lines[3].vat_percent", counted from 0), the path
// in the file. raw are the bytes of the one document, place is its root element
// there ("Finvoice[2]"), "" for the first. Nil when raw is none of our formats.
func Places(raw []byte, place string) map[string]string {
	head := raw[:min(len(raw), sniffed)]
	if pcfile.Takes(head) {
		return pcfile.Places(raw, place)
	}
	if sie.Takes(head) {
		if bytes.HasPrefix(head, []byte("#VER")) {
			return nil // cut out of a ledger, whose lines are counted otherwise
		}
		return sie.Places(raw)
	}
	if journalxml.Takes(head) {
		return journalxml.Places(raw)
	}
	if !bytes.Contains(head, []byte("<")) {
		return nil
	}
	for d, err := range Decode(bytes.NewReader(raw), "", Options{Options: format.Options{Kind: hub.SalesInvoice}}) {
		if err != nil || d.Places == nil {
			continue
		}
		for path, at := range d.Places {
			if _, rest, ok := strings.Cut(at, "/"); ok && place != "" {
				d.Places[path] = place + "/" + rest
			}
		}
		return d.Places
	}
	return nil
}

// sniffed is how far the first element may be from the beginning of a file.
const sniffed = 4096
