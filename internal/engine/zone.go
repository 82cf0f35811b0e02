package engine

import (
	"time"
	_ "time/tzdata" // machines without a zone database have the same days
)

// helsinki is the zone in which an instant becomes a day of bookkeeping.
var helsinki = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err) // embedded above
	}
	return loc
}()
