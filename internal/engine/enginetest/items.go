package enginetest

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A Projects is a business system in memory that lists what costs are followed by. Its
// cursor is how many of its documents it has shown.
type Projects struct {
	Documents []*hub.Document
	// Asked are the axes that were asked for, and Since the moments.
	Asked [][]string
	Since []time.Time

	now   func() time.Time
	items []hub.Item
	at    map[string]time.Time
}

// Kind is the connector of p.
func (p *Projects) Kind() source.Kind {
	return source.Kind{Name: "projects", Title: "Projects", Help: "For tests.", Open: func(env source.Env, _ source.Config) (source.Driver, error) {
		p.now = env.Now
		return p, nil
	}}
}

// Pull shows the documents.
func (p *Projects) Pull(_ context.Context, cursor source.Cursor, limit int) (page source.Page, err error) {
	at, _ := strconv.Atoi(string(cursor))
	end := min(at+limit, len(p.Documents))
	for _, d := range p.Documents[at:end] {
		page.Documents = append(page.Documents, source.Found{Document: d})
	}
	page.Next, page.More = source.Cursor(strconv.Itoa(end)), end < len(p.Documents)
	if end == at {
		page.Next = cursor
	}
	return page, nil
}

// Items lists what has changed.
func (p *Projects) Items(_ context.Context, axes []string, since time.Time) iter.Seq2[hub.Item, error] {
	p.Asked, p.Since = append(p.Asked, axes), append(p.Since, since)
	return func(yield func(hub.Item, error) bool) {
		for _, it := range p.items {
			if slices.Contains(axes, it.Axis) && !p.at[it.Axis+it.ID].Before(since) && !yield(it, nil) {
				return
			}
		}
	}
}

// Put adds an item to the system, or changes it.
func (p *Projects) Put(w *World, it hub.Item) {
	if p.at == nil {
		p.at = map[string]time.Time{}
	}
	p.at[it.Axis+it.ID] = w.Clock.Now()
	if i := slices.IndexFunc(p.items, func(x hub.Item) bool { return x.Axis == it.Axis && x.ID == it.ID }); i >= 0 {
		p.items[i] = it
		return
	}
	p.items = append(p.items, it)
}

// Sourced is a world whose connection is read from p every ten minutes.
func Sourced(world func(Config) *World, p *Projects, cfg Config) *World {
	cfg.Sources = source.NewRegistry(p.Kind())
	w := world(cfg)
	w.Must(w.Engine.SetSource(w.T.Context(), "anna", store.Source{Connection: w.Connection.ID, Kind: "projects", Schedule: source.Schedule{Every: 10 * time.Minute}},
		source.Config{Values: map[string]string{}}))
	return w
}

// Read reads the source once, after its time has come, and settles.
func (w *World) Read() {
	w.T.Helper()
	w.Clock.Add(10 * time.Minute)
	p, err := w.Engine.Pull(w.T.Context(), w.Connection.ID)
	w.Must(err)
	if p == nil || p.Fault != nil {
		w.T.Fatalf("the source was not read: %+v", p)
	}
	w.Settle()
}

// DimensionItems are the items of a dimension of the sandbox, as they stand there.
func (w *World) DimensionItems(dimension string) (list []procountortest.DimensionItem) {
	w.T.Helper()
	for _, d := range w.Sandbox.Dimensions(w.Company.ProcountorID) {
		if d.Name == dimension {
			list = append(list, d.Items...)
		}
	}
	return list
}

// ItemTransfers are the transfers of items and products.
func (w *World) ItemTransfers() (list []hub.Transfer) {
	for _, t := range w.Transfers() {
		if t.Kind.Lists() {
			list = append(list, t)
		}
	}
	return list
}
