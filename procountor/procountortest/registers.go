package procountortest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Company, session, users, chart of accounts, VAT, fiscal years, currencies.

func sessionInfo(c *call) (any, error) {
	co := c.co.set().Company
	return SessionInfo{
		CompanyID: &c.co.id, Name: co.Name, Country: co.Country, ProductVersion: co.ProductVersion,
		UserID: &c.user.ID, UserName: c.user.Username, CompanySettings: &CompanySettings{InvoiceDiscussionEnabled: ptr(true)},
	}, nil
}

func getStatus(c *call) (any, error) {
	return Status{Name: "Procountor sandbox", Version: Version, Status: "OK", ProcountorVersion: "none: this is a sandbox"}, nil
}

func currentUser(c *call) (any, error) { return c.user.User, nil }

func currentRights(c *call) (any, error) {
	return UserPrivileges{Role: c.user.Role, Rights: &c.user.Rights}, nil
}

func userProfile(c *call) (any, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	u := c.co.users.get(id)
	if u == nil {
		return nil, notFound()
	}
	return map[string]string{"firstname": u.FirstName, "surname": u.LastName}, nil
}

func getCompany(c *call) (any, error) { return c.co.set().Company, nil }

// putCompany replaces what is not read-only; the answer is a message (REFERENCE 2.6).
func putCompany(c *call, in *Company) (any, error) {
	if b := in.BusinessIdentifier; b != nil && b.BrnType == "YHD" && !validBusinessID(b.Code) {
		return nil, badRequest("businessIdentifier.code", codeBusinessID)
	}
	c.co.change(func(s *settings) {
		old := s.Company
		in.ID, in.Country, in.ProductVersion, in.OperationType = old.ID, old.Country, old.ProductVersion, old.OperationType
		in.AccountingOfficeName, in.AccountingOfficeID = old.AccountingOfficeName, old.AccountingOfficeID
		in.AccountingCoaLanguages = old.AccountingCoaLanguages
		in.CompanyCurrency = old.CompanyCurrency // the books are kept in it
		s.Company = *in
	})
	return info("Company saved"), nil
}

func usageSettings(c *call) (any, error) { return c.co.set().Usage, nil }

func invoiceTemplates(c *call) (any, error) {
	// The description has one object where a list is meant: the first is answered.
	ts := c.co.set().Templates
	if len(ts) == 0 {
		return InvoiceTemplate{}, nil
	}
	return ts[0], nil
}

func circulationSettings(c *call) (any, error) { return c.co.set().Circulation, nil }
func einvoiceAddresses(c *call) (any, error)   { return c.co.set().EInvoice, nil }

func deliveryTerms(c *call) (any, error) {
	return map[string]any{"deliveryTerms": orEmpty(c.co.set().DeliveryTerms)}, nil
}

func verifierLists(c *call) (any, error) { return []VerifierListBasic{}, nil }
func noVerifierList(c *call) (any, error) {
	return nil, notFound()
}

func collectionSettings(c *call) (any, error) {
	return CollectionsAndPenalExpenses{UseAutomaticHandling: ptr(false)}, nil
}

func chartOfAccounts(c *call) (any, error) {
	return map[string]any{"ledgerAccounts": shuffled(c, orEmpty(c.co.set().Accounts))}, nil
}

func vatSettings(c *call) (any, error) { return c.co.set().VATSettings, nil }

func vatDefault(c *call) (any, error) {
	v := c.co.set().VAT
	c.assume(assumeDomesticBuying, assumeInventedVAT)
	return VatInformation{orEmpty(v.VATInformation), shuffled(c, orEmpty(v.VATStatuses))}, nil
}

// countryCodes are the countries that the sandbox has companies in.
var countryCodes = map[string]string{"FI": "FINLAND", "SE": "SWEDEN"}

func vatCountry(c *call) (any, error) {
	name, ok := countryCodes[c.r.URL.Query().Get("countryCode")]
	if !ok {
		c.assume(assumeQuery)
		return nil, badRequest("countryCode", invalid("countryCode", short(c.r.URL.Query().Get("countryCode"))))
	}
	list := []Number{}
	for _, v := range c.co.set().VAT.VATInformation {
		if v.Country == name {
			for _, p := range v.Percentages {
				list = append(list, deref(p.VATPercent))
			}
		}
	}
	return map[string]any{"vatPercentages": list}, nil
}

func fiscalYears(c *call) (any, error) {
	years := []*FiscalYear{}
	for _, y := range c.co.years.all() {
		years = append(years, y)
	}
	return map[string]any{"fiscalYears": years}, nil
}

// putTrackingPeriod: only OPEN to PENDING can be set through the API (REFERENCE 3.10).
func putTrackingPeriod(c *call, in *TrackingPeriod) (any, error) {
	yid, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	pid, err := c.pathID(1)
	if err != nil {
		return nil, err
	}
	y := c.co.years.get(yid)
	if y == nil {
		return nil, notFound()
	}
	i := slices.IndexFunc(y.TrackingPeriods, func(p TrackingPeriod) bool { return p.ID == pid })
	if i < 0 {
		return nil, notFound()
	}
	if y.TrackingPeriods[i].Status != "OPEN" || in.Status != "PENDING" {
		return nil, newProblem(http.StatusConflict, "status", invalid("status", in.Status))
	}
	c.co.setPeriod(yid, i, "PENDING", stamp(c.now))
	return info("Tracking period saved"), nil
}

