package enginesim

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/procountor/procountortest"
)

// act does one thing that happens in the life of a company.
func (s *Sim) act() {
	acts := []struct {
		weight int
		do     func()
	}{
		{30, s.newDocuments}, {16, s.changeDocument}, {4, s.sameAgain}, {24, s.personHere}, {14, s.personThere},
		{3, s.changeSettings}, {2, s.switchWriting}, {3, s.period}, {2, s.changeKey}, {3, s.restart}, {9, func() {}},
	}
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	n := s.rng.IntN(total)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			a.do()
			return
		}
	}
}

func pick[T any](s *Sim, list []T) T { return list[s.rng.IntN(len(list))] }

func (s *Sim) price() string { return fmt.Sprintf("%d.%02d", 1+s.rng.IntN(400), s.rng.IntN(100)) }

// newDocuments come one or several at once.
func (s *Sim) newDocuments() {
	var list []*enginetest.Shown
	stranger := 0 // of whom all of them are
	if s.one(6) {
		s.parties++
		stranger = s.parties
	}
	for range 1 + s.rng.IntN(3) {
		if len(s.shown) >= maxDocuments {
			break
		}
		doc := s.document(stranger)
		sh := &enginetest.Shown{Versions: []*hub.Document{doc}}
		s.approver.begin(sh)
		s.shown = append(s.shown, sh)
		list = append(list, sh)
		s.trace("new %s %s of %s", sh.Newest().Kind, sh.Newest().Number, sh.Newest().Counterparty().Name)
	}
	if list != nil {
		s.receive(list...)
	}
}

// document is one of a stranger, if there is one.
func (s *Sim) document(stranger int) *hub.Document {
	s.numbers++
	number := fmt.Sprint(1000 + s.numbers)
	var d *hub.Document
	switch s.rng.IntN(8) {
	case 0, 1:
		d = enginetest.Purchase(number, s.price())
	case 2:
		d = enginetest.Credit(number, s.price(), "1001")
	default:
		d = enginetest.Sale(number, s.price())
		d.Buyer.Email = "laskut@kuvitelma.example"
	}
	party := stranger
	if party == 0 && s.one(3) {
		if s.parties == 0 || s.one(2) {
			s.parties++
		}
		party = 1 + s.rng.IntN(s.parties)
	}
	if party > 0 {
		enginetest.NewParty(d, party)
		if d.Kind == hub.PurchaseInvoice && s.one(2) && !slices.ContainsFunc(s.shown, func(sh *enginetest.Shown) bool {
			return sh.Newest().Number == "1001" && sh.Newest().Seller.Name == d.Seller.Name
		}) {
			d.Number = "1001" // the number of a sale, or of another supplier's invoice
			d.SourceID += "/" + number
		}
	}
	s.content(d)
	s.credit(d, number)
	s.says(d)
	if s.one(25) {
		d.Date, d.DueDate = civil.Must("2024-03-10"), civil.Must("2024-03-24") // closed, and before the first day
	}
	return d
}

// content gives a document rows and files.
func (s *Sim) content(d *hub.Document) {
	var prices []string
	for range 1 + s.rng.IntN(3) {
		prices = append(prices, s.price())
	}
	enginetest.Rows(d, prices...)
	d.Attachments = nil
	for i := range s.rng.IntN(3) {
		enginetest.Attach(d, fmt.Sprintf("file%d.pdf", i), fmt.Sprint("content ", s.rng.IntN(4)))
	}
}

func (s *Sim) changeDocument() {
	if len(s.shown) == 0 {
		return
	}
	sh := pick(s, s.shown)
	next := *sh.Newest()
	switch {
	case s.one(4) && len(sh.Versions) > 1:
		next = *pick(s, sh.Versions) // back to what it was
	case s.one(8):
		next.Lines = slices.Clone(next.Lines)
		next.Lines[0].Name = "" // now it lacks something
	default:
		s.content(&next)
	}
	sh.Versions = append(sh.Versions, &next)
	s.trace("changed %s", next.Number)
	s.receive(sh)
}

func (s *Sim) sameAgain() {
	if len(s.shown) > 0 {
		s.receive(pick(s, s.shown))
	}
}

