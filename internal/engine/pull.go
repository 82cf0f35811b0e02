package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"
	_ "time/tzdata" // quiet hours are Finland's wherever the hub runs

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

const (
	// pullPage is how many documents are stored in one transaction.
	pullPage = 50
	// pullBudget is how long one run goes on before others get their turn; what is
	// left comes at once, in the next.
	pullBudget = 2 * time.Minute
	// pullLease outlives the slowest page and its commit; each page renews it.
	pullLease = 5 * time.Minute
	// sourceTimeout bounds one request to a source.
	sourceTimeout = 60 * time.Second
	// brokenWait is when a source that gave no answer is asked again, unless its
	// schedule is slower; busyWait when it does not say for how long it is busy.
	brokenWait = 15 * time.Minute
	busyWait   = 5 * time.Minute
	// longestBusy: no source is believed that it is busy for longer.
	longestBusy = 24 * time.Hour
)

// Zone is where the quiet hours of a schedule are meant.
var Zone = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err) // compiled in
	}
	return zone
}()

// Sources are the connectors that a connection can be read by.
func (e *Engine) Sources() *source.Registry { return e.o.Sources }

// errLeaseLost says that another node reads the source by now.
var errLeaseLost = errors.New("another reader has taken over")

// Pull reads a connection's source if it is due and nobody else reads it, stores
// what it shows, and remembers what the run came to. It reports nil when there was
// nothing to do. The error is that of the hub; what is wrong with the source
// stands in the pull.
func (e *Engine) Pull(ctx context.Context, connection string) (*store.Pull, error) {
	now := e.o.Now()
	lease := e.o.Node + "/" + e.store.NewID()
	var s store.Source
	mine := false
	err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		if mine, err = tx.LeaseSource(connection, lease, now, now.Add(pullLease)); err != nil || !mine {
			return err
		}
		s, err = tx.Source(connection)
		return err
	})
	if err != nil || !mine {
		return nil, err
	}
	p := &store.Pull{Connection: connection, Began: now, Asked: !s.Asked.IsZero()}
	more, err := e.pull(ctx, s, lease, p)
	if ctx.Err() != nil {
		return nil, ctx.Err() // the lease ends by itself, and the cursor is stored
	}
	if errors.Is(err, errLeaseLost) {
		return nil, nil
	}
	p.Ended = e.o.Now()
	next := s.Schedule.Next(p.Ended, Zone)
	switch {
	case err != nil:
		p.Fault, next = e.sourceFault(err, s.Schedule, p.Ended)
	case more:
		next = p.Ended
	}
	return p, e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		ok, err := tx.EndPull(p, lease, next)
		if err != nil || !ok {
			return err
		}
		if err := sourceActs(tx, s.Fault, p.Fault, connection); err != nil {
			return err
		}
		if p.Fault == nil || p.Fault.Warning {
			if err := e.tryStopped(tx, connection); err != nil {
				return err
			}
			if err := e.unbar(tx, connection); err != nil {
				return err
			}
		}
		if more && (p.Fault == nil || p.Fault.Warning) && e.o.WakeSource != nil {
			return e.o.WakeSource(tx, connection)
		}
		return nil
	})
}

// sourceActs tells once of a source that stops being read, and once when it goes on.
func sourceActs(tx *store.Tx, before, after *hub.Fault, connection string) error {
	if after != nil && after.Warning {
		after = nil // the rest is read
	}
	if before != nil && before.Warning {
		before = nil
	}
	switch {
	case after != nil && (before == nil || before.Code != after.Code):
		return act(tx, engineActor, "source.stopped", connection, after)
	case after == nil && before != nil:
		return act(tx, engineActor, "source.resumed", connection, before)
	}
	return nil
}

