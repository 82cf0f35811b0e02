package scenes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

type object = map[string]any

// A pusher is a business system that hands documents over by the API and asks what
// became of them.
type pusher struct {
	w       *enginetest.World
	handler http.Handler
	token   string
}

func newPusher(w *enginetest.World) *pusher {
	token, hash := api.NewToken(rand.NewChaCha8([32]byte{3}))
	w.Must(w.Store.Tx(w.T.Context(), func(tx *store.Tx) error {
		return tx.InsertPushToken(hash, w.Connection.ID, "shop", people.AllRights)
	}))
	return &pusher{w, api.New(api.Options{Engine: w.Engine, Now: w.Clock.Now}), token}
}

func (p *pusher) do(method, path string, body any) (answer object) {
	p.w.T.Helper()
	b, err := json.Marshal(body)
	p.w.Must(err)
	r := httptest.NewRequest(method, path, bytes.NewReader(b))
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, r)
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || rec.Code >= 300 {
		p.w.T.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return answer
}

// pushed is an invoice of one row at 25.5 %, or, with a quantity below zero, a credit note.
func pushed(number, day string, quantity int, price string) object {
	return object{"kind": "sales_invoice", "source_id": "inv-" + number, "number": number, "date": day, "due_date": "2026-03-24", "currency": "EUR", "language": "fi",
		"buyer": object{"name": "Kuvitelma Kauppa Oy", "business_id": "2345678-0", "number": "1001", "einvoice": object{"address": "003723456780", "operator": "NDEAFIHH"},
			"address": object{"street": "Keksittykatu 5", "zip": "33100", "city": "Tampere", "country": "FI"}},
		"lines": []object{{"name": "Konsultointi", "quantity": quantity, "unit": "h", "unit_price": price, "vat_percent": 25.5, "vat_category": "S"}}}
}

