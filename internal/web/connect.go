package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A connectView is one of the three pages on which a company is connected.
type connectView struct {
	page
	Step int // 1 where to, 2 the key, 3 check and choose

	// What has been given on the first page, and which clients are known.
	Another     string // "none" or "one"
	Environment hub.Environment
	BaseURL     string
	ClientID    string
	Clients     []string

	Joining store.Joining
	Checks  []checkLine
	Trial   *engine.Trial // nil before a key was tried
	// There is the company, when it has been connected before.
	There       hub.Company
	Connections []hub.Connection

	// What has been chosen on the third.
	Again      string
	Name       string
	System     string
	Kinds      []kindDay
	Sender     hub.Sender
	Incomplete bool

	// RedirectURI is what Procountor must know for a login by its page.
	RedirectURI string
	// ReturnURL is where the browser goes at the end.
	ReturnURL string

	// Beyond: the company that was opened is connected here already, and not the reader's.
	Beyond bool

	// Link is what a vendor has asked for by the link that was followed; nil for none.
	Link *store.VendorLink

	// Fault is in words; At is the id of the field that it is about.
	Fault, At string
}

// A checkLine is one right, and how it stands.
type checkLine struct {
	engine.KeyCheck
	Title, Remedy, For string
}

// A kindDay is the choice about one kind of document.
type kindDay struct {
	Kind hub.Kind
	On   bool
	Day  string // YYYY-MM-DD, as it was given
}

func (v connectView) missing() int {
	if v.Trial == nil {
		return 0
	}
	return len(v.Trial.Missing())
}

// CheckWords are the texts of one thing that is looked at with a key: what it is
// for, how it is given, and for which kind of document alone.
func CheckWords(say locale.Speaker, c engine.KeyCheck) (title, remedy, only string) {
	key := "connect.check." + c.Name
	if k := c.Kind(); k != "" {
		only = say.T("kind." + string(k) + ".many")
	} else if !c.Needed {
		only = say.T("connect.needs-some")
	}
	return say.T(key + ".title"), say.T(key + ".remedy"), only
}

// grade puts what is missing first.
func grade(c checkLine) int {
	switch {
	case c.OK:
		return 2
	case !c.Needed:
		return 1
	}
	return 0
}

func checkLines(say locale.Speaker, list []engine.KeyCheck) (lines []checkLine) {
	for _, c := range list {
		l := checkLine{KeyCheck: c}
		l.Title, l.Remedy, l.For = CheckWords(say, c)
		if c.Have != "" {
			l.Remedy += " " + say.T("connect.have", "have", c.Have)
		}
		lines = append(lines, l)
	}
	return lines
}

func (s *Server) connectForm(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.URL.Query().Has("link") {
		return s.followVendorLink(w, r, v)
	}
	view := connectView{Step: 1, ReturnURL: r.URL.Query().Get("return_url")}
	if view.ReturnURL != "" && !s.mayReturn(view.ReturnURL) {
		view.ReturnURL, view.Fault = "", v.say.T("connect.fault-return", "address", view.ReturnURL)
	}
	return s.showConnect(w, r, v, http.StatusOK, view)
}

func (s *Server) showConnect(w http.ResponseWriter, r *http.Request, v visit, status int, view connectView) (err error) {
	if view.page, err = s.pageOfAll(r, v, v.say.T("connect.title"), "companies"); err != nil {
		return err
	}
	if view.Link, err = s.vendorLink(r); err != nil {
		return err
	}
	switch view.Step {
	case 1:
		view.URL = "/connect"
		clients, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]hub.Client, error) { return tx.Clients() })
		if err != nil {
			return err
		}
		for _, c := range clients {
			view.Clients = append(view.Clients, c.ClientID)
		}
		if r.Method == http.MethodGet && len(clients) == 1 {
			view.ClientID = clients[0].ClientID
		}
	case 2:
		view.URL = joiningURL(view.Joining.ID)
		view.RedirectURI = s.redirectURI(r)
		formsTo(w, view.Joining.BaseURL)
		view.Checks = checkLines(v.say, engine.Checks(hub.Kinds))
	case 3:
		view.URL = joiningURL(view.Joining.ID)
		outside := []string{view.Joining.ReturnURL}
		if view.Link != nil {
			outside = append(outside, view.Link.ReturnURL)
			if r.Method == http.MethodGet {
				view.Name = view.Link.Name
			}
		}
		formsTo(w, outside...)
		view.Checks = checkLines(v.say, view.Trial.Checks)
		slices.SortStableFunc(view.Checks, func(a, b checkLine) int { return grade(a) - grade(b) })
		if view.There, view.Connections, err = s.o.Engine.ConnectionsThere(r.Context(), view.Joining, view.Trial); err != nil {
			return err
		}
		if id := view.There.ID; id != "" && !v.person.Can(people.SetUp, id, "") {
			view.Beyond, view.There, view.Connections = true, hub.Company{}, nil
		}
	}
	return s.show(w, r, status, connectPage(view))
}

