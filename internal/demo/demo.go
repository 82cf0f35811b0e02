// Package demo is the demonstration: a local Procountor with two companies, the
// hub in a temporary folder, and some forty documents of our own making. The
// good ones arrive once, the others are held, each for a reason of its own.
//
// It cannot reach a real Procountor: the only address it ever uses is that of
// the sandbox it has started itself.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/outbound"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source/all"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// Options of [Start].
type Options struct {
	// Dir is an empty folder for database, key and files.
	Dir string
	Now func() time.Time
	Log *slog.Logger
}

// A Demo is a running demonstration.
type Demo struct {
	Store  *store.Store
	Engine *engine.Engine
	// Login and Password open the pages.
	Login    string
	Password secret.Secret
	// Token lets programs push to the web shop's connection.
	Token secret.Secret
	// SandboxAddress is where the local Procountor answers.
	SandboxAddress string

	o           Options
	today       civil.Date
	sandbox     *procountortest.Server
	sandboxHTTP *http.Server
	jobs        *engine.Jobs
	connections map[string]hub.Connection
	companies   []company
	outcomes    []Outcome
}

// A company of the demonstration with what opens it.
type company struct {
	hub.Company
	client *procountor.Client
}

// firstDayAgo is how many days back the connections' first day lies.
const firstDayAgo = 200

// clientID is the demonstration's API client in the sandbox.
const clientID = "VientiDemo"

// Start starts sandbox and hub and connects both companies. Close ends them,
// also after an error.
func Start(ctx context.Context, o Options) (d *Demo, err error) {
	d = &Demo{o: o, today: civil.DayOf(o.Now(), time.UTC), connections: map[string]hub.Connection{}}
	if err := d.startSandbox(ctx); err != nil {
		return d, fmt.Errorf("start the sandbox: %w", err)
	}
	vault, err := secret.OpenVault(filepath.Join(o.Dir, "vault.key"))
	if err != nil {
		return d, err
	}
	// Nothing here outlives the demonstration, so no commit waits for the disk.
	if d.Store, err = store.Open(ctx, "sqlite:"+filepath.Join(o.Dir, "vienti.db"), store.Options{Now: o.Now, Log: o.Log, Vault: vault, NoSync: true}); err != nil {
		return d, err
	}
	d.Engine = engine.New(engine.Options{Store: d.Store, Log: o.Log, Now: o.Now, Node: "demo", Sources: all.Sources(),
		RenderChange: api.RenderChange, Outbound: outbound.New(outbound.Options{Loopback: true})})
	if d.jobs, err = engine.NewJobs(ctx, d.Engine); err != nil {
		return d, err
	}
	if err := d.connect(ctx); err != nil {
		return d, fmt.Errorf("connect: %w", err)
	}
	if err := d.addPerson(ctx); err != nil {
		return d, err
	}
	return d, d.jobs.Start(ctx)
}

// Close ends hub and sandbox.
func (d *Demo) Close(ctx context.Context) error {
	var errs []error
	if d.jobs != nil {
		errs = append(errs, d.jobs.Stop(ctx))
	}
	if d.Store != nil {
		errs = append(errs, d.Store.Close())
	}
	if d.sandboxHTTP != nil {
		errs = append(errs, d.sandboxHTTP.Close())
	}
	if d.sandbox != nil {
		errs = append(errs, d.sandbox.Close())
	}
	return errors.Join(errs...)
}

// Seeds are the two companies as they begin: the last months are open, and the
// Finnish one has not switched on the VAT rate of newspapers.
func Seeds(today civil.Date) (finnish, swedish procountortest.CompanySeed) {
	finnish, swedish = procountortest.FinnishDemo(), procountortest.SwedishDemo()
	closed := today.AddMonths(-2).String()[:len("2006-01")]
	for _, s := range []*procountortest.CompanySeed{&finnish, &swedish} {
		s.FirstYear, s.LastYear, s.ClosedUntil = today.Year-2, today.Year+1, closed
	}
	for _, rate := range []string{"25.5", "14", "13.5", "0"} {
		finnish.VAT = append(finnish.VAT, procountortest.VATSeed{Percent: rate, Sales: true, Purchase: true})
	}
	return finnish, swedish
}

func (d *Demo) startSandbox(ctx context.Context) error {
	d.sandbox = procountortest.New(procountortest.Options{Now: d.o.Now, Empty: true})
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.sandboxHTTP = &http.Server{Handler: d.sandbox.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.sandboxHTTP.Serve(l) }() // ends with Close
	d.SandboxAddress = "http://" + l.Addr().String() + "/api"
	return engine.CheckSandbox(ctx, nil, d.SandboxAddress)
}

