package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

type mailboxOptions struct{ add, remove, language string }

func (a *app) mailboxesCommand() *cobra.Command {
	var f mailboxOptions
	cmd := &cobra.Command{
		Use:   "mailboxes [CONNECTION]",
		Short: "Show or change the addresses that are told of a connection by mail",
		Long: `Shared mailboxes, such as talous@yritys.fi, that are told once of each reason why
documents of a connection wait. They need no user. Adding an address whose reader
has stopped the letters switches them on again.`,
		Example: `  vienti mailboxes Webshop
  vienti mailboxes Webshop --add talous@yritys.fi --language fi
  vienti mailboxes Webshop --remove talous@yritys.fi`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.mailboxes(cmd.Context(), name, f)
		},
	}
	cmd.Flags().StringVar(&f.add, "add", "", "address that is told of the connection")
	cmd.Flags().StringVar(&f.language, "language", "fi", "language of its letters: fi, sv, en or nl")
	cmd.Flags().StringVar(&f.remove, "remove", "", "address that is told no longer")
	cmd.MarkFlagsMutuallyExclusive("add", "remove")
	return cmd
}

func (a *app) mailboxes(ctx context.Context, name string, f mailboxOptions) error {
	l, ok := locale.Parse(f.language)
	if !ok {
		return usage("--language: %q is none of fi, sv, en, nl", f.language)
	}
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	switch {
	case f.add != "":
		err = o.engine.AddMailbox(ctx, a.actor(), p.ID, f.add, l)
	case f.remove != "":
		err = o.engine.RemoveMailbox(ctx, a.actor(), p.ID, f.remove)
	}
	switch {
	case errors.Is(err, alert.ErrAddress):
		return usage("%s", a.say.T("mailbox.wrong"))
	case errors.Is(err, store.ErrMailboxes):
		return usage("%s", a.say.T("mailbox.full"))
	case store.IsNotFound(err):
		return usage("%s", a.say.T("mailbox.missing"))
	case err != nil:
		return err
	}
	boxes, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]store.Mailbox, error) { return tx.Mailboxes(p.ID) })
	if err != nil {
		return err
	}
	if len(boxes) == 0 {
		a.printf("%s\n", a.say.T("mailbox.none"))
	}
	for _, b := range boxes {
		a.printf("%s  %s", b.Address, b.Language)
		if !b.Stopped.IsZero() {
			a.printf("  %s", a.say.T("mailbox.stopped", "time", a.say.Time(b.Stopped)))
		}
		a.printf("\n")
	}
	return nil
}
