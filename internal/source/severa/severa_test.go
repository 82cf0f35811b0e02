package severa

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/source/sourcetest"
)

// harness is a fake in which invoices are made by hand.
type harness struct {
	*world
	options map[string]string
	files   hub.FilesGo
	done    bool // invoices stand in the status after the transfer
	several bool // each invoice has two projects
	guids   map[string]string
}

func newHarness(t *testing.T) *harness {
	return &harness{world: newWorld(t), options: map[string]string{"status_after": "siirretty procountoriin"}, files: hub.FilesNone, guids: map[string]string{}}
}

func (h *harness) Kind() source.Kind     { return Kind() }
func (h *harness) Deny(*testing.T)       { h.fake.Revoke() }
func (h *harness) Writes(*testing.T) int { return h.fake.Writes() }
func (h *harness) Secrets() []string     { return []string{secretWord, "access-", "refresh-"} }

func (h *harness) Exceptions() []sourcetest.Exception {
	if h.files == hub.FilesNone {
		return nil
	}
	return []sourcetest.Exception{{Test: "Repeat", Reason: "Severa makes its PDF anew each time, with other bytes: TestPDFIsNoChange", Date: civil.Must("2026-11-30")}}
}

func (h *harness) Seed(_ *testing.T, docs []sourcetest.Seed) {
	for _, s := range docs {
		at := s.Changed.UTC().Format("2006-01-02T15:04:05.0000000Z")
		i := severafake.Invoice{Date: s.Date.String(), Status: h.Waiting, Customer: h.Customer, Projects: []string{h.Project}, CreditNote: s.CreditNote, Changed: at,
			More: severafake.Object{"receiverCustomerName": s.Buyer, "freeText1": severafake.Object{"value": s.Text, "plainText": s.Text, "allowTags": true}}}
		if h.done {
			i.Status = h.Transferred
		}
		if h.several {
			i.Projects = append(i.Projects, h.OtherProject)
		}
		if _, err := fmt.Sscan(s.Number, &i.Number); err != nil {
			h.t.Fatal(err)
		}
		for n, r := range s.Rows {
			i.Rows = append(i.Rows, severafake.Row{Text: r.Name, Quantity: r.Quantity.String(), Price: r.Price.String(), VAT: r.VATPercent.String(), Unit: "h", Project: i.Projects[n%len(i.Projects)]})
		}
		guid, ok := h.guids[s.Number]
		if !ok {
			h.guids[s.Number] = h.fake.NewInvoice(i)
			continue
		}
		// A person changes the rows: the invoice's own time may stay what it was.
		for n, row := range h.fake.Rows(guid) {
			h.fake.ChangeRow(row["guid"].(string), false, func(o severafake.Object) {
				o["lastUpdatedDateTime"] = at
				o["unitPrice"] = severafake.Money(s.Rows[n].Price.String(), "EUR")
			})
		}
	}
}

func (h *harness) config() source.Config {
	c := source.Config{Values: map[string]string{"address": h.url, "client_id": "vienti", "status": "Odottaa siirtoa Procountoriin"}, Secrets: map[string]secret.Secret{"client_secret": secret.New(secretWord)}}
	for name, value := range h.options {
		c.Values[name] = value
	}
	return c
}

func (h *harness) Open(t *testing.T, env source.Env) source.Driver {
	t.Helper()
	env.HTTP, env.Own = http.DefaultClient, "2345678-0"
	env.Now, env.Sleep = func() time.Time { return h.now }, h.sleep
	env.Kinds = map[hub.Kind]hub.KindSettings{hub.SalesInvoice: {On: true, Files: hub.FileSettings{Goes: h.files}}}
	d, err := Kind().Open(env, h.config())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSuite(t *testing.T) {
	for name, change := range map[string]func(*harness){
		"waiting":              func(*harness) {},
		"one status":           func(h *harness) { delete(h.options, "status_after") },
		"with files":           func(h *harness) { h.files = hub.FilesAll },
		"rows numbered from 1": func(h *harness) { h.fake.FirstRowIsOne = true },
		"several projects":     func(h *harness) { h.several = true },
		"several companies": func(h *harness) {
			_, root, _ := h.fake.AddCompany("Toinen Oy", "1234567-1")
			p := h.fake.NewProject(9, "Toisen projekti", h.Customer, root)
			for n := range 4 {
				h.fake.NewInvoice(severafake.Invoice{Number: 9001 + n, Date: "2026-03-01", Status: h.Waiting, Customer: h.Customer, Projects: []string{p}, Rows: []severafake.Row{{Text: "Muu", Quantity: "1", Price: "1", VAT: "0"}}})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
				h := newHarness(t)
				change(h)
				return h
			})
		})
	}
}
