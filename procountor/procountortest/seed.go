package procountortest

import (
	"fmt"
	"time"
)

// A CompanySeed is what a company begins with. Empty parts are filled with what
// a company of its country usually has.
type CompanySeed struct {
	Name       string
	Country    string // "FINLAND" (default) or "SWEDEN"
	BusinessID string
	Currency   string // by country

	Street, Zip, City string

	// FirstYear to LastYear are calendar years with months as tracking periods;
	// 2024 to 2027 when zero. Months up to and including ClosedUntil ("2024-12")
	// are closed; "" closes none.
	FirstYear, LastYear int
	ClosedUntil         string

	IBANs    []string // the company's own accounts; the first is the default
	Accounts []LedgerAccount
	VAT      []VATSeed
	Statuses []VATStatusSeed
	Partners []BusinessPartner
	Products []Product
	// Travel are travel products, with the days on which they hold; Persons who travels.
	Travel  []Product
	Persons []Person
	// Dimensions by name with their items' names.
	Dimensions []DimensionSeed
	// Circulation switches the checking of purchases, travel and expenses on.
	Circulation bool
	// PayOnlyApproved: purchase invoices are paid only once they are approved.
	PayOnlyApproved bool
	// FirstID is where ids begin; 10 000 when zero. Several companies begin at the
	// same id, because ids are unique inside a company only.
	FirstID int64
}

// A VATSeed is one VAT percentage and where it is in use.
type VATSeed struct {
	Percent         string
	Sales, Purchase bool
}

// A VATStatusSeed is one VAT status. The domestic one carries percentages.
type VATStatusSeed struct {
	Number          int64
	Description     string
	Sales, Purchase bool
	Domestic        bool
}

// A DimensionSeed is a dimension with its items.
type DimensionSeed struct {
	Name  string
	Items []string
}

