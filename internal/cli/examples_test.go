package cli

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/needs"
	"github.com/vienti/vienti/procountor/procountortest"
)

// The programs of examples/ live with the demo as a vendor's would: a mistake, where it
// is, its correction, number and reference; the Go one begins with the link on which its
// customer is connected, and goes on to a payment, until Procountor shows it.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a minute: what is paid is read back in its own time")
	}
	d := runDemo(t)
	vendor := d.addVendor(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		need, program string
		args          []string
		says          []string
		env           []string
	}{
		"go": {"go", "go", []string{"run", "./examples/vendor"}, []string{"follow:", "connected: Webshop of customer 88", "stopped:", "at lines[0].vat_percent", "in Procountor: invoice", "done:", "payment: marked", "paid: paid, open 0.00 EUR"},
			[]string{"VIENTI_VENDOR_TOKEN=" + vendor, "VIENTI_RETURN_URL=" + vendorBack}},
		"python": {needs.Python, "python3", []string{"examples/python/vendor.py"}, []string{"stopped:", "at lines[0].vat_percent", "mended", "in Procountor: number", "done"}, []string{"VIENTI_TOKEN=" + d.token}},
		"node":   {needs.Node, "node", []string{"examples/node/vendor.mjs"}, []string{"stopped:", "at lines[0].vat_percent", "mended", "in Procountor: number", "done"}, []string{"VIENTI_TOKEN=" + d.token}},
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
			cmd.Env = append(append(os.Environ(), "VIENTI_URL="+d.address, "VIENTI_CURSOR="+filepath.Join(t.TempDir(), "cursor"), "PYTHONDONTWRITEBYTECODE=1",
				"PYTHONIOENCODING=utf-8"), c.env...)
			pipe, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stderr = cmd.Stdout
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for lines := bufio.NewScanner(pipe); lines.Scan(); {
				out.WriteString(lines.Text() + "\n")
				if link, ok := strings.CutPrefix(lines.Text(), "follow: "); ok {
					d.follow(t, link)
				}
			}
			err = cmd.Wait()
			rest := out.String()
			for _, s := range c.says {
				_, after, ok := strings.Cut(rest, s)
				if !ok {
					t.Errorf("it does not say %q in its turn", s)
				}
				rest = after
			}
			if err != nil || t.Failed() {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}

// A runningDemo is the program's demo, with what it has printed of itself.
type runningDemo struct{ address, token, login, password, folder, sandbox string }

// runDemo runs the program's demo until the end of the test.
func runDemo(t *testing.T) (d runningDemo) {
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
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said.WriteString(strings.TrimSpace(lines.Text()) + " ")
		all := true
		for pattern, value := range map[string]*string{`Login\s+(\S+) `: &d.login, `Password\s+(\S+) `: &d.password, `Token\s+(vnt_\S+) `: &d.token,
			` (http://127\.0\.0\.1:\d+) `: &d.address, `answers at (http\S+/api);`: &d.sandbox, `works in (\S+)\. `: &d.folder} {
			if m := regexp.MustCompile(pattern).FindStringSubmatch(said.String()); m != nil {
				*value = m[1]
			}
			all = all && *value != ""
		}
		if all {
			go func() {
				for lines.Scan() { // or it would wait for a reader
				}
			}()
			return d
		}
	}
	t.Fatalf("the demo has ended: %v\n%s", lines.Err(), said.String())
	return d
}

// vienti runs a command beside the demo.
func (d runningDemo) vienti(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("vienti", append(args, "--lang", "en", "--database", "sqlite:"+filepath.Join(d.folder, "vienti.db"), "--key-file", filepath.Join(d.folder, "vault.key"))...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("vienti %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// vendorBack is where the browser of a vendor's customer comes back to.
const vendorBack = "https://app.shopmaker.example/connected"

func (d runningDemo) addVendor(t *testing.T) (token string) {
	t.Helper()
	out := d.vienti(t, "vendor", "add", "Shopmaker Oy", "--return-url", vendorBack)
	if token = regexp.MustCompile(`vnt_\S+`).FindString(out); token == "" {
		t.Fatalf("no token: %s", out)
	}
	return token
}

// follow does what the browser of an administrator does with a vendor's link: signs in,
// connects a company by a login at Procountor, and comes back to the vendor. Then writing
// is switched on.
func (d runningDemo) follow(t *testing.T, link string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	to := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode/100 != 3 {
			t.Fatalf("%s %v\n%s", resp.Status, err, b)
		}
		next, err := resp.Location()
		if err != nil {
			t.Fatal(err)
		}
		return next.String()
	}
	to(browser.PostForm(d.address+"/login", url.Values{"login": {d.login}, "password": {d.password}}))
	to(browser.Get(link))
	joining := to(browser.PostForm(d.address+"/connect", url.Values{"before": {"none"}, "environment": {"sandbox"}, "base-url": {d.sandbox}, "client-id": {"VientiDemo"}}))
	page := to(browser.PostForm(joining+"/login", nil))
	back := to(browser.PostForm(page, url.Values{"username": {"vienti.api"}, "password": {procountortest.LoginPassword}, "company": {"1001"}, "answer": {"yes"}}))
	chosen := to(browser.Get(back))
	end := to(browser.PostForm(chosen, url.Values{"on.sales_invoice": {"yes"}, "from.sales_invoice": {time.Now().Format("2006-01") + "-01"}, "sender": {"procountor"},
		"name": {"Webshop of customer 88"}}))
	if !strings.HasPrefix(end, vendorBack+"?connection=") {
		t.Fatalf("sent to %s", end)
	}
	d.vienti(t, "settings", "Webshop of customer 88", "--like", "Verkkokauppa (API)")
	d.vienti(t, "writing", "on", "Webshop of customer 88")
}
