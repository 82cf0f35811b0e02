package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A documentView is the page of one document.
type documentView struct {
	page
	detail
	Explained []remedy.Explanation
	// Notes are what people have written about reasons without a text of ours.
	Notes   map[string]store.OwnNote
	Actions []engine.Action
	Compare comparison
	Log     []logLine
	Live    bool
	// Chosen are the dates that a person has chosen; CanDate says whether the reader may.
	Chosen  *hub.ChosenDates
	CanDate bool
	// CanMark says whether the reader may mark tasks done.
	CanMark bool
	// Card is what the document says otherwise of its partner than the partner's card
	// did, or, on the page of a card, what that is about.
	Card *cardView
	// Item is, on the page of an item of a dimension or a product, what that is about.
	Item *itemView
}

// chosenBy is who has chosen the dates.
func (v documentView) chosenBy() string {
	if n, ok := v.Names[v.Chosen.By]; ok {
		return n
	}
	return v.Chosen.By
}

// A logLine is one event of a document's life.
type logLine struct {
	audit.Act
	Who  string
	What string
	Why  string
}

func (s *Server) document(w http.ResponseWriter, r *http.Request, v visit) error {
	d, err := s.detail(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.foresee(r.Context(), &d); err != nil {
		return err
	}
	notes, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (map[string]store.OwnNote, error) { return tx.OwnNotes() })
	if err != nil {
		return err
	}
	if !v.sees().Everything() {
		notes = nil // they are common to all companies
	}
	view := documentView{detail: d, Notes: notes, Actions: d.may(*v.person), Compare: compare(v.say, d), Live: d.State.Active(), CanMark: v.can(people.Mend)}
	view.Chosen = d.Dates
	view.CanDate = engine.MayChangeDates(d.Connection, &d.Transfer) && v.can(rightFor(engine.SendNow))
	if view.page, err = s.page(r, v, v.say.T("document.title", "number", name(v.say, d.Transfer)), "documents", scopeOf(d.Place)); err != nil {
		return err
	}
	if view.Card, err = s.cardOf(r, v, &d); err != nil {
		return err
	}
	if view.Item, err = s.itemOf(r, v, &d); err != nil {
		return err
	}
	for _, f := range d.Place.Reasons(&d.Transfer) {
		view.Explained = append(view.Explained, remedy.For(v.say, f))
	}
	for _, a := range d.Acts {
		view.Log = append(view.Log, logLine{Act: a, Who: actor(v, d.Names, a.Actor), What: actWord(v.say, a.Kind), Why: whyOf(v, a)})
	}
	return s.show(w, r, http.StatusOK, documentPage(view))
}

// engineActor is who the hub's own acts are by.
const engineActor = "vienti"

func actor(v visit, names map[string]string, id string) string {
	if id == engineActor {
		return "Vienti"
	}
	if n, ok := names[id]; ok {
		return n
	}
	return id
}

// whyOf reads the reason out of an act: a person's words, and the codes of the
// faults in words.
func whyOf(v visit, a audit.Act) string {
	var d struct {
		Why    string      `json:"why"`
		Codes  []string    `json:"codes"`
		Faults []hub.Fault `json:"faults"`
	}
	if json.Unmarshal(a.Detail, &d) != nil {
		return ""
	}
	var words []string
	for _, f := range d.Faults {
		words = append(words, remedy.For(v.say, f).Title)
	}
	for _, c := range d.Codes {
		words = append(words, remedy.Title(v.say, c))
	}
	if d.Why != "" {
		words = append(words, d.Why)
	}
	return strings.Join(words, "; ")
}

// maxWhy bounds the reason that a person gives.
const maxWhy = 500

