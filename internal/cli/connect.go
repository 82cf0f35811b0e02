package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"maps"
	"net/url"
	"os/user"

	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

// A connecting is one call of vienti connect.
type connecting struct {
	app                   *app
	environment, baseURL  string
	clientID              string
	secret, key           secretFlag
	name, system, sender  string
	kinds                 []string
	salesFrom, purchFrom  string
	travelFrom            string
	payrollFrom           string
	perSecond             int
	check, json, anyRight bool
	rights                bool
	login, paste          bool
	redirect              string
}

func (a *app) connectCommand() *cobra.Command {
	c := &connecting{app: a,
		secret: secretFlag{env: "VIENTI_CLIENT_SECRET", flag: "client-secret", question: "Client secret"},
		key:    secretFlag{env: "VIENTI_API_KEY", flag: "api-key", question: "API key"}}
	cmd := &cobra.Command{
		Use:   "connect",
		Short: "Connect a company in Procountor",
		Long: `Tries a key, shows which company it opens and which rights are missing, and makes
a connection: one business system that hands documents to this company. What is
not given by flags is asked.

The connection is harmless: it shows what it would write until "vienti writing on".
The name of a connection that is there gives its company the new key, and changes
nothing else.

Secrets come from a prompt, from VIENTI_CLIENT_SECRET and VIENTI_API_KEY, from
files, or from the standard input ("-"), the client secret first.

With --login a person logs in on Procountor's page instead of making a key: the
address of that page is printed, and the browser comes back to the redirect address
that Procountor has registered for the client. On this machine the command waits
there itself; otherwise paste the address at which the browser ends.`,
		Example: `  vienti connect
  vienti connect --rights --kind sales        the rights that the key's user needs
  vienti connect --check                      try the key and its rights, keep nothing
  vienti connect --environment production --client-id MyClient \
      --client-secret-file secret.txt --api-key-file key.txt \
      --name Webshop --kind sales
  vienti connect --environment sandbox --base-url http://127.0.0.1:8079/api ...
  vienti connect --login --environment production --client-id MyClient --name Webshop
  vienti connect --login --paste ...          the browser is on another machine
  printf 'secret\nkey\n' | vienti connect --environment testing --client-id MyClient \
      --client-secret-file - --api-key-file - --name Webshop`,
		Args: noArgs,
		PreRunE: func(*cobra.Command, []string) error {
			switch {
			case !c.login && (c.redirect != "" || c.paste):
				return usage("--redirect-uri and --paste go with --login")
			case c.login && c.key != (secretFlag{env: c.key.env, flag: c.key.flag, question: c.key.question}):
				return usage("--login takes the place of --api-key: give one of them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringVar(&c.environment, "environment", "", "sandbox, testing or production")
	f.StringVar(&c.baseURL, "base-url", "", "address of the API of a sandbox; no other environment takes one")
	f.StringVar(&c.clientID, "client-id", "", "your API client, as Procountor knows it")
	f.StringVar(&c.secret.value, "client-secret", "", "the client's secret; better in a file")
	f.StringVar(&c.secret.file, "client-secret-file", "", `file with the client's secret; "-" is the standard input`)
	f.StringVar(&c.key.value, "api-key", "", "the key of the company; better in a file")
	f.StringVar(&c.key.file, "api-key-file", "", `file with the key of the company; "-" is the standard input`)
	f.BoolVar(&c.login, "login", false, "log in on Procountor's page instead of giving a key")
	f.StringVar(&c.redirect, "redirect-uri", "", "with --login: the redirect address that Procountor has registered for the client (default: that of the pages here)")
	f.BoolVar(&c.paste, "paste", false, "with --login: the browser is on another machine; paste the address at which it ends")
	f.StringVar(&c.name, "name", "", "name of the connection")
	f.StringVar(&c.system, "system", "", `what the source is called, the first word of each mark in Procountor (default: the name)`)
	f.StringSliceVar(&c.kinds, "kind", nil, "what travels: sales, purchase, travel, payroll (default: sales and purchase)")
	f.StringVar(&c.salesFrom, "sales-from", "", "first day of sales invoices, YYYY-MM-DD (default: first of this month)")
	f.StringVar(&c.purchFrom, "purchases-from", "", "first day of purchase invoices, YYYY-MM-DD (default: first of this month)")
	f.StringVar(&c.payrollFrom, "payroll-from", "", "first day of payroll runs, YYYY-MM-DD (default: first of this month)")
	f.StringVar(&c.travelFrom, "travel-from", "", "first day of travel invoices, YYYY-MM-DD (default: first of this month)")
	f.StringVar(&c.sender, "sender", string(hub.SenderSource), "who sends sales invoices to the customer: source (has sent them), procountor, nobody")
	f.IntVar(&c.perSecond, "per-second", 0, "requests a second that Procountor allows the client (default 20; the sandbox has no limit)")
	f.BoolVar(&c.anyRight, "incomplete", false, "connect even though rights are missing")
	f.BoolVar(&c.check, "check", false, "only try the key; keep nothing")
	f.BoolVar(&c.rights, "rights", false, "list the rights that the user of the key needs, and nothing else")
	f.BoolVar(&c.json, "json", false, "print JSON")
	return cmd
}

func (c *connecting) run(ctx context.Context) error {
	if c.rights {
		return c.listRights()
	}
	j, err := c.ask(ctx)
	if err != nil {
		return err
	}
	kinds, err := c.settings(&j)
	if err != nil {
		return err
	}
	a := c.app
	base := cmp.Or(engine.BaseURL(j.Environment), j.BaseURL)
	if c.login {
		if j.Login, err = c.logIn(ctx, j); err != nil {
			return err
		}
	} else {
		c.say(a.t("connect.trying", "address", host(base)))
	}
	trial, err := engine.Try(ctx, nil, a.env.Now, j, kinds)
	if err != nil {
		return c.noLogin(err, base)
	}
	if !c.json {
		c.show(j, trial)
	}
	missing := trial.Missing()
	if c.check || len(missing) > 0 && !c.anyRight {
		if c.json {
			err = a.json(c.answer(j, trial, nil, nil))
		}
		if err == nil && len(missing) > 0 {
			err = &exit{codePerson, errors.New(a.n("connect.missing", len(missing)))}
		}
		return err
	}
	if j.Name, j.System, err = c.names(trial); err != nil {
		return err
	}
	return c.keep(ctx, j, trial)
}

// listRights lists what the user of the key needs, and where it is given.
func (c *connecting) listRights() error {
	var j engine.Join
	c.sender = cmp.Or(c.sender, string(hub.SenderSource))
	kinds, err := c.settings(&j)
	if err != nil {
		return err
	}
	a := c.app
	var out []connectCheck
	if !c.json {
		a.printf("%s\n\n", a.say.T("connect.rights-intro"))
	}
	if c.kinds == nil {
		kinds = hub.Kinds // each right says which kind it is for
	}
	for _, k := range engine.Checks(kinds) {
		if !k.Needed && k.Kind() != "" {
			continue // for documents that do not travel
		}
		title, remedy, only := web.CheckWords(a.say, k)
		out = append(out, connectCheck{Name: k.Name, Needed: k.Needed, Remedy: remedy})
		if c.json {
			continue
		}
		if only != "" {
			title += " (" + only + ")"
		}
		a.printf("%s%s", wrap(title, "", ""), wrap(remedy, "    ", "    "))
	}
	if c.json {
		return a.json(out)
	}
	return nil
}

// say tells a person, not a program.
func (c *connecting) say(text string) {
	if !c.json {
		c.app.printf("%s\n", text)
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

// ask gathers what opens the company.
func (c *connecting) ask(ctx context.Context) (j engine.Join, err error) {
	a := c.app
	asked := func(value *string, flag, question, suggestion string) error {
		if *value != "" {
			return nil
		}
		*value, err = a.ask(question, suggestion)
		if errors.Is(err, errNobody) || err == nil && *value == "" {
			return usage("--%s is missing", flag)
		}
		return err
	}
	if err := asked(&c.environment, "environment", "Environment: sandbox, testing or production", ""); err != nil {
		return j, err
	}
	j.Environment = hub.Environment(c.environment)
	switch j.Environment {
	case hub.Testing, hub.Production:
		if c.baseURL != "" {
			return j, usage("--base-url is for a sandbox only; %s has its own address", j.Environment)
		}
	case hub.Sandbox:
		if err := asked(&c.baseURL, "base-url", "Address of the sandbox", "http://127.0.0.1:8079/api"); err != nil {
			return j, err
		}
		j.BaseURL = c.baseURL
		if err := engine.CheckSandbox(ctx, nil, j.BaseURL); errors.Is(err, engine.ErrNoSandbox) || errors.Is(err, engine.ErrNoAPI) {
			return j, usage("--base-url: %v", err)
		} else if err != nil {
			return j, c.noLogin(err, j.BaseURL)
		}
	default:
		return j, usage("--environment: %q is none of sandbox, testing, production", c.environment)
	}
	if err := asked(&c.clientID, "client-id", "Client id", ""); err != nil {
		return j, err
	}
	j.ClientID, j.PerSecond = c.clientID, c.perSecond
	if err := c.nameFree(ctx, j); err != nil {
		return j, err
	}
	if j.Secret, err = c.secret.get(a); err != nil {
		return j, err
	}
	if !c.login {
		j.APIKey, err = c.key.get(a)
	}
	if err != nil {
		return j, err
	}
	if j.Secret.IsZero() || !c.login && j.APIKey.IsZero() {
		return j, usage("client secret and API key must not be empty")
	}
	return j, nil
}

// nameFree refuses a name that belongs to a connection of another environment or
// client, before anything is asked for and tried in vain. That of another company
// of the same client shows only when the key has opened one.
func (c *connecting) nameFree(ctx context.Context, j engine.Join) error {
	if c.name == "" || c.check || c.app.isThere() != nil {
		return nil
	}
	o, err := c.app.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	return o.store.Read(ctx, func(tx *store.Tx) error {
		conns, err := tx.Connections("")
		if err != nil {
			return err
		}
		at := slices.IndexFunc(conns, func(n hub.Connection) bool { return strings.EqualFold(n.Name, c.name) })
		if at < 0 {
			return nil
		}
		company, err := tx.Company(conns[at].Company)
		if err != nil {
			return err
		}
		clients, err := tx.Clients()
		if err != nil {
			return err
		}
		same := company.Environment == j.Environment && company.BaseURL == cmp.Or(engine.BaseURL(j.Environment), j.BaseURL)
		for _, k := range clients {
			if k.ID == company.Client {
				same = same && k.ClientID == j.ClientID
			}
		}
		if !same {
			return usage("connection %q: %v, of another company or client (%s, %s); choose another with --name", c.name, engine.ErrNameTaken,
				plain(company.Name), company.Environment)
		}
		return nil
	})
}

// settings reads the flags about documents.
func (c *connecting) settings(j *engine.Join) ([]hub.Kind, error) {
	names := map[string]hub.Kind{"sales": hub.SalesInvoice, "purchase": hub.PurchaseInvoice, "purchases": hub.PurchaseInvoice, "travel": hub.TravelInvoice,
		"payroll": hub.PayrollJournal}
	var kinds []hub.Kind
	for _, name := range c.kinds {
		k, ok := names[name]
		if !ok {
			return nil, usage("--kind: %q is none of sales, purchase, travel, payroll", name)
		}
		kinds = append(kinds, k)
	}
	if kinds == nil {
		kinds = hub.VATKinds
	}
	days := map[hub.Kind]civil.Date{}
	for _, k := range kinds {
		days[k] = engine.FirstDay(c.app.now())
		if text := map[hub.Kind]string{hub.SalesInvoice: c.salesFrom, hub.PurchaseInvoice: c.purchFrom, hub.TravelInvoice: c.travelFrom,
			hub.PayrollJournal: c.payrollFrom}[k]; text != "" {
			day, err := civil.Parse(text)
			if err != nil {
				return nil, usage("first day %q is not a day; write YYYY-MM-DD", text)
			}
			days[k] = day
		}
	}
	switch s := hub.Sender(c.sender); s {
	case hub.SenderSource, hub.SenderProcountor, hub.SenderNobody:
		j.Settings = engine.JoinSettings(c.app.now(), days, s)
	default:
		return nil, usage("--sender: %q is none of source, procountor, nobody", c.sender)
	}
	return kinds, nil
}

// noLogin explains why the key opens nothing.
func (c *connecting) noLogin(err error, base string) error {
	if why := engine.NoLogin(err); why != "" {
		err = errors.New(c.app.say.T("connect."+why, "address", host(base)))
	}
	return &exit{codeNoAnswer, err}
}

// show prints company, user and checks.
func (c *connecting) show(j engine.Join, t *engine.Trial) {
	a := c.app
	co := t.Company
	a.printf("\n")
	for _, line := range [][2]string{
		{"company", plain(co.Name)}, {"business-id", co.BusinessID}, {"environment", a.say.T("env." + string(j.Environment))},
		{"country", co.Country}, {"currency", string(co.Currency)}, {"product", co.Product}, {"user", plain(t.User)}, {"role", plain(t.Role)},
	} {
		if line[1] != "" {
			a.printf("%-16s%s\n", a.say.T("connect."+line[0]), line[1])
		}
	}
	a.printf("\n")
	for _, k := range t.Checks {
		sign := "✓"
		switch {
		case !k.OK && k.Needed:
			sign = "✗"
		case !k.OK:
			sign = "!"
		}
		a.printf("%s %s\n", sign, a.say.T("connect.check."+k.Name+".title"))
		if !k.OK {
			text := a.say.T("connect.check." + k.Name + ".remedy")
			if k.Have != "" {
				text += " " + a.say.T("connect.have", "have", k.Have)
			}
			a.printf("%s", wrap(text, "    ", "    "))
		}
	}
	if len(t.Personal) > 0 {
		var signs []string
		for _, s := range t.Personal {
			signs = append(signs, a.say.T("connect.sign."+s))
		}
		a.printf("\n%s", wrap(a.say.T("connect.personal", "signs", strings.Join(signs, "; ")), "! ", "  "))
	}
	if t.PaidUnapproved {
		a.printf("\n%s", wrap(a.say.T("connect.paid-unapproved"), "! ", "  "))
	}
	a.printf("\n")
}

func (c *connecting) names(t *engine.Trial) (name, system string, err error) {
	name = c.name
	if name == "" {
		name, err = c.app.ask("Name of the connection, for example what the source is called", "Invoice files of "+plain(t.Company.Name))
		if errors.Is(err, errNobody) {
			err = usage("--name is missing")
		}
	}
	return name, cmp.Or(c.system, name), err
}

// keep makes the connection and reads what is in Procountor.
func (c *connecting) keep(ctx context.Context, j engine.Join, t *engine.Trial) error {
	a := c.app
	o, err := a.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	company, conn, err := o.engine.Connect(ctx, a.actor(), j, t)
	if errors.Is(err, engine.ErrNameTaken) {
		return c.renew(ctx, o, j, t)
	}
	if err != nil {
		return err
	}
	c.say(a.t("connect.reading"))
	conn, registers, err := o.engine.FirstRead(ctx, a.actor(), conn, t.Company)
	if registers == nil {
		return &exit{codeNoAnswer, fmt.Errorf("%s: %w", a.t("connect.not-read", "connection", conn.Name), err)}
	}
	if err != nil {
		return err
	}
	if c.json {
		return a.json(c.answer(j, t, &conn, registers))
	}
	a.printf("%s\n\n", a.t("connect.read", "years", len(registers.FiscalYears), "accounts", len(registers.BankAccounts),
		"percents", registers.Percents(hub.SalesInvoice)))
	c.statuses(conn.Settings, registers)
	a.printf("%s", wrap(a.t("connect.done", "connection", conn.Name, "company", plain(company.Name)), "", ""))
	a.printf("\n  vienti send --dry-run --connection %q FILE…\n  vienti writing on %q\n  vienti serve\n", conn.Name, conn.Name)
	return nil
}

// renew gives the company of a connection that is there the new key.
func (c *connecting) renew(ctx context.Context, o *opened, j engine.Join, t *engine.Trial) error {
	a := c.app
	company, conn, err := o.engine.Renew(ctx, a.actor(), j, t)
	if errors.Is(err, engine.ErrNameTaken) {
		return usage("%v, of another company or client; choose another with --name", err)
	}
	if err != nil {
		return err
	}
	if c.json {
		return a.json(c.answer(j, t, &conn, nil))
	}
	key := "connect.renewed"
	if c.login {
		key = "connect.renewed-login"
	}
	a.printf("%s", wrap(a.t(key, "connection", conn.Name, "company", plain(company.Name)), "", ""))
	return nil
}

// statuses shows which VAT status was proposed for which kind of VAT.
func (c *connecting) statuses(s hub.Settings, r *register.Copy) {
	a := c.app
	describe := func(n int) string {
		i := slices.IndexFunc(r.VATStatuses, func(v register.VATStatus) bool { return v.Number == n })
		if i < 0 {
			return ""
		}
		return plain(r.VATStatuses[i].Description)
	}
	a.printf("%s\n", a.t("connect.statuses"))
	for _, k := range hub.Kinds {
		if !s.Kinds[k].On {
			continue
		}
		t := table{}
		for _, cat := range slices.Sorted(maps.Keys(s.VATStatuses[k])) {
			n := s.VATStatuses[k][cat]
			t.add("    "+cat, web.VATCategory(a.say, k, cat), fmt.Sprint(n), describe(n))
		}
		a.printf("  %s\n%s", a.say.T("kind."+string(k)+".many"), t.String())
	}
	a.printf("\n")
}

// A connected is the answer for programs.
type connected struct {
	Environment string                      `json:"environment"`
	Company     string                      `json:"company"`
	BusinessID  string                      `json:"business_id"`
	CompanyID   int64                       `json:"company_id"`
	User        string                      `json:"user"`
	Checks      []connectCheck              `json:"checks"`
	Personal    []string                    `json:"seems_personal"`
	Unapproved  bool                        `json:"paid_unapproved,omitempty"`
	Connection  string                      `json:"connection,omitempty"`
	ID          string                      `json:"connection_id,omitempty"`
	VATStatuses map[hub.Kind]map[string]int `json:"vat_statuses,omitempty"`
}

type connectCheck struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Needed bool   `json:"needed"`
	Have   string `json:"have,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

func (c *connecting) answer(j engine.Join, t *engine.Trial, conn *hub.Connection, _ *register.Copy) connected {
	out := connected{Environment: string(j.Environment), Company: t.Company.Name, BusinessID: t.Company.BusinessID, CompanyID: t.Company.ID,
		User: t.User, Personal: append([]string{}, t.Personal...), Unapproved: t.PaidUnapproved}
	for _, k := range t.Checks {
		check := connectCheck{Name: k.Name, OK: k.OK, Needed: k.Needed, Have: k.Have}
		if !k.OK {
			check.Remedy = c.app.say.T("connect.check." + k.Name + ".remedy")
		}
		out.Checks = append(out.Checks, check)
	}
	if conn != nil {
		out.Connection, out.ID, out.VATStatuses = conn.Name, conn.ID, conn.Settings.VATStatuses
	}
	return out
}

// actor is who acts, for the chain of acts: the user of this machine.
func (a *app) actor() string {
	login := ""
	if u, err := user.Current(); err == nil { // services and containers have no USER
		login = u.Username
	}
	who := cmp.Or(a.env.System.Getenv("SUDO_USER"), a.env.System.Getenv("USER"), a.env.System.Getenv("USERNAME"), login, "someone")
	return "cli:" + clip(who, 64)
}