func (co *company) setPeriod(year int64, i int, status, at string) {
	y := *co.years.get(year)
	y.TrackingPeriods = slices.Clone(y.TrackingPeriods)
	y.TrackingPeriods[i].Status, y.TrackingPeriods[i].Modified = status, at
	y.Modified = at
	co.years.put(year, &y)
}

func getCurrencies(c *call) (any, error) {
	list := []string{c.co.domestic()}
	for code := range c.co.set().Rates {
		list = append(list, code)
	}
	slices.Sort(list)
	return map[string]any{"currencies": shuffled(c, list)}, nil
}

func companyCurrency(c *call) (any, error) {
	return map[string]string{"companyCurrency": c.co.domestic()}, nil
}

// Rates are the same on every day.
func latestRates(c *call) (any, error) {
	q := c.query()
	if n, ok := q.id("rateType"); ok && (n < 1 || n > 6) {
		q.fault("rateType", invalid("rateType", fmt.Sprint(n)))
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	out := CurrencyGroupRates{BaseCurrency: c.co.domestic(), CurrencyDate: day(c.now), Rates: []CurrencyRate{}}
	for code, r := range c.co.set().Rates {
		out.Rates = append(out.Rates, CurrencyRate{&r, code})
	}
	slices.SortFunc(out.Rates, func(a, b CurrencyRate) int { return strings.Compare(a.CurrencyCode, b.CurrencyCode) })
	return out, nil
}

func exchangeRate(c *call) (any, error) {
	q := c.query()
	for _, name := range [...]string{"baseCurrency", "currency", "day", "rateType"} {
		if !q.has(name) {
			q.fault(name, codeEmpty)
		}
	}
	on := q.date("day")
	if err := q.err(); err != nil {
		return nil, err
	}
	r, ok := c.co.set().Rates[q.text("currency")]
	if !ok || q.text("baseCurrency") != c.co.domestic() {
		return nil, notFound()
	}
	return CurrencyExchangeRate{QueryDay: on, Currency: q.text("currency"), Day: on, Rate: &r}, nil
}

// Bank accounts.

func getBankAccount(c *call) (any, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	a := c.co.accounts.get(id)
	if a == nil {
		return nil, notFound()
	}
	return a, nil
}

func searchBankAccounts(c *call) (any, error) {
	q := c.query()
	p := q.pager(true, "orderByOrderNo")
	if err := q.err(); err != nil {
		return nil, err
	}
	if p.after && len(p.keys) > 0 && c.co.accounts.get(p.previous) == nil {
		return nil, notFound() // REFERENCE 2.3
	}
	var rows []*CompanyBankAccount
	for _, a := range c.co.accounts.all() {
		rows = append(rows, a)
	}
	return pageOf(p, rows, func(a *CompanyBankAccount) int64 { return a.ID },
		func(a *CompanyBankAccount, _ string) string { return fmt.Sprintf("%06d", deref(a.OrderNo)) },
		func(a *CompanyBankAccount) *CompanyBankAccount { return a }), nil
}

func (c *call) checkBankAccount(f *faults, a *CompanyBankAccount) {
	if !validIBAN(a.IBAN) {
		f.add("iban", invalid("iban", short(a.IBAN)), assumeFieldCodes)
	}
	if !c.co.accountCodes[a.LedgerAccount] {
		f.add("ledgerAccount", invalid("ledgerAccount", short(a.LedgerAccount)), assumeFieldCodes)
	}
}

func postBankAccount(c *call, in *CompanyBankAccount) (any, error) {
	f := &faults{call: c}
	c.checkBankAccount(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	for _, a := range c.co.accounts.all() {
		if a.IBAN == in.IBAN {
			c.assume(assumeRegisters)
			return nil, newProblem(http.StatusConflict, "iban", invalid("iban", in.IBAN))
		}
	}
	in.ID, in.Created, in.Version = c.co.nextID(), stamp(c.now), stamp(c.now)
	in.AccountNumber = bban(in.IBAN)
	c.co.keepCounters()
	c.co.accounts.put(in.ID, in)
	return in, nil
}

func putBankAccount(c *call, in *CompanyBankAccount) (any, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	old := c.co.accounts.get(id)
	if old == nil {
		return nil, notFound()
	}
	if err := c.sameVersion(in.Version, old.Version); err != nil {
		return nil, err
	}
	f := &faults{call: c}
	c.checkBankAccount(f, in)
	if in.IBAN != old.IBAN {
		f.add("iban", invalid("iban", in.IBAN), assumeFieldCodes)
	}
	if in.Currency != old.Currency {
		f.add("currency", invalid("currency", in.Currency), assumeFieldCodes)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	in.ID, in.Created, in.AccountNumber, in.Version = old.ID, old.Created, old.AccountNumber, stamp(c.now)
	if in.Status == "INACTIVE" { // REFERENCE 3.12: clears all flags
		in.DefaultForInvoice, in.DefaultForPayment, in.ShowAccountOnInvoice = false, false, false
		in.AllowPayments, in.AllowForeignPayments = false, false
		in.AllowSalaryPayments, in.AllowExpressPayments = ptr(false), ptr(false)
	}
	c.co.accounts.put(id, in)
	return in, nil
}

// bban is the national form, without country and check digits.
func bban(iban string) string {
	if len(iban) < 5 {
		return ""
	}
	return iban[4:]
}
