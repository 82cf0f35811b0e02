package feature

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// maxPerCall keeps a test from claiming a whole page: a test that shows more
// than five facts shows none of them well.
const maxPerCall = 5

// RecordEnv names the file to which [Covers] appends what it saw, one [Result] a
// line. Unset: nothing is written.
const RecordEnv = "VIENTI_FEATURES_RECORD"

// Covers says that the calling test shows these rows of docs/features.
//
// Call it in the test itself, with constant row numbers, at most five. A row
// that does not exist, or is marked [NotOurs], fails the test. When the test has
// ended, passed, failed or skipped, its outcome goes to the file named by
// [RecordEnv]; there a skipped test counts as a missing one.
func Covers(t testing.TB, rows ...string) {
	t.Helper()
	dir, err := Dir()
	if err != nil {
		t.Fatalf("feature: %v", err)
	}
	known, err := Read(dir)
	if err != nil {
		t.Fatalf("feature: %v", err)
	}
	if err := claim(known, rows); err != nil {
		t.Fatalf("feature: %v", err)
	}
	file := os.Getenv(RecordEnv)
	if file == "" {
		return
	}
	pkg := callerPackage(1)
	t.Cleanup(func() {
		var b strings.Builder
		for _, id := range rows {
			b.WriteString(Result{Row: id, Package: pkg, Test: t.Name(), Outcome: outcome(t)}.String() + "\n")
		}
		if err := appendTo(file, b.String()); err != nil {
			t.Errorf("feature: %v", err)
		}
	})
}

// claim says whether one call may cover these rows.
func claim(known []Row, rows []string) error {
	if len(rows) == 0 || len(rows) > maxPerCall {
		return fmt.Errorf("a call covers one to %d rows, not %d", maxPerCall, len(rows))
	}
	for _, id := range rows {
		i := slices.IndexFunc(known, func(r Row) bool { return r.ID == id })
		if i < 0 {
			return fmt.Errorf("no row %s in docs/features", id)
		}
		if known[i].Mark == NotOurs {
			return fmt.Errorf("row %s is marked %q", id, NotOurs)
		}
	}
	return nil
}

func outcome(t testing.TB) string {
	switch {
	case t.Failed():
		return Failed
	case t.Skipped():
		return Skipped
	}
	return Passed
}

// callerPackage is the path, relative to the module, of the package that called
// the function skip frames up. An external test package (foo_test) is its folder's.
func callerPackage(skip int) string {
	pc, _, _, _ := runtime.Caller(skip + 1)
	name := runtime.FuncForPC(pc).Name() // github.com/vienti/vienti/internal/money_test.TestAdd.func1
	slash := strings.LastIndex(name, "/")
	dot := strings.Index(name[slash+1:], ".")
	path := strings.TrimSuffix(name[:slash+1+dot], "_test")
	return strings.TrimPrefix(path, Module+"/")
}

// appendTo adds text in one write, so that test binaries running side by side
// may share the file.
func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
