// Package people is who uses the hub: users, what each role may do, passwords
// and the tokens that let someone in.
package people

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/hub"
)

// A User is a person who signs in.
type User struct {
	ID    string
	Login string // normally an e-mail address, in lower case
	Name  string
	// Role holds in every company there is and will be; or it is [ByCompany], and
	// Companies says which role holds in which, by id.
	Role      Role
	Companies map[string]Role
	// Kinds are the kinds of documents that the user works with; nil is all.
	Kinds []hub.Kind
	// Payroll says that the user sees the amounts of payroll, wherever they see its
	// documents. No role brings it with it: it is given to a person (decision 040).
	Payroll  bool
	Language string // "fi", "sv", "en" or "nl"; "" follows the browser
	Disabled bool   // may not sign in; the acts stay
	// NoMail are the companies of which the user wants no mail, by id, sorted;
	// [EveryCompany] alone is all of them.
	NoMail []string

	Created time.Time
	// SessionsSince ends every session begun before it: the password or the role
	// has changed, or the person has signed out everywhere.
	SessionsSince time.Time
}

// A Role is a named set of rights.
type Role string

const (
	Viewer  Role = "viewer"  // sees documents and what became of them
	Finance Role = "finance" // and mends and decides what waits for a person
	Admin   Role = "admin"   // and sets up connections and people
	Auditor Role = "auditor" // sees everything, acts included, and changes nothing

	// Of purchase invoices on their round, and of nothing else: who pre-approves what is
	// theirs, who approves it, and who sees all of them.
	PreApprover Role = "pre_approver"
	Approver    Role = "approver"
	RoundLead   Role = "round_lead"

	// Joiner is the customer of a vendor: connects a company by the link that the vendor
	// has made for them, and administers it from then on. Until then there is nothing here
	// for them.
	Joiner Role = "joiner"

	// ByCompany is no role: the user has one in each company that is named.
	ByCompany Role = "by_company"
)

// Roles are all roles, in the order in which a page offers them.
func Roles() []Role {
	return []Role{Viewer, Finance, Admin, Auditor, RoundLead, Approver, PreApprover, Joiner}
}

// A Right is one kind of thing that a page or a command lets a person do. Each
// action names the right it needs; there are few, so that a role can be explained
// in a sentence.
type Right string

const (
	See       Right = "see"       // documents, transfers, steps, registers
	SeeActs   Right = "seeacts"   // the chain of acts, and proofs of it
	Mend      Right = "mend"      // retry, hand in a file again, mark as done by hand
	Decide    Right = "decide"    // release what is held: link, send beside, credit, take back
	Post      Right = "post"      // the account map: which account a row stands on
	SetUp     Right = "setup"     // connections, credentials, switching writing on
	SetPeople Right = "setpeople" // users and their roles

	// Join is to connect a company: by a vendor's link, for who has not [SetUp] in all of them.
	Join Right = "join"

	// Of purchase invoices on their round.
	Receive   Right = "receive"   // be given them, see those, hand on and pre-approve
	Approve   Right = "approve"   // approve and reject those that are theirs
	SeeRounds Right = "seerounds" // see all of them
	LeadRound Right = "leadround" // hand out what is another's, begin a rejected one anew

	// SeePayroll is to see the amounts and rows of payroll, in whatever form. Without it a
	// person sees that a run is there and what became of it. No role has it: see [User.Payroll].
	SeePayroll Right = "seepayroll"

	// Own is what everybody has who may sign in: their own account.
	Own Right = "own"
)

// Rights are all rights.
func Rights() []Right {
	return []Right{See, SeeActs, Mend, Decide, Post, SetUp, SetPeople, Join, Receive, Approve, SeeRounds, LeadRound, SeePayroll, Own}
}

// Rights of the role, nothing for one that does not exist.
func (r Role) Rights() []Right {
	switch r {
	case Viewer:
		return []Right{Own, See, SeeRounds}
	case Finance:
		return []Right{Own, See, Mend, Decide, Post, Receive, Approve, SeeRounds, LeadRound}
	case Admin:
		return []Right{Own, See, SeeActs, Mend, Decide, Post, SetUp, SetPeople, Join, Receive, Approve, SeeRounds, LeadRound}
	case Auditor:
		return []Right{Own, See, SeeActs, SeeRounds}
	case PreApprover:
		return []Right{Own, Receive}
	case Approver:
		return []Right{Own, Receive, Approve}
	case RoundLead:
		return []Right{Own, Receive, Approve, SeeRounds, LeadRound}
	case Joiner:
		return []Right{Own, Join}
	}
	return nil
}

