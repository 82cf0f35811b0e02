package mapping

import (
	"cmp"
	"path"
	"strings"

	"github.com/vienti/vienti/internal/format/filetype"
	"github.com/vienti/vienti/internal/hub"
)

// maxFileName keeps names within what every system downstream stores.
const maxFileName = 100

// Files are what was made for a document.
type Files struct {
	// Breakdown is our own PDF; nil when it does not go, or nothing stands in it.
	// BreakdownKey is the fingerprint of what stands in it, whatever its bytes.
	Breakdown    *hub.Attachment
	BreakdownKey string
	// PDFs are those made of pictures, by the hash of the picture; nil when nobody has
	// tried.
	PDFs map[string]hub.Attachment
	// Joined is one PDF of the files of a travel invoice, and JoinedKey the fingerprint of
	// what is in it; Within are the hashes of those files, Apart of those that could not be
	// joined. JoinedSize is that of a whole that was too large, in bytes.
	Joined        *hub.Attachment
	JoinedKey     string
	Within, Apart map[string]bool
	JoinedSize    int64
}

// BreakdownGoes reports whether the breakdown of a document goes, and whether with
// all of its entries: a person's word stands above the settings, the settings
// above what document and customer ask for.
func BreakdownGoes(s *hub.Settings, d *hub.Document) (goes, all bool) {
	if d.Breakdown == nil || d.Kind != hub.SalesInvoice {
		return false, false
	}
	if said := d.Choice.Breakdown; said != nil {
		return *said, *said
	}
	fs := s.Kinds[d.Kind].Files
	if d.CreditNote && fs.CreditNotes == hub.CreditsBare {
		return false, false
	}
	switch fs.Breakdown {
	case hub.BreakdownAlways:
		return true, false
	case hub.BreakdownNever:
		return false, false
	}
	return d.Breakdown.Wanted || d.Buyer.WantsBreakdown, false
}

// FileGoes reports whether a file of the source goes by the settings.
func FileGoes(s *hub.Settings, d *hub.Document, a *hub.Attachment) bool {
	fs := s.Kinds[d.Kind].Files
	if d.CreditNote && fs.CreditNotes == hub.CreditsBare {
		return false
	}
	switch cmp.Or(fs.Goes, hub.FilesAll) {
	case hub.FilesOnly:
		return !a.Image
	case hub.FilesImage:
		return a.Image
	case hub.FilesGrouped:
		for i := range d.Attachments {
			if !d.Attachments[i].Image {
				return d.Groups()
			}
		}
		return false
	case hub.FilesNone:
		return false
	}
	return true
}

// putFiles prepares the attachments: those of the source that go by the settings,
// the breakdown, and what people have added. Each gets a name that is safe and
// unique. In the plan ForCustomer means sendWithInvoice: never for the picture of
// the source's own invoice, which shows another number and reference than
// Procountor's (ACCOUNTING 19).
func (b *builder) putFiles() {
	added := b.d.Choice.Added
	if n := len(b.d.Attachments) + len(added); n > hub.MaxAttachments {
		b.fault(hub.AttachmentMany, "attachments", itoa(n), "count", itoa(n), "limit", itoa(hub.MaxAttachments))
		if !b.unchecked {
			return
		}
	}
	for i, a := range b.d.Attachments {
		if FileGoes(b.s, b.d, &a) {
			b.putFile(index("attachments", i), a, itoa(i+1))
		}
	}
	if made := b.in.Files.Joined; made != nil {
		a := *made
		a.Name = uniqueName(safeName(a), b.in.Files.JoinedKey, "0")
		b.file(a)
	}
	if n := b.in.Files.JoinedSize; n > 0 {
		b.warn(hub.JoinedTooLarge, "attachments", "", "size", itoa(int(n)), "limit", itoa(hub.MaxAttachment))
	}
	if made := b.in.Files.Breakdown; made != nil && !b.journal {
		b.faults = append(b.faults, b.d.Breakdown.Faults()...)
		a := *made
		a.Name = uniqueName(safeName(a), b.in.Files.BreakdownKey, "0")
		b.file(a)
	}
	for i, a := range added {
		b.putFile("", a, "a"+itoa(i+1))
	}
}

