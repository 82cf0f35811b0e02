package severa

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// one is an invoice of one row that waits.
func (h *harness) one(number int, change ...func(*severafake.Invoice)) string {
	i := severafake.Invoice{Number: number, Date: "2026-03-01", Status: h.Waiting, Customer: h.Customer, Projects: []string{h.Project},
		Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "2", Price: "80", VAT: "25.5", Unit: "h", Project: h.Project}}}
	for _, f := range change {
		f(&i)
	}
	return h.fake.NewInvoice(i)
}

func (h *harness) driver() *source.Source {
	return source.New("severa", h.Open(h.t, source.Env{}))
}

// pull reads all that there is from a cursor, as one run does.
func (h *harness) pull(cursor source.Cursor) (list []source.Found, next source.Cursor) {
	h.t.Helper()
	d := h.driver()
	for range 100 {
		p, err := d.Pull(h.t.Context(), cursor, 50)
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, p.Documents...)
		if cursor = p.Next; !p.More {
			return list, cursor
		}
	}
	h.t.Fatal("no end")
	return nil, ""
}

func numbersOf(list []source.Found) string {
	var n []string
	for _, f := range list {
		n = append(n, f.Document.Number)
	}
	return strings.Join(n, " ")
}

// Invoices come from the chosen status alone; that we move one on, that it is paid
// and that nothing happens is no change; a draft comes when it is moved there, however
// long ago it was made and whatever its time of change says.
func TestStatusChooses(t *testing.T) {
	feature.Covers(t, "S-3")
	h := newHarness(t)
	first := h.one(1001)
	old := h.one(1002, func(i *severafake.Invoice) { i.Status, i.Changed = h.Draft, "2025-12-01T08:00:00Z" })
	list, cursor := h.pull("")
	if numbersOf(list) != "1001" {
		t.Fatalf("%s", numbersOf(list))
	}
	step := func(what, want string) {
		t.Helper()
		h.now = h.now.Add(10 * time.Minute)
		list, next := h.pull(cursor)
		if numbersOf(list) != want {
			t.Errorf("%s: %q, want %q", what, numbersOf(list), want)
		}
		cursor = next
	}
	still := cursor
	step("nothing", "")
	if cursor != still {
		t.Errorf("the cursor moved:\n%s\n%s", still, cursor)
	}
	h.fake.SetStatus(first, h.Transferred)
	step("moved on by us", "")
	h.fake.SetStatus(first, h.Paid)
	step("paid", "")
	status := h.fake.Ref("invoices", "status", "invoicestatuses", h.Waiting)
	h.fake.Change("invoices", old, func(o severafake.Object) {
		o["status"], o["lastUpdatedDateTime"] = status, "2025-12-01T08:00:00.1230000Z"
	})
	step("moved to the status, with its old time", "1002")
	h.fake.SetStatus(old, h.Draft)
	step("taken back to be mended", "")
	h.fake.Change("invoices", old, func(o severafake.Object) { o["orderNumber"] = "PO-9" })
	step("mended", "")
	h.fake.SetStatus(old, h.Waiting)
	step("moved there again", "1002")
	paid := h.one(1003)
	h.fake.SetStatus(paid, h.Paid)
	step("paid before it was fetched", "1003")
	h.options["paid"] = no
	step("paid ones are not wanted any more", "")
	h.fake.SetStatus(h.one(1004), h.Paid)
	step("paid, and not wanted", "")
}

