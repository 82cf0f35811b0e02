package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vienti/vienti/internal/checklist"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// checklistTimeout bounds the reading of both systems for a checklist.
const checklistTimeout = 2 * time.Minute

// A Checklist is what must be in order at both ends before a connection writes.
type Checklist struct {
	Lines []checklist.Line
	// Kind is the connector that the connection is read by, "" for none.
	Kind string
	// Binding: writing is not switched on before nothing is open. So it is where the
	// source shows its own registers.
	Binding bool
	// Client is the client id that a key must be made for.
	Client string
}

// An IncompleteError says that writing is not switched on while lines are open.
type IncompleteError struct{ Checklist Checklist }

func (e *IncompleteError) Error() string {
	n := 0
	for _, l := range e.Checklist.Lines {
		if l.State == checklist.Open {
			n++
		}
	}
	return fmt.Sprintf("the checklist has %d open lines", n)
}

// Checklist asks Procountor what the key opens and the source for its registers, and
// says what of it is in order. It writes nothing.
func (e *Engine) Checklist(ctx context.Context, connection string) (Checklist, error) {
	ctx, cancel := context.WithTimeout(ctx, checklistTimeout)
	defer cancel()
	var c Checklist
	conn, company, err := e.connected(ctx, connection)
	if err != nil {
		return c, err
	}
	registers, err := e.Registers(ctx, company.ID)
	if err != nil {
		return c, err
	}
	cred, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Credentials, error) { return tx.Credentials(company.ID) })
	if err != nil {
		return c, err
	}
	c.Client = cred.ClientID
	today := civil.DayOf(e.o.Now(), helsinki)
	keyed, err := e.keyLines(ctx, company, conn)
	if err != nil {
		return c, err
	}
	c.Lines = append(c.Lines, keyed...)
	other, err := e.otherIntegration(ctx, conn)
	if err != nil {
		return c, err
	}
	c.Lines = append(c.Lines, other)
	kind, reg, err := e.registrar(ctx, connection)
	c.Kind, c.Binding = kind, !errors.Is(err, errNoRegisters)
	if c.Binding {
		var theirs source.Registers
		if err == nil {
			theirs, err = reg.Registers(ctx)
		}
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		answers := checklist.Line{Name: "source", At: checklist.AtSource, State: checklist.Good}
		if err != nil {
			fault, _ := e.sourceFault(err, source.Schedule{Every: time.Hour}, e.o.Now())
			answers.State, answers.Things = checklist.Open, []string{fault.Args["reason"]}
		}
		c.Lines = append(c.Lines, answers)
		if err == nil {
			c.Lines = append(c.Lines, checklist.Sources(&conn.Settings, registers, theirs, today)...)
		}
	}
	c.Lines = append(c.Lines, checklist.Settings(&conn.Settings, registers, today)...)
	return c, nil
}

// keyLines judges the key of the company by trying it.
func (e *Engine) keyLines(ctx context.Context, company hub.Company, conn hub.Connection) ([]checklist.Line, error) {
	key := checklist.Line{Name: "key", At: checklist.AtProcountor, State: checklist.Good}
	client, err := e.client(ctx, company)
	if err != nil {
		return nil, err
	}
	var kinds []hub.Kind
	for _, k := range hub.Kinds {
		if conn.Settings.Kinds[k].On {
			kinds = append(kinds, k)
		}
	}
	trial, err := TryKey(ctx, client, kinds)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		key.State, key.Things = checklist.Open, []string{answer(err)}
		return []checklist.Line{key}, nil
	}
	// Whoever may read anything has the chargeable interfaces switched on.
	opens := checklist.Line{Name: "interfaces", At: checklist.AtProcountor, State: checklist.Open}
	rights := checklist.Line{Name: "rights", At: checklist.AtProcountor, State: checklist.Good}
	for _, check := range trial.Checks {
		switch {
		case check.OK:
			opens.State = checklist.Good
		case check.Needed:
			rights.State, rights.Things = checklist.Open, append(rights.Things, check.Name)
		}
	}
	user := checklist.Line{Name: "technical-user", At: checklist.AtProcountor, State: checklist.Good}
	if len(trial.Personal) > 0 {
		user.State, user.Things = checklist.Advised, []string{trial.User}
	}
	return []checklist.Line{key, opens, rights, user}, nil
}

const (
	// otherDays is how far back invoices of another integration count, and otherMost how
	// many are listed.
	otherDays = 14
	otherMost = 50
)

// otherIntegration judges whether sales invoices go on arriving in Procountor that
// carry the number of another system and are none of ours: then two integrations
// write at once. What was there before the connection does not count.
func (e *Engine) otherIntegration(ctx context.Context, conn hub.Connection) (checklist.Line, error) {
	l := checklist.Line{Name: "other-integration", At: checklist.AtProcountor, State: checklist.Good}
	from := civil.DayOf(e.o.Now(), helsinki).AddDays(-otherDays)
	if first := conn.Settings.Kinds[hub.SalesInvoice].FirstDay; from.Before(first) {
		from = first
	}
	rows, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]store.HistoryRow, error) {
		return tx.ForeignNumbered(conn.Company, string(procountor.SalesInvoice), from.String(), otherMost)
	})
	for _, r := range rows {
		l.State, l.Things = checklist.Advised, append(l.Things, fmt.Sprintf("%s %s %s (%d)", r.Date, r.OriginalNumber, r.PartnerName, r.Number))
	}
	return l, err
}

// errNoRegisters says that a source shows no registers of its own, or is none.
var errNoRegisters = errors.New("the source shows no registers")

// registrar opens the source of a connection, when it shows its registers.
func (e *Engine) registrar(ctx context.Context, connection string) (kind string, r source.Registrar, err error) {
	s, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(connection) })
	if store.IsNotFound(err) {
		return "", nil, errNoRegisters
	} else if err != nil {
		return "", nil, err
	}
	d, _, err := e.openDriver(ctx, connection, s.Kind, nil)
	if err != nil {
		return s.Kind, nil, err
	}
	r, ok := d.(source.Registrar)
	if !ok {
		return s.Kind, nil, errNoRegisters
	}
	return s.Kind, r, nil
}

// complete says what keeps writing off, nil when nothing does.
func (e *Engine) complete(ctx context.Context, connection string) error {
	if _, _, err := e.registrar(ctx, connection); errors.Is(err, errNoRegisters) {
		return nil // nothing binds it, and nobody need be asked
	}
	c, err := e.Checklist(ctx, connection)
	if err != nil {
		return err
	}
	if c.Binding && !checklist.Complete(c.Lines) {
		return &IncompleteError{c}
	}
	return nil
}

func (e *Engine) connected(ctx context.Context, connection string) (conn hub.Connection, company hub.Company, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(connection); err != nil {
			return err
		}
		company, err = tx.Company(conn.Company)
		return err
	})
	return conn, company, err
}
