package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// purchasesPath are purchase invoices of Procountor on their round of persons.
const purchasesPath = "/v1/purchase-invoices"

// PurchaseInvoices is one page of them.
type PurchaseInvoices struct {
	Invoices []PurchaseInvoice `json:"purchase_invoices" doc:"The earliest due first."`
	Next     string            `json:"next,omitempty" doc:"Give it as after to read on; not there on the last page."`
}

// A PurchaseInvoice is one of them, with what was decided.
type PurchaseInvoice struct {
	ID            string             `json:"id" doc:"Vienti's id of the invoice."`
	Version       int                `json:"version" doc:"Counts the decisions. A decision names the version that the person has seen."`
	State         string             `json:"state" enum:"open,approved,rejected,ended" doc:"open: somebody has to decide. approved: all who are required have approved; the approval goes to Procountor. rejected. ended: decided in Procountor itself, or gone there."`
	WaitsFor      string             `json:"waits_for,omitempty" doc:"Login of whose turn it is."`
	Number        string             `json:"number" doc:"The supplier's number."`
	InvoiceNumber int64              `json:"invoice_number" doc:"Procountor's number."`
	InvoiceID     int64              `json:"invoice_id" doc:"Procountor's id."`
	Status        string             `json:"status" doc:"In Procountor, such as RECEIVED or APPROVED, as read last."`
	Supplier      string             `json:"supplier"`
	Date          string             `json:"date,omitempty" format:"date"`
	DueDate       string             `json:"due_date,omitempty" format:"date"`
	Net           Sum                `json:"net"`
	Gross         Sum                `json:"gross"`
	Currency      string             `json:"currency"`
	Project       string             `json:"project,omitempty" doc:"The project number that stands on it."`
	Received      PurchaseReceived   `json:"received" doc:"Who received it first, and why."`
	Split         []PurchaseShare    `json:"split,omitempty" doc:"On which items its costs fall."`
	Decisions     []PurchaseDecided  `json:"decisions,omitempty" doc:"Oldest first; only when one invoice is asked for."`
	Files         []PurchaseFile     `json:"files,omitempty"`
	Image         string             `json:"image,omitempty" doc:"Where the first page of its image is, for the same token; only when one invoice is asked for, and not there while the image has not been fetched, or when Procountor has none."`
	Required      []PurchaseRequired `json:"required,omitempty" doc:"Whose approvals are required, in order."`
}

// A PurchaseReceived says who received an invoice first, and why.
type PurchaseReceived struct {
	Login string `json:"login"`
	Field string `json:"field,omitempty" doc:"The field that named them."`
	Value string `json:"value,omitempty" doc:"What stood there."`
	Why   string `json:"why,omitempty" enum:"nobody,unknown,twice,no-right" doc:"Why the default receiver got it."`
}

