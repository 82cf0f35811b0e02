package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/source/all"
)

// A connector is set up on the connection's page: tried without keeping anything,
// saved, read; and what a run came to stands there, with who must act.
func TestSourcePage(t *testing.T) {
	s := seeded(t)
	s.signIn(people.Admin)
	say := locale.New(locale.Finnish, nil)
	id := s.Connections[0].ID
	path := sourcePath(id)
	if a := s.get(path); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), say.T("source.not-set")) {
		t.Fatalf("%d: %s", a.StatusCode, a.Text())
	}
	dir := t.TempDir()
	file, err := os.ReadFile("../format/pcfile/testdata/sales.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), file, 0o666); err != nil {
		t.Fatal(err)
	}
	form := formOf(s.get(path+"?kind=file"), ".settings-form")
	form.Set("option.folder", dir)
	form.Set("option.dimension_columns", "O=project")
	form.Set("option.quiet", "0")
	form.Set("quiet", "19:00-08:00")
	form.Set("do", "try")
	if a := s.post(path, form); a.StatusCode != http.StatusOK || !strings.Contains(a.Text(), "Kiinteistö Oy Mäntylä") {
		t.Fatalf("a trial: %d: %s", a.StatusCode, a.Text())
	}
	if _, err := os.Stat(filepath.Join(dir, "a.csv")); err != nil || !strings.Contains(s.get(path).Text(), say.T("source.not-set")) {
		t.Errorf("a trial has kept something: %v", err)
	}
	form.Set("do", "save")
	for key, bad := range map[string]string{"quiet": "19-08", "every": "0", "option.folder": ""} {
		wrong := url.Values{}
		for k := range form {
			wrong.Set(k, form.Get(k))
		}
		wrong.Set(key, bad)
		if a := s.post(path, wrong); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) == 0 {
			t.Errorf("%s=%q: %d", key, bad, a.StatusCode)
		}
	}
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("save: %d: %s", a.StatusCode, a.Text())
	}
	if _, err := s.Engine.Pull(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	a := s.get(path)
	for _, want := range []string{say.T("source.good"), "19:00-08:00", `value="` + dir + `"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	// The folder goes: the source stops, and says who must act.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if a := s.post(path+"/now", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("now: %d", a.StatusCode)
	}
	if _, err := s.Engine.Pull(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if a := s.get(path); !strings.Contains(a.Text(), say.T("fault.source-denied.title")) || !strings.Contains(a.Text(), say.T("who.admin")) || !strings.Contains(a.Text(), say.T("source.waits")) {
		t.Errorf("a source that stands still: %s", a.Text())
	}
	form.Set("do", "remove")
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther || !strings.Contains(s.get(path).Text(), say.T("source.not-set")) {
		t.Errorf("remove: %d", a.StatusCode)
	}
	s.signIn(people.Viewer)
	if a := s.get(path); a.StatusCode != http.StatusOK || len(a.All(".settings-form")) > 0 {
		t.Errorf("whoever only looks: %d", a.StatusCode)
	}
	if a := s.post(path, form); a.StatusCode != http.StatusForbidden {
		t.Errorf("whoever only looks may set it up: %d", a.StatusCode)
	}
}

// Every choice of an option is a number, a letter of its system, or has its words.
func TestChoicesHaveWords(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, nil)
		for _, k := range all.Sources().Kinds() {
			for _, o := range k.Options {
				for _, c := range o.Choices {
					if _, err := strconv.Atoi(c); err != nil && len(c) > 1 && !say.Has("choice."+c) && !say.Has("kind."+c+".word") {
						t.Errorf("%s: choice %s of option %s of %s has no words", l, c, o.Name, k.Name)
					}
				}
			}
		}
	}
}

// Every connector and option has its words in every language.
func TestConnectorsHaveWords(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, nil)
		for _, k := range all.Sources().Kinds() {
			keys := []string{"connector." + k.Name + ".title", "connector." + k.Name + ".help"}
			for _, o := range k.Options {
				keys = append(keys, "connector."+k.Name+".option."+o.Name+".label", "connector."+k.Name+".option."+o.Name+".help")
			}
			for _, key := range keys {
				if !say.Has(key) {
					t.Errorf("%s: %s has no text", l, key)
				}
			}
		}
	}
}
