package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/invented/parties"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/sheet"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) partnersCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "partners [CONNECTION]",
		Short: "Partners of whom it is not certain who they are, and what to do about them",
		Long: `Lists the parties of documents of which it is not certain who they are in
Procountor: how many documents wait for each, which sum, and who it may be. Nothing
is linked or created by guess. "vienti partners say" settles one.`,
		Example: `  vienti partners
  vienti partners say 10234 --is 10055               # this and all later ones of the party
  vienti partners say 10234 --new --everywhere       # on all connections of the company
  vienti partners compare Webshop --list customers.csv --out compared.xlsx
  vienti partners changes                            # what the source says otherwise than the cards
  vienti partners score                              # 2 000 invented pairs
  vienti partners score pairs.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.doubts(cmd.Context(), strings.Join(args, ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(a.partnersSayCommand(), a.partnersSaidCommand(), a.partnersUndoCommand(), a.partnersCompareCommand(), a.partnersScoreCommand(),
		a.partnersChangesCommand(),
		a.partnersAnswerCommand(engine.CarryCard, "Carry what the source says to a partner's card",
			"Carries to the card in Procountor what the source says otherwise of a partner."),
		a.partnersAnswerCommand(engine.LeaveCard, "Leave a partner's card as it is",
			"Leaves the card as it is. It is asked about again when the source or the card changes."))
	return cmd
}

func (a *app) doubts(ctx context.Context, name string, asJSON bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	places, err := o.placesOf(ctx, name)
	if err != nil {
		return err
	}
	none := true
	for _, p := range places {
		list, more, err := o.engine.Doubts(ctx, p.Company, p.ID, people.Reach{})
		if err != nil {
			return err
		}
		for _, d := range list {
			none = false
			if asJSON {
				if err := a.printJSON(doubtLine(p, d)); err != nil {
					return err
				}
				continue
			}
			a.tellDoubt(p, d)
		}
		if more > 0 && !asJSON {
			a.printf("%s\n", a.say.N("registers.more", more))
		}
	}
	if none && !asJSON {
		a.printf("%s\n", a.say.T("partners.none"))
	}
	return nil
}

func (a *app) tellDoubt(p place, d engine.Doubt) {
	a.printf("%s  (%s)\n  %s  %s\n", d.Name, p.Name, a.say.N("partners.waiting", len(d.Numbers), "sum", web.SumWords(a.say, d.Sums)), clip(strings.Join(d.Numbers, ", "), 120))
	if d.Mend {
		a.printf("  %s\n", a.say.T("partners.mend"))
	}
	for _, c := range d.Candidates {
		var reasons []string
		for _, r := range c.Reasons {
			reasons = append(reasons, a.say.T("candidate-reason."+r))
		}
		a.printf("  %d  %s  %s  %s: %s\n", c.Partner.ID, c.Partner.Name, c.Partner.BusinessID, c.Partner.CustomerNumber, strings.Join(reasons, ", "))
	}
}

// A doubtJSON is a doubt for programs.
type doubtJSON struct {
	Connection string               `json:"connection"`
	Party      string               `json:"party"`
	Name       string               `json:"name"`
	Code       string               `json:"code"`
	Mend       bool                 `json:"mend"`
	Documents  []string             `json:"documents"`
	Sums       map[string]string    `json:"sums"`
	Candidates []matching.Candidate `json:"candidates"`
}

func doubtLine(p place, d engine.Doubt) doubtJSON {
	j := doubtJSON{Connection: p.Name, Party: d.Party, Name: d.Name, Code: d.Code, Mend: d.Mend, Documents: d.Numbers, Sums: map[string]string{}, Candidates: d.Candidates}
	for c, s := range d.Sums {
		j.Sums[c] = s.Fixed(2)
	}
	return j
}

func (a *app) printJSON(v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		a.printf("%s\n", b)
	}
	return err
}

func (a *app) partnersSayCommand() *cobra.Command {
	var is int64
	var made, everywhere bool
	cmd := &cobra.Command{
		Use:   "say NUMBER --is ID | --new",
		Short: "Say who the other party of a document is",
		Long: `Says which partner of Procountor's register the other party of a held document
