package demo

import (
	"bytes"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
)

// The companies and their partners. All are made up; only their check digits
// are right. The first of each are in the sandbox's registers.
var (
	pajaOy   = party{Name: "Esimerkkipaja Oy", ID: "1234567-1", VAT: "FI12345671", Street: "Mallikatu 1", Zip: "00100", City: "Helsinki", Country: "FI"}
	verkstad = party{Name: "Exempelverkstaden AB", ID: "556123-4567", VAT: "SE556123456701", Street: "Påhittsgatan 1", Zip: "11122", City: "Stockholm", Country: "SE"}

	kuvitelma = party{Name: "Kuvitelma Kauppa Oy", ID: "2345678-0", VAT: "FI23456780", Number: "1001", Street: "Keksittykatu 5", Zip: "33100", City: "Tampere", Country: "FI", Email: "laskut@kuvitelma.example"}
	tarina    = party{Name: "Tarina & Co Oy", ID: "3456780-6", VAT: "FI34567806", Number: "1002", Street: "Satutie 7", Zip: "20100", City: "Turku", Country: "FI", Email: "laskut@tarina.example"}
	pahitt    = party{Name: "Påhitt AB", ID: "556000-0001", VAT: "SE556000000101", Number: "1003", Street: "Låtsasgatan 3", Zip: "11122", City: "Stockholm", Country: "SE"}
	tukku     = party{Name: "Olematon Tukku Oy", ID: "4567890-7", VAT: "FI45678907", Number: "2001", Street: "Varastotie 9", Zip: "01510", City: "Vantaa", Country: "FI"}
	palvelut  = party{Name: "Mielikuva Palvelut Oy", ID: "5678901-2", VAT: "FI56789012", Number: "2002", Street: "Palvelukuja 2", Zip: "90100", City: "Oulu", Country: "FI"}
	fantasi   = party{Name: "Fantasi Handel AB", ID: "556111-1112", VAT: "SE556111111201", Number: "1001", Street: "Sagovägen 4", Zip: "41101", City: "Göteborg", Country: "SE"}
	grossist  = party{Name: "Ingenstans Grossist AB", ID: "556222-2223", VAT: "SE556222222301", Number: "2001", Street: "Lagervägen 8", Zip: "21120", City: "Malmö", Country: "SE"}

	// New to Procountor.
	haave    = party{Name: "Haave Rakennus Oy", ID: "6789012-4", VAT: "FI67890124", Street: "Unelmapolku 12", Zip: "40100", City: "Jyväskylä", Country: "FI"}
	unelma   = party{Name: "Unelma Kirjakauppa Oy", ID: "7890123-9", VAT: "FI78901239", Street: "Satusivu 3", Zip: "70100", City: "Kuopio", Country: "FI", Email: "talous@unelma.example"}
	luft     = party{Name: "Luftslott Konsult AB", ID: "556333-3334", VAT: "SE556333333401", Street: "Molngatan 2", Zip: "75320", City: "Uppsala", Country: "SE"}
	luftverk = party{Name: "Luftverk Oy", ID: "8901234-9", VAT: "FI89012349", Street: "Pilvitie 8", Zip: "15100", City: "Lahti", Country: "FI"}

	// Somebody else's invoice, and somebody whose number is mistyped.
	naapuri  = party{Name: "Naapuri Paja Oy", ID: "6789013-2", VAT: "FI67890132", Street: "Mallikatu 3", Zip: "00100", City: "Helsinki", Country: "FI"}
	mistyped = party{Name: "Haave Rakennus Oy", ID: "6789012-5", Street: "Unelmapolku 12", Zip: "40100", City: "Jyväskylä", Country: "FI"}
)

// rows of the goods and services that the demonstration trades.
func hours(n string) line   { return line{"Konsultointi", n, "h", "120.00", "25.5", "S"} }
func licence(n string) line { return line{"Lisenssi, kuukausi", n, "kpl", "49.90", "25.5", "S"} }
func books(n string) line   { return line{"Käsikirja", n, "kpl", "38.00", "13.5", "S"} }
func timmar(n string) line  { return line{"Konsulttimmar", n, "h", "950.00", "25", "S"} }
func words(s string) line   { return line{what: s} }

