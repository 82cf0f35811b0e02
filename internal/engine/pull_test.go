package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// shop is a business system in memory: its cursor is how many of its sales it has
// shown, and each page holds two.
type shop struct {
	sales []string
	err   error
	pulls int
	on    func() // called in each pull
	opens []source.Config
}

func (s *shop) kind() source.Kind {
	k := source.Kind{Name: "shop", Title: "A shop", Help: "For tests.", Options: []source.Option{
		{Name: "url", Required: true, Help: "Where the shop is."}, {Name: "token", Secret: true, Required: true, Help: "What opens it."}}}
	k.Open = func(_ source.Env, c source.Config) (source.Driver, error) {
		if err := k.Check(c); err != nil {
			return nil, err
		}
		s.opens = append(s.opens, c)
		return s, nil
	}
	return k
}

func (s *shop) Pull(_ context.Context, cursor source.Cursor, limit int) (p source.Page, err error) {
	s.pulls++
	if s.on != nil {
		s.on()
	}
	if s.err != nil {
		return p, s.err
	}
	at, _ := strconv.Atoi(string(cursor))
	end := min(at+min(limit, 2), len(s.sales))
	for _, n := range s.sales[at:end] {
		d := enginetest.Sale(n, "100")
		d.SourceID = "shop/" + n
		p.Documents = append(p.Documents, source.Found{Document: d})
	}
	p.Next, p.More = cursor, end < len(s.sales)
	if end > 0 {
		p.Next = source.Cursor(strconv.Itoa(end))
	}
	return p, nil
}

const token = "opensesame-77"

// sourced is a world whose connection is read from a shop every ten minutes.
func sourced(t *testing.T, world func(enginetest.Config) *enginetest.World, s *shop, cfg enginetest.Config) *enginetest.World {
	t.Helper()
	cfg.Sources = source.NewRegistry(s.kind())
	w := world(cfg)
	hours, err := source.ParseHours("19:00-08:00")
	w.Must(err)
	w.Must(w.Engine.SetSource(t.Context(), "anna", store.Source{Connection: w.Connection.ID, Kind: "shop", Schedule: source.Schedule{Every: 10 * time.Minute, Quiet: hours}},
		source.Config{Values: map[string]string{"url": "https://shop"}, Secrets: map[string]secret.Secret{"token": secret.New(token)}}))
	return w
}

func pullOnce(t *testing.T, w *enginetest.World) *store.Pull {
	t.Helper()
	p, err := w.Engine.Pull(t.Context(), w.Connection.ID)
	w.Must(err)
	return p
}

func sourceOf(t *testing.T, w *enginetest.World) store.Source {
	t.Helper()
	s, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (store.Source, error) { return tx.Source(w.Connection.ID) })
	w.Must(err)
	return s
}

// A source that is due is read page by page to its end, each page is stored with the
// cursor, and what the run came to is remembered. Missed runs are caught up once.
func TestPull(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		s := &shop{sales: []string{"1001", "1002", "1003", "1004", "1005"}}
		w := sourced(t, world, s, enginetest.Config{})
		p := pullOnce(t, w)
		if p == nil || p.Documents != 5 || p.New != 5 || p.Fault != nil || s.pulls != 3 {
			t.Fatalf("%+v, %d pulls", p, s.pulls)
		}
		w.Transfer("1005")
		if again := pullOnce(t, w); again != nil {
			t.Errorf("read again before it was due: %+v", again)
		}
		if got, want := sourceOf(t, w).NextAt, w.Clock.Now().Add(10*time.Minute); !got.Equal(want) {
			t.Errorf("next at %s, want %s", got, want)
		}
		w.Clock.Add(72 * time.Hour) // the machine was off
		s.sales = append(s.sales, "1006")
		if p := pullOnce(t, w); p == nil || p.New != 1 || p.Documents != 1 {
			t.Errorf("after three days %+v", p)
		}
		if again := pullOnce(t, w); again != nil {
			t.Errorf("caught up twice: %+v", again)
		}
		w.Must(w.Engine.PullNow(t.Context(), "anna", w.Connection.ID))
		if p := pullOnce(t, w); p == nil || !p.Asked || p.Documents != 0 {
			t.Errorf("by button: %+v", p)
		}
		pulls, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]store.Pull, error) { return tx.Pulls(w.Connection.ID, 10) })
		w.Must(err)
		if len(pulls) != 3 || !pulls[0].Asked || pulls[2].New != 5 {
			t.Errorf("remembered: %+v", pulls)
		}
	})
}

