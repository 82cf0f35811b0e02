package cli

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) periodsCommand() *cobra.Command {
	var month string
	cmd := &cobra.Command{
		Use:   "periods [CONNECTION] [--close MONTH]",
		Short: "Show the months that a source has closed, or close one",
		Long: `Shows which months of a connection are closed and for which documents wait. With
--close it says that the source has closed a month: at journal level its documents
then become journals; at document level nothing is sent, ever.`,
		Example: `  vienti periods Webshop
  vienti periods Webshop --close 2026-03`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.periods(cmd.Context(), name, month)
		},
	}
	cmd.Flags().StringVar(&month, "close", "", "the month that the source has closed, as YYYY-MM")
	return cmd
}

func (a *app) periods(ctx context.Context, name, month string) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	if month != "" {
		return a.closePeriod(ctx, o, p.ID, month)
	}
	var closed []store.ClosedPeriod
	var waiting map[hub.Month]int
	if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		if closed, err = tx.ClosedPeriods(p.ID); err != nil {
			return err
		}
		waiting, err = tx.WaitingMonths(p.ID)
		return err
	}); err != nil {
		return err
	}
	a.printf("%s\n", a.t("periods.title", "connection", p.Name))
	if len(closed) == 0 && len(waiting) == 0 {
		a.printf("%s\n", a.say.T("periods.none"))
	}
	for _, m := range slices.Sorted(maps.Keys(waiting)) {
		a.printf("  %s\n", a.say.N("cli.periods.waiting", waiting[m], "period", a.say.Month(string(m))))
	}
	for _, c := range closed {
		a.printf("  %s\n", a.t("periods.closed", "period", a.say.Month(string(c.Month)), "when", a.say.Time(c.Closed), "who", c.Actor))
	}
	return nil
}

func (a *app) closePeriod(ctx context.Context, o *opened, connection, text string) error {
	month, err := hub.ParseMonth(text)
	if err != nil {
		return usage("%s", a.say.T("periods.no-month", "value", text))
	}
	words := a.say.Month(string(month))
	rc, err := o.engine.ClosePeriod(ctx, a.actor(), connection, month)
	if errors.Is(err, engine.ErrFuturePeriod) {
		return usage("%s", a.say.T("periods.future", "period", words))
	}
	if err != nil {
		return err
	}
	if rc.Level == hub.JournalLevel {
		a.printf("%s\n", a.say.N("periods.done-journal", rc.Waiting, "period", words))
	} else {
		a.printf("%s\n", a.say.T("periods.done-document", "period", words))
	}
	if n := rc.Open - waitingOf(rc); n > 0 {
		a.printf("%s\n", a.say.N("periods.missing", n, "period", words))
		for _, t := range rc.Missing {
			if t.WaitsFor != hub.PeriodKey(connection, month) {
				a.printf("  %s  %s  %s\n", plain(t.Number), a.say.Day(t.Date), a.say.T("state."+string(t.State)))
			}
		}
	}
	return nil
}

// waitingOf is how many of the open documents become journals now.
func waitingOf(rc engine.PeriodReceipt) int {
	if rc.Level == hub.JournalLevel {
		return rc.Waiting
	}
	return 0
}
