package config

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Config is a configuration that was checked: every path is absolute, every default filled in.
type Config struct {
	DataDir      string           `yaml:"data_dir"`     // where everything is kept
	Organization Organization     `yaml:"organization"` //
	Sources      []Source         `yaml:"sources"`      //
	Forms        []Form           `yaml:"forms"`        // what the intake of web forms asks for
	Mapping      mapping.Document `yaml:"mapping"`      // what is kept out, how people are recognised, what fields mean
	Google       *Google          `yaml:"google"`       // nil if nobody signs in with Google
	Access       Access           `yaml:"access"`       // what people see, and how they show who they are
	SignIn       SignIn           `yaml:"sign_in"`      // ways into the web app beside passwords
	HTTP         HTTP             `yaml:"http"`         //
	Store        Store            `yaml:"store"`        //
	Log          Log              `yaml:"log"`          //
	Secrets      Secrets          `yaml:"secrets"`      //
	Backup       Backup           `yaml:"backup"`       //
	Targets      []Target         `yaml:"targets"`      // always empty: this version has no kinds of target
	PlainSecrets bool             `yaml:"allow_plain_secrets"`

	Dir      string         `yaml:"-"` // folder of the file; relative paths start here
	Location *time.Location `yaml:"-"` // of Organization.Timezone
}

// Organization is who runs Tsunagu. Mail among its own addresses is internal.
type Organization struct {
	Name      string   `yaml:"name"`
	Domains   []string `yaml:"domains"`   // lower-case ASCII (IDNA); subdomains belong to them
	Addresses []string `yaml:"addresses"` // own addresses outside the domains
	Timezone  string   `yaml:"timezone"`  // IANA name; Asia/Tokyo if not given
	ZoneFiled bool     `yaml:"-"`         // the time zone stands in the file
	Locale    string   `yaml:"locale"`    // ja (default) or en
}

// Source is one mailbox, calendar or form that is read.
type Source struct {
	ID             string              `yaml:"id"`
	Kind           string              `yaml:"kind"`
	Owner          string              `yaml:"owner"`           // the rep's address, lower-case
	Schedule       string              `yaml:"schedule"`        // robfig/cron syntax; the kind's default if not given
	NewPeople      mapping.Policy      `yaml:"new_people"`      // "" for the mapping's
	ExcludeFolders []string            `yaml:"exclude_folders"` // names or patterns; what is in them is never stored
	Settings       connectors.Settings `yaml:"settings"`        // of the kind, checked; never nil
}

// HTTP is where the web app listens.
type HTTP struct {
	Listen         string    `yaml:"listen"`          // host:port; 127.0.0.1:8466 if not given
	PublicURL      string    `yaml:"public_url"`      // what people type; "" for http:// and Listen
	TrustedProxies []Network `yaml:"trusted_proxies"` // whose X-Forwarded-For is believed
}

// Store is where the data is kept.
type Store struct {
	Driver string `yaml:"driver"` // bolt
	DSN    string `yaml:"dsn"`    // of a database server
}

// Log is what is written to standard error.
type Log struct {
	Level  string `yaml:"level"`  // debug, info (default), warn or error
	Format string `yaml:"format"` // text (default) or json
}

// Secrets says where the key file is.
type Secrets struct {
	KeyFile string `yaml:"key_file"` // tsunagu.key beside the configuration file if not given
}

// Backup is where back-ups of the store are kept and when they are made.
type Backup struct {
	Dir      string `yaml:"dir"`      // backups in the data directory if not given
	Schedule string `yaml:"schedule"` // robfig/cron syntax; "" for only when somebody asks
	Keep     int    `yaml:"keep"`     // how many stay, the newest; 14 if not given
}

// Target is an outside CRM that also gets the activities.
type Target struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"kind"`
}

// DefaultListen is where the web app listens if nothing else is said.
const DefaultListen = "127.0.0.1:8466"

func defaults() Config {
	return Config{
		DataDir:      "data",
		Organization: Organization{Timezone: "Asia/Tokyo", Locale: "ja"},
		Access:       Access{Records: "all", Bodies: "all", TOTP: "optional"},
		HTTP:         HTTP{Listen: DefaultListen},
		Store:        Store{Driver: "bolt"},
		Log:          Log{Level: "info", Format: "text"},
		Secrets:      Secrets{KeyFile: "tsunagu.key"},
		Backup:       Backup{Keep: 14},
	}
}
