package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// BaseURL is where the companies of an environment are; "" for the sandbox,
// which runs wherever someone has started it.
func BaseURL(e hub.Environment) string {
	switch e {
	case hub.Production:
		return procountor.Production
	case hub.Testing:
		return procountor.Testing
	}
	return ""
}

// sandboxHeader is on every answer of the sandbox, and of nothing else.
const sandboxHeader = "X-Procountor-Sandbox"

// sandboxTimeout bounds the question whether an address is a sandbox.
const sandboxTimeout = 10 * time.Second

// ErrNoSandbox says that an address answers, but is no sandbox of ours: a
// company there must not be called one, since demo documents would reach it.
var ErrNoSandbox = errors.New("this address is not a Procountor sandbox")

// ErrNoAPI says that a sandbox answers, but at another path.
var ErrNoAPI = errors.New("a sandbox answers here, but its API has another path; it prints its base URL at its start, such as http://127.0.0.1:8079/api")

// CheckSandbox is nil when a sandbox answers at the address. nil client means
// the standard one.
func CheckSandbox(ctx context.Context, client *http.Client, baseURL string) error {
	if client == nil {
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	ctx, cancel := context.WithTimeout(ctx, sandboxTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(baseURL, "/")+"/status", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the sandbox: %w", err)
	}
	defer resp.Body.Close()
	if resp.Header.Get(sandboxHeader) == "" {
		return fmt.Errorf("%s: %w", baseURL, ErrNoSandbox)
	}
	if resp.StatusCode == http.StatusNotFound {
		return fmt.Errorf("%s: %w", baseURL, ErrNoAPI)
	}
	return nil
}

// A Trial is what a key was found to open and to lack. Nothing is written.
type Trial struct {
	Company register.Company
	User    string // user name in Procountor
	Role    string
	Checks  []KeyCheck
	// Personal are the signs that the key belongs to a person's own login and
	// not to a technical user: [SignPhone] and so on. They are a guess, for
	// Procountor does not say.
	Personal []string
	// PaidUnapproved: purchases travel, and Procountor lets an invoice be paid before
	// it is approved there. Not known when the key may not read that setting.
	PaidUnapproved bool
}

// A KeyCheck is one thing that was tried with a key, or one right that was
// looked up. Its texts are connect.check.<Name> in package locale.
type KeyCheck struct {
	Name string
	OK   bool
	// Needed: without it documents do not travel. Otherwise it is needed for
	// some settings only.
	Needed bool
	// Have is what the key has instead: a level of a right, or what Procountor
	// answered.
	Have string
}

// Kind is the one kind of document that the check concerns, "" for all.
func (c KeyCheck) Kind() hub.Kind { return kindOf[c.Name] }

// Signs of a person's own login.
const (
	SignPhone  = "phone"  // signs in with an app on a phone
	SignRights = "rights" // may do far more than an integration needs: payroll, payments, users
	SignName   = "name"   // is called like a person
)

// Missing lists what is needed and not there.
func (t *Trial) Missing() (list []KeyCheck) {
	for _, c := range t.Checks {
		if c.Needed && !c.OK {
			list = append(list, c)
		}
	}
	return list
}

// Try opens what j names with its key and says what the key opens and lacks; see
// [TryKey]. Nothing is written and nothing kept. nil client means the standard one.
func Try(ctx context.Context, hc *http.Client, now func() time.Time, j Join, kinds []hub.Kind) (*Trial, error) {
	o := procountor.Options{BaseURL: cmp.Or(BaseURL(j.Environment), j.BaseURL), ClientID: j.ClientID,
		ClientSecret: j.Secret.Reveal(), APIKey: j.APIKey.Reveal(), UserAgent: "vienti", Now: now, HTTP: hc}
	if !j.Login.IsZero() {
		o.Token = func(_ context.Context, refused string) (procountor.Token, error) {
			if refused != "" {
				return procountor.Token{}, procountor.Unauthorized
			}
			return procountor.Token{Access: j.Login.Access.Reveal(), Life: j.Login.Until.Sub(now())}, nil
		}
	}
	client, err := procountor.New(o)
	if err != nil {
		return nil, err
	}
	return TryKey(ctx, client, kinds)
}

// NoLogin names the text below "connect." that says why a key opens nothing; ""
// when the error is none of the usual ones.
func NoLogin(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "unknown-host"
	}
	if errors.Is(err, procountor.Unauthorized) {
		return "refused"
	}
	e, ok := errors.AsType[*procountor.Error](err)
	_, line := errors.AsType[*url.Error](err)
	if ok && e.Status == 0 || !ok && line {
		return "unreachable"
	}
	return ""
}

