package procountor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

const (
	// MaxAttachmentBytes is the largest file that Procountor takes (REFERENCE 2.2).
	MaxAttachmentBytes = 10_000_000
	// maxAttachmentParts bounds the parts of an answer: one of metadata, one file, some to spare.
	maxAttachmentParts = 8
	// maxAttachmentMeta bounds the metadata of one attachment.
	maxAttachmentMeta = 1 << 20
)

// AttachmentsService is the section "Attachments" of the API (REFERENCE 3.3).
type AttachmentsService struct{ service }

// Create attaches a file and returns its description with the id. a.Name carries the extension,
// which decides the type. A file over [MaxAttachmentBytes] is Refused without being sent.
func (s *AttachmentsService) Create(ctx context.Context, a Attachment, content []byte) (*Attachment, error) {
	r, err := NewAttachmentRequest(a, content)
	if err != nil {
		return nil, err
	}
	resp, err := s.c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	made := new(Attachment)
	if err := resp.Decode(made); err != nil {
		return nil, err
	}
	return made, nil
}

// NewAttachmentRequest makes the request that [AttachmentsService.Create] sends, for those who keep
// the bytes before they send them with [Client.Do]. The same input makes the same bytes.
func NewAttachmentRequest(a Attachment, content []byte) (Request, error) {
	const method, path = http.MethodPost, "/attachments"
	if len(content) > MaxAttachmentBytes {
		return Request{}, &Error{Class: Refused, Method: method, Path: path, Fields: []FieldError{{
			Field: "file", Message: fmt.Sprintf("%d bytes, at most %d are taken", len(content), MaxAttachmentBytes)}}}
	}
	meta, err := json.Marshal(a)
	if err != nil {
		return Request{}, &Error{Class: NotSent, Method: method, Path: path, err: err}
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	h := sha256.New()
	h.Write(meta)
	h.Write(content)
	if err := w.SetBoundary("part-" + hex.EncodeToString(h.Sum(nil)[:24])); err != nil {
		return Request{}, &Error{Class: NotSent, Method: method, Path: path, err: err}
	}
	// The parts in this order, meta without a file name: as seen on the wire (REFERENCE 3.3).
	metaPart := textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="meta"`},
		"Content-Type":        {"application/json"},
	}
	filePart := textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", a.Name)},
		"Content-Type":        {"application/octet-stream"},
	}
	err = errors.Join(writePart(w, metaPart, meta), writePart(w, filePart, content), w.Close())
	if err != nil {
		return Request{}, &Error{Class: NotSent, Method: method, Path: path, err: err}
	}
	return Request{Method: method, Path: path, Body: body.Bytes(), ContentType: w.FormDataContentType()}, nil
}

func writePart(w *multipart.Writer, h textproto.MIMEHeader, b []byte) error {
	p, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = p.Write(b)
	return err
}

// Get reads an attachment and its file.
func (s *AttachmentsService) Get(ctx context.Context, id int64) (*Attachment, []byte, error) {
	return readFile(ctx, s.c, at("attachments", id), nil)
}

// Delete removes an attachment.
func (s *AttachmentsService) Delete(ctx context.Context, id int64) error {
	return act(ctx, s.c, http.MethodDelete, at("attachments", id), nil)
}

// Rename gives an attachment another name; its extension cannot change.
func (s *AttachmentsService) Rename(ctx context.Context, id int64, name string) (*Attachment, error) {
	body := struct {
		Name string `json:"name"`
	}{name}
	// The description has the name in both places.
	return write[Attachment](ctx, s.c, http.MethodPatch, at("attachments", id), url.Values{"name": {name}}, body)
}

// An AttachmentFilter says which attachments [AttachmentsService.List] shows. Zero fields do not limit.
type AttachmentFilter struct {
	CreatedStart, CreatedEnd Date
	MinSize, MaxSize         int64 // bytes
	Name                     string
	// Types are what the files are attached to, in a vocabulary of their own (SALES_INVOICE, JOURNAL …).
	Types       []string
	ReferenceID int64
	Username    string // sent as a header, as it is personal data
}

// List yields the attachments that fit by rising id. The company must have document management
// switched on (REFERENCE 3.3); without it read the Attachments of the invoice.
func (s *AttachmentsService) List(ctx context.Context, f AttachmentFilter) iter.Seq2[AttachmentInfo, error] {
	q := query{}
	q.text("createdStartDate", f.CreatedStart.String())
	q.text("createdEndDate", f.CreatedEnd.String())
	q.id("minSize", f.MinSize)
	q.id("maxSize", f.MaxSize)
	q.text("name", f.Name)
	list(q, "type", f.Types)
	q.id("referenceId", f.ReferenceID)
	src := search{path: "/attachments", query: url.Values(q), header: personal("username", f.Username)}
	return results(ctx, s.c, src, func(a *AttachmentInfo) int64 { return a.AttachmentID })
}

// readFile reads a file with its description, multipart/mixed, or the description alone as JSON.
func readFile(ctx context.Context, c *Client, path string, q url.Values) (*Attachment, []byte, error) {
	r := Request{Method: http.MethodGet, Path: path, Query: q, Header: http.Header{"Accept": {"multipart/mixed, application/json"}}}
	resp, err := c.Do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	a := new(Attachment)
	mt, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if !strings.HasPrefix(mt, "multipart/") {
		if err := resp.Decode(a); err != nil {
			return nil, nil, err
		}
		return a, nil, nil
	}
	meta, content, err := splitParts(resp.Body, params["boundary"])
	if err == nil {
		err = json.Unmarshal(meta, a)
	}
	if err != nil {
		return nil, nil, &Error{Class: Broken, Status: resp.Status, Method: r.Method, Path: path, err: fmt.Errorf("read the parts: %w", err)}
	}
	return a, content, nil
}

// splitParts takes the description and the file out of a multipart body: the first part of JSON,
// which is not named as a file, and the first other.
func splitParts(body []byte, boundary string) (meta, content []byte, err error) {
	if boundary == "" {
		return nil, nil, errors.New("the answer has parts but no boundary")
	}
	mr := multipart.NewReader(bytes.NewReader(body), boundary)
	haveMeta, haveFile := false, false
	for range maxAttachmentParts {
		p, err := mr.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		limit := int64(MaxAttachmentBytes)
		if !haveMeta {
			limit = maxAttachmentMeta
		}
		b, err := io.ReadAll(io.LimitReader(p, limit+1))
		switch {
		case err != nil:
			return nil, nil, err
		case int64(len(b)) > limit:
			return nil, nil, fmt.Errorf("a part is longer than %d bytes", limit)
		case !haveMeta:
			meta, haveMeta = b, true
		case !haveFile:
			content, haveFile = b, true
		}
	}
	if !haveMeta || !haveFile {
		return nil, nil, errors.New("the description or the file is missing")
	}
	return meta, content, nil
}

// personal makes the header of a criterion that may not stand in an address because it is personal
// data (REFERENCE 2.3). In which encoding the server reads letters beyond ASCII is not known; they
// go as UTF-8.
func personal(key, value string) http.Header {
	if value == "" {
		return nil
	}
	return http.Header{http.CanonicalHeaderKey(key): {value}}
}
