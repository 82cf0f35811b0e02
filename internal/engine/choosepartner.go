package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// ErrNoCandidate says that a person has chosen a partner that was not offered.
var ErrNoCandidate = errors.New("not one of the candidates")

// ErrMend says that by setting nobody says here who a party is: one of the two
// cards, that of the source or that of Procountor, is to be mended.
var ErrMend = errors.New("by setting one of the two cards is mended")

// ErrNoNew says that nobody may let a partner be made: employees are made by setting
// only.
var ErrNoNew = errors.New("by setting no employee is made")

// partnerActs are what an act about a choice says.
type partnerActs struct {
	Party       string  `json:"party"`
	Name        string  `json:"name"`
	Partner     int64   `json:"partner,omitempty"` // 0: a new one
	PartnerName string  `json:"partner_name,omitempty"`
	Refused     []int64 `json:"refused,omitempty"`
	Document    string  `json:"document,omitempty"`
	Everywhere  bool    `json:"everywhere,omitempty"`
}

// A Saying is who somebody says that a party is.
type Saying struct {
	// Partner is one of the candidates, 0 a new one.
	Partner int64
	// Everywhere lets it hold for all connections of the company, not for that of
	// the document alone.
	Everywhere bool
}

// ChoosePartner keeps which partner the other party of a held document is, for
// this document and all later ones of that party. Every document that is held for
// the same party goes on.
func (e *Engine) ChoosePartner(ctx context.Context, actor, transfer string, says Saying) error {
	if actor == "" || actor == engineActor {
		return ErrNoReason
	}
	partner := says.Partner
	t, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(transfer) })
	if err != nil {
		return err
	}
	if t.Kind != hub.DocumentTransfer || t.State != hub.Held || t.DocKind == hub.Unreadable {
		return fmt.Errorf("choose the partner of %s: %w", t.Number, ErrNotNow)
	}
	f, err := e.CheckStored(ctx, &t)
	if err != nil {
		return err
	}
	if !Doubtful(f.Faults) {
		return fmt.Errorf("choose the partner of %s: %w", t.Number, ErrNotNow)
	}
	if f.Mend {
		return fmt.Errorf("choose the partner of %s: %w", t.Number, ErrMend)
	}
	if partner == 0 && f.NoNew {
		return fmt.Errorf("choose the partner of %s: %w", t.Number, ErrNoNew)
	}
	detail := partnerActs{Document: t.ID, Everywhere: says.Everywhere}
	for _, c := range f.Candidates {
		if c.Partner.ID == partner {
			detail.Partner, detail.PartnerName = partner, c.Partner.Name
		} else {
			detail.Refused = append(detail.Refused, c.Partner.ID)
		}
	}
	if partner != detail.Partner {
		return fmt.Errorf("partner %d: %w", partner, ErrNoCandidate)
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		now, err := tx.LockTransfer(transfer)
		if err != nil {
			return err
		}
		if now.State != hub.Held || now.Version != t.Version || now.Lease != "" && now.LeaseUntil.After(e.o.Now()) {
			return fmt.Errorf("choose the partner of %s: %w", t.Number, ErrNotNow)
		}
		doc, _, err := tx.Document(now.Subject, now.Version)
		if err != nil {
			return err
		}
		party, typ := doc.Counterparty(), register.TypeFor(doc.Kind)
		detail.Party, detail.Name = matching.PartyKey(typ, *party), party.Name
		choice := store.PartnerChoice{Company: now.Company, Connection: now.Connection, Party: detail.Party, Name: party.Name, Author: actor,
			Chosen: matching.Chosen{Partner: partner, Refused: detail.Refused}}
		if says.Everywhere {
			choice.Connection = ""
			// What was said of it on one connection before gives way.
			if err := tx.RemovePartnerChoice(now.Company, now.Connection, detail.Party); err != nil && !store.IsNotFound(err) {
				return err
			}
		}
		if partner == 0 {
			choice.Making = string(typ) + "/chosen/" + e.store.NewID()
		}
		if err := tx.PutPartnerChoice(choice); err != nil {
			return err
		}
		for _, subject := range []string{now.Connection, now.ID} {
			if err := act(tx, actor, "partner.chosen", subject, detail); err != nil {
				return err
			}
		}
		return e.goOnFor(tx, &now, choice.Connection, typ, detail.Party)
	})
}

// goOnFor lets the documents go on that are held for the same doubt, of one
// connection or of all.
func (e *Engine) goOnFor(tx *store.Tx, first *hub.Transfer, connection string, typ register.PartnerType, party string) error {
	list, err := tx.HeldBy(first.Company, connection, partnerCodes)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(t hub.Transfer) bool { return t.ID == first.ID }) {
		list = append(list, *first)
	}
	for i := range list {
		t := &list[i]
		if t.Goal != hub.Deliver || !onlyMendable(t.Faults) || t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
			continue
		}
		doc, _, err := tx.Document(t.Subject, t.Version)
		if err != nil {
			return err
		}
		if register.TypeFor(doc.Kind) != typ || matching.PartyKey(typ, *doc.Counterparty()) != party {
			continue
		}
		if err := readyAgain(tx, t, because{Choice: true}); err != nil {
			return err
		}
	}
	return e.wake(tx, first.Company, e.o.Now())
}

// Doubtful reports whether a doubt about the partner is among the faults.
func Doubtful(faults []hub.Fault) bool {
	_, ok := find(faults, partnerCodes...)
	return ok && slices.ContainsFunc(faults, func(f hub.Fault) bool { return !f.Warning && slices.Contains(partnerCodes, f.Code) })
}

// UndoPartnerChoice forgets what a person has said of a party, on one connection or
// ("") on all of the company: the next document of it is judged as the first one
// was. What is in the books stays.
func (e *Engine) UndoPartnerChoice(ctx context.Context, actor, company, connection, party string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		c, err := tx.PartnerChoice(company, connection, party)
		if err != nil {
			return err
		}
		if c.Connection != connection {
			return store.ErrNotFound // it was said for all
		}
		if err := tx.RemovePartnerChoice(company, connection, party); err != nil {
			return err
		}
		if err := tx.ForgetSayings(company, connection, party, 0); err != nil {
			return err
		}
		detail := partnerActs{Party: c.Party, Name: c.Name, Partner: c.Partner, Refused: c.Refused, Everywhere: connection == ""}
		return act(tx, actor, "partner.choice-undone", cmp.Or(connection, company), detail)
	})
}

// chosen is what a person has said of the party, and the candidates with the
// partner that was chosen among them.
func chosen(tx *store.Tx, company, connection string, typ register.PartnerType, party hub.Party, candidates []register.Partner) (*matching.Chosen, []register.Partner, error) {
	c, err := tx.PartnerChoice(company, connection, matching.PartyKey(typ, party))
	if store.IsNotFound(err) {
		return nil, candidates, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if c.Partner == 0 || slices.ContainsFunc(candidates, func(p register.Partner) bool { return p.ID == c.Partner }) {
		return &c.Chosen, candidates, nil
	}
	more, err := tx.PartnersByID(company, []int64{c.Partner})
	return &c.Chosen, append(slices.Clip(candidates), more...), err
}

// isChosen reports whether a partner is made because a person has said so.
func isChosen(key string) bool { return strings.Contains(key, "/chosen/") }
