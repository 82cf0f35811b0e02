package store_test

import (
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// The third law: a second voucher stands beside the first only by the act of a
// person, and one act lets one go.
func TestLawReleasedByPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		s.voucher()
		s.must(func(tx *store.Tx) error { return tx.LiveVoucher(s.row.ID, 77) })
		s.transfer.InvoiceNumber = 5
		release := func(id int64) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error { return tx.ReleaseVoucher(&s.transfer, id) })
		}
		if err := release(77); err == nil {
			t.Error("let go by nobody")
		}
		s.decides("vienti", "transfer.send_beside")
		s.decides("person", "transfer.retry")
		if err := release(77); err == nil {
			t.Error("let go by an act that does not say so, or is not a person's")
		}
		s.refuses("", `update voucher set state = 'released', ended = 5, act = 1 where invoice_id = 77`)
		s.refuses("", `update voucher set state = 'released', ended = 5, act = 2 where invoice_id = 77`)
		s.refuses("check", `update voucher set state = 'ended', ended = 5, act = 2 where invoice_id = 77`)

		s.decides("person", "transfer.send_beside")
		if err := release(78); !store.IsNotFound(err) {
			t.Errorf("another voucher: %v", err)
		}
		if err := release(77); err != nil {
			t.Fatal(err)
		}
		s.voucher()
		s.must(func(tx *store.Tx) error { return tx.LiveVoucher(s.row.ID, 88) })
		if err := release(88); !store.IsDuplicate(err) {
			t.Errorf("one act lets two go: %v", err)
		}
		// The one that was let go is the document's for ever: nobody else's, and
		// taken for nobody else's.
		s.refuses("unique", `insert into voucher (id, company, subject, number, invoice_id, invoice_number, state, act, created, ended)
			values ('v', 'company', 'other', '', 77, 0, 'living', 0, 1, 0)`)
		let, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) ([]store.Released, error) { return tx.Released(s.row.ID) })
		if err != nil || len(let) != 1 || let[0].InvoiceID != 77 || let[0].Number != 5 || let[0].Credit != 0 {
			t.Errorf("released: %+v, %v", let, err)
		}
		// While another counts, it does not come back; when that never came to be, it does.
		restore := func() error {
			return st.Tx(t.Context(), func(tx *store.Tx) error { return tx.RestoreVoucher(s.row.ID, 77) })
		}
		if err := restore(); !store.IsDuplicate(err) {
			t.Errorf("two count: %v", err)
		}
		s.must(func(tx *store.Tx) error { return tx.EndVoucher(s.row.ID) })
		if err := restore(); err != nil {
			t.Fatal(err)
		}
		if id, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (int64, error) { return tx.LivingVoucher(s.row.ID) }); id != 77 || err != nil {
			t.Errorf("living %d, %v", id, err)
		}
	})
}

// The third law: a voucher is credited once, by the act of a person, and the note
// is begun with its intent.
func TestLawCreditedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		open := func(credits int64) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error { return tx.OpenCredit(&s.transfer, credits) })
		}
		if err := open(77); err == nil {
			t.Error("credited by nobody")
		}
		s.decides("person", "transfer.send_beside")
		if err := open(77); err == nil {
			t.Error("credited by an act that does not say so")
		}
		s.decides("person", "transfer.credit_anew")
		p := s.step(hub.CreditInvoice, 1, hub.StepPlanned)
		s.refuses("begun with its intent", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, p.ID)
		s.refuses("begun with its intent", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'credit_invoice', 'intended', 1, 'o', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
		if err := open(77); err != nil {
			t.Fatal(err)
		}
		if err := open(78); !store.IsDuplicate(err) {
			t.Errorf("one act credits two: %v", err)
		}
		s.decides("person", "transfer.credit_anew")
		if err := open(77); !store.IsDuplicate(err) {
			t.Errorf("credited twice: %v", err)
		}
		s.must(func(tx *store.Tx) error { return tx.LiveCredit("company", 77, 99, 6) })
		c, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (store.Credit, error) { return tx.CreditOf("company", 77) })
		if err != nil || c.InvoiceID != 99 || c.Number != 6 {
			t.Errorf("%+v, %v", c, err)
		}
		s.must(func(tx *store.Tx) error { return tx.EndCredit("company", 77) })
		if err := open(77); err != nil {
			t.Errorf("after the first is gone: %v", err)
		}
	})
}
