package hub

// A ReferencePayment is money that came in with a reference, as Procountor's bank
// connection shows it. Whose account it came from is not kept.
type ReferencePayment struct {
	Company                string
	ID                     int64 // Procountor's
	ValueDate, PaymentDate string
	// Sum is decimal text, in the currency of the account it came to; that is "" when
	// the register does not have the account.
	Sum, Currency string
	// Reference is as banks write it, without blanks and zeros before it.
	Reference string
	// Payer is kept while it is allocated to nothing, for a person to know it by.
	Payer     string
	Allocated bool
	InvoiceID int64 // to which it is allocated in Procountor, or 0
}

// An OpenReference is a payment that is allocated to nothing, and whose it may be.
// Only a person can allocate it, in Procountor.
type OpenReference struct {
	ReferencePayment
	Candidates []ReferenceCandidate
}

// CandidateBy says why a document may be what a payment is for.
type CandidateBy string

// A document has the reference of the payment, or just its sum is open on it.
const (
	ByReference CandidateBy = "reference"
	BySum       CandidateBy = "sum"
)

// A ReferenceCandidate is a sales invoice that a payment may be for. Open is "" while
// nothing was read back of it.
type ReferenceCandidate struct {
	Transfer, Document, Connection string // ids
	Number, Partner, Date          string
	Open, Currency                 string
	By                             CandidateBy
}
