package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) registersCommand() *cobra.Command {
	var read bool
	cmd := &cobra.Command{
		Use:   "registers [COMPANY]",
		Short: "What is known of a company's registers, and what has changed in them",
		Long: `Says how many accounts, VAT statuses, dimension items, products and partners of a
company in Procountor are known, how old that is, and what was closed, renamed or
removed there, with the rules and settings that name it and the documents that are
not in the books yet and need it. Those are held, never sent, and go on by
themselves when the thing is opened again or the rule is changed.

The company is named by its name, business id or id; with one company it may be
left out.`,
		Example: `  vienti registers
  vienti registers "Esimerkkipaja Oy" --read`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.registers(cmd.Context(), strings.Join(args, ""), read)
		},
	}
	cmd.Flags().BoolVar(&read, "read", false, "read them from Procountor first")
	return cmd
}

func (a *app) registers(ctx context.Context, name string, read bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	c, err := o.company(ctx, name)
	if err != nil {
		return err
	}
	if read {
		if err := o.engine.ReadNow(ctx, a.actor(), c.ID); err != nil {
			return err
		}
	}
	n, err := o.engine.News(ctx, c.ID)
	if err != nil {
		return err
	}
	a.printf("%s\n", c.Name)
	if n.ReadAt.IsZero() {
		a.printf("%s\n", a.say.T("registers.never"))
		return nil
	}
	a.printf("%s\n", a.say.T("registers.read-at", "time", n.ReadAt))
	t := table{}
	for _, row := range web.RegisterCounts(a.say, n) {
		if row.Unknown {
			t.add(row.Name, a.say.T("registers.unknown"))
			continue
		}
		t.add(row.Name, a.say.Int(row.Entries), a.say.T("registers.in-use"), a.say.Int(row.InUse))
	}
	a.printf("%s", t.String())
	if len(n.Readings) == 0 {
		a.printf("%s\n", a.say.T("registers.no-changes"))
	}
	for _, r := range n.Readings {
		a.printf("\n%s\n", a.say.N("registers.reading", r.Count, "time", a.say.Time(r.At)))
		for _, c := range r.Changes {
			a.tellChange(c)
		}
	}
	return nil
}

func (a *app) tellChange(c engine.ChangeNews) {
	a.printf("  %s\n", web.RegisterChangeWords(a.say, c.Change))
	for _, t := range c.Settings {
		a.printf("    %s\n", a.say.T("registers.touches-setting", "connection", t.Connection.Name, "what", web.TouchedWords(a.say, t.Touched)))
	}
	if len(c.Documents) > 0 {
		var numbers []string
		for _, d := range c.Documents {
			numbers = append(numbers, d.Number)
		}
		a.printf("    %s %s\n", a.say.N("registers.needed-by", len(c.Documents)), clip(strings.Join(numbers, ", "), 200))
	}
}

// company finds one by its name, business id or id; "" is the only one.
func (o *opened) company(ctx context.Context, name string) (hub.Company, error) {
	all, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]hub.Company, error) { return tx.Companies() })
	if err != nil {
		return hub.Company{}, err
	}
	var found []hub.Company
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
		if name == "" || strings.EqualFold(c.Name, name) || c.BusinessID == name || c.ID == name {
			found = append(found, c)
		}
	}
	switch {
	case len(all) == 0:
		return hub.Company{}, usage("there is no company yet; vienti connect makes one")
	case len(found) == 1:
		return found[0], nil
	}
	return hub.Company{}, usage("which company: %s", strings.Join(names, ", "))
}
