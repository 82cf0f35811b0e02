package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/procountor/procountortest"
)

// carries is a world in which changes of customers are carried, or shown.
func carries(as hub.PartnerChanges) enginetest.Config {
	return enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Partner.CustomerChanges = as }}
}

// customer is the card of the customer of [enginetest.Sale].
func customer(w *enginetest.World) procountortest.BusinessPartner {
	w.T.Helper()
	for _, p := range w.Sandbox.Partners(w.Company.ProcountorID) {
		if p.InvoicingInfo.CustomerNumber == "1001" {
			return p
		}
	}
	w.T.Fatal("no customer")
	return procountortest.BusinessPartner{}
}

// edits is a person changing that card in Procountor.
func edits(w *enginetest.World, change func(*procountortest.BusinessPartner)) {
	w.T.Helper()
	w.Clock.Add(10 * time.Minute) // versions have seconds, and our copy minutes
	w.Sandbox.EditPartner(w.Company.ProcountorID, customer(w).ID, change)
}

// sold is an invoice of that customer, with what the source says of it by now.
func sold(number, day string, change func(*hub.Party)) *hub.Document {
	d := enginetest.Sale(number, "10")
	d.Date, d.DueDate = civil.Must(day), civil.Must("2026-03-31")
	if change != nil {
		change(&d.Buyer)
	}
	return d
}

func moved(p *hub.Party) {
	p.Address.Street, p.Address.Zip, p.Address.City = "Uusikatu 7", "20100", "Turku"
}

// card is the one card that a source has something to say of.
func card(w *enginetest.World) engine.CardNews {
	w.T.Helper()
	list, _, err := w.Engine.Cards(w.T.Context(), w.Company.ID, w.Connection.ID, people.Reach{})
	w.Must(err)
	if len(list) != 1 {
		w.T.Fatalf("%d cards: %+v", len(list), list)
	}
	return list[0]
}

func wantCard(t *testing.T, w *enginetest.World, state hub.State, code string) engine.CardNews {
	t.Helper()
	n := card(w)
	if n.Transfer.State != state || code != "" && (len(n.Transfer.Faults) == 0 || n.Transfer.Faults[0].Code != code) {
		t.Fatalf("want %s %s: %s", state, code, enginetest.Describe(n.Transfer))
	}
	return n
}

// writes are the requests that have written a card.
func writes(w *enginetest.World) (list []procountortest.Request) {
	for _, r := range w.Sandbox.Received() {
		if r.Method == "PUT" && strings.HasPrefix(r.Path, "/businesspartners/") {
			list = append(list, r)
		}
	}
	return list
}

