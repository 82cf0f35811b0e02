package web

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/format/pdf"
	"github.com/vienti/vienti/internal/format/sie"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
)

// A payrollView lists the payroll runs of a connection, the newest first, and takes files
// of new ones.
type payrollView struct {
	page
	Place      place
	Connection hub.Connection
	Runs       []runView
	// Sees says that the reader sees amounts; CanTake that they may hand files in.
	Sees, CanTake bool
	Older, Newer  string // addresses, "" for none

	// Of a file that was handed in.
	Fault   string
	Name    string
	Content string // base64, for the next step
	Read    []readRun
}

// A runView is a run with where it stands.
type runView struct {
	store.PayrollRun
	URL    string
	State  runState
	Parts  []partView
	Debit  money.Amount
	Credit money.Amount
	In     money.Currency
	// Sent is when the last of it arrived, and By who has let it go; zero and "" before.
	Sent time.Time
	By   string
}

// A partView is the journal of one period.
type partView struct {
	store.PayrollPart
	Document      *hub.Document // nil for whoever does not see inside
	Sums          []hub.RowSum
	Debit, Credit money.Amount
	Left          money.Amount // what does not balance
	Masked        bool         // it is not kept any more
	Changed       bool         // Sums say what was booked, too
	Explained     []remedy.Explanation
	Journal       *hub.Transfer // the journal in Procountor
}

// closed reports whether the journal is held since its period is closed.
func (part *partView) closed() bool {
	return part.State == hub.Held && slices.ContainsFunc(part.Faults, func(f hub.Fault) bool { return f.Code == hub.PeriodClosed })
}

// A readRun is a run in a file that was handed in and not taken yet.
type readRun struct {
	*hub.Document
	Parts  []partView
	Debit  money.Amount
	Credit money.Amount
	Faults []remedy.Explanation
	// Stops says that it is not taken; Known is where the same run is already.
	Stops bool
	Known string
}

// A runState is where a run as a whole stands.
type runState string

const (
	runNoticed runState = "noticed" // the connection does not write
	runAsks    runState = "asks"    // waits for a person to send it
	runGoing   runState = "going"
	runHeld    runState = "held"    // some of it needs a person
	runChanged runState = "changed" // it was sent, and has been run again since
	runSent    runState = "sent"
	runEnded   runState = "ended" // a person has ended it
)

func (s runState) tone() tone {
	switch s {
	case runSent:
		return toneGood
	case runAsks, runHeld, runChanged:
		return toneWarn
	case runGoing:
		return toneBusy
	}
	return toneNeutral
}

// stateOfRun is the state that asks most.
func stateOfRun(parts []store.PayrollPart) runState {
	has := func(f func(*hub.Transfer) bool) bool {
		return slices.ContainsFunc(parts, func(p store.PayrollPart) bool { return f(&p.Transfer) })
	}
	fault := func(t *hub.Transfer, code string) bool {
		return slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return f.Code == code })
	}
	switch {
	case has(func(t *hub.Transfer) bool { return t.State == hub.Held && fault(t, hub.DocumentChanged) }):
		return runChanged
	case has(func(t *hub.Transfer) bool { return t.State.NeedsPerson() && !fault(t, hub.WaitsForPerson) }):
		return runHeld
	case has(func(t *hub.Transfer) bool { return t.State.NeedsPerson() }):
		return runAsks
	case has(func(t *hub.Transfer) bool { return t.State == hub.Noticed }):
		return runNoticed
	case has(func(t *hub.Transfer) bool { return t.State.Active() }):
		return runGoing
	case has(func(t *hub.Transfer) bool {
		return t.State == hub.Done || t.State == hub.DoneWithWarning || t.State == hub.Linked
	}):
		return runSent
	}
	return runEnded
}

// runsShown is how many runs a page of the list has: three years of months.
const runsShown = 36

func payrollPath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/payroll"
}

func runPath(connection, run string) string {
	return payrollPath(connection) + "/run?run=" + url.QueryEscape(run)
}

func (s *Server) payrollRuns(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showPayroll(w, r, v, http.StatusOK, payrollView{})
}

