package web

import (
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/heeros"
	"github.com/vienti/vienti/internal/format/table"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
)

// A listView is the page on which lists are handed in: workbooks and separated text
// whose columns a person explains once.
type listView struct {
	page
	mapped
	Fault    string
	CanSetUp bool

	// Of a list that was handed in.
	Name    string
	Content string // base64, for the next step
	System  string // whose file it is, when its columns are known by themselves
	Header  []string
	Map     hub.TableMap
	Known   bool // the map is the one that is kept
	Lacks   []string
	Rows    int
	Shown   []listDocument
	More    int // documents that are not shown
	Held    int
	Broken  *remedy.Explanation // why the list as a whole is not read
}

// A listDocument is a document as it would be.
type listDocument struct {
	*hub.Document
	Forecast engine.Forecast
	Faults   []remedy.Explanation
}

// maxShownDocumentsOfList is how many documents of a list are forecast on the page.
const maxShownDocumentsOfList = 30

func listsPath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/lists"
}

func (s *Server) lists(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	return s.showLists(w, r, v, http.StatusOK, listView{mapped: m})
}

func (s *Server) showLists(w http.ResponseWriter, r *http.Request, v visit, status int, view listView) (err error) {
	view.CanSetUp = v.can(people.SetUp)
	if view.page, err = s.page(r, v, v.say.T("lists.title")+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.URL = listsPath(view.Connection.ID)
	return s.show(w, r, status, listsPage(view))
}

// takeList tries a mapping on a list, keeps it, and takes the documents in.
func (s *Server) takeList(w http.ResponseWriter, r *http.Request, v visit) error {
	view := listView{}
	var err error
	if view.mapped, err = s.mapped(r, v); err != nil {
		return err
	}
	wrong := func(text string) error {
		view.Fault = text
		return s.showLists(w, r, v, http.StatusUnprocessableEntity, view)
	}
	var large *http.MaxBytesError
	switch err := r.ParseMultipartForm(2*maxUpload + maxForm); {
	case errors.As(err, &large):
		return wrong(v.say.T("lists.too-large"))
	case err != nil:
		return errBadRequest
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // it all fits into memory
	from, err := base(r)
	if err != nil {
		return err
	}
	b, fault, err := view.content(r, v)
	switch {
	case err != nil:
		return err
	case fault != "":
		return wrong(fault)
	}
	o := file.For(&view.Connection.Settings, view.Place.BusinessID)
	if file.IsPayroll(b) {
		return wrong(v.say.T("lists.payroll-file"))
	}
	if heeros.Takes(b) {
		return s.takeHeeros(w, r, v, view, heeros.Decode(b, o.Options))
	}
	t, broken := table.Read(b)
	if broken != nil {
		view.Broken = new(remedy.For(v.say, *broken))
		return s.showLists(w, r, v, http.StatusUnprocessableEntity, view)
	}
	view.Header, view.Rows = t.Header, len(t.Rows)
	kept := view.Connection.Settings.MapFor(t.Header)
	view.Map = t.Propose()
	if kept != nil {
		view.Map = *kept
	}
	do := r.PostFormValue("do")
	switch kind := hub.Kind(r.PostFormValue("kind")); {
	case do == "":
	case kind != "" && kind != hub.PayrollJournal:
		return errBadRequest
	case do == "try" && kind != hub.Kind(r.PostFormValue("was")):
		view.Map = t.ProposeFor(kind)
	default:
		view.Map = hub.TableMap{Kind: kind, Header: t.Header, Fields: map[string]string{}}
		for _, field := range view.Map.Known() {
			if name := r.PostFormValue("field." + field); slices.Contains(t.Header, name) && name != "" {
				view.Map.Fields[field] = name
			}
		}
	}
	view.Known = kept != nil && kept.Kind == view.Map.Kind && maps.Equal(kept.Fields, view.Map.Fields)
	if view.Lacks = table.Lacks(view.Map); len(view.Lacks) > 0 && do != "take" {
		return s.showLists(w, r, v, http.StatusOK, view)
	}
	docs := t.Documents(view.Map, o.Options)
	if do != "take" {
		if err := s.forecastList(r, v, &view, docs); err != nil {
			return err
		}
		return s.showLists(w, r, v, http.StatusOK, view)
	}
	if len(view.Lacks) > 0 {
		return wrong(v.say.T("lists.lacks"))
	}
	if !view.Known {
		if !v.can(people.SetUp) {
			return errForbidden
		}
		settings := view.Connection.Settings
		settings.KeepTable(view.Map)
		if _, err := s.o.Engine.SetSettings(r.Context(), v.person.ID, view.Connection.ID, from, settings); err != nil {
			if errors.Is(err, engine.ErrSettingsChanged) {
				return wrong(v.say.T("lists.changed"))
			}
			return err
		}
	}
	return s.takeIn(w, r, v, view, docs)
}

// takeHeeros shows what would become of a file of Heeros Sales Invoices, whose columns
// nobody need explain, or takes its documents in.
func (s *Server) takeHeeros(w http.ResponseWriter, r *http.Request, v visit, view listView, docs []format.Decoded) error {
	if r.PostFormValue("do") == "take" {
		return s.takeIn(w, r, v, view, docs)
	}
	view.System, view.Rows = "Heeros", len(docs)
	if err := s.forecastList(r, v, &view, docs); err != nil {
		return err
	}
	return s.showLists(w, r, v, http.StatusOK, view)
}

// takeIn takes the documents of a list in, and shows them.
func (s *Server) takeIn(w http.ResponseWriter, r *http.Request, v visit, view listView, docs []format.Decoded) error {
	var in []engine.Incoming
	for _, d := range docs {
		in = append(in, engine.Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: view.Name})
	}
	taken := 0
	for part := range slices.Chunk(in, maxReceived) {
		receipts, err := s.o.Engine.Receive(r.Context(), view.Connection.ID, part, nil)
		if err != nil {
			return err
		}
		taken += len(receipts)
	}
	s.say(r.Context(), true, v.say.N("lists.taken", taken))
	return back(w, r, filter{Show: "all", Connection: view.Connection.ID}.query())
}

// maxReceived is how many documents are stored in one transaction.
const maxReceived = 50

// content is the file of this step, or of the one before.
func (view *listView) content(r *http.Request, v visit) (b []byte, fault string, err error) {
	if text := r.PostFormValue("content"); text != "" {
		if b, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, "", errBadRequest
		}
		view.Name, view.Content = r.PostFormValue("name"), text
		return b, "", nil
	}
	f, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, v.say.T("accounts.no-file"), nil
	}
	if err != nil {
		return nil, "", errBadRequest
	}
	defer f.Close()
	if head.Size > maxUpload {
		return nil, v.say.T("lists.too-large"), nil
	}
	b, err = io.ReadAll(f)
	view.Name, view.Content = filepath.Base(head.Filename), base64.StdEncoding.EncodeToString(b)
	if !text(view.Name) {
		return nil, "", errBadRequest
	}
	return b, "", err
}

