package hub

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// A Standing says where a document stands on its source's side. It is no part of
// the content: a change of it makes no new version of the document.
type Standing struct {
	// Approvals are the decisions of the source's approval round on a purchase
	// invoice; nil when the source says nothing of a round, empty when one has
	// begun in which nobody has decided yet.
	Approvals []Approval `json:"approvals,omitzero"`
	// Sent says whether the source has sent a sales invoice to the customer; nil
	// when it does not say.
	Sent *bool `json:"sent,omitempty"`
}

// An Approval is one decision of one person.
type Approval struct {
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Step     int       `json:"step,omitempty"` // of the round, from 1; 0 when not stated
	Rejected bool      `json:"rejected,omitempty"`
	// Last says that with this decision the round is complete.
	Last bool   `json:"last,omitempty"`
	Note string `json:"note,omitempty"`
}

// A Round is how far the source's approval round has come.
type Round string

// The source says nothing of a round; some decisions are missing; all have been
// made; or the newest decision is a rejection.
const (
	RoundUnknown  Round = ""
	RoundOpen     Round = "open"
	RoundComplete Round = "complete"
	RoundRejected Round = "rejected"
)

// IsZero reports whether the source has said nothing.
func (s Standing) IsZero() bool { return s.Approvals == nil && s.Sent == nil }

// counting are the decisions that count, oldest first: after a rejection the
// round begins anew.
func (s Standing) counting() []Approval {
	list := slices.Clone(s.Approvals)
	slices.SortStableFunc(list, func(a, b Approval) int { return a.At.Compare(b.At) })
	for i, a := range slices.Backward(list) {
		if a.Rejected {
			if i == len(list)-1 {
				return list[i:]
			}
			return list[i+1:]
		}
	}
	return list
}

// Round says how far the approval round has come.
func (s Standing) Round() Round {
	if s.Approvals == nil {
		return RoundUnknown
	}
	list := s.counting()
	switch {
	case len(list) > 0 && list[len(list)-1].Rejected:
		return RoundRejected
	case slices.ContainsFunc(list, func(a Approval) bool { return a.Last }):
		return RoundComplete
	}
	return RoundOpen
}

// Given are the approvals that count, oldest first; none while the newest
// decision is a rejection.
func (s Standing) Given() []Approval {
	if s.Round() == RoundRejected {
		return nil
	}
	return s.counting()
}

// Rejection is the newest decision, if it is a rejection.
func (s Standing) Rejection() (a Approval, ok bool) {
	if s.Round() != RoundRejected {
		return a, false
	}
	return s.counting()[0], true
}

// In returns s with the times of a zone.
func (s Standing) In(zone *time.Location) Standing {
	s.Approvals = slices.Clone(s.Approvals)
	for i := range s.Approvals {
		s.Approvals[i].At = s.Approvals[i].At.In(zone)
	}
	return s
}

// Print is the fingerprint of s, "" when the source has said nothing. Whoever
// plans with a standing keeps it, so that a change is noticed.
func (s Standing) Print() string {
	if s.IsZero() {
		return ""
	}
	b, err := json.Marshal(s.In(time.UTC))
	if err != nil {
		return "unmarshallable: " + err.Error() // a year that no clock shows
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// A When says when a document of a kind goes.
type When string

// At once when it has come; for purchases at the first or at the last approval of
// the source; for sales once the source has sent it; or when a person says so.
// Empty means [UsualWhen].
const (
	AtOnce          When = "at_once"
	AtFirstApproval When = "first_approval"
	AtLastApproval  When = "last_approval"
	OnceSent        When = "once_sent"
	ByHand          When = "by_hand"
)

// WhensOf are those that a kind has.
func WhensOf(k Kind) []When {
	if k == PurchaseInvoice {
		return []When{AtOnce, AtFirstApproval, AtLastApproval, ByHand}
	}
	if k == TravelInvoice {
		return []When{AtOnce, ByHand}
	}
	if k == PayrollJournal {
		return []When{ByHand, AtOnce}
	}
	return []When{AtOnce, OnceSent, ByHand}
}

// UsualWhen is what an empty [KindSettings.When] means: a payroll run is looked at before
// it goes (FEATURES N-17), everything else goes at once.
func UsualWhen(k Kind) When {
	if k == PayrollJournal {
		return ByHand
	}
	return AtOnce
}

// An Early says in which status a purchase invoice rests in Procountor until the
// source's last approval.
type Early string

// Unfinished as it was saved; received: sent to Procountor's own circulation; or
// verified. Empty means unfinished. The latter two need circulation of purchase
// invoices to be switched on in Procountor.
const (
	EarlyUnfinished Early = "unfinished"
	EarlyReceived   Early = "received"
	EarlyVerified   Early = "verified"
)

// An AfterRejection says what becomes of a voucher that is unfinished when the
// source rejects its document.
type AfterRejection string

// A person decides, or it is taken back. Empty means that a person decides.
const (
	RejectionHeld      AfterRejection = "held"
	RejectionTakenBack AfterRejection = "taken_back"
)

// A Passage says how far a document may go now.
type Passage struct {
	// Wait says why it does not go yet, and State in which state it rests; nil: it
	// goes.
	Wait  *Fault
	State State
	// Final: it may be approved. Otherwise only as far as Early says, whatever else
	// the settings want.
	Final bool
}

// Passage decides by the settings of a kind and by where a document stands at its
// source; asked says that a person has told it to go.
func (ks KindSettings) Passage(k Kind, s Standing, asked bool) Passage {
	rests := func(state State, f Fault) Passage {
		if state != Held {
			f = f.Warn()
		}
		return Passage{Wait: &f, State: state}
	}
	if k != PurchaseInvoice {
		switch {
		case asked:
		case ks.When == OnceSent && (s.Sent == nil || !*s.Sent):
			return rests(Waiting, NewFault(WaitsForSending, "", ""))
		case cmp.Or(ks.When, UsualWhen(k)) == ByHand:
			return rests(Held, NewFault(WaitsForPerson, "", ""))
		}
		return Passage{Final: true}
	}
	round := s.Round()
	// Where approvals decide, silence is not one.
	final := round == RoundComplete || round == RoundUnknown && ks.When != AtFirstApproval && ks.When != AtLastApproval
	switch {
	case round == RoundRejected:
		return rests(Skipped, s.RejectedFault(""))
	case asked:
	case ks.When == AtFirstApproval && len(s.Given()) == 0:
		return rests(Waiting, NewFault(WaitsForApproval, "", ""))
	case ks.When == AtLastApproval && round != RoundComplete:
		return rests(Waiting, NewFault(WaitsForLastApproval, "", ""))
	case ks.When == ByHand:
		return rests(Held, NewFault(WaitsForPerson, "", ""))
	}
	return Passage{Final: final}
}

// RejectedFault says who has rejected a document at its source; number is that of
// its voucher, "" for none.
func (s Standing) RejectedFault(number string) Fault {
	a, _ := s.Rejection()
	f := NewFault(RejectedThere, "", a.Note, "by", a.By, "at", a.At.Format("2006-01-02 15:04"))
	if number != "" {
		f.Args["number"] = number
	}
	return f
}
