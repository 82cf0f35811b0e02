// Package dispatch carries out one write to Procountor, or looks whether one
// has happened. It turns every answer into one of four verdicts; nothing above
// it sees an HTTP status.
package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// An Order is one write that has been intended, with everything it needs.
type Order struct {
	Step hub.Step
	// Body holds the exact bytes to send; for an attachment its metadata.
	Body []byte
	// File is the content of an attachment.
	File []byte
	// InvoiceID is the voucher that an action or an attachment is for.
	InvoiceID int64
	// ReceiptID is the ledger receipt of a journal; then InvoiceID is its hidden
	// invoice, to which its files belong.
	ReceiptID int64
	// Keys are those of every attempt at this step, this one included: the marks
	// by which our own voucher is known.
	Keys []string
	// Others are invoices known to be something else than what is looked for,
	// whatever mark they carry: earlier vouchers of the same document.
	Others []int64
}

// A Verdict says what became of a write.
type Verdict string

const (
	// Proved: it happened, and the answer or a look shows it.
	Proved Verdict = "proved"
	// Accepted: Procountor answered with a message only; the status is read to prove it.
	Accepted Verdict = "accepted"
	// Refused: it did not happen, and a person must mend something.
	Refused Verdict = "refused"
	// Untouched: it certainly did not happen, and may be tried again later.
	Untouched Verdict = "untouched"
	// Unclear: nobody knows.
	Unclear Verdict = "unclear"
	// Foreign: a look found something that is not certainly ours; a person decides.
	Foreign Verdict = "foreign"
)

// An Outcome is a verdict with what was learnt.
type Outcome struct {
	Verdict Verdict
	// Fault says why, unless proved or accepted.
	Fault *hub.Fault
	// Reasons are all that Procountor gave for a refusal, each with the value that was
	// sent at the place it names.
	Reasons []hub.Fault
	// Says is what a source says of its own document now.
	Says []hub.Said
	// Company means that the reason concerns every document of the company: a
	// dead key, a busy or broken Procountor.
	Company bool
	// RetryAfter is how long Procountor asked to be left alone.
	RetryAfter time.Duration
	// Answer holds the bytes that came back.
	Answer []byte

	Invoice *procountor.Invoice // what is saved now, after a post or replace
	// Receipt is a journal as it is saved now.
	Receipt   *procountor.LedgerReceipt
	PartnerID int64 // after making a partner
	// Partner is a partner's entry as it is saved now, after it was written over.
	Partner *procountor.Partner
	// Person is an employee's entry as it is saved now, likewise; Answer never identifies
	// the person.
	Person *procountor.Person
	// Item is an item of a dimension, or a product, as it is saved now.
	Item    *hub.ItemThere
	EventID int64 // after marking paid
	// RecordID is the source's of a record that was written there; Differs are
	// warnings of what it has saved otherwise.
	RecordID string
	Differs  []hub.Fault
}

// Send makes the write, once.
func Send(ctx context.Context, c *procountor.Client, o Order) Outcome {
	out := send(ctx, c, o)
	if out.Verdict == Untouched && out.Fault.Code == hub.KeyDead && !out.Company {
		// The token was refused. Reading anything logs in anew, and only if that is
		// refused too the key is dead.
		if _, err := c.Session.Get(ctx); errors.Is(err, procountor.Unauthorized) {
			out.Company = true
		} else {
			f := hub.NewFault(hub.ProcountorBusy, "", "")
			out.Fault = &f
		}
	}
	if out.Verdict == Refused {
		out.Fault.Value = cmp.Or(out.Fault.Value, sent(o.Body, out.Fault.Path))
		out.Reasons = reasons(out.Answer, o.Body)
	}
	return out
}

