package enginesim

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// maxPayments keeps runs short.
const maxPayments = 10

// A payer lets the source show payments. It draws from a stream of its own, so
// that runs without payments are what they were.
type payer struct {
	on  bool
	rng *rand.Rand
}

func newPayer(seed uint64) payer {
	return payer{on: seed%5 != 0, rng: rand.New(rand.NewPCG(seed, 4))}
}

func (p *payer) one(of int) bool { return p.rng.IntN(of) == 0 }

// settings: most of the time the source's payments count.
func (p *payer) settings(set *hub.Settings) {
	if !p.on {
		return
	}
	set.Payments, set.Payer, set.PaidAfterDays = hub.MasterSource, hub.MasterSource, 0
	if p.one(5) {
		set.Payer = hub.MasterProcountor
	}
	if p.one(8) {
		set.Payments, set.Payer = hub.MasterProcountor, hub.MasterProcountor
	}
}

// pay shows a new payment, the same again, or another content of one.
func (s *Sim) pay() {
	p := &s.payer
	if !p.on || len(s.shown) == 0 || !p.one(2) {
		return
	}
	var sh *enginetest.ShownPayment
	switch {
	case len(s.paid) > 0 && p.one(3):
		sh = s.paid[p.rng.IntN(len(s.paid))]
		next := sh.Newest()
		switch p.rng.IntN(5) {
		case 0:
			next.Amount = s.part(sh.Of)
		case 1:
			next.State = hub.PaymentRemoved
		case 2:
			next.State = hub.PaymentRefused
		case 3:
			next.State = hub.PaymentPaid
		}
		sh.Versions = append(sh.Versions, next)
	case len(s.paid) < maxPayments:
		doc := s.shown[p.rng.IntN(len(s.shown))]
		d := doc.Newest()
		made := hub.PaymentMade{SourceID: fmt.Sprint("pay-", len(s.paid)+1), Document: d.SourceID, State: hub.PaymentPaid,
			Date: civil.Must(fmt.Sprintf("2026-03-%02d", 10+p.rng.IntN(4))), Amount: s.part(doc), Currency: "EUR", Text: "Kassa"}
		if p.one(20) {
			made.Currency = "SEK"
		}
		sh = &enginetest.ShownPayment{Of: doc, Versions: []hub.PaymentMade{made}}
		s.paid = append(s.paid, sh)
	default:
		return
	}
	s.trace("payment %s of %s: %s %s", sh.Newest().SourceID, sh.Of.Newest().Number, sh.Newest().State, sh.Newest().Amount)
	s.showPayments(sh)
}

// part of a document's total: often all of it, sometimes more.
func (s *Sim) part(doc *enginetest.Shown) money.Amount {
	gross := *doc.Newest().Totals.Gross
	return gross.Percent(money.FromInt([]int64{100, 100, 50, 50, 30, 110}[s.payer.rng.IntN(6)])).RoundHalfUp(2)
}

func (s *Sim) showPayments(list ...*enginetest.ShownPayment) {
	var in []engine.IncomingPayment
	for _, p := range list {
		in = append(in, engine.IncomingPayment{Payment: p.Newest(), Raw: []byte(p.Newest().SourceID)})
	}
	for {
		_, err := s.Engine.ReceivePayments(s.T.Context(), s.Connection.ID, in)
		if err == nil {
			return
		}
		if !errors.Is(err, errBroken) {
			s.T.Fatal(err)
		}
	}
}
