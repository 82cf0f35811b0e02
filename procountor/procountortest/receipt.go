package procountortest

func getReceipt(c *call) (any, error) {
	return batch(c, func(id int64) (*LedgerReceipt, error) {
		r := c.co.receipts.get(id)
		if r == nil || !c.may(rightInvoices(r.Type), false) {
			return nil, nil
		}
		return c.co.wireReceipt(r), nil
	})
}

// wireReceipt is the receipt as it is answered, with its owner's attachments.
func (co *company) wireReceipt(r *receipt) *LedgerReceipt {
	out := r.LedgerReceipt
	out.Attachments = append(co.attachmentsOf("INVOICE", r.Owner), co.attachmentsOf("LEDGERRECEIPT", r.ID)...)
	return &out
}
