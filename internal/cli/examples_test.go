package cli

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/needs"
)

// The programs of examples/ live with the demo as a vendor's would: a mistake, where it
// is, its correction, number and reference; the Go one also a payment, until Procountor
// shows it.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a minute: what is paid is read back in its own time")
	}
	address, token := runDemo(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		need, program string
		args          []string
		says          []string
	}{
		"go":     {"go", "go", []string{"run", "./examples/vendor"}, []string{"stopped:", "at lines[0].vat_percent", "in Procountor: invoice", "done:", "payment: marked", "paid: paid, open 0.00 EUR"}},
		"python": {needs.Python, "python3", []string{"examples/python/vendor.py"}, []string{"stopped:", "at lines[0].vat_percent", "mended", "in Procountor: number", "done"}},
		"node":   {needs.Node, "node", []string{"examples/node/vendor.mjs"}, []string{"stopped:", "at lines[0].vat_percent", "mended", "in Procountor: number", "done"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(c.program)
			if err != nil {
				needs.Missing(t, c.need, c.program+" is not in PATH")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, program, c.args...)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "VIENTI_URL="+address, "VIENTI_TOKEN="+token, "VIENTI_CURSOR="+filepath.Join(t.TempDir(), "cursor"), "PYTHONDONTWRITEBYTECODE=1",
				"PYTHONIOENCODING=utf-8")
			out, err := cmd.CombinedOutput()
			rest := string(out)
			for _, s := range c.says {
				_, after, ok := strings.Cut(rest, s)
				if !ok {
					t.Errorf("it does not say %q in its turn", s)
				}
				rest = after
			}
			if err != nil || t.Failed() {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// runDemo runs the program's demo until the end of the test.
func runDemo(t *testing.T) (address, token string) {
	t.Helper()
	cmd := exec.Command("vienti", "demo", "--lang", "en")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait() // its code says how it was stopped
	})
	found := regexp.MustCompile(`^\s+(?:Token\s+(vnt_\S+)|(http://127\.0\.0\.1:\d+))\s*$`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := found.FindStringSubmatch(lines.Text()); m != nil {
			token, address = token+m[1], address+m[2]
		}
		if token != "" && address != "" {
			go func() {
				for lines.Scan() { // or it would wait for a reader
				}
			}()
			return address, token
		}
	}
	t.Fatalf("the demo has ended: %v", lines.Err())
	return "", ""
}
