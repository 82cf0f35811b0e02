package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/demo"
	"github.com/vienti/vienti/internal/hub"
)

func (a *app) demoCommand() *cobra.Command {
	var leave, asJSON bool
	var listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: a local Procountor, the hub, some forty documents",
		Long: `Starts a local Procountor with a Finnish and a Swedish company, connects the hub to
it in a temporary folder, and brings in some forty documents of our own making, from
files and by the REST API. The good ones arrive once; the others are held, each for
another reason, with what to do about it. Then both sides are compared.

The pages stay open until Ctrl-C. Nothing real is touched: it uses the local
Procountor only, needs no network, and removes its folder at the end.`,
		Example: "  vienti demo\n  vienti demo --exit                          end after the table\n  vienti demo --lang fi",
		Args:    noArgs,
		// It has a configuration of its own.
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.startDemo(listen) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), leave || asJSON, asJSON) },
	}
	cmd.Flags().BoolVar(&leave, "exit", false, "end after the table instead of leaving the pages open")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback address of the pages; port 0 takes a free one")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON and end")
	return cmd
}

// startDemo is start without the configuration of this machine, which may name
// a real database.
func (a *app) startDemo(listen string) error {
	lang, err := a.language()
	if err != nil {
		return err
	}
	a.speak(lang)
	if !loopback(listen) {
		return usage("--listen: the demo takes a loopback address only, such as 127.0.0.1:8080")
	}
	a.cfg.Listen, a.cfg.LogFormat, a.started = listen, "text", true
	level := a.flags.logLevel
	if level == "" {
		level = "error"
	}
	a.log = a.logger(level)
	return nil
}

// demoLimit is how long the documents may take; they need some seconds.
const demoLimit = 2 * time.Minute

func (a *app) demo(ctx context.Context, leave, asJSON bool) (err error) {
	begun := a.now()
	dir, err := os.MkdirTemp("", "vienti-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := demo.Start(ctx, demo.Options{Dir: dir, Now: a.env.Now, Log: a.log})
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		err = errors.Join(err, d.Close(stopping))
	}()
	if err != nil {
		return err
	}
	s, err := a.listen(d.Store, d.Engine, a.log)
	if err != nil {
		return err
	}
	defer s.close()
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- s.run(serving) }()
	defer func() {
		stop()
		err = errors.Join(err, <-served)
	}()
	address := s.address("")
	tell := func(text string) {
		if !asJSON {
			a.printf("%s", wrap(text, "", ""))
		}
	}
	tell(a.t("demo.begin", "sandbox", d.SandboxAddress, "folder", dir))
	working, cancel := context.WithTimeout(ctx, demoLimit)
	defer cancel()
	if err := d.HandOver(working, address); err != nil {
		return err
	}
	outcomes, err := d.Wait(working, a.demoProgress())
	a.progressDone()
	if err != nil {
		return err
	}
	books, err := d.Books(working)
	if err != nil {
		return err
	}
	took := a.now().Sub(begun)
	if asJSON {
		err = a.demoJSON(outcomes, books, took)
	} else {
		a.demoTable(outcomes)
		a.demoBooks(books)
		tell("")
		a.printf("\n%s\n", a.t("demo.took", "seconds", fmt.Sprintf("%d.%d", took.Milliseconds()/1000, took.Milliseconds()%1000/100)))
	}
	if err = errors.Join(err, demoSurprises(outcomes, books)); err != nil || leave {
		return err
	}
	who := table{}
	who.add("  "+a.t("demo.login"), d.Login)
	who.add("  "+a.t("demo.password"), d.Password.Reveal())
	who.add("  "+a.t("demo.token"), d.Token.Reveal())
	a.printf("\n%s\n\n  %s\n%s\n%s\n", a.t("demo.open"), address, who.String(), a.t("demo.stop"))
	<-ctx.Done()
	return nil
}

func (a *app) demoProgress() func(settled, all int) {
	if !a.env.IsTerminal {
		return func(int, int) {}
	}
	return func(settled, all int) {
		fmt.Fprint(a.env.Stderr, "\r\x1b[K"+a.t("progress", "n", settled, "all", all))
	}
}

