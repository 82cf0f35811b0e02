package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// All words of rounds are there.
func TestRoundWords(t *testing.T) {
	s := locale.New(locale.English, nil)
	var keys []string
	for _, w := range circulation.Whys {
		keys = append(keys, "round.why."+w)
	}
	for _, a := range []circulation.Act{circulation.PreApprove, circulation.Approve, circulation.Reject, circulation.HandOn, circulation.Assign, circulation.Split,
		circulation.Comment, circulation.Reopen, circulation.Noted} {
		keys = append(keys, "round.did."+string(a), "act.round-"+string(a))
	}
	for _, n := range []string{"approved-there", "denied-there", "gone-there", "changed-there", "handed-on"} {
		keys = append(keys, "round.noted."+n, "act.round-"+n)
	}
	for _, f := range circulation.Fields {
		keys = append(keys, "round.field."+f)
	}
	for _, st := range (roundsView{}).states() {
		keys = append(keys, "round.state-is."+string(st))
	}
	for _, c := range []string{"bad-login", "no-approver", "no-day", "no-default"} {
		keys = append(keys, "round.set."+c)
	}
	for _, as := range []string{"default", "project", "person", "further"} {
		keys = append(keys, "staff-named."+as)
	}
	for _, k := range keys {
		if !s.Has(k) {
			t.Errorf("no text for %s", k)
		}
	}
}

