// Package formattest is what the tests of all readers of files share.
package formattest

import (
	"bytes"
	"encoding/json"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

var update = flag.Bool("update", false, "write what the reader makes of testdata into its golden files")

// A Suite is about one format.
type Suite struct {
	// Files are those of testdata, as a pattern; there are at least Least.
	Files string
	Least int
	// Blank are the characters that are no content: whoever hands over anything else
	// gets a document, were it one that says why it could not be read. Not checked when empty.
	Blank string
	// Decode reads a file.
	Decode func(file []byte) iter.Seq2[format.Decoded, error]
	// Sound is told a file and each document that is read of it, whatever the bytes are.
	Sound func(t testing.TB, file []byte, d format.Decoded)
}

// found is one document in a golden file.
type found struct {
	Document *hub.Document `json:"document"`
	Faults   []hub.Fault   `json:"faults,omitempty"`
}

// Collect reads all documents of a file.
func Collect(t testing.TB, documents iter.Seq2[format.Decoded, error]) (list []format.Decoded) {
	t.Helper()
	for d, err := range documents {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

// Golden reads each file and compares what is read of it with what stands beside it.
func (s Suite) Golden(t *testing.T) {
	for _, name := range s.names(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file := contentOf(t, name)
			list := []found{}
			for _, d := range Collect(t, s.Decode(file)) {
				list = append(list, found{d.Document, d.Faults})
				s.Sound(t, file, d)
			}
			got, err := json.MarshalIndent(list, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := strings.TrimSuffix(name, filepath.Ext(name)) + ".json"
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := contentOf(t, golden); !bytes.Equal(got, want) {
				t.Errorf("%s\n--- want\n%s--- got\n%s", name, want, got)
			}
		})
	}
}

// Fuzz reads any bytes, beginning with the files, and with what more makes of each.
func (s Suite) Fuzz(f *testing.F, more func(file []byte) []byte) {
	for _, name := range s.names(f) {
		file := contentOf(f, name)
		f.Add(file)
		if more != nil {
			f.Add(more(file))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		list := Collect(t, s.Decode(file))
		for _, d := range list {
			s.Sound(t, file, d)
		}
		if s.Blank != "" && len(list) == 0 && len(bytes.Trim(file, s.Blank)) > 0 {
			t.Fatal("something was handed over and nothing came of it")
		}
	})
}

// Sound holds for every document that is read of any bytes.
func Sound(t testing.TB, d format.Decoded) {
	t.Helper()
	if d.Document == nil || d.Document.SourceID == "" || d.Document.Kind == "" {
		t.Fatalf("no document, id or kind: %+v", d)
	}
	if _, err := json.Marshal(d.Document); err != nil {
		t.Fatalf("the document cannot be kept: %v", err)
	}
	if (d.Document.Kind == hub.Unreadable || d.Document.Number == "") && !hub.Stops(d.Faults) {
		t.Fatalf("a document without content must say why: %+v", d.Faults)
	}
	for _, f := range d.Faults {
		if f.Code == "" || f.Path == "" {
			t.Fatalf("a fault without code or path: %+v", f)
		}
	}
}

func (s Suite) names(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", s.Files))
	if err != nil || len(names) < s.Least {
		t.Fatalf("%d files, %v", len(names), err)
	}
	return names
}

func contentOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
