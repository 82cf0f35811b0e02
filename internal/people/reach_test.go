package people

import (
	"errors"
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/hub"
)

var (
	boss       = User{ID: "boss", Role: Admin}
	accountant = User{ID: "accountant", Role: ByCompany, Companies: map[string]Role{"a": Finance, "b": Finance, "c": Viewer}}
	clerk      = User{ID: "clerk", Role: ByCompany, Companies: map[string]Role{"a": Finance}, Kinds: []hub.Kind{hub.SalesInvoice}}
	keeper     = User{ID: "keeper", Role: ByCompany, Companies: map[string]Role{"a": Admin, "b": Viewer}}
	seller     = User{ID: "seller", Role: Finance, Kinds: []hub.Kind{hub.SalesInvoice}}
	leaver     = User{ID: "leaver", Role: Admin, Disabled: true}
)

// Who may do what where: a right holds where a role gives it, for the kinds that
// are theirs; what is of no single kind, or of all companies, needs all of them.
func TestCan(t *testing.T) {
	for _, c := range []struct {
		who     User
		right   Right
		company string
		kind    hub.Kind
		may     bool
	}{
		{boss, SetPeople, "", "", true},
		{boss, See, "a", hub.Unreadable, true},
		{leaver, See, "a", hub.SalesInvoice, false},
		{accountant, See, "a", hub.PurchaseInvoice, true},
		{accountant, See, "d", hub.PurchaseInvoice, false},
		{accountant, See, "", "", false},
		{accountant, Mend, "b", hub.Journal, true},
		{accountant, Mend, "c", hub.Journal, false},
		{accountant, Post, "a", "", true},
		{accountant, SetUp, "a", "", false},
		{clerk, See, "a", hub.SalesInvoice, true},
		{clerk, Mend, "a", hub.SalesInvoice, true},
		{clerk, See, "a", hub.PurchaseInvoice, false},
		{clerk, See, "a", hub.Journal, false},
		{clerk, See, "a", hub.Unreadable, false},
		{clerk, See, "a", "", false},
		{clerk, Post, "a", hub.SalesInvoice, false}, // the map is of all kinds
		{clerk, See, "b", hub.SalesInvoice, false},
		{keeper, SetUp, "a", "", true},
		{keeper, SetUp, "b", "", false},
		{keeper, SetPeople, "", "", false},
		{seller, See, "z", hub.SalesInvoice, true},
		{seller, See, "z", hub.PurchaseInvoice, false},
		{User{Role: ByCompany}, See, "a", hub.SalesInvoice, false},
		{User{Role: ByCompany}, See, "", "", false},
	} {
		if got := c.who.Can(c.right, c.company, c.kind); got != c.may {
			t.Errorf("%s can %s in %q of %q: %v", c.who.ID, c.right, c.company, c.kind, got)
		}
	}
	for _, c := range []struct {
		who   User
		right Right
		may   bool
	}{{accountant, See, true}, {accountant, SetUp, false}, {clerk, Post, false}, {keeper, SetPeople, true}, {leaver, See, false}, {User{Role: ByCompany}, See, false}} {
		if got := c.who.CanSomewhere(c.right); got != c.may {
			t.Errorf("%s can %s somewhere: %v", c.who.ID, c.right, got)
		}
	}
	if !clerk.Reach(See).HasSome("a") || clerk.Reach(See).HasSome("b") || !boss.Reach(See).Everything() || seller.Reach(See).Everything() {
		t.Error("the reach itself says otherwise")
	}
}

