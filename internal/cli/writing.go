package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) writingCommand() *cobra.Command {
	var confirm string
	cmd := &cobra.Command{
		Use:   "writing on|off [CONNECTION]",
		Short: "Let a connection write to Procountor, or stop it",
		Long: `Switches writing of a connection on or off. Switched on, everything that was only
noticed so far becomes ready and travels. For a company in production the name of
the company must be typed.`,
		Example: `  vienti writing on Webshop
  vienti writing off Webshop
  vienti writing on Webshop --company "Esimerkkipaja Oy"   without being asked`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 || args[0] != "on" && args[0] != "off" {
				return errors.New("say on or off, and which connection")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 2 {
				name = args[1]
			}
			return a.setWriting(cmd.Context(), name, args[0] == "on", confirm)
		},
	}
	cmd.Flags().StringVar(&confirm, "company", "", "name of the company in production, typed in full")
	return cmd
}

func (a *app) setWriting(ctx context.Context, name string, on bool, confirm string) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	if on && p.Of.Environment == hub.Production {
		if confirm == "" {
			confirm, err = a.ask(fmt.Sprintf("%q will write to the real books of %q. Type the company's name", p.Name, p.Of.Name), "")
			if errors.Is(err, errNobody) {
				return usage("%q is in production: confirm with --company and the company's full name", p.Of.Name)
			}
			if err != nil {
				return err
			}
		}
		if strings.TrimSpace(confirm) != p.Of.Name {
			return usage("that is not %q: nothing is switched on", p.Of.Name)
		}
	}
	err = o.engine.SetWriting(ctx, a.actor(), p.ID, on)
	if missing, ok := errors.AsType[*engine.IncompleteError](err); ok {
		a.printf("%s\n", a.say.T("checklist.not-complete"))
		return a.tellChecklist(p.System, missing.Checklist)
	}
	if err != nil {
		return err
	}
	key := "writing.now-off"
	if on {
		key = "writing.now-on"
	}
	a.printf("%s\n", a.t(key, "connection", p.Name, "company", plain(p.Of.Name), "environment", a.say.T("env."+string(p.Of.Environment))))
	if !on {
		return nil
	}
	states, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (map[hub.State]int, error) {
		return tx.CountTransfers(store.TransferFilter{Connection: p.ID})
	})
	if err != nil {
		return err
	}
	if n := states[hub.Ready]; n > 0 {
		key := "writing.ready"
		if o.beside {
			key = "writing.going" // the server has the work
		}
		a.printf("%s\n", a.say.N("cli."+key, n))
	}
	return nil
}
