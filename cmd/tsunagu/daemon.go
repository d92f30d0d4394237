package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

// daemon is an instance at work: the engine reads, upkeep tidies, the web app and the control socket answer.
type daemon struct {
	*instance
	app       *app
	web       *web.Server
	http      *http.Server
	listener  net.Listener
	control   net.Listener
	setupCode string // "" once there is a user
	notify    notifier
	started   time.Time
	backups   *backupKeeper
}

// The time limits of the web server. Answers may be streams, so writing has none.
const (
	headerLimit = 10 * time.Second
	bodyLimit   = time.Minute
	idleLimit   = 2 * time.Minute
	drainLimit  = 2 * time.Second // for answers under way when the daemon stops
)

func newDaemon(a *app, in *instance, listener net.Listener) (*daemon, error) {
	d := &daemon{instance: in, app: a, listener: listener, notify: newNotifier(a.env, in.log)}
	if err := in.recordMapping(a.ctx); err != nil {
		return nil, err
	}
	users, err := in.store.ListUsers(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	if len(users) == 0 {
		d.setupCode = strings.ToLower(rand.Text()[:10])
	}
	d.started = time.Now()
	if d.backups, err = in.newBackupKeeper(in.cfg.Load()); err != nil {
		return nil, err
	}
	if err := d.makeWeb(); err != nil {
		return nil, err
	}
	dir := in.cfg.Load().DataDir
	if d.control, err = listenControl(dir); err != nil {
		d.web.Close()
		return nil, err
	}
	pid := strconv.Itoa(os.Getpid()) + "\n"
	if err := os.WriteFile(filepath.Join(dir, pidName), []byte(pid), 0o600); err != nil {
		d.web.Close()
		return nil, errors.Join(fmt.Errorf("write pid file: %w", err), d.control.Close())
	}
	return d, nil
}

func (d *daemon) makeWeb() (err error) {
	cfg := d.cfg.Load()
	proxies := make([]netip.Prefix, len(cfg.HTTP.TrustedProxies))
	for i, p := range cfg.HTTP.TrustedProxies {
		proxies[i] = p.Prefix
	}
	formKey, err := d.box.Load().Derive("form times")
	if err != nil {
		return err
	}
	d.web, err = web.New(web.Config{
		Store: d.store, Engine: webEngine{d.engine}, Kick: d.kickAll, Life: d.rules, Version: versionText(), Log: d.log,
		Organization: web.Organization{Name: cfg.Organization.Name, Locale: cfg.Organization.Locale, Location: cfg.Location},
		PublicURL:    cfg.HTTP.PublicURL, TrustedProxies: proxies, SetupCode: d.setupCode,
		Mapping: webMapping{d.instance}, Forms: liveForms{d.instance}, Intake: d.store, Imports: filepath.Join(cfg.DataDir, "imports"), Screen: d.screens, FormKey: formKey,
		SignIns: webSignIns{d.instance}, Sealer: webSealer{d.instance}, Mailboxes: webMailboxes{d.instance},
		IT: web.IT{Proofs: d.upkeep, Backups: d.backups, Machine: d.machine, SetUp: webSetUp{d.instance}},
		// What follows asks anew each time, so that it follows a reload and a saved mapping.
		Custom: func() map[crm.FieldTarget][]crm.FieldDef { return d.force.Load().document.Custom },
		Own:    func(address string) bool { return d.mapper().IsOwn(address) },
		Access: func() crm.AccessPolicy { return d.cfg.Load().Access.Policy() },

		CompanyDomain: func(addresses []string) string { return d.mapper().CompanyDomain(addresses) },
	})
	if err != nil {
		return fmt.Errorf("make web app: %w", err)
	}
	d.http = &http.Server{
		Handler: d.web.Handler(), ReadHeaderTimeout: headerLimit, ReadTimeout: bodyLimit, IdleTimeout: idleLimit,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	return nil
}

// address is where people reach the web app.
func (d *daemon) address() string {
	if url := d.cfg.Load().HTTP.PublicURL; url != "" {
		return url + "/"
	}
	return "http://" + d.listener.Addr().String() + "/"
}

// serve works until ctx ends or a part of it fails. Then it stops in the reverse order: no new requests, no
// new passes, what is being stored is finished.
func (d *daemon) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	part := func(name string, work func() error) {
		group.Go(func() {
			if err := work(); err != nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	part("web app", func() error {
		if err := d.http.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	part("control socket", func() error { d.instance.control(ctx, d.control); return nil })
	part("engine", func() error { return d.engine.Run(ctx) })
	part("upkeep", func() error { return d.upkeep.Run(ctx) })
	part("following", func() error { return d.follower.Run(ctx) })
	part("back-ups", func() error { d.backups.run(ctx); return nil })
	part("sizes", func() error { d.watchSize(ctx); return nil })
	part("forgetting", func() error { d.forgetSources(ctx); return nil })
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	part("reload", func() error { d.reloadOn(ctx, reload); return nil })
	part("directory group", func() error { d.followGroup(ctx); return nil })
	part("watchdog", func() error { d.notify.watch(ctx); return nil })

	d.log.Info("started", "version", versionText(), "address", d.address(), "sources", len(d.cfg.Load().Sources), "pid", os.Getpid())
	d.notify.ready(fmt.Sprintf("reading %s, web app on %s", counted(len(d.cfg.Load().Sources), "source", "sources"), d.address()))
	<-ctx.Done()
	d.notify.stopping()
	d.log.Info("stopping")
	err := errors.Join(d.stop(), context.Cause(ctx))
	group.Wait()
	d.log.Info("stopped")
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// stop ends what answers requests. The engine and upkeep end by themselves with the context.
func (d *daemon) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	d.web.Close()
	if err := d.http.Shutdown(ctx); err != nil {
		_ = d.http.Close()
	}
	dir := d.cfg.Load().DataDir
	_ = d.control.Close()
	return errors.Join(removeIfThere(filepath.Join(dir, socketName)), removeIfThere(filepath.Join(dir, pidName)))
}
