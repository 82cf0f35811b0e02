package severa

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/source/sourcetest"
)

// paying is a Severa whose projects get costs.
type paying struct{ *world }

func newPaying(t *testing.T) paying { return paying{newWorld(t)} }

func (h paying) Kind() source.Kind                  { return Kind() }
func (h paying) Seed(*testing.T, []sourcetest.Seed) {}
func (h paying) Deny(*testing.T)                    { h.fake.Revoke() }
func (h paying) Writes(*testing.T) int              { return h.fake.Writes() }
func (h paying) Secrets() []string                  { return []string{secretWord, "access-", "refresh-"} }
func (h paying) Exceptions() []sourcetest.Exception { return nil }
func (h paying) Project() (project, other string)   { return "1", "2" }
func (h paying) Silent(*testing.T)                  { h.fake.SilentFees = true }
func (h paying) Lose(*testing.T)                    { h.fake.Lose(1) }
func (h paying) Invoice(_ *testing.T, id string)    { h.fake.InvoiceFee(id, h.invoice()) }
func (h paying) Edit(_ *testing.T, id, amount string) {
	h.edit(id, "unitCost", severafake.Money(amount, "EUR"))
}

func (h paying) edit(id, field string, value any) {
	h.fake.Change("projectfees", id, func(o severafake.Object) { o[field] = value })
}

func (h paying) invoice() string {
	return h.fake.NewInvoice(severafake.Invoice{Number: 7, Date: "2026-03-01", Status: h.Draft, Customer: h.Customer, Projects: []string{h.World.Project}})
}

func (h paying) Open(t *testing.T, env source.Env) source.Driver {
	t.Helper()
	return h.open(t, env, nil)
}

func (h paying) open(t *testing.T, env source.Env, options map[string]string) *Driver {
	t.Helper()
	env.HTTP, env.Own = http.DefaultClient, "2345678-0"
	env.Now, env.Sleep = func() time.Time { return h.now }, h.sleep
	values := map[string]string{"address": h.url, "client_id": "vienti", "status": "Odottaa siirtoa Procountoriin", "status_after": "Siirretty Procountoriin"}
	for name, value := range options {
		values[name] = value
	}
	d, err := Kind().Open(env, source.Config{Values: values, Secrets: map[string]secret.Secret{"client_secret": secret.New(secretWord)}})
	if err != nil {
		t.Fatal(err)
	}
	return d.(*Driver)
}

func (h paying) Recorded(*testing.T) (list []sourcetest.Recorded) {
	for _, o := range h.fake.All("projectfees") {
		b, err := json.Marshal(o)
		if err != nil {
			h.t.Fatal(err)
		}
		var f fee
		if err := json.Unmarshal(b, &f); err != nil {
			h.t.Fatal(err)
		}
		words := strings.Fields(f.Name)
		number, _ := h.fake.Get("projects", f.Project.Guid)["number"].(json.Number)
		list = append(list, sourcetest.Recorded{ID: f.Guid, Project: number.String(), Text: f.Name, Net: money.Must(f.UnitCost.Amount.String()), Number: words[len(words)-1]})
	}
	return list
}

func TestFeeSuite(t *testing.T) {
	sourcetest.RunWriter(t, func(t *testing.T) sourcetest.WriterHarness { return newPaying(t) })
}

func bought(rows ...[2]string) *hub.Document {
	d := &hub.Document{Kind: hub.PurchaseInvoice, Number: "77", VoucherNumber: "20017", Currency: "EUR", Seller: hub.Party{Name: "Tukku Oy"}}
	for _, r := range rows {
		net := money.Must(r[1])
		d.Lines = append(d.Lines, hub.Line{Name: "Lauta", Net: &net, Dimensions: []hub.Dimension{{Axis: hub.BackAxis, Code: r[0], Name: r[0] + " Satama"}}})
	}
	return d
}

// A closed project, and one that is not there, hold the invoice with their item; a
// missing scope is named, and reading goes on without it.
func TestFeeProjects(t *testing.T) {
	h := newPaying(t)
	h.fake.Change("projects", h.World.Project, func(o severafake.Object) { o["isClosed"] = true })
	for number, want := range map[string]string{"1": hub.BackClosed, "99": hub.BackClosed, "Satama": hub.BackProject, "2": ""} {
		_, faults, err := h.open(t, h.env(), nil).Records(t.Context(), bought([2]string{number, "10"}))
		switch {
		case err != nil:
			t.Error(err)
		case want == "" && len(faults) > 0, want != "" && (len(faults) != 1 || faults[0].Code != want || faults[0].Args["item"] != number+" Satama"):
			t.Errorf("%s: %v", number, faults)
		}
	}
	h.fake.Without("fees:write")
	d := h.open(t, h.env(), nil)
	if _, _, err := d.Records(t.Context(), bought([2]string{"2", "10"})); !errors.Is(err, source.ErrDenied) || !strings.Contains(err.Error(), "fees:write") {
		t.Errorf("without the scope: %v", err)
	}
}

// What a cost is in Severa is chosen by the options; a price of its own only where it
// is invoiced onwards.
func TestFeeOptions(t *testing.T) {
	h := newPaying(t)
	for billable, price := range map[string]string{"no": "0", "yes": "10.50"} {
		list, _, err := h.open(t, h.env(), map[string]string{"fee_type": "Materials", "fee_billable": billable}).Records(t.Context(), bought([2]string{"1", "10.5"}))
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		var f fee
		if err := json.Unmarshal(list[0].Body, &f); err != nil || f.ProductType != "Materials" || f.UnitPrice.Amount.String() != price || f.Billable != (billable == "yes") || f.UnitCost.Amount != "10.50" {
			t.Errorf("%s: %+v %v", billable, f, err)
		}
	}
}

// Busy refuses the next write for a minute.
func (h paying) Busy(*testing.T) {
	done := false
	h.fake.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		if done || r.Method != http.MethodPost || r.URL.Path != "/v1/projectfees" {
			return false
		}
		done = true
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
}
