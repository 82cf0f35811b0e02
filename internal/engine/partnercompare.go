package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A Compared says where a party or partner stands in a comparison.
type Compared string

// Who is compared: found in both; in doubt; certainly not in Procountor; in
// Procountor only.
const (
	ComparedFound   Compared = "found"
	ComparedDoubt   Compared = "doubt"
	ComparedMissing Compared = "missing"
	ComparedOnly    Compared = "only"
)

// A ComparedRow is a party of the source, a partner of Procountor, or both.
type ComparedRow struct {
	State   Compared
	Party   *hub.Party        // nil when the source has none
	Partner *register.Partner // nil unless found or only there
	// Code and Candidates say why it is in doubt.
	Code       string
	Candidates []matching.Candidate
	// Channel and EInvoice are those of the partner's card, where details were read.
	Channel  string
	EInvoice hub.EInvoice
}

// A Comparison holds a source's parties against Procountor's register, before
// anything is sent.
type Comparison struct {
	Rows   []ComparedRow
	Counts map[Compared]int
	// Unnumbered is how many active partners there have no customer number.
	Unnumbered int
}

// maxCompared is how many parties are compared at a time: the largest registers.
const maxCompared = 200_000

// ErrTooMany says that a list is longer than what is compared at a time.
var ErrTooMany = errors.New("more parties than are compared at a time")

// ComparePartners compares parties with the register of a connection's company, by
// the connection's policy and by what people have said. With details it reads the
// cards of all that are there from Procountor, 200 at a time; otherwise it asks the
// copy only.
func (e *Engine) ComparePartners(ctx context.Context, connection string, typ register.PartnerType, parties []hub.Party, details bool) (c Comparison, err error) {
	if len(parties) > maxCompared {
		return c, ErrTooMany
	}
	c.Counts = map[Compared]int{}
	var conn hub.Connection
	var company hub.Company
	var list []register.Partner
	said := map[string]matching.Chosen{}
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(connection); err != nil {
			return err
		}
		if company, err = tx.Company(conn.Company); err != nil {
			return err
		}
		choices, err := tx.PartnerChoices(conn.Company, conn.ID)
		if err != nil {
			return err
		}
		for _, s := range choices {
			if _, ok := said[s.Party]; !ok || s.Connection != "" {
				said[s.Party] = s.Chosen
			}
		}
		list, err = tx.Partners(conn.Company, typ)
		return err
	}); err != nil {
		return c, fmt.Errorf("compare partners: %w", err)
	}
	policy := conn.Settings.Partner
	x := matching.NewIndex(list)
	met := map[int64]bool{}
	for i := range parties {
		p := &parties[i]
		candidates := x.Candidates(*p, policy)
		var chosen *matching.Chosen
		if s, ok := said[matching.PartyKey(typ, *p)]; ok {
			chosen = &s
			if at, there := slices.BinarySearchFunc(list, s.Partner, func(r register.Partner, id int64) int { return int(r.ID - id) }); there {
				candidates = append(candidates, list[at])
			}
		}
		d := matching.MatchChosen(*p, typ, policy, candidates, chosen)
		row := ComparedRow{State: ComparedDoubt, Party: p, Partner: d.Partner, Candidates: d.Candidates}
		switch {
		case d.Partner != nil:
			row.State, met[d.Partner.ID] = ComparedFound, true
		case d.Create, d.Faults[0].Code == hub.PartnerMissing, d.Faults[0].Code == hub.PartnerNoID && len(d.Candidates) == 0:
			row.State = ComparedMissing
		default:
			row.Code = d.Faults[0].Code
			for _, k := range d.Candidates {
				met[k.Partner.ID] = true
			}
		}
		c.Rows = append(c.Rows, row)
	}
	for i := range list {
		if p := &list[i]; p.Active {
			if strings.TrimSpace(p.CustomerNumber) == "" {
				c.Unnumbered++
			}
			if !met[p.ID] {
				c.Rows = append(c.Rows, ComparedRow{State: ComparedOnly, Partner: p})
			}
		}
	}
	for _, r := range c.Rows {
		c.Counts[r.State]++
	}
	if details {
		err = e.cards(ctx, company, c.Rows)
	}
	return c, err
}