// Can reports whether the role has the right.
func (r Role) Can(right Right) bool { return slices.Contains(r.Rights(), right) }

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fmt.Errorf("no role is called %.40q", s)
}

const (
	maxLogin = 254 // octets of an e-mail address, RFC 5321 4.5.3.1.3 less its brackets
	maxName  = 200
)

// Languages that pages speak.
var languages = [...]string{"", "fi", "sv", "en", "nl"}

// NormalLogin is a login as it is stored and compared: lower case, without space around it.
func NormalLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// EveryCompany stands for all companies in [User.NoMail].
const EveryCompany = "*"

// IsTold reports whether the user is told by mail of documents of a kind of a
// company: of what they may mend, less the companies of which they want none. That
// the company stands still as a whole concerns whoever may mend any of it.
func (u User) IsTold(company string, kind hub.Kind, whole bool) bool {
	if u.WantsNoMail(company) {
		return false
	}
	r := u.Reach(Mend)
	return r.Has(company, kind) || whole && r.HasSome(company)
}

// MayBeTold reports whether the user may be told of documents of a kind of a company
// where their address is named for it: of what they may see, unless they want none.
func (u User) MayBeTold(company string, kind hub.Kind) bool {
	return u.Can(See, company, kind) && !u.WantsNoMail(company)
}

// WantsNoMail reports whether the user wants no mail about a company.
func (u User) WantsNoMail(company string) bool {
	return slices.Contains(u.NoMail, EveryCompany) || slices.Contains(u.NoMail, company)
}

// StopMail is the user's [User.NoMail] with one company more, or [EveryCompany].
func (u User) StopMail(company string) []string {
	switch {
	case u.WantsNoMail(company):
		return u.NoMail
	case company == EveryCompany || len(u.NoMail) == MaxCompanies:
		return []string{EveryCompany}
	}
	list := append(slices.Clone(u.NoMail), company)
	slices.Sort(list)
	return list
}

// MaxCompanies bounds how many companies one user may be given one by one: all of
// a large accounting office's. Who has more has all.
const MaxCompanies = 500

// What [User.Check] finds wrong with rights, for a form.
var (
	ErrNoCompany  = errors.New("the user has a role in no company; name one, or keep them from signing in")
	ErrKindsAdmin = errors.New("an administrator has all kinds of documents: settings hold for all of them")
)

// Check says what is wrong with a user who is about to be stored.
func (u User) Check() error {
	roles := []Role{u.Role}
	if u.Role == ByCompany {
		roles = slices.Collect(maps.Values(u.Companies))
	}
	for _, r := range roles {
		if _, err := ParseRole(string(r)); err != nil {
			return err
		}
	}
	switch {
	case u.Role == ByCompany && len(u.Companies) == 0:
		return ErrNoCompany
	case u.Role != ByCompany && len(u.Companies) > 0:
		return errors.New("a role in all companies leaves none in single ones")
	case len(u.Companies) > MaxCompanies:
		return fmt.Errorf("more than %d companies; give a role in all instead", MaxCompanies)
	case u.Kinds != nil && (slices.Contains(roles, Admin) || slices.Contains(roles, Joiner)):
		return ErrKindsAdmin
	}
	if len(u.NoMail) > MaxCompanies || !slices.IsSorted(u.NoMail) || slices.ContainsFunc(u.NoMail, func(id string) bool { return id == "" || strings.ContainsAny(id, " \t") }) {
		return errors.New("the companies of which the user wants no mail are too many or not sorted")
	}
	if err := checkKinds(u.Kinds); err != nil {
		return err
	}
	switch {
	case u.Login == "" || len(u.Login) > maxLogin:
		return errors.New("the login is empty or too long")
	case u.Login != NormalLogin(u.Login) || !printable(u.Login) || strings.ContainsAny(u.Login, " \t"):
		return errors.New("the login has a capital, a space or a character that cannot be seen")
	case len(u.Name) > maxName || !printable(u.Name):
		return errors.New("the name is too long or has a character that cannot be seen")
	case !slices.Contains(languages[:], u.Language):
		return fmt.Errorf("no language %.10q", u.Language)
	}
	return nil
}

func checkKinds(kinds []hub.Kind) error {
	for i, k := range kinds {
		if !slices.Contains(Kinds(), k) || slices.Contains(kinds[:i], k) {
			return fmt.Errorf("no kind of document is called %.40q, or it stands there twice", k)
		}
	}
	if kinds != nil && len(kinds) == 0 {
		return errors.New("no kind of document is chosen")
	}
	return nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
