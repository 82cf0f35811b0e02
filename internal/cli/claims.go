package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

// claimsAtMost is how many claims are listed.
const claimsAtMost = 2000

func (a *app) claimsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "claims [COMPANY]",
		Short: "What employees have paid with own money and is to be paid in Procountor",
		Long: `Lists the travel invoices of own money that Procountor does not show as paid, by
person, with what is to be done there. Vienti pays nothing. What a card of the company
has paid is not among them.

The company is named by its name, business id or id; with one company it may be left out.`,
		Example: `  vienti claims
  vienti claims "Esimerkkipaja Oy" --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.claims(cmd.Context(), strings.Join(args, ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// A claimJSON is one of them, for programs.
type claimJSON struct {
	Transfer      string `json:"transfer"`
	Person        string `json:"person"`
	Number        string `json:"number"`
	InvoiceNumber int64  `json:"invoice_number"`
	Date          string `json:"date"`
	Open          string `json:"open"`
	Currency      string `json:"currency"`
	Status        string `json:"status,omitempty"`
}

func (a *app) claims(ctx context.Context, name string, asJSON bool) error {
	o, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	c, err := o.company(ctx, name)
	if err != nil {
		return err
	}
	var list []store.ClaimToPay
	count, f := 0, store.ClaimFilter{Company: c.ID}
	if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		if count, err = tx.CountClaimsToPay(f); err != nil {
			return err
		}
		list, err = tx.ClaimsToPay(f, claimsAtMost)
		return err
	}); err != nil {
		return err
	}
	if asJSON {
		out := struct {
			Claims []claimJSON `json:"claims"`
			More   int         `json:"more"`
		}{[]claimJSON{}, count - len(list)}
		for _, x := range list {
			t := x.Transfer
			out.Claims = append(out.Claims, claimJSON{Transfer: t.ID, Person: t.PartnerName, Number: t.Number, InvoiceNumber: t.InvoiceNumber, Date: t.Date,
				Open: x.Open, Currency: x.Currency, Status: x.Status})
		}
		return a.json(out)
	}
	if len(list) == 0 {
		a.printf("%s\n", a.say.T("claims.none"))
	}
	t := table{right: []int{2}}
	for _, x := range list {
		t.add(x.Transfer.PartnerName, x.Transfer.Number, web.StoredSum(a.say, x.Open, x.Currency), a.say.Day(x.Transfer.Date),
			a.say.T("claims.in-procountor", "number", x.Transfer.InvoiceNumber), web.ClaimWord(a.say, x))
	}
	a.printf("%s", t.String())
	if more := count - len(list); more > 0 {
		a.printf("%s\n", a.say.N("registers.more", more))
	}
	return nil
}
