package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// missing is the verdict on a document whose partner is not in the register: it
// is held, or it waits for the partner that is made.
func missing(in mapping.Input, m matching.Decision) (*verdict, error) {
	if hub.Stops(m.Faults) {
		return held(partyFaults(in.Document, m.Faults)...), nil
	}
	var partner any
	var faults []hub.Fault
	person := in.Document.Kind == hub.TravelInvoice
	if person {
		partner, faults = mapping.Person(in)
	} else {
		partner, faults = mapping.Partner(in)
	}
	if hub.Stops(faults) {
		return held(faults...), nil
	}
	name := in.Document.Counterparty().Name
	if !in.Connection.Writing {
		return &verdict{state: hub.Noticed, faults: []hub.Fault{hub.NewFault(hub.WritingOff, "", "").Warn(),
			hub.NewFault(hub.WaitsForPartner, "", name, "name", name).Warn()}}, nil
	}
	body, err := json.Marshal(partner)
	if err != nil {
		return nil, err
	}
	d := &draft{warnings: faults}
	d.add(hub.MakePartner, hub.StepDetail{Person: person}, body)
	return &verdict{state: hub.Waiting, partnerKey: m.Key, partner: d,
		faults: []hub.Fault{hub.NewFault(hub.WaitsForPartner, "", name, "name", name).Warn()}}, nil
}

// searchPartner looks in Procountor before a partner is tried to be made: our copy
// is minutes old, and somebody may have entered it meanwhile. It reports whether
// that has settled t: with the one that is there, or with a doubt for a person.
func (r *run) searchPartner(ctx context.Context, t *hub.Transfer, step hub.Step) (bool, error) {
	body, err := r.e.store.Blob(ctx, step.Request)
	if err != nil {
		return false, err
	}
	like, err := madeOf(body, step.Detail.Person)
	if err != nil {
		return false, err
	}
	filter := procountor.PartnerFilter{Type: procountor.PartnerType(strings.ToUpper(string(like.Type)))}
	switch {
	case like.BusinessID != "":
		filter.Identifier = like.BusinessID
	case like.CustomerNumber != "":
		filter.CustomerNumber = like.CustomerNumber
	default:
		filter.Name = like.Name
	}
	var there []register.Partner
	for p, err := range r.client.Partners.List(ctx, filter) {
		if err != nil {
			return false, r.trouble(err)
		}
		there = append(there, register.PartnerFromInfo(p))
	}
	if len(there) == 0 {
		return false, nil
	}
	party := hub.Party{Name: like.Name, BusinessID: like.BusinessID, VATNumber: like.VATNumber, Number: like.CustomerNumber, Address: like.Address}
	var said *matching.Chosen
	if isChosen(t.Subject) {
		c, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.PartnerChoice, error) { return tx.ChoiceMaking(t.Subject) })
		if err != nil && !store.IsNotFound(err) {
			return false, err
		}
		said = &matching.Chosen{Refused: c.Refused, Making: t.Subject}
	}
	m := matching.MatchChosen(party, like.Type, r.conns[t.Connection].Settings.Partner, there, said)
	if m.Partner == nil && !hub.Stops(m.Faults) {
		return false, nil
	}
	defer r.forgetPartners()
	return true, r.commit(ctx, t, func(tx *store.Tx, t *hub.Transfer) error {
		if err := putPartners(tx, t.Company, there); err != nil {
			return err
		}
		if m.Partner == nil {
			return r.settle(tx, t, hub.Held, m.Faults...)
		}
		t.PartnerID = m.Partner.ID
		if err := tx.PartnerMade(t.Subject, t.PartnerID); err != nil {
			return err
		}
		s := step
		for _, to := range []hub.StepState{hub.StepPlanned, hub.StepProved} { // a refused one is planned first
			from := s.State
			if from == to {
				continue
			}
			s.State, s.EndedAt, s.Fault = to, r.now(), nil
			if err := tx.SaveStep(&s, from); err != nil {
				return err
			}
		}
		if err := t.Move(hub.Working); err != nil {
			return err
		}
		return r.settleDone(tx, t, nil)
	})
}

