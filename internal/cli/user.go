package cli

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) userCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "The people who may sign in to the pages",
		Long: `Adds and changes users. A role says what they may do:

  viewer    sees documents and what became of them
  finance   and retries, marks tasks done, decides about what is held
  admin     and looks after connections, settings and users
  auditor   sees everything, the logs included, and changes nothing

No role sees the amounts of payroll: that right is given to a person, by name.

A role holds in all companies, or with --company in the companies named only; with
--kind it holds for some kinds of documents only. Vienti's guide tells more:
docs/people.md.

Users choose their password themselves, by a link that works once. The last
administrator who can sign in cannot be taken away.`,
		Example: `  vienti user add aino@example.fi --name "Aino Laskula" --role finance
  vienti user list
  vienti user role aino@example.fi admin
  vienti user role aino@example.fi finance --company "Kuusaman Kone Oy"
  vienti user kinds aino@example.fi sales_invoice
  vienti user payroll aino@example.fi yes
  vienti user password aino@example.fi --link
  vienti user disable aino@example.fi`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: noArgs,
	}
	cmd.AddCommand(a.userAdd(), a.userList(), a.userRole(), a.userKinds(), a.userPayroll(), a.userPassword(), a.userMay("disable", true), a.userMay("enable", false))
	return cmd
}

// A shownUser is a user for programs.
type shownUser struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	// Role is in all companies; "by_company" leaves it to Companies, by id.
	Role      string                 `json:"role"`
	Companies map[string]people.Role `json:"companies,omitempty"`
	// Kinds are those of documents that the user works with; none are all.
	Kinds []hub.Kind `json:"kinds,omitempty"`
	// Payroll says that the user sees the amounts of payroll.
	Payroll  bool   `json:"payroll,omitempty"`
	Language string `json:"language,omitempty"`
	Disabled bool   `json:"disabled"`
	Password bool   `json:"has_password"`
	// Link is there when one was made: whoever has it chooses the password.
	Link    string `json:"link,omitempty"`
	Expires string `json:"link_expires,omitempty"`
}

func shown(u people.User, hasPassword bool) shownUser {
	return shownUser{ID: u.ID, Login: u.Login, Name: u.Name, Role: string(u.Role), Companies: u.Companies, Kinds: u.Kinds, Payroll: u.Payroll, Language: u.Language, Disabled: u.Disabled, Password: hasPassword}
}

