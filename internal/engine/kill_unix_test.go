//go:build unix

package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/procountor/procountortest"
)

// childEnv tells this test binary to be an engine in a process of its own.
const childEnv = "VIENTI_TEST_ENGINE"

// An engineOrder is what the child is told.
type engineOrder struct {
	Database, Key string
	Now           time.Time
	// KillAt is a crash point, or "before commit 7", "after commit 7"; "" lives on.
	KillAt string
}

func TestMain(m *testing.M) {
	if order := os.Getenv(childEnv); order != "" {
		if err := child(order); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// die is not a panic and not an exit: nothing of this process runs after it.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// child works until nothing is active, or until it is killed.
func child(text string) error {
	var o engineOrder
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	vault, err := secret.NewVault(secret.New(o.Key))
	if err != nil {
		return err
	}
	now := o.Now
	clock := func() time.Time { return now }
	commits := 0
	at := func(when string) func() error {
		return func() error {
			if when == "before" {
				commits++
			}
			if o.KillAt == when+" commit "+strconv.Itoa(commits) {
				die()
			}
			return nil
		}
	}
	ctx := context.Background()
	// NoSync: what is killed is the process, not the machine.
	st, err := store.Open(ctx, o.Database, store.Options{Now: clock, Vault: vault, Log: slog.New(slog.DiscardHandler), NoSync: true,
		Hook: store.Hook{BeforeCommit: at("before"), AfterCommit: at("after")}})
	if err != nil {
		return err
	}
	e := engine.New(engine.Options{Store: st, Now: clock, Node: "child", InFlight: 1, Log: slog.New(slog.DiscardHandler), Crash: func(p string) {
		if p == o.KillAt {
			die()
		}
	}})
	for range 1000 {
		next, err := e.Step(ctx, now, "company")
		if err != nil {
			return err
		}
		active, err := store.ReadOne(ctx, st, func(tx *store.Tx) (n int, err error) {
			err = tx.QueryRow(`select count(*) from transfer where state in ('ready', 'working', 'waiting', 'unclear')`).Scan(&n)
			return n, err
		})
		if err != nil {
			return err
		}
		if active == 0 {
			return st.Close()
		}
		if next.After(now) {
			now = next
		}
	}
	return errors.New("not settled after 1000 steps")
}

// A real process is killed at a named point, over a real socket and a real file,
// and started again: everything is there once.
func TestKilledProcess(t *testing.T) {
	points := []string{"make_partner/sent", "post_invoice/intended", "post_invoice/sent", "post_invoice/recorded", "attach/sent", "approve/sent",
		"approve/read", "before commit 3", "after commit 3", "before commit 5", "after commit 5", "before commit 8", "after commit 8"}
	if testing.Short() {
		points = points[:4]
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			clock := enginetest.NewClock()
			key := secret.NewKey()
			vault, err := secret.NewVault(key)
			if err != nil {
				t.Fatal(err)
			}
			url := storetest.SQLite(t)
			open := func() *store.Store {
				return storetest.Open(t, url, store.Options{Now: clock.Now, Vault: vault, Log: slog.New(slog.DiscardHandler)})
			}
			st := open()
			w := enginetest.New(t, st, clock, enginetest.Config{Writing: true, Settings: arriving(hub.ArriveApproved), Sandbox: procountortest.Options{Now: clock.Now}})
			srv := httptest.NewServer(w.Sandbox.Handler())
			t.Cleanup(srv.Close)
			doc := enginetest.Attach(enginetest.NewParty(enginetest.Sale("1001", "100"), 1), "a.pdf", "A")
			shown := []*enginetest.Shown{{Versions: []*hub.Document{doc}}}
			w.Receive(doc)
			w.Must(st.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.ExecOne(`update company set base_url = $1`, srv.URL+"/api")
			}))
			w.Must(st.Close())

			killed := false
			for try := 0; ; try++ {
				if try == 3 {
					t.Fatal("it never ends")
				}
				o := engineOrder{Database: url, Key: key.Reveal(), Now: clock.Now(), KillAt: point}
				if killed {
					o.KillAt = ""
				}
				order, err := json.Marshal(o)
				w.Must(err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
				cmd.Env = append(os.Environ(), childEnv+"="+string(order))
				out, err := cmd.CombinedOutput()
				cancel()
				clock.Add(10 * time.Minute) // longer than a lease
				if err == nil {
					break
				}
				if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
					t.Fatalf("%v: %s", err, out)
				}
				killed = true
			}
			if !killed {
				t.Error("the point was never reached")
			}
			w.Store = open()
			for _, err := range append(w.AuditBooks(shown), w.AuditStates(shown)...) {
				t.Error(err)
			}
			wantState(t, w, "1001", hub.Done, "")
			if n := w.Sandbox.Requests()["saveInvoice"]; n > 1 && !strings.HasPrefix(point, "post_invoice/intended") && !strings.Contains(point, "commit") {
				t.Errorf("%d posts", n)
			}
		})
	}
}