func send(ctx context.Context, c *procountor.Client, o Order) Outcome {
	switch o.Step.Kind {
	case hub.PostInvoice, hub.CreditInvoice:
		return sendInvoice(ctx, c, o, http.MethodPost, "/invoices")
	case hub.ReplaceInvoice:
		return sendInvoice(ctx, c, o, http.MethodPut, invoicePath(o.Step.Detail.InvoiceID))
	case hub.PutReceipt:
		return sendReceipt(ctx, c, o)
	case hub.PostJournal:
		return sendJournal(ctx, c, o)
	case hub.MakePartner:
		if o.Step.Detail.Person {
			return sendNewPerson(ctx, c, o)
		}
		return sendPartner(ctx, c, o)
	case hub.UpdatePartner:
		if o.Step.Detail.Person {
			return sendPerson(ctx, c, o)
		}
		return sendCard(ctx, c, o)
	case hub.MakeItem, hub.UpdateItem:
		return sendItem(ctx, c, o)
	case hub.MakeProduct:
		return sendProduct(ctx, c, o)
	case hub.Attach:
		return sendAttachment(ctx, c, o)
	case hub.MarkPaid:
		return sendPaid(ctx, c, o)
	case hub.Circulate:
		return inCirculation(sendAction(ctx, c, o, "/sendToCirculation"), "received")
	case hub.Verify:
		return inCirculation(sendAction(ctx, c, o, "/verify"), "verified")
	case hub.Approve:
		return sendAction(ctx, c, o, "/approve")
	case hub.Annotate:
		return sendNotes(ctx, c, o)
	case hub.Send:
		return sendAction(ctx, c, o, "/send")
	case hub.Unfinish:
		return sendAction(ctx, c, o, "/unfinished")
	case hub.Invalidate:
		return sendAction(ctx, c, o, "/invalidate")
	}
	f := hub.NewFault(hub.AnswerUnclear, "", string(o.Step.Kind))
	return Outcome{Verdict: Refused, Fault: &f}
}

func invoicePath(id int64) string { return "/invoices/" + strconv.FormatInt(id, 10) }

func sendInvoice(ctx context.Context, c *procountor.Client, o Order, method, path string) Outcome {
	res, err := c.Do(ctx, procountor.Request{Method: method, Path: path, Body: o.Body})
	if err != nil {
		out := failed(err)
		if e, ok := errors.AsType[*procountor.Error](err); ok && out.Verdict == Refused && o.Step.Kind == hub.ReplaceInvoice && stale(e) {
			// Changed there between our reading and our writing: to be read again.
			return withFault(out, Untouched, false, hub.NewFault(hub.EditedThere, "", "", "number", ""))
		}
		return out
	}
	inv := new(procountor.Invoice)
	if err := json.Unmarshal(res.Body, inv); err != nil || inv.ID == 0 {
		return unclear(res.Body)
	}
	// 200 is not proof: what came back must carry our mark.
	if key, ok := hub.MarkIn(inv.Notes); !ok || key != o.Step.Key {
		return unclear(res.Body)
	}
	return Outcome{Verdict: Proved, Invoice: inv, Answer: res.Body}
}

// stale reports whether a refusal is about the version that a PUT must carry
// (REFERENCE 2.4: 400 on the field version).
func stale(e *procountor.Error) bool {
	return slices.ContainsFunc(e.Fields, func(f procountor.FieldError) bool { return f.Field == "version" })
}

func sendPartner(ctx context.Context, c *procountor.Client, o Order) Outcome {
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPost, Path: "/businesspartners", Body: o.Body})
	if err != nil {
		return failed(err)
	}
	var p procountor.Partner
	if err := json.Unmarshal(res.Body, &p); err != nil || p.ID == 0 {
		return unclear(res.Body)
	}
	return Outcome{Verdict: Proved, PartnerID: p.ID, Answer: res.Body}
}

func sendAttachment(ctx context.Context, c *procountor.Client, o Order) Outcome {
	a := procountor.Attachment{}
	if err := json.Unmarshal(o.Body, &a); err != nil {
		f := hub.NewFault(hub.AttachmentName, "", err.Error())
		return Outcome{Verdict: Refused, Fault: &f}
	}
	a.ReferenceID = o.InvoiceID
	saved, err := c.Attachments.Create(ctx, a, o.File)
	if err != nil {
		return failed(err)
	}
	answer, err := json.Marshal(saved)
	if err != nil || saved.ID == 0 || saved.Name != a.Name {
		return unclear(answer)
	}
	return Outcome{Verdict: Proved, Answer: answer}
}