// A PurchaseRequired is one approval that is required.
type PurchaseRequired struct {
	Login      string     `json:"login"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
}

// A PurchaseShare is what falls on one item: a percentage, or a sum.
type PurchaseShare struct {
	Item    int64  `json:"item" doc:"Procountor's id of the dimension item."`
	Name    string `json:"name,omitempty"`
	Percent string `json:"percent,omitempty" example:"60"`
	Sum     string `json:"sum,omitempty" example:"600.00"`
}

// A PurchaseFile is a file that Procountor has of it.
type PurchaseFile struct {
	ID   int64  `json:"id" doc:"Procountor's id."`
	Name string `json:"name"`
}

// A PurchaseDecided is what somebody has done.
type PurchaseDecided struct {
	Act     string    `json:"act" enum:"pre_approve,approve,reject,hand_on,assign,split,comment,reopen,noted"`
	By      string    `json:"by" doc:"Login; vienti for Vienti itself."`
	Instead string    `json:"instead,omitempty" doc:"Of whom, by a substitute."`
	To      string    `json:"to,omitempty"`
	Text    string    `json:"text,omitempty"`
	At      time.Time `json:"at"`
}

// A PurchaseDecision is what a person of yours decides.
type PurchaseDecision struct {
	Person   string          `json:"person" minLength:"1" maxLength:"254" example:"maija@example.fi" doc:"Login of who decides. Their right is checked as on the pages."`
	Decision string          `json:"decision" enum:"pre_approve,approve,reject,hand_on,assign,split,comment,reopen" doc:"What they decide."`
	Version  int             `json:"version" minimum:"0" maximum:"1000000" doc:"Of the invoice as they have seen it. If somebody has decided since, nothing is taken and the answer says so."`
	Text     string          `json:"text,omitempty" maxLength:"500" doc:"A reason (required with reject) or a note."`
	To       string          `json:"to,omitempty" maxLength:"254" doc:"Login: to whom it is handed on; or who is required as well after this approval."`
	Due      string          `json:"due,omitempty" format:"date" doc:"With hand_on and assign: the day by which an answer is wanted."`
	Split    []PurchaseShare `json:"split,omitempty" maxItems:"50" doc:"With split: all shares, as percentages that come to 100 or sums that come to the costs; none takes the split away."`
}

// PurchaseList are the parameters of the list.
type PurchaseList struct {
	WaitsFor string `query:"waits_for" maxLength:"254" doc:"Login: only those whose turn it is, by themselves."`
	State    string `query:"state" enum:"open,approved,rejected,ended" doc:"Only those in this state."`
	After    string `query:"after" maxLength:"60" doc:"From next of the page before."`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"100"`
}

func (s *server) purchases(api huma.API) {
	list := huma.Operation{OperationID: "list-purchase-invoices", Method: http.MethodGet, Path: purchasesPath, Tags: []string{"Purchase invoices"},
		Summary:     "Purchase invoices of Procountor on their round",
		Description: "Invoices that wait for approval in Procountor, or waited, and that the settings of this connection let go a round of persons. Each is read out of Procountor once. What we have sent ourselves is never among them."}
	huma.Register(api, list, func(ctx context.Context, in *PurchaseList) (*answer[PurchaseInvoices], error) {
		conn := connectionOf(ctx)
		out := PurchaseInvoices{Invoices: []PurchaseInvoice{}}
		err := s.store.Read(ctx, func(tx *store.Tx) error {
			names, err := loginsOf(tx)
			if err != nil {
				return err
			}
			f := store.RoundFilter{Connection: conn.ID, State: circulation.State(in.State), After: in.After, Limit: in.Limit + 1}
			if in.WaitsFor != "" {
				f.Waits = []string{names.id(in.WaitsFor)}
			}
			rounds, err := tx.Rounds(f)
			for i, r := range rounds {
				if i == in.Limit {
					out.Next = rounds[i-1].ID
					break
				}
				out.Invoices = append(out.Invoices, purchaseInvoice(&r, names, nil))
			}
			return err
		})
		if err != nil {
			return nil, s.trouble(ctx, "list purchase invoices", err)
		}
		return &answer[PurchaseInvoices]{Status: http.StatusOK, Body: out}, nil
	})

	get := huma.Operation{OperationID: "get-purchase-invoice", Method: http.MethodGet, Path: purchasesPath + "/{id}", Tags: []string{"Purchase invoices"},
		Summary: "One purchase invoice with its decisions", Description: "Who received it and why, whose approvals are required, and what each person has done."}
	huma.Register(api, get, func(ctx context.Context, in *ByID) (*answer[PurchaseInvoice], error) { return s.purchase(ctx, in.ID) })

	image := huma.Operation{OperationID: "get-purchase-invoice-image", Method: http.MethodGet, Path: purchasesPath + "/{id}/image", Tags: []string{"Purchase invoices"},
		Summary:     "A page of the image of a purchase invoice",
		Description: "The first page is fetched when the round begins; the next ones when somebody asks for them. How many there are is told nowhere: the one after the last is not found."}
	huma.Register(api, image, func(ctx context.Context, in *PurchasePage) (*imageAnswer, error) { return s.purchaseImage(ctx, in) })

	over := huma.Operation{OperationID: "hand-over-purchase-invoices", Method: http.MethodPost, Path: purchasesPath + "/hand-over", Tags: []string{"Purchase invoices"},
		Summary:      "Give all open invoices of one person to another",
		Description:  "For somebody who leaves: every open invoice of this connection that waits for them, now or later, each with the note and the day. What they decide at the same moment is decided. Ask again for what has come since.",
		MaxBodyBytes: maxDecision + 1, SkipValidateBody: true}
	huma.Register(api, over, func(ctx context.Context, in *withBody) (*answer[PurchaseHandedOver], error) {
		said, err := bodyOf[PurchaseHandOver](s.reader, s.reader.handOver, in.RawBody, "give person, from and to")
		if err != nil {
			return nil, err
		}
		return s.handOver(ctx, said)
	})

	decide := huma.Operation{OperationID: "decide-purchase-invoice", Method: http.MethodPost, Path: purchasesPath + "/{id}/decisions", Tags: []string{"Purchase invoices"},
		Summary: "A person of yours decides about a purchase invoice",
		Description: "Approve, pre-approve, reject, hand on, split: what the person could do on the pages. The person is named and must have the right; a decision on another version than the newest is not taken (409). " +
			"With the last required approval the invoice is approved in Procountor by itself, with the names and times of all.",
		MaxBodyBytes: maxDecision + 1, SkipValidateBody: true}
	huma.Register(api, decide, func(ctx context.Context, in *withID) (*answer[PurchaseInvoice], error) {
		if err := s.store.Read(ctx, func(tx *store.Tx) error { _, err := s.roundOf(ctx, tx, in.ID); return err }); err != nil {
			return nil, s.trouble(ctx, "decide", err)
		}
		said, err := bodyOf[PurchaseDecision](s.reader, s.reader.decision, in.RawBody, "give person, decision and version")
		if err != nil {
			return nil, err
		}
		if err := s.decide(ctx, in.ID, said); err != nil {
			return nil, err
		}
		return s.purchase(ctx, in.ID)
	})
}

