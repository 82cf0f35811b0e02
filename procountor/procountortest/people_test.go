package procountortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// The limitations beside the levels of rights (REFERENCE 1.6).
func TestLimitations(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	d := srv.Demo()
	other := idOf(t, c.must("POST", "/invoices", salesBody(t)))

	mine := AllRights()
	mine.Sales.PersonalSalesInvoicesOnly = ptr(true)
	u := srv.AddUser(d.CompanyID, "seller", "Sini", "Myyjä", mine)
	key := srv.AddAPIKey(d.CompanyID, u, d.ClientID, "")
	seller := &caller{t: t, do: c.do, token: tokenFor(t, srv, key)}
	own := idOf(t, seller.must("POST", "/invoices", salesBody(t)))
	if status, _, _ := seller.call("GET", fmt.Sprintf("/invoices/%d", other), nil); status != 403 {
		t.Errorf("another's invoice: %d", status)
	}
	b := seller.must("GET", "/invoices", nil)
	if strings.Contains(string(b), fmt.Sprintf(`"id":%d`, other)) || !strings.Contains(string(b), fmt.Sprintf(`"id":%d`, own)) {
		t.Errorf("found %s", b)
	}

	r := AllRights()
	r.Accounting.PreventCreatingEditingInvoices = ptr(true)
	srv.SetRights(d.CompanyID, u, r)
	if status, _, _ := seller.call("POST", "/invoices", salesBody(t)); status != 403 {
		t.Errorf("making an invoice: %d", status)
	}
	inv, _ := srv.Invoice(d.CompanyID, own)
	receipt := seller.must("GET", fmt.Sprintf("/ledgerreceipts/%d", *inv.LedgerReceiptID), nil)
	r = AllRights()
	r.Accounting.PreventEditingAccountingPage = ptr(true)
	srv.SetRights(d.CompanyID, u, r)
	if status, _, _ := seller.call("PUT", fmt.Sprintf("/ledgerreceipts/%d", *inv.LedgerReceiptID), receipt); status != 404 {
		t.Errorf("editing the accounting page: %d", status) // the operation has no 403
	}
	seller.must("POST", "/invoices", salesBody(t))
}

// Removing a payment mark waits for a person; then the sum is open again.
func TestRemoveEvent(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	id := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	c.must("PUT", fmt.Sprintf("/invoices/%d/approve", id), nil)
	e := idOf(t, c.must("PUT", fmt.Sprintf("/invoices/%d/paymentevents/markpaid", id), []byte(`{"paymentDate":"2026-03-16","amount":251,"currency":"EUR"}`)))
	remove := func() string {
		status, b, err := c.call("DELETE", fmt.Sprintf("/invoices/%d/paymentevents/%d", id, e), nil)
		var tx TransactionIdentifier
		if err != nil || status != 202 || json.Unmarshal(b, &tx) != nil {
			t.Fatalf("%d %v %s", status, err, b)
		}
		return tx.TransactionIdentifier
	}
	no := remove()
	srv.Confirm(DemoCompanyID, no, false)
	if status, _, _ := c.call("GET", "/mfatransactionresult/"+no, nil); status != 406 {
		t.Errorf("rejected: %d", status)
	}
	if inv, _ := srv.Invoice(DemoCompanyID, id); inv.Status != "MARKED_PAID" {
		t.Errorf("status %s", inv.Status)
	}
	srv.Confirm(DemoCompanyID, remove(), true)
	if inv, _ := srv.Invoice(DemoCompanyID, id); inv.Status != "APPROVED" {
		t.Errorf("status %s", inv.Status)
	}
	if b := c.must("GET", fmt.Sprintf("/invoices/%d/paymentevents", id), nil); !strings.Contains(string(b), `"results":[]`) {
		t.Errorf("events %s", b)
	}
}

// Money that comes by the bank: by reference, and allocated by hand.
func TestBank(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	a := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	pay := ReferencePayment{Sum: ptr(Num("251.00")), PaymentDate: "2026-03-20", BankReference: "0013", AccountNumber: "FI2112345600000785"}
	if p := srv.AddReferencePayment(DemoCompanyID, pay); p.InvoiceID != nil {
		t.Error("allocated to an unfinished invoice")
	}
	c.must("PUT", fmt.Sprintf("/invoices/%d/approve", a), nil)
	if p := srv.AddReferencePayment(DemoCompanyID, pay); p.InvoiceID == nil || *p.InvoiceID != a {
		t.Error("not allocated")
	}
	if inv, _ := srv.Invoice(DemoCompanyID, a); inv.Status != "PAID" || inv.PaymentDate != "2026-03-20" {
		t.Errorf("%s %s", inv.Status, inv.PaymentDate)
	}
	c.must("GET", "/referencepayments?startDate=2026-03-01&accountNumber=FI2112345600000785", nil)

	b := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	st := srv.AddBankStatement(DemoCompanyID, BankStatement{StartDate: "2026-03-20", EndDate: "2026-03-20", Events: []BankStatementEvent{{PayDate: "2026-03-20", Sum: ptr(Num("100"))}}})
	path := fmt.Sprintf("/bankstatements/%d/events/%d/invoices", st.ID, st.Events[0].ID)
	if status, _, _ := c.call("PUT", path, fmt.Append(nil, b)); status != 403 {
		t.Errorf("unfinished: %d", status)
	}
	c.must("PUT", fmt.Sprintf("/invoices/%d/approve", b), nil)
	c.must("PUT", path, fmt.Append(nil, b))
	if status, _, _ := c.call("PUT", path, fmt.Append(nil, b)); status != 400 {
		t.Errorf("twice: %d", status)
	}
	if inv, _ := srv.Invoice(DemoCompanyID, b); inv.Status != "PARTLY_PAID" {
		t.Errorf("status %s", inv.Status)
	}
	if status, _, _ := c.call("DELETE", path, nil); status != 204 {
		t.Errorf("unallocate: %d", status)
	}
	// REFERENCE 3.15: the payment event stays on the invoice; 3.14: only what was
	// marked by hand can be removed.
	var events struct{ Results []PaymentEvent }
	if err := json.Unmarshal(c.must("GET", fmt.Sprintf("/invoices/%d/paymentevents", b), nil), &events); err != nil || len(events.Results) != 1 ||
		events.Results[0].Type != "BANKSTATEMENT_TO_INVOICE" {
		t.Fatalf("events %+v %v", events, err)
	}
	if status, _, _ := c.call("DELETE", fmt.Sprintf("/invoices/%d/paymentevents/%d", b, events.Results[0].ID), nil); status != 403 {
		t.Errorf("removing a bank's event: %d", status)
	}
	c.must("GET", "/bankstatements?orderByStartDate=ASC", nil)
}

