package valueframe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// sales is the class-based resource of purchases and sales of projects
// (support.valueframe.fi/ostojen-ja-myyntien-rajapinta). Its vendor documents how one
// record is made, not how they are listed: that is a resource made for the customer.
const sales = "Sales"

// back says how purchases are written, and where they are listed.
type back struct{ resource, id, text, status, typ string }

// A purchase is what is written of one: the fields that the vendor names.
type purchase struct {
	SubProject    int64           `json:"subProjectId"`
	Description   string          `json:"description"`
	PurchasePrice money.Amount    `json:"purchasePrice"`
	Amount        int             `json:"amount"`
	PurchaseDate  string          `json:"purchaseDate"`
	InvoicingType int             `json:"invoicingType"`
	InvoiceNumber string          `json:"invoiceNumber"`
	Status        json.RawMessage `json:"status,omitempty"`
	Type          json.RawMessage `json:"type,omitempty"`
}

// ofPurchase is the invoicingType of a purchase.
const ofPurchase = 2

// maxDescription bounds what we write into a description: its length is not
// published, and the mark must not be cut off.
const maxDescription = 150

// Records makes one purchase for each subproject that the rows of an invoice name.
func (d *Driver) Records(_ context.Context, doc *hub.Document) (list []source.Record, faults []hub.Fault, _ error) {
	if d.back.resource == "" {
		return nil, []hub.Fault{hub.NewFault(hub.BackSettings, "", "", "reason", "option purchases names no resource")}, nil
	}
	sums := map[int64]money.Amount{}
	var order []int64
	for i := range doc.Lines {
		l := &doc.Lines[i]
		for k, x := range l.Dimensions {
			if x.Axis != hub.BackAxis || l.Net == nil {
				continue
			}
			id, err := strconv.ParseInt(x.Code, 10, 64)
			if err != nil || id <= 0 {
				faults = append(faults, hub.NewFault(hub.BackProject, fmt.Sprintf("lines[%d].dimensions[%d]", i, k), x.Name, "item", x.Name))
				continue
			}
			if _, ok := sums[id]; !ok {
				order = append(order, id)
			}
			sums[id] = sums[id].Add(*l.Net)
		}
	}
	if len(faults) > 0 {
		return nil, faults, nil
	}
	slices.Sort(order)
	text := strings.TrimSpace(doc.Seller.Name + " " + doc.Number)
	if r := []rune(text); len(r) > maxDescription {
		text = string(r[:maxDescription])
	}
	for _, id := range order {
		body, err := json.Marshal(purchase{SubProject: id, Description: text, PurchasePrice: sums[id], Amount: 1, PurchaseDate: doc.Date.String(),
			InvoicingType: ofPurchase, InvoiceNumber: doc.Number, Status: json.RawMessage(d.back.status), Type: json.RawMessage(d.back.typ)})
		if err != nil {
			//nolint:nilerr // what is wrong with the document is a fault
			return nil, []hub.Fault{hub.NewFault(hub.RowAmount, "lines", sums[id].String())}, nil
		}
		list = append(list, source.Record{Part: strconv.FormatInt(id, 10), Body: body})
	}
	return list, nil, nil
}

// Marked puts the mark behind the description.
func (d *Driver) Marked(body []byte, mark string) ([]byte, error) {
	var p purchase
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, err
	}
	p.Description += " · " + mark
	return json.Marshal(p)
}

// Write makes a purchase.
func (d *Driver) Write(ctx context.Context, marked []byte) (w source.Written, err error) {
	c := &d.client
	a, err := c.do(ctx, http.MethodPost, sales, nil, marked)
	if err != nil {
		return w, err
	}
	switch a.status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
	case http.StatusBadRequest, http.StatusConflict, http.StatusLengthRequired, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return w, fmt.Errorf("%w: %s", source.ErrRefused, c.said(sales, a))
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return w, fmt.Errorf("%w: %s", source.ErrDenied, c.said(sales, a))
	case http.StatusTooManyRequests:
		return w, c.class(sales, a)
	default:
		// A gateway may answer so for a request that was carried out.
		return w, errors.New(c.said(sales, a))
	}
	// What a POST answers is not described: what shows our mark is proof, all else is looked for.
	if r, ok := one(a.body); ok {
		w = d.written(r, "id", "description")
	}
	if w.Key == "" {
		w = source.Written{Shown: a.body}
	}
	return w, nil
}

// one takes an object, or a list of just one.
func one(body []byte) (record, bool) {
	if list, err := records(sales, body); err == nil {
		if len(list) != 1 {
			return nil, false
		}
		return list[0], true
	}
	list, err := records(sales, slices.Concat([]byte("["), body, []byte("]")))
	if err != nil || len(list) != 1 {
		return nil, false
	}
	return list[0], true
}

func (d *Driver) written(r record, id, text string) source.Written {
	key, _ := hub.MarkIn(r.text(text))
	shown, err := json.Marshal(r)
	if err != nil {
		shown = nil // cannot be: it was JSON
	}
	return source.Written{ID: r.text(id), Key: key, Shown: shown}
}

// Look reads the resource in which purchases are listed whole: there is no question
// for what is new.
func (d *Driver) Look(ctx context.Context, _ time.Time) (list []source.Written, err error) {
	if d.back.resource == "" {
		return nil, fmt.Errorf("%w: option purchases names no resource", source.ErrDenied)
	}
	records, err := d.client.all(ctx, d.back.resource)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if w := d.written(r, d.back.id, d.back.text); w.Key != "" && w.ID != "" {
			list = append(list, w)
		}
	}
	return list, nil
}

// Compare compares the fields that a record shows under the names that the vendor
// gives them.
func (d *Driver) Compare(marked []byte, there source.Written) (faults []hub.Fault) {
	var sent, saved record
	for from, to := range map[*record][]byte{&sent: marked, &saved: there.Shown} {
		list, err := records(sales, slices.Concat([]byte("["), to, []byte("]")))
		if err != nil || len(list) != 1 {
			return nil
		}
		*from = list[0]
	}
	for _, field := range []string{"subProjectId", "purchasePrice", "amount", "invoicingType", "invoiceNumber"} {
		meant, got := sent.text(field), saved.text(field)
		if got == "" || got == meant {
			continue
		}
		a, err1 := money.Parse(meant)
		b, err2 := money.Parse(strings.Replace(got, ",", ".", 1))
		if err1 == nil && err2 == nil && a.Equal(b) {
			continue
		}
		faults = append(faults, hub.NewFault(hub.RecordDiffers, "", got, "record", there.ID, "field", field, "meant", meant, "saved", got))
	}
	return faults
}

var _ source.Writer = (*Driver)(nil)

// try shows of the list of purchases what was understood: ids, and which are ours.
func (d *Driver) try(ctx context.Context, limit int) (list []source.Understood, err error) {
	if d.back.resource == "" {
		return nil, nil
	}
	records, err := d.client.get(ctx, d.back.resource, 0)
	if err != nil {
		return nil, err
	}
	for i, r := range records[:min(limit, len(records))] {
		for _, f := range []struct{ ours, theirs string }{{"purchase_id", d.back.id}, {"purchase_text", d.back.text}} {
			u := source.Understood{Document: i + 1, Field: f.ours, Theirs: f.theirs, Value: clip(r.text(f.theirs)), Read: clip(r.text(f.theirs))}
			if u.Value == "" {
				u.Fault = "?"
			}
			list = append(list, u)
		}
	}
	return list, nil
}
