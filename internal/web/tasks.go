package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A tasksView says which reason stands how often.
type tasksView struct {
	page
	Places  places
	Company string
	Tasks   []taskView
	// Doubts is how many parties wait for somebody to say who they are.
	Doubts int
	// Cards is how many cards differ from what a source says, and are asked about.
	Cards int
	// OpenReferences is how many payments by reference are allocated to nothing.
	OpenReferences int
	// Claims is how many claims of own money are to be paid in Procountor.
	Claims int
}

type taskView struct {
	hub.TaskCount
	remedy.Explanation
	URL string
}

func (s *Server) tasks(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := tasksView{Places: all, Company: r.URL.Query().Get("company")}
	sc := scopeOf(all...)
	if view.Company != "" {
		p, ok := all.company(view.Company)
		if !ok {
			return errNotFound
		}
		sc = scopeOf(p)
	}
	if view.page, err = s.page(r, v, v.say.T("tasks.title"), "tasks", sc); err != nil {
		return err
	}
	var list []hub.TaskCount
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if list, err = tx.CountTasks(view.Company, v.sees()); err == nil {
			view.OpenReferences, err = tx.CountOpenReferences(view.Company, v.sees())
		}
		if err == nil {
			view.Claims, err = tx.CountClaimsToPay(store.ClaimFilter{Company: view.Company, Reach: v.sees()})
		}
		return err
	}); err != nil {
		return err
	}
	for _, t := range list {
		tv := taskView{TaskCount: t, URL: filter{Show: showNeeds, Company: view.Company, Code: t.Code}.query()}
		tv.Explanation = remedy.For(v.say, hub.Fault{Code: t.Code})
		tv.Explanation.Title = remedy.Title(v.say, t.Code)
		view.Tasks = append(view.Tasks, tv)
		if engine.AboutCard(t.Code) {
			view.Cards += t.Count
		}
	}
	var shown []string
	for _, p := range sc.Companies {
		shown = append(shown, p.ID)
	}
	counts, err := s.o.Engine.CountDoubts(r.Context(), shown, v.sees())
	if err != nil {
		return err
	}
	for _, n := range counts {
		view.Doubts += n
	}
	return s.show(w, r, http.StatusOK, tasksPage(view))
}

func taskURL(k hub.Task) string {
	return "/documents/" + url.PathEscape(k.Transfer) + "/tasks/" + url.PathEscape(k.Code)
}

// taskBy is the name of who marked a task done.
func (v documentView) taskBy(k hub.Task) string {
	if n, ok := v.Names[k.DoneBy]; ok {
		return n
	}
	return k.DoneBy
}

// markTask marks what a document asks as done, or opens it again.
func (s *Server) markTask(w http.ResponseWriter, r *http.Request, v visit) error {
	id, note := r.PathValue("id"), strings.TrimSpace(r.PostFormValue("note"))
	if utf8.RuneCountInString(note) > maxWhy || !utf8.ValidString(note) {
		return errBadRequest
	}
	done := r.PostFormValue("done")
	if done != "yes" && done != "no" {
		return errBadRequest
	}
	switch err := s.o.Engine.MarkTask(r.Context(), v.person.ID, id, r.PathValue("code"), done == "yes", note); {
	case isNotNow(err):
		s.say(r.Context(), false, v.say.T("document.not-now"))
	case err != nil:
		return found(err)
	case done == "yes":
		s.say(r.Context(), true, v.say.T("tasks.marked-done"))
	default:
		s.say(r.Context(), true, v.say.T("tasks.reopened"))
	}
	return back(w, r, "/documents/"+url.PathEscape(id))
}
