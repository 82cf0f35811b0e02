// Package bench measures the hub against a bare loop that posts the same bodies
// to the same sandbox. Everything runs in one process on one machine, so the
// ratios can be compared and the absolute figures cannot.
package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A Figure is one result.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Aim   string  `json:"aim"`
}

// Options of [Run]; the zero value measures in full.
type Options struct {
	// Documents of the throughput parts; 3 000 unless said.
	Documents int
	// Steady is how long 20 documents a second arrive; 75 s unless said, so that
	// what is asked once a minute is counted.
	Steady time.Duration
	// Progress is told what is being measured.
	Progress func(format string, args ...any)
	// Dir is where databases are put; a temporary folder unless said.
	Dir string
	// Program is this program, which is started once more to measure it at rest;
	// "" leaves that out.
	Program string
	// Database is used instead of a SQLite file in Dir, for PostgreSQL.
	Database string
}

// inFlight of the bare loop, as the aims were set.
const inFlight = 16

// Run measures and returns the figures.
func Run(ctx context.Context, o Options) ([]Figure, error) {
	if o.Documents == 0 {
		o.Documents = 3000
	}
	if o.Steady == 0 {
		o.Steady = 75 * time.Second
	}
	if o.Progress == nil {
		o.Progress = func(string, ...any) {}
	}
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "vienti-bench-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		o.Dir = dir
	}
	var figures []Figure
	for _, part := range []struct {
		what string
		run  func(context.Context, Options) ([]Figure, error)
	}{
		{"throughput without latency", throughput(0, "")},
		{"throughput with 250 ms per answer", throughput(250*time.Millisecond, "_250ms")},
		{"20 sales a second", steady(load{document: document})},
		{"20 sales a second, posted and approved", steady(load{suffix: "_posted", document: document, settings: postedApproved})},
		{"20 purchases a second, posted and approved", steady(load{suffix: "_purchased", document: purchase, settings: postedApproved})},
		{"20 payments a second", steady(load{suffix: "_paid", document: document, settings: payments, payment: payment})},
		{"registers of a large company", registers},
		{"a large payroll run", payroll},
		{"idle memory", idleMemory},
		{"the demo", demoTime},
	} {
		o.Progress("measuring %s", part.what)
		f, err := part.run(ctx, o)
		if err != nil {
			return figures, fmt.Errorf("%s: %w", part.what, err)
		}
		figures = append(figures, f...)
	}
	return figures, nil
}

// A world is a sandbox on a loopback socket and a hub on a database.
type world struct {
	sandbox *procountortest.Server
	http    *http.Server
	url     string
	store   *store.Store
	engine  *engine.Engine
	client  *http.Client
}

const (
	companyID    = "company"
	connectionID = "connection"
)

