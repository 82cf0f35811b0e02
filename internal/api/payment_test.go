package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// paid lets the source's payments count.
func paid(s *hub.Settings) {
	s.Payments, s.Payer = hub.MasterSource, hub.MasterSource
	for k, ks := range s.Kinds {
		ks.Arrival = hub.ArriveApproved
		s.Kinds[k] = ks
	}
}

func payment(id, document, day string, amount any) object {
	o := object{"source_id": id, "document": document, "amount": amount, "currency": "EUR"}
	if day != "" {
		o["date"] = day
	}
	return o
}

func (w *world) payState(id string) (string, answerBody) {
	w.T.Helper()
	a := w.want(http.StatusOK, "GET", "/v1/payments/"+id, nil)
	return a.str("state"), answerBody(a.Body)
}

type answerBody object

func (b answerBody) code() string {
	faults, _ := b["faults"].([]any)
	if len(faults) == 0 {
		return ""
	}
	return faults[0].(object)["code"].(string)
}

// A payment that somebody adds to a sale in the source is marked on its invoice in
// Procountor, in part and in full, each once however often it is pushed.
func TestSaleMarkedPaid(t *testing.T) {
	feature.Covers(t, "E-51", "T-22")
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true, Settings: paid})
		doc := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
		first := w.want(http.StatusAccepted, "POST", "/v1/payments", with(with(payment("pay-1", "id-5001", "2026-03-12", "25.50"), "method", "cash"), "text", "Kassa 2"))
		if first.str("result") != "new" || first.str("document_id") != doc.str("id") {
			t.Errorf("%s", first.Raw)
		}
		w.Settle()
		if got := w.Vouchers("5001"); got[0].Status != "PARTLY_PAID" {
			t.Errorf("%s", got[0].Status)
		}
		w.want(http.StatusAccepted, "POST", "/v1/payments", []any{payment("pay-2", "id-5001", "2026-03-13", 100), payment("pay-1", "id-5001", "2026-03-12", "25.5")})
		w.Settle()
		again := w.want(http.StatusAccepted, "POST", "/v1/payments", with(with(payment("pay-1", "id-5001", "2026-03-12", "25.50"), "method", "card"), "text", "Kassa 2"))
		if again.str("result") != "changed" {
			t.Errorf("%s", again.Raw)
		}
		w.want(http.StatusOK, "POST", "/v1/payments", payment("pay-2", "id-5001", "2026-03-13", "100.00"))
		w.Settle()
		var got []string
		for _, e := range w.Paid("5001") {
			got = append(got, e.PaymentDate+" "+e.PaidAmount.String()+" "+e.Type)
		}
		slices.Sort(got)
		if len(got) != 2 || got[0] != "2026-03-12 25.5 CASH" && got[0] != "2026-03-12 25.50 CASH" || w.Vouchers("5001")[0].Status != "MARKED_PAID" {
			t.Errorf("%q, %s", got, w.Vouchers("5001")[0].Status)
		}
		shown := w.want(http.StatusOK, "GET", "/v1/documents/"+doc.str("id"), nil)
		list, _ := shown.Body["payments"].([]any)
		if len(list) != 2 || list[0].(object)["state"] != "done" || list[0].(object)["amount"] != "25.50" {
			t.Errorf("%s", shown.Raw)
		}
		// What Procountor shows of it is read back.
		if shown.Body["paid"] != nil {
			t.Errorf("before it was read: %v", shown.Body["paid"])
		}
		w.Clock.Add(2 * time.Hour)
		w.Step(t.Context())
		shown = w.want(http.StatusOK, "GET", "/v1/documents/"+doc.str("id"), nil)
		if p, _ := shown.Body["paid"].(object); p["state"] != "paid" || p["open"] != "0.00" || p["on"] != "2026-03-13" || p["currency"] != "EUR" {
			t.Errorf("%v", shown.Body["paid"])
		}
	})
}

// A purchase that was sent for payment and that no bank has refused is marked paid
// three days after its due date, on the day the money moved: the bank's if the
// source knows it, else the due date.
func TestPurchasePaidAfterThreeDays(t *testing.T) {
	feature.Covers(t, "E-46")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: paid})
	for _, number := range []string{"P1", "P2", "P3"} {
		doc := with(purchase(number, "Olematon Tukku Oy", "4567890-7"), "due_date", "2026-03-18")
		doc["source_id"] = "id-" + number
		w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	}
	gross := "34.89"
	for id, day := range map[string]string{"P1": "", "P2": "2026-03-17", "P3": ""} {
		w.want(http.StatusAccepted, "POST", "/v1/payments", with(payment("pay-"+id, "id-"+id, day, gross), "state", "sent"))
	}
	step := func() {
		for range 5 {
			w.Step(t.Context())
			w.Clock.Add(20 * time.Second)
		}
	}
	step()
	w.want(http.StatusAccepted, "POST", "/v1/payments", with(payment("pay-P3", "id-P3", "", gross), "state", "failed"))
	w.Clock.Set(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
	step()
	if n := len(w.Sandbox.PaymentEvents(w.Company.ProcountorID)); n != 0 {
		t.Fatalf("%d payments before the third day", n)
	}
	w.Clock.Set(time.Date(2026, 3, 21, 6, 0, 0, 0, time.UTC))
	step()
	for number, want := range map[string]string{"P1": "2026-03-18", "P2": "2026-03-17", "P3": ""} {
		e := w.Paid(number)
		if want == "" && len(e) != 0 || want != "" && (len(e) != 1 || e[0].PaymentDate != want) {
			t.Errorf("%s: %+v", number, e)
		}
	}
}

