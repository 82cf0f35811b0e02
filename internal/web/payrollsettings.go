package web

import (
	"cmp"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// payrollFields are the settings of payroll runs, beside those of every kind.
func (m formMaker) payrollFields(p hub.PayrollSettings, r *register.Copy) []settingField {
	return []settingField{
		choose(m, "payroll.runs", cmp.Or(p.Runs, hub.RunIsFile), hub.RunIsFile, hub.RunIsVoucher),
		choose(m, "payroll.closed_period", cmp.Or(p.ClosedPeriod, hub.ClosedHold), hub.ClosedHold, hub.ClosedFirstDay),
		m.box("payroll.by_employee", p.ByEmployee),
		m.field(numeric, "payroll.max_rows", strconv.Itoa(p.RowLimit())),
		m.ledger("payroll.clearing", p.Clearing, r),
		m.field(numeric, "payroll.keep_months", strconv.Itoa(p.KeepMonths)),
	}
}

// payrollOf reads them; what says the same as before stays unsaid.
func payrollOf(text func(string) string, is func(string) bool, whole func(string, *int), was hub.PayrollSettings) hub.PayrollSettings {
	p := hub.PayrollSettings{Runs: hub.RunIs(text("payroll.runs")), ClosedPeriod: hub.ClosedPeriod(text("payroll.closed_period")),
		Clearing: text("payroll.clearing"), ByEmployee: is("payroll.by_employee"), MaxRows: was.RowLimit(), KeepMonths: was.KeepMonths}
	whole("payroll.keep_months", &p.KeepMonths)
	if p.Runs == hub.RunIsFile && was.Runs == "" {
		p.Runs = ""
	}
	if p.ClosedPeriod == hub.ClosedHold && was.ClosedPeriod == "" {
		p.ClosedPeriod = ""
	}
	if whole("payroll.max_rows", &p.MaxRows); p.MaxRows == hub.UsualMaxRows && was.MaxRows == 0 {
		p.MaxRows = 0
	}
	return p
}
