package mapping

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/channel"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// receiver is the other party with what the customer's row says of where its
// invoices go: a person has written that row, for this customer. An address and
// its operator stay together, whichever they are of.
func (b *builder) receiver() *hub.Party {
	p := b.d.Counterparty()
	if !b.sales || b.card {
		return p
	}
	with := *p
	with.Email = firstOf(p.ContactEmail, p.Email)
	if b.row == nil {
		return &with
	}
	with.Email = firstOf(b.row.Email, with.Email)
	switch r := b.row; {
	case r.EInvoice != "":
		with.EInvoice = hub.EInvoice{Address: r.EInvoice, Operator: firstOf(r.Operator, p.EInvoice.Operator)}
	case r.Operator != "":
		with.EInvoice.Operator = r.Operator
	}
	return &with
}

// customerRow is the path of what stands in the customer's row.
const customerRow = "customer_row"

// emailPath and einvoicePath are the places that the two are of.
func (b *builder) emailPath() string {
	if b.row != nil && b.row.Email != "" {
		return customerRow + ".email"
	}
	if b.sales && !b.card && b.d.Counterparty().ContactEmail != "" {
		return b.other + ".contact_email"
	}
	return b.other + ".email"
}

func (b *builder) einvoicePath(part string) string {
	if b.row != nil && (part == "address" && b.row.EInvoice != "" || part == "operator" && b.row.Operator != "") {
		return customerRow + ".einvoice." + part
	}
	return b.other + ".einvoice." + part
}

// named is the channel that the document names, else the customer's row, and
// which of the two does; "" leaves it to the rule.
func (b *builder) named() (hub.Channel, hub.ChannelBy) {
	switch {
	case b.d.Channel != "":
		return b.d.Channel, hub.ByDocument
	case b.row != nil && b.row.Channel != "":
		return b.row.Channel, hub.ByCustomer
	}
	return "", hub.ByRule
}

// sender says who sends this invoice: where Procountor does by setting, one may
// have gone already all the same.
func (b *builder) sender() hub.Sender {
	if c, _ := b.named(); b.s.Sender == hub.SenderProcountor && c == hub.SentAlready {
		return hub.SenderSource
	}
	return b.s.Sender
}

// putChannel says how the invoice reaches its customer. When Procountor sends,
// that is the channel that the document names, else the customer's row, else the
// first way of the rule that the invoice makes possible. What is missing for a
// channel that is asked for, or for every way of the rule, is named. An e-invoice
// address that is there and wrong is not passed over for another way: somebody
// has meant it.
func (b *builder) putChannel() {
	inv := &b.inv
	inv.InvoiceChannel = procountor.ChannelNoSending
	if !b.sales {
		return
	}
	asked, by := b.named()
	b.channel = &hub.ChannelChoice{By: by}
	if b.row != nil {
		b.channel.Row = b.row.Customer
	}
	switch {
	case b.s.Sender == hub.SenderNobody:
		*b.channel = hub.ChannelChoice{Channel: hub.NobodySends, By: hub.BySender}
		return
	case b.s.Sender == hub.SenderSource:
		*b.channel = hub.ChannelChoice{Channel: hub.SentAlready, By: hub.BySender}
		return
	case asked == hub.SentAlready:
		b.channel.Channel = asked
		return
	}
	ways := []hub.Channel(b.s.Channel)
	if asked != "" {
		ways = []hub.Channel{asked}
	}
	var missing []hub.Fault
	for _, way := range ways {
		lacks := b.lacks(way)
		if lacks == nil {
			b.take(way)
			return
		}
		missing = append(missing, lacks...)
		if way == hub.ByEInvoice && b.inv.CounterParty.EInvoiceAddress != nil {
			break
		}
	}
	if b.unchecked && len(ways) > 0 {
		b.take(ways[0])
	} else {
		b.channel = nil
	}
	if !slices.Contains(hub.Channels, asked) && asked != "" {
		missing = []hub.Fault{hub.NewFault(hub.FieldInvalid, "channel", string(asked), "field", "channel", "form", "einvoice/email/mail/paper/sent")}
	} else if len(ways) == 0 {
		b.fault(hub.ChannelMissing, "settings.channel", "")
	}
	for _, f := range missing {
		if !slices.ContainsFunc(b.faults, f.Equal) { // two ways may lack the same
			b.faults = append(b.faults, f)
		}
	}
}

