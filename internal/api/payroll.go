package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
)

// A PayrollRunPush is a payroll run as your system hands it over: what it comes to in the
// books. Like [Document] it is the API's own shape and stays as it is.
type PayrollRunPush struct {
	SourceID  string               `json:"source_id,omitempty" maxLength:"150" example:"run-2026-06" doc:"The run's id in your system, the same for ever. Without it a run is known by the latest period of its journals and its reference."`
	Reference string               `json:"reference" minLength:"1" maxLength:"100" example:"June 2026" doc:"What people call the run. It stands on all its vouchers, those of corrected periods too."`
	Currency  string               `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217: that of the books."`
	Journals  []PayrollJournalPush `json:"journals" minItems:"1" maxItems:"500" doc:"One for each transaction and period."`
}

// A PayrollJournalPush is one transaction of a run.
type PayrollJournalPush struct {
	Date   Day          `json:"date" example:"2026-06-30" doc:"The day on which it is booked."`
	Period string       `json:"period,omitempty" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" example:"2026-06" doc:"The month that its rows belong to: of a correction the month that is corrected. That of date when not given."`
	Number string       `json:"number,omitempty" maxLength:"100" doc:"Your number of the transaction."`
	Text   string       `json:"text,omitempty" maxLength:"500"`
	Rows   []PayrollRow `json:"rows" minItems:"1" maxItems:"50000" doc:"Debit and credit must agree to the cent; otherwise the journal is held."`
}

// A PayrollRow is one row.
type PayrollRow struct {
	Account     string             `json:"account" minLength:"1" maxLength:"100" example:"5000" doc:"Your account; the account map says which one of Procountor it is."`
	AccountName string             `json:"account_name,omitempty" maxLength:"200" example:"Wages"`
	Amount      *Decimal           `json:"amount" example:"3200.50" doc:"Debit above zero, credit below, with at most two decimals."`
	Text        string             `json:"text,omitempty" maxLength:"500"`
	Dimensions  []PayrollDimension `json:"dimensions,omitempty" maxItems:"10"`
	Employee    string             `json:"employee,omitempty" maxLength:"100" doc:"Of rows by employee. They are summed when they arrive unless the connection's settings ask for them."`
}

// A PayrollDimension says where a row belongs on one axis.
type PayrollDimension struct {
	Axis string `json:"axis" minLength:"1" maxLength:"100" example:"cost_centre" doc:"cost_centre, cost_unit, or an axis of your own."`
	Code string `json:"code" minLength:"1" maxLength:"100" example:"200"`
	Name string `json:"name,omitempty" maxLength:"200"`
}

// A PayrollRunState is a run and how far it has come. Amounts and rows are there for a
// token that sees payroll.
type PayrollRunState struct {
	ID        string                `json:"id" doc:"The run's id: your source_id, or one of Vienti's."`
	Reference string                `json:"reference"`
	Period    string                `json:"period" doc:"That of the run itself, the latest of its journals."`
	Debit     Sum                   `json:"debit,omitempty"`
	Credit    Sum                   `json:"credit,omitempty"`
	Journals  []PayrollJournalState `json:"journals"`
}

// A PayrollJournalState is the journal of one period.
type PayrollJournalState struct {
	ID       string       `json:"id" doc:"Vienti's id of the document; /v1/documents/{id} tells more of it."`
	Period   string       `json:"period"`
	State    string       `json:"state" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn"`
	Settled  bool         `json:"settled"`
	Faults   []Fault      `json:"faults,omitempty"`
	Currency string       `json:"currency,omitempty"`
	Debit    Sum          `json:"debit,omitempty"`
	Credit   Sum          `json:"credit,omitempty"`
	Rows     []RunRowSaid `json:"rows,omitempty" doc:"Of a single run only."`
}

// A RunRowSaid is a row in an answer.
type RunRowSaid struct {
	Account    string             `json:"account"`
	Amount     Sum                `json:"amount"`
	Text       string             `json:"text,omitempty"`
	Dimensions []PayrollDimension `json:"dimensions,omitempty"`
}

// PayrollRuns is a list of runs.
type PayrollRuns struct {
	Runs []PayrollRunState `json:"runs" doc:"The newest first."`
}

// PayrollSent answers that a run was sent.
type PayrollSent struct {
	Sent int             `json:"sent" doc:"How many of its journals go now."`
	Run  PayrollRunState `json:"run"`
}

// PayrollTaken answers a pushed run.
type PayrollTaken struct {
	Result string          `json:"result" enum:"new,changed,unchanged" doc:"As for documents: unchanged means that the very same run was there."`
	Run    PayrollRunState `json:"run"`
}

const payrollPath = "/v1/payroll/runs"

