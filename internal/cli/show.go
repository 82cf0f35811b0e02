package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) showCommand() *cobra.Command {
	var asJSON, raw bool
	cmd := &cobra.Command{
		Use:   "show NUMBER",
		Short: "Show one document: state, reasons, steps, files, log",
		Long: `Shows where one document stands and why, each step with its outcome, and who did
what when. NUMBER is that of the source, that in Procountor, or the id that
"vienti log --json" gives.`,
		Example: `  vienti show 10234
  vienti show 10234 --json
  vienti show 10234 --raw > invoice.xml       what the source handed over`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one document by its number")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.show(cmd.Context(), args[0], asJSON, raw) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&raw, "raw", false, "print what the source handed over, as it came")
	return cmd
}

// A shown step, for programs.
type shownStep struct {
	Plan     int      `json:"plan"`
	Step     int      `json:"step"`
	Kind     string   `json:"kind"`
	State    string   `json:"state"`
	Attempt  int      `json:"attempt"`
	Key      string   `json:"key,omitempty"`
	Intended string   `json:"intended,omitempty"`
	Ended    string   `json:"ended,omitempty"`
	Looks    int      `json:"looks,omitempty"`
	Reason   []reason `json:"reasons,omitempty"`
}

// A shownFile is one that was sent, or would be, for programs.
type shownFile struct {
	Name       string `json:"name"`
	Size       int64  `json:"size"`
	ToCustomer bool   `json:"to_customer"`
	Sent       bool   `json:"sent"`
	// Level is how sure it is that it has arrived: name, size, content; "" for not yet.
	Level hub.FileLevel `json:"level,omitempty"`
	Wrong bool          `json:"wrong,omitempty"` // what is there is not what was sent
	Seen  string        `json:"seen,omitempty"`
}

// shownFiles are the files that a document has sent, or those that would go.
func shownFiles(steps []hub.Step, forecast *engine.Forecast) (list []shownFile) {
	files := engine.SentFiles(steps)
	sent := len(files) > 0
	if !sent && forecast != nil {
		files = slices.DeleteFunc(slices.Clone(forecast.Steps), func(s hub.Step) bool { return s.Kind != hub.Attach })
	}
	for _, s := range files {
		a := s.Detail.Attachment
		f := shownFile{Name: a.Name, Size: a.Size, ToCustomer: a.ForCustomer, Sent: sent}
		if seen := s.Detail.Seen; seen != nil {
			f.Level, f.Wrong, f.Seen = seen.Level, seen.Wrong, seen.At.Format(shownTime)
		}
		list = append(list, f)
	}
	return list
}

func (a *app) showFiles(files []shownFile) {
	if len(files) == 0 {
		return
	}
	title := "files.would-go"
	if files[0].Sent {
		title = "files.in-procountor"
	}
	a.printf("\n%s\n", a.say.T(title))
	st := table{right: []int{1}}
	for _, f := range files {
		who, sure := "files.internal", "files.not-sent"
		if f.ToCustomer {
			who = "files.customer"
		}
		switch {
		case !f.Sent:
		case f.Wrong:
			sure = "files.wrong"
		case f.Level == "":
			sure = "files.not-seen"
		default:
			sure = "files.by-" + string(f.Level)
		}
		st.add("  "+plain(f.Name), a.say.Int(int(f.Size)), a.say.T(who), a.say.T(sure))
	}
	a.printf("%s", st.String())
}

// A shownAct is one line of the log, for programs.
type shownAct struct {
	At     string          `json:"at"`
	Kind   string          `json:"kind"`
	Actor  string          `json:"actor"`
	Detail json.RawMessage `json:"detail,omitempty"`
}

const shownTime = "2006-01-02T15:04:05.000Z07:00"

// act says what an act was: the words of its kind, or the kind itself.
func (a *app) act(kind string) string {
	if key := "act." + strings.ReplaceAll(kind, ".", "-"); a.say.Has(key) {
		return a.say.T(key)
	}
	return kind
}

// maxShownActs is how much of the log one document shows.
const maxShownActs = 100

func (a *app) show(ctx context.Context, number string, asJSON, raw bool) error {
	o, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	found, err := o.find(ctx, number)
	if err != nil {
		return err
	}
	type one struct {
		row
		Connection string          `json:"connection"`
		Company    string          `json:"company"`
		May        []engine.Action `json:"may"`
		StepList   []shownStep     `json:"step_list"`
		// Forecast is what would be written of a document that has not been.
		Forecast *foreseen   `json:"forecast,omitempty"`
		Payments []row       `json:"payments,omitempty"`
		Files    []shownFile `json:"files,omitempty"`
		Told     *shownTold  `json:"told,omitempty"`
		Log      []shownAct  `json:"log"`
	}
	var all []one
	for i := range found {
		t := &found[i]
		var steps []hub.Step
		var acts []audit.Act
		var conn hub.Connection
		var company hub.Company
		var body []byte
		var payments []store.PaymentOf
		var told hub.Reported
		var report *hub.Transfer
		var notes map[string]store.OwnNote
		if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
			if steps, err = tx.Steps(t.ID, 0); err != nil {
				return err
			}
			if payments, err = paymentsOf(tx, t); err != nil {
				return err
			}
			if told, report, err = toldOf(tx, t); err != nil {
				return err
			}
			if acts, err = tx.Acts(t.ID, 0, maxShownActs); err != nil {
				return err
			}
			if notes, err = tx.OwnNotes(); err != nil {
				return err
			}
			if conn, err = tx.Connection(t.Connection); err != nil {
				return err
			}
			if company, err = tx.Company(t.Company); err != nil || !raw {
				return err
			}
			if t.Kind == hub.OffsetTransfer || t.Kind == hub.ReportTransfer || t.Kind == hub.ApprovalTransfer {
				return nil // nobody has handed it over
			}
			if t.Kind == hub.PaymentTransfer {
				p, err := tx.Payment(t.Subject)
				if err == nil {
					body, err = tx.Blob(p.Raw)
				}
				return err
			}
			v, err := tx.DocumentVersion(t.Subject, t.Version)
			if err == nil {
				body, err = tx.Blob(v.Raw)
			}
			return err
		}); err != nil {
			return err
		}
		if raw && t.Private() {
			return usage("%s is of payroll: its amounts are shown by vienti payroll show --amounts only", t.Number)
		}
		if raw {
			if _, err := a.env.Stdout.Write(body); err != nil {
				return err
			}
			continue
		}
		var forecast *engine.Forecast
		if engine.Unwritten(t, steps) && !t.Private() {
			f, err := o.engine.CheckStored(ctx, t)
			if err != nil {
				return err
			}
			forecast = &f
		}
		x := one{row: a.row(t), Connection: conn.Name, Company: company.Name, May: slices.DeleteFunc(engine.Allowed(t), func(a engine.Action) bool { return a == engine.TakeBack && engine.SentToCustomer(steps) })}
		x.Reasons = a.reasons(company.Reasons(t))
		for i := range x.Reasons {
			x.Reasons[i].Note = notes[remedy.NoteKey(x.Reasons[i].Code)].Text
		}
		for _, c := range acts {
			x.Log = append(x.Log, shownAct{c.At.Format(shownTime), c.Kind, c.Actor, c.Detail})
		}
		if forecast != nil {
			x.Forecast = new(foresee(*forecast))
		}
		for _, s := range steps {
			step := shownStep{Plan: s.Plan, Step: s.Seq, Kind: string(s.Kind), State: string(s.State), Attempt: s.Attempt, Key: s.Key, Looks: s.Looks}
			if !s.IntendedAt.IsZero() {
				step.Intended = s.IntendedAt.Format(shownTime)
			}
			if !s.EndedAt.IsZero() {
				step.Ended = s.EndedAt.Format(shownTime)
			}
			if s.Fault != nil {
				step.Reason = a.reasons([]hub.Fault{*s.Fault})
			}
			x.StepList = append(x.StepList, step)
		}
		for _, p := range payments {
			x.Payments = append(x.Payments, a.row(&p.Transfer))
		}
		x.Files = shownFiles(steps, forecast)
		x.Told = a.shownTold(told, report)
		all = append(all, x)
		if asJSON {
			continue
		}
		if i > 0 {
			a.printf("\n")
		}
		a.showOne(t, x.row, conn, company, steps)
		if forecast != nil {
			registers, err := o.engine.Registers(ctx, t.Company)
			if err != nil {
				return err
			}
			a.printf("\n")
			a.wouldBe(*forecast, registers)
		}
		a.showFiles(x.Files)
		a.showPayments(x.Payments)
		a.showTold(told, report)
		a.showLog(t, acts)
	}
	if asJSON {
		return a.json(all)
	}
	return nil
}

