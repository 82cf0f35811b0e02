package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// marchRun is a run of March with a correction of February, both of distinct amounts.
func marchRun(wages string) *hub.Document {
	row := func(account, amount, centre string) hub.JournalRow {
		r := hub.JournalRow{Account: account, Amount: money.Must(amount), Text: "Salla Palkansaaja"}
		if centre != "" {
			r.Dimensions = []hub.Dimension{{Axis: hub.CostCentreAxis, Code: centre}}
		}
		return r
	}
	d := &hub.Document{Kind: hub.PayrollJournal, Number: "Maaliskuu 2026", Date: civil.Must("2026-03-15"), Currency: "EUR", Lines: []hub.Line{}, Journals: []hub.RunJournal{
		{Date: civil.Must("2026-03-15"), Rows: []hub.JournalRow{row("5000", wages, ""), row("2960", "-"+wages, "")}},
		{Date: civil.Must("2026-02-28"), Rows: []hub.JournalRow{row("5000", "2345.67", ""), row("2960", "-2345.67", "")}},
	}}
	d.SourceID = hub.RunID(d.Ordinary(), d.Number)
	return d
}

// payrollAmounts are those of a run of 4321.09 that was run again with 5432.18.
var payrollAmounts = []*regexp.Regexp{amountText("4", "321", "09"), amountText("5", "432", "18"), amountText("1", "111", "09"), amountText("2", "345", "67"),
	amountText("6", "666", "76"), amountText("7", "777", "85"), regexp.MustCompile("Palkansaaja")}

// amountText is an amount as people or programs write it.
func amountText(thousands, rest, cents string) *regexp.Regexp {
	return regexp.MustCompile(thousands + `[^0-9<>"]{0,8}` + rest + `[.,]` + cents)
}

// payrollSite is a company with a run that is in Procountor and has been run again since.
func payrollSite(t *testing.T) (*site, *enginetest.World) {
	t.Helper()
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays("", hub.ArriveApproved)})
	s := serve(t, w.Store, w.Engine)
	s.World = &webtest.World{Store: w.Store}
	for _, u := range []people.User{
		{Login: "talous", Role: people.Finance}, {Login: "tarkastaja", Role: people.Auditor}, {Login: "hoitaja", Role: people.Admin},
		{Login: "palkat", Name: "Paula Palkka", Role: people.Finance, Payroll: true},
	} {
		s.add(u)
	}
	return s, w
}

