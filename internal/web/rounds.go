package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// roundsPath is the list of purchase invoices on their round.
const roundsPath = "/rounds"

// roundsOnPage is how many stand on one page, and what one form may approve.
const roundsOnPage = 50

// A roundsView is the list: what waits for the reader, or all that they may see.
type roundsView struct {
	page
	Mine      bool
	State     circulation.State
	Text      string
	Rows      []store.Round
	Names     map[string]string // of persons, by id
	Companies map[string]string
	// CanApprove lets the reader approve what is ticked.
	CanApprove bool
	Next       string // address of the next page, "" for none
	// Everyone are the persons whose rounds the reader may hand over, Takers those who may
	// get them; none where the reader leads no rounds.
	Everyone, Takers []people.User
	// Colleagues may stand in for the reader; Instead is who does, from First to Last.
	Colleagues  []people.User
	Instead     string
	First, Last string
}

// states are those of the filter.
func (v roundsView) states() []circulation.State {
	return []circulation.State{circulation.Open, circulation.Approved, circulation.Rejected, circulation.Ended}
}

func (s *Server) rounds(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	view := roundsView{Mine: v.person.CanSomewhere(people.Receive) && q.Get("show") != "all", State: circulation.State(q.Get("state")), Text: strings.TrimSpace(q.Get("q")),
		CanApprove: v.person.CanSomewhere(people.Approve)}
	if view.State != "" && !slices.Contains(view.states(), view.State) || len(view.Text) > 100 {
		return errBadRequest
	}
	f := store.RoundFilter{State: view.State, Text: view.Text, After: q.Get("after"), Limit: roundsOnPage + 1}
	if view.Mine {
		f.State = ""
	}
	list, _, err := s.o.Engine.RoundsOf(r.Context(), *v.person, view.Mine, f)
	if err != nil {
		return found(err)
	}
	if len(list) > roundsOnPage {
		list = list[:roundsOnPage]
		q.Set("after", list[len(list)-1].ID)
		view.Next = roundsPath + "?" + q.Encode()
	}
	view.Rows = list
	if view.page, err = s.page(r, v, v.say.T("round.title"), "rounds", scope{}); err != nil {
		return err
	}
	if view.Names, view.Companies, err = s.roundNames(r); err != nil {
		return err
	}
	var shown []place
	for id, name := range view.Companies {
		if slices.ContainsFunc(list, func(x store.Round) bool { return x.Company == id }) {
			c, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(id) })
			if err != nil {
				return err
			}
			c.Name = name
			shown = append(shown, place{Company: c})
		}
	}
	slices.SortFunc(shown, func(a, b place) int { return strings.Compare(a.Name, b.Name) })
	if len(shown) > 0 {
		view.Scope = scopeOf(shown...)
	}
	if view.Mine {
		err = s.colleagues(r, v, &view)
	} else if v.person.CanSomewhere(people.LeadRound) {
		err = s.takers(r, v, &view)
	}
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, roundsPage(view))
}

// takers reads whose rounds may be handed over, and to whom.
func (s *Server) takers(r *http.Request, v visit, view *roundsView) error {
	return s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		companies, err := tx.Companies()
		if err != nil {
			return err
		}
		companies = slices.DeleteFunc(companies, func(c hub.Company) bool { return !v.person.Can(people.LeadRound, c.ID, hub.PurchaseInvoice) })
		waiting := map[string]bool{}
		for _, c := range companies {
			list, err := tx.WaitingPersons(c.ID)
			if err != nil {
				return err
			}
			for _, p := range list {
				waiting[p] = true
			}
		}
		all, err := tx.People()
		for _, u := range all {
			if waiting[u.ID] {
				view.Everyone = append(view.Everyone, u)
			}
			if slices.ContainsFunc(companies, func(c hub.Company) bool { return u.Can(people.Receive, c.ID, hub.PurchaseInvoice) }) {
				view.Takers = append(view.Takers, u)
			}
		}
		return err
	})
}

// colleagues reads who may stand in for the reader, and who does.
func (s *Server) colleagues(r *http.Request, v visit, view *roundsView) error {
	return s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		all, err := tx.People()
		if err != nil {
			return err
		}
		companies, err := tx.Companies()
		if err != nil {
			return err
		}
		for _, u := range all {
			if u.ID != v.person.ID && slices.ContainsFunc(companies, func(c hub.Company) bool {
				return u.Can(people.Receive, c.ID, hub.PurchaseInvoice) && v.person.Can(people.Receive, c.ID, hub.PurchaseInvoice)
			}) {
				view.Colleagues = append(view.Colleagues, u)
			}
		}
		list, err := tx.Substitutes(civil.Date{})
		for _, sub := range list {
			if sub.Person == v.person.ID {
				view.Instead, view.First, view.Last = sub.Instead, sub.First.String(), sub.Last.String()
			}
		}
		return err
	})
}

