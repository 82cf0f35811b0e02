// Command procountor-sandbox serves a local Procountor for tests and
// demonstrations; see procountor-sandbox -help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/vienti/vienti/procountor/procountortest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(procountortest.Command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
