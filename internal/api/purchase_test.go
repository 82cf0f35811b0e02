package api_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A vendor reads purchase invoices and says what its persons decide: each is named and
// must have the right, and the approval reaches Procountor.
func TestPurchaseInvoices(t *testing.T) {
	feature.Covers(t, "T-34")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
		for login, role := range map[string]people.Role{"lead@example.fi": people.RoundLead, "pm@example.fi": people.Approver, "pre@example.fi": people.PreApprover} {
			if _, err := tx.AddPerson(people.User{Login: login, Role: role}, secret.Secret{}); err != nil {
				return err
			}
		}
		return nil
	}))
	s := w.Connection.Settings
	s.Circulation = hub.Circulation{On: true, FirstDay: civil.Must("2026-01-01"), Default: "lead@example.fi",
		Fields: []hub.ReceiverField{{Field: "order_reference", Means: hub.MeansProject}}, Projects: []hub.ReceiverOf{{Number: "1001", Login: "pm@example.fi"}}}
	w.SetSettings(s)
	d := enginetest.Purchase("P1", "100")
	d.References.Order = "1001"
	w.Foreign(d)
	var scan bytes.Buffer
	w.Must(png.Encode(&scan, image.NewGray(image.Rect(0, 0, 3, 3))))
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	_, err = client.Attachments.Create(t.Context(), procountor.Attachment{Name: "lasku.png", ReferenceType: procountor.AtInvoice, ReferenceID: w.Vouchers("P1")[0].ID}, scan.Bytes())
	w.Must(err)
	w.Clock.Add(2 * time.Minute)
	w.Settle()
	a := w.want(http.StatusOK, "GET", "/v1/purchase-invoices?waits_for=pm@example.fi&state=open", nil)
	list := a.Body["purchase_invoices"].([]any)
	if len(list) != 1 {
		t.Fatalf("%s", a.Raw)
	}
	one := list[0].(map[string]any)
	at := "/v1/purchase-invoices/" + one["id"].(string)
	if one["project"] != "1001" || one["gross"] != "125.50" || one["waits_for"] != "pm@example.fi" {
		t.Errorf("%s", a.Raw)
	}
	if a := w.want(http.StatusOK, "GET", "/v1/purchase-invoices?waits_for=pre@example.fi", nil); len(a.Body["purchase_invoices"].([]any)) != 0 {
		t.Errorf("%s", a.Raw)
	}
	if a := w.want(http.StatusOK, "GET", at, nil); a.str("image") != at+"/image" {
		t.Errorf("%s", a.Raw)
	}
	if a := w.want(http.StatusOK, "GET", at+"/image", nil); a.Header.Get("Content-Type") != "image/png" || !bytes.Equal(a.Raw, scan.Bytes()) {
		t.Errorf("%s, %d bytes", a.Header.Get("Content-Type"), len(a.Raw))
	}
	w.want(http.StatusNotFound, "GET", at+"/image?page=2", nil)
	w.want(http.StatusUnprocessableEntity, "GET", at+"/image?page=0", nil)
	w.want(http.StatusNotFound, "GET", "/v1/purchase-invoices/other/image", nil)
	decide := func(person, what string, more object) object {
		o := object{"person": person, "decision": what, "version": 0}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	w.want(http.StatusForbidden, "POST", at+"/decisions", decide("pre@example.fi", "approve", nil))    // sees nothing of it
	w.want(http.StatusForbidden, "POST", at+"/decisions", decide("nobody@example.fi", "approve", nil)) // is not there
	w.want(http.StatusConflict, "POST", at+"/decisions", decide("lead@example.fi", "approve", nil))    // another's turn
	w.want(http.StatusConflict, "POST", at+"/decisions", decide("pm@example.fi", "reject", nil))       // no reason
	w.want(http.StatusUnprocessableEntity, "POST", at+"/decisions", object{"decision": "approve"})
	w.want(http.StatusUnprocessableEntity, "POST", at+"/decisions", decide("pm@example.fi", "split", object{"split": []any{object{"item": 1, "percent": "100"}}}))
	w.want(http.StatusNotFound, "POST", "/v1/purchase-invoices/other/decisions", decide("pm@example.fi", "approve", nil))
	w.want(http.StatusNotFound, "GET", "/v1/purchase-invoices/other", nil)
	if a := w.want(http.StatusOK, "POST", at+"/decisions", decide("pm@example.fi", "approve", object{"text": "ok"})); a.str("state") != "approved" {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusConflict, "POST", at+"/decisions", decide("pm@example.fi", "approve", nil)) // once is enough
	w.Clock.Add(2 * time.Minute)
	w.Settle()
	w.Clock.Add(2 * time.Minute)
	w.Settle()
	if a := w.want(http.StatusOK, "GET", at, nil); a.str("status") != "APPROVED" || len(a.Body["decisions"].([]any)) != 1 {
		t.Errorf("%s", a.Raw)
	}
}
