package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// Language is common to all operations that explain faults. Embedded types are
// exported because huma reads no others.
type Language struct {
	AcceptLanguage string `header:"Accept-Language" maxLength:"500" example:"fi" doc:"The language of titles, causes and remedies: en, fi, sv or nl."`
}

// ByID names a document.
type ByID struct {
	Language
	ID string `path:"id" minLength:"1" maxLength:"100" doc:"Vienti's id of the document."`
}

type withBody struct {
	Language
	RawBody []byte
}

type withID struct {
	ByID
	RawBody []byte
}

type answer[T any] struct {
	Status int
	Body   T
}

// Documents is one page of a list.
type Documents struct {
	Documents []DocumentState `json:"documents" doc:"In the order in which they were first pushed."`
	Next      string          `json:"next,omitempty" doc:"Give it as after to read on; not there on the last page."`
}

type listQuery struct {
	Language
	SourceID string   `query:"source_id" maxLength:"200" doc:"Your id of the document."`
	Number   string   `query:"number" maxLength:"100" doc:"The number printed on it."`
	State    []string `query:"state" maxItems:"20" enum:"noticed,ready,working,waiting,unclear,held,refused,skipped,linked,done,done_with_warning,done_by_hand,taken_back,withdrawn" doc:"One or several, with commas between."`
	After    string   `query:"after" maxLength:"100" doc:"The next of the page before."`
	Limit    int      `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
}

const documentsPath = "/v1/documents"

func (s *server) documents(api huma.API) {
	push := huma.Operation{OperationID: "push-documents", Method: http.MethodPost, Path: documentsPath, Tags: []string{"Documents"},
		Summary: "Push a document, or a list of documents",
		Description: "Stores what is new or changed and answers at once; the way into Procountor follows by itself. A document is known by its `source_id`: " +
			"the same content again is answered with the first result and stored no second time, so a push whose answer was lost is simply repeated. " +
			"Other content under the same `source_id` is a change of the same document.\n\nA document with faults is kept, held, and explained, and the others of a " +
			"list go on. Only a body that is not JSON, or is too large, is refused as a whole; then nothing is stored.\n\nAt most 1 000 documents and 50 MB in one " +
			"request, 15 MB for one document. A field that is null counts as not given.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, DefaultStatus: http.StatusAccepted}
	huma.Register(api, push, func(ctx context.Context, in *withBody) (*answer[any], error) {
		docs, one, err := split(in.RawBody)
		if err == nil {
			err = checkSizes(docs)
		}
		if err != nil {
			return nil, err
		}
		receipts, err := s.receive(ctx, speaker(in.AcceptLanguage), docs)
		if err != nil {
			return nil, err
		}
		out := &answer[any]{Status: http.StatusOK, Body: Receipts{Results: receipts}}
		if one {
			out.Body = receipts[0]
		}
		if slices.ContainsFunc(receipts, func(r Receipt) bool { return r.Result != string(engine.ResultUnchanged) }) {
			out.Status = http.StatusAccepted
		}
		return out, nil
	})

	validate := huma.Operation{OperationID: "validate-documents", Method: http.MethodPost, Path: documentsPath + "/validate", Tags: []string{"Documents"},
		Summary: "Check a document, or a list, without storing anything",
		Description: "Says what a push would come to: every fault that the document, the connection's settings and Vienti's copies of Procountor's registers show, " +
			"which partner is meant, and the invoice as it would be sent.",
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true}
	huma.Register(api, validate, func(ctx context.Context, in *withBody) (*answer[any], error) {
		docs, one, err := split(in.RawBody)
		if err == nil {
			err = checkSizes(docs)
		}
		if err != nil {
			return nil, err
		}
		company, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(connectionOf(ctx).Company) })
		if err != nil {
			return nil, s.trouble(ctx, "validate", err)
		}
		checks := make([]Check, 0, len(docs))
		for _, raw := range docs {
			c, err := s.check(ctx, speaker(in.AcceptLanguage), raw, company)
			if err != nil {
				return nil, err
			}
			checks = append(checks, c)
		}
		out := &answer[any]{Status: http.StatusOK, Body: Checks{Results: checks}}
		if one {
			out.Body = checks[0]
		}
		return out, nil
	})

	list := huma.Operation{OperationID: "list-documents", Method: http.MethodGet, Path: documentsPath, Tags: []string{"Documents"},
		Summary:     "List documents of this connection",
		Description: "In the order in which they were first pushed, page by page: while the answer has a `next`, ask again with it as `after`."}
	huma.Register(api, list, func(ctx context.Context, in *listQuery) (*answer[Documents], error) {
		f := store.PushedFilter{Reach: reachOf(ctx), SourceID: in.SourceID, Number: in.Number, After: in.After}
		for _, st := range in.State {
			f.States = append(f.States, hub.State(st))
		}
		var found []store.Pushed
		contents := map[string]*hub.Document{}
		if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
			if found, err = tx.PushedDocuments(connectionOf(ctx).ID, f, in.Limit+1); err != nil {
				return err
			}
			for _, p := range found {
				// Only where Procountor's words must be found in the document.
				if hasTheirs(p.Transfer.Faults) && rightsOf(ctx).SeesInside(&p.Transfer) {
					if contents[p.Document.ID], _, err = tx.Document(p.Document.ID, p.Document.Version); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			return nil, s.trouble(ctx, "list", err)
		}
		out := &answer[Documents]{Status: http.StatusOK, Body: Documents{Documents: []DocumentState{}}}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			out.Body.Next = found[in.Limit-1].Document.ID
		}
		for _, p := range found {
			out.Body.Documents = append(out.Body.Documents, state(speaker(in.AcceptLanguage), p, contents[p.Document.ID]))
			out.Body.Documents[len(out.Body.Documents)-1].Attachments = nil
		}
		return out, nil
	})

	get := huma.Operation{OperationID: "get-document", Method: http.MethodGet, Path: documentsPath + "/{id}", Tags: []string{"Documents"},
		Summary:     "What became of a document",
		Description: "Its state, its faults, and Procountor's id, number and reference as soon as they are known."}
	huma.Register(api, get, func(ctx context.Context, in *ByID) (*answer[DocumentState], error) {
		return s.show(ctx, speaker(in.AcceptLanguage), in.ID)
	})

	attach := huma.Operation{OperationID: "add-attachments", Method: http.MethodPost, Path: documentsPath + "/{id}/attachments", Tags: []string{"Documents"},
		Summary: "Add an attachment, or a list of them, to a document that is there",
		Description: "Files that are added so stay with the document, also when it is pushed again without them. The same file under the same name is added once. " +
			"An attachment that does not fit is refused with all that came with it. At most 10 000 000 bytes a file and 15 MB a request.",
		MaxBodyBytes: maxDocument + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, DefaultStatus: http.StatusAccepted}
	huma.Register(api, attach, func(ctx context.Context, in *withID) (*answer[Receipt], error) {
		rc, err := s.attach(ctx, speaker(in.AcceptLanguage), in.ID, in.RawBody)
		if err != nil {
			return nil, err
		}
		out := &answer[Receipt]{Status: http.StatusAccepted, Body: rc}
		if rc.Result == string(engine.ResultUnchanged) {
			out.Status = http.StatusOK
		}
		return out, nil
	})

	confirm := huma.Operation{OperationID: "confirm-files", Method: http.MethodPost, Path: documentsPath + "/{id}/files/confirm", Tags: []string{"Documents"},
		Summary: "Read the files of a document back from Procountor",
		Description: "Every file that was sent is read back whole and compared with what was sent. What is missing or differs becomes a fault of the document. " +
			"It costs a request to Procountor for each file.", MaxBodyBytes: maxReason + 1, SkipValidateBody: true}
	huma.Register(api, confirm, func(ctx context.Context, in *withID) (*answer[DocumentState], error) {
		p, err := s.pushed(ctx, in.ID)
		if err != nil {
			return nil, s.trouble(ctx, "confirm files", err)
		}
		_, err = s.engine.ConfirmFiles(ctx, "api:"+connectionOf(ctx).ID, p.Transfer.ID)
		switch {
		case errors.Is(err, engine.ErrNotNow):
			return nil, problem(http.StatusConflict, codeNotNow, "no file of it is in Procountor, or it is being written now")
		case err != nil:
			return nil, s.trouble(ctx, "confirm files", err)
		}
		return s.show(ctx, speaker(in.AcceptLanguage), in.ID)
	})

	s.action(api, engine.Withdraw, "Take a document back before it is written",
		"For a document that your system no longer has. Once an invoice stands in Procountor, only a person can take it back, in Vienti's pages.")
	s.action(api, engine.Retry, "Try a held or refused document again",
		"When what stood in its way has been mended elsewhere: a setting, a partner, an open period. A document that is mended itself is simply pushed again.")
	s.action(api, engine.SendNow, "Let a document go that waits",
		"Of a document that waits for its approvals, for its sending or, by the settings, for a person: it goes now. A purchase invoice is still not approved in Procountor before the last approval. It holds for the content that was pushed last.")
	const decided = " A person of yours has decided it: name the person and the reason. It holds for the content that was pushed last; push another, and it must be decided anew."
	s.action(api, engine.ReleaseLocks, "Release what keeps an invoice from going again",
		"For a document that has arrived, although it has not changed: it is held, and `actions` then says what may become of it. Needs person and reason.")
	s.action(api, engine.Leave, "Leave a change out of the books",
		"Of a document that has changed after its invoice was approved, sent or paid: the invoice in Procountor stays as it is."+decided)
	s.action(api, engine.CreditAnew, "Credit the earlier invoice and send anew",
		"A credit note of the whole earlier invoice is made, then the document is sent as it is now. A person offsets the two in Procountor."+decided)
	s.action(api, engine.Difference, "Book the difference in a journal",
		"Of a document that has changed after its month became a journal: one journal with what it differs from what is booked."+decided)
	s.action(api, engine.Reverse, "Reverse in a journal and book anew",
		"Of a document that has changed after its month became a journal: one journal that takes back all that is booked of it, then another with what it says now."+decided)
	s.action(api, engine.SendBeside, "Send beside what is there",
		"The document is sent as a new invoice, and the earlier one, or the very similar one that is there, stays in the books."+decided)
}

// A Reason goes with an action.
type Reason struct {
	Reason string `json:"reason,omitempty" maxLength:"500" example:"cancelled by the customer" doc:"Kept with the act, for those who ask later."`
	Person string `json:"person,omitempty" maxLength:"200" example:"Maija Meikäläinen" doc:"Who has decided it; kept with the act. Needed, with a reason, for release-locks, leave, credit-anew, send-beside, difference-journal and reverse-anew."`
}

// words are what is kept with the act.
func (r Reason) words() string {
	if r.Person == "" {
		return r.Reason
	}
	return strings.TrimSuffix(r.Person+": "+r.Reason, ": ")
}

// pathOf is an action as addresses have it.
func pathOf(a engine.Action) string { return strings.ReplaceAll(string(a), "_", "-") }

func (s *server) action(api huma.API, a engine.Action, summary, description string) {
	op := huma.Operation{OperationID: pathOf(a) + "-document", Method: http.MethodPost, Path: documentsPath + "/{id}/" + pathOf(a), Tags: []string{"Documents"},
		Summary: summary, Description: description + " `actions` of the document says when it is possible; otherwise the answer is 409.",
		MaxBodyBytes: maxReason + 1, SkipValidateBody: true}
	huma.Register(api, op, func(ctx context.Context, in *withID) (*answer[DocumentState], error) {
		conn, sp := connectionOf(ctx), speaker(in.AcceptLanguage)
		why, err := s.reader.reason(in.RawBody)
		if err != nil {
			return nil, err
		}
		p, err := s.pushed(ctx, in.ID)
		if err != nil {
			return nil, s.trouble(ctx, string(a), err)
		}
		if (a == engine.SendNow || a.Decides()) && !rightsOf(ctx).SeesInside(&p.Transfer) {
			return nil, seesNoPayroll(ctx)
		}
		if a.Decides() && (strings.TrimSpace(why.Reason) == "" || strings.TrimSpace(why.Person) == "") {
			return nil, problem(http.StatusUnprocessableEntity, codeContent, "say who has decided it, and why: person and reason")
		}
		err = s.engine.Act(ctx, "api:"+conn.ID, p.Transfer.ID, a, why.words())
		if errors.Is(err, engine.ErrNotNow) || errors.Is(err, store.ErrLeaseLost) {
			if p, err = s.pushed(ctx, in.ID); err != nil {
				return nil, s.trouble(ctx, string(a), err)
			}
			now := state(sp, p, nil)
			no := problem(http.StatusConflict, codeNotNow, "the document cannot "+verb(a)+" now: it is "+strings.ReplaceAll(now.State, "_", " "))
			no.State, no.Actions = now.State, now.Actions
			return nil, no
		}
		if err != nil {
			return nil, s.trouble(ctx, string(a), err)
		}
		return s.show(ctx, sp, in.ID)
	})
}

// maxReason bounds the body of an action.
const maxReason = 10_000

func verb(a engine.Action) string {
	return map[engine.Action]string{engine.Retry: "be tried again", engine.Withdraw: "be withdrawn", engine.SendNow: "be sent now", engine.Leave: "be left as it is", engine.ReleaseLocks: "be released",
		engine.CreditAnew: "be credited and sent anew", engine.SendBeside: "be sent beside", engine.Difference: "be set right", engine.Reverse: "be reversed"}[a]
}

func (s *server) pushed(ctx context.Context, id string) (store.Pushed, error) {
	return store.ReadOne(ctx, s.store, func(tx *store.Tx) (store.Pushed, error) { return tx.PushedDocument(connectionOf(ctx).ID, id) })
}

func (s *server) show(ctx context.Context, sp locale.Speaker, id string) (*answer[DocumentState], error) {
	var p store.Pushed
	var doc *hub.Document
	var payments []store.PaymentOf
	var paid *Paid
	var bank []hub.ReferencePayment
	var steps []hub.Step
	var company hub.Company
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		if p, err = tx.PushedDocument(connectionOf(ctx).ID, id); err != nil {
			return err
		}
		if company, err = tx.Company(p.Transfer.Company); err != nil {
			return err
		}
		if payments, err = tx.PaymentsOf(p.Document.ID); err != nil {
			return err
		}
		w, err := tx.WatchOf(p.Transfer.Company, p.Transfer.InvoiceID)
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		if err == nil {
			paid = paidState(&w)
		}
		if bank, err = tx.ReferencePaymentsOf(p.Transfer.Company, p.Transfer.InvoiceID); err != nil {
			return err
		}
		if steps, err = tx.Steps(p.Transfer.ID, 0); err != nil {
			return err
		}
		if !rightsOf(ctx).SeesInside(&p.Transfer) {
			steps = nil
			return nil
		}
		if doc, _, err = tx.Document(p.Document.ID, p.Document.Version); errors.Is(err, store.ErrMasked) {
			doc, err = nil, nil
		}
		return err
	}); err != nil {
		return nil, s.trouble(ctx, "show", err)
	}
	p.Transfer.Faults = company.Reasons(&p.Transfer)
	out := state(sp, p, doc)
	out.Standing = standingOf(p.Document.Standing)
	out.Paid, out.Files = paid, sentFiles(steps)
	for _, p := range payments {
		out.Payments = append(out.Payments, paymentState(sp, p))
	}
	for _, b := range bank {
		out.BankPayments = append(out.BankPayments, BankPayment{ID: b.ID, Date: b.PaymentDate, ValueDate: b.ValueDate, Amount: Sum(b.Sum), Currency: b.Currency, Reference: b.Reference})
	}
	return &answer[DocumentState]{Status: http.StatusOK, Body: out}, nil
}

func paidState(w *store.Watch) *Paid {
	if w.ReadAt.IsZero() {
		return nil
	}
	return &Paid{State: string(w.Paid.State), Open: Sum(w.Paid.Open), Total: Sum(w.Paid.Total), Currency: w.Paid.Currency, On: w.Paid.On,
		Returned: w.Paid.Returned, Read: w.ReadAt}
}

// ConnectionStatus answers "who am I, and where do my documents go".
type ConnectionStatus struct {
	Connection ConnectionInfo `json:"connection"`
	Company    CompanyInfo    `json:"company"`
	Writing    bool           `json:"writing" doc:"Whether documents are written to Procountor. While it is off they are checked and stay noticed, until a person switches it on."`
	Kinds      []KindStatus   `json:"kinds" doc:"Which kinds of documents this connection takes."`
	Paused     []Fault        `json:"paused,omitempty" doc:"Why nothing is written for the whole company at the moment."`
}

// ConnectionInfo names a connection.
type ConnectionInfo struct {
	ID     string `json:"id"`
	Name   string `json:"name" example:"Shop"`
	System string `json:"system" doc:"What the business system is called in marks and pages."`
}

// CompanyInfo names the company in Procountor.
type CompanyInfo struct {
	Name        string `json:"name" example:"Esimerkkipaja Oy"`
	BusinessID  string `json:"business_id,omitempty" example:"1234567-1"`
	Country     string `json:"country" example:"FI"`
	Currency    string `json:"currency" example:"EUR"`
	Environment string `json:"environment" enum:"sandbox,testing,production" doc:"sandbox is Vienti's own Procountor for trying out; testing is Procountor's test server."`
}

// KindStatus is what a connection does with one kind.
type KindStatus struct {
	Kind     string `json:"kind" enum:"sales_invoice,purchase_invoice,travel_invoice,payroll_journal"`
	FirstDay string `json:"first_day,omitempty" format:"date" doc:"Documents dated earlier are skipped."`
	Arrival  string `json:"arrival" enum:"unfinished,approved,sent" doc:"How an invoice is left in Procountor."`
}

func (s *server) status(api huma.API) {
	op := huma.Operation{OperationID: "get-status", Method: http.MethodGet, Path: "/v1/status", Tags: []string{"Connection"},
		Summary:     "Who am I, and where do my documents go",
		Description: "The connection that the token stands for, its company and environment. A good first call."}
	huma.Register(api, op, func(ctx context.Context, in *Language) (*answer[ConnectionStatus], error) {
		conn := connectionOf(ctx)
		c, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(conn.Company) })
		if err != nil {
			return nil, s.trouble(ctx, "status", err)
		}
		out := ConnectionStatus{Writing: conn.Writing, Kinds: []KindStatus{}}
		out.Connection.ID, out.Connection.Name, out.Connection.System = conn.ID, conn.Name, conn.System
		out.Company.Name, out.Company.BusinessID, out.Company.Country, out.Company.Currency = c.Name, c.BusinessID, c.Country, c.Currency
		out.Company.Environment = string(c.Environment)
		for _, k := range hub.Kinds {
			if ks, ok := conn.Settings.Kinds[k]; ok && ks.On && reachOf(ctx).Has(conn.Company, k) {
				out.Kinds = append(out.Kinds, KindStatus{Kind: string(k), FirstDay: ks.FirstDay.String(), Arrival: string(ks.Arrival)})
			}
		}
		if c.PausedFault != nil && c.PausedUntil.After(s.now()) {
			out.Paused = explain(speaker(in.AcceptLanguage), nil, []hub.Fault{*c.PausedFault})
		}
		return &answer[ConnectionStatus]{Status: http.StatusOK, Body: out}, nil
	})
}
