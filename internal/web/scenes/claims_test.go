package scenes

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor/procountortest"
)

// bought is a row of a claim, paid with own money or by a card.
func bought(name, code, price, vat, day string, by hub.PaidWith, receipts ...string) hub.Line {
	one, p := money.FromInt(1), money.Must(price)
	l := hub.Line{Name: name, Code: code, Quantity: &one, Unit: "kpl", UnitPrice: &p, VATPercent: money.Must(vat), PaidWith: by, Receipts: receipts,
		Period: civil.Period{First: civil.Must(day), Last: civil.Must(day)}}
	if by == hub.PaidCard {
		l.Card = "1234"
	}
	return l
}

// claimed is a claim of these rows.
func claimed(number, name, id, date string, rows ...hub.Line) *hub.Document {
	d := enginetest.Claim(number, "1.00")
	d.Seller = hub.Party{Name: name, Number: id}
	d.Date, d.DueDate = civil.Must(date), civil.Must(date).AddDays(14)
	total := money.Zero
	for _, l := range rows {
		total = total.Add(*l.UnitPrice)
	}
	d.Lines, d.Totals = rows, hub.Totals{Gross: &total}
	return d
}

func receiptPicture(t *testing.T, name string) hub.Attachment {
	t.Helper()
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 40, 60))
	img.Pix[0] = byte(len(name)) // each is another picture
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	content := b.Bytes()
	return hub.Attachment{Name: name, MIME: "image/png", Size: int64(len(content)), Hash: hub.HashOf(content), Content: content}
}

// otherSide is the account of the other side of a voucher.
func otherSide(w *enginetest.World, v procountortest.Invoice) string {
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.InvoiceID != nil && *r.InvoiceID == v.ID {
			for _, e := range r.Transactions {
				if e.TransactionType == "REVERSING_ENTRY" {
					return e.Account
				}
			}
		}
	}
	return ""
}

