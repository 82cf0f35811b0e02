package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// What became of a mutant.
const (
	caught   = "caught"   // the test turned red
	survived = "SURVIVED" // the test stayed green
	unclear  = "UNCLEAR"  // text not found, does not compile, no such test, test red or skipped without the mutant
)

type verdict struct {
	outcome string
	detail  string
	took    time.Duration
}

// A runner runs tests of the module at root, with temporary files in work.
type runner struct {
	root, work string
	sound      sync.Map // "pkg test" → func() error: whether it is green as the tree stands
}

// judge lays the mutant over the tree and runs its test.
func (r *runner) judge(ctx context.Context, n int, m mutant) verdict {
	start := time.Now()
	outcome, detail := r.try(ctx, n, m)
	return verdict{outcome, detail, time.Since(start)}
}

func (r *runner) try(ctx context.Context, n int, m mutant) (outcome, detail string) {
	path := filepath.Join(r.root, filepath.FromSlash(m.file))
	text, err := os.ReadFile(path)
	if err != nil {
		return unclear, err.Error()
	}
	mutated, err := m.mutate(string(text))
	if err != nil {
		return unclear, err.Error()
	}
	if err := r.green(ctx, m); err != nil {
		return unclear, err.Error()
	}
	overlay, err := r.overlay(n, path, mutated)
	if err != nil {
		return unclear, err.Error()
	}
	got, output, err := r.goTest(ctx, m, overlay)
	switch {
	case err != nil:
		return unclear, err.Error()
	case got == "fail":
		return caught, ""
	case got == "pass":
		return survived, fmt.Sprintf("%s %s stays green without it", m.pkg, m.test)
	default: // it did not compile, or the binary died before the test
		return unclear, fmt.Sprintf("%s %s: %s\n%s", m.pkg, m.test, got, tail(output))
	}
}

// green says whether the test passes without the mutant; asked once per test.
func (r *runner) green(ctx context.Context, m mutant) error {
	once, _ := r.sound.LoadOrStore(m.pkg+" "+m.test, sync.OnceValue(func() error {
		got, output, err := r.goTest(ctx, m, "")
		if err == nil && got != "pass" {
			err = fmt.Errorf("%s %s, without the mutant: %s\n%s", m.pkg, m.test, got, tail(output))
		}
		return err
	}))
	return once.(func() error)()
}

// overlay writes the mutated file and the description of the overlay, and
// returns the latter's path.
func (r *runner) overlay(n int, path, mutated string) (string, error) {
	file := filepath.Join(r.work, fmt.Sprintf("%d%s", n, filepath.Ext(path)))
	if err := os.WriteFile(file, []byte(mutated), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{path: file}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(r.work, fmt.Sprintf("%d.json", n))
	return name, os.WriteFile(name, text, 0o600)
}

// goTest runs one test and returns what go test says of it: pass, fail, skip,
// or "did not run".
func (r *runner) goTest(ctx context.Context, m mutant, overlay string) (got, output string, err error) {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout", testTimeout.String(), "-run", pattern(m.test), "./"+m.pkg)
	cmd.Dir = r.root
	cmd.Env = os.Environ()
	if overlay != "" { // by GOFLAGS, so that programs which the test builds are mutated too
		cmd.Env = append(cmd.Env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	cmd.WaitDelay = 5 * time.Second
	out, runErr := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", "", fmt.Errorf("%s %s: no end after %s", m.pkg, m.test, testTimeout)
	}
	got, output = readEvents(out, m.test)
	if got == "pass" && runErr != nil {
		got = "did not run" // the package failed beside the test, in TestMain say
	}
	return got, output, nil
}

// pattern makes "TestX/sub case" the pattern for exactly that test.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// readEvents reads the output of go test -json.
func readEvents(out []byte, test string) (got, output string) {
	got = "did not run"
	began := false
	var text strings.Builder
	for line := range bytes.Lines(out) {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(line, &e) != nil {
			text.Write(line)
			continue
		}
		text.WriteString(e.Output)
		began = began || e.Test == test && e.Action == "run"
		if e.Test == test && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			got = e.Action
		}
	}
	if began && got == "did not run" && strings.Contains(text.String(), "panic: ") {
		got = "fail" // a panic beside the test's own goroutine, or its time was up
	}
	return got, text.String()
}

// tail is the last part of a long output.
func tail(output string) string {
	const lines = 12
	all := strings.Split(strings.TrimSpace(output), "\n")
	return "    " + strings.Join(all[max(0, len(all)-lines):], "\n    ")
}
