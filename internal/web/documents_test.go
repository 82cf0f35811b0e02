package web

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

var time2026 = civil.Must("2026-01-01")

// rows returns the numbers on a list page.
func rows(a answer) (numbers []string) {
	for _, r := range a.All("table.list tbody tr") {
		n, _ := r.First("td.number a")
		numbers = append(numbers, n.Text())
	}
	return numbers
}

func TestListFilters(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	done := s.Transfers[hub.Done]
	number := func(st hub.State) string { return s.Transfers[st].Number }
	for query, want := range map[string][]string{
		"show=needs":                       {webtest.Text, "Uusi Asiakas Ky", number(hub.Refused), number(hub.Held), number(hub.DoneWithWarning)},
		"show=needs&code=offset-by-hand":   {number(hub.DoneWithWarning)},
		"show=needs&code=text-cut":         {}, // told, and nobody's turn
		"state=unclear":                    {number(hub.Unclear)},
		"state=refused&show=done":          {number(hub.Refused)}, // a state beats a tab
		"company=lumikki":                  {number(hub.Noticed)},
		"connection=lumikki-files":         {number(hub.Noticed)},
		"kind=purchase_invoice&show=needs": {},
		"q=" + done.Number:                 {done.Number},
		"q=20017":                          {number(hub.DoneWithWarning), number(hub.Done), number(hub.Linked)}, // Procountor's number
		"q=123456789012&show=done":         {number(hub.DoneWithWarning), number(hub.Done), number(hub.Linked)},
		"q=" + url.QueryEscape(strings.ReplaceAll(done.Gross, ".", ",")): {done.Number}, // a sum as people write it
		"q=salmi+ky&state=waiting":                                       {},
		"from=2026-03-02&to=2026-03-02":                                  {webtest.Text, "1002"},
		"code=period-closed":                                             {number(hub.Held)},
		"q=%25":                                                          {},
	} {
		a := s.get("/documents?" + query)
		if a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", query, a.Status)
			continue
		}
		// Documents of one moment have no order among themselves.
		got := rows(a)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// A list says where each document stands, in words, and why.
func TestListWords(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	a := s.get("/documents?show=needs")
	for _, r := range a.All("table.list tbody tr") {
		n, _ := r.First("td.number a")
		state, _ := r.First("td.state")
		switch n.Text() {
		case s.Transfers[hub.Held].Number:
			if got := state.Text(); got != "! Vaatii toimia Pysäytetty Kausi on suljettu Procountorissa" {
				t.Errorf("held: %s", got)
			}
		case s.Transfers[hub.Refused].Number:
			if got := state.Text(); got != "! Vaatii toimia Hylätty Verkkolaskuoperaattori on väärin" {
				t.Errorf("refused: %s", got)
			}
		}
	}
	needs, _ := a.First("#needs")
	if needs.Text() != "5" {
		t.Errorf("the menu counts %q", needs.Text())
	}
	// The sums are those of the rows shown.
	a = s.get("/documents?q=1004")
	sum, _ := a.First("dl.totals dd")
	cell, _ := a.First("td.sum")
	if sum.Text() == "" || sum.Text() != cell.Text() {
		t.Errorf("total %q, row %q", sum.Text(), cell.Text())
	}
}

// Paging shows each document exactly once.
func TestPaging(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	s.More(2*pageSize - 5)
	seen := map[string]int{}
	at, pages := "/documents?show=done", 0
	for at != "" {
		a := s.get(at)
		for _, n := range a.All("td.number a") {
			href, _ := n.Attr("href")
			seen[href]++
		}
		pages++
		at = ""
		if next, ok := a.First("#older"); ok {
			at, _ = next.Attr("value")
		}
	}
	if want := 2*pageSize - 5 + 3; len(seen) != want || pages != 2 {
		t.Errorf("%d documents on %d pages, want %d on 2", len(seen), pages, want)
	}
	for href, n := range seen {
		if n != 1 {
			t.Errorf("%s is shown %d times", href, n)
		}
	}
}

func TestFailedDocument(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	held := s.Transfers[hub.Held]
	a := s.get("/documents/" + held.ID)
	text := a.Text()
	for _, want := range []string{"Kausi on suljettu Procountorissa", "31.3.2026 asti", "Kysy kirjanpitäjältä", "Kirjanpitäjä Procountorissa",
		"Finvoice/InvoiceDetails/InvoiceDate", "Hiekkalaatikko", "Kuusaman Kone Oy", "Tapahtumaloki", "Asennustyö"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if warnings := a.All("article.explained.warning"); len(warnings) != 1 {
		t.Errorf("%d warnings", len(warnings))
	}
	// Everything but retry wants a reason.
	a = s.post("/documents/"+held.ID+"/done_by_hand", nil)
	if a = s.get(a.Header.Get("Location")); !strings.Contains(a.Text(), "Anna syy") || s.state(held.ID).State != hub.Held {
		t.Error("done by hand without a reason")
	}
	a = s.post("/documents/"+held.ID+"/retry", nil)
	if a.Header.Get("Location") != "/documents/"+held.ID || s.state(held.ID).State != hub.Ready {
		t.Fatalf("%s, %s", a.Status, s.state(held.ID).State)
	}
	if a = s.get("/documents/" + held.ID); !strings.Contains(a.Text(), "Yritetään uudelleen") {
		t.Error("the page does not say what it did")
	}
	if a = s.get("/documents/" + held.ID); len(a.All("p.note")) != 0 {
		t.Error("it says so twice")
	}
	// The same button from an old page.
	a = s.post("/documents/"+held.ID+"/retry", nil)
	if a = s.get(a.Header.Get("Location")); !strings.Contains(a.Text(), "tosite on edennyt") {
		t.Errorf("a second retry: %s", a.Text())
	}
	log, _ := a.First("ol.log")
	if !strings.Contains(log.Text(), "Aino Laskula") || !strings.Contains(log.Text(), "Yritetty uudelleen") {
		t.Errorf("the log does not name who retried: %s", log.Text())
	}
}

// A reason that a person gives is kept and shown, as text.
func TestReasonIsKept(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	refused := s.Transfers[hub.Refused]
	s.post("/documents/"+refused.ID+"/done_by_hand", url.Values{"why": {webtest.Text}})
	a := s.get("/documents/" + refused.ID)
	log, _ := a.First("ol.log")
	if s.state(refused.ID).State != hub.DoneByHand || !strings.Contains(log.Text(), "alert(1)") || len(a.All("script")) != 3 {
		t.Errorf("%s: %s", s.state(refused.ID).State, log.Text())
	}
}

func TestRetryMany(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	held, refused, done := s.Transfers[hub.Held], s.Transfers[hub.Refused], s.Transfers[hub.Done]
	a := s.post("/documents/retry", url.Values{"id": {held.ID, refused.ID, done.ID, "none"}, "next": {"/documents?show=needs"}})
	if a.Header.Get("Location") != "/documents?show=needs" {
		t.Errorf("%s", a.Status)
	}
	if a = s.get("/documents"); !strings.Contains(a.Text(), "2 yritetään uudelleen; 1 ei voi") {
		t.Errorf("%.300s", a.Text())
	}
	if s.state(held.ID).State != hub.Ready || s.state(refused.ID).State != hub.Ready || s.state(done.ID).State != hub.Done {
		t.Error("not exactly the two were retried")
	}
	s.post("/documents/retry", nil)
	if a = s.get("/documents"); !strings.Contains(a.Text(), "Mitään ei ollut valittu") {
		t.Errorf("%.300s", a.Text())
	}
}

// Source, request and answer stand side by side, with what differs marked; raw
// bodies can be read and saved.
func TestSideBySide(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	d := s.Transfers[hub.Done]
	a := s.get("/documents/" + d.ID)
	var fields []string
	for _, r := range a.All("table.compare tbody tr") {
		fields = append(fields, r.Text())
	}
	all := strings.Join(fields, "\n")
	for _, want := range []string{"Laskun numero " + d.Number + " " + d.Number + " " + d.Number, "Procountorin numero 20017", "Procountor muodostaa 123456789012", "Asennustyö"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	var raw []string
	for _, l := range a.All("a") {
		href, _ := l.Attr("href")
		if strings.Contains(href, "/steps/") || strings.HasSuffix(href, "/raw") {
			raw = append(raw, href)
		}
	}
	if len(raw) != 7 { // three steps with request and answer, and the source
		t.Errorf("raw bodies: %q", raw)
	}
	for _, href := range raw {
		page := s.get(href)
		if pre, ok := page.First("pre.raw"); !ok || pre.Text() == "" {
			t.Errorf("%s shows nothing", href)
		}
		file := s.get(href + "?download")
		if file.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %s", href, file.Header)
		}
	}
	// Somebody else's file is never shown as a page of ours.
	h := s.get("/documents/" + s.Hostile.ID)
	for _, l := range h.All("ul.files a") {
		href, _ := l.Attr("href")
		if !strings.Contains(href, "/files/") {
			continue
		}
		f := s.get(href)
		if f.StatusCode != 200 || f.Header.Get("Content-Type") != "application/octet-stream" || f.body != webtest.Text {
			t.Errorf("%s: %s %s", href, f.Status, f.Header)
		}
	}
}

// What would be written is shown before it is: the steps, the rows, the sums; and
// that nothing has been. What has been written has no such part.
func TestForecastOnThePage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	for _, st := range hub.States {
		a := s.get("/documents/" + s.Transfers[st].ID)
		want := st == hub.Noticed || st == hub.Ready || st == hub.Waiting || st == hub.Held
		if _, shown := a.First("p.unwritten"); shown != want || strings.Contains(a.Text(), "Tästä ei ole kirjoitettu mitään") != want {
			t.Errorf("%s: forecast is shown: %v", st, shown)
		}
	}
	a := s.get("/documents/" + s.Transfers[hub.Ready].ID)
	steps, _ := a.First("ol.steps")
	for _, want := range []string{"Tallenna lasku", "Liitä tiedosto", "erittely 1002-1-", "Suunniteltu"} {
		if !strings.Contains(steps.Text(), want) {
			t.Errorf("the steps do not say %q: %s", want, steps.Text())
		}
	}
	var rows []string
	for _, r := range a.All("table.compare tr") {
		rows = append(rows, r.Text())
	}
	all := strings.Join(rows, "\n")
	for _, want := range []string{"Lähetettäisiin Procountoriin", "Lähetystapa Procountor ei lähetä", "Procountorin rekisterissä ei ole",
		"Tila siirron jälkeen kesken", "Lähetettäisiin Asennustyö 12 h 91,50 25,5 % · 1 Kotimaan myynti 1 098,00"} {
		if !strings.Contains(strings.ReplaceAll(all, "\u00a0", " "), want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

// Where a row would stand is shown before it is written, and what has chosen it.
func TestPostingOnThePage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	ready := s.Transfers[hub.Ready]
	if strings.Contains(s.get("/documents/"+ready.ID).Text(), "Tiliöinti") {
		t.Error("a posting is shown where Procountor posts")
	}
	set := s.connection(ready.Connection).Settings
	sales := set.Kinds[hub.SalesInvoice]
	sales.Posting = hub.PostedByMap
	set.Kinds[hub.SalesInvoice], set.Accounts = sales, []hub.AccountRule{{Sales: true, Account: "3010"}}
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error { _, err := tx.SetSettings(ready.Connection, set, "test"); return err }); err != nil {
		t.Fatal(err)
	}
	a := s.get("/documents/" + ready.ID)
	for _, want := range []string{"Vie tilit kirjanpitotositteelle", "Tiliöinti", "3010 Palvelumyynti · tositelajin mukaan"} {
		if !strings.Contains(a.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// What the customer has is not ours to remove: taking back is offered before it is
// sent, and refused after.
func TestTakeBackIsNotOfferedOfWhatWasSent(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	done := s.Transfers[hub.Done]
	form := `form[action="/documents/` + done.ID + `/take_back"]`
	a := s.get("/documents/" + done.ID)
	if button, ok := a.First(form + " button"); !ok || button.Text() != "Poista Procountorista" {
		t.Errorf("not offered: %s", button.Text())
	}
	if !strings.Contains(a.Text(), "Tila viimeisen vaiheen jälkeen hyväksytty") {
		t.Error("the page does not say that it was approved")
	}
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.InsertStep(&hub.Step{Transfer: done.ID, Plan: done.Plan, Seq: 4, Kind: hub.Send, State: hub.StepProved, Attempt: 1})
	}); err != nil {
		t.Fatal(err)
	}
	a = s.get("/documents/" + done.ID)
	if _, ok := a.First(form); ok {
		t.Error("offered of what the customer has")
	}
	if !strings.Contains(a.Text(), "Tila viimeisen vaiheen jälkeen lähetetty") {
		t.Error("the page does not say that it was sent")
	}
	s.post("/documents/"+done.ID+"/take_back", url.Values{"why": {"wrong"}})
	if s.state(done.ID).State != hub.Done {
		t.Error("it was taken back all the same")
	}
}

// An invoice that was there before us stands beside the source's, with its own
// number and status.
func TestWhatWasThereIsShown(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	linked := s.Linked()
	a := s.get("/documents/" + linked.ID)
	head, _ := a.First("table.compare thead")
	if !strings.Contains(head.Text(), "Jo Procountorissa") {
		t.Errorf("no column: %s", head.Text())
	}
	var rows []string
	for _, r := range a.All("table.compare tbody tr") {
		rows = append(rows, strings.ReplaceAll(r.Text(), "\u00a0", " "))
	}
	all := strings.Join(rows, "\n")
	for _, want := range []string{"Laskun numero 5001 5001", "Procountorin numero 777", "Tila Procountorissa hyväksytty, lähettämättä", "Verollinen poikkeaa 1,00 1,25"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if _, ok := a.First("section .actions form"); ok {
		t.Error("something is asked of somebody")
	}
}

// What reading has found is mended by handing over another document: the page says
// so and offers no retry, neither alone nor in the list.
func TestNoRetryOfWhatWasNotRead(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Finance)
	for _, c := range []struct {
		t     hub.Transfer
		retry bool
	}{{s.Hostile, false}, {s.Transfers[hub.Held], true}} {
		a := s.get("/documents/" + c.t.ID)
		if _, ok := a.First(`form[action="/documents/` + c.t.ID + `/retry"]`); ok != c.retry {
			t.Errorf("%.10s: retry is offered: %v", c.t.Number, ok)
		}
		if said := strings.Contains(a.Text(), "toimita se uudelleen"); said == c.retry {
			t.Errorf("%.10s: says to hand it over again: %v", c.t.Number, said)
		}
	}
	s.post("/documents/"+s.Hostile.ID+"/retry", nil)
	if s.state(s.Hostile.ID).State != hub.Held {
		t.Error("it was retried")
	}
}

func TestWritingIsAskedTwice(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	conn := s.Connections[1] // production
	path := "/connections/" + conn.ID + "/writing"
	a := s.get(path)
	for _, want := range []string{"Tuotanto", "Lumikin Laskenta Oy", "1987654-5", "VientiExampleClient"} {
		if !strings.Contains(a.Text(), want) {
			t.Errorf("the question does not name %q", want)
		}
	}
	writing := func() bool {
		c, err := store.ReadOne(context.Background(), s.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(conn.ID) })
		if err != nil {
			t.Fatal(err)
		}
		return c.Writing
	}
	for _, form := range []url.Values{
		{"writing": {"on"}}, {"writing": {"on"}, "sure": {"yes"}}, {"writing": {"on"}, "company": {"Lumikin Laskenta Oy"}},
		{"writing": {"on"}, "sure": {"yes"}, "company": {"Kuusaman Kone Oy"}}, {},
	} {
		if a := s.post(path, form); a.StatusCode < 400 || writing() {
			t.Errorf("%v switched writing on: %s", form, a.Status)
		}
	}
	if a := s.post(path, url.Values{"writing": {"on"}, "sure": {"yes"}, "company": {"lumikin laskenta oy"}}); a.StatusCode != http.StatusSeeOther || !writing() {
		t.Errorf("%s", a.Status)
	}
	if a := s.get("/connections/" + s.Connections[1].ID); !strings.Contains(a.Text(), "1 tosite vapautui lähtemään") {
		t.Error("nobody is told how many go")
	}
	// What was only noticed goes now.
	if got := s.state(s.Transfers[hub.Noticed].ID).State; got != hub.Ready {
		t.Errorf("the noticed document is %s", got)
	}
	if a := s.post(path, url.Values{"writing": {"off"}}); a.StatusCode != http.StatusSeeOther || writing() {
		t.Errorf("%s", a.Status)
	}
}

func TestTasks(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Viewer)
	a := s.get("/tasks")
	if n := len(a.All("ul.tasks li")); n != 5 { // three documents, a customer, and a warning of one that has arrived; its other one asks nothing
		t.Errorf("%d tasks: %s", n, a.Text())
	}
	for _, l := range a.All("ul.tasks h2 a") {
		href, _ := l.Attr("href")
		if page := s.get(href); len(rows(page)) != 1 {
			t.Errorf("%s leads to %q", href, rows(page))
		}
	}
	if a := s.get("/tasks?company=lumikki"); !strings.Contains(a.Text(), "Mikään ei odota sinua") {
		t.Errorf("%.200s", a.Text())
	}
}

// A live page hears of a change within a pulse, and nobody hears who is not
// signed in.
func TestLive(t *testing.T) {
	s := seeded(t)
	if a := s.get("/live"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody hears: %s", a.Status)
	}
	s.signIn(people.Viewer)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("%s %s", resp.Status, got)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Scan() // ": here"
	// The stream counts from when it began, which may be a moment after it greeted.
	time.Sleep(50 * time.Millisecond)
	if err := s.Store.Tx(ctx, func(tx *store.Tx) error {
		return tx.AppendAct(audit.Act{Actor: "vienti", Kind: "transfer.done", Subject: "x", Detail: audit.Detail(1)})
	}); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if lines.Text() == "event: change" {
			return
		}
	}
	t.Errorf("no change was told: %v", lines.Err())
}

