package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/all"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) sourceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source",
		Short: "Read a connection's documents from its system by itself",
		Long: `Says by which connector a connection is read, with which options, and when. Reading
changes nothing in the source system, and nothing goes to Procountor before
"vienti writing on".

While "vienti serve" runs, it does the reading.`,
		Example: `  vienti source kinds
  vienti source try Webshop --kind file --option folder=/srv/invoices/out
  vienti source set Webshop --kind file --option folder=/srv/invoices/out --every 10m
  vienti source set Agency --kind valueframe --option user=agency \
      --secret token=key.txt --every 1h --quiet 19:00-08:00
  vienti source choices Agency --kind severa --option client_id=… --secret client_secret=key.txt
  vienti source calls --kind nmbrs
  vienti source show Webshop
  vienti source now Webshop
  vienti source remove Webshop`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: noArgs,
	}
	cmd.AddCommand(a.sourceKinds(), a.sourceShow(), a.sourceSet(), a.sourceTry(), a.sourceChoices(), a.sourceCalls(), a.sourceNow(), a.sourceRemove())
	return cmd
}

func (a *app) sourceKinds() *cobra.Command {
	return &cobra.Command{Use: "kinds", Short: "List the connectors and their options", Args: noArgs, Example: "  vienti source kinds",
		RunE: func(*cobra.Command, []string) error {
			a.printf("%s\n", a.say.T("source.kinds"))
			for _, k := range connectors().Kinds() {
				a.printf("\n%s: %s\n%s", k.Name, a.say.T("connector."+k.Name+".title"), wrap(a.say.T("connector."+k.Name+".help"), "    ", "    "))
				if text := web.RetiresWords(a.say, k, civil.DayOf(a.now(), time.UTC)); text != "" {
					a.printf("%s", wrap(text, "    ", "    "))
				}
				for _, o := range k.Options {
					key := "connector." + k.Name + ".option." + o.Name
					text := a.say.T(key+".label") + ". " + a.say.T(key+".help")
					if len(o.Choices) > 0 {
						text += " (" + strings.Join(o.Choices, ", ") + ")"
					}
					if o.Default != "" {
						text += " [" + strings.ReplaceAll(o.Default, "\n", ", ") + "]"
					}
					a.printf("  %s\n%s", o.Name, wrap(text, "      ", "      "))
				}
			}
			return nil
		}}
}

// sourceFlags are what says how a connection is read.
type sourceFlags struct {
	kind, quiet      string
	options, secrets []string
	every            time.Duration
	limit            int
	like             string
}

func (f *sourceFlags) on(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.kind, "kind", "", `the connector; "vienti source kinds" lists them`)
	cmd.Flags().StringArrayVar(&f.options, "option", nil, `an option, as name=value; name=@FILE takes what stands in a file`)
	cmd.Flags().StringArrayVar(&f.secrets, "secret", nil, `a secret option, as name=FILE; "-" is a line of the standard input`)
}

// config reads the options from the flags, and begins with those that are stored.
func (f *sourceFlags) config(a *app, before store.Source) (kind string, c source.Config, err error) {
	if kind = f.kind; kind == "" {
		kind = before.Kind
	}
	if kind == "" {
		return "", c, usage(`--kind is missing; "vienti source kinds" lists the connectors`)
	}
	c = source.Config{Values: map[string]string{}, Secrets: map[string]secret.Secret{}}
	if kind == before.Kind {
		for name, value := range before.Values {
			c.Values[name] = value
		}
	}
	for _, o := range f.options {
		name, value, ok := strings.Cut(o, "=")
		if !ok {
			return "", c, usage("--option %q is no name=value", o)
		}
		if path, file := strings.CutPrefix(value, "@"); file {
			b, err := os.ReadFile(path)
			if err != nil {
				return "", c, fmt.Errorf("--option %s: %w", name, err)
			}
			value = strings.TrimSpace(string(b))
		}
		if c.Values[name] = value; value == "" {
			delete(c.Values, name)
		}
	}
	for _, s := range f.secrets {
		name, file, ok := strings.Cut(s, "=")
		if !ok {
			return "", c, usage("--secret is name=FILE")
		}
		if c.Secrets[name], err = (secretFlag{file: file, flag: "secret " + name}).get(a); err != nil {
			return "", c, err
		}
	}
	return kind, c, nil
}

