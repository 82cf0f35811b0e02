// Package needs says what a test needs from the machine, and leaves the test
// out, audibly, where it is missing.
package needs

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Programs that tests start. Each is a Debian package, or is in one, that
// .ci/install knows.
const (
	PostgreSQL = "postgres"
	Chromium   = "chromium"
	Python     = "python3"
	Node       = "node"
)

const (
	// RequireEnv lists, with commas, what must be there: a test that misses
	// it fails. With CI=true that is everything.
	RequireEnv = "VIENTI_REQUIRE"
	// LeftOutEnv names the file to which each test left out is appended, for
	// `make test` to show at its end: go test hides skipped tests.
	LeftOutEnv = "VIENTI_LEFT_OUT"
)

// Missing ends the test because a program is not there: skipped on somebody's
// machine, failed where [RequireEnv] or CI asks for it. Why says what was looked
// for and how to get it.
//
//	bin, err := exec.LookPath("chromium")
//	if err != nil {
//		needs.Missing(t, needs.Chromium, "no chromium in PATH; apt-get install chromium")
//	}
func Missing(t testing.TB, what, why string) {
	t.Helper()
	if required(what, os.Getenv) {
		t.Fatalf("%s: %s", what, why)
	}
	if file := os.Getenv(LeftOutEnv); file != "" {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatalf("note a test left out: %v", err)
		}
		defer f.Close()
		if _, err := fmt.Fprintf(f, "%s: %s (%s)\n", t.Name(), what, why); err != nil {
			t.Fatalf("note a test left out: %v", err)
		}
	}
	t.Skipf("%s: %s", what, why)
}

func required(what string, getenv func(string) string) bool {
	return getenv("CI") == "true" || slices.Contains(strings.Split(getenv(RequireEnv), ","), what)
}
