package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the import table into ARCHITECTURE.md")

// root is the folder with go.mod, seen from this package's folder.
const root = "../.."

// A pkg is what go list says of a package.
type pkg struct {
	Rel          string // path relative to the module; "" is the module's root
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// list returns the module's packages. Test files count only in TestImports and
// XTestImports, so tests may use fakes and suites freely.
func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			pkg
			ImportPath string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p.Rel = strings.TrimPrefix(p.ImportPath+"/", module)
		p.Rel = strings.TrimSuffix(p.Rel, "/")
		pkgs = append(pkgs, p.pkg)
	}
	if len(pkgs) < 5 {
		t.Fatalf("go list found only %d packages", len(pkgs))
	}
	return pkgs
}

func TestImports(t *testing.T) {
	for _, p := range list(t) {
		for _, fault := range broken(p) {
			t.Error(fault)
		}
	}
}

// broken says which imports of a package break the first rule that matches it.
func broken(p pkg) []string {
	i := slices.IndexFunc(rules, func(r rule) bool { return matchAny(p.Rel, r.pkgs) })
	if i < 0 {
		return []string{fmt.Sprintf("%s: no rule covers this package; add one to internal/archtest/rules.go and the line to ARCHITECTURE.md (go test ./internal/archtest -update)", p.Rel)}
	}
	r := rules[i]
	var faults []string
	for _, imp := range p.Imports {
		dep, ours := strings.CutPrefix(imp, module)
		switch {
		case ours && !matchAny(dep, r.allow):
			faults = append(faults, fmt.Sprintf("%s may not import %s: %s", p.Rel, dep, r.why))
		case !ours && matchAny(imp, r.forbid), !ours && foreign(imp) && slices.Contains(r.forbid, "foreign"):
			faults = append(faults, fmt.Sprintf("%s may not import %s: %s", p.Rel, imp, r.why))
		}
	}
	return faults
}

// foreign says whether a package is neither ours nor of the standard library.
func foreign(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

func matchAny(p string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return match(p, pattern) })
}

// match knows "x", "x/..." (x and all below), and the stars of path.Match.
func match(p, pattern string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == base || strings.HasPrefix(p, base+"/")
	}
	ok, _ := path.Match(pattern, p)
	return ok
}

// The rules do catch what they are for.
func TestBrokenFindsViolations(t *testing.T) {
	for _, tc := range []struct{ pkg, imp, want string }{
		{"procountor/procountortest", module + "procountor", "shares its mistakes"},
		{"procountor", module + "internal/money", "stands alone"},
		{"procountor", "github.com/google/go-cmp/cmp", "stands alone"},
		{"procountor", "net/http", ""},
		{"internal/hub", "database/sql", "no I/O"},
		{"internal/hub", module + "internal/vat", ""},
		{"internal/mapping", module + "procountor", ""},
		{"internal/mapping", module + "procountor/procountortest", "pure function"},
		{"internal/mapping", "os", "pure function"},
		{"internal/source/severa", module + "internal/source/nmbrs", "do not know each other"},
		{"internal/source/severa", module + "internal/source", ""},
		{"internal/source/severa/severafake", module + "internal/source/severa", "shares the connector's types"},
		{"internal/store", module + "internal/engine", "calls nobody"},
		{"internal/web", module + "internal/api", "never know each other"},
		{"internal/api", module + "internal/web", "never know each other"},
		{"internal/engine", module + "internal/web", "knows no page"},
		{"internal/format/ubl", module + "internal/format/finvoice", "do not know each other"},
		{"internal/util", "fmt", "no rule covers"},
	} {
		got := strings.Join(broken(pkg{Rel: tc.pkg, Imports: []string{tc.imp}}), "\n")
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s importing %s: got %q, want %q", tc.pkg, tc.imp, got, tc.want)
		}
	}
}

// Every package named outright in a rule exists, or is on the list of planned
// ones; none on that list exists.
func TestNamedPackagesExist(t *testing.T) {
	var there, named []string
	for _, p := range list(t) {
		there = append(there, p.Rel)
	}
	for _, r := range rules {
		for _, p := range slices.Concat(r.pkgs, r.allow) {
			if p != "internal/..." {
				named = append(named, strings.TrimSuffix(p, "/..."))
			}
		}
	}
	slices.Sort(named)
	for _, n := range slices.Compact(named) {
		exists := slices.ContainsFunc(there, func(p string) bool { return match(p, n) || match(p, n+"/...") })
		isPlanned := slices.Contains(planned, n)
		switch {
		case !exists && !isPlanned:
			t.Errorf("%s is named in a rule, but is not there; a typing error, or for the list of planned ones", n)
		case exists && isPlanned:
			t.Errorf("%s is there: take it off the list of planned ones", n)
		}
	}
	for _, p := range planned {
		if !slices.Contains(named, p) {
			t.Errorf("%s is planned, but no rule names it", p)
		}
	}
}

// Packages that stay in one place, whoever imports them, tests included.
func TestKeptInOnePlace(t *testing.T) {
	for _, k := range []struct {
		imp, in []string
		why     string
	}{
		{[]string{"github.com/riverqueue/..."}, []string{"internal/engine/..."}, "River only wakes the engine"},
		{[]string{"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx/..."}, []string{"internal/store/...", "internal/engine/..."}, "rows and transactions end at store's border"},
		{[]string{"github.com/govalues/decimal"}, []string{"internal/money"}, "amounts are money.Amount"},
		{[]string{"github.com/spf13/cobra"}, []string{"internal/cli"}, "commands live in cli"},
	} {
		for _, p := range list(t) {
			for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
				if matchAny(imp, k.imp) && !matchAny(p.Rel, k.in) {
					t.Errorf("%s imports %s: %s", p.Rel, imp, k.why)
				}
			}
		}
	}
}

const (
	tableBegin = "<!-- import table: written by `go test ./internal/archtest -update` from rules.go -->\n"
	tableEnd   = "<!-- end of the import table -->\n"
)

// The table in ARCHITECTURE.md is the table that is tested.
func TestArchitectureTable(t *testing.T) {
	name := filepath.Join(root, "ARCHITECTURE.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("ARCHITECTURE.md has no place for the import table: %q … %q", tableBegin, tableEnd)
	}
	want := table()
	if *update {
		if err := os.WriteFile(name, []byte(before+tableBegin+want+tableEnd+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != want {
		t.Errorf("the import table in ARCHITECTURE.md is not that of rules.go; run go test ./internal/archtest -update")
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("\n| package | what lives there | may import, of ours |\n|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", short(r.pkgs), r.says, allowed(r.allow))
	}
	b.WriteString("\n")
	return b.String()
}

// allowed shortens the long lists by the names that rules.go gives them.
func allowed(patterns []string) string {
	if len(patterns) == 0 {
		return "nothing"
	}
	var parts []string
	for _, named := range []struct {
		list []string
		says string
	}{{lower, "every row above `engine`"}, {nouns, "`hub` and what it imports"}} {
		if contains(patterns, named.list) {
			parts = append(parts, named.says)
			patterns = slices.DeleteFunc(slices.Clone(patterns), func(p string) bool { return slices.Contains(named.list, p) })
		}
	}
	if len(patterns) > 0 {
		parts = append(parts, short(patterns))
	}
	return strings.Join(parts, "; ")
}

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func short(patterns []string) string {
	var parts []string
	for _, p := range patterns {
		if p == "internal/..." {
			parts = append(parts, "everything")
			continue
		}
		name := "`" + strings.TrimPrefix(p, "internal/") + "`"
		if slices.Contains(planned, p) {
			name += " (planned)"
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}
