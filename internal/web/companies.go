package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
)

// A companiesView lists companies and their connections.
type companiesView struct {
	page
	Companies []companyView
	CanSetUp  bool
}

type companyView struct {
	place
	Counts map[hub.State]int
	Needs  int // documents that wait for a person
	Paused *remedy.Explanation
}

func (c companyView) moving() int {
	return c.Counts[hub.Ready] + c.Counts[hub.Working] + c.Counts[hub.Waiting] + c.Counts[hub.Unclear] + c.Counts[hub.Noticed]
}

func (c companyView) done() int {
	return c.Counts[hub.Done] + c.Counts[hub.DoneWithWarning] + c.Counts[hub.Linked]
}

func (s *Server) companies(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context())
	if err != nil {
		return err
	}
	view := companiesView{CanSetUp: v.person.Can(people.SetUp)}
	if view.page, err = s.page(r, v, v.say.T("companies.title"), "companies", scopeOf(all...)); err != nil {
		return err
	}
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		for _, p := range all {
			counts, err := tx.CountTransfers(store.TransferFilter{Partners: true, Company: p.ID})
			if err != nil {
				return err
			}
			cv := companyView{place: p, Counts: counts}
			if cv.Needs, err = countNeeds(tx, store.TransferFilter{Company: p.ID}); err != nil {
				return err
			}
			if p.PausedFault != nil && p.PausedUntil.After(s.o.Now()) {
				e := remedy.For(v.say, *p.PausedFault)
				cv.Paused = &e
			}
			view.Companies = append(view.Companies, cv)
		}
		return nil
	}); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, companiesPage(view))
}

// A connectionView is the page of one connection.
type connectionView struct {
	page
	Place      place
	Connection hub.Connection
	Settings   []setting
	CanSetUp   bool
	// On is what the confirmation asks for.
	On    bool
	Fault string
}

func (s *Server) connectionView(r *http.Request, v visit, title string) (view connectionView, err error) {
	all, err := s.places(r.Context())
	if err != nil {
		return view, err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return view, errNotFound
	}
	view = connectionView{Place: p, Connection: c, Settings: settingWords(v.say, c.Settings), CanSetUp: v.person.Can(people.SetUp)}
	view.page, err = s.page(r, v, title+" · "+c.Name, "companies", scopeOf(p))
	return view, err
}

func (s *Server) connection(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.connectionView(r, v, v.say.T("connection.title"))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, connectionPage(view))
}

// writingForm asks before writing is switched: it names environment, company
// and client, for this is the moment from which books change.
func (s *Server) writingForm(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.connectionView(r, v, v.say.T("writing.title"))
	if err != nil {
		return err
	}
	view.On = !view.Connection.Writing
	return s.show(w, r, http.StatusOK, writingPage(view))
}

func (s *Server) writing(w http.ResponseWriter, r *http.Request, v visit) error {
	view, err := s.connectionView(r, v, v.say.T("writing.title"))
	if err != nil {
		return err
	}
	switch r.PostFormValue("writing") {
	case "on":
		view.On = true
	case "off":
	default:
		return errBadRequest
	}
	// Real books are only written to by whoever has read their name and copied it.
	if view.On && view.Place.Environment == hub.Production && !alike(r.PostFormValue("company"), view.Place.Name) {
		view.Fault = v.say.T("writing.name-differs")
		return s.show(w, r, http.StatusUnprocessableEntity, writingPage(view))
	}
	if view.On && r.PostFormValue("sure") != "yes" {
		view.Fault = v.say.T("writing.not-sure")
		return s.show(w, r, http.StatusUnprocessableEntity, writingPage(view))
	}
	if err := s.o.Engine.SetWriting(r.Context(), v.person.ID, view.Connection.ID, view.On); err != nil {
		return found(err)
	}
	if view.On {
		s.say(r.Context(), true, v.say.T("writing.is-on", "company", view.Place.Name))
	} else {
		s.say(r.Context(), true, v.say.T("writing.is-off", "company", view.Place.Name))
	}
	return back(w, r, "/connections/"+url.PathEscape(view.Connection.ID))
}

