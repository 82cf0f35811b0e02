// Package webtest fills a database with a document in every state, for tests of
// the pages. The companies in it do not exist.
package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source/all"
	"github.com/vienti/vienti/internal/store"
)

// Password of every person of a [World].
const Password = "seitsemän kirjavaa kissaa"

// SecretKey is the API key of each company, and must never be seen on a page.
const SecretKey = "api-key-that-no-page-may-show"

// A World is a filled database with an engine that stands still.
type World struct {
	tb     testing.TB
	Store  *store.Store
	Engine *engine.Engine
	// People by role.
	People map[people.Role]people.User
	// Round is of a purchase invoice that waits for the approver.
	Round store.Round
	// Sandbox and Production are the companies.
	Sandbox, Production hub.Company
	// Connections of them, in the same order.
	Connections []hub.Connection
	// Transfers by state; the held one is Held.
	Transfers map[hub.State]hub.Transfer
	// Partner is a transfer that adds a customer.
	Partner hub.Transfer
	// Hostile is a document whose every text is markup.
	Hostile hub.Transfer
}

// Registers are those of both companies.
func Registers() register.Copy {
	return register.Copy{Version: 1, Company: register.Company{Name: "Kuusaman Kone Oy", Country: "FI", Currency: "EUR"},
		VATStatuses: []register.VATStatus{{Number: 1, Description: "Kotimaan myynti", Sales: true}, {Number: 2, Description: "Kotimaan osto", Purchase: true},
			{Number: 3, Description: "EU (tavarat)", Sales: true, Purchase: true}, {Number: 5, Description: "EU:n ulkopuolinen kauppa", Sales: true, Purchase: true},
			{Number: 903, Description: "Rakennuspalvelut, käännetty", Sales: true}},
		Accounts: []register.Account{{Code: "3000", Name: "Myynti", Active: true}, {Code: "3010", Name: "Palvelumyynti", Active: true},
			{Code: "3900", Name: "Vanha myynti"}, {Code: "4000", Name: "Ostot", Active: true}},
		BankAccounts: []register.BankAccount{{IBAN: "FI2112345600000785", Active: true, DefaultForInvoice: true}, {IBAN: "FI5810171000000122", Active: false}}}
}

// Text that would do harm if a page took it for markup.
const Text = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

