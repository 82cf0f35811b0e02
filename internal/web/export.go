package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/sheet"
	"github.com/vienti/vienti/internal/store"
)

// maxExport bounds a table that is handed over: what spreadsheets and people can
// still look through.
const maxExport = 20_000

// export hands the list over as a table, as it is seen: its columns, its filter and
// its language; or what is chosen.
func (s *Server) export(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	f, err := parseFilter(q)
	if err != nil {
		return err
	}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	var list []hub.Transfer
	cut := false
	if q.Get("chosen") != "" {
		ids, err := s.choice(r.Context(), v, nil)
		if err != nil {
			return err
		}
		err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
			for _, id := range ids {
				t, err := tx.Transfer(id)
				if err != nil {
					return err
				}
				list = append(list, t)
			}
			return nil
		})
		if err != nil {
			return err
		}
	} else if list, cut, err = s.whole(r, v, f); err != nil {
		return err
	}
	if cut {
		s.say(r.Context(), false, v.say.T("export.too-many", "limit", v.say.Int(maxExport)))
		return back(w, r, f.query())
	}
	name := v.say.T("list.title") + "-" + civil.DayOf(s.o.Now(), v.say.Zone()).String()
	switch q.Get("as") {
	case "csv":
		rows := [][]string{columns(v, all)}
		for _, t := range list {
			rows = append(rows, words(v, all, t))
		}
		b, err := sheet.Write(rows)
		if err != nil {
			return err
		}
		handOver(w, name+".csv", b)
		return nil
	case "xlsx":
		b, err := workbook(v, all, list)
		if err != nil {
			return err
		}
		handOver(w, name+".xlsx", b)
		return nil
	}
	return errBadRequest
}

// whole reads all of a list; cut says that it is too long.
func (s *Server) whole(r *http.Request, v visit, f filter) (list []hub.Transfer, cut bool, err error) {
	f.After = ""
	sf := f.stored(v.sees())
	for {
		var page []hub.Transfer
		if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
			if err = f.whoActs(tx, &sf); err == nil {
				page, sf.After, err = tx.Page(sf)
			}
			return err
		}); err != nil {
			return nil, false, err
		}
		if list = append(list, page...); len(list) > maxExport {
			return nil, true, nil
		}
		if sf.After == "" {
			return list, false, nil
		}
	}
}

// columns are the headers of the table, as the list has them.
func columns(v visit, all places) []string {
	list := []string{v.say.T("list.state"), v.say.T("export.reason"), v.say.T("list.number"), v.say.T("filter.kind"), v.say.T("list.procountor-number"), v.say.T("list.partner"),
		v.say.T("list.date"), v.say.T("compare.due"), v.say.T("list.sum"), v.say.T("export.currency"), v.say.T("list.reference")}
	if len(all) > 1 {
		list = append(list, v.say.T("list.company"))
	}
	return list
}

// words is a row of the table as text.
func words(v visit, all places, t hub.Transfer) (list []string) {
	for _, c := range cells(v, all, t) {
		switch c := c.(type) {
		case money.Amount:
			list = append(list, v.say.Sum(c))
		case civil.Date:
			list = append(list, v.say.Date(c))
		case int64:
			list = append(list, strconv.FormatInt(c, 10))
		default:
			list = append(list, fmt.Sprint(c))
		}
	}
	return list
}

// cells are the values of a row: sums as amounts, days as days, the rest as text.
func cells(v visit, all places, t hub.Transfer) []any {
	day := func(s string) any {
		if d, err := civil.Parse(s); err == nil {
			return d
		}
		return s
	}
	var sum, there any = t.Gross, ""
	if a, err := money.Parse(t.Gross); err == nil {
		sum = a
	}
	if t.InvoiceNumber != 0 {
		there = t.InvoiceNumber
	}
	list := []any{v.say.T("state." + string(t.State)), reason(v.say, t), t.Number, kindOf(v.say, t), there, t.PartnerName, day(t.Date), day(t.DueDate), sum, t.Currency, t.Reference}
	if len(all) > 1 {
		p, _ := all.company(t.Company)
		list = append(list, p.Name)
	}
	return list
}

// workbook writes the table as a spreadsheet.
func workbook(v visit, all places, list []hub.Transfer) ([]byte, error) {
	var header []any
	for _, h := range columns(v, all) {
		header = append(header, h)
	}
	rows := [][]any{header}
	for _, t := range list {
		rows = append(rows, cells(v, all, t))
	}
	return sheet.Workbook(rows)
}
