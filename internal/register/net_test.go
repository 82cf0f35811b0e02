package register_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/register"
)

// What was undone in between is not told; what remains has its first and last names.
func TestNet(t *testing.T) {
	change := func(how register.How, name, from, to string) register.Change {
		return register.Change{Thing: register.Thing{What: register.OfAccount, Key: "3000"}, How: how, Name: name, From: from, To: to}
	}
	added, removed := change(register.Added, "A", "", ""), change(register.Removed, "A", "", "")
	closed, opened := change(register.Closed, "A", "x", "y"), change(register.Opened, "A", "y", "x")
	ab, bc, ba := change(register.Renamed, "B", "A", "B"), change(register.Renamed, "C", "B", "C"), change(register.Renamed, "A", "B", "A")
	xy, yz, yx := change(register.Changed, "A", "x", "y"), change(register.Changed, "A", "y", "z"), change(register.Changed, "A", "y", "x")
	for _, c := range []struct {
		list []register.Change
		want string
	}{
		{nil, ""},
		{[]register.Change{added}, "added A"},
		{[]register.Change{added, ab}, "added B"},
		{[]register.Change{added, removed}, ""},
		{[]register.Change{added, closed}, "added A, closed A x y"},
		{[]register.Change{added, closed, opened}, "added A"},
		{[]register.Change{removed}, "removed A"},
		{[]register.Change{closed, removed}, "removed A"},
		{[]register.Change{removed, added}, ""},
		{[]register.Change{closed, removed, added}, ""},
		{[]register.Change{removed, change(register.Added, "B", "", "")}, "renamed B A B"},
		{[]register.Change{closed}, "closed A x y"},
		{[]register.Change{closed, opened}, ""},
		{[]register.Change{opened, closed}, ""},
		{[]register.Change{closed, opened, closed}, "closed A x y"},
		{[]register.Change{opened}, "opened A y x"},
		{[]register.Change{ab, bc}, "renamed C A C"},
		{[]register.Change{ab, ba}, ""},
		{[]register.Change{ab, change(register.Closed, "B", "", "")}, "renamed B A B, closed B"},
		{[]register.Change{xy, yz}, "changed A x z"},
		{[]register.Change{xy, yx}, ""},
	} {
		var readings [][]register.Change
		for _, x := range c.list {
			readings = append(readings, []register.Change{x})
		}
		var got []string
		for _, x := range register.Net(readings) {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", x.How, x.Name, x.From, x.To)))
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%+v: %q, want %q", c.list, g, c.want)
		}
	}
	// Register by register, whatever the order of the readings.
	vat := register.Change{Thing: register.Thing{What: register.OfVATStatus, Key: "1"}, How: register.Added, Name: "V"}
	if got := register.Net([][]register.Change{{closed, vat}}); len(got) != 2 || got[0] != vat || got[1] != closed {
		t.Errorf("%+v", got)
	}
}
