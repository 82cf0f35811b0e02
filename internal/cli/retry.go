package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) retryCommand() *cobra.Command {
	var all, asJSON, wait bool
	var code, why, connection string
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "retry NUMBER… | --all",
		Short: "Try documents again that were held or refused",
		Long: `Tries documents again, with document, settings and registers as they are now. It
is safe at any time: what has been written is looked up, never written twice. What is
under way already goes on; with --all everything that is.`,
		Example: `  vienti retry 10234
  vienti retry --all --code period-closed     after the period was opened
  vienti retry --all --why "VAT rate enabled"`,
		Args: func(_ *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("name documents, or say --all")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if code != "" && !all {
				return usage("--code goes with --all")
			}
			if !wait {
				limit = 0
			}
			return a.retry(cmd.Context(), args, connection, code, why, limit, asJSON)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&all, "all", false, "everything that is held, refused or under way")
	f.StringVar(&code, "code", "", "with --all: only what stands still for this reason")
	f.StringVar(&connection, "connection", "", "with --all: only this connection")
	f.StringVar(&why, "why", "", "a reason, for the log")
	f.BoolVar(&wait, "wait", true, "wait until all is settled")
	f.DurationVar(&limit, "time-limit", 3*time.Minute, "how long to wait")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) retry(ctx context.Context, numbers []string, connection, code, why string, limit time.Duration, asJSON bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	var list []hub.Transfer
	for _, n := range numbers {
		found, err := o.find(ctx, n)
		if err != nil {
			return err
		}
		list = append(list, found...)
	}
	if len(numbers) == 0 {
		f := store.TransferFilter{States: []hub.State{hub.Held, hub.Refused}, Code: code}
		if code == "" {
			f.States = append(f.States, hub.Ready, hub.Working, hub.Waiting, hub.Unclear)
		}
		if connection != "" {
			p, err := o.connection(ctx, connection)
			if err != nil {
				return err
			}
			f.Connection = p.ID
		}
		if list, err = o.all(ctx, f); err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(t hub.Transfer) bool {
			return !t.State.Active() && !slices.Contains(engine.Allowed(&t), engine.Retry)
		})
	}
	var ids []string
	for _, t := range list {
		if t.State.Active() { // needs no retry: it only has to be let run
			ids = append(ids, t.ID)
			continue
		}
		err := o.engine.Act(ctx, a.actor(), t.ID, engine.Retry, why)
		if errors.Is(err, engine.ErrNotNow) && len(numbers) == 0 {
			continue // someone was quicker
		}
		if errors.Is(err, engine.ErrNotNow) && hub.Unread(t.Faults) {
			return errors.New(a.say.T("document.send-again"))
		}
		if errors.Is(err, engine.ErrNotNow) {
			return errors.New(a.t("retry.not-now", "number", cmp.Or(t.Number, t.ID), "state", a.say.T("state."+string(t.State))))
		}
		if err != nil {
			return err
		}
		ids = append(ids, t.ID)
	}
	if len(ids) == 0 {
		a.printf("%s\n", a.t("retry.nothing"))
		return nil
	}
	return a.goOn(ctx, o, ids, limit, asJSON)
}

// goOn lets the engine work on documents and tells what came of it.
func (a *app) goOn(ctx context.Context, o *opened, ids []string, limit time.Duration, asJSON bool) error {
	after, stopped, err := o.settle(ctx, ids, limit, a.progress())
	a.progressDone()
	if err != nil {
		return err
	}
	rows := make([]row, len(after))
	for i := range after {
		rows[i] = a.row(&after[i])
	}
	if asJSON {
		if err := a.json(struct {
			Documents []row `json:"documents"`
		}{rows}); err != nil {
			return err
		}
	} else {
		a.table(rows)
		a.why(rows)
		a.printf("\n%s\n", a.tally(rows))
	}
	switch stopped {
	case companyPaused:
		return &exit{codeNoAnswer, errors.New(a.t("send.kept"))}
	case timeUp:
		if limit > 0 {
			return &exit{codeTimeUp, errors.New(a.t("send.time-up"))}
		}
	}
	return needsPerson(rows)
}

// all reads every page of a list.
func (o *opened) all(ctx context.Context, f store.TransferFilter) (list []hub.Transfer, err error) {
	f.Limit = 0
	for {
		var page []hub.Transfer
		if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
			page, f.After, err = tx.Page(f)
			return err
		}); err != nil {
			return nil, err
		}
		if list = append(list, page...); f.After == "" {
			return list, nil
		}
	}
}