is, or that a new one is to be made. It is remembered: every document that is held
for the same party goes on, and later ones do not ask.`,
		Example: `  vienti partners say 10234 --is 10055
  vienti partners say 10234 --new --everywhere`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if made == (is != 0) {
				return usage("say --is ID or --new")
			}
			return a.sayPartner(cmd.Context(), args[0], engine.Saying{Partner: is, Everywhere: everywhere})
		},
	}
	cmd.Flags().Int64Var(&is, "is", 0, "Procountor's id of the partner, one of the candidates")
	cmd.Flags().BoolVar(&made, "new", false, "none of the candidates: make a new one")
	cmd.Flags().BoolVar(&everywhere, "everywhere", false, "for all connections of the company")
	return cmd
}

func (a *app) sayPartner(ctx context.Context, number string, says engine.Saying) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	found, err := o.find(ctx, number)
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return errors.New(a.t("decide.which", "number", number, "count", len(found)))
	}
	switch err := o.engine.ChoosePartner(ctx, a.actor(), found[0].ID, says); {
	case errors.Is(err, engine.ErrMend):
		return errors.New(a.say.T("partners.mend"))
	case errors.Is(err, engine.ErrNoNew):
		return errors.New(a.say.T("partners.no-person"))
	case errors.Is(err, engine.ErrNotNow), errors.Is(err, engine.ErrNoCandidate):
		return errors.New(a.say.T("choose.not-now"))
	case err != nil:
		return err
	case says.Partner == 0:
		a.printf("%s\n", a.say.T("choose.is-new"))
	default:
		a.printf("%s\n", a.say.T("choose.is-linked"))
	}
	return nil
}

func (a *app) partnersSaidCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "said [CONNECTION]",
		Short:   "What people have said of parties",
		Long:    "Lists who parties are, as people have said once. The last column names the party for \"vienti partners undo\".",
		Example: "  vienti partners said Webshop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.saidPartners(cmd.Context(), strings.Join(args, ""))
		},
	}
}

func (a *app) saidPartners(ctx context.Context, name string) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]store.PartnerChoice, error) { return tx.PartnerChoices(p.Company, p.ID) })
	if err != nil {
		return err
	}
	if len(list) == 0 {
		a.printf("%s\n", a.say.T("choose.none"))
	}
	t := table{}
	for _, c := range list {
		where, who := p.Name, a.say.T("choose.being-made")
		if c.Connection == "" {
			where = a.say.T("partners.for-all")
		}
		if c.Partner != 0 {
			who = strconv.FormatInt(c.Partner, 10)
		}
		t.add(c.Name, who, where, a.say.Time(c.At), c.Party)
	}
	a.printf("%s", t.String())
	return nil
}

func (a *app) partnersUndoCommand() *cobra.Command {
	var everywhere bool
	cmd := &cobra.Command{
		Use:   "undo PARTY [CONNECTION]",
		Short: "Undo what was said of a party",
		Long: `Forgets who a party is: its next document asks again. What is in the books stays.
The party is named as "vienti partners said" lists it.`,
		Example: `  vienti partners undo "customer/id:FI23456780/number:1001" Webshop`,
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, err := o.connection(cmd.Context(), strings.Join(args[1:], ""))
			if err != nil {
				return err
			}
			on := p.ID
			if everywhere {
				on = ""
			}
			if err := o.engine.UndoPartnerChoice(cmd.Context(), a.actor(), p.Company, on, args[0]); err != nil {
				if store.IsNotFound(err) {
					return usage("nothing was said of %q there; \"vienti partners said\" lists what was", args[0])
				}
				return err
			}
			a.printf("%s\n", a.say.T("choose.undone"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&everywhere, "everywhere", false, "what was said for all connections of the company")
	return cmd
}

type compareOptions struct {
	list, out string
	suppliers bool
	source    bool
}

func (a *app) partnersCompareCommand() *cobra.Command {
	var f compareOptions
	cmd := &cobra.Command{
		Use:   "compare [CONNECTION]",
		Short: "Compare a source's customers with Procountor's register, before anything is sent",
		Long: `Says of each customer of the source whether Procountor's register has it, does not,
or may: by the rules of the connection, as a document would be. The customers are
those of a list (CSV with the columns name, business_id, vat_number, number,
alternative_number, street, zip, city, country, email, consumer), or, without one,
those that documents have named so far; with --source those that the connected
source lists itself. Nothing is written.

--out writes a file for the source, CSV or .xlsx: each customer with Procountor's
customer number, business id, delivery method, e-invoice address and operator, and
after them the partners that only Procountor has.`,
		Example: `  vienti partners compare Webshop --list customers.csv
  vienti partners compare ValueFrame --source
  vienti partners compare Webshop --list customers.csv --out compared.xlsx`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.comparePartners(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	cmd.Flags().StringVar(&f.list, "list", "", `the source's customers, as CSV; "-" is the standard input`)
	cmd.Flags().StringVar(&f.out, "out", "", "write the comparison to this file, .csv or .xlsx")
	cmd.Flags().BoolVar(&f.suppliers, "suppliers", false, "suppliers instead of customers")
	cmd.Flags().BoolVar(&f.source, "source", false, "the customers that the connected source lists, read from it now")
	cmd.MarkFlagsMutuallyExclusive("source", "list")
	cmd.MarkFlagsMutuallyExclusive("source", "suppliers")
	return cmd
}