// expected is what must become of a document.
type expected struct {
	state hub.State
	code  string // the reason why it stands still, or the warning; "" is not looked at
}

var (
	arrives = expected{state: hub.Done}
	linked  = expected{state: hub.Linked, code: hub.LinkedThere}
	skipped = expected{state: hub.Skipped, code: hub.BeforeFirstDay}
)

func held(code string) expected { return expected{hub.Held, code} }

// A File is one file of the demonstration.
type File struct {
	Name       string
	Connection string // key of the connection that it is handed to
	Shows      string // what it is there for, in a few words
	Content    []byte
	// Repeats: the same documents as an earlier file's; they must not arrive again.
	Repeats bool
	papers  []paper
	expects []expected
}

// Keys of the connections.
const (
	finnishSales     = "fi-sales"
	finnishPurchases = "fi-purchases"
	finnishAPI       = "fi-api"
	swedishFiles     = "se-files"
)

// closedDays ago lies in a month that the demonstration's companies have
// closed; see [Seeds].
const closedDays = 80

// linkedInvoice is in Procountor before the demonstration begins.
var linkedInvoice = paper{number: "DEMO-1005", seller: pajaOy, buyer: tarina, days: -6, lines: []line{hours("3")}}

func pdf(size int) []byte {
	b := []byte("%PDF-1.4\n% a file of the demonstration\n")
	if size > len(b) {
		b = append(b, bytes.Repeat([]byte("0123456789abcde\n"), (size-len(b))/16+1)...)
	}
	return append(b, "%%EOF\n"...)
}

