package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
)

const intro = `Push invoices, credit notes and payments; Vienti brings each of them into Procountor exactly once and explains every one that cannot go.

Every request carries a token: ` + "`Authorization: Bearer vnt_…`" + `. A token belongs to one connection, sees the documents of that connection only, and is made by the administrator of Vienti, who may limit it to reading, to writing, and to kinds of documents.

**Stability.** The address begins with the version. Within /v1, operations, fields of answers, optional fields of requests, states and fault codes may be added; nothing is removed, renamed, made required or given another meaning. Ignore fields you do not know. A version that ends is announced twelve months before.`

// describe completes the description that the operations have begun: what is
// common to all of them, and bodies that are read by our own reader.
func describe(d *huma.OpenAPI) {
	d.Info.Description = intro
	d.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	d.Tags = []*huma.Tag{
		{Name: "Documents", Description: "Push them, and ask what became of them."},
		{Name: "Changes", Description: "What has become of your documents, in order: read, or told by webhooks."},
		{Name: "Payments", Description: "Tell which documents are paid."},
		{Name: "Payroll", Description: "Payroll runs: push them, see what became of them, let them go. A token sees amounts of payroll only where that was given to it by name."},
		{Name: "Registers", Description: "What the company has in Procountor: accounts, dimensions, products, persons, VAT, bank accounts, and what has changed in them."},
		{Name: "Items", Description: "Your projects, cost centres, units and products, and what they are in Procountor."},
		{Name: "Purchase invoices", Description: "Purchase invoices of Procountor on their round of persons, and their approval there."},
		{Name: "Partners", Description: "Who a party is in Procountor, where that is in doubt, and what you say otherwise of it than its card there."},
		{Name: "Periods", Description: "Tell which months are closed."},
		{Name: "Vendors", Description: "Of makers of business systems: have your customers connected."},
		{Name: "Connection", Description: "Who you are to Vienti."},
	}
	d.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "A token of one connection: vnt_ and 52 letters and digits."},
	}
	d.Security = []map[string][]string{{"token": {}}}

	r := d.Components.Schemas
	ref := func(v any) *huma.Schema { return r.Schema(reflect.TypeOf(v), true, "") }
	oneOrList := func(v any, max int) *huma.Schema {
		return &huma.Schema{OneOf: []*huma.Schema{ref(v), {Type: huma.TypeArray, Items: ref(v), MaxItems: &max}}}
	}
	either := func(a, b any) *huma.Schema { return &huma.Schema{OneOf: []*huma.Schema{ref(a), ref(b)}} }

	push := d.Paths[documentsPath].Post
	push.RequestBody = body(oneOrList(Document{}, maxDocuments), true)
	push.Responses = map[string]*huma.Response{
		"200": answerOf("All of it was there already, as it is.", either(Receipt{}, Receipts{})),
		"202": answerOf("Something new or changed was stored. A document with faults is among these: see its state and faults.", either(Receipt{}, Receipts{})),
	}
	run := d.Paths[payrollPath].Post
	run.RequestBody = body(ref(PayrollRunPush{}), true)
	run.Responses = map[string]*huma.Response{
		"200": answerOf("The very same run was there already.", ref(PayrollTaken{})),
		"202": answerOf("Something new or changed was stored. A journal with faults is among it: see its state and faults.", ref(PayrollTaken{})),
	}
	validate := d.Paths[documentsPath+"/validate"].Post
	validate.RequestBody = body(oneOrList(Document{}, maxDocuments), true)
	validate.Responses = map[string]*huma.Response{"200": answerOf("What a push would come to.", either(Check{}, Checks{}))}
	attach := d.Paths[documentsPath+"/{id}/attachments"].Post
	attach.RequestBody = body(oneOrList(Attachment{}, maxAttachments), true)
	attach.Responses = map[string]*huma.Response{
		"200": answerOf("The files were there already.", ref(Receipt{})),
		"202": answerOf("Stored; the document has changed by it.", ref(Receipt{})),
	}
	for _, a := range []engine.Action{engine.SendNow, engine.Withdraw, engine.Retry, engine.ReleaseLocks, engine.Leave, engine.CreditAnew, engine.SendBeside, engine.Difference, engine.Reverse} {
		d.Paths[documentsPath+"/{id}/"+pathOf(a)].Post.RequestBody = body(ref(Reason{}), a.Decides())
	}
	d.Paths[documentsPath+"/{id}/files/confirm"].Post.RequestBody = body(ref(Reason{}), false)
	d.Paths[documentsPath+"/{id}/partner"].Post.RequestBody = body(ref(PartnerSaid{}), true)
	d.Paths[partnersPath+"/choices/undo"].Post.RequestBody = body(ref(PartnerUndo{}), true)
	d.Paths[itemsPath].Post.RequestBody = body(ref(ItemsSaid{}), true)
	d.Paths[itemsPath+"/answer"].Post.RequestBody = body(ref(ItemAnswer{}), true)
	d.Paths[partnersPath+"/changes/answer"].Post.RequestBody = body(ref(PartnerCardAnswer{}), true)
	d.Paths[purchasesPath+"/{id}/decisions"].Post.RequestBody = body(ref(PurchaseDecision{}), true)
	d.Paths[purchasesPath+"/hand-over"].Post.RequestBody = body(ref(PurchaseHandOver{}), true)
	page := &huma.Response{Description: "The page.", Content: map[string]*huma.MediaType{}}
	for _, t := range imageTypes {
		page.Content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	d.Paths[purchasesPath+"/{id}/image"].Get.Responses = map[string]*huma.Response{"200": page}
	stand := d.Paths[documentsPath+"/{id}/standing"].Post
	stand.RequestBody = body(ref(Standing{}), true)
	stand.Responses = map[string]*huma.Response{
		"200": answerOf("That was said already.", ref(Receipt{})),
		"202": answerOf("Stored.", ref(Receipt{})),
	}
	ask := d.Paths[connectionsPath].Post
	ask.Responses["200"] = answerOf("The customer is connected already.", ref(VendorConnection{}))
	pay := d.Paths[paymentsPath].Post
	pay.RequestBody = body(oneOrList(PaymentMade{}, maxDocuments), true)
	pay.Responses = map[string]*huma.Response{
		"200": answerOf("All of it was there already, as it is.", either(PaymentReceipt{}, PaymentReceipts{})),
		"202": answerOf("Something new or changed was stored.", either(PaymentReceipt{}, PaymentReceipts{})),
	}
	for path, item := range d.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				op.Responses["default"] = nil
				delete(op.Responses, "default")
				problems(op, path, ref(Problem{}))
			}
		}
	}
	plain := &huma.Operation{OperationID: "health", Method: http.MethodGet, Path: "/healthz", Summary: "Is Vienti alive", Security: []map[string][]string{{}},
		Tags: []string{"Connection"}, Description: "Without a token, for load balancers.", Responses: map[string]*huma.Response{
			"200": answerOf("It is, and its database answers.", ref(Health{})),
			"503": problemOf("The database does not answer.", ref(Problem{}))}}
	d.Paths[plain.Path] = &huma.PathItem{Get: plain}
	for _, s := range r.Map() {
		for _, p := range s.Properties {
			p.Nullable = false // answers leave out what is not there
			if p.Items != nil {
				p.Items.Nullable = false
			}
		}
	}
	delete(r.Map(), "ErrorModel") // huma's own, of the same form as Problem
	delete(r.Map(), "ErrorDetail")
}

