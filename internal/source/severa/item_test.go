package severa

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// Items are listed as rows name them, closed ones too, since a moment what has changed;
// another company's stay out.
func TestItems(t *testing.T) {
	w := newWorld(t)
	_, _, unit := w.fake.AddCompany("Toinen Oy", "7654321-2")
	w.fake.NewProject(9, "Toisen", w.Customer, unit)
	d := newDriver(w.env(), w.url, secretWord, map[string]string{"client_id": "vienti", "company": w.Company})
	list := func(since time.Time, axes ...string) (items []hub.Item) {
		t.Helper()
		for i, err := range d.Items(t.Context(), axes, since) {
			if err != nil {
				t.Fatal(err)
			}
			i.ID = ""
			items = append(items, i)
		}
		return items
	}
	want := []hub.Item{
		{Axis: "unit", Code: "Y234", Name: "Suunnittelutoimisto Kuusi Oy"}, {Axis: "unit", Code: "K234", Name: "Suunnittelutoimisto Kuusi Oy / kenttä"},
		{Axis: "project", Code: "1", Name: "Satama"}, {Axis: "project", Code: "2", Name: "Silta"},
		{Axis: "cost_centre", Code: "200", Name: "Suunnittelu"},
		{Axis: "product", Code: "LUPA", Name: "Lupamaksu"}, {Axis: "product", Code: "LAUTA", Name: "Lauta"}, {Axis: "product", Code: "SUUN", Name: "Suunnittelu"},
	}
	if diff := cmp.Diff(want, list(time.Time{}, hub.AxisUnit, hub.AxisProject, hub.AxisCostCentre, hub.ProductAxis)); diff != "" {
		t.Error(diff)
	}
	w.now = w.now.Add(time.Hour)
	since := w.now
	w.fake.Change("projects", w.OtherProject, func(o severafake.Object) { o["isClosed"], o["name"] = true, "Silta II" })
	w.fake.Change("worktypes", w.WorkType, func(o severafake.Object) { o["isActive"] = false })
	want = []hub.Item{{Axis: "project", Code: "2", Name: "Silta II", Closed: true}, {Axis: "product", Code: "SUUN", Name: "Suunnittelu", Closed: true}}
	if diff := cmp.Diff(want, list(since, hub.AxisUnit, hub.AxisProject, hub.AxisCostCentre, hub.ProductAxis)); diff != "" {
		t.Error(diff)
	}
	if got := list(time.Time{}, "region"); got != nil {
		t.Errorf("an axis that Severa does not have: %v", got)
	}
}