// roundNames are the names of persons and companies, by id. They are shown only for
// invoices that the reader may see.
func (s *Server) roundNames(r *http.Request) (persons, companies map[string]string, err error) {
	persons, companies = map[string]string{}, map[string]string{}
	err = s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		all, err := tx.People()
		if err != nil {
			return err
		}
		for _, u := range all {
			persons[u.ID] = called(u)
		}
		list, err := tx.Companies()
		for _, c := range list {
			companies[c.ID] = c.Name
		}
		return err
	})
	return persons, companies, err
}

// approveRounds approves what is ticked, each as the reader has seen it.
func (s *Server) approveRounds(w http.ResponseWriter, r *http.Request, v visit) error {
	ticked := r.PostForm["round"]
	if len(ticked) > roundsOnPage {
		return errBadRequest
	}
	n, fault := 0, ""
	for _, t := range ticked {
		id, version, ok := strings.Cut(t, ":")
		seen, err := strconv.Atoi(version)
		if !ok || err != nil {
			return errBadRequest
		}
		round, err := s.o.Engine.DecideRound(r.Context(), id, circulation.Decision{Act: circulation.Approve, By: v.person.ID, Seen: seen}, nil)
		if no, refused := errors.AsType[*engine.RoundRefusal](err); refused {
			fault = no.Round.Number + ": " + refusalWords(v.say, no)
			continue
		}
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		if err == nil && round.ID != "" {
			n++
		}
	}
	switch {
	case fault != "":
		s.say(r.Context(), false, fault)
	case n == 0:
		s.say(r.Context(), false, v.say.T("round.nothing-chosen"))
	default:
		s.say(r.Context(), true, v.say.N("round.approved-many", n))
	}
	return back(w, r, roundsPath)
}

// refusalWords says why a decision was not taken.
func refusalWords(say locale.Speaker, no *engine.RoundRefusal) string {
	return say.T("round.why."+no.Why, "rest", no.Rest)
}

// A roundView is one invoice on its round.
type roundView struct {
	page
	engine.RoundView
	Company hub.Company
	// Items are those on which its costs may be split.
	Items []register.DimensionItem
	// Page of its image is shown, 0 when there is none.
	Page int
}

// image is the page of the image that is shown.
func (v roundView) image() (x store.RoundImage) {
	if i := slices.IndexFunc(v.Images, func(x store.RoundImage) bool { return x.Page == v.Page }); i >= 0 {
		return v.Images[i]
	}
	return x
}

// pagePath is where a page of the image is turned to.
func (v roundView) pagePath(page int) string {
	return roundsPath + "/" + v.Round.ID + "?page=" + strconv.Itoa(page) + "#image"
}

// imagePath is where a page of an image is.
func imagePath(x store.RoundImage) string {
	return roundsPath + "/" + x.Round + "/image/" + strconv.Itoa(x.Page)
}

// hasNext reports whether there is a page after the one that is shown, as far as is known.
func (v roundView) hasNext() bool {
	return !slices.ContainsFunc(v.Images, func(x store.RoundImage) bool { return x.Page == v.Page+1 && x.State != store.ImageKept })
}

// rows are those of the form of the split: what is there, and empty ones.
func (v roundView) shares() []circulation.Share {
	return append(slices.Clone(v.Split), make([]circulation.Share, emptyShares)...)
}

// emptyShares is how many rows the form of the split adds.
const emptyShares = 3

func (v roundView) may(a circulation.Act) bool { return slices.Contains(v.May, a) }

// called is a person's name.
func (v roundView) called(id string) string {
	if n, ok := v.Names[id]; ok {
		return n
	}
	if id == "vienti" {
		return "Vienti"
	}
	return id
}

// why says who has received the invoice first, and why.
func (v roundView) why() string {
	f := v.Found
	name := f.Login
	for _, s := range [][]people.User{v.Receivers, v.Approvers} {
		for _, u := range s {
			if u.Login == f.Login {
				name = called(u)
			}
		}
	}
	key := "round.found"
	if f.Why != "" {
		key = "round.why." + f.Why
	}
	return v.say.T(key, "name", name, "field", fieldName(v.say, f.Field), "value", f.Value, "named", f.Named)
}

