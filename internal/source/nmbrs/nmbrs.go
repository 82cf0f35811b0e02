// Package nmbrs reads the journals of payroll runs from Visma Nmbrs by its SOAP interface
// v3, with the cost centres and cost units that they name. One connection reads one company
// of an Nmbrs. It calls what is documented and nothing else; see docs/sources/nmbrs.md.
package nmbrs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// What the options may say.
const (
	netherlands = "netherlands"
	sweden      = "sweden"
	sandbox     = "sandbox"

	byCompany    = "company"
	byCostCentre = "cost_centre"
	byCostUnit   = "cost_unit"
	byEmployee   = "employee"

	months = "months"
	weeks  = "weeks"

	unknown = "unknown"
	yes     = "yes"
	no      = "no"
)

// hosts are the addresses of the services (sources of docs/sources/nmbrs.md).
var hosts = map[string]string{
	netherlands: "https://api.nmbrs.nl/soap/v3/",
	sweden:      "https://api.nmbrs.se/soap/v3/",
	sandbox:     "https://api-sandbox.nmbrs.nl/soap/v3/",
}

// Operations that are called.
const (
	domainCall    = "Environment_Get"
	listCall      = "List_GetAll"
	byDebtorCall  = "List_GetByDebtor"
	runsCall      = "Run_GetList"
	centresCall   = "CostCenter_GetList"
	unitsCall     = "CostUnit_GetList"
	journalsCalls = "Journals_GetByRun"
)

// journalCall says by which operation the journal of a run is asked for. All of them take
// the year of the run; their plain variants would take the one that the company is in.
var journalCall = map[string]string{
	byCompany:    journalsCalls + "Company_v2",
	byCostCentre: journalsCalls + "CostCenter_v2",
	byCostUnit:   journalsCalls + "CostCenterCostUnitPerYear",
	byEmployee:   journalsCalls + "Employee_v2",
}

// Kind is the connector of Nmbrs.
func Kind() source.Kind {
	k := source.Kind{
		Name: "nmbrs", Title: "Visma Nmbrs",
		Help:    "Reads the journals of locked payroll runs of one company from Nmbrs' SOAP interface, with cost centres and cost units.",
		Every:   time.Hour,
		Retires: retires,
		Options: []source.Option{
			{Name: "environment", Default: netherlands, Choices: []string{netherlands, sweden, sandbox}, Help: "Which Nmbrs it is. The address of its interface follows from it."},
			{Name: "user", Required: true, Help: "User name of the API user in Nmbrs, usually an e-mail address. Make a user of its own for Vienti."},
			{Name: "token", Required: true, Secret: true, Help: "API token of that user, from the user's profile in Nmbrs, API token."},
			{Name: "domain", Help: "Domain of the account, the first part of the address in the browser. Empty: Nmbrs is asked."},
			{Name: "debtor", Live: true, Help: "Debtor (client) that the company belongs to, by id. Empty: companies of all debtors that the user sees."},
			{Name: "company", Live: true, Own: true, Help: "Company whose runs are read, by id, number or name. It is needed when the user sees several."},
			{Name: "test_company", Own: true, Default: unknown, Choices: []string{unknown, no, yes}, Help: "Whether the company is a test company in Nmbrs, which the interface does not tell. Nothing is written before a person has said no."},
			{Name: "excluded", Lines: true, Help: "Companies that are never read, by id, number or name, a line each."},
			{Name: "detail", Default: byCostUnit, Choices: []string{byCostUnit, byCostCentre, byCompany, byEmployee}, Help: "What the rows of a journal are told apart by. By employee only if the settings ask for it too: it is more than the books need."},
			{Name: "periods", Default: months, Choices: []string{months, weeks}, Help: "What the periods of the company are: months, or weeks or four weeks, whose journals go by their day."},
			{Name: "from_year", Help: "First year whose runs are read. Empty: the year of the first day of payroll journals, else this year."},
			{Name: "currency", Help: "Currency of the journals, which Nmbrs does not say. Empty: SEK in Sweden, EUR elsewhere."},
		},
	}
	k.Calls = func(c source.Config) []string { return calls(k.Value(c, "detail")) }
	open := func(env source.Env, c source.Config) (*Driver, error) {
		if err := k.Check(c); err != nil {
			return nil, fmt.Errorf("%w: %w", source.ErrOptions, err)
		}
		option := map[string]string{}
		for _, o := range k.Options {
			if !o.Secret {
				option[o.Name] = strings.TrimSpace(k.Value(c, o.Name))
			}
		}
		return newDriver(env, c.Secrets["token"].Reveal(), option)
	}
	k.Open = func(env source.Env, c source.Config) (source.Driver, error) {
		d, err := open(env, c)
		if err != nil {
			return nil, err // not a driver that is nil and looks like one
		}
		return d, nil
	}
	k.Choices = func(ctx context.Context, env source.Env, c source.Config) (map[string][]source.Choice, error) {
		d, err := open(env, c)
		if err != nil {
			return nil, err
		}
		return d.choices(ctx)
	}
	return k
}