// cards reads how invoices are sent to the partners of rows.
func (e *Engine) cards(ctx context.Context, company hub.Company, rows []ComparedRow) error {
	client, err := e.client(ctx, company)
	if err != nil {
		return err
	}
	at := map[int64][]int{}
	var ids []int64
	for i, r := range rows {
		if r.Partner != nil {
			if at[r.Partner.ID] == nil {
				ids = append(ids, r.Partner.ID)
			}
			at[r.Partner.ID] = append(at[r.Partner.ID], i)
		}
	}
	for page := range slices.Chunk(ids, pageRows) {
		list, err := client.Partners.GetMany(ctx, page)
		if errors.Is(err, procountor.NotFound) {
			continue // all of them have been removed since
		}
		if err != nil {
			return fmt.Errorf("read partners' cards: %w", err)
		}
		for _, p := range list {
			for _, i := range at[p.ID] {
				full := register.PartnerFrom(p)
				rows[i].Partner = &full
				if info := p.InvoicingInfo; info != nil {
					rows[i].Channel, rows[i].EInvoice = string(info.InvoiceChannel), hub.EInvoice{Address: info.EInvoiceAddress, Operator: info.EInvoiceOperator}
				}
			}
		}
	}
	return nil
}

// ErrNoLister says that the source of a connection does not list its customers, or
// that there is none.
var ErrNoLister = errors.New("the source does not list its customers")

// ListsParties reports whether the source of a connection can list its customers.
func (e *Engine) ListsParties(ctx context.Context, connection string) bool {
	_, err := e.lister(ctx, connection)
	return err == nil
}

func (e *Engine) lister(ctx context.Context, connection string) (source.PartyLister, error) {
	s, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(connection) })
	if store.IsNotFound(err) {
		return nil, ErrNoLister
	}
	if err != nil {
		return nil, err
	}
	d, _, err := e.openDriver(ctx, connection, s.Kind, nil)
	if err != nil {
		return nil, err
	}
	if l, ok := d.(source.PartyLister); ok {
		return l, nil
	}
	return nil, ErrNoLister
}

// SourceParties are the customers that the source of a connection lists, read from
// it now; a fault says why it gives none.
func (e *Engine) SourceParties(ctx context.Context, connection string) (list []hub.Party, fault *hub.Fault, err error) {
	l, err := e.lister(ctx, connection)
	if errors.Is(err, ErrNoLister) {
		return nil, nil, err
	}
	if err == nil {
		for p, e := range l.Customers(ctx) {
			if err = e; err != nil {
				break
			}
			if list = append(list, p.Party); len(list) > maxCompared {
				return nil, nil, ErrTooMany
			}
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		fault, _ = e.sourceFault(err, source.Schedule{Every: time.Hour}, e.o.Now())
	}
	return list, fault, nil
}

// Parties are the parties that the documents of a connection have named, each once,
// with what the newest of them says.
func (e *Engine) Parties(ctx context.Context, connection string, typ register.PartnerType) (list []hub.Party, err error) {
	at := map[string]int{}
	err = e.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachDocument(connection, func(d *hub.Document) error {
			if d.Kind == hub.Unreadable || d.Kind == hub.Journal || register.TypeFor(d.Kind) != typ {
				return nil
			}
			p := *d.Counterparty()
			key := matching.PartyKey(typ, p)
			if i, ok := at[key]; ok {
				list[i] = p
				return nil
			}
			at[key] = len(list)
			list = append(list, p)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list parties: %w", err)
	}
	return list, nil
}

// Table is a comparison as a file for the source: what it says of each party, where
// it stands, and what Procountor's card says.
func (c Comparison) Table() [][]string {
	rows := [][]string{{"state", "why", "name", "business_id", "vat_number", "number", "alternative_number",
		"procountor_id", "procountor_name", "procountor_customer_number", "procountor_business_id",
		"procountor_email", "procountor_street", "procountor_zip", "procountor_city", "procountor_country", "delivery_method", "einvoice_address", "einvoice_operator"}}
	for _, r := range c.Rows {
		line := []string{string(r.State), r.Code}
		p := hub.Party{}
		if r.Party != nil {
			p = *r.Party
		}
		line = append(line, p.Name, p.BusinessID, p.VATNumber, p.Number, p.Alternative)
		if r.Partner == nil {
			line = append(line, make([]string, 12)...)
		} else {
			q := r.Partner
			line = append(line, fmt.Sprint(q.ID), q.Name, q.CustomerNumber, q.BusinessID, q.Email, q.Address.Street, q.Address.Zip, q.Address.City, q.Address.Country,
				r.Channel, r.EInvoice.Address, r.EInvoice.Operator)
		}
		rows = append(rows, line)
	}
	return rows
}