// waitForPartner lets t wait for the partner's own transfer, which is made if
// there is none: two documents of a new customer make one partner.
func (r *run) waitForPartner(tx *store.Tx, t *hub.Transfer, v *verdict) error {
	p, err := tx.TransferOf(t.Company, hub.PartnerTransfer, hub.In, v.partnerKey)
	switch {
	case store.IsNotFound(err):
		p = hub.Transfer{Company: t.Company, Connection: t.Connection, Kind: hub.PartnerTransfer, Direction: hub.In, Subject: v.partnerKey,
			Goal: hub.Deliver, State: hub.Ready, Number: t.Number, PartnerName: t.PartnerName, Plan: 1, Steps: 1, StepAt: 1}
		err := tx.Try(func() error { return tx.InsertTransfer(&p) })
		if store.IsDuplicate(err) {
			return errGivenBack // another node makes it at this moment
		}
		if err != nil {
			return err
		}
		if err := r.partnerStep(tx, &p, v.partner); err != nil {
			return err
		}
	case err != nil:
		return err
	case p.State == hub.Done || p.State == hub.DoneWithWarning || p.State == hub.DoneByHand:
		// Made by now, by us or by a person, yet not among the candidates: they were read before it was
		// made, or somebody has changed or removed it since, and a fresh copy decides.
		if r.now().Sub(p.Changed) > 2*partnersFor {
			return r.settle(tx, t, hub.Held, hub.NewFault(hub.PartnerMissing, "", t.PartnerName, "name", t.PartnerName))
		}
		r.forgetPartners()
		return r.putOff(tx, t, hub.Waiting, r.now().Add(wait(t.Rounds)), v.faults...)
	case p.State.NeedsPerson() || p.State == hub.Noticed:
		// Tried anew with what this document says, unless something may have been
		// made already: that is looked for first.
		steps, err := tx.Steps(p.ID, p.Plan)
		if err != nil {
			return err
		}
		from := p.Lease
		if err := p.Move(hub.Ready); err != nil {
			return err
		}
		p.WakeAt, p.Lease, p.LeaseUntil = time.Time{}, "", time.Time{}
		if !slices.ContainsFunc(steps, func(s hub.Step) bool { return s.State == hub.StepUnclear || s.State == hub.StepIntended }) {
			p.Plan++
			if err := r.partnerStep(tx, &p, v.partner); err != nil {
				return err
			}
		}
		if err := tx.SaveTransfer(&p, from); err != nil {
			return err
		}
	}
	if err := t.Move(hub.Waiting, v.faults...); err != nil {
		return err
	}
	t.WaitsFor, t.WakeAt, t.Lease, t.LeaseUntil = p.ID, time.Time{}, "", time.Time{}
	if err := act(tx, engineActor, "transfer.waiting", t.ID, transferAct(t)); err != nil {
		return err
	}
	return r.e.wake(tx, t.Company, r.now())
}

func (r *run) partnerStep(tx *store.Tx, p *hub.Transfer, d *draft) error {
	ref, err := tx.PutBlob(d.steps[0].body)
	if err != nil {
		return err
	}
	return tx.InsertStep(&hub.Step{Transfer: p.ID, Plan: p.Plan, Seq: 1, Kind: hub.MakePartner, State: hub.StepPlanned, Request: ref, Detail: d.steps[0].step.Detail})
}

// madeOf is what our copy of the register holds of a partner, or of an employee, that is
// made by a body.
func madeOf(body []byte, person bool) (register.Partner, error) {
	if person {
		var p procountor.Person
		err := json.Unmarshal(body, &p)
		return register.PersonRow(p), err
	}
	var p procountor.Partner
	err := json.Unmarshal(body, &p)
	return register.PartnerFrom(p), err
}
