package archtest

import (
	"bytes"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxText keeps the searches below to files that people write; larger ones are
// data that others publish.
const maxText = 2 << 20

// texts calls visit with each text file of the repository.
func texts(t *testing.T, visit func(rel string, text []byte)) {
	t.Helper()
	walk(t, func(rel string) {
		info, err := os.Stat(filepath.Join(root, rel))
		if os.IsNotExist(err) || err == nil && (info.Size() > maxText || !info.Mode().IsRegular()) {
			return // a dangling link, or removed while we walk; or too large
		}
		text, err := os.ReadFile(filepath.Join(root, rel))
		if err != nil {
			t.Error(err)
			return
		}
		if !bytes.Contains(text[:min(len(text), 8000)], []byte{0}) {
			visit(rel, text)
		}
	})
}

// Credentials as they look in recorded traffic. Short or speaking values, such
// as "key-of-company-1", are ours.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`),
	regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`),
	regexp.MustCompile(`(?i)\bbearer +[A-Za-z0-9+/_=.-]{32,}`),
	regexp.MustCompile(`(?i)\b(api_?key|client_?secret|access_?token|refresh_?token|password)["']?\s*[=:]\s*["']?[A-Za-z0-9+/_.]{32,}`),
}

func TestNoSecretsInRecordings(t *testing.T) {
	texts(t, func(rel string, text []byte) {
		if !strings.Contains(rel, "testdata/") {
			return
		}
		for _, found := range secretsIn(text) {
			t.Errorf("%s: looks like a credential: %.12s…", rel, found)
		}
	})
	for text, want := range map[string]int{
		"Authorization: Bearer 0123456789abcdef0123456789abcdef":                1,
		"Authorization: Bearer token-1":                                         0,
		`"api_key": "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4MTIz"`:                     1,
		"api_key=key-of-company-1":                                              0,
		"token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.signature":      1,
		"-----BEGIN RSA PRIVATE KEY-----\nMIIB":                                 1,
		"password: [secret]":                                                    0,
		"grant_type=client_credentials&client_secret=REDACTED&api_key=REDACTED": 0,
	} {
		if got := len(secretsIn([]byte(text))); got != want {
			t.Errorf("%q: %d credentials found, want %d", text, got, want)
		}
	}
}

func secretsIn(text []byte) []string {
	var found []string
	for _, re := range secrets {
		for _, m := range re.FindAll(text, -1) {
			found = append(found, string(m))
		}
	}
	return found
}

var (
	// machinePath is a path that exists on somebody's machine only.
	machinePath = regexp.MustCompile(`(^|[\s"'(=:\x60])/(home|root|work|Users)/[A-Za-z0-9._-]+`)
	// packageHost is where somebody's machine fetches packages from.
	packageHost = regexp.MustCompile(`https?://[^\s"'/]*(registry|proxy|mirror)[^\s"'/]*`)
	goComment   = regexp.MustCompile(`//.*`)
	// upPath is a relative path; it must not lead out of the repository.
	upPath = regexp.MustCompile(`(?:\.\./)+[A-Za-z0-9._/-]*`)
)

// The repository speaks of itself alone: it must make sense wherever it is cloned.
func TestNothingPointsOutside(t *testing.T) {
	texts(t, func(rel string, text []byte) {
		if base := path.Base(rel); base == ".git" || base == "go.sum" || strings.Contains(rel, "testdata/") || rel == "internal/archtest/text_test.go" {
			return
		}
		for _, found := range outside(rel, string(text)) {
			t.Errorf("%s: %s", rel, found)
		}
	})
	for _, tc := range []struct {
		rel, text string
		want      int
	}{
		{"docs/a.md", "see /home/maija/notes", 1},
		{"docs/a.md", "GET /users/rights, /work", 0},
		{"docs/a.md", "[back](../README.md)", 0},
		{"docs/a.md", "[out](../../shared/README.md)", 1},
		{"a.md", "from ../shared", 1},
		{"internal/x/x.go", "// from ../../../shared", 1},
		{"internal/x/x.go", `open("../../../etc/passwd")`, 0},
		{"web/package-lock.json", `"resolved": "https://proxy.example.net/x.tgz"`, 1},
	} {
		if got := outside(tc.rel, tc.text); len(got) != tc.want {
			t.Errorf("%s %q: found %q, want %d", tc.rel, tc.text, got, tc.want)
		}
	}
}

func outside(rel, text string) []string {
	var found []string
	for _, m := range machinePath.FindAllString(text, -1) {
		found = append(found, "a path of one machine: "+strings.TrimSpace(m))
	}
	for _, m := range packageHost.FindAllString(text, -1) {
		found = append(found, "a host of one machine: "+m)
	}
	if path.Ext(rel) == ".go" {
		text = strings.Join(goComment.FindAllString(text, -1), "\n") // code may have names such as ../../etc/passwd to test
	}
	for _, m := range upPath.FindAllString(text, -1) {
		if strings.HasPrefix(path.Join(path.Dir(rel), m), "..") {
			found = append(found, "a path out of the repository: "+m)
		}
	}
	return found
}

var mdLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Links between our own pages lead somewhere.
func TestLinks(t *testing.T) {
	texts(t, func(rel string, text []byte) {
		if !strings.HasSuffix(rel, ".md") || strings.Contains(rel, "testdata/") {
			return
		}
		for _, m := range mdLink.FindAllSubmatch(text, -1) {
			u, err := url.Parse(string(m[1]))
			if err != nil || u.Scheme != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, path.Dir(rel), u.Path)); err != nil {
				t.Errorf("%s: dead link %s", rel, m[1])
			}
		}
	})
}