func joiningURL(id string) string { return "/connect/" + url.PathEscape(id) }

// beginConnect takes the first page.
func (s *Server) beginConnect(w http.ResponseWriter, r *http.Request, v visit) error {
	view := connectView{Step: 1, Another: r.PostFormValue("before"), Environment: hub.Environment(r.PostFormValue("environment")),
		BaseURL: strings.TrimSpace(r.PostFormValue("base-url")), ClientID: strings.TrimSpace(r.PostFormValue("client-id")), ReturnURL: r.PostFormValue("return-url")}
	if view.ReturnURL != "" && !s.mayReturn(view.ReturnURL) {
		return errBadRequest
	}
	wrong := func(at, text string) error {
		view.At, view.Fault = at, text
		return s.showConnect(w, r, v, http.StatusUnprocessableEntity, view)
	}
	switch {
	case view.Another != "none" && view.Another != "one":
		return wrong("before-none", v.say.T("connect.fault-before"))
	case !slices.Contains(gravity, view.Environment):
		return wrong("environment", v.say.T("connect.fault-environment"))
	case view.ClientID == "":
		return wrong("client-id", v.say.T("connect.fault-client-id"))
	}
	j, err := s.o.Engine.BeginJoining(r.Context(), store.Joining{Person: v.person.ID, Another: view.Another == "one", Environment: view.Environment,
		BaseURL: view.BaseURL, ClientID: view.ClientID, ReturnURL: view.ReturnURL, Secret: secret.New(strings.TrimSpace(r.PostFormValue("client-secret")))})
	switch {
	case errors.Is(err, engine.ErrBeyond):
		return wrong("base-url", v.say.T("vendor.beyond-address"))
	case errors.Is(err, engine.ErrNoSecret):
		return wrong("client-secret", v.say.T("connect.fault-client-secret", "client", view.ClientID))
	case err != nil && view.Environment == hub.Sandbox && !errors.Is(err, r.Context().Err()):
		return wrong("base-url", v.say.T("connect.fault-base-url", "address", view.BaseURL))
	case err != nil:
		return err
	}
	return back(w, r, joiningURL(j.ID))
}

// joining reads what the reader is connecting, and where it stands.
func (s *Server) joining(r *http.Request, v visit) (view connectView, err error) {
	view.Joining, view.Trial, err = s.o.Engine.Joining(r.Context(), v.person.ID, r.PathValue("id"))
	view.Step = 2
	if view.Trial != nil && r.URL.Query().Get("key") != "other" {
		view.Step = 3
		view.Sender = hub.SenderSource
		day := engine.FirstDay(s.o.Now()).String()
		for _, k := range hub.Kinds {
			view.Kinds = append(view.Kinds, kindDay{k, slices.Contains(hub.VATKinds, k), day})
		}
	}
	return view, found(err)
}

func (s *Server) connectNext(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.joining(r, v)
	if err != nil {
		return err
	}
	return s.showConnect(w, r, v, http.StatusOK, view)
}