func (s *site) round() store.Round {
	s.t.Helper()
	r, err := store.ReadOne(s.t.Context(), s.Store, func(tx *store.Tx) (store.Round, error) { return tx.RoundByID(s.Round.ID) })
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// What each role may do with an invoice that is another's turn, and with its own.
func TestRoundRights(t *testing.T) {
	s := seeded(t)
	other := store.Round{Company: s.Sandbox.ID, Connection: s.Connections[0].ID, InvoiceID: 5, Number: "OL-5", Supplier: "Muu Oy", DueDate: "2026-03-01", Gross: "1.00", Currency: "EUR",
		Round: circulation.Begin(s.People[people.Finance].ID, nil)}
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.InsertRound(&other); err != nil {
			return err
		}
		ref, err := tx.PutBlob([]byte("\x89PNG\r\n"))
		if err != nil {
			return err
		}
		return tx.PutImage(&store.RoundImage{Round: other.ID, Company: other.Company, Page: 1, State: store.ImageKept, Blob: ref, MIME: "image/png"})
	}); err != nil {
		t.Fatal(err)
	}
	for role, want := range map[people.Role]struct{ page, act int }{
		people.PreApprover: {http.StatusNotFound, http.StatusNotFound},
		people.Approver:    {http.StatusNotFound, http.StatusNotFound},
		people.Viewer:      {http.StatusOK, http.StatusForbidden},
		people.Auditor:     {http.StatusOK, http.StatusForbidden},
		people.RoundLead:   {http.StatusOK, http.StatusSeeOther}, // refused with a sentence
		people.Admin:       {http.StatusOK, http.StatusSeeOther},
	} {
		s.signIn(role)
		path := "/rounds/" + other.ID
		if a := s.get(path); a.StatusCode != want.page {
			t.Errorf("%s: %s", role, a.Status)
		}
		if a := s.get("/rounds?show=all"); strings.Contains(a.body, "OL-5") != (want.page == http.StatusOK) {
			t.Errorf("%s: the list", role)
		}
		for _, act := range []string{"approve", "pre_approve", "reject", "hand_on"} {
			if a := s.post(path+"/decide", url.Values{"act": {act}, "version": {"0"}, "text": {"x"}, "to": {s.People[people.Approver].ID}}); a.StatusCode != want.act {
				t.Errorf("%s %s: %s", role, act, a.Status)
			}
		}
		if a := s.post(path+"/split", url.Values{"version": {"0"}}); role.Can(people.LeadRound) == (a.StatusCode == want.act && want.act != http.StatusSeeOther) {
			t.Errorf("%s split: %s", role, a.Status)
		}
		if a := s.get(path + "/files/0"); want.page == http.StatusNotFound && a.StatusCode != http.StatusNotFound {
			t.Errorf("%s file: %s", role, a.Status)
		}
		if a := s.get(path + "/image/1"); a.StatusCode != want.page || a.StatusCode == http.StatusOK && a.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s image: %s %s", role, a.Status, a.Header.Get("Content-Type"))
		}
	}
	got, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]store.RoundDecision, error) { return tx.Decisions(other.ID) })
	for _, d := range got {
		if d.Act != circulation.Split {
			t.Errorf("%s did %s", d.By, d.Act)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// Somebody approves from the list what is ticked, the pre-approver pre-approves and
// cannot approve, and the last approval begins the one in Procountor.
func TestRoundOnThePages(t *testing.T) {
	feature.Covers(t, "T-33")
	s := seeded(t)
	s.signIn(people.Approver)
	if a := s.get("/"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/rounds" {
		t.Errorf("home: %s %s", a.Status, a.Header.Get("Location"))
	}
	if a := s.get("/rounds"); !strings.Contains(a.Text(), "Tukku Toimija Oy") {
		t.Fatal(a.Text())
	}
	decide := func(act, text string) answer {
		return s.post("/rounds/"+s.Round.ID+"/decide", url.Values{"act": {act}, "version": {strconv.Itoa(s.round().Version)}, "text": {text}})
	}
	s.post("/rounds/approve", url.Values{"round": {s.Round.ID + ":0"}})
	if r := s.round(); r.Waits() != s.People[people.PreApprover].ID {
		t.Fatalf("%+v", r.Stages)
	}
	// The same form once more, from another window.
	s.post("/rounds/approve", url.Values{"round": {s.Round.ID + ":0"}})
	if a := s.get("/rounds"); !strings.Contains(a.Text(), "OL-7788: ") {
		t.Errorf("nothing says why it was not approved again: %s", a.Text())
	}
	s.signIn(people.PreApprover)
	if a := s.get("/rounds/" + s.Round.ID); len(a.All("input[name=act][value=approve]")) != 0 || len(a.All("input[name=act][value=pre_approve]")) != 1 {
		t.Error("a pre-approver is offered the wrong things")
	}
	decide("approve", "")
	if r := s.round(); r.Version != 1 {
		t.Fatal("a pre-approver has approved")
	}
	s.post("/rounds/"+s.Round.ID+"/decide", url.Values{"act": {"pre_approve"}, "version": {"1"}, "to": {s.People[people.Finance].ID}})
	if r := s.round(); r.Waits() != s.People[people.Finance].ID || r.State != circulation.Open {
		t.Fatalf("%+v", r.Round)
	}
	s.signIn(people.Finance)
	decide("approve", "kaikki kunnossa")
	if r := s.round(); r.State != circulation.Approved {
		t.Fatalf("%+v", r.Round)
	}
	a := s.get("/rounds/" + s.Round.ID)
	for _, want := range []string{"Pekka Projekti", "Esko Esitarkastaja", "Aino Laskula", "kaikki kunnossa"} {
		if !strings.Contains(a.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	tr, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) (hub.Transfer, error) {
		return tx.TransferOf(s.Sandbox.ID, hub.ApprovalTransfer, hub.In, s.Round.ID)
	})
	if err != nil || tr.State != hub.Ready {
		t.Errorf("%+v %v", tr, err)
	}
	if a := s.get("/documents/" + tr.ID); a.StatusCode != http.StatusOK {
		t.Errorf("the approval: %s", a.Status)
	}
}

// Settings are read line by line, with a sentence about what is wrong, and kept.
func TestCirculationSettings(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	path := "/connections/" + s.Connections[0].ID + "/circulation"
	version := func() string {
		c, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(s.Connections[0].ID) })
		if err != nil {
			t.Fatal(err)
		}
		return strconv.Itoa(c.SettingsVersion)
	}
	form := func(over map[string]string) url.Values {
		f := url.Values{"on": {"yes"}, "first_day": {"2026-03-01"}, "default": {"finance"}, "fields": {"order_reference project P-(\\d+)\r\nbuyer_reference person"},
			"projects": {"1001 approver"}, "persons": {"37 pre_approver"}, "further": {"1000,50 round_lead"}, "remind_days": {"3"}, "version": {version()}}
		for k, v := range over {
			f.Set(k, v)
		}
		return f
	}
	for name, over := range map[string]map[string]string{
		"field": {"fields": "colour project"}, "means": {"fields": "notes colour"}, "pattern": {"fields": "notes project ("}, "login": {"projects": "1001 nobody"},
		"default": {"default": "pre_approver"}, "no default": {"default": ""}, "day": {"first_day": ""}, "further": {"further": "1000 pre_approver"}, "sum": {"further": "much finance"},
	} {
		if a := s.post(path, form(over)); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) != 1 {
			t.Errorf("%s: %s", name, a.Status)
		}
	}
	if a := s.post(path, form(map[string]string{"try": "yes"})); a.StatusCode != http.StatusOK {
		t.Errorf("trial: %s", a.Status)
	}
	if a := s.post(path, form(nil)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s", a.Status)
	}
	c, _ := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(s.Connections[0].ID) })
	if x := c.Settings.Circulation; !x.On || len(x.Fields) != 2 || x.Fields[0].Pattern != `P-(\d+)` || x.Further[0].From != "1000.50" || x.RemindDays != 3 {
		t.Errorf("%+v", x)
	}
	if a := s.get(path); !strings.Contains(a.body, "1001 approver") {
		t.Error("the page does not show what is set")
	}
}