// calls are the operations that a user's template must allow.
func calls(detail string) []string {
	return []string{debtorService + ":" + domainCall, debtorService + ":" + listCall, companyService + ":" + listCall, companyService + ":" + byDebtorCall, companyService + ":" + runsCall,
		companyService + ":" + journalCall[detail], companyService + ":" + centresCall, companyService + ":" + unitsCall}
}

// A Driver reads one company of an Nmbrs. It lives for one run of pulls.
type Driver struct {
	client   *client
	option   map[string]string
	excluded []string
	from     int // year
	currency money.Currency
	own      *company  // once it was found
	run      *snapshot // what a run has found and not yet shown
}

// firstYear is before every run that Nmbrs can have: a year that is mistyped is not asked for
// year by year.
const firstYear = 2000

func newDriver(env source.Env, token string, option map[string]string) (*Driver, error) {
	d := &Driver{client: &client{env: env, base: hosts[option["environment"]], user: option["user"], token: token, domain: option["domain"]}, option: option}
	for line := range strings.Lines(option["excluded"]) {
		if line = strings.TrimSpace(line); line != "" {
			d.excluded = append(d.excluded, line)
		}
	}
	now := civil.DayOf(env.Now(), time.UTC).Year
	d.from = now
	if first := env.Kinds[hub.PayrollJournal].FirstDay; !first.IsZero() {
		d.from = first.Year
	}
	if y := option["from_year"]; y != "" {
		n, err := strconv.Atoi(y)
		if err != nil || n < firstYear || n > now+1 {
			return nil, fmt.Errorf("%w: option from_year is a year from %d to %d", source.ErrOptions, firstYear, now+1)
		}
		d.from = n
	}
	d.from = max(d.from, firstYear)
	d.currency = money.Currency(strings.ToUpper(option["currency"]))
	switch {
	case d.currency != "":
		if len(d.currency) != 3 {
			return nil, fmt.Errorf("%w: option currency is a code of three letters, such as SEK", source.ErrOptions)
		}
	case option["environment"] == sweden:
		d.currency = "SEK"
	default:
		d.currency = "EUR"
	}
	if option["detail"] == byEmployee && !env.Payroll.ByEmployee {
		return nil, fmt.Errorf("%w: option detail asks for rows by employee, and the settings of the connection do not: switch \"rows by employee\" on there, or choose another detail", source.ErrOptions)
	}
	return d, nil
}

// A company of Nmbrs.
type company struct {
	ID     int    `xml:"ID"`
	Number int    `xml:"Number"`
	Name   string `xml:"Name"`
}

// is reports whether a person means the company by a text.
func (c *company) is(text string) bool {
	return text == strconv.Itoa(c.ID) || text == strconv.Itoa(c.Number) || strings.EqualFold(strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(c.Name), " "))
}

func (c *company) String() string { return fmt.Sprintf("%s (%d)", strings.TrimSpace(c.Name), c.Number) }

// companies lists those that the user sees, of the chosen debtor if one is chosen.
func (d *Driver) companies(ctx context.Context) ([]company, error) {
	var found struct {
		Companies []company `xml:"Company"`
	}
	if debtor := d.option["debtor"]; debtor != "" {
		if _, err := strconv.Atoi(debtor); err != nil {
			return nil, fmt.Errorf("%w: option debtor is the id of a debtor, a number", source.ErrOptions)
		}
		err := d.client.call(ctx, companyService, byDebtorCall, []param{{"DebtorId", debtor}}, &found)
		return found.Companies, err
	}
	err := d.client.call(ctx, companyService, listCall, nil, &found)
	return found.Companies, err
}