func (a *app) comparePartners(ctx context.Context, name string, f compareOptions) error {
	as := sheet.CSV
	if strings.HasSuffix(strings.ToLower(f.out), ".xlsx") {
		as = sheet.XLSX
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
	typ := register.Customer
	if f.suppliers {
		typ = register.Supplier
	}
	var list []hub.Party
	switch {
	case f.source:
		var fault *hub.Fault
		list, fault, err = o.engine.SourceParties(ctx, p.ID)
		if fault != nil {
			x := remedy.For(a.say, *fault)
			err = fmt.Errorf("%s. %s %s", x.Title, x.Cause, x.Remedy)
		}
	case f.list == "":
		list, err = o.engine.Parties(ctx, p.ID, typ)
	default:
		list, err = a.readParties(f.list)
	}
	if err != nil {
		return err
	}
	c, err := o.engine.ComparePartners(ctx, p.ID, typ, list, f.out != "")
	if err != nil {
		return err
	}
	for _, state := range []engine.Compared{engine.ComparedFound, engine.ComparedDoubt, engine.ComparedMissing, engine.ComparedOnly} {
		a.printf("%s: %s\n", a.say.T("compared."+string(state)), a.say.Int(c.Counts[state]))
	}
	if c.Unnumbered > 0 {
		a.printf("%s\n", a.say.N("partners.unnumbered", c.Unnumbered))
	}
	for _, r := range c.Rows {
		if r.State == engine.ComparedDoubt {
			var who []string
			for _, k := range r.Candidates {
				who = append(who, strings.TrimSpace(k.Partner.Name+" "+k.Partner.CustomerNumber))
			}
			a.printf("  %s  %s %s: %s\n", r.Party.Name, r.Party.BusinessID, r.Party.Number, clip(strings.Join(who, "; "), 160))
		}
	}
	if f.out == "" {
		return nil
	}
	b, err := as.Make(c.Table())
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.out, b, 0o600); err != nil { // it names people
		return err
	}
	a.printf("%s\n", f.out)
	return nil
}

func (a *app) readParties(file string) ([]hub.Party, error) {
	b, err := a.readTable(file)
	if err != nil {
		return nil, fmt.Errorf("--list: %w", err)
	}
	list, err := matching.ReadParties(bytes.NewReader(b))
	if err != nil {
		return nil, usage("%s: %v", file, err)
	}
	return list, nil
}

type scoreOptions struct {
	seed             uint64
	pairs            int
	together, asJSON bool
	without          bool
}

func (a *app) partnersScoreCommand() *cobra.Command {
	var f scoreOptions
	cmd := &cobra.Command{
		Use:   "score [FILE]",
		Short: "Measure how partners are found, on pairs with the right answers",
		Long: `Decides about each pair of a party and a register, and counts how many of those
that have a right partner are linked to it, how many are linked wrongly, and how many
would be made although they are there. Without a file the pairs are invented, with
the mistakes that people make. A file holds JSON lines or CSV; docs/partners.md
describes both. Nothing is read from or written to a database.

A pair that is linked wrongly, or would be doubled, ends the command with an error.`,
		Example: `  vienti partners score
  vienti partners score --seed 7 --pairs 20000 --one-register
  vienti partners score pairs.jsonl --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.scorePairs(args, f) },
	}
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "of invented pairs")
	cmd.Flags().IntVar(&f.pairs, "pairs", 2000, "how many to invent")
	cmd.Flags().BoolVar(&f.together, "one-register", false, "all partners of all pairs stand in one register; their ids must differ")
	cmd.Flags().BoolVar(&f.without, "without-id", false, "consumers and firms without an id are met by number and name (setting partner.without_id)")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) scorePairs(args []string, f scoreOptions) error {
	if f.pairs < 1 || f.pairs > matching.MaxPairs {
		return usage("--pairs: 1 to %d", matching.MaxPairs)
	}
	var in io.Reader
	if len(args) == 0 {
		in = bytes.NewReader(parties.Lines(f.seed, f.pairs))
	} else {
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // it was only read
		in = file
	}
	pairs, err := matching.ReadPairs(in)
	if err != nil {
		return usage("%v", err)
	}
	s := matching.ScorePairs(pairs, hub.PartnerPolicy{Create: true, WithoutID: f.without}, f.together)
	if f.asJSON {
		if err := a.printJSON(s); err != nil {
			return err
		}
	} else {
		a.printf("pairs %d, with a right partner %d, linked to it %d (%.2f %%), linked wrongly %d, doubled %d\n", s.Pairs, s.True, s.Automatic, s.Percent(), s.Wrong, s.Doubled)
		for _, x := range s.Failed {
			a.printf("  line %d: %s, %s: expected %s, got %s\n", x.Line, x.Name, x.Says, x.Expect, x.Got)
		}
	}
	if s.Wrong+s.Doubled > 0 {
		return fmt.Errorf("%d linked wrongly, %d doubled", s.Wrong, s.Doubled)
	}
	return nil
}
