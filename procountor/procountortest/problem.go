package procountortest

import (
	"fmt"
	"net/http"
)

// A problem is an error answer in the shape of REFERENCE 2.5: a status and one
// or more messages. Every error body is made here.
type problem struct {
	status int
	errors []ErrorMessage
}

func (p *problem) Error() string {
	if len(p.errors) == 0 {
		return http.StatusText(p.status)
	}
	return fmt.Sprintf("%d %s %s", p.status, p.errors[0].Field, p.errors[0].Message)
}

func newProblem(status int, field, message string) *problem {
	s := int64(status)
	return &problem{status, []ErrorMessage{{Status: &s, Field: field, Message: message}}}
}

func badRequest(field, message string) *problem { return newProblem(400, field, message) }

// unauthorized is REFERENCE 2.5: {"errors":[{"status":401,"message":"Unauthorized"}]}.
func unauthorized() *problem { return newProblem(401, "", "Unauthorized") }

// Codes and texts of REFERENCE 5.
const (
	codeClosedPeriod     = "CLOSED_FISCAL_PERIOD"
	codeDueDate          = "DUE_DATE_BEFORE_BILL_DATE"
	codeBusinessID       = "ERROR_BRN_CODE"
	codeVATStatus        = "ERROR_VATSTATUS_VATPERC"
	codeAccountVAT       = "ERROR_LEDGERACCOUNT_VATPERCENTAGE_COMBINATION"
	codeDimension        = "DIMENSION_OR_DIMENSION_ITEM_IDENTIFIERS_DOES_NOT_MATCH_THOSE_STORED_IN_DATABASE"
	codeEmpty            = "MAY_NOT_BE_EMPTY"
	codeForeignAccount   = "BANK_ACCOUNT_DOES_NOT_BELONG_TO_THIS_COMPANY"
	codeOperator         = "ERROR_OPERATOR"
	textInsufficient     = "insufficient access rights"
	textNotFoundOrRights = "not found or insufficient user rights"
)

func blank(path string) string { return "Value of the '" + path + "' cannot be blank." }

func invalid(path, value string) string {
	return "Value of the '" + path + "' field is invalid: " + value
}

func sizeBetween(min, max int) string {
	return fmt.Sprintf("SIZE_MUST_BE_BETWEEN_%d_AND_%d", min, max)
}

// faults collects what is wrong with one body, so that all of it is told at once.
type faults struct {
	call *call
	list []ErrorMessage
}

// add records one fault; the assumptions are those that its wording or the rule
// itself rests on.
func (f *faults) add(field, message string, as ...assumption) {
	s := int64(http.StatusBadRequest)
	f.list = append(f.list, ErrorMessage{Status: &s, Field: field, Message: message})
	f.call.assume(as...)
}

// err returns the collected faults as a 400, or nil.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &problem{status: http.StatusBadRequest, errors: f.list}
}
