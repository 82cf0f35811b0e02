package register

import (
	"encoding/json"
	"fmt"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// CardOf takes what is carried of a partner's full entry.
func CardOf(p procountor.Partner) hub.Card {
	c := hub.Card{Name: p.Name}
	if i := p.InvoicingInfo; i != nil {
		c.Number, c.Email = i.CustomerNumber, i.Email
		c.EInvoice = hub.EInvoice{Address: i.EInvoiceAddress, Operator: i.EInvoiceOperator}
	}
	if p.Address != nil {
		c.Address = address(*p.Address)
	} else if p.BillingAddress != nil {
		c.Address = address(*p.BillingAddress)
	}
	return c
}

// WriteCard puts fields of a card into a partner's entry as it was read: the rest of
// it stays to the byte, what this program does not know included, for Procountor
// takes what is sent as the whole entry. The other addresses of the entry follow the
// first one where they were the same.
func WriteCard(entry []byte, card hub.Card, fields []hub.CardField) ([]byte, error) {
	var was procountor.Partner
	if err := json.Unmarshal(entry, &was); err != nil {
		return nil, fmt.Errorf("read partner: %w", err)
	}
	old := CardOf(was)
	root, err := object(entry)
	if err != nil {
		return nil, fmt.Errorf("read partner: %w", err)
	}
	into := func(member string, values map[string]string) error {
		inner, err := object(root[member])
		if err != nil {
			return fmt.Errorf("read %s of partner: %w", member, err)
		}
		if err := set(inner, values); err != nil {
			return err
		}
		root[member], err = json.Marshal(inner)
		return err
	}
	same := func(a *procountor.Address, f hub.CardField) bool {
		return a != nil && hub.Card{Name: a.Name, Address: address(*a)}.Agrees(old, f)
	}
	addresses := func(f hub.CardField, values map[string]string) error {
		for member, a := range map[string]*procountor.Address{"billingAddress": was.BillingAddress, "deliveryAddress": was.DeliveryAddress} {
			if same(a, f) {
				if err := into(member, values); err != nil {
					return err
				}
			}
		}
		if f == hub.CardName && !same(was.Address, f) {
			return nil
		}
		return into("address", values)
	}
	for _, f := range fields {
		switch f {
		case hub.CardName:
			err = set(root, map[string]string{"name": card.Name})
			if err == nil {
				err = addresses(f, map[string]string{"name": card.Name})
			}
		case hub.CardAddress:
			to := card.Address
			values := map[string]string{"street": to.Street, "zip": to.Zip, "city": to.City}
			if name, ok := CountryName(to.Country); ok {
				values["country"] = string(name)
			}
			if was.Address == nil {
				values["name"] = card.Name
			}
			err = addresses(f, values)
		case hub.CardNumber:
			err = into("invoicingInfo", map[string]string{"customerNumber": card.Number})
		case hub.CardEmail:
			err = into("invoicingInfo", map[string]string{"email": card.Email})
		case hub.CardEInvoice:
			err = into("invoicingInfo", map[string]string{"einvoiceAddress": card.EInvoice.Address, "einvoiceOperator": card.EInvoice.Operator})
		}
		if err != nil {
			return nil, err
		}
	}
	return json.Marshal(root)
}

// object reads the members of a JSON object; one that is not there has none.
func object(raw json.RawMessage) (map[string]json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if len(raw) == 0 || string(raw) == "null" {
		return m, nil
	}
	err := json.Unmarshal(raw, &m)
	return m, err
}

func set(m map[string]json.RawMessage, values map[string]string) error {
	for k, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		m[k] = b
	}
	return nil
}
