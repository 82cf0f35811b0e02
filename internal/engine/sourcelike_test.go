package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// A connection takes the secrets of another one of the same connector, sealed as its own, and
// keeps them when they change there; those of another connector mean nothing to it.
func TestSourceLike(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		s := &shop{}
		w := sourced(t, world, s, enginetest.Config{})
		second := hub.Connection{ID: w.Store.NewID(), Company: w.Company.ID, Name: "Second", System: "shop", Settings: hub.DefaultSettings(civil.Must("2026-01-01"))}
		w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error { return tx.InsertConnection(second, "anna") }))
		of := store.Source{Connection: second.ID, Kind: "shop", Schedule: source.Schedule{Every: time.Hour}}
		config := source.Config{Values: map[string]string{"url": "https://second"}}
		if err := w.Engine.SetSource(t.Context(), "anna", of, config); err == nil {
			t.Error("set without a token")
		}
		if err := w.Engine.SetSourceLike(t.Context(), "anna", of, config, second.ID); !errors.Is(err, engine.ErrOtherConnector) {
			t.Errorf("like itself, which is not read yet: %v", err)
		}
		w.Must(w.Engine.SetSourceLike(t.Context(), "anna", of, config, w.Connection.ID))
		open := func(want string) {
			t.Helper()
			w.Must(w.Engine.PullNow(t.Context(), "anna", second.ID))
			if _, err := w.Engine.Pull(t.Context(), second.ID); err != nil {
				t.Fatal(err)
			}
			c := s.opens[len(s.opens)-1]
			if got := c.Secrets["token"]; got.Reveal() != want || c.Values["url"] != "https://second" {
				t.Errorf("opened with %v, token as wanted: %v", c.Values, got.Reveal() == want)
			}
		}
		open(token)
		w.Must(w.Engine.SetSource(t.Context(), "anna", store.Source{Connection: w.Connection.ID, Kind: "shop", Schedule: of.Schedule},
			source.Config{Values: map[string]string{"url": "https://shop"}, Secrets: map[string]secret.Secret{"token": secret.New("another")}}))
		open(token)
		config.Secrets = map[string]secret.Secret{"token": secret.New("given")}
		w.Must(w.Engine.SetSourceLike(t.Context(), "anna", of, config, w.Connection.ID))
		open("given")
		if _, err := w.Engine.LikeSource(t.Context(), "file", source.Config{}, w.Connection.ID); !errors.Is(err, engine.ErrOtherConnector) {
			t.Errorf("of another connector: %v", err)
		}
	})
}
