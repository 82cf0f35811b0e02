package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

func (s *site) connection(id string) hub.Connection {
	s.t.Helper()
	c, err := store.ReadOne(context.Background(), s.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(id) })
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// formOf is what a browser would send of the form on a page as it stands.
func formOf(a answer, form string) url.Values {
	v := url.Values{}
	for _, in := range a.All(form + " input[name]") {
		name, _ := in.Attr("name")
		value, _ := in.Attr("value")
		kind, _ := in.Attr("type")
		_, checked := in.Attr("checked")
		if kind != "checkbox" || checked {
			v.Set(name, value)
		}
	}
	for _, sel := range a.All(form + " select[name]") {
		name, _ := sel.Attr("name")
		for i, o := range sel.All("option") {
			value, _ := o.Attr("value")
			if _, selected := o.Attr("selected"); selected || i == 0 {
				v.Set(name, value)
			}
		}
	}
	return v
}

// Sending the form as it came changes nothing; a change of each setting arrives
// in the settings, as a version of its own, with an act that says what changed.
func TestSettingsForm(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Connections[0].ID
	path := "/connections/" + id + "/settings"
	before := s.connection(id)
	form := formOf(s.get(path), ".settings-form")
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	if now := s.connection(id); !reflect.DeepEqual(now, before) {
		t.Errorf("unchanged, and yet\n%+v\n%+v", before, now)
	}
	if a := s.get("/connections/" + id); !strings.Contains(a.Text(), "Mikään ei muuttunut") {
		t.Errorf("%.300s", a.Text())
	}

	for name, value := range map[string]string{
		"kinds.sales_invoice.first_day": "2026-05-01", "kinds.sales_invoice.arrival": "sent", "kinds.purchase_invoice.on": "", "kinds.purchase_invoice.arrival": "approved",
		"order_by_source_number": "", "changed_approved": "yes", "sender": "procountor", "channel[0]": "mail", "channel[1]": "",
		"attachments_to_customer": "yes", "bank_account": "FI2112345600000785", "difference.policy": "accept", "difference.cents": "5", "prepaid": "row",
		"rounding": "warn", "partner.create": "", "partner.without_id": "yes", "partner.other_id": "ask", "partner.other_number": "create", "partner.customer_changes": "write", "partner.supplier_changes": "show", "partner.persons": "write", "added.card": "Visa 1234", "added.clearing": "3010", "language": "sv", "country": "se", "term_days": "-1", "text_too_long": "cut",
		"bad_character": "cut", "vat_statuses.sales_invoice.AE": "903", "vat_statuses.sales_invoice.K/goods": "", "vat_statuses.purchase_invoice.S": "2",
		"added.category.sales_invoice": "AE/EU/service", "added.status.sales_invoice": "3", "units.kpl": "", "added.unit.0": "laatikko", "added.meaning.0": "BOX", "offset": "vienti",
		"kinds.sales_invoice.files.goes": "grouped", "kinds.sales_invoice.files.breakdown": "always", "kinds.sales_invoice.files.credit_notes": "none",
		"kinds.purchase_invoice.files.goes": "image", "files.check": "warn", "files.kinds": "shown", "files.images": "pdf", "files.confirm": "content", "files.sample_percent": "7",
		"back.purchases": "yes", "back.first_day": "2026-05-01", "back.dimension": "Projekti",
		"telling.status": "write", "telling.payments": "show",
	} {
		if form.Set(name, value); value == "" {
			form.Del(name)
		}
	}
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	want := before.Settings
	want.Kinds = map[hub.Kind]hub.KindSettings{
		hub.SalesInvoice: {On: true, FirstDay: time2026.AddDays(120), Arrival: hub.ArriveSent,
			Files: hub.FileSettings{Goes: hub.FilesGrouped, Breakdown: hub.BreakdownAlways, CreditNotes: hub.CreditsBare}},
		hub.PurchaseInvoice: {FirstDay: time2026, Arrival: hub.ArriveApproved, Files: hub.FileSettings{Goes: hub.FilesImage}},
	}
	want.OrderBySourceNumber, want.ChangedApproved, want.Sender, want.Channel = false, true, hub.SenderProcountor, hub.ChannelRule{hub.ByMail}
	want.Files = hub.FilePolicy{Check: hub.AskedWarn, Kinds: hub.ShownKinds, Images: hub.ImagesToPDF, Confirm: hub.ByContent, SamplePercent: 7}
	want.AttachmentsToCustomer, want.BankAccount, want.Difference = true, "FI2112345600000785", hub.Difference{Policy: hub.AcceptDifference, Cents: 5}
	want.Prepaid, want.Rounding, want.Partner = hub.SumRow, hub.SumWarn, hub.PartnerPolicy{WithoutID: true, Number: hub.AlternativeNumber, OtherID: hub.ConflictAsk, OtherNumber: hub.ConflictCreate, CustomerChanges: hub.ChangesWrite, SupplierChanges: hub.ChangesShow, Persons: hub.ChangesWrite}
	want.Language, want.Country, want.TermDays, want.TextTooLong, want.BadCharacter = "sv", "SE", -1, hub.Cut, hub.Cut
	want.VATStatuses = map[hub.Kind]map[string]int{hub.SalesInvoice: {"S": 1, "AE": 903, "AE/EU/service": 3}, hub.PurchaseInvoice: {"S": 2}}
	want.Cards = map[string]string{"Visa 1234": "3010"}
	want.Units, want.Offset = map[string]string{"laatikko": "BOX"}, hub.OffsetByVienti
	want.Back = hub.Back{Purchases: true, FirstDay: time2026.AddDays(120), Dimension: "Projekti"}
	want.Telling = hub.Telling{Status: hub.TellWrite, Payments: hub.TellShow}
	now := s.connection(id)
	if now.SettingsVersion != 2 || !reflect.DeepEqual(now.Settings, want) {
		t.Errorf("version %d\n%+v, want\n%+v", now.SettingsVersion, now.Settings, want)
	}
	// The page says it in words, with who has changed what.
	a := s.get("/connections/" + id)
	for _, w := range []string{"AE – Käännetty verovelvollisuus", "903 – Rakennuspalvelut, käännetty", "versio 2", "Asetuksia muutettu",
		"Kuka lähettää asiakkaalle: Lähde on jo lähettänyt → Procountor", "Maa: FI → SE", "Matti Ylläpito"} {
		if !strings.Contains(a.Text(), w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	// A form that was opened before that change changes nothing.
	if a := s.post(path, form); a.StatusCode != http.StatusConflict || !strings.Contains(a.Text(), "Joku muu") || s.connection(id).SettingsVersion != 2 {
		t.Errorf("an old form: %s", a.Status)
	}
}

// What is wrong is said beside its field, in words; what was typed stays, and
// nothing is saved.
func TestSettingsFormFaults(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Connections[0].ID
	path := "/connections/" + id + "/settings"
	form := formOf(s.get(path), ".settings-form")
	for _, c := range []struct {
		typed url.Values
		stays bool // a choice that does not exist cannot stay chosen
	}{
		{url.Values{"kinds.sales_invoice.first_day": {""}}, true},
		{url.Values{"kinds.purchase_invoice.first_day": {"1.2.2026"}}, true},
		{url.Values{"kinds.purchase_invoice.arrival": {"sent"}}, false},
		{url.Values{"sender": {"robot"}}, false},
		{url.Values{"difference.cents": {"viisi"}}, true},
		{url.Values{"country": {"Finland"}}, true},
		{url.Values{"back.purchases": {"yes"}, "back.dimension": {"Projekti"}}, true},
		{url.Values{"term_days": {"5000"}}, true},
		{url.Values{"bank_account": {"FI5810171000000122"}}, false},
		{url.Values{"vat_statuses.sales_invoice.AE": {"2"}}, false},
		{url.Values{"added.category.sales_invoice": {"foo"}, "added.status.sales_invoice": {"1"}}, true},
		{url.Values{"added.unit.0": {"laatikko"}, "added.meaning.0": {"KRATT"}}, true},
	} {
		sent := maps.Clone(form)
		maps.Copy(sent, c.typed)
		a := s.post(path, sent)
		faults := a.All("small.fault")
		if a.StatusCode != http.StatusUnprocessableEntity || len(faults) != 1 {
			t.Errorf("%v: %s, %d faults", c.typed, a.Status, len(faults))
			continue
		}
		if strings.Contains(faults[0].Text(), "setting-fault") {
			t.Errorf("%v: %s", c.typed, faults[0].Text())
		}
		for name, got := range formOf(a, ".settings-form") {
			if want, typed := c.typed[name]; typed && c.stays && got[0] != want[0] {
				t.Errorf("%s: %q was typed, and %q stands there", name, want, got)
			}
		}
	}
	if c := s.connection(id); c.SettingsVersion != 1 {
		t.Errorf("something was saved: version %d", c.SettingsVersion)
	}
	if a := s.post(path, url.Values{"version": {"x"}}); a.StatusCode != http.StatusBadRequest {
		t.Errorf("without a version: %s", a.Status)
	}
	if a := s.post("/connections/none/settings", form); a.StatusCode != http.StatusNotFound {
		t.Errorf("no such connection: %s", a.Status)
	}
	// Only who sets up may.
	for _, role := range []people.Role{people.Viewer, people.Finance, people.Auditor} {
		s.signIn(role)
		form.Set("sender", "nobody")
		if a := s.post(path, form); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
		if a := s.get(path); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
	}
	if c := s.connection(id); c.SettingsVersion != 1 {
		t.Errorf("something was saved: version %d", c.SettingsVersion)
	}
}

// The statuses on offer are those that the company has switched on for the side;
// what is export to the seller is import to the buyer.
func TestVATStatusesOnOffer(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	a := s.get("/connections/" + s.Connections[0].ID + "/settings")
	offered := func(name string) string {
		for _, sel := range a.All("select") {
			if n, _ := sel.Attr("name"); n == name {
				return sel.Text()
			}
		}
		return "nothing"
	}
	if got := offered("vat_statuses.purchase_invoice.S"); strings.Contains(got, "903") || !strings.Contains(got, "2 – Kotimaan osto") {
		t.Errorf("purchases: %s", got)
	}
	if got := offered("vat_statuses.sales_invoice.S"); strings.Contains(got, "2 – Kotimaan osto") || !strings.Contains(got, "903 – ") {
		t.Errorf("sales: %s", got)
	}
	if !strings.Contains(a.Text(), "G – Vienti") || !strings.Contains(a.Text(), "G – Maahantuonti") {
		t.Error("category G is not said from both sides")
	}
	if got := offered("bank_account"); !strings.Contains(got, "FI2112345600000785") || strings.Contains(got, "FI5810171000000122") {
		t.Errorf("accounts: %s", got)
	}
	if strings.Contains(a.body, webtest.SecretKey) {
		t.Error("the page shows a key")
	}
}