func (s *Server) showPayroll(w http.ResponseWriter, r *http.Request, v visit, status int, view payrollView) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	ok := false
	if view.Place, view.Connection, ok = all.connection(r.PathValue("id")); !ok {
		return errNotFound
	}
	view.Sees = v.person.SeesPayroll(view.Place.ID)
	view.CanTake = view.Sees && v.can(people.Decide) && view.Place.Detached.IsZero()
	runs, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]store.PayrollRun, error) { return tx.PayrollRuns(view.Connection.ID) })
	if err != nil {
		return err
	}
	from := slices.IndexFunc(runs, func(x store.PayrollRun) bool { return x.ID == r.URL.Query().Get("from") })
	from = max(from, 0)
	if from > 0 {
		view.Newer = payrollPath(view.Connection.ID) + "?from=" + url.QueryEscape(runs[max(0, from-runsShown)].ID)
	}
	if runs = runs[from:]; len(runs) > runsShown {
		view.Older = payrollPath(view.Connection.ID) + "?from=" + url.QueryEscape(runs[runsShown].ID)
		runs = runs[:runsShown]
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	for _, run := range runs {
		x, err := s.runView(r, v, run, names, false)
		if err != nil {
			return err
		}
		view.Runs = append(view.Runs, x)
	}
	if view.page, err = s.page(r, v, v.say.T("payroll.title")+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.URL = payrollPath(view.Connection.ID)
	return s.show(w, r, status, payrollPage(view))
}

// runView reads what is to be said of a run; whole says that its rows are wanted too.
func (s *Server) runView(r *http.Request, v visit, run store.PayrollRun, names map[string]string, whole bool) (view runView, err error) {
	view = runView{PayrollRun: run, State: stateOfRun(run.Journals), URL: runPath(run.Journals[0].Connection, run.ID), Debit: money.Zero, Credit: money.Zero}
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		for _, p := range run.Journals {
			part := partView{PayrollPart: p}
			if p.State == hub.Done || p.State == hub.DoneWithWarning {
				if p.Changed.After(view.Sent) {
					view.Sent = p.Changed
				}
			}
			if view.By == "" {
				acts, err := tx.Acts(p.ID, 0, maxActs)
				if err != nil {
					return err
				}
				for _, a := range acts {
					if a.Kind == "transfer.send_now" && view.By == "" {
						view.By = actor(v, names, a.Actor)
					}
				}
			}
			sees := v.person.SeesInside(&p.Transfer)
			if sees {
				part.Document, _, err = tx.Document(p.Subject, p.Version)
				if part.Masked = errors.Is(err, store.ErrMasked); part.Masked {
					part.Document, sees = &hub.Document{}, false
				} else if err != nil {
					return err
				}
				part.Debit, part.Credit = hub.Sums(part.Document.Rows)
				part.Left = hub.RowsLeft(part.Document.Rows)
				view.Debit, view.Credit, view.In = view.Debit.Add(part.Debit), view.Credit.Add(part.Credit), part.Document.Currency
			}
			if whole {
				if err := part.read(tx, v, sees); err != nil {
					return err
				}
			}
			view.Parts = append(view.Parts, part)
		}
		return nil
	})
	if view.State != runSent && view.State != runChanged {
		view.Sent = time.Time{}
	}
	return view, err
}

// read adds what only the page of the run shows.
func (part *partView) read(tx *store.Tx, v visit, sees bool) error {
	var was []hub.JournalRow
	m, err := tx.JournalOf(part.Subject)
	if err != nil && !store.IsNotFound(err) {
		return err
	}
	if err == nil {
		t, err := tx.TransferByDocument(part.Company, m.Journal)
		if err != nil {
			return err
		}
		part.Journal = &t
		if sees && m.Version != "" && m.Version != part.Version {
			booked, _, err := tx.Document(m.Document, m.Version)
			if err != nil {
				return err
			}
			was, part.Changed = booked.Rows, true
		}
	}
	for _, f := range part.Faults {
		part.Explained = append(part.Explained, remedy.For(v.say, f))
	}
	if part.Document != nil {
		part.Sums = hub.SumRows(was, part.Document.Rows)
	}
	return nil
}

