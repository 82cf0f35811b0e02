package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// post is what a mail server has taken.
type post struct {
	taken []alert.Letter
	fails error // answered without taking
}

func (p *post) send(_ context.Context, l alert.Letter) error {
	if p.fails != nil {
		return p.fails
	}
	p.taken = append(p.taken, l)
	return nil
}

func readers(w *enginetest.World) {
	w.T.Helper()
	w.Must(w.Store.Tx(w.T.Context(), func(tx *store.Tx) error {
		for login, role := range map[string]people.Role{"matti@example.fi": people.Admin, "aino@example.fi": people.Finance, "veera@example.fi": people.Viewer, "robot": people.Admin} {
			if _, err := tx.AddPerson(people.User{Login: login, Role: role, Language: "fi"}, secret.New("seitsemän kirjavaa kissaa")); err != nil {
				return err
			}
		}
		return nil
	}))
}

func mail(w *enginetest.World, p *post) {
	w.T.Helper()
	w.Must(w.Engine.PlanLetters(w.T.Context(), "http://vienti"))
	w.Must(w.Engine.SendLetters(w.T.Context(), "http://vienti", p.send))
}

func letters(w *enginetest.World) map[string]int {
	w.T.Helper()
	m, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (map[string]int, error) { return tx.CountLetters(time.Time{}) })
	w.Must(err)
	return m
}

// A dead key is one letter to the administrators however long it lasts and however
// many companies it stops, and one when it is over; held documents are one a day.
func TestLettersOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		readers(w)
		other := w.Another("2", enginetest.Config{Writing: true})
		p := &post{}
		mail(w, p)
		if len(p.taken) != 0 {
			t.Fatalf("nothing is wrong: %+v", p.taken)
		}
		for _, x := range []*enginetest.World{w, other} {
			w.Must(w.Engine.SetKey(t.Context(), "test", x.Company.ID, secret.New("dead")))
			w.Clock.Add(time.Hour)
			x.Step(t.Context())
		}
		for range 5 {
			mail(w, p)
			w.Clock.Add(time.Minute)
		}
		if len(p.taken) != 1 || p.taken[0].To != "matti@example.fi" {
			t.Fatalf("%+v", p.taken)
		}
		for _, x := range []*enginetest.World{w, other} {
			w.Must(w.Engine.SetKey(t.Context(), "test", x.Company.ID, secret.New(x.Key)))
		}
		mail(w, p)
		mail(w, p)
		if len(p.taken) != 2 {
			t.Fatalf("%+v", p.taken)
		}
		bad := enginetest.Sale("1002", "250.00")
		bad.Lines[0].Unit = "laatikollinen"
		w.Receive(bad)
		w.Settle()
		mail(w, p)
		w.Clock.Add(48 * time.Hour)
		mail(w, p)
		if len(p.taken) != 4 { // one each to the two who mend
			t.Fatalf("%d: %+v", len(p.taken), p.taken)
		}
		if m := letters(w); m[store.LetterSent] != 4 || len(m) != 1 {
			t.Errorf("%v", m)
		}
	})
}

// The process dies at each moment of a letter, and the server fails in each way:
// no letter goes twice, and none is lost but the one whose fate nobody knows.
func TestLetterCrashes(t *testing.T) {
	for name, c := range map[string]struct {
		point string
		fails error
		taken int
		state string
	}{
		"before it leaves":   {point: "letter/intended", taken: 0, state: store.LetterUnclear},
		"after it has left":  {point: "letter/sent", taken: 1, state: store.LetterUnclear},
		"no answer at first": {fails: errors.New("no answer"), taken: 1, state: store.LetterSent},
		"refused":            {fails: alert.ErrRefused, taken: 0, state: store.LetterRefused},
		"cut off":            {fails: alert.ErrUnclear, taken: 0, state: store.LetterUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
				died := false
				w := world(enginetest.Config{Writing: true, Crash: func(point string) {
					if point == c.point && !died {
						died = true
						panic(enginetest.Crash(point))
					}
				}})
				readers(w)
				w.Must(w.Engine.SetKey(t.Context(), "test", w.Company.ID, secret.New("dead")))
				w.Clock.Add(time.Hour)
				w.Step(t.Context())
				p := &post{fails: c.fails}
				w.Must(w.Engine.PlanLetters(t.Context(), "http://vienti"))
				func() {
					defer func() { _ = recover() }()
					w.Must(w.Engine.SendLetters(t.Context(), "http://vienti", p.send))
				}()
				p.fails = nil
				for range 5 {
					w.Clock.Add(20 * time.Minute)
					mail(w, p)
				}
				if len(p.taken) != c.taken {
					t.Errorf("taken %d times, want %d", len(p.taken), c.taken)
				}
				if m := letters(w); m[c.state] != 1 || len(m) != 1 {
					t.Errorf("%v, want one %s", m, c.state)
				}
			})
		})
	}
}

// A detached company is nobody's trouble.
func TestNoLettersOfDetached(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	readers(w)
	bad := enginetest.Sale("1002", "250.00")
	bad.Lines[0].Unit = "laatikollinen"
	w.Receive(bad)
	w.Settle()
	_, err := w.Engine.Detach(t.Context(), "matti", w.Company.ID, hub.LeaveStopped)
	w.Must(err)
	p := &post{}
	mail(w, p)
	if len(p.taken) > 0 {
		t.Errorf("%+v", p.taken)
	}
}
