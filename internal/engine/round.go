package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file lets purchase invoices of Procountor begin their round of persons here
// (decision 033), and notices what becomes of them there meanwhile. They are read by the
// same sweep as those that go back to a source: an invoice is read once for both.

// roundStatuses are those in which an invoice waits to be approved.
var roundStatuses = []string{string(procountor.StatusUnfinished), string(procountor.StatusReceived), string(procountor.StatusVerified)}

// What Vienti notes of a round by itself, as codes: each has a sentence under "round.noted.".
const (
	notedThere   = "approved-there"
	notedDenied  = "denied-there"
	notedGone    = "gone-there"
	notedChanged = "changed-there"
	notedHanded  = "handed-on"
)

// crew is who there is, for the rounds of one company.
type crew struct {
	company string
	byID    map[string]people.User
	byLogin map[string]people.User
	instead []store.Substitute // of today
}

func (e *Engine) crewOf(tx *store.Tx, company string) (c crew, err error) {
	c = crew{company: company, byID: map[string]people.User{}, byLogin: map[string]people.User{}}
	all, err := tx.People()
	if err != nil {
		return c, err
	}
	for _, u := range all {
		c.byID[u.ID], c.byLogin[u.Login] = u, u
	}
	c.instead, err = tx.Substitutes(e.today())
	return c, err
}

func (c crew) can(person string, right people.Right) bool {
	u, ok := c.byID[person]
	return ok && u.Can(right, c.company, hub.PurchaseInvoice)
}

// id is the person with a login, "" when there is none.
func (c crew) id(login string) string { return c.byLogin[people.NormalLogin(login)].ID }

// who says what persons may, for the rules.
func (c crew) who(s hub.Circulation) circulation.Who {
	return circulation.Who{
		Receives: func(p string) bool { return c.can(p, people.Receive) },
		Approves: func(p string) bool { return c.can(p, people.Approve) },
		Leads:    func(p string) bool { return c.can(p, people.LeadRound) },
		StandsIn: func(by, instead string) bool {
			return slices.ContainsFunc(c.instead, func(s store.Substitute) bool { return s.Person == instead && s.Instead == by })
		},
		Default: c.id(s.Default),
	}
}

// receiver finds who receives an invoice. Where even the default may not, it waits for
// the default all the same: whoever leads the rounds sees that, and hands it on.
func (c crew) receiver(s hub.Circulation, fields map[string]string) circulation.Found {
	return circulation.Receiver(s, fields, func(login string) bool { return c.can(c.id(login), people.Receive) })
}

// roundOf is what an invoice is like, as people decide about it.
func (r *run) roundOf(conn hub.Connection, inv *procountor.Invoice, receipt *procountor.LedgerReceipt) store.Round {
	x := store.Round{Company: conn.Company, Connection: conn.ID, InvoiceID: inv.ID, Number: inv.OriginalInvoiceNumber, InvoiceNumber: int64(inv.InvoiceNumber),
		Supplier: inv.CounterParty.CounterPartyAddress.Name, Date: register.Day(inv.Date).String(), DueDate: register.Day(inv.PaymentInfo.DueDate).String(),
		Currency: string(inv.PaymentInfo.Currency), Status: string(inv.Status), ReceiptID: inv.LedgerReceiptID}
	if x.Number == "" {
		x.Number = strconv.Itoa(inv.InvoiceNumber)
	}
	net, gross := money.Zero, money.Zero
	for i, s := range inv.InvoiceSumInfo {
		if i == 0 || !s.InAccountingCurrency {
			net, gross = amountOf(s.ExcludingVATTotal), amountOf(s.InvoiceSumTotal)
		}
	}
	x.Net, x.Gross = net.Fixed(2), gross.Fixed(2)
	c := store.RoundContent{Fields: mapping.ReceiverFields(inv), Files: backFiles(inv)}
	if b := inv.PaymentInfo.BankAccount; b != nil {
		c.Account = b.AccountNumber
	}
	if ref := inv.PaymentInfo.BankReferenceCode; ref != nil {
		c.Reference = *ref
	}
	for _, row := range inv.InvoiceRows {
		c.Rows = append(c.Rows, store.RoundRow{Text: row.Product, Quantity: amountOf(row.Quantity).Trim(0).String(), Unit: string(row.Unit),
			Price: amountOf(row.UnitPrice).Trim(2).String(), VAT: amountOf(row.VATPercent).Trim(0).String()})
	}
	if receipt != nil {
		for _, t := range receipt.Transactions {
			if t.TransactionType == procountor.Entry {
				c.Costs = append(c.Costs, store.RoundCost{Account: t.Account, Text: t.Description, Value: amountOf(t.AccountingValue).Fixed(2)})
			}
		}
		_, total := mapping.Costs(receipt)
		c.Total = total.Fixed(2)
	}
	x.Content = c
	decided, err := json.Marshal([]any{x.Number, x.Supplier, inv.CounterParty.Identifier, x.Date, x.DueDate, x.Net, x.Gross, x.Currency, c.Account, c.Reference, c.Rows})
	if err == nil {
		x.Print = hub.HashOf(decided)
	}
	return x
}

