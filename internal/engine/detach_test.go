package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

func company(w *enginetest.World) hub.Company {
	w.T.Helper()
	c, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(w.Company.ID) })
	w.Must(err)
	return c
}

// keyStored is what lies in the database as the company's key.
func keyStored(w *enginetest.World) (key string) {
	w.T.Helper()
	w.Must(w.Store.Read(w.T.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("select api_key from company where id = $1", w.Company.ID).Scan(&key)
	}))
	return key
}

// leaveUntil steps until the company is detached, and not much longer than it must.
func leaveUntil(w *enginetest.World) {
	w.T.Helper()
	for range 100 {
		if !company(w).Detached.IsZero() {
			return
		}
		w.Clock.Set(w.Step(w.T.Context()))
	}
	for _, tr := range w.Transfers() {
		w.T.Log(enginetest.Describe(tr))
	}
	w.T.Fatalf("not detached: %+v", company(w))
}

// approved leaves sales invoices approved, in two steps.
func approved(s *hub.Settings) {
	k := s.Kinds[hub.SalesInvoice]
	k.Arrival = hub.ArriveApproved
	s.Kinds[hub.SalesInvoice] = k
}

// half stands half-way: posted, and then Procountor was busy.
func half(w *enginetest.World) {
	w.T.Helper()
	w.Sandbox.PlanFault(faulty.Rule{Path: "*/approve", Times: 1, Fault: faulty.Fault{Kind: procountortest.FaultTooMany}})
	w.Receive(enginetest.Sale("1001", "100.00"))
	for range 5 {
		w.Step(w.T.Context())
		if w.Transfer("1001").InvoiceID != 0 {
			w.Receive(enginetest.Sale("1002", "200.00"))
			return
		}
	}
	w.T.Fatal(enginetest.Describe(w.Transfer("1001")))
}

// nothingLeaves wants no request to leave for the company, whatever is called.
func nothingLeaves(t *testing.T, w *enginetest.World, kept *procountor.Client) {
	t.Helper()
	w.Sandbox.ForgetRequests()
	ctx := t.Context()
	if key := keyStored(w); key != "" {
		t.Errorf("a key is stored: %q", key)
	}
	for range 3 {
		w.Step(ctx)
		w.Clock.Add(time.Hour)
	}
	if _, err := w.Engine.Refresh(ctx, w.Company.ID); !errors.Is(err, store.ErrDetached) {
		t.Errorf("registers are read: %v", err)
	}
	if _, err := w.Engine.Client(ctx, w.Company); !errors.Is(err, store.ErrDetached) {
		t.Errorf("there is a client: %v", err)
	}
	if _, err := w.Engine.Receive(ctx, w.Connection.ID, []engine.Incoming{{Document: enginetest.Sale("2001", "1.00"), Raw: []byte("x")}}, nil); !errors.Is(err, store.ErrDetached) {
		t.Errorf("a document is taken: %v", err)
	}
	if _, err := w.Engine.ReceivePayments(ctx, w.Connection.ID, []engine.IncomingPayment{{Payment: hub.PaymentMade{SourceID: "p"}}}); !errors.Is(err, store.ErrDetached) {
		t.Errorf("a payment is taken: %v", err)
	}
	if err := w.Engine.SetWriting(ctx, "aino", w.Connection.ID, true); !errors.Is(err, engine.ErrNotNow) {
		t.Errorf("writing is switched on: %v", err)
	}
	if _, err := w.Engine.ClosePeriod(ctx, "aino", w.Connection.ID, "2026-02"); !errors.Is(err, store.ErrDetached) {
		t.Errorf("a period is closed: %v", err)
	}
	for _, tr := range w.Transfers() {
		for _, a := range []engine.Action{engine.SendNow, engine.Retry, engine.TakeBack, engine.SendBeside, engine.CreditAnew} {
			if err := w.Engine.Act(ctx, "aino", tr.ID, a, "why"); !errors.Is(err, engine.ErrNotNow) {
				t.Errorf("%s %s: %v", tr.Number, a, err)
			}
		}
	}
	// Whoever still holds a client, with its token, gets nothing through.
	if kept != nil {
		if _, err := kept.Company.Get(ctx); !errors.Is(err, store.ErrDetached) {
			t.Errorf("a client from before asks: %v", err)
		}
		if _, err := kept.Do(ctx, procountor.Request{Method: "PUT", Path: "/invoices/1/approve"}); !errors.Is(err, store.ErrDetached) {
			t.Errorf("a client from before writes: %v", err)
		}
	}
	if got := w.Sandbox.Requests(); len(got) > 0 {
		t.Errorf("requests have left: %v", got)
	}
	for _, tr := range w.Transfers() {
		if tr.State == hub.Ready || tr.State == hub.Waiting || tr.State == hub.Working {
			t.Errorf("still says that it goes on: %s", enginetest.Describe(tr))
		}
	}
}