func (a *app) showOne(t *hub.Transfer, r row, conn hub.Connection, company hub.Company, steps []hub.Step) {
	a.printf("%s %s\n\n", a.kind(t), plain(cmp.Or(t.Number, a.say.T("list.no-number"))))
	line := func(label, value string) {
		if value != "" && value != "0" {
			a.printf("%-16s %s\n", label, plain(value))
		}
	}
	line(a.t("column.state"), a.state(r))
	line(a.t("column.partner"), t.PartnerName)
	line(a.t("column.date"), a.say.Day(t.Date))
	line(a.t("column.due"), a.say.Day(t.DueDate))
	line(a.t("column.sum"), a.sum(r))
	line(a.t("column.procountor"), fmt.Sprint(t.InvoiceNumber))
	line(a.t("column.reference"), t.Reference)
	line(a.t("column.connection"), conn.Name)
	line(a.t("column.company"), company.Name+", "+a.say.T("env."+string(company.Environment)))
	line("Id", t.ID)
	a.printf("\n%s", wrap(web.StateSays(a.say, *t), "", ""))
	for _, why := range r.Reasons {
		a.printf("\n")
		a.explain(why, "", t.State)
	}
	if len(steps) > 0 {
		a.printf("\n%s\n", a.say.T("document.steps"))
		st := table{}
		for _, s := range steps {
			when := ""
			if !s.EndedAt.IsZero() {
				when = a.say.Date(dayOf(s.EndedAt)) + " " + a.say.Seconds(s.EndedAt)
			}
			again := ""
			if s.Attempt > 1 {
				again = a.say.T("document.attempt", "n", s.Attempt)
			}
			st.add(fmt.Sprintf("  %d.%d", s.Plan, s.Seq), a.say.T("step."+string(s.Kind)), a.say.T("stepstate."+string(s.State)), when, again)
		}
		a.printf("%s", st.String())
	}
}