// Every page × people without the payroll right, over a run that was sent and has changed
// since: no amount of it and no word of its rows, on any address. A new page is walked by
// itself. Who has the right finds them where they belong.
func TestPayrollIsHidden(t *testing.T) {
	s, w := payrollSite(t)
	w.Receive(marchRun("4321.09"))
	w.Settle()
	run := runPath(w.Connection.ID, marchRun("1").SourceID)
	send := payrollPath(w.Connection.ID) + "/send"
	form := url.Values{"run": {marchRun("1").SourceID}}

	// Who does not see sums lets none go, by whatever door.
	s.signInAs("talous")
	if a := s.get(run); a.StatusCode != http.StatusOK || len(a.All("#send")) != 0 {
		t.Errorf("%s, offered: %d", a.Status, len(a.All("#send")))
	}
	if a := s.post(send, form); a.StatusCode != http.StatusForbidden {
		t.Errorf("sent: %s", a.Status)
	}
	for _, x := range w.Transfers() {
		if a := s.post("/documents/"+x.ID+"/"+string(engine.SendNow), nil); a.StatusCode != http.StatusForbidden {
			t.Errorf("sent alone: %s", a.Status)
		}
		s.post("/documents/send", url.Values{"id": {x.ID}})
	}
	w.Settle()
	for _, x := range w.Transfers() {
		if x.State != hub.Held {
			t.Errorf("went without the right: %s", enginetest.Describe(x))
		}
	}
	s.signInAs("palkat")
	confirm := s.get(run + "&confirm=yes")
	for _, want := range []string{"2 muistiotositetta", "6 666,76"} {
		if text := strings.ReplaceAll(confirm.Text(), "\u00a0", " "); !strings.Contains(text, want) {
			t.Errorf("the question does not say %q:\n%s", want, text)
		}
	}
	if a := s.post(send, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("send: %s\n%s", a.Status, a.Text())
	}
	w.Settle()
	w.Receive(marchRun("5432.18"))
	w.Settle()

	for _, login := range []string{"talous", "tarkastaja", "hoitaja"} {
		s.signInAs(login)
		pages := s.walk(w)
		for path, body := range pages {
			for _, amount := range payrollAmounts {
				if hit := amount.FindString(body); hit != "" {
					t.Errorf("%s sees %q at %s", login, hit, path)
				}
			}
		}
		if body := pages[run]; !strings.Contains(body, "Maaliskuu 2026") || !strings.Contains(body, "Muuttunut lähetyksen jälkeen") {
			t.Errorf("%s does not see that the run is there:\n%.2000s", login, body)
		}
		for _, search := range []string{"4321,09", "4321.09", "Palkansaaja"} {
			if a := s.get("/documents?q=" + url.QueryEscape(search)); len(a.All("table.list tbody tr")) != 0 {
				t.Errorf("%s finds payroll by %q", login, search)
			}
		}
	}
	for _, a := range []string{"leave", "difference_journal", "reverse_anew"} {
		s.signInAs("talous")
		if got := s.post(payrollPath(w.Connection.ID)+"/decide", url.Values{"run": form["run"], "do": {a}, "why": {"x"}}); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s by finance: %s", a, got.Status)
		}
	}
	for _, amount := range payrollAmounts {
		if hit := amount.FindString(s.log.String()); hit != "" {
			t.Errorf("the log says %q", hit)
		}
	}

	s.signInAs("palkat")
	pages := s.walk(w)
	body := pages[run]
	for i, amount := range payrollAmounts[:3] { // booked, now, difference
		if !amount.MatchString(body) {
			t.Errorf("the page of the run does not show amount %d:\n%s", i, body)
		}
	}
	if !payrollAmounts[5].MatchString(pages[payrollPath(w.Connection.ID)]) {
		t.Error("the list of runs does not show the sum")
	}
	if !payrollAmounts[0].MatchString(pages[payrollPath(w.Connection.ID)+"/file?as=json&run="+url.QueryEscape(marchRun("1").SourceID)]) {
		t.Error("the file does not have what was sent")
	}
}

// walk gets every address for everything there is.
func (s *site) walk(w *enginetest.World) map[string]string {
	s.t.Helper()
	ids := map[string][]string{"/documents/": nil, "/connections/": {w.Connection.ID}, "/companies/": {w.Company.ID}}
	steps := map[string][]string{}
	if err := w.Store.Read(s.t.Context(), func(tx *store.Tx) error {
		for _, x := range w.Transfers() {
			ids["/documents/"] = append(ids["/documents/"], x.ID)
			list, err := tx.Steps(x.ID, 0)
			if err != nil {
				return err
			}
			for _, step := range list {
				steps[x.ID] = append(steps[x.ID], step.ID)
			}
		}
		sendings, err := tx.Sendings(10)
		for _, x := range sendings {
			ids["/sendings/"] = append(ids["/sendings/"], x.ID)
		}
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	pages := map[string]string{}
	get := func(path string) { pages[path] = s.get(path).body }
	for _, rt := range routes {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if method != "GET" {
			continue
		}
		path = strings.NewReplacer("/{$}", "/", "{file}", "1", "{hash}", "none", "{which}", "request").Replace(path)
		thing, _, _ := strings.Cut(path[1:], "/")
		prefix := "/" + thing + "/"
		for _, id := range append([]string{"none"}, ids[prefix]...) {
			at := strings.Replace(path, "{id}", id, 1)
			if !strings.Contains(at, "{step}") {
				get(at)
				continue
			}
			for _, step := range steps[id] {
				for _, which := range []string{"request", "answer"} {
					get(strings.NewReplacer("{step}", step, "/request", "/"+which).Replace(at))
				}
			}
		}
	}
	run := "run=" + url.QueryEscape(marchRun("1").SourceID)
	get(payrollPath(w.Connection.ID) + "/run?" + run)
	for _, as := range runFormats {
		get(payrollPath(w.Connection.ID) + "/file?as=" + as + "&" + run)
	}
	for _, id := range ids["/documents/"] {
		get("/documents/preview?id=" + id)
	}
	get("/documents/export?as=csv")
	get("/documents?show=all&any-start=yes")
	return pages
}

// handIn sends a file to the page of runs.
func (s *site) handIn(path, name, content string, fields ...string) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1])
	}
	if content != "" {
		f, err := m.CreateFormFile("file", name)
		if err != nil {
			s.t.Fatal(err)
		}
		_, _ = f.Write([]byte(content))
	}
	_ = m.Close()
	req, err := http.NewRequest("POST", s.url+path, &b)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", m.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

