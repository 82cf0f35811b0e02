package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A workForm is what is kept of a user beside name and rights, each where it belongs: in
// the settings of connections, which purchase invoices go to them and what their claims
// lack; and who stands in for them.
type workForm struct {
	Rows []workRow
	// Receives says that they may be given purchase invoices, so somebody may stand in.
	Receives   bool
	Colleagues []people.User
	Substitute store.Substitute
	// Left is what they would leave behind, Takers to whom it may be given.
	Left   engine.Leaving
	Takers []people.User
}

// A workRow is one connection whose settings the reader may change.
type workRow struct {
	hub.Connection
	Rounds, Claims bool
	Claimant       hub.Claimant
}

// ids are the person ids by which invoices find the user.
func (r workRow) ids(login string) string {
	return strings.Join(r.Settings.Circulation.PersonIDs(login), ", ")
}

// maxPersonIDs bounds how many ids one person has.
const maxPersonIDs = 20

func (s *Server) workForm(r *http.Request, v visit, u people.User) (f workForm, err error) {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return f, err
	}
	for _, p := range all {
		if !v.person.Can(people.SetUp, p.ID, "") {
			continue
		}
		for _, c := range p.Connections {
			row := workRow{Connection: c, Rounds: c.Settings.Circulation.On, Claims: c.Settings.Kinds[hub.TravelInvoice].On, Claimant: c.Settings.Claimants[u.Login]}
			if row.Rounds || row.Claims {
				f.Rows = append(f.Rows, row)
			}
		}
	}
	f.Receives = u.CanSomewhere(people.Receive)
	if f.Left, err = s.o.Engine.LeftBy(r.Context(), *v.person, u); err != nil {
		return f, err
	}
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		everyone, err := tx.People()
		if err != nil {
			return err
		}
		for _, other := range everyone {
			if other.ID != u.ID && other.CanSomewhere(people.Receive) {
				f.Takers = append(f.Takers, other)
			}
		}
		f.Colleagues = f.Takers
		list, err := tx.Substitutes(civil.Date{})
		if i := slices.IndexFunc(list, func(x store.Substitute) bool { return x.Person == u.ID }); i >= 0 {
			f.Substitute = list[i]
		}
		return err
	})
	return f, err
}

// A workChange is what the form says otherwise than what is kept.
type workChange struct {
	settings   map[string]hub.Settings // by connection
	base       map[string]int
	substitute *store.Substitute
}

// read takes the form; fault says what is wrong with it.
func (f workForm) read(r *http.Request, say locale.Speaker, u people.User) (c workChange, fault string) {
	c = workChange{settings: map[string]hub.Settings{}, base: map[string]int{}}
	for _, row := range f.Rows {
		next, changed := row.Settings, false
		if key := "ids-" + row.ID; row.Rounds && r.PostForm.Has(key) {
			var ids []string
			for _, id := range strings.Split(r.PostFormValue(key), ",") {
				if id = strings.TrimSpace(id); id != "" && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
			if len(ids) > maxPersonIDs {
				return c, say.T("staff.ids-many", "most", maxPersonIDs)
			}
			for _, other := range row.Settings.Circulation.Persons {
				if other.Login != u.Login && slices.Contains(ids, other.Number) {
					return c, say.T("staff.id-taken", "id", other.Number, "login", other.Login, "connection", row.Name)
				}
			}
			if !slices.Equal(ids, row.Settings.Circulation.PersonIDs(u.Login)) {
				next.Circulation, changed = next.Circulation.WithPersonIDs(u.Login, ids), true
			}
		}
		if row.Claims && r.PostForm.Has("number-"+row.ID) {
			field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name + "-" + row.ID)) }
			claimant := hub.Claimant{Number: field("number"), IBAN: strings.ToUpper(strings.ReplaceAll(field("iban"), " ", "")), CostCentre: field("cost_centre")}
			if claimant != row.Claimant {
				next, changed = next.WithClaimant(u.Login, claimant), true
			}
		}
		if !changed {
			continue
		}
		if faults, wrong := errors.AsType[hub.SettingFaults](next.Check()); wrong {
			for _, x := range faults {
				if strings.HasPrefix(x.Key, "claimants.") {
					return c, row.Name + ": " + say.T("setting-fault."+string(x.Code), "value", x.Value, "form", x.Form)
				}
			}
		}
		c.settings[row.ID] = next
		if c.base[row.ID], _ = strconv.Atoi(r.PostFormValue("version-" + row.ID)); c.base[row.ID] == 0 {
			c.base[row.ID] = row.SettingsVersion
		}
	}
	if !f.Receives || !r.PostForm.Has("instead") {
		return c, ""
	}
	sub, err := substituteIn(r, u.ID)
	if err != nil {
		return c, say.T("round.substitute-wrong")
	}
	if sub != f.Substitute && (sub.Instead != "" || f.Substitute.Instead != "") {
		c.substitute = &sub
	}
	return c, ""
}