// personHere acts in Vienti.
func (s *Sim) personHere() {
	list := s.Transfers()
	if len(list) == 0 {
		return
	}
	if held := slices.DeleteFunc(slices.Clone(list), func(t hub.Transfer) bool { return !t.State.NeedsPerson() }); len(held) > 0 && s.one(2) {
		list = held // what stands still is what people look at
	}
	t := pick(s, list)
	actions := engine.Allowed(&t)
	if len(actions) == 0 {
		return
	}
	a := pick(s, actions)
	if answers := slices.DeleteFunc(slices.Clone(actions), func(a engine.Action) bool { return !a.Decides() }); len(answers) > 0 && !s.one(3) {
		if a = pick(s, answers); slices.Contains(answers, engine.CreditAnew) && s.one(2) {
			a = engine.CreditAnew // the longest way
		}
	}
	s.trace("%s %s, which is %s", a, t.Number, t.State)
	err := s.Engine.Act(s.T.Context(), "person", t.ID, a, "simulated")
	if err != nil && !errors.Is(err, engine.ErrNotNow) && !errors.Is(err, errBroken) {
		s.T.Fatal(err)
	}
	if sh := s.ofSubject(&t); !errors.Is(err, engine.ErrNotNow) && sh != nil && t.InvoiceID != 0 && (a == engine.SendBeside || a == engine.CreditAnew) {
		sh.LetGo(t.InvoiceID, t.InvoiceNumber) // also when only the answer of the database was lost
	}
}

// ofSubject is what the source has shown of t's document.
func (s *Sim) ofSubject(t *hub.Transfer) *enginetest.Shown {
	for _, sh := range s.documents() {
		if of, err := s.TransferOf(sh.Newest()); err == nil && of.ID == t.ID {
			return sh
		}
	}
	return nil
}

// personThere acts in Procountor.
func (s *Sim) personThere() {
	company := s.Company.ProcountorID
	if s.one(12) {
		s.partnerThere()
		return
	}
	list := slices.DeleteFunc(s.Sandbox.Invoices(company), func(inv procountortest.Invoice) bool {
		return inv.Status == "INVALIDATED" || inv.Status == "DELETED"
	})
	if len(list) == 0 {
		return
	}
	inv := pick(s, list)
	all := s.documents()
	i := slices.IndexFunc(all, func(sh *enginetest.Shown) bool {
		return slices.ContainsFunc(append(s.VouchersOf(sh.Versions[0]), s.CreditsOf(sh.Versions[0])...),
			func(v procountortest.Invoice) bool { return v.ID == inv.ID })
	})
	if i < 0 {
		return
	}
	sh := all[i]
	switch s.rng.IntN(6) {
	case 0:
		s.trace("a person writes into voucher %d of %s", inv.ID, inv.OriginalInvoiceNumber)
		text := fmt.Sprintf("Kiitos! (%d)", len(s.Trace))
		s.Sandbox.EditInvoice(company, inv.ID, func(v *procountortest.Invoice) {
			v.AdditionalInformation = strings.TrimSpace(v.AdditionalInformation + "\n" + text)
		})
		if sh.Kept == nil {
			sh.Kept = map[int64]string{}
		}
		sh.Kept[inv.ID] = text
		return
	case 1:
		s.trace("a person removes the mark of voucher %d of %s", inv.ID, inv.OriginalInvoiceNumber)
		s.Sandbox.SetNotes(company, inv.ID, "")
	case 2:
		s.trace("a person invalidates voucher %d of %s", inv.ID, inv.OriginalInvoiceNumber)
		s.Sandbox.SetInvoiceStatus(company, inv.ID, "INVALIDATED")
	case 3:
		if strings.HasSuffix(inv.Status, "PAID") {
			return // nobody can
		}
		s.trace("a person approves voucher %d of %s", inv.ID, inv.OriginalInvoiceNumber)
		s.Sandbox.SetInvoiceStatus(company, inv.ID, "APPROVED")
	case 4:
		s.trace("voucher %d of %s is paid", inv.ID, inv.OriginalInvoiceNumber)
		s.Sandbox.SetInvoiceStatus(company, inv.ID, "PAID")
	default:
		s.trace("a person deletes voucher %d of %s", inv.ID, inv.OriginalInvoiceNumber)
		s.Sandbox.DeleteInvoice(company, inv.ID)
	}
	sh.Edited = true
}

