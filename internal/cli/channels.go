package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/channel"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/sheet"
	"github.com/vienti/vienti/internal/web"
)

type channelsOptions struct {
	set, operators, source, day string
	csv, listOperators, back    bool
}

func (a *app) channelsCommand() *cobra.Command {
	var f channelsOptions
	cmd := &cobra.Command{
		Use:   "channels [CONNECTION]",
		Short: "Show or change how sales invoices go to each customer",
		Long: `Says how sales invoices go when Procountor sends. What the document says comes
first, then the customer's row here, then the rule of the connection (the setting
"channel"): the first channel that the document makes possible. An address in the
row replaces the document's. An invoice for which nothing is possible is held.

As a table the customers have these columns, in any order: customer (number,
business id or VAT number), name, channel (einvoice, email, mail, paper, sent; empty
is by the rule), email, einvoice, operator, language.

The list of e-invoice operators that comes along is old and not complete. A
connection may have its own, with columns code and name.`,
		Example: `  vienti channels Webshop
  vienti channels Webshop --csv > customers.csv
  vienti channels Webshop --set customers.csv
  vienti channels Webshop --list-operators
  vienti channels Webshop --operators operators.csv --as-of 2026-03-01 --source verkkolaskuosoite.fi
  vienti channels Webshop --operators-back`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.channels(cmd.Context(), name, f)
		},
	}
	cmd.Flags().StringVar(&f.set, "set", "", `table to take as the customers; "-" is the standard input`)
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print the customers as a table for spreadsheets")
	cmd.Flags().BoolVar(&f.listOperators, "list-operators", false, "list the e-invoice operators that are known")
	cmd.Flags().StringVar(&f.operators, "operators", "", `table to take as the list of operators; "-" is the standard input`)
	cmd.Flags().StringVar(&f.day, "as-of", "", "of which day that list is, such as 2026-03-01")
	cmd.Flags().StringVar(&f.source, "source", "", "whose list it is")
	cmd.Flags().BoolVar(&f.back, "operators-back", false, "go back to the list that comes along")
	cmd.MarkFlagsMutuallyExclusive("set", "csv", "list-operators", "operators", "operators-back")
	cmd.MarkFlagsRequiredTogether("operators", "as-of", "source")
	return cmd
}

func (a *app) channels(ctx context.Context, name string, f channelsOptions) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	s := p.Settings
	switch {
	case f.csv:
		b, err := channel.WriteCSV(s.Customers)
		if err == nil {
			_, err = a.env.Stdout.Write(b)
		}
		return err
	case f.listOperators:
		list := channel.OperatorsOf(&s)
		a.printf("%s\n", web.OperatorsWords(a.say, list))
		t := table{}
		for _, x := range list.List {
			t.add(x.Code, x.Name)
		}
		a.printf("%s", t.String())
		return nil
	case f.set != "":
		return a.setCustomers(ctx, o, p, f.set)
	case f.operators != "" || f.back:
		return a.setOperators(ctx, o, p, f)
	}
	t := table{}
	for _, r := range s.Customers {
		way := a.say.T("channel.by-rule")
		if r.Channel != "" {
			way = web.ChannelWord(a.say, r.Channel)
		}
		t.add(r.Customer, clip(r.Name, 40), way, strings.TrimSpace(r.Email+" "+r.EInvoice+" "+r.Operator), r.Language)
	}
	a.printf("%s%s\n", t.String(), a.say.N("channel.rows", len(s.Customers)))
	if s.Sender != hub.SenderProcountor {
		a.printf("%s\n", a.say.T("channel.not-sending"))
	}
	return nil
}

func (a *app) setCustomers(ctx context.Context, o *opened, p place, file string) error {
	b, err := a.readTable(file)
	if err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	rows, at, err := channel.ReadCSV(b)
	if err != nil {
		return usage("%s: %v", file, err)
	}
	s := p.Settings
	s.Customers = rows
	version, err := o.engine.SetSettings(ctx, a.actor(), p.ID, p.SettingsVersion, s)
	var wrong sheet.Faults
	switch err = sheet.InTable(err, "customers", at); {
	case errors.As(err, &wrong):
		return usage("%s: %v", file, wrong)
	case err != nil:
		return err
	}
	a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", version))
	return nil
}

func (a *app) setOperators(ctx context.Context, o *opened, p place, f channelsOptions) error {
	s := p.Settings
	s.Operators = nil
	if !f.back {
		day, err := civil.Parse(f.day)
		if err != nil {
			return usage("--as-of: %v", err)
		}
		b, err := a.readTable(f.operators)
		if err != nil {
			return fmt.Errorf("--operators: %w", err)
		}
		list, err := channel.ReadOperators(b)
		if err != nil {
			return usage("%s: %v", f.operators, err)
		}
		s.Operators = &hub.OperatorList{Date: day, Source: f.source, List: list}
	}
	version, err := o.engine.SetSettings(ctx, a.actor(), p.ID, p.SettingsVersion, s)
	if err != nil {
		return err
	}
	a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", version))
	return nil
}
