package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// planWithFreshRegisters lets t be planned anew with the registers as they are now, when
// what Procountor refused may have been right by the copy: a period that was
// closed, an account or a dimension item that was, since it was read. Then either
// our own fault says what is wrong, in words, or the document goes. A copy that
// has just been read is not to blame.
func (r *run) planWithFreshRegisters(tx *store.Tx, t *hub.Transfer, faults []hub.Fault) (again bool, err error) {
	if r.e.o.NoUpkeep || !slices.ContainsFunc(faults, aboutRegisters) || r.now().Sub(r.registersAt) < justRead {
		return false, nil
	}
	if err := tx.ExpireRegisters(t.Company); err != nil {
		return false, err
	}
	t.Lease, t.LeaseUntil = "", time.Time{}
	if err := t.Move(hub.Ready, t.Faults...); err != nil {
		return false, err
	}
	return true, r.e.wake(tx, t.Company, r.now())
}

// registerCodes are what Procountor says of values that it has in a register
// (REFERENCE 5).
var registerCodes = []string{"CLOSED_FISCAL_PERIOD", "ERROR_VATSTATUS_VATPERC", "ERROR_LEDGERACCOUNT_VATPERCENTAGE_COMBINATION",
	"DIMENSION_OR_DIMENSION_ITEM_IDENTIFIERS_DOES_NOT_MATCH_THOSE_STORED_IN_DATABASE", "BANK_ACCOUNT_DOES_NOT_BELONG_TO_THIS_COMPANY"}

// registerFields are the fields whose values come from a register, for refusals
// without a code of their own.
var registerFields = []string{"vatPercent", "vatStatus", "account", "dimensionItemValues", "accountNumber"}

func aboutRegisters(f hub.Fault) bool {
	code, ok := strings.CutPrefix(f.Code, hub.ProcountorCode)
	if !ok {
		return false
	}
	field := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
	return slices.Contains(registerCodes, code) || slices.Contains(registerFields, field)
}