// Credentials open one company.
type Credentials struct {
	CompanyID    int64  `json:"companyId"`
	UserID       int64  `json:"userId"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	APIKey       string `json:"apiKey"`
}

// The client and the key of the demo company.
const (
	DemoClientID     = "SandboxClient"
	DemoClientSecret = "sandbox-secret-not-for-production"
	DemoAPIKey       = "sandbox-demo-key"
	DemoCompanyID    = 1001
)

// Demo returns what opens the demo company.
func (s *Server) Demo() Credentials {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k := s.keys[DemoAPIKey]
	if k == nil {
		panic("procountortest: there is no demo company")
	}
	return Credentials{CompanyID: k.CompanyID, UserID: k.UserID, ClientID: k.ClientID, ClientSecret: s.clients[k.ClientID].Secret, APIKey: k.Key}
}

func (s *Server) seedDemo() {
	s.AddClient(DemoClientID, DemoClientSecret)
	id := s.addCompany(DemoCompanyID, FinnishDemo())
	user := s.AddUser(id, "integration", "Inka", "Integraatio", AllRights())
	s.AddAPIKey(id, user, DemoClientID, DemoAPIKey)
}

// AddClient registers an API client, or gives it a new secret.
func (s *Server) AddClient(id, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[id] = &client{ID: id, Secret: secret}
	s.logRoot("client", len(s.clients), s.clients[id])
}

// AddCompany makes a company and returns its id.
func (s *Server) AddCompany(seed CompanySeed) int64 {
	s.mu.RLock()
	id := int64(DemoCompanyID)
	for other := range s.companies {
		id = max(id, other+1)
	}
	s.mu.RUnlock()
	return s.addCompany(id, seed)
}

// AddUser makes a user of a company and returns its id.
func (s *Server) AddUser(company int64, username, first, last string, rights UserPermissions) int64 {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	id := co.nextID()
	co.keepCounters()
	co.users.put(id, &user{
		User: User{ID: id, Username: username, CompanyID: &co.id, CountryCode: co.country(), LoginMethod: "PROCOUNTOR_KEY",
			FirstName: first, LastName: last, Email: username + "@example.invalid", MobilePhone: "+358000000000"},
		Rights: rights, Role: "API technical user",
	})
	s.mustKeep(co)
	return id
}

// AddAPIKey binds a key to user, company and client; "" makes one. It returns
// the key.
func (s *Server) AddAPIKey(company, userID int64, clientID, key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key == "" {
		key = fmt.Sprintf("sandbox-key-%d-%d-%d", company, userID, len(s.keys)+1)
	}
	s.keys[key] = &apiKey{Key: key, ClientID: clientID, CompanyID: company, UserID: userID}
	s.logRoot("key", len(s.keys), s.keys[key])
	return key
}

// RevokeAPIKey ends a key and its tokens, as its user can do in Procountor.
func (s *Server) RevokeAPIKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[key]; k != nil {
		k.Revoked = true
		s.logRoot("key", len(s.keys), k)
	}
}

// SetRights gives a user other rights.
func (s *Server) SetRights(company, userID int64, rights UserPermissions) {
	co := s.mustCompany(company)
	co.mu.Lock()
	defer co.mu.Unlock()
	u := co.users.get(userID)
	if u == nil {
		panic(fmt.Sprintf("procountortest: company %d has no user %d", company, userID))
	}
	next := *u
	next.Rights = rights
	co.users.put(userID, &next)
	s.mustKeep(co)
}

func (s *Server) addCompany(id int64, seed CompanySeed) int64 {
	seed = seed.filled()
	co := newCompany(s, id)
	now := stamp(s.now())
	first := seed.FirstID
	if first == 0 {
		first = 10_000
	}
	co.counters.put(1, &counters{ID: first, Number: map[string]int64{}})
	set := &settings{}
	set.Company = Company{ID: id, Name: seed.Name, Country: seed.Country, ProductVersion: "FINANCIALS_PREMIUM", OperationType: "DEMONSTRATION",
		CompanyAddress:     &CompanyAddress{Street: seed.Street, Zip: seed.Zip, City: seed.City, Country: seed.Country},
		BillingAddress:     &CompanyBillingAddress{Street: seed.Street, Zip: seed.Zip, City: seed.City, Country: seed.Country},
		BusinessIdentifier: &BusinessIdentifier{BrnType: brnTypes[seed.Country], Code: seed.BusinessID},
		InTradeRegister:    ptr(true), Mva: ptr(false), AccountingCoaLanguages: []string{"fi"}, CompanyCurrency: seed.Currency,
		CurrencyRateSearchDensity: "DAILY_EXCHANGE_RATE"}
	country := VatCountryInfo{Country: seed.Country}
	for _, v := range seed.VAT {
		country.Percentages = append(country.Percentages, VatInfo{ptr(Num(v.Percent)), ptr(v.Sales), ptr(v.Purchase)})
	}
	set.VAT.VATInformation = []VatCountryInfo{country}
	for _, st := range seed.Statuses {
		set.VAT.VATStatuses = append(set.VAT.VATStatuses, VatStatusInfo{ptr(st.Number), st.Description, ptr(st.Sales), ptr(st.Purchase)})
		if st.Domestic {
			set.Domestic = st.Number
		}
	}
	set.VATSettings = VatSettings{ptr(false), ptr(true)} // REFERENCE 4: net for sales, gross for purchases
	set.Accounts = seed.Accounts
	set.DefaultLedger = DefaultAccounts{Receivable: "1700", Sales: "3000", Purchases: "8450", Payable: "2880", OutputVAT: "2930", Rounding: "8460"}
	set.Usage = CompanyUsageSettings{DefaultInvoiceChannel: "EMAIL",
		CashDiscount:    &CompanyUsageSettingsCashDiscount{ptr(true), ptr(true)},
		AccountingByRow: &CompanyUsageSettingsAccountingByRow{ptr(true), ptr(true), ptr(true), ptr(false)}}
	set.Templates = []InvoiceTemplate{{ID: 1, Name: "Standard"}}
	set.DeliveryTerms = []string{"EXW", "DAP"}
	set.Circulation = CirculationSettings{AllowPaymentOnlyWhenApproved: ptr(seed.PayOnlyApproved), UseForPurchaseInvoices: ptr(seed.Circulation), UseForTravelAndExpenseInvoices: ptr(seed.Circulation), MaxVerifiers: ptr(int64(5)), MaxAcceptors: ptr(int64(5))}
	set.Rates = map[string]Number{"USD": Num("1.1000"), "GBP": Num("0.8500"), "NOK": Num("11.5000")}
	if seed.Currency == "EUR" {
		set.Rates["SEK"] = Num("11.2000")
	} else {
		set.Rates = map[string]Number{"EUR": Num("0.0893"), "USD": Num("0.0982"), "NOK": Num("1.0268")}
	}
	co.settings.put(1, set)
	co.indexAccounts()

	for y := seed.FirstYear; y <= seed.LastYear; y++ {
		year := &FiscalYear{ID: co.nextID(), StartDate: fmt.Sprintf("%d-01-01", y), EndDate: fmt.Sprintf("%d-12-31", y), Modified: now, IsOpen: ptr(true)}
		for m := time.January; m <= time.December; m++ {
			start := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
			status := "OPEN"
			if start.Format("2006-01") <= seed.ClosedUntil {
				status = "CLOSED"
			}
			year.TrackingPeriods = append(year.TrackingPeriods, TrackingPeriod{ID: co.nextID(), StartDate: day(start), EndDate: day(start.AddDate(0, 1, -1)), Status: status, Modified: now})
		}
		co.years.put(year.ID, year)
	}
	for i, iban := range seed.IBANs {
		a := &CompanyBankAccount{ID: co.nextID(), IBAN: iban, AccountNumber: bban(iban), BankName: "Example Bank", Currency: seed.Currency,
			DefaultForInvoice: i == 0, DefaultForPayment: i == 0, Status: "ACTIVE", OrderNo: ptr(int64(i + 1)), Version: now, Created: now,
			LedgerAccount: "1910", ShowAccountOnInvoice: true, AllowPayments: true}
		co.accounts.put(a.ID, a)
	}
	for _, p := range seed.Partners {
		p.ID, p.Version = co.nextID(), now
		co.finishPartner(&p)
		co.partners.put(p.ID, &p)
	}
	for _, p := range seed.Products {
		p.ID, p.Version = co.nextID(), now
		co.products.put(p.ID, &p)
	}
	for _, d := range seed.Dimensions {
		dim := &Dimension{ID: co.nextID(), Name: d.Name}
		for _, name := range d.Items {
			dim.Items = append(dim.Items, DimensionItem{ID: co.nextID(), CodeName: name})
		}
		co.dims.put(dim.ID, dim)
	}
	for _, p := range seed.Travel {
		p.ID, p.Version = co.nextID(), now
		co.products.put(p.ID, &p)
	}
	for _, p := range seed.Persons {
		p.ID = co.nextID()
		co.putPerson(&p, now)
	}
	co.keepCounters()
	s.mu.Lock()
	s.companies[id] = co
	s.mu.Unlock()
	s.mustKeep(co)
	return id
}

var brnTypes = map[string]string{"FINLAND": "YHD", "SWEDEN": "SE"}

// mustKeep writes the changes of a Go method to the file.
func (s *Server) mustKeep(co *company) {
	if err := co.commit(); err != nil {
		panic("procountortest: " + err.Error())
	}
}

// maxSeedYears bounds the fiscal years of a seed that came from outside.
const maxSeedYears = 50

// check refuses a seed that would make addCompany panic.
func (s CompanySeed) check() error {
	f := s.filled()
	if _, ok := brnTypes[f.Country]; !ok {
		return fmt.Errorf("country %q is not FINLAND or SWEDEN", f.Country)
	}
	if f.LastYear < f.FirstYear || f.LastYear-f.FirstYear > maxSeedYears || f.FirstYear < 1900 || f.LastYear > 2999 {
		return fmt.Errorf("years %d to %d", f.FirstYear, f.LastYear)
	}
	for _, v := range f.VAT {
		if _, err := ParseNumber(v.Percent); err != nil {
			return fmt.Errorf("VAT percentage %q: %w", v.Percent, err)
		}
	}
	for _, iban := range f.IBANs {
		if !validIBAN(iban) {
			return fmt.Errorf("IBAN %q: wrong check digits or length", iban)
		}
	}
	return nil
}
