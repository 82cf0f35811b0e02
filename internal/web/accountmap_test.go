package web

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/posting"
)

// upload sends a form with a file, as browsers do.
func (s *site) upload(path, version, field, file string) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	err := m.WriteField("version", version)
	for name := range s.more {
		err = errors.Join(err, m.WriteField(name, s.more.Get(name)))
	}
	if err == nil && field != "" {
		f, e := m.CreateFormFile(field, "map.csv")
		if err = e; err == nil {
			_, err = f.Write([]byte(file))
		}
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", s.url+path, &b)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", m.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

// mapSite is a site with somebody who may set up, and the path of an account map.
func mapSite(t *testing.T) (s *site, id, path string) {
	t.Helper()
	s = seeded(t)
	s.signIn(people.Admin)
	id = s.Connections[0].ID
	return s, id, "/connections/" + id + "/accounts"
}

func (s *site) wants(id string, version int, rules ...hub.AccountRule) {
	s.t.Helper()
	c := s.connection(id)
	if d := cmp.Diff(rules, c.Settings.Accounts); d != "" || c.SettingsVersion != version {
		s.t.Errorf("version %d, want %d: %s", c.SettingsVersion, version, d)
	}
}

// A rule is added, changed and removed on its form; each is a version with who
// made it, told by what the rule is for.
func TestRuleForm(t *testing.T) {
	s, id, path := mapSite(t)
	form := formOf(s.get(path+"/rule?source=300&side=sales"), ".settings-form")
	if form.Get("source") != "300" || form.Get("sales") != "yes" || form.Get("purchases") != "" || form.Get("version") != "1" || form.Get("n") != "-1" {
		t.Fatalf("%v", form)
	}
	for name, value := range map[string]string{"name": "Työ", "account": "3010", "percent": "25,5 %", "category": "S", "supply": "service", "area": "home", "vat_status": "1"} {
		form.Set(name, value)
	}
	if a := s.post(path+"/rule", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	rule := hub.AccountRule{Name: "Työ", Source: "300", Category: "S", Percent: "25.5", Supply: "service", Area: hub.Home, Sales: true, Account: "3010", VATStatus: 1}
	s.wants(id, 2, rule)
	a := s.get(path)
	for _, w := range []string{"versiona 2", "Työ: tili 300, alv-luokka S, 25,5 %, palvelut, kotimaa", "3010 Palvelumyynti", "1 – Kotimaan myynti", "1 sääntö", "Ei käytössä"} {
		if !strings.Contains(a.Text(), w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	for search, found := range map[string]bool{"palvelumyynti työ": true, "3999": false, "kotimaan MYYNTI": true} {
		if a := s.get(path + "?q=" + url.QueryEscape(search)); strings.Contains(a.Text(), "3010 Palvelumyynti") != found {
			t.Errorf("searched for %s: found is not %v", search, found)
		}
	}

	// The form as it came changes nothing.
	form = formOf(s.get(path+"/rule?n=0&version=2"), ".settings-form")
	if a := s.post(path+"/rule", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	s.wants(id, 2, rule)
	form.Set("account", "3000")
	form.Set("deduction", "")
	s.post(path+"/rule", form)
	rule.Account = "3000"
	s.wants(id, 3, rule)
	if a := s.get("/connections/" + id); !strings.Contains(a.Text(), "Tilikartoitus, Työ: tili 300, alv-luokka S, 25,5 %, palvelut, kotimaa, myynti: 3010, alv-status 1 → 3000, alv-status 1") {
		t.Errorf("the log does not tell the change by its rule: %s", a.Text())
	}

	// A form that is older than the settings changes nothing, and shows the present ones.
	for _, to := range []string{"/rule", "/remove"} {
		a := s.post(path+to, form)
		if a.StatusCode != http.StatusConflict || !strings.Contains(a.Text(), "Joku muu") || !strings.Contains(a.Text(), "3000 Myynti") {
			t.Errorf("%s: %s", to, a.Status)
		}
	}
	if a := s.get(path + "/rule?n=0&version=2"); a.StatusCode != http.StatusConflict {
		t.Errorf("an old address: %s", a.Status)
	}
	s.wants(id, 3, rule)
	if a := s.post(path+"/remove", url.Values{"version": {"3"}, "n": {"0"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	s.wants(id, 4)
	for _, form := range []url.Values{{}, {"version": {"4"}}, {"version": {"4"}, "n": {"-1"}}, {"version": {"4"}, "n": {"-2"}}, {"n": {"0"}}} {
		if a := s.post(path+"/remove", form); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: %s", form, a.Status)
		}
	}
	if a := s.post(path+"/remove", url.Values{"version": {"4"}, "n": {"0"}}); a.StatusCode != http.StatusConflict {
		t.Errorf("no such rule: %s", a.Status)
	}
}

// What is wrong with a rule is said beside its field; what was typed stays, and
// nothing is saved.
func TestRuleFormFaults(t *testing.T) {
	s, id, path := mapSite(t)
	good := formOf(s.get(path+"/rule"), ".settings-form")
	good.Set("account", "3000")
	for name, value := range map[string]string{"account": "", "percent": "200", "deduction": "viisi", "category": "XX", "vat_status": "2"} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(name, value)
		a := s.post(path+"/rule", form)
		faults := a.All(".wrong small.fault")
		if a.StatusCode != http.StatusUnprocessableEntity || len(faults) != 1 || strings.Contains(faults[0].Text(), "setting-fault") {
			t.Errorf("%s: %s, %d faults", name, a.Status, len(faults))
			continue
		}
		if in, ok := a.First("#set-" + name); !ok || name != "category" && name != "vat_status" && value != "" && mustAttr(in, "value") != value {
			t.Errorf("%s: %q is gone", name, value)
		}
	}
	form := url.Values{"version": {"1"}, "n": {"-1"}, "account": {"="}}
	if a := s.post(path+"/rule", form); len(a.All(".wrong small.fault")) != 2 {
		t.Errorf("neither side, and no account of the source: %s", a.Text())
	}
	// A status that is not on for one of the sides.
	good.Set("vat_status", "1")
	if a := s.post(path+"/rule", good); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "Valitse alv-status") {
		t.Errorf("%s", a.Status)
	}
	s.wants(id, 1)
	for _, role := range []people.Role{people.Viewer, people.Auditor} {
		s.signIn(role)
		if a := s.post(path+"/rule", form); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
	}
}

func mustAttr(n interface{ Attr(string) (string, bool) }, name string) string {
	v, _ := n.Attr(name)
	return v
}

// A table is taken whole or not at all, with every mistake told by its row; the
// one that is handed over is the one that the command line writes.
func TestMapTable(t *testing.T) {
	s, id, path := mapSite(t)
	rules := []hub.AccountRule{{Source: "300", Sales: true, Account: "3010"}, {Name: "Muut", Sales: true, Purchases: true, Account: "3000"}}
	table, err := posting.WriteCSV(rules)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.upload(path+"/table", "1", "table", string(table)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	s.wants(id, 2, rules...)
	if a := s.get(path + "/table"); a.body != string(table) || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%q", a.body)
	}
	for _, c := range []struct {
		name, version, field, table string
		status                      int
		says                        []string
	}{
		{"mistakes", "2", "table", "source;sales;account;percent;colour\n1;ehkä;3000;\n2;x;;200\n", 422,
			[]string{"4 virhettä; mitään ei muutettu", "Saraketta colour ei ole", "Rivi 2, sales: Tätä ei ymmärretä: ”ehkä”", "Rivi 3, account: Tässä on oltava jotakin", "Rivi 3, percent: ”200” ei ole prosentti"}},
		{"a status that is not in use", "2", "table", "source;sales;account;vat_status\n1;x;3000;1\n\n2;x;3000;4711\n", 422, []string{"1 virhe; mitään ei muutettu", "vat_status: Valitse alv-status"}},
		{"not a table", "2", "table", "source;sales\n\"1;x\n", 422, []string{"Tämä ei ole taulukko"}},
		{"no file", "2", "", "", 422, []string{"Valitse tiedosto"}},
		{"too large", "2", "table", strings.Repeat("x", maxUpload+1), 422, []string{"suurempi kuin 1 Mt"}},
		{"far too large", "2", "table", strings.Repeat("x", 2*maxUpload), 422, []string{"suurempi kuin 1 Mt"}},
		{"an old form", "1", "table", "source;sales;account\n1;x;3000\n", 409, []string{"Joku muu"}},
		{"no version", "", "table", "source;sales;account\n1;x;3000\n", 400, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := s.upload(path+"/table", c.version, c.field, c.table)
			if a.StatusCode != c.status {
				t.Errorf("%s %s", a.Status, a.Text())
			}
			for _, w := range c.says {
				if !strings.Contains(a.Text(), w) {
					t.Errorf("the page does not say %q: %s", w, a.Text())
				}
			}
			s.wants(id, 2, rules...)
		})
	}
}

// Proposals are taken over ticked, and only those; an account without one leads
// to the form of a rule.
func TestProposals(t *testing.T) {
	s, id, path := mapSite(t)
	a := s.upload(path+"/proposals", "1", "chart", "source;name;sales\n300;Palvelumyynti;x\n3000;Jotakin;x\n77;Ei mitään;x\n")
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	for _, w := range []string{"300 Palvelumyynti", "3010 Palvelumyynti", "todennäköinen", "sama nimi", "3000 Myynti", "ehkä", "sama numero, eri nimi", "77 Ei mitään"} {
		if !strings.Contains(a.Text(), w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	boxes := a.All("input[name=take]")
	if len(boxes) != 2 {
		t.Fatalf("%d proposals", len(boxes))
	}
	for _, b := range boxes {
		if _, ticked := b.Attr("checked"); ticked {
			t.Error("a proposal is ticked before anybody has looked at it")
		}
	}
	if a := s.post(path+"/take", url.Values{"version": {"1"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s", a.Status)
	}
	s.wants(id, 1)
	if a := s.get(path); !strings.Contains(a.Text(), "Mitään ei valittu") {
		t.Errorf("%.300s", a.Text())
	}
	if a := s.post(path+"/take", url.Values{"version": {"1"}, "take": {mustAttr(boxes[0], "value")}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s", a.Status)
	}
	s.wants(id, 2, hub.AccountRule{Name: "Palvelumyynti", Source: "300", Sales: true, Account: "3010"})
	if a := s.post(path+"/take", url.Values{"version": {"1"}, "take": {mustAttr(boxes[1], "value")}}); a.StatusCode != http.StatusConflict {
		t.Errorf("an old form: %s", a.Status)
	}
	for _, wrong := range []string{"x", `{"source":"1"}`} {
		if a := s.post(path+"/take", url.Values{"version": {"2"}, "take": {wrong}}); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", wrong, a.Status)
		}
	}
	s.wants(id, 2, hub.AccountRule{Name: "Palvelumyynti", Source: "300", Sales: true, Account: "3010"})
	if a := s.upload(path+"/proposals", "2", "chart", "colour\nred\n"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "Sarake source puuttuu") {
		t.Errorf("%s %s", a.Status, a.Text())
	}

	// What documents wait for is proposed, and its page leads there.
	held := s.Refused(9001, hub.NewFault(hub.AccountUnmapped, "rows[1].account", "3000", "account", "3000"))
	if a := s.get(path + "/proposals"); !strings.Contains(a.Text(), "3000 Myynti") {
		t.Errorf("%s", a.Text())
	}
	link, ok := s.get("/documents/" + held.ID).First(".to-map a")
	if !ok || mustAttr(link, "href") != path+"/rule?side=sales&source=3000" {
		t.Fatalf("%v", link)
	}
	if a := s.get(mustAttr(link, "href")); !strings.Contains(a.Text(), "Ehdotus: 3000 Myynti, ehkä (sama numero, eri nimi)") {
		t.Errorf("%s", a.Text())
	}
	s.signIn(people.Viewer)
	if _, ok := s.get("/documents/" + held.ID).First(".to-map a"); ok {
		t.Error("the page offers what the reader may not do")
	}
}

// The page says whether the map can be used, and each thing that is missing.
func TestMapReadiness(t *testing.T) {
	s, id, path := mapSite(t)
	set := func(f func(*hub.Settings)) {
		t.Helper()
		c := s.connection(id)
		f(&c.Settings)
		if _, err := s.Engine.SetSettings(t.Context(), "test", id, 0, c.Settings); err != nil {
			t.Fatal(err)
		}
	}
	badge := func(want string, says ...string) {
		t.Helper()
		a := s.get(path)
		b, _ := a.First(".standing .badge")
		if b.Text() != want {
			t.Errorf("it says %q, not %q", b.Text(), want)
		}
		for _, w := range says {
			if !strings.Contains(a.Text(), w) {
				t.Errorf("it does not say %q", w)
			}
		}
	}
	badge("Ei käytössä")
	if a, ok := s.get(path).First(".standing a"); !ok || mustAttr(a, "href") != "/connections/"+id+"/settings#kind-sales_invoice" {
		t.Errorf("no way to where it is switched on: %v", a)
	}
	set(func(s *hub.Settings) {
		s.Kinds = map[hub.Kind]hub.KindSettings{hub.SalesInvoice: {On: true, FirstDay: time2026, Arrival: hub.ArriveUnfinished, Posting: hub.PostedByMap},
			hub.PurchaseInvoice: s.Kinds[hub.PurchaseInvoice]}
	})
	badge("Ei vielä valmis", "Kartoitus on tyhjä")
	set(func(s *hub.Settings) {
		s.Accounts = []hub.AccountRule{{Sales: true, Account: "3000"}, {Source: "9", Sales: true, Account: "3900"}, {Source: "8", Category: "Z", Sales: true, Account: "3000"}}
	})
	badge("Ei vielä valmis", "tili 9, myynti: tili 3900 ei ole Procountorissa auki", "tili 8, alv-luokka Z, myynti: alv-statusta ei ole")
	set(func(s *hub.Settings) { s.Accounts = s.Accounts[:1] })
	badge("Valmis", "jokainen tili on auki ja sillä on alv-status")
}