// pull reads page after page; each is stored together with the cursor after it, and
// only while the lease holds.
func (e *Engine) pull(ctx context.Context, s store.Source, lease string, p *store.Pull) (more bool, err error) {
	src, err := e.openSource(ctx, s.Connection, s.Kind, nil)
	if err != nil {
		return false, err
	}
	cursor, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (string, error) { return tx.Cursor(s.Connection) })
	if err != nil {
		return false, err
	}
	if err := e.listItems(ctx, s, src, lease); err != nil {
		return false, err
	}
	for end := p.Began.Add(pullBudget); ; {
		page, err := src.Pull(ctx, source.Cursor(cursor), pullPage)
		if err != nil {
			return false, err
		}
		if page.Part != nil {
			p.Fault = new(hub.NewFault(hub.SourcePart, "", "", "reason", reasonOf(page.Part)).Warn())
		}
		e.crash("source/pulled")
		if string(page.Next) == cursor && len(page.Documents) == 0 {
			return false, nil
		}
		receipts, err := e.Receive(ctx, s.Connection, incoming(page.Documents), func(tx *store.Tx) error {
			ok, err := tx.KeepSource(s.Connection, lease, e.o.Now().Add(pullLease))
			if err == nil && !ok {
				err = errLeaseLost
			}
			if err != nil {
				return err
			}
			return tx.SetCursor(s.Connection, string(page.Next))
		})
		if errors.Is(err, errLeaseLost) {
			return false, err
		} else if err != nil {
			return false, fmt.Errorf("%w: %w", errOwn, err)
		}
		e.crash("source/stored")
		cursor = string(page.Next)
		for i, r := range receipts {
			p.Documents++
			switch r.Result {
			case ResultNew:
				p.New++
			case ResultChanged:
				p.Changed++
			}
			if r.Result != ResultUnchanged && hub.Stops(page.Documents[i].Faults) {
				p.Held++
			}
		}
		if !page.More {
			return false, nil
		}
		if !e.o.Now().Before(end) {
			return true, nil
		}
	}
}

func incoming(found []source.Found) []Incoming {
	list := make([]Incoming, len(found))
	for i, d := range found {
		list[i] = Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: d.Name, Standing: d.Standing, Past: d.Past}
	}
	return list
}

// errOwn marks what is no fault of the source.
var errOwn = errors.New("store what a source has shown")

// openSource opens the connector of a connection, with its stored options or, for
// a trial, with those given.
func (e *Engine) openSource(ctx context.Context, connection, kind string, trial *source.Config) (*source.Source, error) {
	d, name, err := e.openDriver(ctx, connection, kind, trial)
	if err != nil {
		return nil, err
	}
	return source.New(name, d), nil
}

func (e *Engine) openDriver(ctx context.Context, connection, kind string, trial *source.Config) (source.Driver, string, error) {
	k, env, config, name, err := e.reach(ctx, connection, kind, trial)
	if err != nil {
		return nil, "", err
	}
	d, err := k.Open(env, config)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", source.ErrOptions, err)
	}
	return d, name, nil
}

// reach is all that a connector needs to reach the system of a connection.
func (e *Engine) reach(ctx context.Context, connection, kind string, trial *source.Config) (k source.Kind, env source.Env, config source.Config, name string, err error) {
	var conn hub.Connection
	var company hub.Company
	err = e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if conn, err = tx.Connection(connection); err != nil {
			return err
		}
		if company, err = tx.Company(conn.Company); err != nil {
			return err
		}
		if config, err = tx.SourceConfig(connection); store.IsNotFound(err) && trial != nil {
			err = nil
		}
		return err
	})
	if err != nil {
		return k, env, config, "", err
	}
	if trial != nil { // secrets that are not given anew are those that are kept
		secrets := config.Secrets
		config = *trial
		for name, value := range secrets {
			if _, given := trial.Secrets[name]; !given {
				if config.Secrets == nil {
					config.Secrets = map[string]secret.Secret{}
				}
				config.Secrets[name] = value
			}
		}
	}
	k, ok := e.o.Sources.Kind(kind)
	if !ok {
		return k, env, config, "", fmt.Errorf("%w: there is no connector %q", source.ErrOptions, kind)
	}
	client := sourceClient()
	if e.o.SourceHTTP != nil {
		client = e.o.SourceHTTP(conn)
	}
	env = source.Env{HTTP: client, Own: company.BusinessID, Kinds: conn.Settings.Kinds, Tables: conn.Settings.Tables, Writing: conn.Writing, Payroll: conn.Settings.Payroll, Log: e.log.With("connection", conn.Name), Now: e.o.Now, Turn: e.turn, Sleep: e.o.Sleep}
	return k, env, config, conn.Name, nil
}

