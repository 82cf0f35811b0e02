package cli

import (
	"bufio"
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/web"
	"github.com/vienti/vienti/procountor/procountortest"
)

// These tests show rows of docs/features that are about connecting a company.

// A joiner runs vienti connect on a machine of its own, against a sandbox of its
// own.
type joiner struct {
	t        *testing.T
	sandbox  *procountortest.Server
	url      string
	env      Env
	out, err *bytes.Buffer
}

func newJoiner(t *testing.T) *joiner {
	t.Helper()
	j := &joiner{t: t, sandbox: procountortest.New(procountortest.Options{})}
	srv := httptest.NewServer(j.sandbox.Handler())
	t.Cleanup(func() { srv.Close(); j.sandbox.Close() })
	j.url = srv.URL + "/api"
	j.env, j.out, j.err = testEnv(t)
	return j
}

// flags that connect the demo company; more of the same name overrule them.
func (j *joiner) flags(more ...string) []string {
	demo := j.sandbox.Demo()
	return append([]string{"connect", "--environment", "sandbox", "--base-url", j.url, "--client-id", demo.ClientID,
		"--client-secret", demo.ClientSecret, "--api-key", demo.APIKey, "--name", "Webshop"}, more...)
}

// run runs a command and returns what it printed; the lines are joined.
func (j *joiner) run(code int, args ...string) string {
	j.t.Helper()
	j.out.Reset()
	j.err.Reset()
	j.env.Stdin = strings.NewReader("")
	if got := Run(j.t.Context(), args, j.env); got != code {
		j.t.Fatalf("vienti %s: exit code %d, want %d\n%s%s", args[0], got, code, j.out, j.err)
	}
	return strings.Join(strings.Fields(j.out.String()+" "+j.err.String()), " ")
}

// opened opens what the commands work on.
func (j *joiner) opened(f func(*opened)) {
	j.t.Helper()
	a := &app{env: j.env, in: bufio.NewReader(strings.NewReader(""))}
	root := a.root()
	root.SetArgs([]string{"version"})
	if err := root.ExecuteContext(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
	o, err := a.open(j.t.Context())
	if err != nil {
		j.t.Fatal(err)
	}
	defer o.close()
	f(o)
}

func (j *joiner) kept() bool {
	_, err := os.Stat(filepath.Join(j.env.System.DataHome, "vienti", "vienti.db"))
	return err == nil
}

// The rights are looked at as soon as there is a key, one by one and whatever the
// role is called; the narrow set is enough, and what is missing is named with the
// place where it is given.
func TestRightsAreCheckedOneByOne(t *testing.T) {
	feature.Covers(t, "E-11", "T-9")
	j := newJoiner(t)
	demo := j.sandbox.Demo()
	one := procountortest.IntegrationRights()
	one.Sales.CustomerRegister = procountortest.AllowView
	for _, tc := range []struct {
		what    string
		rights  procountortest.UserPermissions
		code    int
		missing int
		says    []string
	}{
		{"narrow", procountortest.IntegrationRights(), codeOK, 0, []string{"✓ Write sales invoices", "✓ Write customers", "✓ Write purchase invoices", "✓ Write suppliers"}},
		{"one lacks", one, codePerson, 1, []string{"✗ Write customers Give the user all rights to the customer register: Management > Users and access rights, group Sales."}},
		{"reads only", procountortest.ViewingRights(), codePerson, 4, []string{"✓ Read sales invoices", "✗ Write sales invoices", "Now: VIEWING_RIGHTS"}},
	} {
		j.sandbox.SetRights(demo.CompanyID, demo.UserID, tc.rights)
		text := j.run(tc.code, j.flags("--check")...)
		if n := strings.Count(text, "✗"); n != tc.missing {
			t.Errorf("%s: %d things are missing, want %d: %s", tc.what, n, tc.missing, text)
		}
		for _, s := range tc.says {
			if !strings.Contains(text, s) {
				t.Errorf("%s: no %q in %s", tc.what, s, text)
			}
		}
	}
	j.run(codePerson, j.flags()...)
	if j.kept() {
		t.Error("a company was connected whose key may only read")
	}
}

// docs/rights.md lists what is looked at with a key, in the words of the program;
// so does vienti connect --rights.
func TestRightsArePublished(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "rights.md"))
	if err != nil {
		t.Fatal(err)
	}
	j := newJoiner(t)
	listed := j.run(codeOK, "connect", "--rights")
	say := locale.New(locale.English, nil)
	for _, c := range engine.Checks(hub.Kinds) {
		title, remedy, only := web.CheckWords(say, c)
		if row := "| " + title + " | " + remedy + " | " + only + " |"; !strings.Contains(string(b), row) {
			t.Errorf("docs/rights.md lacks:\n%s", row)
		}
		if !strings.Contains(listed, title) || !strings.Contains(listed, remedy) {
			t.Errorf("%q is not listed: %s", title, listed)
		}
	}
	if text := j.run(codeOK, "connect", "--rights", "--kind", "sales"); strings.Contains(text, "Write purchase invoices") || !strings.Contains(text, "Write sales invoices") {
		t.Errorf("for sales only: %s", text)
	}
	if j.kept() {
		t.Error("listing has kept something")
	}
}

