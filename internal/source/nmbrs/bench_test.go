package nmbrs

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/nmbrs/nmbrsfake"
)

// A journal of 50 000 rows: a large company's month, told apart by cost centre and cost unit.
func BenchmarkLargeRun(b *testing.B) {
	const n = 50_000
	var journal strings.Builder
	journal.WriteString(`<transactions><transaction><header><date>20260630</date><period>6/2026</period></header><lines>`)
	for i := range n {
		side := [2]string{"debit", "credit"}[i%2]
		fmt.Fprintf(&journal, `<line id="%d"><dim1>%d</dim1><dim2>%d</dim2><dim3>%d</dim3><value>%d.%02d</value><debitcredit>%s</debitcredit><description>Löner månad</description></line>`,
			i+1, 5000+i/2%400, i/2%97, i/2%31, 1000+i/2, i/2%100, side)
	}
	journal.WriteString(`</lines></transaction></transactions>`)
	const operation = "Journals_GetByRunCostCenterCostUnitPerYear"
	var answer bytes.Buffer
	answer.WriteString(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><` + operation + `Response><` + operation + `Result>`)
	if err := xml.EscapeText(&answer, []byte(journal.String())); err != nil {
		b.Fatal(err)
	}
	answer.WriteString(`</` + operation + `Result></` + operation + `Response></e:Body></e:Envelope>`)
	body := answer.String()

	now := time.Date(2026, 7, 3, 12, 0, 0, 0, time.UTC)
	fake := nmbrsfake.New("api@firma.example", token, func() time.Time { return now })
	run := june()
	run.Transactions = nil
	fake.Put(fake.AddCompany(fake.AddDebtor("K-1", "Koncernen"), 7, "Firman Ab"), run)
	fake.Answer(func(op string) (int, string, bool) { return http.StatusOK, body, op == operation })
	config := source.Config{Values: map[string]string{"user": "api@firma.example"}, Secrets: map[string]secret.Secret{"token": secret.New(token)}}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		d, err := Kind().Open(source.Env{HTTP: &http.Client{Transport: fake}, Now: func() time.Time { return now }}, config)
		if err != nil {
			b.Fatal(err)
		}
		p, err := source.New("Nmbrs", d).Pull(b.Context(), "", 1)
		if err != nil || len(p.Documents) != 1 || len(p.Documents[0].Document.Journals[0].Rows) != n {
			b.Fatalf("%d documents, %v", len(p.Documents), err)
		}
	}
}
