package web

import (
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
)

func TestWordsOfListFields(t *testing.T) {
	for _, l := range locale.Languages {
		say := locale.New(l, nil)
		for _, f := range hub.TableFields {
			if !say.Has("list-field." + f) {
				t.Errorf("%s: no word for %s", l, f)
			}
		}
		for _, f := range hub.JournalFields {
			if !say.Has("journal-field." + f) {
				t.Errorf("%s: no word for %s", l, f)
			}
		}
	}
}
