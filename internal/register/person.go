package register

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// PersonRow takes what we need of an employee's entry in the register of persons, whose
// id is that of a partner. A personal identity code is not among it.
func PersonRow(p procountor.Person) Partner {
	out := Partner{ID: p.ID, Type: Person, Name: strings.TrimSpace(p.FirstName + " " + p.LastName), Active: p.RegistryInfo.Active,
		CustomerNumber: p.InvoicingInfo.PersonNumber, Email: p.RegistryInfo.Email, Version: p.Version.String()}
	if a := p.DeliveryAddress; a != nil {
		out.Address = personAddress(*a)
	}
	return out
}

// CardOfPerson takes what is carried of an employee's entry.
func CardOfPerson(p procountor.Person) hub.Card {
	row := PersonRow(p)
	return hub.Card{Name: row.Name, First: p.FirstName, Number: row.CustomerNumber, Email: row.Email, Address: row.Address}
}

func personAddress(a procountor.PersonFullAddress) hub.Address {
	return hub.Address{Street: a.Street, Zip: a.Zip, City: a.City, Region: a.Subdivision, Country: CountryCode(string(a.Country))}
}

// WritePerson puts fields of a card into an employee's entry as it was read, like
// [WriteCard], and leaves out what identifies the person: these bytes are kept. It is
// put back when they are sent.
func WritePerson(entry []byte, card hub.Card, fields []hub.CardField) ([]byte, error) {
	root, err := object(entry)
	if err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	members := map[string]map[string]json.RawMessage{}
	for _, name := range []string{"invoicingInfo", "registryInfo", "deliveryAddress"} {
		if members[name], err = object(root[name]); err != nil {
			return nil, fmt.Errorf("read %s of person: %w", name, err)
		}
	}
	for _, f := range fields {
		switch f {
		case hub.CardName:
			first, last := card.Names()
			err = set(root, map[string]string{"firstName": first, "lastName": last})
		case hub.CardNumber:
			err = set(members["invoicingInfo"], map[string]string{"personNumber": card.Number})
		case hub.CardEmail:
			err = set(members["registryInfo"], map[string]string{"email": card.Email})
		case hub.CardAddress:
			to := card.Address
			values := map[string]string{"street": to.Street, "zip": to.Zip, "city": to.City}
			if name, ok := CountryName(to.Country); ok {
				values["country"] = string(name)
			}
			err = set(members["deliveryAddress"], values)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, name := range procountor.PersonIdentity {
		delete(members["invoicingInfo"], name)
	}
	for name, m := range members {
		if len(m) == 0 {
			continue
		}
		if root[name], err = json.Marshal(m); err != nil {
			return nil, err
		}
	}
	return json.Marshal(root)
}
