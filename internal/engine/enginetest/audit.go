package enginetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// Shown is what a source has shown of one document: its contents, the newest
// last. A person may have edited its voucher in Procountor, or removed it.
type Shown struct {
	Versions []*hub.Document
	Edited   bool
	// Kept is what a person has written into the printed text of a voucher, by
	// its id: it must stay there as long as the voucher lives.
	Kept map[int64]string
	// Standing is what the source has said of the document's approvals since its
	// first content; Complete that the round has been complete at some time.
	Standing *hub.Standing
	Complete bool
	// Let are the vouchers that a person has let stand beside another, or had
	// credited, with their numbers in Procountor.
	Let map[int64]int64
}

// LetGo notes what a person has answered to a change.
func (s *Shown) LetGo(invoiceID, number int64) {
	if s.Let == nil {
		s.Let = map[int64]int64{}
	}
	s.Let[invoiceID] = number
}

// Stands notes where the document stands at its source.
func (s *Shown) Stands(at hub.Standing) {
	s.Standing = &at
	s.Complete = s.Complete || at.Round() == hub.RoundComplete
}

// besides the vouchers that a person has let go.
func (s *Shown) counting(living []procountortest.Invoice) (list []procountortest.Invoice) {
	for _, inv := range living {
		if _, let := s.Let[inv.ID]; !let {
			list = append(list, inv)
		}
	}
	return list
}

// Newest is the content that should be in the books.
func (s *Shown) Newest() *hub.Document { return s.Versions[len(s.Versions)-1] }

// AuditBooks compares the two ends, and knows nothing of what lies between: what
// a source has shown, and what stands in Procountor's books. It holds at every
// moment, in the middle of every fault.
func (w *World) AuditBooks(shown []*Shown) (errs []error) {
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	company := w.Company.ProcountorID
	known := map[int64]bool{}
	for _, s := range shown {
		number := s.Newest().Number
		living := w.vouchersOf(s)
		for _, inv := range living {
			if text := s.Kept[inv.ID]; !strings.Contains(inv.AdditionalInformation, text) {
				bad("voucher %d of document %s has lost what a person wrote: %q", inv.ID, number, text)
			}
		}
		if counting := s.counting(living); len(counting) > 1 {
			bad("document %s stands in the books %d times: %s", number, len(counting), statuses(counting))
		}
		for _, err := range w.auditCredits(s, known) {
			bad("document %s: %w", number, err)
		}
		for _, inv := range living {
			known[inv.ID] = true
			if s.Edited {
				continue
			}
			content := slices.IndexFunc(s.Versions, func(d *hub.Document) bool { return holds(inv, d) })
			if content < 0 {
				bad("voucher %d holds no content that document %s has had: %s", inv.ID, number, rowsOf(inv))
				continue
			}
			if s.Standing != nil && s.Standing.Approvals != nil && !s.Complete && !slices.Contains([]string{"UNFINISHED", "RECEIVED", "VERIFIED"}, inv.Status) {
				bad("voucher %d of document %s is %s before the last approval of its source", inv.ID, number, inv.Status)
			}
			if inv.Status != "UNFINISHED" && inv.Status != "RECEIVED" {
				// Approved or sent: complete, with its files.
				if missing := missingFiles(inv, s.Versions); missing != "" {
					bad("voucher %d of document %s is %s without %s", inv.ID, number, inv.Status, missing)
				}
				// Who edits an invoice in Procountor has its receipt made anew there.
				if on := w.postedOn(inv); w.mapped(s.Newest()) && s.Kept[inv.ID] == "" && (len(on) != 1 || on[0] != PostedOn) {
					bad("voucher %d of document %s is %s and stands on %v instead of %s", inv.ID, number, inv.Status, on, PostedOn)
				}
			}
			seen := map[string]bool{}
			for _, a := range inv.Attachments {
				if seen[a.Name] {
					bad("voucher %d of document %s has the file %s twice", inv.ID, number, a.Name)
				}
				seen[a.Name] = true
			}
		}
	}
	for _, inv := range w.Sandbox.Invoices(company) {
		if _, marked := hub.MarkIn(inv.Notes); marked && !dead(inv) && !known[inv.ID] {
			bad("voucher %d (%s) carries our mark and no document is behind it", inv.ID, inv.OriginalInvoiceNumber)
		}
	}
	partners := map[string]int{}
	for _, p := range w.Sandbox.Partners(company) {
		if p.InvoicingInfo != nil && p.InvoicingInfo.Identifier != "" {
			partners[p.Type+" "+p.InvoicingInfo.Identifier]++
		}
	}
	for id, n := range partners {
		if n > 1 {
			bad("partner %s is in the register %d times", id, n)
		}
	}
	if ids := w.Sandbox.Imbalance(company); len(ids) > 0 {
		bad("ledger receipts %v do not balance", ids)
	}
	return errs
}

