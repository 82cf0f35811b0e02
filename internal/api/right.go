package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// admit asks whether a token may do what a request wants. What it may not do is
// said, with who gives the right; a document of a kind that it does not know of
// does not exist for it. What is not named here is closed to tokens of some kinds,
// so that no new address can forget them.
func (s *server) admit(r *http.Request, b bearer) *Problem {
	if r.URL.Path == connectionsPath && b.vendor.ID == "" && (asks(r) && b.may.Reads || !asks(r) && b.may.Writes) {
		return notVendor()
	}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")                    // v1, documents, id, …
	verdict := len(path) == 3 && path[1] == "documents" && path[2] == "validate" // stores nothing
	switch {
	case asks(r) && !b.may.Reads:
		return b.lacks("read")
	case !asks(r) && !verdict && !b.may.Writes:
		return b.lacks("write")
	case b.may.Kinds == nil, len(path) < 2:
		return nil
	}
	var kind hub.Kind
	var err error
	switch {
	case len(path) == 2 && (path[1] == "documents" || path[1] == "status" || path[1] == "preview" || path[1] == "changes"), verdict,
		asks(r) && slices.Contains([]string{partnersPath + "/doubts", partnersPath + "/changes", openPaymentsPath, openClaimsPath}, r.URL.Path):
		return nil // narrowed, or asked for each document
	case len(path) >= 3 && path[1] == "documents":
		kind, err = s.kindOf(r.Context(), func(tx *store.Tx) (hub.Transfer, error) {
			p, err := tx.PushedDocument(b.ID, path[2])
			return p.Transfer, err
		})
	case r.URL.Path == payrollPath && asks(r):
		return nil // narrowed
	case r.URL.Path == payrollPath && !b.may.Reach().Has(b.Company, hub.PayrollJournal):
		return b.lacks("push payroll")
	case len(path) >= 2 && path[1] == "payroll":
		kind = hub.PayrollJournal
	case len(path) >= 2 && path[1] == "purchase-invoices":
		kind = hub.PurchaseInvoice
	case len(path) == 3 && path[1] == "payments":
		kind, err = s.kindOf(r.Context(), func(tx *store.Tx) (hub.Transfer, error) {
			p, err := tx.PaymentOfConnection(b.ID, path[2])
			return p.Transfer, err
		})
	default:
		return b.lacks("do this: it is about documents of all kinds")
	}
	if err == nil && !b.may.Reach().Has(b.Company, kind) {
		err = store.ErrNotFound
	}
	if err != nil {
		return s.trouble(r.Context(), "look up what a token is for", err)
	}
	return nil
}

// asks reports whether a request only reads.
func asks(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func (s *server) kindOf(ctx context.Context, find func(*store.Tx) (hub.Transfer, error)) (hub.Kind, error) {
	t, err := store.ReadOne(ctx, s.store, find)
	return t.DocKind, err
}

// lacks says which right a token does not have, and who gives it.
func (b bearer) lacks(what string) *Problem {
	return problem(http.StatusForbidden, codeRight, fmt.Sprintf("this token %s, and may not %s; the person who runs Vienti makes another with the right: "+
		"vienti token create --connection %q", b.mayWords(), what, b.Name))
}

// seesNoPayroll is answered to a token that does not see the amounts of payroll and asks
// for some, or decides about them.
func seesNoPayroll(ctx context.Context) *Problem {
	return problem(http.StatusForbidden, codeRight, fmt.Sprintf("this token does not see the amounts of payroll; the person who runs Vienti makes another that does: "+
		"vienti token create --connection %q --payroll", connectionOf(ctx).Name))
}

func (b bearer) mayWords() string {
	words := "may read and write"
	switch {
	case !b.may.Writes:
		words = "may only read"
	case !b.may.Reads:
		words = "may only write"
	}
	if b.may.Kinds != nil {
		kinds := make([]string, len(b.may.Kinds))
		for i, k := range b.may.Kinds {
			kinds[i] = string(k)
		}
		words += " documents of kind " + strings.Join(kinds, ", ")
	}
	return words
}

// mayPush refuses a push as a whole that holds a document of a kind which the token
// is not for; what cannot be read may be of any kind.
func mayPush(ctx context.Context, n int, doc *hub.Document) *Problem {
	b := ctx.Value(bearerKey{}).(bearer)
	kind := hub.Unreadable
	if doc != nil {
		kind = doc.Kind
	}
	if b.may.Reach().Has(b.Company, kind) {
		return nil
	}
	return b.lacks(fmt.Sprintf("push document %d of the request (from 0): it is of kind %s", n, kind))
}
