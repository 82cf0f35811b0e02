package filetype

import (
	"archive/zip"
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
)

const whole = "%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n0\n%%EOF\n"

func archived(t *testing.T, name string, n int, stored bool) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	method := zip.Deflate
	if stored {
		method = zip.Store
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func drawn(t *testing.T, write func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	var b bytes.Buffer
	if err := write(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is wrong with a file is found in its content; what its name says it is
// held against that.
func TestInspect(t *testing.T) {
	pngFile := drawn(t, func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) })
	jpegFile := drawn(t, func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) })
	gifFile := drawn(t, func(b *bytes.Buffer, i image.Image) error { return gif.Encode(b, i, nil) })
	zipped := archived(t, "a.txt", 1000, false)
	workbook := archived(t, "xl/workbook.xml", 10, true)
	for _, tc := range []struct {
		name    string
		content []byte
		mime    string
		wrong   hub.FileProblem
		fits    bool
	}{
		{"lasku.pdf", []byte(whole), "application/pdf", "", true},
		{"LASKU.PDF", []byte("\xef\xbb\xbf\n" + whole), "application/pdf", "", true},
		{"cut.pdf", []byte(whole[:40]), "application/pdf", hub.FileBroken, true},
		{"none.pdf", []byte("this is no PDF"), "text/plain", "", false},
		{"page.pdf", []byte("<!DOCTYPE html><html><body>x</body></html>"), "text/html", "", false},
		{"both.pdf", append([]byte(whole), zipped...), "application/pdf", hub.FilePolyglot, true},
		{"embeds.pdf", append(append([]byte("%PDF-1.7\n"), zipped...), []byte("\nendstream\nstartxref\n0\n%%EOF\n")...), "application/pdf", "", true},
		{"hidden.gif", append(bytes.Clone(gifFile), zipped...), "image/gif", hub.FilePolyglot, true},
		{"front.zip", append(bytes.Clone(zipped[:30]), append([]byte(whole), zipped[30:]...)...), "application/zip", hub.FilePolyglot, true},
		{"a.png", pngFile, "image/png", "", true},
		{"cut.png", pngFile[:len(pngFile)/2], "image/png", hub.FileBroken, true},
		{"a.jpg", jpegFile, "image/jpeg", "", true},
		{"cut.jpeg", jpegFile[:20], "image/jpeg", hub.FileBroken, true},
		{"a.gif", gifFile, "image/gif", "", true},
		{"really.png", jpegFile, "image/jpeg", "", false},
		{"files.zip", zipped, "application/zip", "", true},
		{"broken.zip", zipped[:len(zipped)-10], "application/zip", hub.FileBroken, true},
		{"bomb.zip", archived(t, "zeros", 150<<20, false), "application/zip", hub.FileBomb, true},
		{"large.zip", archived(t, "zeros", 5<<20, false), "application/zip", "", true},
		{"tunnit.xlsx", workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "", true},
		{"tunnit.csv", []byte("a;b\n1;2\n"), "text/csv", "", true},
		{"muistio.txt", []byte("Hyvää päivää"), "text/plain", "", true},
		{"lasku.xml", []byte("<?xml version=\"1.0\"?><Finvoice/>"), "text/xml", "", true},
		{"run.pdf", append([]byte("MZ"), make([]byte, 200)...), "application/vnd.microsoft.portable-executable", hub.FileProgram, false},
		{"run.sh", []byte("#!/bin/sh\nrm -rf /\n"), "text/x-shellscript", hub.FileProgram, true},
		{"data.bin", []byte{0, 1, 2, 3}, "application/octet-stream", "", true},
		{"data.unknown", []byte(strings.Repeat("x", 10)), "text/plain", "", true},
		{"noend", []byte("x"), "text/plain", "", true},
	} {
		f := Inspect(tc.content)
		if f.Wrong != tc.wrong || Fits(tc.name, &f) != tc.fits || tc.mime != f.MIME && !(tc.mime == "text/csv" && f.Is("text/plain")) {
			t.Errorf("%s: %+v, fits %v; want %s %q %v", tc.name, f, Fits(tc.name, &f), tc.mime, tc.wrong, tc.fits)
		}
	}
}

// Anything at all is inspected without harm.
func FuzzInspect(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("PK\x03\x04PK\x05\x06"))
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		found := Inspect(b)
		if found.MIME == "" || strings.Contains(found.MIME, ";") {
			t.Errorf("%+v", found)
		}
	})
}
