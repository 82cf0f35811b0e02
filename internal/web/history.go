package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// A historyView lists the versions of a connection's settings.
type historyView struct {
	page
	mapped
	Versions []versionView
	// Older is the version before which older ones are listed, 0 without any.
	Older int
	// From and To are the versions that are compared.
	From, To int
	Compared []ChangeInWords
}

// A versionView is one version: who has changed what.
type versionView struct {
	N       int
	At      time.Time
	Who     string
	Changes []ChangeInWords
	More    int
}

const (
	// versionPage is how many versions a page lists, and versionChanges how many
	// changes of each: the comparison has all.
	versionPage    = 20
	versionChanges = 12
)

func historyPath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/settings/history"
}

func (s *Server) settingsHistory(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showHistory(w, r, v, http.StatusOK, "")
}

func (s *Server) showHistory(w http.ResponseWriter, r *http.Request, v visit, status int, fault string) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	view := historyView{mapped: m}
	q := r.URL.Query()
	before, from, to := whole(q, "before"), whole(q, "from"), whole(q, "to")
	list, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) ([]hub.SettingsVersion, error) {
		return tx.SettingsVersions(m.Connection.ID, before, versionPage+1)
	})
	if err != nil {
		return err
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	for i, x := range list[:min(len(list), versionPage)] {
		vv := versionView{N: x.Version, At: x.At, Who: actor(v, names, x.Author)}
		if i+1 < len(list) {
			if vv.Changes, err = changeWords(v.say, list[i+1].Settings, x.Settings); err != nil {
				return err
			}
			vv.More = max(len(vv.Changes)-versionChanges, 0)
			vv.Changes = vv.Changes[:len(vv.Changes)-vv.More]
		}
		view.Versions = append(view.Versions, vv)
	}
	if len(list) > versionPage {
		view.Older = list[versionPage-1].Version
	}
	if q.Has("from") && q.Has("to") {
		view.From, view.To = from, to
		if view.Compared, err = s.compareSettings(r, v, m.Connection.ID, from, to); err != nil {
			return found(err)
		}
	}
	if view.page, err = s.page(r, v, v.say.T("history.title")+" · "+m.Connection.Name, "companies", scopeOf(m.Place)); err != nil {
		return err
	}
	if fault != "" {
		view.Notes = append(view.Notes, note{Text: fault})
	}
	return s.show(w, r, status, historyPage(view))
}

// whole is a number in an address; what is none is 0.
func whole(q url.Values, name string) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func changeWords(say locale.Speaker, from, to hub.Settings) (list []ChangeInWords, err error) {
	changes, err := hub.SettingChanges(from, to)
	for _, c := range changes {
		list = append(list, ChangeWords(say, c))
	}
	return list, err
}

func (s *Server) compareSettings(r *http.Request, v visit, connection string, from, to int) (list []ChangeInWords, err error) {
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		a, err := tx.SettingsAt(connection, from)
		if err != nil {
			return err
		}
		b, err := tx.SettingsAt(connection, to)
		if err != nil {
			return err
		}
		list, err = changeWords(v.say, a.Settings, b.Settings)
		return err
	})
	return list, err
}

// A backView asks before an earlier version is taken into use again.
type backView struct {
	page
	mapped
	N       int
	Changes []ChangeInWords
	Fault   string
	Unfit   []string // what of it no longer fits the company
}

func (s *Server) settingsBackForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showBack(w, r, v, http.StatusOK, backView{N: whole(r.URL.Query(), "version")})
}

func (s *Server) showBack(w http.ResponseWriter, r *http.Request, v visit, status int, view backView) (err error) {
	if view.mapped, err = s.mapped(r, v); err != nil {
		return err
	}
	if view.Changes, err = s.compareSettings(r, v, view.Connection.ID, view.Connection.SettingsVersion, view.N); err != nil {
		return found(err)
	}
	if view.page, err = s.page(r, v, v.say.T("history.back-title", "n", view.N)+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.URL = historyPath(view.Connection.ID)
	return s.show(w, r, status, backPage(view))
}

func (s *Server) settingsBack(w http.ResponseWriter, r *http.Request, v visit) error {
	from, err := base(r)
	if err != nil {
		return err
	}
	view := backView{N: whole(r.PostForm, "to")}
	if r.PostFormValue("sure") != "yes" {
		view.Fault = v.say.T("history.not-sure")
		return s.showBack(w, r, v, http.StatusUnprocessableEntity, view)
	}
	id := r.PathValue("id")
	version, err := s.o.Engine.BackTo(r.Context(), v.person.ID, id, from, view.N)
	var wrong hub.SettingFaults
	switch {
	case errors.Is(err, engine.ErrSettingsChanged):
		return s.showHistory(w, r, v, http.StatusConflict, v.say.T("settings.changed-meanwhile"))
	case errors.As(err, &wrong):
		view.Fault = v.say.T("history.back-unfit", "n", view.N)
		for _, f := range wrong {
			view.Unfit = append(view.Unfit, settingName(v.say, f.Key)+": "+faultWords(v.say, f))
		}
		return s.showBack(w, r, v, http.StatusUnprocessableEntity, view)
	case err != nil:
		return found(err)
	case version == from:
		s.say(r.Context(), true, v.say.T("settings.nothing-changed"))
	default:
		s.say(r.Context(), true, v.say.T("history.back-done", "from", view.N, "n", version))
	}
	return back(w, r, historyPath(id))
}
