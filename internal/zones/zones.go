// Package zones is for tests that days do not move: it lets the process live in
// one zone after the other.
package zones

import (
	"testing"
	"time"
	_ "time/tzdata" // machines without a zone database have the same days
)

// all are forty zones: whole, half and quarter hours, both ends of the day, with
// and without summer time, south and north, and some that have jumped a day.
var all = []string{
	"UTC", "Europe/Helsinki", "Europe/Stockholm", "Europe/London", "Europe/Lisbon", "Europe/Istanbul", "Europe/Moscow", "Europe/Dublin",
	"Atlantic/Azores", "Atlantic/Reykjavik", "Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Africa/Johannesburg",
	"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/St_Johns",
	"America/Sao_Paulo", "America/Santiago", "America/Havana", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Shanghai", "Asia/Tokyo",
	"Asia/Beirut", "Australia/Adelaide", "Australia/Eucla", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia",
	"Pacific/Kiritimati", "Pacific/Honolulu", "Pacific/Pago_Pago",
}

// Days are those on which a day is most likely to move: clock changes of Europe,
// America and the south, turns of months and years.
var Days = []string{
	"2024-10-27", "2024-12-31", "2025-01-01", "2026-02-28", "2026-03-08", "2026-03-29", "2026-04-05", "2026-06-30", "2026-10-25", "2026-11-01", "2026-12-31",
}

// Each runs f with the zone of the process set to each of the zones; with -short
// to some. Tests that call it do not run beside others.
func Each(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	for i, name := range all {
		if testing.Short() && i%5 != 2 {
			continue
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		time.Local = zone
		t.Run(name, f)
	}
}
