package feature

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// BrowserTests is the folder of the tests that use a browser: UI and S rows are
// shown there and nowhere else.
const BrowserTests = "internal/web/"

// Claims maps a test, such as "internal/finland.TestReference", to the rows for
// which its body calls [Covers].
type Claims map[string][]string

// Check returns what is wrong with the rows, given the tests of the tree at
// root: a counted row that says nothing, names no test, names a test that does
// not exist or that does not call Covers for it, or is shown in a way that does
// not fit its kind; too many rows that are not ours, or one without a reason.
func Check(root string, rows []Row, claims Claims) []string {
	var faults []string
	notOurs := 0
	for _, r := range rows {
		add := func(format string, a ...any) {
			faults = append(faults, fmt.Sprintf("%s: %s: ", r.At, r.ID)+fmt.Sprintf(format, a...))
		}
		switch {
		case r.Mark == NotOurs:
			notOurs++
			if r.Does == "" {
				add("marked %q without the reason", NotOurs)
			}
			if len(r.Tests) > 0 {
				add("marked %q, yet names a test", NotOurs)
			}
			continue
		case !r.counts():
			continue
		case r.Does == "":
			add("marked %q, but what Vienti does is not said", r.Mark)
		}
		if len(r.Tests) == 0 {
			add("marked %q, but no test shows it", r.Mark)
		}
		browser := false
		for _, ref := range r.Tests {
			browser = browser || strings.HasPrefix(ref, BrowserTests)
			if fault := r.checkRef(root, ref, claims); fault != "" {
				add("%s", fault)
			}
		}
		if !browser && len(r.Tests) > 0 && (slices.Contains(r.Kinds, "UI") || slices.Contains(r.Kinds, "S")) {
			add("a row of kind %s is shown by a browser test, under %s", strings.Join(r.Kinds, "/"), BrowserTests)
		}
	}
	if notOurs > maxNotOurs {
		faults = append(faults, fmt.Sprintf("%d rows are marked %q, at most %d may be", notOurs, NotOurs, maxNotOurs))
	}
	return faults
}

// checkRef says what is wrong with one entry of the last column.
func (r Row) checkRef(root, ref string, claims Claims) string {
	if strings.HasPrefix(ref, "docs/decisions/") {
		if !slices.Contains(r.Kinds, "X") || r.Mark != Kept {
			return "only a limit (X) that is kept may be shown by a decision: " + ref
		}
		text, err := os.ReadFile(filepath.Join(root, ref))
		if err != nil {
			return "no such decision: " + ref
		}
		if !slices.Contains(words(string(text)), r.ID) {
			return ref + " does not speak of this row"
		}
		return ""
	}
	if !testRef.MatchString(ref) {
		return fmt.Sprintf("%q is not a test; write it like internal/finland.TestReference", ref)
	}
	claimed, exists := claims[ref]
	if !exists {
		return "no such test: " + ref
	}
	if !slices.Contains(claimed, r.ID) {
		return fmt.Sprintf("%s does not call feature.Covers(t, %q)", ref, r.ID)
	}
	return ""
}

// words splits a text where row numbers end.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool {
		return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z')
	})
}

// ReadClaims parses the test files of the tree at root. Every test function is
// in the result, also one that claims nothing. The faults are calls of Covers
// that this reading, or the call itself, would not accept.
func ReadClaims(root string) (Claims, []string, error) {
	claims := Claims{}
	var faults []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name := d.Name(); path != root && (name == "testdata" || name == "node_modules" || name == "tmp" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, fs, err := readFile(rel, src)
		if err != nil {
			return err
		}
		for name, rows := range f {
			claims[name] = append(claims[name], rows...)
		}
		faults = append(faults, fs...)
		return nil
	})
	return claims, faults, err
}

