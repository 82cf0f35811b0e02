package enginetest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/valueframe"
	"github.com/vienti/vienti/internal/source/valueframe/valueframefake"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A Frame is a ValueFrame in memory, from which a world's connection is read and to
// which it is written.
type Frame struct {
	*valueframefake.Server
	// Plan says what goes wrong on the way to it.
	Plan *faulty.Plan
}

const frameKey = "siirtoavain-1"

// Project is the dimension whose items are projects of the frame.
const Project = "Project"

// NewFrame returns an empty one.
func NewFrame() *Frame {
	f := &Frame{Server: valueframefake.New("agency", frameKey, nil), Plan: faulty.NewPlan(1)}
	f.Listing = "ostot"
	return f
}

// Into prepares a world for it: its connector, and the way there.
func (f *Frame) Into(cfg *Config) {
	cfg.Sources = source.NewRegistry(valueframe.Kind())
	client := &http.Client{Transport: faulty.Transport(f, f.Plan)}
	cfg.SourceHTTP = func(hub.Connection) *http.Client { return client }
}

// RoundTrip answers without a network.
func (f *Frame) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler { //nolint:errorlint // it is panicked with
				panic(p)
			}
			resp, err = nil, errors.New("connection reset")
		}
	}()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result(), nil
}

// Frame connects the world to f, lets purchases go back from the first day on, and
// enters the projects 4711 and 4712 into Procountor's register.
func (w *World) Frame(f *Frame) {
	w.T.Helper()
	ctx := w.T.Context()
	f.Now = w.Clock.Now
	w.Must(w.Engine.SetSource(ctx, "test", store.Source{Connection: w.Connection.ID, Kind: "valueframe", Schedule: source.Schedule{Every: 24 * time.Hour}},
		source.Config{Values: map[string]string{"address": "https://rest.valueframe.example/rest/v2", "user": "agency", "purchases": f.Listing},
			Secrets: map[string]secret.Secret{"token": secret.New(frameKey)}}))
	client, err := w.Engine.Client(ctx, w.Company)
	w.Must(err)
	for _, name := range []string{"4711 Remontti", "4712 Piha", "Yleiset"} {
		_, err := client.Dimensions.CreateItem(ctx, w.dimension().ID, &procountor.DimensionItem{CodeName: name})
		w.Must(err)
	}
	_, err = w.Engine.Refresh(ctx, w.Company.ID)
	w.Must(err)
	s := w.Connection.Settings
	s.Back = hub.Back{Purchases: true, FirstDay: civil.Must("2026-01-01"), Dimension: Project}
	w.SetSettings(s)
	w.Sandbox.ForgetRequests()
}

func (w *World) dimension() procountor.Dimension {
	w.T.Helper()
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	dims, err := client.Dimensions.List(w.T.Context(), procountor.DimensionFilter{})
	w.Must(err)
	i := slices.IndexFunc(dims, func(d procountor.Dimension) bool { return d.Name == Project })
	if i < 0 {
		w.T.Fatalf("no dimension %s", Project)
	}
	return dims[i]
}

// Bought enters a purchase invoice into Procountor, as an accountant does: posted,
// its row on a project ("" for none), and approved. It returns Procountor's id.
func (w *World) Bought(number, price, project string) int64 {
	w.T.Helper()
	if project == "" {
		return w.Boughts(Purchase(number, price))
	}
	return w.Boughts(Purchase(number, price), project)
}

// Boughts is [World.Bought] for an invoice with a project for each row.
func (w *World) Boughts(d *hub.Document, projects ...string) int64 {
	w.T.Helper()
	w.Foreign(d)
	list := w.Vouchers(d.Number)
	id := list[len(list)-1].ID
	if len(projects) > 0 {
		w.OnProject(id, projects...)
	}
	client, err := w.Engine.Client(w.T.Context(), w.Company)
	w.Must(err)
	w.Must(client.Invoices.Approve(w.T.Context(), id, ""))
	return id
}

// OnProject dimensions the rows of an invoice in the Dimensions view: each on its
// project, the last of which is that of all that follow.
func (w *World) OnProject(invoice int64, projects ...string) {
	w.T.Helper()
	d := w.dimension()
	n := 0
	item := func() int64 {
		project := projects[min(n, len(projects)-1)]
		n++
		i := slices.IndexFunc(d.Items, func(x procountor.DimensionItem) bool { return strings.HasPrefix(x.CodeName, project) })
		if i < 0 {
			w.T.Fatalf("no project %s", project)
		}
		return d.Items[i].ID
	}
	inv, _ := w.Sandbox.Invoice(w.Company.ProcountorID, invoice)
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if inv.LedgerReceiptID == nil || r.ID != *inv.LedgerReceiptID {
			continue
		}
		for _, t := range r.Transactions {
			if t.TransactionType == "ENTRY" {
				w.Sandbox.SetDimensions(w.Company.ProcountorID, r.ID, t.ID, []procountortest.DimensionItemValue{{DimensionID: d.ID, ItemID: item(), Value: t.AccountingValue}})
			}
		}
	}
}

// Returned are the transfers of documents from Procountor.
func (w *World) Returned() (list []hub.Transfer) {
	for _, t := range w.Transfers() {
		if t.Returns() {
			list = append(list, t)
		}
	}
	return list
}

// Costs says what stands in the frame, a line each, without our marks.
func (f *Frame) Costs() (lines []string) {
	for _, r := range f.Sales() {
		text, _, _ := strings.Cut(fmt.Sprint(r["description"]), " · ")
		lines = append(lines, fmt.Sprintf("%v %v %v %s", r["subProjectId"], r["purchasePrice"], r["invoiceNumber"], text))
	}
	return lines
}
