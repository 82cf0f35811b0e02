package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBenchmarkLine(t *testing.T) {
	for _, tc := range []struct {
		line string
		want []figure
	}{
		{"BenchmarkParse-2   \t 1000\t 342.0 ns/op\t 16 B/op", []figure{
			{Name: "money.Parse", Value: "342.0", Unit: "ns/op"},
			{Name: "money.Parse:B/op", Value: "16", Unit: "B/op"},
		}},
		{"BenchmarkPost/16_in_flight-2 100 1 docs/s", []figure{{Name: "money.Post/16_in_flight", Value: "1", Unit: "docs/s"}}},
		{"ok  \tgithub.com/vienti/vienti/internal/money\t0.4s", nil},
		{"BenchmarkX-2 100 fast ns/op", nil},
		{"PASS", nil},
	} {
		if diff := cmp.Diff(tc.want, benchmarkLine("internal/money", tc.line)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.line, diff)
		}
	}
}

const page = "# Measurements\n\n| name | value | unit | aim | command |\n|---|---|---|---|---|\n" +
	"| `hub_share` | | ratio | ≥ 0.3 | `vienti bench` |\n| `idle_memory` | 70 | MB | ≤ 80 | `vienti bench` |\n"

func TestPage(t *testing.T) {
	if diff := cmp.Diff(map[string]string{"hub_share": "≥ 0.3", "idle_memory": "≤ 80"}, aims(page)); diff != "" {
		t.Errorf("aims (-want +got):\n%s", diff)
	}
	got := fill(page, []figure{{Name: "hub_share", Value: "0.42", Unit: "ratio"}, {Name: "unknown", Value: "1", Unit: "s"}})
	want := strings.Replace(page, "| `hub_share` | | ratio", "| `hub_share` | 0.42 | ratio", 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}

// A command's lines come out as JSON lines with their aims; other lines do not.
func TestEach(t *testing.T) {
	var out bytes.Buffer
	b := bench{root: ".", out: &out, aims: aims(page)}
	read := func(line string) []figure {
		var f figure
		if json.Unmarshal([]byte(line), &f) != nil {
			return nil
		}
		return []figure{f}
	}
	err := b.each(context.Background(), read, "printf", `starting\n{"name":"hub_share","value":0.40,"unit":"ratio"}\n`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), `{"name":"hub_share","value":0.40,"unit":"ratio","aim":"≥ 0.3"}`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := b.each(context.Background(), read, "false"); err == nil {
		t.Error("a command that fails goes unnoticed")
	}
}
