package alert_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
)

var noon = time.Date(2026, 3, 16, 10, 0, 0, 0, time.UTC)

func helsinki(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func all(string) bool { return true }

var (
	admin   = alert.Recipient{Address: "matti@example.fi", Language: "fi", Keeps: all}
	finance = alert.Recipient{Address: "aino@example.fi", Language: "sv"}
)

func stop(company, code string) alert.Cause {
	return alert.Cause{Company: company, Name: "Yhtiö " + company, Code: code, Since: noon.Add(-time.Hour)}
}

func waits(company, code string, n int) alert.Cause {
	return alert.Cause{Company: company, Name: "Yhtiö " + company, Code: code, Kind: hub.SalesInvoice, Count: n, Since: noon}
}

// One reason is one letter, however many companies it stops; each cause is told
// once, its end only if it was told; documents are one letter a day.
func TestOneCauseOneLetter(t *testing.T) {
	both := []alert.Recipient{admin, finance}
	told := func(c alert.Cause) alert.Cause { c.Told = true; return c }
	ended := func(c alert.Cause) alert.Cause { c.Ended = true; return c }
	yesterday := civil.Must("2026-03-15")
	var forty []alert.Cause
	for i := range 40 {
		forty = append(forty, stop(fmt.Sprint("c", i), hub.KeyDead))
	}
	for name, c := range map[string]struct {
		at       time.Time
		causes   []alert.Cause
		digested civil.Date
		want     []string // address and a part of the subject
	}{
		"nothing":               {causes: nil},
		"dead keys":             {causes: forty, want: []string{"matti@example.fi 40"}},
		"one dead key":          {causes: forty[:1], want: []string{"matti@example.fi Yhtiö c0"}},
		"told already":          {causes: []alert.Cause{told(forty[0])}},
		"one more":              {causes: []alert.Cause{told(forty[0]), forty[1]}, want: []string{"matti@example.fi Yhtiö c1"}},
		"told and over":         {causes: []alert.Cause{ended(told(forty[0]))}, want: []string{"matti@example.fi Vienti jatkaa"}},
		"never told and over":   {causes: []alert.Cause{ended(forty[0])}},
		"no answer":             {causes: []alert.Cause{stop("a", hub.ProcountorBroken)}, want: []string{"matti@example.fi Vienti seisoo", "aino@example.fi Vienti står stilla"}},
		"no answer for a blink": {causes: []alert.Cause{{Company: "a", Code: hub.ProcountorBroken, Since: noon.Add(-time.Minute)}}},
		"two reasons":           {causes: []alert.Cause{stop("a", hub.KeyDead), stop("b", hub.RightMissing)}, want: []string{"matti@example.fi Yhtiö a", "matti@example.fi Yhtiö b"}},
		"documents": {causes: []alert.Cause{waits("a", hub.AccountUnmapped, 2), waits("b", hub.AccountUnmapped, 3)}, digested: yesterday,
			want: []string{"matti@example.fi 5 tositetta", "aino@example.fi 5 dokument"}},
		"documents, told today":  {causes: []alert.Cause{waits("a", hub.AccountUnmapped, 2)}, digested: civil.Must("2026-03-16")},
		"documents, nothing new": {causes: []alert.Cause{told(waits("a", hub.AccountUnmapped, 9))}, digested: yesterday},
		"documents, something new": {causes: []alert.Cause{told(waits("a", hub.AccountUnmapped, 9)), waits("a", hub.PeriodClosed, 1)}, digested: yesterday,
			want: []string{"matti@example.fi 10", "aino@example.fi 10"}},
		"documents, mended":   {causes: []alert.Cause{ended(told(waits("a", hub.AccountUnmapped, 9)))}, digested: yesterday},
		"documents, at night": {at: time.Date(2026, 3, 16, 1, 0, 0, 0, time.UTC), causes: []alert.Cause{waits("a", hub.AccountUnmapped, 2)}, digested: yesterday},
	} {
		t.Run(name, func(t *testing.T) {
			at := noon
			if !c.at.IsZero() {
				at = c.at
			}
			letters, _ := alert.Letters(at, helsinki(t), c.causes, both, c.digested, "https://vienti.example.fi")
			if len(letters) != len(c.want) {
				t.Fatalf("%d letters, want %d: %+v", len(letters), len(c.want), letters)
			}
			keys := map[string]bool{}
			for i, l := range letters {
				to, part, _ := strings.Cut(c.want[i], " ")
				if l.To != to || !strings.Contains(l.Subject, part) || !strings.Contains(l.Body, "https://vienti.example.fi/") || strings.Contains(l.Subject+l.Body, "{") {
					t.Errorf("want %q: %+v", c.want[i], l)
				}
				keys[l.Key] = true
			}
			if len(keys) != len(letters) {
				t.Error("two letters have one key")
			}
			again, _ := alert.Letters(at.Add(time.Minute), helsinki(t), c.causes, both, c.digested, "https://vienti.example.fi")
			for i, l := range again {
				if l.Key != letters[i].Key {
					t.Errorf("planned by another a minute later it would be another letter: %s, %s", l.Key, letters[i].Key)
				}
			}
		})
	}
}

// Procountor's update on Saturday morning is known, and tells nobody; what lasts longer
// does, and so does the same hour of another day.
func TestKnownUpdateIsNoAlarm(t *testing.T) {
	zone := helsinki(t)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, zone) } // the 14th is a Saturday
	for name, c := range map[string]struct {
		since, now time.Time
		told       bool
	}{
		"while it is updated":          {at(14, 7, 5), at(14, 10, 55), false},
		"down shortly before":          {at(14, 6, 50), at(14, 7, 20), false},
		"long before":                  {at(14, 6, 30), at(14, 6, 50), true},
		"over by a few minutes":        {at(14, 7, 5), at(14, 11, 10), false},
		"still down":                   {at(14, 7, 5), at(14, 11, 15), true},
		"down before, and still after": {at(14, 6, 50), at(14, 11, 1), true},
		"after the update":             {at(14, 11, 0), at(14, 11, 14), false},
		"on a Friday":                  {at(13, 7, 5), at(13, 7, 20), true},
	} {
		down := stop("a", hub.ProcountorBroken)
		down.Since = c.since.UTC()
		letters, told := alert.Letters(c.now.UTC(), zone, []alert.Cause{down}, []alert.Recipient{admin}, civil.Date{}, "http://x")
		if len(letters) > 0 != c.told || len(told) > 0 != c.told {
			t.Errorf("%s: %+v, %+v", name, letters, told)
		}
	}
	dead, _ := alert.Letters(at(14, 8, 0), zone, []alert.Cause{stop("a", hub.KeyDead)}, []alert.Recipient{admin}, civil.Date{}, "http://x")
	if len(dead) != 1 {
		t.Errorf("a dead key is an alarm at any hour: %+v", dead)
	}
}