// On two nodes one pulls. What a node has not stored when it dies, another reads
// again; a node that comes back too late stores nothing.
func TestOneReader(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		s := &shop{sales: []string{"1001", "1002", "1003"}}
		crash := ""
		w := sourced(t, world, s, enginetest.Config{Crash: func(point string) {
			if point == crash {
				crash = ""
				panic(point)
			}
		}})
		other := engine.New(engine.Options{Store: w.Store, Now: w.Clock.Now, Node: "other", Sources: source.NewRegistry(s.kind()), Log: slog.New(slog.DiscardHandler)})
		s.on = func() {
			on := s.on
			s.on = nil // or a second reader would find a third
			defer func() { s.on = on }()
			if p, err := other.Pull(t.Context(), w.Connection.ID); p != nil || err != nil {
				t.Errorf("two nodes read at once: %+v, %v", p, err)
			}
		}
		if p := pullOnce(t, w); p.New != 3 {
			t.Errorf("%+v", p)
		}
		s.on = nil
		for i, point := range []string{"source/pulled", "source/stored"} {
			w.Clock.Add(time.Hour)
			s.sales = append(s.sales, fmt.Sprint(2001+i))
			crash = point
			func() {
				defer func() { _ = recover() }()
				_, _ = w.Engine.Pull(t.Context(), w.Connection.ID)
			}()
			if crash != "" {
				t.Fatalf("did not crash at %s", point)
			}
			if p, _ := other.Pull(t.Context(), w.Connection.ID); p != nil {
				t.Errorf("%s: another node took over a lease that holds: %+v", point, p)
			}
			w.Clock.Add(6 * time.Minute)
			if p, err := other.Pull(t.Context(), w.Connection.ID); err != nil || p == nil || p.Fault != nil {
				t.Errorf("%s: %+v, %v", point, p, err)
			}
			w.Transfer(fmt.Sprint(2001 + i))
		}
		// This node sleeps in the middle of a page; the other reads it meanwhile.
		w.Clock.Add(time.Hour)
		s.sales = append(s.sales, "3001")
		s.on = func() {
			s.on = nil
			w.Clock.Add(6 * time.Minute)
			if p, err := other.Pull(t.Context(), w.Connection.ID); err != nil || p == nil || p.New != 1 {
				t.Errorf("the other node: %+v, %v", p, err)
			}
		}
		if p := pullOnce(t, w); p != nil {
			t.Errorf("a page was stored by a node that had lost its lease: %+v", p)
		}
	})
}

// What is wrong decides when it is tried again: never by itself when a person must
// act, not before its time when the source is busy; and the cursor stands still.
func TestSourceFaults(t *testing.T) {
	s := &shop{sales: []string{"1001"}}
	w := sourced(t, enginetest.OnSQLite(t), s, enginetest.Config{})
	at := func(p *store.Pull, code string, next time.Time) {
		t.Helper()
		src := sourceOf(t, w)
		if p == nil || p.Fault == nil || p.Fault.Code != code || src.Fault == nil || src.Fault.Code != code || !src.NextAt.Equal(next) {
			t.Fatalf("%+v, %+v, next %s, want %s at %s", p, src.Fault, src.NextAt, code, next)
		}
	}
	s.err = fmt.Errorf("%w: the key is wrong", source.ErrDenied)
	at(pullOnce(t, w), hub.SourceDenied, time.Time{})
	w.Clock.Add(24 * time.Hour)
	if p := pullOnce(t, w); p != nil || s.pulls != 1 {
		t.Errorf("tried again although a person must act: %+v", p)
	}
	w.Must(w.Engine.PullNow(t.Context(), "anna", w.Connection.ID))
	until := w.Clock.Now().Add(40 * time.Minute)
	s.err = &source.BusyError{Until: until, Reason: "429"}
	at(pullOnce(t, w), hub.SourceBusy, until)
	w.Clock.Add(39 * time.Minute)
	if p := pullOnce(t, w); p != nil {
		t.Errorf("read while it is busy: %+v", p)
	}
	w.Clock.Add(time.Minute)
	s.err = errors.New("unexpected end of JSON")
	at(pullOnce(t, w), hub.SourceBroken, w.Clock.Now().Add(10*time.Minute))
	w.Clock.Add(10 * time.Minute)
	s.err = nil
	if p := pullOnce(t, w); p == nil || p.New != 1 || sourceOf(t, w).Fault != nil {
		t.Errorf("when it answers again: %+v", p)
	}
	acts, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (list []string, err error) {
		err = tx.Each(func(scan func(...any) error) error {
			var kind string
			err := scan(&kind)
			list = append(list, kind)
			return err
		}, `select kind from act where kind like 'source.%' order by seq`)
		return list, err
	})
	w.Must(err)
	if want := []string{"source.set", "source.stopped", "source.asked", "source.stopped", "source.stopped", "source.resumed"}; !slices.Equal(acts, want) {
		t.Errorf("acts %v", acts)
	}
}

// A secret of a source is sealed for its own row and place, and stands nowhere else.
func TestSourceSecrets(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		s := &shop{}
		w := sourced(t, world, s, enginetest.Config{})
		pullOnce(t, w)
		if len(s.opens) != 1 || s.opens[0].Secrets["token"].Reveal() != token {
			t.Fatal("the driver did not get its secret")
		}
		// Options without the secret keep it; another connector does not get it.
		w.Must(w.Engine.SetSource(t.Context(), "anna", store.Source{Connection: w.Connection.ID, Kind: "shop", Schedule: source.Schedule{Every: time.Hour}},
			source.Config{Values: map[string]string{"url": "https://other"}}))
		pullOnce(t, w)
		if got := s.opens[1]; got.Secrets["token"].Reveal() != token || got.Values["url"] != "https://other" {
			t.Errorf("after a change: %v", got.Values)
		}
		err := w.Engine.SetSource(t.Context(), "anna", store.Source{Connection: w.Connection.ID, Kind: "shop", Schedule: source.Schedule{Every: time.Hour}}, source.Config{})
		if err == nil || !strings.Contains(err.Error(), "url is missing") {
			t.Errorf("options that are missing: %v", err)
		}
		for _, table := range []string{"source", "act", "pull"} {
			column := map[string]string{"source": "options || secrets", "act": "detail", "pull": "fault"}[table]
			w.Must(w.Store.Read(t.Context(), func(tx *store.Tx) error {
				return tx.Each(func(scan func(...any) error) error {
					var text string
					err := scan(&text)
					if strings.Contains(text, token) {
						t.Errorf("the secret stands in %s", table)
					}
					return err
				}, `select `+column+` from `+table)
			}))
		}
	})
}
