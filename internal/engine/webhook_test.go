package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/outbound"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// A receiver keeps what it was told, and answers as the test wants.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []told
	answer func(told) int // nil: 204
}

type told struct {
	ID, Subject, Kind string
	Seq               int64
	header            http.Header
	body              []byte
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var one told
		if err != nil || json.Unmarshal(body, &one) != nil || one.ID != req.Header.Get("webhook-id") {
			t.Errorf("came %q, %v, as %s", body, err, req.Header.Get("webhook-id"))
		}
		one.header, one.body = req.Header, body
		status := http.StatusNoContent
		r.mu.Lock()
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			status = answer(one)
		}
		if status == http.StatusTemporaryRedirect {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		if status == http.StatusNoContent {
			r.mu.Lock()
			r.got = append(r.got, one)
			r.mu.Unlock()
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(fn func(told) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = fn
}

func (r *receiver) taken() []told {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// teller is a world with a webhook to a receiver.
type teller struct {
	*enginetest.World
	*receiver
	hook store.Webhook
}

func newTeller(t *testing.T, world func(enginetest.Config) *enginetest.World, kinds ...hub.ChangeKind) *teller {
	w := world(enginetest.Config{Outbound: outbound.New(outbound.Options{Loopback: true, Timeout: 2 * time.Second}),
		RenderChange: func(_ *store.Tx, _ string, c *hub.Change) ([]byte, error) {
			return json.Marshal(told{ID: c.ID, Subject: c.Subject, Kind: string(c.Kind), Seq: c.Seq})
		}})
	x := &teller{World: w, receiver: newReceiver(t)}
	var err error
	x.hook, err = w.Engine.AddWebhook(t.Context(), "test", store.Webhook{Connection: w.Connection.ID, URL: x.URL + "/hook?key=hunter22", Language: "en", Kinds: kinds})
	w.Must(err)
	return x
}

// happens tells of something of each subject, in one transaction each.
func (x *teller) happens(kind hub.ChangeKind, subjects ...string) {
	x.T.Helper()
	for _, s := range subjects {
		x.Must(x.Store.Tx(x.T.Context(), func(tx *store.Tx) error {
			tx.AppendChange(hub.Change{Connection: x.Connection.ID, Kind: kind, Subject: s})
			return nil
		}))
	}
}

// deliver calls the engine as often as it wants to be called until a moment.
func (x *teller) deliver(until time.Time) {
	x.T.Helper()
	for range 10_000 {
		next, err := x.Engine.Deliver(x.T.Context(), x.hook.ID)
		x.Must(err)
		if next.After(until) {
			x.Clock.Set(until)
			return
		}
		x.Clock.Set(next)
	}
	x.T.Fatal("it never rests")
}

// inOrder wants every subject's changes in their order, each of them once.
func (x *teller) inOrder(want int) {
	x.T.Helper()
	last, seen := map[string]int64{}, map[string]bool{}
	for _, g := range x.taken() {
		if g.Seq <= last[g.Subject] || seen[g.ID] {
			x.T.Errorf("%s: %d came after %d, or again", g.Subject, g.Seq, last[g.Subject])
		}
		last[g.Subject], seen[g.ID] = g.Seq, true
	}
	if len(seen) != want {
		x.T.Errorf("%d were told, want %d", len(seen), want)
	}
}

// A receiver that was down for a day hears of everything within ten minutes of being
// back, in order for each document, each change once.
func TestReceiverDownForADay(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		x := newTeller(t, world)
		var tries atomic.Int64
		x.answers(func(told) int { tries.Add(1); return http.StatusBadGateway })
		for range 5 {
			x.happens(hub.DocumentPosted, "a", "b", "c")
			x.deliver(x.Clock.Now().Add(4 * time.Hour))
		}
		x.deliver(x.Clock.Now().Add(4 * time.Hour))
		if len(x.taken()) != 0 || tries.Load() > 320 {
			t.Errorf("%d taken, %d tries in a day", len(x.taken()), tries.Load())
		}
		x.answers(nil)
		x.deliver(x.Clock.Now().Add(10 * time.Minute))
		x.inOrder(15)
	})
}

// One document that is not taken keeps its own later changes, and nobody else's; after
// days it is given up, and can be told again.
func TestOneIsNotTaken(t *testing.T) {
	x := newTeller(t, enginetest.OnSQLite(t))
	x.answers(func(one told) int {
		if one.Subject == "bad" {
			return http.StatusInternalServerError
		}
		return http.StatusNoContent
	})
	x.happens(hub.DocumentPosted, "bad", "a", "bad", "b", "a")
	x.deliver(x.Clock.Now().Add(time.Hour))
	x.inOrder(3)
	for range 4 * 24 {
		x.happens(hub.DocumentPaid, "a")
		x.deliver(x.Clock.Now().Add(time.Hour))
	}
	n, err := store.ReadOne(t.Context(), x.Store, func(tx *store.Tx) (map[string]store.DeliveryCount, error) { return tx.CountDeliveries(x.Connection.ID) })
	if c := n[x.hook.ID]; err != nil || c.GivenUp == 0 {
		t.Errorf("%+v, %v", c, err)
	}
	x.answers(nil)
	before := len(x.taken())
	again, err := x.Engine.ReplayWebhook(t.Context(), "test", x.Connection.ID, x.hook.ID, enginetest.Start)
	x.Must(err)
	x.deliver(x.Clock.Now().Add(time.Hour))
	if got := len(x.taken()) - before; got != again || got != 5+4*24 {
		t.Errorf("%d told once more, %d said", got, again)
	}
	ids := map[string]int{}
	for _, g := range x.taken() {
		ids[g.ID]++
	}
	if len(ids) != 5+4*24 {
		t.Errorf("%d ids for %d changes", len(ids), 5+4*24)
	}
}

// A later change of a document waits for the one that was not taken at first.
func TestToldInOrder(t *testing.T) {
	x := newTeller(t, enginetest.OnSQLite(t))
	tried := 0
	x.answers(func(one told) int {
		if one.Seq == 1 {
			if tried++; tried == 1 {
				return http.StatusInternalServerError
			}
		}
		return http.StatusNoContent
	})
	x.happens(hub.DocumentPosted, "a", "a", "b")
	x.deliver(x.Clock.Now().Add(time.Hour))
	x.inOrder(3)
}

// What nobody takes for three days is parked, so is what is gone; nothing of it is lost
// when somebody resumes it.
func TestWebhookIsParked(t *testing.T) {
	for name, status := range map[string]int{"down": http.StatusServiceUnavailable, "gone": http.StatusGone, "redirecting": http.StatusTemporaryRedirect} {
		t.Run(name, func(t *testing.T) {
			x := newTeller(t, enginetest.OnSQLite(t))
			x.answers(func(told) int { return status })
			x.happens(hub.DocumentPosted, "a", "b")
			x.deliver(x.Clock.Now().Add(4 * 24 * time.Hour))
			hook, err := store.ReadOne(t.Context(), x.Store, func(tx *store.Tx) (store.Webhook, error) { return tx.Webhook(x.hook.ID) })
			x.Must(err)
			if hook.Parked.IsZero() || status == http.StatusGone && hook.Fails > 1 {
				t.Fatalf("%+v", hook)
			}
			x.answers(nil)
			x.happens(hub.DocumentPosted, "a")
			x.deliver(x.Clock.Now().Add(time.Hour))
			x.inOrder(0)
			x.Must(x.Engine.ResumeWebhook(t.Context(), "test", x.Connection.ID, x.hook.ID))
			x.deliver(x.Clock.Now().Add(time.Minute))
			x.inOrder(3)
		})
	}
}

// What is told is signed with the secret, and for a day after a rotation with both; only
// the kinds that are wanted are told; nothing says the secret or the query of the address.
func TestWebhookIsSigned(t *testing.T) {
	x := newTeller(t, enginetest.OnSQLite(t), hub.DocumentRefused)
	signed := func(g told, n int, with ...secret.Secret) {
		t.Helper()
		var stamp int64
		if _, err := fmt.Sscan(g.header.Get("webhook-timestamp"), &stamp); err != nil {
			t.Fatal(err)
		}
		want, err := outbound.Headers(g.ID, time.Unix(stamp, 0), g.body, with...)
		x.Must(err)
		if got := g.header.Get("webhook-signature"); got != want.Get("webhook-signature") || len(strings.Fields(got)) != n {
			t.Errorf("signed %q, want %q", got, want.Get("webhook-signature"))
		}
	}
	x.happens(hub.DocumentPosted, "a")
	x.happens(hub.DocumentRefused, "a")
	x.deliver(x.Clock.Now().Add(time.Second))
	x.inOrder(1)
	signed(x.taken()[0], 1, x.hook.Secret)
	fresh, err := x.Engine.RotateWebhook(t.Context(), "test", x.Connection.ID, x.hook.ID)
	x.Must(err)
	x.happens(hub.DocumentRefused, "a")
	x.deliver(x.Clock.Now().Add(25 * time.Hour))
	signed(x.taken()[1], 2, fresh, x.hook.Secret)
	x.happens(hub.DocumentRefused, "a")
	x.deliver(x.Clock.Now().Add(time.Second))
	signed(x.taken()[2], 1, fresh)

	for _, c := range []struct{ query string }{{`select group_concat(detail) from act`}, {`select group_concat(secret || before) from webhook`}} {
		var text string
		x.Must(x.Store.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(c.query).Scan(&text) }))
		if strings.Contains(text, "whsec_") || strings.Contains(text, strings.TrimPrefix(fresh.Reveal(), "whsec_")) || strings.Contains(text, "hunter22") {
			t.Errorf("%s: %s", c.query, text)
		}
	}
	x.Must(x.Engine.EndWebhook(t.Context(), "test", x.Connection.ID, x.hook.ID))
	x.happens(hub.DocumentRefused, "a")
	x.deliver(x.Clock.Now().Add(time.Hour))
	x.inOrder(3)
	var left int
	x.Must(x.Store.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`select count(*) from webhook where secret <> '' or before <> ''`).Scan(&left)
	}))
	if left != 0 {
		t.Error("the secret of a webhook that has ended is kept")
	}
}

