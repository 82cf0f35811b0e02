package engine

import (
	"context"
	"errors"
	"maps"

	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// ErrOtherConnector says that the credentials of a connection mean nothing to another one.
var ErrOtherConnector = errors.New("that connection is read by another connector")

// LikeSource completes options by the secrets of another connection that is read by the same
// connector: one user of a system often serves several of its companies. Which connections a
// person may copy from is the caller's to know.
func (e *Engine) LikeSource(ctx context.Context, kind string, config source.Config, like string) (source.Config, error) {
	if like == "" {
		return config, nil
	}
	kept, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (map[string]secret.Secret, error) { return secretsLike(tx, kind, like) })
	if err != nil {
		return config, err
	}
	maps.Copy(kept, config.Secrets)
	config.Secrets = kept
	return config, nil
}

// SetSourceLike is [Engine.SetSource] with the secrets of another connection where none are
// given.
func (e *Engine) SetSourceLike(ctx context.Context, actor string, s store.Source, config source.Config, like string) error {
	return e.setSource(ctx, actor, s, config, like)
}

func secretsLike(tx *store.Tx, kind, like string) (map[string]secret.Secret, error) {
	s, err := tx.Source(like)
	if store.IsNotFound(err) || err == nil && s.Kind != kind {
		return nil, ErrOtherConnector
	}
	if err != nil {
		return nil, err
	}
	c, err := tx.SourceConfig(like)
	return c.Secrets, err
}
