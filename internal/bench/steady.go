package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// A load is what arrives 20 times a second.
type load struct {
	suffix   string // of the figures' names
	settings func(*hub.Settings)
	document func(n int) *hub.Document
	// payment, if not nil, is what arrives; the documents are there before.
	payment func(d *hub.Document) hub.PaymentMade
}

const perSecond = 20

// writing are the operations of the API's description that a load calls to write.
var writing = []string{"saveInvoice", "updateLedgerReceipt", "approveInvoice1", "markInvoiceAsPaid"}

// postedApproved are three writes: the invoice, its ledger receipt, the approval.
func postedApproved(s *hub.Settings) {
	s.Accounts = []hub.AccountRule{{Sales: true, Account: "3010"}, {Purchases: true, Account: "4000"}}
	for kind, k := range s.Kinds {
		k.Posting, k.Arrival = hub.PostedByMap, hub.ArriveApproved
		s.Kinds[kind] = k
	}
}

// payments are marked on approved invoices: one write.
func payments(s *hub.Settings) {
	s.Payments = hub.MasterSource
	k := s.Kinds[hub.SalesInvoice]
	k.Arrival = hub.ArriveApproved
	s.Kinds[hub.SalesInvoice] = k
}

// purchase is an invoice of a known supplier with three rows.
func purchase(n int) *hub.Document {
	d := document(n)
	d.Kind, d.Buyer = hub.PurchaseInvoice, d.Seller
	d.Seller = hub.Party{Name: "Olematon Tukku Oy", BusinessID: "4567890-7", Number: "2001",
		Address: hub.Address{Street: "Varastotie 9", Zip: "01510", City: "Vantaa", Country: "FI"}}
	d.Payment = hub.Payment{Reference: "1232", IBAN: "FI2112345600000785"}
	return d
}

// payment pays d in full.
func payment(d *hub.Document) hub.PaymentMade {
	return hub.PaymentMade{SourceID: "payment/" + d.Number, Document: d.SourceID, State: hub.PaymentPaid, Date: civil.Must("2026-03-20"),
		Amount: *d.Totals.Gross, Currency: d.Currency}
}

// steady lets 20 of a load a second arrive and measures how long each takes to the
// proof of its last step, and how many requests one costs beside its writes.
func steady(l load) func(context.Context, Options) ([]Figure, error) {
	return func(ctx context.Context, o Options) ([]Figure, error) {
		w, err := newWorld(ctx, o, "steady"+l.suffix, 0)
		if err != nil {
			return nil, err
		}
		defer w.close()
		if l.settings != nil {
			if err := w.set(ctx, l.settings); err != nil {
				return nil, err
			}
		}
		n := int(o.Steady.Seconds() * perSecond)
		if l.payment != nil {
			if _, err := w.throughHub(ctx, 0, n); err != nil {
				return nil, err
			}
		}
		return w.steady(ctx, l, n)
	}
}

func (w *world) set(ctx context.Context, settings func(*hub.Settings)) error {
	c, err := store.ReadOne(ctx, w.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connectionID) })
	if err != nil {
		return err
	}
	settings(&c.Settings)
	_, err = w.engine.SetSettings(ctx, "bench", connectionID, 0, c.Settings)
	return err
}

// hand hands the n-th of a load over.
func (w *world) hand(ctx context.Context, l load, n int) error {
	d := l.document(n)
	if l.payment != nil {
		p := l.payment(d)
		raw, err := json.Marshal(p)
		if err == nil {
			_, err = w.engine.ReceivePayments(ctx, connectionID, []engine.IncomingPayment{{Payment: p, Raw: raw}})
		}
		return err
	}
	raw, err := json.Marshal(d)
	if err == nil {
		_, err = w.engine.Receive(ctx, connectionID, []engine.Incoming{{Document: d, Raw: raw}}, nil)
	}
	return err
}

func (w *world) steady(ctx context.Context, l load, n int) ([]Figure, error) {
	jobs, err := engine.NewJobs(ctx, w.engine)
	if err != nil {
		return nil, err
	}
	if err := jobs.Start(ctx); err != nil {
		return nil, err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = jobs.Stop(stop) // all that was measured is proved by now
	}()
	w.sandbox.ForgetRequests()
	handed := make([]time.Time, n)
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for i := range n {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
		handed[i] = time.Now()
		if err := w.hand(ctx, l, i); err != nil {
			return nil, err
		}
	}
	list, err := w.allDone(ctx, l, n)
	if err != nil {
		return nil, err
	}
	requests, writes := 0, 0
	for operation, c := range w.sandbox.Requests() {
		requests += c
		if slices.Contains(writing, operation) {
			writes += c
		}
	}
	var took []time.Duration
	for _, t := range list {
		var i int
		if _, err := fmt.Sscan(t.Number, &i); err != nil {
			return nil, err
		}
		took = append(took, t.Changed.Sub(handed[i]))
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2].Seconds(), took[len(took)*99/100].Seconds()
	if l.suffix == "" {
		return []Figure{
			{"requests_per_known_partner_invoice", float64(requests) / float64(n), "requests", "<=1.05"},
			{"push_to_proved_p50", p50, "s", ""},
			{"push_to_proved_p99", p99, "s", "<=2"},
		}, nil
	}
	return []Figure{
		{"writes_per_document" + l.suffix, float64(writes) / float64(n), "requests", ""},
		{"reads_per_document" + l.suffix, float64(requests-writes) / float64(n), "requests", "<=0.1"},
		{"push_to_proved_p50" + l.suffix, p50, "s", ""},
		{"push_to_proved_p99" + l.suffix, p99, "s", ""},
	}, nil
}

// allDone waits until all n of a load are done and returns their transfers.
func (w *world) allDone(ctx context.Context, l load, n int) ([]hub.Transfer, error) {
	kind := hub.DocumentTransfer
	if l.payment != nil {
		kind = hub.PaymentTransfer
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		list, err := store.ReadOne(ctx, w.store, func(tx *store.Tx) ([]hub.Transfer, error) { return tx.AllTransfers(companyID) })
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(t hub.Transfer) bool { return t.Kind != kind })
		done, other := 0, hub.Transfer{}
		for _, t := range list {
			if t.State == hub.Done {
				done++
			} else {
				other = t
			}
		}
		if done == n {
			return list, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%d of %d are done after 30 s; %s is %s: %+v", done, n, other.Number, other.State, other.Faults)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
