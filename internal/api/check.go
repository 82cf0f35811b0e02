package api

import (
	"context"
	"encoding/json"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// A Check says what would become of a document if it were pushed now.
type Check struct {
	OK       bool          `json:"ok" doc:"Nothing known stands in the way. Procountor itself has the last word."`
	SourceID string        `json:"source_id,omitempty"`
	Result   string        `json:"result" enum:"new,changed,unchanged" doc:"What a push would answer."`
	State    string        `json:"state" enum:"noticed,ready,waiting,held,skipped,linked" doc:"Where the document would come to stand. waiting: for its approvals, to be sent on your side, or, at journal level, until its month is closed. noticed: writing is switched off for the connection."`
	Faults   []Fault       `json:"faults,omitempty"`
	Partner  *PartnerInfo  `json:"partner,omitempty" doc:"The customer or supplier that is meant; not there while that is uncertain."`
	Invoice  any           `json:"invoice,omitempty" doc:"The invoice as it would be sent to Procountor, in the words of Procountor's API, without Vienti's mark in the notes. For people; its fields are Procountor's and not part of the promise of stability."`
	Journal  []Entry       `json:"journal,omitempty" doc:"The rows that the document would have in a journal, at journal level; then there is no invoice."`
	Steps    []PlannedStep `json:"steps,omitempty" doc:"The writes to Procountor that would be made, in order; when something stands in the way, those that would be made without it."`

	Channel *Channel `json:"channel,omitempty" doc:"How a sales invoice would go to its customer, and what says so."`

	Linked *Voucher `json:"linked,omitempty" doc:"The invoice in Procountor that is this document already."`
}

// Checks answer a list, in its order.
type Checks struct {
	Results []Check `json:"results"`
}

// PartnerInfo is a partner in Procountor's register.
type PartnerInfo struct {
	ID   int64  `json:"id,omitempty" doc:"Not there for a partner that would be made."`
	Name string `json:"name"`
	New  bool   `json:"new,omitempty" doc:"It would be made."`
}

// An Entry is one row of a journal.
type Entry struct {
	Account    string `json:"account" doc:"Of Procountor's chart."`
	Amount     Sum    `json:"amount" doc:"Without VAT: debit above zero, credit below. Procountor computes the VAT."`
	VATPercent Sum    `json:"vat_percent"`
	VATStatus  int    `json:"vat_status" doc:"The company's VAT status in Procountor."`
	Text       string `json:"text,omitempty"`
}

// A Channel is how a sales invoice goes to its customer.
type Channel struct {
	Channel string `json:"channel" enum:"einvoice,email,mail,paper,sent,nobody"`
	By      string `json:"by" enum:"document,customer,rule,sender" doc:"What decided: the document, the customer's row, the rule of the connection, or the setting of who sends."`
	To      string `json:"to,omitempty" doc:"E-mail address, or e-invoice address and operator."`
	Row     string `json:"row,omitempty" doc:"The customer's row that decided, or of which the address is."`
}

// A PlannedStep is one write that would be made.
type PlannedStep struct {
	Kind       string `json:"kind" enum:"make_partner,post_invoice,put_receipt,post_journal,attach,circulate,verify,approve,send"`
	Attachment string `json:"attachment,omitempty" doc:"Name of the file, of an attach step."`
}

// check forecasts one document and stores nothing.
func (s *server) check(ctx context.Context, sp locale.Speaker, raw json.RawMessage, company hub.Company) (Check, error) {
	conn := connectionOf(ctx)
	in := s.incoming(raw, company)
	if p := mayPush(ctx, 0, in.Document); p != nil {
		return Check{}, p
	}
	out := Check{Result: string(engine.ResultNew), State: string(hub.Held)}
	if in.Document == nil {
		out.Faults = explain(sp, nil, in.Faults)
		return out, nil
	}
	out.SourceID = in.Document.SourceID
	if err := s.store.Read(ctx, func(tx *store.Tx) error { return rebase(tx, conn.ID, &in) }); err != nil {
		return out, s.trouble(ctx, "validate", err)
	}
	doc := in.Document
	switch *in.Base {
	case "":
	case doc.Version():
		out.Result = string(engine.ResultUnchanged)
		if in.Standing != nil {
			row, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (store.DocumentRow, error) { return tx.DocumentBySource(conn.ID, doc.SourceID) })
			if err != nil {
				return out, s.trouble(ctx, "validate", err)
			}
			if row.Standing.Print() != in.Standing.Print() {
				out.Result = string(engine.ResultChanged)
			}
		}
	default:
		out.Result = string(engine.ResultChanged)
	}
	f, err := s.engine.Check(ctx, conn.ID, in)
	if err != nil {
		return out, s.trouble(ctx, "validate", err)
	}
	out.State, out.OK, out.Faults = string(f.State), !hub.Stops(f.Faults), explain(sp, doc, f.Faults)
	if f.Invoice != nil {
		out.Invoice = f.Invoice
	}
	if f.Partner != nil {
		out.Partner = &PartnerInfo{ID: f.Partner.ID, Name: f.Partner.Name, New: f.NewPartner}
	}
	if f.InvoiceID != 0 {
		out.Linked = &Voucher{InvoiceID: f.InvoiceID, InvoiceNumber: f.InvoiceNumber}
	}
	for _, e := range f.Entries {
		out.Journal = append(out.Journal, Entry{Account: e.Account, Amount: Sum(e.Amount.Fixed(2)), VATPercent: Sum(e.VATPercent.String()), VATStatus: e.VATStatus, Text: e.Text})
	}
	for _, step := range f.Steps {
		p := PlannedStep{Kind: string(step.Kind)}
		if a := step.Detail.Attachment; a != nil {
			p.Attachment = a.Name
		}
		out.Steps = append(out.Steps, p)
		if c := step.Detail.Channel; c != nil {
			out.Channel = &Channel{Channel: string(c.Channel), By: string(c.By), To: c.To, Row: c.Row}
		}
	}
	return out, nil
}