// Fill fills st.
func Fill(tb testing.TB, st *store.Store) *World {
	tb.Helper()
	w := &World{tb: tb, Store: st, Engine: engine.New(engine.Options{Store: st, NoUpkeep: true, Sources: all.Sources()}),
		People: map[people.Role]people.User{}, Transfers: map[hub.State]hub.Transfer{}}
	w.must(st.Tx(context.Background(), func(tx *store.Tx) error {
		for role, n := range map[people.Role]string{people.Viewer: "Veera Katselija", people.Finance: "Aino Laskula",
			people.Admin: "Matti Ylläpito", people.Auditor: "Tiina Tarkka",
			people.RoundLead: "Johanna Jakaja", people.Approver: "Pekka Projekti", people.PreApprover: "Esko Esitarkastaja", people.Joiner: "Uuno Uusi"} {
			u, err := tx.AddPerson(people.User{Login: string(role), Name: n, Role: role, Language: "fi"}, secret.New(Password))
			if err != nil {
				return err
			}
			w.People[role] = u
		}
		if err := tx.InsertClient(hub.Client{ID: "client", Name: "Vienti", ClientID: "VientiExampleClient", PerSecond: 20}, secret.New("client-"+SecretKey)); err != nil {
			return err
		}
		w.Sandbox = hub.Company{ID: "kuusama", Client: "client", ProcountorID: 101, Name: "Kuusaman Kone Oy", BusinessID: "2345671-1",
			Country: "FI", Currency: "EUR", Environment: hub.Sandbox, BaseURL: "http://127.0.0.1:8081/api"}
		w.Production = hub.Company{ID: "lumikki", Client: "client", ProcountorID: 202, Name: "Lumikin Laskenta Oy", BusinessID: "1987654-5",
			Country: "FI", Currency: "EUR", Environment: hub.Production, BaseURL: "https://procountor.example/api"}
		for _, c := range []hub.Company{w.Sandbox, w.Production} {
			if err := tx.InsertCompany(c, secret.New(SecretKey)); err != nil {
				return err
			}
			n := hub.Connection{ID: c.ID + "-files", Company: c.ID, Name: "Finvoice " + c.Name, System: "Finvoice", Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}
			n.Settings.VATStatuses[hub.SalesInvoice] = map[string]int{"S": 1, "K/goods": 3}
			n.Settings.Units["kpl"] = "PIECE"
			if err := tx.InsertConnection(n, w.People[people.Admin].ID); err != nil {
				return err
			}
			n.SettingsVersion = 1
			registers, err := json.Marshal(Registers())
			if err != nil {
				return err
			}
			ref, err := tx.PutBlob(registers)
			if err != nil {
				return err
			}
			if err := tx.SetUpkeep(c.ID, store.Upkeep{Registers: ref, RegistersAt: st.Now()}); err != nil {
				return err
			}
			w.Connections = append(w.Connections, n)
		}
		return tx.SetWriting(w.Connections[0].ID, true)
	}))
	for i, s := range hub.States {
		w.Transfers[s] = w.document(i, s)
	}
	w.must(st.Tx(context.Background(), func(tx *store.Tx) error {
		w.Partner = hub.Transfer{Company: w.Sandbox.ID, Connection: w.Connections[0].ID, Kind: hub.PartnerTransfer, Direction: hub.In,
			Goal: hub.Deliver, Subject: "fi:7654321-0", State: hub.Held, PartnerName: "Uusi Asiakas Ky", Faults: []hub.Fault{hub.NewFault(hub.PartnerAmbiguous, "", "", "name", "Uusi Asiakas Ky")}}
		w.Round = store.Round{Company: w.Sandbox.ID, Connection: w.Connections[0].ID, InvoiceID: 4711, Number: "OL-7788", InvoiceNumber: 880, Supplier: "Tukku Toimija Oy",
			Round: circulation.Begin(w.People[people.Approver].ID, []string{w.People[people.PreApprover].ID, w.People[people.Finance].ID}), Date: "2026-03-01", DueDate: "2026-03-15",
			Net: "100.00", Gross: "125.50", Currency: "EUR", Status: "RECEIVED", ReceiptID: 12, Print: "print", Found: circulation.Found{Login: "approver", Project: "1001",
				Field: "order_reference", Value: "1001"},
			Content: store.RoundContent{Total: "100.00", Rows: []store.RoundRow{{Text: "Sahatavara", Quantity: "1", Price: "100.00", VAT: "25.5"}},
				Costs: []store.RoundCost{{Account: "4000", Value: "100.00"}}}}
		if _, err := tx.InsertRound(&w.Round); err != nil {
			return err
		}
		return tx.InsertTransfer(&w.Partner)
	}))
	w.Hostile = w.hostile()
	return w
}

func (w *World) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

var partners = []string{"Aallon Apteekki Oy", "Björkängens Lantbruk Ab", "Harjun Huolto Oy", "Niemen Nosto Oy", "Sähkötyö Salmi Ky", "Tammiston Talotekniikka Oy", "Voimapesä Oy"}

