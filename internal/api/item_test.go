package api_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// A program says how its projects are called, reads which item each is in Procountor, and
// answers for one that somebody has renamed there.
func TestItems(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		s.Dimensions = map[string]string{hub.AxisProject: "Project"}
		s.Axes = map[string]hub.AxisSettings{hub.AxisProject: {Make: hub.MakeAll}}
	}})
	const at = "/v1/items"
	project := func(code, name string) object {
		return object{"axis": "project", "id": "id-" + code, "code": code, "name": name}
	}
	for _, wrong := range []any{object{}, object{"items": []any{}}, object{"items": []any{object{"axis": "project", "code": "P400"}}}, []any{project("P400", "Satama")}, object{"items": []any{object{"axis": "project", "id": "1", "code": "P400", "colour": "red"}}}} {
		w.want(http.StatusUnprocessableEntity, "POST", at, wrong)
	}
	a := w.want(http.StatusOK, "POST", at, object{"items": []any{project("P400", "Satama"), project("P401", "Kirjasto"), object{"axis": "colour", "id": "1", "code": "RED"}}})
	if a.Body["heard"] != 2.0 || a.Body["ignored"] != 1.0 {
		t.Errorf("%s", a.Raw)
	}
	w.Settle()
	first := w.want(http.StatusOK, "GET", at+"?axis=project&limit=1", nil)
	second := w.want(http.StatusOK, "GET", at+"?axis=project&limit=1&after="+url.QueryEscape(first.str("next")), nil)
	for code, a := range map[string]answer{"P400": first, "P401": second} {
		it := a.Body["items"].([]any)[0].(map[string]any)
		if it["code"] != code || it["id"] != "id-"+code || it["state"] != "done" || it["asked"] != nil || it["procountor"] == nil {
			t.Errorf("%s: %s", code, a.Raw)
		}
	}
	if second.Body["next"] != nil {
		t.Errorf("a third page: %s", second.Raw)
	}
	w.want(http.StatusUnprocessableEntity, "GET", at+"?after=nonsense", nil)
	if a := w.want(http.StatusOK, "GET", at+"?search=kirja", nil); len(a.Body["items"].([]any)) != 1 {
		t.Errorf("%s", a.Raw)
	}

	for _, d := range w.Sandbox.Dimensions(w.Company.ProcountorID) {
		for _, it := range d.Items {
			if it.CodeName == "P400 Satama" {
				it.CodeName = "P400 Harbour"
				w.Sandbox.EditItem(w.Company.ProcountorID, d.ID, it)
			}
		}
	}
	w.Clock.Add(16 * time.Minute)
	w.Settle()
	w.want(http.StatusOK, "POST", at, object{"items": []any{project("P400", "Länsisatama")}})
	w.Settle()
	find := func() (map[string]any, answer) {
		a := w.want(http.StatusOK, "GET", at+"?search=P400", nil)
		return a.Body["items"].([]any)[0].(map[string]any), a
	}
	it, a := find()
	asked, ok := it["asked"].(map[string]any)
	if !ok || it["state"] != "held" || it["codes"].([]any)[0] != hub.ItemChanged || asked["why"] != "edited" || asked["text"] != "P400 Länsisatama" {
		t.Fatalf("%s", a.Raw)
	}
	say := object{"id": asked["id"], "version": asked["version"], "answer": "carry"}
	w.want(http.StatusUnprocessableEntity, "POST", at+"/answer", object{"id": asked["id"], "version": asked["version"], "answer": "burn"})
	w.want(http.StatusNotFound, "POST", at+"/answer", object{"id": "other", "version": asked["version"], "answer": "carry"})
	w.want(http.StatusConflict, "POST", at+"/answer", object{"id": asked["id"], "version": "another", "answer": "carry"})
	whole := w.token
	w.token = limited(w, 23, people.TokenRights{Reads: true, Writes: true, Kinds: []hub.Kind{hub.SalesInvoice}})
	for _, x := range []struct{ method, path string }{{"GET", at}, {"POST", at}, {"POST", at + "/answer"}} {
		w.want(http.StatusForbidden, x.method, x.path, say)
	}
	w.token = whole
	w.want(http.StatusOK, "POST", at+"/answer", say)
	w.Settle()
	if it, a := find(); it["state"] != "done" || it["procountor"].(map[string]any)["text"] != "P400 Länsisatama" {
		t.Errorf("%s", a.Raw)
	}
	w.want(http.StatusConflict, "POST", at+"/answer", say)
}
