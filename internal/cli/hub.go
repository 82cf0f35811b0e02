package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// An opened is the hub as a command uses it.
type opened struct {
	app    *app
	store  *store.Store
	engine *engine.Engine
	// beside: a running server owns the SQLite file, so work is handed over to
	// it and looked on. Otherwise the command works itself.
	beside bool
}

// errNoDatabase says that nothing has been set up yet.
var errNoDatabase = errors.New(`there is no database yet: begin with "vienti connect", or try "vienti demo"`)

// open opens the database that is there.
func (a *app) open(ctx context.Context) (*opened, error) {
	if err := a.isThere(); err != nil {
		return nil, err
	}
	return a.openOrMake(ctx)
}

func (a *app) isThere() error {
	if path, ok := a.sqlitePath(); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path, errNoDatabase)
		}
	}
	return nil
}

// openToRead opens the database that is there for a command that only looks. It
// takes no lock, so that it is in nobody's way.
func (a *app) openToRead(ctx context.Context) (*opened, error) {
	if err := a.isThere(); err != nil {
		return nil, err
	}
	vault, err := a.vault()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, a.cfg.Database, store.Options{Now: a.env.Now, Log: a.log, Vault: vault, Shared: true})
	if err != nil {
		return a.openOrMake(ctx) // perhaps of an earlier release, and nobody has it open
	}
	return &opened{app: a, store: st, engine: a.engine(st), beside: true}, nil
}

// vault opens the file with the key. A new key is made with a new database only:
// beside one that is there it would open nothing, and hide what is wrong.
func (a *app) vault() (*secret.Vault, error) {
	if path, ok := a.sqlitePath(); ok {
		_, noDatabase := os.Stat(path)
		if _, noKey := os.Stat(a.cfg.KeyFile); noDatabase == nil && errors.Is(noKey, fs.ErrNotExist) {
			return nil, fmt.Errorf("the key file %s is missing, and the database %s is sealed with its key: put it back from the backup, or name it with --key-file", a.cfg.KeyFile, path)
		}
	}
	return secret.OpenVault(a.cfg.KeyFile)
}

func (a *app) engine(st *store.Store) *engine.Engine {
	return engine.New(engine.Options{Store: st, Log: a.log, Now: a.env.Now, Node: a.cfg.Node + "/cli", Sources: connectors(), Outbound: a.outbound()})
}

func (a *app) sqlitePath() (string, bool) {
	rest, ok := strings.CutPrefix(a.cfg.Database, "sqlite:")
	return strings.TrimPrefix(rest, "//"), ok
}

// openOrMake opens the database and makes it when it is not there.
func (a *app) openOrMake(ctx context.Context) (*opened, error) {
	vault, err := a.vault()
	if err != nil {
		return nil, err
	}
	options := store.Options{Now: a.env.Now, Log: a.log, Vault: vault}
	o := &opened{app: a}
	o.store, err = store.Open(ctx, a.cfg.Database, options)
	if errors.Is(err, store.ErrInUse) {
		o.beside, options.Shared = true, true
		o.store, err = store.Open(ctx, a.cfg.Database, options)
	}
	if err != nil {
		return nil, err
	}
	o.engine = a.engine(o.store)
	if o.beside || o.store.Dialect() == store.Postgres {
		// Wakes the engine of the server; nothing runs here.
		if _, err := engine.NewJobs(ctx, o.engine); err != nil {
			return nil, errors.Join(err, o.store.Close())
		}
	} else if err := o.store.Tx(ctx, func(tx *store.Tx) error { return tx.ReleaseAll() }); err != nil {
		// Leases of a process that died: nobody else can have the file open.
		return nil, errors.Join(err, o.store.Close())
	}
	return o, nil
}

func (o *opened) close() { _ = o.store.Close() }

// takeOver opens the file alone if whoever had it is gone, so that this command
// does the work that it has handed over.
func (o *opened) takeOver(ctx context.Context) error {
	alone, err := o.app.openOrMake(ctx)
	if err != nil {
		return err
	}
	if alone.beside {
		return alone.store.Close()
	}
	old := o.store
	o.store, o.engine, o.beside = alone.store, alone.engine, false
	return old.Close()
}

// A place is a connection with its company.
type place struct {
	hub.Connection
	Of hub.Company
}

// places are all connections, by name.
func (o *opened) places(ctx context.Context) (list []place, err error) {
	err = o.store.Read(ctx, func(tx *store.Tx) error {
		companies, err := tx.Companies()
		if err != nil {
			return err
		}
		conns, err := tx.Connections("")
		if err != nil {
			return err
		}
		for _, c := range conns {
			i := slices.IndexFunc(companies, func(m hub.Company) bool { return m.ID == c.Company })
			list = append(list, place{c, companies[i]})
		}
		return nil
	})
	return list, err
}

