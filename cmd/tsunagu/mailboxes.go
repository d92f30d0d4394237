package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/caldav"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
	"github.com/tsunagu-crm/tsunagu/web"
)

// Mailboxes and calendars that somebody connects in the browser stand in no file. Their settings are sealed in the store,
// under mailbox/ID; what is chosen for a source, whoever brought it, under choice/ID. Both are put into the configuration
// whenever that is made (withAccounts).

const (
	mailboxPrefix = "mailbox/"
	choicePrefix  = "choice/"
)

// testLimit is how long a mailbox is tried.
const testLimit = 25 * time.Second

// keptMailbox is a connected mailbox as it is sealed.
type keptMailbox struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Owner    string    `json:"owner"`
	Server   string    `json:"server"`
	StartTLS bool      `json:"starttls,omitempty"`
	Username string    `json:"username"`
	Password string    `json:"password"`
	Since    string    `json:"since"`
	Any      bool      `json:"any,omitempty"` // the server may be this machine, and on any port: IT connected it
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// String keeps the password out of messages.
func (m keptMailbox) String() string { return m.ID }

// GoString keeps the password out of %#v.
func (m keptMailbox) GoString() string { return m.ID }

// keptChoice is what was chosen for a source, as it is sealed.
type keptChoice struct {
	Paused   time.Time `json:"paused,omitzero"`
	Read     []string  `json:"read,omitempty"`
	Leave    []string  `json:"leave,omitempty"`
	Password string    `json:"password,omitempty"` // in the place of the configuration's
	Instead  string    `json:"instead,omitempty"`  // hash of the one that it takes the place of: a new one in the file counts
	Forget   bool      `json:"forget,omitempty"`   // what it brought is going
}

// String keeps the password out of messages.
func (c keptChoice) String() string { return "choice" }

// GoString keeps the password out of %#v.
func (c keptChoice) GoString() string { return "choice" }

// webMailboxes are the mailboxes as the web app wants them.
type webMailboxes struct{ in *instance }

// mailboxID is the id of the source of a mailbox: the same one is the same source.
func mailboxID(kind, server, username string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + strings.ToLower(server) + "\x00" + strings.ToLower(username)))
	return kind + "-at-" + hex.EncodeToString(sum[:5])
}

// settings are those of the connector.
func (m *keptMailbox) settings() connectors.Settings {
	if m.Kind == web.MailboxCalDAV {
		s, _ := caldav.Kind().NewSettings().(*caldav.Settings)
		s.URL, s.Username, s.Password, s.Outside = m.Server, m.Username, m.Password, !m.Any
		if m.Since != "" && m.Since != "all" {
			s.Since = m.Since
		}
		return s
	}
	s, _ := imap.Kind().NewSettings().(*imap.Settings)
	s.Addr, s.Username, s.Password, s.Outside = m.Server, m.Username, m.Password, !m.Any
	if m.StartTLS {
		s.TLS = "starttls"
	}
	if m.Since != "" {
		s.Since = m.Since
	}
	return s
}

func (m *keptMailbox) source() config.Source {
	schedule := imap.Kind().Schedule
	if m.Kind == web.MailboxCalDAV {
		schedule = caldav.Kind().Schedule
	}
	return config.Source{ID: m.ID, Kind: m.Kind, Owner: m.Owner, Schedule: schedule, Settings: m.settings()}
}

