package imap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// The ways to protect a connection and to sign in, as they are written in the settings.
const (
	tlsImplicit = "implicit"
	tlsStart    = "starttls"
	tlsNone     = "none"

	authAuto        = "auto"
	authLogin       = "login"
	authPlain       = "plain"
	authXOAuth2     = "xoauth2"
	authOAuthBearer = "oauthbearer"
)

// Settings are the settings of an IMAP source.
type Settings struct {
	Addr           string   `yaml:"addr" json:"addr"`               // host:port
	TLS            string   `yaml:"tls" json:"tls"`                 // implicit, starttls or none; none only for a loopback host
	CAFile         string   `yaml:"ca_file" json:"ca_file"`         // PEM file with a private CA, added to the system's
	ServerName     string   `yaml:"server_name" json:"server_name"` // name in the server's certificate; "" for the host of Addr
	Username       string   `yaml:"username" json:"username"`
	Password       string   `yaml:"password" json:"-"`
	Auth           string   `yaml:"auth" json:"auth"` // auto, login, plain, xoauth2 or oauthbearer
	OAuth          *OAuth   `yaml:"oauth" json:"oauth"`
	Folders        []string `yaml:"folders" json:"folders"`                 // names, or special uses such as \Sent (RFC 6154)
	ExcludeFolders []string `yaml:"exclude_folders" json:"exclude_folders"` // like Folders; taken off them
	Since          string   `yaml:"since" json:"since"`                     // 90d, 2026-01-31 or all
	Idle           bool     `yaml:"idle" json:"idle"`                       // wait for news with IDLE (RFC 2177)
	Outside        bool     `yaml:"-" json:"outside,omitempty"`             // the server must be another machine: see safehttp.Dialer
}

// OAuth is how access tokens are obtained for xoauth2 and oauthbearer.
type OAuth struct {
	Provider     string   `yaml:"provider" json:"provider"`     // google or microsoft, whose endpoints and scopes are known; "" for others
	Tenant       string   `yaml:"tenant" json:"tenant"`         // of Microsoft; "" for organizations
	TokenURL     string   `yaml:"token_url" json:"token_url"`   // "" for the provider's, like the next two
	AuthURL      string   `yaml:"auth_url" json:"auth_url"`     // to sign in in a browser
	DeviceURL    string   `yaml:"device_url" json:"device_url"` // to sign in on another device (RFC 8628)
	ClientID     string   `yaml:"client_id" json:"client_id"`
	ClientSecret string   `yaml:"client_secret" json:"-"`
	RefreshToken string   `yaml:"refresh_token" json:"-"` // may be empty once a sign-in has stored one
	Scopes       []string `yaml:"scopes" json:"scopes"`   // nil for the provider's usual ones
}

// Fingerprint changes with every setting. Of the secrets it holds sixteen bits of a hash: enough that a new
// password is noticed, too little to find it out.
func (s *Settings) Fingerprint() string {
	open, err := json.Marshal(s)
	if err != nil {
		return "" // cannot happen: the type has strings only
	}
	hidden := fmt.Sprintf("%q %q", s.Addr+s.Username, s.Password)
	if s.OAuth != nil {
		hidden += fmt.Sprintf(" %q %q", s.OAuth.ClientSecret, s.OAuth.RefreshToken)
	}
	a, b := sha256.Sum256(open), sha256.Sum256([]byte(hidden))
	return hex.EncodeToString(a[:8]) + hex.EncodeToString(b[:2])
}

// Open makes the source; the first Fetch connects.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	if problems := s.Check(); len(problems) > 0 {
		p := problems[0]
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: "open imap source", Hint: p.Hint,
			Err: fmt.Errorf("%s: %s", p.Path, p.What)}
	}
	settings := *s
	if settings.CAFile != "" && !filepath.IsAbs(settings.CAFile) {
		settings.CAFile = filepath.Join(env.BaseDir, settings.CAFile)
	}
	env.Limits = env.Limits.OrDefault()
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	return &source{settings: settings, env: env, now: time.Now, dial: settings.dial,
		seen: make(map[string]snapshot), history: make(map[string]listing), noted: make(map[string]bool)}, nil
}
