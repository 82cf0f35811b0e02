// Package pcfile reads and writes Procountor's own invoice file ("laskuaineisto"):
// lines of fields with semicolons, an invoice being a header line of 44 fields and
// the row lines after it, alone or in a ZIP with the attachments.
//
// Places in faults are those of a spreadsheet: "A40/row[43]/N" is column N of line
// 43, in the invoice that begins at A40.
//
// What the vendor's page and the files seen do not say is a setting, or stops the
// invoice; see docs/sources/file.md. Sources: support.procountor.fi 360000256417;
// the order of columns from kapsiry/sikteeri and fyysikkokilta/kulumasiina-v2.
package pcfile

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/format"
)

// Settings say what the format leaves open.
type Settings struct {
	// Purchase is the type letter of purchase invoices, which no published file
	// shows; "" stops them.
	Purchase string
	// Credit is the code in column K, "t" or "f", by which a credit note is known.
	// With "" the sign of the sum tells, and an "f" above zero stops the invoice.
	Credit string
	// Dimensions names the axes of row columns beyond the 14 that are known, by
	// number from 1; what stands in any other stops the invoice.
	Dimensions map[int]string
}

// ParseDimensions reads columns and their axes: "O=project, P=cost centre".
func ParseDimensions(text string) (map[int]string, error) {
	axes := map[int]string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		column, axis, _ := strings.Cut(part, "=")
		column, axis = strings.ToUpper(strings.TrimSpace(column)), strings.TrimSpace(axis)
		n := 0
		for n <= maxColumn && letters(n) != column {
			n++
		}
		if n < rowColumns || n > maxColumn || axis == "" {
			return nil, fmt.Errorf("%q is no column after %s with its axis, such as O=project", part, letters(rowColumns-1))
		}
		axes[n+1] = axis
	}
	return axes, nil
}

// maxColumn is the last column that a row may use, from 0.
const maxColumn = 99

// Options say whose files are read, and how.
type Options struct {
	format.Options
	Settings
}

// Columns of a header line.
const (
	hType = iota
	hCurrency
	hReference
	hAccount
	hID
	hMethod
	hName
	hDelivery
	hDiscount
	hGross
	hCredit
	hPenalty
	hDate
	hDelivered
	hDue
	hAddress
	hBilling
	hShipping
	hText
	hNotes
	hEmail
	hPaid
	hRate
	hTotal
	hVAT
	hChannel
	hEInvoice
	hOrder
	hByRow
	hOld1
	hOld2
	hCustomer
	hAuto
	hFile
	hContact
	hBIC
	hOperator
	hOVT
	hNumber
	hFactoring
	hCountry
	hLanguage
	hCashDays
	hCashPercent
	headColumns
)

// Columns of a row line.
const (
	rBlank = iota
	rName
	rCode
	rQuantity
	rUnit
	rPrice
	rDiscount
	rVAT
	rComment
	rOrder
	rPurchaseOrder
	rConfirmation
	rDeliveryList
	rAccount
	rowColumns
)

// Type letters that are known.
const (
	typeSale    = "M"
	typeExpense = "K"
	typeTravel  = "T"
	typeJournal = "N"
)

// usual is the payment method of the samples; another one is noted.
const usual = "tilisiirto"

// separator stands between notes: a field has one line.
const separator = " · "

// letters names a column as spreadsheets do, from 0.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

// Takes reports whether a file that begins like this is Procountor's: its first
// line has a type and a currency, or is a row that has lost its header.
func Takes(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n")
	first, _, _ := bytes.Cut(head, []byte("\n"))
	fields := bytes.Split(first, []byte(";"))
	if len(fields) < rVAT {
		return false
	}
	kind, currency := bytes.TrimSpace(fields[0]), bytes.TrimSpace(fields[1])
	return len(kind) == 0 || len(kind) <= 2 && isLetters(kind) && len(currency) <= 3 && isLetters(currency)
}

func isLetters(b []byte) bool {
	for _, c := range b {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// TakesArchive reports whether a file that begins like this is a ZIP.
func TakesArchive(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}