// sourceClient follows no redirect: its headers are for one host.
func sourceClient() *http.Client {
	return &http.Client{Timeout: sourceTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// reasonOf is what an error of a source says, without its class: that which it begins with,
// for the reason may tell of another one.
func reasonOf(err error) string {
	reason := err.Error()
	classes := []error{source.ErrDenied, source.ErrOptions, source.ErrBarred}
	at := len(reason)
	for _, class := range classes {
		if i := strings.Index(reason, class.Error()+": "); i >= 0 {
			at = min(at, i)
		}
	}
	if at == len(reason) {
		return reason
	}
	for reason = reason[at:]; ; {
		before := reason
		for _, class := range classes {
			reason = strings.TrimPrefix(reason, class.Error()+": ")
		}
		if reason == before {
			return reason
		}
	}
}

// sourceFault says in our words why a run found nothing, and when to try again:
// never by itself where a person must act first.
func (e *Engine) sourceFault(err error, s source.Schedule, now time.Time) (*hub.Fault, time.Time) {
	reason := reasonOf(err)
	f := func(code string) *hub.Fault {
		x := hub.NewFault(code, "", "", "reason", reason)
		return &x
	}
	switch {
	case errors.Is(err, source.ErrBarred):
		if b, ok := errors.AsType[*source.BarredError](err); ok {
			return new(hub.NewFault(hub.SourceBarred, "", b.Company, string(b.Why), b.Company)), time.Time{}
		}
		return f(hub.SourceBarred), time.Time{}
	case errors.Is(err, source.ErrDenied):
		return f(hub.SourceDenied), time.Time{}
	case errors.Is(err, errOwn):
		return f(hub.OwnFault), now.Add(brokenWait)
	case errors.Is(err, source.ErrOptions):
		return f(hub.SourceSettings), time.Time{}
	case errors.Is(err, source.ErrBusy):
		until := now.Add(busyWait)
		if b, ok := errors.AsType[*source.BusyError](err); ok {
			reason = b.Reason
			if b.Until.After(now) {
				until = b.Until
			}
		}
		if last := now.Add(longestBusy); until.After(last) {
			until = last
		}
		return f(hub.SourceBusy), until
	}
	e.log.Log(context.Background(), slog.LevelWarn, "source", "err", err)
	return f(hub.SourceBroken), s.Awake(now.Add(min(s.Every, brokenWait)), Zone)
}

// SetSource stores how a connection is read, after a check of its options, and lets
// it be read at once.
func (e *Engine) SetSource(ctx context.Context, actor string, s store.Source, config source.Config) error {
	return e.setSource(ctx, actor, s, config, "")
}

func (e *Engine) setSource(ctx context.Context, actor string, s store.Source, config source.Config, like string) error {
	k, ok := e.o.Sources.Kind(s.Kind)
	if !ok {
		return fmt.Errorf("there is no connector %q", s.Kind)
	}
	if err := s.Schedule.Check(); err != nil {
		return err
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		conn, err := tx.LockConnection(s.Connection)
		if err != nil {
			return err
		}
		if err := whileAttached(tx, conn.Company); err != nil {
			return err
		}
		if like != "" {
			secrets, err := secretsLike(tx, s.Kind, like)
			if err != nil {
				return err
			}
			maps.Copy(secrets, config.Secrets)
			config.Secrets = secrets
		}
		whole := source.Config{Values: config.Values, Secrets: map[string]secret.Secret{}}
		before, err := tx.Source(s.Connection)
		switch {
		case store.IsNotFound(err):
		case err != nil:
			return err
		case before.Kind != s.Kind:
			// Another connector: neither its secrets nor how far it has read mean
			// anything to this one.
			if err := tx.RemoveSource(s.Connection); err != nil {
				return err
			}
			if err := tx.SetCursor(s.Connection, ""); err != nil {
				return err
			}
		default:
			kept, err := tx.SourceConfig(s.Connection)
			if err != nil {
				return err
			}
			for name, value := range kept.Secrets {
				whole.Secrets[name] = value
			}
		}
		for name, value := range config.Secrets {
			whole.Secrets[name] = value
		}
		if err := k.Check(whole); err != nil {
			return err
		}
		s.Values, s.Author = config.Values, actor
		if err := tx.SetSource(s, config.Secrets); err != nil {
			return err
		}
		if err := act(tx, actor, "source.set", s.Connection, sourceAct{s.Kind, s.Values, s.Schedule.Every.String(), s.Schedule.Quiet.String(), like}); err != nil {
			return err
		}
		if e.o.WakeSource != nil {
			return e.o.WakeSource(tx, s.Connection)
		}
		return nil
	})
}

// sourceAct is what the chain of acts tells; secrets are in no act.
type sourceAct struct {
	Kind   string            `json:"kind"`
	Values map[string]string `json:"options"`
	Every  string            `json:"every"`
	Quiet  string            `json:"quiet,omitempty"`
	Like   string            `json:"secrets_of,omitempty"`
}

// RemoveSource ends that a connection is read by itself.
func (e *Engine) RemoveSource(ctx context.Context, actor, connection string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.RemoveSource(connection); err != nil {
			return err
		}
		if err := e.unbar(tx, connection); err != nil {
			return err
		}
		return act(tx, actor, "source.removed", connection, struct{}{})
	})
}

