package hub

import (
	"slices"
	"testing"
)

func TestChangesOf(t *testing.T) {
	missing, returned := NewFault("x", "lines[0].name", ""), NewFault(SendingReturned, "", "").Warn()
	posted := ToldState{State: Working, InvoiceID: 7, InvoiceNumber: 12, Reference: "123"}
	for name, c := range map[string]struct {
		before ToldState
		t      Transfer
		want   []ChangeKind
	}{
		"new and on its way":           {ToldState{}, Transfer{State: Ready}, []ChangeKind{DocumentAccepted}},
		"new while writing is off":     {ToldState{}, Transfer{State: Noticed}, nil},
		"switched on":                  {ToldState{State: Noticed}, Transfer{State: Ready}, []ChangeKind{DocumentAccepted}},
		"new and held":                 {ToldState{}, Transfer{State: Held, Faults: []Fault{missing}}, []ChangeKind{DocumentHeld}},
		"held for something else":      {ToldState{State: Held}, Transfer{State: Held, Faults: []Fault{missing}}, []ChangeKind{DocumentHeld}},
		"held as before":               {ToldState{State: Held, Faults: []Fault{missing}}, Transfer{State: Held, Faults: []Fault{missing}}, nil},
		"held anew with other content": {ToldState{State: Held, Version: "a", Faults: []Fault{missing}}, Transfer{State: Held, Version: "b", Faults: []Fault{missing}}, []ChangeKind{DocumentHeld}},
		"mended":                       {ToldState{State: Held}, Transfer{State: Ready}, []ChangeKind{DocumentAccepted}},
		"at work":                      {ToldState{State: Ready}, Transfer{State: Working}, nil},
		"waiting with a reason":        {ToldState{State: Working}, Transfer{State: Waiting, Faults: []Fault{missing}}, nil},
		"refused":                      {ToldState{State: Working}, Transfer{State: Refused}, []ChangeKind{DocumentRefused}},
		"its number":                   {ToldState{State: Working}, Transfer{State: Working, InvoiceID: 7, InvoiceNumber: 12}, []ChangeKind{DocumentPosted}},
		"its reference later":          {ToldState{State: Working, InvoiceID: 7, InvoiceNumber: 12}, Transfer{State: Working, InvoiceID: 7, InvoiceNumber: 12, Reference: "123"}, []ChangeKind{DocumentPosted}},
		"posted and done at once":      {ToldState{State: Working}, Transfer{State: Done, InvoiceID: 7}, []ChangeKind{DocumentPosted, DocumentDone}},
		"done":                         {posted, Transfer{State: Done, InvoiceID: 7, InvoiceNumber: 12, Reference: "123"}, []ChangeKind{DocumentDone}},
		"was there before":             {ToldState{State: Ready}, Transfer{State: Linked, InvoiceID: 7}, []ChangeKind{DocumentPosted, DocumentDone}},
		"given back":                   {ToldState{State: Done}, Transfer{State: DoneWithWarning, Faults: []Fault{returned}}, []ChangeKind{DocumentReturned}},
		"given back, and more":         {ToldState{State: Done}, Transfer{State: DoneWithWarning, Faults: []Fault{missing, returned}}, []ChangeKind{DocumentReturned, DocumentWarned}},
		"seen to":                      {ToldState{State: DoneWithWarning, Faults: []Fault{returned}}, Transfer{State: DoneWithWarning}, nil},
		"changed after its end":        {ToldState{State: Done, Version: "a"}, Transfer{State: Ready, Version: "b"}, []ChangeKind{DocumentAccepted}},
		"withdrawn":                    {ToldState{State: Ready}, Transfer{State: Withdrawn}, []ChangeKind{DocumentEnded}},
		"skipped as before":            {ToldState{State: Skipped}, Transfer{State: Skipped, Version: "b"}, nil},
		"a payment marked":             {ToldState{State: Working}, Transfer{Kind: PaymentTransfer, State: Done, InvoiceID: 7}, []ChangeKind{PaymentWasDone}},
		"a payment refused":            {ToldState{State: Working}, Transfer{Kind: PaymentTransfer, State: Refused}, []ChangeKind{PaymentWasRefused}},
	} {
		if c.t.Kind == "" {
			c.t.Kind = DocumentTransfer
		}
		if got := ChangesOf(c.before, &c.t); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Every state tells of itself once, and every kind is one that receivers can know.
func TestChangeKinds(t *testing.T) {
	for _, kind := range []TransferKind{DocumentTransfer, PaymentTransfer} {
		for _, from := range append([]State{""}, States...) {
			for _, to := range States {
				for _, k := range ChangesOf(ToldState{State: from}, &Transfer{Kind: kind, State: to}) {
					if !slices.Contains(ChangeKinds, k) || k.OfPayment() != (kind == PaymentTransfer) {
						t.Errorf("%s from %q to %s tells of %q", kind, from, to, k)
					}
				}
			}
		}
	}
}