// A company without anything under way is detached at once: its key is erased,
// nothing is read or written any more, and everything stays readable.
func TestDetachAtOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true})
		w.Receive(enginetest.Sale("1001", "100.00"))
		w.Settle()
		w.Receive(enginetest.Sale("1002", "200.00"))
		kept, err := w.Engine.Client(t.Context(), w.Company)
		w.Must(err)
		if _, err := w.Engine.Detach(t.Context(), "vienti", w.Company.ID, hub.LeaveStopped); err == nil {
			t.Error("detached by nobody")
		}
		c, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveFinished)
		w.Must(err)
		if c.Detached.IsZero() || c.DetachedBy != "aino" || c.Leaving != "" {
			t.Fatalf("%+v", c)
		}
		if done, waits := w.Transfer("1001"), w.Transfer("1002"); done.State != hub.Done || waits.State != hub.Noticed {
			t.Errorf("%s, %s", enginetest.Describe(done), enginetest.Describe(waits))
		}
		nothingLeaves(t, w, kept)
		if _, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveStopped); !errors.Is(err, store.ErrDetached) {
			t.Errorf("detached twice: %v", err)
		}
		if r, err := w.Engine.Registers(t.Context(), w.Company.ID); err != nil || len(r.Accounts) == 0 {
			t.Errorf("the registers cannot be read any more: %v", err)
		}
	})
}

// What is half-way is brought to its end first, and nothing else is begun.
func TestDetachFinishes(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: approved})
		half(w)
		c, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveFinished)
		w.Must(err)
		if !c.Detached.IsZero() || c.Leaving != hub.LeaveFinished {
			t.Fatalf("%+v", c)
		}
		leaveUntil(w)
		if v := w.Vouchers("1001"); len(v) != 1 || v[0].Status != "APPROVED" || w.Transfer("1001").State != hub.Done {
			t.Errorf("%v, %s", v, enginetest.Describe(w.Transfer("1001")))
		}
		if v := w.Vouchers("1002"); len(v) != 0 || w.Transfer("1002").State != hub.Noticed {
			t.Errorf("%v, %s", v, enginetest.Describe(w.Transfer("1002")))
		}
		nothingLeaves(t, w, nil)
	})
}

// What is half-way stays so, and says where it lies; a person may think otherwise
// as long as it has not come to its end.
func TestDetachStops(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: approved})
	half(w)
	c, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveFinished)
	w.Must(err)
	if c.Leaving != hub.LeaveFinished {
		t.Fatalf("%+v", c)
	}
	w.Must(w.Engine.Stay(t.Context(), "aino", w.Company.ID))
	if c := company(w); c.Leaving != "" || !c.Detached.IsZero() {
		t.Fatalf("%+v", c)
	}
	c, err = w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveStopped)
	w.Must(err)
	if c.Detached.IsZero() {
		t.Fatalf("%+v", c)
	}
	tr := w.Transfer("1001")
	if v := w.Vouchers("1001"); len(v) != 1 || v[0].Status != "UNFINISHED" || tr.State != hub.Held || len(tr.Faults) != 1 || tr.Faults[0].Code != hub.DetachedHalfWay {
		t.Errorf("%v, %s", v, enginetest.Describe(tr))
	}
	nothingLeaves(t, w, nil)
	if err := w.Engine.Stay(t.Context(), "aino", w.Company.ID); !errors.Is(err, engine.ErrNotNow) {
		t.Errorf("stays: %v", err)
	}
}