// forecastList says what would become of the first documents.
func (s *Server) forecastList(r *http.Request, v visit, view *listView, docs []format.Decoded) error {
	for i, d := range docs {
		if i >= maxShownDocumentsOfList {
			view.More = len(docs) - i
			break
		}
		f, err := s.o.Engine.Check(r.Context(), view.Connection.ID, engine.Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places})
		if err != nil {
			if store.IsNotFound(err) {
				return errNotFound
			}
			return err
		}
		shown := listDocument{Document: d.Document, Forecast: f}
		for _, fault := range f.Faults {
			shown.Faults = append(shown.Faults, remedy.For(v.say, fault))
		}
		if f.State == hub.Held {
			view.Held++
		}
		view.Shown = append(view.Shown, shown)
	}
	return nil
}

// fieldWord is what people call a field of ours.
func (view listView) fieldWord(field string) string {
	if view.ofPayroll() {
		return view.say.T("journal-field." + field)
	}
	return view.say.T("list-field." + field)
}

func (view listView) ofPayroll() bool { return view.Map.Kind == hub.PayrollJournal }

// lines are how many rows a document has.
func (d listDocument) lines() int {
	n := len(d.Lines) + len(d.Rows)
	for i := range d.Journals {
		n += len(d.Journals[i].Rows)
	}
	return n
}

// where is the place of a fault: its cell.
func where(e remedy.Explanation) string {
	if e.Element != "" {
		return e.Element
	}
	return e.Path
}

func version(c hub.Connection) string { return strconv.Itoa(c.SettingsVersion) }