// Checks are all that [TryKey] looks at, in its order, for the kinds of documents
// that are to travel: the rights that a technical user needs, and no others.
func Checks(kinds []hub.Kind) []KeyCheck {
	var list []KeyCheck
	for _, name := range readings {
		list = append(list, KeyCheck{Name: name, Needed: true})
	}
	list = append(list, rightChecks(new(procountor.Permissions))...)
	neededFor(list, kinds)
	return list
}

// neededFor marks what concerns none of the kinds as not needed.
func neededFor(list []KeyCheck, kinds []hub.Kind) {
	for i := range list {
		if k, one := kindOf[list[i].Name]; one && !slices.Contains(kinds, k) {
			list[i].Needed = false
		}
	}
}

// For is what t says when only these kinds of documents are to travel.
func (t *Trial) For(kinds []hub.Kind) *Trial {
	c := *t
	c.Checks = slices.Clone(t.Checks)
	c.PaidUnapproved = t.PaidUnapproved && slices.Contains(kinds, hub.PurchaseInvoice)
	neededFor(c.Checks, kinds)
	return &c
}

// TryKey logs in, reads who and where the key is, tries each reading that the
// hub does, and looks up each right that writing documents of the kinds needs.
// Its error is that of the login: without one there is nothing else to say.
func TryKey(ctx context.Context, client *procountor.Client, kinds []hub.Kind) (*Trial, error) {
	session, err := client.Session.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	t := &Trial{User: session.UserName, Company: register.Company{ID: session.CompanyID, Name: session.Name,
		Country: register.CountryCode(string(session.Country)), Product: session.ProductVersion}}
	try := func(name string, read func() error) {
		c := KeyCheck{Name: name, Needed: true, OK: true}
		if err := read(); err != nil {
			c.OK, c.Have = false, answer(err)
		}
		t.Checks = append(t.Checks, c)
	}
	try("company", func() error {
		c, err := client.Company.Get(ctx)
		if err != nil {
			return err
		}
		known, err := register.FromProcountor(register.Answers{Company: c})
		t.Company = known.Company
		return err
	})
	try("vat", func() error { _, err := client.VAT.Default(ctx); return err })
	try("fiscal-years", func() error { _, err := client.FiscalYears.List(ctx); return err })
	try("accounts", func() error { _, err := client.Accounts.List(ctx); return err })
	try("bank-accounts", func() error {
		for _, err := range client.BankAccounts.List(ctx) {
			return err
		}
		return nil
	})
	for name, typ := range map[string]procountor.PartnerType{"customers": procountor.PartnerCustomer, "suppliers": procountor.PartnerSupplier} {
		try(name, func() error {
			for _, err := range client.Partners.List(ctx, procountor.PartnerFilter{Type: typ}) {
				return err
			}
			return nil
		})
	}
	try("persons", func() error {
		for _, err := range client.Persons.List(ctx, procountor.PersonFilter{}) {
			return err
		}
		return nil
	})
	for name, typ := range map[string]procountor.InvoiceType{"sales-invoices": procountor.SalesInvoice, "purchase-invoices": procountor.PurchaseInvoice,
		"travel-invoices": procountor.TravelInvoice} {
		try(name, func() error {
			for _, err := range client.Invoices.List(ctx, procountor.InvoiceFilter{Types: []procountor.InvoiceType{typ}}) {
				return err
			}
			return nil
		})
	}
	slices.SortStableFunc(t.Checks, func(a, b KeyCheck) int { return slices.Index(readings, a.Name) - slices.Index(readings, b.Name) })
	defer func() { neededFor(t.Checks, kinds) }()
	if slices.Contains(kinds, hub.PurchaseInvoice) {
		// What is received or verified only must not be paid (REFERENCE 3.1, payment: "as circulation allows").
		round, err := client.Company.CirculationSettings(ctx)
		t.PaidUnapproved = err == nil && !round.AllowPaymentOnlyWhenApproved
	}
	rights, err := client.Users.Rights(ctx)
	if err != nil || rights.Rights == nil {
		t.Checks = append(t.Checks, KeyCheck{Name: "rights", Needed: true, Have: answer(err)})
		return t, nil
	}
	t.Role = rights.Role
	t.Checks = append(t.Checks, rightChecks(rights.Rights)...)
	if user, err := client.Users.Get(ctx); err == nil { // only a guess depends on it
		t.Personal = personal(user, rights)
	}
	return t, nil
}

