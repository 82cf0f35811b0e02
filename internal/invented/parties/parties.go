// Package parties makes up pairs of a party that a document names and what a
// register holds, each with the right answer: for tests and for measuring how
// partners are found. It knows the mistakes that people make and nothing of the
// rules by which partners are matched.
//
// [Lines] writes the format that docs/partners.md describes.
package parties

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/sweden"
)

// A Pair is one question and its right answer.
type Pair struct {
	Says     string  `json:"says"` // the mistake in it
	Expect   string  `json:"expect"`
	Partner  int64   `json:"partner,omitempty"` // the right one, where Expect is link
	Type     string  `json:"type"`
	Policy   *Policy `json:"policy,omitempty"` // where it is not the default one
	Party    Party   `json:"party"`
	Partners []Entry `json:"partners"`
}

// The right answers: it is that partner; nobody can know without asking; it is
// none of these.
const (
	Link = "link"
	Ask  = "ask"
	None = "none"
)

// A Policy is what differs from the default policy.
type Policy struct {
	Create    bool `json:"create"`
	WithoutID bool `json:"without_id,omitempty"`
}

// A Party is what a document says.
type Party struct {
	Name        string      `json:"name"`
	BusinessID  string      `json:"business_id,omitempty"`
	VATNumber   string      `json:"vat_number,omitempty"`
	Number      string      `json:"number,omitempty"`
	Alternative string      `json:"alternative_number,omitempty"`
	Consumer    bool        `json:"consumer,omitempty"`
	Address     hub.Address `json:"address,omitzero"`
	Email       string      `json:"email,omitempty"`
}

// An Entry is a partner of the register.
type Entry struct {
	ID             int64       `json:"id"`
	Type           string      `json:"type"`
	Name           string      `json:"name"`
	BusinessID     string      `json:"business_id,omitempty"`
	IDType         string      `json:"id_type,omitempty"`
	VATNumber      string      `json:"vat_number,omitempty"`
	CustomerNumber string      `json:"customer_number,omitempty"`
	Address        hub.Address `json:"address,omitzero"`
	Email          string      `json:"email,omitempty"`
	Active         bool        `json:"active"`
}

// Lines are n pairs from a seed, as JSON lines.
func Lines(seed uint64, n int) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, p := range Pairs(seed, n) {
		if err := enc.Encode(p); err != nil {
			panic("parties: " + err.Error()) // plain values only
		}
	}
	return []byte(b.String())
}

// Pairs are n pairs from a seed. Each firm is in one pair only, with a number and
// an id that no other pair has, so that all partners may stand in one register.
func Pairs(seed uint64, n int) []Pair {
	m := &maker{r: rand.New(rand.NewPCG(seed, 0x7061727469)), ids: map[string]bool{}}
	whole := 0
	for _, c := range cases {
		whole += c.share
	}
	var out []Pair
	for range n {
		at := m.r.IntN(whole)
		for _, c := range cases {
			if at -= c.share; at < 0 {
				p := Pair{Says: c.says, Expect: c.expect, Type: "customer"}
				if m.r.IntN(4) == 0 {
					p.Type = "supplier"
				}
				c.make(m, &p)
				for i := range p.Partners {
					if p.Partners[i].Type == "" {
						p.Partners[i].Type = p.Type
					}
				}
				m.r.Shuffle(len(p.Partners), func(i, j int) { p.Partners[i], p.Partners[j] = p.Partners[j], p.Partners[i] })
				out = append(out, p)
				break
			}
		}
	}
	return out
}

type maker struct {
	r      *rand.Rand
	ids    map[string]bool
	number int
	id     int64
}

// A firm is the truth behind a party and its entry.
type firm struct {
	name, form, number string
	id                 string // bare digits
	address            hub.Address
	email              string
}

func (m *maker) pick(list ...string) string { return list[m.r.IntN(len(list))] }

var (
	beginnings = []string{"Kuvi", "Tari", "Sata", "Hölmö", "Keksi", "Poro", "Vihta", "Ähtä", "Uuve", "Talvi", "Kesä", "Rinki", "Päivä", "Yö", "Ranta", "Lumi", "Kallio", "Öljy", "Harju", "Myrsky"}
	middles    = []string{"tel", "nal", "maa", "ran", "vuo", "lin", "kos", "sel", "pel", "mäk", "jok", "sal", "nie", "lah", "suo", "vaa", "met", "kun", "vir", "ton"}
	ends       = []string{"ma", "la", "sto", "nen", "ri", "ka", "vä", "su", "mö", "ta", "kko", "ska"}
	trades     = []string{"Rakennus", "Kuljetus", "Konsultointi", "Kauppa", "Huolto", "Ohjelmistot", "Kiinteistöpalvelu", "Sähkö", "Suunnittelu", "Leipomo", "Media", "Tekniikka", "Siivous", "Asennus", "Bygg", "Konsult", "Puutarha"}
	forms      = []string{"Oy", "Oy", "Oy", "Oy", "Ab", "Oyj", "Ky", "Ay", "ry", "Osk"}
	streets    = []string{"Keksittykatu", "Satutie", "Tarinakuja", "Mielikuvapolku", "Olematonkatu", "Låtsasgatan", "Harhakuja"}
	given      = []string{"Matti", "Maija", "Åke", "Päivi", "Jörgen", "Aino", "Elias", "Sofia", "Väinö", "Tuulikki", "Kjell", "Sanna-Mari"}
)