// readFile reads one test file; rel is its path from the root.
func readFile(rel string, src []byte) (Claims, []string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	claims := Claims{}
	var faults []string
	local := importName(file)
	dir := rel[:max(strings.LastIndex(rel, "/"), 0)]
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		isTest := fn.Recv == nil && (strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz"))
		name := dir + "." + fn.Name.Name
		if isTest {
			claims[name] = nil
		}
		covers, skips := false, token.NoPos
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, _ := sel.X.(*ast.Ident)
			switch sel.Sel.Name {
			case "Skip", "Skipf", "SkipNow":
				skips = call.Pos()
			case "Covers":
				if x == nil || local == "" || x.Name != local {
					return true
				}
				if !isTest {
					faults = append(faults, fmt.Sprintf("%s: call Covers in the test itself", fset.Position(call.Pos())))
					return true
				}
				covers = true
				rows, fault := literals(call)
				if fault != "" {
					faults = append(faults, fmt.Sprintf("%s: %s", fset.Position(call.Pos()), fault))
				}
				claims[name] = append(claims[name], rows...)
			}
			return true
		})
		if covers && skips.IsValid() {
			faults = append(faults, fmt.Sprintf("%s: %s covers rows, so it may not skip; for a missing program use package needs", fset.Position(skips), name))
		}
	}
	return claims, faults, nil
}

// importName is the name under which the file imports this package, or "".
func importName(file *ast.File) string {
	for _, imp := range file.Imports {
		if path, _ := strconv.Unquote(imp.Path.Value); path != Module+"/internal/feature" {
			continue
		}
		if imp.Name != nil {
			return imp.Name.Name
		}
		return "feature"
	}
	return ""
}

func literals(call *ast.CallExpr) (rows []string, fault string) {
	if len(call.Args) < 2 || len(call.Args) > 1+maxPerCall {
		fault = fmt.Sprintf("a call covers one to %d rows", maxPerCall)
	}
	for i, arg := range call.Args {
		if i == 0 {
			continue
		}
		lit, ok := arg.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return rows, "rows are written out in the call, as constants"
		}
		id, err := strconv.Unquote(lit.Value)
		if err != nil {
			return rows, err.Error()
		}
		rows = append(rows, id)
	}
	return rows, fault
}

// What became of a test that covers a row.
const (
	Passed  = "pass"
	Failed  = "fail"
	Skipped = "skip"
)

// A Result is one line of the record of a test run: tab-separated row, package,
// test with its subtests, outcome.
type Result struct{ Row, Package, Test, Outcome string }

func (r Result) String() string {
	return strings.Join([]string{r.Row, r.Package, r.Test, r.Outcome}, "\t")
}

// ReadRecord reads what [Covers] wrote during a test run.
func ReadRecord(text []byte) ([]Result, error) {
	var results []Result
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("record of the test run: malformed line %q", lines.Text())
		}
		results = append(results, Result{f[0], f[1], f[2], f[3]})
	}
	return results, lines.Err()
}

// CheckRecord returns the counted rows that a whole test run did not show: a
// test named in the row did not reach its call, failed, or was skipped.
func CheckRecord(rows []Row, results []Result) []string {
	type key struct{ row, test string }
	seen := map[key]string{}
	for _, r := range results {
		top, _, _ := strings.Cut(r.Test, "/")
		k := key{r.Row, r.Package + "." + top}
		if seen[k] == "" || seen[k] == Passed { // the worst outcome stands
			seen[k] = r.Outcome
		}
	}
	var faults []string
	for _, r := range rows {
		if !r.counts() {
			continue
		}
		for _, ref := range r.Tests {
			if strings.HasPrefix(ref, "docs/") {
				continue
			}
			switch seen[key{r.ID, ref}] {
			case Passed:
			case "":
				faults = append(faults, fmt.Sprintf("%s: %s: %s did not run", r.At, r.ID, ref))
			case Skipped:
				faults = append(faults, fmt.Sprintf("%s: %s: %s was skipped", r.At, r.ID, ref))
			default:
				faults = append(faults, fmt.Sprintf("%s: %s: %s failed", r.At, r.ID, ref))
			}
		}
	}
	return faults
}
