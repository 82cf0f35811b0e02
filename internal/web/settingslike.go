package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
)

// A likeView shows what the settings of a connection would be, were they those of a
// like one.
type likeView struct {
	page
	mapped
	// Others are the connections that may be copied from, by what people call them.
	Others []likeOther
	Of     string // the chosen one, "" for none
	From   int
	Fault  string
	// Changes are what would be otherwise, Left what stays out.
	Changes []ChangeInWords
	Left    []string
}

type likeOther struct{ ID, Name string }

func likePath(connection string) string {
	return "/connections/" + url.PathEscape(connection) + "/settings/like"
}

func (s *Server) settingsLikeForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showLike(w, r, v, http.StatusOK, likeView{Of: r.URL.Query().Get("of")})
}

func (s *Server) showLike(w http.ResponseWriter, r *http.Request, v visit, status int, view likeView) (err error) {
	if view.mapped, err = s.mapped(r, v); err != nil {
		return err
	}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	for _, p := range all {
		for _, c := range p.Connections {
			if c.ID != view.Connection.ID && v.person.Can(people.SetUp, p.ID, "") {
				view.Others = append(view.Others, likeOther{c.ID, c.Name + " · " + p.Name})
			}
		}
	}
	if view.Of != "" {
		if !view.known(view.Of) {
			return errNotFound
		}
		l, err := s.o.Engine.SettingsLike(r.Context(), view.Connection.ID, view.Of)
		if err != nil {
			return found(err)
		}
		view.From = l.From
		for _, c := range l.Changes {
			view.Changes = append(view.Changes, ChangeWords(v.say, c))
		}
		for _, f := range l.Left {
			view.Left = append(view.Left, settingName(v.say, f.Key)+": "+f.Value)
		}
	}
	if view.page, err = s.page(r, v, v.say.T("like.title")+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.URL = likePath(view.Connection.ID)
	return s.show(w, r, status, likePage(view))
}

func (v likeView) known(id string) bool {
	for _, o := range v.Others {
		if o.ID == id {
			return true
		}
	}
	return false
}

func (s *Server) settingsLike(w http.ResponseWriter, r *http.Request, v visit) error {
	from, err := base(r)
	if err != nil {
		return err
	}
	view := likeView{Of: r.PostFormValue("of")}
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	if p, _, ok := all.connection(view.Of); !ok || !v.person.Can(people.SetUp, p.ID, "") {
		return errNotFound
	}
	id := r.PathValue("id")
	version, err := s.o.Engine.SetSettingsLike(r.Context(), v.person.ID, id, view.Of, from)
	var wrong hub.SettingFaults
	switch {
	case errors.Is(err, engine.ErrSettingsChanged):
		view.Fault = v.say.T("settings.changed-meanwhile")
		return s.showLike(w, r, v, http.StatusConflict, view)
	case errors.As(err, &wrong):
		var words []string
		for _, f := range wrong {
			words = append(words, settingName(v.say, f.Key)+": "+faultWords(v.say, f))
		}
		view.Fault = strings.Join(words, " ")
		return s.showLike(w, r, v, http.StatusUnprocessableEntity, view)
	case err != nil:
		return found(err)
	case version == from:
		s.say(r.Context(), true, v.say.T("settings.nothing-changed"))
	default:
		s.say(r.Context(), true, v.say.T("like.done", "n", version))
	}
	return back(w, r, "/connections/"+url.PathEscape(id))
}