func newWorld(ctx context.Context, o Options, name string, latency time.Duration) (*world, error) {
	w := &world{}
	so := procountortest.Options{}
	if latency > 0 {
		so.Latency = func(string) time.Duration { return latency }
	}
	w.sandbox = procountortest.New(so)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.http = &http.Server{Handler: w.sandbox.Handler()}
	go func() { _ = w.http.Serve(l) }() // until close
	w.url = "http://" + l.Addr().String() + "/api"
	w.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

	vault, err := secret.NewVault(secret.NewKey())
	if err != nil {
		return nil, err
	}
	database := o.Database
	if database == "" {
		database = "sqlite:" + filepath.Join(o.Dir, name+".db")
	}
	quiet := slog.New(slog.DiscardHandler)
	if w.store, err = store.Open(ctx, database, store.Options{Vault: vault, Log: quiet}); err != nil {
		return nil, err
	}
	w.engine = engine.New(engine.Options{Store: w.store, Log: quiet, Transport: func(hub.Company) *http.Client { return w.client }})
	demo := w.sandbox.Demo()
	if err := w.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.InsertClient(hub.Client{ID: "client", Name: "bench", ClientID: demo.ClientID}, secret.New(demo.ClientSecret)); err != nil {
			return err
		}
		if err := tx.InsertCompany(hub.Company{ID: companyID, Client: "client", ProcountorID: demo.CompanyID, Name: "Esimerkkipaja Oy",
			BusinessID: "1234567-1", Country: "FI", Currency: "EUR", Environment: hub.Sandbox, BaseURL: w.url}, secret.New(demo.APIKey)); err != nil {
			return err
		}
		return tx.InsertConnection(hub.Connection{ID: connectionID, Company: companyID, Name: "bench", System: "Bench",
			Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}, "bench")
	}); err != nil {
		return nil, err
	}
	registers, err := w.engine.Refresh(ctx, companyID)
	if err != nil {
		return nil, err
	}
	s := hub.DefaultSettings(civil.Must("2026-01-01"))
	s.VATStatuses = register.ProposeVATStatuses(registers)
	// Posting in the order of the numbers is one after the other by its nature;
	// what is measured here is everything else.
	s.OrderBySourceNumber = false
	if _, err := w.engine.SetSettings(ctx, "bench", connectionID, 0, s); err != nil {
		return nil, err
	}
	return w, w.engine.SetWriting(ctx, "bench", connectionID, true)
}

// close gives up what was measured; the figures are taken.
func (w *world) close() {
	_ = w.http.Close()
	_ = w.store.Close()
	_ = w.sandbox.Close()
}

// document is a sales invoice of a known customer with three rows.
func document(n int) *hub.Document {
	day := civil.Must("2026-03-10")
	d := &hub.Document{
		Kind: hub.SalesInvoice, SourceID: fmt.Sprintf("bench/%d", n), Number: fmt.Sprint(n), Date: day, DueDate: day.AddDays(14), Currency: "EUR",
		Language: "fi", Seller: hub.Party{Name: "Esimerkkipaja Oy", BusinessID: "1234567-1"},
		Buyer: hub.Party{Name: "Kuvitelma Kauppa Oy", BusinessID: "2345678-0", Number: "1001",
			Address: hub.Address{Street: "Keksittykatu 5", Zip: "33100", City: "Tampere", Country: "FI"}},
		Payment: hub.Payment{Reference: "1232"},
	}
	rate := money.Must("25.5")
	net := money.Zero
	for i, price := range []string{"120.00", "49.90", "7.35"} {
		q, p := money.FromInt(int64(i+1)), money.Must(price)
		sum := q.Mul(p)
		d.Lines = append(d.Lines, hub.Line{Name: fmt.Sprintf("Tuote %d", i+1), Quantity: &q, Unit: "kpl", UnitPrice: &p, VATPercent: rate,
			VATCategory: "S", Net: &sum})
		net = net.Add(sum)
	}
	vat := net.Percent(rate).RoundHalfUp(2)
	gross := net.Add(vat)
	d.Totals = hub.Totals{Net: &net, VAT: &vat, Gross: &gross}
	return d
}