// take settles on a way.
func (b *builder) take(way hub.Channel) {
	inv, cp := &b.inv, &b.inv.CounterParty
	b.channel.Channel = way
	switch way {
	case hub.ByEInvoice:
		inv.InvoiceChannel = procountor.ChannelElectronicInvoice
		if e := cp.EInvoiceAddress; e != nil {
			b.channel.To = strings.TrimSpace(e.Address + " " + e.Operator)
			b.knowOperator(e.Operator)
		}
	case hub.ByEmail:
		inv.InvoiceChannel, b.channel.To = procountor.ChannelEmail, cp.Email
	case hub.ByMail, hub.OnPaper:
		inv.InvoiceChannel = procountor.ChannelMail
	}
	used := b.row != nil && (way == hub.ByEmail && b.row.Email != "" || way == hub.ByEInvoice && (b.row.EInvoice != "" || b.row.Operator != ""))
	if b.channel.By != hub.ByCustomer && !used {
		b.channel.Row = ""
	}
}

// lacks names what is missing for a way, or wrong with it.
func (b *builder) lacks(way hub.Channel) (missing []hub.Fault) {
	cp := b.inv.CounterParty
	to := procountor.Address(cp.CounterPartyAddress)
	bill := to
	if b.inv.BillingAddress != nil {
		bill = *b.inv.BillingAddress
	}
	add := func(code, path, value string, args ...string) {
		missing = append(missing, hub.NewFault(code, path, value, args...))
	}
	switch way {
	case hub.ByEInvoice:
		e := cp.EInvoiceAddress
		if e == nil || e.Address == "" || e.Operator == "" && b.country() == "FI" {
			add(hub.EInvoiceMissing, b.other+".einvoice", b.receiver().EInvoice.Address)
		} else {
			if _, why := hub.EInvoiceForm(e.Address); why != "" {
				add(hub.EInvoiceAddress, b.einvoicePath("address"), e.Address, "should", why)
			}
			if e.Operator != "" && !hub.OperatorForm(e.Operator) {
				add(hub.OperatorWrong, b.einvoicePath("operator"), e.Operator, "operator", e.Operator)
			}
		}
		if !complete(to) || !complete(bill) {
			add(hub.AddressMissing, b.other+".address", to.Street)
		}
	case hub.ByEmail:
		if cp.Email == "" {
			add(hub.EmailMissing, b.emailPath(), b.receiver().Email)
		}
	case hub.ByMail, hub.OnPaper:
		if !complete(bill) {
			add(hub.AddressMissing, b.other+".address", bill.Street)
		}
	default:
		add(hub.FieldInvalid, "channel", string(way))
	}
	return missing
}

// knowOperator says that an operator is not on the list: a mistake in typing, or a
// newcomer. Whether that stops the invoice is a setting, for no list is complete.
func (b *builder) knowOperator(code string) {
	list := channel.OperatorsOf(b.s)
	if _, ok := list.Find(code); ok || code == "" {
		return
	}
	f := hub.NewFault(hub.OperatorUnknown, b.einvoicePath("operator"), code, "operator", code, "date", list.Date.String())
	if b.s.UnknownOperator != hub.AskedHold {
		f = f.Warn()
	}
	b.faults = append(b.faults, f)
}

// complete: what Procountor asks of an address for paper and e-invoices.
func complete(a procountor.Address) bool {
	return a.Name != "" && a.Street != "" && a.Zip != "" && a.City != ""
}
