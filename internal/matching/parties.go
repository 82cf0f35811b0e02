package matching

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// A partyColumn is one column of a list of parties.
type partyColumn struct {
	names []string
	set   func(*hub.Party, string)
}

// partyColumns are the columns of a list of parties, with the names by which they
// are known too.
var partyColumns = []partyColumn{
	{[]string{"name", "nimi", "asiakas", "namn", "kund", "customer"}, func(p *hub.Party, s string) { p.Name = s }},
	{[]string{"business_id", "y-tunnus", "ytunnus", "fo-nummer", "organisationsnummer"}, func(p *hub.Party, s string) { p.BusinessID = s }},
	{[]string{"vat_number", "alv-numero", "alv-tunnus", "momsnummer"}, func(p *hub.Party, s string) { p.VATNumber = s }},
	{[]string{"number", "customer_number", "asiakasnumero", "asiakas-id", "kundnummer"}, func(p *hub.Party, s string) { p.Number = s }},
	{[]string{"alternative_number", "vaihtoehtoinen asiakasnumero", "alternativt kundnummer"}, func(p *hub.Party, s string) { p.Alternative = s }},
	{[]string{"street", "osoite", "katuosoite", "adress"}, func(p *hub.Party, s string) { p.Address.Street = s }},
	{[]string{"zip", "postinumero", "postnummer"}, func(p *hub.Party, s string) { p.Address.Zip = s }},
	{[]string{"city", "postitoimipaikka", "kaupunki", "ort"}, func(p *hub.Party, s string) { p.Address.City = s }},
	{[]string{"country", "maa", "land"}, func(p *hub.Party, s string) { p.Address.Country = s }},
	{[]string{"email", "sähköposti", "e-post"}, func(p *hub.Party, s string) { p.Email = s }},
	{[]string{"consumer", "kuluttaja", "konsument"}, func(p *hub.Party, s string) { p.Consumer = yes(s) || s == "kyllä" || s == "ja" }},
	{[]string{"einvoice_address", "verkkolaskuosoite", "e-fakturaadress"}, func(p *hub.Party, s string) { p.EInvoice.Address = s }},
	{[]string{"einvoice_operator", "operaattori", "operatör"}, func(p *hub.Party, s string) { p.EInvoice.Operator = s }},
}

// ReadParties reads a list of parties, such as the customers of a source: CSV whose
// first line names the columns, at least the name. docs/partners.md lists them.
func ReadParties(r io.Reader) ([]hub.Party, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // what was peeked is there
	}
	if _, err := b.Peek(1); err != nil {
		return nil, errors.New("the list is empty")
	}
	rows := csv.NewReader(b)
	rows.Comma = separatorOf(b)
	rows.FieldsPerRecord = -1
	head, err := rows.Read()
	if err != nil {
		return nil, err
	}
	set := make([]func(*hub.Party, string), len(head))
	named := false
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		at := slices.IndexFunc(partyColumns, func(c partyColumn) bool { return slices.Contains(c.names, name) })
		if at >= 0 {
			set[i] = partyColumns[at].set
			named = named || at == 0
		}
	}
	if !named {
		return nil, fmt.Errorf("line 1: there is no column %q", partyColumns[0].names[0])
	}
	var list []hub.Party
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if len(list) == MaxPairs {
			return nil, fmt.Errorf("more than %d parties", MaxPairs)
		}
		var p hub.Party
		for i, v := range row {
			if i < len(set) && set[i] != nil {
				set[i](&p, strings.TrimSpace(v))
			}
		}
		if p.Name != "" {
			list = append(list, p)
		}
	}
}
