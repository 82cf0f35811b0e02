package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/procountor/procountortest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vienti": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			os.Exit(Run(ctx, os.Args[1:], System()))
		},
	})
}

type sandboxKey struct{}

// Scripts run the program itself, each against a sandbox of its own on loopback.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			sandbox := procountortest.New(procountortest.Options{})
			srv := httptest.NewServer(sandbox.Handler())
			foreign := httptest.NewServer(http.NotFoundHandler())
			severa := httptest.NewServer(aSevera())
			env.Defer(func() { srv.Close(); foreign.Close(); severa.Close(); _ = sandbox.Close() })
			demo := sandbox.Demo()
			for k, v := range map[string]string{
				"HOME": env.WorkDir, "XDG_CONFIG_HOME": env.WorkDir + "/config", "XDG_DATA_HOME": env.WorkDir + "/data", "LANG": "C",
				"SANDBOX": srv.URL + "/api", "NO_SANDBOX": foreign.URL + "/api", "NOWHERE": "http://" + freePort() + "/api", "LISTEN": freePort(),
				"SEVERA":               severa.URL + "/rest-api",
				"VIENTI_CLIENT_SECRET": demo.ClientSecret, "VIENTI_API_KEY": demo.APIKey, "CLIENT_ID": demo.ClientID,
				"MONTH": time.Now().Format("2006-01"), "TODAY": time.Now().Format(time.DateOnly),
			} {
				env.Setenv(k, v)
			}
			env.Values[sandboxKey{}] = sandbox
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "sandbox": sandboxCmd, "invoice": invoiceCmd, "today": todayCmd, "get": getCmd, "push": pushCmd, "within": within, "appears": appears,
		},
	})
}

// aSevera has one invoice that waits, with the client id vienti and the secret salaisuus.
func aSevera() *severafake.Server {
	s := severafake.New("vienti", "salaisuus", time.Now)
	w := s.Furnish("1234567-1")
	s.NewInvoice(severafake.Invoice{Number: 1001, Date: time.Now().Format(time.DateOnly), Status: w.Waiting, Customer: w.Customer, Projects: []string{w.Project},
		Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "10", Price: "80", VAT: "25.5", Unit: "h"}}})
	return s
}

func freePort() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// exits runs a program that must end with a code: exits 3 vienti log.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sandboxCmd does what a person does in Procountor.
func sandboxCmd(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(sandboxKey{}).(*procountortest.Server)
	demo := s.Demo()
	switch args[0] {
	case "rights":
		s.SetRights(demo.CompanyID, demo.UserID, map[string]func() procountortest.UserPermissions{"all": procountortest.AllRights,
			"view": procountortest.ViewingRights, "integration": procountortest.IntegrationRights}[args[1]]())
	case "person": // a person's own login with a key; prints nothing, sets VIENTI_API_KEY
		user := s.AddUser(demo.CompanyID, "matti.meikalainen", "Matti", "Meikäläinen", procountortest.AllRights())
		ts.Setenv("VIENTI_API_KEY", s.AddAPIKey(demo.CompanyID, user, demo.ClientID, ""))
	case "revoke":
		s.RevokeAPIKey(demo.APIKey)
	case "close": // sandbox close 2026-01
		s.CloseTrackingPeriod(demo.CompanyID, args[1])
	case "account": // sandbox account 3010 closed
		s.SetAccount(demo.CompanyID, args[1], args[2] == "open")
	case "open":
		s.ReopenTrackingPeriod(demo.CompanyID, args[1])
	case "invoices": // sandbox invoices 3
		n := 0
		for _, inv := range s.Invoices(demo.CompanyID) {
			if inv.Status != "DELETED" {
				n++
			}
		}
		if strconv.Itoa(n) != args[1] {
			ts.Fatalf("there are %d invoices in the sandbox, want %s", n, args[1])
		}
	default:
		ts.Fatalf("sandbox %s?", args[0])
	}
}

// invoiceCmd writes a Finvoice of today: invoice FILE NUMBER [OLD=NEW]… changes
// texts of testdata/invoice.xml.
func invoiceCmd(ts *testscript.TestScript, _ bool, args []string) {
	text, err := invoiceText(args[1])
	ts.Check(err)
	var changes []string
	for _, change := range args[2:] {
		old, with, _ := strings.Cut(change, "=")
		if !strings.Contains(text, old) {
			ts.Fatalf("the invoice has no %q", old)
		}
		changes = append(changes, old, with)
	}
	text = strings.NewReplacer(changes...).Replace(text)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// invoiceText is testdata/invoice.xml with a number, of today.
func invoiceText(number string) (string, error) {
	b, err := os.ReadFile(filepath.Join(scriptDir, "invoice.xml"))
	today := time.Now()
	return strings.NewReplacer("NUMBER", number, "TODAY", today.Format("20060102"), "DUE", today.AddDate(0, 0, 14).Format("20060102")).Replace(string(b)), err
}

func writeInvoice(t *testing.T, path, number string) {
	t.Helper()
	text, err := invoiceText(number)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

var scriptDir = func() string {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		panic(err)
	}
	return dir
}()

// todayCmd writes today for TODAY in files: today FILE….
func todayCmd(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "TODAY", time.Now().Format(time.DateOnly))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// getCmd reads an address until it answers: get URL STATUS.
func getCmd(ts *testscript.TestScript, _ bool, args []string) {
	var last error
	for range 200 {
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(args[0])
		if err == nil {
			b, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if strconv.Itoa(resp.StatusCode) != args[1] {
				ts.Fatalf("%s: %s, want %s\n%s", args[0], resp.Status, args[1], b)
			}
			ts.Check(os.WriteFile(ts.MkAbs("answer"), fmt.Appendf(nil, "%v\n%s", resp.Header, b), 0o600))
			return
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%v", last)
}

// pushCmd pushes a document: push URL TOKEN-FILE BODY-FILE STATUS.
func pushCmd(ts *testscript.TestScript, _ bool, args []string) {
	token := strings.TrimSpace(ts.ReadFile(args[1]))
	body := strings.ReplaceAll(ts.ReadFile(args[2]), "TODAY", time.Now().Format(time.DateOnly))
	req, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if strconv.Itoa(resp.StatusCode) != args[3] {
		ts.Fatalf("%s, want %s\n%s", resp.Status, args[3], b)
	}
}

// appears waits for a file.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	for range 200 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear", args[0])
}

// within runs a program until what it prints contains a text: within 10s TEXT vienti log.
func within(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	end := time.Now().Add(limit)
	for {
		_ = ts.Exec(args[2], args[3:]...)
		out := ts.ReadFile("stdout")
		if strings.Contains(out, args[1]) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%q did not come within %v:\n%s%s", args[1], limit, out, ts.ReadFile("stderr"))
		}
		time.Sleep(100 * time.Millisecond)
	}
}
