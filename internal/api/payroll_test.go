package api_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

func payrollRun(wages string) object {
	rows := func(a string) []object {
		return []object{{"account": "5000", "amount": a, "dimensions": []object{}}, {"account": "2960", "amount": "-" + a, "text": "Salla Palkansaaja"}}
	}
	return object{"reference": "March 2026", "currency": "EUR", "journals": []object{
		{"date": "2026-03-15", "rows": rows(wages)}, {"date": "2026-02-28", "rows": rows("2345.67")}}}
}

// A run is pushed, shown and sent; the same again changes nothing. Its amounts are there
// for a token that was made to see payroll and for no other, on any address.
func TestPayrollRuns(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: enginetest.Pays("", hub.ArriveApproved)})
	plain := w.token
	payroll := limited(w, 31, people.TokenRights{Reads: true, Writes: true, Payroll: true})
	a := w.want(http.StatusAccepted, "POST", "/v1/payroll/runs", payrollRun("4321.09"))
	if a.str("result") != "new" {
		t.Errorf("%s", a.Raw)
	}
	if a := w.want(http.StatusOK, "POST", "/v1/payroll/runs", payrollRun("4321.09")); a.str("result") != "unchanged" {
		t.Errorf("%s", a.Raw)
	}
	w.Settle()
	id := "/v1/payroll/runs/" + url.PathEscape("payroll/2026-03/March 2026")
	if a := w.want(http.StatusForbidden, "POST", id+"/send", nil); !strings.Contains(a.str("detail"), "--payroll") {
		t.Errorf("%s", a.Raw)
	}
	w.token = payroll
	if a := w.want(http.StatusOK, "POST", id+"/send", nil); a.Body["sent"] != 2.0 {
		t.Errorf("%s", a.Raw)
	}
	w.Settle()
	run := w.want(http.StatusOK, "GET", id, nil)
	if run.str("debit") != "6666.76" || !strings.Contains(string(run.Raw), "4321.09") {
		t.Errorf("%s", run.Raw)
	}
	documents := []string{}
	for _, j := range run.Body["journals"].([]any) {
		j := j.(map[string]any)
		if j["state"] != "done" {
			t.Errorf("%v", j)
		}
		documents = append(documents, j["id"].(string))
	}
	w.want(http.StatusConflict, "POST", id+"/send", nil)

	w.token = plain
	secrets := regexp.MustCompile(`4321[.,]09|2345[.,]67|6666[.,]76|Palkansaaja`)
	paths := []string{"/v1/payroll/runs", id, "/v1/documents", "/v1/preview", "/v1/changes", "/v1/status"}
	for _, d := range documents {
		paths = append(paths, "/v1/documents/"+d)
	}
	for _, path := range paths {
		a := w.want(http.StatusOK, "GET", path, nil)
		if hit := secrets.Find(a.Raw); hit != nil {
			t.Errorf("%s shows %q", path, hit)
		}
	}
	w.want(http.StatusForbidden, "POST", "/v1/documents/"+documents[0]+"/leave", object{"person": "x", "reason": "y"})

	bad := payrollRun("1.005")
	if a := w.want(http.StatusUnprocessableEntity, "POST", "/v1/payroll/runs", bad); !strings.Contains(string(a.Raw), "journals[0].rows[0].amount") {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusNotFound, "GET", "/v1/payroll/runs/none", nil)
}
