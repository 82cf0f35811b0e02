package scenes

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
)

// A letter about what is held goes to the address that was given for the connection,
// once for its cause, and to nobody before one was given.
func TestErrorsByMail(t *testing.T) {
	feature.Covers(t, "S-70")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	var taken []alert.Letter
	mail := func() {
		t.Helper()
		w.Clock.Add(24 * time.Hour)
		w.Must(w.Engine.PlanLetters(t.Context(), "http://vienti"))
		w.Must(w.Engine.SendLetters(t.Context(), "http://vienti", func(_ context.Context, l alert.Letter) error {
			taken = append(taken, l)
			return nil
		}))
	}
	p := admin(t, w)
	p.Go("/connections/" + w.Connection.ID)
	p.Click("a[href$='/mail']")
	p.Sees("main", "Osoitteita ei ole")
	mail()
	if len(taken) > 0 {
		t.Fatalf("%v", taken)
	}
	p.Fill("#mailbox", "talous@example.fi")
	p.Click("button[value=add]")
	p.Sees("main", "talous@example.fi saa viestejä tästä yhteydestä")
	p.Shot("added")
	for _, number := range []string{"1", "2"} {
		d := enginetest.Sale(number, "100.00")
		d.Lines[0].Unit = "laatikollinen"
		w.Receive(d)
	}
	w.Settle()
	mail()
	mail()
	if len(taken) != 1 || taken[0].To != "talous@example.fi" || !strings.Contains(taken[0].Body, "Tuntematon yksikkö") {
		t.Errorf("%+v", taken)
	}
}
