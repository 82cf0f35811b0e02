package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/store"
)

// A sourceView shows how a connection is read by itself: what came, what failed and
// who must act, and to whoever sets up the form of its options.
type sourceView struct {
	page
	Place      place
	Connection hub.Connection
	Source     store.Source // of no kind when it is not read by itself
	Stopped    *remedy.Explanation
	Last       time.Time
	Pulls      []pullView
	CanSetUp   bool
	CanAsk     bool
	Fault      string
	Kinds      []settingOption
	Kind       string // on the form
	KindHelp   string
	Retires    string   // when the chosen connector's interface ends, in words; "" when it does not
	Calls      []string // that the system must allow with the options of the form
	Fields     []settingField
	// Likes are the connections whose credentials may be used here too, Like the chosen one.
	Likes []settingOption
	Like  string
	Trial *trialView
	// CanChoose says that the system can be asked for the choices of its options; Chosen
	// that it has been, and AskFault why it did not say.
	CanChoose bool
	Chosen    bool
	AskFault  *remedy.Explanation
	now       time.Time
}

// A sourceForm is one that was sent, and what came of it; nothing when the page shows
// what is stored.
type sourceForm struct {
	sent    url.Values
	fault   string
	trial   *engine.SourceTrial
	choices map[string][]source.Choice
	refused *hub.Fault // why there are no choices
}

type pullView struct {
	store.Pull
	Outcome string
}

type trialView struct {
	Stopped   *remedy.Explanation
	Documents []trialDocument
	Fields    []source.Understood
}

type trialDocument struct {
	Number, Date, Partner, Gross string
	Faults                       []remedy.Explanation
}

// tried is how many documents a trial reads.
const tried = 5

func sourcePath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/source"
}

func (s *Server) source(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showSource(w, r, v, http.StatusOK, sourceForm{})
}

// showSource shows the page: with what is stored, or with a form that was sent.
func (s *Server) showSource(w http.ResponseWriter, r *http.Request, v visit, status int, form sourceForm) error {
	places, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := places.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	view := sourceView{Place: p, Connection: c, CanSetUp: v.can(people.SetUp) && p.Detached.IsZero(), CanAsk: v.can(people.Mend) && p.Detached.IsZero(), Fault: form.fault, now: s.o.Now()}
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		if view.Source, err = tx.Source(c.ID); store.IsNotFound(err) {
			return nil
		} else if err != nil {
			return err
		}
		pulls, err := tx.Pulls(c.ID, 20)
		for _, x := range pulls {
			row := pullView{x, v.say.T("source.good")}
			if x.Fault != nil {
				row.Outcome = remedy.For(v.say, *x.Fault).Title
			}
			view.Pulls = append(view.Pulls, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(view.Pulls) > 0 {
		view.Last = view.Pulls[0].Ended
	}
	if f := view.Source.Fault; f != nil {
		view.Stopped = new(remedy.For(v.say, *f))
	}
	like, err := s.likes(r, v, places, &view, form)
	if err != nil {
		return err
	}
	view.form(v, s.o.Engine.Sources(), form, like)
	if form.trial != nil {
		view.Trial = trialOf(v, *form.trial)
	}
	if form.refused != nil {
		view.AskFault = new(remedy.For(v.say, *form.refused))
	}
	if view.page, err = s.page(r, v, v.say.T("source.title")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = sourcePath(c.ID)
	return s.show(w, r, status, sourcePage(view))
}

// likes finds the connections whose credentials may be used here too: read by the connector
// of the form, and the person's to set up. It returns how the chosen one is read.
func (s *Server) likes(r *http.Request, v visit, all places, view *sourceView, form sourceForm) (like store.Source, err error) {
	view.Kind = cmp.Or(form.sent.Get("kind"), r.URL.Query().Get("kind"), view.Source.Kind)
	if view.Kind == "" || !view.CanSetUp {
		return like, nil
	}
	view.Like = cmp.Or(form.sent.Get("like"), r.URL.Query().Get("like"))
	list, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]store.Source, error) { return tx.Sources() })
	if err != nil {
		return like, err
	}
	for _, x := range list {
		p, c, ok := all.connection(x.Connection)
		if !ok || x.Kind != view.Kind || c.ID == view.Connection.ID || len(x.Secrets) == 0 || !v.person.Can(people.SetUp, p.ID, "") {
			continue
		}
		view.Likes = append(view.Likes, settingOption{c.ID, c.Name + " · " + p.Name})
		if c.ID == view.Like {
			like = x
		}
	}
	if like.Kind == "" {
		view.Like = ""
	}
	return like, nil
}

