package cli

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// The way of a file is the same on both databases.
func TestSendOnBothDatabases(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		sandbox := procountortest.New(procountortest.Options{})
		srv := httptest.NewServer(sandbox.Handler())
		defer srv.Close()
		defer sandbox.Close()
		demo := sandbox.Demo()
		env, out, errs := testEnv(t)
		if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
			url = "sqlite:" + file + ".new" // a database that is there has a key somewhere
		}
		env.System.Getenv = func(name string) string {
			return map[string]string{"VIENTI_CLIENT_SECRET": demo.ClientSecret, "VIENTI_API_KEY": demo.APIKey, "VIENTI_DATABASE": url}[name]
		}
		file := filepath.Join(t.TempDir(), "1.xml")
		writeInvoice(t, file, "1001")
		for _, args := range [][]string{
			{"connect", "--environment", "sandbox", "--base-url", srv.URL + "/api", "--client-id", demo.ClientID, "--name", "Webshop"},
			{"writing", "on"}, {"send", file}, {"send", file}, {"log"}, {"doctor"}, {"verify"},
		} {
			out.Reset()
			if code := Run(t.Context(), args, env); code != codeOK {
				t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
			}
			if args[0] == "log" && !strings.Contains(out.String(), "Done") {
				t.Error(out)
			}
		}
		if n := len(sandbox.Invoices(demo.CompanyID)); n != 1 {
			t.Errorf("%d invoices in the sandbox", n)
		}
	})
}
