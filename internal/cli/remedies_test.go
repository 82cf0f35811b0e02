package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/internal/web"
	"github.com/vienti/vienti/internal/web/htmlcheck"
	"github.com/vienti/vienti/procountor/procountortest"
)

// Doors are the three through which somebody looks at a document: the page, the
// command and the API.
type doors struct {
	*enginetest.World
	t       *testing.T
	url     string
	readers map[locale.Language]*http.Client
	api     http.Handler
	token   string
	env     Env
	out     *bytes.Buffer
}

func openDoors(t *testing.T, cfg enginetest.Config) *doors {
	t.Helper()
	const password = "kolme sanaa yhdessä"
	db, clock := storetest.SQLite(t), enginetest.NewClock()
	keyFile := filepath.Join(t.TempDir(), "key")
	vault, err := secret.OpenVault(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	w := enginetest.New(t, storetest.Open(t, db, store.Options{Now: clock.Now, Vault: vault}), clock, cfg)
	token, hash := api.NewToken(rand.NewChaCha8([32]byte{1}))
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		for _, l := range locale.Languages {
			if _, err := tx.AddPerson(people.User{Login: string(l), Name: "Aino", Role: people.Finance, Language: string(l)}, secret.New(password)); err != nil {
				return err
			}
		}
		return tx.InsertPushToken(hash, w.Connection.ID, "test", people.AllRights)
	}))
	h := web.New(web.Options{Store: w.Store, Engine: w.Engine, Log: slog.New(slog.DiscardHandler), Version: "test"})
	t.Cleanup(h.Close)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	d := &doors{World: w, t: t, url: srv.URL, readers: map[locale.Language]*http.Client{}, api: api.New(api.Options{Engine: w.Engine, Now: clock.Now}), token: token}
	for _, l := range locale.Languages {
		jar, err := cookiejar.New(nil)
		w.Must(err)
		c := &http.Client{Jar: jar}
		resp, err := c.PostForm(srv.URL+"/login", url.Values{"login": {string(l)}, "password": {password}})
		w.Must(err)
		w.Must(resp.Body.Close())
		d.readers[l] = c
	}
	d.env, d.out, _ = testEnv(t)
	d.env.Now = clock.Now
	d.env.System.Getenv = func(name string) string {
		return map[string]string{"VIENTI_DATABASE": db, "VIENTI_KEY_FILE": keyFile}[name]
	}
	return d
}

// page is the explanation on the page of a document, "" where nothing is explained.
func (d *doors) page(l locale.Language, transfer string) string {
	d.t.Helper()
	resp, err := d.readers[l].Get(d.url + "/documents/" + transfer)
	d.Must(err)
	defer resp.Body.Close()
	doc, err := htmlcheck.Parse(resp.Body)
	d.Must(err)
	if _, ok := doc.First("main"); !ok || resp.StatusCode != http.StatusOK {
		d.t.Fatalf("no page: %s", resp.Status)
	}
	box, _ := doc.First("article.explained")
	if _, ok := doc.First("article.explained"); !ok {
		return ""
	}
	return box.Text()
}

// whole is all of the page of a document, as one reads it.
func (d *doors) whole(l locale.Language, transfer string) string {
	d.t.Helper()
	resp, err := d.readers[l].Get(d.url + "/documents/" + transfer)
	d.Must(err)
	defer resp.Body.Close()
	doc, err := htmlcheck.Parse(resp.Body)
	d.Must(err)
	return words(doc.Text())
}

