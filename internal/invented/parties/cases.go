package parties

import (
	"strings"
)

// A kind is one way in which a party and a register come together. share is how
// many there are of it among all.
type kind struct {
	says   string
	expect string
	share  int
	make   func(m *maker, p *Pair)
}

// one is a firm and its entry, as they ought to be.
func (m *maker) one(p *Pair) (f firm, party *Party, entry *Entry) {
	f = m.firm()
	p.Party, p.Partners = f.party(), []Entry{m.entry(f)}
	if p.Expect == Link {
		p.Partner = p.Partners[0].ID
	}
	return f, &p.Party, &p.Partners[0]
}

// cases are the mistakes that users of such integrations report, and what is in
// order.
var cases = []kind{
	{"in order", Link, 14, func(m *maker, p *Pair) { m.one(p) }},
	{"another spelling of the id in the document", Link, 10, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		party.BusinessID = m.spell(f.id)
	}},
	{"another spelling of the id in the register", Link, 10, func(m *maker, p *Pair) {
		f, _, entry := m.one(p)
		entry.BusinessID = m.spell(f.id)
		entry.IDType = m.pick("YHD", "FI", "YHD", "")
	}},
	{"only a VAT number in the document", Link, 5, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		party.BusinessID, party.VATNumber = "", m.pick("FI"+f.id, "FI "+f.id, "FI-"+f.id)
	}},
	{"a slip in the name", Link, 6, func(m *maker, p *Pair) {
		_, party, entry := m.one(p)
		if m.r.IntN(2) == 0 {
			party.Name = m.slip(party.Name)
		} else {
			entry.Name = m.slip(entry.Name)
		}
	}},
	{"renamed and moved", Link, 3, func(m *maker, p *Pair) {
		_, party, _ := m.one(p)
		other := m.firm()
		party.Name, party.Address, party.Email = other.full(), other.address, other.email
	}},
	{"another legal form, no id in the register", Link, 6, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		entry.BusinessID, entry.IDType = "", ""
		party.Name = m.pick("Oy "+f.name+" Ab", f.name+" Oy Ltd", f.name+", "+f.form, strings.ToUpper(f.full()), f.name+" O.Y.", f.name)
	}},
	{"no id in the document", Link, 6, func(m *maker, p *Pair) {
		_, party, _ := m.one(p)
		party.BusinessID = ""
	}},
	{"no number in the document", Link, 6, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		party.Number, party.BusinessID = "", m.spell(f.id)
	}},
	{"no number in the register", Link, 6, func(m *maker, p *Pair) {
		_, _, entry := m.one(p)
		entry.CustomerNumber = ""
	}},
	{"words the other way round, letters without dots, no id", Link, 3, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		party.BusinessID = ""
		words := strings.Fields(f.name)
		party.Name = strings.Join(append(words[1:], words[0]), " ") + " " + f.form
		entry.Name = strings.NewReplacer("ä", "a", "ö", "o", "å", "a", "Ä", "A", "Ö", "O").Replace(entry.Name)
	}},
	{"an inactive entry beside the active one", Link, 5, func(m *maker, p *Pair) {
		f, _, _ := m.one(p)
		old := m.entry(f)
		old.Active = false
		p.Partners = append(p.Partners, old)
	}},
	{"several entries with one id: the number decides", Link, 5, func(m *maker, p *Pair) {
		f, _, _ := m.one(p)
		for range 1 + m.r.IntN(3) {
			branch := m.entry(f)
			branch.CustomerNumber = m.firm().number
			p.Partners = append(p.Partners, branch)
		}
	}},
	{"an alternative number, and the own one is another firm's", Link, 4, func(m *maker, p *Pair) {
		_, party, _ := m.one(p)
		other := m.firm()
		party.Alternative, party.Number = party.Number, other.number
		p.Partners = append(p.Partners, m.entry(other))
		if m.r.IntN(2) == 0 {
			party.BusinessID = ""
		}
	}},
	{"zeros or separators in the number", Link, 2, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		party.Number = m.pick("00"+f.number, f.number[:2]+"-"+f.number[2:], f.number[:1]+" "+f.number[1:])
	}},
	{"a Swedish firm", Link, 3, func(m *maker, p *Pair) {
		_, party, entry := m.one(p)
		id := m.swedish()
		spell := func() string {
			return m.pick(id[:6]+"-"+id[6:], id, "SE"+id+"01", "SE "+id[:6]+"-"+id[6:]+" 01", "16"+id)
		}
		party.BusinessID, party.Address.Country = spell(), "SE"
		entry.BusinessID, entry.IDType, entry.Address.Country = spell(), "SE", "SE"
	}},
	{"a firm of another country", Link, 4, func(m *maker, p *Pair) {
		_, party, entry := m.one(p)
		country := m.pick("EE", "DE", "LV", "PL", "DK", "NO")
		n := "1" + m.finnish()
		party.BusinessID, party.VATNumber, party.Address.Country = "", m.pick(country+n, country+" "+n, strings.ToLower(country)+n), country
		entry.BusinessID, entry.IDType, entry.Address.Country = m.pick(n, country+n), country, country
		if country == "NO" {
			party.BusinessID, party.VATNumber = n, country+n+"MVA"
		}
	}},
	{"a sole trader who is in the register as a person", Link, 3, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		name := m.word()
		first := m.pick(given...)
		hetu := m.person()
		party.Name, entry.Name = m.pick("Tmi "+first+" "+name, first+" "+name), m.pick(name+" "+first, "Toiminimi "+first+" "+name)
		entry.BusinessID, entry.IDType = hetu, "HETU"
		party.BusinessID = m.pick(hetu, "", dashed(f.id))
	}},
	{"a consumer, where numbers are trusted", Link, 3, func(m *maker, p *Pair) {
		_, party, entry := m.one(p)
		name := m.pick(given...) + " " + m.word()
		p.Type, p.Policy = "customer", &Policy{Create: true, WithoutID: true}
		party.Name, party.BusinessID, party.Consumer = name, "", true
		entry.Name, entry.BusinessID, entry.IDType = name, "", ""
	}},

	{"no id on either side, and a slip in the name", Link, 1, func(m *maker, p *Pair) {
		_, party, entry := m.one(p)
		party.BusinessID, entry.BusinessID, entry.IDType = "", "", ""
		party.Name = m.slip(party.Name)
	}},

	{"inactive", Ask, 2, func(m *maker, p *Pair) {
		_, _, entry := m.one(p)
		entry.Active = false
	}},
	{"two active entries with one id, and no number", Ask, 2, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		second := m.entry(f)
		second.CustomerNumber = m.firm().number
		p.Partners = append(p.Partners, second)
		party.Number = ""
	}},
	{"name and address only", Ask, 3, func(m *maker, p *Pair) {
		_, party, _ := m.one(p)
		party.BusinessID, party.Number = "", ""
	}},
	{"a consumer", Ask, 2, func(m *maker, p *Pair) {
		_, party, entry := m.one(p)
		p.Type, party.Consumer, party.BusinessID = "customer", true, ""
		party.Name = m.pick(given...) + " " + m.word()
		entry.Name, entry.BusinessID, entry.IDType = party.Name, "", ""
	}},
	{"a slip in the id, the same number", Ask, 3, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		if m.r.IntN(2) == 0 {
			party.BusinessID = dashed(m.misspell(f.id))
		} else {
			entry.BusinessID = dashed(m.misspell(f.id))
		}
	}},
	{"a slip in the id, the same name, no number", Ask, 3, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		party.BusinessID, party.Number = dashed(m.misspell(f.id)), ""
	}},
	{"a namesake entered before its id and number were known", Ask, 2, func(m *maker, p *Pair) {
		_, _, entry := m.one(p)
		entry.BusinessID, entry.IDType, entry.CustomerNumber = "", "", ""
	}},

	{"its number has been given to another firm", None, 4, func(m *maker, p *Pair) {
		f, _, _ := m.one(p)
		other := m.firm()
		e := m.entry(other)
		e.CustomerNumber = f.number
		p.Partners = []Entry{e}
	}},
	{"its number has been given to another firm, no ids", None, 4, func(m *maker, p *Pair) {
		f, party, _ := m.one(p)
		other := m.firm()
		e := m.entry(other)
		e.CustomerNumber = f.number
		if m.r.IntN(2) == 0 {
			e.BusinessID, e.IDType = "", ""
		}
		party.BusinessID = ""
		p.Partners = []Entry{e}
	}},
	{"two firms whose numbers are swapped", None, 3, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		other := m.firm()
		e := m.entry(other)
		party.Number, e.CustomerNumber, entry.CustomerNumber = other.number, other.number, f.number
		p.Partners = append(p.Partners, e)
	}},
	{"another firm with the same e-mail and address", None, 4, func(m *maker, p *Pair) {
		f, _, _ := m.one(p)
		other := m.firm()
		other.address, other.email = f.address, f.email
		p.Partners = []Entry{m.entry(other)}
	}},
	{"another firm of the same name", None, 4, func(m *maker, p *Pair) {
		f, _, _ := m.one(p)
		other := m.firm()
		other.name, other.form = f.name, f.form
		p.Partners = []Entry{m.entry(other)}
	}},
	{"the same digits in another country", None, 2, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		party.BusinessID, party.VATNumber, party.Address.Country = "", "EE"+f.id, "EE"
		party.Name, party.Number = m.firm().full(), m.pick("", m.firm().number)
		_ = entry
	}},
	{"a customer who is only a supplier, or the other way", None, 2, func(m *maker, p *Pair) {
		_, _, entry := m.one(p)
		entry.Type = map[string]string{"customer": "supplier", "supplier": "customer"}[p.Type]
	}},
	{"a consumer with the number of a firm", None, 2, func(m *maker, p *Pair) {
		_, party, _ := m.one(p)
		p.Type, p.Policy = "customer", &Policy{Create: true, WithoutID: true}
		party.Name, party.BusinessID, party.Consumer = m.pick(given...)+" "+m.word(), "", true
	}},
	{"a firm of the group, with nearly the same name", None, 3, func(m *maker, p *Pair) {
		f, _, _ := m.one(p)
		other := m.firm()
		other.name, other.form, other.address = f.name+" "+m.pick("Holding", "Group", "Kiinteistöt"), f.form, f.address
		p.Partners = []Entry{m.entry(other)}
	}},
	{"a housing company and a firm of one name", None, 1, func(m *maker, p *Pair) {
		f, party, entry := m.one(p)
		entry.BusinessID, entry.IDType, entry.Name = "", "", "As. Oy "+f.name
		party.Name, party.BusinessID = f.name+" Oy", ""
	}},
	{"nobody is like it", None, 4, func(m *maker, p *Pair) {
		m.one(p)
		p.Partners = []Entry{m.entry(m.firm())}
	}},
}
