package circulation

import (
	"slices"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A State is where a round stands.
type State string

// Open: somebody has to decide. Approved: all who are required have approved here, and
// the approval goes to Procountor. Rejected: somebody has said no. Ended: Procountor has
// decided itself, or the invoice is gone there.
const (
	Open     State = "open"
	Approved State = "approved"
	Rejected State = "rejected"
	Ended    State = "ended"
	// Left: a source has shown the invoice, or it carries our mark: no round is needed.
	Left State = "left"
)

// A Stage is one person whose approval is required.
type Stage struct {
	Person string `json:"person"` // by id
	// By is who has approved, the person or their substitute; "" while it is required.
	By string    `json:"by,omitempty"`
	At time.Time `json:"at,omitzero"`
}

// A Round is how far the approvals of one invoice have come.
type Round struct {
	State  State   `json:"state"`
	Stages []Stage `json:"stages"`
	// Version counts the decisions. Whoever decides says which one they have seen.
	Version int `json:"version"`
}

// An Act is what somebody does with a round.
type Act string

// PreApprove says that it looks right, which approves nothing; HandOn gives it to
// somebody else, with a note and a date; Assign does so over another's head; Split says on
// which items its cost falls; Reopen begins a rejected round anew; Noted says how
// Procountor has ended it, or why Vienti has handed it on.
const (
	PreApprove Act = "pre_approve"
	Approve    Act = "approve"
	Reject     Act = "reject"
	HandOn     Act = "hand_on"
	Assign     Act = "assign"
	Split      Act = "split"
	Comment    Act = "comment"
	Reopen     Act = "reopen"
	Noted      Act = "noted"
)

// A Decision is one act of one person.
type Decision struct {
	Act Act
	By  string // person id
	// Seen is the version of the round that the person has seen.
	Seen int
	// To is who comes next: handed on to, or required as well after this approval.
	To string
	// Text is a reason or a note, Due the day by which an answer is wanted.
	Text string
	Due  civil.Date
	At   time.Time
	// Via is the program by which they have said so, "" for the pages.
	Via string
}

// Who says what persons may, by their ids.
type Who struct {
	// Receives, Approves and Leads report whether somebody may receive invoices of this
	// company, approve them, and act on those of others.
	Receives, Approves, Leads func(person string) bool
	// StandsIn reports whether somebody stands in for another on that day.
	StandsIn func(by, instead string) bool
	// Default is who receives what nobody else may decide.
	Default string
}

// Begin is a new round: its receiver, then those who are required by its sum. Who is
// required twice approves once, at the end.
func Begin(receiver string, further []string) Round {
	r := Round{State: Open}
	for i, p := range append([]string{receiver}, further...) {
		if p == "" || slices.Contains(further[i:], p) {
			continue
		}
		r.Stages = append(r.Stages, Stage{Person: p})
	}
	return r
}

// Further are the logins of those who are required beside the receiver by a gross sum, in
// the order of their sums.
func Further(c hub.Circulation, gross money.Amount) (logins []string) {
	list := slices.Clone(c.Further)
	slices.SortStableFunc(list, func(a, b hub.FurtherApprover) int { return from(a).Cmp(from(b)) })
	for _, f := range list {
		if gross.Abs().Cmp(from(f)) >= 0 && !slices.Contains(logins, f.Login) {
			logins = append(logins, f.Login)
		}
	}
	return logins
}

func from(f hub.FurtherApprover) money.Amount {
	a, err := money.Parse(f.From)
	if err != nil {
		return money.Zero // required always, rather than never
	}
	return a
}

// Waits is whose turn it is, "" when it is nobody's.
func (r Round) Waits() string {
	if i := r.at(); r.State == Open && i < len(r.Stages) {
		return r.Stages[i].Person
	}
	return ""
}

// at is the stage whose turn it is.
func (r Round) at() int {
	return slices.IndexFunc(append(slices.Clone(r.Stages), Stage{}), func(s Stage) bool { return s.By == "" })
}

// Required counts the approvals that are still required.
func (r Round) Required() (n int) {
	for _, s := range r.Stages {
		if s.By == "" {
			n++
		}
	}
	return n
}

// Decide is the round after a decision; why is the code of the reason for which the
// decision cannot be taken, "" when it can.
func (r Round) Decide(d Decision, who Who) (next Round, why string) {
	if next, why = r.decide(d, who); why != "" {
		return r, why
	}
	return next, ""
}

func (r Round) decide(d Decision, who Who) (next Round, why string) {
	next = r
	next.Stages = slices.Clone(r.Stages)
	next.Version++
	leads := who.Leads(d.By)
	switch {
	case d.Act == Comment && (leads || r.concerns(d.By, who)):
		return next, ""
	case d.Act == Reopen:
		return r.reopen(next, d, leads)
	case r.State != Open:
		return r, Over
	case d.Seen != r.Version:
		return r, Moved
	}
	waits := r.Waits()
	turn := d.By == waits || who.StandsIn(d.By, waits)
	at := &next.Stages[r.at()]
	switch d.Act {
	case Assign:
		if !leads {
			return r, RightMissing
		}
		return next, next.handTo(at, d, who)
	case Split:
		if !leads && !turn {
			return r, NotYours
		}
		return next, ""
	}
	switch {
	case !turn:
		return r, NotYours
	case !who.Receives(d.By):
		return r, RightMissing
	case (d.Act == Approve || d.Act == Reject) && !who.Approves(d.By):
		return r, RightMissing
	}
	switch d.Act {
	case HandOn:
		return next, next.handTo(at, d, who)
	case PreApprove:
		// It approves nothing: somebody who may has to.
		to := d.To
		if to == "" {
			to = who.Default
		}
		if to == d.By || !who.Approves(to) {
			return r, NoApprover
		}
		d.To = to
		return next, next.handTo(at, d, who)
	case Reject:
		if d.Text == "" {
			return r, ReasonMissing
		}
		next.State = Rejected
		return next, ""
	case Approve:
		at.By, at.At = d.By, d.At
		if d.To != "" {
			if !who.Approves(d.To) || slices.ContainsFunc(next.Stages, func(s Stage) bool { return s.Person == d.To || s.By == d.To }) {
				return r, NoApprover
			}
			next.Stages = slices.Insert(next.Stages, r.at()+1, Stage{Person: d.To})
		}
		if next.Required() == 0 {
			next.State = Approved
		}
		return next, ""
	}
	return r, RightMissing
}

// handTo gives a stage to somebody else.
func (r *Round) handTo(at *Stage, d Decision, who Who) (why string) {
	if d.To == "" || d.To == at.Person && d.Act != PreApprove || !who.Receives(d.To) {
		return NoReceiver
	}
	if slices.ContainsFunc(r.Stages, func(s Stage) bool { return s.By == d.To }) {
		return NoReceiver // has decided already: a second approval of one person is none
	}
	// Required further down already: then that stage is enough.
	to := slices.IndexFunc(r.Stages, func(s Stage) bool { return s.Person == d.To && s.By == "" })
	if to >= 0 && r.Stages[to].Person != at.Person {
		person := at.Person
		r.Stages = slices.DeleteFunc(r.Stages, func(s Stage) bool { return s.Person == person && s.By == "" })
		return ""
	}
	at.Person = d.To
	return ""
}

// HandOver gives to d.To all that a person has still to decide, now and later: who leaves
// leaves nothing behind. Why is as of [Round.Decide]. It asks for no version: d.By has not
// looked at this round, and whoever decides at the same moment comes before or after.
func (r Round) HandOver(from string, d Decision, who Who) (next Round, why string) {
	left := func(s Stage) bool { return s.Person == from && s.By == "" }
	switch {
	case !who.Leads(d.By):
		return r, RightMissing
	case r.State != Open:
		return r, Over
	case !slices.ContainsFunc(r.Stages, left):
		return r, Moved
	case d.To == from || !who.Receives(d.To), slices.ContainsFunc(r.Stages, func(s Stage) bool { return s.By == d.To }):
		return r, NoReceiver
	}
	next = r
	next.Stages = slices.Clone(r.Stages)
	next.Version++
	if slices.ContainsFunc(next.Stages, func(s Stage) bool { return s.Person == d.To && s.By == "" }) {
		next.Stages = slices.DeleteFunc(next.Stages, left) // required anyhow, and once is enough
		return next, ""
	}
	for i := range next.Stages {
		if left(next.Stages[i]) {
			next.Stages[i].Person = d.To
		}
	}
	return next, ""
}

// concerns reports whether somebody has part in the round.
func (r Round) concerns(person string, who Who) bool {
	return slices.ContainsFunc(r.Stages, func(s Stage) bool {
		return s.Person == person || s.By == person || who.StandsIn(person, s.Person)
	})
}

func (r Round) reopen(next Round, d Decision, leads bool) (Round, string) {
	switch {
	case !leads:
		return r, RightMissing
	case r.State != Rejected:
		return r, Over
	case d.Seen != r.Version:
		return r, Moved
	}
	next.State = Open
	for i := range next.Stages {
		next.Stages[i] = Stage{Person: next.Stages[i].Person}
	}
	return next, ""
}
