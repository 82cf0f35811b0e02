package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// addFile uploads a file to a document's page.
func (s *site) addFile(path, name, content string, fields url.Values) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := m.WriteField(k, v[0]); err != nil {
			s.t.Fatal(err)
		}
	}
	if name != "" {
		w, err := m.CreateFormFile("file", name)
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", s.url+path, &b)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(req)
}

func (a answer) file(name string) (row string) {
	for _, r := range a.All("table.file-levels tbody tr") {
		if strings.Contains(r.Text(), name) {
			return r.Text()
		}
	}
	return ""
}

// On its page a person lets the breakdown of a document go, looks at it before,
// and adds a PDF; what has been written can no longer be chosen.
func TestFilesOnThePage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	page := "/documents/" + s.Transfers[hub.Ready].ID
	a := s.get(page)
	if !strings.Contains(a.Text(), "Tuntien ja matkojen erittely") || a.file("erittely-1002") != "" || !strings.Contains(a.file("erittely 1002-1-"), "ei vielä lähetetty") {
		t.Fatalf("%s", a.Text())
	}
	if pdf := s.get(page + "/breakdown"); pdf.StatusCode != http.StatusOK || pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.body, "%PDF-") ||
		!strings.HasPrefix(pdf.Header.Get("Content-Disposition"), "inline") {
		t.Errorf("%s %s", pdf.Status, pdf.Header)
	}
	// It goes because a person says so.
	if a := s.post(page+"/files", url.Values{"breakdown": {"yes"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	if a := s.get(page); !strings.Contains(a.file("erittely-1002-0-"), "menee asiakkaalle") || !strings.Contains(a.Text(), "Valinta on tallennettu") {
		t.Errorf("%s", a.Text())
	}
	// And a PDF of one's own, for the customer, and one that stays.
	for _, f := range []struct{ name, to string }{{"liite.pdf", "yes"}, {`C:\sopimukset\sopimus.pdf`, ""}} {
		if a := s.addFile(page+"/files", f.name, "%PDF-1.4\n% "+f.name+"\n%%EOF\n", url.Values{"customer": {f.to}}); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s %s", a.Status, a.Text())
		}
	}
	a = s.get(page)
	if !strings.Contains(a.file("liite-a1-"), "menee asiakkaalle") || !strings.Contains(a.file("sopimus-a2-"), "jää sisäiseksi") || strings.Contains(a.Text(), "sopimukset") {
		t.Errorf("%s", a.Text())
	}
	hash := hub.HashOf([]byte("%PDF-1.4\n% liite.pdf\n%%EOF\n"))
	if a := s.get(page + "/files/" + hash); a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s", a.Status)
	}
	if a := s.post(page+"/files", url.Values{"remove": {hash}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s", a.Status)
	}
	// A web page named PDF is held against its name, with a remedy.
	s.addFile(page+"/files", "sivu.pdf", "<!DOCTYPE html><html></html>", url.Values{"customer": {"yes"}})
	if a := s.get(page); a.file("liite-a1-") != "" || !strings.Contains(a.Text(), "sivu.pdf") {
		t.Errorf("%s", a.Text())
	}
	for name, want := range map[string]string{"": "Tiedostoa ei valittu", "tyhja.pdf": "Tiedosto on tyhjä"} {
		s.addFile(page+"/files", name, "", nil)
		if a := s.get(page); !strings.Contains(a.Text(), want) {
			t.Errorf("%q: no %q", name, want)
		}
	}
	// What is written is not chosen any more.
	done := "/documents/" + s.Transfers[hub.Done].ID
	if a := s.get(done); strings.Contains(a.Text(), "Valitse tälle tositteelle toisin") {
		t.Error("a form for what is done")
	}
	s.post(done+"/files", url.Values{"breakdown": {"no"}})
	if a := s.get(done); !strings.Contains(a.Text(), "ei voi enää valita") {
		t.Errorf("%.500s", a.Text())
	}
	// Who only reads sees the files and no form.
	s.signIn(people.Viewer)
	if a := s.get(page); !strings.Contains(a.file("sopimus-a1-"), "jää sisäiseksi") || strings.Contains(a.Text(), "Valitse tälle tositteelle toisin") {
		t.Errorf("%s", a.Text())
	}
	if a := s.post(page+"/files", url.Values{"breakdown": {"no"}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("a reader chose: %s", a.Status)
	}
}

// The choices of the vendors are all there, each in words, for each kind; and who
// gets files meant for the customer.
func TestFileSettings(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Connections[0].ID
	path := "/connections/" + id + "/settings"
	for _, c := range []struct {
		goes  hub.FilesGo
		words string
	}{ // all of them comes last: it is what nothing chosen means
		{hub.FilesOnly, "kaikki paitsi laskun kuva"},
		{hub.FilesImage, "vain laskun kuva"},
		{hub.FilesGrouped, "automaattinen: kaikki, jos muita tiedostoja on ja rivit ovat tuntien ryhmiä"},
		{hub.FilesNone, "ei mitään"},
		{hub.FilesAll, "laskun kuva ja kaikki muut tiedostot"},
	} {
		goes, words := c.goes, c.words
		form := formOf(s.get(path), ".settings-form")
		form.Set("kinds.sales_invoice.files.goes", string(goes))
		form.Set("kinds.sales_invoice.files.breakdown", "wanted")
		form.Set("attachments_to_customer", "yes")
		if a := s.post(path, form); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s %s", goes, a.Status, a.Text())
		}
		now := s.connection(id).Settings
		if now.Kinds[hub.SalesInvoice].Files.Goes != goes || !now.AttachmentsToCustomer {
			t.Errorf("%s: %+v", goes, now.Kinds[hub.SalesInvoice].Files)
		}
		if a := s.get("/connections/" + id); !strings.Contains(a.Text(), words) {
			t.Errorf("%s: the page does not say %q", goes, words)
		}
	}
	form := formOf(s.get(path), ".settings-form")
	form.Set("files.sample_percent", "101")
	if a := s.post(path, form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "0 to 100") {
		t.Errorf("%s", a.Status)
	}
}
