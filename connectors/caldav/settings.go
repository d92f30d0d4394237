package caldav

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Settings are the settings of a caldav source.
type Settings struct {
	URL      string `yaml:"url" json:"url"`           // of the server, a principal, a calendar home or one calendar; https, or http on loopback
	Domain   string `yaml:"domain" json:"domain"`     // instead of url: the server is found by DNS (RFC 6764)
	Address  string `yaml:"address" json:"address"`   // instead of domain: a mail address in it, also the user name where none is given
	Username string `yaml:"username" json:"username"` //
	Password string `yaml:"password" json:"-" secret:"true"`

	Calendars        []string `yaml:"calendars" json:"calendars"`                 // names or paths; none for all that hold events
	ExcludeCalendars []string `yaml:"exclude_calendars" json:"exclude_calendars"` // names or paths
	Since            string   `yaml:"since" json:"since"`                         // how far back: 90d
	Ahead            string   `yaml:"ahead" json:"ahead"`                         // how far ahead: 90d
	TimeZone         string   `yaml:"time_zone" json:"time_zone"`                 // of all-day events and of times without a zone, where the calendar names none

	TrustedHosts []string `yaml:"trusted_hosts" json:"trusted_hosts"` // further hosts that may see the password: "*.icloud.com"
	CAFile       string   `yaml:"ca_file" json:"ca_file"`             // PEM file with a private certificate authority
	Timeout      string   `yaml:"timeout" json:"timeout"`             // of one request with its answer
	Outside      bool     `yaml:"-" json:"outside,omitempty"`         // the server must be another machine: see safehttp.Dialer
}

// Kind describes caldav sources.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{Name: "caldav", Schedule: "@every 5m", NewSettings: func() connectors.Settings {
		return &Settings{Since: "90d", Ahead: "90d", TimeZone: "Asia/Tokyo", Timeout: "60s"}
	}}
}

// maxDays bounds since and ahead.
const maxDays = 3660

// Check finds every mistake.
func (s *Settings) Check() []connectors.Problem {
	var out []connectors.Problem
	add := func(path, what, hint string) {
		out = append(out, connectors.Problem{Path: path, What: what, Hint: hint})
	}
	places := 0
	for _, place := range []string{s.URL, s.Domain, s.Address} {
		if place != "" {
			places++
		}
	}
	if places != 1 {
		add("url", "exactly one of url, domain and address is needed", "Write url: https://cal.example.co.jp/ or domain: example.co.jp.")
	}
	if s.URL != "" {
		if err := checkURL(s.URL); err != nil {
			add("url", err.Error(), "Write https://cal.example.co.jp/.")
		}
	}
	if s.Domain != "" && !plainHost(s.Domain) {
		add("domain", "it is not the name of a domain", "Write domain: example.co.jp.")
	}
	if _, domain, ok := strings.Cut(s.Address, "@"); s.Address != "" && (!ok || !plainHost(domain)) {
		add("address", "it is not a mail address", "Write address: sato@example.co.jp.")
	}
	if s.user() == "" {
		add("username", "it is missing", "Write the name that you sign in to the calendar server with.")
	}
	if s.Password == "" {
		add("password", "it is missing", `Write password: "${SATO_CALENDAR_PASSWORD}".`)
	}
	for path, text := range map[string]string{"since": s.Since, "ahead": s.Ahead} {
		if _, err := parseDays(text); err != nil {
			add(path, err.Error(), "Write a number of days such as 90d.")
		}
	}
	if _, err := s.zone(); err != nil {
		add("time_zone", "it is not known", "Write an IANA name such as Asia/Tokyo.")
	}
	if d, err := time.ParseDuration(s.Timeout); s.Timeout != "" && (err != nil || d < time.Second || d > 10*time.Minute) {
		add("timeout", "it is not between 1s and 10m", "Write 60s.")
	}
	for i, host := range s.TrustedHosts {
		if !plainHost(strings.TrimPrefix(host, "*.")) {
			add("trusted_hosts["+strconv.Itoa(i)+"]", "it is not the name of a host", `Write "p12-caldav.icloud.com" or "*.icloud.com".`)
		}
	}
	return out
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return errors.New("it is not a URL")
	case u.User != nil:
		return errors.New("it holds a user name")
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return errors.New("it is not https")
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func plainHost(host string) bool {
	if net.ParseIP(host) != nil {
		return true
	}
	return strings.Contains(host, ".") && !strings.ContainsAny(host, " /:@*?#%\\") && len(host) <= 253
}

// parseDays reads a number of days such as "90d".
func parseDays(text string) (int, error) {
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") {
		return 0, errors.New("it is not a number of days")
	}
	if days < 0 || days > maxDays {
		return 0, fmt.Errorf("it is not between 0d and %dd", maxDays)
	}
	return days, nil
}

func (s *Settings) zone() (*time.Location, error) {
	if s.TimeZone == "" {
		return time.UTC, nil
	}
	if s.TimeZone == "Local" {
		return nil, errors.New("not an IANA name")
	}
	return time.LoadLocation(s.TimeZone)
}

func (s *Settings) user() string {
	if s.Username != "" {
		return s.Username
	}
	return s.Address
}

// Fingerprint changes when one of the settings changes. Two bytes of a hash are all that tells of the password.
func (s *Settings) Fingerprint() string {
	open, err := json.Marshal(s)
	if err != nil {
		return "" // cannot happen: the type has strings only
	}
	a, b := sha256.Sum256(open), sha256.Sum256([]byte(s.URL+s.user()+"\x00"+s.Password))
	return hex.EncodeToString(a[:8]) + hex.EncodeToString(b[:2])
}

// Open makes the source; the first Fetch connects.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	if problems := s.Check(); len(problems) > 0 {
		p := problems[0]
		return nil, permanent("open caldav source", fmt.Errorf("%s: %s", p.Path, p.What), p.Hint)
	}
	out, err := s.open(env)
	if err != nil {
		return nil, permanent("open caldav source", err, "")
	}
	return out, nil
}

func (s *Settings) open(env connectors.Env) (*source, error) {
	out := &source{cfg: *s, limits: env.Limits.OrDefault(), log: env.Log, now: time.Now, seen: make(map[string]map[string][]string), paging: make(map[string]*paging)}
	if out.log == nil {
		out.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if out.zone, err = s.zone(); err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	out.since, _ = parseDays(s.Since) // was checked
	out.ahead, _ = parseDays(s.Ahead)
	caFile := s.CAFile
	if caFile != "" && !filepath.IsAbs(caFile) {
		caFile = filepath.Join(env.BaseDir, caFile)
	}
	timeout, err := time.ParseDuration(s.Timeout)
	if err != nil {
		timeout = time.Minute
	}
	out.dav, err = newClient(caFile, timeout, s.user(), s.Password, s.TrustedHosts, s.Outside)
	return out, err
}
