package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// Asks returns the codes of the warnings that a person must see to, each once.
func Asks(faults []hub.Fault) (codes []string) {
	for _, f := range faults {
		if f.Warning && remedy.ActorOf(f.Code) != remedy.Nobody && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// MarkTask says that a person has seen to what a document asks, or, with done
// false, that it is to be seen to after all. What is not asked, or is as it
// should be already, is [ErrNotNow].
func (e *Engine) MarkTask(ctx context.Context, actor, transfer, code string, done bool, note string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTransfer(transfer)
		if err != nil {
			return err
		}
		if t.State != hub.DoneWithWarning {
			return fmt.Errorf("task %s of %s: %w", code, t.Number, ErrNotNow)
		}
		k := hub.Task{Transfer: t.ID, Plan: t.Plan, Code: code, Note: note}
		kind := "task.reopened"
		if done {
			kind, k.DoneBy, k.DoneAt = "task.done", actor, tx.Now()
		}
		if err := tx.SaveTask(k); store.IsNotFound(err) {
			return fmt.Errorf("task %s of %s: %w", code, t.Number, ErrNotNow)
		} else if err != nil {
			return err
		}
		return act(tx, actor, kind, t.ID, struct {
			Codes []string `json:"codes"`
			Why   string   `json:"why,omitempty"`
		}{[]string{code}, note})
	})
}
