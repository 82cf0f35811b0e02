package web

import (
	"testing"

	"github.com/vienti/vienti/internal/checklist"
	"github.com/vienti/vienti/internal/locale"
)

// Every line, place and state of a checklist has its words in every language.
func TestChecklistWords(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, nil)
		has := func(key string) {
			if !say.Has(key) {
				t.Errorf("%s: %s has no text", l, key)
			}
		}
		for _, name := range checklist.Names {
			has("checklist." + name + ".title")
			has("checklist." + name + ".remedy")
		}
		for _, p := range []checklist.Place{checklist.AtProcountor, checklist.AtSource, checklist.AtSettings} {
			has("checklist.at." + string(p))
		}
		for _, s := range []checklist.State{checklist.Good, checklist.Open, checklist.Advised} {
			has("checklist.state." + string(s))
		}
	}
}