// document puts one document in state s into the database.
func (w *World) document(i int, s hub.State) hub.Transfer {
	number := fmt.Sprint(1001 + i)
	kind, q, price := hub.SalesInvoice, money.Must("12"), money.Must(fmt.Sprintf("%d.50", 84+i*7))
	if i%5 == 4 {
		kind = hub.PurchaseInvoice
	}
	if s == hub.Skipped {
		q = q.Neg()
	}
	net := q.Mul(price)
	vat := net.Percent(money.Must("25.5")).RoundHalfUp(2)
	gross := net.Add(vat)
	other := hub.Party{Name: partners[i%len(partners)], BusinessID: "3456782-4", Number: fmt.Sprint(500 + i)}
	own := hub.Party{Name: w.Sandbox.Name, BusinessID: w.Sandbox.BusinessID}
	file := []byte("%PDF-1.4\n% erittely " + number + "\n%%EOF\n")
	doc := &hub.Document{Kind: kind, CreditNote: s == hub.Skipped, SourceID: string(kind) + "/" + number, Number: number,
		Date: civil.Must("2026-03-01").AddDays(i), DueDate: civil.Must("2026-03-15").AddDays(i), Currency: "EUR",
		Seller: own, Buyer: other, Payment: hub.Payment{IBAN: "FI2112345600000785", Reference: "12344"},
		Lines: []hub.Line{
			{Name: "Asennustyö", Quantity: &q, Unit: "h", UnitPrice: &price, VATPercent: money.Must("25.5"), VATCategory: "S", Net: &net},
			{Name: "Kiitos tilauksesta!"},
		},
		Totals:      hub.Totals{Net: &net, VAT: &vat, Gross: &gross},
		Attachments: []hub.Attachment{{Name: "erittely " + number + ".pdf", MIME: "application/pdf", Size: int64(len(file)), Hash: hub.HashOf(file), Content: file}},
	}
	if kind == hub.SalesInvoice {
		doc.Breakdown = &hub.Breakdown{Work: []hub.BreakdownEntry{{Project: "Huolto", Date: doc.Date, Person: "Aatu Asentaja", Description: "Asennus", Quantity: q.Abs(), Price: &price}}}
	}
	if kind == hub.PurchaseInvoice {
		doc.Seller, doc.Buyer = other, own
	}
	if s == hub.Noticed {
		return w.put(doc, s, nil, w.Connections[1])
	}
	faults := map[hub.State][]hub.Fault{
		hub.Held: {hub.NewFault(hub.PeriodClosed, "Finvoice/InvoiceDetails/InvoiceDate", doc.Date.String(), "date", doc.Date.String(), "until", "2026-03-31"),
			hub.NewFault(hub.VATRateUnlikely, "Finvoice/InvoiceRow[1]/RowVatRatePercent", "24", "percent", "24", "day", doc.Date.String(), "rates", "25.5, 13.5, 10").Warn()},
		hub.Refused: {hub.NewFault(hub.ProcountorCode+"ERROR_OPERATOR", "counterParty.einvoiceAddress.operator", "BASWAREE")},
		hub.Waiting: {hub.NewFault(hub.WaitsForPartner, "", "", "name", other.Name)},
		hub.Unclear: {hub.NewFault(hub.AnswerUnclear, "", "")},
		hub.Skipped: {hub.NewFault(hub.BeforeFirstDay, "", "", "first", "2026-04-01")},
		hub.DoneWithWarning: {hub.NewFault(hub.TextCut, "Finvoice/InvoiceRow[1]/ArticleName", "Asennustyö ja siihen liittyvä suunnittelu", "length", "131", "limit", "100").Warn(),
			hub.NewFault(hub.OffsetByHand, "", "", "number", "20017").Warn()},
	}[s]
	return w.put(doc, s, faults, w.Connections[0])
}

func (w *World) put(doc *hub.Document, s hub.State, faults []hub.Fault, conn hub.Connection) (t hub.Transfer) {
	ctx := context.Background()
	now := w.Store.Now()
	w.must(w.Store.Tx(ctx, func(tx *store.Tx) error {
		row := store.DocumentRow{Connection: conn.ID, SourceID: doc.SourceID, Version: doc.Version()}
		raw := []byte("<Finvoice Version=\"3.0\"><InvoiceDetails><InvoiceNumber>" + xmlText(doc.Number) + "</InvoiceNumber></InvoiceDetails></Finvoice>")
		packed, err := store.PackDocument(doc, raw, faults)
		if err != nil {
			return err
		}
		if err := tx.PutDocument(&row, packed); err != nil {
			return err
		}
		gross := ""
		if doc.Totals.Gross != nil {
			gross = doc.Totals.Gross.Fixed(2)
		}
		t = hub.Transfer{Company: conn.Company, Connection: conn.ID, Kind: hub.DocumentTransfer, Direction: hub.In, Subject: row.ID, Goal: hub.Deliver,
			State: s, Faults: faults, DocKind: doc.Kind, CreditNote: doc.CreditNote, Number: doc.Number, PartnerName: doc.Counterparty().Name,
			Date: doc.Date.String(), DueDate: doc.DueDate.String(), Gross: gross, Currency: string(doc.Currency), Version: row.Version}
		written := s == hub.Working || s == hub.Unclear || s == hub.Refused || s == hub.Done || s == hub.DoneWithWarning || s == hub.TakenBack
		if written {
			t.Plan, t.Steps, t.StepAt = 1, 3, 2
		}
		if s == hub.Waiting {
			t.WakeAt = now.Add(time.Minute)
		}
		if s == hub.Done || s == hub.DoneWithWarning || s == hub.Linked {
			t.InvoiceID, t.InvoiceNumber, t.Reference, t.PartnerID = 880001, 20017, "123456789012", 77
		}
		if err := tx.InsertTransfer(&t); err != nil {
			return err
		}
		if s == hub.DoneWithWarning {
			if err := tx.OpenTasks(&t, engine.Asks(faults)); err != nil {
				return err
			}
		}
		if written {
			if err := w.steps(tx, &t, doc); err != nil {
				return err
			}
		}
		for _, a := range []audit.Act{
			{Actor: "vienti", Kind: "transfer.received", Subject: t.ID, Detail: audit.Detail(map[string]any{"state": hub.Ready})},
			{Actor: "vienti", Kind: "transfer." + string(s), Subject: t.ID, Detail: audit.Detail(map[string]any{"state": s, "faults": faults})},
		} {
			if err := tx.AppendAct(a); err != nil {
				return err
			}
		}
		if s == hub.DoneByHand {
			return tx.AppendAct(audit.Act{Actor: w.People[people.Finance].ID, Kind: "transfer.done_by_hand", Subject: t.ID,
				Detail: audit.Detail(map[string]string{"why": "kirjattu Procountoriin käsin 4.3."})})
		}
		return nil
	}))
	return t
}

