package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/channel"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// channelSite is a site with an accountant, and the path of a connection's channels.
func channelSite(t *testing.T) (s *site, id, path string) {
	t.Helper()
	s = seeded(t)
	s.signIn(people.Finance)
	id = s.Connections[0].ID
	return s, id, "/connections/" + id + "/channels"
}

func (s *site) wantsCustomers(id string, version int, rows ...hub.CustomerRow) {
	s.t.Helper()
	c := s.connection(id)
	if d := cmp.Diff(rows, c.Settings.Customers); d != "" || c.SettingsVersion != version {
		s.t.Errorf("version %d, want %d: %s", c.SettingsVersion, version, d)
	}
}

// For each customer a person chooses how its invoices go, where to, by which
// operator of the list, and in which language; each change is a version.
func TestCustomerChannels(t *testing.T) {
	s, id, path := channelSite(t)
	a := s.get(path + "/customer?customer=1001&name=Kuvitelma+Kauppa+Oy")
	form := formOf(a, ".settings-form")
	if form.Get("customer") != "1001" || form.Get("name") != "Kuvitelma Kauppa Oy" || form.Get("n") != "-1" {
		t.Fatalf("%v", form)
	}
	var offered []string
	for _, o := range a.All("select[name=channel] option") {
		v, _ := o.Attr("value")
		offered = append(offered, v+" "+o.Text())
	}
	if d := cmp.Diff([]string{" säännön mukaan", "einvoice verkkolasku", "email sähköposti", "mail kirje, Procountor lähettää", "paper paperilla, tulostetaan itse", "sent lähetetty jo muualta"}, offered); d != "" {
		t.Error(d)
	}
	var operators []string
	for _, o := range a.All("datalist option") {
		v, _ := o.Attr("value")
		operators = append(operators, v)
	}
	if len(operators) != len(channel.Known().List) || !slices.Contains(operators, "003721291126") {
		t.Errorf("%d operators to choose from: %q", len(operators), operators)
	}
	form.Set("channel", "einvoice")
	form.Set("einvoice", "0037 2345 6780")
	form.Set("operator", "003721291126")
	form.Set("email", "laskut@kuvitelma.example")
	form.Set("language", "sv")
	if a := s.post(path+"/customer", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	row := hub.CustomerRow{Customer: "1001", Name: "Kuvitelma Kauppa Oy", Channel: hub.ByEInvoice, Email: "laskut@kuvitelma.example", EInvoice: "003723456780", Operator: "003721291126", Language: "sv"}
	s.wantsCustomers(id, 2, row)
	text := s.get(path).Text()
	for _, w := range []string{"versiona 2", "1001 Kuvitelma Kauppa Oy", "verkkolasku", "003723456780 003721291126 Maventa", "ruotsi", "1 asiakas", "29 operaattoria, tilanne 21.10.2019", "vanha eikä täydellinen"} {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
	for search, found := range map[string]bool{"maventa kuvitelma": true, "kirje": false, "laskut@": true} {
		if a := s.get(path + "?q=" + url.QueryEscape(search)); strings.Contains(a.Text(), "1001 Kuvitelma") != found {
			t.Errorf("searched for %s: found is not %v", search, found)
		}
	}
	// A document's customer leads to its row, not to a second one.
	if again := formOf(s.get(path+"/customer?customer=10+01&id=2345678-0"), ".settings-form"); again.Get("n") != "0" || again.Get("einvoice") != "003723456780" {
		t.Errorf("%v", again)
	}
	if a := s.get(path + "/customer?n=0&version=1"); a.StatusCode != http.StatusConflict {
		t.Errorf("an old address: %s", a.Status)
	}
	if a := s.post(path+"/customer", form); a.StatusCode != http.StatusConflict || !strings.Contains(a.Text(), "Joku muu") {
		t.Errorf("a form that is older: %s", a.Status)
	}
	if a := s.post(path+"/remove", url.Values{"version": {"2"}, "n": {"0"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	s.wantsCustomers(id, 3)
}

// What is wrong is said beside its field; what was typed stays, and nothing is saved.
func TestCustomerFaults(t *testing.T) {
	s, id, path := channelSite(t)
	form := formOf(s.get(path+"/customer"), ".settings-form")
	for name, value := range map[string]string{"customer": "", "email": "laskut@", "einvoice": "003723456781", "operator": "MAVENTA OY, X", "channel": "fax"} {
		form.Set(name, value)
	}
	a := s.post(path+"/customer", form)
	if a.StatusCode != http.StatusUnprocessableEntity {
		t.Fatal(a.Status)
	}
	var faults []string
	for _, f := range a.All(".setting .fault") {
		faults = append(faults, f.Text())
	}
	if len(faults) != 5 || !strings.Contains(strings.Join(faults, "\n"), "tarkistusnumero on oikein") || !strings.Contains(a.body, "003723456781") {
		t.Errorf("%q", faults)
	}
	s.wantsCustomers(id, 1)
	for _, wrong := range []url.Values{{}, {"version": {"1"}}, {"version": {"1"}, "n": {"-1"}}} {
		if a := s.post(path+"/remove", wrong); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: %s", wrong, a.Status)
		}
	}
}

// A table replaces all customers, or is refused row by row.
func TestCustomerTable(t *testing.T) {
	s, id, path := channelSite(t)
	if a := s.upload(path+"/table", "1", "table", "customer;channel;email\n1001;email;laskut@kuvitelma.example\n77;paper;\n"); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	rows := []hub.CustomerRow{{Customer: "1001", Channel: hub.ByEmail, Email: "laskut@kuvitelma.example"}, {Customer: "77", Channel: hub.OnPaper}}
	s.wantsCustomers(id, 2, rows...)
	back, _, err := channel.ReadCSV([]byte(s.get(path + "/table").body))
	if d := cmp.Diff(rows, back); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	for table, want := range map[string]string{"customer;channel\n5;fax\n": "Rivi 2, channel", "customer\n5\n5\n": "Rivi 3, customer: ”5” on siinä kahdesti", "kunde\n1\n": "kunde"} {
		if a := s.upload(path+"/table", "2", "table", table); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), want) {
			t.Errorf("%q: %s %s", table, a.Status, a.Text())
		}
	}
	if a := s.upload(path+"/table", "2", "", ""); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no file: %s", a.Status)
	}
	s.wantsCustomers(id, 2, rows...)
}

// The list of operators is replaced by one that says of when it is and by whom.
func TestOwnOperators(t *testing.T) {
	s, id, path := channelSite(t)
	list := "code;name\nNDEAFIHH;Nordea\nNEWCOMER;Uusi Operaattori Oy\n"
	if a := s.upload(path+"/operators", "1", "table", list); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "Tilanne") {
		t.Errorf("without a day: %s", a.Status)
	}
	s.more = url.Values{"day": {"2026-03-01"}, "source": {"verkkolaskuosoite.fi"}}
	if a := s.upload(path+"/operators", "1", "table", list); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	own := s.connection(id).Settings.Operators
	if own == nil || own.Source != "verkkolaskuosoite.fi" || own.Date.String() != "2026-03-01" || len(own.List) != 2 {
		t.Fatalf("%+v", own)
	}
	a := s.get(path)
	if !strings.Contains(a.Text(), "2 operaattoria, tilanne 1.3.2026, lähde verkkolaskuosoite.fi") || !strings.Contains(a.Text(), "Uusi Operaattori Oy") {
		t.Error(a.Text())
	}
	if got, err := channel.ReadOperators([]byte(s.get(path + "/operators").body)); err != nil || len(got) != 2 {
		t.Errorf("%v %v", got, err)
	}
	if a := s.upload(path+"/operators", "2", "table", "code\nx\n"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "4–20 isoa kirjainta") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	if a := s.post(path+"/operators/back", url.Values{"version": {"2"}}); a.StatusCode != http.StatusSeeOther || s.connection(id).Settings.Operators != nil {
		t.Errorf("%s", a.Status)
	}
}