// A PurchaseHandOver gives what is left of one person to another.
type PurchaseHandOver struct {
	Person string `json:"person" minLength:"1" maxLength:"254" example:"anna@example.fi" doc:"Login of who does so: somebody who may hand out what is another's."`
	From   string `json:"from" minLength:"1" maxLength:"254" example:"maija@example.fi" doc:"Login of whose open invoices are meant, those in which their turn comes later as well."`
	To     string `json:"to" minLength:"1" maxLength:"254" example:"olli@example.fi" doc:"Login of who gets them."`
	Text   string `json:"text,omitempty" maxLength:"500" doc:"A note that goes with each of them."`
	Due    string `json:"due,omitempty" format:"date" doc:"The day by which an answer is wanted."`
}

// A PurchaseHandedOver says what became of it.
type PurchaseHandedOver struct {
	Handed int      `json:"handed" doc:"How many invoices were given."`
	Left   []string `json:"left,omitempty" doc:"Ids of those that could not be given: that person has approved them already, or may not receive them."`
}

func (s *server) handOver(ctx context.Context, said PurchaseHandOver) (*answer[PurchaseHandedOver], error) {
	conn := connectionOf(ctx)
	h := engine.HandOver{Connection: conn.ID, Text: said.Text, Via: "api:" + conn.ID}
	var person people.User
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		names, err := loginsOf(tx)
		if err != nil {
			return err
		}
		h.From, h.To = names.id(said.From), names.id(said.To)
		person, err = tx.Person(names.id(said.Person))
		return err
	})
	if store.IsNotFound(err) || err == nil && !person.Can(people.LeadRound, conn.Company, hub.PurchaseInvoice) {
		return nil, problem(http.StatusForbidden, codeRight, fmt.Sprintf("%.100s may not hand out what is another's, or is not there", said.Person))
	}
	if err != nil {
		return nil, s.trouble(ctx, "hand over", err)
	}
	if said.Due != "" {
		if h.Due, err = civil.Parse(said.Due); err != nil {
			return nil, problem(http.StatusUnprocessableEntity, codeContent, "due is no day")
		}
	}
	done, err := s.engine.HandOverRounds(ctx, person.ID, h)
	switch {
	case store.IsNotFound(err):
		return nil, problem(http.StatusUnprocessableEntity, codeContent, "from and to are logins of persons of yours")
	case errors.Is(err, engine.ErrNotNow):
		return nil, problem(http.StatusUnprocessableEntity, codeContent, err.Error())
	case err != nil:
		return nil, s.trouble(ctx, "hand over", err)
	}
	out := PurchaseHandedOver{Handed: done.Handed}
	for _, r := range done.Left {
		out.Left = append(out.Left, r.ID)
	}
	return &answer[PurchaseHandedOver]{Status: http.StatusOK, Body: out}, nil
}

