package web

import (
	"cmp"
	"net/http"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A subject is over what the right of a route is asked: what {id} in its address
// names. What the reader may not see is answered as if it did not exist, and what
// they may see but not do as forbidden. Lists are narrowed by [people.Reach] in SQL.
type subject int

const (
	open        subject = iota // for anyone, signed in or not
	somewhere                  // over anything at all: the page shows what is in reach
	everywhere                 // over all companies
	aDocument                  // over the company and kind of a transfer
	aConnection                // over the company of a connection, with all kinds
	aPayroll                   // over the payroll of the company of a connection
	aCompany                   // over a company, with all kinds
	aSending                   // over all that was sent at once; seen by whoever sees some of it
	aUser                      // over somebody whom the reader looks after
	aJoining                   // over all companies, or over the one to which a vendor's link leads
	aRound                     // over a purchase invoice on its round; seen by whose it is, and by whoever sees all
)

// at is the company and kind that an address is about, as [people.User.Can] takes them.
type at struct {
	company string
	kind    hub.Kind
}

// can reports whether the reader has a right over what the address is about.
func (v visit) can(right people.Right) bool { return v.person.Can(right, v.at.company, v.at.kind) }

// sees is the reach of what the reader may see, for lists.
func (v visit) sees() people.Reach { return v.person.Reach(people.See) }

// admit finds what an address is about and asks whether person may use it.
func (s *Server) admit(r *http.Request, person people.User, rt route) (where at, err error) {
	id := r.PathValue("id")
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		switch rt.of {
		case aDocument:
			t, err := tx.Transfer(id)
			if err != nil {
				return found(err)
			}
			where = at{t.Company, t.DocKind}
		case aRound:
			round, err := tx.RoundByID(id)
			if err != nil {
				return found(err)
			}
			where = at{round.Company, hub.PurchaseInvoice}
			if sees, err := s.o.Engine.SeesRound(tx, &round, person.ID); err != nil || !sees {
				return cmp.Or(err, errNotFound)
			}
		case aConnection, aPayroll:
			c, err := tx.Connection(id)
			if err != nil {
				return found(err)
			}
			if where.company = c.Company; rt.of == aPayroll {
				where.kind = hub.PayrollJournal
			}
		case aCompany:
			if _, err := tx.Company(id); err != nil {
				return found(err)
			}
			where.company = id
		case aSending:
			if !person.CanSomewhere(rt.right) {
				return errForbidden
			}
			if _, err := tx.Sending(id); err != nil {
				return found(err)
			}
			docs, err := tx.SentDocuments(id)
			if err != nil {
				return err
			}
			sees, may := false, true
			for _, d := range docs {
				sees = sees || person.Can(people.See, d.Transfer.Company, d.Transfer.DocKind)
				may = may && person.Can(rt.right, d.Transfer.Company, d.Transfer.DocKind)
			}
			switch {
			case !sees:
				return errNotFound
			case rt.right != people.See && !may:
				return errForbidden
			}
		case aUser:
			u, err := tx.Person(id)
			if err != nil {
				return found(err)
			}
			if person.CanSomewhere(rt.right) && !person.SeesPerson(u) {
				return errNotFound
			}
		}
		return nil
	})
	if err != nil {
		return where, err
	}
	switch rt.of {
	case aDocument, aConnection, aPayroll, aCompany:
		if !person.Can(people.See, where.company, where.kind) {
			return where, errNotFound
		}
		if !person.Can(rt.right, where.company, where.kind) {
			return where, errForbidden
		}
	case aRound:
		if !person.Can(rt.right, where.company, where.kind) {
			return where, errForbidden
		}
	case aJoining:
		if person.Can(people.SetUp, "", "") {
			return where, nil
		}
		if !person.CanSomewhere(rt.right) {
			return where, errForbidden
		}
		if link, err := s.vendorLink(r); err != nil || link == nil && !r.URL.Query().Has("link") {
			return where, cmp.Or(err, errForbidden)
		}
	case everywhere:
		if !person.Can(rt.right, "", "") {
			return where, errForbidden
		}
	default:
		if !person.CanSomewhere(rt.right) {
			return where, errForbidden
		}
	}
	return where, nil
}