// PullNow lets a connection be read now, also one that waits for a person.
func (e *Engine) PullNow(ctx context.Context, actor, connection string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.AskSource(connection); err != nil {
			return err
		}
		if err := act(tx, actor, "source.asked", connection, struct{}{}); err != nil {
			return err
		}
		if e.o.WakeSource != nil {
			return e.o.WakeSource(tx, connection)
		}
		return nil
	})
}

// A SourceTrial is what a source shows, with nothing stored.
type SourceTrial struct {
	Documents []source.Found
	More      bool
	Fault     *hub.Fault
	// Fields say, for connectors that map fields, what was understood of each.
	Fields []source.Understood
}

// TrySource reads the first documents of a source from its beginning with options
// that need not be stored. Nothing is kept, and nothing is written there.
func (e *Engine) TrySource(ctx context.Context, connection, kind string, config source.Config, limit int) (SourceTrial, error) {
	var t SourceTrial
	d, name, err := e.openDriver(ctx, connection, kind, &config)
	if err == nil {
		if x, ok := d.(source.Explainer); ok {
			t.Fields, err = x.Explain(ctx, limit)
		}
	}
	if err == nil {
		var page source.Page
		page, err = source.New(name, d).Look(ctx, limit)
		t.Documents, t.More = page.Documents, page.More
	}
	if err == nil {
		return t, nil
	}
	if store.IsNotFound(err) || ctx.Err() != nil {
		return t, err
	}
	t.Fault, _ = e.sourceFault(err, source.Schedule{Every: time.Hour}, e.o.Now())
	return t, nil
}

// SourceChoices asks the system of a source what its live options may be, with options
// that need neither be stored nor complete. Nothing is kept.
func (e *Engine) SourceChoices(ctx context.Context, connection, kind string, config source.Config) (map[string][]source.Choice, *hub.Fault, error) {
	var choices map[string][]source.Choice
	k, env, config, _, err := e.reach(ctx, connection, kind, &config)
	if err == nil && k.Choices != nil {
		choices, err = k.Choices(ctx, env, config)
	}
	if err == nil {
		return choices, nil, nil
	}
	if store.IsNotFound(err) || ctx.Err() != nil {
		return nil, nil, err
	}
	fault, _ := e.sourceFault(err, source.Schedule{Every: time.Hour}, e.o.Now())
	return nil, fault, nil
}
