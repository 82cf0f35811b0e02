package api

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A Decimal is an exact number. It is read from the digits of the JSON text,
// quoted or not, and is never a binary float.
type Decimal struct{ money.Amount }

// maxDecimals and maxWhole are the digits of a Decimal after and before its
// point: enough for every unit price and sum, and never more than an
// [money.Amount] holds.
const (
	maxDecimals = 8
	maxWhole    = 11
)

const decimalPattern = `^-?[0-9]{1,11}(\.[0-9]{1,8})?$`

// Schema describes a number, or the same as text.
func (Decimal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeNumber, Description: "At most 11 digits before the point and 8 after it; no exponent."},
		{Type: huma.TypeString, Pattern: decimalPattern},
	}, Extensions: map[string]any{decimalMark: true}}
}

// decimalMark tells our own reader that a schema is a Decimal's.
const decimalMark = "x-decimal"

// A Sum is a decimal in an answer, as text, so that no reader makes a float of it.
type Sum string

// Schema describes text of digits.
func (Sum) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: decimalPattern}
}

// A Day is a day of the calendar, without time and zone.
type Day struct{ civil.Date }

// Schema describes yyyy-mm-dd.
func (Day) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}
