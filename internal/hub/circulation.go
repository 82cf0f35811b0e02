package hub

import (
	"slices"

	"github.com/vienti/vienti/internal/civil"
)

// Circulation says which purchase invoices of Procountor go a round of persons here
// before they are approved there; the zero value: none. Persons stand here by their
// login, so that settings can be carried to another company.
type Circulation struct {
	On bool `json:"on,omitempty"`
	// FirstDay: invoices dated earlier stay with Procountor.
	FirstDay civil.Date `json:"first_day,omitzero"`
	// Fields are searched in this order for who is to receive an invoice.
	Fields []ReceiverField `json:"fields,omitempty"`
	// Projects and Persons say whose a number is that stands in such a field.
	Projects []ReceiverOf `json:"projects,omitempty"`
	Persons  []ReceiverOf `json:"persons,omitempty"`
	// Default receives what names nobody who may receive it.
	Default string `json:"default,omitempty"`
	// Further are the approvers who come after the receiver, from a sum on.
	Further []FurtherApprover `json:"further,omitempty"`
	// Dimension is the name of Procountor's dimension on whose items an invoice is split.
	Dimension string `json:"dimension,omitempty"`
	// RemindDays is after how many days a receiver is reminded; 0 is never.
	RemindDays int `json:"remind_days,omitempty"`
}

// Names says as what a person is named, by login: "default", "project", "person" and
// "further".
func (c Circulation) Names(login string) (as []string) {
	mine := func(r ReceiverOf) bool { return r.Login == login }
	for _, x := range []struct {
		as    string
		named bool
	}{
		{"default", c.Default == login},
		{"project", slices.ContainsFunc(c.Projects, mine)},
		{"person", slices.ContainsFunc(c.Persons, mine)},
		{"further", slices.ContainsFunc(c.Further, func(f FurtherApprover) bool { return f.Login == login })},
	} {
		if x.named {
			as = append(as, x.as)
		}
	}
	return as
}

// PersonIDs are those that lead to a person, by login.
func (c Circulation) PersonIDs(login string) (ids []string) {
	for _, r := range c.Persons {
		if r.Login == login {
			ids = append(ids, r.Number)
		}
	}
	return ids
}

// WithPersonIDs are the settings with other ids of one person.
func (c Circulation) WithPersonIDs(login string, ids []string) Circulation {
	c.Persons = slices.DeleteFunc(slices.Clone(c.Persons), func(r ReceiverOf) bool { return r.Login == login })
	for _, id := range ids {
		c.Persons = append(c.Persons, ReceiverOf{Number: id, Login: login})
	}
	return c
}

// A ReceiverField is one place to look for who receives an invoice.
type ReceiverField struct {
	// Field of the invoice: see circulation.Fields.
	Field string `json:"field"`
	// Means says what stands there.
	Means ReceiverMeans `json:"means"`
	// Pattern is a regular expression (RE2); its first group, or all of it, is the number.
	// Empty: the whole field.
	Pattern string `json:"pattern,omitempty"`
}

// A ReceiverMeans is what stands in a field.
type ReceiverMeans string

// A project, which goes to its manager; or the id of a person.
const (
	MeansProject ReceiverMeans = "project"
	MeansPerson  ReceiverMeans = "person"
)

// A ReceiverOf says whose a project number or a person id is.
type ReceiverOf struct {
	Number string `json:"number"`
	Login  string `json:"login"`
}

// A FurtherApprover approves after the receiver what comes to a sum or more.
type FurtherApprover struct {
	// From is decimal text, gross, in the company's currency.
	From  string `json:"from"`
	Login string `json:"login"`
}
