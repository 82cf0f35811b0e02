package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// removeThere is a person who removes a journal in Procountor.
func removeThere(w *enginetest.World, id int64) {
	w.T.Helper()
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	w.Must(client.LedgerReceipts.Unfinished(w.T.Context(), id))
	w.Must(client.LedgerReceipts.Invalidate(w.T.Context(), id))
}

// hoursLater lets time pass until the journals have been looked at again.
func hoursLater(w *enginetest.World, d time.Duration) {
	w.T.Helper()
	w.Clock.Add(d)
	w.Settle()
	w.Clock.Add(time.Minute)
	w.Settle()
}

// openTasks are what a transfer asks of a person.
func openTasks(w *enginetest.World, tr hub.Transfer) (codes []string) {
	tasks, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]hub.Task, error) { return tx.TasksOf(&tr) })
	w.Must(err)
	for _, k := range tasks {
		if k.Open() {
			codes = append(codes, k.Code)
		}
	}
	return codes
}

// A journal that somebody removes in Procountor is noticed, told on its documents,
// and booked again only when a person wants it: as it was, whatever has changed
// since.
func TestJournalRemovedThere(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: journaled(hub.PerMonth)})
		w.Receive(enginetest.Sale("1001", "100"), enginetest.Sale("1002", "50"))
		w.Settle()
		closeMonth(w, "2026-03")
		w.Settle()
		w.Receive(enginetest.Sale("1001", "120"))
		w.Settle()
		decide(t, w, "1001", engine.Difference)
		base := journals(w)[0]
		removeThere(w, base.ID)
		hoursLater(w, 2*time.Hour)
		j := journalOf(w, "2026-03/1")
		if j.State != hub.Held || j.Faults[0].Code != hub.JournalGone {
			t.Fatalf("%s", enginetest.Describe(j))
		}
		for _, n := range []string{"1001", "1002"} {
			wantState(t, w, n, hub.DoneWithWarning, hub.JournalGone)
		}
		hoursLater(w, 48*time.Hour)
		wantLedger(t, w, map[string]string{"1700": "25.10", "3100": "-20.00"}) // nothing by itself
		// Nothing is set right in what is not there.
		w.Receive(enginetest.Sale("1002", "60"))
		w.Settle()
		decide(t, w, "1002", engine.Difference)
		if _, ok := findFault(wantState(t, w, "1002", hub.Held, hub.DocumentChanged).Faults, hub.JournalMissing); !ok {
			t.Errorf("%s", enginetest.Describe(w.Transfer("1002")))
		}
		w.Must(w.Engine.Act(t.Context(), "person", j.ID, engine.Retry, ""))
		w.Settle()
		wantState(t, w, "1001", hub.Done, "")
		wantLedger(t, w, map[string]string{"1700": "213.35", "3100": "-170.00"})
		decide(t, w, "1002", engine.Difference)
		wantState(t, w, "1002", hub.Done, "")
		wantLedger(t, w, map[string]string{"1700": "225.90", "3100": "-180.00"})
		// A correction that is gone is noticed as well.
		for _, r := range journals(w) {
			if strings.Contains(r.Name, "1002") {
				removeThere(w, r.ID)
			}
		}
		hoursLater(w, 2*time.Hour)
		wantState(t, w, "1002", hub.DoneWithWarning, hub.JournalGone)
		wantState(t, w, "1001", hub.Done, "")
		w.Must(w.Engine.Act(t.Context(), "person", journalOf(w, "1002/2").ID, engine.Retry, ""))
		w.Settle()
		wantState(t, w, "1002", hub.Done, "")
		wantLedger(t, w, map[string]string{"1700": "225.90", "3100": "-180.00"})
		for _, err := range w.AuditStates(nil) {
			t.Error(err)
		}
	})
}

// A journal that somebody edits, or takes back to unfinished, is a task, told on its
// documents, which closes when it is as it was.
func TestJournalEditedThere(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument)})
	w.Receive(enginetest.Sale("1001", "100"))
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	client, err := w.Engine.Client(t.Context(), w.Company)
	w.Must(err)
	id := journals(w)[0].ID
	account := func(code string) {
		t.Helper()
		rc, err := client.LedgerReceipts.Get(t.Context(), id)
		w.Must(err)
		rc.Transactions[1].Account = code
		_, err = client.LedgerReceipts.Update(t.Context(), rc)
		w.Must(err)
	}
	w.Must(client.LedgerReceipts.Unfinished(t.Context(), id))
	hoursLater(w, 2*time.Hour)
	if f, ok := findFault(journalOf(w, "1001").Faults, hub.JournalEdited); !ok || f.Args["saved"] != "UNFINISHED" {
		t.Errorf("%s", enginetest.Describe(journalOf(w, "1001")))
	}
	account("3000")
	w.Must(client.LedgerReceipts.Approve(t.Context(), id))
	hoursLater(w, 2*time.Hour)
	j := journalOf(w, "1001")
	if f, ok := findFault(j.Faults, hub.JournalEdited); !ok || f.Args["saved"] != "3000" || j.State != hub.DoneWithWarning {
		t.Errorf("%s", enginetest.Describe(j))
	}
	if open := openTasks(w, j); fmt.Sprint(open) != "["+hub.JournalEdited+"]" {
		t.Errorf("asked: %v", open)
	}
	if doc := w.Transfer("1001"); doc.DocKind == hub.Journal {
		t.Fatal("not the document")
	} else if _, ok := findFault(doc.Faults, hub.JournalEdited); !ok {
		t.Errorf("%s", enginetest.Describe(doc))
	}
	w.Must(client.LedgerReceipts.Unfinished(t.Context(), id))
	account(enginetest.PostedOn)
	w.Must(client.LedgerReceipts.Approve(t.Context(), id))
	hoursLater(w, 2*time.Hour)
	if j = journalOf(w, "1001"); j.State != hub.Done || len(openTasks(w, j)) > 0 {
		t.Errorf("%s", enginetest.Describe(j))
	}
	wantState(t, w, "1001", hub.Done, "")
}

// Two hundred journals are looked at with one request.
func TestJournalsAreReadInBatches(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: journaled(hub.PerDocument)})
	var docs []*hub.Document
	for i := range procountor.BatchSize {
		docs = append(docs, enginetest.Sale(fmt.Sprint(3000+i), "10"))
	}
	w.Receive(docs...)
	w.Settle()
	closeMonth(w, "2026-03")
	w.Settle()
	w.Sandbox.ForgetRequests()
	w.Clock.Add(90 * time.Minute)
	w.Settle()
	n := 0
	for _, r := range w.Sandbox.Received() {
		if r.Method == "GET" && strings.Contains(r.Path, "/ledgerreceipts/") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d requests", n)
	}
}