// The rule is a list in the order that a person gives.
func TestChannelRule(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Connections[0].ID
	path := "/connections/" + id + "/settings"
	form := formOf(s.get(path), ".settings-form")
	if form.Get("channel[0]") != "einvoice" || form.Get("channel[1]") != "email" || form.Get("channel[2]") != "" || form.Get("unknown_operator") != "warn" {
		t.Fatalf("%v", form)
	}
	form.Set("sender", "procountor")
	for i, c := range []string{"email", "", "einvoice", "paper"} {
		form.Set(channelKey(i), c)
	}
	form.Set("unknown_operator", "hold")
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	c := s.connection(id)
	if d := cmp.Diff(hub.ChannelRule{hub.ByEmail, hub.ByEInvoice, hub.OnPaper}, c.Settings.Channel); d != "" || c.Settings.UnknownOperator != hub.AskedHold {
		t.Error(d, c.Settings.UnknownOperator)
	}
	for _, p := range []string{"/connections/" + id, "/connections/" + id + "/channels"} {
		if a := s.get(p); !strings.Contains(a.Text(), "sähköposti › verkkolasku › paperilla, tulostetaan itse") {
			t.Errorf("%s does not say the rule in its order", p)
		}
	}
	form = formOf(s.get(path), ".settings-form")
	form.Set("channel[1]", "email")
	if a := s.post(path, form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "on siinä kahdesti") {
		t.Errorf("%s", a.Status)
	}
}