// form fills the fields of the chosen connector, at first as in a like connection.
func (view *sourceView) form(v visit, kinds *source.Registry, form sourceForm, like store.Source) {
	sent := form.sent
	for _, k := range kinds.Kinds() {
		view.Kinds = append(view.Kinds, settingOption{k.Name, v.say.T("connector." + k.Name + ".title")})
	}
	k, ok := kinds.Kind(view.Kind)
	if !ok {
		view.Kind = ""
		return
	}
	view.KindHelp = v.say.T("connector." + k.Name + ".help")
	view.CanChoose, view.Chosen = k.Choices != nil, form.choices != nil
	view.Retires = RetiresWords(v.say, k, civil.DayOf(view.now, time.UTC))
	if k.Calls != nil {
		view.Calls = k.Calls(source.Config{Values: view.optionValues(k, sent)})
	}
	for _, o := range k.Options {
		key := "connector." + k.Name + ".option." + o.Name
		f := settingField{Key: "option." + o.Name, Control: written, Label: v.say.T(key + ".label"), Help: v.say.T(key + ".help"), Value: o.Default}
		if view.Source.Kind == k.Name {
			if value, set := view.Source.Values[o.Name]; set {
				f.Value = value
			}
		} else if value, set := like.Values[o.Name]; set && !o.Own {
			f.Value = value
		}
		if sent != nil {
			f.Value = sent.Get(f.Key)
		}
		switch {
		case o.Secret:
			f.Control, f.Value = hidden, ""
			if view.Like != "" {
				f.Help += " " + v.say.T("source.secret-like")
			} else if view.Source.Kind == k.Name && slices.Contains(view.Source.Secrets, o.Name) {
				f.Help += " " + v.say.T("source.secret-kept")
			}
			if sent.Get(f.Key) != "" {
				f.Fault = v.say.T("source.secret-again")
			}
		case o.Lines:
			f.Control = lines
		case len(form.choices[o.Name]) > 0:
			f.Control = choice
			f.Value, f.Options = offered(v, form.choices[o.Name], f.Value)
		case len(o.Choices) > 0:
			f.Control = choice
			if o.Default == "" {
				f.Options = append(f.Options, settingOption{"", v.say.T("source.choice-none")})
			}
			for _, x := range o.Choices {
				f.Options = append(f.Options, settingOption{x, choiceText(v, x)})
			}
		}
		view.Fields = append(view.Fields, f)
	}
	every, quiet := strconv.Itoa(int(k.Usual()/time.Minute)), ""
	if n := int(view.Source.Schedule.Every / time.Minute); n > 0 && view.Source.Kind == k.Name {
		every, quiet = strconv.Itoa(n), view.Source.Schedule.Quiet.String()
	}
	if sent != nil {
		every, quiet = sent.Get("every"), sent.Get("quiet")
	}
	view.Fields = append(view.Fields,
		settingField{Key: "every", Control: numeric, Label: v.say.T("source.every"), Value: every},
		settingField{Key: "quiet", Control: written, Label: v.say.T("source.quiet"), Help: v.say.T("source.quiet-help"), Value: quiet})
}

// optionValues are the options on the form, or those that are stored.
func (view *sourceView) optionValues(k source.Kind, sent url.Values) map[string]string {
	values := map[string]string{}
	for _, o := range k.Options {
		switch {
		case o.Secret:
		case sent != nil:
			values[o.Name] = sent.Get("option." + o.Name)
		case view.Source.Kind == k.Name:
			values[o.Name] = view.Source.Values[o.Name]
		}
	}
	return values
}

// RetiresWords say when the interface of a connector ends, or has ended; "" when its maker
// has announced nothing.
func RetiresWords(say locale.Speaker, k source.Kind, today civil.Date) string {
	args := []any{"kind", say.T("connector." + k.Name + ".title"), "day", say.Date(k.Retires)}
	switch {
	case k.Retires.IsZero():
		return ""
	case today.Before(k.Retires):
		return say.T("source.retires", args...)
	}
	return say.T("source.retired", args...)
}

// offered are the choices of a system for an option, and which of them has a value: a
// name that a person has written is that of a choice. What is none of them stays.
func offered(v visit, choices []source.Choice, value string) (string, []settingOption) {
	options := []settingOption{{"", v.say.T("choices.choose")}}
	for _, c := range choices {
		options = append(options, settingOption{c.Value, c.Label})
		if value != "" && value != c.Value && strings.EqualFold(value, c.Label) {
			value = c.Value
		}
	}
	if !slices.ContainsFunc(options, func(o settingOption) bool { return o.Value == value }) {
		options = append(options, settingOption{value, v.say.T("choices.other", "value", value)})
	}
	return value, options
}

// choiceText is a choice in words where there are any.
func choiceText(v visit, value string) string {
	if key := "kind." + value + ".word"; v.say.Has(key) {
		return v.say.T(key)
	}
	if key := "choice." + value; v.say.Has(key) {
		return v.say.T("choice." + value)
	}
	return value
}