// readings is the order in which they are shown.
var readings = []string{"company", "vat", "fiscal-years", "accounts", "bank-accounts", "customers", "suppliers", "persons", "sales-invoices", "purchase-invoices", "travel-invoices"}

// kindOf are the checks that concern one kind of document only.
var kindOf = map[string]hub.Kind{
	"customers": hub.SalesInvoice, "sales-invoices": hub.SalesInvoice, "write-sales": hub.SalesInvoice, "write-customers": hub.SalesInvoice,
	"own-sales-only": hub.SalesInvoice,
	"suppliers":      hub.PurchaseInvoice, "purchase-invoices": hub.PurchaseInvoice, "write-purchases": hub.PurchaseInvoice,
	"write-suppliers": hub.PurchaseInvoice, "own-purchases-only": hub.PurchaseInvoice,
	"persons": hub.TravelInvoice, "travel-invoices": hub.TravelInvoice, "write-travel": hub.TravelInvoice, "own-travel-only": hub.TravelInvoice,
	"write-journals": hub.PayrollJournal, "own-journals-only": hub.PayrollJournal,
}

// answer is what Procountor said, short.
func answer(err error) string {
	e, ok := errors.AsType[*procountor.Error](err)
	switch {
	case err == nil:
		return ""
	case !ok:
		return err.Error()
	case len(e.Fields) > 0:
		return e.Fields[0].Message
	}
	return strings.TrimSpace(fmt.Sprint(e.Class))
}

// rightChecks looks up what the writes of the hub need (REFERENCE 1.6): all
// rights, for viewing rights write nothing.
func rightChecks(p *procountor.Permissions) []KeyCheck {
	var sales procountor.SalesRights
	var purchases procountor.PurchasesRights
	var travel procountor.TravelAndExpensesRights
	var salaries procountor.SalariesRights // the register of persons is among them
	var round procountor.InvoiceCirculationRights
	var accounting procountor.AccountingRights
	var user procountor.UserRights
	if p.Sales != nil {
		sales = *p.Sales
	}
	if p.Purchases != nil {
		purchases = *p.Purchases
	}
	if p.TravelAndExpenses != nil {
		travel = *p.TravelAndExpenses
	}
	if p.Salaries != nil {
		salaries = *p.Salaries
	}
	if p.InvoiceCirculation != nil {
		round = *p.InvoiceCirculation
	}
	if p.Accounting != nil {
		accounting = *p.Accounting
	}
	if p.User != nil {
		user = *p.User
	}
	all := func(name string, needed bool, r procountor.Right) KeyCheck {
		return KeyCheck{Name: name, Needed: needed, OK: r == procountor.RightAllRights, Have: string(r)}
	}
	free := func(name string, limited bool) KeyCheck {
		c := KeyCheck{Name: name, Needed: true, OK: !limited}
		if limited {
			c.Have = "limited"
		}
		return c
	}
	return []KeyCheck{
		all("write-sales", true, sales.SalesOrGroupInvoices),
		all("write-customers", true, sales.CustomerRegister),
		all("write-purchases", true, purchases.PurchaseInvoices),
		all("write-suppliers", true, purchases.SupplierRegister),
		all("write-travel", true, travel.TravelAndExpenseInvoices),
		all("write-persons", false, salaries.PersonRegister),
		all("write-journals", true, accounting.JournalReceipts),
		all("approve", false, round.Approval),
		free("own-sales-only", sales.PersonalSalesInvoicesOnly),
		free("own-purchases-only", purchases.PersonalPurchaseInvoicesOnly),
		free("own-travel-only", travel.PersonalTravelAndExpenseInvoiceOnly),
		free("own-journals-only", accounting.PersonalJournalReceiptsOnly),
		free("no-editing", accounting.PreventCreatingEditingInvoices),
		free("some-dimensions", user.LimitedDimensions),
	}
}