// living is a site of a world whose documents really go to the sandbox, seen by
// one person.
func living(t *testing.T, role people.Role, language string, settings func(*hub.Settings)) (*site, *enginetest.World) {
	t.Helper()
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: settings})
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddPerson(people.User{Login: string(role), Name: "Aino Laskula", Role: role, Language: language}, secret.New(webtest.Password))
		return err
	}))
	s := serve(t, w.Store, w.Engine)
	s.signIn(role)
	return s, w
}

// The customer's row that a person writes decides how the next invoice really
// goes, and the page of the document says which channel, and why.
func TestChannelsReachTheInvoice(t *testing.T) {
	s, w := living(t, people.Finance, "fi", func(set *hub.Settings) {
		k := set.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveSent
		set.Kinds[hub.SalesInvoice] = k
		set.Sender, set.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByEmail, hub.ByMail}
	})
	path := "/connections/" + w.Connection.ID + "/channels"
	choose := func(fields map[string]string) {
		t.Helper()
		form := formOf(s.get(path+"/customer?customer=1001"), ".settings-form")
		for k, v := range fields {
			form.Set(k, v)
		}
		if a := s.post(path+"/customer", form); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s %s", a.Status, a.Text())
		}
		w.Settle()
	}
	arrives := func(number, channel, status, says string) {
		t.Helper()
		w.Receive(enginetest.Sale(number, "100.00"))
		w.Settle()
		v := w.Vouchers(number)
		if len(v) != 1 || v[0].InvoiceChannel != channel || v[0].Status != status {
			t.Fatalf("%s: %+v, %s", number, v, enginetest.Describe(w.Transfer(number)))
		}
		if text := s.get("/documents/" + w.Transfer(number).ID).Text(); !strings.Contains(text, says) {
			t.Errorf("%s: the page does not say %q", number, says)
		}
	}
	arrives("1", "MAIL", "SENT", "kirje, Procountor lähettää – yhteyden säännön mukaan")
	choose(map[string]string{"channel": "email", "email": "laskut@kuvitelma.example"})
	arrives("2", "EMAIL", "SENT", "sähköposti osoitteeseen laskut@kuvitelma.example – asiakkaan rivi 1001 määrää")
	choose(map[string]string{"channel": ""}) // the rule, with the row's address
	arrives("3", "EMAIL", "SENT", "yhteyden säännön mukaan: ensimmäinen, jonka tosite mahdollistaa; osoite on asiakkaan riviltä 1001")
	choose(map[string]string{"channel": "paper"})
	arrives("4", "MAIL", "NOT_SENT", "paperilla, tulostetaan itse – asiakkaan rivi 1001 määrää")
	choose(map[string]string{"channel": "mail"})
	arrives("5", "MAIL", "SENT", "kirje, Procountor lähettää – asiakkaan rivi 1001 määrää")
	choose(map[string]string{"channel": "sent"})
	arrives("6", "NO_SENDING", "APPROVED", "lähetetty jo muualta – asiakkaan rivi 1001 määrää")
	if ref := w.Vouchers("6")[0].PaymentInfo.BankReferenceCode; ref == nil || *ref != "1232" {
		t.Errorf("what was sent already is paid with another reference: %v", ref)
	}

	// Held until address and operator are there; then it goes on by itself.
	choose(map[string]string{"channel": "einvoice", "email": ""})
	w.Receive(enginetest.Sale("7", "100.00"))
	w.Settle()
	held := w.Transfer("7")
	a := s.get("/documents/" + held.ID)
	if held.State != hub.Held || !strings.Contains(a.Text(), "Verkkolaskuosoite puuttuu") || !strings.Contains(a.Text(), "Kirjaa, miten tämän asiakkaan laskut lähtevät") {
		t.Fatalf("%s %s", enginetest.Describe(held), a.Text())
	}
	link, ok := a.First(".to-map a")
	if to := mustAttr(link, "href"); !ok || !strings.HasPrefix(to, path+"/customer?") || formOf(s.get(to), ".settings-form").Get("n") != "0" {
		t.Errorf("the page leads to %s", to)
	}
	choose(map[string]string{"einvoice": "003723456780", "operator": "003721291126"})
	if v := w.Vouchers("7"); len(v) != 1 || v[0].InvoiceChannel != "ELECTRONIC_INVOICE" || v[0].Status != "SENT" || v[0].CounterParty.EinvoiceAddress.Operator != "003721291126" {
		t.Errorf("%+v %s", v, enginetest.Describe(w.Transfer("7")))
	}
	// An operator that nobody knows goes with a warning that says what to do.
	choose(map[string]string{"operator": "003721291127"})
	arrives("8", "ELECTRONIC_INVOICE", "SENT", "Operaattori ”003721291127” ei ole täällä tunnettujen joukossa (luettelon tilanne 21.10.2019)")
}