func trialOf(v visit, t engine.SourceTrial) *trialView {
	out := &trialView{Fields: t.Fields}
	if t.Fault != nil {
		out.Stopped = new(remedy.For(v.say, *t.Fault))
	}
	for _, d := range t.Documents {
		row := trialDocument{Number: d.Document.Number, Partner: d.Document.Counterparty().Name}
		if !d.Document.Date.IsZero() {
			row.Date = v.say.Date(d.Document.Date)
		}
		if g := d.Document.Totals.Gross; g != nil {
			row.Gross = v.say.Amount(*g, d.Document.Currency)
		}
		for _, f := range d.Faults {
			row.Faults = append(row.Faults, remedy.For(v.say, f))
		}
		out.Documents = append(out.Documents, row)
	}
	return out
}

// setSource stores, tries or removes what the form says.
func (s *Server) setSource(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	do := r.PostFormValue("do")
	if do == "remove" {
		if err := s.o.Engine.RemoveSource(r.Context(), v.person.ID, id); err != nil {
			return notFoundOr(err)
		}
		http.Redirect(w, r, sourcePath(id), http.StatusSeeOther)
		return nil
	}
	kind := r.PostFormValue("kind")
	k, ok := s.o.Engine.Sources().Kind(kind)
	if !ok {
		return errBadRequest
	}
	c := source.Config{Values: map[string]string{}, Secrets: map[string]secret.Secret{}}
	for _, o := range k.Options {
		value := strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("option."+o.Name), "\r\n", "\n"))
		switch {
		case value == "" && o.Default == "" || value == "" && o.Secret:
		case o.Secret:
			c.Secrets[o.Name] = secret.New(value)
		default:
			c.Values[o.Name] = value
		}
	}
	like := r.PostFormValue("like")
	if like != "" {
		all, err := s.places(r.Context(), v)
		if err != nil {
			return err
		}
		if p, _, ok := all.connection(like); !ok || !v.person.Can(people.SetUp, p.ID, "") {
			return errNotFound
		}
	}
	if do == "try" || do == "choices" {
		var err error
		if c, err = s.o.Engine.LikeSource(r.Context(), kind, c, like); err != nil {
			return err
		}
	}
	if do == "try" {
		t, err := s.o.Engine.TrySource(r.Context(), id, kind, c, tried)
		if err != nil {
			return notFoundOr(err)
		}
		return s.showSource(w, r, v, http.StatusOK, sourceForm{sent: r.PostForm, trial: &t})
	}
	if do == "choices" {
		choices, refused, err := s.o.Engine.SourceChoices(r.Context(), id, kind, c)
		if err != nil {
			return notFoundOr(err)
		}
		return s.showSource(w, r, v, http.StatusOK, sourceForm{sent: r.PostForm, choices: choices, refused: refused})
	}
	minutes, errEvery := strconv.Atoi(r.PostFormValue("every"))
	hours, errQuiet := source.ParseHours(r.PostFormValue("quiet"))
	err := errors.Join(errEvery, errQuiet)
	if err == nil {
		err = s.o.Engine.SetSourceLike(r.Context(), v.person.ID, store.Source{Connection: id, Kind: kind,
			Schedule: source.Schedule{Every: time.Duration(minutes) * time.Minute, Quiet: hours}}, c, like)
	}
	if store.IsNotFound(err) {
		return errNotFound
	}
	if err != nil {
		f := hub.NewFault(hub.SourceSettings, "", "", "reason", err.Error())
		e := remedy.For(v.say, f)
		return s.showSource(w, r, v, http.StatusUnprocessableEntity, sourceForm{sent: r.PostForm, fault: fmt.Sprintf("%s. %s", e.Title, e.Cause)})
	}
	http.Redirect(w, r, sourcePath(id), http.StatusSeeOther)
	return nil
}

func (s *Server) pullNow(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	if err := s.o.Engine.PullNow(r.Context(), v.person.ID, id); err != nil {
		return notFoundOr(err)
	}
	http.Redirect(w, r, sourcePath(id), http.StatusSeeOther)
	return nil
}

func notFoundOr(err error) error {
	if store.IsNotFound(err) {
		return errNotFound
	}
	return err
}

func (view sourceView) last() string {
	if view.Last.IsZero() {
		return view.say.T("source.never")
	}
	return view.say.Time(view.Last)
}

func (view sourceView) next() string {
	switch at := view.Source.NextAt; {
	case at.IsZero():
		return view.say.T("source.waits")
	case !at.After(view.now):
		return view.say.T("source.soon")
	default:
		return view.say.Time(at)
	}
}
