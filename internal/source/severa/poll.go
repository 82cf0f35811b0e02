package severa

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/source"
)

// overlap is how far behind the newest time of change we look again: a change may be
// committed later than its time says.
const overlap = time.Hour

// A print is the fingerprint of an invoice or a row as it was shown.
type print [8]byte

// position is what a cursor says.
type position struct {
	// Filter is the fingerprint of what chooses the invoices. With another one
	// reading begins anew, for what is chosen now may have changed long ago.
	Filter string `json:"filter,omitempty"`
	// Since is the newest time of change up to which everything has been shown.
	Since time.Time `json:"since,omitzero"`
	// Seen are the prints of what has been shown, or is not ours: of all invoices that
	// wait, and of what has changed since shortly before Since.
	Seen string `json:"seen,omitempty"`
	// Claims are the prints of the travel invoices that were shown and are still listed,
	// ClaimsSince the newest time of change among them.
	Claims      string    `json:"claims,omitempty"`
	ClaimsSince time.Time `json:"claims_since,omitzero"`
}

func (p *position) seen() (map[print]bool, error) {
	b, err := base64.RawStdEncoding.DecodeString(p.Seen)
	if err != nil || len(b)%len(print{}) != 0 {
		return nil, errDamaged
	}
	seen := map[print]bool{}
	for x := range slices.Chunk(b, len(print{})) {
		seen[print(x)] = true
	}
	return seen, nil
}

var errDamaged = errors.New("cursor of Severa is damaged")

// A snapshot is what one run has found changed, until it has shown all of it.
type snapshot struct {
	position
	next  source.Cursor // that continues it
	left  []item        // still to be shown, oldest first
	seen  map[print]bool
	times map[print]time.Time // of everything in this snapshot
	waits map[print]bool      // invoices that wait: remembered as long as they do
	last  time.Time           // newest time of change in it
	// rows are the prints of changed rows by their invoice: seen once that is shown.
	rows map[string][]print
	// claims are the travel invoices, which are looked at after the sales invoices.
	claims claims
}

// dealt says that an invoice has been shown, or is none of ours.
func (s *snapshot) dealt(guid string, p print) {
	s.seen[p] = true
	for _, row := range s.rows[guid] {
		s.seen[row] = true
	}
}

// An item is an invoice to be shown.
type item struct {
	invoice invoice
	at      time.Time // its own time of change, or that of a row if that is later
}

// Pull shows the invoices that have changed. Those in the status from which we fetch
// are looked at on each run, all of them, whatever their time of change says: it is
// not published whether a change of status moves it. Of those in the status after the
// transfer, and of paid ones, it is those changed since shortly before the newest
// time; and rows are asked for by themselves, as a changed row need not move its
// invoice's time either. What was shown, and stands there as it was shown, does not
// come again; another status or payment date is no change.
func (d *Driver) Pull(ctx context.Context, cursor source.Cursor, limit int) (source.Page, error) {
	s := d.run
	if s == nil || s.next != cursor {
		var err error
		if s, err = d.look(ctx, cursor); err != nil {
			return source.Page{}, err
		}
	}
	d.run = nil
	page := source.Page{}
	for len(s.left) > 0 && len(page.Documents) < limit {
		n := min(limit-len(page.Documents), len(s.left))
		shown, err := d.show(ctx, s, s.left[:n])
		page.Documents = append(page.Documents, shown...)
		if err != nil {
			return source.Page{}, err
		}
		s.left = s.left[n:]
	}
	if page.More = len(s.left) > 0; !page.More {
		if err := d.claimed(ctx, s, &page, limit); err != nil {
			return source.Page{}, err
		}
	}
	next, err := s.cursor(d.client.env.Now())
	if err != nil {
		return source.Page{}, err
	}
	page.Next = next
	if page.More {
		s.next, d.run = next, s
	}
	return page, nil
}