// maxRuns is how many runs a list has.
const maxRuns = 200

type runByID struct {
	Language
	ID string `path:"id" minLength:"1" maxLength:"300" doc:"The run's id, with its slashes written as %2F."`
}

func (s *server) payrollRuns(api huma.API) {
	push := huma.Operation{OperationID: "push-payroll-run", Method: http.MethodPost, Path: payrollPath, Tags: []string{"Payroll"},
		Summary: "Push a payroll run",
		Description: "A whole run with its journals, one for each transaction and period. The same run again is answered with the first result; another content is a " +
			"change, and what is booked already is then set right as a person decides. What is wrong in a row refuses the whole; a journal that does not balance is " +
			"kept and held. By default a run waits for a person, or for `send`.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, DefaultStatus: http.StatusAccepted}
	huma.Register(api, push, func(ctx context.Context, in *withBody) (*answer[PayrollTaken], error) {
		run, err := bodyOf[PayrollRunPush](s.reader, s.reader.payroll, in.RawBody, "the run does not fit; see errors")
		if err != nil {
			return nil, err
		}
		doc := run.document()
		if p := run.check(); p != nil {
			return nil, p
		}
		rc, err := s.engine.Receive(ctx, connectionOf(ctx).ID, []engine.Incoming{{Document: doc, Raw: in.RawBody}}, nil)
		if err != nil {
			return nil, s.trouble(ctx, "push payroll", err)
		}
		out := &answer[PayrollTaken]{Status: http.StatusAccepted}
		if out.Body.Result = string(rc[0].Result); rc[0].Result == engine.ResultUnchanged {
			out.Status = http.StatusOK
		}
		out.Body.Run, err = s.payrollRun(ctx, doc.SourceID, in.AcceptLanguage, false)
		return out, err
	})

	list := huma.Operation{OperationID: "list-payroll-runs", Method: http.MethodGet, Path: payrollPath, Tags: []string{"Payroll"},
		Summary: "List the payroll runs of this connection", Description: "The newest 200. Amounts are there for a token that sees payroll."}
	huma.Register(api, list, func(ctx context.Context, in *Language) (*answer[PayrollRuns], error) {
		runs, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) ([]store.PayrollRun, error) { return tx.PayrollRuns(connectionOf(ctx).ID) })
		if err != nil {
			return nil, s.trouble(ctx, "list payroll", err)
		}
		out := PayrollRuns{Runs: []PayrollRunState{}}
		if !reachOf(ctx).Has(connectionOf(ctx).Company, hub.PayrollJournal) {
			runs = nil
		}
		for _, r := range runs[:min(len(runs), maxRuns)] {
			x, err := s.runState(ctx, r, in.AcceptLanguage, false)
			if err != nil {
				return nil, s.trouble(ctx, "list payroll", err)
			}
			out.Runs = append(out.Runs, x)
		}
		return &answer[PayrollRuns]{Status: http.StatusOK, Body: out}, nil
	})

	get := huma.Operation{OperationID: "get-payroll-run", Method: http.MethodGet, Path: payrollPath + "/{id}", Tags: []string{"Payroll"},
		Summary: "What became of a payroll run", Description: "Where each of its journals stands; for a token that sees payroll with their rows."}
	huma.Register(api, get, func(ctx context.Context, in *runByID) (*answer[PayrollRunState], error) {
		run, err := s.payrollRun(ctx, in.ID, in.AcceptLanguage, true)
		if err != nil {
			return nil, err
		}
		return &answer[PayrollRunState]{Status: http.StatusOK, Body: run}, nil
	})

	send := huma.Operation{OperationID: "send-payroll-run", Method: http.MethodPost, Path: payrollPath + "/{id}/send", Tags: []string{"Payroll"},
		Summary:          "Let a payroll run go",
		Description:      "All its journals that wait for it go, together, once none of the run is held. It needs a token that sees payroll.",
		SkipValidateBody: true, MaxBodyBytes: maxReason + 1}
	huma.Register(api, send, func(ctx context.Context, in *runByID) (*answer[PayrollSent], error) {
		conn := connectionOf(ctx)
		run, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (store.PayrollRun, error) { return tx.PayrollRun(conn.ID, in.ID) })
		if err != nil {
			return nil, s.trouble(ctx, "send payroll", err)
		}
		for i := range run.Journals {
			if !rightsOf(ctx).SeesInside(&run.Journals[i].Transfer) {
				return nil, seesNoPayroll(ctx)
			}
		}
		sent, err := s.engine.SendRun(ctx, "api:"+conn.ID, conn.ID, in.ID, "")
		if errors.Is(err, engine.ErrNotNow) {
			return nil, problem(http.StatusConflict, codeNotNow, "nothing of the run waits to be sent: see the state of its journals")
		}
		if err != nil {
			return nil, s.trouble(ctx, "send payroll", err)
		}
		out := &answer[PayrollSent]{Status: http.StatusOK}
		out.Body.Sent = sent
		out.Body.Run, err = s.payrollRun(ctx, in.ID, in.AcceptLanguage, false)
		return out, err
	})
}