// A purchase that somebody marks paid by hand in the source is marked at once; the
// day is the due date when nobody says another.
func TestPurchasePaidByHand(t *testing.T) {
	feature.Covers(t, "E-47")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: paid})
	doc := with(purchase("P1", "Olematon Tukku Oy", "4567890-7"), "due_date", "2026-03-13")
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.want(http.StatusAccepted, "POST", "/v1/payments", payment("pay-1", doc["source_id"].(string), "", "30"))
	w.Settle()
	if e := w.Paid("P1"); len(e) != 1 || e[0].PaymentDate != "2026-03-13" {
		t.Errorf("%+v", e)
	}
}

// A payment that is edited or removed after it was marked is shown as a task with
// what to do; the mark itself stays until a person removes it in Procountor.
func TestPaymentEditedLater(t *testing.T) {
	feature.Covers(t, "E-48")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: paid})
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
	a := w.want(http.StatusAccepted, "POST", "/v1/payments", payment("pay-1", "id-5001", "2026-03-12", "25.50"))
	w.Settle()
	for _, changed := range []object{payment("pay-1", "id-5001", "2026-03-12", "30"), payment("pay-1", "id-5001", "2026-03-11", "25.50"),
		with(payment("pay-1", "id-5001", "2026-03-12", "25.50"), "state", "removed")} {
		w.want(http.StatusAccepted, "POST", "/v1/payments", changed)
		w.Settle()
		if state, b := w.payState(a.str("id")); state != "done_with_warning" || b.code() != hub.PaymentChangedLater {
			t.Errorf("%s %s", state, b.code())
		}
		if e := w.Paid("5001"); len(e) != 1 || e[0].PaidAmount.String() != "25.5" && e[0].PaidAmount.String() != "25.50" {
			t.Errorf("%+v", e)
		}
		tasks, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.TaskCount, error) { return tx.CountTasks("", people.Reach{}) })
		if err != nil || len(tasks) != 1 || tasks[0].Code != hub.PaymentChangedLater {
			t.Errorf("%v %v", tasks, err)
		}
	}
}

// What Procountor's own bank connection has allocated by reference is never marked
// beside: the same payment is linked, another is held.
func TestReferencePaymentStays(t *testing.T) {
	feature.Covers(t, "E-52")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: paid})
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
	w.Settle()
	sum := procountortest.Num("25.50")
	w.Sandbox.AddReferencePayment(w.Company.ProcountorID, procountortest.ReferencePayment{PaymentDate: "2026-03-12", Sum: &sum, BankReference: "1232"})
	for _, c := range []struct{ id, amount, state, code string }{
		{"pay-1", "25.50", "linked", hub.PaymentByBank}, {"pay-2", "100", "held", hub.PaymentBank}} {
		a := w.want(http.StatusAccepted, "POST", "/v1/payments", payment(c.id, "id-5001", "2026-03-12", c.amount))
		w.Settle()
		if state, b := w.payState(a.str("id")); state != c.state || b.code() != c.code {
			t.Errorf("%s: %s %s", c.id, state, b.code())
		}
	}
	if e := w.Paid("5001"); len(e) != 1 {
		t.Errorf("%+v", e)
	}
}

