package mapping

import "github.com/vienti/vienti/internal/hub"

// words are what we add to an invoice ourselves, in one language. They are part
// of what is sent, so they live with the mapping and its version, not with the
// texts of the pages.
type words struct {
	credited, dated, creditNote, invoice             string
	discount, charge, prepaid, rounding              string
	reverse, community, export, vatNumber, vatID     string
	project, order, agreement, tender, site, account string
	buyerRef, sellerRef, reference, phone            string
	row                                              string
	plusgiro, bankgiro, vatReason, edi               string
	// of journals: what they are called, and the list of their documents
	salesJournal, purchaseJournal, documentList string
	listHead                                    []string
	// of journals that set right an earlier one
	difference, reversal, anew, toJournal string
	// of payroll journals
	payroll, period, bookedOn string
	voucher, group            string
}

// wordsFor falls back to English, which every receiver of an Estonian, Norwegian
// or Danish invoice of a Finnish or Swedish company can read.
func wordsFor(language string) words {
	switch language {
	case "fi":
		return words{
			credited: "Hyvitetty lasku", dated: "päivätty", creditNote: "Hyvityslasku", invoice: "Lasku",
			discount: "Alennus", charge: "Lisä", prepaid: "Maksettu ennakko", rounding: "Pyöristys",
			reverse: "Käännetty verovelvollisuus", community: "Veroton yhteisömyynti", export: "Veroton myynti EU:n ulkopuolelle", vatNumber: "Ostajan ALV-tunniste", vatID: "ALV-tunniste",
			project: "Projekti", order: "Tilaus", agreement: "Sopimus", tender: "Tarjouspyyntö", site: "Toimituskohde", account: "Tiliöintiviite",
			buyerRef: "Viitteenne", sellerRef: "Viitteemme", reference: "Lähteen viitenumero", phone: "Puhelin",
			row:      "Rivi",
			plusgiro: "Plusgiro", bankgiro: "Bankgiro", vatReason: "ALV-peruste", edi: "Verkkolaskuosoite",
			salesJournal: "Myyntilaskut", purchaseJournal: "Ostolaskut", documentList: "tositeluettelo",
			listHead:   []string{"Numero", "Päivä", "Osapuoli", "Y-tunnus", "Veroton", "ALV", "Verollinen", "Valuutta", "Lähteen tunnus"},
			difference: "Korjaus tositteeseen", reversal: "Peruutus tositteesta", anew: "Uudelleen kirjattu tosite", toJournal: "muistiotosite",
			payroll: "Palkat", period: "kausi", bookedOn: "kirjattu",
			voucher: "Lähteen tositenumero", group: "Tuoteryhmä",
		}
	case "sv":
		return words{
			credited: "Krediterad faktura", dated: "daterad", creditNote: "Kreditfaktura", invoice: "Faktura",
			discount: "Rabatt", charge: "Tillägg", prepaid: "Betalt i förskott", rounding: "Öresavrundning",
			reverse: "Omvänd betalningsskyldighet", community: "Momsfri unionsintern försäljning", export: "Momsfri försäljning utanför EU", vatNumber: "Köparens momsnummer", vatID: "Momsnummer",
			project: "Projekt", order: "Order", agreement: "Avtal", tender: "Anbudsförfrågan", site: "Leveransplats", account: "Konteringsreferens",
			buyerRef: "Er referens", sellerRef: "Vår referens", reference: "Källans referensnummer", phone: "Telefon",
			row:      "Rad",
			plusgiro: "Plusgiro", bankgiro: "Bankgiro", vatReason: "Momsgrund", edi: "E-fakturaadress",
			salesJournal: "Kundfakturor", purchaseJournal: "Leverantörsfakturor", documentList: "dokumentlista",
			listHead:   []string{"Nummer", "Datum", "Part", "Organisationsnummer", "Netto", "Moms", "Brutto", "Valuta", "Källans id"},
			difference: "Rättelse av", reversal: "Återföring av", anew: "Bokförd på nytt", toJournal: "bokföringsorder",
			payroll: "Löner", period: "period", bookedOn: "bokförd",
			voucher: "Källans verifikationsnummer", group: "Produktgrupp",
		}
	}
	return words{
		credited: "Credits invoice", dated: "dated", creditNote: "Credit note", invoice: "Invoice",
		discount: "Discount", charge: "Charge", prepaid: "Paid in advance", rounding: "Rounding",
		reverse: "Reverse charge", community: "Intra-Community supply, exempt from VAT", export: "Sale outside the EU, exempt from VAT", vatNumber: "Buyer's VAT number", vatID: "VAT number",
		project: "Project", order: "Order", agreement: "Agreement", tender: "Tender", site: "Delivery site", account: "Posting reference",
		buyerRef: "Your reference", sellerRef: "Our reference", reference: "Reference of the source", phone: "Telephone",
		row:      "Row",
		plusgiro: "Plusgiro", bankgiro: "Bankgiro", vatReason: "VAT reason", edi: "E-invoice address",
		salesJournal: "Sales invoices", purchaseJournal: "Purchase invoices", documentList: "documents",
		listHead:   []string{"Number", "Date", "Party", "Business id", "Net", "VAT", "Gross", "Currency", "Id in the source"},
		difference: "Correction of", reversal: "Reversal of", anew: "Booked anew", toJournal: "journal",
		payroll: "Payroll", period: "period", bookedOn: "booked",
		voucher: "Voucher number of the source", group: "Product group",
	}
}

// language is the document's, else that of the customer's row, else the connection's.
func (b *builder) language() string {
	if b.row != nil {
		return firstOf(b.d.Language, b.row.Language, b.s.Language)
	}
	return firstOf(b.d.Language, b.s.Language)
}

// printedNote adds a line that the customer reads on a sales invoice, and a line
// of the internal notes on a purchase, where nothing is printed.
func (b *builder) printedNote(label func(words) string, value string) {
	if value == "" {
		return
	}
	if b.sales {
		b.info = append(b.info, label(b.printed)+": "+value)
	} else {
		b.note(label, value)
	}
}

// note adds a line of the internal notes.
func (b *builder) note(label func(words) string, value string) {
	if value != "" {
		b.notes = append(b.notes, label(b.internal)+": "+value)
	}
}

// dateText writes a day as people of the language do.
func dateText(language string, ref hub.Reference) string {
	d := ref.Date
	if d.IsZero() {
		return ""
	}
	if language == "fi" {
		return itoa(d.Day) + "." + itoa(int(d.Month)) + "." + itoa(d.Year)
	}
	return d.String()
}
