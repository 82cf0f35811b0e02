package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

func (c *circle) decisions(number string) []store.RoundDecision {
	c.T.Helper()
	list, err := store.ReadOne(c.T.Context(), c.Store, func(tx *store.Tx) ([]store.RoundDecision, error) { return tx.Decisions(c.round(number).ID) })
	c.Must(err)
	return list
}

func (c *circle) handOver(by, from, to string) (engine.HandedOver, error) {
	id, ok := c.ids[by]
	if !ok {
		id = by
	}
	return c.Engine.HandOverRounds(c.T.Context(), id, engine.HandOver{From: c.ids[from], To: c.ids[to], Text: "lähti", Due: civil.Must("2026-04-01")})
}

// Who leaves hands over everything at once: what waits for them, and what would later.
// What the other has approved already is left, and said; nobody without the right does it.
func TestHandOver(t *testing.T) {
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
	c.bought("P1", "10", "P-1001", "")   // maija
	c.bought("P2", "2000", "P-1001", "") // maija, then boss
	c.bought("P3", "10", "", "")         // anna
	c.bought("P4", "2000", "", "")       // anna, then boss
	c.seen()
	if done, err := c.handOver("maija", "boss", "anna"); err != nil || done.Handed != 0 {
		t.Errorf("without the right: %+v %v", done, err)
	}
	if done, err := c.handOver("anna", "boss", "viewer"); err != nil || done.Handed != 0 || len(done.Left) != 2 {
		t.Errorf("to somebody who receives nothing: %+v %v", done, err)
	}
	if _, err := c.handOver("anna", "boss", "boss"); !errors.Is(err, engine.ErrNotNow) {
		t.Errorf("to the same: %v", err)
	}
	if why := c.does("anna", "P4", circulation.Decision{Act: circulation.Approve}); why != "" {
		t.Fatal(why)
	}
	done, err := c.handOver("anna", "boss", "anna")
	if err != nil || done.Handed != 1 || len(done.Left) != 1 || done.Left[0].Number != "P4" {
		t.Fatalf("%+v %v", done, err)
	}
	c.wants("P2", circulation.Open, "maija")
	c.wants("P4", circulation.Open, "boss") // anna has approved it: a second approval of one person is none
	if done, err = c.handOver("cli:somebody", "maija", "pre"); err != nil || done.Handed != 2 || len(done.Left) != 0 {
		t.Fatalf("%+v %v", done, err)
	}
	for _, n := range []string{"P1", "P2"} {
		c.wants(n, circulation.Open, "pre")
		list := c.decisions(n)
		last := list[len(list)-1]
		if last.Act != circulation.Assign || last.By != "cli:somebody" || last.Instead != c.ids["maija"] || last.To != c.ids["pre"] || last.Text != "lähti" || last.Due.String() != "2026-04-01" {
			t.Errorf("%s: %+v", n, last)
		}
		if r := c.round(n); r.Note != "lähti" || r.AnswerBy.String() != "2026-04-01" || r.Told {
			t.Errorf("%s: %+v", n, r)
		}
	}
	if done, err := c.handOver("anna", "maija", "pre"); err != nil || done.Handed != 0 || len(done.Left) != 0 {
		t.Errorf("once more: %+v %v", done, err)
	}
	left, err := c.Engine.LeftBy(t.Context(), c.user("root"), c.user("anna"))
	c.Must(err)
	if left.Rounds != 2 || len(left.Named) != 1 || left.Named[0].As[0] != "default" {
		t.Errorf("%+v", left)
	}
}

func (c *circle) user(name string) people.User {
	c.T.Helper()
	u, err := store.ReadOne(c.T.Context(), c.Store, func(tx *store.Tx) (people.User, error) { return tx.Person(c.ids[name]) })
	c.Must(err)
	return u
}

