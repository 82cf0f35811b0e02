package severa

import (
	"errors"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

var (
	arrived = hub.Report{Arrived: true}
	paid    = hub.Report{Arrived: true, Paid: hub.PaidFully, PaidOn: civil.Must("2026-03-12")}
	partly  = hub.Report{Arrived: true, Paid: hub.PaidPartly, PaidOn: civil.Must("2026-03-12")}
)

// From where an invoice stands, and by what it is to say, follows what is told.
func TestReport(t *testing.T) {
	feature.Covers(t, "S-57")
	const waiting, after, paidThere, draft = "Odottaa siirtoa Procountoriin", "Siirretty Procountoriin", "Maksettu", "Luonnos"
	for name, x := range map[string]struct {
		at, day string
		r, told hub.Report
		want    string // what it says afterwards
		code    string
	}{
		"arrived":                       {waiting, "", arrived, hub.Report{}, after, ""},
		"says so already":               {after, "", arrived, hub.Report{}, after, ""},
		"paid there already":            {paidThere, "2026-03-01", arrived, hub.Report{}, paidThere + " 2026-03-01", ""},
		"put back by a person":          {draft, "", arrived, hub.Report{}, draft, hub.ReportLeft},
		"paid":                          {after, "", paid, arrived, paidThere + " 2026-03-12", ""},
		"paid at once":                  {waiting, "", paid, hub.Report{}, paidThere + " 2026-03-12", ""},
		"paid, without a day":           {after, "", hub.Report{Arrived: true, Paid: hub.PaidFully}, arrived, paidThere, ""},
		"paid on another day by now":    {paidThere, "2026-03-11", paid, hub.Report{Arrived: true, Paid: hub.PaidFully, PaidOn: civil.Must("2026-03-11")}, paidThere + " 2026-03-12", ""},
		"paid, a person says when":      {after, "2026-03-10", paid, arrived, after + " 2026-03-10", hub.ReportLeft},
		"paid, put back by a person":    {draft, "", paid, arrived, draft, hub.ReportLeft},
		"a part":                        {after, "", partly, arrived, after, ""},
		"not paid after all":            {paidThere, "2026-03-12", arrived, paid, paidThere + " 2026-03-12", hub.ReportUnpaid},
		"not paid, and seen to there":   {after, "", arrived, paid, after, ""},
		"payments only, nothing so far": {waiting, "", hub.Report{}, hub.Report{}, waiting, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newPaying(t)
			guid := h.invoice()
			for _, st := range h.fake.All("invoicestatuses") {
				if st["name"] == x.at {
					h.fake.SetStatus(guid, st["guid"].(string))
				}
			}
			if x.day != "" {
				h.fake.Change("invoices", guid, func(o severafake.Object) { o["paymentDate"] = x.day })
			}
			d := h.open(t, h.env(), nil)
			before := h.fake.Writes()
			rep, err := d.Report(t.Context(), guid, x.r, x.told)
			if err != nil {
				t.Fatal(err)
			}
			if x.code == "" && rep.Fault != nil || x.code != "" && (rep.Fault == nil || rep.Fault.Code != x.code || rep.Body != nil) {
				t.Errorf("%+v", rep)
			}
			if rep.Body != nil {
				would := words(rep.Would)
				again, err := d.Tell(t.Context(), guid, rep.Body)
				if err != nil || again.Body != nil || words(again.Says) != would {
					t.Errorf("%+v, %v", again, err)
				}
				if rep, err := d.Report(t.Context(), guid, x.r, x.r); err != nil || rep.Body != nil || rep.Fault != nil {
					t.Errorf("still to be told: %+v, %v", rep, err)
				}
			}
			o := h.fake.Get("invoices", guid)
			day, _ := o["paymentDate"].(string)
			if got := strings.TrimSpace(o["status"].(severafake.Object)["name"].(string) + " " + day); got != strings.ReplaceAll(x.want, ",", "") {
				t.Errorf("says %q, want %q", got, x.want)
			}
			if n := h.fake.Writes() - before; n > 1 || (n == 1) != (rep.Body != nil) {
				t.Errorf("%d writes", n)
			}
			if o["number"] != h.fake.Get("invoices", guid)["number"] {
				t.Error("the number was written")
			}
		})
	}
}

// A status that is gone, several that count as paid, a scope that is missing, a key
// that was revoked, an invoice that was removed: each has its class and its sentence.
func TestReportTrouble(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(h paying, guid string)
		class error
		say   string
	}{
		"status deleted": {func(h paying, _ string) { h.fake.Remove("invoicestatuses", h.Transferred) }, source.ErrOptions, "status_after"},
		"status switched off": {func(h paying, _ string) {
			h.fake.Change("invoicestatuses", h.Transferred, func(o severafake.Object) { o["isActive"] = false })
		}, source.ErrOptions, "status_after"},
		"two count as paid": {func(h paying, _ string) {
			h.fake.Change("invoicestatuses", h.Draft, func(o severafake.Object) { o["isPaid"] = true })
		}, source.ErrOptions, "status_paid"},
		"scope":        {func(h paying, _ string) { h.fake.Without("invoices:write") }, source.ErrDenied, "invoices:write"},
		"revoked":      {func(h paying, _ string) { h.fake.Revoke() }, source.ErrDenied, "client id"},
		"add-on off":   {func(h paying, _ string) { h.fake.Off("/v1/invoices", "FeatureIsNotEnabled") }, source.ErrDenied, "FeatureIsNotEnabled"},
		"invoice gone": {func(h paying, guid string) { h.fake.Remove("invoices", guid) }, source.ErrRefused, "not in Severa any more"},
	} {
		h := newPaying(t)
		guid := h.invoice()
		h.fake.SetStatus(guid, h.Waiting)
		x.spoil(h, guid)
		_, err := h.open(t, h.env(), nil).Report(t.Context(), guid, paid, hub.Report{})
		if !errors.Is(err, x.class) || !strings.Contains(err.Error(), x.say) || strings.Contains(err.Error(), secretWord) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
