package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/feature"
)

// A module of its own: a guard, a program that embeds a file, and their tests.
var tree = map[string]string{
	"go.mod": "module example.test/tree\n\ngo 1.26\n",
	"guard/guard.go": `package guard

import _ "embed"

//go:embed limit.txt
var limit string

func Allowed(n int) bool {
	if n > 10 {
		return false
	}
	return limit == "ten"
}
`,
	"guard/limit.txt": "ten",
	"guard/guard_test.go": `package guard

import "testing"

func TestLimit(t *testing.T) {
	t.Run("too many", func(t *testing.T) {
		if Allowed(11) {
			t.Error("11 is let through")
		}
	})
	if !Allowed(1) {
		t.Error("1 is not")
	}
}

func TestBlind(t *testing.T) {}

func TestRed(t *testing.T) { t.Error("always") }

func TestPanic(t *testing.T) {
	if Allowed(11) {
		done := make(chan bool)
		go func() { panic("beside the test") }()
		<-done
	}
}
`,
}

func TestJudge(t *testing.T) {
	root, work := t.TempDir(), t.TempDir()
	for name, text := range tree {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	guard := mutant{file: "guard/guard.go", search: "n > 10", replace: "n > 99", pkg: "guard", test: "TestLimit"}
	with := func(change func(*mutant)) mutant { m := guard; change(&m); return m }
	cases := []struct {
		name    string
		m       mutant
		outcome string
		detail  string
	}{
		{"caught", guard, caught, ""},
		{"caught by a subtest", with(func(m *mutant) { m.test = "TestLimit/too_many" }), caught, ""},
		{"an embedded file", with(func(m *mutant) { m.file, m.search, m.replace = "guard/limit.txt", "ten", "six" }), caught, ""},
		{"a panic beside the test", with(func(m *mutant) { m.test = "TestPanic" }), caught, ""},
		{"survives", with(func(m *mutant) { m.test = "TestBlind" }), survived, "stays green"},
		{"does not compile", with(func(m *mutant) { m.replace = "n >" }), unclear, "did not run"},
		{"text is gone", with(func(m *mutant) { m.search = "n > 1000" }), unclear, "does not hold"},
		{"text is there twice", with(func(m *mutant) { m.search = "return" }), unclear, "2 times"},
		{"no such file", with(func(m *mutant) { m.file = "guard/gone.go" }), unclear, "no such file"},
		{"no such test", with(func(m *mutant) { m.test = "TestGone" }), unclear, "did not run"},
		{"red anyway", with(func(m *mutant) { m.test = "TestRed" }), unclear, "without the mutant"},
	}
	var all []mutant
	for _, tc := range cases {
		tc.m.name = tc.name
		all = append(all, tc.m)
	}
	var verdicts []verdict
	for _, v := range judgeAll(context.Background(), &runner{root: root, work: work}, all) {
		verdicts = append(verdicts, v)
	}
	for i, tc := range cases {
		if v := verdicts[i]; v.outcome != tc.outcome || !strings.Contains(v.detail, tc.detail) {
			t.Errorf("%s: %s %q, want %s %q", tc.name, v.outcome, v.detail, tc.outcome, tc.detail)
		}
	}
	for name, want := range tree {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(got) != want {
			t.Errorf("%s was changed (%v)", name, err)
		}
	}
	var out bytes.Buffer
	if err := report(&out, all, slices.All(verdicts)); err == nil || !strings.Contains(out.String(), "4 of 11 mutants caught") {
		t.Errorf("report: %v\n%s", err, &out)
	}
	if err := report(&out, all[:1], slices.All(verdicts[:1])); err != nil {
		t.Errorf("report of a caught mutant: %v", err)
	}
}

// The lists are well formed, and each mutant still finds its text once.
func TestLists(t *testing.T) {
	root, err := feature.Root()
	if err != nil {
		t.Fatal(err)
	}
	all, err := readAll("list")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no mutants")
	}
	for _, m := range all {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
		if err != nil {
			t.Errorf("%s: %v", m.at, err)
			continue
		}
		if _, err := m.mutate(string(text)); err != nil {
			t.Errorf("%s: %v", m.at, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const good = "mutant: a\nfile: b.go\ntest: c TestD\n--- search\nx\n--- replace\n--- end\n"
	if all, err := parse("l.txt", "# note\n\n"+good+good); err != nil || len(all) != 2 || all[1].at != "l.txt:10" || all[0].search != "x" || all[0].replace != "" {
		t.Fatalf("parse: %+v, %v", all, err)
	}
	for _, tc := range []struct{ cut, put, want string }{
		{"file: b.go\n", "", "want \"file: …\""},
		{"test: c TestD", "test: TestD", "a package and a test"},
		{"--- search\n", "", "--- search"},
		{"--- end\n", "", "no \"--- end\""},
		{"x\n", "", "nothing to search for"},
		{"--- replace\n", "--- replace\nx\n", "nothing changed"},
	} {
		if _, err := parse("l.txt", strings.Replace(good, tc.cut, tc.put, 1)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q → %q: got %v, want %q", tc.cut, tc.put, err, tc.want)
		}
	}
}
