package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/audit"
)

func (a *app) verifyCommand() *cobra.Command {
	var asJSON bool
	var hash string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that nobody has altered the log of acts",
		Long: `Reads the whole log of acts, in which each act carries the hash of the one before,
and prints its end. Keep the end elsewhere: whoever rewrites all of the log is
found by comparing with it only.`,
		Example: `  vienti verify
  vienti verify --hash 4f0c…                  and the log still ends, or goes on, from here`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			end, err := o.store.VerifyActs(cmd.Context())
			broken, is := errors.AsType[*audit.BrokenError](err)
			if err != nil && !is {
				return err
			}
			if is {
				return &exit{codePerson, broken}
			}
			if hash != "" {
				found := false
				if err := o.eachAct(cmd.Context(), func(c audit.Act) bool { found = c.Hash == hash; return !found }); err != nil {
					return err
				}
				if !found {
					return &exit{codePerson, errors.New(a.t("verify.gone", "hash", hash))}
				}
			}
			if asJSON {
				return a.json(struct {
					Acts int64  `json:"acts"`
					Hash string `json:"hash"`
				}{end.Seq, end.Hash})
			}
			a.printf("%s\n", a.n("verify.good", int(end.Seq), "hash", end.Hash))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&hash, "hash", "", "the end that an earlier verify printed; it must still be part of the log")
	return cmd
}
