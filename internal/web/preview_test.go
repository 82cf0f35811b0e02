package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/people"
)

// What a list would book is shown before anything is sent: sums per account and
// VAT status, the verdict on each document and its requests. A viewer may look.
func TestPreviewPage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	list := s.get("/documents?show=moving")
	if _, ok := list.First("#do-preview"); !ok {
		t.Error("the list has no button for it")
	}
	if len(list.All(`input[name="id"]`)) == 0 {
		t.Fatal("nothing can be ticked")
	}
	one, _ := list.All(`input[name="id"]`)[0].Attr("value")
	a := s.get("/documents/preview?" + url.Values{"id": {one}, "next": {"/documents?show=moving"}}.Encode())
	text := a.Text()
	for _, want := range []string{"Mitä kirjattaisiin", "Yksi valittu tosite.", "Mitään ei ole lähetetty", "Jokaisen tositteen tulos"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	if _, ok := a.First(`a[href="/documents?show=moving"]`); !ok {
		t.Error("no way back to the list")
	}
	all := s.get("/documents/preview?show=moving")
	if n := len(all.All("table.verdicts tbody tr")); n < 2 {
		t.Errorf("%d documents of the list", n)
	}
	for _, bad := range []string{"?next=https://example.com/documents", "?next=/tasks", "?kind=nothing"} {
		if a := s.get("/documents/preview" + bad); a.StatusCode != 400 {
			t.Errorf("%s: %d", bad, a.StatusCode)
		}
	}
}
