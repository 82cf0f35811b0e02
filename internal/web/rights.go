package web

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
)

// RightsWords says somebody's role, or the roles in single companies, and the kinds
// to which they are limited. names are of the companies that the reader knows, by
// id: others are left out.
func RightsWords(say locale.Speaker, u people.User, names map[string]string) string {
	words := say.T("role." + string(u.Role))
	if u.Role == people.ByCompany {
		var parts []string
		for _, role := range people.Roles() {
			var in []string
			for id, r := range u.Companies {
				if name, known := names[id]; r == role && known {
					in = append(in, name)
				}
			}
			if slices.Sort(in); len(in) > 0 {
				parts = append(parts, say.T("role."+string(role))+": "+strings.Join(in, ", "))
			}
		}
		words = strings.Join(parts, "; ")
	}
	if u.Kinds != nil {
		words += " · " + KindWords(say, u.Kinds)
	}
	if u.Payroll {
		words += " · " + say.T("users.payroll-word")
	}
	return words
}

// KindWords names kinds of documents.
func KindWords(say locale.Speaker, kinds []hub.Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = say.T("kind." + string(k) + ".many")
	}
	return strings.Join(words, ", ")
}

// A rightsForm is what the reader may give: the companies whose people they look
// after, and the roles in all of them, if those are theirs to give.
type rightsForm struct {
	Given []place
	All   bool
	// Names are of the companies that the reader sees, by id.
	Names map[string]string
}

func (s *Server) rightsForm(r *http.Request, v visit) (f rightsForm, err error) {
	all, err := s.places(r.Context(), v)
	f.All, f.Names = v.person.Can(people.SetPeople, "", ""), map[string]string{}
	for _, p := range all {
		f.Names[p.ID] = p.Name
		if v.person.Can(people.SetPeople, p.ID, "") {
			f.Given = append(f.Given, p)
		}
	}
	return f, err
}

// read takes from the form name, language and rights; roles in companies that the
// form does not offer stay.
func (f rightsForm) read(r *http.Request, u *people.User) {
	u.Name, u.Language = r.PostFormValue("name"), r.PostFormValue("language")
	u.Kinds = nil
	for _, k := range r.PostForm["kind"] {
		u.Kinds = append(u.Kinds, hub.Kind(k))
	}
	u.Payroll = r.PostFormValue("payroll") == "yes"
	f.readRoles(r, u)
}

func (f rightsForm) readRoles(r *http.Request, u *people.User) {
	if u.Role = people.Role(r.PostFormValue("role")); u.Role != people.ByCompany {
		u.Companies = nil
		return
	}
	roles := map[string]people.Role{}
	maps.Copy(roles, u.Companies)
	for _, p := range f.Given {
		delete(roles, p.ID)
		if role := r.PostFormValue("company-" + p.ID); role != "" {
			roles[p.ID] = people.Role(role)
		}
	}
	u.Companies = roles
}

// change is read for a user who is there: of who works in other companies too, the
// form holds the roles only.
func (f rightsForm) change(r *http.Request, v visit, u *people.User) {
	if v.person.MayLetIn(*u) {
		f.read(r, u)
	} else {
		f.readRoles(r, u)
	}
}

// rightsFault says what [people.User.Check] has found.
func rightsFault(say locale.Speaker, err error) string {
	switch {
	case errors.Is(err, people.ErrNoCompany):
		return say.T("users.no-company")
	case errors.Is(err, people.ErrKindsAdmin):
		return say.T("users.kinds-admin")
	}
	return say.T("users.login-wrong")
}

// rolesOf are the roles that somebody has anywhere, in the order of a page.
func rolesOf(u people.User) (list []people.Role) {
	for _, role := range people.Roles() {
		if u.Role == role || slices.Contains(slices.Collect(maps.Values(u.Companies)), role) {
			list = append(list, role)
		}
	}
	return list
}

// names are of the companies, by id.
func (ps places) names() map[string]string {
	m := map[string]string{}
	for _, p := range ps {
		m[p.ID] = p.Name
	}
	return m
}

// rightsChange says from which rights to which an act has gone.
func rightsChange(say locale.Speaker, a audit.Act, names map[string]string) string {
	var d struct {
		From, To struct {
			Role      people.Role
			Companies map[string]people.Role
			Kinds     []hub.Kind
			Payroll   bool
		}
	}
	if json.Unmarshal(a.Detail, &d) != nil {
		return ""
	}
	from := people.User{Role: d.From.Role, Companies: d.From.Companies, Kinds: d.From.Kinds, Payroll: d.From.Payroll}
	to := people.User{Role: d.To.Role, Companies: d.To.Companies, Kinds: d.To.Kinds, Payroll: d.To.Payroll}
	return RightsWords(say, from, names) + " → " + RightsWords(say, to, names)
}
