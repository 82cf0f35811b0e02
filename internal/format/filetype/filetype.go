// Package filetype says what a file is by its content, whatever its name says,
// and what is wrong with it: a PDF that breaks off, an archive that unpacks to a
// thousand times its size, a file that is two things at once. It unpacks nothing.
package filetype

import (
	"archive/zip"
	"bytes"
	"image"
	_ "image/gif" // their headers are read
	_ "image/jpeg"
	_ "image/png"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/vienti/vienti/internal/hub"
)

const (
	// maxEntries of an archive: invoices carry a few files, not a file system.
	maxEntries = 10_000
	// maxUnpacked is what an archive may claim to unpack to; maxRatio counts from
	// minBomb on, for text shrinks a lot and harms nobody.
	maxUnpacked = 1 << 30
	maxRatio    = 100
	minBomb     = 100 << 20
	// pdfHead and pdfTail are how far from its ends a PDF may carry its signature and
	// its end mark, as readers accept it.
	pdfHead, pdfTail = 1024, 2048
)

const (
	typePDF  = "application/pdf"
	typeZIP  = "application/zip"
	typeNone = "application/octet-stream"
)

// programs are types that a computer runs.
var programs = []string{
	"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-executable", "application/x-sharedlib", "application/x-mach-binary",
	"application/x-java-applet", "application/jar", "application/java-archive", "application/x-ms-installer", "application/x-ms-shortcut",
	"application/x-msi", "text/x-shellscript", "application/x-sh", "application/vnd.android.package-archive",
}

// Inspect reads a content.
func Inspect(content []byte) hub.FileFound {
	m := mimetype.Detect(content)
	f := hub.FileFound{MIME: plain(m.String())}
	for p := m.Parent(); p != nil; p = p.Parent() {
		if t := plain(p.String()); t != typeNone {
			f.Broad = append(f.Broad, t)
		}
	}
	at := bytes.Index(content[:min(len(content), pdfHead)], []byte("%PDF-"))
	if at >= 0 && f.MIME != typePDF && len(bytes.Trim(content[:at], "\x00\t\r\n \xef\xbb\xbf")) == 0 {
		f.MIME, f.Broad = typePDF, nil
	}
	f.Wrong = problem(content, &f, at)
	return f
}

func plain(mime string) string {
	mime, _, _ = strings.Cut(mime, ";")
	return mime
}

func problem(content []byte, f *hub.FileFound, pdfAt int) hub.FileProblem {
	if slices.ContainsFunc(programs, f.Is) {
		return hub.FileProgram
	}
	switch {
	case f.Is(typeZIP):
		if pdfAt >= 0 {
			return hub.FilePolyglot
		}
		return archive(content)
	case f.MIME == typePDF:
		if twin(content) {
			return hub.FilePolyglot
		}
		if !bytes.Contains(content[max(0, len(content)-pdfTail):], []byte("%%EOF")) {
			return hub.FileBroken
		}
	case pdfAt >= 0 && !f.Is("text/plain"), f.Is("text/html") && pdfAt >= 0:
		return hub.FilePolyglot
	case f.MIME == "image/png", f.MIME == "image/jpeg", f.MIME == "image/gif":
		if twin(content) {
			return hub.FilePolyglot
		}
		return picture(content, f.MIME)
	}
	return ""
}

// twin reports whether a file that is something else is an archive as well: one
// that ends where the file ends. One that is embedded in a PDF ends before.
func twin(content []byte) bool {
	const end, size = "PK\x05\x06", 22
	at := bytes.LastIndex(content, []byte(end))
	if at < 0 || len(content)-at < size {
		return false
	}
	comment := int(content[at+20]) | int(content[at+21])<<8
	if at+size+comment < len(content) {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	return err == nil && len(z.File) > 0
}

func archive(content []byte) hub.FileProblem {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return hub.FileBroken
	}
	if len(z.File) > maxEntries {
		return hub.FileBomb
	}
	var packed, unpacked uint64
	for _, e := range z.File {
		if e.UncompressedSize64 > maxUnpacked {
			return hub.FileBomb
		}
		unpacked += e.UncompressedSize64
		packed += e.CompressedSize64
	}
	// Entries that overlap claim more packed bytes than there are.
	if unpacked > maxUnpacked || packed > uint64(len(content)) || unpacked > minBomb && unpacked > maxRatio*uint64(len(content)) {
		return hub.FileBomb
	}
	return ""
}

// picture reads the head of a picture and looks for its end.
func picture(content []byte, mime string) hub.FileProblem {
	if _, _, err := image.DecodeConfig(bytes.NewReader(content)); err != nil {
		return hub.FileBroken
	}
	end := map[string]string{"image/png": "IEND", "image/jpeg": "\xff\xd9", "image/gif": "\x3b"}[mime]
	if !bytes.Contains(content[len(content)/2:], []byte(end)) {
		return hub.FileBroken
	}
	return ""
}

// types are what the content must be when a name ends so.
var types = map[string][]string{
	".pdf": {typePDF}, ".png": {"image/png", "image/vnd.mozilla.apng"}, ".jpg": {"image/jpeg"}, ".jpeg": {"image/jpeg"}, ".gif": {"image/gif"},
	".tif": {"image/tiff"}, ".tiff": {"image/tiff"}, ".bmp": {"image/bmp"}, ".webp": {"image/webp"}, ".heic": {"image/heic", "image/heif"}, ".heif": {"image/heic", "image/heif"},
	".zip": {typeZIP}, ".txt": {"text/plain"}, ".csv": {"text/plain"}, ".json": {"application/json", "text/plain"},
	".xml": {"text/xml", "application/xml"}, ".html": {"text/html"}, ".htm": {"text/html"},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", typeZIP},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", typeZIP},
	".pptx": {"application/vnd.openxmlformats-officedocument.presentationml.presentation", typeZIP},
	".ods":  {"application/vnd.oasis.opendocument.spreadsheet", typeZIP}, ".odt": {"application/vnd.oasis.opendocument.text", typeZIP},
	".xls": {"application/vnd.ms-excel", "application/x-ole-storage"}, ".doc": {"application/msword", "application/x-ole-storage"},
}

// Fits reports whether a content may bear a name: one that ends in a way that we
// know says what it is. Text of any kind is a text file, but a web page is none of
// the tables and lists that are text.
func Fits(name string, f *hub.FileFound) bool {
	want, known := types[strings.ToLower(path.Ext(name))]
	return !known || slices.ContainsFunc(want, f.Is)
}

// shown are the kinds that Procountor's app shows.
var shown = []string{typePDF, "image/gif", "image/jpeg", "text/plain"}

// Shown reports whether Procountor's app shows such a file: GIF, JPEG, PDF and plain text.
func Shown(f *hub.FileFound) bool {
	return slices.Contains(shown, f.MIME)
}

// Picture reports whether the content is an image.
func Picture(f *hub.FileFound) bool { return strings.HasPrefix(f.MIME, "image/") }
