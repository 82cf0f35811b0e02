package severa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// A back is the way back to Severa. Its clients have tokens of their own, so that a
// scope that only writing needs keeps nobody from reading; they ask one after the other,
// for a client is nobody's at the same time.
type back struct {
	busy     chan struct{} // holds one while somebody asks
	told     *client       // statuses and payments of invoices
	fees     *client       // costs of projects
	claims   *client       // statuses of travel invoices
	statuses []invoiceStatus
	projects map[string]*feeProject // by number
}

// turn waits until nobody else asks; done lets the next one ask. It can be given up,
// for whoever asks may wait long for Severa.
func (b *back) turn(ctx context.Context) (done func(), err error) {
	select {
	case b.busy <- struct{}{}:
		return func() { <-b.busy }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// telling are the scopes that telling Severa needs.
var telling = []string{"invoices:read", "invoices:write", "settings:read"}

// with is a client like c, for other scopes.
func (c *client) with(scopes []string) *client {
	return &client{env: c.env, base: c.base, id: c.id, secret: c.secret, scopes: scopes}
}

// toldInvoice is what an invoice says of the status and payment that we write.
type toldInvoice struct {
	Guid   string `json:"guid"`
	Status struct {
		Guid             string `json:"guid"`
		Name             string `json:"name"`
		IsSent           bool   `json:"isSent"`
		IsWaitingPayment bool   `json:"isWaitingPayment"`
		IsPaid           bool   `json:"isPaid"`
	} `json:"status"`
	PaymentDate string `json:"paymentDate"`
}

// paidOn is the day of payment, "" for none.
func (i *toldInvoice) paidOn() string {
	if len(i.PaymentDate) < len("2006-01-02") {
		return ""
	}
	return i.PaymentDate[:len("2006-01-02")]
}

func (i *toldInvoice) says() []hub.Said { return said(i.Status.Name, i.paidOn()) }

func said(status, day string) []hub.Said {
	return []hub.Said{{Field: "status", Value: status}, {Field: "payment_date", Value: day}}
}

// Severa's paths of what we write. That a status is replaced by its guid is inferred from
// other objects; docs/sources/severa-back.md lists it.
const (
	statusPath = "/status/guid"
	paidPath   = "/paymentDate"
)

// Report compares what an invoice says with what it is to say: the status after the
// transfer, the paid status with its day. Only an invoice that stands where we have left
// it, or that was sent or waits for its payment, is moved; the day of payment that
// somebody has entered stays. A part that is paid has no place in Severa.
func (d *Driver) Report(ctx context.Context, sourceID string, r, told hub.Report) (rep source.Reporting, err error) {
	done, err := d.back.turn(ctx)
	if err != nil {
		return rep, err
	}
	defer done()
	if guid, ok := strings.CutPrefix(sourceID, claimPrefix); ok {
		return d.reportClaim(ctx, guid, r)
	}
	c := d.telling()
	var raw json.RawMessage
	var inv toldInvoice
	err = c.get(ctx, invoicePath(sourceID), nil, &raw)
	if errors.Is(err, errGone) {
		return rep, fmt.Errorf("%w: the invoice is not in Severa any more", source.ErrRefused)
	}
	if err == nil {
		err = parse("/v1/invoices", raw, &inv)
	}
	if err != nil {
		return rep, err
	}
	rep.Shown, rep.Says = raw, inv.says()
	before, after, err := d.ways(ctx, c, r.Arrived)
	if err != nil {
		return rep, err
	}
	status, day := inv.Status.Guid, inv.paidOn()
	here := status == before || status == after || inv.Status.IsSent || inv.Status.IsWaitingPayment
	switch {
	case r.Paid == hub.PaidFully:
		paid, err := d.paid(ctx, c)
		if err != nil {
			return rep, err
		}
		if !inv.Status.IsPaid {
			status = paid
		}
		if on := r.PaidOn.String(); on != "" {
			day = on
		}
		here = here || inv.Status.IsPaid
		if was := inv.paidOn(); was != "" && was != day && was != told.PaidOn.String() {
			rep.Fault = new(hub.NewFault(hub.ReportLeft, "", ""))
		}
	case told.Paid == hub.PaidFully:
		if inv.Status.IsPaid {
			rep.Fault = new(hub.NewFault(hub.ReportUnpaid, "", inv.Status.Name, "now", words(rep.Says)))
		}
		return rep, nil
	case r.Arrived && !inv.Status.IsPaid && status != after:
		here, status = status == before, after
	}
	if status == inv.Status.Guid && day == inv.paidOn() {
		rep.Fault = nil
		return rep, nil
	}
	rep.Would = said(d.nameOf(status), day)
	if !here || rep.Fault != nil {
		rep.Fault = new(hub.NewFault(hub.ReportLeft, "", inv.Status.Name, "now", words(rep.Says), "would", words(rep.Would)).Warn())
		return rep, nil
	}
	var edits []edit
	if status != inv.Status.Guid {
		edits = append(edits, replace(statusPath, status))
	}
	if day != inv.paidOn() {
		edits = append(edits, replace(paidPath, day))
	}
	rep.Body, err = json.Marshal(edits)
	return rep, err
}

// words are those of what Severa says, for a sentence.
func words(list []hub.Said) string {
	var all []string
	for _, s := range list {
		if s.Value != "" {
			all = append(all, s.Value)
		}
	}
	return strings.Join(all, ", ")
}

// Tell replaces the status, the day of payment, or both, in one request.
func (d *Driver) Tell(ctx context.Context, sourceID string, body []byte) (rep source.Reporting, err error) {
	done, err := d.back.turn(ctx)
	if err != nil {
		return rep, err
	}
	defer done()
	if guid, ok := strings.CutPrefix(sourceID, claimPrefix); ok {
		return d.tellClaim(ctx, guid, body)
	}
	var raw json.RawMessage
	if err := d.telling().write(ctx, http.MethodPatch, invoicePath(sourceID), json.RawMessage(body), &raw); err != nil {
		return rep, err
	}
	rep.Body, rep.Shown = body, raw
	var edits []edit
	if err := json.Unmarshal(body, &edits); err != nil {
		return rep, err
	}
	var list []toldInvoice
	if parse("/v1/invoices", raw, &list) != nil {
		return rep, nil // taken, and not shown
	}
	i := slices.IndexFunc(list, func(x toldInvoice) bool { return x.Guid == sourceID })
	if i < 0 {
		return rep, nil
	}
	for _, e := range edits {
		if is := map[string]string{statusPath: list[i].Status.Guid, paidPath: list[i].paidOn()}[e.Path]; is != e.Value {
			return rep, nil
		}
	}
	rep.Body, rep.Says = nil, list[i].says()
	return rep, nil
}

func invoicePath(guid string) string { return "/v1/invoices/" + url.PathEscape(guid) }

func (d *Driver) telling() *client {
	if d.back.told == nil {
		d.back.told = d.client.with(telling)
	}
	return d.back.told
}

// known are the invoice statuses, read once a run.
func (d *Driver) known(ctx context.Context, c *client) (_ []invoiceStatus, err error) {
	if d.back.statuses == nil {
		d.back.statuses, err = listRows(ctx, c, "/v1/invoicestatuses", nil, func(x *invoiceStatus) string { return x.Guid })
	}
	return d.back.statuses, err
}

// ways are the statuses before and after the transfer; the latter may be missing where
// nobody needs it.
func (d *Driver) ways(ctx context.Context, c *client, needed bool) (before, after string, err error) {
	list, err := d.known(ctx, c)
	if err != nil {
		return "", "", err
	}
	if before, err = status(list, "status", d.option["status"]); err != nil {
		return "", "", err
	}
	if d.option["status_after"] == "" && !needed {
		return before, "", nil
	}
	after, err = status(list, "status_after", d.option["status_after"])
	return before, after, err
}

// paid is the status of paid invoices: the one that the options name, or the only one.
func (d *Driver) paid(ctx context.Context, c *client) (string, error) {
	list, err := d.known(ctx, c)
	if err != nil {
		return "", err
	}
	if name := d.option["status_paid"]; name != "" {
		return status(list, "status_paid", name)
	}
	var names []string
	found := ""
	for _, x := range list {
		if x.IsPaid && x.IsActive {
			found, names = x.Guid, append(names, x.Name)
		}
	}
	if len(names) != 1 {
		return "", fmt.Errorf("%w: Severa has %d active invoice statuses that count as paid (%s): name one in option status_paid", source.ErrOptions, len(names), strings.Join(names, ", "))
	}
	return found, nil
}

// status finds one that may be written by guid or name.
func status(list []invoiceStatus, option, name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("%w: option %s names no invoice status", source.ErrOptions, option)
	}
	guid, err := resolve(list, option, name)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(list, func(x invoiceStatus) bool { return x.Guid == guid }); !list[i].IsActive {
		return "", fmt.Errorf("%w: the invoice status %q, which option %s names, is switched off in Severa", source.ErrOptions, list[i].Name, option)
	}
	return guid, nil
}

// nameOf is the name of a status that was read.
func (d *Driver) nameOf(guid string) string {
	for _, x := range d.back.statuses {
		if x.Guid == guid {
			return x.Name
		}
	}
	return guid
}

var _ source.Reporter = (*Driver)(nil)