// throughput measures the hub, from receiving to the proof, and the bare loop.
func throughput(latency time.Duration, suffix string) func(context.Context, Options) ([]Figure, error) {
	return func(ctx context.Context, o Options) ([]Figure, error) {
		n := o.Documents
		if latency > 0 {
			n = max(100, o.Documents/5) // the same time on the clock
		}
		w, err := newWorld(ctx, o, "throughput"+suffix, latency)
		if err != nil {
			return nil, err
		}
		defer w.close()
		token, err := w.login(ctx)
		if err != nil {
			return nil, err
		}
		// A warm-up of both, so that neither pays for first times.
		if _, err := w.throughHub(ctx, 0, 50); err != nil {
			return nil, err
		}
		body, err := w.lastBody(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := w.bare(ctx, token, body, 0, 50); err != nil {
			return nil, err
		}
		// In turns, so that a machine whose speed drifts treats both alike.
		var bare, through time.Duration
		const turns = 4
		for i := range turns {
			d, err := w.bare(ctx, token, body, i*n/turns, (i+1)*n/turns)
			if err != nil {
				return nil, err
			}
			bare += d
			if d, err = w.throughHub(ctx, 100+i*n/turns, 100+(i+1)*n/turns); err != nil {
				return nil, err
			}
			through += d
		}
		bareRate, hubRate := float64(n)/bare.Seconds(), float64(n)/through.Seconds()
		aim := ">=0.3"
		if latency > 0 {
			aim = ">=0.9"
		}
		return []Figure{
			{"bare_documents_per_second" + suffix, bareRate, "documents/s", ""},
			{"hub_documents_per_second" + suffix, hubRate, "documents/s", ""},
			{"hub_share_of_bare_loop" + suffix, hubRate / bareRate, "ratio", aim},
		}, nil
	}
}

func (w *world) login(ctx context.Context) (string, error) {
	demo := w.sandbox.Demo()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {demo.ClientID}, "client_secret": {demo.ClientSecret}, "api_key": {demo.APIKey}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var a struct {
		AccessToken string `json:"access_token"`
	}
	err = json.NewDecoder(res.Body).Decode(&a)
	return a.AccessToken, err
}

// lastBody is the request that the hub has sent for its first document, as the
// bare loop sends it.
func (w *world) lastBody(ctx context.Context) ([]byte, error) {
	return store.ReadOne(ctx, w.store, func(tx *store.Tx) ([]byte, error) {
		list, err := tx.AllTransfers(companyID)
		if err != nil {
			return nil, err
		}
		steps, err := tx.Steps(list[0].ID, 0)
		if err != nil {
			return nil, err
		}
		return tx.Blob(steps[0].Request)
	})
}

// bare posts bodies from..to with inFlight requests at a time.
func (w *world) bare(ctx context.Context, token string, body []byte, from, to int) (time.Duration, error) {
	var next atomic.Int64
	next.Store(int64(from))
	var failed atomic.Pointer[error]
	start := time.Now()
	var wg sync.WaitGroup
	for range inFlight {
		wg.Go(func() {
			for {
				n := next.Add(1) - 1
				if n >= int64(to) || failed.Load() != nil {
					return
				}
				if err := w.post(ctx, token, body, n); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return time.Since(start), nil
}

func (w *world) post(ctx context.Context, token string, body []byte, n int64) error {
	b := bytes.Replace(body, []byte(`"originalInvoiceNumber":"0"`), fmt.Appendf(nil, `"originalInvoiceNumber":"B%d"`, n), 1)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/invoices", bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the sandbox answered %d: %.300s", res.StatusCode, answer)
	}
	return nil
}

// throughHub hands documents from..to to the hub and steps until all are done.
func (w *world) throughHub(ctx context.Context, from, to int) (time.Duration, error) {
	docs := make([]engine.Incoming, 0, to-from)
	for n := from; n < to; n++ {
		d := document(n)
		raw, err := json.Marshal(d)
		if err != nil {
			return 0, err
		}
		docs = append(docs, engine.Incoming{Document: d, Raw: raw})
	}
	start := time.Now()
	for part := range slices.Chunk(docs, 50) {
		if _, err := w.engine.Receive(ctx, connectionID, part, nil); err != nil {
			return 0, err
		}
	}
	for {
		next, err := w.engine.Step(ctx, time.Now(), companyID)
		if err != nil {
			return 0, err
		}
		if next.After(time.Now().Add(time.Second)) {
			break
		}
	}
	took := time.Since(start)
	done, err := store.ReadOne(ctx, w.store, func(tx *store.Tx) (map[hub.State]int, error) { return tx.CountTransfers(store.TransferFilter{}) })
	if err != nil {
		return 0, err
	}
	for state, n := range done {
		if state != hub.Done {
			return 0, fmt.Errorf("%d documents are %s instead of done", n, state)
		}
	}
	return took, nil
}
