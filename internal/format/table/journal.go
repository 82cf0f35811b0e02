package table

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// journalWords are what [words] are, of journals.
var journalWords = map[string][]string{
	"date":         {"päivä", "päivämäärä", "pvm", "tositepäivä", "kirjauspäivä", "datum", "bokföringsdatum", "verifikationsdatum", "date", "postingdate", "boekdatum"},
	"period":       {"kausi", "palkkakausi", "kuukausi", "period", "löneperiod", "month", "periode", "maand"},
	"run":          {"palkkaajo", "ajo", "lönekörning", "körning", "run", "payrollrun", "loonrun", "verloning"},
	"account":      {"tili", "tilinumero", "tilinro", "konto", "kontonummer", "account", "accountnumber", "ledgeraccount", "grootboek", "grootboekrekening", "rekening"},
	"account_name": {"tilinnimi", "tilinimi", "kontonamn", "kontobenämning", "accountname", "rekeningnaam"},
	"debit":        {"debet", "debit"},
	"credit":       {"kredit", "credit"},
	"amount":       {"määrä", "summa", "euroa", "belopp", "amount", "sum", "bedrag"},
	"text":         {"selite", "kuvaus", "teksti", "palkkalaji", "text", "beskrivning", "benämning", "description", "omschrijving"},
	"cost_centre":  {"kustannuspaikka", "kp", "kostnadsställe", "ks", "costcentre", "costcenter", "kostenplaats"},
	"cost_unit":    {"kustannuskohde", "kustannuslaji", "kostnadsbärare", "costunit", "kostendrager"},
	"project":      {"projekti", "projektinumero", "projekt", "project", "projectnumber"},
	"employee":     {"henkilönumero", "henkilönro", "työntekijä", "anställningsnummer", "anställningsnr", "employee", "employeenumber", "personeelsnummer", "werknemer"},
	"currency":     {"valuutta", "valuta", "currency"},
}

// journals makes a document of each payroll run in the table, each with a journal for every
// period that its rows name. Rows of one run need not stand together.
func (t *Table) journals(m hub.TableMap) (list []format.Decoded) {
	column := t.columns(m)
	groups := map[string][]Row{}
	var order []string
	for _, r := range t.Rows {
		key := r.cell(column, "run")
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], r)
	}
	for _, key := range order {
		list = append(list, t.run(key, groups[key], column))
	}
	return list
}

func (t *Table) run(reference string, rows []Row, column map[string]int) format.Decoded {
	v := &reading{t: t, column: column, rows: rows, places: map[string]string{}, private: true}
	byMonth := map[hub.Month]*hub.RunJournal{}
	var months []hub.Month
	for _, r := range rows {
		row := v.journalRow(r)
		day, month := v.when(r)
		if month == "" {
			continue // said
		}
		j := byMonth[month]
		if j == nil {
			j = &hub.RunJournal{Period: month}
			byMonth[month] = j
			months = append(months, month)
		}
		if day.After(j.Date) {
			j.Date = day
		}
		j.Rows = append(j.Rows, row)
	}
	slices.Sort(months)
	var journals []hub.RunJournal
	for _, m := range months {
		journals = append(journals, *byMonth[m])
	}
	currency := money.Currency(strings.ToUpper(v.whole("currency", "currency")))
	if currency == "" {
		currency = "EUR"
	}
	raw := v.raw()
	if hub.Stops(v.faults) || len(journals) == 0 {
		return format.UnreadRun(reference, raw, v.faults)
	}
	if reference == "" { // the period, for the file may be called otherwise each time
		year, month, _ := strings.Cut(string(months[len(months)-1]), "-")
		reference = strings.TrimPrefix(month, "0") + "/" + year
	}
	return format.Decoded{Document: format.RunDocument(journals, reference, currency), Faults: v.faults, Raw: raw}
}