func fieldName(say locale.Speaker, field string) string {
	if field == "" {
		return ""
	}
	return say.T("round.field." + field)
}

// did says what somebody has done.
func (v roundView) did(d store.RoundDecision) string {
	if d.Act == circulation.Noted {
		return v.say.T("round.noted." + d.Text)
	}
	words := v.say.T("round.did." + string(d.Act))
	if d.To != "" {
		words += " → " + v.called(d.To)
	}
	if d.Instead != "" {
		words += " (" + v.say.T("round.instead", "name", v.called(d.Instead)) + ")"
	}
	return words
}

// money says a sum as it is stored.
func (v roundView) money(text, currency string) string { return moneyText(v.say, text, currency) }

func moneyText(say locale.Speaker, text, currency string) string {
	a, err := money.Parse(text)
	if err != nil {
		return text
	}
	return say.Amount(a, money.Currency(currency))
}

func (s *Server) roundPage(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showRound(w, r, v, http.StatusOK)
}

func (s *Server) showRound(w http.ResponseWriter, r *http.Request, v visit, status int) error {
	id, page := r.PathValue("id"), 1
	if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && n > 1 {
		// A page that was not turned to before is read now; one that is not there, or cannot
		// be read now, leaves the first one.
		switch _, _, err := s.o.Engine.RoundImage(r.Context(), id, n); {
		case err == nil:
			page = n
		case store.IsNotFound(err):
			s.say(r.Context(), true, v.say.T("round.image-last"))
		default:
			s.o.Log.Warn("image of an invoice not read", "round", id, "page", n, "err", err)
			s.say(r.Context(), false, v.say.T("round.image-unread"))
		}
	}
	x, err := s.o.Engine.Round(r.Context(), id, v.person.ID)
	if err != nil {
		return found(err)
	}
	view := roundView{RoundView: x, Page: page}
	if view.Company, err = store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(x.Round.Company) }); err != nil {
		return err
	}
	registers, err := s.o.Engine.Registers(r.Context(), x.Round.Company)
	if err != nil {
		return err
	}
	if d, ok := registers.Dimension(x.Connection.Settings.Circulation.Dimension); ok {
		for _, i := range d.Items {
			if i.Active {
				view.Items = append(view.Items, i)
			}
		}
	}
	if view.page, err = s.page(r, v, v.say.T("round.invoice", "number", x.Number), "rounds", scopeOf(place{Company: view.Company})); err != nil {
		return err
	}
	return s.show(w, r, status, roundPage(view))
}

// decideRound takes one decision.
func (s *Server) decideRound(w http.ResponseWriter, r *http.Request, v visit) error {
	seen, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return errBadRequest
	}
	d := circulation.Decision{Act: circulation.Act(r.PostFormValue("act")), By: v.person.ID, Seen: seen, To: r.PostFormValue("to"), Text: r.PostFormValue("text")}
	if d.Act == circulation.Split || d.Act == circulation.Noted {
		return errBadRequest
	}
	if due := r.PostFormValue("due"); due != "" {
		if d.Due, err = civil.Parse(due); err != nil {
			return errBadRequest
		}
	}
	return s.roundDecided(w, r, v, d, nil, v.say.T("round.decided"))
}

func (s *Server) roundDecided(w http.ResponseWriter, r *http.Request, v visit, d circulation.Decision, shares []circulation.Share, done string) error {
	id := r.PathValue("id")
	_, err := s.o.Engine.DecideRound(r.Context(), id, d, shares)
	switch no, refused := errors.AsType[*engine.RoundRefusal](err); {
	case refused:
		s.say(r.Context(), false, refusalWords(v.say, no))
	case isNotNow(err):
		return errBadRequest
	case err != nil:
		return found(err)
	default:
		s.say(r.Context(), true, done)
		if !s.stillSees(r, id, v.person.ID) {
			return back(w, r, roundsPath)
		}
	}
	return back(w, r, roundsPath+"/"+url.PathEscape(id))
}

func (s *Server) stillSees(r *http.Request, id, person string) bool {
	_, err := s.o.Engine.Round(r.Context(), id, person)
	return err == nil
}