// connectKey tries the key that was given, or the one that is kept once more.
func (s *Server) connectKey(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.joining(r, v)
	if err != nil {
		return err
	}
	wrong := func(at, text string) error {
		view.At, view.Fault = at, text
		return s.showConnect(w, r, v, http.StatusUnprocessableEntity, view)
	}
	again := r.PostFormValue("again") != ""
	key := strings.TrimSpace(r.PostFormValue("key"))
	if !again {
		view.Step = 2
		if view.Joining.Another && view.Trial == nil && r.PostFormValue("first-done") == "" {
			return wrong("first-done", v.say.T("connect.fault-first"))
		}
		if key == "" {
			return wrong("key", v.say.T("connect.fault-key"))
		}
	}
	_, err = s.o.Engine.TryJoining(r.Context(), v.person.ID, view.Joining.ID, secret.New(key))
	if err != nil {
		if r.Context().Err() != nil || store.IsNotFound(err) {
			return found(err)
		}
		text := v.say.T("connect.fault-broken", "reason", err.Error())
		if why := engine.NoLogin(err); why != "" {
			text = v.say.T("connect."+why, "address", hostOf(view.Joining.BaseURL))
		}
		return wrong("key", text)
	}
	if again {
		s.say(r.Context(), true, v.say.T("connect.checked-again"))
	}
	return back(w, r, joiningURL(view.Joining.ID))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// finishConnect makes the connection, or gives the key to one that is there.
func (s *Server) finishConnect(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.joining(r, v)
	if err != nil {
		return err
	}
	if view.Trial == nil {
		return back(w, r, joiningURL(view.Joining.ID))
	}
	view.Again, view.Name, view.System = r.PostFormValue("again"), strings.TrimSpace(r.PostFormValue("name")), strings.TrimSpace(r.PostFormValue("system"))
	view.Sender, view.Incomplete = hub.Sender(r.PostFormValue("sender")), r.PostFormValue("incomplete") != ""
	wrong := func(at, text string) error {
		view.At, view.Fault = at, text
		return s.showConnect(w, r, v, http.StatusUnprocessableEntity, view)
	}
	settings, at, text := view.choices(r, v, s.o.Now())
	if view.Again == "" && at != "" {
		return wrong(at, text)
	}
	link, err := s.vendorLink(r)
	if err != nil {
		return err
	}
	choice := engine.JoinChoice{Name: view.Name, System: view.System, Settings: settings, Again: view.Again, Incomplete: view.Incomplete}
	if link != nil {
		choice.Link = link.ID
	}
	done, err := s.o.Engine.FinishJoining(r.Context(), v.person.ID, view.Joining.ID, choice)
	switch {
	case errors.Is(err, store.ErrVendorLink): // followed twice at once, or for a connection that is another customer's
		s.sessions.Remove(r.Context(), vendorSession)
		return wrong("name", v.say.T("vendor.link-over"))
	case errors.Is(err, engine.ErrBeyond):
		return wrong("name", v.say.T("vendor.beyond"))
	case errors.Is(err, engine.ErrRights):
		return wrong("incomplete", v.say.T("connect.fault-rights"))
	case errors.Is(err, engine.ErrNameTaken) && view.Again != "":
		return wrong("name", v.say.T("connect.fault-again", "connection", view.Again))
	case errors.Is(err, engine.ErrNameTaken):
		return wrong("name", v.say.T("connect.fault-name-taken", "name", view.Name))
	case err != nil:
		return found(err)
	}
	key := "made"
	switch {
	case done.Renewed && !done.Company.Detached.IsZero():
		key = "attached-page"
	case done.Renewed:
		key = "renewed-page"
	case done.Unread != nil:
		s.o.Log.Warn("registers not read after connecting", "company", done.Company.Name, "error", done.Unread)
		key = "made-unread"
	}
	s.say(r.Context(), true, v.say.T("connect."+key, "connection", done.Connection.Name, "company", done.Company.Name))
	s.sessions.Remove(r.Context(), vendorSession)
	if !v.person.Can(people.SetUp, done.Company.ID, "") {
		s.sessions.Put(r.Context(), sessionBegun, s.o.Store.Now().UnixMilli()) // their rights have changed, by themselves
	}
	if link != nil && link.ReturnURL != "" {
		http.Redirect(w, r, returned(link.ReturnURL, done.Connection.ID), http.StatusSeeOther)
		return nil
	}
	if to := view.Joining.ReturnURL; to != "" && s.mayReturn(to) {
		http.Redirect(w, r, returned(to, done.Connection.ID), http.StatusSeeOther)
		return nil
	}
	return back(w, r, "/connections/"+url.PathEscape(done.Connection.ID))
}

// choices reads the third page: the settings, or which field is wrong.
func (v *connectView) choices(r *http.Request, who visit, now time.Time) (s hub.Settings, at, fault string) {
	days := map[hub.Kind]civil.Date{}
	for i, k := range v.Kinds {
		v.Kinds[i].On, v.Kinds[i].Day = r.PostFormValue("on."+string(k.Kind)) != "", r.PostFormValue("from."+string(k.Kind))
		if !v.Kinds[i].On {
			continue
		}
		day, err := civil.Parse(v.Kinds[i].Day)
		if err != nil {
			return s, "from." + string(k.Kind), who.say.T("connect.fault-day", "kind", who.say.T("kind."+string(k.Kind)+".many"))
		}
		days[k.Kind] = day
	}
	switch {
	case len(days) == 0:
		return s, "on." + string(hub.Kinds[0]), who.say.T("connect.fault-kind")
	case v.Name == "":
		return s, "name", who.say.T("connect.fault-name")
	case !slices.Contains([]hub.Sender{hub.SenderSource, hub.SenderProcountor, hub.SenderNobody}, v.Sender):
		v.Sender = hub.SenderSource
	}
	return engine.JoinSettings(now, days, v.Sender), "", ""
}

// endConnect forgets what was given.
func (s *Server) endConnect(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := s.o.Engine.EndJoining(r.Context(), v.person.ID, r.PathValue("id")); err != nil {
		return found(err)
	}
	s.sessions.Remove(r.Context(), vendorSession)
	s.say(r.Context(), true, v.say.T("connect.given-up"))
	return back(w, r, v.begunFrom())
}

// begunFrom is where connecting is begun: guests have no page of companies.
func (v visit) begunFrom() string {
	if v.person.CanSomewhere(people.See) {
		return "/companies"
	}
	return "/"
}
