package hub

import (
	"testing"

	"github.com/vienti/vienti/internal/civil"
)

// What is known of a document is told when it has arrived, and what was told is not
// taken back; payments count as they are.
func TestReportOf(t *testing.T) {
	paid := &PaidWatch{State: PaidFully, Total: "125.50", Open: "0.00", Currency: "EUR", On: "2026-03-12"}
	part := &PaidWatch{State: PaidPartly, Total: "125.50", Open: "100.00", Currency: "EUR", On: "2026-03-11"}
	whole := Report{Arrived: true, Paid: PaidFully, PaidOn: civil.Must("2026-03-12"), PaidSum: "125.50", Currency: "EUR"}
	for name, x := range map[string]struct {
		state State
		paid  *PaidWatch
		want  Report
	}{
		"held":       {Held, paid, Report{}},
		"done":       {Done, nil, Report{Arrived: true}},
		"linked":     {Linked, &PaidWatch{State: PaidNothing, Total: "1", Open: "1"}, Report{Arrived: true}},
		"paid":       {DoneWithWarning, paid, whole},
		"a part":     {Done, part, Report{Arrived: true, Paid: PaidPartly, PaidOn: civil.Must("2026-03-11"), PaidSum: "25.50", Currency: "EUR"}},
		"taken back": {TakenBack, paid, Report{}},
	} {
		if got := ReportOf(&Transfer{State: x.state}, x.paid); got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
	arrived := Report{Arrived: true}
	for name, x := range map[string]struct {
		how       Telling
		told, now Report
		want      Report // what is written
	}{
		"nothing is said":            {Telling{}, Report{}, whole, Report{}},
		"only shown":                 {Telling{Status: TellShow, Payments: TellShow}, Report{}, whole, Report{}},
		"the status":                 {Telling{Status: TellWrite}, Report{}, whole, arrived},
		"both":                       {Telling{Status: TellWrite, Payments: TellWrite}, Report{}, whole, whole},
		"payments switched off":      {Telling{Status: TellWrite}, whole, arrived, whole},
		"a payment is gone":          {Telling{Status: TellWrite, Payments: TellWrite}, whole, arrived, arrived},
		"not there any more":         {Telling{Status: TellWrite, Payments: TellWrite}, whole, Report{}, whole},
		"payments, the status shown": {Telling{Status: TellShow, Payments: TellWrite}, Report{}, whole, Report{Paid: whole.Paid, PaidOn: whole.PaidOn, PaidSum: whole.PaidSum, Currency: "EUR"}},
	} {
		if got := x.how.Over(x.told, x.now, TellWrite); got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
}
