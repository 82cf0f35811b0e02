package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

// roundsAtOnce is how many rounds are read from the database at a time.
const roundsAtOnce = 200

type roundsOptions struct {
	waitsFor, state string
	asJSON          bool
}

func (a *app) roundsCommand() *cobra.Command {
	var o roundsOptions
	cmd := &cobra.Command{
		Use:   "rounds [CONNECTION]",
		Short: "Purchase invoices on their round: for whom each waits, and since when",
		Long: `Lists the purchase invoices of Procountor that go a round of persons before they
are approved there. Those that wait are listed, unless --state says otherwise.

Decisions are those of named persons: they take them on the pages, or in their own
system by the API, never here.`,
		Example: `  vienti rounds
  vienti rounds --waits-for maija@example.fi
  vienti rounds Webshop --state rejected --json
  vienti rounds hand-over maija@example.fi olli@example.fi`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rounds(cmd.Context(), strings.Join(args, ""), o)
		},
	}
	states := []string{string(circulation.Open), string(circulation.Approved), string(circulation.Rejected), string(circulation.Ended)}
	cmd.Flags().StringVar(&o.waitsFor, "waits-for", "", "only those whose turn it is: the login of a user")
	cmd.Flags().StringVar(&o.state, "state", string(circulation.Open), "only in this state: "+strings.Join(states, ", ")+", or any")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON, one line each")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains(append(states, "any"), o.state) {
			return usage("--state %s is none of %s, any", o.state, strings.Join(states, ", "))
		}
		return nil
	}
	cmd.AddCommand(a.handOverCommand())
	return cmd
}

func (a *app) handOverCommand() *cobra.Command {
	var connection, note, due string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "hand-over FROM TO", Short: "Give all open purchase invoices of one user to another, as when somebody leaves", Args: cobra.ExactArgs(2),
		Long: `Gives to TO every open purchase invoice that waits for FROM, and those in which the
turn of FROM comes later, each with the note and the day. What FROM decides at the
same moment is decided; nothing is lost between the two.

Settings that name FROM, as the manager of a project or as the default receiver, stay
as they are: name another there, or new invoices go on coming.`,
		Example: `  vienti rounds hand-over maija@example.fi olli@example.fi --note "Maija has left"
  vienti rounds hand-over maija@example.fi olli@example.fi --due 2026-03-31 --connection Webshop`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			from, err := o.user(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			to, err := o.user(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			h := engine.HandOver{From: from.ID, To: to.ID, Text: note}
			if connection != "" {
				p, err := o.connection(cmd.Context(), connection)
				if err != nil {
					return err
				}
				h.Connection = p.ID
			}
			if due != "" {
				if h.Due, err = civil.Parse(due); err != nil {
					return usage("--due %s is no day such as 2026-03-31", due)
				}
			}
			done, err := o.engine.HandOverRounds(cmd.Context(), a.actor(), h)
			if errors.Is(err, engine.ErrNotNow) {
				return usage("%s", a.say.T("round.hand-over-wrong"))
			}
			if err != nil {
				return err
			}
			if asJSON {
				out := struct {
					Handed int      `json:"handed"`
					Left   []string `json:"left,omitempty"` // ids of the rounds that could not be given
				}{Handed: done.Handed}
				for _, r := range done.Left {
					out.Left = append(out.Left, r.ID)
				}
				return a.json(out)
			}
			a.printf("%s\n", web.HandedOverWords(a.say, done))
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&connection, "connection", "", "only those of this connection (default: all)")
	f.StringVar(&note, "note", "", "a note that goes with each of them, at most 500 characters")
	f.StringVar(&due, "due", "", "the day by which an answer is wanted")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// A roundJSON is a round for programs.
type roundJSON struct {
	Connection string            `json:"connection"`
	ID         string            `json:"id"`
	InvoiceID  int64             `json:"invoice_id"`
	Number     string            `json:"number"`
	Supplier   string            `json:"supplier"`
	DueDate    string            `json:"due_date,omitempty"`
	Gross      string            `json:"gross"`
	Currency   string            `json:"currency"`
	State      circulation.State `json:"state"`
	WaitsFor   string            `json:"waits_for,omitempty"`
	Since      time.Time         `json:"since"`
	AnswerBy   string            `json:"answer_by,omitempty"`
}

func (a *app) rounds(ctx context.Context, name string, o roundsOptions) error {
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer op.close()
	places, err := op.placesOf(ctx, name)
	if err != nil {
		return err
	}
	users, err := store.ReadOne(ctx, op.store, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	if err != nil {
		return err
	}
	f := store.RoundFilter{Limit: roundsAtOnce}
	if o.state != "any" {
		f.State = circulation.State(o.state)
	}
	if o.waitsFor != "" {
		login := people.NormalLogin(o.waitsFor)
		i := slices.IndexFunc(users, func(u people.User) bool { return u.Login == login })
		if i < 0 {
			return usage("there is no user %q; \"vienti user list\" lists them", o.waitsFor)
		}
		f.Waits = []string{users[i].ID}
	}
	login := func(id string) string {
		if i := slices.IndexFunc(users, func(u people.User) bool { return u.ID == id }); i >= 0 {
			return users[i].Login
		}
		return id
	}
	t, n := table{right: []int{3}}, 0
	for _, p := range places {
		f.Connection, f.After = p.ID, ""
		for {
			list, err := store.ReadOne(ctx, op.store, func(tx *store.Tx) ([]store.Round, error) { return tx.Rounds(f) })
			if err != nil {
				return err
			}
			for _, r := range list {
				n++
				waits := ""
				if r.Waits() != "" {
					waits = login(r.Waits())
				}
				if !o.asJSON {
					t.add(roundCells(a.say, &r, waits)...)
				} else if err := a.printJSON(roundLine(p.Name, &r, waits)); err != nil {
					return err
				}
			}
			if len(list) < f.Limit {
				break
			}
			f.After = list[len(list)-1].ID
		}
	}
	if n == 0 && !o.asJSON {
		a.printf("%s\n", a.say.T("round.none"))
	}
	a.printf("%s", t.String())
	return nil
}

func roundLine(connection string, r *store.Round, waits string) roundJSON {
	x := roundJSON{Connection: connection, ID: r.ID, InvoiceID: r.InvoiceID, Number: r.Number, Supplier: r.Supplier, DueDate: r.DueDate, Gross: r.Gross,
		Currency: r.Currency, State: r.State, WaitsFor: waits, Since: r.Since.UTC()}
	if !r.AnswerBy.IsZero() {
		x.AnswerBy = r.AnswerBy.String()
	}
	return x
}

// roundCells are a line for people: number, supplier, due date, sum, state, whose turn it
// is, and since when.
func roundCells(say locale.Speaker, r *store.Round, waits string) []string {
	sum := r.Gross + " " + r.Currency
	if gross, err := money.Parse(r.Gross); err == nil {
		sum = say.Amount(gross, money.Currency(r.Currency))
	}
	since := ""
	if r.State == circulation.Open {
		since = say.Time(r.Since)
		if !r.AnswerBy.IsZero() {
			since += " · " + say.T("round.answer-by") + " " + say.Date(r.AnswerBy)
		}
	}
	return []string{r.Number, r.Supplier, say.Day(r.DueDate), sum, say.T("round.state-is." + string(r.State)), waits, since}
}
