package engine_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/file"
)

// filesOf are the documents of a file of the readers' own tests, as this world's company's.
func filesOf(t *testing.T, w *enginetest.World, path, name string) (in []engine.Incoming, runs []*hub.Document) {
	t.Helper()
	b, err := os.ReadFile("../format/" + path)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte("2345678-0"), []byte(w.Company.BusinessID))
	for d, err := range file.Decode(bytes.NewReader(b), name, file.For(&w.Connection.Settings, w.Company.BusinessID)) {
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, engine.Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: name})
		runs = append(runs, d.Document)
	}
	return in, runs
}

// From file to books: every account, cost centre and month stands there as in the file,
// once, whatever the file is called the second time. What is not whole, or another
// company's, is held and nothing of it is booked.
func TestPayrollFromFiles(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveApproved)})
		var runs []*hub.Document
		take := func(path, name string) []engine.Receipt {
			t.Helper()
			in, list := filesOf(t, w, path, name)
			receipts, err := w.Engine.Receive(t.Context(), w.Connection.ID, in, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.Settle()
			for i, d := range list {
				if !hub.Stops(in[i].Faults) {
					runs = append(runs, d)
				}
			}
			return receipts
		}
		take("sie/testdata/five-months.si", "PALKAT.SI")
		again := take("sie/testdata/five-months.si", "PALKAT (2).SI")
		if again[0].Result != engine.ResultUnchanged {
			t.Errorf("the same run under another name: %+v", again[0])
		}
		runs = runs[:1]
		take("sie/testdata/bad-truncated.si", "cut.si")
		take("sie/testdata/bad-other-company.si", "other.si")
		wantRun(t, w, runs[0], slices.Repeat([]string{"done"}, 6)...)
		wantBooks(t, w, runs...)

		// What was sent is read back as what was handed over.
		posted, err := w.Engine.PostedRun(t.Context(), w.Connection.ID, runs[0].SourceID)
		if err != nil {
			t.Fatal(err)
		}
		var sent []*hub.Document
		for d, err := range sie.Decode(bytes.NewReader(sie.Write(&posted, civil.Must("2026-07-01"), false)), "", format.Options{Own: []string{w.Company.BusinessID}}) {
			if err != nil || len(d.Faults) > 0 {
				t.Fatal(err, d.Faults)
			}
			sent = append(sent, d.Document)
		}
		if diffs := enginetest.SameSums(enginetest.Wanted(sent...), enginetest.Wanted(runs...)); len(diffs) > 0 || sent[0].Number != runs[0].Number {
			t.Errorf("what was sent: %s: %s", sent[0].Number, strings.Join(diffs, "; "))
		}
	})
}

// What is wrong with a row is said with the line of the file in which it stands.
func TestPayrollPlaces(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveApproved)})
	for path, want := range map[string]string{"sie/testdata/cost-units.si": "L15/#TRANS", "journalxml/testdata/june.xml": "transaction[1]/line[1]"} {
		in, _ := filesOf(t, w, path, "x")
		f, err := w.Engine.Check(t.Context(), w.Connection.ID, in[0])
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, fault := range f.Faults {
			got = append(got, fault.Element)
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s: %q, want %s", path, got, want)
		}
	}
}

var payrollRows = flag.Int("payroll-rows", 3000, "rows of the run in TestManyPayrollRows; docs/measurements.md has 50000")

// A run of many rows is read, mapped and posted; -v says how long it takes and how much
// memory, the sandbox's included.
func TestManyPayrollRows(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: enginetest.Pays(hub.AtOnce, hub.ArriveApproved)})
	var b bytes.Buffer
	fmt.Fprintf(&b, "#FLAGGA 0\n#FORMAT PC8\n#SIETYP 4\n#ORGNR %s\n", w.Company.BusinessID)
	for left, n := *payrollRows, 1; left > 0; n++ {
		fmt.Fprintf(&b, "#VER P %d 2026%02d%02d \"Palkat maaliskuu 2026\"\n{\n", n, 1+n%3, 1+n%28)
		sum := 0
		for i := range min(left, 4000) - 1 {
			fmt.Fprintf(&b, "#TRANS %d {1 \"%d\"} %d.%02d \"\" \"Rivi %d\"\n", []int{5000, 5300}[i%2], 10+i%2*10, i, i%100, i)
			sum += 100*i + i%100
		}
		fmt.Fprintf(&b, "#TRANS 1910 {} -%d.%02d\n}\n", sum/100, sum%100)
		left -= 4000
	}
	runtime.GC()
	var before, m runtime.MemStats
	runtime.ReadMemStats(&before)
	begin, peak := time.Now(), uint64(0)
	look := func() { runtime.ReadMemStats(&m); peak = max(peak, m.HeapInuse) }
	var docs []*hub.Document
	for d, err := range file.Decode(&b, "palkat.si", file.For(&w.Connection.Settings, w.Company.BusinessID)) {
		if err != nil || len(d.Faults) > 0 {
			t.Fatal(err, d.Faults)
		}
		docs = append(docs, d.Document)
		look()
		if _, err := w.Engine.Receive(t.Context(), w.Connection.ID, []engine.Incoming{{Document: d.Document, Raw: d.Raw, Places: d.Places}}, nil); err != nil {
			t.Fatal(err)
		}
		look()
	}
	for !w.Resting() {
		w.Settle()
		look()
	}
	t.Logf("%d rows in %d journals: %.2f s, %d MB of heap at most, %d MB before", *payrollRows, len(w.OfRun(docs[0])), time.Since(begin).Seconds(), peak/1e6, before.HeapInuse/1e6)
	wantBooks(t, w, docs...)
}
