// Package feature ties the rows of docs/features to the tests that show them.
//
// Each row is one fact of a vendor's integration with Procountor. A row marked
// done, lifted or kept names the test that shows it, and that test calls
// [Covers] with the row's number. [Check] holds the two together by reading the
// test files; [CheckRecord] holds them to what a test run really saw.
package feature

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Module is the path of this module.
const Module = "github.com/vienti/vienti"

// A Mark says where a row stands.
type Mark string

const (
	Planned Mark = "planned"  // ours, not there yet
	Done    Mark = "done"     // works
	Lifted  Mark = "lifted"   // we do what the vendor does not
	Kept    Mark = "kept"     // the same limit on purpose, said in the product
	NotOurs Mark = "not ours" // the vendor's commerce, or an accident of its program
)

// maxNotOurs is the most rows that may be set aside as not ours.
const maxNotOurs = 25

// A Row is one line of a table in docs/features.
type Row struct {
	ID        string   // "E-25": letter of the vendor, number of the row
	Kinds     []string // B, S, F, L, ST, E, UI, P, X; see docs/features/README.md
	Statement string
	Mark      Mark
	Does      string   // what Vienti does; for NotOurs, why not
	Tests     []string // "internal/finland.TestReference"; for X rows also "docs/decisions/007-….md"
	At        string   // file:line, for messages
}

// counts says whether the row adds to the left figure of the count.
func (r Row) counts() bool { return r.Mark == Done || r.Mark == Lifted || r.Mark == Kept }

// Letters are the vendors' letters, in the order of the count.
var Letters = []string{"E", "T", "V", "S", "N"}

// rowsOf is how many rows each vendor's page has. They are never renumbered, and
// none is dropped.
var rowsOf = map[string]int{"E": 90, "T": 57, "V": 78, "S": 126, "N": 20}

// Dir finds docs/features from the working directory upwards, as far as the
// folder with go.mod.
func Dir() (string, error) {
	root, err := Root()
	return filepath.Join(root, "docs", "features"), err
}

// Root is the folder with go.mod, at or above the working directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod at or above the working directory")
		}
		dir = up
	}
}

// Read returns the rows of the five files in dir, in order. It fails on a row
// that is malformed, missing, or out of order.
func Read(dir string) ([]Row, error) {
	var rows []Row
	for _, letter := range Letters {
		name := filepath.Join(dir, letter+".md")
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		got, err := Parse(letter, letter+".md", string(text))
		if err != nil {
			return nil, err
		}
		if len(got) != rowsOf[letter] {
			return nil, fmt.Errorf("%s.md: %d rows, want %d", letter, len(got), rowsOf[letter])
		}
		rows = append(rows, got...)
	}
	return rows, nil
}

var (
	rowLine  = regexp.MustCompile(`^\| *[A-Z]-[0-9]`)
	cellEdge = regexp.MustCompile(`(^|[^\\])\|`)
	testRef  = regexp.MustCompile(`^(internal|procountor|cmd|examples)[a-z0-9/]*\.(Test|Fuzz)[A-Za-z0-9_]+$`)
	kinds    = []string{"B", "S", "F", "L", "ST", "E", "UI", "P", "X"}
	marks    = []Mark{Planned, Done, Lifted, Kept, NotOurs}
)

// Parse reads the rows of one file. Lines that do not begin like a row are prose.
func Parse(letter, file, text string) ([]Row, error) {
	var rows []Row
	for i, line := range strings.Split(text, "\n") {
		if !rowLine.MatchString(line) {
			continue
		}
		at := fmt.Sprintf("docs/features/%s:%d", file, i+1)
		r, err := parseRow(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		r.At = at
		if want := fmt.Sprintf("%s-%d", letter, len(rows)+1); r.ID != want {
			return nil, fmt.Errorf("%s: row %s, want %s", at, r.ID, want)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func parseRow(line string) (Row, error) {
	cells := split(line)
	if len(cells) != 6 {
		return Row{}, fmt.Errorf("%d cells, want 6: row, kind, statement, mark, what Vienti does, shown by", len(cells))
	}
	r := Row{ID: cells[0], Kinds: strings.Split(cells[1], "/"), Statement: cells[2], Mark: Mark(cells[3]), Does: cells[4]}
	for _, k := range r.Kinds {
		if !slices.Contains(kinds, k) {
			return Row{}, fmt.Errorf("%s: unknown kind %q", r.ID, k)
		}
	}
	if !slices.Contains(marks, r.Mark) {
		return Row{}, fmt.Errorf("%s: unknown mark %q; one of %q", r.ID, r.Mark, marks)
	}
	if r.Statement == "" {
		return Row{}, fmt.Errorf("%s: no statement", r.ID)
	}
	for ref := range strings.SplitSeq(cells[5], ",") {
		if ref = strings.Trim(ref, " `"); ref != "" {
			r.Tests = append(r.Tests, ref)
		}
	}
	return r, nil
}

// split cuts a table line at its bars; `\|` is a bar inside a cell.
func split(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	var cells []string
	for {
		at := cellEdge.FindStringIndex(line)
		if at == nil {
			break
		}
		cells = append(cells, line[:at[1]-1])
		line = line[at[1]:]
	}
	cells = append(cells, line)
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(c), `\|`, "|")
	}
	return cells
}

// Count is the one line of `make features`: for each vendor, the rows that are
// done, lifted or kept, of those that are ours.
func Count(rows []Row) string {
	var parts []string
	for _, letter := range Letters {
		shown, ours := 0, 0
		for _, r := range rows {
			if !strings.HasPrefix(r.ID, letter+"-") || r.Mark == NotOurs {
				continue
			}
			ours++
			if r.counts() {
				shown++
			}
		}
		parts = append(parts, fmt.Sprintf("%s %d/%d", letter, shown, ours))
	}
	return strings.Join(parts, "  ")
}
