package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) webhookCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Where a business system is told what becomes of its documents",
		Long: `A webhook is an address to which the changes of a connection are posted as they
happen: accepted, refused, its number and reference, paid. They are signed with a secret
that is shown once. "vienti serve" tells; docs/api.md says how a receiver verifies.`,
		Example: `  vienti webhook add Webshop https://shop.example.fi/vienti
  vienti webhook list
  vienti webhook log 06a1b2c3
  vienti webhook resume 06a1b2c3`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: noArgs,
	}
	cmd.AddCommand(a.webhookAdd(), a.webhookList(), a.webhookLog(),
		a.webhookDo("rotate ID", "Make another secret and show it once", "For a day what is sent is signed with both.", func(ctx context.Context, o *opened, w store.Webhook) error {
			s, err := o.engine.RotateWebhook(ctx, a.actor(), w.Connection, w.ID)
			if err == nil {
				a.printf("%s\n\n  %s\n\n%s\n", a.say.T("webhook.rotated"), s.Reveal(), a.t("token.once"))
			}
			return err
		}),
		a.webhookDo("resume ID", "Try again at once", "What has waited is told in its order.", func(ctx context.Context, o *opened, w store.Webhook) error {
			err := o.engine.ResumeWebhook(ctx, a.actor(), w.Connection, w.ID)
			if err == nil {
				a.printf("%s\n", a.say.T("webhook.resumed"))
			}
			return err
		}),
		a.webhookDo("end ID", "Tell nothing more", "What was still to be told stays in the feed.", func(ctx context.Context, o *opened, w store.Webhook) error {
			err := o.engine.EndWebhook(ctx, a.actor(), w.Connection, w.ID)
			if err == nil {
				a.printf("%s\n", a.say.T("webhook.ended"))
			}
			return err
		}), a.webhookReplay())
	return cmd
}

func (a *app) webhookAdd() *cobra.Command {
	var kinds []string
	var language string
	cmd := &cobra.Command{
		Use: "add CONNECTION ADDRESS", Short: "Have the changes of a connection told to an address", Args: cobra.ExactArgs(2),
		Example: `  vienti webhook add Webshop https://shop.example.fi/vienti
  vienti webhook add Webshop https://shop.example.fi/vienti --type document.refused --type document.posted`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, ok := locale.Parse(language); !ok {
				return usage("--language: %q is none of fi, sv, en, nl", language)
			}
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, err := o.connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			w := store.Webhook{Connection: p.ID, URL: args[1], Language: language}
			for _, k := range kinds {
				w.Kinds = append(w.Kinds, hub.ChangeKind(k))
			}
			w, err = o.engine.AddWebhook(cmd.Context(), a.actor(), w)
			switch {
			case errors.Is(err, engine.ErrWebhookKind), errors.Is(err, engine.ErrWebhookURL), errors.Is(err, store.ErrWebhooks):
				return usage("%v", err)
			case err != nil:
				return err
			}
			a.printf("%s\n\n  %s\n\n%s\n", a.say.T("webhook.made", "id", w.ID, "connection", p.Name), w.Secret.Reveal(), a.t("token.once"))
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&kinds, "type", nil, "type of changes that are told, such as document.refused; may be given several times (default: all)")
	cmd.Flags().StringVar(&language, "language", "en", "language of titles and remedies: fi, sv, en or nl")
	return cmd
}