// Scene 6. Five claims: one is held for a person number and goes on once it is filled in;
// one has rows of own money and of a card, and a row of last year. They are chosen and
// sent; two groups are made by themselves: own money is approved and listed to be paid,
// what the card has paid is marked paid on the day of purchase, on the card's account.
func TestClaimsOwnMoneyAndCompanyCard(t *testing.T) {
	feature.Covers(t, "S-77", "T-46", "T-47", "T-48", "T-18")
	feature.Covers(t, "T-49", "T-50", "T-52", "T-53", "T-54")
	for _, look := range []Look{Desk, Phone} {
		t.Run(look.String(), func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				enginetest.Travels(s, hub.ArriveApproved)
				k := s.Kinds[hub.TravelInvoice]
				k.When = hub.ByHand
				s.Kinds[hub.TravelInvoice] = k
			}})
			p := adminAt(t, w, look)
			// Settings: employees are made, and the cards have a clearing account.
			p.Go("/connections/" + w.Connection.ID + "/settings")
			p.Choose("select[name='partner.persons']", "write")
			p.Fill("input[name='added.card']", "*")
			p.Choose("select[name='added.clearing']", "2950")
			p.Shot("claim-settings")
			p.Sound()
			p.Click(".settings-form .save button")
			p.Sees("table.settings", "Kaikki muut kortit 2950")
			p.Sees("table.settings", "luodaan ja päivitetään")

			mixed := claimed("K-2", "Maija Matkaaja", "H-101", "2026-03-10",
				bought("Kilometrikorvaus, oma auto", "KM-2025", "24.00", "0", "2025-12-29", hub.PaidOwn),
				bought("Hotelli", "MAJ", "180.00", "13.5", "2026-03-03", hub.PaidCard, "hotelli.png"),
				bought("Taksi", "LIPPU", "30.00", "13.5", "2026-03-05", hub.PaidCard, "taksi.png"),
				bought("Lounas", "MAJ", "15.00", "13.5", "2026-03-05", "", "lounas.png"))
			for _, name := range []string{"hotelli.png", "taksi.png", "lounas.png"} {
				mixed.Attachments = append(mixed.Attachments, receiptPicture(t, name))
			}
			liisa := claimed("K-1", "Liisa Lehto", "", "2026-03-09", bought("Majoitus", "MAJ", "80.00", "13.5", "2026-03-04", hub.PaidOwn))
			w.Receive(liisa, mixed,
				claimed("K-3", "Kalle Kulkija", "H-102", "2026-03-09", bought("Majoitus", "MAJ", "50.00", "13.5", "2026-03-04", hub.PaidOwn)),
				claimed("K-4", "Kalle Kulkija", "H-102", "2026-03-11", bought("Matkalippu", "LIPPU", "12.50", "13.5", "2026-03-06", hub.PaidOwn)),
				claimed("K-5", "Kalle Kulkija", "H-102", "2026-03-11", bought("Majoitus", "MAJ", "99.00", "13.5", "2026-03-07", hub.PaidCard)))
			w.Settle()

			// One is held, with whose number is missing and where to fill it in.
			p.Go("/documents/" + w.Transfer("K-1").ID)
			p.Sees(".explained", "Lähdejärjestelmä ei anna henkilön Liisa Lehto henkilönumeroa")
			p.Shot("person-missing")
			p.Sound()
			liisa.Seller.Number = "H-103"
			w.Receive(liisa)
			w.Settle()

			// All are chosen and sent: three of own money, three by card.
			p.Go("/documents?unmoved=yes")
			p.Click("button[name=do][value=page]")
			p.Sees("#chosen", "7 tositetta valittu")
			p.Click("#do-send")
			p.Sees("h1", "Siirto Procountoriin")
			w.Settle()

			own := map[string]string{"K-1": "80.00", "K-2": "39.00", "K-3": "50.00", "K-4": "12.50"}
			for n, sum := range own {
				v := w.Vouchers(n)
				if len(v) != 1 || v[0].Status != "APPROVED" || v[0].InvoiceSumInfo[0].InvoiceSumTotal.String() != sum || len(w.Paid(n)) != 0 {
					t.Errorf("%s: %s %+v", n, enginetest.Describe(w.Transfer(n)), v)
				}
			}
			if row := w.Vouchers("K-2")[0].InvoiceRows[0]; row.ProductCode != "KM-2025" {
				t.Errorf("the row of December: %+v", row)
			}
			for n, on := range map[string]string{"K-2/2026-03-03/1234": "2026-03-03", "K-2/2026-03-05/1234": "2026-03-05", "K-5/2026-03-07/1234": "2026-03-07"} {
				v, events := w.Vouchers(n), w.Paid(n)
				if len(v) != 1 || v[0].Status != "MARKED_PAID" || otherSide(w, v[0]) != "2950" || len(events) != 1 || events[0].PaymentDate != on {
					t.Errorf("%s: %s %+v %+v", n, enginetest.Describe(w.Transfer(n)), v, events)
				}
			}
			for n, want := range map[string]int{"K-2": 1, "K-2/2026-03-03/1234": 1, "K-3": 0} { // receipts in one PDF
				if got := w.Vouchers(n)[0].Attachments; len(got) != want {
					t.Errorf("%s has %d files", n, len(got))
				}
			}

			// To be paid in Procountor, by person.
			for range 2 {
				w.Clock.Add(61 * time.Minute)
				w.Step(t.Context())
			}
			p.Go("/tasks")
			p.Sees("main", "4 kululaskua on maksettava Procountorissa")
			p.Click("main a[href='/claims']")
			p.Sees("h1", "Maksettava Procountorissa")
			p.Sees("table.claims", "Kalle Kulkija 62,50")
			p.Sees("table.claims", "K-2")
			p.Sees("table.claims", "maksettava")
			p.Shot("claims-to-pay")
			p.Sound()
			p.Go("/documents/" + w.Transfer("K-5/2026-03-07/1234").ID)
			p.Sees("table.payments", "7.3.2026 99,00")

			// The register of persons, tied to the source's.
			p.Go("/connections/" + w.Connection.ID + "/partners/compare")
			p.Click("input[name=of]")
			p.Click("button[name=as][value=page]")
			p.Sees("table.compared", "Liisa Lehto")
			p.Sees("table.compared", "H-102")
			p.Shot("persons")
			p.Sound()

			// A rate that the company does not have is held.
			w.Receive(claimed("K-6", "Kalle Kulkija", "H-102", "2026-03-11", bought("Majoitus", "MAJ", "50.00", "17", "2026-03-04", hub.PaidOwn)))
			w.Settle()
			p.Go("/documents/" + w.Transfer("K-6").ID)
			p.Sees(".explained", "17")
			if tr := w.Transfer("K-6"); tr.State != hub.Held || tr.Faults[0].Code != hub.VATRateNotEnabled {
				t.Errorf("%s", enginetest.Describe(tr))
			}
		})
	}
}