// maxDecision bounds the body of a decision.
const maxDecision = 50_000

// logins are those of persons by their ids.
type logins map[string]string

func loginsOf(tx *store.Tx) (logins, error) {
	all, err := tx.People()
	m := logins{}
	for _, u := range all {
		m[u.ID] = u.Login
	}
	return m, err
}

// id is that of a login; one that nobody has is nobody's id.
func (l logins) id(login string) string {
	for id, x := range l {
		if x == people.NormalLogin(login) {
			return id
		}
	}
	return "-"
}

func (l logins) of(id string) string {
	if x, ok := l[id]; ok {
		return x
	}
	return id
}

func (s *server) purchase(ctx context.Context, id string) (*answer[PurchaseInvoice], error) {
	var out PurchaseInvoice
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		r, err := s.roundOf(ctx, tx, id)
		if err != nil {
			return err
		}
		names, err := loginsOf(tx)
		if err != nil {
			return err
		}
		decided, err := tx.Decisions(id)
		if err != nil {
			return err
		}
		out = purchaseInvoice(&r, names, decided)
		pages, err := tx.Images(id)
		if len(pages) > 0 && pages[0].State == store.ImageKept {
			out.Image = purchasesPath + "/" + id + "/image"
		}
		return err
	})
	if err != nil {
		return nil, s.trouble(ctx, "purchase invoice", err)
	}
	return &answer[PurchaseInvoice]{Status: http.StatusOK, Body: out}, nil
}

// A PurchasePage names a page of an image.
type PurchasePage struct {
	ByID
	Page int `query:"page" minimum:"1" maximum:"50" default:"1" doc:"From 1."`
}

// An imageAnswer is a page as it is handed over.
type imageAnswer struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// imageTypes are those that an image may have.
var imageTypes = []string{"image/png", "image/jpeg", "image/gif", "application/pdf"}

func (s *server) purchaseImage(ctx context.Context, in *PurchasePage) (*imageAnswer, error) {
	if err := s.store.Read(ctx, func(tx *store.Tx) error { _, err := s.roundOf(ctx, tx, in.ID); return err }); err != nil {
		return nil, s.trouble(ctx, "image of a purchase invoice", err)
	}
	mime, content, err := s.engine.RoundImage(ctx, in.ID, in.Page)
	_, asked := errors.AsType[*procountor.Error](err)
	switch {
	case errors.Is(err, engine.ErrImageBad):
		return nil, problem(http.StatusNotFound, codeNotFound, "what Procountor has is no picture, or larger than 10 MB; look at the invoice there")
	case asked:
		return nil, problem(http.StatusServiceUnavailable, codeUnavailable, "Procountor does not give the image now").retryAfter(60)
	case err != nil:
		return nil, s.trouble(ctx, "image of a purchase invoice", err)
	}
	return &imageAnswer{ContentType: mime, Body: content}, nil
}

// roundOf finds a round of the token's connection; another's does not exist for it.
func (s *server) roundOf(ctx context.Context, tx *store.Tx, id string) (store.Round, error) {
	r, err := tx.RoundByID(id)
	if err == nil && (r.Connection != connectionOf(ctx).ID || r.State == circulation.Left) {
		err = store.ErrNotFound
	}
	return r, err
}

