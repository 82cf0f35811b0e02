package feature

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRepositoryRows(t *testing.T) {
	dir, err := Dir()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 371 {
		t.Errorf("%d rows, want 371", len(rows))
	}
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	claims, faults, err := ReadClaims(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(faults, Check(root, rows, claims)...) {
		t.Error(f)
	}
	if _, ok := claims["internal/feature.TestRepositoryRows"]; !ok {
		t.Error("the reader of test files did not find this very test")
	}
}

func TestParse(t *testing.T) {
	const text = "# A page\n\n| row | kind |\n|---|---|\n" +
		"| E-1 | B | Said \\| so. | done | does it | `internal/money.TestAdd`, internal/civil.TestDay |\n" +
		"| E-2 | S/ST | More. | planned | | |\n"
	rows, err := Parse("E", "E.md", text)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows, want 2", len(rows))
	}
	r := rows[0]
	if r.Statement != "Said | so." || r.Mark != Done || r.At != "docs/features/E.md:5" ||
		!slices.Equal(r.Tests, []string{"internal/money.TestAdd", "internal/civil.TestDay"}) {
		t.Errorf("first row read as %+v", r)
	}
	if !slices.Equal(rows[1].Kinds, []string{"S", "ST"}) || rows[1].Tests != nil {
		t.Errorf("second row read as %+v", rows[1])
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"gap", "| E-2 | B | x | planned | | |", "want E-1"},
		{"letter", "| T-1 | B | x | planned | | |", "want E-1"},
		{"mark", "| E-1 | B | x | finished | | |", "unknown mark"},
		{"kind", "| E-1 | Q | x | planned | | |", "unknown kind"},
		{"cells", "| E-1 | B | x | planned | |", "5 cells"},
		{"silent", "| E-1 | B | | planned | | |", "no statement"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse("E", "E.md", tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}

func TestCount(t *testing.T) {
	rows := []Row{
		{ID: "E-1", Mark: Done}, {ID: "E-2", Mark: Lifted}, {ID: "E-3", Mark: Kept},
		{ID: "E-4", Mark: Planned}, {ID: "E-5", Mark: NotOurs},
		{ID: "S-1", Mark: Planned}, {ID: "N-1", Mark: NotOurs},
	}
	if got, want := Count(rows), "E 3/4  T 0/0  V 0/0  S 0/1  N 0/0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// covering is a test file with one good claim; the path inside the tree is
// internal/x/x_test.go.
const covering = `package x
import ("testing"; "github.com/vienti/vienti/internal/feature")
func TestGood(t *testing.T) { t.Run("in", func(t *testing.T) { feature.Covers(t, "E-1", "E-2") }) }
func TestSilent(t *testing.T) {}
`

func TestCheck(t *testing.T) {
	root := t.TempDir()
	write(t, root, "docs/decisions/007-limits.md", "E-3 stays as it is.")
	claims, faults, err := readFile("internal/x/x_test.go", []byte(covering))
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	for _, tc := range []struct {
		name string
		row  Row
		want string // "" means no fault
	}{
		{"good", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Done, Does: "x", Tests: []string{"internal/x.TestGood"}}, ""},
		{"planned", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Planned}, ""},
		{"says nothing", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Done, Tests: []string{"internal/x.TestGood"}}, "is not said"},
		{"no test", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Done, Does: "x"}, "no test shows it"},
		{"no such test", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Lifted, Does: "x", Tests: []string{"internal/x.TestGone"}}, "no such test"},
		{"other package", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Done, Does: "x", Tests: []string{"internal/y.TestGood"}}, "no such test"},
		{"test of something else", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Kept, Does: "x", Tests: []string{"internal/x.TestSilent"}}, "does not call"},
		{"other row", Row{ID: "E-9", Kinds: []string{"B"}, Mark: Done, Does: "x", Tests: []string{"internal/x.TestGood"}}, "does not call"},
		{"one of two", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Done, Does: "x", Tests: []string{"internal/x.TestGood", "internal/x.TestGone"}}, "no such test"},
		{"prose", Row{ID: "E-1", Kinds: []string{"B"}, Mark: Done, Does: "x", Tests: []string{"seen by eye"}}, "is not a test"},
		{"page without browser", Row{ID: "E-1", Kinds: []string{"UI"}, Mark: Done, Does: "x", Tests: []string{"internal/x.TestGood"}}, "browser test"},
		{"decision", Row{ID: "E-3", Kinds: []string{"X"}, Mark: Kept, Does: "x", Tests: []string{"docs/decisions/007-limits.md"}}, ""},
		{"decision on another", Row{ID: "E-33", Kinds: []string{"X"}, Mark: Kept, Does: "x", Tests: []string{"docs/decisions/007-limits.md"}}, "does not speak"},
		{"decision for a behaviour", Row{ID: "E-3", Kinds: []string{"B"}, Mark: Kept, Does: "x", Tests: []string{"docs/decisions/007-limits.md"}}, "only a limit"},
		{"not ours", Row{ID: "E-1", Kinds: []string{"B"}, Mark: NotOurs, Does: "their price"}, ""},
		{"not ours, no reason", Row{ID: "E-1", Kinds: []string{"B"}, Mark: NotOurs}, "without the reason"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Check(root, []Row{tc.row}, claims)
			switch {
			case tc.want == "" && len(got) > 0:
				t.Errorf("unexpected faults: %q", got)
			case tc.want != "" && !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, tc.want) }):
				t.Errorf("got %q, want a fault with %q", got, tc.want)
			}
		})
	}
	many := make([]Row, maxNotOurs+1)
	for i := range many {
		many[i] = Row{ID: "S-1", Kinds: []string{"B"}, Mark: NotOurs, Does: "x"}
	}
	if got := Check(root, many, claims); len(got) != 1 {
		t.Errorf("%d rows not ours: got %q, want one fault", len(many), got)
	}
}

