package htmlcheck

import (
	"strings"
	"testing"
)

func TestSelectors(t *testing.T) {
	d, err := Parse(strings.NewReader(`<main id="m"><p class="a b">one <b>two</b></p><p class="ab">three</p><form><input name="q" required></form></main><p class=a>four</p><script>x</script>`))
	if err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]string{
		"p":                  "one two|three|four",
		"p.a":                "one two|four",
		"p.a.b":              "one two",
		"main p.a":           "one two",
		"#m p":               "one two|three",
		"main#m b":           "two",
		"form input[name=q]": "",
		"input[required]":    "",
		".c":                 "none",
	} {
		all := d.All(selector)
		var texts []string
		for _, n := range all {
			texts = append(texts, n.Text())
		}
		got := strings.Join(texts, "|")
		if len(all) == 0 {
			got = "none"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	if strings.Contains(d.Text(), "x") {
		t.Error("a script counts as text")
	}
}
