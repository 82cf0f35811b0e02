package engine

import (
	"context"
	"slices"

	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// maxMoments is how many readings with changes can be chosen from.
const maxMoments = 500

// FirstReading names the copy before the first change.
const FirstReading = "first"

// A RegisterComparison is what is different in a company's registers at a later
// moment.
type RegisterComparison struct {
	// Moments are the readings to choose from, the newest first; Whole says that all
	// are among them, so that the first reading can be chosen too.
	Moments []store.RegisterReading
	Whole   bool
	// From and To are ids of readings or [FirstReading], From the earlier one.
	From, To string
	Changes  []register.Change // see [register.Net]
}

// CompareRegisters compares the registers after one reading with those after
// another. Without from and to, they are the last two moments. Its error is
// [store.ErrNotFound] when there is no such reading.
func (e *Engine) CompareRegisters(ctx context.Context, company, from, to string) (c RegisterComparison, err error) {
	err = e.store.Read(ctx, func(tx *store.Tx) (err error) {
		if c.Moments, err = tx.RegisterMoments(company, maxMoments); err != nil || len(c.Moments) == 0 {
			return err
		}
		c.Whole = len(c.Moments) < maxMoments
		names := []string{}
		for _, m := range c.Moments {
			names = append(names, m.ID)
		}
		if c.Whole {
			names = append(names, FirstReading)
		}
		at := func(name string, otherwise int) (int, error) {
			i := slices.Index(names, name)
			if name == "" {
				i = otherwise
			}
			if i < 0 {
				return 0, store.ErrNotFound
			}
			return i, nil
		}
		newer, err := at(to, 0)
		if err != nil {
			return err
		}
		older, err := at(from, min(newer+1, len(names)-1))
		if err != nil {
			return err
		}
		if older < newer { // the other way round is the same question
			older, newer = newer, older
		}
		c.From, c.To = names[older], names[newer]
		var readings [][]register.Change
		for i := older - 1; i >= newer; i-- {
			r := c.Moments[i]
			if err := tx.LoadChanges(&r); err != nil {
				return err
			}
			readings = append(readings, r.Changes)
		}
		c.Changes = register.Net(readings)
		return nil
	})
	return c, err
}