// Who may see some documents only is told of those only.
func TestLettersOfTheirOwn(t *testing.T) {
	limited := finance
	limited.Sees = func(c alert.Cause) bool { return c.Company == "a" }
	causes := []alert.Cause{waits("a", hub.PeriodClosed, 2), waits("b", hub.AccountUnmapped, 3)}
	letters, told := alert.Letters(noon, helsinki(t), causes, []alert.Recipient{limited}, civil.Date{}, "http://x")
	if len(letters) != 1 || !strings.Contains(letters[0].Subject, "2") || strings.Contains(letters[0].Body, "Yhtiö b") || len(told) != 2 {
		t.Errorf("%+v, %+v", letters, told)
	}
}

// What is new to others makes no letter to whoever has heard all of theirs; the
// link of a letter stops what it is about.
func TestOldNewsIsNoLetter(t *testing.T) {
	old := waits("a", hub.PeriodClosed, 2)
	old.Told, old.Connection = true, "c"
	fresh := waits("b", hub.AccountUnmapped, 3)
	fresh.Connection = "d"
	box := func(address string, see ...string) alert.Recipient {
		return alert.Recipient{Address: address, Shared: true, Sees: func(c alert.Cause) bool { return slices.Contains(see, c.Connection) }}
	}
	letters, _ := alert.Letters(noon, helsinki(t), []alert.Cause{old, fresh}, []alert.Recipient{box("a@x.fi", "c"), box("b@x.fi", "d"), box("c@x.fi", "c", "d")}, civil.Date{}, "http://x")
	if len(letters) != 2 || letters[0].Scope != alert.ConnectionScope("d") || letters[1].Scope != alert.EveryScope {
		t.Errorf("%+v", letters)
	}
}

// Every letter has words in every language, and no word of Procountor's own: they
// may hold anything.
func TestLetterWords(t *testing.T) {
	for _, l := range locale.Languages {
		odd := waits("a", hub.ProcountorCode+"Sum 1234.50 of Maija is odd", 1)
		letters, _ := alert.Letters(noon, helsinki(t), []alert.Cause{odd, stop("a", hub.KeyDead), stop("b", hub.ProcountorBroken)},
			[]alert.Recipient{{Address: "x@example.fi", Language: l, Keeps: all}}, civil.Date{}, "http://x")
		if len(letters) != 3 {
			t.Fatalf("%s: %+v", l, letters)
		}
		for _, m := range letters {
			if strings.Contains(m.Body, "Maija") || strings.Contains(m.Body, "1234") || strings.Contains(m.Subject+m.Body, "{") || strings.Contains(m.Subject, "mail.") {
				t.Errorf("%s: %+v", l, m)
			}
		}
	}
}