// Files are all files of the demonstration, dated by today.
func Files(today civil.Date) []File {
	var all []File
	add := func(connection, name, shows string, e expected, content []byte, papers ...paper) *File {
		f := File{Name: name, Connection: connection, Shows: shows, Content: content, papers: papers}
		for range max(1, len(papers)) {
			f.expects = append(f.expects, e)
		}
		all = append(all, f)
		return &all[len(all)-1]
	}
	sale := func(name, shows string, e expected, p paper) {
		p.seller = pajaOy
		add(finnishSales, name, shows, e, p.finvoice(today, "3.0"), p)
	}

	// Finnish sales, as Finvoice files: these arrive.
	sale("1001.xml", "domestic, one row", arrives, paper{number: "DEMO-1001", buyer: kuvitelma, days: -3, lines: []line{hours("7.5")}})
	sale("1002.xml", "two VAT rates, a row of words, a row for nothing", arrives, paper{number: "DEMO-1002", buyer: tarina, days: -3,
		lines: []line{words("Tilaus 4471"), licence("12"), books("3"), {"Käyttöönotto", "1", "kpl", "0.00", "25.5", "S"}}})
	old := paper{number: "DEMO-1003", seller: pajaOy, buyer: kuvitelma, days: -4, lines: []line{{"Huolto ja säätö, kesä à 49,90 €", "3", "kpl", "49.90", "25.5", "S"}}}
	add(finnishSales, "1003-latin9.xml", "Finvoice 2.01 in ISO-8859-15", arrives, old.latin9(today, "2.01"), old)
	oldest := paper{number: "DEMO-1004", seller: pajaOy, buyer: tarina, days: -4, lines: []line{licence("5")}}
	add(finnishSales, "1004-envelope.xml", "Finvoice 1.2 in the envelope of a bank", arrives, oldest.enveloped(today, "1.2"), oldest)
	already := linkedInvoice
	add(finnishSales, "1005.xml", "in Procountor before us", linked, already.finvoice(today, "3.0"), already)
	sale("1006.xml", "a new customer, construction: reverse charge", arrives, paper{number: "DEMO-1006", buyer: haave, days: -2,
		reason: "AVL 8 c §: ostaja on verovelvollinen", lines: []line{{"Asennustyö", "16", "h", "65.00", "0", "AE"}}})
	sale("1007.xml", "goods to Sweden, in kronor", arrives, paper{number: "DEMO-1007", buyer: pahitt, days: -2, currency: "SEK", rate: "11.2000",
		reason: "Yhteisömyynti, AVL 72 a §", lines: []line{{"Hyllykkö", "4", "kpl", "1150.00", "0", "K"}}})
	sale("1008.xml", "credit note", arrives, paper{number: "DEMO-1008", buyer: kuvitelma, days: -1, credits: "DEMO-1001", lines: []line{hours("-2.5")}})
	sale("1009.xml", "zero-rated sale", arrives, paper{number: "DEMO-1009", buyer: kuvitelma, days: -2,
		reason: "AVL 56 §: jäsenlehti", lines: []line{{"Jäsenlehden painatus", "1000", "kpl", "0.85", "0", "Z"}}})
	var batch []paper
	var content []byte
	for _, n := range []string{"DEMO-1011", "DEMO-1012", "DEMO-1013"} {
		p := paper{number: n, seller: pajaOy, buyer: unelma, days: -2, lines: []line{books(n[len(n)-1:])}}
		batch = append(batch, p)
		content = append(content, p.finvoice(today, "3.0")...)
	}
	add(finnishSales, "1011-1013.xml", "three invoices in one file, one new customer", arrives, content, batch...)
	peppolSale := paper{number: "DEMO-1014", seller: pajaOy, buyer: kuvitelma, days: -1, lines: []line{{"Ylläpito", "1", "C62", "890.00", "25.5", "S"}},
		files: []fileInside{{"tuntierittely.pdf", pdf(2000)}}}
	add(finnishSales, "1014-peppol.xml", "Peppol, with an attachment", arrives, peppolSale.peppol(today), peppolSale)
	again := paper{number: "DEMO-1001", seller: pajaOy, buyer: kuvitelma, days: -3, lines: []line{hours("7.5")}}
	add(finnishSales, "1001-again.xml", "the first file once more", arrives, again.finvoice(today, "3.0"), again).Repeats = true

	// Finnish sales that must not go, each for another reason.
	sale("1020.xml", "dated in a closed month", held(hub.PeriodClosed), paper{number: "DEMO-1020", buyer: kuvitelma, days: -closedDays, lines: []line{hours("2")}})
	sale("1021.xml", "a VAT rate that the company has not switched on", held(hub.VATRateNotEnabled), paper{number: "DEMO-1021", buyer: tarina, days: -2,
		lines: []line{{"Sanomalehden tilaus, 12 kk", "1", "kpl", "180.00", "10", "S"}}})
	sale("1022.xml", "a mistyped business id", held(hub.BusinessIDWrong), paper{number: "DEMO-1022", buyer: mistyped, days: -2, lines: []line{hours("1")}})
	sale("1023.xml", "a mistyped reference", held(hub.ReferenceWrong), paper{number: "DEMO-1023", buyer: kuvitelma, days: -2, reference: "123456", lines: []line{hours("1.5")}})
	other := paper{number: "DEMO-1024", seller: naapuri, buyer: kuvitelma, days: -2, lines: []line{hours("4")}}
	add(finnishSales, "1024.xml", "another company's invoice", held(hub.CompanyOther), other.finvoice(today, "3.0"), other)
	cut := paper{number: "DEMO-1025", seller: pajaOy, buyer: tarina, days: -2, lines: []line{licence("2")}}
	text := string(cut.finvoice(today, "3.0"))
	add(finnishSales, "1025-cut.xml", "a file that breaks off", held(hub.XMLBroken), []byte(text[:strings.Index(text, "<InvoiceRow>")+40]))
	sale("1026.xml", "a character that Procountor does not take", held(hub.CharacterForbidden), paper{number: "DEMO-1026", buyer: tarina, days: -2,
		lines: []line{{"Vastus 4,7 kΩ", "10", "kpl", "0.40", "25.5", "S"}}})
	sale("1027.xml", "rows and total disagree", held(hub.SumsDisagree), paper{number: "DEMO-1027", buyer: kuvitelma, days: -2, off: "10.00", lines: []line{hours("1")}})
	sale("1028.xml", "nobody to invoice", held(hub.BuyerMissing), paper{number: "DEMO-1028", days: -2, lines: []line{hours("1")}})
	sale("1029.xml", "one firm's id with another's number", held(hub.PartnerConflict), paper{number: "DEMO-1029", buyer: kuvitelma.with("1002"), days: -1, lines: []line{hours("1")}})
	sale("1030.xml", "partly paid before it was sent", held(hub.PrepaidHeld), paper{number: "DEMO-1030", buyer: tarina, days: -1, prepaid: "50.00", lines: []line{licence("4")}})
	large := paper{number: "DEMO-1031", seller: pajaOy, buyer: kuvitelma, days: -1, lines: []line{{"Mittaus", "1", "C62", "400.00", "25.5", "S"}},
		files: []fileInside{{"mittaus.pdf", pdf(hub.MaxAttachment + 1)}}}
	add(finnishSales, "1031-peppol.xml", "an attachment over 10 MB", held(hub.AttachmentTooLarge), large.peppol(today), large)
	sale("1032.xml", "older than the first day of the connection", skipped, paper{number: "DEMO-1032", buyer: kuvitelma, days: -firstDayAgo - 60, lines: []line{hours("1")}})

	// Finnish purchases, as Peppol files.
	purchase := func(name, shows string, e expected, p paper) {
		p.buyer = pajaOy
		add(finnishPurchases, name, shows, e, p.peppol(today), p)
	}
	const supplierIBAN = "FI1157100420055555"
	purchase("osto-1.xml", "a known supplier, by Peppol", arrives, paper{number: "DEMO-P1", seller: tukku, days: -5, term: 21, account: supplierIBAN, reference: "12345672",
		lines: []line{{"Toimistopaperi", "20", "C62", "6.50", "25.5", "S"}, {"Mustekasetti", "4", "C62", "31.90", "25.5", "S"}}})
	finvoiceIn := paper{number: "DEMO-P2", seller: palvelut, buyer: pajaOy, days: -5, account: supplierIBAN, reference: "1232", lines: []line{{"Siivous", "1", "kk", "310.00", "25.5", "S"}}}
	add(finnishPurchases, "osto-2.xml", "a supplier's Finvoice", arrives, finvoiceIn.finvoice(today, "3.0"), finvoiceIn)
	purchase("osto-3.xml", "a supplier's account with wrong check digits", held(hub.IBANWrong), paper{number: "DEMO-P3", seller: palvelut, days: -4,
		account: "FI9957100420055555", reference: "1232", lines: []line{{"Huolto", "1", "C62", "95.00", "25.5", "S"}}})

	// A Swedish company, both ways.
	swedish := func(name, shows string, e expected, p paper) {
		p.currency = "SEK"
		add(swedishFiles, name, shows, e, p.peppol(today), p)
	}
	swedish("f-2001.xml", "Swedish sale with an OCR reference", arrives, paper{number: "DEMO-2001", seller: verkstad, buyer: fantasi, days: -3, lines: []line{timmar("12")}})
	swedish("f-2002.xml", "a new Swedish customer, two rates", arrives, paper{number: "DEMO-2002", seller: verkstad, buyer: luft, days: -3,
		lines: []line{timmar("4"), {"Pärm", "10", "C62", "212.00", "6", "S"}}})
	swedish("f-2003.xml", "Swedish credit note", arrives, paper{number: "DEMO-2003", seller: verkstad, buyer: fantasi, days: -2, credits: "DEMO-2001", lines: []line{timmar("2")}})
	swedish("f-2004.xml", "Swedish purchase, paid by bankgiro", arrives, paper{number: "DEMO-2004", seller: grossist, buyer: verkstad, days: -4, account: "5050-1055",
		lines: []line{{"Verktyg", "3", "C62", "1490.00", "25", "S"}}})
	swedish("f-2005.xml", "sale to Finland without the buyer's VAT number", held(hub.VATNumberMissing), paper{number: "DEMO-2005", seller: verkstad, buyer: withoutVAT(luftverk), days: -2,
		reason: "Omvänd betalningsskyldighet", lines: []line{{"Maskin", "1", "C62", "18000.00", "0", "K"}}})
	return all
}

func withoutVAT(p party) party { p.VAT = ""; return p }
