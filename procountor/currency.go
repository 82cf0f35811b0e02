package procountor

// A Currency is an ISO 4217 code. The API knows 211 of them, dead ones included; these are the
// ones a company can keep its books in, and the commonest others.
type Currency string

const (
	DKK Currency = "DKK"
	EUR Currency = "EUR"
	GBP Currency = "GBP"
	NOK Currency = "NOK"
	SEK Currency = "SEK"
	USD Currency = "USD"
)
