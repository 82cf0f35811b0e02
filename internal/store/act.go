package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/people"
)

const (
	actColumns = "seq, at, actor, kind, subject, detail, prev, hash"

	// actBatch is how many acts one statement writes: few enough shapes of
	// statements to keep them compiled.
	actBatch = 32

	// actPage is how many acts are read at once.
	actPage = 1000
)

// AppendAct puts an act at the end of the chain, with what it tells of in one
// transaction. It is written when the transaction commits, with all others of it:
// the end of the chain is held for a moment only, and read and moved once.
func (tx *Tx) AppendAct(a audit.Act) error {
	if len(a.Detail) == 0 {
		a.Detail = json.RawMessage("{}")
	}
	if err := a.Check(); err != nil {
		return err
	}
	a.At = tx.Now()
	tx.appended = append(tx.appended, a)
	return nil
}

// writeActs chains what the transaction has appended.
func (tx *Tx) writeActs() error {
	if len(tx.appended) == 0 {
		return nil
	}
	var head audit.Chain
	if err := tx.QueryRow("select seq, hash from act_head where one = 1"+tx.Dialect().forUpdate()).Scan(&head.Seq, &head.Hash); err != nil {
		return fmt.Errorf("append acts: %w", err)
	}
	for batch := range slices.Chunk(tx.appended, actBatch) {
		var rows []string
		var args []any
		for _, a := range batch {
			a = a.Next(head.Seq, head.Hash, a.At)
			n := len(args)
			rows = append(rows, fmt.Sprintf("($%d,$%d,$%d,$%d,$%d,$%d,$%d,$%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8))
			args = append(args, a.Seq, millis(a.At), a.Actor, a.Kind, a.Subject, string(a.Detail), a.Prev, a.Hash)
			head.Seq, head.Hash = a.Seq, a.Hash
		}
		if _, err := tx.Exec("insert into act ("+actColumns+") values "+strings.Join(rows, ","), args...); err != nil {
			return fmt.Errorf("append acts: %w", err)
		}
	}
	tx.appended = nil
	if err := tx.ExecOne("update act_head set seq = $1, hash = $2 where one = 1", head.Seq, head.Hash); err != nil {
		return fmt.Errorf("append acts: %w", err)
	}
	return nil
}

// Acts returns at most limit acts before seq, newest first; of one subject, or
// of all if it is "". Seq 0 begins at the end.
func (tx *Tx) Acts(subject string, before int64, limit int) ([]audit.Act, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	q := "select " + actColumns + " from act where seq < $1 order by seq desc limit $2"
	args := []any{before, min(limit, actPage)}
	if subject != "" {
		q = "select " + actColumns + " from act where subject = $3 and seq < $1 order by seq desc limit $2"
		args = append(args, subject)
	}
	return tx.acts(q, args...)
}

// ActsWithin is where the chain ends, and whether an act after an earlier end is
// about anything in reach: a transfer, or, for who sees everything, whatever it is.
func (tx *Tx) ActsWithin(reach people.Reach, after int64) (end int64, some bool, err error) {
	if err := tx.QueryRow("select seq from act_head where one = 1").Scan(&end); err != nil || end <= after {
		return end, false, err
	}
	if reach.Everything() {
		return end, true, nil
	}
	args := []any{after}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	cond := append([]string{"a.seq > $1"}, within(reach, "t.company", "t.doc_kind", arg)...)
	err = tx.QueryRow("select exists (select 1 from act a join transfer t on t.id = a.subject where "+strings.Join(cond, " and ")+")", args...).Scan(&some)
	return end, some, err
}

func (tx *Tx) acts(query string, args ...any) (acts []audit.Act, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var a audit.Act
		var at int64
		var detail string
		if err := scan(&a.Seq, &at, &a.Actor, &a.Kind, &a.Subject, &detail, &a.Prev, &a.Hash); err != nil {
			return err
		}
		a.At, a.Detail = instant(at), []byte(detail)
		acts = append(acts, a)
		return nil
	}, query, args...)
	return acts, err
}

// VerifyActs reads the whole chain and returns how many acts it has. An act that
// was altered or removed behind the program's back is an [*audit.BrokenError],
// with all acts before it counted. Whoever rewrites every act and the end is
// found only by comparing the last hash with a copy kept elsewhere.
func (s *Store) VerifyActs(ctx context.Context) (end audit.Chain, err error) {
	err = s.Read(ctx, func(tx *Tx) error {
		var head audit.Chain
		if err := tx.QueryRow("select seq, hash from act_head where one = 1").Scan(&head.Seq, &head.Hash); err != nil {
			return fmt.Errorf("end of the chain of acts: %w", err)
		}
		for last := int64(-1 << 63); ; {
			acts, err := tx.acts("select "+actColumns+" from act where seq > $1 order by seq limit $2", last, actPage)
			if err != nil {
				return fmt.Errorf("read acts: %w", err)
			}
			for _, a := range acts {
				if err := end.Check(a); err != nil {
					return err
				}
				last = a.Seq
			}
			if len(acts) < actPage {
				return end.End(head.Seq, head.Hash)
			}
		}
	})
	return end, err
}
