package enginesim

import (
	"fmt"
	"math/rand/v2"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// A told is a source that is told what has become of its documents, and loses answers,
// is busy, or takes what it does not show. It draws from a stream of its own, so that
// runs without it are what they were.
type told struct {
	on     bool
	rng    *rand.Rand
	source *enginetest.Teller
}

func newTold(seed uint64) told {
	return told{on: seed%4 == 2, rng: rand.New(rand.NewPCG(seed, 8)), source: enginetest.NewTeller()}
}

// tell connects the places of a run to it.
func (s *Sim) tell() {
	if !s.told.on {
		return
	}
	rate := s.told.rng.IntN(400)
	s.told.source.Luck = func() string {
		if s.calm || s.told.rng.IntN(1000) >= rate {
			return ""
		}
		return []string{"lost", "before", "busy", "silent", "ignored"}[s.told.rng.IntN(5)]
	}
	for _, p := range s.places {
		p.Teller(s.told.source, hub.Telling{Status: hub.TellWrite, Payments: hub.TellWrite})
	}
}

// auditTold checks, when nothing is active any more, that the source says of what has
// arrived that it has, and of nothing else.
func (s *Sim) auditTold() (errs []error) {
	if !s.told.on {
		return nil
	}
	for _, sh := range s.shown {
		d := sh.Newest()
		t, err := s.TransferOf(d)
		if err != nil {
			return []error{err}
		}
		says := s.told.source.Of(d.SourceID)
		switch t.State {
		case hub.Done, hub.DoneWithWarning, hub.Linked:
			if says == enginetest.TellerReady {
				errs = append(errs, fmt.Errorf("document %s has arrived, and its source says %s", d.Number, says))
			}
		case hub.Skipped, hub.Noticed, hub.Withdrawn:
			if t.Plan == 0 && says != enginetest.TellerReady {
				errs = append(errs, fmt.Errorf("document %s is %s, and its source says %s", d.Number, t.State, says))
			}
		}
	}
	return errs
}