// act does one action and shows the document again.
func (s *Server) act(w http.ResponseWriter, r *http.Request, v visit) error {
	id, a := r.PathValue("id"), engine.Action(r.PathValue("action"))
	if !slices.Contains(engine.Actions, a) {
		return errNotFound
	}
	if !v.can(rightFor(a)) {
		return errForbidden
	}
	why := strings.TrimSpace(r.PostFormValue("why"))
	if utf8.RuneCountInString(why) > maxWhy || !utf8.ValidString(why) {
		return errBadRequest
	}
	to := "/documents/" + url.PathEscape(id)
	if a == engine.ReleaseLocks {
		switch still, err := s.locked(r, v, id); {
		case err != nil:
			return err
		case still == lockTransfer:
			s.say(r.Context(), false, v.say.T("locks.still-transfer"))
			return back(w, r, to)
		case still == lockSent:
			s.say(r.Context(), false, v.say.T("locks.still-sent"))
			return back(w, r, to)
		}
	}
	if a != engine.Retry && a != engine.SendNow && why == "" {
		s.say(r.Context(), false, v.say.T("document.why-missing"))
		return back(w, r, to)
	}
	switch err := s.o.Engine.Act(r.Context(), v.person.ID, id, a, why); {
	case isNotNow(err):
		s.say(r.Context(), false, v.say.T("document.not-now"))
	case err != nil:
		return found(err)
	default:
		s.say(r.Context(), true, v.say.T("action."+string(a)+".done"))
	}
	return back(w, r, to)
}

// StateSays is where a transfer stands, in a sentence. What is held may have a voucher.
func StateSays(say locale.Speaker, t hub.Transfer) string {
	if key := "report-says." + string(t.State); t.Kind == hub.ReportTransfer && say.Has(key) {
		return say.T(key)
	}
	if key := "back-says." + string(t.State); t.Returns() && say.Has(key) {
		return say.T(key)
	}
	if t.State == hub.Held && t.InvoiceID != 0 {
		return say.T("state-says.held-there")
	}
	return say.T("state-says." + string(t.State))
}

// sentOn is the day on which Procountor was last told to send the voucher, in words.
func (v documentView) sentOn() string {
	if !engine.SentToCustomer(v.Steps) {
		return ""
	}
	for _, st := range slices.Backward(v.Steps) {
		if st.Kind == hub.Send && st.State == hub.StepProved && st.Detail.Credits == 0 {
			return v.say.Day(dayOf(v.page, st.EndedAt))
		}
	}
	return ""
}

// The locks of a document that has arrived; a person releases each of them.
const (
	lockTransfer = "transfer" // it has a voucher in Procountor
	lockSent     = "sent"     // and its customer has it
)

// locked is what still holds a document, "" when a form releases all of it.
func (s *Server) locked(r *http.Request, v visit, id string) (string, error) {
	d, err := s.detail(r.Context(), v, id)
	if err != nil {
		return "", err
	}
	ticked := r.PostForm["lock"]
	switch {
	case !slices.Contains(ticked, lockTransfer):
		return lockTransfer, nil
	case engine.SentToCustomer(d.Steps) && !slices.Contains(ticked, lockSent):
		return lockSent, nil
	}
	return "", nil
}

// maxShown bounds how much of a body a page shows as text; the rest is there to
// be downloaded.
const maxShown = 512 << 10

// A rawView shows a stored body as text.
type rawView struct {
	page
	Back     string
	Heading  string
	Text     string
	Cut      bool
	Size     int
	Download string
}

// documentRaw shows, or hands over, what the source gave us.
func (s *Server) documentRaw(w http.ResponseWriter, r *http.Request, v visit) error {
	d, err := s.detail(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	if d.Content.Raw == "" {
		return errNotFound
	}
	return s.raw(w, r, v, d, d.Content.Raw, v.say.T("raw.source"), "source")
}

// stepRaw shows, or hands over, what a step sent or what came back.
func (s *Server) stepRaw(w http.ResponseWriter, r *http.Request, v visit) error {
	d, err := s.detail(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Steps, func(x hub.Step) bool { return x.ID == r.PathValue("step") })
	if i < 0 {
		return errNotFound
	}
	ref, which := "", r.PathValue("which")
	switch which {
	case "request":
		ref = d.Steps[i].Request
	case "answer":
		ref = d.Steps[i].Answer
	}
	if ref == "" {
		return errNotFound
	}
	heading := v.say.T("raw.request")
	if which == "answer" {
		heading = v.say.T("raw.answer")
	}
	return s.raw(w, r, v, d, ref, heading+" · "+v.say.T("step."+string(d.Steps[i].Kind)), which)
}

func (s *Server) raw(w http.ResponseWriter, r *http.Request, v visit, d detail, ref, heading, what string) error {
	b, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]byte, error) { return tx.Blob(ref) })
	if err != nil {
		return err
	}
	if r.URL.Query().Has("download") {
		handOver(w, fileName(d.Transfer, what, b), b)
		return nil
	}
	view := rawView{Back: "/documents/" + url.PathEscape(d.ID), Heading: heading, Size: len(b), Download: r.URL.Path + "?download"}
	view.Text, view.Cut = readable(b)
	if view.page, err = s.page(r, v, heading+" · "+name(v.say, d.Transfer), "documents", scopeOf(d.Place)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, rawPage(view))
}