// connect connects both companies, as vienti connect does, and switches writing on.
func (d *Demo) connect(ctx context.Context) error {
	clientSecret := secret.New(rand.Text())
	d.sandbox.AddClient(clientID, clientSecret.Reveal())
	finnish, swedish := Seeds(d.today)
	fi, err := d.addCompany(finnish, clientSecret)
	if err != nil {
		return err
	}
	if err := enterByHand(ctx, fi.client, d.today); err != nil {
		return fmt.Errorf("enter an invoice by hand: %w", err)
	}
	se, err := d.addCompany(swedish, clientSecret)
	if err != nil {
		return err
	}
	sales, purchases := []hub.Kind{hub.SalesInvoice}, []hub.Kind{hub.PurchaseInvoice}
	for _, c := range []struct {
		key, name, system string
		to                *opening
		kinds             []hub.Kind
		change            func(*hub.Settings)
	}{
		{finnishSales, "Myyntilaskut (tiedostot)", "Laskutus", fi, sales, func(s *hub.Settings) {
			// Nobody waits for the order of numbers here: a new customer in the
			// middle would hold up those after it for some seconds.
			s.OrderBySourceNumber = false
			arrival(s, hub.SalesInvoice, hub.ArriveApproved)
		}},
		{finnishPurchases, "Ostolaskut (tiedostot)", "Ostot", fi, purchases, func(*hub.Settings) {}},
		{finnishAPI, "Verkkokauppa (API)", "Verkkokauppa", fi, sales, func(s *hub.Settings) {
			s.OrderBySourceNumber = false
			s.Sender = hub.SenderProcountor
			s.Payments = hub.MasterSource
			arrival(s, hub.SalesInvoice, hub.ArriveSent)
		}},
		{swedishFiles, "Fakturor (filer)", "Fakturering", se, hub.Kinds, func(s *hub.Settings) { s.OrderBySourceNumber = false }},
	} {
		if err := d.join(ctx, c.to, c.key, c.name, c.system, c.kinds, c.change); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	text, hash := api.NewToken(rand.Reader)
	d.Token = secret.New(text)
	return d.Store.Tx(ctx, func(tx *store.Tx) error {
		return tx.InsertPushToken(hash, d.connections[finnishAPI].ID, "demo", people.AllRights)
	})
}

func arrival(s *hub.Settings, k hub.Kind, a hub.Arrival) {
	kind := s.Kinds[k]
	kind.Arrival = a
	s.Kinds[k] = kind
}

// An opening is what opens a company of the sandbox.
type opening struct {
	client *procountor.Client
	secret secret.Secret
	key    secret.Secret
}

func (d *Demo) addCompany(seed procountortest.CompanySeed, clientSecret secret.Secret) (*opening, error) {
	id := d.sandbox.AddCompany(seed)
	user := d.sandbox.AddUser(id, "vienti.api", "Vienti", "Integraatio", procountortest.IntegrationRights())
	o := &opening{secret: clientSecret, key: secret.New(d.sandbox.AddAPIKey(id, user, clientID, rand.Text()))}
	var err error
	o.client, err = procountor.New(procountor.Options{BaseURL: d.SandboxAddress, ClientID: clientID, ClientSecret: clientSecret.Reveal(), APIKey: o.key.Reveal(),
		UserAgent: "vienti-demo", Now: d.o.Now})
	return o, err
}

const actor = "vienti:demo"

func (d *Demo) join(ctx context.Context, to *opening, key, name, system string, kinds []hub.Kind, change func(*hub.Settings)) error {
	trial, err := engine.TryKey(ctx, to.client, kinds)
	if err != nil {
		return err
	}
	if missing := trial.Missing(); len(missing) > 0 {
		return fmt.Errorf("the sandbox grants no right to %s", missing[0].Name)
	}
	j := engine.Join{Environment: hub.Sandbox, BaseURL: d.SandboxAddress, ClientID: clientID, Secret: to.secret, APIKey: to.key, Name: name, System: system,
		Settings: hub.DefaultSettings(d.today.AddDays(-firstDayAgo))}
	co, conn, err := d.Engine.Connect(ctx, actor, j, trial)
	if err != nil {
		return err
	}
	var registers *register.Copy
	if !slices.ContainsFunc(d.companies, func(c company) bool { return c.ID == co.ID }) {
		d.companies = append(d.companies, company{co, to.client})
		registers, err = d.Engine.Refresh(ctx, co.ID)
	} else {
		registers, err = d.Engine.Registers(ctx, co.ID)
	}
	if err != nil {
		return err
	}
	s := engine.NewSettings(trial.Company, registers, d.today.AddDays(-firstDayAgo))
	s.Partner.OtherID, s.Partner.OtherNumber = hub.ConflictAsk, hub.ConflictAsk
	for _, k := range hub.VATKinds {
		ks := s.Kinds[k]
		ks.On = slices.Contains(kinds, k)
		s.Kinds[k] = ks
	}
	// What a person would choose after connecting: goods, when a file does not
	// say whether it is goods or a service that goes to another member state.
	if n, ok := s.VATStatuses[hub.SalesInvoice]["K/goods"]; ok {
		s.VATStatuses[hub.SalesInvoice]["K"] = n
	}
	change(&s)
	if _, err := d.Engine.SetSettings(ctx, actor, conn.ID, 0, s); err != nil {
		return err
	}
	conn.Settings = s
	d.connections[key] = conn
	return d.Engine.SetWriting(ctx, actor, conn.ID, true)
}

// addPerson makes the user who may look at the pages.
func (d *Demo) addPerson(ctx context.Context) error {
	d.Login, d.Password = "demo", secret.New(strings.ToLower(rand.Text()[:16]))
	return d.Store.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.AddPerson(people.User{Login: d.Login, Name: "Demo", Role: people.Admin}, d.Password)
		return err
	})
}

