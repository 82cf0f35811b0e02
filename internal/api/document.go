package api

// A Document is one invoice or credit note as a business system pushes it. It is
// the API's own shape and stays as it is: within /v1 fields may be added, none
// is removed, renamed, made required or given another meaning. It becomes a
// hub.Document in convert.go and nowhere else.
type Document struct {
	Kind       string `json:"kind" enum:"sales_invoice,purchase_invoice,travel_invoice" example:"sales_invoice" doc:"What the document is. The seller of a travel invoice is the employee, with the person number in number; never send a personal identity code. A credit note has the kind of what it credits, and credit_note."`
	CreditNote bool   `json:"credit_note,omitempty" doc:"The document takes back another. Its quantities and sums are negative, as in bookkeeping."`
	SourceID   string `json:"source_id" minLength:"1" maxLength:"200" example:"inv-10234" doc:"The document's id in your system: unique in this connection and the same for ever, through every change of content. It is what makes a push repeatable."`
	Number     string `json:"number" minLength:"1" maxLength:"100" example:"10234" doc:"The number printed on the document: yours on a sales invoice, the supplier's on a purchase invoice."`

	VoucherNumber string `json:"voucher_number,omitempty" maxLength:"40" example:"T-2026-118" doc:"Your own number of a purchase invoice, beside the supplier's in number. It is kept in the internal notes."`

	Credits []Credited `json:"credits,omitempty" maxItems:"100" doc:"The invoices that a credit note credits."`

	Date     Day    `json:"date" example:"2026-03-10" doc:"The day printed on the document. It decides the accounting month."`
	DueDate  Day    `json:"due_date,omitzero" example:"2026-03-24" doc:"When it is to be paid."`
	TermDays *int   `json:"term_days,omitempty" minimum:"0" maximum:"999" doc:"Days from date to due date, used when due_date is not given."`
	Delivery Period `json:"delivery,omitzero" doc:"When goods or services were delivered. It decides the VAT rate when given, else the date does."`

	Currency string   `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217."`
	Rate     *Decimal `json:"rate,omitempty" example:"11.4325" doc:"Units of currency for one unit of the company's own currency. Needed when they differ."`

	Seller    Party   `json:"seller,omitzero" doc:"Who sells. On a sales invoice it may be left out: then it is the company of the connection."`
	Buyer     Party   `json:"buyer,omitzero" doc:"Who buys. On a purchase invoice it may be left out: then it is the company of the connection."`
	BillTo    *Party  `json:"bill_to,omitempty" doc:"Who receives the invoice, when that is not the buyer."`
	DeliverTo *Party  `json:"deliver_to,omitempty" doc:"Who receives the goods, when that is not the buyer."`
	Payment   Payment `json:"payment,omitzero" doc:"Where and how it is to be paid."`

	References References `json:"references,omitzero" doc:"What the document refers to besides its number."`

	Channel         string         `json:"channel,omitempty" enum:"einvoice,email,mail,paper,sent" example:"email" doc:"How a sales invoice goes to its customer, when you say so: as an e-invoice, by e-mail, as a letter that Procountor sends, on paper that the company prints itself, or sent already by you with your own reference. Not given: the customer's row in Vienti decides, then the connection's rule."`
	Language        string         `json:"language,omitempty" pattern:"^[a-z]{2}$" example:"fi" doc:"Of the document's reader, ISO 639-1."`
	Text            string         `json:"text,omitempty" maxLength:"10000" doc:"Printed for the customer."`
	Notes           string         `json:"notes,omitempty" maxLength:"10000" doc:"Internal notes, never printed."`
	PenaltyPercent  *Decimal       `json:"penalty_percent,omitempty" example:"9.5" doc:"Interest on late payment, percent a year."`
	DeliveryTerms   string         `json:"delivery_terms,omitempty" maxLength:"1000"`
	CashDiscounts   []CashDiscount `json:"cash_discounts,omitempty" maxItems:"10" doc:"Discounts for paying early."`
	DiscountPercent *Decimal       `json:"discount_percent,omitempty" doc:"Discount on the whole document."`

	GrossPrices bool        `json:"gross_prices,omitempty" doc:"Unit prices and allowances include VAT."`
	Lines       []Line      `json:"lines" minItems:"1" maxItems:"5000" doc:"The rows in their order."`
	Account     string      `json:"account,omitempty" maxLength:"50" example:"3000" doc:"The account in Procountor for every row, by its number there; GET /v1/registers/accounts lists them. It goes before the account map. A row's own account is one of your system."`
	Dimensions  []Dimension `json:"dimensions,omitempty" maxItems:"50" doc:"Cost centre, project and the like of every row that names none on the same axis."`
	Allowances  []Allowance `json:"allowances,omitempty" maxItems:"100" doc:"Discounts and charges on the whole document, as sums."`
	VAT         []VATLine   `json:"vat,omitempty" maxItems:"100" doc:"The breakdown of VAT as you state it. It is compared with the rows."`
	Totals      Totals      `json:"totals,omitzero" doc:"The sums as you state them. Give them: they are compared to the cent with the rows and with what Procountor saves."`

	Trips []Trip `json:"trips,omitempty" maxItems:"100" doc:"The journeys of a travel invoice, in words."`

	Attachments []Attachment `json:"attachments,omitempty" maxItems:"100" doc:"Files that belong to the document. More can be added afterwards."`

	Breakdown *Breakdown `json:"breakdown,omitempty" doc:"The hours and travel behind a sales invoice. Vienti makes a PDF of them for the customer, if the settings, the customer or this document want it."`

	Standing *Standing `json:"standing,omitempty" doc:"Where the document stands on your side: its approvals, or whether it was sent. No part of the content: another standing makes no new version. Not given: what you said last holds."`

	Demo bool `json:"demo,omitempty" doc:"Made for a demonstration. A production company refuses it."`
}

