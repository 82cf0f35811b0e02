package web

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
)

func TestWordsOfListFields(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, nil)
		for _, f := range hub.TableFields {
			if !say.Has("list-field." + f) {
				t.Errorf("%s: no word for %s", l, f)
			}
		}
		for _, f := range hub.JournalFields {
			if !say.Has("journal-field." + f) {
				t.Errorf("%s: no word for %s", l, f)
			}
		}
	}
}

// The journal of a payroll run as a list: what the columns are is proposed, as that of a
// journal, tried out, and kept. What needs no mapping is led to its own page.
func TestListOfPayroll(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	path := listsPath(s.Connections[0].ID)
	const list = "Päivä;Tili;Debet;Kredit;Selitys\n31.3.2026;5000;10,50;;Palkat\n31.3.2026;1910;;10,50;\n"
	wants := func(a answer, status int, words ...string) {
		t.Helper()
		if a.StatusCode != status {
			t.Errorf("%s", a.Status)
		}
		for _, w := range words {
			if !strings.Contains(a.body, w) {
				t.Errorf("no %q in %s", w, a.body)
			}
		}
	}
	wants(s.upload(path, "1", "file", list), http.StatusOK, "Palkka-ajon tosite", "Palkkaohjelman tili", "3/2026")
	s.more = url.Values{"content": {base64.StdEncoding.EncodeToString([]byte(list))}, "name": {"palkat.csv"}, "do": {"try"}, "kind": {""}, "was": {string(hub.PayrollJournal)}}
	wants(s.upload(path, "1", "", ""), http.StatusOK, "Laskun numero")
	s.more.Set("kind", "travel_invoice")
	wants(s.upload(path, "1", "", ""), http.StatusBadRequest)
	s.more = url.Values{"content": s.more["content"], "name": {"palkat.csv"}, "do": {"take"}, "kind": {string(hub.PayrollJournal)}, "was": {string(hub.PayrollJournal)},
		"field.date": {"Päivä"}, "field.account": {"Tili"}, "field.debit": {"Debet"}, "field.credit": {"Kredit"}, "field.text": {"Selitys"}}
	wants(s.upload(path, "1", "", ""), http.StatusSeeOther)
	if m := s.connection(s.Connections[0].ID).Settings.Tables; len(m) != 1 || m[0].Kind != hub.PayrollJournal || m[0].Fields["text"] != "Selitys" {
		t.Errorf("kept: %+v", m)
	}
	s.more = nil
	wants(s.upload(path, "2", "file", "#FLAGGA 0\n"), http.StatusUnprocessableEntity, "Palkka-ajot")
}