func (s *server) decide(ctx context.Context, id string, said PurchaseDecision) error {
	conn := connectionOf(ctx)
	d := circulation.Decision{Act: circulation.Act(said.Decision), Seen: said.Version, Text: said.Text, Via: "api:" + conn.ID}
	var shares []circulation.Share
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		if _, err := s.roundOf(ctx, tx, id); err != nil {
			return err
		}
		names, err := loginsOf(tx)
		if err != nil {
			return err
		}
		if d.By = names.id(said.Person); said.To != "" {
			d.To = names.id(said.To)
		}
		return nil
	})
	if err != nil {
		return s.trouble(ctx, "decide", err)
	}
	if said.Due != "" {
		if d.Due, err = civil.Parse(said.Due); err != nil {
			return problem(http.StatusUnprocessableEntity, codeContent, "due is no day")
		}
	}
	if d.Act == circulation.Split {
		if shares, err = s.sharesOf(ctx, conn, said.Split); err != nil {
			return err
		}
	}
	_, err = s.engine.DecideRound(ctx, id, d, shares)
	var no *engine.RoundRefusal
	switch {
	case errors.As(err, &no):
		status, code := http.StatusConflict, codeNotNow
		if no.Why == circulation.RightMissing {
			status, code = http.StatusForbidden, codeRight
		}
		return problem(status, code, fmt.Sprintf("the decision was not taken: %s; the invoice is at version %d, %s", no.Why, no.Round.Version, no.Round.State))
	case store.IsNotFound(err):
		return problem(http.StatusForbidden, codeRight, fmt.Sprintf("%.100s does not see this invoice: it is another's, or the person is not there", said.Person))
	case errors.Is(err, engine.ErrNotNow):
		return problem(http.StatusUnprocessableEntity, codeContent, err.Error())
	case err != nil:
		return s.trouble(ctx, "decide", err)
	}
	return nil
}

// sharesOf checks that the items are there, and names them.
func (s *server) sharesOf(ctx context.Context, conn hub.Connection, said []PurchaseShare) (shares []circulation.Share, err error) {
	registers, err := s.engine.Registers(ctx, conn.Company)
	if err != nil {
		return nil, s.trouble(ctx, "decide", err)
	}
	for _, x := range said {
		f, ok := registers.Item(x.Item)
		if !ok || f.Dimension.Name != conn.Settings.Circulation.Dimension {
			return nil, problem(http.StatusUnprocessableEntity, codeContent, fmt.Sprintf("%d is no item of the dimension %q", x.Item, conn.Settings.Circulation.Dimension))
		}
		shares = append(shares, circulation.Share{Item: x.Item, Text: f.Item.Code, Percent: x.Percent, Sum: x.Sum})
	}
	return shares, nil
}

func purchaseInvoice(r *store.Round, names logins, decided []store.RoundDecision) PurchaseInvoice {
	out := PurchaseInvoice{ID: r.ID, Version: r.Version, State: string(r.State), Number: r.Number, InvoiceNumber: r.InvoiceNumber, InvoiceID: r.InvoiceID, Status: r.Status,
		Supplier: r.Supplier, Date: r.Date, DueDate: r.DueDate, Net: Sum(r.Net), Gross: Sum(r.Gross), Currency: r.Currency, Project: r.Found.Project,
		Received: PurchaseReceived{Login: r.Found.Login, Field: r.Found.Field, Value: r.Found.Value, Why: r.Found.Why}}
	if w := r.Waits(); w != "" {
		out.WaitsFor = names.of(w)
	}
	for _, x := range r.Stages {
		required := PurchaseRequired{Login: names.of(x.Person)}
		if x.By != "" {
			at := x.At.UTC()
			required.ApprovedAt = &at
		}
		out.Required = append(out.Required, required)
	}
	for _, x := range r.Split {
		out.Split = append(out.Split, PurchaseShare{Item: x.Item, Name: x.Text, Percent: x.Percent, Sum: x.Sum})
	}
	for _, f := range r.Content.Files {
		out.Files = append(out.Files, PurchaseFile{ID: f.ID, Name: f.Name})
	}
	for _, d := range decided {
		x := PurchaseDecided{Act: string(d.Act), By: names.of(d.By), Text: d.Text, At: d.At.UTC()}
		if d.Instead != "" {
			x.Instead = names.of(d.Instead)
		}
		if d.To != "" {
			x.To = names.of(d.To)
		}
		out.Decisions = append(out.Decisions, x)
	}
	return out
}