// Credited names an invoice that a credit note credits.
type Credited struct {
	Number string `json:"number" minLength:"1" maxLength:"100" example:"10198"`
	Date   Day    `json:"date,omitzero" example:"2026-02-10"`
}

// A Period is a span of days, both ends included.
type Period struct {
	First Day `json:"first,omitzero" example:"2026-03-01"`
	Last  Day `json:"last,omitzero" example:"2026-03-31"`
}

// IsZero reports whether neither end is given.
func (p Period) IsZero() bool { return p == Period{} }

// References besides the number.
type References struct {
	Order     string `json:"order,omitempty" maxLength:"200" doc:"The buyer's order number."`
	Agreement string `json:"agreement,omitempty" maxLength:"200"`
	Buyer     string `json:"buyer,omitempty" maxLength:"200" doc:"Your reference (viitteenne)."`
	Seller    string `json:"seller,omitempty" maxLength:"200" doc:"Our reference (viitteemme)."`
	Project   string `json:"project,omitempty" maxLength:"200"`
	Tender    string `json:"tender,omitempty" maxLength:"200"`
	Account   string `json:"account,omitempty" maxLength:"200" doc:"The buyer's posting instruction."`
	Site      string `json:"site,omitempty" maxLength:"200" doc:"The place of delivery."`
}