// newMailbox checks what was entered. Somebody who does not look after all can connect usual ports of other machines only, so
// that nobody finds out with it what else answers in the network. Names are judged again by where they lead, at each dial.
func newMailbox(m web.Mailbox) (keptMailbox, error) {
	out := keptMailbox{Kind: m.Kind, Owner: strings.ToLower(m.Owner), StartTLS: m.StartTLS, Username: strings.TrimSpace(m.Username),
		Password: m.Password, Since: m.Since, Any: m.Any}
	server := strings.TrimSpace(m.Server)
	switch m.Kind {
	case web.MailboxIMAP:
		host, port, err := net.SplitHostPort(server)
		if err != nil {
			host, port = strings.Trim(server, "[]"), "993"
			if m.StartTLS {
				port = "143"
			}
		}
		if !m.Any && insideHost(host) {
			return out, &web.MailboxTrouble{Code: web.TroubleInside, Detail: server}
		}
		if !m.Any && !slices.Contains([]string{"993", "143"}, port) {
			return out, &web.MailboxTrouble{Code: web.TroublePort, Detail: server}
		}
		out.Server = net.JoinHostPort(host, port)
	case web.MailboxCalDAV:
		if !strings.Contains(server, "://") {
			server = "https://" + server
		}
		u, err := url.Parse(server)
		if err != nil || u.Host == "" {
			return out, &web.MailboxTrouble{Code: web.TroubleSettings, Detail: "the address cannot be read"}
		}
		if !m.Any && insideHost(u.Hostname()) {
			return out, &web.MailboxTrouble{Code: web.TroubleInside, Detail: u.Host}
		}
		if !m.Any && (u.Scheme != "https" || u.Port() != "" && u.Port() != "443" && u.Port() != "8443") {
			return out, &web.MailboxTrouble{Code: web.TroublePort, Detail: u.Host}
		}
		out.Server = u.String()
	default:
		return out, &web.MailboxTrouble{Code: web.TroubleSettings, Detail: "unknown kind"}
	}
	out.ID = mailboxID(out.Kind, out.Server, out.Username)
	if problems := out.settings().Check(); len(problems) > 0 {
		return out, &web.MailboxTrouble{Code: web.TroubleSettings, Detail: problems[0].Path + ": " + problems[0].What}
	}
	return out, nil
}

// insideHost says whether a name or address is this machine or of its link, as it is written.
func insideHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && safehttp.Inward(addr) != ""
}

// Test tries a mailbox.
func (w webMailboxes) Test(ctx context.Context, m web.Mailbox) (web.MailboxReport, error) {
	kept, err := newMailbox(m)
	if err != nil {
		return web.MailboxReport{}, err
	}
	return w.in.tryMailbox(ctx, kept.ID, kept.settings())
}

// forgetful are secrets of a mailbox that is only tried.
type forgetful struct{}

func (forgetful) Load(context.Context, string) ([]byte, error) { return nil, nil }
func (forgetful) Save(context.Context, string, []byte) error   { return nil }

// tryMailbox signs in without reading anything.
func (in *instance) tryMailbox(ctx context.Context, id string, settings connectors.Settings) (web.MailboxReport, error) {
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	env := in.sourceEnv(in.cfg.Load(), id)
	env.Secrets = forgetful{}
	src, err := settings.Open(ctx, env)
	if err != nil {
		return web.MailboxReport{}, troubleOf(err)
	}
	defer func() { _ = src.Close() }() // nothing was read
	prober, ok := src.(connectors.Prober)
	if !ok {
		return web.MailboxReport{Items: -1}, nil
	}
	report, err := prober.Probe(ctx)
	if err != nil {
		return web.MailboxReport{}, troubleOf(err)
	}
	return web.MailboxReport{Items: report.Items, Lines: report.Lines}, nil
}

// troubleOf puts a failure into the web app's words.
func troubleOf(err error) error {
	fault := connectors.Classify(err)
	text := oneLine(err.Error())
	t := &web.MailboxTrouble{Code: web.TroubleCode(text), Detail: text}
	switch {
	case errors.Is(err, safehttp.ErrInside):
		t.Code = web.TroubleInside
	case fault.Kind == connectors.AuthExpired:
		t.Code = web.TroubleSignIn
	case errors.Is(err, context.DeadlineExceeded):
		t.Code = web.TroubleTimeout
	case t.Code == web.TroubleOther && fault.Kind == connectors.Permanent:
		t.Code = web.TroubleSettings
	}
	return t
}

// Connect tests a mailbox, keeps it and has it read.
func (w webMailboxes) Connect(ctx context.Context, actor string, m web.Mailbox) (string, error) {
	kept, err := newMailbox(m)
	if err != nil {
		return "", err
	}
	old, err := w.in.mailbox(ctx, kept.ID)
	switch {
	case err == nil && old.Owner != kept.Owner:
		return "", crm.ErrConflict
	case err != nil && !errors.Is(err, crm.ErrNotFound):
		return "", err
	}
	if choice, err := w.in.choice(ctx, kept.ID); err != nil || choice.Forget {
		return "", errors.Join(err, crm.ErrConflict) // what it brought before is still going
	}
	if _, err := w.in.tryMailbox(ctx, kept.ID, kept.settings()); err != nil {
		return "", err
	}
	kept.By, kept.At = actor, time.Now().UTC()
	if err := w.in.putRecord(ctx, mailboxPrefix+kept.ID, kept); err != nil {
		return "", err
	}
	if err := w.in.changeChoice(ctx, kept.ID, func(c *keptChoice) { c.Password, c.Instead, c.Paused = "", "", time.Time{} }); err != nil {
		return "", err
	}
	w.in.noteAudit(ctx, actor, "connect mailbox", "source/"+kept.ID)
	return kept.ID, w.in.rejoin(ctx, kept.ID)
}