// Nobody gives, or takes, rights beyond their own, by whatever change; and nobody
// sees people of other companies only.
func TestMayChange(t *testing.T) {
	in := func(companies ...string) User {
		u := User{ID: "x", Login: "x", Role: ByCompany, Companies: map[string]Role{}}
		for _, c := range companies {
			u.Companies[c[:1]] = map[byte]Role{'v': Viewer, 'f': Finance, 'a': Admin}[c[1]]
		}
		return u
	}
	all := User{ID: "x", Login: "x", Role: Viewer}
	for name, c := range map[string]struct {
		who       User
		was, will User
		may       bool
	}{
		"a new administrator":                   {boss, User{}, User{Role: Admin}, true},
		"a new one in all companies":            {keeper, User{}, User{Role: Viewer}, false},
		"a new one in the own company":          {keeper, User{}, in("aa"), true},
		"a new one in another":                  {keeper, User{}, in("bv"), false},
		"a new one in both":                     {keeper, User{}, in("af", "bv"), false},
		"a higher role in the own":              {keeper, in("av"), in("aa"), true},
		"the own company taken away":            {keeper, in("aa", "cf"), in("cf"), true},
		"the own company added":                 {keeper, in("cf"), in("af", "cf"), true},
		"another company added":                 {keeper, in("av"), in("av", "cv"), false},
		"another company taken away":            {keeper, in("av", "cv"), in("av"), false},
		"another role in another":               {keeper, in("av", "cv"), in("av", "ca"), false},
		"where one is no administrator":         {keeper, in("av", "bv"), in("av", "bf"), false},
		"one company to all":                    {keeper, in("av"), all, false},
		"all companies to one":                  {keeper, all, in("av"), false},
		"the own role to all":                   {keeper, keeper, func() User { u := keeper; u.Role, u.Companies = Admin, nil; return u }(), false},
		"the own role in another":               {keeper, keeper, User{ID: "keeper", Role: ByCompany, Companies: map[string]Role{"a": Admin, "b": Admin}}, false},
		"keeping out who is wholly in the own":  {keeper, in("av"), func() User { u := in("av"); u.Disabled = true; return u }(), true},
		"keeping out who is elsewhere too":      {keeper, in("av", "cv"), func() User { u := in("av", "cv"); u.Disabled = true; return u }(), false},
		"kinds of who is elsewhere too":         {keeper, in("av", "cv"), func() User { u := in("av", "cv"); u.Kinds = []hub.Kind{hub.Journal}; return u }(), false},
		"the name of who is elsewhere too":      {keeper, in("av", "cv"), func() User { u := in("av", "cv"); u.Name = "y"; return u }(), false},
		"finance gives nothing":                 {accountant, in("av"), in("af"), false},
		"the own language":                      {clerk, clerk, func() User { u := clerk; u.Language = "sv"; return u }(), true},
		"the own language and more":             {clerk, clerk, func() User { u := clerk; u.Language, u.Kinds = "sv", nil; return u }(), false},
		"the language of another":               {clerk, in("av"), func() User { u := in("av"); u.Language = "sv"; return u }(), false},
		"who may not sign in changes nobody":    {leaver, in("av"), in("af"), false},
		"nobody changes the empty into a ruler": {User{}, User{}, User{Role: Admin}, false},
	} {
		if got := c.who.MayChange(c.was, c.will); got != c.may {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, c := range map[string]struct {
		who, whom User
		sees, in  bool
	}{
		"everybody":                {boss, in("av", "cv"), true, true},
		"of the own company":       {keeper, in("aa"), true, true},
		"of the own and others":    {keeper, in("aa", "cv"), true, false},
		"of others":                {keeper, in("ca"), false, false},
		"where one only looks":     {keeper, in("bv"), false, false},
		"of all companies":         {keeper, all, true, false},
		"finance sees no people":   {accountant, in("av"), false, false},
		"of all, who is finance":   {accountant, all, false, false},
		"the disabled see nobody":  {leaver, in("av"), false, false},
		"who has a role in no one": {keeper, in(), false, false},
	} {
		if got := c.who.SeesPerson(c.whom); got != c.sees {
			t.Errorf("%s: sees %v", name, got)
		}
		if got := c.who.MayLetIn(c.whom); got != c.in {
			t.Errorf("%s: lets in %v", name, got)
		}
	}
}

func TestCheckRights(t *testing.T) {
	for name, c := range map[string]struct {
		u    User
		want error
	}{
		"an accountant":       {accountant, nil},
		"a clerk":             {clerk, nil},
		"in no company":       {User{Role: ByCompany}, ErrNoCompany},
		"admin of some kinds": {User{Role: ByCompany, Companies: map[string]Role{"a": Admin}, Kinds: []hub.Kind{hub.Journal}}, ErrKindsAdmin},
	} {
		c.u.Login = "x"
		if err := c.u.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, u := range map[string]User{
		"both ways":        {Role: Viewer, Companies: map[string]Role{"a": Viewer}},
		"nested":           {Role: ByCompany, Companies: map[string]Role{"a": ByCompany}},
		"an unknown role":  {Role: ByCompany, Companies: map[string]Role{"a": "boss"}},
		"an unknown kind":  {Role: Viewer, Kinds: []hub.Kind{"letters"}},
		"unreadable":       {Role: Viewer, Kinds: []hub.Kind{hub.Unreadable}},
		"one twice":        {Role: Viewer, Kinds: []hub.Kind{hub.Journal, hub.Journal}},
		"no kinds at all":  {Role: Viewer, Kinds: []hub.Kind{}},
		"too many of them": {Role: ByCompany, Companies: manyCompanies()},
	} {
		u.Login = "x"
		if u.Check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if k := Kinds(); !slices.Contains(k, hub.Journal) || !slices.Contains(k, hub.SalesInvoice) || slices.Contains(k, hub.Unreadable) {
		t.Errorf("kinds %v", k)
	}
}

func manyCompanies() map[string]Role {
	m := map[string]Role{}
	for i := range MaxCompanies + 1 {
		m[string(rune('a'+i))] = Viewer
	}
	return m
}

// The amounts of payroll: no role sees them, only whom it was given by name, and only
// where they see documents of payroll; an administrator gives it, and nobody else.
func TestPayrollRight(t *testing.T) {
	with := func(u User) User { u.Payroll = true; return u }
	payroll := User{ID: "payroll", Role: Viewer, Kinds: []hub.Kind{hub.PayrollJournal}, Payroll: true}
	for _, c := range []struct {
		who     User
		company string
		sees    bool
	}{
		{boss, "a", false}, {with(boss), "a", true}, {with(leaver), "a", false},
		{accountant, "a", false}, {with(accountant), "a", true}, {with(accountant), "d", false},
		{with(clerk), "a", false}, // sales invoices only
		{payroll, "z", true},
		{User{Role: ByCompany, Payroll: true}, "a", false},
		{User{Role: Approver, Payroll: true}, "a", false}, // sees no documents at all
	} {
		if got := c.who.SeesPayroll(c.company); got != c.sees {
			t.Errorf("%s with %v sees payroll of %s: %v", c.who.ID, c.who.Payroll, c.company, got)
		}
		private := &hub.Transfer{Company: c.company, DocKind: hub.PayrollJournal}
		if got := c.who.SeesInside(private); got != c.sees {
			t.Errorf("%s looks into payroll of %s: %v", c.who.ID, c.company, got)
		}
		ours := &hub.Transfer{Company: c.company, DocKind: hub.Journal, Covers: hub.PayrollJournal}
		if got := c.who.SeesInside(ours); got != c.sees {
			t.Errorf("%s looks into a journal of payroll of %s: %v", c.who.ID, c.company, got)
		}
		if !c.who.SeesInside(&hub.Transfer{Company: c.company, DocKind: hub.Journal}) {
			t.Errorf("%s: a journal of invoices is private", c.who.ID)
		}
	}
	somebody := User{ID: "x", Login: "x", Role: ByCompany, Companies: map[string]Role{"a": Viewer}}
	elsewhere := User{ID: "x", Login: "x", Role: ByCompany, Companies: map[string]Role{"a": Viewer, "c": Viewer}}
	for name, c := range map[string]struct {
		who       User
		was, will User
		may       bool
	}{
		"an administrator gives it":          {boss, somebody, with(somebody), true},
		"and takes it":                       {boss, with(somebody), somebody, true},
		"an administrator of their company":  {keeper, somebody, with(somebody), true},
		"not of one who works elsewhere too": {keeper, elsewhere, with(elsewhere), false},
		"finance gives nothing":              {accountant, somebody, with(somebody), false},
		"nobody gives it to themselves":      {clerk, clerk, with(clerk), false},
	} {
		if got := c.who.MayChange(c.was, c.will); got != c.may {
			t.Errorf("%s: %v", name, got)
		}
	}
	if somebody.SameReach(with(somebody)) || somebody.Equal(with(somebody)) {
		t.Error("a change of the right is none")
	}
	for _, c := range []struct {
		may  TokenRights
		sees bool
	}{
		{AllRights, false},
		{TokenRights{Reads: true, Payroll: true}, true},
		{TokenRights{Writes: true, Payroll: true}, false},
		{TokenRights{Reads: true, Payroll: true, Kinds: []hub.Kind{hub.SalesInvoice}}, false},
		{TokenRights{Reads: true, Kinds: []hub.Kind{hub.PayrollJournal}}, false},
	} {
		if got := c.may.SeesInside(&hub.Transfer{Company: "a", DocKind: hub.PayrollJournal}); got != c.sees {
			t.Errorf("a token with %+v sees payroll: %v", c.may, got)
		}
	}
}
