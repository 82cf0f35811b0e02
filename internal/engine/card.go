package engine

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file carries to a partner's card in Procountor what a source says of it
// (decision 026). A document that says something new leaves its word and goes its own
// way, for an invoice holds the addresses of its customer itself. One transfer for
// each card takes the words up: it reads the card, compares, and writes what may be
// written, or asks.

// wordOf is what a document says of the card of the partner in, nil for nothing.
func wordOf(in mapping.Input, t *hub.Transfer) *store.Saying {
	doc := in.Document
	if in.Connection.Settings.Partner.Changes(doc.Kind) == hub.ChangesOff {
		return nil
	}
	card, ok := mapping.Card(in)
	if !ok {
		return nil
	}
	day := doc.Date
	if day.After(in.Today) {
		day = in.Today // whoever dates ahead is not right until then
	}
	return &store.Saying{Company: t.Company, Partner: in.Partner.ID, Connection: t.Connection, Document: t.Subject, Day: day.String(),
		Party: matching.PartyKey(register.TypeFor(doc.Kind), *doc.Counterparty()), Said: card}
}

// news reports whether w says anything new: else the transaction that plans its
// document need not be held up by it.
func (r *run) news(ctx context.Context, w *store.Saying) (bool, error) {
	was, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.Saying, error) {
		return tx.SayingOf(w.Company, w.Partner, w.Connection, w.Party)
	})
	if store.IsNotFound(err) {
		return true, nil
	}
	return isNews(w, &was), err
}

// isNews: another word, and not an older one. A document may take back its own.
func isNews(w, was *store.Saying) bool {
	return w.Said.Over(was.Said) != was.Said && (w.Document == was.Document || w.NewerThan(was))
}

// hear keeps the word of a document, in the transaction that plans it, and lets the
// card's own transfer take it up.
func (r *run) hear(tx *store.Tx, t *hub.Transfer, w *store.Saying) error {
	if w == nil {
		return nil
	}
	subject := strconv.FormatInt(w.Partner, 10)
	c, err := tx.TransferOf(t.Company, hub.CardTransfer, hub.In, subject) // held: words come one after the other
	fresh := store.IsNotFound(err)
	if err != nil && !fresh {
		return err
	}
	was, err := tx.SayingOf(w.Company, w.Partner, w.Connection, w.Party)
	switch {
	case err == nil && !isNews(w, &was):
		return nil
	case err == nil:
		w.Said, w.Settled, w.Version = w.Said.Over(was.Said), was.Settled, was.Version
	case !store.IsNotFound(err):
		return err
	}
	if err := tx.ForgetSayings(w.Company, w.Connection, w.Party, w.Partner); err != nil {
		return err
	}
	if err := tx.PutSaying(w); err != nil {
		return err
	}
	if !fresh {
		return r.e.wakeCard(tx, &c)
	}
	c = hub.Transfer{Company: t.Company, Connection: t.Connection, Kind: hub.CardTransfer, Direction: hub.In, Subject: subject, Goal: hub.Deliver,
		State: hub.Ready, DocKind: t.DocKind, Number: w.Said.Number, SortKey: hub.SortKey(w.Said.Number), PartnerName: w.Said.Name, PartnerID: w.Partner}
	err = tx.Try(func() error { return tx.InsertTransfer(&c) })
	if store.IsDuplicate(err) {
		return errGivenBack // another node hears of it at this moment
	}
	if err != nil {
		return err
	}
	return r.e.wake(tx, t.Company, r.now())
}

// wakeCard lets a card that rests be compared anew.
func (e *Engine) wakeCard(tx *store.Tx, c *hub.Transfer) error {
	if c.State.Active() {
		return nil // whoever works on it looks at the words again before it rests
	}
	lease := c.Lease
	c.WakeAt, c.Rounds, c.Lease, c.LeaseUntil = time.Time{}, 0, "", time.Time{}
	if err := c.Move(hub.Ready); err != nil {
		return err
	}
	if err := tx.SaveTransfer(c, lease); err != nil {
		return err
	}
	return e.wake(tx, c.Company, e.o.Now())
}

// wakeEdited lets the cards be compared that somebody has changed in Procountor.
func (e *Engine) wakeEdited(tx *store.Tx, company string, fresh []register.Partner) error {
	ids := make([]int64, len(fresh))
	for i, p := range fresh {
		ids[i] = p.ID
	}
	versions, err := tx.CardVersions(company, ids)
	if err != nil {
		return err
	}
	for _, p := range fresh {
		if v, ok := versions[p.ID]; !ok || v == p.Version {
			continue
		}
		c, err := tx.TransferOf(company, hub.CardTransfer, hub.In, strconv.FormatInt(p.ID, 10))
		if err != nil {
			return err
		}
		if err := e.wakeCard(tx, &c); err != nil {
			return err
		}
	}
	return nil
}

