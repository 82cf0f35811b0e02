package matching_test

import (
	"bytes"
	"testing"

	"github.com/vienti/vienti/internal/invented/parties"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
)

// register100k is a register of 100 000 partners, and pairs whose partners are in it.
func register100k(b *testing.B) ([]register.Partner, []matching.Pair) {
	b.Helper()
	pairs, err := matching.ReadPairs(bytes.NewReader(parties.Lines(1, 95_000)))
	if err != nil {
		b.Fatal(err)
	}
	var list []register.Partner
	for _, p := range pairs {
		list = append(list, p.Partners...)
	}
	if len(list) < 100_000 {
		b.Fatalf("%d partners", len(list))
	}
	return list[:100_000], pairs[:80_000]
}

// A party is looked up and judged among 100 000 partners in memory.
func BenchmarkMatch100k(b *testing.B) {
	list, pairs := register100k(b)
	x := matching.NewIndex(list)
	b.ReportAllocs()
	b.ResetTimer()
	i := 0
	for b.Loop() {
		p := &pairs[i%len(pairs)]
		x.Match(p.Party, p.Type, defaults)
		i++
	}
}

func BenchmarkNameForm(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		matching.NameForm("Oy Hölmölän Kuljetus ja Konsultointi Ab (publ)")
	}
}
