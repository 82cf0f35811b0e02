package people

import (
	"errors"

	"github.com/vienti/vienti/internal/hub"
)

// TokenRights are what a business system may do by a token, over one connection.
type TokenRights struct {
	Reads, Writes bool
	Kinds         []hub.Kind // of documents; nil is all
	// Payroll says that it sees the amounts of payroll too: see [User.Payroll].
	Payroll bool
}

// AllRights are those of a token that is limited in nothing but payroll, which is given
// by name only.
var AllRights = TokenRights{Reads: true, Writes: true}

// Reach is over the documents that the token knows of.
func (t TokenRights) Reach() Reach { return OfKinds(t.Kinds...) }

// SeesInside is [User.SeesInside] of the holder of the token.
func (t TokenRights) SeesInside(x *hub.Transfer) bool {
	return !x.Private() || t.Reads && t.Payroll && t.Reach().Has(x.Company, hub.PayrollJournal)
}

// Check says what is wrong with rights that are about to be given.
func (t TokenRights) Check() error {
	if !t.Reads && !t.Writes {
		return errors.New("a token that neither reads nor writes is of no use")
	}
	return checkKinds(t.Kinds)
}
