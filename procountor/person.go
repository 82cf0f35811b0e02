package procountor

import (
	"encoding/json"
	"slices"
)

// A Person is an entry of the register of persons, the employees of a company (REFERENCE 3.5). Its id
// is that of a partner of type PERSON: travel and expense claims name it as their partner.
type Person struct {
	ID                 int64               `json:"id,omitempty"`
	FirstName          string              `json:"firstName,omitempty"` // At most 80 characters.
	LastName           string              `json:"lastName"`            // At most 80 characters.
	JobTitle           string              `json:"jobTitle,omitempty"`  // At most 80 characters.
	DeliveryAddress    *PersonFullAddress  `json:"deliveryAddress,omitempty"`
	HomeCountryAddress *PersonFullAddress  `json:"homeCountryAddress,omitempty"`
	PaymentInfo        PersonPaymentInfo   `json:"paymentInfo"`
	InvoicingInfo      PersonInvoicingInfo `json:"invoicingInfo"`
	RegistryInfo       PersonRegistryInfo  `json:"registryInfo"`
	Version            Time                `json:"version,omitzero"` // Not in POST; required in PUT.
}

// A PersonEntry is a person with the bytes of its entry as they came.
type PersonEntry struct {
	Person
	JSON json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the bytes.
func (e *PersonEntry) UnmarshalJSON(b []byte) error {
	e.JSON = slices.Clone(b)
	return json.Unmarshal(b, &e.Person)
}

// A PersonFullAddress is where a person lives.
type PersonFullAddress struct {
	Street        string      `json:"street,omitempty"`        // At most 80 characters.
	Zip           string      `json:"zip,omitempty"`           // At most 20 characters.
	City          string      `json:"city,omitempty"`          // At most 40 characters.
	Country       CountryName `json:"country,omitempty"`       //
	Specifier     string      `json:"specifier,omitempty"`     // At most 80 characters.
	Subdivision   string      `json:"subdivision,omitempty"`   // At most 35 characters.
	PostOfficeBox string      `json:"postOfficeBox,omitempty"` // At most 80 characters.
}

// PersonPaymentInfo is how a person is paid.
type PersonPaymentInfo struct {
	PaymentMethod         PaymentMethod `json:"paymentMethod"`
	ClearingCode          string        `json:"clearingCode,omitempty"`  // At most 80 characters.
	AccountNumber         string        `json:"accountNumber,omitempty"` // At most 40 characters.
	BIC                   string        `json:"bic,omitempty"`           // At most 40 characters.
	PaymentTermDays       string        `json:"paymentTermDays"`         // A string of at most 3 characters.
	PaymentTermPercentage Decimal       `json:"paymentTermPercentage,omitzero"`
	PenalInterestRate     Decimal       `json:"penalInterestRate"`
	DiscountPercentage    Decimal       `json:"discountPercentage,omitzero"`
}

// PersonInvoicingInfo is by what a person is known. Identifier is a personal identity code: it must
// never be logged, nor kept where it is not needed.
type PersonInvoicingInfo struct {
	PersonNumber        string   `json:"personNumber,omitempty"`   // At most 40 characters.
	Identifier          string   `json:"identifier,omitempty"`     // At most 80 characters.
	IdentifierType      string   `json:"identifierType,omitempty"` // HETU, or a country.
	DateOfBirth         Date     `json:"dateOfBirth,omitzero"`
	Language            Language `json:"language"` // English, Finnish or Swedish.
	Gender              Gender   `json:"gender"`
	HomeCountryPersonID string   `json:"homeCountryPersonId,omitempty"` // At most 45 characters.
}

// PersonIdentity are the members of a person's invoicingInfo by which a state knows the person: whoever keeps
// an entry keeps it without them, and puts them back before it is sent, for PUT replaces every field.
var PersonIdentity = []string{"identifier", "homeCountryPersonId", "dateOfBirth"}

// PersonRegistryInfo holds a person's register data.
type PersonRegistryInfo struct {
	Active           bool    `json:"active"`
	MobilePhone      string  `json:"mobilePhone,omitempty"`      // At most 40 characters.
	Fax              string  `json:"fax,omitempty"`              // At most 40 characters.
	Phone            string  `json:"phone,omitempty"`            // At most 40 characters.
	Email            string  `json:"email,omitempty"`            // At most 80 characters.
	ContactPerson    string  `json:"contactPerson,omitempty"`    // At most 80 characters.
	DefaultReference string  `json:"defaultReference,omitempty"` // At most 40 characters.
	Section          string  `json:"section,omitempty"`          // At most 80 characters.
	PersonGroupsIDs  []int64 `json:"personGroupsIds,omitempty"`
	ReportGroupID    int64   `json:"reportGroupId,omitempty"`
	HomeMunicipality string  `json:"homeMunicipality,omitempty"` // At most 40 characters.
}

// A PersonInfo is a person as a search shows it. Every part but the names may be missing.
type PersonInfo struct {
	ID              int64                    `json:"id,omitempty"`
	LastName        string                   `json:"lastName,omitempty"`
	FirstName       string                   `json:"firstName,omitempty"`
	DeliveryAddress *PersonInfoAddress       `json:"deliveryAddress,omitempty"`
	InvoicingInfo   *PersonInfoInvoicingInfo `json:"invoicingInfo,omitempty"`
	RegistryInfo    *PersonInfoRegistryInfo  `json:"registryInfo,omitempty"`
}

// A PersonInfoAddress is what a search shows of a person's address.
type PersonInfoAddress struct {
	Street  string      `json:"street,omitempty"`
	Zip     string      `json:"zip,omitempty"`
	City    string      `json:"city,omitempty"`
	Country CountryName `json:"country,omitempty"`
}

// PersonInfoInvoicingInfo is what a search shows of by what a person is known.
type PersonInfoInvoicingInfo struct {
	PersonNumber   string `json:"personNumber,omitempty"`
	Identifier     string `json:"identifier,omitempty"`
	IdentifierType string `json:"identifierType,omitempty"`
}

// PersonInfoRegistryInfo is what a search shows of a person's register data.
type PersonInfoRegistryInfo struct {
	Active bool `json:"active"`
}
