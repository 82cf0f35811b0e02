package procountor

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestAttachmentUpload(t *testing.T) {
	content := []byte("%PDF-1.7\r\n--part\x00\xff")
	s := newServer(t)
	s.mux.HandleFunc("POST /attachments", always(200, `{"id":9,"name":"lasku \"1\" ä.pdf","referenceType":"INVOICE","referenceId":7,"mimeType":"application/pdf","sendWithInvoice":true}`))
	c := s.client(t)
	in := Attachment{Name: `lasku "1" ä.pdf`, ReferenceType: AtInvoice, ReferenceID: 7, SendWithInvoice: true}
	got, err := c.Attachments.Create(t.Context(), in, content)
	if err != nil || got.ID != 9 || got.MimeType != "application/pdf" {
		t.Fatalf("%+v %v", got, err)
	}
	mt, params, err := mime.ParseMediaType(s.requests[0].Header.Get("Content-Type"))
	if err != nil || mt != "multipart/form-data" {
		t.Fatal(mt, err)
	}
	mr := multipart.NewReader(strings.NewReader(s.bodies[0]), params["boundary"])
	meta, err := mr.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(meta)
	if meta.FormName() != "meta" || meta.FileName() != "" || meta.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", meta.Header)
	}
	sameJSON(t, string(b), `{"name":"lasku \"1\" ä.pdf","referenceType":"INVOICE","referenceId":7,"sendWithInvoice":true}`)
	file, err := mr.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	b, _ = io.ReadAll(file)
	if file.FormName() != "file" || file.FileName() != in.Name || string(b) != string(content) {
		t.Errorf("%v %q", file.Header, b)
	}
	if _, err := mr.NextPart(); err != io.EOF {
		t.Error(err)
	}
	// Kept bytes are the same each time.
	r1, _ := NewAttachmentRequest(in, content)
	r2, _ := NewAttachmentRequest(in, content)
	if string(r1.Body) != s.bodies[0] || !reflect.DeepEqual(r1, r2) {
		t.Error("the same attachment makes other bytes")
	}
	before := s.count()
	_, err = c.Attachments.Create(t.Context(), in, make([]byte, MaxAttachmentBytes+1))
	if e := asError(t, err); e.Class != Refused || e.Status != 0 || len(e.Fields) != 1 || s.count() != before {
		t.Errorf("%+v", e)
	}
}

func TestAttachmentAnswers(t *testing.T) {
	part := func(ct, body string) string { return "--x\r\nContent-Type: " + ct + "\r\n\r\n" + body + "\r\n" }
	for name, tc := range map[string]struct {
		contentType, body, want string
		ok                      bool
	}{
		"as described":       {"multipart/mixed; boundary=x", part("application/json", `{"id":9}`) + part("image/png", "\x89PNG\r\n") + "--x--\r\n", "\x89PNG\r\n", true},
		"quoted boundary":    {`multipart/mixed;boundary="x"`, part("application/json", `{"id":9}`) + part("image/png", "a") + "--x--\r\n", "a", true},
		"an empty file":      {"multipart/mixed; boundary=x", part("application/json", `{"id":9}`) + part("text/plain", "") + "--x--\r\n", "", true},
		"no boundary":        {"multipart/mixed", part("application/json", `{"id":9}`), "", false},
		"no file":            {"multipart/mixed; boundary=x", part("application/json", `{"id":9}`) + "--x--\r\n", "", false},
		"cut off":            {"multipart/mixed; boundary=x", part("application/json", `{"id":9}`) + "--x\r\nContent-Type: image/png\r\n\r\nabc", "", false},
		"broken metadata":    {"multipart/mixed; boundary=x", part("application/json", `{"id":`) + part("image/png", "a") + "--x--\r\n", "", false},
		"a text":             {"text/plain", "hello", "", false},
		"metadata only":      {"application/json", `{"id":9}`, "", true},
		"too much of a part": {"multipart/mixed; boundary=x", part("application/json", `{"id":9}`) + part("image/png", strings.Repeat("a", MaxAttachmentBytes+1)) + "--x--\r\n", "", false},
		"too much metadata":  {"multipart/mixed; boundary=x", part("application/json", `{"id":9,"name":"`+strings.Repeat("a", maxAttachmentMeta)+`"}`) + part("image/png", "a") + "--x--\r\n", "", false},
	} {
		s := newServer(t)
		s.mux.HandleFunc("GET /attachments/9", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", tc.contentType)
			io.WriteString(w, tc.body)
		})
		a, content, err := s.client(t).Attachments.Get(t.Context(), 9)
		if tc.ok != (err == nil) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil {
			if !errors.Is(err, Broken) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if a.ID != 9 || string(content) != tc.want {
			t.Errorf("%s: %+v %q", name, a, content)
		}
	}
}