// A Party is a seller, buyer or receiver.
type Party struct {
	Name       string `json:"name,omitempty" maxLength:"300" example:"Kuvitelma Kauppa Oy"`
	NameMore   string `json:"name_more,omitempty" maxLength:"300" doc:"Second line of the name, department."`
	FirstName  string `json:"first_name,omitempty" maxLength:"100" example:"Anna Maria" doc:"Of a person: the part of name that is not the last name. Left out, the last word of name is the last name."`
	BusinessID string `json:"business_id,omitempty" maxLength:"50" example:"2345678-0" doc:"The national id: Y-tunnus, organisationsnummer."`
	VATNumber  string `json:"vat_number,omitempty" maxLength:"50" example:"FI23456780"`
	Number     string `json:"number,omitempty" maxLength:"100" example:"1001" doc:"The customer number of a buyer, the supplier number of a seller."`
	// As in ValueFrame: what another program calls the party.
	Alternative  string   `json:"alternative_number,omitempty" maxLength:"100" example:"20071" doc:"A second number that you keep for the party because another program numbers it so. It is the one that Procountor's register is asked for, unless a setting says otherwise; where it is missing, number is."`
	Consumer     bool     `json:"consumer,omitempty" doc:"A private person, who has no business id."`
	Address      Address  `json:"address,omitzero"`
	Contact      string   `json:"contact,omitempty" maxLength:"300" doc:"Name of the contact person."`
	Email        string   `json:"email,omitempty" maxLength:"300" example:"laskut@kuvitelma.example"`
	ContactEmail string   `json:"contact_email,omitempty" maxLength:"300" doc:"The contact person's own address: a sales invoice that goes by e-mail goes there, else to email."`
	Phone        string   `json:"phone,omitempty" maxLength:"100"`
	EInvoice     EInvoice `json:"einvoice,omitzero"`

	WantsBreakdown bool `json:"wants_breakdown,omitempty" doc:"This customer wants the hours and travel behind an invoice as an attachment."`
}

// An Address of a party.
type Address struct {
	Street  string `json:"street,omitempty" maxLength:"300" example:"Keksittykatu 5"`
	More    string `json:"more,omitempty" maxLength:"300"`
	Zip     string `json:"zip,omitempty" maxLength:"30" example:"33100"`
	City    string `json:"city,omitempty" maxLength:"100" example:"Tampere"`
	Region  string `json:"region,omitempty" maxLength:"100"`
	Country string `json:"country,omitempty" pattern:"^[A-Z]{2}$" example:"FI" doc:"ISO 3166-1 alpha-2."`
}

// An EInvoice is where a party receives e-invoices.
type EInvoice struct {
	Address  string `json:"address,omitempty" maxLength:"100" example:"003723456780" doc:"OVT code, IBAN, or an id of the operator's."`
	Operator string `json:"operator,omitempty" maxLength:"100" doc:"The operator's code."`
}

// Payment says where and how.
type Payment struct {
	IBAN      string `json:"iban,omitempty" maxLength:"50"`
	BIC       string `json:"bic,omitempty" maxLength:"20"`
	Bankgiro  string `json:"bankgiro,omitempty" maxLength:"20"`
	Plusgiro  string `json:"plusgiro,omitempty" maxLength:"20"`
	Reference string `json:"reference,omitempty" maxLength:"50" example:"1232" doc:"The reference that a payment carries: Finnish, RF or OCR."`
}

// A CashDiscount is granted when paid within days.
type CashDiscount struct {
	Days    int      `json:"days" minimum:"0" maximum:"999"`
	Percent *Decimal `json:"percent" example:"2"`
}