// Invoices are decided while they are handed over: each is decided by the one or has gone
// to the other, none is left behind and no decision is lost.
func TestHandOverWhileTheyMove(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		c := circled(t, world, enginetest.Config{})
		const n = 12
		for i := range n {
			c.bought(fmt.Sprintf("P%d", i), "10", "P-1001", "")
		}
		c.seen()
		begin := allRounds(c)
		var wg sync.WaitGroup
		taken := make([]bool, n)
		for i := range n / 2 {
			wg.Go(func() {
				_, err := c.Engine.DecideRound(t.Context(), begin[i].ID, circulation.Decision{Act: circulation.Approve, By: c.ids["maija"], Seen: begin[i].Version}, nil)
				if taken[i] = err == nil; err != nil {
					if _, ok := errors.AsType[*engine.RoundRefusal](err); !ok {
						t.Error(err)
					}
				}
			})
		}
		var done engine.HandedOver
		wg.Go(func() {
			var err error
			if done, err = c.handOver("anna", "maija", "boss"); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		approved := 0
		for i, was := range begin {
			now, err := store.ReadOne(t.Context(), c.Store, func(tx *store.Tx) (store.Round, error) { return tx.RoundByID(was.ID) })
			c.Must(err)
			switch {
			case taken[i] && now.State == circulation.Approved && now.Version == 1:
				approved++
			case !taken[i] && now.State == circulation.Open && now.Waits() == c.ids["boss"] && now.Version == 1:
			default:
				t.Errorf("%s: %s, waits for %s, version %d, taken %t", now.Number, now.State, now.Waits(), now.Version, taken[i])
			}
		}
		if approved+done.Handed != n {
			t.Errorf("%d approved and %d handed over of %d", approved, done.Handed, n)
		}
	})
}

// What a vendor's program says in the name of somebody holds only while that person has
// the right: a right that is withdrawn in the middle of the call is withdrawn after the
// decision is kept, or before it is taken. Likewise who stands in for somebody.
func TestRightEndsInTheMiddleOfACall(t *testing.T) {
	for name, x := range map[string]struct {
		by   string
		ends func(c *circle) error
	}{
		"right": {"maija", func(c *circle) error {
			_, err := c.Engine.ChangePerson(context.Background(), c.ids["root"], c.ids["maija"], func(u *people.User) { u.Role = people.Viewer })
			return err
		}},
		"substitute": {"boss", func(c *circle) error {
			return c.Engine.SetSubstitute(context.Background(), c.ids["maija"], store.Substitute{Person: c.ids["maija"]})
		}},
	} {
		enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
			t.Run(name, func(t *testing.T) {
				var c *circle
				var ended atomic.Bool
				over := make(chan error, 1)
				armed, early := false, false
				c = circled(t, world, enginetest.Config{Crash: func(p string) {
					if p != "round/right" || !armed {
						return
					}
					armed = false
					go func() {
						err := x.ends(c)
						ended.Store(true)
						over <- err
					}()
					time.Sleep(200 * time.Millisecond) // long enough, unless it is made to wait
					early = ended.Load()
				}})
				id := c.bought("P1", "10", "P-1001", "")
				second := c.bought("P2", "10", "P-1001", "")
				c.seen()
				today := civil.DayOf(c.Clock.Now(), time.UTC)
				c.Must(c.Engine.SetSubstitute(t.Context(), c.ids["maija"], store.Substitute{Person: c.ids["maija"], Instead: c.ids["boss"], First: today, Last: today.AddDays(3)}))
				armed = true
				if why := c.does(x.by, "P1", circulation.Decision{Act: circulation.Approve, Via: "api:x"}); why != "" {
					t.Errorf("with the right: %q", why)
				}
				if err := <-over; err != nil {
					t.Fatal(err)
				}
				if early {
					t.Error("the right has gone before the decision by it was kept")
				}
				if why := c.does(x.by, "P2", circulation.Decision{Act: circulation.Approve, Via: "api:x"}); why == "" {
					t.Error("decided after the right had gone")
				}
				c.seen()
				if c.status(id) != "APPROVED" || c.status(second) != "RECEIVED" {
					t.Errorf("%s, %s", c.status(id), c.status(second))
				}
			})
		})
	}
}

// A substitute decides until the end of the last day, by the clock of Finland.
func TestSubstituteUntilTheLastDay(t *testing.T) {
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
	for _, n := range []string{"P1", "P2"} {
		c.bought(n, "10", "P-1001", "")
	}
	c.seen()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	c.Must(err)
	last := civil.DayOf(c.Clock.Now(), helsinki).AddDays(1)
	c.Must(c.Engine.SetSubstitute(t.Context(), c.ids["maija"], store.Substitute{Person: c.ids["maija"], Instead: c.ids["boss"], First: last, Last: last}))
	midnight := last.AddDays(1).In(helsinki)
	c.Clock.Add(midnight.Add(-time.Second).Sub(c.Clock.Now()))
	if why := c.does("boss", "P1", circulation.Decision{Act: circulation.Approve}); why != "" {
		t.Errorf("in the last second: %q", why)
	}
	c.Clock.Add(time.Second)
	if why := c.does("boss", "P2", circulation.Decision{Act: circulation.Approve}); why != "not found" {
		t.Errorf("on the day after: %q", why)
	}
}
