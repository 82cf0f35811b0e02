package circulation

// Why something is not as somebody might expect, as codes: each has a sentence in every
// language, under "round.why.".
const (
	// Why the default receives an invoice: no field names anybody; what stands there is
	// nobody's number; it is the number of several; whose it is may not receive.
	Nobody        = "nobody"
	UnknownNumber = "unknown"
	NumberTwice   = "twice"
	NoRight       = "no-right"

	// Why a decision is not taken: the round is over; somebody has decided since; it is
	// another's turn; the right for it is missing; a rejection needs a reason; who is named
	// may not receive or approve, or has decided already.
	Over          = "over"
	Moved         = "moved"
	NotYours      = "not-yours"
	RightMissing  = "right"
	ReasonMissing = "reason"
	NoReceiver    = "no-receiver"
	NoApprover    = "no-approver"

	// Why a split does not hold: percentages and sums mixed, or not numbers; they do not
	// come to 100 percent; they do not come to the net.
	SplitMixed   = "split-mixed"
	SplitPercent = "split-percent"
	SplitSum     = "split-sum"
)

// Whys are all codes.
var Whys = []string{Nobody, UnknownNumber, NumberTwice, NoRight, Over, Moved, NotYours, RightMissing, ReasonMissing, NoReceiver, NoApprover, SplitMixed,
	SplitPercent, SplitSum}
