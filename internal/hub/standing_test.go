package hub

import (
	"testing"
	"time"
)

// How far a round has come: by time, not by the order of the list; a rejection
// begins it anew.
func TestRound(t *testing.T) {
	at := func(hour int, by string, last, rejected bool) Approval {
		return Approval{By: by, At: time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC), Last: last, Rejected: rejected}
	}
	for _, c := range []struct {
		said  []Approval
		round Round
		given int
	}{
		{nil, RoundUnknown, 0},
		{[]Approval{}, RoundOpen, 0},
		{[]Approval{at(1, "a", false, false)}, RoundOpen, 1},
		{[]Approval{at(2, "b", true, false), at(1, "a", false, false)}, RoundComplete, 2},
		{[]Approval{at(1, "a", true, false), at(2, "b", false, true)}, RoundRejected, 0},
		{[]Approval{at(1, "a", true, false), at(2, "b", false, true), at(3, "c", false, false)}, RoundOpen, 1},
		{[]Approval{at(3, "c", true, false), at(2, "b", false, true), at(1, "a", false, false)}, RoundComplete, 1},
	} {
		s := Standing{Approvals: c.said}
		if got := s.Round(); got != c.round || len(s.Given()) != c.given {
			t.Errorf("%v: %s, %d given", c.said, got, len(s.Given()))
		}
	}
	if (Standing{}).Print() != "" || (Standing{Approvals: []Approval{}}).Print() == "" {
		t.Error("silence and a round in which nobody has decided are told alike")
	}
	zone := time.FixedZone("", 7200)
	a := Standing{Approvals: []Approval{at(1, "a", false, false)}}
	if a.In(zone).Print() != a.Print() {
		t.Error("the same moment in another zone is another standing")
	}
}