// A payrollRunView is the page of one run.
type payrollRunView struct {
	page
	runView
	Place      place
	Connection hub.Connection
	Sees       bool
	// Sends counts the journals that sending would let go; Decides what may be decided of
	// all that have changed.
	Sends   int
	Decides []engine.Action
	// Posted says that something of it is in Procountor, to be had as a file.
	Posted bool
	// Confirm says that the page asks whether the run is to go.
	Confirm bool
}

// run finds the run that a request names.
func (s *Server) run(r *http.Request, v visit) (view payrollRunView, err error) {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return view, err
	}
	ok := false
	if view.Place, view.Connection, ok = all.connection(r.PathValue("id")); !ok {
		return view, errNotFound
	}
	id := r.FormValue("run")
	run, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (store.PayrollRun, error) { return tx.PayrollRun(view.Connection.ID, id) })
	if err != nil {
		return view, found(err)
	}
	names, err := s.names(r.Context())
	if err != nil {
		return view, err
	}
	view.Sees = v.person.SeesPayroll(view.Place.ID)
	defer func() {
		view.Posted = slices.ContainsFunc(view.Parts, func(p partView) bool { return p.Journal != nil && p.Journal.InvoiceID != 0 && !p.Masked })
	}()
	if view.runView, err = s.runView(r, v, run, names, true); err != nil {
		return view, err
	}
	if !view.Sees || !v.can(people.Decide) || !view.Place.Detached.IsZero() {
		return view, nil
	}
	for i := range view.Parts {
		if engine.Lets(&view.Parts[i].Transfer) {
			view.Sends++
		}
	}
	for _, a := range []engine.Action{engine.Difference, engine.Reverse, engine.Leave} {
		if len(view.deciding(a)) > 0 {
			view.Decides = append(view.Decides, a)
		}
	}
	return view, nil
}

// deciding are the journals of which a may be decided.
func (v *payrollRunView) deciding(a engine.Action) (ids []string) {
	for i := range v.Parts {
		if slices.Contains(engine.Allowed(&v.Parts[i].Transfer), a) {
			ids = append(ids, v.Parts[i].ID)
		}
	}
	return ids
}