// shown is what vienti show prints, with its lines joined.
func (d *doors) shown(l locale.Language, number string) string {
	d.t.Helper()
	d.out.Reset()
	if code := Run(d.t.Context(), []string{"show", number, "--lang", string(l)}, d.env); code != codeOK {
		d.t.Fatalf("vienti show %s: %d\n%s", number, code, d.out)
	}
	return words(d.out.String())
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// told are the faults that the API tells of a document.
func (d *doors) told(l locale.Language, document string) []api.Fault {
	d.t.Helper()
	r := httptest.NewRequest("GET", "/v1/documents/"+document, nil)
	r.Header.Set("Authorization", "Bearer "+d.token)
	r.Header.Set("Accept-Language", string(l))
	rec := httptest.NewRecorder()
	d.api.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Body)
	d.Must(err)
	var out struct{ Faults []api.Fault }
	if err := json.Unmarshal(body, &out); err != nil || rec.Code != http.StatusOK {
		d.t.Fatalf("%d %s", rec.Code, body)
	}
	return out.Faults
}

// allow gives the user of the key the rights of an administrator, changed.
func (d *doors) allow(change func(*procountortest.UserPermissions)) {
	rights := procountortest.AllRights()
	change(&rights)
	d.Sandbox.SetRights(d.Company.ProcountorID, d.Sandbox.Demo().UserID, rights)
}

