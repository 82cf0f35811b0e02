package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A pushed document comes by the REST API.
type pushed struct {
	paper   paper
	shows   string
	expects expected
	repeats bool
}

// pushes are the documents of the demonstration's web shop.
func pushes() []pushed {
	order := paper{number: "DEMO-3001", seller: pajaOy, buyer: unelma, days: -1, lines: []line{books("24"), licence("1")},
		files: []fileInside{{"tilaus-3001.pdf", pdf(1500)}}}
	return []pushed{
		{paper: order, shows: "pushed, with a file; Procountor sends it by e-mail", expects: arrives},
		{paper: paper{number: "DEMO-3002", seller: pajaOy, buyer: kuvitelma, days: -1, lines: []line{books("2")}}, shows: "pushed", expects: arrives},
		{paper: order, shows: "pushed once more, as after a lost answer", expects: arrives, repeats: true},
		{paper: paper{number: "DEMO-3003", seller: pajaOy, buyer: haave, days: -1, lines: []line{books("5")}}, shows: "pushed; nowhere to send it", expects: held(hub.EInvoiceMissing)},
	}
}

// body is the document as a web shop pushes it.
func (p paper) body(today civil.Date) ([]byte, error) {
	type object = map[string]any
	w := p.write(today)
	var lines []object
	for _, l := range w.Lines {
		lines = append(lines, object{"name": l.Name, "quantity": l.Quantity.String(), "unit": l.Unit, "unit_price": l.Price.String(),
			"vat_percent": l.Rate, "vat_category": l.Category, "net": l.Net.Fixed(2)})
	}
	d := object{
		"kind": "sales_invoice", "source_id": "order-" + w.Number, "number": w.Number, "demo": true,
		"date": w.Date.String(), "due_date": w.Due.String(), "currency": w.Currency, "lines": lines,
		"buyer": object{"name": p.buyer.Name, "business_id": p.buyer.ID, "vat_number": p.buyer.VAT, "email": p.buyer.Email,
			"address": object{"street": p.buyer.Street, "zip": p.buyer.Zip, "city": p.buyer.City, "country": p.buyer.Country}},
		"totals": object{"net": w.Net.Fixed(2), "vat": w.Tax.Fixed(2), "gross": w.Gross.Fixed(2)},
	}
	if len(w.Files) > 0 {
		d["attachments"] = []object{{"name": w.Files[0].Name, "mime": "application/pdf", "content": w.Files[0].Content}}
	}
	return json.Marshal(d)
}

// maxAnswer bounds what is read of an answer of our own API.
const maxAnswer = 1 << 20

// push hands one document to the API at address and returns its source id and
// whether it was known.
func push(ctx context.Context, client *http.Client, address, token string, p paper, today civil.Date) (again bool, err error) {
	body, err := p.body(today)
	if err != nil {
		return false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/documents", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return false, err
	}
	if resp.StatusCode/100 != 2 {
		return false, fmt.Errorf("push %s: %s: %.500s", p.number, resp.Status, b)
	}
	var answer struct {
		Result string `json:"result"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return false, fmt.Errorf("push %s: %w", p.number, err)
	}
	return answer.Result == "unchanged", nil
}

// gross is what the sender says the document comes to.
func (p paper) gross(today civil.Date) (money.Amount, string) {
	w := p.write(today)
	return w.Gross, w.Currency
}