// A Line is one row. Without quantity, unit_price, net and gross it is a row of words.
type Line struct {
	Name            string      `json:"name,omitempty" maxLength:"1000" example:"Konsultointi"`
	Code            string      `json:"code,omitempty" maxLength:"200" doc:"Product code in your system."`
	Group           string      `json:"group,omitempty" maxLength:"200" doc:"Product group or field in your system. On a purchase it stands in the row's comment, on a sale in the internal notes."`
	Description     string      `json:"description,omitempty" maxLength:"10000" doc:"Printed below the name."`
	Comment         string      `json:"comment,omitempty" maxLength:"10000"`
	Quantity        *Decimal    `json:"quantity,omitempty" example:"2.5"`
	Unit            string      `json:"unit,omitempty" maxLength:"50" example:"h" doc:"As your users write it, or a code of UN/ECE recommendation 20."`
	UnitPrice       *Decimal    `json:"unit_price,omitempty" example:"80" doc:"For price_base units; without VAT unless gross_prices."`
	PriceBase       *Decimal    `json:"price_base,omitempty" doc:"How many units the price is for; 1 when not given."`
	DiscountPercent *Decimal    `json:"discount_percent,omitempty" example:"10"`
	Allowances      []Allowance `json:"allowances,omitempty" maxItems:"100" doc:"Discounts and charges on the row, as sums."`
	VATPercent      *Decimal    `json:"vat_percent,omitempty" example:"25.5" doc:"Needed on every row that has an amount."`
	VATCategory     string      `json:"vat_category,omitempty" enum:"S,Z,E,AE,K,G,O" doc:"UNTDID 5305: S standard, Z zero rate, E exempt, AE reverse charge, K within the EU, G export, O outside the scope. Above 0 % it is S when not given; a row at 0 % must say which."`
	VATReason       string      `json:"vat_reason,omitempty" maxLength:"1000" doc:"Why no VAT is charged; printed."`
	Supply          string      `json:"supply,omitempty" enum:"goods,service" doc:"Decides the VAT status of sales abroad."`
	Period          Period      `json:"period,omitzero" doc:"When this row was delivered; of a travel invoice, the days of the journey. The first one decides which travel code holds."`
	Start           string      `json:"start,omitempty" maxLength:"16" example:"2026-03-02T08:00" doc:"Of a travel invoice: when the journey began, in the company's own time."`
	End             string      `json:"end,omitempty" maxLength:"16" example:"2026-03-03T17:30" doc:"Of a travel invoice: when the journey ended."`
	Net             *Decimal    `json:"net,omitempty" example:"200" doc:"The row's sum without VAT, as you state it."`
	VAT             *Decimal    `json:"vat,omitempty" example:"51"`
	Gross           *Decimal    `json:"gross,omitempty" example:"251"`
	PaidWith        string      `json:"paid_with,omitempty" enum:"own,company_card" doc:"Of a row of a travel invoice: whose money has paid. Own money, also when it is left out, is paid back to the person. What a card of the company has paid becomes a voucher of its own for each card and day, marked paid on the day of the purchase, which period says."`
	Card            string      `json:"card,omitempty" maxLength:"12" example:"Visa 1234" doc:"Which card of the company, as the settings call it. Never the whole number of a card."`
	Receipts        []string    `json:"receipts,omitempty" maxItems:"50" doc:"Names of the attachments that belong to this row: they go with its part of the claim. An attachment that no row names goes with every part."`
	Account         string      `json:"account,omitempty" maxLength:"50" doc:"The account in your system."`
	Dimensions      []Dimension `json:"dimensions,omitempty" maxItems:"50" doc:"Cost centre, project and the like."`
	Order           string      `json:"order,omitempty" maxLength:"200" doc:"The buyer's order number of this row."`
}

// A Trip is a journey in words, as Procountor keeps it.
type Trip struct {
	Departure string `json:"departure,omitempty" maxLength:"40" example:"2026-03-02 08:00"`
	Arrival   string `json:"arrival,omitempty" maxLength:"40" example:"2026-03-03 17:30"`
	Places    string `json:"places,omitempty" maxLength:"255" example:"Helsinki – Tampere – Helsinki"`
	Purpose   string `json:"purpose,omitempty" maxLength:"255" example:"Asennus"`
}

// A Dimension is one code on one axis of follow-up.
type Dimension struct {
	Axis string `json:"axis" minLength:"1" maxLength:"100" example:"Cost centre"`
	Code string `json:"code" minLength:"1" maxLength:"100" example:"200"`
	Name string `json:"name,omitempty" maxLength:"200" example:"Sales"`
}

