package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tsunagu-crm/tsunagu/cmd/tsunagu/sample"
	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/all"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
	"github.com/tsunagu-crm/tsunagu/web"
)

type demoCommand struct {
	Listen string `placeholder:"ADDR" help:"Where the web app listens (default 127.0.0.1:8466, or the next free port)."`
	Data   string `placeholder:"DIR" help:"Keep the data here (default: a temporary folder that is removed at the end)."`
	Once   bool   `help:"Read everything, print the sums, and end."`
}

// demoUser signs in to the demo.
const demoUser = "demo@example.co.jp"

// newMailEvery is how often a new sample mail arrives.
const newMailEvery = 20 * time.Second

// Run fills sample mailboxes, starts a mail server with them, and runs the real thing on it.
func (c *demoCommand) Run(a *app) (err error) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		return fmt.Errorf("load time zone: %w", err)
	}
	dir, remove, err := c.dir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	starts, err := countStart(filepath.Join(dir, demoMarker))
	if err != nil {
		return err
	}
	server, err := sample.Start(time.Now(), zone, starts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	google, err := sample.StartGoogle(time.Now(), zone)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, google.Close()) }()
	listener, err := c.listen(a.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	cfg, err := a.demoConfig(dir, server.Addr, google, listener.Addr().String())
	if err != nil {
		return err
	}
	in, err := openInstance(context.WithoutCancel(a.ctx), cfg, a.logger(cfg, true))
	if errors.Is(err, crm.ErrLocked) {
		return heldByDaemon(cfg, "stop it first, or give this one another --data")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := a.demoPeople(in); err != nil {
		return err
	}
	if c.Once {
		if err := demoSignIn(a.ctx, in, google); err != nil {
			return err
		}
		return (&syncCommand{}).sync(a, in)
	}
	return a.demoServe(in, listener, server, google)
}

// listen takes the address asked for or, if none was, the first free port from the default on.
func (c *demoCommand) listen(ctx context.Context) (net.Listener, error) {
	var here net.ListenConfig
	if c.Once {
		return here.Listen(ctx, "tcp", "127.0.0.1:0") // nobody looks
	}
	address := first(c.Listen, config.DefaultListen)
	l, err := here.Listen(ctx, "tcp", address)
	for port := 8467; c.Listen == "" && errors.Is(err, syscall.EADDRINUSE) && port < 8567; port++ {
		l, err = here.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	}
	if err != nil {
		return nil, listenFailure(err, address, "--listen")
	}
	return l, nil
}

// demoConfig writes the demo's configuration, so that it can be looked at, and loads it like any other.
func (a *app) demoConfig(dir, mail string, google *sample.Google, listen string) (*config.Config, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, demoFirstLine+"\ndata_dir: data\n"+
		"organization: {name: 株式会社サンプル, domains: [example.co.jp], timezone: Asia/Tokyo, locale: ja}\n"+
		"http: {listen: %q}\nallow_plain_secrets: true # the sample mailboxes live in this process alone\nsources:\n", listen)
	for _, m := range sample.Mailboxes() {
		fmt.Fprintf(&b, "  - id: %s-mail\n    kind: imap\n    owner: %s\n    schedule: \"@every 1m\"\n    exclude_folders: [%s]\n"+
			"    settings: {addr: %q, tls: none, username: %s, password: %s, folders: [INBOX, '\\Sent', %s], since: 90d}\n",
			m.Username, m.Owner, sample.Private, mail, m.Username, sample.Password, sample.Private)
	}
	if err := demoGoogle(&b, google); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, demoConfigName)
	if err := writeAnew(path, b.Bytes()); err != nil {
		return nil, err
	}
	a.configPath = path
	cfg, problems := config.Load(path, a.env, all.Kinds())
	if problems.Fatal() {
		return nil, problems
	}
	return cfg, nil
}

// demoPeople imports the customers, the way `import people` does.
func (a *app) demoPeople(in *instance) error {
	quiet := *a
	quiet.stdout = new(bytes.Buffer)
	for _, list := range []struct {
		kind string
		data []byte
	}{{"accounts", sample.Accounts()}, {"contacts", sample.People()}} {
		s, err := readSheet(bytes.NewReader(list.data))
		if err != nil {
			return err
		}
		report, err := importPeople(&quiet, in.store, s, importing.Options{Kind: list.kind, Own: in.ownDomains(), Duplicates: importing.Create}, false)
		if err != nil {
			return err
		}
		if report.bad > 0 {
			return fmt.Errorf("import sample %s: %s", list.kind, quiet.stdout)
		}
	}
	return nil
}

// demoServe is the daemon with a first user and mail that keeps arriving.
func (a *app) demoServe(in *instance, listener net.Listener, server *sample.Server, google *sample.Google) error {
	password := newPassword()
	hash, err := web.HashPassword(password)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	user := crm.User{Email: demoUser, Name: "デモ", Role: crm.RoleIT, PasswordHash: hash, Created: time.Now().UTC()}
	if err := in.store.SaveUser(a.ctx, "demo", user); err != nil {
		return fmt.Errorf("save user: %w", err)
	}
	d, err := newDaemon(a, in, listener)
	if err != nil {
		return err
	}
	for _, m := range sample.Mailboxes() { // read now, also when the data is from an earlier start
		if err := in.engine.Wake(a.ctx, m.Username+"-mail"); err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
	}
	a.sayf("Tsunagu demo: two reps' mailboxes of the last 30 days; a new mail arrives every %d seconds.", int(newMailEvery.Seconds()))
	a.sayf("")
	a.sayf("  open      %s", d.address())
	a.sayf("  sign in   %s", demoUser)
	a.sayf("  password  %s", password)
	a.sayf("")
	a.sayf("  or \"Sign in with Google\" as %s: a third rep, whose mail, calendar and form are at a sample Google.", sample.GoogleUser)
	a.sayf("  A customer of this rep asks to move a meeting %d seconds after the calendar was read.", int(sample.FirstMove.Seconds()))
	a.sayf("")
	a.sayf("Ctrl-C ends it.")
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	go arrivals(ctx, server)
	go demoMove(ctx, in, google)
	return d.serve(ctx)
}

// arrivals delivers a sample mail now and then until ctx ends.
func arrivals(ctx context.Context, server *sample.Server) {
	tick := time.NewTicker(newMailEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if _, err := server.Arrive(ctx, now); err != nil {
				return
			}
		}
	}
}