func sendAction(ctx context.Context, c *procountor.Client, o Order, action string) Outcome {
	path := invoicePath(o.InvoiceID)
	if o.ReceiptID != 0 {
		path, o.Body = receiptPath(o.ReceiptID), nil // no comment: the operation takes no body
	}
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPut, Path: path + action, Body: o.Body})
	if err != nil {
		return failed(err)
	}
	return Outcome{Verdict: Accepted, Answer: res.Body}
}

// inCirculation says of a refusal what it is about: Procountor needs circulation
// to be switched on, and an approver or the right to verify (REFERENCE 3.1).
func inCirculation(out Outcome, as string) Outcome {
	f := out.Fault
	if out.Verdict != Refused || f.Code != hub.RightMissing && (f.Args["status"] != "403" && f.Args["status"] != "404" || strings.Contains(f.Code, closedPeriod)) {
		return out
	}
	return withFault(out, Refused, false, hub.NewFault(hub.CirculationRefused, "", strings.TrimPrefix(f.Code, hub.ProcountorCode), "as", as))
}

// closedPeriod is what Procountor says of a day in a closed period (REFERENCE 5).
const closedPeriod = "CLOSED_FISCAL_PERIOD"

func unclear(answer []byte) Outcome {
	f := hub.NewFault(hub.AnswerUnclear, "", "")
	return Outcome{Verdict: Unclear, Fault: &f, Answer: answer}
}

// failed turns a client's error into a verdict on a write.
func failed(err error) Outcome {
	e, ok := errors.AsType[*procountor.Error](err)
	if !ok {
		return unclear(nil)
	}
	out := Outcome{Answer: []byte(e.Body), RetryAfter: e.RetryAfter}
	switch {
	case e.Class == procountor.Unclear || e.Class == procountor.Broken:
		return unclear([]byte(e.Body))
	case errors.Is(err, procountor.Unauthorized):
		// Of the login, or of this one request by a token that has ended.
		return withFault(out, Untouched, e.Class == procountor.NotSent, hub.NewFault(hub.KeyDead, "", reason(e)))
	case e.Class == procountor.NotSent:
		return withFault(out, Untouched, true, hub.NewFault(hub.ProcountorBroken, "", "", "reason", e.Error()))
	case e.Class == procountor.Busy:
		return withFault(out, Untouched, true, hub.NewFault(hub.ProcountorBusy, "", ""))
	case e.Class == procountor.Forbidden && len(e.Fields) == 0:
		return withFault(out, Refused, false, hub.NewFault(hub.RightMissing, "", "", "operation", e.Method+" "+e.Path))
	}
	return withFault(out, Refused, false, refusal(e))
}

func withFault(o Outcome, v Verdict, company bool, f hub.Fault) Outcome {
	o.Verdict, o.Company, o.Fault = v, company, &f
	return o
}

func reason(e *procountor.Error) string {
	if len(e.Fields) > 0 {
		return e.Fields[0].Message
	}
	return ""
}

// refusal carries Procountor's first reason as code and the path it named; the
// others stand in the answer.
func refusal(e *procountor.Error) hub.Fault {
	if len(e.Fields) == 0 {
		return hub.NewFault(hub.ProcountorCode+strconv.Itoa(e.Status), "", e.Body)
	}
	f := e.Fields[0]
	return hub.NewFault(hub.ProcountorCode+f.Message, f.Field, "", "status", strconv.Itoa(e.Status))
}

// reasons are those of a refusal of body, for the document's faults.
func reasons(answer, body []byte) []hub.Fault {
	var said struct {
		Errors []struct{ Field, Message string }
	}
	if json.Unmarshal(answer, &said) != nil {
		return nil
	}
	var list []hub.Fault
	for _, e := range said.Errors {
		list = append(list, hub.NewFault(hub.ProcountorCode+e.Message, e.Field, sent(body, e.Field)))
	}
	return list
}

// maxSent bounds how much of a value is told of a refusal.
const maxSent = 200

// sent is the text or number of body at a place as Procountor names places, such as
// invoiceRows[0].quantity; "" where there is none.
func sent(body []byte, path string) string {
	if path == "" {
		return ""
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return ""
	}
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return ""
			}
			v = at[i]
		default:
			return ""
		}
	}
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	}
	if r := []rune(text); len(r) > maxSent {
		text = string(r[:maxSent]) + "…"
	}
	return text
}
