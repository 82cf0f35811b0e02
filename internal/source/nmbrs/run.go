package nmbrs

import (
	"strconv"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/journalxml"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// found makes a document of a run and its journal. A journal that cannot be read, or has no
// rows, is shown with its faults, so that the run is not forgotten.
func (d *Driver) found(c *company, r run, journal string) source.Found {
	o := journalxml.Options{OtherPeriods: d.option["periods"] == weeks}
	if d.option["detail"] == byEmployee {
		o.Second = format.EmployeeAxis
	}
	doc := &hub.Document{Kind: hub.PayrollJournal, Number: r.reference(), Currency: d.currency, Lines: []hub.Line{}}
	var faults []hub.Fault
	if doc.Journals, faults = journalxml.Decode([]byte(journal), o); len(doc.Journals) == 0 && !hub.Stops(faults) {
		faults = append(faults, hub.NewFault(hub.RowsMissing, "transactions", ""))
	}
	if hub.Stops(faults) {
		doc.Journals = nil // half a run is none
	}
	for i := range doc.Journals {
		if j := &doc.Journals[i]; j.Date.After(doc.Date) {
			doc.Date = j.Date
		}
	}
	doc.SourceID = "nmbrs/" + strconv.Itoa(c.ID) + "/" + r.key()
	return source.Found{Document: doc, Faults: faults, Raw: []byte(journal), Name: "Nmbrs " + strconv.Itoa(r.Number) + "/" + strconv.Itoa(r.Year)}
}