// placesOf is the connection of that name alone, or all of them where none is named.
func (o *opened) placesOf(ctx context.Context, name string) ([]place, error) {
	if name == "" {
		return o.places(ctx)
	}
	p, err := o.connection(ctx, name)
	return []place{p}, err
}

// connection finds a connection by name or id; "" means the only one.
func (o *opened) connection(ctx context.Context, name string) (place, error) {
	list, err := o.places(ctx)
	if err != nil {
		return place{}, err
	}
	var names []string
	for _, p := range list {
		if p.ID == name || strings.EqualFold(p.Name, name) {
			return p, nil
		}
		names = append(names, fmt.Sprintf("%q", p.Name))
	}
	switch {
	case len(list) == 0:
		return place{}, errors.New(`nothing is connected yet: begin with "vienti connect"`)
	case name != "":
		return place{}, usage("there is no connection %q; there are %s", name, strings.Join(names, ", "))
	case len(list) > 1:
		return place{}, usage("there are %d connections; choose one with --connection: %s", len(list), strings.Join(names, ", "))
	}
	return list[0], nil
}

const (
	// pollEvery is how often the work of another process is looked at.
	pollEvery = 200 * time.Millisecond
	// takeOverEvery is how often a command beside another process looks whether
	// that one is still there.
	takeOverEvery = 2 * time.Second
)

// A stop is why waiting for transfers ended.
type stop int

const (
	allSettled stop = iota
	timeUp
	companyPaused // it cannot go on now: no answer, or no right to ask
)

// settle waits until none of the transfers is under way any more, and does the
// work unless a server does it. progress is told each time something may have
// changed.
func (o *opened) settle(ctx context.Context, ids []string, limit time.Duration, progress func([]hub.Transfer)) ([]hub.Transfer, stop, error) {
	end := o.app.now().Add(limit)
	asked := o.app.now()
	for {
		if now := o.app.now(); o.beside && limit > 0 && now.Sub(asked) > takeOverEvery {
			asked = now
			if err := o.takeOver(ctx); err != nil {
				return nil, 0, err
			}
		}
		list, companies, err := o.look(ctx, ids)
		if err != nil {
			return nil, 0, err
		}
		if progress != nil {
			progress(list)
		}
		var busy []string // companies with work of ours
		for _, t := range list {
			if t.State.Active() && !slices.Contains(busy, t.Company) {
				busy = append(busy, t.Company)
			}
		}
		now := o.app.now()
		paused := slices.ContainsFunc(busy, func(id string) bool { return stands(companies[id], now) })
		switch {
		case len(busy) == 0:
			return list, allSettled, nil
		case paused:
			return list, companyPaused, nil
		case now.After(end):
			return list, timeUp, nil
		}
		wait := pollEvery
		if !o.beside {
			for _, id := range busy {
				next, err := o.engine.Step(ctx, now, id)
				switch {
				case errors.Is(ctx.Err(), context.Canceled):
					continue // interrupted: what is stored goes on later
				case err != nil:
					return nil, 0, err
				}
				wait = min(wait, max(0, next.Sub(o.app.now())))
			}
		}
		select {
		case <-ctx.Done():
			return list, timeUp, nil
		case <-time.After(wait):
		}
	}
}

// stands reports whether a company rests for a reason that waiting a little
// does not mend.
func stands(c hub.Company, now time.Time) bool {
	if c.PausedFault == nil || !c.PausedUntil.After(now) {
		return false
	}
	switch c.PausedFault.Code {
	case hub.KeyDead, hub.LoginEnded, hub.RightMissing, hub.ProcountorBroken:
		return true
	}
	return false
}

func (o *opened) look(ctx context.Context, ids []string) (list []hub.Transfer, companies map[string]hub.Company, err error) {
	companies = map[string]hub.Company{}
	err = o.store.Read(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			t, err := tx.Transfer(id)
			if err != nil {
				return err
			}
			list = append(list, t)
			if _, ok := companies[t.Company]; !ok {
				if companies[t.Company], err = tx.Company(t.Company); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return list, companies, err
}

// actPage is how many acts are read at once.
const actPage = 1000

// eachAct reads the log from its end; visit returns false to stop.
func (o *opened) eachAct(ctx context.Context, visit func(audit.Act) bool) error {
	for before := int64(0); ; {
		acts, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]audit.Act, error) { return tx.Acts("", before, actPage) })
		if err != nil {
			return err
		}
		for _, c := range acts {
			if !visit(c) {
				return nil
			}
			before = c.Seq
		}
		if len(acts) < actPage {
			return nil
		}
	}
}

// dayOf is the day of an instant where the companies are.
func dayOf(t time.Time) civil.Date { return civil.DayOf(t, helsinki()) }
