package bench

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// demoTime is how long the demo takes from its start to its table.
func demoTime(ctx context.Context, o Options) ([]Figure, error) {
	if o.Program == "" {
		return nil, nil
	}
	start := time.Now()
	if out, err := exec.CommandContext(ctx, o.Program, "demo", "--exit").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %.500s", err, out)
	}
	return []Figure{{"demo_start_to_table", time.Since(start).Seconds(), "s", "<=10"}}, nil
}