// putFile checks one file and lets it go. place makes its name unique.
func (b *builder) putFile(at string, a hub.Attachment, place string) {
	if a.Size > hub.MaxAttachment {
		b.fault(hub.AttachmentTooLarge, at, a.Name, "name", a.Name, "size", itoa(int(a.Size)), "limit", itoa(hub.MaxAttachment))
		if !b.unchecked {
			return
		}
	}
	switch {
	case a.Hash == "":
		b.fault(hub.AttachmentMissing, at, a.Name, "name", a.Name)
		return
	case a.Size <= 0:
		b.fault(hub.AttachmentEmpty, at, a.Name, "name", a.Name)
		return
	}
	safe := safeName(a)
	if safe != a.Name && a.Name != "" {
		b.warn(hub.AttachmentName, strings.TrimPrefix(at+".name", "."), a.Name, "used", safe)
	}
	hash := a.Hash
	if a.Found != nil {
		pdf, isPDF := b.in.Files.PDFs[hash]
		b.checkFile(at, &a, isPDF)
		if isPDF {
			safe = strings.TrimSuffix(safe, path.Ext(safe)) + ".pdf"
			a.MIME, a.Size, a.Hash = pdf.MIME, pdf.Size, pdf.Hash
		}
	}
	if b.in.Files.Within[hash] {
		return
	}
	if b.in.Files.Apart[hash] {
		b.warn(hub.AttachmentApart, at, a.Name, "name", a.Name)
	}
	a.Name = uniqueName(safe, hash, place)
	b.file(a)
}

func (b *builder) file(a hub.Attachment) {
	a.ForCustomer = b.sales && b.s.AttachmentsToCustomer && a.ForCustomer && !a.Image
	a.Content, a.Found = nil, nil
	b.files = append(b.files, a)
}

// checkFile holds what a file is against what its name says and what may go. What
// could do harm holds always; the rest by the setting.
func (b *builder) checkFile(at string, a *hub.Attachment, isPDF bool) {
	f := a.Found
	doubt := b.fault
	if b.s.Files.Check == hub.AskedWarn {
		doubt = b.warn
	}
	switch f.Wrong {
	case hub.FileBomb, hub.FilePolyglot, hub.FileProgram:
		b.fault(hub.AttachmentSuspect, at, a.Name, "name", a.Name, "why", string(f.Wrong), "is", f.MIME)
		return
	case hub.FileBroken:
		doubt(hub.AttachmentBroken, at, a.Name, "name", a.Name, "is", f.MIME)
		return
	}
	switch {
	case !filetype.Fits(a.Name, f):
		doubt(hub.AttachmentType, at, a.Name, "name", a.Name, "is", f.MIME)
	case filetype.Picture(f) && b.in.Files.PDFs != nil && !isPDF:
		doubt(hub.AttachmentImage, at, a.Name, "name", a.Name, "is", f.MIME)
	case b.s.Files.Kinds == hub.ShownKinds && !isPDF && !filetype.Shown(f):
		doubt(hub.AttachmentKind, at, a.Name, "name", a.Name, "is", f.MIME)
	}
}

// safeName takes path parts and what no file system likes from a name, and
// keeps its extension.
func safeName(a hub.Attachment) string {
	name := strings.ReplaceAll(a.Name, "\\", "/")
	name = replaceForbidden(tidy(path.Base(name)))
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	if name == "" || name == "_" {
		name = "attachment"
	}
	ext := path.Ext(name)
	if ext == "" {
		ext = extensions[a.MIME]
		name += ext
	}
	if length(name) > maxFileName-suffixLength {
		stem := []rune(strings.TrimSuffix(name, ext))
		room := max(maxFileName-suffixLength-length(ext), 1)
		if length(ext) > 10 || len(stem) == 0 { // no extension at all, only a dot somewhere
			stem, ext, room = []rune(name), "", maxFileName-suffixLength
		}
		name = strings.TrimSpace(string(stem[:min(room, len(stem))])) + ext
	}
	return name
}

// extensions of the kinds of files that invoices carry.
var extensions = map[string]string{
	"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "text/plain": ".txt", "text/csv": ".csv",
	"application/xml": ".xml", "text/xml": ".xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

// suffixLength is that of the part that makes a name ours: "-1-0a1b2c3d".
const suffixLength = 14

// uniqueName adds place and content to a name, so that a look at the voucher's
// attachments finds exactly ours: it is the proof that a file has arrived. A file
// keeps its name whatever else comes or goes: the source's are counted from 1, the
// breakdown is 0, what people add is a1, a2.
func uniqueName(name, hash, place string) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + place + "-" + hash[:min(8, len(hash))] + ext
}
