// Package valueframe reads Visma ValueFrame by its REST interface: customers, own
// companies, and invoices where ValueFrame has opened a resource of them; and writes
// purchase invoices of Procountor there as purchases of projects. The
// fields of that resource are not published and differ from customer to customer,
// so a map of fields, tried on real answers, says what is what; without one no
// invoice is read. See docs/sources/valueframe.md.
package valueframe

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// host is ValueFrame's own address.
const host = "https://rest.valueframe.com/rest/v2"

// Kind is the connector of ValueFrame.
func Kind() source.Kind {
	k := source.Kind{
		Name: "valueframe", Title: "Visma ValueFrame",
		Help: "Reads customers, own companies and, where ValueFrame has opened a resource of them, sales invoices from ValueFrame's REST interface.",
		Options: []source.Option{
			{Name: "address", Default: host, Help: "Address of the REST interface, as ValueFrame's support says it. It must begin with https."},
			{Name: "user", Required: true, Help: "Name of the customer's database at ValueFrame, which goes into X-VF-REST-USER."},
			{Name: "token", Required: true, Secret: true, Help: "Transfer key of the company, from ValueFrame's support. Each company has a key of its own."},
			{Name: "resource", Help: "Name of the resource of invoices that ValueFrame has opened for you. Without it no invoices are read."},
			{Name: "rows", Help: "Field that holds the rows of an invoice. Empty when each record is one row, and rows of one number are one invoice."},
			{Name: "fields", Lines: true, Help: "What is what, a line each: our field = their field. Two with | between: the first that is filled. A constant stands in quotes."},
			{Name: "purchases", Help: "Name of the resource in which ValueFrame lists purchases and sales for you. Without it no purchase invoice is written back, for nobody could look whether it has arrived."},
			{Name: "purchase_id", Default: "id", Help: "Field of that resource that holds the id of a purchase."},
			{Name: "purchase_text", Default: "description", Help: "Field of that resource that holds the description of a purchase, in which our mark stands."},
			{Name: "purchase_status", Choices: []string{"1"}, Help: "Status in which a purchase is written: 1 is ready to be invoiced. Empty: what ValueFrame gives it."},
			{Name: "purchase_type", Choices: []string{"0", "1"}, Help: "Type with which a purchase is written: 0 is work, 1 is material. Empty: what ValueFrame gives it."},
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
		m, err := parseFields(k.Value(c, "fields"))
		if err != nil {
			return nil, fmt.Errorf("option fields: %w", err)
		}
		d := &Driver{client: client{env: env, base: base.String(), user: k.Value(c, "user"), token: c.Secrets["token"].Reveal()},
			resource: strings.Trim(k.Value(c, "resource"), "/"), rows: k.Value(c, "rows"), fields: m,
			back: back{resource: strings.Trim(k.Value(c, "purchases"), "/"), id: k.Value(c, "purchase_id"), text: k.Value(c, "purchase_text"),
				status: k.Value(c, "purchase_status"), typ: k.Value(c, "purchase_type")}}
		if d.resource != "" {
			if err := m.complete(); err != nil {
				return nil, fmt.Errorf("option fields: %w", err)
			}
		}
		return d, nil
	}
	return k
}

// A Driver reads one company's ValueFrame.
type Driver struct {
	client   client
	resource string
	rows     string
	fields   fields
	back     back
	// list is what one run has read, until it has shown all of it.
	list []source.Found
}

// errNoResource says why no invoices come.
var errNoResource = fmt.Errorf("%w: no resource of invoices is set up; ValueFrame's support names the one that it opens for you", source.ErrDenied)

// print is the fingerprint of an invoice as it came.
type print [8]byte

// Pull reads the whole resource, as the interface has no question for what has
// changed, and shows the invoices that the cursor does not know. The cursor is the
// fingerprints of those that have been shown.
func (d *Driver) Pull(ctx context.Context, cursor source.Cursor, limit int) (source.Page, error) {
	if d.resource == "" {
		return source.Page{}, errNoResource
	}
	known, err := parseCursor(cursor)
	if err != nil {
		return source.Page{}, err
	}
	if d.list == nil {
		records, err := d.client.all(ctx, d.resource)
		if err != nil {
			return source.Page{}, err
		}
		d.list = d.invoices(records)
	}
	page := source.Page{Next: cursor}
	seen := map[string]bool{}
	for _, f := range d.list {
		if known[printOf(f)] {
			continue
		}
		if len(page.Documents) == limit || seen[f.Document.SourceID] {
			page.More = true
			break
		}
		seen[f.Document.SourceID] = true
		page.Documents = append(page.Documents, f)
	}
	if len(page.Documents) > 0 {
		for _, f := range page.Documents {
			known[printOf(f)] = true
		}
		// What the source does not show any more need not be remembered.
		var prints []byte
		for _, f := range d.list {
			if p := printOf(f); known[p] {
				prints = append(prints, p[:]...)
			}
		}
		page.Next = source.Cursor(base64.RawStdEncoding.EncodeToString(prints))
	}
	if !page.More {
		d.list = nil
	}
	return page, nil
}

func printOf(f source.Found) (p print) {
	sum := sha256.Sum256(append([]byte(f.Document.SourceID+"\x00"), f.Raw...))
	copy(p[:], sum[:])
	return p
}

func parseCursor(c source.Cursor) (map[print]bool, error) {
	b, err := base64.RawStdEncoding.DecodeString(string(c))
	if err != nil || len(b)%len(print{}) != 0 {
		return nil, errors.New("cursor of ValueFrame is damaged")
	}
	known := map[print]bool{}
	for p := range slices.Chunk(b, len(print{})) {
		known[print(p)] = true
	}
	return known, nil
}

// invoices makes documents of records: one of each, or one of those with one number.
func (d *Driver) invoices(records []record) (list []source.Found) {
	for _, rows := range d.group(records) {
		list = append(list, d.found(rows, nil))
	}
	return list
}

// group brings the records of one invoice together, in the order of their first.
func (d *Driver) group(records []record) (list [][]record) {
	if d.rows != "" {
		for _, r := range records {
			list = append(list, []record{r})
		}
		return list
	}
	at := map[string]int{}
	for _, r := range records {
		key := cmpText(d.fields.get(r, "id"), d.fields.get(r, "number"))
		i, ok := at[key]
		if !ok || key == "" {
			i = len(list)
			list = append(list, nil)
			at[key] = i
		}
		list[i] = append(list[i], r)
	}
	return list
}

func (d *Driver) found(rows []record, tell func(source.Understood)) source.Found {
	raw, err := json.Marshal(rows)
	if err != nil {
		raw = nil // cannot be: it was JSON
	}
	head, lines := rows[0], rows
	if d.rows != "" {
		lines = nested(head, d.rows)
	}
	r := reading{d: d, tell: tell}
	doc := r.document(head, lines)
	return source.Found{Document: doc, Faults: r.faults, Raw: raw, Places: r.places, Name: d.resource}
}

// Explain says field by field what is made of the first invoices.
func (d *Driver) Explain(ctx context.Context, limit int) (list []source.Understood, err error) {
	if d.resource == "" {
		return nil, errNoResource
	}
	records, err := d.client.all(ctx, d.resource)
	if err != nil {
		return nil, err
	}
	for i, rows := range d.group(records) {
		if i == limit {
			break
		}
		d.found(rows, func(u source.Understood) {
			u.Document = i + 1
			list = append(list, u)
		})
	}
	purchases, err := d.try(ctx, limit)
	return append(list, purchases...), err
}

// Customers reads Account.
func (d *Driver) Customers(ctx context.Context) iter.Seq2[source.Party, error] {
	return d.parties(ctx, "Account")
}

// Companies reads Company.
func (d *Driver) Companies(ctx context.Context) iter.Seq2[source.Party, error] {
	return d.parties(ctx, "Company")
}

// parties reads a register by the field names that are documented for Company; those
// of Account are not published and are taken to be the same where they are there.
func (d *Driver) parties(ctx context.Context, resource string) iter.Seq2[source.Party, error] {
	return func(yield func(source.Party, error) bool) {
		records, err := d.client.all(ctx, resource)
		if err != nil {
			yield(source.Party{}, err)
			return
		}
		for _, r := range records {
			p := source.Party{ID: r.text("id"), Party: hub.Party{Name: r.text("name"), Number: r.text("id"), Email: r.text("emailAddress"),
				Address: hub.Address{Street: r.text("postalAddress"), Zip: r.text("postalCode"), City: r.text("postalCity")}}}
			setID(&p.Party, r.text("vatCode"))
			if !yield(p, nil) {
				return
			}
		}
	}
}