// A row that changes is found by itself, in an invoice that waits and in one that has
// gone; so is one that is committed later than its time says.
func TestRowsAndLateOnes(t *testing.T) {
	h := newHarness(t)
	waiting, gone := h.one(1001), h.one(1002)
	h.fake.SetStatus(gone, h.Transferred)
	_, cursor := h.pull("")
	h.now = h.now.Add(3 * time.Hour)
	far := h.one(1003)
	list, cursor := h.pull(cursor)
	if numbersOf(list) != "1003" {
		t.Fatal(numbersOf(list))
	}
	for n, guid := range []string{waiting, gone, far} {
		row := h.fake.Rows(guid)[0]["guid"].(string)
		h.fake.ChangeRow(row, false, func(o severafake.Object) { o["description"] = fmt.Sprint("Toinen ", n) })
	}
	list, cursor = h.pull(cursor)
	if got := numbersOf(list); len(list) != 3 || !strings.Contains(got, "1001") || !strings.Contains(got, "1002") {
		t.Errorf("%s", got)
	}
	for _, f := range list {
		if !strings.HasPrefix(f.Document.Lines[0].Name, "Toinen") {
			t.Errorf("%+v", f.Document.Lines)
		}
	}
	// A draft whose rows change is looked at once.
	draft := h.one(1004, func(i *severafake.Invoice) { i.Status = h.Draft })
	_, cursor = h.pull(cursor)
	before := h.fake.Requests()["GET /v1/invoices/{guid}"]
	list, cursor = h.pull(cursor)
	if n := h.fake.Requests()["GET /v1/invoices/{guid}"] - before; n != 0 || len(list) != 0 {
		t.Errorf("the draft %s was asked for %d times, %s", draft, n, numbersOf(list))
	}
	// Committed half an hour after its time, in the status after the transfer.
	h.now = h.now.Add(time.Minute)
	h.one(1005)
	_, cursor = h.pull(cursor)
	late := h.now.Add(-30 * time.Minute).Format("2006-01-02T15:04:05.0000000Z")
	h.one(1006, func(i *severafake.Invoice) { i.Status, i.Changed = h.Transferred, late })
	if list, _ = h.pull(cursor); numbersOf(list) != "1006" {
		t.Errorf("late: %s", numbersOf(list))
	}
}

// Ninety invoices of one moment, listed and paged while others leave the status:
// each comes once, and none is lost.
func TestChangesWhileReading(t *testing.T) {
	h := newHarness(t)
	at := h.now.Add(-time.Minute).Format("2006-01-02T15:04:05.0000000Z")
	var guids []string
	for n := range 230 {
		guids = append(guids, h.one(1001+n, func(i *severafake.Invoice) { i.Changed = at }))
	}
	asked := 0
	h.fake.Before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invoices") && r.URL.Query().Get("pageToken") != "" {
			if asked++; asked < 6 {
				h.fake.SetStatus(guids[asked], h.Transferred)
			}
		}
	}
	d := h.driver()
	seen := map[string]int{}
	var cursor source.Cursor
	for range 3 {
		for {
			p, err := d.Pull(t.Context(), cursor, 50)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range p.Documents {
				seen[f.Document.Number]++
			}
			if cursor = p.Next; !p.More {
				break
			}
		}
	}
	for n := range 230 {
		if seen[fmt.Sprint(1001+n)] != 1 {
			t.Errorf("%d came %d times", 1001+n, seen[fmt.Sprint(1001+n)])
		}
	}
}

// An invoice that changes between the list and its rows is shown as it is then, and
// one that is gone by then is not shown.
func TestChangedAfterItWasListed(t *testing.T) {
	h := newHarness(t)
	changed, gone := h.one(1001), h.one(1002)
	row := h.fake.Rows(changed)[0]["guid"].(string)
	once := false
	h.fake.Before = func(r *http.Request) {
		if !once && strings.HasSuffix(r.URL.Path, "/invoicerows") && strings.Contains(r.URL.Path, "/invoices/") {
			once = true
			h.fake.ChangeRow(row, true, func(o severafake.Object) { o["quantity"] = severafake.Number("7") })
			h.fake.Remove("invoices", gone)
		}
	}
	list, cursor := h.pull("")
	if numbersOf(list) != "1001" || list[0].Document.Lines[0].Quantity.String() != "7" || list[0].Document.Totals.Net.String() != "560.00" {
		t.Fatalf("%s: %+v", numbersOf(list), list[0].Document)
	}
	if list, _ = h.pull(cursor); len(list) != 0 {
		t.Errorf("again: %s", numbersOf(list))
	}
}

// What a run asks does not grow with what is there: seven requests when nothing has
// changed, and for a hundred new invoices little more than one each.
func TestFewRequests(t *testing.T) {
	h := newHarness(t)
	count := func() (n int) {
		for _, x := range h.fake.Requests() {
			n += x
		}
		return n
	}
	for n := range 100 {
		h.one(1001+n, func(i *severafake.Invoice) { i.Customer = h.fake.NewCustomer(200+n, "Asiakas", "FI12345671") })
	}
	before := count()
	list, cursor := h.pull("")
	n := count() - before
	t.Logf("%d requests for %d invoices", n, len(list))
	if len(list) != 100 || n > 120 {
		t.Errorf("%d requests for %d invoices", n, len(list))
	}
	before = count()
	list, _ = h.pull(cursor)
	n = count() - before
	t.Logf("%d requests for nothing", n)
	if len(list) != 0 || n > 7 {
		t.Errorf("%d requests for nothing", n)
	}
}