// enterByHand makes an invoice in Procountor as a person would have done before
// anything was connected.
func enterByHand(ctx context.Context, client *procountor.Client, today civil.Date) error {
	var partner int64
	for p, err := range client.Partners.List(ctx, procountor.PartnerFilter{Type: procountor.PartnerCustomer, CustomerNumber: linkedInvoice.buyer.Number}) {
		if err != nil {
			return err
		}
		partner = p.ID
	}
	w := linkedInvoice.write(today)
	inv := &procountor.Invoice{
		Type: procountor.SalesInvoice, Date: register.Date(w.Date), OriginalInvoiceNumber: w.Number, PartnerID: partner, VATStatus: new(1),
		Language: procountor.Finnish, InvoiceChannel: procountor.ChannelNoSending, ExtraInfo: procountor.ExtraInfo{AccountingByRow: true},
		CounterParty: procountor.CounterParty{Identifier: w.Buyer.ID, CustomerNumber: w.Buyer.Number,
			CounterPartyAddress: procountor.CounterPartyAddress{Name: w.Buyer.Name, Country: procountor.CountryFinland}},
		PaymentInfo: procountor.PaymentInfo{PaymentMethod: procountor.PayBankTransfer, Currency: procountor.EUR, CurrencyRate: procountor.MustParseDecimal("1"),
			DueDate: register.Date(w.Due), BankReferenceCode: new(""), BankAccount: &procountor.BankAccount{AccountNumber: finnishIBAN}},
	}
	for _, l := range w.Lines {
		inv.InvoiceRows = append(inv.InvoiceRows, procountor.InvoiceRow{Product: l.Name, Quantity: procountor.MustParseDecimal(l.Quantity.String()),
			Unit: procountor.UnitHour, UnitPrice: procountor.MustParseDecimal(l.Price.String()), VATPercent: procountor.MustParseDecimal(l.Rate), VATStatus: new(1)})
	}
	_, err := client.Invoices.Create(ctx, inv)
	return err
}

// formatOptions are those of a connection's files.
func (d *Demo) formatOptions(conn hub.Connection) file.Options {
	o := file.Options{Options: format.Options{Kind: hub.SalesInvoice}}
	if !conn.Settings.Kinds[hub.SalesInvoice].On {
		o.Kind = hub.PurchaseInvoice
	}
	for _, c := range d.companies {
		if c.ID == conn.Company {
			o.Own = []string{c.BusinessID}
		}
	}
	return o
}

// decode reads a file as every file is read.
func (d *Demo) decode(f File, conn hub.Connection) (docs []engine.Incoming, err error) {
	for found, err := range file.Decode(strings.NewReader(string(f.Content)), f.Name, d.formatOptions(conn)) {
		if err != nil {
			return nil, err
		}
		docs = append(docs, engine.Incoming{Document: found.Document, Faults: found.Faults, Raw: found.Raw, Places: found.Places, Name: found.Name})
	}
	return docs, nil
}
