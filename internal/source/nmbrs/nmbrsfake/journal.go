package nmbrsfake

import (
	"fmt"
	"strings"
)

// dims are what tells the rows of a journal apart: dim2, and dim3 where there is one.
type dims struct{ two, three func(Line) string }

// journals says what each operation tells apart.
var journals = map[string]dims{
	"Journals_GetByRunCompany_v2":                {},
	"Journals_GetByRunCostCenter_v2":             {two: func(l Line) string { return l.Centre }},
	"Journals_GetByRunDepartment_v2":             {two: func(l Line) string { return l.Department }},
	"Journals_GetByRunEmployee_v2":               {two: func(l Line) string { return l.Employee }},
	"Journals_GetByRunCostCenterCostUnitPerYear": {two: func(l Line) string { return l.Centre }, three: func(l Line) string { return l.Unit }},
}

// journal writes the XML of a run: lines that differ in nothing that is told apart are one.
func (s *Server) journal(r *Run, by dims) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n<transactions>\n")
	for _, t := range r.Transactions {
		b.WriteString("<transaction>")
		header := []field{{"date", t.Date}, {"period", t.Period}}
		b.WriteString("<header>")
		s.fields(&b, header...)
		b.WriteString("</header><lines>")
		type key struct{ account, two, three, text string }
		sums, order := map[key]int64{}, []key{}
		for _, l := range t.Lines {
			k := key{account: l.Account, text: l.Text}
			if by.two != nil {
				k.two = by.two(l)
			}
			if by.three != nil {
				k.three = by.three(l)
			}
			if _, ok := sums[k]; !ok {
				order = append(order, k)
			}
			sums[k] += l.Cents
		}
		for i, k := range order {
			side, cents := "debit", sums[k]
			if cents < 0 {
				side, cents = "credit", -cents
			}
			fields := []field{{"dim1", k.account}}
			if by.two != nil {
				fields = append(fields, field{"dim2", k.two})
			}
			if by.three != nil && k.three != "" {
				fields = append(fields, field{"dim3", k.three})
			}
			fields = append(fields, field{"value", fmt.Sprintf("%d.%02d", cents/100, cents%100)}, field{"debitcredit", side}, field{"description", k.text})
			fmt.Fprintf(&b, `<line id="%d">`, i+1)
			s.fields(&b, fields...)
			b.WriteString("</line>")
		}
		b.WriteString("</lines></transaction>\n")
	}
	b.WriteString("</transactions>")
	return b.String()
}
