package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// What is chosen stays chosen through pages and searches, without any script, is
// added up to the cent, and goes to a spreadsheet as it is seen.
func TestChoiceSurvivesPaging(t *testing.T) {
	feature.Covers(t, "V-61", "V-49", "V-51")
	s := seeded(t)
	s.signIn(people.Finance)
	s.More(pageSize + 10)
	list := "/documents?show=done"
	first := s.get(list)
	var shown []string
	for _, box := range first.All(`input[name="shown"]`) {
		v, _ := box.Attr("value")
		shown = append(shown, v)
	}
	older, _ := first.First("#older")
	next, _ := older.Attr("value")
	a := s.post("/documents/choose", url.Values{"shown": shown, "id": shown[:2], "next": {list}, "go": {next}})
	if a.Header.Get("Location") != next {
		t.Fatalf("the next page is %s", a.Header.Get("Location"))
	}
	second := s.get(next)
	if c, _ := second.First("#chosen"); !strings.HasPrefix(c.Text(), "2 tositetta valittu") {
		t.Errorf("on the next page: %s", c.Text())
	}
	there, _ := second.All(`input[name="shown"]`)[0].Attr("value")
	s.post("/documents/choose", url.Values{"shown": {there}, "id": {there}, "next": {next}})
	s.post("/documents/choose", url.Values{"shown": shown[:2], "id": shown[:1], "next": {list}}) // one taken back
	back := s.get(list)
	if n := len(back.All(`input[name="id"][checked]`)); n != 1 {
		t.Errorf("%d boxes are ticked on the first page", n)
	}
	if c, _ := back.First("#chosen"); !strings.HasPrefix(c.Text(), "2 tositetta valittu") {
		t.Errorf("back on the first page: %s", c.Text())
	}
	s.post("/documents/choose", url.Values{"do": {"all"}, "next": {list}})
	if c, _ := s.get(list).First("#chosen"); !strings.HasPrefix(c.Text(), "63 tositetta valittu") {
		t.Errorf("everything found: %s", c.Text())
	}

	book := s.get("/documents/export?as=xlsx&show=done")
	f, err := excelize.OpenReader(bytes.NewReader([]byte(book.body)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Vienti")
	if err != nil || len(rows) != 64 || rows[0][2] != "Numero" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for cell, want := range map[string]excelize.CellType{"I2": excelize.CellTypeNumber, "G2": excelize.CellTypeNumber} {
		if typ, err := f.GetCellType("Vienti", cell); err != nil || typ != want && typ != excelize.CellTypeUnset {
			t.Errorf("%s is of type %v, %v", cell, typ, err)
		}
	}
	if csv := s.get("/documents/export?as=csv&show=done"); strings.Count(csv.body, "\n") != 64 || !strings.Contains(csv.body, ";Numero;") {
		t.Errorf("%.200s", csv.body)
	}
	s.post("/documents/choose", url.Values{"do": {"none"}, "next": {list}})
	if c, _ := s.get(list).First("#chosen"); !strings.HasPrefix(c.Text(), "0 tositetta valittu") {
		t.Errorf("nothing: %s", c.Text())
	}
}

// Who must act, what was not moved, and from any day on.
func TestListNarrowed(t *testing.T) {
	feature.Covers(t, "V-51")
	s := seeded(t)
	s.signIn(people.Finance)
	numbers := func(query string) string {
		var list []string
		for _, n := range s.get("/documents" + query).All("td.number a") {
			list = append(list, n.Text())
		}
		return strings.Join(list, " ")
	}
	held := s.Transfers[hub.Held].Number
	if got := numbers("?who=accountant"); !strings.Contains(got, held) || strings.Contains(got, s.Transfers[hub.Done].Number) {
		t.Errorf("of the accountant: %s", got)
	}
	if got := numbers("?unmoved=yes"); !strings.Contains(got, held) || strings.Contains(got, s.Transfers[hub.Done].Number) || strings.Contains(got, s.Transfers[hub.Skipped].Number) {
		t.Errorf("not moved: %s", got)
	}
	if numbers("?from=2027-01-01") != "" || numbers("?from=2027-01-01&any-start=yes") != numbers("") {
		t.Error("the start date is looked at")
	}
	if a := s.get("/documents?show=needs"); len(a.All(".mark")) == 0 {
		t.Error("nothing is marked")
	}
}

// One list goes over all companies, with sums over all; each row says whose it is, and
// one company is a filter.
func TestListOfAllCompanies(t *testing.T) {
	feature.Covers(t, "V-50")
	s := seeded(t)
	s.signIn(people.Finance)
	all := s.get("/documents")
	whose := map[string]int{}
	for _, c := range all.All("td.company") {
		for _, name := range []string{s.Sandbox.Name, s.Production.Name} {
			if strings.Contains(c.Text(), name) {
				whose[name]++
			}
		}
	}
	if len(whose) != 2 {
		t.Errorf("rows by company: %v", whose)
	}
	for _, c := range []hub.Company{s.Sandbox, s.Production} {
		if n := len(rows(s.get("/documents?company=" + c.ID))); n != whose[c.Name] || n == 0 {
			t.Errorf("%s alone: %d rows, %d in the list of all", c.Name, n, whose[c.Name])
		}
	}
	if a := s.get("/documents?q=" + s.Transfers[hub.Noticed].Number); !strings.Contains(a.Text(), s.Production.Name) {
		t.Error("a document of the other company is not found")
	}
}

// What no database can keep or look up, and places in the list that are made up, are
// refused or lead nowhere; nothing fails, and nothing is chosen by them.
func TestListOfBadInput(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	for path, want := range map[string]int{
		"/documents?q=%00":                           http.StatusBadRequest,
		"/documents?q=%ff":                           http.StatusBadRequest,
		"/documents?company=a%00b":                   http.StatusBadRequest,
		"/documents?after=%c3%28":                    http.StatusBadRequest,
		"/documents/%00":                             http.StatusBadRequest,
		"/documents?show=all%27":                     http.StatusBadRequest,
		"/documents?state=gone":                      http.StatusBadRequest,
		"/documents?from=31.2.2026":                  http.StatusBadRequest,
		"/documents?q=" + strings.Repeat("x", 5_000): http.StatusBadRequest,
		"/documents?after=nowhere":                   http.StatusOK,
		"/documents?after=9999-99-99%20zzz":          http.StatusOK,
		"/documents?after=%27%20or%201=1":            http.StatusOK,
		"/documents?q=%25_%27%22%5c":                 http.StatusOK,
		"/documents/export?as=exe":                   http.StatusBadRequest,
		"/documents/export?as=csv&q=%00":             http.StatusBadRequest,
	} {
		if a := s.get(path); a.StatusCode != want {
			t.Errorf("%.60s: %s, want %d", path, a.Status, want)
		}
	}
	for _, form := range []url.Values{
		{"shown": {"\x00"}, "id": {"\x00"}, "next": {"/documents"}},
		{"shown": {"\xff"}, "next": {"/documents"}},
	} {
		if a := s.post("/documents/choose", form); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", form, a.Status)
		}
	}
	s.post("/documents/choose", url.Values{"shown": {"made-up"}, "id": {"made-up"}, "next": {"/documents"}})
	if c, _ := s.get("/documents").First("#chosen"); !strings.HasPrefix(c.Text(), "0 tositetta valittu") {
		t.Errorf("something that there is not is chosen: %s", c.Text())
	}
	if a := s.post("/documents/choose", url.Values{"do": {"none"}, "next": {"https://elsewhere.example/"}}); strings.Contains(a.Header.Get("Location"), "elsewhere") {
		t.Errorf("leads to %s", a.Header.Get("Location"))
	}
}