func (m *maker) word() string { return m.pick(beginnings...) + m.pick(middles...) + m.pick(ends...) }

func (m *maker) firm() firm {
	m.number += 1 + m.r.IntN(4)
	f := firm{name: m.word() + " " + m.pick(trades...), form: m.pick(forms...), number: fmt.Sprint(1000 + m.number), id: m.finnish()}
	if m.r.IntN(3) == 0 {
		f.name = m.word() + " " + f.name
	}
	f.address = hub.Address{Street: fmt.Sprintf("%s %d", m.pick(streets...), 1+m.r.IntN(99)), Zip: fmt.Sprintf("%05d", 100+10*m.r.IntN(9900)), City: m.word(), Country: "FI"}
	f.email = strings.ToLower(strings.Fields(f.name)[0]) + "@example.com"
	return f
}

func (m *maker) finnish() string {
	for {
		n := 100_000 + m.r.IntN(3_900_000)
		for check := range 10 {
			b, err := finland.ParseBusinessID(fmt.Sprintf("%07d-%d", n, check))
			if err == nil && !m.ids[b.Digits()] {
				m.ids[b.Digits()] = true
				return b.Digits()
			}
		}
	}
}

func (m *maker) swedish() string {
	for {
		for check, n := 0, m.r.IntN(1_000_000); check < 10; check++ {
			o, err := sweden.ParseOrganisationNumber(fmt.Sprintf("556%06d%d", n, check))
			if err == nil && !m.ids[o.Digits()] {
				m.ids[o.Digits()] = true
				return o.Digits()
			}
		}
	}
}

func dashed(id string) string { return id[:7] + "-" + id[7:] }

func (f firm) full() string { return f.name + " " + f.form }

// party is the firm as a document ought to say it.
func (f firm) party() Party {
	return Party{Name: f.full(), BusinessID: dashed(f.id), Number: f.number, Address: f.address, Email: f.email}
}

// entry is the firm as the register ought to hold it.
func (m *maker) entry(f firm) Entry {
	m.id++
	return Entry{ID: m.id, Name: f.full(), BusinessID: dashed(f.id), IDType: "YHD", CustomerNumber: f.number, Address: f.address, Email: f.email, Active: true}
}

// slip is a typing error in a word: two letters swapped, one lost, one twice.
func (m *maker) slip(s string) string {
	r := []rune(s)
	i := 1 + m.r.IntN(len(r)-2)
	switch m.r.IntN(3) {
	case 0:
		if r[i] != r[i-1] {
			r[i], r[i-1] = r[i-1], r[i]
			return string(r)
		}
		return string(append(r[:i:i], r[i+1:]...))
	case 1:
		return string(append(r[:i:i], r[i+1:]...))
	}
	return string(r[:i]) + string(r[i]) + string(r[i:])
}

// misspell changes an id's digits as fingers do: one wrong, or two swapped.
func (m *maker) misspell(id string) string {
	for {
		b := []byte(id)
		i := m.r.IntN(len(b))
		if m.r.IntN(2) == 0 || i == 0 {
			b[i] = byte('0' + m.r.IntN(10))
		} else {
			b[i], b[i-1] = b[i-1], b[i]
		}
		if string(b) != id {
			return string(b)
		}
	}
}

// spell writes a Finnish id as sources do.
func (m *maker) spell(id string) string {
	d := dashed(id)
	return m.pick(id, "FI"+id, "FI-"+d, "FI "+d, " "+d+" ", id[:7]+"."+id[7:], id[:1]+"."+id[1:4]+"."+id[4:7]+"-"+id[7:], id[:7]+" "+id[7:], id[:7]+" - "+id[7:],
		id[:7]+"–"+id[7:], "fi"+id, strings.TrimLeft(id, "0"), "FI"+d)
}

// person is a personal identity code with the right check character.
func (m *maker) person() string {
	for {
		s := fmt.Sprintf("%02d%02d%02d-%03d", 1+m.r.IntN(28), 1+m.r.IntN(12), m.r.IntN(100), 2+m.r.IntN(898))
		for _, c := range "0123456789ABCDEFHJKLMNPRSTUVWXY" {
			if finland.IsPersonalID(s + string(c)) {
				return s + string(c)
			}
		}
	}
}
