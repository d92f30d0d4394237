// Command tsunagu reads a company's mail and writes every exchange as an activity into a CRM store.
//
// run parses the command line and calls one of the commands, one file each. A command that needs the store
// opens it; if the daemon holds it, the command is sent to the daemon over its control socket and runs there
// (control.go), so that everything but sync works beside a running daemon. daemon.go is the daemon.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones of calendars, on machines and in containers that have none; about 450 KB
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv)
	stop()
	os.Exit(code)
}