// Health is the answer of /healthz.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

func body(s *huma.Schema, required bool) *huma.RequestBody {
	return &huma.RequestBody{Required: required, Content: map[string]*huma.MediaType{"application/json": {Schema: s}}}
}

func answerOf(description string, s *huma.Schema) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: s}}}
}

func problemOf(description string, s *huma.Schema) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{problemType: {Schema: s}}}
}

// problems adds the answers that an operation may give instead of its own.
func problems(op *huma.Operation, path string, s *huma.Schema) {
	words := map[int]string{
		http.StatusBadRequest:          "The request cannot be read: a body that is not JSON (with line and column), or an address with stray characters.",
		http.StatusUnauthorized:        "The token is missing, unknown or revoked.",
		http.StatusForbidden:           "The token may not do this; detail says which right it lacks. Nothing was done.",
		http.StatusUnprocessableEntity: "A parameter or part of the body is wrong; nothing was stored. Faults of pushed documents are never answered so.",
		http.StatusTooManyRequests:     "Too many unknown tokens came from your address; wait as Retry-After says.",
		http.StatusInternalServerError: "Vienti failed. Repeat the request: what is stored already is answered, not stored twice.",
		http.StatusServiceUnavailable:  "Not now; repeat the request as Retry-After says.",
	}
	if op.Method == http.MethodPost {
		words[http.StatusRequestEntityTooLarge] = "More documents or bytes than are taken in one request; nothing was stored."
		words[http.StatusUnsupportedMediaType] = "The body is compressed."
		words[http.StatusRequestTimeout] = "The body took too long to arrive."
	}
	if path == periodsPath+"/{month}/close" {
		delete(words, http.StatusRequestEntityTooLarge) // it has no body
	} else if path == connectionsPath {
		if op.Method == http.MethodPost {
			words[http.StatusConflict] = "Too many of your links are open; nothing was done."
		}
	} else if strings.HasPrefix(path, webhooksPath) {
		if path != webhooksPath {
			words[http.StatusNotFound] = "This connection has no webhook with that id."
		} else if op.Method == http.MethodPost {
			words[http.StatusConflict] = "The connection has as many webhooks as it may; nothing was done."
		}
	} else if path == changesPath {
		words[http.StatusGone] = "The cursor is older than what is kept; next says from where to go on."
	} else if path == purchasesPath+"/hand-over" {
		words[http.StatusForbidden] = "The token may not do this, or the person has not the right; detail says which. Nothing was done."
	} else if strings.HasPrefix(path, purchasesPath+"/") {
		words[http.StatusNotFound] = "This connection has no purchase invoice with that id."
		if op.Method == http.MethodPost {
			words[http.StatusForbidden] = "The token may not do this, or the person has not the right; detail says which. Nothing was done."
			words[http.StatusConflict] = "The decision was not taken: it is another's turn, somebody has decided since, or the round is over; detail says which."
		}
	} else if path == paymentsPath+"/{id}" {
		words[http.StatusNotFound] = "This connection has no payment with that id."
	} else if path == partnersPath+"/choices/undo" {
		words[http.StatusNotFound] = "Nothing was said of that party there."
	} else if path == partnersPath+"/changes/answer" {
		words[http.StatusNotFound] = "This connection has no change with that id."
		words[http.StatusConflict] = "Nothing is asked in that version any more; nothing was done."
	} else if path != documentsPath && !strings.HasPrefix(path, partnersPath+"/") && path != paymentsPath && path != "/v1/status" && path != "/v1/preview" && path != documentsPath+"/validate" {
		words[http.StatusNotFound] = "This connection has no document with that id."
		if op.Method == http.MethodPost {
			words[http.StatusConflict] = "Not possible in the document's state; nothing was done."
		}
	}
	for status, text := range words {
		op.Responses[strconv.Itoa(status)] = problemOf(text, s)
	}
}
