package engine

import (
	"context"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

const (
	// maxSeen is how many documents, the newest ones, are asked which accounts
	// are in use; half a second of work.
	maxSeen = 2000
	// maxReadings is how many readings with changes are told.
	maxReadings = 20
	// maxTouched is how many open documents are asked what they need.
	maxTouched = 2000
)

// MapGaps lists what keeps the account map of a connection from being ready: the
// gaps of the map itself, and rows of documents received in the last 13 months
// (at most the newest 2000) for which it has no answer.
func (e *Engine) MapGaps(ctx context.Context, conn hub.Connection) ([]posting.Gap, error) {
	copied, err := e.Registers(ctx, conn.Company)
	if err != nil {
		return nil, err
	}
	gaps := posting.Gaps(&conn.Settings, copied)
	if !posting.InUse(&conn.Settings) {
		return gaps, nil
	}
	census := posting.Census{Rules: conn.Settings.Accounts}
	f := store.TransferFilter{Connection: conn.ID, From: civil.DayOf(e.o.Now(), helsinki).AddMonths(-historyMonths).String()}
	err = e.eachDocument(ctx, f, maxSeen, copied, func(_ *store.Tx, t *hub.Transfer, in mapping.Input) error {
		if t.State == hub.Skipped || t.State == hub.Withdrawn {
			return nil
		}
		for _, row := range mapping.PostingRows(in) {
			census.Add(row.Row, sampleOf(t, in.Document, row.Line))
		}
		return nil
	})
	return append(gaps, census.Gaps()...), err
}

func sampleOf(t *hub.Transfer, d *hub.Document, line int) posting.Sample {
	l := &d.Lines[line]
	s := posting.Sample{Transfer: t.ID, Number: d.Number, Line: line, Text: l.Name, Date: d.Date.String(), Partner: d.Counterparty().Name}
	if l.Net != nil {
		s.Net = l.Net.Fixed(2)
	}
	return s
}

// eachDocument calls fn for the documents of a filter, the newest first.
func (e *Engine) eachDocument(ctx context.Context, f store.TransferFilter, limit int, copied *register.Copy, fn func(*store.Tx, *hub.Transfer, mapping.Input) error) error {
	return e.store.Read(ctx, func(tx *store.Tx) error {
		conns := map[string]hub.Connection{}
		companies := map[string]hub.Company{}
		for seen := 0; seen < limit; {
			page, next, err := tx.Page(f)
			if err != nil {
				return err
			}
			for i := range page {
				t := &page[i]
				if seen++; seen > limit {
					return nil
				}
				if t.Kind != hub.DocumentTransfer || t.Direction != hub.In || t.DocKind == hub.Unreadable || t.Version == "" {
					continue
				}
				if _, ok := conns[t.Connection]; !ok {
					if conns[t.Connection], err = tx.Connection(t.Connection); err != nil {
						return err
					}
					if companies[t.Company], err = tx.Company(t.Company); err != nil {
						return err
					}
				}
				doc, _, err := tx.Document(t.Subject, t.Version)
				if err != nil {
					return err
				}
				if err := fn(tx, t, mapping.Input{Company: companies[t.Company], Connection: conns[t.Connection], Document: doc, Registers: copied}); err != nil {
					return err
				}
			}
			if f.After = next; next == "" {
				return nil
			}
		}
		return nil
	})
}

// maxRowSamples is how many rows like one are shown.
const maxRowSamples = 5

// RowSamples are the newest rows that a source has posted as one row of a
// document is: on the same account, or, without one, with the same text. It also
// returns the row itself as the map is asked about it.
func (e *Engine) RowSamples(ctx context.Context, conn hub.Connection, transfer string, line int) (row posting.Row, samples []posting.Sample, err error) {
	copied, err := e.Registers(ctx, conn.Company)
	if err != nil {
		return row, nil, err
	}
	var t hub.Transfer
	var doc *hub.Document
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if t, err = tx.Transfer(transfer); err != nil {
			return err
		}
		doc, _, err = tx.Document(t.Subject, t.Version)
		return err
	}); err != nil {
		return row, nil, err
	}
	if t.Connection != conn.ID || line < 0 || line >= len(doc.Lines) {
		return row, nil, store.ErrNotFound
	}
	for _, r := range mapping.PostingRows(mapping.Input{Connection: conn, Document: doc, Registers: copied}) {
		if r.Line == line {
			row = r.Row
		}
	}
	like := func(x posting.Row, text string) bool {
		if row.Source != "" || row.Invoice != "" {
			return x.Kind == row.Kind && x.Source == row.Source && x.Invoice == row.Invoice
		}
		return x.Kind == row.Kind && text == doc.Lines[line].Name
	}
	err = e.eachDocument(ctx, store.TransferFilter{Connection: conn.ID, Kind: doc.Kind}, maxSeen, copied, func(_ *store.Tx, t *hub.Transfer, in mapping.Input) error {
		for _, r := range mapping.PostingRows(in) {
			if len(samples) < maxRowSamples && like(r.Row, in.Document.Lines[r.Line].Name) {
				samples = append(samples, sampleOf(t, in.Document, r.Line))
			}
		}
		return nil
	})
	return row, samples, err
}