// firstRound begins the round of an invoice that is seen for the first time, unless it
// is ours: then it is kept as such.
func (r *run) firstRound(tx *store.Tx, conn hub.Connection, h store.HistoryRow, x backReading) error {
	if x.inv == nil {
		return tx.ForgetHistory(conn.Company, h.InvoiceID) // what was deleted there is in no list of changes
	}
	if !slices.Contains(roundStatuses, string(x.inv.Status)) {
		return nil // approved since the list was read
	}
	foreign, err := tx.IsForeign(conn.Company, x.inv.ID, x.inv.OriginalInvoiceNumber)
	if err != nil || !foreign {
		return err // asked again, when it is known what it is
	}
	round := r.roundOf(conn, x.inv, x.receipt)
	round.ReadAt = r.now()
	_, marked := hub.MarkIn(x.inv.Notes)
	came, err := tx.CameFromSource(conn.Company, h.OriginalNumber, h.PartnerName, h.Date, h.Gross)
	if err != nil {
		return err
	}
	if marked || came {
		round.State = circulation.Left
		_, err := tx.InsertRound(&round)
		return err
	}
	c, err := r.e.crewOf(tx, conn.Company)
	if err != nil {
		return err
	}
	s := conn.Settings.Circulation
	round.Found = c.receiver(s, round.Content.Fields)
	receiver := c.id(round.Found.Login)
	if receiver == "" {
		return nil // the default has just gone
	}
	gross, err := money.Parse(round.Gross)
	if err != nil {
		return err
	}
	var further []string
	for _, login := range circulation.Further(s, gross) {
		further = append(further, cmp.Or(c.id(login), c.id(s.Default))) // an approval is never left out
	}
	round.Round = circulation.Begin(receiver, further)
	r.e.waitsAnew(&round, s)
	round.DueAt = slotAfter(conn.Company, r.now(), backFirst)
	made, err := tx.InsertRound(&round)
	if err != nil || !made {
		return err
	}
	if err := tx.WantImage(&round, r.now()); err != nil {
		return err
	}
	return roundActed(tx, engineActor, "round.begun", &round)
}