// An address that has changed in the source is carried to the customer's card along
// with the invoice: once for all invoices of the customer, and nothing else of the card
// is touched.
func TestAddressCarried(t *testing.T) {
	feature.Covers(t, "V-2")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(carries(hub.ChangesWrite))
		edits(w, func(p *procountortest.BusinessPartner) {
			p.InvoicingInfo.OrderReference, p.AdditionalInfo = "PO-7", &procountortest.BusinessPartnerAdditionalInfo{Comments1: "maksaa hyvin", InvoiceLedger: "INVOICE_LEDGER"}
			p.DeliveryAddress = &procountortest.BusinessPartnerDeliveryAddress{Name: "Varasto", Street: "Lastauslaituri 1", Zip: "33100", City: "Tampere"}
		})
		w.Receive(sold("1001", "2026-03-10", nil))
		w.Settle()
		before := customer(w)
		w.Sandbox.ForgetRequests()
		w.Receive(sold("1002", "2026-03-11", moved), sold("1003", "2026-03-12", func(p *hub.Party) {
			moved(p)
			p.Email, p.EInvoice = "laskut@kuvitelma.example", hub.EInvoice{Address: "003723456780", Operator: "BAWCFI22"}
		}))
		w.Settle()
		for _, n := range []string{"1001", "1002", "1003"} {
			wantState(t, w, n, hub.Done, "")
		}
		n := wantCard(t, w, hub.Done, "")
		if n.Carried.IsZero() || n.Changes[0].Card != "Keksittykatu 5, 33100 Tampere, FI" || n.Changes[0].Said != "Uusikatu 7, 20100 Turku, FI" {
			t.Errorf("what is shown: %+v", n)
		}
		now := customer(w)
		for _, a := range []string{now.Address.Street + now.Address.Zip + now.Address.City, now.BillingAddress.Street + now.BillingAddress.Zip + now.BillingAddress.City} {
			if a != "Uusikatu 720100Turku" {
				t.Errorf("address %q", a)
			}
		}
		if now.InvoicingInfo.Email != "laskut@kuvitelma.example" || now.InvoicingInfo.EinvoiceAddress != "003723456780" || now.InvoicingInfo.EinvoiceOperator != "BAWCFI22" {
			t.Errorf("%+v", now.InvoicingInfo)
		}
		now.Address, now.BillingAddress, now.Version = before.Address, before.BillingAddress, before.Version
		now.InvoicingInfo.Email, now.InvoicingInfo.EinvoiceAddress, now.InvoicingInfo.EinvoiceOperator = "", "", ""
		if a, b := text(t, now), text(t, before); a != b {
			t.Errorf("more of the card has changed:\n%s\n%s", b, a)
		}
		if n := len(writes(w)); n != 1 {
			t.Errorf("%d writes for two invoices", n)
		}
		// The same once more asks Procountor nothing.
		w.Sandbox.ForgetRequests()
		w.Receive(sold("1004", "2026-03-13", moved))
		w.Settle()
		wantState(t, w, "1004", hub.Done, "")
		for _, r := range w.Sandbox.Received() {
			if strings.HasPrefix(r.Path, "/businesspartners/") {
				t.Errorf("%s %s", r.Method, r.Path)
			}
		}
	})
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What becomes of a difference: by what the two last agreed on, what stands in the
// card, what the source says, and the setting.
func TestCardDecided(t *testing.T) {
	email := func(to string) func(*hub.Party) { return func(p *hub.Party) { p.Email = to } }
	for _, c := range []struct {
		name    string
		setting hub.PartnerChanges
		first   string // the card's e-mail address at the beginning
		said    string // by the first invoice
		edit    string // what a person writes into the card then
		later   string // by the second invoice
		state   hub.State
		code    string
		ends    string
	}{
		{"empty in the card", hub.ChangesWrite, "", "a@x.fi", "", "a@x.fi", hub.Done, "", "a@x.fi"},
		{"the source has changed", hub.ChangesWrite, "a@x.fi", "a@x.fi", "", "b@x.fi", hub.Done, "", "b@x.fi"},
		{"the source says nothing any more", hub.ChangesWrite, "a@x.fi", "a@x.fi", "", "", hub.Done, "", "a@x.fi"},
		{"never compared", hub.ChangesWrite, "a@x.fi", "b@x.fi", "", "b@x.fi", hub.Held, hub.PartnerDiffers, "a@x.fi"},
		{"edited there", hub.ChangesWrite, "a@x.fi", "a@x.fi", "c@x.fi", "a@x.fi", hub.Held, hub.PartnerEdited, "c@x.fi"},
		{"changed here and edited there", hub.ChangesWrite, "a@x.fi", "a@x.fi", "c@x.fi", "b@x.fi", hub.Held, hub.PartnerEdited, "c@x.fi"},
		{"changed here and there alike", hub.ChangesWrite, "a@x.fi", "a@x.fi", "b@x.fi", "B@X.fi", hub.Done, "", "b@x.fi"},
		{"shown", hub.ChangesShow, "a@x.fi", "a@x.fi", "", "b@x.fi", hub.Held, hub.PartnerChanged, "a@x.fi"},
		{"off", hub.ChangesOff, "a@x.fi", "a@x.fi", "", "b@x.fi", "", "", "a@x.fi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := enginetest.OnSQLite(t)(carries(c.setting))
			edits(w, func(p *procountortest.BusinessPartner) { p.InvoicingInfo.Email = c.first })
			w.Receive(sold("1001", "2026-03-10", email(c.said)))
			w.Settle()
			if c.edit != "" {
				edits(w, func(p *procountortest.BusinessPartner) { p.InvoicingInfo.Email = c.edit })
				w.Clock.Add(10 * time.Minute)
			}
			w.Receive(sold("1002", "2026-03-11", email(c.later)))
			w.Settle()
			wantState(t, w, "1002", hub.Done, "")
			var cards []hub.Transfer
			for _, x := range w.Transfers() {
				if x.Kind == hub.CardTransfer {
					cards = append(cards, x)
				}
			}
			switch {
			case c.state == "" && len(cards) > 0:
				t.Errorf("a card: %s", enginetest.Describe(cards[0]))
			case c.state != "" && (len(cards) != 1 || cards[0].State != c.state || c.code != "" && cards[0].Faults[0].Code != c.code):
				t.Errorf("want %s %s: %v", c.state, c.code, cards)
			}
			if got := customer(w).InvoicingInfo.Email; got != c.ends {
				t.Errorf("the card holds %q", got)
			}
		})
	}
}

