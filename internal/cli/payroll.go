package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/format/pdf"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) payrollCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "payroll",
		Short: "Payroll runs: list and show them, take files, send",
		Long: `Payroll runs of a connection, each with its journals by period.

No command shows an amount of payroll unless it is asked for by name: "show
--amounts", and "file". That it was asked for stands in the chain of acts.`,
		Example: `  vienti payroll list
  vienti payroll take june.se --reference "June 2026"
  vienti payroll show "June 2026"
  vienti payroll show "June 2026" --amounts
  vienti payroll send "June 2026"
  vienti payroll file "June 2026" --as pdf > june.pdf`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: noArgs,
	}
	cmd.AddCommand(a.payrollList(), a.payrollShow(), a.payrollTake(), a.payrollSend(), a.payrollFile())
	return cmd
}

// A shownRun is a payroll run for programs.
type shownRun struct {
	ID        string         `json:"id"`
	Reference string         `json:"reference"`
	Period    hub.Month      `json:"period"`
	Journals  []shownRunPart `json:"journals"`
}

type shownRunPart struct {
	Transfer string    `json:"transfer"`
	Period   hub.Month `json:"period"`
	State    string    `json:"state"`
	Reasons  []reason  `json:"reasons,omitempty"`
	// Debit, Credit and Rows are there when amounts were asked for.
	Debit  string           `json:"debit,omitempty"`
	Credit string           `json:"credit,omitempty"`
	Rows   []hub.JournalRow `json:"rows,omitempty"`
}

func (a *app) shownRun(run store.PayrollRun) shownRun {
	out := shownRun{ID: run.ID, Reference: run.Reference, Period: run.Ordinary}
	for i := range run.Journals {
		p := &run.Journals[i]
		out.Journals = append(out.Journals, shownRunPart{Transfer: p.ID, Period: p.Period, State: string(p.State), Reasons: a.reasons(p.Faults)})
	}
	return out
}

func (a *app) payrollList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list [CONNECTION]", Short: "List payroll runs, the newest first", Args: cobra.MaximumNArgs(1),
		Example: "  vienti payroll list\n  vienti payroll list Payroll --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			places, err := o.placesOf(cmd.Context(), strings.Join(args, ""))
			if err != nil {
				return err
			}
			t, all := table{right: []int{3}}, []shownRun{}
			t.add(a.t("column.connection"), a.t("column.reference"), a.say.T("payroll.period"), a.say.T("payroll.journals"), a.t("column.state"))
			for _, p := range places {
				runs, err := store.ReadOne(cmd.Context(), o.store, func(tx *store.Tx) ([]store.PayrollRun, error) { return tx.PayrollRuns(p.ID) })
				if err != nil {
					return err
				}
				for _, run := range runs {
					all = append(all, a.shownRun(run))
					t.add(clip(p.Name, 32), clip(run.Reference, 32), a.say.Month(string(run.Ordinary)), a.say.Int(len(run.Journals)), a.runStates(run))
				}
			}
			switch {
			case asJSON:
				return a.json(all)
			case len(all) == 0:
				a.printf("%s\n", a.say.T("payroll.none"))
			default:
				a.printf("%s", t.String())
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// runStates are the states of a run's journals, each once, with how many there are.
func (a *app) runStates(run store.PayrollRun) string {
	count := map[hub.State]int{}
	for i := range run.Journals {
		count[run.Journals[i].State]++
	}
	var words []string
	for _, s := range hub.States {
		if n := count[s]; n > 0 {
			words = append(words, fmt.Sprintf("%s %s", a.say.Int(n), a.say.T("state."+string(s))))
		}
	}
	return strings.Join(words, ", ")
}

// payrollRun finds one run by its reference or id.
func (o *opened) payrollRun(ctx context.Context, connection, name string) (p place, run store.PayrollRun, err error) {
	if p, err = o.connection(ctx, connection); err != nil {
		return p, run, err
	}
	runs, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]store.PayrollRun, error) { return tx.PayrollRuns(p.ID) })
	if err != nil {
		return p, run, err
	}
	var hits []store.PayrollRun
	for _, r := range runs {
		if r.ID == name {
			return p, r, nil
		}
		if r.Reference == name {
			hits = append(hits, r)
		}
	}
	switch len(hits) {
	case 0:
		return p, run, usage("%s has no payroll run %q; see vienti payroll list", p.Name, name)
	case 1:
		return p, hits[0], nil
	}
	return p, run, usage("%d payroll runs of %s are called %q; name one by its id, as vienti payroll list --json gives it", len(hits), p.Name, name)
}