// againRound stores what became of an invoice since it was read. What somebody has done
// in Procountor meanwhile wins.
func (r *run) againRound(tx *store.Tx, id string, x backReading) error {
	round, err := tx.LockRound(id)
	if err != nil {
		return err
	}
	conn, ok := r.conns[round.Connection]
	if !ok || round.DueAt.IsZero() {
		return nil
	}
	now := r.now()
	first := round.Created
	round.ReadAt, round.DueAt = now, time.Time{}
	switch {
	case x.inv == nil || gone(x.inv.Status):
		round.Status = string(procountor.StatusDeleted)
		return r.e.endRound(tx, &round, notedGone)
	case slices.Contains(backStatuses, string(x.inv.Status)):
		round.Status = string(x.inv.Status)
		if round.State == circulation.Approved {
			return tx.SaveRound(&round) // by us, or the approval will say by whom
		}
		return r.e.endRound(tx, &round, notedThere)
	case !slices.Contains(roundStatuses, string(x.inv.Status)):
		round.Status = string(x.inv.Status)
		return r.e.endRound(tx, &round, notedDenied)
	}
	read := r.roundOf(conn, x.inv, x.receipt)
	moved := read.Print != round.Print
	round.Number, round.Supplier, round.Date, round.DueDate, round.Net, round.Gross, round.Currency = read.Number, read.Supplier, read.Date, read.DueDate, read.Net, read.Gross, read.Currency
	round.Status, round.ReceiptID, round.Print, round.Content = read.Status, read.ReceiptID, read.Print, read.Content
	switch {
	case now.Sub(first) < 24*time.Hour:
		round.DueAt = slotAfter(conn.Company, now, backFirst)
	case now.Sub(first) < backNextFor:
		round.DueAt = slotAfter(conn.Company, now, backNext)
	default:
		round.DueAt = slotAfter(conn.Company, now, backThen)
	}
	if moved {
		if err := tx.WantImage(&round, now); err != nil { // it may be another picture, too
			return err
		}
	}
	decided := slices.ContainsFunc(round.Stages, func(s circulation.Stage) bool { return s.By != "" })
	if moved && decided && (round.State == circulation.Open || round.State == circulation.Approved) {
		return r.e.anewRound(tx, conn, &round)
	}
	return tx.SaveRound(&round)
}

// anewRound lets all decide again: the invoice is another one now.
func (e *Engine) anewRound(tx *store.Tx, conn hub.Connection, round *store.Round) error {
	round.State = circulation.Open
	round.Turn++
	for i := range round.Stages {
		round.Stages[i] = circulation.Stage{Person: round.Stages[i].Person}
	}
	e.waitsAnew(round, conn.Settings.Circulation)
	return e.note(tx, round, notedChanged, "")
}

// endRound ends a round that Procountor has decided.
func (e *Engine) endRound(tx *store.Tx, round *store.Round, why string) error {
	if round.State != circulation.Open && round.State != circulation.Rejected && round.State != circulation.Approved {
		return tx.SaveRound(round)
	}
	round.State = circulation.Ended
	return e.note(tx, round, why, "")
}

// waitsAnew says that a round waits for somebody else now, who is to be told, and reminded.
func (e *Engine) waitsAnew(round *store.Round, s hub.Circulation) {
	round.Since, round.Told, round.RemindAt = e.o.Now(), false, time.Time{}
	if s.RemindDays > 0 {
		round.RemindAt = round.Since.AddDate(0, 0, s.RemindDays)
	}
	if day := round.AnswerBy; !day.IsZero() {
		if at := day.In(helsinki).Add(remindHour); round.RemindAt.IsZero() || at.Before(round.RemindAt) {
			round.RemindAt = at
		}
	}
}

// remindHour is when people are reminded on the day by which an answer is wanted.
const remindHour = 8 * time.Hour

// today is the day by which substitutes and dates are looked at.
func (e *Engine) today() civil.Date { return civil.DayOf(e.o.Now(), helsinki) }

// note is what Vienti itself does with a round.
func (e *Engine) note(tx *store.Tx, round *store.Round, why, to string) error {
	round.Version++
	d := store.RoundDecision{Round: round.ID, Turn: round.Turn, Decision: circulation.Decision{Act: circulation.Noted, By: engineActor, To: to, Text: why, At: e.o.Now()}}
	if err := tx.DecideRound(round, d); err != nil {
		return err
	}
	return roundActed(tx, engineActor, "round."+why, round)
}

