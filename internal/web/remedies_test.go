package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// The mistakes that the vendors' pages name, made with real documents: each is
// found before anything is written, and the page says in the reader's language what
// is wrong, with the value, who must act, and what to do.
func TestMistakesThroughTheDoor(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Sender, s.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByEInvoice, hub.ByMail}
		ks := s.Kinds[hub.SalesInvoice]
		ks.Posting, ks.FirstDay = hub.PostedByMap, civil.Must("2020-01-01")
		s.Kinds[hub.SalesInvoice] = ks
		s.Accounts = []hub.AccountRule{{Source: "3000", Sales: true, Account: "3000"}, {Sales: true, Account: "3000"}}
	}})
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		for _, language := range []string{"fi", "sv", "en", "nl"} {
			if _, err := tx.AddPerson(people.User{Login: language, Name: "Aino", Role: people.Finance, Language: language}, secret.New(webtest.Password)); err != nil {
				return err
			}
		}
		return nil
	}))
	s := serve(t, w.Store, w.Engine)
	who := map[string][]string{
		"source":     {"Tositteen käsittelijä lähdejärjestelmässä"},
		"accountant": {"Kirjanpitäjä Procountorissa"},
	}
	for row, c := range map[string]struct {
		change func(*hub.Document)
		code   string
		value  string // that the page quotes
		actor  string
		fi, en string // of the remedy
	}{
		"E-85":  {func(d *hub.Document) { d.Lines[0].Account = "3999" }, hub.AccountUnmapped, "3999", "accountant", "tilikartoitukseen", "account map"},
		"E-86":  {func(d *hub.Document) { d.Lines = nil }, hub.RowsMissing, "", "source", "rivi", "row"},
		"E-88":  {func(d *hub.Document) { d.Payment.IBAN = "FI1350001520000081" }, hub.BankAccountForeign, "FI1350001520000081", "accountant", "pankkitileihin", "bank accounts"},
		"T-56":  {func(d *hub.Document) { d.Buyer.EInvoice = hub.EInvoice{Address: "003723456780", Operator: "Basware!"} }, hub.OperatorWrong, "BASWARE!", "source", "operaattori", "operator"},
		"S-123": {func(d *hub.Document) { d.Date, d.DueDate = civil.Must("2021-03-10"), civil.Must("2021-03-24") }, hub.FiscalYearMissing, "2021-03-10", "accountant", "tilikau", "fiscal year"},
		"S-124": {func(d *hub.Document) { d.Buyer.BusinessID = "2345678-9" }, hub.BusinessIDWrong, "2345678-9", "source", "Y-tunnus", "business id"},
		"S-125": {func(d *hub.Document) { d.Lines[0].Name = strings.Repeat("Pitkä nimi ", 70) }, hub.TextTooLong, "Pitkä nimi", "source", "Lyhennä", "Shorten"},
		"S-19":  {func(d *hub.Document) { d.Buyer.BusinessID, d.Buyer.VATNumber = "8765432-1", "" }, hub.PartnerConflict, "1001", "source", "korjaa", "correct"},
	} {
		d := enginetest.Sale(row, "100.00")
		d.Lines[0].VATPercent = money.Must("25.5")
		c.change(d)
		if row == "S-19" {
			d.Buyer.BusinessID = "3456780-6"
		}
		w.Receive(d)
		w.Settle()
		got := w.Transfer(row)
		if got.State != hub.Held || len(got.Faults) == 0 || got.Faults[0].Code != c.code {
			t.Errorf("%s: %s, want %s", row, enginetest.Describe(got), c.code)
			continue
		}
		if len(w.Vouchers(row)) != 0 {
			t.Errorf("%s: written all the same", row)
		}
		said := map[string]string{}
		for _, language := range []string{"fi", "sv", "en", "nl"} {
			s.client = s.browser()
			if a := s.post("/login", url.Values{"login": {language}, "password": {webtest.Password}}); a.StatusCode != http.StatusSeeOther {
				t.Fatal(a.Status)
			}
			box, ok := s.get("/documents/" + got.ID).First("article.explained")
			if !ok {
				t.Fatalf("%s: nothing is explained in %s", row, language)
			}
			text := box.Text()
			said[language] = text
			if !strings.Contains(text, c.value) || strings.Contains(text, "fault.") || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: in %s the page does not say %q, or is not finished: %s", row, language, c.value, text)
			}
		}
		for language, words := range map[string]string{"fi": c.fi, "en": c.en} {
			if !strings.Contains(strings.ToLower(said[language]), strings.ToLower(words)) {
				t.Errorf("%s: the remedy does not speak of %q: %s", row, words, said[language])
			}
		}
		if !strings.Contains(said["fi"], who[c.actor][0]) || said["sv"] == said["en"] || said["nl"] == said["en"] {
			t.Errorf("%s: who must act, or a translation, is missing: %q", row, said)
		}
	}
}