// another lets s begin as another connection is read, if one is named, and returns that.
func (f *sourceFlags) another(ctx context.Context, o *opened, s *store.Source) (string, error) {
	if f.like == "" {
		return "", nil
	}
	p, err := o.connection(ctx, f.like)
	if err != nil {
		return "", err
	}
	other, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(p.ID) })
	if store.IsNotFound(err) {
		return "", usage("%s is not read by itself", f.like)
	} else if err != nil {
		return "", err
	}
	s.Kind, s.Schedule, s.Values = other.Kind, other.Schedule, map[string]string{}
	k, _ := connectors().Kind(other.Kind)
	for _, opt := range k.Options {
		if value := other.Values[opt.Name]; value != "" && !opt.Own {
			s.Values[opt.Name] = value
		}
	}
	return p.ID, nil
}

// aSource opens the hub, finds a connection, and how it is read by now.
func (a *app) aSource(ctx context.Context, name string, f func(*opened, place, store.Source) error) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	s, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(p.ID) })
	if err != nil && !store.IsNotFound(err) {
		return err
	}
	return f(o, p, s)
}

func (a *app) sourceSet() *cobra.Command {
	var f sourceFlags
	cmd := &cobra.Command{Use: "set CONNECTION", Short: "Say how a connection is read", Args: cobra.ExactArgs(1),
		Long: `Says how a connection is read. What is not given stays as it is; an option with an
empty value is taken away. Secrets are sealed and never shown.`,
		Example: "  vienti source set Webshop --kind file --option folder=/srv/invoices/out --every 10m\n" +
			"  vienti source set \"Payroll North\" --like Payroll --option company=52118 --option test_company=no",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.aSource(cmd.Context(), args[0], func(o *opened, p place, s store.Source) error {
				like, err := f.another(cmd.Context(), o, &s)
				if err != nil {
					return err
				}
				kind, c, err := f.config(a, s)
				if err != nil {
					return err
				}
				switch k, _ := connectors().Kind(kind); {
				case cmd.Flags().Changed("every"):
					s.Schedule.Every = f.every
				case s.Schedule.Every == 0:
					s.Schedule.Every = k.Usual()
				}
				if cmd.Flags().Changed("quiet") {
					if s.Schedule.Quiet, err = source.ParseHours(f.quiet); err != nil {
						return usage("--quiet: %v", err)
					}
				}
				s.Connection, s.Kind = p.ID, kind
				if err := o.engine.SetSourceLike(cmd.Context(), a.actor(), s, c, like); err != nil {
					return usage("%v", err)
				}
				a.printf("%s\n", a.say.T("source.set", "connection", plain(p.Name)))
				return nil
			})
		}}
	f.on(cmd)
	cmd.Flags().StringVar(&f.like, "like", "", "begin with the options and secrets of another connection, without its company")
	cmd.Flags().DurationVar(&f.every, "every", 0, "how often it is read; what is usual for the connector when it is not given")
	cmd.Flags().StringVar(&f.quiet, "quiet", "", "hours without reading, by Finland's clock, such as 19:00-08:00")
	return cmd
}

