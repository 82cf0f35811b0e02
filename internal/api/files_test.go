package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor/procountortest"
)

// files of the one voucher with a number, as "name" or "name →" for the customer.
func (w *world) files(number string) (names []string, contents map[string]string) {
	w.T.Helper()
	contents = map[string]string{}
	v := w.Vouchers(number)
	if len(v) != 1 {
		w.T.Fatalf("%s: %d vouchers, %s", number, len(v), enginetest.Describe(w.Transfer(number)))
	}
	for _, a := range v[0].Attachments {
		b, _ := w.Sandbox.Attachment(w.Company.ProcountorID, a.ID)
		name := regexp.MustCompile(`-[a-z0-9]+-[0-9a-f]{8}`).ReplaceAllString(a.Name, "")
		if a.SendWithInvoice {
			name += " →"
		}
		names = append(names, name)
		contents[strings.TrimSuffix(name, " →")] = string(b)
	}
	return names, contents
}

var hours = object{"project": "Verkkokauppa", "date": "2026-03-02", "person": "Maija Meikäläinen", "type": "Suunnittelu", "quantity": 7.5, "price": 95}
var fixedHours = object{"project": "Remontti", "fixed_price": true, "date": "2026-03-02", "person": "Åke", "quantity": 40}
var fixedTravel = object{"project": "Remontti", "fixed_price": true, "date": "2026-03-03", "person": "Åke", "description": "Helsinki-Turku", "quantity": 332, "unit": "km", "price": 0.55}

// The breakdown of hours and travel goes when the customer wants it and something
// stands in it; it shows the source's number and never the customer's.
func TestBreakdownGoes(t *testing.T) {
	feature.Covers(t, "V-54", "V-56", "V-57", "V-58")
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	for number, tc := range map[string]struct {
		breakdown object
		party     bool
		want      bool
		says      []string
	}{
		"7001": {object{"wanted": true, "work": []any{hours}, "travel": []any{fixedTravel}}, false, true, []string{"7001", "Suunnittelu", "712,50", "182,60", "895,10", "Helsinki-Turku"}},
		"7002": {object{"work": []any{hours}}, true, true, []string{"7002", "712,50"}},
		"7003": {object{"work": []any{hours}}, false, false, nil},                     // nobody wants it
		"7004": {object{"wanted": true}, false, false, nil},                           // empty
		"7005": {object{"wanted": true, "work": []any{fixedHours}}, true, false, nil}, // a fixed price
		"7006": {object{"wanted": true, "work": []any{fixedHours}, "travel": []any{fixedTravel}}, true, true, []string{"Helsinki-Turku", "182,60"}},
	} {
		doc := with(sale(number, "10.00"), "breakdown", tc.breakdown)
		doc["buyer"].(object)["wants_breakdown"] = tc.party
		doc["buyer"].(object)["number"] = "1001"
		doc["language"] = "fi"
		w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
		w.Settle()
		names, contents := w.files(number)
		if want := "erittely-" + number + ".pdf →"; tc.want != (len(names) == 1 && names[0] == want) || !tc.want && len(names) != 0 {
			t.Errorf("%s: %q", number, names)
			continue
		}
		pdf := contents["erittely-"+number+".pdf"]
		for _, says := range tc.says {
			if !strings.Contains(pdf, says) {
				t.Errorf("%s does not say %q", number, says)
			}
		}
		if strings.Contains(pdf, "1001") || strings.Contains(pdf, "\xc5ke") && strings.Contains(pdf, "(40)") {
			t.Errorf("%s says the customer's number, or the hours of a fixed price", number)
		}
	}
	// A breakdown that does not add up holds the document.
	doc := with(sale("7007", "10.00"), "breakdown", object{"wanted": true, "work": []any{hours}, "net": 712.49})
	w.want(http.StatusAccepted, "POST", "/v1/documents", doc)
	w.Settle()
	if tr := w.Transfer("7007"); tr.State != hub.Held || tr.Faults[0].Code != hub.BreakdownSums {
		t.Error(enginetest.Describe(tr))
	}
	// Another answer, with what was sent and how sure it is that it arrived.
	id := w.want(http.StatusAccepted, "POST", "/v1/documents", with(sale("7008", "10.00"), "attachments", []any{file("a.txt", "first")})).str("id")
	w.Settle()
	shown := func(a answer) object { return a.Body["files"].([]any)[0].(object) }
	if got := shown(w.want(http.StatusOK, "GET", "/v1/documents/"+id, nil)); got["confirmed"] != "size" || got["size"].(float64) != 5 {
		t.Errorf("%v", got)
	}
	if got := shown(w.want(http.StatusOK, "POST", "/v1/documents/"+id+"/files/confirm", nil)); got["confirmed"] != "content" || got["differs"] != nil {
		t.Errorf("%v", got)
	}
}

