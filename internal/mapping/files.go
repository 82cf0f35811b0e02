package mapping

import (
	"path"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// maxFileName keeps names within what every system downstream stores.
const maxFileName = 100

// putFiles prepares the attachments: a name that is safe and unique, the size
// that Procountor takes. In the plan ForCustomer means sendWithInvoice: never
// for the picture of the source's own invoice, which shows another number and
// reference than Procountor's (ACCOUNTING 19).
func (b *builder) putFiles() {
	for i, a := range b.d.Attachments {
		at := index("attachments", i)
		if a.Size > hub.MaxAttachment {
			b.fault(hub.AttachmentTooLarge, at, a.Name, "name", a.Name, "size", itoa(int(a.Size)), "limit", itoa(hub.MaxAttachment))
			if !b.unchecked {
				continue
			}
		}
		if a.Hash == "" || a.Size <= 0 {
			b.fault(hub.AttachmentMissing, at, a.Name, "name", a.Name)
			continue
		}
		safe := safeName(a)
		if safe != a.Name && a.Name != "" {
			b.warn(hub.AttachmentName, at+".name", a.Name, "used", safe)
		}
		a.Name = uniqueName(safe, a.Hash, i)
		a.ForCustomer = b.sales && b.s.AttachmentsToCustomer && a.ForCustomer && !a.Image
		a.Content = nil
		b.files = append(b.files, a)
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
// attachments finds exactly ours: it is the proof that a file has arrived.
func uniqueName(name, hash string, i int) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + itoa(i+1) + "-" + hash[:min(8, len(hash))] + ext
}