// Two nodes tell the same webhook: whoever has the lease does.
func TestOneNodeTells(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		x := newTeller(t, world)
		x.answers(func(told) int { time.Sleep(20 * time.Millisecond); return http.StatusNoContent })
		for range 4 {
			x.happens(hub.DocumentPosted, "a", "b")
		}
		var nodes sync.WaitGroup
		for range 4 {
			nodes.Go(func() {
				for range 8 {
					if _, err := x.Engine.Deliver(t.Context(), x.hook.ID); err != nil {
						t.Error(err)
					}
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		nodes.Wait()
		x.deliver(x.Clock.Now().Add(time.Minute))
		x.inOrder(8)
	})
}

// By River, in real time: from the change to the receiver, the slowest of a hundred within
// two seconds.
func TestToldWithinTwoSeconds(t *testing.T) {
	x := newTeller(t, func(cfg enginetest.Config) *enginetest.World {
		cfg.RealTime = true
		return enginetest.New(t, storetest.Open(t, storetest.SQLite(t), store.Options{}), enginetest.NewClock(), cfg)
	})
	jobs, err := engine.NewJobs(t.Context(), x.Engine)
	x.Must(err)
	x.Must(jobs.Start(t.Context()))
	defer func() { x.Must(jobs.Stop(context.Background())) }()
	var mu sync.Mutex
	came := map[string]time.Time{}
	x.answers(func(one told) int {
		mu.Lock()
		defer mu.Unlock()
		came[one.Subject] = time.Now()
		return http.StatusNoContent
	})
	const n = 100
	made := map[string]time.Time{}
	for i := range n {
		s := fmt.Sprint(i)
		x.happens(hub.DocumentPosted, s)
		made[s] = time.Now()
		time.Sleep(time.Duration(i%7) * 10 * time.Millisecond)
	}
	for end := time.Now().Add(time.Minute); len(x.taken()) < n && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	var took []time.Duration
	for s, at := range made {
		took = append(took, came[s].Sub(at))
	}
	slices.Sort(took)
	t.Logf("from change to webhook: median %v, 99th of 100 %v, slowest %v", took[n/2], took[n-2], took[n-1])
	if len(came) != n || took[n-2] > 2*time.Second {
		t.Errorf("%d came, the 99th after %v", len(came), took[n-2])
	}
}
