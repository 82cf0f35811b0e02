package web

import (
	"net/http"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// claimsPath is the page of claims to be paid.
const claimsPath = "/claims"

// A claimsView lists claims of own money that are to be paid in Procountor, by person.
type claimsView struct {
	page
	Places  places
	Company string
	Persons []personClaims
	// Count is how many claims there are, those beyond the list too; Listed how many it has.
	Count, Listed int
}

// personClaims are what one person is owed in one currency.
type personClaims struct {
	Name   string
	Sum    money.Amount
	In     money.Currency
	Claims []store.ClaimToPay
}

// maxClaims is how many claims the page shows.
const maxClaims = 500

func (s *Server) claims(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	view := claimsView{Places: all, Company: r.URL.Query().Get("company")}
	shown := all
	if view.Company != "" {
		p, ok := all.company(view.Company)
		if !ok {
			return errNotFound
		}
		shown = []place{p}
	}
	var list []store.ClaimToPay
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) (err error) {
		if view.Count, err = tx.CountClaimsToPay(store.ClaimFilter{Company: view.Company, Reach: v.sees()}); err != nil {
			return err
		}
		list, err = tx.ClaimsToPay(store.ClaimFilter{Company: view.Company, Reach: v.sees()}, maxClaims)
		return err
	}); err != nil {
		return err
	}
	view.Persons, view.Listed = byPerson(list), len(list)
	if view.page, err = s.page(r, v, v.say.T("claims.title"), "tasks", scopeOf(shown...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, claimsPage(view))
}

// byPerson puts a list, sorted by person, together by person and currency.
func byPerson(list []store.ClaimToPay) (persons []personClaims) {
	at := map[string]int{}
	for _, c := range list {
		key := c.Transfer.Company + "\x00" + c.Transfer.PartnerName + "\x00" + c.Currency
		i, ok := at[key]
		if !ok {
			i = len(persons)
			at[key] = i
			persons = append(persons, personClaims{Name: c.Transfer.PartnerName, In: money.Currency(c.Currency)})
		}
		p := &persons[i]
		p.Claims = append(p.Claims, c)
		if sum, err := money.Parse(c.Open); err == nil {
			p.Sum = p.Sum.Add(sum)
		}
	}
	return persons
}

// claimWords say what is to be done with a claim in Procountor.
type claimWords struct {
	text string
	tone tone
}

// ClaimWord says what is to be done with a claim in Procountor.
func ClaimWord(say locale.Speaker, c store.ClaimToPay) string { return claimWord(say, c).text }

func claimWord(say locale.Speaker, c store.ClaimToPay) claimWords {
	switch procountor.Status(c.Status) {
	case procountor.StatusUnfinished, procountor.StatusReceived, procountor.StatusVerified:
		return claimWords{say.T("claims.unapproved"), toneWarn}
	case procountor.StatusPaymentQueued, procountor.StatusPaymentSentToBank:
		return claimWords{say.T("claims.queued"), toneGood}
	case procountor.StatusPartlyPaid:
		return claimWords{say.T("claims.partly"), toneWarn}
	case "":
		return claimWords{say.T("claims.unread"), toneWarn}
	}
	return claimWords{say.T("claims.pay"), toneWarn}
}

// companyOf tells claims of several companies apart.
func (v claimsView) companyOf(t hub.Transfer) string {
	if c, ok := v.Places.company(t.Company); ok && len(v.Places) > 1 {
		return c.Name
	}
	return ""
}

// A claimPart is one document of a claim that was taken apart.
type claimPart struct {
	hub.Transfer
	// Card that has paid it, "" for the person's own money.
	Card string
}

// claim reads what else the claim of a document has become.
func (d *detail) claim(tx *store.Tx) error {
	if d.Kind != hub.DocumentTransfer || d.DocKind != hub.TravelInvoice {
		return nil
	}
	list, err := tx.ClaimParts(d.Subject)
	if err != nil {
		return err
	}
	for _, t := range list {
		part := claimPart{Transfer: t}
		doc, _, err := tx.Document(t.Subject, t.Version)
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		if err == nil && doc.ByCard() {
			part.Card = doc.Part.Card
		}
		d.ClaimParts = append(d.ClaimParts, part)
	}
	return nil
}

// says what a part is.
func (c claimPart) says(say locale.Speaker) string {
	if c.Card != "" {
		return say.T("claims.by-card", "card", c.Card, "day", say.Day(c.Date))
	}
	return say.T("claims.own")
}
