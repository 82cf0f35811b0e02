package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// doubtful reports whether the document is held until somebody says who the other
// party is.
func (v documentView) doubtful() bool {
	return v.State == hub.Held && v.Forecast != nil && engine.Doubtful(v.Forecast.Faults)
}

// A doubtView is a party of which somebody has to say who it is.
type doubtView struct {
	engine.Doubt
	CompanyName, ConnectionName string
	SumWords                    string
	// Several: the company has other connections that may hold for it too.
	Several             bool
	CanDecide, CanSetUp bool
	Back                string // where to go afterwards; "" is the document
}

// doubt is the party of one document.
func (v documentView) doubt() doubtView {
	f := v.Forecast
	return doubtView{Doubt: engine.Doubt{Connection: v.Connection.ID, First: v.ID, Kind: v.DocKind, Said: *v.Document.Counterparty(), Mend: f.Mend, NoNew: f.NoNew, Candidates: f.Candidates},
		ConnectionName: v.Connection.Name, Several: len(v.Place.Connections) > 1, CanDecide: v.can(people.Decide), CanSetUp: v.can(people.SetUp)}
}

// A doubtsView is the queue of parties across documents.
type doubtsView struct {
	page
	Places  places
	Company string
	List    []doubtView
	More    int
}

func (s *Server) doubts(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := doubtsView{Places: all, Company: r.URL.Query().Get("company")}
	shown := []place(all)
	if view.Company != "" {
		p, ok := all.company(view.Company)
		if !ok {
			return errNotFound
		}
		shown = []place{p}
	}
	back := filterQuery("/partners", "company", view.Company)
	for _, p := range shown {
		list, more, err := s.o.Engine.Doubts(r.Context(), p.ID, "", v.sees())
		if err != nil {
			return err
		}
		view.More += more
		for _, d := range list {
			dv := doubtView{Doubt: d, CompanyName: p.Name, Several: len(p.Connections) > 1, CanDecide: v.person.Can(people.Decide, p.ID, d.Kind), CanSetUp: v.person.Can(people.SetUp, p.ID, ""), Back: back}
			if _, c, ok := all.connection(d.Connection); ok {
				dv.ConnectionName = c.Name
			}
			dv.SumWords = SumWords(v.say, d.Sums)
			view.List = append(view.List, dv)
		}
	}
	if view.page, err = s.page(r, v, v.say.T("partners.title"), "tasks", scopeOf(shown...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, doubtsPage(view))
}

// SumWords says sums by currency.
func SumWords(say locale.Speaker, sums map[string]money.Amount) string {
	var parts []string
	for _, c := range sortedKeys(sums) {
		parts = append(parts, say.Amount(sums[c], money.Currency(c)))
	}
	return strings.Join(parts, " + ")
}

func filterQuery(path, key, value string) string {
	if value == "" {
		return path
	}
	return path + "?" + url.Values{key: {value}}.Encode()
}

// partnerFacts tell a partner of the register apart from others.
func partnerFacts(say locale.Speaker, p register.Partner) string {
	var parts []string
	if p.BusinessID != "" {
		parts = append(parts, say.T("choose.business-id")+" "+p.BusinessID)
	}
	if p.CustomerNumber != "" {
		parts = append(parts, say.T("choose.number")+" "+p.CustomerNumber)
	}
	parts = append(parts, addressWords(p.Address)...)
	return strings.Join(parts, " · ")
}

// partyFacts are the same of the party that the document names.
func partyFacts(say locale.Speaker, p *hub.Party) string {
	id := p.BusinessID
	if id == "" {
		id = p.VATNumber
	}
	return partnerFacts(say, register.Partner{BusinessID: id, CustomerNumber: p.Number, Address: p.Address})
}

func addressWords(a hub.Address) (parts []string) {
	if text := strings.TrimSpace(strings.Join([]string{a.Street, strings.TrimSpace(a.Zip + " " + a.City)}, ", ")); text != "," && text != "" {
		parts = append(parts, strings.Trim(text, ", "))
	}
	return parts
}

// reasonTone: what speaks for a candidate, and what against it.
func reasonTone(reason string) tone {
	switch reason {
	case matching.OtherID, matching.NearID, matching.OtherNumber, matching.NearNumber, matching.Inactive:
		return toneWarn
	}
	return toneGood
}

// choosePartner keeps who the other party of a document is.
func (s *Server) choosePartner(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	partner := int64(0)
	if choice := r.PostFormValue("partner"); choice != "new" {
		var err error
		if partner, err = strconv.ParseInt(choice, 10, 64); err != nil || partner < 1 {
			return errBadRequest
		}
	}
	switch err := s.o.Engine.ChoosePartner(r.Context(), v.person.ID, id, engine.Saying{Partner: partner, Everywhere: r.PostFormValue("everywhere") == "yes"}); {
	case errors.Is(err, engine.ErrMend):
		s.say(r.Context(), false, v.say.T("partners.mend"))
	case errors.Is(err, engine.ErrNoNew):
		s.say(r.Context(), false, v.say.T("partners.no-person"))
	case isNotNow(err), errors.Is(err, engine.ErrNoCandidate):
		s.say(r.Context(), false, v.say.T("choose.not-now"))
	case err != nil:
		return found(err)
	case partner == 0:
		s.say(r.Context(), true, v.say.T("choose.is-new"))
	default:
		s.say(r.Context(), true, v.say.T("choose.is-linked"))
	}
	if to := r.PostFormValue("back"); to == "/partners" || strings.HasPrefix(to, "/partners?") {
		return back(w, r, to)
	}
	return back(w, r, "/documents/"+url.PathEscape(id))
}

// A choicesView lists what people have said of the parties of a connection.
type choicesView struct {
	page
	Place      place
	Connection hub.Connection
	List       []choiceRow
	CanDecide  bool
}

type choiceRow struct {
	store.PartnerChoice
	Partner string // its name; "" while it is being made
	Who     string
}

func (s *Server) partnerChoices(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	names, err := s.names(r.Context())
	if err != nil {
		return err
	}
	view := choicesView{Place: p, Connection: c, CanDecide: v.can(people.Decide)}
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		list, err := tx.PartnerChoices(p.ID, c.ID)
		for _, x := range list {
			row := choiceRow{PartnerChoice: x, Who: actor(v, names, x.Author)}
			known, err := tx.PartnersByID(p.ID, []int64{x.Chosen.Partner})
			if err != nil {
				return err
			}
			for _, k := range known {
				row.Partner = strings.TrimSpace(k.Name + " " + k.CustomerNumber)
			}
			view.List = append(view.List, row)
		}
		return err
	}); err != nil {
		return err
	}
	if view.page, err = s.page(r, v, v.say.T("choose.title")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, choicesPage(view))
}

func (s *Server) undoPartnerChoice(w http.ResponseWriter, r *http.Request, v visit) error {
	id := r.PathValue("id")
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(id)
	if !ok {
		return errNotFound
	}
	on := c.ID
	if r.PostFormValue("everywhere") == "yes" {
		on = ""
	}
	if err := s.o.Engine.UndoPartnerChoice(r.Context(), v.person.ID, p.ID, on, r.PostFormValue("party")); err != nil {
		return found(err)
	}
	s.say(r.Context(), true, v.say.T("choose.undone"))
	return back(w, r, "/connections/"+url.PathEscape(id)+"/partners")
}
