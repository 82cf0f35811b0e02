package procountortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"slices"
	"strings"
)

// maxAttachment is REFERENCE 3.3.
const maxAttachment = 10_000_000

// An upload is a POST /attachments that has been read.
type upload struct {
	meta    Attachment
	content []byte
}

// readUpload accepts the three styles of REFERENCE 3.3: the parts meta and file
// in either order, meta with or without a file name and a content type.
func readUpload(c *call) (any, error) {
	ct, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || ct != "multipart/form-data" || params["boundary"] == "" {
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "Content-Type must be multipart/form-data")
	}
	body := http.MaxBytesReader(nil, c.r.Body, maxAttachment+1<<20)
	mr := multipart.NewReader(body, params["boundary"])
	var meta, content []byte
	haveMeta, haveFile := false, false
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			var b []byte
			if b, err = io.ReadAll(io.LimitReader(part, maxAttachment+1)); err == nil {
				switch part.FormName() {
				case "meta":
					meta, haveMeta = b, true
				case "file":
					content, haveFile = b, true
				}
				continue
			}
		}
		if mb := (*http.MaxBytesError)(nil); errors.As(err, &mb) {
			return nil, badRequest("", "file too big")
		}
		c.assume(assumeBodyTexts)
		return nil, badRequest("", "multipart body cannot be read")
	}
	f := &faults{call: c}
	if !haveMeta {
		f.add("meta", codeEmpty)
	}
	if !haveFile {
		f.add("file", codeEmpty)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if len(content) > maxAttachment {
		return nil, badRequest("", "file too big")
	}
	u := &upload{content: content}
	// Old clients leave sendWithInvoice out although the description requires it.
	if !bytes.Contains(meta, []byte(`"sendWithInvoice"`)) {
		if i := bytes.LastIndexByte(meta, '}'); i >= 0 {
			meta = append(append(slices.Clone(meta[:i]), `,"sendWithInvoice":false`...), meta[i:]...)
		}
	}
	c.r.Body = io.NopCloser(bytes.NewReader(meta))
	if err := c.decode("Attachment", false, &u.meta); err != nil {
		return nil, err
	}
	return u, nil
}

