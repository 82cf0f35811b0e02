// Package severa reads Visma Severa by its public REST interface: sales invoices in
// the status that is set up, with their rows, files, customers and projects. One
// connection reads one company of a Severa. See docs/sources/severa.md.
package severa

import (
	"context"
	"errors"
	"net/url"
	"strings"

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

var places = []string{printed, internal, out}

// Kind is the connector of Severa.
func Kind() source.Kind {
	k := source.Kind{
		Name: "severa", Title: "Visma Severa",
		Help: "Reads sales invoices in a status that you choose, with rows, files, customers and projects, from Severa's REST interface.",
		Options: []source.Option{
			{Name: "address", Default: host, Help: "Address of the REST interface. It must begin with https."},
			{Name: "client_id", Required: true, Help: "Client id, from Severa > Settings > Integrations > REST API. Make a pair of its own for Vienti."},
			{Name: "client_secret", Required: true, Secret: true, Help: "Client secret that belongs to the client id. Severa shows it once."},
			{Name: "company", Help: "Company of the unit hierarchy whose documents are read, by name or guid. It is needed when the organization has several."},
			{Name: "status", Required: true, Help: "Invoice status from which invoices are fetched, by name or guid, such as Waiting for transfer to Procountor."},
			{Name: "status_after", Help: "Invoice status after the transfer, by name or guid, such as Transferred to Procountor. Invoices in it are read too, so that a change of one is noticed."},
			{Name: "our_reference", Default: printed, Choices: places, Help: "What becomes of the invoice's own reference: printed for the customer, internal, or left out."},
			{Name: "your_reference", Default: printed, Choices: places, Help: "What becomes of the customer's reference: printed for the customer, internal, or left out."},
			{Name: "notes", Default: internal, Choices: places, Help: "What becomes of the invoice's notes: printed for the customer, internal, or left out."},
			{Name: "free_text_1", Default: printed, Choices: places, Help: "What becomes of the free text above the rows: printed for the customer, internal, or left out."},
			{Name: "free_text_2", Default: printed, Choices: places, Help: "What becomes of the free text below the rows: printed for the customer, internal, or left out."},
			{Name: "rate", Default: "foreign", Choices: []string{"foreign", "own"}, Help: "What Severa's currency rate is: units of the foreign currency for one of your own, or units of your own for one of the foreign."},
		},
	}
	k.Open = func(env source.Env, c source.Config) (source.Driver, error) {
		if err := k.Check(c); err != nil {
			return nil, err
		}
		base, err := url.Parse(strings.TrimRight(k.Value(c, "address"), "/"))
		if err != nil || base.Host == "" || base.Scheme != "https" && base.Hostname() != "localhost" && base.Hostname() != "127.0.0.1" || base.User != nil {
			return nil, errors.New("option address must begin with https://")
		}
		option := map[string]string{}
		for _, o := range k.Options {
			if !o.Secret {
				option[o.Name] = strings.TrimSpace(k.Value(c, o.Name))
			}
		}
		return newDriver(env, base.String(), c.Secrets["client_secret"].Reveal(), option), nil
	}
	return k
}

// A Driver reads one company of a Severa. It lives for one run of pulls and keeps
// what it has read of the registers.
type Driver struct {
	client *client
	option map[string]string
}

// reading are the scopes that every reading needs.
var reading = []string{"customers:read", "invoices:read", "organization:read", "projects:read", "settings:read"}

func newDriver(env source.Env, base, secret string, option map[string]string) *Driver {
	return &Driver{client: &client{env: env, base: base, id: option["client_id"], secret: secret, scopes: reading}, option: option}
}

// Pull is not there yet.
func (d *Driver) Pull(ctx context.Context, cursor source.Cursor, limit int) (source.Page, error) {
	return source.Page{}, errors.New("not there yet")
}
