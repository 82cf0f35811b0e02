package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
)

// decisions are the actions of people as one types them.
func decisions() (names []string) {
	for _, a := range engine.Actions {
		if a != engine.Retry {
			names = append(names, typed(a))
		}
	}
	return names
}

func typed(a engine.Action) string { return strings.ReplaceAll(string(a), "_", "-") }

func (a *app) decideCommand() *cobra.Command {
	var why string
	var asJSON, wait bool
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "decide WHAT NUMBER… --why REASON",
		Short: "Decide what becomes of documents: send-now, leave, credit-anew, …",
		Long: `Decides what becomes of documents, with a reason that is kept with your name.

Of a document that has changed after its voucher was approved, sent or paid:
  leave         the books stay as they are
  credit-anew   the voucher is credited in full, then the document is sent anew;
                offsetting the two in Procountor remains for a person
  send-beside   it is sent as a new voucher beside the old one; also when a very
                similar voucher of another document is there

Of a document that has changed after it became part of a journal, beside "leave":
  difference-journal   a journal of the difference
  reverse-anew         a journal that takes back what is booked, then a new one

Of a document that waits for its approvals at the source, for being sent there, or
for a person (it needs no reason):
  send-now      it goes; a purchase invoice is still approved only when the round at
                the source is complete

Of a document that has arrived:
  release-locks  it is held although it has not changed, and may then be left, sent
                beside, credited and sent anew, or taken back; what is changed at the
                source meanwhile is carried over or asked about as ever

Of any document:
  skip          it is not sent
  done-by-hand  somebody has entered it in Procountor
  take-back     the voucher that was made is removed, while it is unfinished
  withdraw      the source no longer has it

"vienti show NUMBER" says which are possible.`,
		Example: `  vienti decide leave 10234 --why "a typing error only"
  vienti decide send-now 10234 10235
  vienti decide credit-anew 10234 10235 --why "agreed with the customer"
  vienti decide difference-journal 10234 --why "the price was wrong"`,
		ValidArgs: decisions(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 || !slices.Contains(decisions(), args[0]) {
				return fmt.Errorf("say what (%s), and of which documents", strings.Join(decisions(), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(why) == "" && args[0] != typed(engine.SendNow) {
				return usage("say why: --why")
			}
			if !wait {
				limit = 0
			}
			return a.decide(cmd.Context(), engine.Action(strings.ReplaceAll(args[0], "-", "_")), args[1:], why, limit, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&why, "why", "", "the reason, for the log")
	f.BoolVar(&wait, "wait", true, "wait until all is settled")
	f.DurationVar(&limit, "time-limit", 3*time.Minute, "how long to wait")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) decide(ctx context.Context, what engine.Action, numbers []string, why string, limit time.Duration, asJSON bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	var ids []string
	for _, n := range numbers {
		found, err := o.find(ctx, n)
		if err != nil {
			return err
		}
		if len(found) > 1 {
			found = slices.DeleteFunc(found, func(t hub.Transfer) bool { return !slices.Contains(engine.Allowed(&t), what) })
		}
		if len(found) != 1 {
			return errors.New(a.t("decide.which", "number", n, "count", len(found)))
		}
		t := found[0]
		err = o.engine.Act(ctx, a.actor(), t.ID, what, why)
		if errors.Is(err, engine.ErrNotNow) {
			return errors.New(a.t("decide.not-now", "number", t.Number, "state", a.say.T("state."+string(t.State)), "action", a.say.T("action."+string(what)+".do")))
		}
		if err != nil {
			return err
		}
		ids = append(ids, t.ID)
	}
	return a.goOn(ctx, o, ids, limit, asJSON)
}
