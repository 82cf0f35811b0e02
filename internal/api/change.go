package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// Changes is a page of what has become of the documents of a connection.
type Changes struct {
	Changes []Change `json:"changes" doc:"In the order in which it happened."`
	Next    string   `json:"next" example:"1204" doc:"Keep it, and give it as after the next time. It is there also when nothing has changed."`
	More    bool     `json:"more" doc:"There is more already: ask again at once."`
}

// A Change is one thing that has happened, told once: in the feed and by webhooks alike.
type Change struct {
	ID        string     `json:"id" example:"06a1b2c3d4e5f6g7h8j9k0m1n2" doc:"Of this change for ever. Keep those you have seen: one that you know is a repetition."`
	Type      string     `json:"type" enum:"document.accepted,document.held,document.refused,document.posted,document.done,document.warned,document.returned,document.paid,document.ended,payment.accepted,payment.held,payment.refused,payment.done,payment.warned,payment.ended,purchase_invoice.changed,register.changed" doc:"What has happened. Ignore types that you do not know: more are added."`
	Timestamp time.Time  `json:"timestamp" doc:"When it happened."`
	Cursor    string     `json:"cursor" example:"1204" doc:"Its place among the changes of the connection: greater than that of every earlier one."`
	Data      ChangeData `json:"data"`
}

// ChangeData is how things stood when it happened.
type ChangeData struct {
	Connection string  `json:"connection" doc:"Vienti's id of the connection."`
	Document   string  `json:"document,omitempty" doc:"Vienti's id of the document; of a payment, that of its document, once it is known."`
	Payment    string  `json:"payment,omitempty" doc:"Vienti's id of the payment, when the change is about one."`
	SourceID   string  `json:"source_id,omitempty" example:"inv-10234" doc:"Your id of it, as you pushed it."`
	Kind       string  `json:"kind,omitempty" enum:"sales_invoice,purchase_invoice,travel_invoice,payroll_journal,journal,unreadable"`
	Number     string  `json:"number,omitempty" example:"10234" doc:"Your number of it."`
	State      string  `json:"state,omitempty" doc:"Its state at that moment."`
	Faults     []Fault `json:"faults,omitempty" doc:"Why it was held or refused, or what to know: with the path in the document that you pushed."`
	FaultsLeft int     `json:"faults_left,omitempty" doc:"How many more faults the document itself has."`

	Procountor  *Voucher        `json:"procountor,omitempty" doc:"The invoice in Procountor, once it is there: id, number, reference."`
	Paid        *Paid           `json:"paid,omitempty" doc:"Of document.paid: what Procountor shows as paid."`
	Registers   []RegisterEntry `json:"registers,omitempty" doc:"Of register.changed: the entries that have changed. None: read the registers anew."`
	EntriesMore int             `json:"registers_left,omitempty" doc:"How many more entries have changed."`
	Text        string          `json:"text,omitempty"`
}

// A RegisterEntry is what became of one entry of the company's registers in Procountor.
type RegisterEntry struct {
	Register string `json:"register" example:"product" doc:"company, vat_percent, vat_status, fiscal_year, tracking_period, bank_account, account, dimension, dimension_item, product, travel_product, partner."`
	Key      string `json:"key" example:"P-100" doc:"Its code, number or id there."`
	Name     string `json:"name,omitempty"`
	How      string `json:"how" enum:"added,removed,closed,opened,renamed,changed"`
	From     string `json:"from,omitempty" doc:"Its name before."`
	To       string `json:"to,omitempty"`
}

type changesQuery struct {
	Language
	After string `query:"after" maxLength:"20" example:"1204" doc:"The next of the answer before; left out, the oldest change that is kept comes first."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"How many at most."`
	Wait  int    `query:"wait" minimum:"0" maximum:"30" doc:"Seconds to wait when there is nothing yet. The answer comes as soon as there is something."`
}

const (
	changesPath = "/v1/changes"
	// waitersAtOnce bounds requests that wait; more are answered at once.
	waitersAtOnce = 500
	// waitApart is how often a waiting request looks for what another process has told.
	waitApart = time.Second
)

func (s *server) changes(api huma.API) {
	op := huma.Operation{OperationID: "list-changes", Method: http.MethodGet, Path: changesPath, Tags: []string{"Changes"},
		Summary: "What has become of your documents since you last asked",
		Description: "One row of changes for the connection, in the order in which they happened. Keep `next` together with what you have done about the changes, and give it " +
			"as `after` the next time: nothing is skipped and nothing comes twice. With `wait`, the answer comes as soon as something has happened.\n\n" +
			"Changes are kept for as long as the person who runs Vienti has set, half a year when nothing is set. A cursor from before that is answered with 410."}
	huma.Register(api, op, func(ctx context.Context, in *changesQuery) (*answer[Changes], error) {
		var after int64
		if in.After != "" {
			var err error
			if after, err = strconv.ParseInt(in.After, 10, 64); err != nil || after < 0 {
				return nil, badAfter("a number that was answered as next")
			}
		}
		waiting, stop := context.WithTimeout(ctx, time.Duration(in.Wait)*time.Second)
		defer stop()
		for {
			told := s.store.Told()
			out, err := s.changesAfter(ctx, in, after)
			if err != nil || len(out.Changes) > 0 || !s.waitTurn(waiting, told) {
				return &answer[Changes]{Status: http.StatusOK, Body: out}, err
			}
			if after, err = strconv.ParseInt(out.Next, 10, 64); err != nil {
				return nil, s.trouble(ctx, "changes", err)
			}
		}
	})
}

