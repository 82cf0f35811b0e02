package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/outbound"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// Webhooks tell of changes that stand in the feed already. A delivery is made with its
// change; telling is repeated under the change's id until the receiver says 2xx, so it
// comes at least once, and of one subject in order.

const (
	// webhookRound is how many deliveries one round takes, webhookFlight how many are
	// under way at the same moment: a receiver of 100 ms is told of 100 changes a second.
	webhookRound, webhookFlight = 64, 16
	// webhookLease outlives a round in which every receiver is as slow as is allowed.
	webhookLease = 2 * time.Minute
	// firstTell doubles with each failure up to longestTell: one that was down for a day
	// hears of it within ten minutes of being back.
	firstTell, longestTell = 5 * time.Second, 10 * time.Minute
	// giveUpTelling is for how long a receiver that takes nothing is tried.
	giveUpTelling = 3 * 24 * time.Hour
	// bothSecrets is for how long after a rotation the earlier secret signs as well.
	bothSecrets = 24 * time.Hour
	// MaxReplay is how far back one replay may reach.
	MaxReplay = 90 * 24 * time.Hour
)

// tellAgain is when the n-th failure in a row is followed by another try: not all at the
// same moment when a receiver of many connections comes back.
func tellAgain(now time.Time, n int) time.Time {
	wait := min(firstTell<<min(n-1, 10), longestTell)
	return now.Add(wait - time.Duration(rand.Int64N(int64(wait)/5)))
}

// Deliver tells one webhook what is due, and returns when it wants to be called again. It
// may be called at any time, by several nodes at once: whoever has the lease works.
func (e *Engine) Deliver(ctx context.Context, webhook string) (next time.Time, err error) {
	now := e.o.Now()
	lease := e.o.Node + "/" + e.store.NewID()
	var w store.Webhook
	var due []store.Delivery
	var bodies [][]byte
	err = e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		if w, err = tx.ClaimWebhook(webhook, lease, now, now.Add(webhookLease)); err != nil {
			return err
		}
		limit := webhookRound
		if w.Fails > 0 {
			limit = 2 // it may be down: two are enough to find out
		}
		if due, err = tx.DueDeliveries(webhook, now, limit); err != nil {
			return err
		}
		bodies = make([][]byte, len(due))
		for i := range due {
			if bodies[i], err = e.o.RenderChange(tx, w.Language, &due[i].Change); err != nil {
				return fmt.Errorf("write change %s: %w", due[i].Change.ID, err)
			}
		}
		return nil
	})
	if store.IsNotFound(err) {
		return now.Add(idle), nil // ended, parked, not due, or somebody else's
	}
	if err != nil {
		return now.Add(firstWait), fmt.Errorf("webhook %s: %w", webhook, err)
	}
	e.tell(ctx, &w, due, bodies)
	if ctx.Err() != nil {
		due = slices.DeleteFunc(due, func(d store.Delivery) bool { return d.State != store.DeliveryDelivered }) // no fault of the receiver's
	}
	ended := e.o.Now()
	news := roundOver(&w, due, ended)
	if news {
		e.log.Warn("webhook is parked", "webhook", w.ID, "since", w.Failing)
	}
	next = ended.Add(idle)
	err = e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		for i := range due {
			if err := tx.SettleDelivery(&due[i]); err != nil {
				return err
			}
		}
		if err := tx.GiveBackWebhook(&w, lease); err != nil {
			return err
		}
		if news {
			if err := act(tx, engineActor, "webhook.parked", w.Connection, webhookAct(&w)); err != nil {
				return err
			}
		}
		at, ok, err := tx.NextDelivery(webhook)
		if ok && at.Before(next) {
			next = at
		}
		return err
	})
	if errors.Is(err, store.ErrLeaseLost) {
		return ended.Add(idle), nil // ended meanwhile, or told so slowly that another has it
	}
	return laterOf(next, w.NextAt), err
}

// tell sends every delivery and writes down in each what it came to.
func (e *Engine) tell(ctx context.Context, w *store.Webhook, due []store.Delivery, bodies [][]byte) {
	flight := make(chan struct{}, webhookFlight)
	var sending sync.WaitGroup
	for i := range due {
		flight <- struct{}{}
		sending.Go(func() {
			defer func() { <-flight }()
			e.tellOne(ctx, w, &due[i], bodies[i])
		})
	}
	sending.Wait()
}

func (e *Engine) tellOne(ctx context.Context, w *store.Webhook, d *store.Delivery, body []byte) {
	now := e.o.Now()
	if d.Tries++; d.FirstAt.IsZero() {
		d.FirstAt = now
	}
	d.TriedAt, d.Status, d.Error = now, 0, ""
	secrets := []secret.Secret{w.Secret}
	if !w.Before.IsZero() && now.Before(w.BeforeUntil) {
		secrets = append(secrets, w.Before)
	}
	header, err := outbound.Headers(d.Change.ID, now, body, secrets...)
	if err == nil {
		d.Status, err = e.o.Outbound.Post(ctx, w.URL, header, body)
	}
	ended := e.o.Now()
	d.Took = ended.Sub(now)
	switch {
	case err != nil:
		d.Error = clipError(err)
	case d.Status >= 200 && d.Status < 300:
		d.State = store.DeliveryDelivered
		return
	}
	d.NextAt = tellAgain(ended, d.Tries)
}

