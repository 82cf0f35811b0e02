package dispatch

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// sendNotes writes the internal notes of an invoice. The answer is a message only, so they
// are read again: somebody's own words are never taken for ours.
func sendNotes(ctx context.Context, c *procountor.Client, o Order) Outcome {
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPut, Path: invoicePath(o.InvoiceID) + "/notes", Body: o.Body})
	if err != nil {
		return failed(err)
	}
	out := lookNotes(ctx, c, o)
	if out.Verdict == Untouched {
		out = unclear(res.Body) // taken, and not shown yet: looked for
	}
	if out.Verdict != Unclear {
		out.Answer = res.Body
	}
	return out
}

// lookNotes compares the notes with what was written and with what stood there before.
func lookNotes(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant struct {
		Notes string `json:"notes"`
	}
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	inv, err := c.Invoices.Get(ctx, o.InvoiceID)
	if err != nil {
		return lookFailed(err)
	}
	switch {
	case plainNotes(inv.Notes) == plainNotes(meant.Notes):
		return Outcome{Verdict: Proved, Invoice: inv}
	case NotesPrint(inv.Notes) == o.Step.Detail.Notes:
		return Outcome{Verdict: Untouched, Invoice: inv}
	}
	return foreign(hub.NewFault(hub.EditedThere, "", "notes", "number", invoiceText(inv)))
}

// NotesPrint is the fingerprint of the notes of an invoice.
func NotesPrint(notes string) string { return hub.HashOf([]byte(plainNotes(notes))) }

func plainNotes(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}
