package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) detachCommand() *cobra.Command {
	var finish, stop, stay bool
	var confirm string
	limit := 10 * time.Minute
	cmd := &cobra.Command{
		Use:   "detach [CONNECTION]",
		Short: "Detach a company from Procountor, and erase its key",
		Long: `Detaches the company of a connection, with all its connections: the key is erased
here, and nothing is read or written with it any more. Documents, settings and log
stay readable; "vienti connect" under the same name goes on with them later.

What is half-way is finished first, or stopped where it lies; what is unclear is
looked for first, either way. The name of the company must be typed.`,
		Example: `  vienti detach Webshop
  vienti detach Webshop --finish --company "Esimerkkipaja Oy"
  vienti detach Webshop --stay                 not after all, while it is under way`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if finish && stop || stay && (finish || stop) {
				return usage("choose one of --finish, --stop and --stay")
			}
			how := hub.Leaving("")
			switch {
			case finish:
				how = hub.LeaveFinished
			case stop:
				how = hub.LeaveStopped
			}
			return a.detach(cmd.Context(), strings.Join(args, ""), how, stay, confirm, limit)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&finish, "finish", false, "finish what is half-way first")
	f.BoolVar(&stop, "stop", false, "leave what is half-way in Procountor as it lies there")
	f.BoolVar(&stay, "stay", false, "end a detaching that is under way: the company stays connected")
	f.StringVar(&confirm, "company", "", "name of the company, typed in full")
	f.DurationVar(&limit, "timeout", limit, "how long to wait for what is under way")
	return cmd
}

func (a *app) detach(ctx context.Context, name string, how hub.Leaving, stay bool, confirm string, limit time.Duration) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	company := plain(p.Of.Name)
	if stay {
		if err := o.engine.Stay(ctx, a.actor(), p.Of.ID); err != nil {
			return err
		}
		a.printf("%s\n", a.say.T("detach.stayed", "company", company))
		return nil
	}
	if confirm == "" {
		confirm, err = a.ask(a.t("detach.sure", "company", company), "")
		if errors.Is(err, errNobody) {
			return usage("confirm with --company and the company's full name")
		}
		if err != nil {
			return err
		}
	}
	if strings.TrimSpace(confirm) != p.Of.Name {
		return usage("%s", a.t("detach.name", "company", company))
	}
	u, err := o.engine.UnderWay(ctx, p.Of.ID)
	if err != nil {
		return err
	}
	if how == "" && len(u.Begun) > 0 {
		return usage("%s", a.t("detach.ask", "n", len(u.Begun)))
	}
	if how == "" {
		how = hub.LeaveFinished
	}
	c, err := o.engine.Detach(ctx, a.actor(), p.Of.ID, how)
	if errors.Is(err, store.ErrDetached) {
		return errors.New(a.t("detach.already", "company", company))
	}
	if err != nil {
		return err
	}
	if c.Detached.IsZero() {
		a.printf("%s\n", a.t("detach.leaving", "company", company, "n", len(u.Begun)))
		if err := o.left(ctx, p.Of.ID, limit); err != nil {
			return err
		}
	}
	a.printf("%s", wrap(a.say.T("detach.done", "company", company), "", ""))
	return nil
}

// left waits until a company is detached, and does the work unless a server does.
func (o *opened) left(ctx context.Context, company string, limit time.Duration) error {
	end := o.app.now().Add(limit)
	for {
		c, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(company) })
		if err != nil || !c.Detached.IsZero() {
			return err
		}
		if o.app.now().After(end) {
			return &exit{codeTimeUp, fmt.Errorf("%s", o.app.say.T("detach.leaving-"+string(c.Leaving)))}
		}
		if !o.beside {
			if _, err := o.engine.Step(ctx, o.app.now(), company); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}
