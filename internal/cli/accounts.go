package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/sheet"
	"github.com/vienti/vienti/internal/web"
)

type accountsOptions struct {
	set, propose string
	held, csv    bool
}

func (a *app) accountsCommand() *cobra.Command {
	var f accountsOptions
	cmd := &cobra.Command{
		Use:   "accounts [CONNECTION]",
		Short: "Show, change or propose the account map of a connection",
		Long: `The account map says on which account of Procountor, and with which VAT status,
each row of a document stands. It is used for the kinds of documents whose setting
"posting" is "map"; for the others Procountor posts by its own rules.

What is better known comes first: an account that the document names for all its
rows, the row's own account in the source, the product or work type, the other
party, the kind of document (a rule for some kinds only), the connection.
Of two rules on the same step the one with more conditions wins; a row for which
two fit alike, or none, is held.

As a table the map has these columns, in any order: name, source ("*" stands for
any account of the source), product, partner, category, percent, supply (goods,
service), area (home, eu, abroad), sales, purchases, payroll (x), account ("=" takes the
source's own), vat_status, deduction. Each change is a version of the settings.`,
		Example: `  vienti accounts Webshop
  vienti accounts Webshop --csv > map.csv
  vienti accounts Webshop --set map.csv
  vienti accounts Webshop --propose chart.csv        # columns: source, name, sales, purchases, payroll
  vienti accounts Webshop --propose-held --csv       # for the accounts that documents wait for`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.accounts(cmd.Context(), name, f)
		},
	}
	cmd.Flags().StringVar(&f.set, "set", "", `table to take as the new map; "-" is the standard input`)
	cmd.Flags().StringVar(&f.propose, "propose", "", "chart of accounts of the source, as a table; prints proposals and changes nothing")
	cmd.Flags().BoolVar(&f.held, "propose-held", false, "propose for the accounts that held documents name")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print a table for spreadsheets")
	cmd.MarkFlagsMutuallyExclusive("set", "propose", "propose-held")
	return cmd
}

func (a *app) accounts(ctx context.Context, name string, f accountsOptions) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	chart, err := o.engine.Registers(ctx, p.Company)
	if err != nil {
		return err
	}
	switch {
	case f.set != "":
		return a.setAccounts(ctx, o, p, f.set)
	case f.propose != "" || f.held:
		return a.proposeAccounts(ctx, o, p, chart, f)
	case f.csv:
		return a.printRules(p.Settings.Accounts)
	}
	return a.showAccounts(ctx, o, p, chart)
}

func (a *app) setAccounts(ctx context.Context, o *opened, p place, file string) error {
	b, err := a.readTable(file)
	if err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	rules, rows, err := posting.ReadCSV(b)
	if err != nil {
		return usage("%s: %v", file, err)
	}
	s := p.Settings
	s.Accounts = rules
	version, err := o.engine.SetSettings(ctx, a.actor(), p.ID, p.SettingsVersion, s)
	var wrong sheet.Faults
	switch err = sheet.InTable(err, "accounts", rows); {
	case errors.As(err, &wrong):
		return usage("%s: %v", file, wrong)
	case err != nil:
		return err
	}
	a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", version))
	p.Settings = s
	return a.readiness(ctx, o, p)
}

func (a *app) readTable(file string) ([]byte, error) { return a.readUpTo(file, maxSettings) }

// readUpTo reads a file, or with "-" the standard input, of at most so many bytes.
func (a *app) readUpTo(file string, most int) (b []byte, err error) {
	in := io.Reader(a.in)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	if b, err = io.ReadAll(io.LimitReader(in, int64(most)+1)); err == nil && len(b) > most {
		err = fmt.Errorf("larger than %d bytes", most)
	}
	return b, err
}

func (a *app) printRules(rules []hub.AccountRule) error {
	b, err := posting.WriteCSV(rules)
	if err == nil {
		_, err = a.env.Stdout.Write(b)
	}
	return err
}

func (a *app) showAccounts(ctx context.Context, o *opened, p place, chart *register.Copy) error {
	t := table{}
	for _, r := range p.Settings.Accounts {
		status := ""
		if r.VATStatus != 0 {
			status = strconv.Itoa(r.VATStatus)
		}
		deduction := ""
		if r.Deduction != "" {
			deduction = a.say.T("rule.deduction", "percent", r.Deduction)
		}
		account := r.Account
		if account != hub.SameAccount {
			account = strings.TrimSpace(r.Account + " " + clip(chart.AccountName(r.Account), 40))
		}
		t.add(clip(web.RuleFor(a.say, r), 60), "→", account, status, deduction)
	}
	a.printf("%s", t.String())
	return a.readiness(ctx, o, p)
}

// readiness says whether the map can be used, or what is missing.
func (a *app) readiness(ctx context.Context, o *opened, p place) error {
	gaps, err := o.engine.MapGaps(ctx, p.Connection)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		a.printf("✗ %s\n", web.GapWords(a.say, g))
		if g.Seen == nil {
			continue
		}
		for _, s := range g.Seen.Samples {
			a.printf("    %s\n", clip(web.SampleWords(a.say, s), 100))
		}
	}
	switch {
	case !posting.InUse(&p.Settings):
		a.printf("%s\n", a.t("accounts.unused"))
	case len(gaps) == 0 && len(p.Settings.Accounts) > 0:
		a.printf("✓ %s\n", a.say.T("rule.ready"))
	case len(gaps) == 0:
		a.printf("%s\n", a.say.T("rule.empty"))
	}
	return nil
}

func (a *app) proposeAccounts(ctx context.Context, o *opened, p place, chart *register.Copy, f accountsOptions) error {
	var source []posting.SourceAccount
	if f.held {
		var err error
		if source, err = o.engine.HeldAccounts(ctx, p.ID); err != nil {
			return err
		}
	} else {
		b, err := a.readTable(f.propose)
		if err != nil {
			return fmt.Errorf("--propose: %w", err)
		}
		if source, err = posting.ReadChart(b); err != nil {
			return usage("%s: %v", f.propose, err)
		}
	}
	proposals := posting.Propose(source, chart.Accounts, p.Settings.Accounts)
	if f.csv {
		var rules []hub.AccountRule
		for _, x := range proposals {
			rules = append(rules, x.Rule)
		}
		return a.printRules(rules)
	}
	t := table{}
	for _, x := range proposals {
		confidence, reason := web.ProposalWords(a.say, x.Reason)
		t.add(x.Rule.Source, clip(x.Rule.Name, 40), "→", x.Rule.Account, clip(chart.AccountName(x.Rule.Account), 40), confidence, reason)
	}
	a.printf("%s", t.String())
	for _, s := range posting.Unknown(source, proposals, p.Settings.Accounts) {
		a.printf("? %s\n", a.t("accounts.nothing", "account", strings.TrimSpace(s.Code+" "+clip(s.Name, 40))))
	}
	a.printf("%s\n", a.n("accounts.proposed", len(proposals)))
	return nil
}
