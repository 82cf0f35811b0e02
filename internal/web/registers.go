package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// A registersView is the page of a company's registers.
type registersView struct {
	page
	Place    place
	News     engine.News
	Held     []RegisterCount
	CanSetUp bool
	Look     registerLook
}

// maxShownChanges is how many changes of one reading the page lists, and
// maxShownDocuments how many documents of one change.
const (
	maxShownChanges   = 50
	maxShownDocuments = 10
)

func (s *Server) registers(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.companyOf(r, v)
	if err != nil {
		return err
	}
	view := registersView{Place: p, CanSetUp: v.can(people.SetUp)}
	if view.News, err = s.o.Engine.News(r.Context(), p.ID); err != nil {
		return err
	}
	view.Held = RegisterCounts(v.say, view.News)
	what, text := r.URL.Query().Get("register"), strings.TrimSpace(r.URL.Query().Get("q"))
	if what != "" && !slices.Contains(listedRegisters, what) || len(text) > maxEntryQuery {
		return errBadRequest
	}
	view.Look = lookInto(view.News.Copy, what, text)
	if view.page, err = s.page(r, v, v.say.T("registers.title")+" · "+p.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, registersPage(view))
}

func (s *Server) companyOf(r *http.Request, v visit) (place, error) {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return place{}, err
	}
	p, ok := all.company(r.PathValue("id"))
	if !ok {
		return place{}, errNotFound
	}
	return p, nil
}

// readRegisters reads them now, because a person wants it.
func (s *Server) readRegisters(w http.ResponseWriter, r *http.Request, v visit) error {
	p, err := s.companyOf(r, v)
	if err != nil {
		return err
	}
	switch err := s.o.Engine.ReadNow(r.Context(), v.person.ID, p.ID); {
	case store.IsNotFound(err):
		return errNotFound
	case err != nil:
		s.o.Log.Warn("read registers", "company", p.Name, "err", err)
		s.say(r.Context(), false, v.say.T("registers.not-read", "reason", err.Error()))
	default:
		s.say(r.Context(), true, v.say.T("registers.was-read"))
	}
	return back(w, r, "/companies/"+url.PathEscape(p.ID)+"/registers")
}

// A RegisterCount says how much of one register is held.
type RegisterCount struct {
	Name           string
	Entries, InUse int
	Unknown        bool // never read
}

// RegisterCounts says how much of each register is held.
func RegisterCounts(say locale.Speaker, n engine.News) (list []RegisterCount) {
	c := n.Copy
	add := func(what string, known bool, entries int, used func(i int) bool) {
		row := RegisterCount{Name: say.T("register-many." + what), Entries: entries, Unknown: !known}
		for i := range entries {
			if used(i) {
				row.InUse++
			}
		}
		list = append(list, row)
	}
	var items []register.DimensionItem
	for _, d := range c.Dimensions {
		items = append(items, d.Items...)
	}
	var periods []register.TrackingPeriod
	for _, y := range c.FiscalYears {
		periods = append(periods, y.Periods...)
	}
	always := func(int) bool { return true }
	add("account", c.Accounts != nil, len(c.Accounts), func(i int) bool { return c.Accounts[i].Active })
	add("vat_status", c.VATStatuses != nil, len(c.VATStatuses), func(i int) bool { return c.VATStatuses[i].Sales || c.VATStatuses[i].Purchase })
	add("vat_percent", c.VATPercents != nil, len(c.VATPercents), func(i int) bool { return c.VATPercents[i].Sales || c.VATPercents[i].Purchase })
	add("dimension", c.Dimensions != nil, len(c.Dimensions), always)
	add("dimension_item", c.Dimensions != nil, len(items), func(i int) bool { return items[i].Active })
	add("product", c.Products != nil, len(c.Products), func(i int) bool { return c.Products[i].Active })
	add("travel_product", c.Travel != nil, len(c.Travel), func(i int) bool { return c.Travel[i].Active })
	add("bank_account", c.BankAccounts != nil, len(c.BankAccounts), func(i int) bool { return c.BankAccounts[i].Active })
	add("fiscal_year", c.FiscalYears != nil, len(c.FiscalYears), func(i int) bool { return c.FiscalYears[i].Open })
	add("tracking_period", c.FiscalYears != nil, len(periods), func(i int) bool { return periods[i].Status == register.PeriodOpen })
	for _, t := range []register.PartnerType{register.Customer, register.Supplier, register.Person} {
		add(string(t), !n.PartnersAt.IsZero(), n.Partners[t].All, func(i int) bool { return i < n.Partners[t].Active })
	}
	return list
}

// RegisterChangeWords says what became of a thing.
func RegisterChangeWords(say locale.Speaker, c register.Change) string {
	name, from, to := c.Name, c.From, c.To
	switch c.What {
	case register.OfAccount:
		name = strings.TrimSpace(c.Key + " " + c.Name)
	case register.OfVATStatus:
		name = c.Key + " – " + c.Name
		from, to = sideWords(say, from), sideWords(say, to)
	case register.OfCompany:
		if c.Key == "payment" {
			name, from, to = say.T("register-fact.payment"), payableWords(say, from), payableWords(say, to)
		}
	case register.OfVATPercent:
		from, to = sideWords(say, from), sideWords(say, to)
	case register.OfFiscalYear, register.OfPeriod:
		first, last, _ := strings.Cut(c.Name, " – ")
		name = say.Day(first) + " – " + say.Day(last)
	}
	if from == "" {
		from = "–"
	}
	if to == "" {
		to = "–"
	}
	return say.T("register-change."+string(c.How), "what", say.T("register-of."+string(c.What)), "name", name, "from", from, "to", to)
}

func sideWords(say locale.Speaker, sides string) string {
	return ruleSides(say, hub.AccountRule{Sales: strings.Contains(sides, "sales"), Purchases: strings.Contains(sides, "purchases")})
}

func payableWords(say locale.Speaker, when string) string {
	if register.Payable(when) == register.PaidApproved {
		return say.T("register-fact.payment-approved")
	}
	return say.T("register-fact.payment-unapproved")
}

// TouchedWords says which rule or setting names a thing.
func TouchedWords(say locale.Speaker, t posting.Touched) string {
	if t.Rule != nil {
		return say.T("rule.change", "rule", RuleFor(say, *t.Rule))
	}
	return settingName(say, t.Key)
}

// link is where a touched rule or setting is changed.
func (v registersView) link(t engine.TouchedSetting) string {
	if t.Rule != nil {
		m := mapped{Connection: t.Connection}
		return m.path("?" + url.Values{"q": {t.Rule.Account}}.Encode())
	}
	return "/connections/" + url.PathEscape(t.Connection.ID) + "/settings"
}

func clipTo[T any](list []T, n int) []T { return slices.Clip(list[:min(len(list), n)]) }
