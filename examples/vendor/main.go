// Vendor is a small business system that lives with Vienti: it has its customer connected by
// a link, if it is a vendor's, asks where its invoices go,
// lets itself be told what becomes of them by a webhook, pushes an invoice with a mistake,
// is told where the mistake is, mends it, learns Procountor's number and reference, and
// says that the customer has paid.
//
//	VIENTI_URL=http://127.0.0.1:8080 VIENTI_TOKEN=vnt_… go run ./examples/vendor
//
// With VIENTI_VENDOR_TOKEN, of `vienti vendor add`, instead of VIENTI_TOKEN it begins with
// the link; VIENTI_RETURN_URL is where the browser of the customer comes back to.
//
// Standard library only: copy what you need. What it stores in memory belongs into your
// database; docs/api.md, "What to store on your side", says what that is.
package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	v := &vienti{url: strings.TrimRight(os.Getenv("VIENTI_URL"), "/"), token: os.Getenv("VIENTI_TOKEN")}
	if err := run(ctx, v, os.Getenv("VIENTI_VENDOR_TOKEN"), os.Getenv("VIENTI_RETURN_URL")); err != nil {
		fmt.Fprintln(os.Stderr, "vendor:", err)
		os.Exit(1)
	}
}

// An object is JSON of which we read some fields. Fields that we do not know are ignored,
// as the API asks of everybody.
type object = map[string]any

// vienti is the API as this system uses it. A vendor's one token is for all its customers:
// connection says whose the requests are about.
type vienti struct{ url, token, connection string }

// call sends one request. A push whose answer was lost is simply repeated: what is stored
// already is answered, not stored twice.
func (v *vienti) call(ctx context.Context, method, path string, body, answer any) error {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return err
		}
	}
	var last error
	for try := range 5 {
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(try) * time.Second):
			}
		}
		req, err := http.NewRequestWithContext(ctx, method, v.url+path, bytes.NewReader(sent))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+v.token)
		req.Header.Set("Content-Type", "application/json")
		if v.connection != "" {
			req.Header.Set("Vienti-Connection", v.connection)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			last = err
			continue
		}
		got, err := io.ReadAll(io.LimitReader(resp.Body, 50<<20))
		_ = resp.Body.Close()
		switch {
		case err != nil:
			last = err
		case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
			last = fmt.Errorf("%s %s: %s", method, path, resp.Status)
		case resp.StatusCode >= 400:
			return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, got)
		case answer == nil:
			return nil
		default:
			return json.Unmarshal(got, answer)
		}
	}
	return last
}

// A change is what Vienti tells: by webhook and in the feed alike.
type change struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Cursor string `json:"cursor"`
	Data   struct {
		SourceID string `json:"source_id"`
		Faults   []struct {
			Code, Path, Value, Title, Remedy string
		} `json:"faults"`
		Procountor struct {
			InvoiceID     int64  `json:"invoice_id"`
			InvoiceNumber int64  `json:"invoice_number"`
			Reference     string `json:"reference"`
		} `json:"procountor"`
		Paid struct{ State, Open, Currency string } `json:"paid"`
	} `json:"data"`
}

// books are what this system knows of its invoices; a database in real life, where the
// change and what follows from it are stored in one transaction.
type books struct {
	mu     sync.Mutex
	seen   map[string]bool // ids of changes
	cursor string          // of the newest
	news   chan change
}

// take keeps a change, and leaves one alone that it has seen: a webhook comes at least once.
func (b *books) take(c change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen[c.ID] {
		return
	}
	b.seen[c.ID], b.cursor = true, c.Cursor
	b.news <- c
}

// hook takes changes that are signed with the secret (Standard Webhooks).
func (b *books) hook(secret string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil || !signed(secret, r.Header, body, time.Now()) {
			http.Error(w, "not from Vienti", http.StatusUnauthorized)
			return
		}
		var c change
		if json.Unmarshal(body, &c) != nil {
			http.Error(w, "not a change", http.StatusBadRequest)
			return
		}
		b.take(c)
		w.WriteHeader(http.StatusNoContent) // at once: what follows is done afterwards
	}
}

