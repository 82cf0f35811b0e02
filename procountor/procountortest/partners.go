package procountortest

import (
	"slices"
)

func (p *BusinessPartner) isActive() bool {
	return p.RegistryInfo == nil || p.RegistryInfo.Active == nil || *p.RegistryInfo.Active
}

// rightPartner is the right to the register of a kind of partner.
func rightPartner(typ string) func(*UserPermissions) string {
	switch typ {
	case "CUSTOMER":
		return rightCustomers
	case "SUPPLIER":
		return rightSuppliers
	}
	return func(p *UserPermissions) string { return p.Salaries.PersonRegister }
}

func getPartner(c *call) (any, error) {
	return batch(c, func(id int64) (*BusinessPartner, error) {
		p := c.co.partners.get(id)
		if p == nil {
			return nil, nil
		}
		if !c.may(rightPartner(p.Type), false) {
			return nil, c.denied()
		}
		out := *p
		out.Attachments = c.co.attachmentsOf(p.Type+"_BUSINESS_PARTNER_REGISTER", p.ID)
		return &out, nil
	})
}

// searchPartners: name and identifier are headers, because they are personal
// data (REFERENCE 2.3); active is true unless said otherwise.
func searchPartners(c *call) (any, error) {
	q := c.query()
	types := q.words("type", "CUSTOMER", "SUPPLIER", "PERSON")
	active, ok := q.bool("active")
	if !ok {
		active = true
	}
	version := q.instants("versionStartDate", "versionEndDate")
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	name, identifier := c.r.Header.Get("name"), c.r.Header.Get("identifier")
	idType, number := q.text("identifierType"), q.text("customerNumber")
	group := q.text("partnerGroup")
	var rows []*BusinessPartner
	for _, b := range c.co.partners.all() {
		i := b.InvoicingInfo
		if i == nil {
			i = &InvoicingInfo{}
		}
		switch {
		case len(types) > 0 && !slices.Contains(types, b.Type), b.isActive() != active, !version.has(b.Version),
			name != "" && !containsFold(b.Name, name), identifier != "" && i.Identifier != identifier,
			idType != "" && i.IdentifierType != idType, number != "" && i.CustomerNumber != number,
			q.text("mainGroup") != "" && (b.AdditionalInfo == nil || b.AdditionalInfo.Group != q.text("mainGroup")),
			group != "" && !b.inGroup(group), !c.may(rightPartner(b.Type), false):
			continue
		}
		rows = append(rows, b)
	}
	return pageOf(p, rows, func(b *BusinessPartner) int64 { return b.ID }, nil, (*BusinessPartner).basic), nil
}

func (p *BusinessPartner) inGroup(name string) bool {
	return p.RegistryInfo != nil && slices.ContainsFunc(p.RegistryInfo.PartnerGroups, func(g BusinessPartnerGroup) bool {
		return g.Name == name
	})
}

func (p *BusinessPartner) basic() BusinessPartnerBasicInfo {
	out := BusinessPartnerBasicInfo{ID: p.ID, Name: p.Name, BillingAddress: p.BillingAddress, Type: p.Type, Version: p.Version,
		RegistryInfo: &BasicRegistryInfo{ptr(p.isActive())}}
	if i := p.InvoicingInfo; i != nil {
		out.InvoicingInfo = &BasicInvoicingInfo{i.CustomerNumber, i.Identifier, i.IdentifierType}
	}
	return out
}

func (c *call) checkPartner(f *faults, p *BusinessPartner) {
	if p.Type == "PERSON" {
		f.add("type", invalid("type", p.Type), assumeFieldCodes)
	}
	if p.Type == "CUSTOMER" && p.Address == nil {
		f.add("address", codeEmpty)
	}
	if i := p.InvoicingInfo; i != nil {
		yhd := i.IdentifierType == "YHD" || i.IdentifierType == "" && looksLikeBusinessID(i.Identifier)
		if i.Identifier != "" && yhd && !validBusinessID(i.Identifier) {
			f.add("invoicingInfo.identifier", codeBusinessID)
		}
		if i.Email != "" && !validEmail(i.Email) {
			f.add("invoicingInfo.email", invalid("invoicingInfo.email", i.Email), assumeFieldCodes)
		}
		if len(i.BccAddresses) > maxBCC {
			f.add("invoicingInfo.bccAddresses", sizeBetween(0, maxBCC), assumeFieldCodes)
		}
	}
	switch p.PaymentInfo.PaymentMethod {
	case "DIRECT_DEBIT", "DKLMPKRE":
		f.add("paymentInfo.paymentMethod", invalid("paymentInfo.paymentMethod", p.PaymentInfo.PaymentMethod))
	}
	if d := p.PaymentInfo.PaymentTermDays; d != "" && !allDigits(d) {
		f.add("paymentInfo.paymentTermDays", invalid("paymentInfo.paymentTermDays", short(d)), assumeFieldCodes)
	}
}

func postPartner(c *call, in *BusinessPartner) (any, error) {
	if err := c.allow(rightPartner(in.Type), true); err != nil {
		return nil, err
	}
	f := &faults{call: c}
	c.checkPartner(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.assume(assumeRegisters)
	in.ID, in.Version, in.Attachments = c.co.nextID(), stamp(c.now), nil
	c.co.finishPartner(in)
	c.co.keepCounters()
	c.co.partners.put(in.ID, in)
	return in, nil
}

// finishPartner fills in what a saved partner always has.
func (co *company) finishPartner(p *BusinessPartner) {
	if p.RegistryInfo == nil {
		p.RegistryInfo = &RegistryInfo{}
	}
	if p.RegistryInfo.Active == nil {
		p.RegistryInfo.Active = ptr(true)
	}
	if a := p.AdditionalInfo; a != nil && a.InvoiceLedger == "" {
		a.InvoiceLedger = "INVOICE_LEDGER"
	}
	for i := range p.ContactPersons {
		if p.ContactPersons[i].ID == 0 {
			p.ContactPersons[i].ID = co.nextID()
		}
	}
}

func putPartner(c *call, in *BusinessPartner) (any, error) {
	old, err := c.partner()
	if err != nil {
		return nil, err
	}
	if in.Version != "" { // not documented as required
		if err := c.sameVersion(in.Version, old.Version); err != nil {
			return nil, err
		}
	}
	f := &faults{call: c}
	c.checkPartner(f, in)
	if in.Type != old.Type {
		f.add("type", invalid("type", in.Type), assumeFieldCodes)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	in.ID, in.Version, in.Attachments = old.ID, stamp(c.now), nil
	c.co.finishPartner(in)
	c.co.keepCounters()
	c.co.partners.put(in.ID, in)
	return in, nil
}

// partner finds the partner of the path for writing.
func (c *call) partner() (*BusinessPartner, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	p := c.co.partners.get(id)
	if p == nil {
		return nil, notFound()
	}
	return p, c.allow(rightPartner(p.Type), true)
}
