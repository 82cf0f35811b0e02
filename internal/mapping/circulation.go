package mapping

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
)

// ReceiverFields are the fields of a purchase invoice by which its receiver is found.
func ReceiverFields(inv *procountor.Invoice) map[string]string {
	fields := map[string]string{
		"order_reference": inv.OrderReference, "order_number": inv.OrderNumber, "agreement_number": inv.AgreementNumber, "accounting_code": inv.AccountingCode,
		"buyer_reference": inv.BuyerReferenceIdentifier, "seller_reference": inv.SellerReferenceIdentifier, "delivery_site": inv.DeliverySite,
		"tender_reference": inv.TenderReference, "contact": inv.CounterParty.ContactPersonName, "additional_information": inv.AdditionalInformation,
		"notes": inv.Notes,
	}
	var rows []string
	for _, r := range inv.InvoiceRows {
		rows = append(rows, strings.TrimSpace(r.Product+"\n"+r.Comment))
	}
	fields["rows"] = strings.Join(rows, "\n")
	for k, v := range fields {
		if v == "" {
			delete(fields, k)
		}
	}
	return fields
}

// Costs are the entries of a ledger receipt that a split divides, and what they come to.
func Costs(receipt *procountor.LedgerReceipt) (entries []money.Amount, total money.Amount) {
	for _, t := range receipt.Transactions {
		if t.TransactionType == procountor.Entry {
			entries = append(entries, amountOf(t.AccountingValue))
		}
	}
	return entries, money.Sum(entries...)
}

// SplitReceipt puts shares of a purchase invoice on items of a dimension of its ledger
// receipt, and returns the body to send, or nil when they stand there already. Everything
// else stays as it was read: accounts, VAT and other dimensions. off says what the shares
// lack when the entries come to something else than what was split.
func SplitReceipt(read *procountor.LedgerReceipt, shares []circulation.Share, dimension register.Dimension) (body []byte, off *Off, faults []hub.Fault) {
	for _, s := range shares {
		i := slices.IndexFunc(dimension.Items, func(i register.DimensionItem) bool { return i.ID == s.Item })
		if i < 0 || !dimension.Items[i].Active {
			return nil, nil, []hub.Fault{hub.NewFault(hub.DimensionClosed, "", s.Text, "dimension", dimension.Name, "item", s.Text)}
		}
	}
	entries, total := Costs(read)
	sums, rest, why := circulation.Sums(total, shares)
	if why != "" {
		return nil, &Off{Total: total, Rest: rest}, nil
	}
	parts := circulation.Spread(entries, sums)
	r := *read
	r.Transactions, r.Attachments = slices.Clone(read.Transactions), nil
	changed, n := false, 0
	for i := range r.Transactions {
		t := &r.Transactions[i]
		if t.TransactionType != procountor.Entry {
			continue
		}
		values := slices.DeleteFunc(slices.Clone(t.DimensionItemValues), func(v procountor.DimensionItemValue) bool { return v.DimensionID == dimension.ID })
		for k, part := range parts[n] {
			if !part.IsZero() {
				values = append(values, procountor.DimensionItemValue{DimensionID: dimension.ID, ItemID: shares[k].Item, Value: mustDecimal(part.Abs())})
			}
		}
		n++
		if !sameParts(values, t.DimensionItemValues) {
			t.DimensionItemValues, changed = values, true
		}
	}
	if !changed {
		return nil, nil, nil
	}
	body, err := json.Marshal(&r)
	if err != nil {
		return nil, nil, []hub.Fault{hub.NewFault(hub.OwnFault, "", "", "reason", err.Error())}
	}
	return body, nil, nil
}

// An Off is a split that does not come to the costs.
type Off struct{ Total, Rest money.Amount }

// sameParts reports whether two lists say the same of items, in whatever order.
func sameParts(a, b []procountor.DimensionItemValue) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x procountor.DimensionItemValue) bool {
		return !slices.ContainsFunc(b, func(y procountor.DimensionItemValue) bool {
			return x.DimensionID == y.DimensionID && x.ItemID == y.ItemID && x.Value.Cmp(y.Value) == 0
		})
	})
}

// An Opinion is what one person decided about an invoice, and when.
type Opinion struct {
	Who  string
	What string // in the language of the connection
	At   time.Time
	Text string
}

// ApprovalComment names who has approved, the last ones first, as far as Procountor has room.
func ApprovalComment(list []Opinion) ([]byte, error) {
	var s hub.Standing
	for _, o := range list {
		s.Approvals = append(s.Approvals, hub.Approval{By: o.Who, At: o.At})
	}
	return json.Marshal(struct {
		Comment string `json:"comment,omitempty"`
	}{comment(s, "")})
}

// RoundNotes are the internal notes of an invoice with a line for each decision, the
// lines of ours that stand there already replaced; same reports that nothing is to be
// written.
func RoundNotes(notes string, list []Opinion) (body []byte, same bool, err error) {
	lines := strings.Split(strings.TrimRight(notes, "\n"), "\n")
	if notes == "" {
		lines = nil
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, roundSign) })
	for _, o := range list {
		l := roundSign + o.At.Format("2006-01-02 15:04") + " " + o.Who + ": " + o.What
		if o.Text != "" {
			l += ": " + o.Text
		}
		lines = append(lines, replaceForbidden(tidy(strings.ReplaceAll(l, "\n", " "))))
	}
	for len(lines) > 0 && length(strings.Join(lines, "\n")) > maxNotes {
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, roundSign) })
		if i < 0 {
			break // there was no room for anything of ours
		}
		lines = slices.Delete(lines, i, i+1) // the oldest; all of them stand here
	}
	now := strings.Join(lines, "\n")
	if now == notes {
		return nil, true, nil
	}
	body, err = json.Marshal(struct {
		Notes string `json:"notes"`
	}{now})
	return body, false, err
}

// roundSign begins our lines. It is no mark: the invoice is not ours.
const roundSign = "» "