func xmlText(s string) string {
	out := ""
	for _, r := range s {
		switch r {
		case '<':
			out += "&lt;"
		case '&':
			out += "&amp;"
		default:
			out += string(r)
		}
	}
	return out
}

func (w *World) steps(tx *store.Tx, t *hub.Transfer, doc *hub.Document) error {
	reference := "123456789012"
	request, err := json.Marshal(map[string]any{
		"type": "SALES_INVOICE", "date": t.Date, "originalInvoiceNumber": t.Number, "invoiceChannel": "NO_SENDING",
		"counterParty": map[string]any{"identifier": "3456782-4", "counterPartyAddress": map[string]any{"name": t.PartnerName}},
		"paymentInfo":  map[string]any{"currency": "EUR", "dueDate": t.DueDate, "bankReferenceCode": "", "bankAccount": map[string]any{"accountNumber": "FI2112345600000785"}},
		"invoiceRows":  []map[string]any{{"product": doc.Lines[0].Name, "quantity": doc.Lines[0].Quantity, "unit": "HOUR", "unitPrice": doc.Lines[0].UnitPrice, "vatPercent": 25.5}},
	})
	if err != nil {
		return err
	}
	answer, err := json.Marshal(map[string]any{
		"id": 880001, "invoiceNumber": 20017, "status": "UNFINISHED", "date": t.Date, "originalInvoiceNumber": t.Number, "invoiceChannel": "NO_SENDING",
		"counterParty":   map[string]any{"identifier": "3456782-4", "counterPartyAddress": map[string]any{"name": t.PartnerName}},
		"paymentInfo":    map[string]any{"currency": "EUR", "dueDate": t.DueDate, "bankReferenceCode": reference, "bankAccount": map[string]any{"accountNumber": "FI2112345600000785"}},
		"invoiceSumInfo": []map[string]any{{"currency": "EUR", "excludingVatTotal": doc.Totals.Net, "vatSumTotal": doc.Totals.VAT, "invoiceSumTotal": doc.Totals.Gross}},
	})
	if err != nil {
		return err
	}
	requestRef, err := tx.PutBlob(request)
	if err != nil {
		return err
	}
	answerRef, err := tx.PutBlob(answer)
	if err != nil {
		return err
	}
	now := w.Store.Now()
	states := []hub.StepState{hub.StepProved, hub.StepPlanned, hub.StepPlanned}
	switch t.State {
	case hub.Done, hub.DoneWithWarning, hub.TakenBack:
		states = []hub.StepState{hub.StepProved, hub.StepProved, hub.StepProved}
	case hub.Refused:
		states[1] = hub.StepRefused
	case hub.Unclear:
		states[1] = hub.StepUnclear
	case hub.Working:
		states[1] = hub.StepIntended
	}
	for i, kind := range []hub.StepKind{hub.PostInvoice, hub.Attach, hub.Approve} {
		s := hub.Step{Transfer: t.ID, Plan: 1, Seq: i + 1, Kind: kind, State: states[i]}
		if states[i] != hub.StepPlanned {
			s.Attempt, s.IntendedAt, s.EndedAt = 1, now.Add(-2*time.Second), now.Add(-time.Second)
			s.Key = hub.StepKey(t.Company, t.Connection, t.Subject, t.Plan, kind, i+1, 1)
			s.Request = requestRef
		}
		if states[i] == hub.StepProved {
			s.Answer = answerRef
		}
		if states[i] == hub.StepUnclear || states[i] == hub.StepIntended {
			s.EndedAt = time.Time{}
		}
		if kind == hub.Attach {
			s.Detail.Attachment = &doc.Attachments[0]
		}
		if err := tx.InsertStep(&s); err != nil {
			return err
		}
	}
	return nil
}

