package severa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// feeing are the scopes that writing costs needs.
var feeing = []string{"fees:delete", "fees:read", "fees:write", "projects:read"}

const (
	// maxFeeName and maxFeeText bound what we write: Severa's lengths are not published,
	// and the mark at the end must not be cut off.
	maxFeeName, maxFeeText = 100, 300
	// feeType is what a cost is unless the options say otherwise.
	feeType = "Subcontracting"
)

// A fee is a cost of a project, with the fields that we write (ProjectFeeInputModel,
// ProjectFeeOutputModel).
type fee struct {
	Guid        string      `json:"guid,omitempty"`
	Project     guidRef     `json:"project"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Quantity    json.Number `json:"quantity"`
	UnitCost    feeSum      `json:"unitCost"`
	UnitPrice   feeSum      `json:"unitPrice"`
	EventDate   string      `json:"eventDate"`
	ProductType string      `json:"productType"`
	Billable    bool        `json:"isBillable"`
	Invoice     *struct {
		Guid   string      `json:"guid"`
		Number json.Number `json:"number"`
	} `json:"invoice,omitempty"`
}

type guidRef struct {
	Guid string `json:"guid"`
}

type feeSum struct {
	Amount   json.Number `json:"amount"`
	Currency string      `json:"currencyCode"`
}

// A feeProject is a project that a cost may be of.
type feeProject struct {
	Guid     string      `json:"guid"`
	Number   json.Number `json:"number"`
	Name     string      `json:"name"`
	IsClosed bool        `json:"isClosed"`
}

func (d *Driver) feeing() *client {
	if d.back.fees == nil {
		d.back.fees = d.client.with(feeing)
	}
	return d.back.fees
}

// Records makes one cost for each project that the rows of an invoice name by its
// number.
func (d *Driver) Records(ctx context.Context, doc *hub.Document) (list []source.Record, faults []hub.Fault, err error) {
	done, err := d.back.turn(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	type share struct {
		sum   money.Amount
		texts []string
	}
	shares, order := map[string]*share{}, []string(nil)
	for i := range doc.Lines {
		l := &doc.Lines[i]
		for k, x := range l.Dimensions {
			if x.Axis != hub.BackAxis || l.Net == nil {
				continue
			}
			path := fmt.Sprintf("lines[%d].dimensions[%d]", i, k)
			p, f, err := d.feeProject(ctx, x, path)
			if err != nil {
				return nil, nil, err
			}
			if f != nil {
				faults = append(faults, *f)
			}
			if p == nil {
				continue
			}
			number := p.Number.String()
			s := shares[number]
			if s == nil {
				s = &share{}
				shares[number], order = s, append(order, number)
			}
			s.sum = s.sum.Add(*l.Net)
			if text := strings.TrimSpace(l.Name); text != "" && !slices.Contains(s.texts, text) {
				s.texts = append(s.texts, text)
			}
		}
	}
	slices.SortFunc(order, func(a, b string) int { return strings.Compare(hub.SortKey(a), hub.SortKey(b)) })
	for _, number := range order {
		s := shares[number]
		sum := s.sum
		if sum.IsZero() {
			continue
		}
		slices.Sort(s.texts)
		f := fee{Project: guidRef{d.back.projects[number].Guid}, Name: short(doc.Seller.Name, maxFeeName) + " " + doc.Number,
			Description: short(strings.Join(s.texts, "; "), maxFeeText), Quantity: "1", UnitCost: feeSum{json.Number(sum.Fixed(2)), string(doc.Currency)},
			UnitPrice: feeSum{"0", string(doc.Currency)}, EventDate: doc.Date.String(), ProductType: d.feeType(), Billable: d.option["fee_billable"] == "yes"}
		if f.Billable {
			f.UnitPrice = f.UnitCost
		}
		body, err := json.Marshal(f)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, source.Record{Part: number, Body: body})
	}
	return list, faults, nil
}

func (d *Driver) feeType() string {
	if t := d.option["fee_type"]; t != "" {
		return t
	}
	return feeType
}

// short cuts a text to so many characters.
func short(text string, most int) string {
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > most {
		text = strings.TrimSpace(string(r[:most]))
	}
	return text
}

// feeProject finds the project that an item names by its number; with what is wrong
// with it. A closed one is returned all the same: what stands there stays.
func (d *Driver) feeProject(ctx context.Context, x hub.Dimension, path string) (*feeProject, *hub.Fault, error) {
	n, err := strconv.ParseInt(x.Code, 10, 64)
	if err != nil || n <= 0 {
		//nolint:nilerr // a code that is no number is a fault of the document
		return nil, new(hub.NewFault(hub.BackProject, path, x.Name, "item", x.Name)), nil
	}
	number := strconv.FormatInt(n, 10)
	p, known := d.back.projects[number]
	if !known {
		found, err := list[feeProject](ctx, d.feeing(), "/v1/projects", url.Values{"numbers": {number}})
		if err != nil {
			return nil, nil, err
		}
		for i := range found {
			if found[i].Number.String() == number {
				p = &found[i]
			}
		}
		if d.back.projects == nil {
			d.back.projects = map[string]*feeProject{}
		}
		d.back.projects[number] = p
	}
	if p == nil || p.IsClosed {
		return p, new(hub.NewFault(hub.BackClosed, path, x.Name, "item", x.Name)), nil
	}
	return p, nil, nil
}

// Marked puts the mark at the end of the description, a line of its own.
func (d *Driver) Marked(body []byte, mark string) ([]byte, error) {
	var f fee
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, err
	}
	f.Description = hub.WithMark(hub.WithoutMark(f.Description), mark)
	return json.Marshal(f)
}

// Write makes a cost.
func (d *Driver) Write(ctx context.Context, marked []byte) (w source.Written, err error) {
	done, err := d.back.turn(ctx)
	if err != nil {
		return w, err
	}
	defer done()
	var raw json.RawMessage
	if err := d.feeing().write(ctx, http.MethodPost, "/v1/projectfees", json.RawMessage(marked), &raw); err != nil {
		return w, err
	}
	return shownFee(raw), nil
}

// shownFee is the one cost of an answer; without an ID when it shows none of ours.
func shownFee(raw json.RawMessage) source.Written {
	var all []json.RawMessage
	if parse("/v1/projectfees", raw, &all) != nil || len(all) != 1 {
		return source.Written{Shown: raw}
	}
	w, err := written(all[0])
	if err != nil || w.Key == "" {
		return source.Written{Shown: raw}
	}
	return w
}

func written(raw json.RawMessage) (source.Written, error) {
	var f fee
	if err := parse("/v1/projectfees", raw, &f); err != nil {
		return source.Written{}, err
	}
	key, _ := hub.MarkIn(f.Description)
	return source.Written{ID: f.Guid, Key: key, Shown: raw}, nil
}

// Look lists the costs that carry a mark of ours, changed since.
func (d *Driver) Look(ctx context.Context, since time.Time) (found []source.Written, err error) {
	done, err := d.back.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	all, err := list[json.RawMessage](ctx, d.feeing(), "/v1/projectfees", url.Values{"changedSince": {since.UTC().Format(time.RFC3339Nano)}})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, raw := range all {
		w, err := written(raw)
		if err != nil {
			return nil, err
		}
		if w.Key != "" && w.ID != "" && !seen[w.ID] { // pages may overlap
			seen[w.ID] = true
			found = append(found, w)
		}
	}
	return found, nil
}

// Compare compares the fields that we write, without the mark.
func (d *Driver) Compare(marked []byte, there source.Written) []hub.Fault {
	return differences(marked, there, false)
}

// Touched: a cost on an invoice, or one of whose fields somebody has changed, is left
// alone.
func (d *Driver) Touched(marked []byte, there source.Written) *hub.Fault {
	var f fee
	if err := parse("/v1/projectfees", there.Shown, &f); err != nil {
		return new(hub.NewFault(hub.RecordEdited, "", "", "field", err.Error()))
	}
	if f.Invoice != nil && f.Invoice.Guid != "" {
		return new(hub.NewFault(hub.RecordInvoiced, "", f.Invoice.Number.String()))
	}
	if list := differences(marked, there, true); len(list) > 0 {
		return new(hub.NewFault(hub.RecordEdited, "", list[0].Value, "field", list[0].Args["field"]))
	}
	return nil
}

// differences are the fields in which a cost is not what was sent. exact counts texts
// that people may have written into, too.
func differences(marked []byte, there source.Written, exact bool) (faults []hub.Fault) {
	var meant, saved fee
	if err := errors.Join(json.Unmarshal(marked, &meant), parse("/v1/projectfees", there.Shown, &saved)); err != nil {
		return []hub.Fault{hub.NewFault(hub.RecordDiffers, "", "", "record", there.ID, "field", "?", "meant", "", "saved", err.Error())}
	}
	differs := func(field, a, b string, number bool) {
		if number {
			x, err1 := money.Parse(a)
			y, err2 := money.Parse(b)
			if err1 == nil && err2 == nil && x.Equal(y) {
				return
			}
		}
		if a != b {
			faults = append(faults, hub.NewFault(hub.RecordDiffers, "", b, "record", there.ID, "field", field, "meant", a, "saved", b))
		}
	}
	differs("project", meant.Project.Guid, saved.Project.Guid, false)
	differs("unitCost", meant.UnitCost.Amount.String(), saved.UnitCost.Amount.String(), true)
	differs("currency", meant.UnitCost.Currency, saved.UnitCost.Currency, false)
	differs("quantity", meant.Quantity.String(), saved.Quantity.String(), true)
	differs("name", meant.Name, saved.Name, false)
	if len(saved.EventDate) > len("2006-01-02") {
		saved.EventDate = saved.EventDate[:len("2006-01-02")]
	}
	differs("eventDate", meant.EventDate, saved.EventDate, false)
	if exact {
		differs("description", strings.TrimSpace(hub.WithoutMark(meant.Description)), strings.TrimSpace(hub.WithoutMark(saved.Description)), false)
		differs("unitPrice", meant.UnitPrice.Amount.String(), saved.UnitPrice.Amount.String(), true)
		differs("isBillable", strconv.FormatBool(meant.Billable), strconv.FormatBool(saved.Billable), false)
		differs("productType", meant.ProductType, saved.ProductType, false)
	}
	return faults
}

// Change replaces the fields of a cost that we write; the project stays the same. That
// an amount is replaced by its own path is inferred; docs/sources/severa-back.md lists it.
func (d *Driver) Change(ctx context.Context, id string, marked []byte) (w source.Written, err error) {
	done, err := d.back.turn(ctx)
	if err != nil {
		return w, err
	}
	defer done()
	var f fee
	if err := json.Unmarshal(marked, &f); err != nil {
		return w, err
	}
	edits := []edit{replace("/name", f.Name), replace("/description", f.Description), replace("/unitCost/amount", f.UnitCost.Amount.String()),
		replace("/unitPrice/amount", f.UnitPrice.Amount.String()), replace("/eventDate", f.EventDate)}
	var raw json.RawMessage
	if err := d.feeing().write(ctx, http.MethodPatch, "/v1/projectfees/"+url.PathEscape(id), edits, &raw); err != nil {
		return w, err
	}
	return shownFee(raw), nil
}

// Remove takes a cost away.
func (d *Driver) Remove(ctx context.Context, id string) error {
	done, err := d.back.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	_, err = d.feeing().do(ctx, http.MethodDelete, "/v1/projectfees/"+url.PathEscape(id), nil, nil, maxAnswer)
	if errors.Is(err, errGone) {
		return nil
	}
	if r, ok := errors.AsType[*refusal](err); ok && r.status >= 400 && r.status < 500 {
		return fmt.Errorf("%w: %w", source.ErrRefused, err)
	}
	return err
}

var _ source.Changer = (*Driver)(nil)
