// Command vienti moves documents between business systems and Procountor; see
// vienti --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/vienti/vienti/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A reader that has gone (vienti demo --exit | head) must not end the process
	// before it has cleaned up.
	signal.Ignore(syscall.SIGPIPE)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System()))
}