// A file is shown before it is taken, under a reference that may be corrected; the same
// again is refused with a link to the first, and a file of another company names it.
// Nothing is stored of what is refused.
func TestPayrollFileIsShownFirst(t *testing.T) {
	feature.Covers(t, "N-4")
	s, w := payrollSite(t)
	path := payrollPath(w.Connection.ID)
	sie := func(own string) string {
		return "#FLAGGA 0\r\n#FORMAT PC8\r\n#SIETYP 4\r\n#PROGRAM \"Loner\" 1\r\n#GEN 20260315\r\n#ORGNR " + own + "\r\n#FNAMN \"Testi\"\r\n#RAR 0 20260101 20261231\r\n" +
			"#KONTO 5000 \"Palkat\"\r\n#KONTO 2960 \"Velka\"\r\n#VER L 7 20260315 \"Maaliskuu\"\r\n{\r\n#TRANS 5000 {} 4321.09\r\n#TRANS 2960 {} -4321.09\r\n}\r\n"
	}
	s.signInAs("talous")
	if a := s.handIn(path, "palkat.se", sie(w.Company.BusinessID)); a.StatusCode != http.StatusForbidden {
		t.Errorf("without the right: %s", a.Status)
	}
	s.signInAs("palkat")
	a := s.handIn(path, "palkat.se", sie("1987654-5"))
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "1987654-5") || !strings.Contains(a.Text(), "Mitään siitä ei tallennettu") {
		t.Errorf("another company's file: %s\n%s", a.Status, a.Text())
	}
	a = s.handIn(path, "palkat.se", sie(w.Company.BusinessID))
	if a.StatusCode != http.StatusOK || !payrollAmounts[0].MatchString(a.body) {
		t.Fatalf("%s\n%s", a.Status, a.Text())
	}
	if n := len(w.Transfers()); n != 0 {
		t.Errorf("%d documents were stored by looking", n)
	}
	inputs := a.All("input[name=content]")
	if len(inputs) != 1 {
		t.Fatal(a.Text())
	}
	content := regexp.MustCompile(`name="content" value="([^"]*)"`).FindStringSubmatch(a.body)[1]
	a = s.handIn(path, "", "", "name", "palkat.se", "content", content, "reference", "Maaliskuun ajo", "do", "take")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("take: %s\n%s", a.Status, a.Text())
	}
	taken := a.Header.Get("Location")
	w.Settle()
	if a := s.get(taken); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "Maaliskuun ajo") || !strings.Contains(a.Text(), "Lähetettävä") {
		t.Errorf("%s: %s\n%s", taken, a.Status, a.Text())
	}
	a = s.handIn(path, "", "", "name", "palkat.se", "content", content, "reference", "Maaliskuun ajo", "do", "take")
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, strings.ReplaceAll(taken, "&", "&amp;")) {
		t.Errorf("the same again: %s\n%s", a.Status, a.body)
	}
	// Sent, it says so, offers no second sending, and has its files.
	if a := s.post(path+"/send", url.Values{"run": {hub.RunID("2026-03", "Maaliskuun ajo")}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("send: %s", a.Status)
	}
	w.Settle()
	a = s.get(taken)
	if badge := a.All(".standing .badge.good"); len(badge) != 1 || !strings.Contains(a.Text(), "Paula Palkka") || len(a.All("#send")) != 0 {
		t.Errorf("a run that was sent: %s", a.Text())
	}
	if a := s.get(path); len(a.All("tr.sent .sent-mark")) != 1 {
		t.Errorf("the list does not mark it as sent: %s", a.Text())
	}
	for as, begins := range map[string]string{"pdf": "%PDF", "sie": "#FLAGGA 0", "json": "{"} {
		a := s.get(path + "/file?as=" + as + "&" + taken[strings.Index(taken, "run="):])
		if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.body, begins) || !strings.Contains(a.Header.Get("Content-Disposition"), "Maaliskuun%20ajo") {
			t.Errorf("%s: %s %.80q", as, a.Status, a.body)
		}
	}
}