// hostile makes a document whose texts are all markup.
func (w *World) hostile() hub.Transfer {
	one := money.Must("1")
	doc := &hub.Document{Kind: hub.SalesInvoice, SourceID: Text, Number: Text, Date: civil.Must("2026-03-02"), Currency: "EUR",
		Seller: hub.Party{Name: Text}, Buyer: hub.Party{Name: Text, BusinessID: Text, VATNumber: Text, Number: Text},
		Payment: hub.Payment{Reference: Text, IBAN: Text}, Lines: []hub.Line{{Name: Text, Unit: Text, Quantity: &one, UnitPrice: &one, VATCategory: Text}},
		Attachments: []hub.Attachment{{Name: Text, Hash: hub.HashOf([]byte(Text)), Content: []byte(Text), Size: int64(len(Text))}}}
	return w.put(doc, hub.Held, []hub.Fault{{Code: hub.FieldInvalid, Path: Text, Element: Text, Value: Text, Args: map[string]string{"field": Text, "form": Text}, Read: true}}, w.Connections[0])
}

// Refused adds a document that Procountor has refused for a reason, or one that
// is done when the reason is only a warning.
func (w *World) Refused(number int, f hub.Fault) hub.Transfer {
	s := hub.Refused
	if f.Warning {
		s = hub.DoneWithWarning
	}
	one := money.Must("1")
	return w.put(&hub.Document{Kind: hub.SalesInvoice, SourceID: fmt.Sprint("refused/", number), Number: fmt.Sprint(number), Date: civil.Must("2026-03-05"),
		Currency: "EUR", Buyer: hub.Party{Name: partners[0]}, Lines: []hub.Line{{Name: "Työ", Quantity: &one, UnitPrice: &one}},
		Attachments: []hub.Attachment{{Name: "a.pdf", Hash: hub.HashOf(nil), Content: []byte{}}}}, s, []hub.Fault{f}, w.Connections[0])
}

// Linked adds a document that was in Procountor before us, with another sum there.
func (w *World) Linked() hub.Transfer {
	one := money.Must("1")
	t := w.put(&hub.Document{Kind: hub.SalesInvoice, SourceID: "linked/5001", Number: "5001", Date: civil.Must("2026-03-05"), Currency: "EUR",
		Buyer: hub.Party{Name: partners[0]}, Lines: []hub.Line{{Name: "Työ", Quantity: &one, UnitPrice: &one, Net: &one}}, Totals: hub.Totals{Gross: &one}},
		hub.Linked, []hub.Fault{hub.NewFault(hub.LinkedThere, "", "", "number", "777").Warn()}, w.Connections[0])
	w.must(w.Store.Tx(context.Background(), func(tx *store.Tx) error {
		return tx.PutHistory(t.Company, []store.HistoryRow{{InvoiceID: 77, Type: "SALES_INVOICE", Number: 777, OriginalNumber: "5001", PartnerName: partners[0],
			Gross: "1.25", Currency: "EUR", Date: "2026-03-05", Status: "NOT_SENT", Version: "1"}})
	}))
	return t
}

// More adds n finished documents, for paging.
func (w *World) More(n int) {
	for i := range n {
		w.document(100+i, hub.Done)
	}
}