// machineWords are what technical users are called by.
var machineWords = []string{"api", "integra", "technical", "tekninen", "teknisk", "robot", "bot", "vienti", "rajapinta", "machine", "m2m"}

func personal(u *procountor.User, p *procountor.Privileges) (signs []string) {
	words := strings.ToLower(strings.Join([]string{u.Username, u.FirstName, u.LastName}, " "))
	if slices.ContainsFunc(machineWords, func(w string) bool { return strings.Contains(words, w) }) {
		return nil
	}
	if u.LoginMethod == "PROCOUNTOR_KEY" || u.LoginMethod == "FINAGO_KEY" {
		signs = append(signs, SignPhone)
	}
	r := p.Rights
	if r.Salaries != nil && r.Salaries.Payroll == procountor.RightAllRights || r.Payments != nil && r.Payments.Payment == procountor.RightAllRights ||
		r.Management != nil && r.Management.UsersAndUserRights == procountor.RightAllRights {
		signs = append(signs, SignRights)
	}
	if len(signs) == 0 {
		return nil
	}
	return append(signs, SignName)
}

// A Join is what connecting needs to know.
type Join struct {
	Environment hub.Environment
	BaseURL     string // of a sandbox; otherwise that of the environment
	ClientID    string
	Secret      secret.Secret
	APIKey      secret.Secret
	// Login is that of a person at Procountor's page, instead of APIKey.
	Login store.Login
	// PerSecond is how many requests the client may make; 0 for the sandbox only.
	PerSecond int

	Name     string // of the connection
	System   string // what its user calls the source
	Settings hub.Settings

	// Joining is the id of a [store.Joining] that ends with it, if any.
	Joining string
	// Link is the id of the vendor's link by which it is connected, if any: the connection
	// then is the vendor's, and the link is used up.
	Link string
	// person connects on the pages, "" is whoever works on the machine itself.
	person string
}

// JoinSettings are those that a connection is made with: documents of a kind
// travel that has a first day, and sales are sent as said.
func JoinSettings(now time.Time, firstDays map[hub.Kind]civil.Date, sender hub.Sender) hub.Settings {
	s := hub.DefaultSettings(FirstDay(now))
	for _, k := range hub.Kinds {
		ks, usual := s.Kinds[k]
		day, on := firstDays[k]
		if ks.On = on; on {
			ks.FirstDay, ks.Arrival = day, cmp.Or(ks.Arrival, hub.ArriveUnfinished)
		}
		if usual || on {
			s.Kinds[k] = ks
		}
	}
	s.Sender = sender
	return s
}

// firstRate is what a new client starts with: the older of the two figures that
// Procountor has published.
const firstRate = 20

