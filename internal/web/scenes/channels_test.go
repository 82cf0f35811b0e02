package scenes

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// sends lets Procountor send by a rule, at once.
func sends(rule ...hub.Channel) func(*hub.Settings) {
	return func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveSent
		s.Kinds[hub.SalesInvoice] = k
		s.Sender, s.Channel = hub.SenderProcountor, rule
	}
}

// A person chooses for a customer how its invoices go, where to and by which
// operator of the list; the next invoice goes so, and its page says why.
func TestChannelOfACustomer(t *testing.T) {
	feature.Covers(t, "V-28", "V-45", "V-46", "V-47", "V-48")
	feature.Covers(t, "V-29", "V-30", "V-31", "V-32", "S-88")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: sends(hub.ByMail)})
	p := admin(t, w)
	path := "/connections/" + w.Connection.ID + "/channels"
	choose := func(channel, email, address, operator string) {
		t.Helper()
		p.Go(path + "/customer?customer=1001&name=Kuvitelma+Kauppa+Oy")
		p.Choose("select[name=channel]", channel)
		for name, text := range map[string]string{"email": email, "einvoice": address, "operator": operator} {
			if text != "" {
				p.Fill("input[name="+name+"]", text)
			}
		}
		p.Click(".settings-form .save button")
		p.Sees("main", "Lähetystavat on tallennettu")
	}
	goes := func(number, channel, status, says string) {
		t.Helper()
		w.Receive(enginetest.Sale(number, "100.00"))
		w.Settle()
		if v := w.Vouchers(number); len(v) != 1 || v[0].InvoiceChannel != channel || v[0].Status != status {
			t.Fatalf("%s: %+v", number, v)
		}
		p.Go("/documents/" + w.Transfer(number).ID)
		p.Sees("dl.facts", says)
	}
	choose("mail", "", "", "")
	goes("1", "MAIL", "SENT", "kirje, Procountor lähettää – asiakkaan rivi 1001 määrää")
	choose("email", "laskut@kuvitelma.example", "", "")
	goes("2", "EMAIL", "SENT", "sähköposti osoitteeseen laskut@kuvitelma.example")
	choose("paper", "", "", "")
	goes("3", "MAIL", "NOT_SENT", "paperilla, tulostetaan itse")
	choose("sent", "", "", "")
	goes("4", "NO_SENDING", "APPROVED", "lähetetty jo muualta")
	choose("einvoice", "", "0037 2345 6780", "003721291126")
	goes("5", "ELECTRONIC_INVOICE", "SENT", "verkkolasku osoitteeseen 003723456780 003721291126")
	p.Go(path)
	p.Sees("table.customers", "Maventa")
	p.Sees("#operators ~ p", "21.10.2019")
}

// The rule is a list in the person's order: an invoice without e-invoice data goes
// to the e-mail address, without one by letter.
func TestChannelByRule(t *testing.T) {
	feature.Covers(t, "S-85")
	for _, look := range []Look{Desk, Phone} {
		t.Run(look.String(), func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: sends(hub.ByMail)})
			p := adminAt(t, w, look)
			p.Go("/connections/" + w.Connection.ID + "/settings")
			for i, c := range []string{"einvoice", "email", "mail"} {
				p.Choose("#set-channel-5b"+string(rune('0'+i))+"-5d", c)
			}
			p.Click(".settings-form .save button")
			p.Sees("main", "Asetukset on tallennettu")
			p.Go("/connections/" + w.Connection.ID + "/channels")
			p.Sees("main", "verkkolasku › sähköposti › kirje")
			p.Shot("channels")
			p.Sound()
			p.Go("/connections/" + w.Connection.ID + "/channels/customer?customer=1001")
			p.Shot("customer")
			p.Sound()
			for number, change := range map[string]func(*hub.Party){
				"ELECTRONIC_INVOICE": func(b *hub.Party) {
					b.EInvoice, b.Email = hub.EInvoice{Address: "003723456780", Operator: "003721291126"}, "laskut@kuvitelma.example"
				},
				"EMAIL": func(b *hub.Party) { b.Email = "laskut@kuvitelma.example" },
				"MAIL":  func(*hub.Party) {},
			} {
				d := enginetest.Sale(number, "100.00")
				change(&d.Buyer)
				w.Receive(d)
				w.Settle()
				if v := w.Vouchers(number); len(v) != 1 || v[0].InvoiceChannel != number || v[0].Status != "SENT" {
					t.Errorf("%s: %+v", number, v)
				}
			}
		})
	}
}