func (a *app) userAdd() *cobra.Command {
	u := people.User{}
	var role string
	var companies, kinds []string
	var stdin, asJSON bool
	cmd := &cobra.Command{
		Use: "add LOGIN", Short: "Add a user and print the link by which they choose a password", Args: cobra.ExactArgs(1),
		Example: `  vienti user add aino@example.fi --name "Aino Laskula" --role finance
  vienti user add maija@example.fi --role finance --company "Kuusaman Kone Oy" --company "Lumikin Laskenta Oy"
  vienti user add olli@example.fi --role viewer --company "Kuusaman Kone Oy" --kind sales_invoice
  vienti user add robot --role viewer --stdin < password.txt`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			u.Login, u.Role, u.Kinds = people.NormalLogin(args[0]), people.Role(role), kindsNamed(kinds)
			if err := u.Check(); err != nil {
				return usage("%v", err)
			}
			var password secret.Secret
			if stdin {
				if password, err = a.passwordLine(); err != nil {
					return err
				}
			}
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			if err := o.in(cmd.Context(), &u, u.Role, companies); err != nil {
				return err
			}
			u, err := o.engine.AddPerson(cmd.Context(), a.actor(), u, password)
			if store.IsDuplicate(err) {
				return usage("there is a user %q already", u.Login)
			}
			if err != nil {
				return err
			}
			if !asJSON {
				names, err := o.companyNames(cmd.Context())
				if err != nil {
					return err
				}
				a.printf("%s\n", a.t("user.added", "login", u.Login, "role", web.RightsWords(a.say, u, names)))
			}
			switch {
			case stdin && asJSON:
				return a.json(shown(u, true))
			case stdin:
				return nil
			}
			return a.link(cmd.Context(), o, u, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&u.Name, "name", "", "name of the person")
	f.StringVar(&role, "role", string(people.Viewer), "viewer, finance, admin or auditor")
	f.StringArrayVar(&companies, "company", nil, "name of a company in which the role holds; may be given several times (default: all)")
	f.StringArrayVar(&kinds, "kind", nil, "kind of documents for which it holds: "+join(people.Kinds())+"; may be given several times (default: all)")
	f.BoolVar(&u.Payroll, "payroll", false, "the user sees the amounts of payroll")
	f.StringVar(&u.Language, "language", "", "fi, sv, en or nl (default: that of the browser)")
	f.BoolVar(&stdin, "stdin", false, "take the password from the first line of the standard input instead of making a link")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// link makes a link for choosing a password, and prints it.
func (a *app) link(ctx context.Context, o *opened, u people.User, asJSON bool) error {
	token, expires, err := o.engine.PasswordLink(ctx, a.actor(), u.ID)
	if errors.Is(err, store.ErrLink) {
		return usage("%s may not sign in; first: vienti user enable %s", u.Login, u.Login)
	}
	if err != nil {
		return err
	}
	link := web.PasswordURL(a.pagesAddress(), token)
	if asJSON {
		has, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (bool, error) { return tx.HasPassword(u.ID) })
		if err != nil {
			return err
		}
		out := shown(u, has)
		out.Link, out.Expires = link, expires.UTC().Format(time.RFC3339)
		return a.json(out)
	}
	a.printf("%s\n\n  %s\n\n", a.t("user.link", "login", u.Login, "time", expires), link)
	return nil
}

// pagesAddress is where browsers reach the pages that "vienti serve" offers.
func (a *app) pagesAddress() string {
	if a.cfg.PublicURL != "" {
		return strings.TrimRight(a.cfg.PublicURL, "/")
	}
	return "http://" + a.cfg.Listen
}

func (a *app) userList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List users", Args: noArgs, Example: "  vienti user list\n  vienti user list --json | jq '.[].login'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			rows := []shownUser{}
			names, err := o.companyNames(cmd.Context())
			if err != nil {
				return err
			}
			if err := o.store.Read(cmd.Context(), func(tx *store.Tx) error {
				all, err := tx.People()
				if err != nil {
					return err
				}
				for _, u := range all {
					has, err := tx.HasPassword(u.ID)
					if err != nil {
						return err
					}
					rows = append(rows, shown(u, has))
				}
				return nil
			}); err != nil {
				return err
			}
			if asJSON {
				return a.json(rows)
			}
			t := table{}
			t.add(a.t("user.column-login"), a.t("user.column-name"), a.t("user.column-role"), a.t("user.column-state"), a.t("user.column-password"))
			for _, u := range rows {
				state, password := "users.enabled", "user.no-password"
				if u.Disabled {
					state = "users.disabled"
				}
				if u.Password {
					password = "user.has-password"
				}
				rights := web.RightsWords(a.say, people.User{Role: people.Role(u.Role), Companies: u.Companies, Kinds: u.Kinds, Payroll: u.Payroll}, names)
				t.add(clip(u.Login, 40), clip(u.Name, 32), rights, a.say.T(state), a.t(password))
			}
			a.printf("%s", t.String())
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// user finds a user by login or id.
func (o *opened) user(ctx context.Context, login string) (u people.User, err error) {
	err = o.store.Read(ctx, func(tx *store.Tx) error {
		if u, _, err = tx.PersonByLogin(login); store.IsNotFound(err) {
			u, err = tx.Person(login)
		}
		return err
	})
	if store.IsNotFound(err) {
		return u, usage("there is no user %q; see vienti user list", login)
	}
	return u, err
}

// changeUser is what the commands about one user have in common.
func (a *app) changeUser(ctx context.Context, login, done string, change func(*opened, *people.User) error) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	u, err := o.user(ctx, login)
	if err != nil {
		return err
	}
	if err := change(o, &u); err != nil {
		return err
	}
	if err := u.Check(); err != nil {
		return usage("%v", err)
	}
	if u, err = o.engine.ChangePerson(ctx, a.actor(), u.ID, func(p *people.User) { *p = u }); errors.Is(err, store.ErrLastAdmin) {
		return errors.New(a.t("user.last-admin", "login", u.Login))
	} else if err != nil {
		return err
	}
	names, err := o.companyNames(ctx)
	if err != nil {
		return err
	}
	a.printf("%s\n", a.t(done, "login", u.Login, "rights", web.RightsWords(a.say, u, names)))
	return nil
}

func (o *opened) companyNames(ctx context.Context) (map[string]string, error) {
	list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]hub.Company, error) { return tx.Companies() })
	names := map[string]string{}
	for _, c := range list {
		names[c.ID] = c.Name
	}
	return names, err
}

// in gives a role in the companies named, or in all; [noRole] takes it away.
func (o *opened) in(ctx context.Context, u *people.User, role people.Role, companies []string) error {
	if len(companies) == 0 {
		u.Role, u.Companies = role, nil
		return nil
	}
	roles := maps.Clone(u.Companies)
	if roles == nil {
		roles = map[string]people.Role{}
	}
	for _, name := range companies {
		c, err := o.company(ctx, name)
		if err != nil {
			return err
		}
		if roles[c.ID] = role; role == noRole {
			delete(roles, c.ID)
		}
	}
	u.Role, u.Companies = people.ByCompany, roles
	return nil
}

// noRole takes a role in a company away.
const noRole people.Role = "none"

// kindsNamed are kinds as they were written; "all" is no limit.
func kindsNamed(words []string) (kinds []hub.Kind) {
	for _, w := range words {
		if w == "all" {
			return nil
		}
		kinds = append(kinds, hub.Kind(w))
	}
	return kinds
}