// clipError is what a page shows of an error: no more than a line.
func clipError(err error) string {
	text := strings.ToValidUTF8(err.Error(), "?")
	return text[:min(len(text), 200)]
}

// roundOver writes down in w how a round has gone: whether the receiver as a whole takes
// nothing, or some documents only, which are given up after days. It reports whether w was
// parked by it.
func roundOver(w *store.Webhook, due []store.Delivery, now time.Time) (parked bool) {
	if len(due) == 0 {
		return false
	}
	if !down(due) {
		w.Fails, w.Failing, w.NextAt = 0, time.Time{}, time.Time{}
		for i := range due {
			if d := &due[i]; d.State == store.DeliveryPlanned && now.Sub(d.FirstAt) >= giveUpTelling {
				d.State = store.DeliveryGivenUp
			}
		}
		return false
	}
	if w.Fails++; w.Failing.IsZero() {
		w.Failing = now
	}
	w.NextAt = tellAgain(now, w.Fails)
	gone := slices.ContainsFunc(due, func(d store.Delivery) bool { return d.Status == http.StatusGone })
	if gone || now.Sub(w.Failing) >= giveUpTelling {
		w.Parked = now
		return true
	}
	return false
}

// down reports whether a round says that the receiver takes nothing at all: nothing came
// through, and either it was more than one document that did not, or the answer, or its
// absence, is not about a document.
func down(due []store.Delivery) bool {
	if slices.ContainsFunc(due, func(d store.Delivery) bool { return d.State == store.DeliveryDelivered }) {
		return false
	}
	switch s := due[0].Status; {
	case len(due) > 1, s < 400: // no answer, or a redirect
		return true
	default:
		return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone,
			http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, s)
	}
}

// What an act says of a webhook: never a secret, and of the address no query, which may
// hold one.
func webhookAct(w *store.Webhook) any {
	address, _, _ := strings.Cut(w.URL, "?")
	return struct {
		Webhook string `json:"webhook"`
		URL     string `json:"url"`
	}{w.ID, address}
}

// ErrWebhookKind says that there is no such kind of change.
var ErrWebhookKind = errors.New("there is no such kind of change")

// ErrWebhookURL says that changes are not told to such an address.
var ErrWebhookURL = errors.New("no address for webhooks")

// AddWebhook lets the changes of a connection from now on be told to an address. The
// secret by which they are signed is made here, and shown this once.
func (e *Engine) AddWebhook(ctx context.Context, actor string, w store.Webhook) (store.Webhook, error) {
	if err := e.o.Outbound.Check(w.URL); err != nil {
		return w, fmt.Errorf("%w: %w", ErrWebhookURL, err)
	}
	for _, k := range w.Kinds {
		if !slices.Contains(hub.ChangeKinds, k) {
			return w, fmt.Errorf("%q: %w", k, ErrWebhookKind)
		}
	}
	w.Secret, w.Author = outbound.NewSecret(), actor
	err := e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.InsertWebhook(&w); err != nil {
			return err
		}
		return act(tx, actor, "webhook.made", w.Connection, webhookAct(&w))
	})
	return w, err
}

// RotateWebhook gives a webhook of a connection another secret and returns it, once. For
// a day what is sent is signed with both.
func (e *Engine) RotateWebhook(ctx context.Context, actor, connection, id string) (s secret.Secret, err error) {
	s = outbound.NewSecret()
	return s, e.onWebhook(ctx, actor, connection, id, "webhook.rotated", func(tx *store.Tx) error {
		return tx.RotateWebhook(id, s, e.o.Now().Add(bothSecrets))
	})
}

// EndWebhook tells nothing more to a webhook of a connection.
func (e *Engine) EndWebhook(ctx context.Context, actor, connection, id string) error {
	return e.onWebhook(ctx, actor, connection, id, "webhook.ended", func(tx *store.Tx) error { return tx.EndWebhook(id) })
}

// ResumeWebhook tries a webhook of a connection again at once.
func (e *Engine) ResumeWebhook(ctx context.Context, actor, connection, id string) error {
	return e.onWebhook(ctx, actor, connection, id, "webhook.resumed", func(tx *store.Tx) error {
		if err := tx.ResumeWebhook(id); err != nil {
			return err
		}
		return e.wakeWebhook(tx, id)
	})
}

// ReplayWebhook tells a webhook of a connection once more of the changes since a moment,
// under the ids that they had, and returns of how many.
func (e *Engine) ReplayWebhook(ctx context.Context, actor, connection, id string, from time.Time) (n int, err error) {
	from = laterOf(from, e.o.Now().Add(-MaxReplay))
	return n, e.onWebhook(ctx, actor, connection, id, "webhook.replayed", func(tx *store.Tx) (err error) {
		if n, err = tx.Replay(id, from); err != nil {
			return err
		}
		return e.wakeWebhook(tx, id)
	})
}

func (e *Engine) onWebhook(ctx context.Context, actor, connection, id, kind string, do func(*store.Tx) error) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		w, err := tx.Webhook(id)
		if err != nil {
			return err
		}
		if w.Connection != connection {
			return store.ErrNotFound
		}
		if err := do(tx); err != nil {
			return err
		}
		return act(tx, actor, kind, connection, webhookAct(&w))
	})
}

func (e *Engine) wakeWebhook(tx *store.Tx, id string) error {
	if e.o.WakeWebhook == nil {
		return nil
	}
	return e.o.WakeWebhook(tx, id)
}
