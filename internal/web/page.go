package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A page is what every page shows around its own content.
type page struct {
	say    locale.Speaker
	Title  string
	Nav    string       // which entry of the menu is the present one
	Person *people.User // nil before signing in
	at     at           // the company and kind that it is about
	// Scope is which companies the page is about.
	Scope scope
	// Notes are what the last form did.
	Notes []note
	Needs int // documents that need someone, for the menu
	// HasRounds reports whether purchase invoices go a round here, and ForMe how many wait for the reader.
	HasRounds bool
	ForMe     int
	URL       string // of this page, to come back to
	Version   string
	static    *staticFiles
}

// A note says what a form did.
type note struct {
	Good bool
	Text string
}

// A scope is the companies that a page shows or writes to. Its environment is
// the gravest of theirs, so that real books are never taken for practice.
type scope struct {
	Environment hub.Environment
	Companies   []place
}

var gravity = []hub.Environment{hub.Sandbox, hub.Testing, hub.Production}

func scopeOf(list ...place) scope {
	sc := scope{Companies: list}
	at := -1
	for _, p := range list {
		if i := slices.Index(gravity, p.Environment); i > at {
			at, sc.Environment = i, p.Environment
		}
	}
	return sc
}

// mixed reports whether the companies live in different environments.
func (sc scope) mixed() bool {
	return slices.ContainsFunc(sc.Companies, func(p place) bool { return p.Environment != sc.Environment })
}

// plainPage is a page without companies: before signing in, and for errors.
func (s *Server) plainPage(r *http.Request, v visit, title string) page {
	return page{say: v.say, Title: title, Person: v.person, at: v.at, URL: here(r), Version: s.o.Version, static: s.static}
}

// page prepares a page about companies.
func (s *Server) page(r *http.Request, v visit, title, nav string, sc scope) (page, error) {
	p := s.plainPage(r, v, title)
	p.Nav, p.Scope = nav, sc
	p.Notes = s.takeNotes(r.Context())
	err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if len(p.Scope.Companies) == 0 && !v.person.CanSomewhere(people.See) || nav == "rounds" && len(p.Scope.Companies) == 0 {
			if p.Scope, err = ownScope(tx, v.person.Reach(people.Receive)); err != nil {
				return err
			}
		}
		if p.Needs, err = tx.CountNeeds(store.TransferFilter{Reach: v.sees()}); err != nil {
			return err
		}
		if p.HasRounds, err = tx.HasRounds(); err != nil || !p.HasRounds {
			return err
		}
		if p.HasRounds = v.person.CanSomewhere(people.Receive) || v.person.CanSomewhere(people.SeeRounds); p.HasRounds {
			p.ForMe, err = s.o.Engine.WaitingFor(tx, *v.person)
		}
		return err
	})
	p.HasRounds = p.HasRounds || !v.person.CanSomewhere(people.See) && v.person.CanSomewhere(people.Receive) // they have nothing else
	return p, err
}

// ownScope is of all companies of somebody, for pages of those who see no documents.
func ownScope(tx *store.Tx, reach people.Reach) (scope, error) {
	list, err := tx.Companies()
	var own []place
	for _, c := range list {
		if reach.HasSome(c.ID) {
			own = append(own, place{Company: c})
		}
	}
	return scopeOf(own...), err
}

// can reports whether the reader has a right over what the page is about.
func (p page) can(right people.Right) bool { return p.Person.Can(right, p.at.company, p.at.kind) }

// here is the address to come back to: for a form that failed, its own page.
func here(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return "/"
	}
	return local((&url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}).String())
}
