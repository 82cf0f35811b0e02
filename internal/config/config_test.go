package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(vars map[string]string) Env {
	return Env{Getenv: func(k string) string { return vars[k] }, ConfigHome: "/c", DataHome: "/d", Hostname: "h"}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vienti.toml")
	for _, c := range []struct {
		name, file string
		vars       map[string]string
		listen     string
		fails      string
	}{
		{name: "defaults are loopback", listen: "127.0.0.1:8080"},
		{name: "file", file: `listen = "127.0.0.1:9000"`, listen: "127.0.0.1:9000"},
		{name: "environment beats file", file: `listen = "127.0.0.1:9000"`, vars: map[string]string{"VIENTI_LISTEN": "127.0.0.1:1"}, listen: "127.0.0.1:1"},
		{name: "unknown setting", file: `lisen = "x"`, fails: `no setting "lisen"`},
		{name: "not TOML", file: `listen`, fails: "vienti.toml"},
		{name: "wrong values", file: "listen = \"x\"\nlog_level = \"loud\"", fails: "log_level"},
		{name: "wrong database", file: `database = "mysql://x"`, fails: "database"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Load(env(c.vars), file)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Fatalf("got %v, want an error that says %q", err, c.fails)
				}
				return
			}
			if err != nil || got.Listen != c.listen {
				t.Fatalf("listen %q, %v", got.Listen, err)
			}
		})
	}
	if _, err := Load(env(nil), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a named file that is missing must be an error")
	}
}