// Repair gives a source another password.
func (w webMailboxes) Repair(ctx context.Context, actor, source, password string) error {
	s := w.in.configuredSource(source)
	if s == nil || password == "" {
		return crm.ErrNotFound
	}
	was, ok := passwordOf(s.Settings)
	if !ok {
		return crm.ErrNotFound
	}
	tried := withPassword(s.Settings, password)
	if _, err := w.in.tryMailbox(ctx, source, tried); err != nil {
		return err
	}
	kept, err := w.in.mailbox(ctx, source)
	switch {
	case err == nil:
		kept.Password = password
		err = w.in.putRecord(ctx, mailboxPrefix+source, kept)
	case errors.Is(err, crm.ErrNotFound):
		file := w.in.base.Load()
		for i := range file.Sources {
			if file.Sources[i].ID == source {
				was, _ = passwordOf(file.Sources[i].Settings)
			}
		}
		err = w.in.changeChoice(ctx, source, func(c *keptChoice) { c.Password, c.Instead = password, hashOf(was) })
	}
	if err != nil {
		return err
	}
	w.in.noteAudit(ctx, actor, "sign in source", "source/"+source)
	return w.in.rejoin(ctx, source)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte("password\x00" + secret))
	return hex.EncodeToString(sum[:8])
}

// passwordOf is the password that settings sign in with; false if they do not.
func passwordOf(settings connectors.Settings) (string, bool) {
	switch s := settings.(type) {
	case *imap.Settings:
		return s.Password, s.OAuth == nil
	case *caldav.Settings:
		return s.Password, true
	}
	return "", false
}

func withPassword(settings connectors.Settings, password string) connectors.Settings {
	switch s := settings.(type) {
	case *imap.Settings:
		fresh := *s
		fresh.Password = password
		return &fresh
	case *caldav.Settings:
		fresh := *s
		fresh.Password = password
		return &fresh
	}
	return settings
}

// configuredSource is a source that is read; nil if there is none.
func (in *instance) configuredSource(id string) *config.Source {
	cfg := in.cfg.Load()
	for i := range cfg.Sources {
		if cfg.Sources[i].ID == id {
			return &cfg.Sources[i]
		}
	}
	return nil
}

// mailbox reads one that was connected; crm.ErrNotFound.
func (in *instance) mailbox(ctx context.Context, id string) (keptMailbox, error) {
	var m keptMailbox
	found, err := in.getRecord(ctx, mailboxPrefix+id, &m)
	if err == nil && !found {
		err = crm.ErrNotFound
	}
	return m, err
}

// choice reads what was chosen for a source; nothing if nothing was.
func (in *instance) choice(ctx context.Context, id string) (c keptChoice, err error) {
	_, err = in.getRecord(ctx, choicePrefix+id, &c)
	return c, err
}

func (in *instance) changeChoice(ctx context.Context, id string, change func(*keptChoice)) error {
	in.choosing.Lock()
	defer in.choosing.Unlock()
	c, err := in.choice(ctx, id)
	if err != nil {
		return err
	}
	change(&c)
	return in.putRecord(ctx, choicePrefix+id, c)
}

func (in *instance) putRecord(ctx context.Context, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return in.saveSealed(ctx, name, raw)
}

func (in *instance) getRecord(ctx context.Context, name string, v any) (bool, error) {
	raw, err := in.unsealed(ctx, name)
	if err != nil || raw == nil {
		return false, err
	}
	if json.Unmarshal(raw, v) != nil {
		return false, fmt.Errorf("read %s: it is damaged", name) // the cause could quote a password
	}
	return true, nil
}

// recordsOf are the rests of the names of sealed records with a prefix, sorted.
func (in *instance) recordsOf(ctx context.Context, prefix string) ([]string, error) {
	if in.store == nil {
		return nil, nil
	}
	in.sealing.Lock()
	names, err := in.sealed(ctx)
	in.sealing.Unlock()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out, nil
}
