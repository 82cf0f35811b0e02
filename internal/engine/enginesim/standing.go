package enginesim

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// An approver lets people at the source decide about purchases, and tell which
// sales are sent, early or days late. It draws from a stream of its own, so that
// runs without it are what they were.
type approver struct {
	on  bool
	rng *rand.Rand
}

func newApprover(seed uint64) approver {
	return approver{on: seed%2 == 0, rng: rand.New(rand.NewPCG(seed, 5))}
}

func (a *approver) one(of int) bool { return a.rng.IntN(of) == 0 }

// settings say when documents go.
func (a *approver) settings(set *hub.Settings) {
	if !a.on {
		return
	}
	for k, ks := range set.Kinds {
		ks.When, ks.Early, ks.Rejected = "", "", ""
		set.Kinds[k] = ks
	}
	bought, sold := set.Kinds[hub.PurchaseInvoice], set.Kinds[hub.SalesInvoice]
	bought.When = hub.WhensOf(hub.PurchaseInvoice)[a.rng.IntN(4)]
	bought.Early = []hub.Early{hub.EarlyUnfinished, hub.EarlyReceived, hub.EarlyVerified}[a.rng.IntN(3)]
	bought.Rejected = []hub.AfterRejection{hub.RejectionHeld, hub.RejectionTakenBack}[a.rng.IntN(2)]
	if a.one(3) {
		sold.When = hub.WhensOf(hub.SalesInvoice)[a.rng.IntN(3)]
	}
	set.Kinds[hub.PurchaseInvoice], set.Kinds[hub.SalesInvoice] = bought, sold
}

// begin says where a new document stands, of most of them.
func (a *approver) begin(sh *enginetest.Shown) {
	if !a.on || a.one(5) {
		return
	}
	if sh.Newest().Kind == hub.PurchaseInvoice {
		sh.Stands(enginetest.Approved())
		return
	}
	sent := a.one(2)
	sh.Stands(hub.Standing{Sent: &sent})
}

// decide is one more decision about a document that has a standing.
func (s *Sim) decide() {
	a := &s.approver
	if !a.on || len(s.shown) == 0 || !a.one(2) {
		return
	}
	sh := s.shown[a.rng.IntN(len(s.shown))]
	if sh.Standing == nil {
		return
	}
	at := *sh.Standing
	if sh.Newest().Kind != hub.PurchaseInvoice {
		sent := true
		at.Sent = &sent
	} else {
		n := len(at.Approvals)
		d := hub.Approval{By: fmt.Sprint("Person ", n+1), At: s.Clock.Now(), Step: n + 1}
		switch a.rng.IntN(6) {
		case 0:
			d.Rejected = true
		case 1, 2:
			d.Last = true
		}
		at.Approvals = append(append([]hub.Approval{}, at.Approvals...), d)
	}
	sh.Stands(at)
	s.trace("%s stands at %q after %d decisions", sh.Newest().Number, at.Round(), len(at.Approvals))
	if a.one(3) {
		s.receive(sh)
		return
	}
	t, err := s.TransferOf(sh.Newest())
	if err != nil {
		s.T.Fatal(err)
	}
	for {
		_, err := s.Engine.SetStanding(s.T.Context(), s.Connection.ID, t.Subject, at)
		if err == nil {
			return
		}
		if !errors.Is(err, errBroken) {
			s.T.Fatal(err)
		}
	}
}
