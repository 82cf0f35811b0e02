package needs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRequired(t *testing.T) {
	for _, tc := range []struct {
		ci, list, what string
		want           bool
	}{
		{"", "", PostgreSQL, false},
		{"true", "", PostgreSQL, true},
		{"", "postgres,chromium", Chromium, true},
		{"", "postgres", Chromium, false},
		{"false", "", Chromium, false},
	} {
		env := map[string]string{"CI": tc.ci, RequireEnv: tc.list}
		if got := required(tc.what, func(k string) string { return env[k] }); got != tc.want {
			t.Errorf("CI=%q %s=%q: required(%s) = %t", tc.ci, RequireEnv, tc.list, tc.what, got)
		}
	}
}

func TestMissingIsNoted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "left-out")
	t.Setenv("CI", "")
	t.Setenv(RequireEnv, "")
	t.Setenv(LeftOutEnv, file)
	var inner *testing.T
	t.Run("inner", func(t *testing.T) {
		inner = t
		Missing(t, PostgreSQL, "no initdb")
		t.Error("went on without the program")
	})
	if !inner.Skipped() {
		t.Error("not skipped")
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "TestMissingIsNoted/inner: postgres (no initdb)\n"; string(got) != want {
		t.Errorf("noted %q, want %q", got, want)
	}
	if strings.Count(string(got), "\n") != 1 {
		t.Error("noted more than once")
	}
}