// partnerThere is a person who enters a customer of a document by hand, if it is
// not there yet.
func (s *Sim) partnerThere() {
	if len(s.shown) == 0 {
		return
	}
	d := pick(s, s.shown).Newest()
	p := d.Counterparty()
	typ := "CUSTOMER"
	if d.Kind == hub.PurchaseInvoice {
		typ = "SUPPLIER"
	}
	if slices.ContainsFunc(s.Sandbox.Partners(s.Company.ProcountorID), func(have procountortest.BusinessPartner) bool {
		return have.Type == typ && have.InvoicingInfo != nil && have.InvoicingInfo.Identifier == p.BusinessID
	}) {
		return
	}
	s.trace("a person enters %s %s", typ, p.Name)
	s.Sandbox.AddPartner(s.Company.ProcountorID, procountortest.BusinessPartner{Type: typ, Name: p.Name,
		BillingAddress: &procountortest.BusinessPartnerBillingAddress{Name: p.Name},
		InvoicingInfo:  &procountortest.InvoicingInfo{CustomerNumber: p.Number, Identifier: p.BusinessID, IdentifierType: "YHD", InvoiceChannel: "NO_SENDING", Language: "FINNISH"},
		PaymentInfo:    procountortest.BusinessPartnerPaymentInfo{PaymentMethod: "BANK_TRANSFER", Currency: "EUR"}})
}

// settings draws the settings that decide about the life of a document.
func (s *Sim) settings(set *hub.Settings) {
	set.Sender, set.Channel = hub.SenderProcountor, hub.ChannelRule{hub.ByEmail, hub.ByMail}
	set.OrderBySourceNumber, set.ChangedApproved = s.one(2), s.one(2)
	set.Difference = hub.Difference{Policy: pick(s, []hub.DifferencePolicy{hub.AcceptDifference, hub.RowForDifference, hub.HoldDifference}), Cents: s.rng.IntN(4)}
	for k, ks := range set.Kinds {
		ks.Arrival = hub.ArriveUnfinished
		set.Kinds[k] = ks
	}
	sales, purchases := set.Kinds[hub.SalesInvoice], set.Kinds[hub.PurchaseInvoice]
	sales.Arrival = pick(s, []hub.Arrival{hub.ArriveUnfinished, hub.ArriveApproved, hub.ArriveSent})
	purchases.Arrival = pick(s, []hub.Arrival{hub.ArriveUnfinished, hub.ArriveApproved})
	sales.Posting, purchases.Posting = s.posting, s.posting
	set.Kinds[hub.SalesInvoice], set.Kinds[hub.PurchaseInvoice] = sales, purchases
	s.payer.settings(set)
	s.approver.settings(set)
	s.crediting.settings(set)
	s.mover.settings(set)
	s.traveller.settings(set)
	s.circle.settings(set)
	set.Accounts = []hub.AccountRule{{Sales: true, Purchases: true, Account: enginetest.PostedOn}}
}

func (s *Sim) changeSettings() {
	set := s.Connection.Settings
	s.settings(&set)
	s.trace("other settings")
	if _, err := s.Engine.SetSettings(s.T.Context(), "person", s.Connection.ID, 0, set); err == nil {
		s.Connection.Settings = set
	} else if !errors.Is(err, errBroken) {
		s.T.Fatal(err)
	}
}

func (s *Sim) switchWriting() {
	on := s.one(2)
	s.trace("writing %v", on)
	if err := s.Engine.SetWriting(s.T.Context(), "person", s.Connection.ID, on); err != nil && !errors.Is(err, errBroken) {
		s.T.Fatal(err)
	}
}

func (s *Sim) period() {
	s.closed = !s.closed
	s.trace("period closed: %v", s.closed)
	if s.closed {
		s.Sandbox.CloseTrackingPeriod(s.Company.ProcountorID, "2026-03")
	} else {
		s.Sandbox.ReopenTrackingPeriod(s.Company.ProcountorID, "2026-03")
	}
}

// changeKey gives the company a key that opens nothing, or the right one.
func (s *Sim) changeKey() {
	key := s.Key
	if s.one(2) {
		key = "not-the-key"
	}
	s.trace("key %s", key)
	if err := s.Engine.SetKey(s.T.Context(), "person", s.Company.ID, secret.New(key)); err != nil && !errors.Is(err, errBroken) {
		s.T.Fatal(err)
	}
}

func (s *Sim) restart() {
	s.trace("restart")
	s.Restart(s.crash)
	for _, p := range s.places {
		p.Engine = s.Engine
	}
}