// splitRound keeps on which items the costs of an invoice fall.
func (s *Server) splitRound(w http.ResponseWriter, r *http.Request, v visit) error {
	seen, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return errBadRequest
	}
	x, err := s.o.Engine.Round(r.Context(), r.PathValue("id"), v.person.ID)
	if err != nil {
		return found(err)
	}
	registers, err := s.o.Engine.Registers(r.Context(), x.Round.Company)
	if err != nil {
		return err
	}
	dimension, _ := registers.Dimension(x.Connection.Settings.Circulation.Dimension)
	var shares []circulation.Share
	items, percents, sums := r.PostForm["item"], r.PostForm["percent"], r.PostForm["sum"]
	if len(items) != len(percents) || len(items) != len(sums) {
		return errBadRequest
	}
	for i, text := range items {
		share := circulation.Share{Percent: typed(percents[i]), Sum: typed(sums[i])}
		if text == "" && share.Percent == "" && share.Sum == "" {
			continue
		}
		at := slices.IndexFunc(dimension.Items, func(x register.DimensionItem) bool { return x.Active && strconv.FormatInt(x.ID, 10) == text })
		if at < 0 {
			return s.roundRefused(w, r, v, circulation.SplitMixed)
		}
		share.Item, share.Text = dimension.Items[at].ID, dimension.Items[at].Code
		shares = append(shares, share)
	}
	return s.roundDecided(w, r, v, circulation.Decision{Act: circulation.Split, By: v.person.ID, Seen: seen}, shares, v.say.T("round.split-saved"))
}

func (s *Server) roundRefused(w http.ResponseWriter, r *http.Request, v visit, why string) error {
	s.say(r.Context(), false, v.say.T("round.why."+why, "rest", ""))
	return back(w, r, roundsPath+"/"+url.PathEscape(r.PathValue("id")))
}

// typed is a number as people write it: with a comma or a point.
func typed(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), " ", "")
}

// roundFile hands over an attachment, as Procountor has it.
func (s *Server) roundFile(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := strconv.ParseInt(r.PathValue("file"), 10, 64)
	if err != nil {
		return errNotFound
	}
	round, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (store.Round, error) { return tx.RoundByID(r.PathValue("id")) })
	if err != nil {
		return found(err)
	}
	file, content, err := s.o.Engine.RoundFile(r.Context(), round, id)
	if err != nil {
		return found(err)
	}
	if !slices.Contains([]string{"application/pdf", "image/png", "image/jpeg", "image/gif"}, strings.ToLower(file.MIME)) || !shownAs(content, file.MIME) {
		handOver(w, file.Name, content)
		return nil
	}
	showFile(w, file.Name, file.MIME, content)
	return nil
}

// showFile hands over what is looked at in the browser, as an image of an invoice is.
func showFile(w http.ResponseWriter, name, mime string, content []byte) {
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(name))
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the reader has gone; there is nobody to tell
}

// roundImage shows a page of the image of an invoice.
func (s *Server) roundImage(w http.ResponseWriter, r *http.Request, _ visit) error {
	page, err := strconv.Atoi(r.PathValue("page"))
	if err != nil {
		return errNotFound
	}
	mime, content, err := s.o.Engine.RoundImage(r.Context(), r.PathValue("id"), page)
	if errors.Is(err, engine.ErrImageBad) {
		return errNotFound
	}
	if err != nil {
		return found(err)
	}
	showFile(w, r.PathValue("page"), mime, content)
	return nil
}

// shownAs reports whether content is what it says, so that nothing else is ever shown.
func shownAs(content []byte, mime string) bool {
	return strings.EqualFold(http.DetectContentType(content), mime)
}

// ownSubstitute keeps who decides instead of the reader, and when.
func (s *Server) ownSubstitute(w http.ResponseWriter, r *http.Request, v visit) error {
	sub, err := substituteIn(r, v.person.ID)
	wrong := err != nil
	if err == nil {
		err = s.o.Engine.SetSubstitute(r.Context(), v.person.ID, sub)
	}
	switch {
	case wrong, isNotNow(err), store.IsNotFound(err):
		s.say(r.Context(), false, v.say.T("round.substitute-wrong"))
	case err != nil:
		return err
	default:
		s.say(r.Context(), true, v.say.T("round.substitute-saved"))
	}
	return back(w, r, roundsPath)
}

// handWord is what the button says that gives an invoice to somebody else.
func handWord(v roundView, a circulation.Act) string {
	if a == circulation.Assign {
		return v.say.T("round.assign")
	}
	return v.say.T("round.hand_on")
}