func (a *app) payrollShow() *cobra.Command {
	var connection string
	var amounts, asJSON bool
	cmd := &cobra.Command{
		Use: "show RUN", Short: "Show one run: where each of its journals stands, and why", Args: cobra.ExactArgs(1),
		Example: "  vienti payroll show \"June 2026\"\n  vienti payroll show \"June 2026\" --amounts --json > june.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, run, err := o.payrollRun(cmd.Context(), connection, args[0])
			if err != nil {
				return err
			}
			out := a.shownRun(run)
			if amounts {
				if err := a.payrollAmounts(cmd.Context(), o, p, run, &out); err != nil {
					return err
				}
			}
			if asJSON {
				return a.json(out)
			}
			a.where(p)
			a.printf("%s · %s\n\n", plain(run.Reference), a.say.Month(string(run.Ordinary)))
			t := table{right: []int{2, 3}}
			for i, j := range out.Journals {
				cells := []string{a.say.Month(string(j.Period)), a.say.T("state." + j.State)}
				if amounts {
					debit, credit := hub.Sums(j.Rows)
					cells = append(cells, a.say.Sum(debit), a.say.Sum(credit))
				}
				t.add(append(cells, run.Journals[i].ID)...)
			}
			a.printf("%s", t.String())
			for i, j := range out.Journals {
				for _, why := range j.Reasons {
					a.printf("\n%s\n", a.say.Month(string(j.Period)))
					a.explain(why, "", run.Journals[i].State)
				}
			}
			if amounts {
				a.payrollSums(out)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "name of the connection; needed when there are several")
	cmd.Flags().BoolVar(&amounts, "amounts", false, "with amounts and rows; that they were asked for is kept")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// payrollAmounts adds what is in the journals, after it is written down who has asked.
func (a *app) payrollAmounts(ctx context.Context, o *opened, p place, run store.PayrollRun, out *shownRun) error {
	return o.store.Tx(ctx, func(tx *store.Tx) error {
		if err := a.payrollAsked(tx, p, run); err != nil {
			return err
		}
		for i := range run.Journals {
			doc, _, err := tx.Document(run.Journals[i].Subject, run.Journals[i].Version)
			if errors.Is(err, store.ErrMasked) {
				continue
			}
			if err != nil {
				return err
			}
			debit, credit := hub.Sums(doc.Rows)
			j := &out.Journals[i]
			j.Debit, j.Credit, j.Rows = debit.Fixed(2), credit.Fixed(2), doc.Rows
		}
		return nil
	})
}

// payrollSums prints what the journals come to, by account and dimensions.
func (a *app) payrollSums(out shownRun) {
	for _, j := range out.Journals {
		a.printf("\n%s\n", a.say.Month(string(j.Period)))
		t := table{right: []int{2, 3}}
		side := func(x money.Amount) string {
			if x.Sign() <= 0 {
				return ""
			}
			return a.say.Sum(x)
		}
		for _, s := range hub.SumRows(nil, j.Rows) {
			var dims []string
			for _, d := range s.Dimensions {
				dims = append(dims, d.Axis+" "+d.Code)
			}
			t.add("  "+clip(plain(strings.TrimSpace(s.Account+" "+s.AccountName)), 40), clip(plain(strings.Join(dims, ", ")), 40), side(s.Now), side(s.Now.Neg()))
		}
		a.printf("%s", t.String())
	}
}

func (a *app) payrollTake() *cobra.Command {
	var connection, reference string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "take FILE", Short: "Take a payroll run from a file", Args: cobra.ExactArgs(1),
		Long: `Takes a file of a payroll program: SIE 4, a journal in XML, CSV or Excel; "-" is the
standard input. By default the run then waits for "vienti payroll send". The same run
again changes nothing.`,
		Example: "  vienti payroll take june.se\n  vienti payroll take june.se --reference \"June 2026\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, err := o.connection(cmd.Context(), connection)
			if err != nil {
				return err
			}
			s := &sending{app: a, hub: o, to: p}
			if err := s.check(args); err != nil {
				return err
			}
			var in []engine.Incoming
			if err := s.read(args[0], func(d source.Found) error {
				if d.Document.Kind != hub.PayrollJournal {
					return a.noRun(args[0], d.Faults)
				}
				if reference != "" && len(d.Document.Journals) > 0 {
					if d.Document.SourceID == hub.RunID(d.Document.Ordinary(), d.Document.Number) {
						d.Document.SourceID = hub.RunID(d.Document.Ordinary(), reference)
					}
					d.Document.Number = reference
				}
				in = append(in, engine.Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: d.Name})
				return nil
			}); err != nil {
				return err
			}
			if reference != "" && len(in) > 1 {
				return usage("the file holds %d runs; --reference names one", len(in))
			}
			got, err := o.engine.Receive(cmd.Context(), p.ID, in, nil)
			if err != nil {
				return err
			}
			type taken struct {
				Run    shownRun `json:"run"`
				Result string   `json:"result"`
			}
			var list []taken
			for i, rc := range got {
				run, err := store.ReadOne(cmd.Context(), o.store, func(tx *store.Tx) (store.PayrollRun, error) {
					return tx.PayrollRun(p.ID, in[i].Document.SourceID)
				})
				if err != nil {
					return err
				}
				list = append(list, taken{a.shownRun(run), string(rc.Result)})
				if !asJSON {
					key := "payroll.holds"
					a.printf("%s %s\n", a.say.N(key, len(run.Journals), "reference", plain(run.Reference)), a.runStates(run))
					if rc.Result == engine.ResultUnchanged {
						a.printf("%s\n", a.say.T("payroll.known"))
					}
				}
			}
			if asJSON {
				return a.json(list)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "name of the connection; needed when there are several")
	cmd.Flags().StringVar(&reference, "reference", "", "what the run is called here and in Procountor (default: what the file says)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// noRun says why a file holds no payroll run; nothing is stored of it.
func (a *app) noRun(name string, faults []hub.Fault) error {
	why := a.say.T("payroll.no-run")
	for _, f := range faults {
		e := remedy.For(a.say, f)
		why = e.Title + ". " + e.Cause + " " + e.Remedy
	}
	return usage("%s: %s %s", filepath.Base(name), why, a.say.T("payroll.nothing-stored"))
}

func (a *app) payrollSend() *cobra.Command {
	var connection string
	cmd := &cobra.Command{
		Use: "send RUN", Short: "Let all journals of a run go", Args: cobra.ExactArgs(1),
		Example: "  vienti payroll send \"June 2026\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, run, err := o.payrollRun(cmd.Context(), connection, args[0])
			if err != nil {
				return err
			}
			sent, err := o.engine.SendRun(cmd.Context(), a.actor(), p.ID, run.ID, "")
			if errors.Is(err, engine.ErrNotNow) {
				return &exit{codePerson, fmt.Errorf("nothing of %s waits to be sent: see vienti payroll show %q", run.Reference, run.Reference)}
			}
			if err != nil {
				return err
			}
			a.printf("%s\n", a.say.N("payroll.sending", sent))
			return nil
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "name of the connection; needed when there are several")
	return cmd
}

func (a *app) payrollFile() *cobra.Command {
	var connection, as string
	cmd := &cobra.Command{
		Use: "file RUN", Short: "Print a run as it was sent: PDF, SIE or JSON", Args: cobra.ExactArgs(1),
		Example: "  vienti payroll file \"June 2026\" --as pdf > june.pdf\n  vienti payroll file \"June 2026\" --as sie > june.se",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"pdf", "sie", "json"}, as) {
				return usage("--as %s is none of pdf, sie, json", as)
			}
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, run, err := o.payrollRun(cmd.Context(), connection, args[0])
			if err != nil {
				return err
			}
			posted, err := o.engine.PostedRun(cmd.Context(), p.ID, run.ID)
			if err != nil {
				return err
			}
			if len(posted.Journals) == 0 {
				return &exit{codePerson, fmt.Errorf("nothing of %s is in Procountor yet", run.Reference)}
			}
			if err := o.store.Tx(cmd.Context(), func(tx *store.Tx) error { return a.payrollAsked(tx, p, run) }); err != nil {
				return err
			}
			var b []byte
			switch as {
			case "pdf":
				b, err = pdf.Run(&posted, a.say)
			case "sie":
				b = sie.Write(&posted, dayOf(o.store.Now()), false)
			default:
				b, err = posted.JSON()
			}
			if err != nil {
				return err
			}
			_, err = a.env.Stdout.Write(b)
			return err
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "name of the connection; needed when there are several")
	cmd.Flags().StringVar(&as, "as", "pdf", "pdf, sie or json")
	return cmd
}

// payrollAsked writes down who has asked for amounts.
func (a *app) payrollAsked(tx *store.Tx, p place, run store.PayrollRun) error {
	return tx.AppendAct(audit.Act{Actor: a.actor(), Kind: "payroll.shown", Subject: p.ID, Detail: audit.Detail(map[string]string{"run": run.ID})})
}
