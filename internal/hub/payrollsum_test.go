package hub

import (
	"testing"

	"github.com/vienti/vienti/internal/money"
)

func TestSumRows(t *testing.T) {
	row := func(account, amount string, dims ...Dimension) JournalRow {
		return JournalRow{Account: account, Amount: money.Must(amount), Dimensions: dims}
	}
	a, b := Dimension{Axis: CostCentreAxis, Code: "200"}, Dimension{Axis: CostUnitAxis, Code: "9"}
	was := []JournalRow{row("5000", "100", a, b), row("2900", "-100"), row("5100", "10"), row("2900", "-10")}
	now := []JournalRow{row("5000", "150", b, a), row("5000", "50", b, a), row("2900", "-200"), row("6000", "5"), row("6000", "-5")}
	got := SumRows(was, now)
	want := []struct{ account, was, now, diff string }{{"2900", "-110", "-200", "-90"}, {"5000", "100", "200", "100"}, {"5100", "10", "0", "-10"}}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i, w := range want {
		g := got[i]
		if g.Account != w.account || !g.Was.Equal(money.Must(w.was)) || !g.Now.Equal(money.Must(w.now)) || !g.Difference().Equal(money.Must(w.diff)) {
			t.Errorf("%s: %s, %s, %s; want %+v", g.Account, g.Was, g.Now, g.Difference(), w)
		}
	}
	if d := got[1].Dimensions; len(d) != 2 || d[0] != a {
		t.Errorf("dimensions %v", d)
	}
	if debit, credit := Sums(now); !debit.Equal(money.Must("205")) || !credit.Equal(money.Must("205")) {
		t.Errorf("debit %s, credit %s", debit, credit)
	}
}
