package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/store"
)

// Who is given an invoice is told once, with all the others; reminded on the day by which
// an answer is wanted; and no sum or supplier stands in a letter.
func TestRoundMail(t *testing.T) {
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
	c.bought("P1", "10", "P-1001", "")
	c.bought("P2", "10", "P-1001", "")
	c.bought("P3", "10", "", "")
	c.seen()
	letters := func() (list []string) {
		c.T.Helper()
		c.Must(c.Engine.PlanLetters(t.Context(), "https://vienti.example"))
		c.Must(c.Store.Tx(t.Context(), func(tx *store.Tx) error {
			for {
				l, err := tx.ClaimLetter(time.Hour)
				if store.IsNotFound(err) {
					return nil
				}
				if err != nil {
					return err
				}
				if strings.HasPrefix(l.Key, "round/") {
					list = append(list, l.Address+": "+l.Subject)
					if strings.Contains(l.Body, "Olematon") || strings.Contains(l.Body, "12.55") || !strings.Contains(l.Body, "https://vienti.example/rounds") {
						t.Errorf("%s", l.Body)
					}
				}
				if err := tx.SettleLetter(l.Key, store.LetterSent, "", time.Time{}); err != nil {
					return err
				}
			}
		}))
		slices.Sort(list)
		return list
	}
	if got := letters(); len(got) != 2 || got[0] != "anna@example.fi: 1 purchase invoice waits for you" || got[1] != "maija@example.fi: 2 purchase invoices wait for you" {
		t.Fatalf("%q", got)
	}
	if got := letters(); got != nil {
		t.Errorf("told twice: %q", got)
	}
	due := civil.DayOf(c.Clock.Now(), time.UTC).AddDays(3)
	if why := c.does("maija", "P1", circulation.Decision{Act: circulation.HandOn, To: "boss", Text: "onko tämä meidän?", Due: due}); why != "" {
		t.Fatal(why)
	}
	if got := letters(); len(got) != 1 || !strings.HasPrefix(got[0], "boss@") {
		t.Errorf("%q", got)
	}
	c.Clock.Add(4 * 24 * time.Hour)
	if got := letters(); len(got) != 1 || !strings.HasPrefix(got[0], "boss@example.fi: Reminder: 1") {
		t.Errorf("%q", got)
	}
	if got := letters(); got != nil {
		t.Errorf("reminded twice: %q", got)
	}
}