// Connect keeps client, company and connection, each made unless it is there:
// a known client gets the secret, a known company the key; one that was detached
// goes on with the documents that it had. The connection is new and harmless. What
// Procountor holds is read by [Engine.FirstRead] afterwards.
func (e *Engine) Connect(ctx context.Context, actor string, j Join, t *Trial) (company hub.Company, conn hub.Connection, err error) {
	if url := BaseURL(j.Environment); url != "" {
		j.BaseURL = url
	}
	if j.PerSecond == 0 && j.Environment != hub.Sandbox {
		j.PerSecond = firstRate
	}
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		there, known, err := companyThere(tx, t.Company.ID, j.BaseURL)
		if err != nil {
			return err
		}
		guest, err := mayConnect(tx, j, there)
		if err != nil {
			return err
		}
		client, err := keepClient(tx, e.store.NewID(), j, guest != nil)
		if err != nil {
			return err
		}
		if known {
			company, err = e.openAgain(tx, actor, client, there, j)
		} else {
			company, err = e.makeCompany(tx, actor, client, j, t)
		}
		if err != nil {
			return err
		}
		if guest != nil && !known {
			if err := giveCompany(tx, *guest, company.ID); err != nil {
				return err
			}
		}
		if err := tx.EndJoining(j.Joining); err != nil {
			return err
		}
		others, err := tx.Connections("")
		if err != nil {
			return err
		}
		if slices.ContainsFunc(others, func(c hub.Connection) bool { return strings.EqualFold(c.Name, j.Name) }) {
			return fmt.Errorf("connection %q: %w", j.Name, ErrNameTaken)
		}
		conn = hub.Connection{ID: e.store.NewID(), Company: company.ID, Name: j.Name, System: j.System, Settings: j.Settings, SettingsVersion: 1}
		if err := tx.InsertConnection(conn, actor); err != nil {
			return err
		}
		if err := act(tx, actor, "connection.made", conn.ID, struct {
			Name    string `json:"name"`
			System  string `json:"system"`
			Company string `json:"company"`
		}{conn.Name, conn.System, company.ID}); err != nil {
			return err
		}
		return handOver(tx, actor, j.Link, conn.ID)
	})
	return company, conn, err
}

// ErrNameTaken says that a connection of this name exists.
var ErrNameTaken = errors.New("a connection of this name exists")

// Renew gives the company of a connection that is there a new key, and its client
// the secret; what rested because of the old one goes on. The error is
// [ErrNameTaken] when the connection is of another company or client.
func (e *Engine) Renew(ctx context.Context, actor string, j Join, t *Trial) (company hub.Company, conn hub.Connection, err error) {
	if url := BaseURL(j.Environment); url != "" {
		j.BaseURL = url
	}
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		conns, err := tx.Connections("")
		if err != nil {
			return err
		}
		companies, err := tx.Companies()
		if err != nil {
			return err
		}
		clients, err := tx.Clients()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(conns, func(c hub.Connection) bool { return strings.EqualFold(c.Name, j.Name) })
		if at < 0 {
			return fmt.Errorf("connection %q: %w", j.Name, store.ErrNotFound)
		}
		conn = conns[at]
		company = companies[slices.IndexFunc(companies, func(c hub.Company) bool { return c.ID == conn.Company })]
		client := clients[slices.IndexFunc(clients, func(c hub.Client) bool { return c.ID == company.Client })]
		if company.ProcountorID != t.Company.ID || company.BaseURL != j.BaseURL || client.ClientID != j.ClientID {
			return fmt.Errorf("connection %q: %w", j.Name, ErrNameTaken)
		}
		guest, err := mayConnect(tx, j, company)
		if err != nil {
			return err
		}
		if guest == nil {
			if err := setSecret(tx, client.ID, j.Secret); err != nil {
				return err
			}
		}
		if err := e.setKey(tx, actor, company, j); err != nil {
			return err
		}
		if err := tx.EndJoining(j.Joining); err != nil {
			return err
		}
		if err := handOver(tx, actor, j.Link, conn.ID); err != nil {
			return err
		}
		return e.wake(tx, company.ID, e.o.Now())
	})
	return company, conn, err
}

// keepClient keeps the client, with its secret. Others' companies are opened by the secret
// of a client that is known, so a guest does not change it.
func keepClient(tx *store.Tx, id string, j Join, guest bool) (hub.Client, error) {
	list, err := tx.Clients()
	if err != nil {
		return hub.Client{}, err
	}
	for _, c := range list {
		if c.ClientID == j.ClientID {
			if !guest {
				err = setSecret(tx, c.ID, j.Secret)
			}
			return c, err
		}
	}
	c := hub.Client{ID: id, Name: j.ClientID, ClientID: j.ClientID, PerSecond: j.PerSecond}
	return c, tx.InsertClient(c, j.Secret)
}

