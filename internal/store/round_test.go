package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// An invoice of ours has no round; an invoice has one at most; decisions stay; a round is
// approved by persons, and nothing is approved in Procountor before.
func TestLawRound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		round := func(invoice int64, number string) store.Round {
			return store.Round{Company: "company", Connection: "connection", InvoiceID: invoice, Number: number, Round: circulation.Begin("anna", []string{"boss"})}
		}
		insert := func(r store.Round) (made bool, err error) {
			err = st.Tx(t.Context(), func(tx *store.Tx) (err error) { made, err = tx.InsertRound(&r); return err })
			return made, err
		}
		s.must(func(tx *store.Tx) error { return tx.OpenVoucher("company", s.row.ID, "77") })
		if _, err := insert(round(9, "77")); err == nil || !strings.Contains(err.Error(), "never comes back") {
			t.Errorf("while its post is unclear: %v", err)
		}
		s.must(func(tx *store.Tx) error { return tx.LiveVoucher(s.row.ID, 5) })
		if _, err := insert(round(5, "other")); err == nil || !strings.Contains(err.Error(), "never comes back") {
			t.Errorf("a voucher of ours: %v", err)
		}
		r := round(9, "77")
		s.must(func(tx *store.Tx) error { _, err := tx.InsertRound(&r); return err })
		if made, err := insert(round(9, "77")); made || err != nil {
			t.Errorf("a second round: %v, %v", made, err)
		}
		s.refuses("approved by persons", `update purchase_round set state = 'approved', waits = '', required = 0, version = 1 where id = $1`, r.ID)
		s.refuses("check", `update purchase_round set state = 'rejected' where id = $1`, r.ID)

		approval := hub.Transfer{Company: "company", Connection: "connection", Kind: hub.ApprovalTransfer, Direction: hub.In, Subject: r.ID, Goal: hub.Deliver, State: hub.Ready, Plan: 1}
		s.must(func(tx *store.Tx) error { return tx.InsertTransfer(&approval) })
		s.transfer = approval
		for i, kind := range []hub.StepKind{hub.Approve, hub.Annotate, hub.PutReceipt} {
			p := s.step(kind, i+1, hub.StepPlanned)
			s.refuses("after its round", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, p.ID)
			s.refuses("after its round", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
				ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, '`+string(kind)+`', 'intended', 1, 'o', '', '', '', 5, 0, 0, 0, '')`, approval.ID)
		}

		decide := func(by string, seen int) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				now := r
				now.Version = seen + 1
				now.Stages = slices.Clone(r.Stages)
				now.Stages[0].By = by
				return tx.DecideRound(&now, store.RoundDecision{Decision: circulation.Decision{Act: circulation.Approve, By: by, At: time.UnixMilli(5)}})
			})
		}
		if err := decide("anna", 0); err != nil {
			t.Fatal(err)
		}
		if err := decide("other", 0); !errors.Is(err, store.ErrRoundMoved) {
			t.Errorf("two decisions on one version: %v", err)
		}
		if err := decide("anna", 1); !errors.Is(err, store.ErrRoundMoved) {
			t.Errorf("one person approves twice: %v", err)
		}
		if err := decide("other", 5); !errors.Is(err, store.ErrRoundMoved) {
			t.Errorf("on a version that never was: %v", err)
		}
		s.refuses("never changed", `update round_decision set person = 'other' where round = $1`, r.ID)
		s.refuses("never removed", `delete from round_decision where round = $1`, r.ID)
		s.refuses("never removed", `delete from purchase_round where id = $1`, r.ID)
		s.refuses("check", `insert into round_decision (round, version, turn, person, instead, act, to_person, text, due, at) values ($1, 2, 0, 'vienti', '', 'approve', '', '', '', 1)`, r.ID)
		s.refuses("check", `insert into round_decision (round, version, turn, person, instead, act, to_person, text, due, at) values ($1, 2, 0, 'anna', '', 'reject', '', '', '', 1)`, r.ID)
	})
}

// Waiting for me stays quick among a hundred thousand; see docs/measurements.md.
func BenchmarkWaitingForMe(b *testing.B) {
	st := storetest.Open(b, storetest.SQLite(b), store.Options{})
	fillRounds(b, st, 100_000)
	f := store.RoundFilter{Waits: []string{"p7"}, Reach: people.Over([]string{"company"}), Limit: 50}
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		var list []store.Round
		if err := st.Read(b.Context(), func(tx *store.Tx) (err error) {
			if list, err = tx.Rounds(f); err != nil {
				return err
			}
			_, err = tx.CountRounds(store.RoundFilter{Waits: f.Waits, Reach: f.Reach, Limit: 200})
			return err
		}); err != nil || len(list) != 50 {
			b.Fatal(err, len(list))
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// fillRounds enters n open rounds that wait for a hundred persons.
func fillRounds(tb testing.TB, st *store.Store, n int) {
	tb.Helper()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	must(st.Tx(tb.Context(), func(tx *store.Tx) error {
		if err := errors.Join(tx.InsertClient(hub.Client{ID: "client", Name: "Test", ClientID: "C"}, secret.New("s")),
			tx.InsertCompany(hub.Company{ID: "company", Client: "client", ProcountorID: 1, Environment: hub.Sandbox, BaseURL: "http://x"}, secret.New("k")),
			tx.InsertConnection(hub.Connection{ID: "connection", Company: "company", Name: "n", System: "Files", Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}, "test")); err != nil {
			return err
		}
		_, err := tx.Exec(`insert into purchase_round (id, company, connection, invoice_id, state, waits, version, turn, stages, required, split, found, number, invoice_number,
			supplier, supplier_key, date, due_date, net, gross, currency, status, receipt_id, print, content, note, answer_by, since, told, remind_at, due_at, read_at, created)
			with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)
			select 'r' || i, 'company', 'connection', i, 'open', 'p' || (i % 100), 0, 0, '[{"person":"p' || (i % 100) || '"}]', 1, '', '', 'OL-' || i, i,
			'Tukku Oy', 'tukku oy', '2026-03-01', '2026-03-' || substr('0' || (i % 28 + 1), -2), '100.00', '125.50', 'EUR', 'RECEIVED', i, 'p', '', '', '', 1, true, 0, 0, 1, 1 from n`, n)
		return err
	}))
}
