package cli

import (
	"github.com/spf13/cobra"

	"github.com/vienti/vienti/procountor/procountortest"
)

func (a *app) sandboxCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sandbox [flags]",
		Short: "Start a local Procountor for tests",
		Long: `Starts a local Procountor: the same as the program procountor-sandbox, with the
same flags; see vienti sandbox --help.`,
		Example: `  vienti sandbox
  vienti sandbox --file books.jsonl --companies fi,se
  vienti sandbox --hostile nasty --seed 42`,
		DisableFlagParsing: true,
		// It needs neither database nor configuration.
		PersistentPreRunE: func(*cobra.Command, []string) error { a.started = true; return nil },
		RunE: func(cmd *cobra.Command, args []string) error {
			if code := procountortest.Command(cmd.Context(), args, a.env.Stdout, a.env.Stderr); code != 0 {
				return &exit{code: code}
			}
			return nil
		},
	}
}
