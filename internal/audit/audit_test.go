package audit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestSumNeverChanges(t *testing.T) {
	a := Act{Actor: "vienti", Kind: "company.paused", Subject: "c1", Detail: Detail(map[string]string{"why": "å"})}.
		Next(41, "aa", time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 7200)))
	// Computed once; chains that are out in the world depend on it.
	const want = "78f9ca5db99288aca60192d7f1736a3f1e564e18468b61dee35e722f7df19ee2"
	if a.Hash != want {
		t.Errorf("got %s, want %s", a.Hash, want)
	}
	if a.Seq != 42 || a.Prev != "aa" || a.At.UnixMilli() != 1767315845678 || a.At.Location() != time.UTC {
		t.Errorf("%+v", a)
	}
}

func TestEveryFieldIsInTheSum(t *testing.T) {
	base := Act{Actor: "a", Kind: "k", Subject: "s", Detail: []byte("{}")}.Next(1, "p", time.UnixMilli(5))
	for name, change := range map[string]func(*Act){
		"seq":     func(a *Act) { a.Seq++ },
		"at":      func(a *Act) { a.At = a.At.Add(time.Millisecond) },
		"actor":   func(a *Act) { a.Actor = "b" },
		"kind":    func(a *Act) { a.Kind = "l" },
		"subject": func(a *Act) { a.Subject = "t" },
		"detail":  func(a *Act) { a.Detail = []byte("[]") },
		"prev":    func(a *Act) { a.Prev = "q" },
		"shift":   func(a *Act) { a.Actor, a.Kind = "ak", "" },
	} {
		a := base
		change(&a)
		if a.Sum() == base.Sum() {
			t.Errorf("%s is not in the sum", name)
		}
	}
}

func TestCheck(t *testing.T) {
	good := Act{Actor: "a", Kind: "k", Subject: "s", Detail: []byte("{}")}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Act){
		"no actor":    func(a *Act) { a.Actor = "" },
		"no kind":     func(a *Act) { a.Kind = "" },
		"no subject":  func(a *Act) { a.Subject = "" },
		"long":        func(a *Act) { a.Subject = strings.Repeat("x", 1025) },
		"not UTF-8":   func(a *Act) { a.Actor = "\xff" },
		"zero byte":   func(a *Act) { a.Actor = "a\x00" },
		"not JSON":    func(a *Act) { a.Detail = json.RawMessage("{") },
		"JSON, bytes": func(a *Act) { a.Detail = json.RawMessage("\"\xff\"") },
		"long detail": func(a *Act) { a.Detail = Detail(strings.Repeat("x", 64<<10)) },
	} {
		a := good
		change(&a)
		if a.Check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if got := string(Detail(func() {})); !strings.Contains(got, "unsupported") || !json.Valid([]byte(got)) {
		t.Errorf("detail of a function: %s", got)
	}
}

func TestChain(t *testing.T) {
	acts := func() (all []Act) {
		prev := ""
		for i := range 4 {
			a := Act{Actor: "a", Kind: "k", Subject: "s"}.Next(int64(i), prev, time.UnixMilli(int64(i)))
			all, prev = append(all, a), a.Hash
		}
		return all
	}
	for name, c := range map[string]struct {
		change func(all []Act) []Act
		seq    int64
	}{
		"whole":          {func(all []Act) []Act { return all }, 0},
		"altered":        {func(all []Act) []Act { all[1].Kind = "l"; return all }, 2},
		"rewritten":      {func(all []Act) []Act { all[1].Kind = "l"; all[1].Hash = all[1].Sum(); return all }, 3}, // with a hash that is right
		"removed":        {func(all []Act) []Act { return append(all[:1], all[2:]...) }, 2},
		"twice":          {func(all []Act) []Act { return append(all[:2], all[1:]...) }, 2},
		"cut off":        {func(all []Act) []Act { return all[:3] }, 4},
		"longer":         {func(all []Act) []Act { return append(all, all[3].Next(4, all[3].Hash, time.UnixMilli(9))) }, 5},
		"last rewritten": {func(all []Act) []Act { all[3].Kind = "l"; all[3].Hash = all[3].Sum(); return all }, 4},
	} {
		var chain Chain
		end := acts()[3]
		var err error
		for _, a := range c.change(acts()) {
			if err = chain.Check(a); err != nil {
				break
			}
		}
		if err == nil {
			err = chain.End(end.Seq, end.Hash)
		}
		var got int64
		if b, ok := errors.AsType[*BrokenError](err); ok {
			got = b.Seq
		}
		if got != c.seq {
			t.Errorf("%s: got %v, want a break at %d", name, err, c.seq)
		}
	}
}