// A write whose answer was lost is looked for before the key goes, and never made
// again for that.
func TestDetachLooksFirst(t *testing.T) {
	for _, lost := range []bool{true, false} {
		t.Run(map[bool]string{true: "arrived", false: "did not arrive"}[lost], func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
			kind := faulty.Before
			if lost {
				kind = faulty.After
			}
			w.Sandbox.PlanFault(fault(hub.PostInvoice, kind))
			w.Receive(enginetest.Sale("1001", "100.00"))
			for w.Transfer("1001").State != hub.Unclear {
				w.Step(t.Context())
			}
			c, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveStopped)
			w.Must(err)
			if !c.Detached.IsZero() {
				t.Fatal("detached with a write in the air")
			}
			if u, err := w.Engine.UnderWay(t.Context(), w.Company.ID); err != nil || u.Unclear != 1 {
				t.Errorf("%+v, %v", u, err)
			}
			leaveUntil(w)
			want := 0
			if lost {
				want = 1
			}
			if v := w.Vouchers("1001"); len(v) != want {
				t.Errorf("%d vouchers, want %d", len(v), want)
			}
			nothingLeaves(t, w, nil)
		})
	}
}

// Where the key opens nothing any more nothing can be looked at: the company is
// detached all the same, what is unclear stays so, and another key looks first.
func TestDetachWithADeadKey(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	w.Sandbox.PlanFault(fault(hub.PostInvoice, faulty.After))
	w.Receive(enginetest.Sale("1001", "100.00"))
	for w.Transfer("1001").State != hub.Unclear {
		w.Step(t.Context())
	}
	w.Must(w.Engine.SetKey(t.Context(), "test", w.Company.ID, secret.New("dead")))
	w.Clock.Add(time.Hour)
	w.Step(t.Context())
	c, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveStopped)
	w.Must(err)
	if c.Detached.IsZero() || w.Transfer("1001").State != hub.Unclear {
		t.Fatalf("%+v, %s", c, enginetest.Describe(w.Transfer("1001")))
	}
	nothingLeaves(t, w, nil)
	again(t, w)
	w.Settle()
	if v := w.Vouchers("1001"); len(v) != 1 {
		t.Errorf("%d vouchers", len(v))
	}
}

// again connects the company anew, with writing on.
func again(t *testing.T, w *enginetest.World) {
	t.Helper()
	demo := w.Sandbox.Demo()
	key := w.Sandbox.AddAPIKey(w.Company.ProcountorID, demo.UserID, demo.ClientID, "")
	trial, err := engine.Try(t.Context(), w.HTTP, w.Clock.Now, engine.Join{BaseURL: w.Company.BaseURL, ClientID: demo.ClientID,
		Secret: secret.New(demo.ClientSecret), APIKey: secret.New(key)}, hub.Kinds)
	w.Must(err)
	_, conn, err := w.Engine.Renew(t.Context(), "aino", engine.Join{Environment: hub.Sandbox, BaseURL: w.Company.BaseURL, ClientID: demo.ClientID,
		APIKey: secret.New(key), Name: w.Connection.Name}, trial)
	w.Must(err)
	if conn.ID != w.Connection.ID || conn.Writing {
		t.Fatalf("%+v", conn)
	}
	w.Must(w.Engine.SetWriting(t.Context(), "aino", conn.ID, true))
}