func (a *app) sourceChoices() *cobra.Command {
	var f sourceFlags
	cmd := &cobra.Command{Use: "choices CONNECTION", Short: "Ask the source system what its options may be", Args: cobra.ExactArgs(1),
		Long: `Asks the system for the choices of its options, such as the invoice statuses and the
companies of a Severa. The options by which it is reached are enough; nothing is kept.`,
		Example: `  vienti source choices Agency
  vienti source choices Agency --kind severa --option client_id=… --secret client_secret=key.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.aSource(cmd.Context(), args[0], func(o *opened, p place, s store.Source) error {
				kind, c, err := f.config(a, s)
				if err != nil {
					return err
				}
				choices, refused, err := o.engine.SourceChoices(cmd.Context(), p.ID, kind, c)
				switch {
				case err != nil:
					return err
				case refused != nil:
					return a.sourceStopped(*refused)
				case len(choices) == 0:
					a.printf("%s\n", a.say.T("choices.none", "kind", a.say.T("connector."+kind+".title")))
				}
				k, _ := connectors().Kind(kind)
				for _, opt := range k.Options {
					if len(choices[opt.Name]) == 0 {
						continue
					}
					a.printf("%s: %s\n", opt.Name, a.say.T("connector."+kind+".option."+opt.Name+".label"))
					list := table{}
					for _, x := range choices[opt.Name] {
						list.add("  "+plain(x.Value), plain(x.Label))
					}
					a.printf("%s", list.String())
				}
				return nil
			})
		}}
	f.on(cmd)
	return cmd
}

func (a *app) sourceCalls() *cobra.Command {
	var f sourceFlags
	cmd := &cobra.Command{Use: "calls [CONNECTION]", Short: "List what a user of the source system must be allowed", Args: cobra.MaximumNArgs(1),
		Long: `Lists the operations of the system that are called with some options, by the system's
names for them. A user that is allowed just these is enough. Nothing is asked.`,
		Example: `  vienti source calls Payroll
  vienti source calls --kind nmbrs --option detail=company`,
		RunE: func(cmd *cobra.Command, args []string) error {
			list := func(before store.Source) error {
				kind, c, err := f.config(a, before)
				if err != nil {
					return err
				}
				k, ok := connectors().Kind(kind)
				if !ok {
					return usage("there is no connector %q; \"vienti source kinds\" lists them", kind)
				}
				title := a.say.T("connector." + kind + ".title")
				if k.Calls == nil {
					a.printf("%s\n", a.say.T("source.no-calls", "kind", title))
					return nil
				}
				a.printf("%s\n%s", a.say.T("source.calls", "kind", title), wrap(a.say.T("source.calls-say"), "  ", "  "))
				for _, call := range k.Calls(c) {
					a.printf("  %s\n", call)
				}
				return nil
			}
			if len(args) == 0 {
				return list(store.Source{})
			}
			return a.aSource(cmd.Context(), args[0], func(_ *opened, _ place, s store.Source) error { return list(s) })
		}}
	cmd.Flags().StringVar(&f.kind, "kind", "", `the connector; "vienti source kinds" lists them`)
	cmd.Flags().StringArrayVar(&f.options, "option", nil, `an option, as name=value; name=@FILE takes what stands in a file`)
	return cmd
}

func (a *app) sourceTry() *cobra.Command {
	var f sourceFlags
	cmd := &cobra.Command{Use: "try CONNECTION", Short: "Show what a source would give, and keep nothing", Args: cobra.ExactArgs(1),
		Example: "  vienti source try Webshop\n  vienti source try Webshop --kind file --option folder=/srv/invoices/out",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.aSource(cmd.Context(), args[0], func(o *opened, p place, s store.Source) error {
				kind, c, err := f.config(a, s)
				if err != nil {
					return err
				}
				t, err := o.engine.TrySource(cmd.Context(), p.ID, kind, c, f.limit)
				if err != nil {
					return err
				}
				return a.trial(t)
			})
		}}
	f.on(cmd)
	cmd.Flags().IntVar(&f.limit, "count", 3, "how many documents to read")
	return cmd
}

// trial prints what a source has shown.
func (a *app) trial(t engine.SourceTrial) error {
	if len(t.Fields) > 0 {
		list := table{}
		list.add(a.say.T("source.document"), a.say.T("source.row"), a.say.T("source.theirs"), a.say.T("source.value"), a.say.T("source.ours"), a.say.T("source.understood"))
		for _, u := range t.Fields {
			row, read, ours := "", u.Read, u.Field
			if u.Row > 0 {
				row = fmt.Sprint(u.Row)
			}
			if u.Fault != "" {
				read = "✗ " + u.Fault
			}
			if ours == "" {
				ours = "(" + a.say.T("source.unused") + ")"
			}
			list.add(fmt.Sprint(u.Document), row, plain(u.Theirs), plain(u.Value), ours, plain(read))
		}
		a.printf("%s\n", list.String())
	}
	if t.Fault != nil {
		return a.sourceStopped(*t.Fault)
	}
	if len(t.Documents) == 0 {
		a.printf("%s\n", a.say.T("source.trial-none"))
		return nil
	}
	list := table{}
	for _, d := range t.Documents {
		gross := ""
		if g := d.Document.Totals.Gross; g != nil {
			gross = g.String()
		}
		list.add(plain(d.Document.Number), d.Document.Date.String(), plain(d.Document.Counterparty().Name), gross, string(d.Document.Currency))
		for _, f := range d.Faults {
			e := remedy.For(a.say, f)
			list.add("", "", plain(e.Title), plain(f.Path), "")
		}
	}
	a.printf("%s\n%s\n", list.String(), a.say.N("source.trial-documents", len(t.Documents)))
	return nil
}

func (a *app) sourceStopped(f hub.Fault) error {
	e := remedy.For(a.say, f)
	return &exit{codePerson, fmt.Errorf("%s. %s\n%s", e.Title, e.Cause, e.Remedy)}
}

func (a *app) sourceShow() *cobra.Command {
	return &cobra.Command{Use: "show CONNECTION", Short: "Show how a connection is read, and its latest runs", Args: cobra.ExactArgs(1),
		Example: "  vienti source show Webshop",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.aSource(cmd.Context(), args[0], func(o *opened, p place, s store.Source) error {
				if s.Kind == "" {
					a.printf("%s\n", a.say.T("source.not-set"))
					return nil
				}
				pulls, err := store.ReadOne(cmd.Context(), o.store, func(tx *store.Tx) ([]store.Pull, error) { return tx.Pulls(p.ID, 10) })
				if err != nil {
					return err
				}
				a.printf("%s\n", a.say.T("source.reads", "kind", a.say.T("connector."+s.Kind+".title")))
				list := table{}
				k, _ := connectors().Kind(s.Kind)
				for _, opt := range k.Options {
					value := s.Values[opt.Name]
					if opt.Secret {
						value = strings.Repeat("•", min(1, len(s.Secrets))*8)
					}
					if value != "" {
						list.add("  "+a.say.T("connector."+s.Kind+".option."+opt.Name+".label"), plain(strings.ReplaceAll(value, "\n", ", ")))
					}
				}
				list.add("  "+a.say.T("source.schedule"), a.say.T("source.every-minutes", "n", int(s.Schedule.Every/time.Minute))+" "+s.Schedule.Quiet.String())
				next := a.say.T("source.waits")
				if !s.NextAt.IsZero() {
					next = a.say.Time(s.NextAt)
				}
				list.add("  "+a.say.T("source.next"), next)
				a.printf("%s", list.String())
				if len(pulls) == 0 {
					a.printf("%s\n", a.say.T("source.no-runs"))
				}
				for _, p := range pulls {
					outcome := a.say.T("source.good")
					if p.Fault != nil {
						outcome = remedy.For(a.say, *p.Fault).Title
					}
					a.printf("  %s  %s %d, %s %d, %s %d, %s %d: %s\n", a.say.Time(p.Ended), a.say.T("source.shown"), p.Documents, a.say.T("source.new"), p.New,
						a.say.T("source.changed"), p.Changed, a.say.T("source.held"), p.Held, outcome)
				}
				if s.Fault != nil && s.NextAt.IsZero() {
					return a.sourceStopped(*s.Fault)
				}
				return nil
			})
		}}
}

func (a *app) sourceNow() *cobra.Command {
	return &cobra.Command{Use: "now CONNECTION", Short: "Read a connection now", Args: cobra.ExactArgs(1), Example: "  vienti source now Webshop",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.aSource(cmd.Context(), args[0], func(o *opened, p place, s store.Source) error {
				if s.Kind == "" {
					return usage("%s", a.say.T("source.not-set"))
				}
				if err := o.engine.PullNow(cmd.Context(), a.actor(), p.ID); err != nil {
					return err
				}
				if o.beside || o.store.Dialect() == store.Postgres {
					a.printf("%s\n", a.say.T("source.will-now", "connection", plain(p.Name)))
					return nil
				}
				pull, err := o.engine.Pull(cmd.Context(), p.ID)
				if err != nil || pull == nil {
					return errors.Join(err, cmd.Context().Err())
				}
				if pull.Fault != nil {
					return a.sourceStopped(*pull.Fault)
				}
				a.printf("%s %d, %s %d, %s %d, %s %d\n", a.say.T("source.shown"), pull.Documents, a.say.T("source.new"), pull.New,
					a.say.T("source.changed"), pull.Changed, a.say.T("source.held"), pull.Held)
				return nil
			})
		}}
}

func (a *app) sourceRemove() *cobra.Command {
	return &cobra.Command{Use: "remove CONNECTION", Short: "Do not read a connection by itself any more", Args: cobra.ExactArgs(1),
		Example: "  vienti source remove Webshop",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.aSource(cmd.Context(), args[0], func(o *opened, p place, s store.Source) error {
				if s.Kind == "" {
					return usage("%s", a.say.T("source.not-set"))
				}
				if err := o.engine.RemoveSource(cmd.Context(), a.actor(), p.ID); err != nil {
					return err
				}
				a.printf("%s\n", a.say.T("source.removed", "connection", plain(p.Name)))
				return nil
			})
		}}
}

// connectors are those that a connection may be read by.
func connectors() *source.Registry { return all.Sources() }