func postAttachment(c *call) (any, error) {
	u := c.body.(*upload)
	m := u.meta
	f := &faults{call: c}
	if m.Name == "" {
		f.add("name", codeEmpty)
	}
	if err := c.attachable(f, &m, true); err != nil {
		return nil, err
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	m.ID, m.MimeType = c.co.nextID(), mimeOf(m.Name)
	c.co.keepCounters()
	content, kept := c.srv.opt.Hostile.spoil(c.srv.opt.Seed, m.ID, u.content)
	if !kept {
		return m, nil
	}
	c.co.putFile(&file{Attachment: m, Content: content, Created: stamp(c.now), User: c.user.Username})
	return m, nil
}

func (co *company) putFile(f *file) {
	o := fileOwner{f.ReferenceType, f.ReferenceID}
	if !slices.Contains(co.filesOf[o], f.ID) {
		co.filesOf[o] = append(slices.Clone(co.filesOf[o]), f.ID)
	}
	co.files.put(f.ID, f)
}

// attachable checks that the owner exists and may be attached to by the user.
func (c *call) attachable(f *faults, m *Attachment, write bool) error {
	missing := func() { f.add("referenceId", invalid("referenceId", fmt.Sprint(m.ReferenceID)), assumeFieldCodes) }
	switch m.ReferenceType {
	case "INVOICE":
		if inv := c.co.invoices.get(m.ReferenceID); inv != nil {
			if err := c.allow(rightInvoices(inv.Type), write); err != nil {
				return err
			}
			if inv.Status == "INVALIDATED" && write {
				f.add("referenceId", invalid("referenceId", fmt.Sprint(m.ReferenceID)), assumeAttachStatus)
			}
			if m.SendWithInvoice && !isSales(inv.Type) && inv.Type != typePurchaseOrder {
				f.add("sendWithInvoice", invalid("sendWithInvoice", "true"), assumeFieldCodes)
			}
			return nil
		}
		if _, ok := c.co.journalOf[m.ReferenceID]; ok { // a journal's hidden invoice
			if m.SendWithInvoice {
				f.add("sendWithInvoice", invalid("sendWithInvoice", "true"), assumeFieldCodes)
			}
			return c.allow(rightJournals, write)
		}
		missing()
	case "CUSTOMER_BUSINESS_PARTNER_REGISTER", "SUPPLIER_BUSINESS_PARTNER_REGISTER", "PERSON_BUSINESS_PARTNER_REGISTER":
		p := c.co.partners.get(m.ReferenceID)
		if p == nil || p.Type+"_BUSINESS_PARTNER_REGISTER" != m.ReferenceType {
			missing()
			return nil
		}
		return c.allow(rightPartner(p.Type), write)
	case "SALES_PRODUCT_REGISTER", "PURCHASE_PRODUCT_REGISTER":
		if c.co.products.get(m.ReferenceID) == nil {
			missing()
		}
	case "LEDGERRECEIPT":
		if c.co.receipts.get(m.ReferenceID) == nil {
			missing()
		}
	case "ENVIRONMENT":
	default: // kinds that the sandbox does not have
		missing()
	}
	return nil
}

// attachmentsOf lists the attachments of an owner, by id.
func (co *company) attachmentsOf(kind string, id int64) []Attachment {
	ids := co.filesOf[fileOwner{kind, id}]
	if len(ids) == 0 {
		return nil
	}
	out := make([]Attachment, 0, len(ids))
	for _, id := range ids {
		out = append(out, co.files.get(id).Attachment)
	}
	return out
}

func mimeOf(name string) string {
	t, _, _ := strings.Cut(mime.TypeByExtension(strings.ToLower(path.Ext(name))), ";")
	if t == "" {
		return "application/octet-stream"
	}
	return t
}

func (c *call) file() (*file, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	f := c.co.files.get(id)
	if f == nil {
		return nil, notFound()
	}
	fs := &faults{call: c}
	return f, c.attachable(fs, &f.Attachment, false)
}

// getAttachment answers multipart/mixed: the metadata as JSON, then the file.
func getAttachment(c *call) (any, error) {
	f, err := c.file()
	if err != nil {
		return nil, newProblem(http.StatusNotFound, "", textNotFoundOrRights)
	}
	return inParts(f.Attachment, f.Content)
}

// inParts is a file as it is answered, in a multipart/mixed body.
func inParts(meta Attachment, content []byte) (any, error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	described, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("write attachment %d: %w", meta.ID, err)
	}
	for _, p := range []struct {
		header textproto.MIMEHeader
		body   []byte
	}{
		{textproto.MIMEHeader{"Content-Type": {"application/json"}, "Content-Disposition": {`form-data; name="meta"`}}, described},
		{textproto.MIMEHeader{"Content-Type": {meta.MimeType}, "Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": meta.Name})}}, content},
	} {
		pw, err := w.CreatePart(p.header)
		if err == nil {
			_, err = pw.Write(p.body)
		}
		if err != nil {
			return nil, fmt.Errorf("write attachment %d: %w", meta.ID, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write attachment %d: %w", meta.ID, err)
	}
	return rawAnswer{"multipart/mixed; boundary=" + w.Boundary(), buf.Bytes()}, nil
}

func deleteAttachment(c *call) (any, error) {
	f, err := c.file()
	if err != nil {
		return nil, err
	}
	fs := &faults{call: c}
	if err := c.attachable(fs, &f.Attachment, true); err != nil {
		return nil, err
	}
	if len(fs.list) > 0 {
		return nil, newProblem(http.StatusForbidden, fs.list[0].Field, fs.list[0].Message)
	}
	c.co.deleteFile(f)
	return noContent{}, nil
}

func (co *company) deleteFile(f *file) {
	o := fileOwner{f.ReferenceType, f.ReferenceID}
	co.filesOf[o] = slices.DeleteFunc(slices.Clone(co.filesOf[o]), func(id int64) bool { return id == f.ID })
	co.files.del(f.ID)
}

// renameAttachment keeps the extension.
func renameAttachment(c *call, in *AttachmentRename) (any, error) {
	f, err := c.file()
	if err != nil {
		return nil, err
	}
	if in.Name == "" || !strings.EqualFold(path.Ext(in.Name), path.Ext(f.Name)) {
		return nil, badRequest("name", invalid("name", short(in.Name)))
	}
	next := *f
	next.Name = in.Name
	c.co.putFile(&next)
	return next.Attachment, nil
}

func searchAttachments(c *call) (any, error) {
	if c.srv.opt.NoDocumentManagement {
		c.assume(assumeDocumentManagement)
		return nil, newProblem(http.StatusForbidden, "", textNotFoundOrRights)
	}
	q := c.query()
	created := q.instants("createdStartDate", "createdEndDate")
	min, hasMin := q.id("minSize")
	max, hasMax := q.id("maxSize")
	owner, hasOwner := q.id("referenceId")
	kinds := q.list("type")
	p := q.pager(true, "orderByCreatedDate", "orderByName", "orderBySize")
	if err := q.err(); err != nil {
		return nil, err
	}
	name, user := q.text("name"), c.r.Header.Get("username")
	var rows []*file
	for _, f := range c.co.files.all() {
		size := int64(len(f.Content))
		switch {
		case !created.has(f.Created), hasMin && size < min, hasMax && size > max, hasOwner && f.ReferenceID != owner,
			name != "" && !containsFold(f.Name, name), user != "" && f.User != user,
			len(kinds) > 0 && !slices.Contains(kinds, f.ReferenceType) && !slices.Contains(kinds, c.co.ownerType(f)):
			continue
		}
		if c.attachable(&faults{call: c}, &f.Attachment, false) != nil {
			continue
		}
		rows = append(rows, f)
	}
	return pageOf(p, rows, func(f *file) int64 { return f.ID }, func(f *file, key string) string {
		switch key {
		case "orderByCreatedDate":
			return f.Created
		case "orderByName":
			return f.Name
		}
		return fmt.Sprintf("%08d", len(f.Content))
	}, func(f *file) Document {
		return Document{AttachmentID: &f.ID, Name: f.Name, Size: ptr(int64(len(f.Content))), User: f.User, ReferenceID: &f.ReferenceID, ReferenceType: f.ReferenceType, Attached: f.Created}
	}), nil
}

// ownerType is the type of the invoice that a file belongs to, for the search's
// own vocabulary.
func (co *company) ownerType(f *file) string {
	if f.ReferenceType != "INVOICE" {
		return f.ReferenceType
	}
	if inv := co.invoices.get(f.ReferenceID); inv != nil {
		return inv.Type
	}
	return typeJournal
}

func containsFold(s, sub string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(sub))
}
