package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"
)

//go:embed static
var staticFolder embed.FS

// staticFiles are served under their name and the hash of their content, so
// that browsers may keep them for ever.
type staticFiles struct {
	content map[string][]byte
	hash    map[string]string
}

func newStaticFiles() *staticFiles {
	s := &staticFiles{map[string][]byte{}, map[string]string{}}
	entries, err := fs.ReadDir(staticFolder, "static")
	if err != nil {
		panic(err) // compiled in
	}
	for _, e := range entries {
		b, err := fs.ReadFile(staticFolder, "static/"+e.Name())
		if err != nil {
			panic(err)
		}
		if e.Name() == "vienti.css" {
			// One sheet: between two, a browser may ask for pictures of the first that the second
			// takes away, and the content policy forbids them. ReadDir sorts: the other is there.
			b = slices.Concat(s.content["pico.min.css"], []byte("\n"), b)
		}
		sum := sha256.Sum256(b)
		s.content[e.Name()], s.hash[e.Name()] = b, hex.EncodeToString(sum[:6])
	}
	return s
}

// url is the address of a file. It panics on a file that is not there: a page
// that names one is broken, and each page is shown in a test.
func (s *staticFiles) url(name string) string {
	h, ok := s.hash[name]
	if !ok {
		panic("no static file " + name)
	}
	return "/static/" + name + "?v=" + h
}

func (s *staticFiles) serve(w http.ResponseWriter, r *http.Request) {
	s.file(w, r, r.PathValue("file"))
}

func (s *staticFiles) favicon(w http.ResponseWriter, r *http.Request) { s.file(w, r, "favicon.svg") }

func (s *staticFiles) file(w http.ResponseWriter, r *http.Request, name string) {
	b, ok := s.content[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Cache-Control", "public, max-age=300")
	if r.URL.Query().Get("v") == s.hash[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}
