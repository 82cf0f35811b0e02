package bench

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
)

// payrollRows is the size of the run that is measured: 5 000 people with ten rows each.
const payrollRows = 50_000

// payroll measures a large payroll run, from the first byte of its SIE file to the proof
// of its last journal, and the most memory that this process holds meanwhile, sandbox
// included.
func payroll(ctx context.Context, o Options) ([]Figure, error) {
	rows := min(payrollRows, o.Documents*20)
	w, err := newWorld(ctx, o, "payroll", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	conn, err := store.ReadOne(ctx, w.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(connectionID) })
	if err != nil {
		return nil, err
	}
	s := conn.Settings
	s.Kinds[hub.PayrollJournal] = hub.KindSettings{On: true, FirstDay: civil.Must("2026-01-01"), Arrival: hub.ArriveApproved, When: hub.AtOnce}
	s.Payroll.Clearing = "2950"
	s.Dimensions = map[string]string{hub.CostCentreAxis: "Cost centre"}
	if _, err := w.engine.SetSettings(ctx, "bench", connectionID, 0, s); err != nil {
		return nil, err
	}
	sie := payrollFile(rows)
	runtime.GC()
	debug.FreeOSMemory()
	most, stop := watchMemory()
	start := time.Now()
	for f, err := range file.Decode(bytes.NewReader(sie), "palkat.se", file.For(&s, "1234567-1")) {
		if err == nil {
			_, err = w.engine.Receive(ctx, connectionID, []engine.Incoming{{Document: f.Document, Faults: f.Faults, Raw: f.Raw}}, nil)
		}
		if err != nil {
			return nil, err
		}
	}
	for {
		next, err := w.engine.Step(ctx, time.Now(), companyID)
		if err != nil {
			return nil, err
		}
		if next.After(time.Now().Add(time.Second)) {
			break
		}
	}
	took := time.Since(start)
	stop()
	booked := 0
	for _, r := range w.sandbox.Receipts(w.sandbox.Demo().CompanyID) {
		if r.Status == "APPROVED" {
			booked += len(r.Transactions)
		}
	}
	if booked < rows {
		list, err := store.ReadOne(ctx, w.store, func(tx *store.Tx) ([]hub.Transfer, error) { return tx.AllTransfers(companyID) })
		return nil, fmt.Errorf("%d of %d rows are booked: %v, %w", booked, rows, list[:min(len(list), 2)], err)
	}
	return []Figure{
		{"payroll_50000_rows", took.Seconds() * payrollRows / float64(rows), "s", "<=5"},
		{"payroll_50000_rows_memory", float64(*most) / 1e6, "MB", "<=200"},
	}, nil
}

// watchMemory notes the most that the process holds until stop.
func watchMemory() (most *uint64, stop func()) {
	most = new(uint64)
	done, ended := make(chan struct{}), make(chan struct{})
	note := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		*most = max(*most, m.HeapSys-m.HeapReleased+m.StackSys)
	}
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				note()
			case <-done:
				note()
				return
			}
		}
	}()
	return most, func() { close(done); <-ended }
}

// payrollFile is one voucher of wages by person and what is owed for them, as a payroll
// program writes it.
func payrollFile(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("#FLAGGA 0\n#PROGRAM \"Bench\" 1\n#FORMAT PC8\n#GEN 20260331\n#SIETYP 4\n#ORGNR 1234567-1\n#FNAMN \"Esimerkkipaja Oy\"\n" +
		"#RAR 0 20260101 20261231\n#DIM 1 \"Kostnadsställe\"\n#KONTO 5000 \"Palkat\"\n#KONTO 2960 \"Palkkavelka\"\n#VER \"L\" 1 20260331 \"Palkat 3/2026\"\n{\n")
	centres := []string{"10", "20", "30"}
	for i := range rows / 2 {
		cents := 100_000 + i*37%90_000
		fmt.Fprintf(&b, "   #TRANS 5000 {1 \"%s\"} %d.%02d 20260331 \"Palkka %d\"\n   #TRANS 2960 {} -%d.%02d 20260331 \"Palkka %d\"\n", centres[i%3], cents/100, cents%100, i,
			cents/100, cents%100, i)
	}
	b.WriteString("}\n")
	return bytes.ReplaceAll(b.Bytes(), []byte("ä"), []byte("a"))
}