// signed reports whether what came was signed with the secret, within five minutes of now.
// During a rotation there are two signatures, and one that fits is enough.
func signed(secret string, h http.Header, body []byte, now time.Time) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	stamp, bad := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || bad != nil || now.Sub(time.Unix(stamp, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", h.Get("webhook-id"), stamp)
	mac.Write(body)
	for _, s := range strings.Fields(h.Get("webhook-signature")) {
		got, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "v1,"))
		if err == nil && hmac.Equal(got, mac.Sum(nil)) {
			return true
		}
	}
	return false
}

// await waits for a change of one document or payment. Where webhooks are late, the feed
// has the same changes under the same ids: asking it now and then makes sure.
func (b *books) await(ctx context.Context, v *vienti, source, kind string) (change, error) {
	for {
		select {
		case c := <-b.news:
			if c.Data.SourceID != source {
				continue
			}
			if c.Type == kind {
				return c, nil
			}
			if c.Type == "document.refused" || c.Type == "payment.held" || c.Type == "payment.refused" || c.Type == "document.held" {
				return c, fmt.Errorf("%s of %s, waiting for %s: %+v", c.Type, source, kind, c.Data.Faults)
			}
		case <-time.After(10 * time.Second):
			b.mu.Lock()
			after := b.cursor
			b.mu.Unlock()
			var page struct{ Changes []change }
			if err := v.call(ctx, http.MethodGet, "/v1/changes?after="+after, nil, &page); err != nil {
				return change{}, err
			}
			for _, c := range page.Changes {
				b.take(c)
			}
		case <-ctx.Done():
			return change{}, fmt.Errorf("waiting for %s of %s: %w", kind, source, ctx.Err())
		}
	}
}

// customer is our own name of the customer: asked again, Vienti answers about the same one.
const customer = "customer-88"