// With another status, company or first day reading begins anew.
func TestOtherFilter(t *testing.T) {
	h := newHarness(t)
	h.one(1001, func(i *severafake.Invoice) { i.Status, i.Changed = h.Draft, "2025-12-01T08:00:00Z" })
	h.one(1002)
	_, cursor := h.pull("")
	h.options["status"], h.options["status_after"] = "Luonnos", h.Waiting
	list, cursor := h.pull(cursor)
	if numbersOf(list) != "1001" {
		t.Errorf("%s", numbersOf(list))
	}
	if list, _ = h.pull(cursor); len(list) != 0 {
		t.Errorf("again %s", numbersOf(list))
	}
	if _, err := h.driver().Pull(t.Context(), "{broken", 1); err == nil {
		t.Error("a damaged cursor was read")
	}
}

// What the options name and Severa does not have is said, with what it has.
func TestOptionsThatDoNotFit(t *testing.T) {
	for name, x := range map[string]struct {
		do   func(*harness)
		want []string
	}{
		"no status":      {func(h *harness) { h.options["status"] = "" }, []string{"say in option status"}},
		"status unknown": {func(h *harness) { h.options["status"] = "Siirto" }, []string{`no invoice status "Siirto"`, "option status", "Luonnos, Odottaa siirtoa"}},
		"status deleted": {func(h *harness) { h.fake.Remove("invoicestatuses", h.Transferred) }, []string{`no invoice status "siirretty procountoriin"`, "option status_after"}},
		"status twice": {func(h *harness) {
			o := h.fake.Get("invoicestatuses", h.Waiting)
			delete(o, "guid")
			h.fake.Put("invoicestatuses", o)
		}, []string{"2 invoice statuses", "give its guid"}},
		"company unknown": {func(h *harness) { h.options["company"] = "Muu Oy" }, []string{`no company "Muu Oy"`, "Suunnittelutoimisto Kuusi Oy"}},
		"a stranger's": {func(h *harness) {
			h.fake.AddCompany("Toinen Oy", "1234567-1")
			h.options["company"] = "Toinen Oy"
		}, []string{"Toinen Oy of Severa has the business id 1234567-1", "of the company 2345678-0", "option company"}},
		"several, none ours": {func(h *harness) {
			h.fake.Change("businessunits", h.Root, func(o severafake.Object) { o["vatNumber"] = "" })
			h.fake.AddCompany("Toinen Oy", "1234567-1")
		}, []string{"several companies", "Suunnittelutoimisto Kuusi Oy, Toinen Oy"}},
		"the only one is a stranger's": {func(h *harness) {
			h.fake.Change("businessunits", h.Root, func(o severafake.Object) { o["vatNumber"] = "FI12345671" })
		}, []string{"business id FI12345671"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			h.one(1001)
			x.do(h)
			_, err := h.driver().Pull(t.Context(), "", 10)
			if !errors.Is(err, source.ErrOptions) || errors.Is(err, source.ErrDenied) {
				t.Fatalf("%v", err)
			}
			for _, part := range x.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
		})
	}
}