// Shuffled lists hold the same, in another order, the same for one seed.
func TestShuffle(t *testing.T) {
	accounts := func(seed uint64, shuffle bool) []string {
		srv := New(Options{Seed: seed, Hostile: Hostile{Shuffle: shuffle}})
		defer srv.Close()
		var v struct{ LedgerAccounts []LedgerAccount }
		if err := json.Unmarshal(overPipe(t, srv).must("GET", "/coa", nil), &v); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, a := range v.LedgerAccounts {
			codes = append(codes, a.LedgerAccountCode)
		}
		return codes
	}
	plain, a, b := accounts(3, false), accounts(3, true), accounts(3, true)
	if slices.Equal(plain, a) || !slices.Equal(a, b) {
		t.Error("seed 3: order")
	}
	slices.Sort(plain)
	slices.Sort(a)
	if !slices.Equal(plain, a) {
		t.Error("seed 3: other accounts")
	}
}

// Ids begin at the same number in every company: they are unique inside one only.
func TestTwoCompanies(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	second := srv.AddCompanyWithKey(FinnishDemo())
	d := &caller{t: t, do: c.do, token: tokenFor(t, srv, second.APIKey)}
	a, b := idOf(t, c.must("POST", "/invoices", salesBody(t))), idOf(t, d.must("POST", "/invoices", salesBody(t)))
	if a != b {
		t.Errorf("%d and %d: ids should collide", a, b)
	}
	c.must("PUT", fmt.Sprintf("/invoices/%d/approve", a), nil)
	if inv, _ := srv.Invoice(second.CompanyID, b); inv.Status != "UNFINISHED" {
		t.Error("the other company's invoice moved")
	}
}

// A key opens only for the client it was made for, and only while its user is
// valid.
func TestKeyIsBound(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	srv.AddClient("OtherClient", "other-secret")
	form := "grant_type=client_credentials&client_id=OtherClient&client_secret=other-secret&api_key=" + DemoAPIKey
	resp, err := srv.Client().Post(BaseURL+"/oauth/token", "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// 10 000 000 bytes are accepted, one more is not (REFERENCE 3.3).
func TestAttachmentSize(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }})
	defer srv.Close()
	c := overPipe(t, srv)
	id := idOf(t, c.must("POST", "/invoices", salesBody(t)))
	for _, x := range []struct{ size, status int }{{maxAttachment, 200}, {maxAttachment + 1, 400}, {maxAttachment + 2<<20, 400}} {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("meta", fmt.Sprintf(`{"name":"a.bin","referenceType":"INVOICE","referenceId":%d,"sendWithInvoice":false}`, id))
		f, _ := w.CreateFormFile("file", "a.bin")
		_, _ = f.Write(make([]byte, x.size))
		_ = w.Close()
		r, _ := http.NewRequest("POST", BaseURL+"/attachments", &b)
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := c.do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != x.status || x.status == 400 && !strings.Contains(string(text), "file too big") {
			t.Errorf("%d bytes: %d %s", x.size, resp.StatusCode, text)
		}
	}
	inv, _ := srv.Invoice(DemoCompanyID, id)
	if len(inv.Attachments) != 1 {
		t.Errorf("%d attachments", len(inv.Attachments))
	}
	if got, ok := srv.Attachment(DemoCompanyID, inv.Attachments[0].ID); !ok || len(got) != maxAttachment {
		t.Errorf("%d bytes kept", len(got))
	}
}

// A register account that the chart does not have is not used.
func TestUnknownRegisterAccount(t *testing.T) {
	srv := New(Options{Now: func() time.Time { return scriptTime }, Empty: true})
	defer srv.Close()
	d := srv.AddCompanyWithKey(CompanySeed{Products: []Product{{Type: "SALES", Name: "Old", Active: true, Currency: "EUR", DefaultAccount: "9999"}}})
	c := &caller{t: t, do: srv.Client().Do, token: tokenFor(t, srv, d.APIKey)}
	var found struct{ Results []Product }
	if err := json.Unmarshal(c.must("GET", "/products", nil), &found); err != nil || len(found.Results) != 1 {
		t.Fatal(err, found)
	}
	body := strings.Replace(string(salesBody(t)), `{"product": `, fmt.Sprintf(`{"productId": %d, "product": `, found.Results[0].ID), 1)
	c.must("POST", "/invoices", []byte(body))
	if r := srv.Receipts(d.CompanyID)[0]; r.Transactions[1].Account != "3000" {
		t.Errorf("account %s", r.Transactions[1].Account)
	}
}
