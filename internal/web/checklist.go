package web

import (
	"net/http"

	"github.com/vienti/vienti/internal/checklist"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/locale"
)

// A checklistView is the page of what must be in order before a connection writes.
type checklistView struct {
	connectionView
	engine.Checklist
	Lines []ChecklistLine
	Open  int
}

// A ChecklistLine is a line of a checklist in words.
type ChecklistLine struct {
	checklist.Line
	// Title is what should be so, Remedy how it is put in order, Where the place in
	// the source's own menus, "" where that is not known.
	Title, Remedy, Where string
}

// ChecklistWords are the lines of a checklist in words.
func ChecklistWords(say locale.Speaker, c engine.Checklist) (lines []ChecklistLine) {
	for _, l := range c.Lines {
		key := "checklist." + l.Name
		w := ChecklistLine{Line: l, Title: say.T(key + ".title"), Remedy: say.T(key+".remedy", "client", c.Client)}
		if where := "connector." + c.Kind + ".where." + l.Name; say.Has(where) {
			w.Where = say.T(where)
		}
		if l.Name == "rights" {
			for i, name := range l.Things {
				l.Things[i] = say.T("connect.check." + name + ".title")
			}
		}
		lines = append(lines, w)
	}
	return lines
}

// maxThings is how many entries of a line are listed.
const maxThings = 20

func checklistPath(connection string) string { return "/connections/" + connection + "/checklist" }

func (s *Server) checklist(w http.ResponseWriter, r *http.Request, v visit) error {
	view := checklistView{}
	var err error
	if view.connectionView, err = s.connectionView(r, v, v.say.T("checklist.title")); err != nil {
		return err
	}
	if view.Checklist, err = s.o.Engine.Checklist(r.Context(), view.Connection.ID); err != nil {
		return found(err)
	}
	view.Lines = ChecklistWords(v.say, view.Checklist)
	for _, l := range view.Lines {
		if l.State == checklist.Open {
			view.Open++
		}
	}
	return s.show(w, r, http.StatusOK, checklistPage(view))
}

// atPlace are the lines of one place, what is open first.
func (v checklistView) atPlace(p checklist.Place) (lines []ChecklistLine) {
	for _, state := range []checklist.State{checklist.Open, checklist.Advised, checklist.Good} {
		for _, l := range v.Lines {
			if l.At == p && l.State == state {
				lines = append(lines, l)
			}
		}
	}
	return lines
}
