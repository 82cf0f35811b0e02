package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// A CirculationFault is what is wrong with the settings of rounds: one of "bad-login",
// "no-right", "no-approver", "no-day" and "no-default", which have sentences under
// "round.set.".
type CirculationFault struct{ Code, Login string }

func (f *CirculationFault) Error() string { return "settings of the round: " + f.Code + " " + f.Login }

// SetCirculation stores the settings of rounds beside the others of a connection.
func (e *Engine) SetCirculation(ctx context.Context, actor, connection string, base int, c hub.Circulation) error {
	conn, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Connection, error) {
		conn, err := tx.Connection(connection)
		if err != nil {
			return conn, err
		}
		crew, err := e.crewOf(tx, conn.Company)
		if err != nil {
			return conn, err
		}
		return conn, checkCirculation(crew, c)
	})
	if err != nil {
		return err
	}
	s := conn.Settings
	s.Circulation = c
	_, err = e.SetSettings(ctx, actor, connection, base, s)
	return err
}

// checkCirculation wants persons who are there and may do what they are named for. Where
// nothing goes a round, nothing is asked.
func checkCirculation(c crew, s hub.Circulation) error {
	if !s.On {
		return nil
	}
	switch {
	case s.FirstDay.IsZero():
		return &CirculationFault{Code: "no-day"}
	case s.Default == "" || !c.can(c.id(s.Default), people.Approve):
		return &CirculationFault{Code: "no-default", Login: s.Default}
	}
	for _, r := range slices.Concat(s.Projects, s.Persons) {
		if c.id(r.Login) == "" {
			return &CirculationFault{Code: "bad-login", Login: r.Login}
		}
	}
	for _, f := range s.Further {
		switch id := c.id(f.Login); {
		case id == "":
			return &CirculationFault{Code: "bad-login", Login: f.Login}
		case !c.can(id, people.Approve):
			return &CirculationFault{Code: "no-approver", Login: f.Login}
		}
	}
	return nil
}

// A RoundTrial is what settings would do with one invoice.
type RoundTrial struct {
	Number, Supplier, Gross, Currency string
	Found                             circulation.Found
}

// trialInvoices is how many of Procountor's newest purchase invoices a trial reads: one batch.
const trialInvoices = 50

// TryCirculation says who would receive the newest purchase invoices of Procountor. It
// writes nothing.
func (e *Engine) TryCirculation(ctx context.Context, connection string, c hub.Circulation) (list []RoundTrial, err error) {
	var company hub.Company
	var who crew
	var ids []int64
	if err := e.store.Read(ctx, func(tx *store.Tx) error {
		conn, err := tx.Connection(connection)
		if err != nil {
			return err
		}
		if company, err = tx.Company(conn.Company); err != nil {
			return err
		}
		if who, err = e.crewOf(tx, conn.Company); err != nil {
			return err
		}
		ids, err = tx.NewestPurchases(conn.Company, trialInvoices)
		return err
	}); err != nil || len(ids) == 0 {
		return nil, err
	}
	client, err := e.client(ctx, company)
	if err != nil {
		return nil, err
	}
	invoices, err := client.Invoices.GetMany(ctx, ids)
	if err != nil && !errors.Is(err, procountor.NotFound) {
		return nil, err
	}
	slices.SortFunc(invoices, func(a, b procountor.Invoice) int { return strings.Compare(b.Date.String(), a.Date.String()) })
	for i := range invoices {
		inv := &invoices[i]
		gross, currency := totalOf(inv)
		list = append(list, RoundTrial{Number: inv.OriginalInvoiceNumber, Supplier: inv.CounterParty.CounterPartyAddress.Name, Gross: gross.Fixed(2),
			Currency: string(currency), Found: who.receiver(c, mapping.ReceiverFields(inv))})
	}
	return list, nil
}
