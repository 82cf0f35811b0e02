package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/bench"
)

func (a *app) benchCommand() *cobra.Command {
	var asJSON bool
	o := bench.Options{}
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure the hub on this machine",
		Long: `Measures, in one run on this machine and with a local Procountor: documents a
second through the hub against a bare loop that posts the same bodies, with and
without 250 ms per answer; requests per invoice and the time from push to proof
at 20 documents a second; memory at rest. Ratios can be compared between
machines, the other figures cannot.`,
		Example: "  vienti bench\n  vienti bench --json\n  vienti bench --documents 300 --steady 5s    a quick look", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !asJSON {
				o.Progress = func(format string, args ...any) { fmt.Fprintf(a.env.Stderr, format+" …\n", args...) }
			}
			if p, err := os.Executable(); err == nil {
				o.Program = p
			}
			figures, err := bench.Run(cmd.Context(), o)
			for _, f := range figures {
				if asJSON {
					b, err := json.Marshal(f)
					if err != nil {
						return err
					}
					a.printf("%s\n", b)
					continue
				}
				a.printf("%-40s %10.3f %-12s %s\n", f.Name, f.Value, f.Unit, f.Aim)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	cmd.Flags().IntVar(&o.Documents, "documents", 3000, "documents of the throughput parts")
	cmd.Flags().DurationVar(&o.Steady, "steady", 75*time.Second, "how long 20 documents a second arrive")
	return cmd
}
