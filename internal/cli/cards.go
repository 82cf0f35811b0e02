package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
)

func (a *app) partnersChangesCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "changes [CONNECTION]",
		Short: "What a source says otherwise of partners than their cards in Procountor",
		Long: `Lists the customers, suppliers and employees of whom documents say something else than their
cards in Procountor, field by field, and what was carried to the cards. Whether such
changes are of no interest, shown, or carried by themselves is a setting of the
connection (partner.customer_changes, partner.supplier_changes, partner.persons).`,
		Example: `  vienti partners changes
  vienti partners carry 10055                        # what the source says is carried to that card
  vienti partners leave --all Webshop                # all cards that are asked about stay as they are`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.eachCard(cmd.Context(), strings.Join(args, ""), func(_ *opened, p place, n engine.CardNews) error {
				if asJSON {
					return a.printJSON(cardLine(p, n))
				}
				a.tellCard(p, n)
				return nil
			}, !asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// eachCard goes through the cards of one connection, or of all.
func (a *app) eachCard(ctx context.Context, name string, f func(*opened, place, engine.CardNews) error, tell bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	places, err := o.placesOf(ctx, name)
	if err != nil {
		return err
	}
	seen := map[string]bool{} // a card of which two connections speak
	for _, p := range places {
		list, more, err := o.engine.Cards(ctx, p.Company, p.ID, people.Reach{})
		if err != nil {
			return err
		}
		for _, n := range list {
			if seen[n.Transfer.ID] {
				continue
			}
			seen[n.Transfer.ID] = true
			if err := f(o, p, n); err != nil {
				return err
			}
		}
		if more && tell {
			a.printf("%s\n", a.say.T("card.more"))
		}
	}
	if len(seen) == 0 && tell {
		a.printf("%s\n", a.say.T("card.none"))
	}
	return nil
}

func (a *app) tellCard(p place, n engine.CardNews) {
	t := n.Transfer
	stands := a.say.T("card.under")
	switch {
	case t.State.NeedsPerson():
		stands = remedy.Title(a.say, t.Faults[0].Code)
	case t.State == hub.Noticed:
		stands = a.say.T("card.harmless")
	case !n.Carried.IsZero():
		stands = a.say.T("card.carried", "time", n.Carried)
	}
	a.printf("%d  %s  (%s)\n  %s\n", t.PartnerID, t.PartnerName, p.Name, stands)
	for _, c := range n.Changes {
		was := c.Card
		if was == "" {
			was = a.say.T("card.empty")
		}
		a.printf("  %s: %s → %s\n", a.say.T("card-field."+string(c.Field)), was, c.Said)
	}
}

// A cardJSON is a card for programs.
type cardJSON struct {
	Connection string           `json:"connection"`
	Partner    int64            `json:"partner"`
	Name       string           `json:"name"`
	State      hub.State        `json:"state"`
	Asked      bool             `json:"asked"`
	Changes    []hub.CardChange `json:"changes"`
}

func cardLine(p place, n engine.CardNews) cardJSON {
	return cardJSON{p.Name, n.Transfer.PartnerID, n.Transfer.PartnerName, n.Transfer.State, n.Open(), n.Changes}
}

func (a *app) partnersAnswerCommand(answer engine.CardAnswer, short, long string) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   string(answer) + " PARTNER [CONNECTION] | --all [CONNECTION]",
		Short: short,
		Long:  long + "\nThe partner is named by its id, as \"vienti partners changes\" lists it.",
		Example: "  vienti partners " + string(answer) + " 10055\n" +
			"  vienti partners " + string(answer) + " --all Webshop",
		Args: cobra.RangeArgs(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			partner := int64(0)
			if !all {
				var err error
				if len(args) == 0 {
					return usage("name a partner, or say --all")
				}
				if partner, err = strconv.ParseInt(args[0], 10, 64); err != nil {
					return usage("%q is no id of a partner; \"vienti partners changes\" lists them", args[0])
				}
				args = args[1:]
			}
			if len(args) > 1 {
				return usage("say --all, or name one partner")
			}
			n := 0
			err := a.eachCard(cmd.Context(), strings.Join(args, ""), func(o *opened, p place, c engine.CardNews) error {
				if !c.Open() || !all && c.Transfer.PartnerID != partner {
					return nil
				}
				n++
				return o.engine.AnswerCard(cmd.Context(), a.actor(), c.Transfer.ID, c.Transfer.Version, answer)
			}, false)
			switch {
			case errors.Is(err, engine.ErrNotNow):
				return usage("%s", a.say.T("card.notnow"))
			case err != nil:
				return err
			case n == 0 && !all:
				return usage("nothing is asked about partner %d; \"vienti partners changes\" lists what is", partner)
			case n == 0:
				a.printf("%s\n", a.say.T("card.none"))
			default:
				a.printf("%s\n", a.say.T("card-do."+string(answer)))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all that is asked about")
	return cmd
}
