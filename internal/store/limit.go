package store

import (
	"context"
	"fmt"
	"time"
)

// maxReservation bounds what one caller may take at once: times that are handed
// out cannot be given back.
const maxReservation = 1000

// ReserveRequests hands out the next n times at which a client of Procountor may
// send a request: first, first+interval, first+2·interval … Over all callers and
// nodes no two times of a client are closer than interval (GCRA without a burst).
// Nodes must agree about the time of day as far as the rate is to hold. Times are
// to the microsecond; an interval that is not is rounded up.
func (s *Store) ReserveRequests(ctx context.Context, clientID string, now time.Time, n int, interval time.Duration) (first time.Time, err error) {
	if n < 1 || n > maxReservation || interval <= 0 || interval > time.Minute {
		return first, fmt.Errorf("reserve %d requests, one each %s: out of bounds", n, interval)
	}
	us := int64((interval + time.Microsecond - 1) / time.Microsecond)
	var next int64
	err = s.Group(ctx, func(tx *Tx) error {
		// One statement, so that two nodes cannot read the same time.
		return tx.QueryRow(`insert into request_limit (client_id, next_us) values ($1, cast($2 as bigint) + cast($3 as bigint))
			on conflict (client_id) do update set next_us =
				case when request_limit.next_us > cast($2 as bigint) then request_limit.next_us else cast($2 as bigint) end + cast($3 as bigint)
			returning next_us`, clientID, now.UnixMicro(), int64(n)*us).Scan(&next)
	})
	if err != nil {
		return first, fmt.Errorf("reserve requests: %w", err)
	}
	return time.UnixMicro(next - int64(n)*us).UTC(), nil
}

// PauseRequests keeps all later reservations of a client behind until, as when
// Procountor has answered 429 with a time. Times handed out already stand.
func (s *Store) PauseRequests(ctx context.Context, clientID string, until time.Time) error {
	err := s.Group(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`insert into request_limit (client_id, next_us) values ($1, $2)
			on conflict (client_id) do update set next_us = excluded.next_us where request_limit.next_us < excluded.next_us`,
			clientID, until.UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("pause requests: %w", err)
	}
	return nil
}