// planCard compares a card, as it is now, with what was said of it.
func (r *run) planCard(ctx context.Context, t *hub.Transfer) error {
	if inAir, err := r.inAir(ctx, t); inAir || err != nil {
		return err
	}
	words, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.Saying, error) { return tx.Sayings(t.Company, t.PartnerID) })
	if err != nil {
		return err
	}
	entry, err := r.entry(ctx, t)
	if errors.Is(err, procountor.NotFound) {
		return r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
			if err := tx.ForgetCard(t.Company, t.PartnerID); err != nil {
				return err
			}
			return r.settleCard(tx, t, hub.Skipped, hub.NewFault(hub.PartnerGone, "", t.PartnerName, "name", t.PartnerName).Warn())
		})
	}
	if err != nil {
		return r.trouble(err)
	}
	j := r.judge(words, entry, t.DocKind)
	var write *intent
	if j.carry != nil && r.conns[j.words[j.of].Connection].Writing {
		if write, err = r.cardWrite(t, entry, &j); err != nil {
			return err
		}
	}
	var steps []hub.Step
	err = r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		now, err := tx.Sayings(t.Company, t.PartnerID)
		if err != nil || !reflect.DeepEqual(now, words) {
			return err // somebody has said something meanwhile: compared anew
		}
		if write == nil {
			return r.restCard(tx, t, &j)
		}
		if err := putSayings(tx, j.words); err != nil {
			return err
		}
		if t.State == hub.Waiting {
			if err := t.Move(hub.Ready); err != nil {
				return err
			}
		}
		steps, err = r.begin(tx, t, nil, []intent{*write})
		return err
	})
	if err == nil && t.State == hub.Working {
		r.remember(t, steps)
	}
	return err
}

// judged is what became of the comparison of a card.
type judged struct {
	words []store.Saying // as they are to be kept
	// of is whose word is carried, and carry what of it.
	of    int
	carry []hub.CardChange
	asks  []hub.Fault
	off   bool // by setting nobody wants to know
}

// judge compares an entry with the words about it. Whose word is carried is one: the
// next one is compared with what that has left.
func (r *run) judge(words []store.Saying, e *entry, kind hub.Kind) judged {
	j := judged{words: append([]store.Saying{}, words...), off: true}
	card := e.card
	for i := range j.words {
		w := &j.words[i]
		w.Asked = nil
		policy := r.conns[w.Connection].Settings.Partner.Changes(kind)
		if policy == hub.ChangesOff {
			continue
		}
		j.off = false
		var changes []hub.CardChange
		changes, w.Settled = hub.CompareCard(w.Said, card, w.Settled)
		w.Version = e.row.Version
		for _, c := range changes {
			if c.Why == hub.CardCarried && policy == hub.ChangesShow {
				c.Why = hub.CardShown
			}
			if c.Why == hub.CardCarried || w.Wanted.Has(c.Field, c.CardPair) {
				if j.carry == nil || j.of == i {
					j.of, j.carry = i, append(j.carry, c)
				}
				continue
			}
			w.Asked = append(w.Asked, c)
			j.asks = append(j.asks, askedOf(c, w.Said.Name))
		}
	}
	return j
}

// askedOf is what a person is asked about a field.
func askedOf(c hub.CardChange, name string) hub.Fault {
	code := map[hub.CardWhy]string{hub.CardFirst: hub.PartnerDiffers, hub.CardEdited: hub.PartnerEdited}[c.Why]
	if code == "" {
		code = hub.PartnerChanged
	}
	return hub.NewFault(code, "", c.Said, "name", name, "item", string(c.Field), "card", c.Card, "said", c.Said)
}

// cardWrite is the write of what is carried: the entry as it was read a moment ago,
// with nothing else changed in it.
func (r *run) cardWrite(t *hub.Transfer, e *entry, j *judged) (*intent, error) {
	w := &j.words[j.of]
	fields := make([]hub.CardField, len(j.carry))
	for i, c := range j.carry {
		fields[i] = c.Field
	}
	body, err := e.write(e.json, w.Said, fields)
	if err != nil {
		return nil, err
	}
	in, err := r.prepare(t, hub.Step{Transfer: t.ID, Plan: t.Plan + 1, Seq: 1, Kind: hub.UpdatePartner, State: hub.StepPlanned,
		Detail: hub.StepDetail{Version: e.row.Version, Person: e.row.Type == register.Person, Card: &hub.CardWrite{Partner: w.Partner, Connection: w.Connection, Party: w.Party,
			Document: w.Document, Changes: j.carry}}}, body, nil)
	return &in, err
}