// One company of the unit hierarchy is read, with all its units; the documents of
// others stay out, and nothing is set up for units that are none.
func TestCompanyOfTheHierarchy(t *testing.T) {
	feature.Covers(t, "S-93", "S-94")
	h := newHarness(t)
	company, root, _ := h.fake.AddCompany("Toinen Oy", "1234567-1")
	theirs := h.fake.NewProject(9, "Toisen", h.Customer, root)
	h.one(1001)
	h.one(1002, func(i *severafake.Invoice) { i.Projects = []string{theirs} })
	h.one(1003, func(i *severafake.Invoice) { i.Projects = []string{h.OtherProject} }) // of a unit below
	list, cursor := h.pull("")
	if numbersOf(list) != "1001 1003" {
		t.Fatalf("by our business id: %s", numbersOf(list))
	}
	if list, _ := h.pull(cursor); len(list) != 0 {
		t.Errorf("again %s", numbersOf(list))
	}
	h.options["company"] = "suunnittelutoimisto kuusi oy"
	if list, _ = h.pull(""); numbersOf(list) != "1001 1003" {
		t.Errorf("by name: %s", numbersOf(list))
	}
	// The other is another connection, of another company of ours.
	c := h.config()
	c.Values["company"] = company
	env := h.env()
	env.Own = "1234567-1"
	d, err := Kind().Open(env, c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Pull(t.Context(), "", 10)
	if err != nil || numbersOf(p.Documents) != "1002" || p.Documents[0].Document.Seller.BusinessID != "1234567-1" {
		t.Errorf("the other: %+v, %v", p.Documents, err)
	}
}

// Both companies and every customer are listed, each once; and the choices of the
// options are what Severa has.
func TestPartiesAndChoices(t *testing.T) {
	h := newHarness(t)
	h.fake.AddCompany("Toinen Oy", "1234567-1")
	for n := range 230 {
		h.fake.NewCustomer(1000+n, fmt.Sprintf("Asiakas %d", n), "FI12345671")
	}
	d := h.Open(t, source.Env{}).(*Driver)
	if c := source.Capabilities(d); !slices.Contains(c, source.ListsParties) {
		t.Error(c)
	}
	n := 0
	for p, err := range d.Customers(t.Context()) {
		if err != nil || p.Address.Country != "FI" || p.BusinessID == "" {
			t.Fatalf("%+v %v", p, err)
		}
		n++
	}
	var ids []string
	for p, err := range d.Companies(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.Name+" "+p.BusinessID)
	}
	if n != 231 || strings.Join(ids, ", ") != "Suunnittelutoimisto Kuusi Oy 2345678-0, Toinen Oy 1234567-1" {
		t.Errorf("%d customers, companies %v", n, ids)
	}
	c := h.config()
	c.Values["status"] = ""
	choices, err := Kind().Choices(t.Context(), h.env(), c)
	if err != nil || len(choices["company"]) != 2 || len(choices["status"]) != 4 || choices["status_after"][2] != (source.Choice{Value: h.Transferred, Label: "Siirretty Procountoriin"}) {
		t.Errorf("%+v %v", choices, err)
	}
	h.fake.Revoke()
	if _, err := Kind().Choices(t.Context(), h.env(), c); !errors.Is(err, source.ErrDenied) {
		t.Error(err)
	}
}

// What goes wrong in the middle of a run loses nothing: the next one goes on from
// what was stored.
func TestStopsAndGoesOn(t *testing.T) {
	for name, x := range map[string]struct {
		stop  func(*harness)
		class error
	}{
		"revoked":    {func(h *harness) { h.fake.Revoke() }, source.ErrDenied},
		"scope gone": {func(h *harness) { h.fake.Without("projects:read") }, source.ErrDenied},
		"add-on off": {func(h *harness) { h.fake.Off("/v1/invoices/{invoiceGuid}/invoicerows", "AddonMissing") }, source.ErrDenied},
		"busy": {func(h *harness) {
			h.fake.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			})
		}, source.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			for n := range 7 {
				h.one(1001 + n)
			}
			d := h.driver()
			p, err := d.Pull(t.Context(), "", 3)
			if err != nil || len(p.Documents) != 3 {
				t.Fatal(err)
			}
			x.stop(h)
			if _, err := d.Pull(t.Context(), p.Next, 3); !errors.Is(err, x.class) {
				t.Fatalf("%v", err)
			}
			h.fake.Answer(nil)
			h.fake.Off("/v1/invoices/{invoiceGuid}/invoicerows", "")
			if name != "busy" && name != "add-on off" {
				return // what is revoked stays so
			}
			list, _ := h.pull(p.Next)
			if numbersOf(list) != "1004 1005 1006 1007" {
				t.Errorf("then %s", numbersOf(list))
			}
		})
	}
}

// The PDF that Severa makes is another one each time, and no change of the document.
func TestPDFIsNoChange(t *testing.T) {
	h := newHarness(t)
	h.files = hub.FilesAll
	h.one(1001)
	a, _ := h.pull("")
	b, _ := h.pull("")
	x, y := a[0].Document, b[0].Document
	if len(x.Attachments) != 1 || x.Attachments[0].Hash == y.Attachments[0].Hash || x.Version() != y.Version() {
		t.Errorf("%+v\n%+v", x.Attachments, y.Attachments)
	}
}
