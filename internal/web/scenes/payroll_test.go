package scenes

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web/webtest"
)

// juneFile is the SIE file of a June run with corrections of January to May, as a payroll
// program writes it; june is what June comes to.
func juneFile(company hub.Company, june string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("#FLAGGA 0")
	line("#FORMAT PC8")
	line("#SIETYP 4")
	line("#PROGRAM \"Palkat\" 1.0")
	line("#GEN 20260630")
	line("#ORGNR %s", company.BusinessID)
	line("#FNAMN \"%s\"", "Palkat")
	line("#RAR 0 20260101 20261231")
	line("#KONTO 5000 \"Palkat\"")
	line("#KONTO 2960 \"Palkkavelka\"")
	for m := 1; m <= 6; m++ {
		day := civil.Must(fmt.Sprintf("2026-%02d-01", m)).LastOfMonth()
		sum := fmt.Sprintf("%d.50", 100+m)
		if m == 6 {
			sum = june
		}
		line("#VER P %d %s \"Palkka-ajo\"", m, strings.ReplaceAll(day.String(), "-", ""))
		line("{")
		line("#TRANS 5000 {1 \"10\"} %s", sum)
		line("#TRANS 2960 {} -%s", sum)
		line("}")
	}
	return b.String()
}

// June's payroll with corrections of the months before: the file of another company is
// refused; the run is shown before it is taken and before it goes; a closed January goes on
// the first open day; the same run again is refused, a changed one shows its difference and
// asks; and who does not have the payroll right sees that a run was sent, and no amounts.
func TestJunePayroll(t *testing.T) {
	feature.Covers(t, "N-17", "N-18")
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				enginetest.Pays("", hub.ArriveApproved)(s)
			}})
			w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-01")
			w.Clock.Set(time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC))
			other := hub.Company{BusinessID: "1987654-5"}
			w.Must(w.Store.Tx(t.Context(), func(tx *store.Tx) error {
				for _, u := range []people.User{{Login: "palkat", Name: "Paula Palkka", Role: people.Admin, Payroll: true, Language: "fi"},
					{Login: "talous", Name: "Aino Laskula", Role: people.Finance, Language: "fi"}} {
					if _, err := tx.AddPerson(u, secret.New(webtest.Password)); err != nil {
						return err
					}
				}
				return nil
			}))
			runs := "/connections/" + w.Connection.ID + "/payroll"
			run := runs + "/run?run=" + url.QueryEscape(hub.RunID("2026-06", "Kesäkuu 2026"))
			base := serve(t, w.Store, w.Engine)
			p := Open(t, base, look)
			p.Expect("422")
			signIn(p, "palkat")
			p.Go("/connections/" + w.Connection.ID)
			p.Click("a[href$='/payroll']")
			p.Sees("h1", "Palkka-ajot")

			// 1. The file of another company.
			p.Upload("#file", juneFile(other, "3000.00"))
			p.Click("form.upload button")
			p.Sees("main", "1987654-5")
			p.Sees("main", "Mitään siitä ei tallennettu")

			// 2. In the right place: one run, six journals.
			p.Upload("#file", juneFile(w.Company, "3000.00"))
			p.Click("form.upload button")
			p.Sees("main", "6 muistiotositetta")
			p.Sees("table.parts", "tammikuu 2026")
			p.Sees("table.parts", "3 000,00")
			p.Shot("file")
			if !look.NoScript {
				p.Sound()
			}
			if len(w.Transfers()) != 0 {
				t.Errorf("%d documents before the file was taken", len(w.Transfers()))
			}
			p.Fill("#reference", "Kesäkuu 2026")
			p.Click("button[value='take']")
			p.Sees("h1", "Kesäkuu 2026")
			w.Settle()
			p.Go(runs)
			p.Click("table.runs th a")
			p.Sees("main", "Kustannuspaikka 10")

			// 3. January is closed: the first open day, both dates in the text.
			p.Sees("main", "Kausi on suljettu Procountorissa")
			p.Go("/connections/" + w.Connection.ID + "/settings")
			p.Choose(".settings-form select[name='payroll.closed_period']", "first_open_day")
			p.Click(".settings-form .save button")
			p.Sees("p.note.good", "Asetukset on tallennettu")
			p.Sees("table.settings", "viedään ensimmäiselle avoimelle päivälle, selitteessä molemmat päivät")
			w.Settle()
			p.Go(run)
			p.Sees(".standing .badge", "Lähetettävä")
			p.Sees("main", "1.2.2026")
			p.Shot("run")
			if !look.NoScript {
				p.Sound()
			}

			// 4. Send, after being asked with count and sums.
			if n := journals(w); n != 0 {
				t.Errorf("%d journals before sending", n)
			}
			p.Click("#send")
			p.Sees("#confirm", "6 muistiotositetta")
			p.Sees("#confirm", "3 517,50")
			p.Shot("confirm")
			p.Click("#confirm button")
			p.Sees("p.note.good", "6 muistiotositetta")
			w.Settle()
			p.Go(run)
			p.Sees(".standing .badge", "Lähetetty")
			p.Sees(".standing", "Paula Palkka")
			p.Shot("sent")
			if got := bookedOn(w, "5000").Fixed(2); got != "3517.50" {
				t.Errorf("the ledger has %s on 5000", got)
			}
			moved := false
			for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
				if r.Type == "JOURNAL" && !strings.Contains(r.Name+r.InvoiceNotes, "Kesäkuu 2026") {
					t.Errorf("a journal without the reference of the run: %+v", r)
				}
				moved = moved || strings.Contains(r.Name, "31.1.2026") && strings.Contains(r.Name, "1.2.2026")
			}
			if !moved {
				t.Error("no journal names both days of January")
			}

			// 5. The same again, then changed.
			p.Go(runs)
			p.Upload("#file", juneFile(w.Company, "3000.00"))
			p.Click("form.upload button")
			p.Fill("#reference", "Kesäkuu 2026")
			p.Click("button[value='take']")
			p.Sees("[role=alert]", "Tämä ajo on jo täällä")
			p.Click("[role=alert] a")
			p.Sees("h1", "Kesäkuu 2026")
			p.Go(runs)
			p.Upload("#file", juneFile(w.Company, "3100.00"))
			p.Click("form.upload button")
			p.Fill("#reference", "Kesäkuu 2026")
			p.Click("button[value='take']")
			p.Sees("p.note.good", "otettu vastaan")
			w.Settle()
			p.Go(run)
			p.Sees(".standing .badge", "Muuttunut lähetyksen jälkeen")
			p.Sees("table.sums tr.warn", "100,00")
			p.Shot("changed")
			if !look.NoScript {
				p.Sound()
			}
			p.Click("#do-difference_journal")
			p.Fill("#why", "Tuntilista korjattu")
			p.Click("#decide button")
			p.Sees("p.note.good", "Päätetty")
			w.Settle()
			p.Go(run)
			p.Sees(".standing .badge", "Lähetetty")
			if got := bookedOn(w, "5000").Fixed(2); got != "3617.50" {
				t.Errorf("the ledger has %s on 5000 after the correction", got)
			}

			// Whoever has no payroll right.
			q := Open(t, base, look)
			signIn(q, "talous")
			q.Go(runs)
			q.Sees("table.runs", "Kesäkuu 2026")
			q.Sees("table.runs", "Lähetetty")
			lacks(t, q, "617,50")
			q.Click("table.runs th a")
			q.Sees("main", "palkkaoikeus")
			lacks(t, q, "000,00")
			lacks(t, q, "100,00")
			q.Shot("hidden")
		})
	}
}

func lacks(t *testing.T, p *Page, words string) {
	t.Helper()
	if strings.Contains(p.Text("main"), words) {
		t.Errorf("the page shows %q", words)
	}
}

func journals(w *enginetest.World) (n int) {
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.Type == "JOURNAL" {
			n++
		}
	}
	return n
}

// bookedOn is what stands on an account in the sandbox's ledger.
func bookedOn(w *enginetest.World, account string) money.Amount {
	sum := money.Zero
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		for _, e := range r.Transactions {
			if r.Type == "JOURNAL" && e.Account == account && e.TransactionType == "ENTRY" {
				sum = sum.Add(money.Must(e.AccountingValue.String()))
			}
		}
	}
	return sum
}