// connect has the customer connected, unless it is: whoever may connect the company follows
// the link, and comes back to us.
func (v *vienti) connect(ctx context.Context, back string) error {
	type connection struct {
		Reference, Connection string
		ConnectURL            string `json:"connect_url"`
	}
	ask := object{"reference": customer, "name": "Webshop of customer 88"}
	if back != "" {
		ask["return_url"] = back
	}
	var c connection
	if err := v.call(ctx, http.MethodPost, "/v1/connections", ask, &c); err != nil {
		return err
	}
	if c.ConnectURL != "" { // here a browser would be sent there
		fmt.Println("follow:", c.ConnectURL)
	}
	for after := ""; c.Connection == ""; {
		var page struct {
			Connections []connection
			Next        string
		}
		if err := v.call(ctx, http.MethodGet, "/v1/connections?limit=500&after="+after, nil, &page); err != nil {
			return err
		}
		for _, one := range page.Connections {
			if one.Reference == customer {
				c = one
			}
		}
		if after = page.Next; after != "" {
			continue // there are more of them
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("waiting for the link to be followed: %w", err)
		}
	}
	v.connection = c.Connection
	return nil
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

func run(ctx context.Context, v *vienti, vendor, back string) error {
	if vendor != "" {
		v.token = vendor
	}
	if v.url == "" || v.token == "" {
		return errors.New("set VIENTI_URL and VIENTI_TOKEN; `vienti demo` prints both")
	}
	if vendor != "" {
		if err := v.connect(ctx, back); err != nil {
			return err
		}
	}

	// Who are we, and where do our invoices go?
	var status struct {
		Connection, Company struct{ Name, Environment string }
		Writing             bool
	}
	if err := v.call(ctx, http.MethodGet, "/v1/status", nil, &status); err != nil {
		return err
	}
	fmt.Printf("connected: %s → %s (%s), writing: %v\n", status.Connection.Name, status.Company.Name, status.Company.Environment, status.Writing)
	for !status.Writing { // until then what we push is shown, and goes nowhere
		if err := pause(ctx); err != nil {
			return fmt.Errorf("waiting for writing to be switched on: %w", err)
		}
		if err := v.call(ctx, http.MethodGet, "/v1/status", nil, &status); err != nil {
			return err
		}
	}

	// From where on do we want to know? Everything before is none of this run's.
	b := &books{seen: map[string]bool{}, news: make(chan change, 1000), cursor: "0"}
	for more := true; more; {
		var page struct {
			Next string
			More bool
		}
		if err := v.call(ctx, http.MethodGet, "/v1/changes?limit=1000&after="+b.cursor, nil, &page); err != nil {
			return err
		}
		b.cursor, more = page.Next, page.More
	}

	// Be told. In real life the address is https on the internet.
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var hook struct{ ID, Secret string }
	address := "http://" + l.Addr().String() + "/vienti"
	if err := v.call(ctx, http.MethodPost, "/v1/webhooks", object{"url": address}, &hook); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /vienti", b.hook(hook.Secret))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer func() { _ = srv.Close() }()
	go func() { _ = srv.Serve(l) }() // ends with Close
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = v.call(ending, http.MethodPost, "/v1/webhooks/"+hook.ID+"/end", nil, nil) // else it is parked after three days
	}()
	fmt.Println("told at:", address)

	// An invoice with a VAT rate that Finland does not have.
	number := "EX-" + strconv.FormatInt(time.Now().UnixMilli()%1e8, 10)
	id := "order-" + number
	invoice := func(vat string) object {
		today := time.Now()
		return object{
			"kind": "sales_invoice", "source_id": id, "number": number, "demo": status.Company.Environment == "sandbox", "currency": "EUR",
			"date": today.Format(time.DateOnly), "due_date": today.AddDate(0, 0, 14).Format(time.DateOnly),
			"buyer": object{"name": "Kuvitelma Kauppa Oy", "business_id": "2345678-0", "email": "laskut@kuvitelma.example",
				"address": object{"street": "Keksittykatu 5", "zip": "33100", "city": "Tampere", "country": "FI"}},
			"lines": []object{{"name": "Konsultointi", "quantity": "2", "unit": "h", "unit_price": "100.00", "vat_percent": vat, "vat_category": "S"}},
		}
	}
	var receipt struct{ ID, Result, State string }
	if err := v.call(ctx, http.MethodPost, "/v1/documents", invoice("23"), &receipt); err != nil {
		return err
	}
	fmt.Printf("pushed %s: %s, %s\n", id, receipt.Result, receipt.State)
	c, err := b.await(ctx, v, id, "document.held")
	if len(c.Data.Faults) == 0 {
		return fmt.Errorf("told of no mistake: %+v, %w", c, err)
	}
	f := c.Data.Faults[0]
	fmt.Printf("stopped: %s at %s, where %q stands\n  %s\n", f.Title, f.Path, f.Value, f.Remedy)

	// Mended, and pushed under the same source_id.
	if err := v.call(ctx, http.MethodPost, "/v1/documents", invoice("25.5"), &receipt); err != nil {
		return err
	}
	fmt.Printf("pushed %s again: %s, %s\n", id, receipt.Result, receipt.State)
	if c, err = b.await(ctx, v, id, "document.posted"); err != nil {
		return err
	}
	there := c.Data.Procountor
	fmt.Printf("in Procountor: invoice %d, number %d, reference %s\n", there.InvoiceID, there.InvoiceNumber, there.Reference)
	if _, err = b.await(ctx, v, id, "document.done"); err != nil {
		return err
	}
	fmt.Println("done: every step of it is proved")

	// The customer has paid in our shop.
	pay := "pay-" + number
	if err := v.call(ctx, http.MethodPost, "/v1/payments", object{"source_id": pay, "document": id, "date": time.Now().Format(time.DateOnly),
		"amount": "251.00", "currency": "EUR", "method": "card"}, nil); err != nil {
		return err
	}
	if _, err = b.await(ctx, v, pay, "payment.done"); err != nil {
		return err
	}
	fmt.Println("payment: marked in Procountor")
	if c, err = b.await(ctx, v, id, "document.paid"); err != nil {
		return err
	}
	fmt.Printf("paid: %s, open %s %s\n", c.Data.Paid.State, c.Data.Paid.Open, c.Data.Paid.Currency)
	return nil
}