func (s *Server) resume(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := s.o.Engine.Resume(r.Context(), v.person.ID, r.PathValue("id")); err != nil {
		return found(err)
	}
	s.say(r.Context(), true, v.say.T("companies.resumed"))
	return back(w, r, "/companies")
}

// A setting is one line of a connection's settings in words.
type setting struct{ Group, Name, Value string }

// settingWords says every setting of a connection.
func settingWords(say locale.Speaker, s hub.Settings) (list []setting) {
	group := ""
	add := func(key, value string) { list = append(list, setting{group, say.T("setting." + key), value}) }
	yes := func(b bool) string {
		if b {
			return say.T("yes")
		}
		return say.T("no")
	}
	choice := func(prefix, value string) string { return say.T("setting." + prefix + "." + value) }

	group = say.T("settings.documents")
	for _, k := range hub.Kinds {
		ks := s.Kinds[k]
		value := say.T("settings.kind-off")
		if ks.On {
			value = say.T("settings.kind-on", "first", ks.FirstDay, "arrival", choice("arrival", string(ks.Arrival)))
		}
		list = append(list, setting{group, say.T("kind." + string(k) + ".many"), value})
	}
	add("profile", s.Profile)
	add("order", yes(s.OrderBySourceNumber))
	add("changed_approved", yes(s.ChangedApproved))

	group = say.T("settings.sending")
	add("sender", choice("sender-is", string(s.Sender)))
	var channels []string
	for _, c := range []struct {
		on  bool
		key string
	}{{s.Channel.EInvoice, "einvoice"}, {s.Channel.Email, "email"}, {s.Channel.Mail, "mail"}} {
		if c.on {
			channels = append(channels, choice("channel-is", c.key))
		}
	}
	if len(channels) == 0 {
		channels = []string{say.T("none")}
	}
	add("channel", strings.Join(channels, " › "))
	add("attachments", yes(s.AttachmentsToCustomer))
	add("bank_account", orDash(s.BankAccount))

	group = say.T("settings.sums")
	difference := choice("difference-is", string(s.Difference.Policy))
	if s.Difference.Policy == hub.AcceptDifference {
		difference += " (" + say.N("settings.cents", s.Difference.Cents) + ")"
	}
	add("difference", difference)
	add("prepaid", choice("sum-is", string(s.Prepaid)))
	add("rounding", choice("sum-is", string(s.Rounding)))

	group = say.T("settings.partners")
	add("partner_create", yes(s.Partner.Create))
	add("partner_without_id", yes(s.Partner.WithoutID))

	group = say.T("settings.defaults")
	add("language", s.Language)
	add("country", s.Country)
	add("term_days", say.N("settings.days", s.TermDays))
	add("text_too_long", choice("excess-is", string(s.TextTooLong)))
	add("bad_character", choice("excess-is", string(s.BadCharacter)))

	for _, k := range hub.Kinds {
		statuses := s.VATStatuses[k]
		if len(statuses) == 0 {
			continue
		}
		group = say.T("settings.vat", "kind", say.T("kind."+string(k)+".many"))
		keys := make([]string, 0, len(statuses))
		for c := range statuses {
			keys = append(keys, c)
		}
		slices.Sort(keys)
		for _, c := range keys {
			list = append(list, setting{group, c, strconv.Itoa(statuses[c])})
		}
	}
	if len(s.Units) > 0 {
		group = say.T("settings.units")
		keys := make([]string, 0, len(s.Units))
		for u := range s.Units {
			keys = append(keys, u)
		}
		slices.Sort(keys)
		for _, u := range keys {
			list = append(list, setting{group, u, s.Units[u]})
		}
	}
	return list
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