// The twelve mistakes that the vendors' pages name, made with real documents and a
// real Procountor: page, command and API say in each language what is wrong, with
// the value, who must act, and what to do.
func TestMistakesThroughTheDoors(t *testing.T) {
	feature.Covers(t, "E-85", "E-86", "E-87", "E-88", "E-89")
	feature.Covers(t, "E-90", "T-56", "S-123", "S-124", "S-125")
	feature.Covers(t, "S-126", "S-19")
	w := openDoors(t, enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByEInvoice, hub.ByMail}
		ks := s.Kinds[hub.SalesInvoice]
		ks.Posting, ks.FirstDay = hub.PostedByMap, civil.Must("2020-01-01")
		s.Kinds[hub.SalesInvoice] = ks
		s.Accounts = []hub.AccountRule{{Source: "3000", Sales: true, Account: enginetest.PostedOn}, {Sales: true, Account: enginetest.PostedOn}}
	}})
	for _, c := range []struct {
		row    string
		change func(*hub.Document)
		before func() // in Procountor
		code   string
		value  string
		actor  remedy.Actor
		fi, en string // of title, cause and remedy
	}{
		{"E-85", func(d *hub.Document) { d.Lines[0].Account = "3999" }, nil, hub.AccountUnmapped, "3999", remedy.Accountant, "tilikartoitukseen", "account map"},
		{"E-86", func(d *hub.Document) { d.Lines = nil }, nil, hub.RowsMissing, "", remedy.Source, "rivi", "row"},
		{"E-88", func(d *hub.Document) { d.Payment.IBAN = "FI1350001520000081" }, nil, hub.BankAccountForeign, "FI1350001520000081", remedy.Accountant, "pankkitileihin", "bank accounts"},
		{"T-56", func(d *hub.Document) { d.Buyer.EInvoice = hub.EInvoice{Address: "003723456780", Operator: "Basware!"} }, nil, hub.OperatorWrong, "BASWARE!", remedy.Source, "operaattori", "operator"},
		{"S-123", func(d *hub.Document) { d.Date, d.DueDate = civil.Must("2021-03-10"), civil.Must("2021-03-24") }, nil, hub.FiscalYearMissing, "2021-03-10", remedy.Accountant, "tilikau", "fiscal year"},
		{"S-124", func(d *hub.Document) { d.Buyer.BusinessID = "2345678-9" }, nil, hub.BusinessIDWrong, "2345678-9", remedy.Source, "Y-tunnus", "business id"},
		{"S-125", func(d *hub.Document) { d.Lines[0].Name = strings.Repeat("Pitkä nimi ", 70) }, nil, hub.TextTooLong, "Pitkä nimi", remedy.Source, "Lyhennä", "Shorten"},
		{"S-19", func(d *hub.Document) { d.Buyer.BusinessID = "3456780-6" }, nil, hub.PartnerConflict, "1001", remedy.Source, "korjaa", "correct"},
		{"S-126", func(d *hub.Document) { d.Buyer.BusinessID, d.Buyer.VATNumber = "", "FI34567806" }, nil, hub.PartnerConflict, "1001", remedy.Source, "korjaa", "correct"},
		{"E-87", func(*hub.Document) {}, func() {
			w.allow(func(p *procountortest.UserPermissions) { p.Accounting.PreventEditingAccountingPage = new(true) })
		}, hub.ProcountorCode + "insufficient access rights", "insufficient access rights", remedy.Accountant, "oikeusluetteloon", "list of rights"},
		{"E-90", func(d *hub.Document) {
			*d = *enginetest.Purchase("E-90", "100.00")
			d.Seller.Name, d.Seller.BusinessID, d.Seller.Number = "Uusi Toimittaja Oy", enginetest.BusinessID(7), "2999"
		}, func() { w.allow(func(*procountortest.UserPermissions) {}) }, "", "", remedy.Nobody, "", ""},
		{"E-89", func(*hub.Document) {}, func() { w.Sandbox.RevokeAPIKey(w.Sandbox.Demo().APIKey) }, hub.KeyDead, "", remedy.Admin, "uusi API-avain", "new API key"},
	} {
		if c.before != nil {
			c.before()
		}
		d := enginetest.Sale(c.row, "100.00")
		d.Lines[0].VATPercent = money.Must("25.5")
		c.change(d)
		document := w.Receive(d)[0].Document
		if c.code == hub.KeyDead {
			for range 3 { // it never settles: it waits for a key
				w.Clock.Set(w.Step(t.Context()))
			}
		} else {
			w.Settle()
		}
		got := w.Transfer(c.row)
		if c.code == "" {
			if got.State != hub.Done || len(w.Vouchers(c.row)) != 1 || len(w.told("en", document)) != 0 || w.page("en", got.ID) != "" || strings.Contains(w.shown("en", c.row), "→") {
				t.Errorf("%s: somebody is asked for something: %s", c.row, enginetest.Describe(got))
			}
			continue
		}
		if made := len(w.Vouchers(c.row)); made != 0 && (c.row != "E-87" || w.Vouchers(c.row)[0].Status != "UNFINISHED") {
			t.Errorf("%s: written all the same", c.row)
		}
		said := map[locale.Language]string{}
		for _, l := range locale.Languages {
			faults := w.told(l, document)
			if len(faults) == 0 || faults[0].Code != c.code || faults[0].Actor != string(c.actor) {
				t.Errorf("%s: the API tells in %s: %+v; %s", c.row, l, faults, enginetest.Describe(got))
				break
			}
			f := faults[0]
			page, shown := words(w.page(l, got.ID)), w.shown(l, c.row)
			for _, part := range []string{f.Title, f.Cause, f.Remedy, f.Who, c.value} {
				if part == "" && c.value != "" {
					t.Errorf("%s: the API lacks something in %s: %+v", c.row, l, f)
				}
				if !strings.Contains(page, words(part)) {
					t.Errorf("%s: in %s the page does not say %q: %s", c.row, l, part, page)
				}
				if !strings.Contains(shown, words(part)) {
					t.Errorf("%s: in %s vienti show does not say %q: %s", c.row, l, part, shown)
				}
			}
			if c.value != "" && !strings.Contains(f.Value+f.Cause, c.value) || strings.ContainsAny(f.Title+f.Cause+f.Remedy, "{}") {
				t.Errorf("%s: in %s the API does not say %q: %+v", c.row, l, c.value, f)
			}
			said[l] = f.Title + " " + f.Cause + " " + f.Remedy
		}
		for l, want := range map[locale.Language]string{"fi": c.fi, "en": c.en} {
			if !strings.Contains(strings.ToLower(said[l]), strings.ToLower(want)) {
				t.Errorf("%s: nothing speaks of %q: %s", c.row, want, said[l])
			}
		}
		if said["sv"] == said["en"] || said["nl"] == said["en"] || said["fi"] == said["en"] {
			t.Errorf("%s: a translation is missing: %q", c.row, said)
		}
	}
}

