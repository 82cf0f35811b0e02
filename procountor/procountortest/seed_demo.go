package procountortest

// The companies here are fictional; their ids, accounts and names were made up
// and only their check digits are right.

// FinnishDemo is the seed of the demo company.
func FinnishDemo() CompanySeed {
	return CompanySeed{
		Name: "Esimerkkipaja Oy", Country: "FINLAND", BusinessID: "1234567-1", Street: "Mallikatu 1", Zip: "00100", City: "Helsinki",
		ClosedUntil: "2024-06",
		Partners: []BusinessPartner{
			partner("CUSTOMER", "Kuvitelma Kauppa Oy", "YHD", "2345678-0", "1001", "Keksittykatu 5", "33100", "Tampere", "FINLAND"),
			partner("CUSTOMER", "Tarina & Co Oy", "YHD", "3456780-6", "1002", "Satutie 7", "20100", "Turku", "FINLAND"),
			partner("CUSTOMER", "Påhitt AB", "SE", "SE556000000101", "1003", "Låtsasgatan 3", "11122", "Stockholm", "SWEDEN"),
			partner("SUPPLIER", "Olematon Tukku Oy", "YHD", "4567890-7", "2001", "Varastotie 9", "01510", "Vantaa", "FINLAND"),
			partner("SUPPLIER", "Mielikuva Palvelut Oy", "YHD", "5678901-2", "2002", "Palvelukuja 2", "90100", "Oulu", "FINLAND"),
		},
		Products: []Product{
			{Type: "SALES", Name: "Konsultointi", Code: "KONS", Unit: "HOUR", Price: Num("120.00"), VAT: ptr(Num("25.5")), Active: true, Currency: "EUR", DefaultAccount: "3010"},
			{Type: "SALES", Name: "Lisenssi", Code: "LIS", Unit: "MONTH", Price: Num("49.90"), VAT: ptr(Num("25.5")), Active: true, Currency: "EUR"},
			{Type: "PURCHASE", Name: "Toimistotarvikkeet", Code: "TOIM", Unit: "PIECE", Price: Num("10.00"), VAT: ptr(Num("25.5")), Active: true, Currency: "EUR"},
		},
		Dimensions: []DimensionSeed{
			{"Project", []string{"P100 Verkkokauppa", "P200 Kassa", "P300 Sisäinen"}},
			{"Cost centre", []string{"10 Myynti", "20 Tuotanto", "30 Hallinto"}},
		},
		Travel:  demoTravel(),
		Persons: demoPersons(),
	}
}

// SwedishDemo is a second company, with Swedish references and VAT.
func SwedishDemo() CompanySeed {
	return CompanySeed{
		Name: "Exempelverkstaden AB", Country: "SWEDEN", BusinessID: "556123-4567", Street: "Påhittsgatan 1", Zip: "11122", City: "Stockholm",
		ClosedUntil: "2024-06",
		Partners: []BusinessPartner{
			partner("CUSTOMER", "Fantasi Handel AB", "SE", "SE556111111201", "1001", "Sagovägen 4", "41101", "Göteborg", "SWEDEN"),
			partner("SUPPLIER", "Ingenstans Grossist AB", "SE", "SE556222222301", "2001", "Lagervägen 8", "21120", "Malmö", "SWEDEN"),
		},
		Dimensions: []DimensionSeed{{"Projekt", []string{"P1", "P2"}}},
	}
}

func partner(typ, name, idType, id, number, street, zip, city, country string) BusinessPartner {
	p := BusinessPartner{
		Name: name, Type: typ, Address: &BusinessPartnerAddress{Name: name, Street: street, Zip: zip, City: city, Country: country},
		BillingAddress: &BusinessPartnerBillingAddress{Name: name, Street: street, Zip: zip, City: city, Country: country},
		InvoicingInfo:  &InvoicingInfo{CustomerNumber: number, Identifier: id, IdentifierType: idType, InvoiceChannel: "NO_SENDING", Language: "FINNISH"},
		PaymentInfo:    BusinessPartnerPaymentInfo{PaymentMethod: "BANK_TRANSFER", PaymentTermDays: "14", Currency: "EUR"},
	}
	if country == "SWEDEN" {
		p.InvoicingInfo.Language, p.PaymentInfo.Currency = "SWEDISH", "SEK"
	}
	return p
}