// demoTable shows what arrived, and what did not and why.
func (a *app) demoTable(outcomes []demo.Outcome) {
	a.printf("\n%s\n", a.t("demo.arrived"))
	t := table{right: []int{2}}
	t.add("  "+a.t("column.number"), a.t("demo.shows"), a.t("column.sum"), a.t("column.state"), a.t("column.procountor"))
	var rows []row
	for _, o := range outcomes {
		r := a.row(&o.Transfer)
		r.Again, r.File = o.Again, o.File
		rows = append(rows, r)
		if hub.State(r.State).NeedsPerson() {
			continue
		}
		there := ""
		if r.Procountor != 0 {
			there = fmt.Sprint(r.Procountor)
		}
		t.add("  "+r.Number, a.t("demo.file."+o.Key), a.sum(r), a.state(r), there)
	}
	a.printf("%s\n%s\n", t.String(), a.t("demo.held"))
	for i, r := range rows {
		if !hub.State(r.State).NeedsPerson() {
			continue
		}
		for _, why := range r.Reasons {
			if why.Warning {
				continue
			}
			a.printf("\n  %-10s  %s\n", r.Number, a.t("demo.file."+outcomes[i].Key))
			a.printf("%s", wrap(why.Title, "    ✗ ", "      "))
			a.printf("%s", wrap(why.Remedy, "    → ", "      "))
			a.printf("%s", wrap(why.Who, "      ", "      "))
			break
		}
	}
	a.printf("\n%s\n", a.tally(rows))
}

// demoBooks shows that both sides agree.
func (a *app) demoBooks(books []demo.Book) {
	a.printf("\n%s\n", a.t("demo.books"))
	t := table{right: []int{2, 4}}
	for _, b := range books {
		sign, is := "✓", "="
		if !b.Agrees() {
			sign = "✗"
		}
		if !b.Source.Equal(b.Procountor) {
			is = "≠"
		}
		t.add("  "+sign+" "+b.Company, a.say.T("kind."+string(b.Kind)+".many"), a.say.Amount(b.Source, b.Currency), is, a.say.Amount(b.Procountor, b.Currency),
			a.n("demo.invoices", b.Invoices), a.n("demo.doubles", b.Doubles))
	}
	a.printf("%s", t.String())
}

// demoSurprises are the outcomes that are not what the demonstration is for.
func demoSurprises(outcomes []demo.Outcome, books []demo.Book) error {
	var list []string
	for _, o := range outcomes {
		if s := o.Surprise(); s != "" {
			list = append(list, s)
		}
	}
	for _, b := range books {
		if !b.Agrees() {
			list = append(list, fmt.Sprintf("%s, %s in %s: source %s in %d documents, Procountor %s in %d invoices, %d doubles", b.Company, b.Kind, b.Currency,
				b.Source, b.Documents, b.Procountor, b.Invoices, b.Doubles))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return errors.New("the demo did not go as it should:\n  " + strings.Join(list, "\n  "))
}

func (a *app) demoJSON(outcomes []demo.Outcome, books []demo.Book, took time.Duration) error {
	type shown struct {
		row
		Shows string `json:"shows"`
	}
	type book struct {
		Company    string `json:"company"`
		Kind       string `json:"kind"`
		Currency   string `json:"currency"`
		Source     string `json:"source"`
		Procountor string `json:"procountor"`
		Documents  int    `json:"documents"`
		Invoices   int    `json:"invoices"`
		Doubles    int    `json:"doubles"`
	}
	out := struct {
		Milliseconds int64   `json:"milliseconds"`
		Documents    []shown `json:"documents"`
		Books        []book  `json:"books"`
	}{Milliseconds: took.Milliseconds()}
	for _, o := range outcomes {
		r := a.row(&o.Transfer)
		r.File, r.Again = o.File, o.Again
		out.Documents = append(out.Documents, shown{r, o.Shows})
	}
	for _, b := range books {
		out.Books = append(out.Books, book{b.Company, string(b.Kind), string(b.Currency), b.Source.Fixed(2), b.Procountor.Fixed(2), b.Documents, b.Invoices, b.Doubles})
	}
	return a.json(out)
}