// A refusal that nobody knows: page, command and API name the field in the reader's
// words, the value and Procountor's own text; what somebody writes about it stands on
// page and command when it comes again, with another number in it and on another
// document. The API, whose reader is another company's program, does not tell it.
func TestUnknownRefusalThroughTheDoors(t *testing.T) {
	odd := &refuser{}
	w := openDoors(t, enginetest.Config{Writing: true, Client: func(c *http.Client) *http.Client {
		odd.next = c.Transport
		return &http.Client{Transport: odd, Timeout: c.Timeout}
	}})
	refused := func(number, body string) (hub.Transfer, string) {
		odd.body = body
		document := w.Receive(enginetest.Sale(number, "100.00"))[0].Document
		w.Settle()
		got := w.Transfer(number)
		if got.State != hub.Refused || len(w.Vouchers(number)) != 0 {
			t.Fatal(enginetest.Describe(got))
		}
		return got, document
	}
	first, document := refused("7001", `{"errors":[{"status":400,"field":"invoiceRows[0].quantity","message":"Quota of row 4 is spent"}]}`)
	for l, field := range map[locale.Language]string{"fi": "rivi 1: määrä", "sv": "rad 1: antal", "en": "row 1: quantity", "nl": "regel 1: aantal"} {
		f := w.told(l, document)[0]
		for where, text := range map[string]string{"page": words(w.page(l, first.ID)), "command": w.shown(l, "7001"), "API": f.Title + " " + f.Cause + " " + f.ProcountorPath + " " + f.Path} {
			if !strings.Contains(text, "Quota of row 4 is spent") {
				t.Errorf("%s in %s does not say Procountor's words: %s", where, l, text)
			}
			if where != "API" && !strings.Contains(strings.ToLower(text), field) {
				t.Errorf("%s in %s does not say %q: %s", where, l, field, text)
			}
		}
		if f.Path != "lines[0].quantity" || f.ProcountorPath != "invoiceRows[0].quantity" || f.Value != "1" {
			t.Errorf("the API in %s: %+v", l, f)
		}
	}
	const note = "Kysy Liisalta, kiintiö kasvatetaan sopimuksella."
	resp, err := w.readers["fi"].PostForm(w.url+"/documents/"+first.ID+"/note", url.Values{"key": {remedy.NoteKey(first.Faults[0].Code)}, "text": {note}})
	w.Must(err)
	w.Must(resp.Body.Close())
	second, document := refused("7002", `{"errors":[{"status":400,"field":"invoiceRows[0].unitPrice","message":"Quota of row 17 is spent"}]}`)
	if page := w.whole("fi", second.ID); !strings.Contains(page, note) || !strings.Contains(page, "Quota of row 17 is spent") {
		t.Errorf("the page: %s", page)
	}
	if shown := w.shown("sv", "7002"); !strings.Contains(shown, note) {
		t.Errorf("the command: %s", shown)
	}
	for _, f := range w.told("fi", document) {
		if strings.Contains(f.Title+f.Cause+f.Remedy+f.Who, "Liisalta") {
			t.Errorf("the API tells it: %+v", f)
		}
	}
}

// A refuser answers posts of invoices with a refusal.
type refuser struct {
	next http.RoundTripper
	body string
}

func (r *refuser) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost || !strings.HasSuffix(req.URL.Path, "/invoices") {
		return r.next.RoundTrip(req)
	}
	_, _ = io.Copy(io.Discard, req.Body)
	_ = req.Body.Close()
	return &http.Response{StatusCode: http.StatusBadRequest, Status: "400 Bad Request", Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(r.body)), Request: req, ProtoMajor: 1, ProtoMinor: 1}, nil
}