// filled gives empty parts what a company of the country usually has.
func (s CompanySeed) filled() CompanySeed {
	if s.Country == "" {
		s.Country = "FINLAND"
	}
	swedish := s.Country == "SWEDEN"
	if s.Currency == "" {
		s.Currency = "EUR"
		if swedish {
			s.Currency = "SEK"
		}
	}
	if s.Name == "" {
		s.Name = "Sandbox company"
	}
	if s.FirstYear == 0 {
		s.FirstYear = 2024
	}
	if s.LastYear == 0 {
		s.LastYear = max(2027, s.FirstYear)
	}
	if s.IBANs == nil {
		s.IBANs = []string{makeIBAN("FI", "12345600000785"), makeIBAN("FI", "40551020000012")}
		if swedish {
			s.IBANs = []string{makeIBAN("SE", "50000000054910000003")}
		}
	}
	if s.VAT == nil {
		// The rates in use now and before, with those of goods that moved.
		// REFERENCE 4 for Finland; Sweden's 25, 12 and 6.
		s.VAT = []VATSeed{{"25.5", true, true}, {"24", true, true}, {"14", true, true}, {"13.5", true, true}, {"10", true, true}, {"0", true, true}}
		if swedish {
			s.VAT = []VATSeed{{"25", true, true}, {"12", true, true}, {"6", true, true}, {"0", true, true}}
		}
	}
	if s.Statuses == nil {
		s.Statuses = demoStatuses()
	}
	if s.Accounts == nil {
		s.Accounts = demoAccounts()
	}
	return s
}

// demoStatuses: numbers 1, 3, 5 and 12 are known (REFERENCE 3.9); the others
// begin at 900 so that nobody takes them for real ones (assumption 24).
func demoStatuses() []VATStatusSeed {
	return []VATStatusSeed{
		{Number: 1, Description: "Domestic", Sales: true, Purchase: true, Domestic: true},
		{Number: 3, Description: "Outside of the EU", Sales: true},
		{Number: 5, Description: "EU community sales (product)", Sales: true},
		{Number: 12, Description: "No VAT handling", Sales: true, Purchase: true},
		{Number: 901, Description: "EU community sales (service)", Sales: true},
		{Number: 902, Description: "0 % VAT turnover", Sales: true},
		{Number: 903, Description: "Construction reverse VAT", Sales: true, Purchase: true},
		{Number: 904, Description: "EU tripartite trade", Sales: true},
		{Number: 905, Description: "Other tax free sales", Sales: true},
		{Number: 911, Description: "EU purchase 25.5 % (product)", Purchase: true},
		{Number: 912, Description: "EU purchase 25.5 % (service)", Purchase: true},
		{Number: 913, Description: "Reversed tax liability 25.5 %", Purchase: true},
		{Number: 914, Description: "Import 25.5 %", Purchase: true},
		{Number: 915, Description: "Outside the EU", Purchase: true},
		{Number: 916, Description: "No VAT reg.", Purchase: true},
	}
}

// demoAccounts is a small chart. 1700, 3000, 8450, 2880 and 2930 are the defaults
// of REFERENCE 3.2; the others were chosen for the demo.
func demoAccounts() []LedgerAccount {
	var out []LedgerAccount
	for _, a := range [][2]string{
		{"1120", "Machinery and equipment"}, {"1150", "Software"}, {"1500", "Inventory"}, {"1700", "Trade receivables"},
		{"1710", "Trade receivables, abroad"}, {"1760", "VAT receivable"}, {"1800", "Prepaid expenses"}, {"1900", "Cash"},
		{"1910", "Bank account"}, {"1920", "Second bank account"}, {"2000", "Share capital"}, {"2250", "Retained earnings"},
		{"2800", "Advances received"}, {"2870", "Trade payables, abroad"}, {"2880", "Trade payables"}, {"2920", "Withholding tax"},
		{"2930", "VAT payable"}, {"2939", "VAT account"}, {"2940", "Social security"}, {"2950", "Accrued expenses"},
		{"2960", "Wages payable"}, {"3000", "Sales"}, {"3010", "Sales of services"}, {"3020", "Sales, lower VAT"},
		{"3100", "Sales, EU goods"}, {"3110", "Sales, EU services"}, {"3200", "Exports"}, {"3300", "Construction sales, reverse charge"},
		{"3500", "Discounts given"}, {"3600", "Other income"}, {"4000", "Purchases"}, {"4100", "Purchases, EU"},
		{"4200", "Imports"}, {"4400", "Subcontracting"}, {"5000", "Wages"}, {"5300", "Holiday pay"},
		{"6100", "Pension costs"}, {"6300", "Other social costs"}, {"7000", "Rent"}, {"7200", "Vehicles"},
		{"7600", "IT costs"}, {"7800", "Travel"}, {"7850", "Kilometre allowances"}, {"7900", "Per diems"},
		{"8000", "Marketing"}, {"8050", "Representation"}, {"8300", "Office supplies"}, {"8400", "Telephone and data"},
		{"8450", "Unallocated purchases"}, {"8460", "Rounding differences"}, {"8500", "Accounting fees"}, {"8700", "Other expenses"},
		{"9100", "Interest income"}, {"9400", "Interest costs"},
	} {
		out = append(out, LedgerAccount{LedgerAccountCode: a[0], Name: a[1], Active: ptr(true)})
	}
	return append(out, LedgerAccount{LedgerAccountCode: "3900", Name: "Old sales account", Active: ptr(false)})
}
