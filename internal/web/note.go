package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// maxNote bounds a note of somebody's own: it explains one reason.
const maxNote = 2000

// rawText is a reason as Procountor has said it.
func rawText(e remedy.Explanation) string { return strings.TrimPrefix(e.Code, hub.ProcountorCode) }

// keepNote keeps what somebody writes about a reason that has no text of its own.
func (s *Server) keepNote(w http.ResponseWriter, r *http.Request, v visit) error {
	if !v.person.Reach(people.Mend).Everything() {
		return errForbidden // a note is common to all companies
	}
	d, err := s.detail(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	key, text := r.PostFormValue("key"), strings.TrimSpace(r.PostFormValue("text"))
	if !slices.ContainsFunc(d.Faults, func(f hub.Fault) bool { return remedy.NoteKey(f.Code) == key && !remedy.For(v.say, f).Known }) ||
		utf8.RuneCountInString(text) > maxNote {
		return errBadRequest
	}
	if err := s.o.Store.Tx(r.Context(), func(tx *store.Tx) error { return tx.KeepOwnNote(key, text, v.person.ID) }); err != nil {
		return err
	}
	done := v.say.T("note.kept")
	if text == "" {
		done = v.say.T("note.removed")
	}
	s.say(r.Context(), true, done)
	return back(w, r, "/documents/"+url.PathEscape(d.ID))
}
