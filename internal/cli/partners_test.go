package cli

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/feature"
)

// A source's customers are compared with Procountor's register before anything is
// sent: by the alternative number first, by either number as the setting says,
// with or without a business id; and the file for the source says Procountor's
// number, id, delivery method and e-invoice address of each.
func TestComparePartners(t *testing.T) {
	feature.Covers(t, "V-11", "V-12", "V-13", "V-14", "V-15")
	feature.Covers(t, "V-17", "V-33")
	j := newJoiner(t)
	j.run(0, j.flags()...)
	dir := t.TempDir()
	list := filepath.Join(dir, "customers.csv")
	if err := os.WriteFile(list, []byte("nimi;y-tunnus;asiakasnumero;vaihtoehtoinen asiakasnumero\n"+
		"Kuvitelma Kauppa Oy;2345678-0;7;1001\n"+ // the alternative number is Procountor's
		"Kuvitelma Kauppa;;1001;\n"+ // no business id: number and name
		"Kuvitelma Kauppa Oy;3456789-3;1001;\n"+ // another firm's number
		"Uusi Asiakas Oy;4567890-7;9;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "compared.csv")
	said := j.run(0, "partners", "compare", "--list", list, "--out", out)
	for _, want := range []string{"Found: 2", "In doubt: 1", "Not in Procountor: 1", "In Procountor only:"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	get := func(row int, column string) string {
		for i, name := range rows[0] {
			if name == column {
				return rows[row][i]
			}
		}
		t.Fatalf("no column %s", column)
		return ""
	}
	for i, want := range []string{"found", "found", "doubt", "missing", "only"} {
		if got := get(i+1, "state"); got != want {
			t.Errorf("row %d: %s, want %s", i+1, got, want)
		}
	}
	for column, want := range map[string]string{"procountor_customer_number": "1001", "procountor_business_id": "2345678-0", "delivery_method": "NO_SENDING", "einvoice_operator": ""} {
		if got := get(1, column); got != want {
			t.Errorf("%s: %q, want %q", column, got, want)
		}
	}
	if get(5, "procountor_customer_number") == "" || get(3, "why") != "partner-conflict" {
		t.Errorf("%v\n%v", rows[3], rows[5])
	}
	book := filepath.Join(dir, "compared.xlsx")
	j.run(0, "partners", "compare", "--list", list, "--out", book)
	if b, err := os.ReadFile(book); err != nil || !bytes.HasPrefix(b, []byte("PK")) {
		t.Errorf("%.20q, %v", b, err)
	}
	if err := os.WriteFile(list, []byte("what\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := j.run(2, "partners", "compare", "--list", list); !strings.Contains(said, `no column "name"`) {
		t.Error(said)
	}
	// Nothing was sent, and nobody is in doubt yet.
	if said := j.run(0, "partners"); !strings.Contains(said, "Nobody is in doubt") {
		t.Error(said)
	}
	if said := j.run(0, "partners", "said"); said == "" {
		t.Error("nothing is said")
	}
}

// The command that measures how partners are found.
func TestScoreCommand(t *testing.T) {
	j := newJoiner(t)
	if said := j.run(0, "partners", "score"); !strings.Contains(said, "pairs 2000,") || !strings.Contains(said, "linked wrongly 0, doubled 0") {
		t.Error(said)
	}
	file := filepath.Join(t.TempDir(), "pairs.jsonl")
	if err := os.WriteFile(file, []byte(`{"expect":"none","party":{"name":"Kuvitelma Oy","business_id":"2345678-0"},"partners":[{"id":1,"name":"Kuvitelma Oy","business_id":"FI23456780","active":true}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := j.run(1, "partners", "score", file); !strings.Contains(said, "linked wrongly 1") {
		t.Error(said)
	}
}