func (a *app) userKinds() *cobra.Command {
	return &cobra.Command{
		Use: "kinds LOGIN KIND...", Short: "Limit a user to kinds of documents, or to none with all", Args: cobra.MinimumNArgs(2),
		Example: "  vienti user kinds aino@example.fi sales_invoice journal\n  vienti user kinds aino@example.fi all",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], "user.rights", func(_ *opened, u *people.User) error {
				u.Kinds = kindsNamed(args[1:])
				return nil
			})
		},
	}
}

func (a *app) userPayroll() *cobra.Command {
	return &cobra.Command{
		Use: "payroll LOGIN yes|no", Short: "Give a user the right to see the amounts of payroll, or take it", Args: cobra.ExactArgs(2),
		Long: `The right holds where the user sees documents of payroll, and is part of no role.
Without it a person sees that a run is there and what became of it, and no amount,
row or file of it. Giving and taking it stands in the chain of acts.`,
		Example: "  vienti user payroll aino@example.fi yes\n  vienti user payroll aino@example.fi no",
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] != "yes" && args[1] != "no" {
				return usage("say yes or no, not %q", args[1])
			}
			return a.changeUser(cmd.Context(), args[0], "user.rights", func(_ *opened, u *people.User) error {
				u.Payroll = args[1] == "yes"
				return nil
			})
		},
	}
}

func (a *app) userRole() *cobra.Command {
	var companies []string
	cmd := &cobra.Command{
		Use: "role LOGIN ROLE", Short: "Give a user another role, in all companies or in some", Args: cobra.ExactArgs(2),
		Long: `Gives a user a role in all companies, or with --company in those named. Roles in
other companies stay as they are; a role in all of them ends. The role none takes a
role in a company away.`,
		Example: `  vienti user role aino@example.fi admin
  vienti user role aino@example.fi finance --company "Kuusaman Kone Oy" --company "Lumikin Laskenta Oy"
  vienti user role aino@example.fi none --company "Lumikin Laskenta Oy"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			role, err := people.ParseRole(args[1])
			if people.Role(args[1]) == noRole && len(companies) > 0 {
				role, err = noRole, nil
			}
			if err != nil {
				return usage("%v; there are %s, and with --company none", err, join(people.Roles()))
			}
			return a.changeUser(cmd.Context(), args[0], "user.rights", func(o *opened, u *people.User) error {
				return o.in(cmd.Context(), u, role, companies)
			})
		},
	}
	cmd.Flags().StringArrayVar(&companies, "company", nil, "name of a company in which the role holds; may be given several times (default: all)")
	return cmd
}

func (a *app) userMay(name string, disabled bool) *cobra.Command {
	short, done := "Let a user sign in again", "user.enabled"
	if disabled {
		short, done = "Keep a user from signing in, at once and everywhere", "user.disabled"
	}
	return &cobra.Command{
		Use: name + " LOGIN", Short: short, Args: cobra.ExactArgs(1), Example: "  vienti user " + name + " aino@example.fi",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeUser(cmd.Context(), args[0], done, func(_ *opened, u *people.User) error { u.Disabled = disabled; return nil })
		},
	}
}

func (a *app) userPassword() *cobra.Command {
	var link, stdin, asJSON bool
	cmd := &cobra.Command{
		Use: "password LOGIN", Short: "Give a user a new password, or a link to choose one", Args: cobra.ExactArgs(1),
		Long: `Asks for a new password, twice, or takes it from the standard input; it is never an
argument, which would stand in the shell's history. With --link it prints a link
by which the user chooses one: once, and for three days.`,
		Example: `  vienti user password aino@example.fi
  vienti user password aino@example.fi --link
  vienti user password aino@example.fi --stdin < password.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			u, err := o.user(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if link {
				return a.link(cmd.Context(), o, u, asJSON)
			}
			password, err := a.newPassword(stdin)
			if err != nil {
				return err
			}
			if err := o.engine.SetPassword(cmd.Context(), a.actor(), u.ID, password); err != nil {
				return err
			}
			if asJSON {
				return a.json(shown(u, true))
			}
			a.printf("%s\n", a.t("user.password", "login", u.Login))
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&link, "link", false, "print a link by which the user chooses a password")
	f.BoolVar(&stdin, "stdin", false, "take the password from the first line of the standard input")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("link", "stdin")
	return cmd
}

// newPassword takes a password from the standard input, or asks for it twice.
func (a *app) newPassword(stdin bool) (secret.Secret, error) {
	if stdin {
		return a.passwordLine()
	}
	p, err := a.askSecret("New password")
	if errors.Is(err, errNobody) {
		return p, usage("nobody can be asked here: give the password with --stdin, or make a link with --link")
	}
	if err != nil {
		return p, err
	}
	again, err := a.askSecret("The same again")
	if err == nil && !again.Equal(p) {
		err = usage("the two passwords are not the same; nothing is changed")
	}
	return p, err
}

// passwordLine is a password from the standard input.
func (a *app) passwordLine() (secret.Secret, error) {
	line, err := a.in.ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		if err == nil || errors.Is(err, io.EOF) {
			err = usage("--stdin: the standard input is empty")
		}
		return secret.Secret{}, err
	}
	return secret.New(line), nil
}