// Payments by reference are read from Procountor: one that is allocated is the source's
// news; one that is allocated to nothing is listed with the documents that it may be
// for, without the payer's account, until a person has allocated it in Procountor.
func TestReferencePaymentsAreRead(t *testing.T) {
	feature.Covers(t, "E-52")
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true, Settings: paid})
		doc := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
		w.Settle()
		company, inv := w.Company.ProcountorID, w.Vouchers("5001")[0]
		part, rest := procountortest.Num("25.50"), procountortest.Num("100")
		w.Sandbox.AddReferencePayment(company, procountortest.ReferencePayment{PaymentDate: "2026-03-12", Sum: &part, BankReference: *inv.PaymentInfo.BankReferenceCode, Name: "Maija Maksaja"})
		lost := w.Sandbox.AddReferencePayment(company, procountortest.ReferencePayment{PaymentDate: "2026-03-13", Sum: &rest, BankReference: "000000000000013", Name: "Maija Maksaja"})
		if lost.InvoiceID != nil {
			t.Fatal("allocated")
		}
		open := func() []hub.OpenReference {
			for range 2 { // what is allocated is read back by the turn after
				w.Clock.Add(61 * time.Minute)
				w.Step(t.Context())
			}
			list, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) ([]hub.OpenReference, error) { return tx.OpenReferences("", people.Reach{}, 10) })
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		shown := func() (n int, last object) {
			list, _ := w.want(http.StatusOK, "GET", "/v1/documents/"+doc.str("id"), nil).Body["bank_payments"].([]any)
			if len(list) > 0 {
				last = list[len(list)-1].(object)
			}
			return len(list), last
		}
		list := open()
		if len(list) != 1 || list[0].Reference != "13" && list[0].Reference != "000000000000013" || list[0].Payer != "Maija Maksaja" || list[0].Sum != "100.00" {
			t.Fatalf("%+v", list)
		}
		if c := list[0].Candidates; len(c) != 1 || c[0].Number != "5001" || c[0].By != hub.BySum || c[0].Open != "100.00" {
			t.Errorf("%+v", c)
		}
		if n, p := shown(); n != 1 || p["amount"] != "25.50" || p["date"] != "2026-03-12" {
			t.Errorf("%d %v", n, p)
		}
		// The API lists it with the connection's own documents, and names no payer.
		listed := w.want(http.StatusOK, "GET", "/v1/payments/unallocated", nil)
		one := listed.Body["payments"].([]any)[0].(object)
		candidate := one["candidates"].([]any)[0].(object)
		if len(listed.Body["payments"].([]any)) != 1 || listed.Body["readable"] != true || listed.Body["more"] != 0.0 || one["amount"] != "100.00" || one["date"] != "2026-03-13" ||
			candidate["document_id"] != doc.str("id") || candidate["by"] != "sum" || candidate["open"] != "100.00" || strings.Contains(string(listed.Raw), "Maija") {
			t.Errorf("%s", listed.Raw)
		}
		// Another connection of the company sees the money, and no document that is not its own.
		other := w.Connection
		other.ID, other.Name = "other", "Other"
		w.Must(st.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertConnection(other, "test") }))
		o := *w.client
		o.token = newToken(w.World, "other", 5)
		theirs := o.want(http.StatusOK, "GET", "/v1/payments/unallocated", nil)
		if list := theirs.Body["payments"].([]any); len(list) != 1 || len(list[0].(object)["candidates"].([]any)) != 0 {
			t.Errorf("%s", theirs.Raw)
		}
		// Who sees purchases only sees neither, and who works elsewhere does not.
		for _, u := range []people.User{{Role: people.Finance, Kinds: []hub.Kind{hub.PurchaseInvoice}}, {Role: people.ByCompany, Companies: map[string]people.Role{"other": people.Admin}}} {
			n, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (int, error) { return tx.CountOpenReferences("", u.Reach(people.See)) })
			if err != nil || n != 0 {
				t.Errorf("%d in reach, %v", n, err)
			}
		}
		w.Sandbox.AllocateReferencePayment(company, lost.ID, inv.ID)
		if list := open(); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		if list := w.want(http.StatusOK, "GET", "/v1/payments/unallocated", nil); len(list.Body["payments"].([]any)) != 0 {
			t.Errorf("%s", list.Raw)
		}
		if n, p := shown(); n != 2 || p["amount"] != "100.00" {
			t.Errorf("%d %v", n, p)
		}
		if p, _ := w.want(http.StatusOK, "GET", "/v1/documents/"+doc.str("id"), nil).Body["paid"].(object); p["state"] != "paid" {
			t.Errorf("%v", p)
		}
		payers, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (n int, err error) {
			return n, tx.QueryRow(`select count(*) from reference_payment where payer <> ''`).Scan(&n)
		})
		if err != nil || payers != 0 {
			t.Errorf("%d payers are kept, %v", payers, err)
		}
	})
}

// A push that is wrong in itself is refused as a whole, with every place.
func TestPaymentsRefused(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: paid})
	a := w.want(http.StatusUnprocessableEntity, "POST", "/v1/payments", []any{payment("ok", "id-1", "2026-03-12", "10"),
		object{"source_id": "x", "amount": "1.005", "currency": "euro", "colour": "red"}, object{"source_id": "y", "amount": 0, "currency": "EUR"}})
	var at []string
	for _, e := range a.Body["errors"].([]any) {
		at = append(at, e.(object)["location"].(string))
	}
	slices.Sort(at)
	want := []string{"body[1].colour", "body[1].currency", "body[2]", "body[2].amount"}
	if !slices.Equal(at, want) {
		t.Errorf("%q", at)
	}
	n, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (n int, err error) {
		return n, tx.QueryRow(`select count(*) from payment`).Scan(&n)
	})
	if err != nil || n != 0 {
		t.Errorf("%d stored, %v", n, err)
	}
	w.want(http.StatusNotFound, "GET", "/v1/payments/none", nil)
}