// bars says why a company must not be read, nil when it may.
func (d *Driver) bars(c *company) error {
	if slices.ContainsFunc(d.excluded, c.is) {
		return &source.BarredError{Why: source.Excluded, Company: c.String()}
	}
	if d.option["test_company"] == yes {
		return &source.BarredError{Why: source.TestCompany, Company: c.String()}
	}
	if d.option["test_company"] != no && d.client.env.Writing {
		return &source.BarredError{Why: source.Unsure, Company: c.String()}
	}
	return nil
}

// company is the one that is read.
func (d *Driver) company(ctx context.Context) (*company, error) {
	if d.own != nil {
		return d.own, nil
	}
	list, err := d.companies(ctx)
	if err != nil {
		return nil, err
	}
	means := d.option["company"]
	var ids, others []company
	for _, c := range list {
		switch {
		case means == "" && d.bars(&c) == nil, means != "" && c.is(means):
			ids = append(ids, c)
		default:
			others = append(others, c)
		}
	}
	// An id is nobody's number: it goes first.
	if i := slices.IndexFunc(ids, func(c company) bool { return means == strconv.Itoa(c.ID) }); i >= 0 {
		ids = ids[i : i+1]
	}
	switch {
	case len(ids) == 1:
		if err := d.bars(&ids[0]); err != nil {
			return nil, err
		}
		d.own = &ids[0]
		return d.own, nil
	case len(ids) > 1:
		return nil, fmt.Errorf("%w: the user sees %d companies that may be meant (%s): choose one by its id in the option company", source.ErrOptions, len(ids), named(ids))
	case means == "" && len(others) > 0:
		return nil, d.bars(&others[0])
	case len(list) == 0:
		return nil, fmt.Errorf("%w: the API user sees no company: give it the right to one in Nmbrs", source.ErrDenied)
	}
	return nil, &source.BarredError{Why: source.NotListed, Company: means, Said: fmt.Errorf("the user sees %s", named(others))}
}

// maxNamed is how many companies a sentence names.
const maxNamed = 10

func named(list []company) string {
	var names []string
	for i := range list {
		if i == maxNamed {
			names = append(names, "…")
			break
		}
		names = append(names, list[i].String())
	}
	return strings.Join(names, ", ")
}

// ours turns what Nmbrs says of a company without data into what it means for us.
func (d *Driver) ours(c *company, err error) error {
	r, ok := errors.AsType[*refusal](err)
	if !ok || !errors.Is(err, errNoData) {
		return err
	}
	return &source.BarredError{Why: source.NoData, Company: c.String(), Said: r}
}

// choices are debtors and companies; what is excluded is not offered.
func (d *Driver) choices(ctx context.Context) (map[string][]source.Choice, error) {
	var debtors struct {
		Debtors []struct {
			ID     string `xml:"Id"`
			Number string `xml:"Number"`
			Name   string `xml:"Name"`
		} `xml:"Debtor"`
	}
	if err := d.client.call(ctx, debtorService, listCall, nil, &debtors); err != nil {
		return nil, err
	}
	list, err := d.companies(ctx)
	if err != nil {
		return nil, err
	}
	choices := map[string][]source.Choice{}
	for _, x := range debtors.Debtors {
		choices["debtor"] = append(choices["debtor"], source.Choice{Value: x.ID, Label: fmt.Sprintf("%s (%s)", strings.TrimSpace(x.Name), x.Number)})
	}
	for _, c := range list {
		if !slices.ContainsFunc(d.excluded, c.is) {
			choices["company"] = append(choices["company"], source.Choice{Value: strconv.Itoa(c.ID), Label: c.String()})
		}
	}
	for _, list := range choices {
		slices.SortStableFunc(list, func(a, b source.Choice) int { return strings.Compare(a.Label, b.Label) })
	}
	return choices, nil
}
