package api_test

import (
	"net/http"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A program reads which parties are in doubt, says who they are, and takes it back.
func TestPartnerQueue(t *testing.T) {
	for _, everywhere := range []bool{false, true} {
		w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Partner.OtherID = hub.ConflictAsk }})
		doubtful := func(number string) object {
			d := sale(number, "100.00")
			buyer := object{}
			for k, v := range d["buyer"].(object) {
				buyer[k] = v
			}
			buyer["business_id"] = enginetest.BusinessID(77)
			return with(d, "buyer", buyer)
		}
		id := w.want(http.StatusAccepted, "POST", "/v1/documents", doubtful("1001")).str("id")
		w.want(http.StatusAccepted, "POST", "/v1/documents", doubtful("1002"))
		w.Settle()
		a := w.want(http.StatusOK, "GET", "/v1/partners/doubts", nil)
		list := a.Body["parties"].([]any)
		if len(list) != 1 {
			t.Fatalf("%s", a.Raw)
		}
		d := list[0].(map[string]any)
		candidates := d["candidates"].([]any)
		if d["document"] != id || len(d["numbers"].([]any)) != 2 || len(candidates) != 1 || d["code"] != hub.PartnerConflict || d["mend"] != false || d["register"] != "customer" {
			t.Fatalf("%s", a.Raw)
		}
		at := "/v1/documents/" + id + "/partner"
		for _, body := range []any{object{}, object{"new": true, "partner": 5}, object{"partner": 999999}, object{"partner": -1}, object{"who": 1}, "[]"} {
			w.want(http.StatusUnprocessableEntity, "POST", at, body)
		}
		w.want(http.StatusNotFound, "POST", "/v1/documents/other/partner", object{"new": true})
		say := object{"new": true, "everywhere": everywhere}
		if !everywhere {
			say = object{"partner": candidates[0].(map[string]any)["id"]}
		}
		w.want(http.StatusOK, "POST", at, say)
		w.Settle()
		if a := w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil); a.str("state") != "done" {
			t.Errorf("%s", a.Raw)
		}
		if a := w.want(http.StatusOK, "GET", "/v1/partners/doubts", nil); len(a.Body["parties"].([]any)) != 0 {
			t.Errorf("%s", a.Raw)
		}
		w.want(http.StatusConflict, "POST", at, say)
		a = w.want(http.StatusOK, "GET", "/v1/partners/choices", nil)
		said := a.Body["choices"].([]any)
		if len(said) != 1 || said[0].(map[string]any)["party"] != d["party"] || said[0].(map[string]any)["everywhere"] != everywhere {
			t.Errorf("%s", a.Raw)
		}
		w.want(http.StatusNotFound, "POST", "/v1/partners/choices/undo", object{"party": d["party"], "everywhere": !everywhere})
		if a := w.want(http.StatusOK, "POST", "/v1/partners/choices/undo", object{"party": d["party"], "everywhere": everywhere}); len(a.Body["choices"].([]any)) != 0 {
			t.Errorf("%s", a.Raw)
		}
	}
}

// By setting nobody says who it is; and a token for another kind sees nothing of it.
func TestPartnerQueueBounds(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	d := sale("1001", "100.00")
	buyer := object{"business_id": enginetest.BusinessID(77)}
	for k, v := range d["buyer"].(object) {
		if buyer[k] == nil {
			buyer[k] = v
		}
	}
	id := w.want(http.StatusAccepted, "POST", "/v1/documents", with(d, "buyer", buyer)).str("id")
	w.Settle()
	a := w.want(http.StatusOK, "GET", "/v1/partners/doubts", nil)
	if list := a.Body["parties"].([]any); len(list) != 1 || list[0].(map[string]any)["mend"] != true {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusConflict, "POST", "/v1/documents/"+id+"/partner", object{"new": true})
	list, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]store.PartnerChoice, error) { return tx.PartnerChoices(w.Company.ID, "") })
	if w.Must(err); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	w.token = limited(w, 21, people.TokenRights{Reads: true, Writes: true, Kinds: []hub.Kind{hub.PurchaseInvoice}})
	if a := w.want(http.StatusOK, "GET", "/v1/partners/doubts", nil); len(a.Body["parties"].([]any)) != 0 {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusNotFound, "POST", "/v1/documents/"+id+"/partner", object{"new": true})
	w.want(http.StatusForbidden, "GET", "/v1/partners/choices", nil)
}

// A program reads what it says otherwise of a customer than the card, says what
// holds, and reads that it was carried.
func TestPartnerChanges(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Partner.CustomerChanges = hub.ChangesShow }})
	d := sale("1001", "100.00")
	buyer := object{"email": "uusi@kuvitelma.example"}
	for k, v := range d["buyer"].(object) {
		if buyer[k] == nil {
			buyer[k] = v
		}
	}
	w.want(http.StatusAccepted, "POST", "/v1/documents", with(d, "buyer", buyer))
	w.Settle()
	list := func() (map[string]any, answer) {
		a := w.want(http.StatusOK, "GET", "/v1/partners/changes", nil)
		found := a.Body["partners"].([]any)
		if len(found) != 1 {
			t.Fatalf("%s", a.Raw)
		}
		return found[0].(map[string]any), a
	}
	c, a := list()
	change := c["changes"].([]any)[0].(map[string]any)
	if c["state"] != "held" || c["codes"].([]any)[0] != hub.PartnerChanged || change["field"] != "email" || change["card"] != "" || change["said"] != "uusi@kuvitelma.example" {
		t.Errorf("%s", a.Raw)
	}
	at, say := "/v1/partners/changes/answer", object{"id": c["id"], "version": c["version"], "answer": "carry"}
	for _, wrong := range []object{{}, {"id": c["id"], "version": c["version"]}, {"id": c["id"], "version": c["version"], "answer": "burn"}} {
		w.want(http.StatusUnprocessableEntity, "POST", at, wrong)
	}
	w.want(http.StatusNotFound, "POST", at, object{"id": "other", "version": c["version"], "answer": "carry"})
	w.want(http.StatusConflict, "POST", at, object{"id": c["id"], "version": "another", "answer": "carry"})
	whole := w.token
	w.token = limited(w, 22, people.TokenRights{Reads: true, Writes: true, Kinds: []hub.Kind{hub.PurchaseInvoice}})
	if a := w.want(http.StatusOK, "GET", "/v1/partners/changes", nil); len(a.Body["partners"].([]any)) != 0 {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusForbidden, "POST", at, say)
	w.token = whole
	w.want(http.StatusOK, "POST", at, say)
	w.Settle()
	if c, a := list(); c["state"] != "done" || c["carried"] == nil {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusConflict, "POST", at, say)
}