// PostedOn is the account that worlds which post by the account map use: one
// that Procountor would not choose by itself.
const PostedOn = "3100"

// mapped reports whether the account map posts d.
func (w *World) mapped(d *hub.Document) bool {
	return w.Connection.Settings.Kinds[d.Kind].Posting == hub.PostedByMap
}

// postedOn are the accounts of the entries of an invoice's ledger receipt.
func (w *World) postedOn(inv procountortest.Invoice) (on []string) {
	for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
		if r.InvoiceID == nil || *r.InvoiceID != inv.ID {
			continue
		}
		for _, t := range r.Transactions {
			if t.TransactionType == "ENTRY" && !slices.Contains(on, t.Account) {
				on = append(on, t.Account)
			}
		}
	}
	return on
}

// auditCredits checks our credit notes: each takes back the whole of one voucher
// that a person wanted credited, and no two the same.
func (w *World) auditCredits(s *Shown, known map[int64]bool) (errs []error) {
	credited := map[int64]int64{}
	for _, inv := range w.CreditsOf(s.Newest()) {
		known[inv.ID] = true
		var of int64
		for id, number := range s.Let {
			if strings.Contains(inv.AdditionalInformation, fmt.Sprintf("(Procountor %d)", number)) {
				of = id
			}
		}
		switch other, twice := credited[of]; {
		case of == 0:
			errs = append(errs, fmt.Errorf("credit note %d takes back what nobody wanted credited: %q", inv.ID, inv.AdditionalInformation))
		case twice:
			errs = append(errs, fmt.Errorf("credit notes %d and %d take back the same voucher %d", inv.ID, other, of))
		case !s.Edited && !slices.ContainsFunc(s.Versions, func(d *hub.Document) bool { return takesBack(inv, d) }):
			errs = append(errs, fmt.Errorf("credit note %d takes back other rows than voucher %d has: %s", inv.ID, of, rowsOf(inv)))
		}
		credited[of] = inv.ID
		if old, there := w.Sandbox.Invoice(w.Company.ProcountorID, of); there && !s.Edited && inv.Status != "UNFINISHED" && !dead(old) {
			if a, b := w.postedOn(old), w.postedOn(inv); !slices.Equal(a, b) {
				errs = append(errs, fmt.Errorf("voucher %d stands on the accounts %v, its credit note %d on %v", of, a, inv.ID, b))
			}
		}
	}
	return errs
}

// AuditStates checks what the hub says against the books, when nothing is active
// any more: whatever it calls done is there, complete and to the cent; whatever it
// does not has a sentence; and the chain of acts tells the states.
func (w *World) AuditStates(shown []*Shown) (errs []error) {
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	transfers := w.Transfers()
	for _, s := range shown {
		d := s.Newest()
		t, err := w.TransferOf(d)
		if err != nil {
			bad("document %s: %w", d.Number, err)
			continue
		}
		living := w.vouchersOf(s)
		switch t.State {
		case hub.Done, hub.DoneWithWarning:
			if s.Edited {
				continue // a person may have removed it, or changed its number
			}
			at := slices.IndexFunc(living, func(inv procountortest.Invoice) bool { return inv.ID == t.InvoiceID })
			if at < 0 {
				bad("document %s is %s as voucher %d, but %d are in the books: %s", d.Number, t.State, t.InvoiceID, len(living), statuses(living))
				continue
			}
			now := living[at]
			for _, err := range w.auditBeside(&t, living) {
				bad("document %s: %w", d.Number, err)
			}
			if slices.ContainsFunc(t.Faults, func(f hub.Fault) bool { return f.Code == hub.ChangeLeft }) {
				continue // a person has left an earlier content; the books are audited anyway
			}
			if !holds(now, d) {
				bad("document %s is %s, but voucher %d holds %s", d.Number, t.State, t.InvoiceID, rowsOf(now))
			}
			if missing := missingFiles(now, []*hub.Document{d}); missing != "" {
				bad("document %s is %s without %s", d.Number, t.State, missing)
			}
			if gross := grossOf(now); t.State == hub.Done && !gross.Equal(*d.Totals.Gross) {
				bad("document %s is done with %s instead of %s, and nobody is told", d.Number, gross, d.Totals.Gross)
			}
		case hub.TakenBack, hub.Withdrawn:
			if counting := s.counting(living); len(counting) != 0 && !s.Edited {
				bad("document %s is %s, but voucher %d is there", d.Number, t.State, counting[0].ID)
			}
		}
	}
	for _, t := range transfers {
		if t.State != hub.Done && t.State != hub.Ready && t.State != hub.Working && len(t.Faults) == 0 && !endedByPerson(t.State) {
			bad("%s %s is %s without a sentence", t.Kind, t.Number, t.State)
		}
		if t.WaitsFor != "" && t.WaitsFor != hub.ForSource && !strings.HasPrefix(t.WaitsFor, hub.PeriodKey(t.Connection, "")) && !slices.ContainsFunc(transfers, func(p hub.Transfer) bool {
			return p.ID == t.WaitsFor && (p.State.Active() || p.State == hub.Noticed || t.State == hub.Held && p.State.NeedsPerson() ||
				p.DocKind == hub.Journal && p.State.NeedsPerson() ||
				t.Kind.Marks() && (w.needsApproval(p, t) || w.Clock.Now().Sub(t.Changed) < payLook))
		}) {
			bad("%s waits for %s, which will never come", t.Number, t.WaitsFor)
		}
		if rests := !t.State.Active() && t.State != hub.Noticed; rests {
			if told := w.toldState(t.ID); told != t.State {
				bad("%s %s is %s, but the acts tell %q", t.Kind, t.Number, t.State, told)
			}
		}
	}
	if _, err := w.Store.VerifyActs(w.T.Context()); err != nil {
		bad("acts: %w", err)
	}
	return errs
}

