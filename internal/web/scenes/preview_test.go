package scenes

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
)

// Before writing is switched on, a finance person sees what the whole list would
// book, ticks two documents, and sees what those would.
func TestBookingsAreSeenFirst(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Settings: byMap([]hub.AccountRule{{Sales: true, Account: "3010"}}, hub.SalesInvoice)})
	held := enginetest.Sale("7003", "500.00")
	held.Payment.Reference = "1233"
	w.Receive(enginetest.Sale("7001", "100.00"), enginetest.Rows(enginetest.Sale("7002", "1.99"), "1.99", "1.99", "1.99"), held,
		enginetest.Purchase("7004", "19.90"), enginetest.Credit("7005", "40.00", "7001"))
	w.Settle()
	w.Sandbox.ForgetRequests()
	p := admin(t, w)
	p.Go("/documents")
	p.Click("#do-preview")
	p.Sees("h1", "Mitä kirjattaisiin")
	p.Sees("table.book", "3010 Sales of services")
	p.Sees("table.book", "Myyntireskontra")
	p.Sees("table.verdicts", "7003")
	p.Sound()
	p.Shot("preview")
	p.Go("/documents")
	p.Click("#tick-" + w.Transfer("7001").ID)
	p.Click("#tick-" + w.Transfer("7005").ID)
	p.Click("#do-preview")
	p.Sees("main", "2 valittua tositetta")
	p.Sees("table.book tfoot", "165,50")
	if asked := w.Sandbox.Requests(); len(asked) != 0 {
		t.Errorf("looking has asked Procountor %v", asked)
	}
}