func (v *reading) journalRow(r Row) hub.JournalRow {
	row := hub.JournalRow{Account: r.cell(v.column, "account"), AccountName: r.cell(v.column, "account_name"), Text: r.cell(v.column, "text"),
		Employee: r.cell(v.column, "employee")}
	if at := strings.IndexByte(row.Account, ' '); at > 0 && row.AccountName == "" { // "5000 Wages"
		row.Account, row.AccountName = row.Account[:at], strings.TrimSpace(row.Account[at:])
	}
	if row.Account == "" {
		v.once(hub.NewFault(hub.FieldMissing, v.place(r, "account"), "", "field", v.header("account")))
	}
	for _, axis := range []string{hub.CostCentreAxis, hub.CostUnitAxis, "project"} {
		if code := r.cell(v.column, axis); code != "" {
			row.Dimensions = append(row.Dimensions, hub.Dimension{Axis: axis, Code: code})
		}
	}
	amount, debit, credit := v.number(r, "amount", "amount"), v.number(r, "debit", "debit"), v.number(r, "credit", "credit")
	switch {
	case amount != nil && debit == nil && credit == nil:
		row.Amount = *amount
	case debit != nil || credit != nil:
		if debit != nil {
			row.Amount = *debit
		}
		if credit != nil {
			row.Amount = row.Amount.Sub(*credit)
		}
	case r.cell(v.column, "amount")+r.cell(v.column, "debit")+r.cell(v.column, "credit") == "":
		field := "amount"
		if !v.has(field) {
			field = "debit"
		}
		v.once(hub.NewFault(hub.FieldMissing, v.place(r, field), "", "field", v.header(field)))
	}
	return row
}

// months as people write them: 6/2026, 06.2026, 2026-06, 202606.
var periods = []*regexp.Regexp{
	regexp.MustCompile(`^(?P<m>\d{1,2})[/.-](?P<y>\d{4})$`), regexp.MustCompile(`^(?P<y>\d{4})[/.-](?P<m>\d{1,2})$`), regexp.MustCompile(`^(?P<y>\d{4})(?P<m>\d{2})$`),
}

// when is the day of a row and the month that it belongs to. A day outside its period gives
// way to the last day of it.
func (v *reading) when(r Row) (civil.Date, hub.Month) {
	one := &reading{t: v.t, column: v.column, rows: []Row{r}, places: v.places, private: true}
	day := one.day("date", "date")
	for _, f := range one.faults {
		v.once(f)
	}
	period := r.cell(v.column, "period")
	if period == "" {
		if day.IsZero() && len(one.faults) == 0 {
			field := "date"
			if !v.has(field) {
				field = "period"
			}
			v.once(hub.NewFault(hub.FieldMissing, v.place(r, field), "", "field", v.header(field)))
		}
		return day, hub.MonthOf(day)
	}
	for _, form := range periods {
		m := form.FindStringSubmatch(period)
		if m == nil {
			continue
		}
		month, _ := strconv.Atoi(m[form.SubexpIndex("m")]) // digits
		if month < 1 || month > 12 {
			break
		}
		p := hub.Month(m[form.SubexpIndex("y")] + "-" + strconv.Itoa(month + 100)[1:])
		if days := p.Days(); !days.Contains(day) {
			day = days.Last
		}
		return day, p
	}
	v.invalid(r, "period", "6/2026")
	return day, ""
}

// ofPayroll reports whether a header looks like that of a journal: rows of debit and credit
// on accounts, and nothing that an invoice has.
func (t *Table) ofPayroll() bool {
	if t.propose("", hub.TableFields, words).Fields["number"] != "" {
		return false
	}
	return len(Lacks(t.propose(hub.PayrollJournal, hub.JournalFields, journalWords))) == 0
}

// Unmapped stands for a table whose columns nobody has explained. One that looks like
// payroll is of payroll.
func (t *Table) Unmapped(b []byte, name string) format.Decoded {
	f := hub.NewFault(hub.TableUnmapped, t.Sheet, "", "columns", strings.Join(t.Header, ", "))
	if t.ofPayroll() {
		return format.UnreadRun(filepath.Base(name), b, []hub.Fault{f})
	}
	return format.Unread(format.Part{Raw: b, Fault: &f})
}
