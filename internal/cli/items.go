package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

// itemsAtOnce is how many items are read from the database at a time.
const itemsAtOnce = 500

type itemsOptions struct {
	axis, search  string
	asked, asJSON bool
}

func (a *app) itemsCommand() *cobra.Command {
	var o itemsOptions
	cmd := &cobra.Command{
		Use:   "items [CONNECTION]",
		Short: "Projects, cost centres and products of the sources, and what they are in Procountor",
		Long: `Lists what the sources say of their projects, cost centres, units and products, and
which dimension item or product of Procountor each is. Which of them are made,
renamed and closed there is a setting of the connection (axes). What somebody has
renamed in Procountor is asked about: "vienti items carry" and "leave" answer.`,
		Example: `  vienti items Webshop --axis project
  vienti items --asked
  vienti items carry P400                            # Procountor gets what the source says
  vienti items leave --all Webshop                   # all that are asked about stay as they are`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := 0
			err := a.eachItem(cmd.Context(), strings.Join(args, ""), o, func(_ *opened, p place, it engine.ItemNews) error {
				n++
				if o.asJSON {
					return a.printJSON(itemLine(p, it))
				}
				a.tellItem(p, it)
				return nil
			})
			switch {
			case err != nil || n > 0 || o.asJSON:
			case o.asked || o.axis != "" || o.search != "":
				a.printf("%s\n", a.say.T("item.nothing"))
			default:
				a.printf("%s\n", a.say.T("item.none"))
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.axis, "axis", "", "only of this axis: project, cost_centre, unit, product, or one of the source's own")
	cmd.Flags().StringVar(&o.search, "search", "", "a part of the code or the name")
	cmd.Flags().BoolVar(&o.asked, "asked", false, "only those about which somebody is asked")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	cmd.AddCommand(
		a.itemsAnswerCommand(engine.CarryCard, "Carry what the source says to Procountor",
			"Renames or closes the item in Procountor as the source says, or makes it anew."),
		a.itemsAnswerCommand(engine.LeaveCard, "Leave an item as it is in Procountor",
			"Leaves the item as it is. It is asked about again when the source says something else."))
	return cmd
}

// eachItem goes through the items of one connection, or of all.
func (a *app) eachItem(ctx context.Context, name string, o itemsOptions, f func(*opened, place, engine.ItemNews) error) error {
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer op.close()
	places, err := op.placesOf(ctx, name)
	if err != nil {
		return err
	}
	for _, p := range places {
		filter := store.ItemFilter{Company: p.Company, Connection: p.ID, Axis: o.axis, Search: o.search, Limit: itemsAtOnce}
		for {
			list, err := op.engine.Items(ctx, filter)
			if err != nil {
				return err
			}
			for _, it := range list {
				if o.asked && !it.Open() {
					continue
				}
				if err := f(op, p, it); err != nil {
					return err
				}
			}
			if len(list) < itemsAtOnce {
				break
			}
			last := list[len(list)-1]
			filter.After = store.PlaceOf(&last.ItemWord)
		}
	}
	return nil
}

func (a *app) tellItem(p place, n engine.ItemNews) {
	stands, _ := web.ItemStands(a.say, n)
	a.printf("%s: %s  (%s)\n  %s\n", web.AxisWord(a.say, n.Item.Axis), a.itemStand(n.Says()), p.Name, stands)
	if n.There != 0 && n.Seen.Text != "" && n.Seen != n.Says() {
		a.printf("  %s: %s\n", a.say.T("item.there"), a.itemStand(n.Seen))
	}
}

func (a *app) itemStand(s hub.ItemStand) string {
	if s.Closed {
		return s.Text + " (" + a.say.T("item.closed") + ")"
	}
	return s.Text
}

// An itemJSON is an item for programs.
type itemJSON struct {
	Connection string         `json:"connection"`
	Axis       string         `json:"axis"`
	ID         string         `json:"id"`
	Code       string         `json:"code"`
	Name       string         `json:"name,omitempty"`
	Closed     bool           `json:"closed,omitempty"`
	There      int64          `json:"procountor_id,omitempty"`
	Seen       *hub.ItemStand `json:"procountor,omitempty"`
	State      hub.State      `json:"state,omitempty"`
	Asked      bool           `json:"asked"`
}

func itemLine(p place, n engine.ItemNews) itemJSON {
	x := itemJSON{Connection: p.Name, Axis: n.Item.Axis, ID: n.Item.ID, Code: n.Item.Code, Name: n.Item.Name, Closed: n.Item.Closed, There: n.There, Asked: n.Open()}
	if n.There != 0 {
		x.Seen = &n.Seen
	}
	if n.Transfer != nil {
		x.State = n.Transfer.State
	}
	return x
}

func (a *app) itemsAnswerCommand(answer engine.CardAnswer, short, long string) *cobra.Command {
	var o itemsOptions
	var all bool
	cmd := &cobra.Command{
		Use:   string(answer) + " CODE [CONNECTION] | --all [CONNECTION]",
		Short: short,
		Long:  long + "\nThe item is named by its code in the source, as \"vienti items --asked\" lists it.",
		Example: "  vienti items " + string(answer) + " P400\n" +
			"  vienti items " + string(answer) + " --all Webshop --axis project",
		Args: cobra.RangeArgs(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			code := ""
			if !all {
				if len(args) == 0 {
					return usage("name an item by its code, or say --all")
				}
				code, args = args[0], args[1:]
			}
			if len(args) > 1 {
				return usage("say --all, or name one item")
			}
			o.asked = true
			answered := map[string]bool{} // an item of which two connections speak
			err := a.eachItem(cmd.Context(), strings.Join(args, ""), o, func(op *opened, _ place, n engine.ItemNews) error {
				if answered[n.Transfer.ID] || !all && hub.ItemKey(n.Item.Code) != hub.ItemKey(code) {
					return nil
				}
				answered[n.Transfer.ID] = true
				return op.engine.AnswerItem(cmd.Context(), a.actor(), n.Transfer.ID, n.Transfer.Version, answer)
			})
			switch {
			case errors.Is(err, engine.ErrNotNow):
				return usage("%s", a.say.T("item.notnow"))
			case err != nil:
				return err
			case len(answered) == 0 && !all:
				return usage("nothing is asked about %q; \"vienti items --asked\" lists what is", code)
			case len(answered) == 0:
				a.printf("%s\n", a.say.T("item.nothing"))
			default:
				a.printf("%s\n", a.say.T("item-do."+string(answer)))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all that are asked about")
	cmd.Flags().StringVar(&o.axis, "axis", "", "only of this axis")
	return cmd
}