func badAfter(message string) *Problem {
	p := problem(http.StatusUnprocessableEntity, codeParameter, "after is no cursor of this connection")
	p.Errors = []ProblemDetail{{Message: message, Location: "query.after"}}
	return p
}

// waitTurn waits until something may have been told, and reports whether to look again.
func (s *server) waitTurn(ctx context.Context, told <-chan struct{}) bool {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return false
	}
	look := time.NewTimer(waitApart)
	defer look.Stop()
	select {
	case <-told:
		return true
	case <-look.C:
		return true
	case <-s.closing:
		return false
	case <-ctx.Done():
		return false
	}
}

// changesAfter is one page. What a token does not know of is left out, and passed over.
func (s *server) changesAfter(ctx context.Context, in *changesQuery, after int64) (out Changes, err error) {
	conn, reach, sp := connectionOf(ctx), reachOf(ctx), speaker(in.AcceptLanguage)
	out = Changes{Changes: []Change{}, Next: strconv.FormatInt(after, 10)}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		feed, err := tx.FeedOf(conn.ID)
		switch {
		case store.IsNotFound(err): // nothing was told yet
		case err != nil:
			return err
		case in.After != "" && after < feed.Gone:
			return problem(http.StatusGone, codeGone, "changes up to "+strconv.FormatInt(feed.Gone, 10)+" are no longer kept: list your documents once, then go on from there").
				next(feed.Gone)
		case after > feed.Last:
			return badAfter("it is beyond the newest change, " + strconv.FormatInt(feed.Last, 10) + ": was Vienti set up anew?")
		}
		list, err := tx.Changes(conn.ID, after, in.Limit+1)
		if err != nil {
			return err
		}
		if out.More = len(list) > in.Limit; out.More {
			list = list[:in.Limit]
		}
		for i := range list {
			out.Next = strconv.FormatInt(list[i].Seq, 10)
			if !knows(reach, conn.Company, &list[i]) {
				continue
			}
			c, err := changeOf(tx, sp, &list[i])
			if err != nil {
				return err
			}
			out.Changes = append(out.Changes, c)
		}
		return nil
	})
	if p, ok := errors.AsType[*Problem](err); ok {
		return out, p
	}
	if err != nil {
		return out, s.trouble(ctx, "changes", err)
	}
	return out, nil
}

// knows reports whether a reach has the kind of document that a change is about; what is
// about none is for who sees all kinds.
func knows(reach people.Reach, company string, c *hub.Change) bool {
	return reach.Everything() || c.Detail.Kind != "" && reach.Has(company, c.Detail.Kind)
}

// changeOf says a change in the API's words. What Procountor refused is named by its
// place in the document as it was pushed.
func changeOf(tx *store.Tx, sp locale.Speaker, c *hub.Change) (out Change, err error) {
	d := &c.Detail
	var doc *hub.Document
	if hasTheirs(d.Faults) && c.Document != "" {
		if doc, _, err = tx.Document(c.Document, d.Version); err != nil && !store.IsNotFound(err) {
			return out, err
		}
	}
	out = Change{ID: c.ID, Type: string(c.Kind), Timestamp: c.At, Cursor: strconv.FormatInt(c.Seq, 10), Data: ChangeData{
		Connection: c.Connection, Document: c.Document, SourceID: sourceID(c.SourceID), Kind: string(d.Kind), Number: d.Number, State: string(d.State),
		Faults: explain(sp, doc, d.Faults), Text: d.Text}}
	if c.Kind.OfPayment() {
		out.Data.Payment = c.Subject
	}
	if d.InvoiceID != 0 {
		out.Data.Procountor = &Voucher{InvoiceID: d.InvoiceID, InvoiceNumber: d.InvoiceNumber, Reference: d.Reference, PartnerID: d.PartnerID}
	}
	if p := d.Paid; p != nil {
		out.Data.Paid = &Paid{State: string(p.State), Open: Sum(p.Open), Total: Sum(p.Total), Currency: p.Currency, On: p.On, Returned: p.Returned, Read: c.At}
	}
	if c.Kind == hub.RegisterChanged {
		out.Data.EntriesMore = d.Left
	} else {
		out.Data.FaultsLeft = d.Left
	}
	for _, e := range d.Entries {
		out.Data.Registers = append(out.Data.Registers, RegisterEntry{Register: e.Register, Key: e.Key, Name: e.Name, How: e.How, From: e.From, To: e.To})
	}
	return out, nil
}

// RenderChange is the body of a webhook: a change as the feed answers it, in a language.
func RenderChange(tx *store.Tx, language string, c *hub.Change) ([]byte, error) {
	out, err := changeOf(tx, speaker(language), c)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}
