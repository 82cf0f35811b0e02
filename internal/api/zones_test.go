package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/zones"
)

// A day that is pushed is the day in the request, in what Procountor has saved and
// in what is read back, wherever the program runs and whatever the hour is: the
// document's, due and delivery days, and the day a payment moved.
func TestDaysStay(t *testing.T) {
	zones.Each(t, func(t *testing.T) {
		w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			paid(s)
			for k, ks := range s.Kinds {
				ks.FirstDay, ks.Arrival = civil.Must("2024-01-01"), hub.ArriveApproved
				s.Kinds[k] = ks
			}
		}})
		for i, day := range zones.Days {
			date := civil.Must(day)
			number, due, last := "z"+day, date.AddDays(1), date.AddDays(2)
			// In Helsinki a little before midnight and a little after.
			midnight := date.AddDays(30).In(helsinki(t))
			w.Clock.Set(midnight.Add(time.Duration(1-2*(i%2)) * time.Minute))
			doc := with(with(with(sale(number, "10.00"), "date", day), "due_date", due.String()), "delivery", object{"first": day, "last": last.String()})
			self := w.want(http.StatusAccepted, "POST", "/v1/documents", doc).Body["links"].(object)["self"].(string)
			w.Settle()
			v := w.Vouchers(number)
			if len(v) != 1 {
				t.Fatalf("%s: %d vouchers: %s", day, len(v), enginetest.Describe(w.Transfer(number)))
			}
			if v[0].Date != day || v[0].PaymentInfo.DueDate != due.String() || v[0].DeliveryStartDate != day || v[0].DeliveryEndDate != last.String() {
				t.Errorf("%s became %s, due %s, delivered %s to %s", day, v[0].Date, v[0].PaymentInfo.DueDate, v[0].DeliveryStartDate, v[0].DeliveryEndDate)
			}
			got := w.want(http.StatusOK, "GET", self, nil)
			if got.str("date") != day {
				t.Errorf("%s reads back as %s", day, got.str("date"))
			}
			pay := w.want(http.StatusAccepted, "POST", "/v1/payments", payment("pay-"+number, "id-"+number, day, "12.55")).Body["id"].(string)
			w.Settle()
			if state, p := w.payState(pay); state != "done" {
				t.Fatalf("%s: the payment is %s: %v", day, state, p)
			}
			events := w.Sandbox.PaymentEvents(w.Company.ProcountorID)
			if last := events[len(events)-1]; len(events) != i+1 || *last.InvoiceID != v[0].ID || last.PaymentDate != day {
				t.Errorf("%s was marked paid: %+v", day, events)
			}
		}
	})
}

// What counts by the day it is counts by the day in Helsinki: a payment of tomorrow
// is in the future until midnight there, in whichever zone the program runs.
func TestTodayIsHelsinkis(t *testing.T) {
	zones.Each(t, func(t *testing.T) {
		for _, day := range []string{"2026-03-29", "2026-10-25", "2027-01-01"} {
			w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: paid})
			w.want(http.StatusAccepted, "POST", "/v1/documents", sale("7001", "10.00"))
			w.Settle()
			midnight := civil.Must(day).In(helsinki(t))
			for _, c := range []struct{ when, want string }{{"-1m", "held"}, {"1m", "done"}} {
				d, err := time.ParseDuration(c.when)
				if err != nil {
					t.Fatal(err)
				}
				w.Clock.Set(midnight.Add(d))
				id := w.want(http.StatusAccepted, "POST", "/v1/payments", payment("pay"+c.when, "id-7001", day, "1.00")).Body["id"].(string)
				w.Settle()
				if state, p := w.payState(id); state != c.want {
					t.Errorf("%s from the midnight of %s: %s: %v", c.when, day, state, p)
				}
			}
		}
	})
}

func helsinki(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