// documentFile hands over an attachment. Whatever its type: it is somebody
// else's file, and is never shown as a page of ours.
func (s *Server) documentFile(w http.ResponseWriter, r *http.Request, v visit) error {
	d, err := s.detail(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	hash, name := r.PathValue("hash"), ""
	for _, a := range slices.Concat(sentAttachments(d.SentFiles), d.Choice.Added, attachmentsOf(d.Document)) {
		if a.Hash == hash {
			name = a.Name
		}
	}
	if name == "" {
		return errNotFound
	}
	b, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]byte, error) { return tx.DocumentFile(d.Subject, hash) })
	if err != nil {
		return found(err)
	}
	handOver(w, name, b)
	return nil
}

func attachmentsOf(d *hub.Document) []hub.Attachment {
	if d == nil {
		return nil
	}
	return d.Attachments
}

func sentAttachments(steps []hub.Step) (list []hub.Attachment) {
	for _, s := range steps {
		list = append(list, *s.Detail.Attachment)
	}
	return list
}

// handOver sends a body as a file to be saved.
func handOver(w http.ResponseWriter, name string, b []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	w.Header().Set("Content-Length", fmt.Sprint(len(b)))
	_, _ = w.Write(b) // the reader has gone; there is nobody to tell
}

func fileName(t hub.Transfer, what string, b []byte) string {
	ext := ".txt"
	switch {
	case json.Valid(b):
		ext = ".json"
	case bytes.HasPrefix(bytes.TrimSpace(b), []byte("<")):
		ext = ".xml"
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, cmp.Or(t.Number, t.PartnerName, t.ID)) + "-" + what + ext
}

// readable writes a body as text for reading: JSON and XML with indents, the
// rest as it is.
func readable(b []byte) (text string, cut bool) {
	if len(b) > maxShown {
		b, cut = b[:maxShown], true
	}
	var out bytes.Buffer
	switch {
	case !cut && json.Indent(&out, b, "", "  ") == nil:
		b = out.Bytes()
	case !cut && bytes.HasPrefix(bytes.TrimSpace(b), []byte("<")):
		if x, err := indentXML(b); err == nil {
			b = x
		}
	}
	return strings.ToValidUTF8(string(b), "\ufffd"), cut
}

// indentXML breaks lines between elements that follow each other without text.
// It moves nothing else, so that what is shown is what came.
func indentXML(b []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("shown as it came") }
	var out bytes.Buffer
	depth, last, wasEnd := 0, int64(0), false
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		text := b[last:d.InputOffset()]
		last = d.InputOffset()
		switch tok.(type) {
		case xml.StartElement:
			newline(&out, depth)
			depth, wasEnd = depth+1, false
		case xml.EndElement:
			depth--
			if wasEnd && len(text) > 0 {
				newline(&out, depth)
			}
			wasEnd = true
		case xml.CharData:
			if len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			wasEnd = false
		default:
			newline(&out, depth)
		}
		out.Write(text)
	}
}

// maxIndent keeps a hostile document from filling the page with blanks.
const maxIndent = 30

func newline(out *bytes.Buffer, depth int) {
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	for range min(max(depth, 0), maxIndent) {
		out.WriteString("  ")
	}
}
