package people

import (
	"errors"

	"github.com/vienti/vienti/internal/hub"
)

// TokenRights are what a business system may do by a token, over one connection.
type TokenRights struct {
	Reads, Writes bool
	Kinds         []hub.Kind // of documents; nil is all
}

// AllRights are those of a token that is limited in nothing.
var AllRights = TokenRights{Reads: true, Writes: true}

// Reach is over the documents that the token knows of.
func (t TokenRights) Reach() Reach { return OfKinds(t.Kinds...) }

// Check says what is wrong with rights that are about to be given.
func (t TokenRights) Check() error {
	if !t.Reads && !t.Writes {
		return errors.New("a token that neither reads nor writes is of no use")
	}
	return checkKinds(t.Kinds)
}