// setSecret gives a client that is known its secret, if there is one.
func setSecret(tx *store.Tx, client string, s secret.Secret) error {
	if s.IsZero() {
		return nil
	}
	return tx.SetClientSecret(client, s)
}

// setKey gives a company that is known its key, or the login of a person; what was
// detached is connected again, and reads only until a person switches writing on.
func (e *Engine) setKey(tx *store.Tx, actor string, c hub.Company, j Join) error {
	kind := "company.key"
	if j.Login.IsZero() {
		if err := tx.SetCompanyKey(c.ID, j.APIKey); err != nil {
			return err
		}
	} else {
		kind = "company.login"
		if err := tx.SetCompanyLogin(c.ID, j.Login, actor); err != nil {
			return err
		}
	}
	if !c.Detached.IsZero() {
		kind = "company.attached"
	}
	return act(tx, actor, kind, c.ID, nil)
}

// FirstRead reads what is in Procountor after [Engine.Connect], and gives the
// connection the settings that follow from it: language and country of the
// company, and the VAT statuses that its register lets us propose.
func (e *Engine) FirstRead(ctx context.Context, actor string, conn hub.Connection, c register.Company) (hub.Connection, *register.Copy, error) {
	registers, err := e.Refresh(ctx, conn.Company)
	if err != nil {
		return conn, nil, err
	}
	fresh := NewSettings(c, registers, FirstDay(e.o.Now()))
	s := conn.Settings
	s.Language, s.Country, s.VATStatuses = fresh.Language, fresh.Country, fresh.VATStatuses
	if conn.SettingsVersion, err = e.SetSettings(ctx, actor, conn.ID, 0, s); err != nil {
		return conn, registers, err
	}
	conn.Settings = s
	return conn, registers, nil
}

// companyThere is a company that has been connected before.
func companyThere(tx *store.Tx, procountorID int64, baseURL string) (hub.Company, bool, error) {
	list, err := tx.Companies()
	for _, c := range list {
		if c.ProcountorID == procountorID && c.BaseURL == baseURL {
			return c, true, nil
		}
	}
	return hub.Company{}, false, err
}

// openAgain gives a company that is there the key, or the login.
func (e *Engine) openAgain(tx *store.Tx, actor string, client hub.Client, c hub.Company, j Join) (hub.Company, error) {
	if c.Client != client.ID { // the key is for this client
		if err := tx.SetCompanyClient(c.ID, client.ID); err != nil {
			return c, err
		}
		c.Client = client.ID
	}
	return c, e.setKey(tx, actor, c, j)
}

func (e *Engine) makeCompany(tx *store.Tx, actor string, client hub.Client, j Join, t *Trial) (hub.Company, error) {
	country := t.Company.Country
	if country == "" {
		country = "FI"
	}
	currency := t.Company.Currency
	if currency == "" {
		currency = money.Currency("EUR")
	}
	c := hub.Company{ID: e.store.NewID(), Client: client.ID, ProcountorID: t.Company.ID, Name: t.Company.Name, BusinessID: t.Company.BusinessID,
		Country: country, Currency: string(currency), Environment: j.Environment, BaseURL: j.BaseURL}
	if err := tx.InsertCompany(c, j.APIKey); err != nil || j.Login.IsZero() {
		return c, err
	}
	return c, tx.SetCompanyLogin(c.ID, j.Login, actor)
}

// NewSettings are those that a new connection to a company starts with: the
// default ones, with language and country of the company and the VAT statuses
// that its register lets us propose.
func NewSettings(c register.Company, registers *register.Copy, firstDay civil.Date) hub.Settings {
	s := hub.DefaultSettings(firstDay)
	if c.Country == "SE" {
		s.Language, s.Country = "sv", "SE"
	}
	if registers != nil {
		s.VATStatuses = register.ProposeVATStatuses(registers)
	}
	return s
}

// FirstDay is the first day that a new connection moves, unless someone says
// otherwise: that of the current month, so that nothing of a closed month is
// moved twice.
func FirstDay(now time.Time) civil.Date {
	d := civil.DayOf(now, helsinki)
	d.Day = 1
	return d
}