// Whoever is asked says what stands: the source's word, once, or the card's, which is
// not asked about again until one of the two changes. An answer holds for what was seen.
func TestCardAnswered(t *testing.T) {
	for _, answer := range []engine.CardAnswer{engine.CarryCard, engine.LeaveCard} {
		enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
			w := world(carries(hub.ChangesWrite))
			w.Receive(sold("1001", "2026-03-10", moved))
			w.Settle()
			n := wantCard(t, w, hub.Held, hub.PartnerDiffers)
			for actor, seen := range map[string]string{"person": "another", "": n.Transfer.Version, "vienti": n.Transfer.Version} {
				if err := w.Engine.AnswerCard(t.Context(), actor, n.Transfer.ID, seen, answer); err == nil {
					t.Errorf("%q answers %q", actor, seen)
				}
			}
			if err := w.Engine.AnswerCard(t.Context(), "person", w.Transfer("1001").ID, "", answer); !errors.Is(err, engine.ErrNotNow) {
				t.Errorf("a document is answered: %v", err)
			}
			w.Must(w.Engine.AnswerCard(t.Context(), "person", n.Transfer.ID, n.Transfer.Version, answer))
			w.Settle()
			want := map[engine.CardAnswer]string{engine.CarryCard: "Uusikatu 7", engine.LeaveCard: "Keksittykatu 5"}[answer]
			check := func(writes0 int) {
				t.Helper()
				if got := customer(w).Address.Street; got != want {
					t.Errorf("%s: the card holds %s", answer, got)
				}
				for _, x := range w.Transfers() {
					if x.Kind == hub.CardTransfer && x.State != hub.Done {
						t.Errorf("%s: %s", answer, enginetest.Describe(x))
					}
				}
				if got := len(writes(w)); got != writes0 {
					t.Errorf("%s: %d writes", answer, got)
				}
			}
			n0 := len(writes(w))
			check(n0)
			w.Receive(sold("1002", "2026-03-11", moved))
			w.Settle()
			check(n0)
			// Another edit there is another question.
			edits(w, func(p *procountortest.BusinessPartner) { p.Address.Street = "Toinenkatu 9" })
			w.Clock.Add(10 * time.Minute)
			w.Receive(sold("1003", "2026-03-12", moved))
			w.Settle()
			wantCard(t, w, hub.Held, hub.PartnerEdited)
			// And what is answered by now holds for that only.
			if err := w.Engine.AnswerCard(t.Context(), "person", n.Transfer.ID, n.Transfer.Version, answer); !errors.Is(err, engine.ErrNotNow) {
				t.Errorf("an old answer: %v", err)
			}
		})
	}
}