// cursor is how far the snapshot has been shown.
func (s *snapshot) cursor(now time.Time) (source.Cursor, error) {
	p := s.position
	if len(s.left) > 0 {
		// Whatever is left has changed then or later.
		p.Since = later(p.Since, s.left[0].at)
	} else {
		p.Since = later(p.Since, s.last)
	}
	if p.Since.After(now) {
		p.Since = now // a clock that goes before ours hides nothing
	}
	if p.Since.Before(s.Since) {
		p.Since = s.Since
	}
	var keep []print
	for x := range s.seen {
		if at, here := s.times[x]; s.waits[x] || here && !at.Before(p.Since.Add(-overlap)) {
			keep = append(keep, x)
		}
	}
	slices.SortFunc(keep, func(a, b print) int { return slices.Compare(a[:], b[:]) })
	var all []byte
	for _, x := range keep {
		all = append(all, x[:]...)
	}
	p.Seen = base64.RawStdEncoding.EncodeToString(all)
	b, err := json.Marshal(p)
	return source.Cursor(b), err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// look finds what has changed.
func (d *Driver) look(ctx context.Context, cursor source.Cursor) (*snapshot, error) {
	setup, err := d.setup(ctx)
	if err != nil {
		return nil, err
	}
	s := &snapshot{times: map[print]time.Time{}, waits: map[print]bool{}, rows: map[string][]print{}}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &s.position); err != nil {
			return nil, errDamaged
		}
	}
	if s.seen, err = s.position.seen(); err != nil {
		return nil, err
	}
	if s.Filter != setup.filter {
		s.Filter, s.Since = setup.filter, time.Time{}
	}
	waiting, err := d.invoices(ctx, []string{setup.status}, time.Time{})
	if err != nil {
		return nil, err
	}
	since := s.Since
	if !since.IsZero() {
		since = since.Add(-overlap)
	}
	done, err := d.invoices(ctx, setup.after, since)
	if err != nil {
		return nil, err
	}
	for _, inv := range slices.Concat(waiting, done) {
		s.last = later(s.last, inv.changed())
	}
	if since.IsZero() && !s.last.IsZero() {
		since = s.last.Add(-overlap) // so that the next run finds no more rows than this one
	}
	touched, err := d.touched(ctx, s, since)
	if err != nil {
		return nil, err
	}
	here := map[string]bool{}
	var found []item
	for i, inv := range slices.Concat(waiting, done) {
		if here[inv.Guid] {
			continue // it has changed its status while we read
		}
		here[inv.Guid] = true
		s.times[inv.print], s.waits[inv.print] = inv.changed(), i < len(waiting)
		found = append(found, item{inv, later(inv.changed(), touched[inv.Guid])})
	}
	// Rows of others: of invoices in a status that is not read, or of those that were
	// shown long ago.
	for guid, at := range touched {
		if here[guid] {
			continue
		}
		inv, err := d.invoice(ctx, guid)
		if err != nil && !errors.Is(err, errGone) {
			return nil, err
		}
		if err != nil || inv.Status.Guid != setup.status && !slices.Contains(setup.after, inv.Status.Guid) {
			s.dealt(guid, inv.print)
			continue
		}
		s.times[inv.print] = inv.changed()
		found = append(found, item{inv, later(inv.changed(), at)})
	}
	found = slices.DeleteFunc(found, func(x item) bool { return s.seen[x.invoice.print] && touched[x.invoice.Guid].IsZero() })
	if found, err = d.ours(ctx, s, found); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b item) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(len(a.invoice.Number), len(b.invoice.Number)), strings.Compare(a.invoice.Number.String(), b.invoice.Number.String()), strings.Compare(a.invoice.Guid, b.invoice.Guid))
	})
	s.left = found
	return s, nil
}

// invoices lists those in some statuses, changed since, and not before the first day.
// A page token need not be a place that stands still, so a list of several pages is
// read until nothing new is on it.
func (d *Driver) invoices(ctx context.Context, statuses []string, since time.Time) (all []invoice, err error) {
	if len(statuses) == 0 {
		return nil, nil
	}
	q := url.Values{"invoiceStatusGuids": statuses}
	if !since.IsZero() {
		q.Set("changedSince", since.UTC().Format(time.RFC3339Nano))
	}
	if first := d.firstDay(); !first.IsZero() {
		q.Set("startDate", first.String()+"T00:00:00Z")
	}
	at := map[string]int{}
	for range tries {
		raw, err := list[json.RawMessage](ctx, d.client, "/v1/invoices", q)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, r := range raw {
			inv, err := readInvoice(r)
			if err != nil {
				return nil, err
			}
			if i, ok := at[inv.Guid]; ok {
				all[i] = inv
				continue
			}
			at[inv.Guid] = len(all)
			all = append(all, inv)
		}
		if len(raw) <= pageSize || len(all) == before {
			break
		}
	}
	return all, nil
}

func (d *Driver) invoice(ctx context.Context, guid string) (inv invoice, err error) {
	var raw json.RawMessage
	if err := d.client.get(ctx, "/v1/invoices/"+url.PathEscape(guid), nil, &raw); err != nil {
		return inv, err
	}
	return readInvoice(raw)
}

// touched are the invoices of which a row has changed and was not seen as it is now,
// with the time of that.
func (d *Driver) touched(ctx context.Context, s *snapshot, since time.Time) (map[string]time.Time, error) {
	touched := map[string]time.Time{}
	if since.IsZero() {
		return touched, nil
	}
	raw, err := list[json.RawMessage](ctx, d.client, "/v1/invoicerows", url.Values{"changedSince": {since.UTC().Format(time.RFC3339Nano)}})
	if err != nil {
		return nil, err
	}
	for _, r := range raw {
		row, err := readRow(r)
		if err != nil {
			return nil, err
		}
		s.times[row.print] = row.changed()
		s.last = later(s.last, row.changed())
		if !s.seen[row.print] {
			touched[row.InvoiceGuid] = later(touched[row.InvoiceGuid], later(row.changed(), time.Unix(1, 0)))
			s.rows[row.InvoiceGuid] = append(s.rows[row.InvoiceGuid], row.print)
		}
	}
	return touched, nil
}

// printOf is the fingerprint of a thing without what changes by itself or by us.
func printOf(raw json.RawMessage, guid string) (p print, err error) {
	var o map[string]any
	if err := parse("/v1/invoices", raw, &o); err != nil {
		return p, err
	}
	for _, name := range []string{"status", "paymentDate", "lastUpdatedDateTime", "lastUpdatedBy", "canBeDeleted", "creditNoteInvoice"} {
		delete(o, name)
	}
	b, err := json.Marshal(o)
	if err != nil {
		return p, err
	}
	sum := sha256.Sum256(append([]byte(guid+"\x00"), b...))
	copy(p[:], sum[:])
	return p, nil
}

// moment reads a time in UTC, with or without its zone.
func moment(text string) time.Time {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
