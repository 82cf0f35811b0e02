package scenes

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
)

// A list of invoices is handed in: what its columns are is proposed, tried out on the very
// file, kept, and known the next time and for every other way in.
func TestSceneList(t *testing.T) {
	for _, look := range []Look{Desk, Phone, {Width: 1280, Height: 860, NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := enginetest.OnSQLite(t)(enginetest.Config{})
			p := adminAt(t, w, look)
			look := func(name string) {
				p.Shot(name)
				if !look.NoScript {
					p.Sound()
				}
			}
			const list = "Laskunumero;Laskupäivä;Asiakas;Y-tunnus;Katuosoite;Postinumero;Postitoimipaikka;Maa;Mitä tehtiin;Määrä;à-hinta;Alv-%\n"
			const rows = "1001;10.3.2026;Kuvitelma Kauppa Oy;2345678-0;Keksittykatu 5;33100;Tampere;FI;Konsultointi;2;80,50;25,5\n" +
				"1001;;;;;;;;Matka;1;50;25,5\n1002;11.3.2026;Kuvitelma Kauppa Oy;2345678-0;Keksittykatu 5;33100;Tampere;FI;Työ;1;10,00;7\n"
			p.Go("/connections/" + w.Connection.ID)
			p.Click("main a[href$='/lists']")
			p.Sees("h1", "Luettelot")
			p.Upload("#file", list+rows)
			p.Click("form.upload button")
			p.Sees("#lacks", "Rivi: nimi")
			look("1-proposed")
			p.Choose("select[name='field.row_name']", "Mitä tehtiin")
			p.Click("#mapping button[value=try]")
			p.Sees(".list-preview", "Kuvitelma Kauppa Oy")
			p.Sees(".list-preview", "csv/row[4]/L")
			look("2-tried")
			if n := len(w.Transfers()); n != 0 {
				t.Errorf("%d transfers before anything was taken", n)
			}
			p.Click("#mapping button[value=take]")
			p.Sees("p.note.good", "2 tositetta otettiin sisään")
			if tr := w.Transfer("1001"); tr.State != hub.Ready {
				t.Error(enginetest.Describe(tr))
			}
			p.Go("/connections/" + w.Connection.ID + "/lists")
			p.Upload("#file", list+strings.ReplaceAll(rows, "100", "200"))
			p.Click("form.upload button")
			p.Sees("main", "Nämä sarakkeet tunnetaan")
			conn, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(w.Connection.ID) })
			w.Must(err)
			var got []string
			for d, err := range file.Decode(strings.NewReader(list+rows), "list.csv", file.For(&conn.Settings, "1234567-1")) {
				w.Must(err)
				got = append(got, d.Document.Number)
			}
			if strings.Join(got, " ") != "1001 1002" {
				t.Errorf("by another way: %v", got)
			}

			// A file of Heeros Sales Invoices is known without being explained.
			p.Go("/connections/" + w.Connection.ID + "/lists")
			p.Upload("#file", "A;1001;Kuvitelma Kauppa Oy;;2345678-0;;;Keksittykatu 5;33100;Tampere;FI;;;;;;;;;;;;;\n"+
				"L;3001;1001;;;;;;;;;;;;;;;;;;INV01;14;EUR;;;;;2026-03-10;;3001;1232\nR;3001;KONS;Konsultointi;2;80,50;N;h;;25,5;;;3000;;;\n")
			p.Click("form.upload button")
			p.Sees("#known-system", "Heerosin")
			p.Sees(".list-preview", "3001")
			look("3-heeros")
			p.Click("button[value=take]")
			p.Sees("p.note.good", "1 tosite otettiin sisään")
			if tr := w.Transfer("3001"); tr.State != hub.Ready {
				t.Error(enginetest.Describe(tr))
			}
		})
	}
}