// A person edits the card between our reading and our writing: the write is refused,
// the card read anew, and what the person wrote is asked about. So it is when the write
// never left and the edit falls into the second of the version that was read, which
// Procountor cannot tell apart.
func TestCardEditedWhileWritten(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash=%t", crash), func(t *testing.T) {
			cfg := carries(hub.ChangesWrite)
			var w *enginetest.World
			cfg.Crash = func(point string) {
				if point != string(hub.UpdatePartner)+"/intended" || customer(w).Address.City != "Tampere" {
					return
				}
				if !crash {
					w.Clock.Add(2 * time.Second)
				}
				w.Sandbox.EditPartner(w.Company.ProcountorID, customer(w).ID, func(p *procountortest.BusinessPartner) {
					p.Address.City, p.InvoicingInfo.Ovt = "Nokia", "0037"
				})
				if crash {
					panic(enginetest.Crash(point))
				}
			}
			w = enginetest.OnSQLite(t)(cfg)
			w.Receive(sold("1001", "2026-03-10", nil))
			w.Settle()
			edits(w, func(p *procountortest.BusinessPartner) { p.InvoicingInfo.Ovt = "0038" }) // the version of this second
			w.Receive(sold("1002", "2026-03-11", moved))
			w.Settle()
			wantCard(t, w, hub.Held, hub.PartnerEdited)
			if now := customer(w); now.Address.City != "Nokia" || now.InvoicingInfo.Ovt != "0037" {
				t.Errorf("what a person wrote is lost: %+v", now)
			}
		})
	}
}

// An older document that comes late does not bring an old address back, a credit note
// says nothing, and neither does whoever has no number of its own.
func TestOldWord(t *testing.T) {
	cfg := carries(hub.ChangesWrite)
	set := cfg.Settings
	cfg.Settings = func(s *hub.Settings) { set(s); s.Partner.Collective = "1001" }
	w := enginetest.OnSQLite(t)(cfg)
	w.Receive(sold("1001", "2026-03-10", nil))
	w.Settle()
	w.Receive(sold("1002", "2026-03-12", moved))
	w.Settle()
	credit := enginetest.Credit("1004", "5", "1001")
	credit.Date = civil.Must("2026-03-13")
	w.Receive(sold("1003", "2026-03-11", nil), credit, sold("1005", "2026-03-14", func(p *hub.Party) {
		*p = hub.Party{Name: "Satunnainen Asiakas", Consumer: true, Email: "oma@x.fi", Address: hub.Address{Street: "Kotitie 1", Zip: "00100", City: "Helsinki"}}
	}))
	w.Settle()
	if now := customer(w); now.Address.Street != "Uusikatu 7" || now.Name != "Kuvitelma Kauppa Oy" || now.InvoicingInfo.Email != "" || len(writes(w)) != 1 {
		t.Errorf("%d writes: %+v %+v", len(writes(w)), now.Address, now.InvoicingInfo)
	}
	wantState(t, w, "1005", hub.Done, "")
}

// Two sources that say different things of one customer ask once, and do not take turns.
func TestTwoWordsOfOneCustomer(t *testing.T) {
	w := enginetest.OnSQLite(t)(carries(hub.ChangesWrite))
	other := func(p *hub.Party) { moved(p); p.Number = ""; p.Address.Street = "Sivukatu 1" } // another party of the source
	w.Receive(sold("1001", "2026-03-10", nil))
	w.Settle()
	w.Receive(sold("1002", "2026-03-11", other))
	w.Settle()
	n := wantCard(t, w, hub.Held, hub.PartnerDiffers)
	w.Must(w.Engine.AnswerCard(t.Context(), "person", n.Transfer.ID, n.Transfer.Version, engine.LeaveCard))
	w.Settle()
	w.Receive(sold("1003", "2026-03-12", moved), sold("1004", "2026-03-13", other))
	w.Settle()
	w.Receive(sold("1005", "2026-03-14", moved), sold("1006", "2026-03-15", other))
	w.Settle()
	if now := customer(w); now.Address.Street != "Uusikatu 7" || len(writes(w)) != 1 {
		t.Errorf("%d writes: %+v", len(writes(w)), now.Address)
	}
	wantCard(t, w, hub.Done, "")
}

