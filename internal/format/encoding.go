package format

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/hub"
	"golang.org/x/text/encoding/charmap"
)

var (
	utf8Mark  = []byte("\xef\xbb\xbf")
	utf16Mark = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}
	declared  = regexp.MustCompile(`^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)
)

// readable names the encodings, for the person who must send the file again.
const readable = "UTF-8, ISO-8859-1, ISO-8859-15, Windows-1252"

// decodeText returns the document as UTF-8, and the encoding that it declares. One
// that declares none is in that of the document before it in the file, as a file is
// written by one program. The warning says that the bytes were something else than
// declared, and that this was certain enough to go on.
func decodeText(raw []byte, before string) (text []byte, label string, warning, fault *hub.Fault) {
	marked := bytes.HasPrefix(raw, utf8Mark)
	if marked {
		raw = raw[len(utf8Mark):]
	}
	if m := declared.FindSubmatch(raw[:min(len(raw), 300)]); m != nil {
		label = string(m[1])
	}
	text, warning, fault = decodeAs(raw, label, firstOf(label, before), marked)
	return text, label, warning, fault
}

// DecodeText returns text in a file that declares no encoding as UTF-8. What is not
// UTF-8 is Windows-1252, which holds ISO-8859-1. Bytes that are some of each, for
// a program has joined two files, are a fault: one half would be read wrong.
func DecodeText(raw []byte) ([]byte, *hub.Fault) {
	if bytes.HasPrefix(raw, utf16Mark[0]) || bytes.HasPrefix(raw, utf16Mark[1]) {
		f := hub.NewFault(hub.EncodingWrong, "", "UTF-16", "form", readable)
		return nil, &f
	}
	marked := bytes.HasPrefix(raw, utf8Mark)
	raw = bytes.TrimPrefix(raw, utf8Mark)
	if !utf8.Valid(raw) {
		// Å, ä, ö and é are this byte and one more in UTF-8. In Windows-1252 it is a
		// letter of no language that is written here.
		for i := 0; i+1 < len(raw); i++ {
			if raw[i] == 0xc3 && raw[i+1] >= 0x80 && raw[i+1] < 0xc0 {
				return nil, encodingFault("UTF-8, Windows-1252", readable, badLine(raw))
			}
		}
	}
	text, _, fault := decodeAs(raw, "", "windows-1252", marked)
	return text, fault
}

func decodeAs(raw []byte, stated, label string, marked bool) (text []byte, warning, fault *hub.Fault) {
	asUTF8 := utf8.Valid(raw)
	ascii := asUTF8 && isASCII(raw)
	switch strings.ToLower(label) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		if !asUTF8 {
			return nil, nil, encodingFault(firstOf(label, "UTF-8"), readable, badLine(raw))
		}
		return raw, nil, nil
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "windows-1252", "cp1252", "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9":
	default:
		return nil, nil, encodingFault(label, readable, 0)
	}
	switch {
	case ascii:
		return raw, nil, nil
	case asUTF8:
		// Text in one of these encodings is never UTF-8 by chance as soon as it
		// has a letter outside ASCII: å is one byte there and two here.
		if stated == "" {
			return raw, nil, nil
		}
		w := encodingFault(label, "UTF-8", 0).Warn()
		return raw, &w, nil
	case marked:
		return nil, nil, encodingFault(label, "UTF-8", badLine(raw))
	}
	table := charmap.Windows1252
	if strings.HasSuffix(label, "15") || strings.EqualFold(label, "latin9") {
		table = charmap.ISO8859_15
	}
	var b bytes.Buffer
	b.Grow(len(raw) + len(raw)/8)
	line := 1
	for _, c := range raw {
		r := table.DecodeByte(c)
		// ISO-8859-1 has control characters where Windows-1252 has the euro
		// sign and quotes; programs that write these bytes mean the latter.
		// The five that Windows-1252 does not have, and the controls of
		// ISO-8859-15, are no text in either.
		if r == utf8.RuneError || r >= 0x80 && r < 0xa0 {
			return nil, nil, encodingFault(label, fmt.Sprintf("a byte 0x%02X has no meaning there", c), line)
		}
		if c == '\n' {
			line++
		}
		b.WriteRune(r)
	}
	return b.Bytes(), nil, nil
}

func encodingFault(label, form string, line int) *hub.Fault {
	f := hub.NewFault(hub.EncodingWrong, "", label, "form", form)
	if line > 0 {
		f.Args["line"] = fmt.Sprint(line)
	}
	return &f
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// badLine is the line of the first byte that is not UTF-8.
func badLine(raw []byte) int {
	line := 1
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		i += n
	}
	return line
}