// News are what is known of a company's registers and what has changed in them.
type News struct {
	Copy *register.Copy
	// ReadAt is when the registers were read last, PartnersAt the partners.
	ReadAt, PartnersAt time.Time
	Partners           map[register.PartnerType]store.PartnerCount
	Readings           []Reading // the newest first
}

// A Reading is one that found changes.
type Reading struct {
	store.RegisterReading
	Changes []ChangeNews
}

// A ChangeNews is a change with what it touches.
type ChangeNews struct {
	register.Change
	// Settings name the thing, and Documents that are not in the books yet need it.
	Settings  []TouchedSetting
	Documents []hub.Transfer
}

// A TouchedSetting is a setting, or a rule, of a connection.
type TouchedSetting struct {
	Connection hub.Connection
	posting.Touched
}

// News says what a company's registers hold, how old that is, what changed and
// what each change touches. It asks Procountor nothing.
func (e *Engine) News(ctx context.Context, company string) (n News, err error) {
	var conns []hub.Connection
	var u store.Upkeep
	if err := e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.Upkeep(company); err != nil {
			return err
		}
		if conns, err = tx.Connections(company); err != nil {
			return err
		}
		if n.Partners, err = tx.CountPartners(company); err != nil {
			return err
		}
		list, err := tx.RegisterReadings(company, maxReadings)
		for _, r := range list {
			reading := Reading{RegisterReading: r}
			for _, c := range r.Changes {
				reading.Changes = append(reading.Changes, ChangeNews{Change: c})
			}
			n.Readings = append(n.Readings, reading)
		}
		return err
	}); err != nil {
		return n, err
	}
	n.ReadAt, n.PartnersAt = u.RegistersAt, u.PartnersAt
	if n.Copy, err = e.registers(ctx, u); err != nil {
		return n, err
	}
	// What a thing has become since counts, not what it was in between.
	latest := map[register.Thing]*ChangeNews{}
	for i := range n.Readings {
		for k := range n.Readings[i].Changes {
			if c := &n.Readings[i].Changes[k]; latest[c.Thing] == nil {
				latest[c.Thing] = c
			}
		}
	}
	partners, touching := false, false
	for thing, c := range latest {
		if !c.Ends() && c.How != register.Renamed {
			continue
		}
		touching, partners = true, partners || thing.What == register.OfPartner
		for _, conn := range conns {
			for _, t := range posting.Touch(&conn.Settings, c.Change) {
				c.Settings = append(c.Settings, TouchedSetting{conn, t})
			}
		}
	}
	if !touching {
		return n, nil
	}
	f := store.TransferFilter{Company: company, States: []hub.State{hub.Noticed, hub.Ready, hub.Waiting, hub.Held, hub.Refused}}
	err = e.eachDocument(ctx, f, maxTouched, n.Copy, func(tx *store.Tx, t *hub.Transfer, in mapping.Input) error {
		uses := mapping.Uses(in)
		if partners {
			ids, err := meant(tx, in)
			if err != nil {
				return err
			}
			uses = append(uses, ids...)
		}
		for _, thing := range uses {
			if c := latest[thing]; c != nil && (c.Ends() || c.How == register.Renamed) {
				c.Documents = append(c.Documents, *t)
			}
		}
		return nil
	})
	return n, err
}

// meant are the partners that a document means, or may mean.
func meant(tx *store.Tx, in mapping.Input) (things []register.Thing, err error) {
	party := in.Document.Counterparty()
	candidates, err := tx.PartnerCandidates(in.Company.ID, keyTexts(matching.Wanted(*party, in.Connection.Settings.Partner)))
	if err != nil {
		return nil, err
	}
	m := matching.Match(*party, register.TypeFor(in.Document.Kind), in.Connection.Settings.Partner, candidates)
	if m.Partner != nil {
		return []register.Thing{register.PartnerThing(m.Partner.ID)}, nil
	}
	for _, c := range m.Candidates {
		things = append(things, register.PartnerThing(c.Partner.ID))
	}
	return things, nil
}

// ReadNow reads everything anew because a person wants it.
func (e *Engine) ReadNow(ctx context.Context, actor, company string) error {
	if _, err := e.Refresh(ctx, company); err != nil {
		return err
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error { return act(tx, actor, "registers.read", company, nil) })
}