// A connection that does not write shows what it would carry, and does when it does.
func TestCardOfHarmlessConnection(t *testing.T) {
	cfg := carries(hub.ChangesWrite)
	cfg.Writing = false
	w := enginetest.OnSQLite(t)(cfg)
	w.Receive(sold("1001", "2026-03-10", func(p *hub.Party) { p.Email = "a@x.fi" }))
	w.Settle()
	n := wantCard(t, w, hub.Noticed, hub.WritingOff)
	if len(n.Changes) != 1 || n.Changes[0].Said != "a@x.fi" || len(writes(w)) != 0 {
		t.Errorf("%+v", n)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "test", w.Connection.ID, true))
	w.Settle()
	wantCard(t, w, hub.Done, "")
	if customer(w).InvoicingInfo.Email != "a@x.fi" {
		t.Error("not carried")
	}
}

// A setting that is changed is heard: what was asked is carried, or of no interest.
func TestCardSetting(t *testing.T) {
	w := enginetest.OnSQLite(t)(carries(hub.ChangesShow))
	w.Receive(sold("1001", "2026-03-10", nil))
	w.Settle()
	w.Receive(sold("1002", "2026-03-11", moved))
	w.Settle()
	wantCard(t, w, hub.Held, hub.PartnerChanged)
	for _, c := range []struct {
		as   hub.PartnerChanges
		want hub.State
	}{{hub.ChangesOff, hub.Skipped}, {hub.ChangesShow, hub.Held}, {hub.ChangesWrite, hub.Done}} {
		s := w.Connection.Settings
		s.Partner.CustomerChanges = c.as
		w.SetSettings(s)
		w.Settle()
		for _, x := range w.Transfers() {
			if x.Kind == hub.CardTransfer && x.State != c.want {
				t.Errorf("%s: %s", c.as, enginetest.Describe(x))
			}
		}
	}
	if customer(w).Address.Street != "Uusikatu 7" {
		t.Error("not carried")
	}
}

// rewriting changes the answers to writes of cards on their way.
type rewriting struct{ http.RoundTripper }

func (r rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.RoundTripper.RoundTrip(req)
	if err != nil || req.Method != http.MethodPut || !strings.Contains(req.URL.Path, "/businesspartners/") {
		return res, err
	}
	b, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	b = bytes.ReplaceAll(b, []byte("Uusikatu 7"), []byte("Uusik. 77!")) // of the same length
	res.Body = io.NopCloser(bytes.NewReader(b))
	return res, err
}

// An answer that holds something else than was meant is no proof.
func TestCardSavedOtherwise(t *testing.T) {
	cfg := carries(hub.ChangesWrite)
	cfg.Client = func(c *http.Client) *http.Client {
		next := *c
		next.Transport = rewriting{c.Transport}
		return &next
	}
	w := enginetest.OnSQLite(t)(cfg)
	w.Receive(sold("1001", "2026-03-10", nil))
	w.Settle()
	w.Receive(sold("1002", "2026-03-11", moved))
	w.Settle()
	wantCard(t, w, hub.Held, hub.SavedDiffers)
}

// A customer that is not there any more is no longer written of.
func TestCardGone(t *testing.T) {
	w := enginetest.OnSQLite(t)(carries(hub.ChangesShow))
	w.Receive(sold("1001", "2026-03-10", nil))
	w.Settle()
	w.Receive(sold("1002", "2026-03-11", moved))
	w.Settle()
	n := wantCard(t, w, hub.Held, hub.PartnerChanged)
	w.Sandbox.RemovePartner(w.Company.ProcountorID, n.Transfer.PartnerID)
	w.Must(w.Engine.AnswerCard(t.Context(), "person", n.Transfer.ID, n.Transfer.Version, engine.CarryCard))
	w.Settle()
	for _, x := range w.Transfers() {
		if x.Kind == hub.CardTransfer && x.State != hub.Skipped {
			t.Error(enginetest.Describe(x))
		}
	}
}