// handOn gives to the default what waits for somebody whose right has been withdrawn.
func (e *Engine) handOn(tx *store.Tx, conns []hub.Connection, c crew) error {
	waiting, err := tx.WaitingPersons(c.company)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if c.can(p, people.Receive) {
			continue
		}
		list, err := tx.Rounds(store.RoundFilter{Waits: []string{p}, Company: c.company, Limit: backBatch})
		if err != nil {
			return err
		}
		for i := range list {
			round, err := tx.LockRound(list[i].ID)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(conns, func(x hub.Connection) bool { return x.ID == round.Connection })
			if at < 0 || round.Waits() != p {
				continue
			}
			to := c.id(conns[at].Settings.Circulation.Default)
			next, why := round.Decide(circulation.Decision{Act: circulation.Assign, By: engineActor, To: to, Seen: round.Version}, circulation.Who{
				Leads: func(string) bool { return true }, Receives: func(p string) bool { return c.can(p, people.Receive) },
				StandsIn: func(string, string) bool { return false }})
			if why != "" {
				continue // nobody else is there: whoever leads sees for whom it waits
			}
			next.Version = round.Version
			round.Round, round.Note, round.AnswerBy = next, "", civil.Date{}
			e.waitsAnew(&round, conns[at].Settings.Circulation)
			if err := e.note(tx, &round, notedHanded, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// roundDetail is what an act about a round says.
type roundDetail struct {
	InvoiceID int64             `json:"invoice_id"`
	Number    int64             `json:"invoice_number"`
	State     circulation.State `json:"state"`
	Version   int               `json:"version"`
	Waits     string            `json:"waits,omitempty"`
	Found     circulation.Found `json:"found,omitzero"`
	Via       string            `json:"via,omitempty"` // the program by which a person has said so
}

// roundActed keeps the act, and tells the source where the invoice stands now.
func roundActed(tx *store.Tx, actor, kind string, r *store.Round, via ...string) error {
	tx.AppendChange(hub.Change{Connection: r.Connection, Kind: hub.PurchaseChanged, Subject: "round/" + r.ID,
		Detail: hub.ChangeDetail{Kind: hub.PurchaseInvoice, Number: r.Number, InvoiceID: r.InvoiceID, InvoiceNumber: r.InvoiceNumber, Text: r.ID + " " + string(r.State)}})
	d := roundAct(r)
	d.Via = strings.Join(via, "")
	return act(tx, actor, kind, r.ID, d)
}

func roundAct(r *store.Round) roundDetail {
	return roundDetail{InvoiceID: r.InvoiceID, Number: r.InvoiceNumber, State: r.State, Version: r.Version, Waits: r.Waits(), Found: r.Found}
}

// describeApproval copies what people look for from a round. The invoice is no voucher of
// ours, so its id stays out.
func describeApproval(t *hub.Transfer, r *store.Round) {
	t.DocKind, t.Number, t.SortKey, t.PartnerName = hub.PurchaseInvoice, r.Number, hub.SortKey(r.Number), r.Supplier
	t.Date, t.DueDate, t.Gross, t.Currency, t.Version, t.InvoiceNumber = r.Date, r.DueDate, r.Gross, r.Currency, r.Print, r.InvoiceNumber
}

// beginApproval lets an approved round go to Procountor, in the transaction of the last
// decision.
func (e *Engine) beginApproval(tx *store.Tx, round *store.Round) error {
	t, err := tx.TransferOf(round.Company, hub.ApprovalTransfer, hub.In, round.ID)
	if err == nil {
		lease := t.Lease
		describeApproval(&t, round)
		if !t.State.Active() {
			if err := t.Move(hub.Ready); err != nil {
				return err
			}
			t.WakeAt, t.WaitsFor, t.Rounds = time.Time{}, "", 0
		}
		if err := tx.SaveTransfer(&t, lease); err != nil {
			return err
		}
		return e.wake(tx, round.Company, e.o.Now())
	}
	if !store.IsNotFound(err) {
		return err
	}
	t = hub.Transfer{Company: round.Company, Connection: round.Connection, Kind: hub.ApprovalTransfer, Direction: hub.In, Subject: round.ID, Goal: hub.Deliver, State: hub.Ready}
	describeApproval(&t, round)
	if err := tx.InsertTransfer(&t); err != nil {
		return fmt.Errorf("begin approval: %w", err)
	}
	if err := act(tx, engineActor, "transfer.approval", t.ID, transferAct(&t)); err != nil {
		return err
	}
	return e.wake(tx, round.Company, e.o.Now())
}