// restCard lets a card rest: with what a person is asked, with what would be carried
// if the connection wrote, or with nothing.
func (r *run) restCard(tx *store.Tx, t *hub.Transfer, j *judged) error {
	to, faults := hub.Done, j.asks
	switch {
	case j.carry != nil: // by a connection that does not write
		w := &j.words[j.of]
		to, faults = hub.Noticed, []hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn()}
		for _, c := range j.carry {
			w.Asked = append(w.Asked, c)
			faults = append(faults, askedOf(c, w.Said.Name).Warn())
		}
	case j.asks != nil:
		to = hub.Held
	case j.off && t.State != hub.Working:
		to = hub.Skipped
	}
	if err := putSayings(tx, j.words); err != nil {
		return err
	}
	return r.settleCard(tx, t, to, faults...)
}

// settleCard is [run.settle] with the ways that the law wants on the way there. The
// version of the transfer is what a person sees and answers.
func (r *run) settleCard(tx *store.Tx, t *hub.Transfer, to hub.State, faults ...hub.Fault) error {
	t.Version = ""
	if faults != nil {
		b, err := json.Marshal(faults)
		if err != nil {
			return err
		}
		t.Version = hub.HashOf(b)
	}
	if t.State == hub.Waiting {
		if err := t.Move(hub.Ready); err != nil {
			return err
		}
	}
	if to == hub.Done {
		if err := t.Move(hub.Working); err != nil {
			return err
		}
		return r.settleDone(tx, t, nil)
	}
	return r.settle(tx, t, to, faults...)
}

func putSayings(tx *store.Tx, words []store.Saying) error {
	for i := range words {
		if err := tx.PutSaying(&words[i]); err != nil {
			return err
		}
	}
	return nil
}

// provedCard goes on after a card was written: it and the word agree now. Another
// party that was content with what stood there is content still: it was not its card
// that somebody has edited.
func (r *run) provedCard(tx *store.Tx, t *hub.Transfer, s *hub.Step, saved *entry) error {
	words, err := tx.Sayings(t.Company, t.PartnerID)
	if err != nil {
		return err
	}
	card, write := saved.card, s.Detail.Card
	for i := range words {
		w := &words[i]
		for _, c := range write.Changes {
			now := card.Text(c.Field)
			if w.Connection == write.Connection && w.Party == write.Party {
				w.Settled = w.Settled.With(c.Field, hub.CardPair{Said: c.Said, Card: now})
			} else if was, known := w.Settled[c.Field]; known && hub.SameText(c.Field, was.Card, c.Card) {
				w.Settled = w.Settled.With(c.Field, hub.CardPair{Said: was.Said, Card: now, Left: true})
			}
		}
	}
	if err := putPartners(tx, t.Company, []register.Partner{saved.row}); err != nil {
		return err
	}
	j := r.judge(words, saved, t.DocKind)
	if j.carry != nil {
		if err := putSayings(tx, j.words); err != nil {
			return err
		}
		return t.Move(hub.Ready) // something was said while this was written
	}
	return r.restCard(tx, t, &j)
}

// An entry is a card in Procountor's register as it was read: of a customer or supplier,
// or of an employee, who stands in a register of its own.
type entry struct {
	card  hub.Card
	row   register.Partner // what our copy holds of it
	json  []byte
	write func(entry []byte, said hub.Card, fields []hub.CardField) ([]byte, error)
}

func partnerEntry(p procountor.Partner, json []byte) *entry {
	return &entry{card: register.CardOf(p), row: register.PartnerFromInfo(infoOf(&p)), json: json, write: register.WriteCard}
}

func personEntry(p procountor.Person, json []byte) *entry {
	return &entry{card: register.CardOfPerson(p), row: register.PersonRow(p), json: json, write: register.WritePerson}
}

// entry reads the card of t. Persons are read one by one: there is no batch of them.
func (r *run) entry(ctx context.Context, t *hub.Transfer) (*entry, error) {
	if register.TypeFor(t.DocKind) == register.Person {
		p, err := r.client.Persons.Entry(ctx, t.PartnerID)
		if err != nil {
			return nil, err
		}
		return personEntry(p.Person, p.JSON), nil
	}
	p, err := r.cards.read(ctx, t.PartnerID)
	if err != nil {
		return nil, err
	}
	return partnerEntry(p.Partner, p.JSON), nil
}

// infoOf is an entry as a search shows it: that is what our copy holds.
func infoOf(p *procountor.Partner) procountor.PartnerInfo {
	info := procountor.PartnerInfo{ID: p.ID, Name: p.Name, BillingAddress: p.BillingAddress, Type: p.Type, Version: p.Version,
		RegistryInfo: &procountor.BasicRegistryInfo{Active: p.RegistryInfo == nil || p.RegistryInfo.Active == nil || *p.RegistryInfo.Active}}
	if i := p.InvoicingInfo; i != nil {
		info.InvoicingInfo = &procountor.BasicInvoicingInfo{CustomerNumber: i.CustomerNumber, Identifier: i.Identifier, IdentifierType: i.IdentifierType}
	}
	return info
}