// remedyOnPage checks that the page of a document which Procountor refused with
// these words says what to do and who.
func remedyOnPage(t *testing.T, s *site, number int, f hub.Fault, who string, says ...string) {
	t.Helper()
	a := s.get("/documents/" + s.Refused(number, f).ID)
	box, ok := a.First("article.explained")
	if !ok {
		t.Errorf("%s: no explanation: %s", f.Code, a.Status)
		return
	}
	text := strings.TrimPrefix(f.Code, hub.ProcountorCode)
	if _, link := box.First(`a[href="` + remedy.CodesURL + `"]`); link != (text != f.Code && !strings.Contains(text, " ")) {
		t.Errorf("%s: a link to Procountor's codes: %t", f.Code, link)
	}
	for _, words := range append(says, who) {
		if !strings.Contains(box.Text(), words) {
			t.Errorf("%s: the page does not say %q: %s", f.Code, words, box.Text())
		}
	}
}

func refusal(text, path, value string) hub.Fault {
	return hub.NewFault(hub.ProcountorCode+text, path, value)
}

// The errors that the vendors' pages name, each with its remedy.
func TestRemediesOnThePage(t *testing.T) {
	feature.Covers(t, "E-86", "E-87", "E-88", "E-89", "E-90")
	feature.Covers(t, "T-56", "S-123", "S-124", "S-125", "S-126")
	feature.Covers(t, "T-55", "T-57", "S-19", "E-85")
	const source, accountant = "Tositteen käsittelijä lähdejärjestelmässä", "Kirjanpitäjä Procountorissa"
	s := seeded(t)
	s.signIn(people.Viewer)
	remedyOnPage(t, s, 1, refusal("MAY_NOT_BE_EMPTY", "invoiceRows", ""), source, "Laskulla ei ole rivejä", "Lisää rivit")
	remedyOnPage(t, s, 2, refusal("Undefined insufficient access rights to modify the ledger receipt", "", ""), accountant,
		"käyttöoikeus", "insufficient access rights to modify the ledger receipt", "pyydä lisäämään puuttuva")
	remedyOnPage(t, s, 3, refusal("BANK_ACCOUNT_DOES_NOT_BELONG_TO_THIS_COMPANY", "paymentInfo.bankAccount", "FI2112345600000785"), accountant,
		"FI2112345600000785", "lisää se yhtiön pankkitileihin Procountorissa")
	remedyOnPage(t, s, 4, refusal("Undefined invalid token", "", ""), "Vientin ylläpitäjä", "API-avain", "että avain on olemassa")
	remedyOnPage(t, s, 5, refusal("Payee not found in the supplier register", "", "").Warn(), "Ei kenenkään", "Huomautus", "ei estä mitään")
	remedyOnPage(t, s, 6, refusal("ERROR_OPERATOR", "counterParty.einvoiceAddress.operator", "BASWAREE"), source, "BASWAREE", "korjaa operaattori")
	remedyOnPage(t, s, 7, refusal("CLOSED_FISCAL_PERIOD", "date", "2026-02-28"), accountant, "tilikaudella tai seurantakaudella", "Tarkista päivämäärä")
	remedyOnPage(t, s, 8, refusal("ERROR_BRN_CODE", "counterParty.identifier", "1234567"), source, "1234567", "Korjaa Y-tunnus", "asiakas- tai toimittajakortille")
	remedyOnPage(t, s, 9, refusal("SIZE_MUST_BE_BETWEEN_0_AND_100", "invoiceRows[1].product", "…"), source, "rivi 2: tuotteen nimi", "0–100", "Lyhennä tekstiä")
	remedyOnPage(t, s, 10, refusal("Could not add X Oy to Procountor, because another partner X Oy with the same number and different VAT number already exists there.", "", ""),
		source, "sama numero mutta eri Y-tunnus", "Tarkista tunnuksen muoto")
	// A code that nobody has explained yet is quoted, with its place.
	remedyOnPage(t, s, 11, refusal("SOMETHING_QUITE_NEW", "invoiceRows[2].unit", "KG"), source, "”SOMETHING_QUITE_NEW”", "rivi 3: yksikkö", "KG")
	remedyOnPage(t, s, 13, hub.NewFault(hub.AccountUnmapped, "lines[0].account", "3011", "account", "3011", "product", "", "percent", "25.5"), accountant,
		"”3011”", "tilikartoituksessa", "Lisää sääntö yhteyden tilikartoitukseen")
	remedyOnPage(t, s, 14, hub.NewFault(hub.VATStatusDisabled, "lines[0].vat_category", "AE", "status", "903", "category", "AE"), accountant,
		"alv-status 903", "valitse toinen")
	// The number of one firm with the id of another.
	remedyOnPage(t, s, 12, hub.NewFault(hub.PartnerConflict, "number", "1001", "name", "Kuvitelma Kauppa Oy", "theirs", "2345678-0", "ours", "3456780-6"), source,
		"1001", "Kuvitelma Kauppa Oy", "asiakasnumero on sama, mutta Y-tunnus eri", "korjaa väärä", "mitään ei yhdistetä eikä perusteta")
}
