package engine

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
)

// places know where the values of a document stand in what the source handed over.
type places struct {
	at   map[string]string
	same bool // pushed: the paths are those of the document
	// lines are those of a claim that its part has, nil for a whole document.
	lines []int
	// journal is where a journal stands in its run.
	journal *hub.JournalPlace
}

// placesOf finds the places in the bytes of one document. They are made anew from
// the bytes when a fault needs them: most documents have none.
func placesOf(raw []byte, place string) places {
	if pushed(raw) {
		return places{same: true, lines: linesOf(place), journal: journalAt(place)}
	}
	if j := journalAt(place); j != nil {
		return places{at: file.Places(raw, ""), journal: j}
	}
	return places{at: file.Places(raw, place)}
}

func pushed(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

// exact is the place of the value at path; "" where that is not known.
func (p places) exact(path string) string {
	if path == "" {
		return ""
	}
	if p.journal != nil {
		if p.journal.Rows != nil && strings.HasPrefix(path, "rows[") {
			return "" // one of several that were summed
		}
		path = p.journal.Whole(path)
	}
	if !p.same {
		return p.at[path]
	}
	if p.journal != nil {
		return path
	}
	if row := rowPath.FindString(path); row != "" && p.lines != nil {
		if n, err := strconv.Atoi(row[len("lines[") : len(row)-1]); err == nil && n < len(p.lines) {
			return "lines[" + strconv.Itoa(p.lines[n]) + "]" + path[len(row):]
		}
	}
	return path
}

// near is the place of the value, or of the nearest that it belongs to: what is
// missing in a row is missing in that row.
func (p places) near(path string) string {
	for at := path; at != ""; {
		if place := p.exact(at); place != "" {
			return place
		}
		i := strings.LastIndexAny(at, ".[")
		if i < 0 {
			break
		}
		at = at[:i]
	}
	return ""
}

// needsPlace reports whether a fault is one of the rules', about the document.
func needsPlace(f hub.Fault) bool {
	return f.Path != "" && f.Element == "" && !f.Read && !strings.HasPrefix(f.Code, hub.ProcountorCode) && !strings.HasPrefix(f.Path, "settings.")
}

func (p places) located(faults []hub.Fault) []hub.Fault {
	out := slices.Clone(faults)
	for i := range out {
		if needsPlace(out[i]) {
			out[i].Element = p.near(out[i].Path)
		}
	}
	return out
}

// located gives the faults of a plan their places in what was handed over. Bytes
// that cannot be read are no reason to say less about the document.
func (r *run) located(ctx context.Context, v store.DocumentVersion, faults []hub.Fault) []hub.Fault {
	if !slices.ContainsFunc(faults, needsPlace) {
		return faults
	}
	raw, err := r.e.store.Blob(ctx, v.Raw)
	if err != nil {
		return faults
	}
	return placesOf(raw, v.Place).located(faults)
}

// asRead marks the faults that reading has found. Their paths are the source's own
// but for sums that the file does not state.
func asRead(faults []hub.Fault, raw []byte) []hub.Fault {
	out := slices.Clone(faults)
	for i := range out {
		out[i].Read = true
		if first, _ := utf8.DecodeRuneInString(out[i].Path); pushed(raw) || unicode.IsUpper(first) {
			out[i].Element = out[i].Path
		}
	}
	return out
}

// rowPath is the row that a path belongs to.
var rowPath = regexp.MustCompile(`^lines\[\d+\]`)

// follow are the faults of rules that may only repeat what could not be read in
// their row, or in any.
var follow = map[string]bool{hub.SumsDisagree: true, hub.RowAmount: true, hub.RowsMissing: true, hub.VATStatusUnmapped: true, hub.VATStatusPercent: true}

// unsaid leaves out what the rules say about a place that could not even be
// read: a day that is no day is not also missing, and a row without its price
// has no sum.
func unsaid(read, rules []hub.Fault, p places) (out []hub.Fault) {
	unread := hub.Unread(read)
	for _, f := range rules {
		at, row := p.exact(f.Path), p.exact(rowPath.FindString(f.Path))
		said := slices.ContainsFunc(read, func(r hub.Fault) bool {
			return r.Path == f.Path || at != "" && r.Path == at || row != "" && follow[f.Code] && strings.HasPrefix(r.Path, row)
		})
		if said || unread && (f.Code == hub.SumsDisagree || f.Code == hub.RowAmount || f.Code == hub.RowsMissing) {
			continue
		}
		out = append(out, f)
	}
	return out
}
