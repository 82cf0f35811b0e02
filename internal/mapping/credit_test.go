package mapping_test

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// A credit note means the opposite of what was saved, whatever the document says
// by now; what only Procountor sets, and what is about being paid, stays behind.
func TestCreditMeans(t *testing.T) {
	d := procountor.MustParseDecimal
	saved := &procountor.Invoice{ID: 7, Type: procountor.SalesInvoice, Status: procountor.StatusPaid, InvoiceNumber: 41, OriginalInvoiceNumber: "1001",
		Date: register.Date(civil.Must("2026-02-10")), AdditionalInformation: "Kiitos", Notes: "x\nFinvoice 1001 · vienti:aaaaaaaaaaaaaaaa",
		PaymentInfo:    procountor.PaymentInfo{Currency: "EUR", BankReferenceCode: new("1232"), DueDate: register.Date(civil.Must("2026-02-24"))},
		InvoiceRows:    []procountor.InvoiceRow{{ID: 8, Product: "Työ", Quantity: d("2.5"), UnitPrice: d("40")}, {ID: 9, Product: "Alennus", Quantity: d("-1"), UnitPrice: d("10")}},
		InvoiceSumInfo: []procountor.InvoiceSumInfo{{Currency: "EUR", ExcludingVATTotal: d("90"), VATSumTotal: d("22.95"), InvoiceSumTotal: d("112.95")}},
		Attachments:    []procountor.Attachment{{ID: 1}}}
	settings := hub.DefaultSettings(civil.Must("2026-01-01"))
	settings.Language = "sv"
	ks := settings.Kinds[hub.SalesInvoice]
	ks.Arrival = hub.ArriveSent
	settings.Kinds[hub.SalesInvoice] = ks
	saved.InvoiceChannel = procountor.ChannelEmail
	in := mapping.Input{Connection: hub.Connection{Settings: settings}, Document: &hub.Document{Kind: hub.SalesInvoice, Language: "fi"}, Today: civil.Must("2026-03-16")}
	status := 1
	posted := &procountor.LedgerReceipt{Transactions: []procountor.Transaction{
		{TransactionType: "REVERSING_ENTRY", Account: "1700", AccountingValue: d("112.95")},
		{TransactionType: procountor.Entry, Account: "3100", AccountingValue: d("-100"), VATPercent: d("25.5"), VATStatus: &status, Description: "Työ",
			DimensionItemValues: []procountor.DimensionItemValue{{DimensionID: 5, ItemID: 6, Value: d("100")}}},
		{TransactionType: procountor.Entry, Account: "3000", AccountingValue: d("10"), VATPercent: d("25.5"), Description: "Alennus"}}}
	p, faults := mapping.Credit(in, saved, posted)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var kinds []string
	for _, s := range p.Steps {
		kinds = append(kinds, string(s.Kind))
		if s.Detail.Credits != 7 {
			t.Errorf("%s is about %d", s.Kind, s.Detail.Credits)
		}
	}
	if got := strings.Join(kinds, " "); got != "credit_invoice put_receipt approve send" {
		t.Error(got)
	}
	if l := p.Steps[1].Detail.Posting.Lines; len(l) != 2 || l[0].Account != "3100" || l[0].VATStatus != 1 || l[0].Net != "-100" || l[1].Account != "3000" ||
		len(l[0].Dimensions) != 1 || l[0].Dimensions[0].Item != 6 {
		t.Errorf("posting %+v", l)
	}
	m, inv := p.Steps[0].Detail.Meant, p.Steps[0].Invoice
	if m.Rows != 2 || m.Net != "-90.00" || m.VAT != "-22.95" || m.Gross != "-112.95" {
		t.Errorf("meant %+v", m)
	}
	if q := inv.InvoiceRows; q[0].Quantity.String() != "-2.5" || q[1].Quantity.String() != "1" || q[0].ID != 0 || q[0].UnitPrice.String() != "40" {
		t.Errorf("rows %+v", q)
	}
	if inv.ID != 0 || inv.InvoiceNumber != 0 || inv.Status != "" || inv.Attachments != nil || inv.InvoiceSumInfo != nil || *inv.PaymentInfo.BankReferenceCode != "" ||
		inv.Date.String() != "2026-03-16" || inv.PaymentInfo.DueDate != inv.Date || inv.OriginalInvoiceNumber != "1001" {
		t.Errorf("%+v", inv)
	}
	if want := "Hyvitetty lasku 1001 (Procountor 41), päivätty 10.2.2026\nKiitos"; inv.AdditionalInformation != want {
		t.Errorf("says %q", inv.AdditionalInformation)
	}
	if want := "Krediterad faktura 1001 (Procountor 41), daterad 2026-02-10"; inv.Notes != want {
		t.Errorf("notes %q", inv.Notes)
	}
	if saved.InvoiceRows[0].ID != 8 || saved.Notes == inv.Notes {
		t.Error("the saved invoice was changed")
	}
	in.Registers = &register.Copy{FiscalYears: []register.FiscalYear{}}
	if p, faults := mapping.Credit(in, saved, posted); p != nil || len(faults) != 1 || faults[0].Code != hub.FiscalYearMissing {
		t.Errorf("today is in no open year: %v", faults)
	}
	in.Registers = &register.Copy{VATStatuses: []register.VATStatus{{Number: 2, Sales: true}}}
	saved.VATStatus = new(1)
	if p, faults := mapping.Credit(in, saved, posted); p != nil || len(faults) != 1 || faults[0].Code != hub.VATStatusDisabled || faults[0].Args["status"] != "1" {
		t.Errorf("its VAT status was switched off: %v", faults)
	}
	in.Registers = &register.Copy{VATPercents: []register.VATPercent{{Percent: money.Must("25.5"), Sales: true}}}
	saved.InvoiceRows[0].VATPercent, saved.InvoiceRows[1].VATPercent = d("25.5"), d("24")
	if p, faults := mapping.Credit(in, saved, posted); p != nil || len(faults) != 1 || faults[0].Code != hub.VATRateNotEnabled || faults[0].Args["percent"] != "24" {
		t.Errorf("its rate was switched off: %v", faults)
	}
	in.Registers = nil
	posted.Transactions[1].DimensionItemValues[0].Value = d("50") // half of it on one item
	if p, faults := mapping.Credit(in, saved, posted); p != nil || len(faults) != 1 || faults[0].Code != hub.ReceiptRows {
		t.Errorf("what a credit note cannot say: %v", faults)
	}
}
