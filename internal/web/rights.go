package web

import (
	"encoding/json"
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
		}
	}
	if json.Unmarshal(a.Detail, &d) != nil {
		return ""
	}
	from := people.User{Role: d.From.Role, Companies: d.From.Companies, Kinds: d.From.Kinds}
	to := people.User{Role: d.To.Role, Companies: d.To.Companies, Kinds: d.To.Kinds}
	return RightsWords(say, from, names) + " → " + RightsWords(say, to, names)
}