func (a *app) webhookList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List webhooks and how they stand", Args: noArgs, Example: "  vienti webhook list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			places, err := o.places(cmd.Context())
			if err != nil {
				return err
			}
			type shown struct {
				ID         string `json:"id"`
				Connection string `json:"connection"`
				URL        string `json:"url"`
				State      string `json:"state"`
				Waiting    int    `json:"waiting"`
				GivenUp    int    `json:"given_up"`
			}
			rows := []shown{}
			t := table{right: []int{4}}
			t.add("Id", a.t("column.connection"), a.say.T("webhook.address"), a.t("column.state"), a.say.T("webhook.waiting"))
			for _, p := range places {
				var list []store.Webhook
				var counts map[string]store.DeliveryCount
				if err := o.store.Read(cmd.Context(), func(tx *store.Tx) (err error) {
					if list, err = tx.Webhooks(p.ID); err != nil {
						return err
					}
					counts, err = tx.CountDeliveries(p.ID)
					return err
				}); err != nil {
					return err
				}
				for _, w := range list {
					state := "good"
					switch {
					case !w.Parked.IsZero():
						state = "parked"
					case w.Fails > 0:
						state = "failing"
					}
					n := counts[w.ID]
					rows = append(rows, shown{w.ID, p.Name, w.URL, state, n.Planned, n.GivenUp})
					t.add(w.ID, clip(p.Name, 32), clip(w.URL, 60), a.say.T("webhook-is."+state), a.say.Int(n.Planned))
				}
			}
			if asJSON {
				return a.json(rows)
			}
			a.printf("%s", t.String())
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// webhookDo is a command about one webhook, named by the beginning of its id.
func (a *app) webhookDo(use, short, long string, do func(context.Context, *opened, store.Webhook) error) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: short + ". " + long, Args: cobra.ExactArgs(1)}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, err := a.open(cmd.Context())
		if err != nil {
			return err
		}
		defer o.close()
		w, err := o.webhook(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return do(cmd.Context(), o, w)
	}
	cmd.Example = "  vienti webhook " + cmd.Name() + " 06a1b2c3"
	return cmd
}

func (a *app) webhookReplay() *cobra.Command {
	var from string
	cmd := a.webhookDo("replay ID", "Tell once more of the changes since a day", "They have the ids that they had; at most 90 days.",
		func(ctx context.Context, o *opened, w store.Webhook) error {
			day, err := time.ParseInLocation(time.DateOnly, from, helsinki())
			if err != nil {
				return usage("--from: %q is no day; write it as 2026-03-01", from)
			}
			n, err := o.engine.ReplayWebhook(ctx, a.actor(), w.Connection, w.ID, day)
			if err == nil {
				a.printf("%s\n", a.say.N("webhook.replayed", n))
			}
			return err
		})
	cmd.Flags().StringVar(&from, "from", "", "the first day, such as 2026-03-01")
	cmd.Example = "  vienti webhook replay 06a1b2c3 --from 2026-03-01"
	return cmd
}

func (a *app) webhookLog() *cobra.Command {
	cmd := a.webhookDo("log ID", "What it was told, and how it answered", "The newest first.", func(ctx context.Context, o *opened, w store.Webhook) error {
		list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]store.Delivery, error) { return tx.Deliveries(w.ID, 0, 50) })
		if err != nil {
			return err
		}
		t := table{right: []int{3, 4}}
		t.add(a.say.T("webhook.happened"), a.say.T("webhook.change"), a.t("column.state"), a.say.T("webhook.tries"), a.say.T("webhook.answer"), a.say.T("webhook.why"))
		for _, d := range list {
			answer := ""
			if d.Status > 0 {
				answer = a.say.Int(d.Status)
			}
			t.add(a.say.Time(d.Change.At), string(d.Change.Kind), a.say.T("delivery."+string(d.State)), a.say.Int(d.Tries), answer, clip(d.Error, 60))
		}
		a.printf("%s", t.String())
		return nil
	})
	return cmd
}

func (o *opened) webhook(ctx context.Context, id string) (found store.Webhook, err error) {
	list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]store.Webhook, error) { return tx.Webhooks("") })
	if err != nil {
		return found, err
	}
	n := 0
	for _, w := range list {
		// Ids begin with the time: the end tells them apart.
		if len(id) >= 6 && (w.ID == id || len(w.ID) > len(id) && (w.ID[:len(id)] == id || w.ID[len(w.ID)-len(id):] == id)) {
			found, n = w, n+1
		}
	}
	if n != 1 {
		return found, usage("%d webhooks are named %q; see vienti webhook list", n, id)
	}
	return found, nil
}
