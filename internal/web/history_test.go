package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// Versions are told with who changed what; any two are compared; going back is a
// new version with the old content, confirmed, by name.
func TestSettingsHistory(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Connections[0].ID
	path := "/connections/" + id + "/settings"
	first := s.connection(id).Settings
	set := func(f func(*hub.Settings)) {
		t.Helper()
		c := s.connection(id)
		f(&c.Settings)
		if _, err := s.Engine.SetSettings(t.Context(), s.People[people.Admin].ID, id, 0, c.Settings); err != nil {
			t.Fatal(err)
		}
	}
	set(func(s *hub.Settings) { s.Accounts = []hub.AccountRule{{Source: "300", Sales: true, Account: "3010"}} })
	set(func(s *hub.Settings) {
		s.Accounts, s.Sender = []hub.AccountRule{{Source: "300", Sales: true, Account: "3020"}}, hub.SenderNobody
	})
	third := s.connection(id).Settings
	a := s.get(path + "/history")
	rows := a.All("table.versions tbody tr")
	if len(rows) != 3 {
		t.Fatalf("%d versions: %s", len(rows), a.Text())
	}
	for i, w := range []string{"Tilikartoitus, tili 300, myynti: 3010 → 3020", "Tilikartoitus, tili 300, myynti: ei sääntöä → 3010", "ensimmäinen versio"} {
		if !strings.Contains(rows[i].Text(), w) || !strings.Contains(rows[i].Text(), "Matti Ylläpito") {
			t.Errorf("version %d: %s", 3-i, rows[i].Text())
		}
	}
	if !strings.Contains(rows[0].Text(), "Kuka lähettää asiakkaalle") || !strings.Contains(rows[0].Text(), "nykyinen") {
		t.Errorf("%s", rows[0].Text())
	}
	c, ok := s.get(path + "/history?from=3&to=1").First("section.compared")
	if !ok || !strings.Contains(c.Text(), "Versiosta 3 versioon 1") || !strings.Contains(c.Text(), "3020 → ei sääntöä") {
		t.Errorf("%s", c.Text())
	}
	if c, _ := s.get(path + "/history?from=2&to=2").First("section.compared"); !strings.Contains(c.Text(), "Ne ovat samat") {
		t.Errorf("%s", c.Text())
	}
	for _, wrong := range []string{"/history?from=1&to=9", "/back?version=9", "/back"} {
		if a := s.get(path + wrong); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", wrong, a.Status)
		}
	}

	form := formOf(s.get(path+"/back?version=1"), "form.back")
	if form.Get("version") != "3" || form.Get("to") != "1" || form.Has("sure") {
		t.Fatalf("%v", form)
	}
	if a := s.post(path+"/back", form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "Vahvista ensin") {
		t.Errorf("not confirmed: %s", a.Status)
	}
	form.Set("sure", "yes")
	for version, status := range map[string]int{"2": http.StatusConflict, "": http.StatusBadRequest} {
		form.Set("version", version)
		if a := s.post(path+"/back", form); a.StatusCode != status {
			t.Errorf("version %q: %s", version, a.Status)
		}
	}
	if d := cmp.Diff(third, s.connection(id).Settings); d != "" {
		t.Fatal(d)
	}
	form.Set("version", "3")
	if a := s.post(path+"/back", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	now := s.connection(id)
	if d := cmp.Diff(first, now.Settings); d != "" || now.SettingsVersion != 4 {
		t.Errorf("version %d %s", now.SettingsVersion, d)
	}
	acts, err := store.ReadOne(t.Context(), s.Store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts(id, 0, 10) })
	var detail struct {
		Version int
		BackTo  int `json:"back_to"`
	}
	if err != nil || json.Unmarshal(acts[0].Detail, &detail) != nil || detail.Version != 4 || detail.BackTo != 1 || acts[0].Actor != s.People[people.Admin].ID {
		t.Errorf("%v %+v", err, acts)
	}
	for _, role := range []people.Role{people.Viewer, people.Finance, people.Auditor} {
		s.signIn(role)
		if a := s.post(path+"/back", form); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", role, a.Status)
		}
	}
}

// An earlier version with what the company no longer has is not taken into use,
// and the page says what does not fit.
func TestBackToWhatNoLongerFits(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	id := s.Connections[0].ID
	c := s.connection(id)
	c.Settings.VATStatuses = map[hub.Kind]map[string]int{hub.SalesInvoice: {"S": 1}}
	if _, err := s.Engine.SetSettings(t.Context(), "test", id, 0, c.Settings); err != nil {
		t.Fatal(err)
	}
	s.registers(func(r *register.Copy) { r.VATStatuses = r.VATStatuses[:2] }) // 3 is switched off
	a := s.post("/connections/"+id+"/settings/back", url.Values{"version": {"2"}, "to": {"1"}, "sure": {"yes"}})
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "Versio 1 ei enää sovi yhtiölle") || !strings.Contains(a.Text(), "Tavarat EU:ssa") {
		t.Errorf("%s %s", a.Status, a.Text())
	}
	if c := s.connection(id); c.SettingsVersion != 2 {
		t.Errorf("version %d", c.SettingsVersion)
	}
}

// registers changes the register copy of the first company.
func (s *site) registers(f func(*register.Copy)) {
	s.t.Helper()
	err := s.Store.Tx(s.t.Context(), func(tx *store.Tx) error {
		u, err := tx.Upkeep(s.Sandbox.ID)
		if err != nil {
			return err
		}
		b, err := tx.Blob(u.Registers)
		if err != nil {
			return err
		}
		var r register.Copy
		if err := json.Unmarshal(b, &r); err != nil {
			return err
		}
		f(&r)
		r.Version++
		if b, err = json.Marshal(r); err != nil {
			return err
		}
		if u.Registers, err = tx.PutBlob(b); err != nil {
			return err
		}
		return tx.SetUpkeep(s.Sandbox.ID, u)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}