// substituteIn reads who stands in for a person, from when to when.
func substituteIn(r *http.Request, person string) (sub store.Substitute, err error) {
	sub = store.Substitute{Person: person, Instead: r.PostFormValue("instead")}
	if sub.Instead == "" {
		return sub, nil
	}
	var err1, err2 error
	sub.First, err1 = civil.Parse(r.PostFormValue("first"))
	sub.Last, err2 = civil.Parse(r.PostFormValue("last"))
	if sub.Last.Before(sub.First) {
		err2 = errors.Join(err2, engine.ErrNotNow)
	}
	return sub, errors.Join(err1, err2)
}

// keepWork keeps what was said; fault says what the reader has to do anew.
func (s *Server) keepWork(r *http.Request, v visit, c workChange) (fault string, err error) {
	for id, next := range c.settings {
		_, err := s.o.Engine.SetSettings(r.Context(), v.person.ID, id, c.base[id], next)
		if _, wrong := errors.AsType[hub.SettingFaults](err); wrong || errors.Is(err, engine.ErrSettingsChanged) {
			return v.say.T("staff.settings-moved"), nil
		}
		if err != nil {
			return "", err
		}
	}
	if c.substitute == nil {
		return "", nil
	}
	err = s.o.Engine.SetSubstitute(r.Context(), v.person.ID, *c.substitute)
	if isNotNow(err) || store.IsNotFound(err) {
		return v.say.T("round.substitute-wrong"), nil
	}
	return "", err
}

// handOverRounds gives all open rounds of a person to another.
func (s *Server) handOverRounds(w http.ResponseWriter, r *http.Request, v visit) error {
	next := r.PostFormValue("next")
	if next == "" {
		next = roundsPath + "?show=all"
	}
	h := engine.HandOver{From: r.PostFormValue("from"), To: r.PostFormValue("to"), Text: r.PostFormValue("text")}
	var err error
	if due := r.PostFormValue("due"); due != "" {
		if h.Due, err = civil.Parse(due); err != nil {
			return errBadRequest
		}
	}
	done, err := s.o.Engine.HandOverRounds(r.Context(), v.person.ID, h)
	switch {
	case isNotNow(err), store.IsNotFound(err):
		s.say(r.Context(), false, v.say.T("round.hand-over-wrong"))
	case err != nil:
		return err
	default:
		s.say(r.Context(), len(done.Left) == 0, HandedOverWords(v.say, done))
	}
	return back(w, r, next)
}

// maxLeftNamed is how many invoices are named that could not be handed over.
const maxLeftNamed = 10

// HandedOverWords says what became of the rounds of somebody who leaves.
func HandedOverWords(say locale.Speaker, done engine.HandedOver) string {
	words := say.N("round.handed-over", done.Handed)
	if len(done.Left) > 0 {
		var numbers []string
		for _, x := range clipTo(done.Left, maxLeftNamed) {
			numbers = append(numbers, x.Number)
		}
		if len(done.Left) > maxLeftNamed {
			numbers = append(numbers, "…")
		}
		words += " " + say.N("round.not-handed", len(done.Left), "numbers", strings.Join(numbers, ", "))
	}
	return words
}

// namedAs says as what settings name somebody.
func namedAs(say locale.Speaker, as []string) (words []string) {
	for _, x := range as {
		words = append(words, say.T("staff-named."+x))
	}
	return words
}

// formDay is a day as a form has it.
func formDay(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
