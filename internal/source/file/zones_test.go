package file_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/zones"
)

// A file says the same days wherever it is read.
func TestDaysOfFilesStay(t *testing.T) {
	var files []string
	for _, f := range []string{"finvoice", "ubl"} {
		list, err := filepath.Glob("../../format/" + f + "/testdata/*.xml")
		if err != nil || len(list) < 5 {
			t.Fatalf("%s: %d files, %v", f, len(list), err)
		}
		files = append(files, list...)
	}
	read := func(t *testing.T) map[string]string {
		all := map[string]string{}
		for _, name := range files {
			for d, err := range file.Read(name, file.Options{}) {
				if err != nil {
					continue // told in the tests of the formats
				}
				b, err := json.Marshal(d.Document)
				if err != nil {
					t.Fatal(err)
				}
				all[name] += string(b) + "\n"
			}
		}
		return all
	}
	here := read(t)
	zones.Each(t, func(t *testing.T) {
		if diff := cmp.Diff(here, read(t)); diff != "" {
			t.Error(diff)
		}
	})
}
