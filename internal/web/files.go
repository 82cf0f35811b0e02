package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A fileLine is one file that goes, would go or has gone to Procountor.
type fileLine struct {
	Name string
	Hash string // "" for one that is not made yet
	Size int64
	// ToCustomer says who gets it; Level how it was confirmed, "" when nobody has
	// looked, and Wrong that what is there is not what was sent.
	ToCustomer bool
	Sent       bool
	Seen       *hub.FileSeen
}

// fileLines are the files that have gone, or those that would.
func (d *detail) fileLines() (list []fileLine) {
	steps, sent := d.SentFiles, len(d.SentFiles) > 0
	if !sent && d.Forecast != nil {
		steps = slices.DeleteFunc(slices.Clone(d.Forecast.Steps), func(s hub.Step) bool { return s.Kind != hub.Attach })
	}
	for _, s := range steps {
		a := s.Detail.Attachment
		l := fileLine{Name: a.Name, Size: a.Size, ToCustomer: a.ForCustomer, Sent: sent, Seen: s.Detail.Seen}
		if sent || d.has(a.Hash) {
			l.Hash = a.Hash
		}
		list = append(list, l)
	}
	return list
}

// has reports whether the document has a file, of its source or added.
func (d *detail) has(hash string) bool {
	is := func(a hub.Attachment) bool { return a.Hash == hash }
	return d.Document != nil && slices.ContainsFunc(d.Document.Attachments, is) || slices.ContainsFunc(d.Choice.Added, is)
}

// choosable reports whether it can still be said which files go.
func (d *detail) choosable() bool {
	return d.Document != nil && d.Forecast != nil
}

// breakdownSaid is what the form of the breakdown has chosen: "", "yes" or "no".
func (d *detail) breakdownSaid() string {
	switch b := d.Choice.Breakdown; {
	case b == nil:
		return ""
	case *b:
		return "yes"
	}
	return "no"
}

// levelWords says how a file was confirmed.
func levelWords(p page, l fileLine) string {
	switch {
	case !l.Sent:
		return p.say.T("files.not-sent")
	case l.Seen == nil:
		return p.say.T("files.not-seen")
	case l.Seen.Wrong:
		return p.say.T("files.wrong")
	}
	switch l.Seen.Level {
	case hub.BySize:
		return p.say.T("files.by-size")
	case hub.ByContent:
		return p.say.T("files.by-content")
	}
	return p.say.T("files.by-name")
}

func levelTone(l fileLine) tone {
	switch {
	case !l.Sent || l.Seen == nil:
		return toneNeutral
	case l.Seen.Wrong:
		return toneBad
	}
	return toneGood
}

// documentBreakdown shows our own PDF as it would go.
func (s *Server) documentBreakdown(w http.ResponseWriter, r *http.Request, _ visit) error {
	file, ok, err := s.o.Engine.Breakdown(r.Context(), r.PathValue("id"))
	if err != nil {
		return found(err)
	}
	if !ok {
		return errNotFound
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(file.Name))
	_, _ = w.Write(file.Content) // the reader has gone; there is nobody to tell
	return nil
}

// changeFiles takes what a person says about the files of a document.
func (s *Server) changeFiles(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	to := "/documents/" + url.PathEscape(id) + "#files"
	var change engine.FileChange
	done := v.say.T("files.changed")
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		file, fault, err := s.addedFile(r, v)
		if err != nil {
			return err
		}
		if fault != "" {
			s.say(r.Context(), false, fault)
			return back(w, r, to)
		}
		change.Add = []hub.Attachment{file}
		done = v.say.T("files.added", "name", file.Name)
	} else {
		yes, no := true, false
		change.Remove = r.PostFormValue("remove")
		switch r.PostFormValue("breakdown") {
		case "yes":
			change.Breakdown = &yes
		case "no":
			change.Breakdown = &no
		case "settings":
			change.BySettings = true
		default:
			if change.Remove == "" {
				return errBadRequest
			}
		}
	}
	switch err := s.o.Engine.ChangeFiles(r.Context(), v.person.ID, id, change); {
	case isNotNow(err):
		s.say(r.Context(), false, v.say.T("files.too-late"))
	case err != nil:
		return found(err)
	default:
		s.say(r.Context(), true, done)
	}
	return back(w, r, to)
}

// addedFile reads the file that a form hands in; fault says why there is none.
func (s *Server) addedFile(r *http.Request, v visit) (a hub.Attachment, fault string, err error) {
	var large *http.MaxBytesError
	switch err := r.ParseMultipartForm(hub.MaxAttachment + maxForm); {
	case errors.As(err, &large):
		return a, v.say.T("files.too-large"), nil
	case err != nil:
		return a, "", errBadRequest
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // nothing is left on the disk; it all fits into memory
	f, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return a, v.say.T("files.none-chosen"), nil
	}
	if err != nil {
		return a, "", errBadRequest
	}
	defer f.Close()
	if head.Size > hub.MaxAttachment {
		return a, v.say.T("files.too-large"), nil
	}
	if a.Content, err = io.ReadAll(f); err != nil {
		return a, "", errBadRequest
	}
	if len(a.Content) == 0 {
		return a, v.say.T("files.empty"), nil
	}
	a.Name = path.Base(strings.ReplaceAll(head.Filename, "\\", "/"))
	a.ForCustomer = r.PostFormValue("customer") == "yes"
	return a, "", nil
}

// confirmFiles reads the files of a document back.
func (s *Server) confirmFiles(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	files, err := s.o.Engine.ConfirmFiles(r.Context(), v.person.ID, id)
	switch {
	case isNotNow(err):
		s.say(r.Context(), false, v.say.T("document.not-now"))
	case store.IsNotFound(err):
		return found(err)
	case err != nil:
		s.o.Log.WarnContext(r.Context(), "files were not read back", "transfer", id, "err", err)
		s.say(r.Context(), false, v.say.T("files.not-read"))
	default:
		bad := 0
		for _, f := range files {
			if f.Detail.Seen == nil || f.Detail.Seen.Wrong {
				bad++
			}
		}
		if bad > 0 {
			s.say(r.Context(), false, v.say.N("files.confirmed-bad", bad))
		} else {
			s.say(r.Context(), true, v.say.N("files.confirmed", len(files)))
		}
	}
	return back(w, r, "/documents/"+url.PathEscape(id)+"#files")
}

// mayChangeFiles reports whether the reader may say which files go.
func (v documentView) mayChangeFiles() bool { return v.choosable() && v.can(people.Mend) }
