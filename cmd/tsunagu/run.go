package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type runCommand struct{}

// Run is the daemon. It returns when its context ends (SIGTERM, SIGINT) and everything is stored.
func (c *runCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	in, err := openInstance(context.WithoutCancel(a.ctx), cfg, a.logger(cfg, false))
	if errors.Is(err, crm.ErrLocked) {
		return heldByDaemon(cfg, "stop it first, or give this one another data_dir")
	}
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(a.ctx, "tcp", cfg.HTTP.Listen)
	if err != nil {
		return errors.Join(listenFailure(err, cfg.HTTP.Listen, "http.listen in "+a.configPath), in.Close())
	}
	d, err := newDaemon(a, in, listener)
	if err != nil {
		return errors.Join(err, listener.Close(), in.Close())
	}
	if d.setupCode != "" {
		a.sayf("Nobody may sign in yet. Open %s and enter the set-up code %s to make the first user.", d.address(), d.setupCode)
	}
	err = d.serve(a.ctx)
	if closing := in.Close(); err == nil && closing != nil {
		err = fmt.Errorf("close store: %w", closing)
	}
	return err
}
