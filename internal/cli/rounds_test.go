package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// A line says for whom an invoice waits, since when and until when; what is decided waits
// for nobody.
func TestRoundLines(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	say := locale.New("fi", helsinki)
	r := store.Round{ID: "r1", InvoiceID: 7, Number: "P-9", Supplier: "Olematon Tukku Oy", DueDate: "2026-03-24", Gross: "1234.50", Currency: "EUR",
		Round: circulation.Begin("u1", nil), Since: time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC), AnswerBy: civil.Must("2026-03-12")}
	if got := strings.Join(roundCells(say, &r, "maija@example.fi"), "|"); !strings.HasPrefix(got, "P-9|Olematon Tukku Oy|24.3.2026|") || !strings.Contains(got, "234,50") ||
		!strings.Contains(got, "|maija@example.fi|") || !strings.Contains(got, "10.3.2026") || !strings.HasSuffix(got, "12.3.2026") {
		t.Errorf("%s", got)
	}
	if x := roundLine("Kauppa", &r, "maija@example.fi"); x.WaitsFor != "maija@example.fi" || x.AnswerBy != "2026-03-12" || x.State != circulation.Open || x.Gross != "1234.50" {
		t.Errorf("%+v", x)
	}
	r.State = circulation.Ended
	if got := roundCells(say, &r, ""); got[6] != "" || got[5] != "" {
		t.Errorf("%q", got)
	}
}
