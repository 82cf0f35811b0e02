package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A vendor's link leads an administrator through connecting and back to the vendor, whose
// the connection then is; it works once, and nothing of it holds for who does without.
func TestVendorLink(t *testing.T) {
	j := newJoinSite(t)
	const back = "https://app.shopmaker.example/connected"
	e := engine.New(engine.Options{Store: j.st})
	v, err := e.AddVendor(t.Context(), "test", store.Vendor{Name: "Shopmaker Oy", ReturnURLs: []string{back}}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(reference string) (string, store.VendorLink) {
		l, token, err := e.AskConnection(context.Background(), v, store.VendorLink{Name: "Kuvitelma Kauppa", Reference: reference, ReturnURL: back})
		if err != nil {
			t.Fatal(err)
		}
		return "/connect?link=" + url.QueryEscape(token.Reveal()), l
	}
	link, _ := ask("a")
	j.signIn(people.Finance)
	if a := j.get(link); a.StatusCode != http.StatusForbidden {
		t.Errorf("finance: %s", a.Status)
	}
	j.signIn(people.Admin)
	if a := j.get(link); a.Header.Get("Location") != "/connect" {
		t.Fatalf("%s %s", a.Status, a.Text())
	}
	if a := j.get("/connect"); !strings.Contains(a.Text(), "Shopmaker Oy asks for this connection, for Kuvitelma Kauppa") || strings.Contains(a.body, link) {
		t.Error(a.Text())
	}
	at := j.begin(j.demo.APIKey)
	a := j.get(at)
	if name, ok := a.First("input[name=name]"); !ok {
		t.Error("no name to choose")
	} else if value, _ := name.Attr("value"); value != "Kuvitelma Kauppa" {
		t.Errorf("the name is %q", value)
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "https://app.shopmaker.example") {
		t.Error(policy)
	}
	a = j.post(at, j.choices(nil))
	made := j.connections()
	if len(made) != 1 || a.Header.Get("Location") != back+"?connection="+made[0].ID {
		t.Fatalf("%s to %q, %d connections: %s", a.Status, a.Header.Get("Location"), len(made), a.Text())
	}
	if _, err := store.ReadOne(t.Context(), j.st, func(tx *store.Tx) (string, error) {
		c, err := tx.VendorConnection(v.ID, made[0].ID)
		return c.ID, err
	}); err != nil {
		t.Errorf("it is not the vendor's: %v", err)
	}
	j.get(link)
	if a := j.get("/connect"); strings.Contains(a.Text(), "Shopmaker Oy asks") || !strings.Contains(a.Text(), "used or has expired") {
		t.Errorf("once more: %s", a.Text())
	}
	// Who does without the vendor connects for themselves.
	link, l := ask("b")
	j.get(link)
	j.get("/connect?link=none")
	if a := j.get("/connect"); strings.Contains(a.Text(), "Shopmaker Oy asks") {
		t.Error(a.Text())
	}
	if err := j.st.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.OpenVendorLinkByID(l.ID); return err }); err != nil {
		t.Errorf("the link was used up: %v", err)
	}
	if err := j.st.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.OpenVendorLink(secret.New("")); return err }); err == nil {
		t.Error("no token at all opens a link")
	}
}
