package pdf

import (
	"bytes"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
)

// A run as it was sent, in each language; many rows go over pages, with their head.
func TestRun(t *testing.T) {
	p := &format.Posted{Company: "Töölön Äly Oy", BusinessID: "2345678-0", Reference: "Palkat kesäkuu 2026", Currency: "EUR", Journals: []format.PostedJournal{
		{Number: "VJ-1", Receipt: 41, Date: civil.Must("2026-06-30"), Period: "2026-06", Rows: []format.PostedRow{
			{Account: "5000", Amount: money.Must("1250.5"), Text: "Kuukausipalkat", Dimensions: []format.PostedItem{{Axis: "cost_centre", Dimension: "Kustannuspaikka", Item: "200"}}},
			{Account: "1910", Amount: money.Must("-1250.50")}}},
		{Number: "VJ-2", Date: civil.Must("2026-01-31"), Period: "2026-01", Corrects: "VJ-0"},
	}}
	for range 100 {
		p.Journals[1].Rows = append(p.Journals[1].Rows, format.PostedRow{Account: "5000", Amount: money.Must("1.00"), Text: "Korotus"})
	}
	p.Journals[1].Rows = append(p.Journals[1].Rows, format.PostedRow{Account: "1910", Amount: money.Must("-100")})
	for lang, want := range map[locale.Language][]string{
		locale.Finnish: {"Palkka-ajo Palkat kesäkuu 2026", "Muistiotosite VJ-1", "tosite 41", "30.6.2026", "1 250,50", "1 350,50", "Korjaa muistiotositetta VJ-0", "2 muistiotositetta"},
		locale.Swedish: {"Lönekörningen Palkat kesäkuu 2026", "2026-06-30", "Debet"},
		locale.English: {"Payroll run Palkat", "receipt 41 in Procountor", "1,250.50", "Corrects the journal VJ-0"},
		locale.Dutch:   {"Loonrun Palkat", "1.250,50", "Rekening"},
	} {
		file, err := Run(p, speaker(lang))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Run(p, speaker(lang))
		if err != nil || !bytes.Equal(file, again) {
			t.Errorf("%s: not the same bytes again: %v", lang, err)
		}
		text := shown(file)
		for _, w := range append(want, "Töölön Äly Oy", "2345678-0", "Kustannuspaikka: 200", "Kuukausipalkat") {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in %s", lang, w, text)
			}
		}
		if heads := strings.Count(text, speaker(lang).T("sent.account")+"|"); strings.Count(text, "Korotus") != 100 || heads < 3 {
			t.Errorf("%s: %d rows, %d heads", lang, strings.Count(text, "Korotus"), heads)
		}
	}
}
