package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
)

// A previewView says what sending a selection would do.
type previewView struct {
	page
	engine.Preview
	Back string // the list that the selection was made in
	// Ticked says that documents were chosen one by one.
	Ticked bool
	// CanSend says that what is chosen may be sent from here.
	CanSend bool
	Places  places
	Books   []bookView
	Going   int
}

// A bookView is what would come into the books of one company.
type bookView struct {
	engine.Book
	Registers     *register.Copy
	Debit, Credit money.Amount
}

// preview shows what the ticked documents, or all of a list, would book and which
// requests they take, and the verdict on each. Nothing is stored and nobody asked.
func (s *Server) preview(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	sel := engine.Selection{Transfers: q["id"], Sees: v.person.SeesInside}
	if len(sel.Transfers) > maxTicked {
		return errBadRequest
	}
	chosen := q.Get("chosen") != ""
	if chosen {
		ids, err := s.choice(r.Context(), v, nil)
		if err != nil {
			return err
		}
		sel.Transfers, chosen = ids, len(ids) > 0 // without a choice it is the whole list
	}
	asked := q
	if next := q.Get("next"); next != "" {
		u, err := url.Parse(next)
		if err != nil || u.Path != "/documents" || u.Host != "" {
			return errBadRequest
		}
		asked = u.Query()
	}
	f, err := parseFilter(asked)
	if err != nil {
		return err
	}
	f.After = "" // the whole list, not one page of it
	sel.Filter = f.stored(v.sees())
	view := previewView{Back: f.query(), Ticked: len(sel.Transfers) > 0, CanSend: chosen && v.person.CanSomewhere(rightFor(engine.SendNow))}
	if view.Places, err = s.places(r.Context(), v); err != nil {
		return err
	}
	if view.Preview, err = s.o.Engine.Preview(r.Context(), sel); err != nil {
		return err
	}
	if view.Ticked && len(view.Documents) == 0 {
		return errNotFound
	}
	var companies []place
	for _, p := range view.Places {
		if slices.ContainsFunc(view.Documents, func(d engine.Previewed) bool { return d.Transfer.Company == p.ID }) {
			companies = append(companies, p)
		}
	}
	for _, b := range view.Preview.Books {
		registers, err := s.o.Engine.Registers(r.Context(), b.Company.ID)
		if err != nil {
			return err
		}
		bv := bookView{Book: b, Registers: registers}
		bv.Debit, bv.Credit = b.Sums.Total()
		view.Books = append(view.Books, bv)
	}
	for i := range view.Documents {
		if view.Documents[i].Goes() {
			view.Going++
		}
	}
	if view.page, err = s.page(r, v, v.say.T("preview.title"), "documents", scopeOf(companies...)); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, previewPage(view))
}

// previewable reports whether a preview can say something of a document.
func previewable(t *hub.Transfer) bool { return engine.Unwritten(t, nil) && t.Plan == 0 }

// account is what an entry stands on, in words.
func (b bookView) account(say locale.Speaker, e mapping.EntrySum) string {
	if who := e.Chooser(); who != "account" {
		return say.T("booked-as." + who)
	}
	return strings.TrimSpace(e.Account + " " + b.Registers.AccountName(e.Account))
}

func (b bookView) status(e mapping.EntrySum) string {
	if e.VATStatus == 0 {
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(e.VATStatus) + " " + b.Registers.StatusName(e.VATStatus))
}

// sum is an amount, nothing where there is none.
func (b bookView) sum(say locale.Speaker, a money.Amount) string {
	if a.IsZero() {
		return ""
	}
	return say.Sum(a)
}

// verdictOf are the reasons of a verdict in a few words, each once.
func verdictOf(v previewView, d *engine.Previewed) (reasons []string) {
	for _, f := range d.Faults {
		if x := explainAll(v.page, []hub.Fault{f})[0].Title; !slices.Contains(reasons, x) {
			reasons = append(reasons, x)
		}
	}
	return reasons
}

// requestOf is the first request as it would be sent, for reading.
func requestOf(d *engine.Previewed) string {
	if d.Invoice == nil {
		return ""
	}
	inv := *d.Invoice
	if d.Partner != nil {
		inv.PartnerID = d.Partner.ID
	}
	b, err := json.MarshalIndent(inv, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}

// stepWords are the requests in words, in order.
func stepWords(say locale.Speaker, d *engine.Previewed) (list []string) {
	for _, st := range d.Steps {
		list = append(list, say.T("step."+string(st.Kind)))
	}
	return list
}
