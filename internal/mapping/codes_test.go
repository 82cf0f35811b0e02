package mapping_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// producedCodes reads from the source which fault codes of package hub this
// package names.
func producedCodes(t *testing.T) []string {
	t.Helper()
	values := map[string]string{}
	for _, f := range parse(t, "../hub/fault.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil && !strings.HasSuffix(s, ":") {
						values[v.Names[0].Name] = s
					}
				}
			}
			return true
		})
	}
	found := map[string]bool{}
	for _, f := range parse(t, "*.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "hub" && values[s.Sel.Name] != "" {
					found[values[s.Sel.Name]] = true
				}
			}
			return true
		})
	}
	if len(found) < 30 {
		t.Fatalf("only %d codes found in the source", len(found))
	}
	return slices.Sorted(maps.Keys(found))
}

func parse(t *testing.T, glob string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(glob)
	if err != nil {
		t.Fatal(err)
	}
	var out []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}