// auditBeside checks that the hub knows of every voucher beside the one that
// counts, and tells people.
func (w *World) auditBeside(t *hub.Transfer, living []procountortest.Invoice) (errs []error) {
	let, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]store.Released, error) { return tx.Released(t.Subject) })
	w.Must(err)
	for _, inv := range living {
		if inv.ID == t.InvoiceID {
			continue
		}
		i := slices.IndexFunc(let, func(r store.Released) bool { return r.InvoiceID == inv.ID })
		if i < 0 {
			errs = append(errs, fmt.Errorf("voucher %d stands beside %d, and no act has let it go", inv.ID, t.InvoiceID))
			continue
		}
		if !slices.ContainsFunc(t.Faults, func(f hub.Fault) bool {
			return f.Code == hub.SentBeside && f.Args["number"] == fmt.Sprint(let[i].Number) ||
				(f.Code == hub.OffsetByHand || f.Code == hub.OffsetUnderWay) && f.Args["credited"] == fmt.Sprint(let[i].Number)
		}) {
			errs = append(errs, fmt.Errorf("voucher %d stands beside %d, and nobody is told: %v", inv.ID, t.InvoiceID, t.Faults))
		}
	}
	return errs
}

// payLook is how long a payment may wait for what has been deleted in Procountor.
const payLook = 25 * time.Hour

// needsApproval reports whether a payment may wait for a document that stands
// still: until a person has mended it, or approved its invoice in Procountor.
func (w *World) needsApproval(doc, mark hub.Transfer) bool {
	id := doc.InvoiceID
	if mark.Kind == hub.OffsetTransfer {
		id = mark.InvoiceID // of either side
	}
	inv, ok := w.Sandbox.Invoice(w.Company.ProcountorID, id)
	return !ok && doc.State.NeedsPerson() || ok && (inv.Status == "UNFINISHED" || inv.Status == "RECEIVED" || inv.Status == "VERIFIED")
}

func endedByPerson(s hub.State) bool {
	return s == hub.DoneByHand || s == hub.TakenBack || s == hub.Withdrawn || s == hub.Skipped
}

// toldState is the state that the newest act about a transfer tells.
func (w *World) toldState(transfer string) hub.State {
	w.T.Helper()
	acts, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]hub.State, error) {
		acts, err := tx.Acts(transfer, 0, 20)
		var list []hub.State
		for _, a := range acts {
			var d struct{ State hub.State }
			if json.Unmarshal(a.Detail, &d) == nil && d.State != "" {
				list = append(list, d.State)
			}
		}
		return list, err
	})
	w.Must(err)
	if len(acts) == 0 {
		return ""
	}
	return acts[0]
}

// TransferOf returns the transfer of a document.
func (w *World) TransferOf(d *hub.Document) (hub.Transfer, error) {
	row, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) (store.DocumentRow, error) {
		return tx.DocumentBySource(w.Connection.ID, d.SourceID)
	})
	if err != nil {
		return hub.Transfer{}, err
	}
	for _, t := range w.Transfers() {
		if t.Kind == hub.DocumentTransfer && t.Subject == row.ID {
			return t, nil
		}
	}
	return hub.Transfer{}, store.ErrNotFound
}

