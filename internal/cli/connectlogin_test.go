package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// vienti connect --login: the page at Procountor is named, the browser comes back to the
// command by itself, or its address is pasted; what belongs to another login is not taken.
func TestConnectByLogin(t *testing.T) {
	for name, c := range map[string]struct {
		paste, cancel bool
		code          int
	}{
		"comes back": {code: codeOK}, "pasted": {paste: true, code: codeOK}, "cancelled": {cancel: true, code: codePerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := procountortest.New(procountortest.Options{PKCE: procountortest.PKCERequired})
			srv := httptest.NewServer(sandbox.Handler())
			t.Cleanup(func() { srv.Close(); _ = sandbox.Close() })
			demo := sandbox.Demo()
			sandbox.AddUser(demo.CompanyID, "taimer.api", "Taimer", "Rajapinta", procountortest.IntegrationRights())
			redirect := "http://" + freePort() + engine.LoginPath
			sandbox.SetRedirectURI(demo.ClientID, redirect)
			env, out, _ := testEnv(t)
			env.System.Getenv = func(name string) string { return map[string]string{"VIENTI_CLIENT_SECRET": demo.ClientSecret}[name] }
			told, says := io.Pipe()
			hand, types := io.Pipe()
			env.Stderr, env.Stdin, env.CanAsk = says, hand, true
			args := []string{"connect", "--login", "--json", "--environment", "sandbox", "--base-url", srv.URL + "/api", "--client-id", demo.ClientID,
				"--redirect-uri", redirect, "--name", "Taimer"}
			if c.paste {
				args = append(args, "--paste")
			}
			code := make(chan int, 1)
			go func() {
				code <- Run(t.Context(), args, env)
				says.Close()
			}()
			heard := bufio.NewReader(told)
			hear := func(what string) string {
				t.Helper()
				var all strings.Builder
				for {
					r, _, err := heard.ReadRune()
					if err != nil {
						t.Fatalf("it does not say %q: %s", what, all.String())
					}
					all.WriteRune(r)
					if m := regexp.MustCompile(what).FindString(all.String()); m != "" {
						return m
					}
				}
			}
			page := strings.TrimSpace(hear(`http\S+/login\?\S+\s`))
			back := logInAt(t, page, !c.cancel)
			other := strings.Replace(back, "state=", "state=x", 1)
			if c.paste {
				hear("Address: ")
				for _, line := range []string{other, back} {
					if _, err := io.WriteString(types, line+"\n"); err != nil {
						t.Fatal(err)
					}
					if line == other {
						hear("does not belong to the login[^:]*Address: ")
					}
				}
			} else {
				hear("--paste")
				for address, want := range map[string]int{other: http.StatusNotFound, redirect: http.StatusNotFound} {
					if status, _ := browse(t, address); status != want {
						t.Errorf("%s: %d", address, status)
					}
				}
				if status, body := browse(t, back); status != http.StatusOK || !strings.Contains(body, "go on in the terminal") {
					t.Errorf("%d %s", status, body)
				}
			}
			rest := make(chan string, 1)
			go func() { b, _ := io.ReadAll(heard); rest <- string(b) }()
			got := <-code
			if said := <-rest; got != c.code || strings.Contains(said, demo.ClientSecret) {
				t.Fatalf("exit code %d\n%s%s", got, out, said)
			}
			if c.code != codeOK {
				return
			}
			var made connected
			if err := json.Unmarshal(out.Bytes(), &made); err != nil || made.Connection != "Taimer" || made.User != "taimer.api" {
				t.Fatalf("%v: %s", err, out)
			}
			a := &app{env: env}
			if err := a.start(a.connectCommand()); err != nil {
				t.Fatal(err)
			}
			o, err := a.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer o.close()
			companies, err := store.ReadOne(t.Context(), o.store, func(tx *store.Tx) ([]hub.Company, error) { return tx.Companies() })
			if err != nil || len(companies) != 1 || companies[0].LoggedIn.IsZero() || !strings.HasPrefix(companies[0].LoggedInBy, "cli:") {
				t.Errorf("%+v %v", companies, err)
			}
		})
	}
}

// logInAt answers Procountor's page and returns the address to which it sends the browser.
func logInAt(t *testing.T, page string, yes bool) string {
	t.Helper()
	answer := map[bool]string{true: "yes", false: "no"}[yes]
	hc := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := hc.PostForm(page, url.Values{"username": {"taimer.api"}, "password": {procountortest.LoginPassword}, "answer": {answer}, "company": {"1001"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Location")
}

func browse(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// What goes with a login, and what does not.
func TestConnectByLoginFlags(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	sandbox := procountortest.New(procountortest.Options{})
	srv := httptest.NewServer(sandbox.Handler())
	defer func() { srv.Close(); _ = sandbox.Close() }()
	where := []string{"connect", "--environment", "sandbox", "--base-url", srv.URL + "/api", "--client-id", "x", "--client-secret-file", "-"}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a key too":        {[]string{"--login", "--api-key-file", "x"}, "takes the place of --api-key"},
		"no login":         {[]string{"--paste"}, "go with --login"},
		"with a query":     {[]string{"--login", "--redirect-uri", "http://127.0.0.1:8080/x?y=z"}, "without a query"},
		"nobody to ask":    {[]string{"--login", "--redirect-uri", "https://vienti.example.fi/connect/back"}, "run it in a terminal"},
		"the port is used": {[]string{"--login", "--redirect-uri", "http://" + taken.Addr().String() + "/connect/back"}, "run it in a terminal"},
	} {
		env, _, errs := testEnv(t)
		env.Stdin = strings.NewReader("secret\n")
		if code := Run(t.Context(), append(where[:len(where):len(where)], c.args...), env); code != codeUsage || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit code %d, %s", name, code, errs)
		}
	}
}
