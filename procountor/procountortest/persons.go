package procountortest

import "slices"

// Persons. The id of a person is that of a partner of type PERSON (REFERENCE 3.5).

func rightPersons(p *UserPermissions) string { return p.Salaries.PersonRegister }

func (c *call) person() (*Person, error) {
	id, err := c.pathID(0)
	if err != nil {
		return nil, err
	}
	p := c.co.persons.get(id)
	if p == nil {
		return nil, notFound()
	}
	return p, nil
}

func getPerson(c *call) (any, error) {
	p, err := c.person()
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (c *call) checkPerson(f *faults, p *Person) {
	if !allDigits(p.PaymentInfo.PaymentTermDays) {
		f.add("paymentInfo.paymentTermDays", invalid("paymentInfo.paymentTermDays", short(p.PaymentInfo.PaymentTermDays)), assumeFieldCodes)
	}
	if e := p.RegistryInfo.Email; e != "" && !validEmail(e) {
		f.add("registryInfo.email", invalid("registryInfo.email", e), assumeFieldCodes)
	}
}

func (c *call) savePerson(p *Person) { c.co.putPerson(p, stamp(c.now)) }

// putPerson keeps a person, and the partner that it is.
func (co *company) putPerson(p *Person, at string) {
	p.Version = at
	co.persons.put(p.ID, p)
	method := p.PaymentInfo.PaymentMethod
	co.partners.put(p.ID, &BusinessPartner{ID: p.ID, Name: firstRunes(p.LastName+" "+p.FirstName, 80), Type: "PERSON", Version: p.Version,
		InvoicingInfo: &InvoicingInfo{CustomerNumber: p.InvoicingInfo.PersonNumber, Identifier: p.InvoicingInfo.Identifier, IdentifierType: p.InvoicingInfo.IdentifierType},
		PaymentInfo:   BusinessPartnerPaymentInfo{PaymentMethod: method, BankAccount: p.PaymentInfo.AccountNumber, PaymentTermDays: p.PaymentInfo.PaymentTermDays},
		RegistryInfo:  &RegistryInfo{Active: ptr(p.RegistryInfo.Active)}})
}

func postPerson(c *call, in *Person) (any, error) {
	f := &faults{call: c}
	if in.Version != "" {
		f.add("version", invalid("version", in.Version), assumeFieldCodes)
	}
	c.checkPerson(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	in.ID = c.co.nextID()
	c.co.keepCounters()
	c.savePerson(in)
	return in, nil
}

func putPerson(c *call, in *Person) (any, error) {
	old, err := c.person()
	if err != nil {
		return nil, err
	}
	if err := c.sameVersion(in.Version, old.Version); err != nil {
		return nil, err
	}
	f := &faults{call: c}
	c.checkPerson(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	in.ID = old.ID
	c.savePerson(in)
	return in, nil
}

func searchPersons(c *call) (any, error) {
	q := c.query()
	group, hasGroup := q.id("personGroupId")
	inactive, _ := q.bool("includeInactive")
	p := q.pager(true)
	if err := q.err(); err != nil {
		return nil, err
	}
	var rows []*Person
	for _, r := range c.co.persons.all() {
		if !containsFold(r.InvoicingInfo.PersonNumber, q.text("personNumber")) || !inactive && !r.RegistryInfo.Active ||
			hasGroup && !slices.Contains(r.RegistryInfo.PersonGroupsIDs, group) {
			continue
		}
		rows = append(rows, r)
	}
	return pageOf(p, rows, func(r *Person) int64 { return r.ID }, nil, func(r *Person) PersonBasicInfo {
		return PersonBasicInfo{ID: r.ID, LastName: r.LastName, FirstName: r.FirstName}
	}), nil
}
