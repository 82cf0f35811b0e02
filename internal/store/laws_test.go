package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// small is a company with a connection and one document under way.
type small struct {
	t        *testing.T
	st       *store.Store
	row      store.DocumentRow
	transfer hub.Transfer
}

func begin(t *testing.T, st *store.Store) *small {
	s := &small{t: t, st: st}
	s.must(func(tx *store.Tx) error {
		if err := tx.InsertClient(hub.Client{ID: "client", Name: "Test", ClientID: "C"}, secret.New("s")); err != nil {
			return err
		}
		if err := tx.InsertCompany(hub.Company{ID: "company", Client: "client", ProcountorID: 1, Environment: hub.Sandbox, BaseURL: "http://x"}, secret.New("k")); err != nil {
			return err
		}
		if err := tx.InsertConnection(hub.Connection{ID: "connection", Company: "company", Name: "n", System: "Files",
			Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}, "test"); err != nil {
			return err
		}
		s.row, s.transfer = s.document(tx, "1001")
		return nil
	})
	return s
}

func (s *small) document(tx *store.Tx, number string) (store.DocumentRow, hub.Transfer) {
	doc := &hub.Document{Kind: hub.SalesInvoice, SourceID: "s/" + number, Number: number}
	row := store.DocumentRow{Connection: "connection", SourceID: doc.SourceID, Version: doc.Version()}
	packed, err := store.PackDocument(doc, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := tx.PutDocument(&row, packed); err != nil {
		s.t.Fatal(err)
	}
	tr := hub.Transfer{Company: "company", Connection: "connection", Kind: hub.DocumentTransfer, Direction: hub.In, Subject: row.ID,
		Goal: hub.Deliver, State: hub.Ready, DocKind: hub.SalesInvoice, Number: number, SortKey: hub.SortKey(number), Version: row.Version, Plan: 1}
	if err := tx.InsertTransfer(&tr); err != nil {
		s.t.Fatal(err)
	}
	return row, tr
}

func (s *small) must(fn func(tx *store.Tx) error) {
	s.t.Helper()
	if err := s.st.Tx(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// refuses wants a statement to be refused by the database, with these words.
func (s *small) refuses(words, query string, args ...any) {
	s.t.Helper()
	err := s.st.Tx(s.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err })
	switch {
	case err == nil:
		s.t.Errorf("let through: %s", query)
	case !strings.Contains(strings.ToLower(err.Error()), words):
		s.t.Errorf("refused for another reason than %q: %v", words, err)
	}
}

func (s *small) step(kind hub.StepKind, seq int, state hub.StepState) hub.Step {
	s.t.Helper()
	st := hub.Step{Transfer: s.transfer.ID, Plan: 1, Seq: seq, Kind: kind, State: state}
	if state != hub.StepPlanned {
		st.Attempt, st.IntendedAt = 1, time.UnixMilli(1000)
		if kind == hub.ChangeRecord || kind == hub.RemoveRecord {
			st.Detail.Record = "9001"
		}
		st.Key = hub.StepKey("company", "connection", s.row.ID, 1, kind, seq, 1)
	}
	s.must(func(tx *store.Tx) error { return tx.InsertStep(&st) })
	return st
}

func (s *small) voucher() {
	s.must(func(tx *store.Tx) error { return tx.OpenVoucher("company", s.row.ID, "") })
}

// decides writes the act of somebody about the document.
func (s *small) decides(actor, kind string) {
	s.t.Helper()
	s.must(func(tx *store.Tx) error {
		return tx.AppendAct(audit.Act{Actor: actor, Kind: kind, Subject: s.transfer.ID})
	})
}

// mark begins a mark of payment that the transfer stands for.
func (s *small) mark(tx *store.Tx) error {
	if _, err := tx.Exec(`insert into payment (id, connection, source_id, document, version, content, raw, faults, seen, changed)
		values ($1, 'connection', $1, '', '', '{}', '', '', 1, 1)`, s.row.ID); err != nil {
		return err
	}
	return tx.OpenMark(hub.PaymentMark{Company: "company", Payment: s.row.ID, InvoiceID: 77, State: hub.MarkIntended, Date: "2026-03-12", Amount: "10"})
}

// goesOut makes the document one from Procountor, with a record begun.
func (s *small) goesOut() {
	s.must(func(tx *store.Tx) error {
		if _, err := tx.Exec(`update transfer set direction = 'out' where id = $1`, s.transfer.ID); err != nil {
			return err
		}
		return tx.OpenRecord(hub.Record{Connection: "connection", Document: s.row.ID, Part: "4711"})
	})
}

// arrives lets the document be done, and s go on as the report of it.
func (s *small) arrives() {
	s.must(func(tx *store.Tx) error {
		if _, err := tx.Exec(`update transfer set state = 'done' where id = $1`, s.transfer.ID); err != nil {
			return err
		}
		s.transfer = hub.Transfer{Company: "company", Connection: "connection", Kind: hub.ReportTransfer, Direction: hub.Out, Subject: s.row.ID, Goal: hub.Deliver,
			State: hub.Ready, Plan: 1}
		return tx.InsertTransfer(&s.transfer)
	})
}

// The first law: no write without the committed row that names it.
func TestLawIntentBeforeAct(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		a := s.step(hub.Approve, 1, hub.StepPlanned)
		s.refuses("check", `update step set state = 'intended', attempt = 1, intended_at = 5 where id = $1`, a.ID)
		s.refuses("check", `update step set state = 'intended', attempt = 1, key = 'k' where id = $1`, a.ID)
		s.refuses("check", `update step set state = 'intended', key = 'k', intended_at = 5 where id = $1`, a.ID)
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(`update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, a.ID)
			return err
		})
		// One key, one act.
		s.refuses("unique", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'approve', 'proved', 1, 'k', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
	})
}

// Half-way is never approved or sent: a step begins when all before it are proved.
func TestLawOrderOfSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		s.step(hub.Attach, 1, hub.StepPlanned)
		b := s.step(hub.Approve, 2, hub.StepPlanned)
		s.refuses("all before it are proved", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, b.ID)
		c := hub.Step{Transfer: s.transfer.ID, Plan: 1, Seq: 3, Kind: hub.Send, State: hub.StepIntended, Attempt: 1, Key: "c", IntendedAt: time.UnixMilli(1)}
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertStep(&c) }); err == nil {
			t.Error("a step was begun out of order")
		}
	})
}

// The second law: a write whose answer is lost is not made again blind.
func TestLawNoBlindRetry(t *testing.T) {
	for _, kind := range hub.StepKinds {
		t.Run(string(kind), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				s := begin(t, st)
				s.voucher()
				if kind == hub.CreditInvoice {
					s.decides("person", "transfer.credit_anew")
					s.must(func(tx *store.Tx) error { return tx.OpenCredit(&s.transfer, 7) })
				}
				s.must(s.mark)
				if kind == hub.WriteRecord {
					s.goesOut()
				}
				if kind == hub.UpdatePartner {
					s.transfer = hub.Transfer{Company: "company", Connection: "connection", Kind: hub.CardTransfer, Direction: hub.In, Subject: "7", Goal: hub.Deliver,
						State: hub.Ready, PartnerID: 7, Plan: 1}
					s.must(func(tx *store.Tx) error { return tx.InsertTransfer(&s.transfer) })
				}
				if kind == hub.ChangeRecord || kind == hub.RemoveRecord {
					s.goesOut()
					s.must(func(tx *store.Tx) error { return tx.LiveRecord(s.row.ID, "4711", "9001") })
				}
				if kind == hub.TellSource {
					s.arrives()
				}
				if keeper, ok := map[hub.StepKind]hub.TransferKind{hub.MakeItem: hub.ItemTransfer, hub.UpdateItem: hub.ItemTransfer, hub.MakeProduct: hub.ProductTransfer}[kind]; ok {
					s.transfer = hub.Transfer{Company: "company", Connection: "connection", Kind: keeper, Direction: hub.In, Subject: "5:p1", Goal: hub.Deliver, State: hub.Ready, Plan: 1}
					s.must(func(tx *store.Tx) error { return tx.InsertTransfer(&s.transfer) })
				}
				a := s.step(kind, 1, hub.StepIntended)
				s.refuses("this way", `update step set key = 'again', attempt = 2 where id = $1`, a.ID)
				set := func(state string, looks int) error {
					return st.Tx(t.Context(), func(tx *store.Tx) error {
						return tx.ExecOne(`update step set state = $2, looks = $3 where id = $1`, a.ID, state, looks)
					})
				}
				if err := set("unclear", 0); err != nil {
					t.Fatal(err)
				}
				s.refuses("this way", `update step set state = 'intended', key = 'again', attempt = 2 where id = $1`, a.ID)
				s.refuses("only by looking", `update step set state = 'planned' where id = $1`, a.ID)
				want := 1
				if kind.Makes() {
					want = 2
					s.refuses("only by looking", `update step set state = 'planned', looks = 1 where id = $1`, a.ID)
				}
				if err := set("planned", want); err != nil {
					t.Errorf("after %d looks: %v", want, err)
				}
				if err := set("proved", want); err != nil {
					t.Fatal(err)
				}
				for _, state := range []string{"planned", "intended", "unclear", "refused"} {
					s.refuses("this way", `update step set state = $2, looks = 9 where id = $1`, a.ID, state)
				}
			})
		})
	}
}

// At most one write of a transfer is in the air.
func TestLawOneWriteAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		a := s.step(hub.Approve, 1, hub.StepIntended)
		s.refuses("unique", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'approve', 'intended', 1, 'k', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
		s.must(func(tx *store.Tx) error { a.State = hub.StepUnclear; return tx.SaveStep(&a, hub.StepIntended) })
		s.refuses("unique", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'approve', 'intended', 1, 'k', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
	})
}

// The third law: one document, at most one living voucher, from the intent on.
func TestLawOneVoucher(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		p := s.step(hub.PostInvoice, 1, hub.StepPlanned)
		s.refuses("begins a voucher", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, p.ID)
		s.refuses("begins a voucher", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'post_invoice', 'intended', 1, 'o', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
		s.voucher()
		second := func() error {
			return st.Tx(t.Context(), func(tx *store.Tx) error { return tx.OpenVoucher("company", s.row.ID, "") })
		}
		if err := second(); !store.IsDuplicate(err) {
			t.Errorf("a second intended voucher: %v", err)
		}
		s.refuses("check", `update voucher set state = 'living' where subject = $1`, s.row.ID)
		s.must(func(tx *store.Tx) error { return tx.LiveVoucher(s.row.ID, 77) })
		if err := second(); !store.IsDuplicate(err) {
			t.Errorf("a second voucher beside a living one: %v", err)
		}
		// Posting anew beside a living one is not even intended.
		s.refuses("begins a voucher", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, p.ID)
		// One voucher, one document.
		var other store.DocumentRow
		s.must(func(tx *store.Tx) error {
			other, _ = s.document(tx, "1002")
			return tx.OpenVoucher("company", other.ID, "")
		})
		s.refuses("unique", `update voucher set state = 'living', invoice_id = 77 where subject = $1`, other.ID)
		s.must(func(tx *store.Tx) error { return tx.EndVoucher(s.row.ID) })
		if err := second(); err != nil {
			t.Errorf("after the end of the first: %v", err)
		}
	})
}

// The third law, of journals: a document is in one journal at most, and then it
// has no voucher; a voucher keeps it out of every journal, from the intent on.
func TestLawOneJournal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		var one, two store.DocumentRow
		s.must(func(tx *store.Tx) error {
			one, _ = s.document(tx, "J1")
			two, _ = s.document(tx, "J2")
			return nil
		})
		put := func(journal string) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.PutInJournal("company", store.Member{Journal: journal, Document: s.row.ID, Number: "1001"})
			})
		}
		wants := func(err error, words string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("want %q: %v", words, err)
			}
		}
		insert := `insert into voucher (id, company, subject, number, invoice_id, invoice_number, state, act, created, ended) values ($1, 'company', $2, '', 0, 0, 'intended', 0, 1, 0)`
		s.voucher()
		wants(put(one.ID), "comes into no journal")
		s.must(func(tx *store.Tx) error { return tx.LiveVoucher(s.row.ID, 77) })
		wants(put(one.ID), "comes into no journal")
		s.must(func(tx *store.Tx) error { return tx.EndVoucher(s.row.ID) })
		if err := put(one.ID); err != nil {
			t.Fatal(err)
		}
		if err := put(two.ID); !store.IsDuplicate(err) {
			t.Errorf("in two journals: %v", err)
		}
		s.refuses("has no voucher", insert, "v2", s.row.ID)
		s.refuses("has no voucher", `update voucher set state = 'living', invoice_id = 77, ended = 0 where subject = $1`, s.row.ID)
		s.must(func(tx *store.Tx) error { return tx.TakeOut(one.ID, s.row.ID) })
		if err := put(two.ID); err != nil {
			t.Errorf("out of the first: %v", err)
		}
		s.must(func(tx *store.Tx) error { return tx.TakeOut(two.ID, s.row.ID) })
		s.must(func(tx *store.Tx) error { return tx.OpenVoucher("company", s.row.ID, "") })
		s.refuses("comes into no journal", `update journal_document set state = 'in', ended = 0 where document = $1 and journal = $2`, s.row.ID, one.ID)
		s.refuses("never removed", `delete from journal_document where document = $1`, s.row.ID)
		s.must(func(tx *store.Tx) error { _, err := tx.ClosePeriod("connection", "2026-03", "test"); return err })
		s.refuses("never removed", `delete from period where connection = 'connection'`)

		// A journal is a voucher of its own, from its intent on.
		j := s.step(hub.PostJournal, 1, hub.StepPlanned)
		s.must(func(tx *store.Tx) error { return tx.EndVoucher(s.row.ID) })
		s.refuses("begins a voucher", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, j.ID)
	})
}

// What stands in a journal is set right only by a person's act, from what is booked,
// one correction at a time; and what a correction builds on stays.
func TestLawCorrections(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		var base, one, two, three store.DocumentRow
		var ofBase, ofOne, ofThree hub.Transfer
		s.must(func(tx *store.Tx) error {
			base, ofBase = s.document(tx, "J1")
			one, ofOne = s.document(tx, "C1")
			two, _ = s.document(tx, "C2")
			three, ofThree = s.document(tx, "C3")
			return tx.PutInJournal("company", store.Member{Journal: base.ID, Document: s.row.ID, Number: "1001"})
		})
		begun := func(journal string, how hub.Correction, before, after string, seq int) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.BeginCorrection(&s.transfer, store.Correction{Journal: journal, Base: base.ID, Document: s.row.ID, How: how, Before: before, After: after, Seq: seq})
			})
		}
		wants := func(err error, words string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("want %q: %v", words, err)
			}
		}
		wants(begun(one.ID, hub.ByDifference, "v1", "v2", 1), "only a person")
		s.decides("vienti", "transfer.difference_journal")
		wants(begun(one.ID, hub.ByDifference, "v1", "v2", 1), "only a person")
		s.decides("person", "transfer.difference_journal")
		wants(begun(one.ID, hub.ByDifference, "v1", "v2", 1), "begins with what is booked")
		s.must(func(tx *store.Tx) error { return tx.MemberPosted(base.ID, s.row.ID, "content", "v1") })
		wants(begun(one.ID, hub.ByDifference, "v0", "v2", 1), "begins with what is booked")
		wants(begun(one.ID, hub.ByReversal, "v1", "", 1), "only a person") // wanted a difference
		if err := begun(one.ID, hub.ByDifference, "v1", "v2", 1); err != nil {
			t.Fatal(err)
		}
		s.decides("person", "transfer.difference_journal")
		if err := begun(two.ID, hub.ByDifference, "v1", "v2", 2); !store.IsDuplicate(err) {
			t.Errorf("two at a time: %v", err)
		}
		wants(st.Tx(t.Context(), func(tx *store.Tx) error { return tx.TakeOut(base.ID, s.row.ID) }), "builds on the journal")
		s.must(func(tx *store.Tx) error {
			c, err := tx.CorrectionBy(one.ID)
			if err != nil {
				return err
			}
			return tx.LiveCorrection(c)
		})
		s.decides("person", "transfer.reverse_anew")
		wants(begun(two.ID, hub.ByAnew, "", "v2", 2), "begins with what is booked")
		if err := begun(two.ID, hub.ByReversal, "v2", "", 2); err != nil {
			t.Fatal(err)
		}
		s.must(func(tx *store.Tx) error {
			c, err := tx.CorrectionBy(two.ID)
			if err != nil {
				return err
			}
			return tx.LiveCorrection(c)
		})
		wants(begun(three.ID, hub.ByAnew, "", "v2", 4), "only after a reversal")
		if err := begun(three.ID, hub.ByAnew, "", "v2", 3); err != nil {
			t.Fatal(err)
		}
		s.must(func(tx *store.Tx) error {
			c, err := tx.CorrectionBy(three.ID)
			if err != nil {
				return err
			}
			return tx.EndCorrection(c)
		})
		s.refuses("does not come back", `update correction set state = 'living', ended = 0 where journal = $1`, three.ID)
		s.refuses("never removed", `delete from correction where journal = $1`, one.ID)
		// Neither the first journal nor the first correction is taken away below the second.
		s.must(func(tx *store.Tx) error { return tx.OpenVoucher("company", three.ID, "") })
		for of, kind := range map[string]hub.StepKind{ofBase.ID: hub.Invalidate, ofOne.ID: hub.Invalidate, ofThree.ID: hub.PostJournal} {
			s.transfer.ID = of
			j := s.step(kind, 1, hub.StepPlanned)
			s.refuses("builds on the journal, or has ended", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, j.ID)
		}
	})
}

// The same law while two do both at the same moment.
func TestJournalAgainstVoucher(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		for i := range 20 {
			var doc, journal store.DocumentRow
			s.must(func(tx *store.Tx) error {
				doc, _ = s.document(tx, fmt.Sprint("D", i))
				journal, _ = s.document(tx, fmt.Sprint("J", i))
				return nil
			})
			errs := make(chan error, 2)
			go func() {
				errs <- st.Tx(t.Context(), func(tx *store.Tx) error { return tx.OpenVoucher("company", doc.ID, "") })
			}()
			go func() {
				errs <- st.Tx(t.Context(), func(tx *store.Tx) error {
					return tx.PutInJournal("company", store.Member{Journal: journal.ID, Document: doc.ID})
				})
			}()
			if a, b := <-errs, <-errs; (a == nil) == (b == nil) {
				t.Fatalf("both, or neither: %v, %v", a, b)
			}
		}
	})
}

// The third law, of payments: one payment, at most one mark, from the intent on;
// one on an invoice at a time; and none stands for another's.
func TestLawOneMark(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		p := s.step(hub.MarkPaid, 1, hub.StepPlanned)
		s.refuses("begins a mark", `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`, p.ID)
		s.refuses("begins a mark", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at,
			ended_at, looked_at, looks, fault) values ('other', $1, 2, 1, 'mark_paid', 'intended', 1, 'o', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
		s.must(s.mark)
		open := func(payment string, state hub.MarkState, event int64) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.OpenMark(hub.PaymentMark{Company: "company", Payment: payment, InvoiceID: 77, EventID: event, State: state})
			})
		}
		other := store.PaymentRow{Connection: "connection", SourceID: "other"}
		s.must(func(tx *store.Tx) error { return tx.PutPayment(&other) })
		if err := open(s.row.ID, hub.MarkIntended, 0); !store.IsDuplicate(err) {
			t.Errorf("a second mark: %v", err)
		}
		if err := open(other.ID, hub.MarkIntended, 0); !store.IsDuplicate(err) {
			t.Errorf("two marks on one invoice at a time: %v", err)
		}
		s.refuses("check", `update payment_mark set state = 'living' where payment = $1`, s.row.ID)
		s.must(func(tx *store.Tx) error { return tx.LiveMark(s.row.ID, 5) })
		if err := open(s.row.ID, hub.MarkIntended, 0); !store.IsDuplicate(err) {
			t.Errorf("a second mark beside a living one: %v", err)
		}
		if err := open(other.ID, hub.MarkLinked, 5); !store.IsDuplicate(err) {
			t.Errorf("two payments stand for one: %v", err)
		}
		if err := open(other.ID, hub.MarkLinked, 6); err != nil {
			t.Error(err)
		}
		s.refuses("never removed", `delete from payment where id = $1`, other.ID)
	})
}

// The fourth law: state and work are kept together or not at all, also when the
// commit says something else than it has done.
func TestLawTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		both := func() (working, planned bool) {
			t.Helper()
			if err := st.Read(t.Context(), func(tx *store.Tx) error {
				tr, err := tx.Transfer(s.transfer.ID)
				if err != nil {
					return err
				}
				steps, err := tx.Steps(tr.ID, 0)
				working, planned = tr.State == hub.Working, len(steps) > 0
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return working, planned
		}
		work := func(tx *store.Tx) error {
			tr, err := tx.LockTransfer(s.transfer.ID)
			if err != nil {
				return err
			}
			tr.State = hub.Working
			if err := tx.SaveTransfer(&tr, ""); err != nil {
				return err
			}
			step := hub.Step{Transfer: tr.ID, Plan: 1, Seq: 1, Kind: hub.Approve, State: hub.StepPlanned}
			return tx.InsertStep(&step)
		}
		errFault := errors.New("fault")
		for nth := 1; ; nth++ {
			n := 0
			st.SetHook(store.Hook{Statement: func(string) error {
				if n++; n == nth {
					return errFault
				}
				return nil
			}})
			err := st.Tx(t.Context(), work)
			if n < nth {
				st.SetHook(store.Hook{})
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			if a, b := both(); a || b {
				t.Fatalf("statement %d failed: kept %v, %v", nth, a, b)
			}
		}
		if a, b := both(); !a || !b {
			t.Errorf("kept %v, %v", a, b)
		}
		s = begin2(t, st)
		st.SetHook(store.Hook{BeforeCommit: func() error { return errFault }})
		if err := st.Tx(t.Context(), work); !errors.Is(err, errFault) {
			t.Error(err)
		}
		if a, b := both(); a || b {
			t.Errorf("commit failed: kept %v, %v", a, b)
		}
		st.SetHook(store.Hook{AfterCommit: func() error { return errFault }})
		if err := st.Tx(t.Context(), work); !errors.Is(err, errFault) {
			t.Error(err)
		}
		st.SetHook(store.Hook{})
		if a, b := both(); !a || !b {
			t.Errorf("commit said to have failed: kept %v, %v", a, b)
		}
	})
}

// begin2 adds another document to a store that has one.
func begin2(t *testing.T, st *store.Store) *small {
	s := &small{t: t, st: st}
	s.must(func(tx *store.Tx) error { s.row, s.transfer = s.document(tx, "2002"); return nil })
	return s
}

// The fifth law: what a source has shown stays, in one known state, with a reason.
func TestLawNothingVanishes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		id := s.transfer.ID
		s.refuses("never removed", `delete from transfer where id = $1`, id)
		s.refuses("never removed", `delete from document where id = $1`, s.row.ID)
		s.refuses("check", `update transfer set state = 'lost' where id = $1`, id)
		s.refuses("check", `update transfer set state = 'waiting', wake_at = 0, waits_for = '' where id = $1`, id)
		s.refuses("check", `update transfer set state = 'held', faults = '' where id = $1`, id)
		s.refuses("check", `update transfer set state = 'refused', faults = '' where id = $1`, id)
		s.refuses("check", `update transfer set state = 'unclear', plan = 0 where id = $1`, id)
		second := s.transfer
		if err := st.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertTransfer(&second) }); !store.IsDuplicate(err) {
			t.Errorf("a second transfer of one document: %v", err)
		}
	})
}

// The same laws in Go, where the engine asks them first.
func TestLawsInGo(t *testing.T) {
	may := map[hub.StepState][]hub.StepState{
		hub.StepPlanned:  {hub.StepIntended, hub.StepProved},
		hub.StepIntended: {hub.StepProved, hub.StepRefused, hub.StepUnclear, hub.StepPlanned},
		hub.StepUnclear:  {hub.StepProved, hub.StepRefused, hub.StepPlanned},
		hub.StepRefused:  {hub.StepPlanned},
	}
	for _, from := range hub.StepStates {
		for _, to := range hub.StepStates {
			want := false
			for _, s := range may[from] {
				want = want || s == to
			}
			if hub.MayStep(from, to) != want {
				t.Errorf("step %s → %s: %v", from, to, !want)
			}
		}
	}
	for _, to := range []hub.State{hub.Ready, hub.Waiting, hub.Done, hub.TakenBack, hub.Skipped, hub.DoneByHand, hub.Withdrawn, hub.Noticed} {
		tr := hub.Transfer{State: hub.Unclear}
		if err := tr.Move(to); err == nil {
			t.Errorf("unclear is left for %s without a look", to)
		}
	}
	keys := map[string]string{}
	for _, subject := range []string{"a", "b"} {
		for plan := 1; plan < 3; plan++ {
			for _, kind := range hub.StepKinds {
				for attempt := 1; attempt < 3; attempt++ {
					key := hub.StepKey("c", "n", subject, plan, kind, 1, attempt)
					act := fmt.Sprint(subject, plan, kind, attempt)
					if keys[key] != "" {
						t.Errorf("%s and %s share a key", keys[key], act)
					}
					keys[key] = act
				}
			}
		}
	}
}

// A company that is detached has no key, and nothing is intended for it.
func TestNothingForDetached(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		a := s.step(hub.Approve, 1, hub.StepPlanned)
		s.refuses("check", `update company set detached = 5 where id = 'company'`)
		s.must(func(tx *store.Tx) error { return tx.Detach("company") })
		s.refuses("the company is detached", `update step set state = 'intended', attempt = 1, intended_at = 5, key = 'k' where id = $1`, a.ID)
		s.refuses("the company is detached", `insert into step (id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at, ended_at, looked_at, looks, fault)
			values ('x', $1, 9, 1, 'approve', 'intended', 1, 'k2', '', '', '', 5, 0, 0, 0, '')`, s.transfer.ID)
		s.refuses("check", `update company set api_key = 'k' where id = 'company'`)
		s.must(func(tx *store.Tx) error {
			if err := tx.Attached("company"); !errors.Is(err, store.ErrDetached) {
				t.Errorf("attached: %v", err)
			}
			if _, err := tx.Credentials("company"); !errors.Is(err, store.ErrDetached) {
				t.Errorf("credentials: %v", err)
			}
			return tx.SetCompanyKey("company", secret.New("another"))
		})
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(`update step set state = 'intended', attempt = 1, intended_at = 5, key = 'k' where id = $1`, a.ID)
			return err
		})
	})
}

// An invoice that came from a source, that we have made, or that we may be making,
// never becomes a document; and a record is begun with its intent, once for its part.
func TestLawNoEcho(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := begin(t, st)
		put := func(invoice int64, number, document string) error {
			return st.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.PutBack(&store.Back{Connection: "connection", InvoiceID: invoice, Company: "company", Number: number, Document: document})
			})
		}
		never := func(why string, err error) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), "an invoice of ours never comes back") {
				t.Errorf("%s: %v", why, err)
			}
		}
		s.must(func(tx *store.Tx) error { return tx.OpenVoucher("company", s.row.ID, "77") })
		never("while its post is unclear", put(9, "77", s.row.ID))
		s.must(func(tx *store.Tx) error {
			if ok, err := tx.IsForeign("company", 9, "77"); ok || err != nil {
				t.Errorf("foreign while its post is unclear: %v, %v", ok, err)
			}
			return nil
		})
		s.must(func(tx *store.Tx) error { return tx.LiveVoucher(s.row.ID, 5) })
		never("a voucher of ours", put(5, "other", s.row.ID))
		s.must(func(tx *store.Tx) error { return tx.EndVoucher(s.row.ID) })
		never("one that was", put(5, "other", s.row.ID))
		s.must(func(tx *store.Tx) error {
			_, err := tx.Exec(`update transfer set invoice_id = 6 where id = $1`, s.transfer.ID)
			return err
		})
		never("one that a document is linked to", put(6, "other", s.row.ID))
		if err := errors.Join(put(5, "", ""), put(9, "77", s.row.ID)); err != nil {
			t.Errorf("ours, kept as such, and a foreign one: %v", err)
		}
		never("it does not become one later", st.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`update back set document = $1 where invoice_id = 5`, s.transfer.ID)
			return err
		}))
		for _, x := range []struct {
			invoice int64
			number  string
			want    bool
		}{{5, "", false}, {6, "", false}, {7, "77", true}, {9, "77", true}} {
			got, err := store.ReadOne(t.Context(), st, func(tx *store.Tx) (bool, error) { return tx.IsForeign("company", x.invoice, x.number) })
			if err != nil || got != x.want {
				t.Errorf("invoice %d with the number %q is foreign: %v, %v", x.invoice, x.number, got, err)
			}
		}
		w := s.step(hub.WriteRecord, 1, hub.StepPlanned)
		intend := `update step set state = 'intended', attempt = 1, key = 'k', intended_at = 5 where id = $1`
		s.refuses("a record is begun with its intent", intend, w.ID)
		s.must(func(tx *store.Tx) error {
			return tx.OpenRecord(hub.Record{Connection: "connection", Document: s.row.ID, Part: "4711"})
		})
		s.refuses("a record is begun with its intent", intend, w.ID) // of a document that goes in
		err := st.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.OpenRecord(hub.Record{Connection: "connection", Document: s.row.ID, Part: "4711"})
		})
		if !store.IsDuplicate(err) {
			t.Errorf("two records of one part: %v", err)
		}
		s.refuses("never removed", `delete from record`)
		s.refuses("never removed", `delete from back`)
	})
}