func (s *Server) payrollRun(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.run(r, v)
	if err != nil {
		return err
	}
	view.Confirm = r.FormValue("confirm") != "" && view.Sends > 0
	if view.page, err = s.page(r, v, v.say.T("payroll.run", "reference", view.Reference), "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, payrollRunPage(view))
}

// sendRun lets all of a run go.
func (s *Server) sendRun(w http.ResponseWriter, r *http.Request, v visit) error {
	if !v.can(people.Decide) {
		return errForbidden
	}
	view, err := s.run(r, v)
	if err != nil {
		return err
	}
	sent, err := s.o.Engine.SendRun(r.Context(), v.person.ID, view.Connection.ID, view.ID, "")
	if isNotNow(err) {
		s.say(r.Context(), false, v.say.T("document.not-now"))
		return back(w, r, view.URLOf())
	}
	if err != nil {
		return err
	}
	s.say(r.Context(), true, v.say.N("payroll.sending", sent))
	return back(w, r, view.URLOf())
}

// URLOf is the address of the run; [page.URL] is that of the page.
func (v *payrollRunView) URLOf() string { return v.runView.URL }

// decideRun answers for all journals of a run that have changed.
func (s *Server) decideRun(w http.ResponseWriter, r *http.Request, v visit) error {
	if !v.can(people.Decide) {
		return errForbidden
	}
	view, err := s.run(r, v)
	if err != nil {
		return err
	}
	a, why := engine.Action(r.PostFormValue("do")), strings.TrimSpace(r.PostFormValue("why"))
	ids := view.deciding(a)
	switch {
	case !slices.Contains([]engine.Action{engine.Difference, engine.Reverse, engine.Leave}, a), utf8.RuneCountInString(why) > maxWhy:
		return errBadRequest
	case why == "":
		s.say(r.Context(), false, v.say.T("document.why-missing"))
		return back(w, r, view.URLOf())
	}
	done := 0
	for _, id := range ids {
		switch err := s.o.Engine.Act(r.Context(), v.person.ID, id, a, why); {
		case err == nil:
			done++
		case !isNotNow(err):
			return err
		}
	}
	if done == 0 {
		s.say(r.Context(), false, v.say.T("document.not-now"))
	} else {
		s.say(r.Context(), true, v.say.N("payroll.decided", done))
	}
	return back(w, r, view.URLOf())
}

// takePayroll shows what is in a file, and takes it when the reader has seen that.
func (s *Server) takePayroll(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	if !v.can(people.Decide) {
		return errForbidden
	}
	view := payrollView{}
	wrong := func(text string) error {
		view.Fault = text
		return s.showPayroll(w, r, v, http.StatusUnprocessableEntity, view)
	}
	var large *http.MaxBytesError
	switch err := r.ParseMultipartForm(2*maxRunFile + maxForm); {
	case errors.As(err, &large):
		return wrong(v.say.T("payroll.too-large"))
	case err != nil:
		return errBadRequest
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // it all fits into memory
	b, fault, err := view.content(r, v)
	switch {
	case err != nil:
		return err
	case fault != "":
		return wrong(fault)
	}
	var in []engine.Incoming
	for f, err := range file.Decode(bytes.NewReader(b), view.Name, file.For(&c.Settings, p.BusinessID)) {
		if err != nil {
			return err
		}
		if reference := strings.TrimSpace(r.PostFormValue("reference")); reference != "" && f.Document.Kind == hub.PayrollJournal && len(reference) <= maxReference && text(reference) {
			if f.Document.SourceID == hub.RunID(f.Document.Ordinary(), f.Document.Number) {
				f.Document.SourceID = hub.RunID(f.Document.Ordinary(), reference)
			}
			f.Document.Number = reference
		}
		in = append(in, engine.Incoming{Document: f.Document, Faults: f.Faults, Raw: f.Raw, Places: f.Places, Name: f.Name})
		run, err := s.readRun(r, v, all, c, in[len(in)-1])
		if err != nil {
			return err
		}
		view.Read = append(view.Read, run)
	}
	if r.PostFormValue("do") != "take" || slices.ContainsFunc(view.Read, func(x readRun) bool { return x.Stops }) {
		status := http.StatusOK
		if slices.ContainsFunc(view.Read, func(x readRun) bool { return x.Stops }) {
			status, view.Content = http.StatusUnprocessableEntity, ""
		}
		return s.showPayroll(w, r, v, status, view)
	}
	if _, err := s.o.Engine.Receive(r.Context(), c.ID, in, nil); err != nil {
		return err
	}
	s.say(r.Context(), true, v.say.N("payroll.taken", len(in)))
	if len(in) == 1 {
		return back(w, r, runPath(c.ID, in[0].Document.SourceID))
	}
	return back(w, r, payrollPath(c.ID))
}

// maxRunFile bounds a file that is handed in on the page: some ten thousand rows. What is
// larger goes by the folder, the command or the API.
const maxRunFile = 4 << 20

// maxReference bounds what a person calls a run.
const maxReference = 100

// readRun says what is in a document of a file, and whether it may be taken.
func (s *Server) readRun(r *http.Request, v visit, all places, c hub.Connection, in engine.Incoming) (run readRun, err error) {
	run = readRun{Document: in.Document, Debit: money.Zero, Credit: money.Zero}
	if in.Document.Kind != hub.PayrollJournal {
		run.Stops = true
	}
	for _, f := range in.Faults {
		if f.Code == hub.FileOtherCompany {
			// Whose it is, where the reader may know of that company.
			run.Stops = true
			for _, p := range all {
				if p.BusinessID == f.Args["owner"] {
					f.Args = maps.Clone(f.Args)
					f.Args["name"] = p.Name
				}
			}
		}
		run.Faults = append(run.Faults, remedy.For(v.say, f))
	}
	for i := range in.Document.Journals {
		j := &in.Document.Journals[i]
		part := partView{Document: in.Document, Sums: hub.SumRows(nil, j.Rows), Left: j.Left()}
		part.Period = j.Month()
		part.Debit, part.Credit = hub.Sums(j.Rows)
		run.Debit, run.Credit = run.Debit.Add(part.Debit), run.Credit.Add(part.Credit)
		run.Parts = append(run.Parts, part)
	}
	slices.SortStableFunc(run.Parts, func(a, b partView) int { return cmp.Compare(a.Period, b.Period) })
	if run.Stops {
		return run, nil
	}
	same, err := s.o.Engine.SameRun(r.Context(), c.ID, in)
	if err == nil && same {
		run.Stops, run.Known = true, runPath(c.ID, in.Document.SourceID)
	}
	return run, err
}

// content is the file of this step, or of the one before.
func (view *payrollView) content(r *http.Request, v visit) (b []byte, fault string, err error) {
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
	if head.Size > maxRunFile {
		return nil, v.say.T("payroll.too-large"), nil
	}
	b, err = io.ReadAll(f)
	view.Name, view.Content = filepath.Base(head.Filename), base64.StdEncoding.EncodeToString(b)
	if !text(view.Name) {
		return nil, "", errBadRequest
	}
	return b, "", err
}

// periodWords are the periods of a run: one, or the first and the last.
func periodWords(say locale.Speaker, parts []partView) string {
	if len(parts) == 0 {
		return ""
	}
	first, last := string(parts[0].Period), string(parts[len(parts)-1].Period)
	if first == last {
		return say.Month(first)
	}
	return say.Month(first) + " – " + say.Month(last)
}

// dimensionWords names the dimensions of rows, such as "cost centre 200".
func dimensionWords(say locale.Speaker, dims []hub.Dimension) string {
	words := make([]string, len(dims))
	for i, d := range dims {
		axis := d.Axis
		if key := "axis." + d.Axis; say.Has(key) {
			axis = say.T(key)
		}
		words[i] = strings.TrimSpace(axis + " " + cmp.Or(d.Code, d.Name))
	}
	return strings.Join(words, ", ")
}

// runURL leads from a document of payroll to the runs of its connection.
func (v documentView) runURL() string {
	if !v.Private() {
		return ""
	}
	return payrollPath(v.Connection.ID)
}

// blankZero is an amount, nothing for zero.
func blankZero(say locale.Speaker, a money.Amount) string {
	if a.IsZero() {
		return ""
	}
	return say.Sum(a)
}

// runFormats are the forms in which a run is handed over.
var runFormats = []string{"pdf", "sie", "json"}

func runFormatWord(as string) string { return strings.ToUpper(as) }

func queryText(s string) string { return url.QueryEscape(s) }

// debitSide is what stands on the debit side: nothing when the amount is below zero.
func debitSide(say locale.Speaker, a money.Amount) string {
	if a.Sign() <= 0 {
		return ""
	}
	return say.Sum(a)
}

// payrollFile hands a run over as a file.
func (s *Server) payrollFile(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.run(r, v)
	if err != nil {
		return err
	}
	posted, err := s.o.Engine.PostedRun(r.Context(), view.Connection.ID, view.ID)
	if errors.Is(err, store.ErrMasked) || err == nil && len(posted.Journals) == 0 {
		return errNotFound
	}
	if err != nil {
		return err
	}
	var b []byte
	as := r.URL.Query().Get("as")
	switch as {
	case "json":
		b, err = posted.JSON()
	case "sie":
		b = sie.Write(&posted, civil.DayOf(s.o.Now(), v.say.Zone()), false)
	case "pdf":
		b, err = pdf.Run(&posted, v.say)
	default:
		return errBadRequest
	}
	if err != nil {
		return err
	}
	handOver(w, runFileName(view.Reference, as), b)
	return nil
}

// runFileName is what a run is called as a file.
func runFileName(reference, as string) string {
	if as == "sie" {
		as = "se"
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, reference) + "." + as
}