// Connected anew the company goes on with the same documents: what was sent is not
// sent again, though the source hands it over again; what was half-way goes on
// where it stands; what had not been begun goes.
func TestAttachAgain(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: approved})
		w.Receive(enginetest.Sale("1000", "50.00"))
		w.Settle()
		half(w)
		_, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveStopped)
		w.Must(err)
		w.Clock.Add(40 * 24 * time.Hour)
		again(t, w)
		if c := company(w); !c.Detached.IsZero() || c.DetachedBy != "" {
			t.Errorf("%+v", c)
		}
		w.Receive(enginetest.Sale("1000", "50.00"), enginetest.Sale("1001", "100.00"), enginetest.Sale("1002", "200.00"))
		w.Settle()
		if tr := w.Transfer("1001"); tr.State != hub.Held {
			t.Error(enginetest.Describe(tr))
		}
		w.Must(w.Engine.Act(t.Context(), "aino", w.Transfer("1001").ID, engine.Retry, ""))
		w.Settle()
		for _, number := range []string{"1000", "1001", "1002"} {
			if v := w.Vouchers(number); len(v) != 1 || v[0].Status != "APPROVED" || w.Transfer(number).State != hub.Done {
				t.Errorf("%s: %d vouchers, %s", number, len(v), enginetest.Describe(w.Transfer(number)))
			}
		}
		for _, err := range w.AuditBooks(nil) {
			if !strings.Contains(err.Error(), "no document is behind it") {
				t.Error(err)
			}
		}
	})
}

// Somebody detaches at every moment of a write: the company has its key until the
// write has an outcome, no voucher is made twice, and nothing leaves afterwards.
func TestDetachAtEveryPoint(t *testing.T) {
	points := []string{"post_invoice/intended", "post_invoice/sent", "post_invoice/recorded", "approve/intended", "approve/sent", "approve/read", "approve/recorded"}
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		var w *enginetest.World
		at, reached := "", false
		w = world(enginetest.Config{Writing: true, Settings: approved, Crash: func(point string) {
			if point != at || reached {
				return
			}
			reached = true
			c, err := w.Engine.Detach(t.Context(), "aino", w.Company.ID, hub.LeaveStopped)
			w.Must(err)
			if !c.Detached.IsZero() && point != "post_invoice/recorded" && point != "approve/recorded" {
				t.Errorf("%s: detached in the middle of a write", point)
			}
		}})
		for i, point := range points {
			number := []string{"1001", "1002", "1003", "1004", "1005", "1006", "1007"}[i]
			at, reached = point, false
			w.Receive(enginetest.Sale(number, "100.00"))
			leaveUntil(w)
			if !reached {
				t.Fatalf("%s was not reached", point)
			}
			before := len(w.Sandbox.Invoices(w.Company.ProcountorID))
			nothingLeaves(t, w, nil)
			if v := w.Vouchers(number); len(v) != 1 || len(w.Sandbox.Invoices(w.Company.ProcountorID)) != before {
				t.Errorf("%s: %d vouchers", point, len(v))
			}
			if v := w.Vouchers(number); strings.HasPrefix(point, "post") && point != "post_invoice/recorded" && v[0].Status != "UNFINISHED" {
				t.Errorf("%s: another write was begun: %s", point, v[0].Status)
			}
			at = ""
			again(t, w)
			if slices.Contains(engine.Allowed(new(w.Transfer(number))), engine.Retry) {
				w.Must(w.Engine.Act(t.Context(), "aino", w.Transfer(number).ID, engine.Retry, ""))
			}
			w.Settle()
			if v := w.Vouchers(number); len(v) != 1 || v[0].Status != "APPROVED" {
				t.Errorf("%s: %d vouchers after connecting again: %s", point, len(v), enginetest.Describe(w.Transfer(number)))
			}
		}
	})
}
