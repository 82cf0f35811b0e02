package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A goFile is one parsed Go file of the module.
type goFile struct {
	rel  string // path from the root, with slashes
	dir  string // its package's folder, the same way
	fset *token.FileSet
	ast  *ast.File
}

func (f goFile) test() bool { return strings.HasSuffix(f.rel, "_test.go") }

func (f goFile) at(pos token.Pos) string {
	return f.rel + ":" + strconv.Itoa(f.fset.Position(pos).Line)
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	walk(t, func(rel string) {
		if !strings.HasSuffix(rel, ".go") || strings.Contains(rel, "/testdata/") {
			return
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(root, rel), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		files = append(files, goFile{rel, path.Dir(rel), fset, f})
	})
	return files
}

// walk calls visit with each file of the repository, hidden and built ones left out.
func walk(t *testing.T, visit func(rel string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == "bin" || rel == "tmp" || rel == ".git" || d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		visit(rel)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// One comment per package: none leaves the reader alone, two contradict each other.
func TestPackageComments(t *testing.T) {
	comments := map[string][]string{}
	for _, f := range goFiles(t) {
		if f.test() {
			continue
		}
		comments[f.dir] = append(comments[f.dir], nil...)
		if f.ast.Doc != nil && !ast.IsGenerated(f.ast) { // a generator's head is none
			comments[f.dir] = append(comments[f.dir], f.rel)
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s: %d package comments %v, want one", dir, len(files), files)
		}
	}
}

// Where no float may stand: between a source's number and Procountor's there
// are only decimals.
var noFloats = []string{
	"internal/money", "internal/hub", "internal/mapping", "internal/posting", "internal/register", "internal/vat",
	"internal/source/...", "internal/format/...", "internal/dispatch", "internal/proof", "procountor/...",
}

// Files that may use floats all the same, and why.
var floatsAllowed = map[string]string{
	"internal/format/pdf/layout.go": "millimetres on a page; every sum comes as an amount and is written by locale",
	"internal/format/pdf/image.go":  "millimetres on a page",
}

func TestNoFloats(t *testing.T) {
	used := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test() || !matchAny(f.dir, noFloats) {
			continue
		}
		for _, at := range floats(f) {
			used[f.rel] = true
			if floatsAllowed[f.rel] == "" {
				t.Errorf("%s: a float near money", at)
			}
		}
	}
	for rel := range floatsAllowed {
		if !used[rel] {
			t.Errorf("%s needs no exception any more", rel)
		}
	}
}

// floats finds the float types, literals and strconv's float functions in a file.
func floats(f goFile) []string {
	var at []string
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" {
				at = append(at, f.at(n.Pos()))
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "strconv" && strings.Contains(n.Sel.Name, "Float") {
				at = append(at, f.at(n.Pos()))
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				at = append(at, f.at(n.Pos()))
			}
		}
		return true
	})
	return at
}

// Where the clock comes in by argument and nowhere else.
var pure = []string{
	"internal/money", "internal/civil", "internal/finland", "internal/sweden", "internal/vat", "internal/locale", "internal/remedy", "internal/hub",
	"internal/format/...", "internal/register", "internal/posting", "internal/matching", "internal/circulation", "internal/mapping",
}

// readsClock are the functions of package time that read the machine's clock.
var readsClock = []string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "Sleep", "AfterFunc"}

func TestNoClockInPurePackages(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test() || !matchAny(f.dir, pure) {
			continue
		}
		for _, at := range clocks(f) {
			t.Errorf("%s: a pure package reads the clock; take the time as an argument", at)
		}
	}
}

func clocks(f goFile) []string {
	var at []string
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(readsClock, sel.Sel.Name) {
			at = append(at, f.at(sel.Pos()))
		}
		return true
	})
	return at
}

// Work is done where main and constructors say, not where a package is imported.
func TestNoInit(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: func init; say it where it is used", f.at(fn.Pos()))
			}
		}
	}
}

// The searches above find what they are for.
func TestSearchesFind(t *testing.T) {
	const src = `package x
import ("strconv"; "time")
type a struct { sum float64 }
var b = 0.1
func c() { _, _ = strconv.ParseFloat("1", 64); _ = time.Now(); f := time.Now; _ = f }
`
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "x.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	f := goFile{"x.go", ".", fset, parsed}
	if got := floats(f); len(got) != 3 {
		t.Errorf("floats: %v, want three", got)
	}
	if got := clocks(f); len(got) != 2 {
		t.Errorf("clocks: %v, want two", got)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Errorf("the searches look in the wrong place: %v", err)
	}
}
