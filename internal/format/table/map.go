package table

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/vienti/vienti/internal/hub"
)

// words by which columns are known in Finnish, Swedish, English and Dutch lists, in small
// letters and digits only. The first field that has a column's words gets it.
var words = map[string][]string{
	"number":          {"laskunumero", "laskunro", "laskunnumero", "lasku", "fakturanummer", "fakturanr", "invoicenumber", "invoiceno", "invoice", "factuurnummer"},
	"date":            {"laskupäivä", "laskunpäivä", "laskupvm", "päivämäärä", "pvm", "fakturadatum", "invoicedate", "date", "datum", "factuurdatum"},
	"due_date":        {"eräpäivä", "eräpvm", "förfallodag", "förfallodatum", "duedate", "vervaldatum"},
	"name":            {"asiakas", "asiakkaannimi", "asiakasnimi", "toimittaja", "nimi", "kund", "kundnamn", "leverantör", "customer", "customername", "supplier", "name", "klant", "leverancier"},
	"business_id":     {"ytunnus", "ytunnusalvnumero", "fonummer", "organisationsnummer", "businessid", "vatnumber", "kvknummer", "btwnummer"},
	"party_number":    {"asiakasnumero", "asiakasnro", "toimittajanumero", "kundnummer", "leverantörsnummer", "customernumber", "customerno", "suppliernumber", "klantnummer"},
	"email":           {"sähköposti", "email", "epost", "epostadress"},
	"street":          {"katuosoite", "osoite", "lähiosoite", "gatuadress", "adress", "street", "address", "straat", "adres"},
	"zip":             {"postinumero", "postinro", "postnummer", "zip", "postcode", "postalcode"},
	"city":            {"postitoimipaikka", "kaupunki", "paikkakunta", "ort", "postort", "city", "town", "plaats"},
	"country":         {"maa", "maakoodi", "land", "landskod", "country", "countrycode", "landcode"},
	"currency":        {"valuutta", "valuta", "currency"},
	"reference":       {"viitenumero", "viite", "referensnummer", "ocr", "paymentreference", "betalingskenmerk"},
	"order":           {"tilausviite", "tilausnumero", "beställningsreferens", "ordernummer", "orderreference", "ordernumber", "bestelreferentie"},
	"buyer_reference": {"viitteenne", "ostajanviite", "erreferens", "yourreference", "buyerreference", "uwreferentie"},
	"text":            {"lisätiedot", "laskunteksti", "meddelande", "invoicetext", "message"},
	"notes":           {"muistiinpanot", "sisäinenhuomautus", "anteckningar", "notes", "internalnotes"},
	"account":         {"myyntitili", "försäljningskonto", "salesaccount"},
	"total":           {"yhteensä", "laskunsumma", "loppusumma", "totalt", "total", "totaal"},
	"row_name":        {"tuote", "tuotenimi", "rivinteksti", "nimike", "kuvaus", "selite", "produkt", "benämning", "product", "productname", "description", "item", "omschrijving"},
	"row_code":        {"tuotekoodi", "tuotenumero", "produktkod", "artikelnummer", "productcode", "itemcode", "productcode"},
	"row_description": {"rivinselite", "lisäselite", "radförklaring", "rowdescription"},
	"quantity":        {"määrä", "kpl", "kpl määrä", "antal", "quantity", "qty", "aantal"},
	"unit":            {"yksikkö", "enhet", "unit", "eenheid"},
	"price":           {"ahinta", "àhinta", "àpris", "yksikköhinta", "hinta", "hintaalv0", "veroton ahinta", "apris", "pris", "unitprice", "price", "prijs"},
	"gross_price":     {"verollinenhinta", "hintasisalv", "prisinklmoms", "grossprice", "priceinclvat"},
	"discount":        {"alennus", "alennusprosentti", "alennus%", "rabatt", "discount", "korting"},
	"vat_percent":     {"alv", "alvprosentti", "alvkanta", "verokanta", "moms", "momssats", "vat", "vatrate", "vatpercent", "btw"},
	"vat_category":    {"alvluokka", "vatcategory"},
	"net":             {"veroton", "verotonsumma", "netto", "summaalv0", "nettosumma", "net", "netamount"},
	"row_account":     {"tili", "konto", "account", "grootboek"},
	"row_cost_centre": {"kustannuspaikka", "kostnadsställe", "costcentre", "costcenter", "kostenplaats"},
	"row_project":     {"projekti", "projektinumero", "projekt", "project", "projectnumber"},
}

// bare is a header without what people write differently.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// Propose guesses what the columns of a table mean. A column that it does not know, or
// two that it knows as the same field, is left to the person.
func (t *Table) Propose() hub.TableMap {
	if t.ofPayroll() {
		return t.ProposeFor(hub.PayrollJournal)
	}
	return t.ProposeFor("")
}

// ProposeFor guesses for a list of a kind, as in [hub.TableMap].
func (t *Table) ProposeFor(kind hub.Kind) hub.TableMap {
	if kind == hub.PayrollJournal {
		return t.propose(kind, hub.JournalFields, journalWords)
	}
	return t.propose("", hub.TableFields, words)
}

func (t *Table) propose(kind hub.Kind, fields []string, words map[string][]string) hub.TableMap {
	m := hub.TableMap{Kind: kind, Header: slices.Clone(t.Header), Fields: map[string]string{}}
	for _, field := range fields {
		for _, word := range words[field] {
			at := slices.IndexFunc(t.Header, func(h string) bool { return bare(h) == bare(word) })
			if at >= 0 && !slices.Contains(slices.Collect(maps.Values(m.Fields)), t.Header[at]) {
				m.Fields[field] = t.Header[at]
				break
			}
		}
	}
	return m
}

// Lacks lists the fields without which no document can be made.
func Lacks(m hub.TableMap) (list []string) {
	has := func(field string) bool { return m.Fields[field] != "" }
	if m.Kind == hub.PayrollJournal {
		if !has("date") && !has("period") {
			list = append(list, "date")
		}
		if !has("account") {
			list = append(list, "account")
		}
		if !has("amount") && !has("debit") && !has("credit") {
			list = append(list, "amount")
		}
		return list
	}
	for _, f := range []string{"number", "date", "name", "row_name", "vat_percent"} {
		if !has(f) {
			list = append(list, f)
		}
	}
	if !has("price") && !has("gross_price") && !has("net") {
		list = append(list, "price")
	}
	return list
}
