package hub

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// Every state can be left or is settled, every state can be reached, and an
// unclear transfer is never handed back to be sent again without a look.
func TestMoves(t *testing.T) {
	reached := map[State]bool{Noticed: true, Ready: true}
	for _, from := range States {
		if _, ok := moves[from]; !ok {
			t.Errorf("%s has no way on", from)
		}
		for _, to := range moves[from] {
			reached[to] = true
		}
	}
	for _, s := range States {
		if !reached[s] {
			t.Errorf("%s cannot be reached", s)
		}
	}
	if MayMove(Unclear, Ready) || MayMove(Unclear, Done) {
		t.Error("an unclear transfer is left by looking only")
	}
	tr := Transfer{ID: "t1", State: Unclear}
	if err := tr.Move(Ready); err == nil || tr.State != Unclear {
		t.Errorf("Move broke the law: %v, %s", err, tr.State)
	}
}

func TestMark(t *testing.T) {
	key := StepKey("c", "n", "sales_invoice/1", 1, PostInvoice, 1, 1)
	if again := StepKey("c", "n", "sales_invoice/1", 1, PostInvoice, 1, 2); again == key {
		t.Error("two attempts share a key")
	}
	notes := WithMark("call the customer", Mark("Severa", "10234", key))
	for _, n := range []string{notes, notes + "\nthanks, M.", "x " + notes, strings.ReplaceAll(notes, "\n", "\r\n") + "."} {
		if got, ok := MarkIn(n); !ok || got != key {
			t.Errorf("MarkIn(%q) = %q, %v", n, got, ok)
		}
	}
	for _, n := range []string{"", "vienti:", "vienti:abc", "Severa 10234 · vienti:" + key[:15]} {
		if got, ok := MarkIn(n); ok {
			t.Errorf("MarkIn(%q) found %q", n, got)
		}
	}
}

// The version follows the content and nothing else.
func TestVersion(t *testing.T) {
	doc := func() *Document {
		q := money.Must("2")
		return &Document{Kind: SalesInvoice, Number: "7", Date: civil.Must("2026-03-01"), Lines: []Line{{Name: "x", Quantity: &q}}}
	}
	a, b := doc(), doc()
	if a.Version() != b.Version() {
		t.Error("equal documents have different versions")
	}
	b.Lines[0].VATPercent = money.Must("25.5")
	if a.Version() == b.Version() {
		t.Error("a changed row did not change the version")
	}
}

func TestSortKey(t *testing.T) {
	list := []string{"9", "10", "100", "2025-9", "2026-1", "A-9", "A-10", "B"}
	for i := 1; i < len(list); i++ {
		if SortKey(list[i-1]) >= SortKey(list[i]) {
			t.Errorf("%s must come before %s", list[i-1], list[i])
		}
	}
}
