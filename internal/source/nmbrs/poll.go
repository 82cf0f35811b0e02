package nmbrs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/source"
)

// readAgain is how many of the newest locked runs are read in each run of ours though
// nothing in the list has changed: whether a journal that changes moves anything there is
// not published.
const readAgain = 3

// A print is the fingerprint of a run in the list, or of its journal.
type print string

func printOf(parts ...string) print {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return print(base64.RawStdEncoding.EncodeToString(sum[:8]))
}

// A seen run is one as it was seen last: Listed as the list shows it, "" since it was seen
// unlocked; Journal as it was shown, "" for one that never was.
type seen struct {
	Listed  print `json:"l,omitempty"`
	Journal print `json:"j,omitempty"`
}

// position is what a cursor says: all runs of the years that are read, as they were seen.
type position struct {
	// Of names company and detail. With others reading begins anew.
	Of   print           `json:"of"`
	Runs map[string]seen `json:"runs,omitempty"`
}

var errDamaged = errors.New("cursor of Nmbrs is damaged")

func (p position) cursor() (source.Cursor, error) {
	if len(p.Runs) == 0 {
		return "", nil
	}
	b, err := json.Marshal(p) // maps are written in the order of their keys
	return source.Cursor(b), err
}

// A snapshot is the list of runs as one run of ours has found it, until what may have
// changed has been read.
type snapshot struct {
	position
	next source.Cursor // that continues it
	left []run         // still to be read, oldest first
}

// Pull shows the locked runs whose journals are new or have changed. A run that is not
// locked is not shown; one that is unlocked and locked again is read anew, and shown if its
// journal is another.
func (d *Driver) Pull(ctx context.Context, cursor source.Cursor, limit int) (source.Page, error) {
	c, err := d.company(ctx)
	if err != nil {
		return source.Page{}, err
	}
	s := d.run
	if d.run = nil; s == nil || s.next != cursor {
		if s, err = d.look(ctx, c, cursor); err != nil {
			return source.Page{}, err
		}
	}
	var page source.Page
	for len(s.left) > 0 && len(page.Documents) < limit {
		r := s.left[0]
		journal, err := d.journal(ctx, c, r)
		if err != nil {
			return source.Page{}, err
		}
		now := seen{r.print(), printOf(r.reference(), journal)}
		if s.Runs[r.key()].Journal != now.Journal {
			page.Documents = append(page.Documents, d.found(c, r, journal))
		}
		s.Runs[r.key()] = now
		s.left = s.left[1:]
	}
	if page.Next, err = s.cursor(); err != nil {
		return source.Page{}, err
	}
	if page.More = len(s.left) > 0; page.More {
		s.next, d.run = page.Next, s
	}
	return page, nil
}

// look lists the runs, and finds those that are to be read.
func (d *Driver) look(ctx context.Context, c *company, cursor source.Cursor) (*snapshot, error) {
	var before position
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &before); err != nil {
			return nil, errDamaged
		}
	}
	s := &snapshot{position: position{Of: printOf(strconv.Itoa(c.ID), d.option["detail"]), Runs: map[string]seen{}}}
	if before.Of != s.Of {
		before.Runs = nil
	}
	runs, err := d.runs(ctx, c)
	if err != nil {
		return nil, err
	}
	locked := 0
	for _, r := range runs {
		if r.IsLocked {
			locked++
		}
	}
	for _, r := range runs {
		was, known := before.Runs[r.key()]
		switch {
		case r.IsLocked:
			if known {
				s.Runs[r.key()] = was
			}
			if locked <= readAgain || was.Listed != r.print() {
				s.left = append(s.left, r)
			}
			locked--
		case known:
			s.Runs[r.key()] = seen{Journal: was.Journal} // to be read when it is locked again
		}
	}
	return s, nil
}

// A run as Nmbrs lists it.
type run struct {
	ID          int    `xml:"ID"`
	Number      int    `xml:"Number"`
	Year        int    `xml:"Year"`
	PeriodStart int    `xml:"PeriodStart"`
	PeriodEnd   int    `xml:"PeriodEnd"`
	Description string `xml:"Description"`
	RunAt       string `xml:"RunAt"`
	IsLocked    bool   `xml:"IsLocked"`
}

func (r run) key() string { return strconv.Itoa(r.ID) }

// print is the fingerprint of all that the list says.
func (r run) print() print {
	return printOf(strconv.Itoa(r.Number), strconv.Itoa(r.Year), strconv.Itoa(r.PeriodStart), strconv.Itoa(r.PeriodEnd), r.Description, r.RunAt)
}

// reference is what people call the run; all its journals carry it (FEATURES N-20).
func (r run) reference() string {
	if t := strings.Join(strings.Fields(r.Description), " "); t != "" {
		return t
	}
	return strconv.Itoa(r.Number) + "/" + strconv.Itoa(r.Year)
}

// runs lists those of the years that are read, oldest first: to that of next month, for
// January may be run in December.
func (d *Driver) runs(ctx context.Context, c *company) ([]run, error) {
	var all []run
	known := map[int]bool{}
	for year := d.from; year <= d.lastYear(); year++ {
		var found struct {
			Runs []run `xml:"RunInfo"`
		}
		err := d.client.call(ctx, companyService, runsCall, []param{{"CompanyId", strconv.Itoa(c.ID)}, {"Year", strconv.Itoa(year)}}, &found)
		if err != nil {
			return nil, d.ours(c, err)
		}
		for _, r := range found.Runs {
			if r.PeriodEnd > 12 && d.option["periods"] == months {
				return nil, fmt.Errorf("%w: %s has a period %d, so its periods are no months: choose weeks in the option periods", source.ErrOptions, c, r.PeriodEnd)
			}
			if !known[r.ID] { // in two years' lists
				known[r.ID] = true
				all = append(all, r)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b run) int {
		return cmp.Or(strings.Compare(a.RunAt, b.RunAt), cmp.Compare(a.Year, b.Year), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

func (d *Driver) lastYear() int {
	today := civil.DayOf(d.client.env.Now(), time.UTC)
	return max(today.Year, today.AddDays(31).Year)
}

// journal asks for the journal of a run, as XML.
func (d *Driver) journal(ctx context.Context, c *company, r run) (string, error) {
	var journal string
	err := d.client.call(ctx, companyService, journalCall[d.option["detail"]],
		[]param{{"CompanyId", strconv.Itoa(c.ID)}, {"RunId", strconv.Itoa(r.ID)}, {"Year", strconv.Itoa(r.Year)}}, &journal)
	return strings.TrimSpace(journal), d.ours(c, err)
}
