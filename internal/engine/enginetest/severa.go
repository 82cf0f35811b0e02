package enginetest

import (
	"maps"
	"net/http"
	"time"

	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/internal/store"
)

// A Severa in memory, from which a world's connection is read and to which it is
// written.
type Severa struct {
	*severafake.Server
	// Its registers, once a world is connected.
	severafake.World
	// Plan says what goes wrong on the way to it.
	Plan *faulty.Plan
}

// SeveraSecret is what goes with the client id "vienti" of a [Severa].
const SeveraSecret = "severan-salaisuus"

// NewSevera returns an empty one.
func NewSevera() *Severa {
	return &Severa{Server: severafake.New("vienti", SeveraSecret, nil), Plan: faulty.NewPlan(1)}
}

// Into prepares a world for it: its connector, and the way there.
func (s *Severa) Into(cfg *Config) {
	cfg.Sources = source.NewRegistry(severa.Kind())
	client := &http.Client{Transport: faulty.Transport(s.Server, s.Plan)}
	cfg.SourceHTTP = func(hub.Connection) *http.Client { return client }
}

// Severa connects the world to s, which gets registers: invoices are fetched from
// the status Waiting every ten minutes. Options say what is otherwise.
func (w *World) Severa(s *Severa, options map[string]string) {
	w.T.Helper()
	if s.Now == nil {
		s.Now = w.Clock.Now
	}
	s.World = s.Furnish(w.Company.BusinessID)
	w.T.Cleanup(func() {
		for _, p := range s.Problems() {
			w.T.Error(p)
		}
	})
	w.SeveraOptions(options)
}

// SeveraOptions sets how the world's Severa is read, with options that say what is
// otherwise.
func (w *World) SeveraOptions(options map[string]string) {
	w.T.Helper()
	values := map[string]string{"address": "https://severa.example/rest-api", "client_id": "vienti",
		"status": "Odottaa siirtoa Procountoriin", "status_after": "Siirretty Procountoriin"}
	maps.Copy(values, options)
	w.Must(w.Engine.SetSource(w.T.Context(), "test", store.Source{Connection: w.Connection.ID, Kind: "severa", Schedule: source.Schedule{Every: 10 * time.Minute}},
		source.Config{Values: values, Secrets: map[string]secret.Secret{"client_secret": secret.New(SeveraSecret)}}))
}
