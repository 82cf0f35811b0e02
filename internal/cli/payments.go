package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) paymentsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "payments [COMPANY]",
		Short: "Money that came in with a reference and is allocated to no invoice",
		Long: `Lists the payments by reference that Procountor has allocated to nothing, the
newest first, each with the documents that it may be for. Only a person allocates
them, in Procountor; a payment goes from here when a later reading, hourly, shows it
allocated.

The company is named by its name, business id or id; with one company it may be
left out. The payments that a source has handed over are in "vienti log --payments".`,
		Example: `  vienti payments
  vienti payments "Esimerkkipaja Oy" --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.payments(cmd.Context(), strings.Join(args, ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// maxOpenPayments is how many are listed, the newest.
const maxOpenPayments = 100

// An openPayment is one of them, for programs.
type openPayment struct {
	ID         int64              `json:"id"`
	Date       string             `json:"date"`
	Amount     string             `json:"amount"`
	Currency   string             `json:"currency,omitempty"`
	Reference  string             `json:"reference,omitempty"`
	Payer      string             `json:"payer,omitempty"`
	Candidates []paymentCandidate `json:"candidates"`
}

type paymentCandidate struct {
	Transfer string `json:"transfer"`
	Number   string `json:"number"`
	Partner  string `json:"partner"`
	Open     string `json:"open,omitempty"`
	By       string `json:"by"`
}

func (a *app) payments(ctx context.Context, name string, asJSON bool) error {
	o, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	c, err := o.company(ctx, name)
	if err != nil {
		return err
	}
	var list []hub.OpenReference
	var reading store.ReferenceReading
	count := 0
	if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		if reading, err = tx.ReferenceReading(c.ID); err != nil {
			return err
		}
		if count, err = tx.CountOpenReferences(c.ID, people.Reach{}); err != nil {
			return err
		}
		list, err = tx.OpenReferences(c.ID, people.Reach{}, maxOpenPayments)
		return err
	}); err != nil {
		return err
	}
	if asJSON {
		return a.json(struct {
			Payments []openPayment `json:"payments"`
			More     int           `json:"more"`
			Readable bool          `json:"readable"`
		}{openPaymentsJSON(list), count - len(list), !reading.Barred})
	}
	if reading.Barred {
		a.printf("%s\n", a.say.T("refpay.barred", "company", c.Name))
	} else if len(list) == 0 {
		a.printf("%s\n", a.say.T("refpay.none"))
	}
	for _, p := range list {
		a.printf("%s  %s  %s  %s\n", a.say.Day(p.PaymentDate), web.StoredSum(a.say, p.Sum, p.Currency), plain(p.Reference), plain(p.Payer))
		for _, c := range p.Candidates {
			a.printf("  ? %s %s (%s)", plain(c.Number), plain(c.Partner), web.ByWord(a.say, c.By))
			if c.Open != "" {
				a.printf(", %s", a.say.T("refpay.still-open", "sum", web.StoredSum(a.say, c.Open, c.Currency)))
			}
			a.printf("\n")
		}
		do := "refpay.do"
		if len(p.Candidates) == 0 {
			do = "refpay.do-none"
		}
		a.printf("%s\n", wrap(a.say.T(do), "  → ", "    "))
	}
	if more := count - len(list); more > 0 {
		a.printf("%s\n", a.say.N("registers.more", more))
	}
	return nil
}

func openPaymentsJSON(list []hub.OpenReference) []openPayment {
	out := []openPayment{}
	for _, p := range list {
		one := openPayment{ID: p.ID, Date: p.PaymentDate, Amount: p.Sum, Currency: p.Currency, Reference: p.Reference, Payer: p.Payer, Candidates: []paymentCandidate{}}
		for _, c := range p.Candidates {
			one.Candidates = append(one.Candidates, paymentCandidate{Transfer: c.Transfer, Number: c.Number, Partner: c.Partner, Open: c.Open, By: string(c.By)})
		}
		out = append(out, one)
	}
	return out
}
