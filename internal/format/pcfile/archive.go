package pcfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/hub"
)

// Limits on an archive, beside that of a file.
const (
	// maxEntries: as many attachments as an import of a large month has invoices.
	maxEntries = 10_000
	// maxInflated is what all that is read of an archive may come to.
	maxInflated = 200_000_000
	// maxRatio is how much an entry may grow when it is above smallEntry: text
	// packs to a twentieth, a file of zeros to a thousandth.
	maxRatio   = 100
	smallEntry = 1_000_000
	// sniffed is how far into an entry one looks for what it is.
	sniffed = 4096
)

// DecodeArchive reads the invoices of a ZIP, with the attachments that they name.
// The error is that of reading r.
func DecodeArchive(r io.Reader, o Options) iter.Seq2[format.Decoded, error] {
	return func(yield func(format.Decoded, error) bool) {
		file, err := io.ReadAll(io.LimitReader(r, format.MaxFile+1))
		if err != nil {
			yield(format.Decoded{}, err)
			return
		}
		whole := piece{raw: file}
		if len(file) > format.MaxFile {
			yield(unread(whole, nil, hub.NewFault(hub.FileTooLarge, "ZIP", "", "limit", strconv.Itoa(format.MaxFile))), nil)
			return
		}
		a, fault := openArchive(file)
		var lists []*zip.File
		if fault == nil {
			lists, fault = a.lists()
		}
		if fault != nil {
			yield(unread(whole, file, *fault), nil)
			return
		}
		// What no invoice asks for is known at the end: the last one tells of it.
		var last *format.Decoded
		for _, f := range lists {
			list, fault := a.read(f, format.MaxFile)
			if fault != nil {
				if last != nil && !yield(*last, nil) {
					return
				}
				d := unread(piece{raw: append([]byte(f.Name+"\n"), file...)}, file, *fault)
				last = &d
				continue
			}
			for d := range decode(list, o, a) {
				if last != nil && !yield(*last, nil) {
					return
				}
				last = &d
			}
		}
		if last == nil {
			yield(unread(whole, file, hub.NewFault(hub.FormatUnknown, "ZIP", "")), nil)
			return
		}
		last.Faults = append(last.Faults, a.left()...)
		yield(*last, nil)
	}
}

// An archive is a ZIP whose entries are read when they are asked for.
type archive struct {
	files    map[string][]*zip.File
	held     map[string][]byte // of one that is being written
	order    []string
	used     map[string]bool
	folders  []string // names with a path
	inflated int64
}

func openArchive(file []byte) (*archive, *hub.Fault) {
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, broken(err)
	}
	if len(r.File) > maxEntries {
		return nil, tooMuch(fmt.Sprintf("%d files", maxEntries))
	}
	a := &archive{files: map[string][]*zip.File{}, used: map[string]bool{}}
	for _, f := range r.File {
		switch {
		case strings.HasPrefix(f.Name, "__MACOSX/"), f.Name == ".DS_Store", strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0:
		case strings.ContainsAny(f.Name, `/\:`):
			a.folders = append(a.folders, f.Name)
		default:
			if a.files[f.Name] == nil {
				a.order = append(a.order, f.Name)
			}
			a.files[f.Name] = append(a.files[f.Name], f)
		}
	}
	return a, nil
}

func broken(err error) *hub.Fault {
	f := hub.NewFault(hub.ArchiveBroken, "ZIP", "", "reason", err.Error())
	return &f
}

func tooMuch(limit string) *hub.Fault {
	f := hub.NewFault(hub.ArchiveTooMuch, "ZIP", "", "limit", limit)
	return &f
}

// lists finds the invoice files among the entries by what they begin with.
func (a *archive) lists() (list []*zip.File, _ *hub.Fault) {
	for _, name := range a.order {
		for _, f := range a.files[name] {
			r, err := f.Open()
			if err != nil {
				continue // an attachment says so when it is asked for
			}
			head, err := io.ReadAll(io.LimitReader(r, sniffed))
			_ = r.Close()
			if err == nil && Takes(head) {
				a.used[name] = true
				list = append(list, f)
			}
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	f := hub.NewFault(hub.FormatUnknown, "ZIP", "")
	if len(a.folders) > 0 {
		f = hub.NewFault(hub.ArchiveFolders, "ZIP", a.folders[0], "name", a.folders[0])
	}
	return nil, &f
}

// read inflates an entry as far as the limits let it.
func (a *archive) read(f *zip.File, limit int64) ([]byte, *hub.Fault) {
	const encrypted = 0x1
	if f.Flags&encrypted != 0 {
		return nil, broken(errors.New(f.Name + ": encrypted"))
	}
	r, err := f.Open()
	if err != nil {
		return nil, broken(fmt.Errorf("%s: %w", f.Name, err))
	}
	defer func() { _ = r.Close() }()
	most := min(limit, maxInflated-a.inflated)
	if ratio := int64(f.CompressedSize64) * maxRatio; most > max(ratio, smallEntry) {
		most = max(ratio, smallEntry)
	}
	// What the directory says of sizes is not believed.
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	a.inflated += int64(len(content))
	switch {
	case err != nil:
		return nil, broken(fmt.Errorf("%s: %w", f.Name, err))
	case int64(len(content)) > limit:
		fault := hub.NewFault(hub.AttachmentTooLarge, "", f.Name, "name", f.Name, "size", strconv.FormatUint(f.UncompressedSize64, 10), "limit", strconv.FormatInt(limit, 10))
		return nil, &fault
	case int64(len(content)) > most:
		return nil, tooMuch(fmt.Sprintf("%s: %d bytes", f.Name, most))
	}
	return content, nil
}

// open returns an attachment by its name.
func (a *archive) open(name string) ([]byte, *hub.Fault) {
	missing := hub.NewFault(hub.AttachmentMissing, "", name, "name", name)
	if a == nil {
		return nil, &missing
	}
	if content, ok := a.held[name]; ok {
		return content, nil
	}
	list := a.files[name]
	switch len(list) {
	case 0:
		return nil, &missing
	case 1:
		a.used[name] = true
		return a.read(list[0], hub.MaxAttachment)
	}
	return nil, broken(fmt.Errorf("%s: %d files of that name", name, len(list)))
}

// left are warnings about what no invoice has asked for.
func (a *archive) left() (faults []hub.Fault) {
	for _, name := range a.order {
		if !a.used[name] {
			faults = append(faults, hub.NewFault(hub.AttachmentUnused, "ZIP", name, "name", name).Warn())
		}
	}
	for _, name := range a.folders {
		faults = append(faults, hub.NewFault(hub.ArchiveFolders, "ZIP", name, "name", name).Warn())
	}
	return faults[:min(len(faults), 50)] // nobody reads more
}

// mimeOf is the type of the attachments that Procountor shows, by their names.
func mimeOf(name string) string {
	types := []string{".pdf", "application/pdf", ".png", "image/png", ".jpg", "image/jpeg", ".jpeg", "image/jpeg", ".gif", "image/gif", ".txt", "text/plain"}
	if i := slices.Index(types, strings.ToLower(path.Ext(name))); i >= 0 {
		return types[i+1]
	}
	return ""
}