// An Allowance lowers a sum, or raises it when it is a charge.
type Allowance struct {
	Charge      bool     `json:"charge,omitempty" doc:"Raises the sum instead of lowering it."`
	Reason      string   `json:"reason,omitempty" maxLength:"1000" example:"Freight"`
	Amount      *Decimal `json:"amount" example:"12.5" doc:"Positive, also on a credit note. Without VAT unless gross_prices."`
	VATPercent  *Decimal `json:"vat_percent,omitempty" example:"25.5"`
	VATCategory string   `json:"vat_category,omitempty" enum:"S,Z,E,AE,K,G,O"`
}

// A VATLine is one rate of the breakdown.
type VATLine struct {
	Percent  *Decimal `json:"percent" example:"25.5"`
	Category string   `json:"category,omitempty" enum:"S,Z,E,AE,K,G,O"`
	Reason   string   `json:"reason,omitempty" maxLength:"1000"`
	Net      *Decimal `json:"net" example:"200"`
	VAT      *Decimal `json:"vat" example:"51"`
}

// Totals of the document.
type Totals struct {
	Net      *Decimal `json:"net,omitempty" example:"200"`
	VAT      *Decimal `json:"vat,omitempty" example:"51"`
	Gross    *Decimal `json:"gross,omitempty" example:"251" doc:"With VAT, before rounding and prepayments."`
	Prepaid  *Decimal `json:"prepaid,omitempty" doc:"Paid before the invoice was made."`
	Rounding *Decimal `json:"rounding,omitempty" doc:"Added to gross to make payable."`
	Payable  *Decimal `json:"payable,omitempty"`
}

// A Breakdown is what an invoice is made of.
type Breakdown struct {
	Work    []BreakdownEntry `json:"work,omitempty" maxItems:"5000" doc:"Hours."`
	Travel  []BreakdownEntry `json:"travel,omitempty" maxItems:"5000" doc:"Journeys and travel expenses."`
	Net     *Decimal         `json:"net,omitempty" example:"918.85" doc:"What the entries come to, as you state it. It is compared to the cent."`
	Wanted  bool             `json:"wanted,omitempty" doc:"The customer wants it with this invoice."`
	Grouped bool             `json:"grouped,omitempty" doc:"The lines of the invoice are groups of these entries."`
}

// A BreakdownEntry is hours of one person on one day, or a journey.
type BreakdownEntry struct {
	Project     string   `json:"project,omitempty" maxLength:"200" example:"Verkkokauppa"`
	Subproject  string   `json:"subproject,omitempty" maxLength:"200" example:"Ylläpito"`
	FixedPrice  bool     `json:"fixed_price,omitempty" doc:"The project, or subproject, has a fixed price: its hours are not shown."`
	Date        Day      `json:"date" example:"2026-03-02"`
	Person      string   `json:"person,omitempty" maxLength:"200" example:"Maija Meikäläinen"`
	Type        string   `json:"type,omitempty" maxLength:"200" example:"Suunnittelu" doc:"Kind of work, or of travel expense."`
	Description string   `json:"description,omitempty" maxLength:"2000" doc:"Of travel: the route."`
	Quantity    Decimal  `json:"quantity" example:"7.5"`
	Unit        string   `json:"unit,omitempty" maxLength:"20" example:"km" doc:"Hours, when it is left out of work."`
	Price       *Decimal `json:"price,omitempty" example:"95" doc:"For one unit, without VAT."`
	Sum         *Decimal `json:"sum,omitempty" example:"712.50" doc:"Without VAT. Not given: quantity times price."`
}

// An Attachment is a file with its content.
type Attachment struct {
	Name        string `json:"name" minLength:"1" maxLength:"300" example:"hours.pdf"`
	MIME        string `json:"mime,omitempty" maxLength:"200" example:"application/pdf"`
	Content     []byte `json:"content" doc:"The file in base64 (RFC 4648, with padding). Procountor takes at most 10 000 000 bytes a file."`
	Image       bool   `json:"image,omitempty" doc:"The picture of the document itself."`
	ForCustomer bool   `json:"for_customer,omitempty" doc:"May go to the customer with the invoice, if the connection's settings allow it."`
}
