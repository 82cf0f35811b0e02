// Package severa reads Visma Severa by its public REST interface: sales and travel
// invoices in the statuses that are set up, with rows, files, customers and projects. One
// connection reads one company of a Severa. See docs/sources/severa.md.
package severa

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// host is Severa's own address.
const host = "https://api.severa.visma.com/rest-api"

// What becomes of one of the texts of an invoice.
const (
	printed  = "printed"
	internal = "internal"
	out      = "out"
)

// Of a question.
const (
	yes = "yes"
	no  = "no"
)

var places = []string{printed, internal, out}

// Kind is the connector of Severa.
func Kind() source.Kind {
	k := source.Kind{
		Name: "severa", Title: "Visma Severa",
		Every: 10 * time.Minute,
		Help:  "Reads sales invoices, and travel invoices if they are switched on, in statuses that you choose, with rows, files, customers and projects, from Severa's REST interface.",
		Options: []source.Option{
			{Name: "address", Default: host, Help: "Address of the REST interface. It must begin with https."},
			{Name: "client_id", Required: true, Help: "Client id, from Severa > Settings > Integrations > REST API. Make a pair of its own for Vienti."},
			{Name: "client_secret", Required: true, Secret: true, Help: "Client secret that belongs to the client id. Severa shows it once."},
			{Name: "company", Live: true, Own: true, Help: "Company of the unit hierarchy whose documents are read, by name or guid. It is needed when the organization has several."},
			{Name: "status", Live: true, Help: "Invoice status from which invoices are fetched, by name or guid, such as Waiting for transfer to Procountor."},
			{Name: "status_after", Live: true, Help: "Invoice status after the transfer, by name or guid, such as Transferred to Procountor. Invoices in it are read too, so that a change of one is noticed."},
			{Name: "travel_status", Live: true, Help: "Travel invoice status from which travel invoices are fetched, by name or guid. Needed only when the connection brings travel invoices over."},
			{Name: "travel_status_after", Live: true, Help: "Travel invoice status after the transfer, by name or guid. Travel invoices in it are read too, so that a change of one is noticed."},
			{Name: "paid", Default: yes, Choices: []string{yes, no}, Help: "Whether an invoice that somebody marks paid before it was fetched is fetched all the same."},
			{Name: "our_reference", Default: printed, Choices: places, Help: "What becomes of the invoice's own reference: printed for the customer, internal, or left out."},
			{Name: "your_reference", Default: printed, Choices: places, Help: "What becomes of the customer's reference: printed for the customer, internal, or left out."},
			{Name: "notes", Default: internal, Choices: places, Help: "What becomes of the invoice's notes: printed for the customer, internal, or left out."},
			{Name: "free_text_1", Default: printed, Choices: places, Help: "What becomes of the free text above the rows: printed for the customer, internal, or left out."},
			{Name: "free_text_2", Default: printed, Choices: places, Help: "What becomes of the free text below the rows: printed for the customer, internal, or left out."},
			{Name: "status_paid", Live: true, Help: "Invoice status of paid invoices, by name or guid. Empty: the only active status that counts as paid."},
			{Name: "fee_type", Default: feeType, Choices: []string{"Subcontracting", "Materials", "FixedFees"}, Help: "What a purchase invoice of Procountor becomes as a cost of a project: its type."},
			{Name: "fee_billable", Default: no, Choices: []string{no, yes}, Help: "Whether such a cost is invoiced to the customer, at its own price."},
			{Name: "rate", Default: "foreign", Choices: []string{"foreign", "own"}, Help: "What Severa's currency rate is: units of the foreign currency for one of your own, or units of your own for one of the foreign."},
		},
	}
	open := func(env source.Env, c source.Config) (*Driver, error) {
		if err := k.Check(c); err != nil {
			return nil, fmt.Errorf("%w: %w", source.ErrOptions, err)
		}
		base, err := url.Parse(strings.TrimRight(k.Value(c, "address"), "/"))
		if err != nil || base.Host == "" || base.Scheme != "https" && base.Hostname() != "localhost" && base.Hostname() != "127.0.0.1" || base.User != nil {
			return nil, fmt.Errorf("%w: option address must begin with https://", source.ErrOptions)
		}
		option := map[string]string{}
		for _, o := range k.Options {
			if !o.Secret {
				option[o.Name] = strings.TrimSpace(k.Value(c, o.Name))
			}
		}
		return newDriver(env, base.String(), c.Secrets["client_secret"].Reveal(), option), nil
	}
	k.Open = func(env source.Env, c source.Config) (source.Driver, error) {
		d, err := open(env, c)
		if err != nil {
			return nil, err // not a driver that is nil and looks like one
		}
		return d, nil
	}
	k.Choices = func(ctx context.Context, env source.Env, c source.Config) (map[string][]source.Choice, error) {
		d, err := open(env, c)
		if err != nil {
			return nil, err
		}
		return d.choices(ctx)
	}
	return k
}

// A Driver reads one company of a Severa. It lives for one run of pulls and keeps
// what it has read of the registers.
type Driver struct {
	client *client
	option map[string]string
	reg    registers
	run    *snapshot // what a run has found and not yet shown
	back   back
	travel *client // of travel invoices
}

// reading are the scopes that every reading needs.
var reading = []string{"customers:read", "invoices:read", "organization:read", "projects:read", "settings:read"}

func newDriver(env source.Env, base, secret string, option map[string]string) *Driver {
	d := &Driver{back: back{busy: make(chan struct{}, 1)}, client: &client{env: env, base: base, id: option["client_id"], secret: secret, scopes: slices.Clone(reading)}, option: option,
		reg: registers{projects: map[string]*project{}, customers: map[string]*customer{}, taxFree: map[string][]taxFree{}}}
	if d.filesGo() != hub.FilesNone {
		d.client.scopes = append(d.client.scopes, "files:read")
	}
	return d
}

// filesGo says which files of sales invoices go by the settings.
func (d *Driver) filesGo() hub.FilesGo {
	return cmp.Or(d.client.env.Kinds[hub.SalesInvoice].Files.Goes, hub.FilesAll)
}

// firstDay is that of sales invoices; earlier ones are not asked for.
func (d *Driver) firstDay() civil.Date { return d.client.env.Kinds[hub.SalesInvoice].FirstDay }
