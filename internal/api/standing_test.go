package api_test

import (
	"net/http"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
)

// bought sets when purchase invoices go and what they are until the last approval.
func bought(when hub.When, early hub.Early) func(*hub.Settings) {
	return func(s *hub.Settings) {
		k := s.Kinds[hub.PurchaseInvoice]
		k.Arrival, k.When, k.Early = hub.ArriveApproved, when, early
		s.Kinds[hub.PurchaseInvoice] = k
	}
}

func approvals(list ...object) object {
	all := []any{}
	for _, a := range list {
		all = append(all, a)
	}
	return object{"approvals": all}
}

var (
	anna = object{"by": "Anna Aalto", "at": "2026-03-16T09:00:00+02:00", "step": 1}
	bo   = object{"by": "Bo Berg", "at": "2026-03-17T15:30:00+02:00", "step": 2, "last": true}
	no   = object{"by": "Cia Ceder", "at": "2026-03-17T16:00:00+02:00", "decision": "rejected", "note": "not ours"}
)

func (w *world) statusOf(number string) string {
	w.T.Helper()
	v := w.Vouchers(number)
	if len(v) == 0 {
		return ""
	}
	return v[0].Status
}

// Approving a purchase invoice at the source lets it go; of several approvals the
// first one does, and only the last one approves it in Procountor.
func TestPurchaseGoesAtItsApprovals(t *testing.T) {
	feature.Covers(t, "E-31", "E-35", "E-37")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: bought(hub.AtFirstApproval, hub.EarlyVerified)})
	w.Sandbox.SetCirculation(w.Company.ProcountorID, true)
	doc := purchase("P1", "Olematon Tukku Oy", "4567890-7")
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", with(doc, "standing", approvals()))
	id := a.str("id")
	w.Settle()
	if a = w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil); a.str("state") != "waiting" || w.statusOf("P1") != "" {
		t.Fatalf("before any approval: %s\n%s", w.statusOf("P1"), a.Raw)
	}
	a = w.want(http.StatusAccepted, "POST", "/v1/documents", with(doc, "standing", approvals(anna)))
	if a.str("result") != "changed" {
		t.Errorf("%s", a.Raw)
	}
	w.Settle()
	if a = w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil); a.str("state") != "waiting" || w.statusOf("P1") != "VERIFIED" {
		t.Fatalf("after the first: %s\n%s", w.statusOf("P1"), a.Raw)
	}
	// Days later, without the document.
	w.want(http.StatusAccepted, "POST", "/v1/documents/"+id+"/standing", approvals(anna, bo))
	w.want(http.StatusOK, "POST", "/v1/documents/"+id+"/standing", approvals(anna, bo)) // said already
	w.Settle()
	if a = w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil); a.str("state") != "done" || w.statusOf("P1") != "APPROVED" {
		t.Errorf("after the last: %s\n%s", w.statusOf("P1"), a.Raw)
	}
	if n := len(w.Vouchers("P1")); n != 1 {
		t.Errorf("%d vouchers", n)
	}
	// A single approval that completes the round is both.
	w.want(http.StatusAccepted, "POST", "/v1/documents", with(purchase("P2", "Olematon Tukku Oy", "4567890-7"), "standing", approvals(bo)))
	w.Settle()
	if got := w.statusOf("P2"); got != "APPROVED" {
		t.Errorf("at its only approval: %q", got)
	}
}

// A sale goes once the source has sent it to the customer.
func TestSaleGoesOnceItIsSent(t *testing.T) {
	feature.Covers(t, "E-49")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		k := s.Kinds[hub.SalesInvoice]
		k.When = hub.OnceSent
		s.Kinds[hub.SalesInvoice] = k
	}})
	doc := sale("9501", "100.00")
	id := w.want(http.StatusAccepted, "POST", "/v1/documents", doc).str("id")
	w.Settle()
	if got := w.statusOf("9501"); got != "" {
		t.Fatalf("before it was sent: %q", got)
	}
	w.want(http.StatusAccepted, "POST", "/v1/documents/"+id+"/standing", object{"sent": true})
	w.Settle()
	if a := w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil); a.str("state") != "done" || w.statusOf("9501") != "UNFINISHED" {
		t.Errorf("once sent: %q\n%s", w.statusOf("9501"), a.Raw)
	}
}

// validate says where a document would come to stand by what is said of it; what
// is wrong in a standing is told and moves nothing; send-now lets go what waits.
func TestStandingIsValidated(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: bought(hub.AtFirstApproval, "")})
	w.Step(t.Context())
	doc := purchase("P1", "Olematon Tukku Oy", "4567890-7")
	for want, standing := range map[string]any{"waiting": approvals(), "ready": approvals(anna), "skipped": approvals(anna, no)} {
		a := w.want(http.StatusOK, "POST", "/v1/documents/validate", with(doc, "standing", standing))
		if a.str("state") != want {
			t.Errorf("%v: %s", standing, a.Raw)
		}
	}
	bad := approvals(object{"by": "Anna Aalto", "at": "yesterday"})
	a := w.want(http.StatusAccepted, "POST", "/v1/documents", with(doc, "standing", bad))
	if a.str("state") != "held" {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusUnprocessableEntity, "POST", "/v1/documents/"+a.str("id")+"/standing", bad)
	w.want(http.StatusNotFound, "POST", "/v1/documents/none/standing", approvals())
	id := w.want(http.StatusAccepted, "POST", "/v1/documents", purchase("P1", "Olematon Tukku Oy", "4567890-7")).str("id")
	w.Settle()
	w.want(http.StatusOK, "POST", "/v1/documents/"+id+"/send-now", nil)
	w.Settle()
	if got := w.statusOf("P1"); got != "UNFINISHED" {
		t.Errorf("told to go: %q", got)
	}
	w.want(http.StatusConflict, "POST", "/v1/documents/"+id+"/send-now", nil)
}
