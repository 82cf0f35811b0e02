package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// The administrator says where a connection's business system is told of changes; its
// secret is shown once; how it stands, what it was told and how it answered is seen; what
// stands still is resumed, and told once more by date.
func TestWebhookPage(t *testing.T) {
	s := seeded(t)
	conn := s.Connections[0].ID
	at := webhookPath(conn)
	for _, role := range []people.Role{people.Viewer, people.Finance, people.Auditor} {
		s.signIn(role)
		for _, a := range []answer{s.get(at), s.post(at, url.Values{"do": {"add"}, "address": {"https://x.example/"}})} {
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s", role, a.Status)
			}
		}
	}
	s.signIn(people.Admin)
	if a := s.get("/connections/" + conn); !strings.Contains(a.body, at) {
		t.Error("the connection's page does not lead to it")
	}
	for _, wrong := range []string{"", "http://shop.example.fi/", "https://10.1.2.3/", "https://[::1]/", "https://me:pass@shop.example.fi/"} {
		if a := s.post(at, url.Values{"do": {"add"}, "address": {wrong}}); a.StatusCode != http.StatusUnprocessableEntity || len(a.All("[role=alert]")) == 0 {
			t.Errorf("%q: %s", wrong, a.Status)
		}
	}
	secrets := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]{40,}`)
	a := s.post(at, url.Values{"do": {"add"}, "address": {"https://shop.example.fi/vienti"}, "type": {"document.refused", "document.posted"}, "language": {"sv"}})
	first := secrets.FindString(a.body)
	if a.StatusCode != http.StatusOK || first == "" {
		t.Fatalf("%s: %s", a.Status, a.Text())
	}
	a = s.get(at)
	if text := a.Text(); strings.Contains(a.body, "whsec_") || !strings.Contains(text, "document.refused, document.posted") || !strings.Contains(text, "menee perille") ||
		!strings.Contains(text, "Mitään ei ole vielä kerrottu") {
		t.Error(text)
	}
	hook, _ := a.All("input[name=webhook]")[0].Attr("value")
	do := func(what string, more ...string) answer {
		form := url.Values{"do": {what}, "webhook": {hook}}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return s.post(at, form)
	}
	if second := secrets.FindString(do("rotate").body); second == "" || second == first {
		t.Error("the secret was not changed")
	}
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		for _, k := range []hub.ChangeKind{hub.DocumentPosted, hub.DocumentRefused, hub.DocumentRefused, hub.DocumentPaid} {
			tx.AppendChange(hub.Change{Connection: conn, Kind: k, Subject: "a", Document: "a", Detail: hub.ChangeDetail{Number: "10234"}})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		list, err := tx.Deliveries(hook, 0, 10)
		if err != nil || len(list) != 3 {
			t.Fatalf("%d deliveries, %v", len(list), err)
		}
		list[2].State, list[2].Tries, list[2].Status = store.DeliveryDelivered, 1, 204
		list[1].State, list[1].Tries, list[1].Error = store.DeliveryGivenUp, 40, "connection refused"
		for _, d := range list[1:] {
			if err := tx.SettleDelivery(&d); err != nil {
				return err
			}
		}
		w, err := tx.ClaimWebhook(hook, "x", time.Now(), time.Now().Add(time.Minute))
		if err != nil {
			return err
		}
		w.Fails, w.Failing, w.Parked = 9, time.Now().Add(-72*time.Hour), time.Now()
		return tx.GiveBackWebhook(&w, "x")
	}); err != nil {
		t.Fatal(err)
	}
	text := s.get(at).Text()
	for _, want := range []string{"pysähtynyt", "1 muutos odottaa", "1 muutoksesta on luovuttu", "10234: document.posted kerrottu 1 204", "luovuttu 40 connection refused", "kertomatta"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	if a := do("resume"); a.Header.Get("Location") != at {
		t.Error(a.Status)
	}
	if text := s.get(at).Text(); !strings.Contains(text, "menee perille") {
		t.Error(text)
	}
	if a := do("replay", "from", time.Now().Add(-48*time.Hour).Format(time.DateOnly)); a.Header.Get("Location") != at {
		t.Error(a.Status)
	}
	if text := s.get(at).Text(); !strings.Contains(text, "3 muutosta kerrotaan uudelleen") || !strings.Contains(text, "3 muutosta odottaa") {
		t.Error(text)
	}
	if a := do("replay", "from", "soon"); a.StatusCode != http.StatusBadRequest {
		t.Error(a.Status)
	}
	other := webhookPath(s.Connections[1].ID)
	if a := s.post(other, url.Values{"do": {"end"}, "webhook": {hook}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("ended by way of another connection: %s", a.Status)
	}
	if a := do("end"); a.Header.Get("Location") != at {
		t.Error(a.Status)
	}
	if text := s.get(at).Text(); !strings.Contains(text, "Mitään ei kerrota webhookilla") {
		t.Error(text)
	}
}