// document is the run in the hub's words.
func (p *PayrollRunPush) document() *hub.Document {
	d := &hub.Document{Kind: hub.PayrollJournal, SourceID: p.SourceID, Number: p.Reference, Currency: money.Currency(p.Currency), Lines: []hub.Line{}}
	for _, j := range p.Journals {
		out := hub.RunJournal{Date: j.Date.Date, Period: hub.Month(j.Period), Number: j.Number, Text: j.Text}
		for _, r := range j.Rows {
			row := hub.JournalRow{Account: r.Account, AccountName: r.AccountName, Amount: r.Amount.amount(), Text: r.Text, Employee: r.Employee}
			for _, d := range r.Dimensions {
				row.Dimensions = append(row.Dimensions, hub.Dimension{Axis: d.Axis, Code: d.Code, Name: d.Name})
			}
			out.Rows = append(out.Rows, row)
		}
		if out.Date.After(d.Date) {
			d.Date = out.Date
		}
		d.Journals = append(d.Journals, out)
	}
	d.SourceID = cmp.Or(p.SourceID, hub.RunID(d.Ordinary(), p.Reference))
	return d
}

// check refuses what no journal can hold.
func (p *PayrollRunPush) check() *Problem {
	bad := problem(http.StatusUnprocessableEntity, codeContent, "nothing was stored; see errors")
	for i, j := range p.Journals {
		for k, r := range j.Rows {
			if a := r.Amount.amount(); a.Trim(0).Decimals() > paymentDecimals {
				// Without its value: what is refused may be read by others in a log of theirs.
				bad.Errors = append(bad.Errors, ProblemDetail{Message: "an amount with at most two decimals", Location: fmt.Sprintf("body.journals[%d].rows[%d].amount", i, k)})
			}
		}
	}
	if len(bad.Errors) == 0 {
		return nil
	}
	return bad
}

func (s *server) payrollRun(ctx context.Context, id, accept string, rows bool) (out PayrollRunState, err error) {
	run, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (store.PayrollRun, error) { return tx.PayrollRun(connectionOf(ctx).ID, id) })
	if err == nil {
		out, err = s.runState(ctx, run, accept, rows)
	}
	if err != nil {
		return out, s.trouble(ctx, "show payroll", err)
	}
	return out, nil
}

// runState is a run in an answer; what is in it only for a token that sees it.
func (s *server) runState(ctx context.Context, run store.PayrollRun, accept string, rows bool) (PayrollRunState, error) {
	out := PayrollRunState{ID: run.ID, Reference: run.Reference, Period: string(run.Ordinary), Journals: []PayrollJournalState{}}
	debit, credit, seen := money.Zero, money.Zero, false
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		for i := range run.Journals {
			t := &run.Journals[i].Transfer
			j := PayrollJournalState{ID: t.Subject, Period: string(run.Journals[i].Period), State: string(t.State), Settled: t.State.Settled(),
				Faults: explain(speaker(accept), nil, t.Faults), Currency: t.Currency}
			if rightsOf(ctx).SeesInside(t) {
				doc, _, err := tx.Document(t.Subject, t.Version)
				if errors.Is(err, store.ErrMasked) {
					out.Journals = append(out.Journals, j)
					continue
				}
				if err != nil {
					return err
				}
				d, c := hub.Sums(doc.Rows)
				j.Debit, j.Credit, seen = Sum(d.Fixed(2)), Sum(c.Fixed(2)), true
				debit, credit = debit.Add(d), credit.Add(c)
				if rows {
					j.Rows = rowsSaid(doc.Rows)
				}
			}
			out.Journals = append(out.Journals, j)
		}
		return nil
	})
	if seen {
		out.Debit, out.Credit = Sum(debit.Fixed(2)), Sum(credit.Fixed(2))
	}
	return out, err
}

func rowsSaid(rows []hub.JournalRow) []RunRowSaid {
	list := slices.Grow([]RunRowSaid{}, len(rows))
	for _, r := range rows {
		x := RunRowSaid{Account: r.Account, Amount: Sum(r.Amount.Fixed(2)), Text: r.Text}
		for _, d := range r.Dimensions {
			x.Dimensions = append(x.Dimensions, PayrollDimension{Axis: d.Axis, Code: d.Code, Name: d.Name})
		}
		list = append(list, x)
	}
	return list
}