// vouchersOf returns the living vouchers of every content of a document.
func (w *World) vouchersOf(s *Shown) (list []procountortest.Invoice) {
	for _, d := range s.Versions {
		for _, inv := range w.VouchersOf(d) {
			if !slices.ContainsFunc(list, func(have procountortest.Invoice) bool { return have.ID == inv.ID }) {
				list = append(list, inv)
			}
		}
	}
	return list
}

// VouchersOf returns the living vouchers that are d's by type, number, party and
// sign.
func (w *World) VouchersOf(d *hub.Document) []procountortest.Invoice {
	return w.sameNumber(d, d.CreditNote)
}

// CreditsOf returns the living credit notes that we have made of d's vouchers.
func (w *World) CreditsOf(d *hub.Document) []procountortest.Invoice {
	if d.CreditNote {
		return nil
	}
	return slices.DeleteFunc(w.sameNumber(d, true), func(inv procountortest.Invoice) bool {
		return !strings.Contains(inv.AdditionalInformation, "(Procountor ")
	})
}

func (w *World) sameNumber(d *hub.Document, negative bool) (list []procountortest.Invoice) {
	typ := typeOf(d)
	for _, inv := range w.Sandbox.Invoices(w.Company.ProcountorID) {
		if inv.Type == typ && inv.OriginalInvoiceNumber == d.Number && inv.CounterParty.CounterPartyAddress.Name == d.Counterparty().Name && !dead(inv) &&
			strings.HasPrefix(inv.InvoiceRows[0].Quantity.String(), "-") == negative {
			list = append(list, inv)
		}
	}
	return list
}

// typeOf is what Procountor calls a voucher of d.
func typeOf(d *hub.Document) string {
	switch d.Kind {
	case hub.PurchaseInvoice:
		return "PURCHASE_INVOICE"
	case hub.TravelInvoice:
		return "TRAVEL_INVOICE"
	}
	return "SALES_INVOICE"
}

func dead(inv procountortest.Invoice) bool {
	return inv.Status == "INVALIDATED" || inv.Status == "DELETED"
}

// holds reports whether a voucher has the rows of d; one more is a rounding row.
func holds(inv procountortest.Invoice, d *hub.Document) bool {
	if inv.Date != d.Date.String() || len(inv.InvoiceRows) < len(d.Lines) || len(inv.InvoiceRows) > len(d.Lines)+1 {
		return false
	}
	for i, l := range d.Lines {
		row := inv.InvoiceRows[i]
		if row.Product != l.Name || !money.Must(row.Quantity.String()).Equal(*l.Quantity) || !money.Must(row.UnitPrice.String()).Equal(*l.UnitPrice) {
			return false
		}
	}
	return true
}

// takesBack reports whether a voucher has the rows of d with turned quantities.
func takesBack(inv procountortest.Invoice, d *hub.Document) bool {
	turned := *d
	turned.Date = civil.Must(inv.Date)
	turned.Lines = slices.Clone(d.Lines)
	for i, l := range turned.Lines {
		q := l.Quantity.Neg()
		turned.Lines[i].Quantity = &q
	}
	return holds(inv, &turned)
}

// missingFiles names files that none of the contents with these rows lacks and
// the voucher does; "" when some content is complete.
func missingFiles(inv procountortest.Invoice, versions []*hub.Document) (missing string) {
	for _, d := range versions {
		if !holds(inv, d) {
			continue
		}
		missing = ""
		for _, a := range d.Attachments {
			if !slices.ContainsFunc(inv.Attachments, func(there procountortest.Attachment) bool { return strings.Contains(there.Name, a.Hash[:8]) }) {
				missing = "the file " + a.Name
			}
		}
		if missing == "" {
			return ""
		}
	}
	return missing
}

func grossOf(inv procountortest.Invoice) money.Amount {
	for _, s := range inv.InvoiceSumInfo {
		if s.InvoiceSumTotal != nil && (s.Currency == inv.PaymentInfo.Currency || s.Currency == "") {
			return money.Must(s.InvoiceSumTotal.String())
		}
	}
	return money.Zero
}

func statuses(list []procountortest.Invoice) string {
	var s []string
	for _, inv := range list {
		s = append(s, fmt.Sprintf("%d %s", inv.ID, inv.Status))
	}
	return strings.Join(s, ", ")
}

func rowsOf(inv procountortest.Invoice) string {
	s := inv.Date
	for _, r := range inv.InvoiceRows {
		s += fmt.Sprintf(" [%s %s × %s]", r.Product, r.Quantity, r.UnitPrice)
	}
	return s
}