// A customer calls with a paper in hand. The invoice is found by the number on it and by
// the source's; its page says when it was sent and how, and that the operator gave it
// back, and why. The address is corrected, it goes again; the bank brings part of the
// sum, the source credits the rest, and nothing stays open.
func TestSceneACustomerCalls(t *testing.T) {
	feature.Covers(t, "T-22")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			clock := new(enginetest.Clock)
			clock.Set(time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC))
			st := storetest.Open(t, storetest.SQLite(t), store.Options{Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
			w := enginetest.New(t, st, clock, enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				sends(hub.ByEInvoice)(s)
				s.Offset = hub.OffsetByVienti
			}})
			source, company := newPusher(w), w.Company.ProcountorID
			self := "/v1/documents/" + source.do("POST", "/v1/documents", pushed("10234", "2026-03-03", 1, "100.00"))["id"].(string)
			w.Settle()
			there := w.Transfer("10234").InvoiceNumber
			day := func(month time.Month, d int) {
				clock.Set(time.Date(2026, month, d, 9, 0, 0, 0, time.UTC))
				w.Step(t.Context())
				w.Settle()
			}
			clock.Set(time.Date(2026, 3, 4, 7, 30, 0, 0, time.UTC))
			w.Sandbox.ReturnSending(company, w.Vouchers("10234")[0].ID, "Operaattoritunnus NDEAFIHH ei tunne osoitetta 003723456780")
			day(3, 4)

			p := adminAt(t, w, look)
			sound := func(name string) {
				t.Helper()
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			// 1. Either number finds it.
			for _, number := range []string{fmt.Sprint(there), "10234"} {
				p.Go("/documents?q=" + number)
				p.Sees("table.list tbody td.number", "10234")
				p.Click("td.number a")
				p.Sees("h1", "Myyntilasku 10234")
				p.Sees("dl.facts", fmt.Sprint("Procountorissa ", there))
			}
			// 2. What became of it.
			p.Sees("dl.facts", "verkkolasku osoitteeseen 003723456780 NDEAFIHH")
			p.Sees("dl.facts", "Lähetetty asiakkaalle 3.3.2026")
			p.Sees(".explained", "Operaattori palautti laskun")
			p.Sees(".explained", "operaattori palautti sen 4.3.2026: Operaattoritunnus NDEAFIHH ei tunne osoitetta 003723456780")
			p.Sees(".explained .remedy", "Korjaa verkkolaskuosoite")
			sound("returned")
			// 3. The right operator, for this customer and on this invoice; and again.
			p.Click("dl.facts a[href*='/channels/customer']")
			p.Sees("h1", "")
			p.Choose("select[name=channel]", "einvoice")
			p.Fill("input[name=einvoice]", "003723456780")
			p.Fill("input[name=operator]", "003721291126")
			p.Click(".settings-form .save button")
			p.Sees("main", "Lähetystavat on tallennettu")
			voucher := w.Vouchers("10234")[0].ID
			w.Sandbox.EditInvoice(company, voucher, func(v *procountortest.Invoice) {
				v.CounterParty.EinvoiceAddress = &procountortest.EInvoiceAddress{Address: "003723456780", Operator: "003721291126"}
			})
			w.Sandbox.HandleSending(company, voucher, true)
			p.Go("/documents/" + w.Transfer("10234").ID)
			p.Click("form[action$=retry] button")
			p.Sees("p.note.good", "Yritetään uudelleen")
			day(3, 5)
			p.Go("/documents/" + w.Transfer("10234").ID)
			p.Sees(".standing .badge", "Valmis")
			p.Sees("dl.facts", "Lähetetty asiakkaalle")
			sent := w.Vouchers("10234")
			if len(sent) != 1 || sent[0].Status != "SENT" || sent[0].CounterParty.EinvoiceAddress.Operator != "003721291126" {
				t.Fatalf("%+v; %s", sent, enginetest.Describe(w.Transfer("10234")))
			}
			// 4. The bank brings 60 %: the page and the source know it, with day and rest.
			part := procountortest.Num("75.30")
			if paid := w.Sandbox.AddReferencePayment(company, procountortest.ReferencePayment{PaymentDate: "2026-03-10", Sum: &part, BankReference: *sent[0].PaymentInfo.BankReferenceCode}); paid.InvoiceID == nil {
				t.Fatal("the bank's payment has not found its invoice")
			}
			day(3, 11)
			day(3, 12)
			p.Go("/documents/" + w.Transfer("10234").ID)
			p.Sees("dl.facts", "Osittain maksettu")
			p.Sees("dl.facts", "50,20")
			p.Sees("dl.facts", "10.3.2026")
			sound("part-paid")
			if paid, _ := source.do("GET", self, nil)["paid"].(object); paid["state"] != "partly" || paid["open"] != "50.20" || paid["on"] != "2026-03-10" {
				t.Errorf("the source is told %v", paid)
			}
			// 5. The source credits the rest.
			note := pushed("10235", "2026-03-12", -1, "40.00")
			note["credit_note"], note["credits"] = true, []object{{"number": "10234", "date": "2026-03-03"}}
			source.do("POST", "/v1/documents", note)
			w.Settle()
			day(3, 13)
			day(3, 14)
			p.Go("/documents/" + w.Transfer("10235").ID)
			p.Sees("table.offsets", fmt.Sprintf("Hyvityslasku %d laskua %d vastaan", w.Transfer("10235").InvoiceNumber, there))
			p.Sees(".standing .badge", "Valmis")
			p.Go("/documents/" + w.Transfer("10234").ID)
			p.Sees("dl.facts", "Maksettu")
			p.Sees("dl.facts", "10234")
			sound("credited")

			invoice, credited := w.Vouchers("10234"), w.Vouchers("10235")
			if len(invoice) != 1 || len(credited) != 1 || invoice[0].OriginalInvoiceNumber != "10234" || w.Transfer("10234").InvoiceNumber != there {
				t.Fatalf("%d invoices, %d credit notes", len(invoice), len(credited))
			}
			if text := credited[0].AdditionalInformation; !strings.Contains(text, "Hyvitetty lasku 10234, päivätty 3.3.2026") {
				t.Errorf("the credit note says %q", text)
			}
			if !strings.Contains("PAID MARKED_PAID", invoice[0].Status) || credited[0].Status != "MARKED_PAID" {
				t.Errorf("the invoice is %s, the credit note %s", invoice[0].Status, credited[0].Status)
			}
			if paid, _ := source.do("GET", self, nil)["paid"].(object); paid["state"] != "paid" || paid["open"] != "0.00" {
				t.Errorf("the source is told %v", paid)
			}
		})
	}
}