// Automatic: everything goes when there are other files and the rows are groups;
// with credit notes nothing goes where the settings say so.
func TestFilesBySetting(t *testing.T) {
	feature.Covers(t, "S-33", "V-59")
	image := object{"name": "lasku.pdf", "content": file("x", contentFor("lasku.pdf"))["content"], "image": true, "for_customer": true}
	more := object{"name": "liite.pdf", "content": file("x", contentFor("liite.pdf"))["content"], "for_customer": true}
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		ks := s.Kinds[hub.SalesInvoice]
		ks.Files = hub.FileSettings{Goes: hub.FilesGrouped, CreditNotes: hub.CreditsBare}
		s.Kinds[hub.SalesInvoice] = ks
	}, Sandbox: procountortest.Options{}})
	grouped := func() object { return object{"grouped": true, "work": []any{hours}} }
	credit := with(sale("7105", "10.00"), "credits", []any{object{"number": "7101", "date": "2026-03-10"}})
	credit["credit_note"] = true
	credit["lines"].([]any)[0].(object)["quantity"] = -1
	for _, tc := range []struct {
		doc  object
		want string
	}{
		{with(with(sale("7101", "10.00"), "attachments", []any{image, more}), "breakdown", grouped()), "lasku.pdf liite.pdf →"},
		{with(with(sale("7102", "10.00"), "attachments", []any{image}), "breakdown", grouped()), ""},
		{with(sale("7103", "10.00"), "attachments", []any{image, more}), ""},
		{with(with(credit, "attachments", []any{image, more}), "breakdown", with(grouped(), "wanted", true)), ""},
	} {
		w.want(http.StatusAccepted, "POST", "/v1/documents", tc.doc)
		w.Settle()
		names, _ := w.files(tc.doc["number"].(string))
		if got := strings.Join(names, " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.doc["number"], got, tc.want)
		}
	}
}

// What comes wrong is held before anything is written, with its place and remedy.
func TestBadFiles(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	many := []any{}
	for i := range 101 {
		many = append(many, file(strings.Repeat("n", 1+i)+".txt", "x"))
	}
	for number, tc := range map[string]struct {
		files []any
		code  string
		path  string
	}{
		"7201": {[]any{file("ok.txt", "x"), file("none.pdf", "this is no PDF")}, hub.AttachmentType, "attachments[1]"},
		"7202": {[]any{file("page.pdf", "<!DOCTYPE html><html><body></body></html>")}, hub.AttachmentType, "attachments[0]"},
		"7203": {[]any{file("empty.pdf", "")}, hub.AttachmentEmpty, "attachments[0]"},
		"7204": {[]any{file("run.exe", "MZ"+strings.Repeat("\x00", 200))}, hub.AttachmentSuspect, "attachments[0]"},
		"7205": {many, hub.FieldInvalid, "attachments"},
		"7206": {[]any{file("cut.pdf", "%PDF-1.4 and no end")}, hub.AttachmentBroken, "attachments[0]"},
		"7207": {[]any{file("../../x/same.txt", "1"), file(`c:\same.txt`, "2"), file("same.txt", "3"), file("odd.xyz", "4")}, "", ""},
	} {
		rc := w.want(http.StatusAccepted, "POST", "/v1/documents", with(sale(number, "10.00"), "attachments", tc.files))
		w.Settle()
		if tc.code == "" {
			if names, _ := w.files(number); strings.Join(names, " ") != "same.txt same.txt same.txt odd.xyz" {
				t.Errorf("%s: %q", number, names)
			}
			continue
		}
		got := w.want(http.StatusOK, "GET", "/v1/documents/"+rc.str("id"), nil)
		fault := got.Body["faults"].([]any)[0].(object)
		if fault["code"] != tc.code || fault["path"] != tc.path || fault["remedy"] == "" || len(w.Vouchers(number)) != 0 {
			t.Errorf("%s: %v, %d vouchers", number, fault, len(w.Vouchers(number)))
		}
	}
}