// Before anything is kept it is said which company the key opens and as which
// user, and that a technical user is better than a person's own login.
func TestWhoseKey(t *testing.T) {
	feature.Covers(t, "E-5", "E-6", "S-39")
	j := newJoiner(t)
	demo := j.sandbox.Demo()
	text := j.run(codeOK, j.flags("--check")...)
	for _, s := range []string{"Company Esimerkkipaja Oy", "Business id 1234567-1", "Environment Sandbox", "User "} {
		if !strings.Contains(text, s) {
			t.Errorf("no %q in %s", s, text)
		}
	}
	const advice = "Better is a technical user of its own, made under Management > Users and access rights."
	robot := j.sandbox.AddUser(demo.CompanyID, "vienti.api", "Esimerkkipaja", "Vienti", procountortest.IntegrationRights())
	person := j.sandbox.AddUser(demo.CompanyID, "matti.meikalainen", "Matti", "Meikäläinen", procountortest.AllRights())
	for user, name := range map[int64]string{robot: "vienti.api", person: "matti.meikalainen"} {
		text := j.run(codeOK, j.flags("--check", "--api-key", j.sandbox.AddAPIKey(demo.CompanyID, user, demo.ClientID, ""))...)
		if !strings.Contains(text, "User "+name) || strings.Contains(text, advice) != (user == person) {
			t.Errorf("%s: %s", name, text)
		}
	}
	if j.kept() {
		t.Error("trying a key has kept something")
	}
}

// A key that was made for another client, or is none, opens nothing; it is said
// where in Procountor keys are made, and for which client.
func TestKeyIsMadeForTheClient(t *testing.T) {
	feature.Covers(t, "E-4", "E-7", "S-44")
	j := newJoiner(t)
	demo := j.sandbox.Demo()
	j.sandbox.AddClient("OtherClient", "other-secret")
	foreign := j.sandbox.AddAPIKey(demo.CompanyID, demo.UserID, "OtherClient", "")
	for what, args := range map[string][]string{"of another client": {"--api-key", foreign}, "no key": {"--api-key", "no-key"}} {
		text := j.run(codeNoAnswer, j.flags(args...)...)
		if !strings.Contains(text, "The key must be made for this very client: in Procountor, Basic info > API keys.") || j.kept() {
			t.Errorf("%s: %s", what, text)
		}
	}
	j.run(codeOK, j.flags("--client-id", "OtherClient", "--client-secret", "other-secret", "--api-key", foreign)...)
	if !j.kept() {
		t.Error("with its own client the key opens nothing")
	}
}

// Nothing is made until all that is needed is there.
func TestEverythingNeededIsAskedFor(t *testing.T) {
	feature.Covers(t, "S-71")
	j := newJoiner(t)
	all := j.flags()
	for i := 1; i < len(all); i += 2 {
		text := j.run(codeUsage, append(append([]string{}, all[:i]...), all[i+2:]...)...)
		if !strings.Contains(text, all[i]) || j.kept() {
			t.Errorf("without %s: %s", all[i], text)
		}
	}
	j.run(codeOK, all...)
	if !j.kept() {
		t.Error("with all of it nothing was kept")
	}
}

// One installation holds several companies, each with its own key; the second may
// be in Sweden.
func TestSeveralCompanies(t *testing.T) {
	feature.Covers(t, "N-16", "V-6", "S-6")
	j := newJoiner(t)
	demo := j.sandbox.Demo()
	se := j.sandbox.AddCompany(procountortest.SwedishDemo())
	key := j.sandbox.AddAPIKey(se, j.sandbox.AddUser(se, "vienti.api", "Vienti", "API", procountortest.IntegrationRights()), demo.ClientID, "")
	j.run(codeOK, j.flags()...)
	text := j.run(codeOK, j.flags("--api-key", key, "--name", "Butiken")...)
	for _, s := range []string{"Exempelverkstaden AB", "Country SE", "Currency SEK"} {
		if !strings.Contains(text, s) {
			t.Errorf("no %q in %s", s, text)
		}
	}
	if text := j.run(codeOK, "doctor"); strings.Count(text, "The key opens it") != 2 || !strings.Contains(text, "Esimerkkipaja Oy") || !strings.Contains(text, "Exempelverkstaden AB") {
		t.Errorf("%s", text)
	}
	for name, language := range map[string]string{"Webshop": "language: fi", "Butiken": "language: sv"} {
		if text := j.run(codeOK, "settings", name); !strings.Contains(text, language) {
			t.Errorf("%s: no %q in %s", name, language, text)
		}
	}
}