func TestReadFileRefuses(t *testing.T) {
	const head = "package x\nimport (\"testing\"; f \"github.com/vienti/vienti/internal/feature\")\n"
	for _, tc := range []struct{ name, body, want string }{
		{"six", `func TestX(t *testing.T) { f.Covers(t, "E-1", "E-2", "E-3", "E-4", "E-5", "E-6") }`, "one to 5"},
		{"none", `func TestX(t *testing.T) { f.Covers(t) }`, "one to 5"},
		{"variable", `func TestX(t *testing.T) { for _, r := range rows { f.Covers(t, r) } }`, "constants"},
		{"helper", `func cover(t *testing.T) { f.Covers(t, "E-1") }`, "in the test itself"},
		{"skips", `func TestX(t *testing.T) { f.Covers(t, "E-1"); t.Skip("later") }`, "may not skip"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, faults, err := readFile("internal/x/x_test.go", []byte(head+tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if len(faults) != 1 || !strings.Contains(faults[0], tc.want) {
				t.Errorf("got %q, want one fault with %q", faults, tc.want)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	known := []Row{{ID: "E-1"}, {ID: "E-2", Mark: NotOurs}}
	for _, tc := range []struct {
		rows []string
		want string
	}{
		{[]string{"E-1"}, ""},
		{nil, "one to 5"},
		{[]string{"E-1", "E-1", "E-1", "E-1", "E-1", "E-1"}, "one to 5"},
		{[]string{"E-3"}, "no row E-3"},
		{[]string{"E-2"}, "not ours"},
	} {
		err := claim(known, tc.rows)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("claim(%q) = %v, want %q", tc.rows, err, tc.want)
		}
	}
}

// What Covers writes is what CheckRecord reads.
func TestRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "record")
	t.Setenv(RecordEnv, file)
	t.Run("passes", func(t *testing.T) { Covers(t, "E-2") })
	t.Run("skips", func(t *testing.T) {
		coverAndSkip(t)
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	results, err := ReadRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []Result{
		{"E-2", "internal/feature", "TestRecord/passes", Passed},
		{"E-3", "internal/feature", "TestRecord/skips", Skipped},
	}
	if !slices.Equal(results, want) {
		t.Fatalf("recorded %v, want %v", results, want)
	}
	ref := []string{"internal/feature.TestRecord"}
	for _, tc := range []struct {
		row  Row
		want string
	}{
		{Row{ID: "E-2", Mark: Done, Tests: ref}, ""},
		{Row{ID: "E-3", Mark: Done, Tests: ref}, "was skipped"},
		{Row{ID: "E-4", Mark: Done, Tests: ref}, "did not run"},
		{Row{ID: "E-4", Mark: Planned}, ""},
	} {
		got := CheckRecord([]Row{tc.row}, results)
		if tc.want == "" && len(got) > 0 || tc.want != "" && (len(got) != 1 || !strings.Contains(got[0], tc.want)) {
			t.Errorf("%s: got %q, want %q", tc.row.ID, got, tc.want)
		}
	}
	// One pass does not hide a skip of the same test.
	both := []Result{{"E-2", "internal/feature", "TestRecord/a", Passed}, {"E-2", "internal/feature", "TestRecord/b", Skipped}, {"E-2", "internal/feature", "TestRecord/c", Passed}}
	if got := CheckRecord([]Row{{ID: "E-2", Mark: Done, Tests: ref}}, both); len(got) != 1 {
		t.Errorf("a skip among passes: got %q, want one fault", got)
	}
}

// coverAndSkip is what a test does whose program is missing.
func coverAndSkip(t *testing.T) {
	t.Cleanup(func() {})
	cover := Covers // not the spelling that ReadClaims looks for
	cover(t, "E-3")
	t.SkipNow()
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