// kind says what a transfer moves: what a document is, a payment of one, or an offset.
func (a *app) kind(t *hub.Transfer) string {
	kind := cmp.Or(string(t.DocKind), "none")
	word := a.say.T("kind." + kind + ".word")
	if t.CreditNote {
		word = a.say.T("kind." + kind + ".credit")
	}
	switch {
	case t.Kind == hub.OffsetTransfer:
		return a.say.T("offset.word") + ": " + word
	case t.Kind == hub.ApprovalTransfer:
		return a.say.T("round.word") + ": " + word
	case t.Kind == hub.ReportTransfer:
		return a.say.T("report.word") + ": " + word
	case t.Kind != hub.PaymentTransfer:
		return web.KindWord(a.say, t, word)
	case t.DocKind == "":
		return a.say.T("payment.word")
	}
	return a.say.T("payment.word") + ": " + word
}

// paymentsOf are the payments of a document.
func paymentsOf(tx *store.Tx, t *hub.Transfer) ([]store.PaymentOf, error) {
	if t.Kind != hub.DocumentTransfer {
		return nil, nil
	}
	return tx.PaymentsOf(t.Subject)
}

func (a *app) showPayments(payments []row) {
	if len(payments) == 0 {
		return
	}
	a.printf("\n%s\n", a.say.T("payment.title"))
	st := table{}
	for _, p := range payments {
		why := ""
		if len(p.Reasons) > 0 {
			why = p.Reasons[0].Title
		}
		st.add("  "+a.say.Day(p.Date), a.sum(p), a.state(p), p.Transfer, why)
	}
	a.printf("%s", st.String())
}

// showLog prints who did what, and what may be done next.
func (a *app) showLog(t *hub.Transfer, acts []audit.Act) {
	if len(acts) > 0 {
		a.printf("\n%s\n", a.say.T("document.log"))
		st := table{}
		for i := len(acts) - 1; i >= 0; i-- {
			c := acts[i]
			st.add("  "+a.say.Date(dayOf(c.At))+" "+a.say.Seconds(c.At), a.act(c.Kind), plain(c.Actor), plain(whyOf(c)))
		}
		a.printf("%s", st.String())
	}
	if slices.Contains(engine.Allowed(t), engine.SendNow) {
		a.printf("\n%s\n", a.t("show.send-now", "number", cmp.Or(t.Number, t.ID)))
	}
	switch {
	case !t.State.NeedsPerson():
	case slices.Contains(engine.Allowed(t), engine.Retry):
		a.printf("\n%s\n", a.t("show.retry", "number", cmp.Or(t.Number, t.ID)))
	case hub.Unread(t.Faults):
		a.printf("\n%s", wrap(a.say.T("document.send-again"), "", ""))
	}
	var open []string
	for _, m := range engine.Allowed(t) {
		if m.Decides() {
			open = append(open, typed(m))
		}
	}
	if open != nil && t.State.NeedsPerson() {
		a.printf("%s\n", a.t("show.decide", "number", cmp.Or(t.Number, t.ID), "choices", strings.Join(open, "|")))
	}
}

// whyOf is what a person has given as one.
func whyOf(c audit.Act) string {
	var d struct {
		Why string `json:"why"`
	}
	_ = json.Unmarshal(c.Detail, &d) // no reason in it then
	return d.Why
}
