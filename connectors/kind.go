package connectors

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Settings are the settings of one kind of source, decoded strictly from YAML (yaml tags). A zero value is
// decoded into, then checked, then opened.
type Settings interface {
	// Check finds every mistake at once. Paths are relative to the settings: "addr", "folders[1]".
	Check() []Problem
	// Fingerprint changes when a setting changes that a paused source was waiting for. It holds no secret.
	Fingerprint() string
	// Open makes the source. It does not connect: the first Fetch does.
	Open(ctx context.Context, env Env) (Source, error)
}

// Env is what a source gets from the daemon.
type Env struct {
	ID       string // of the source
	Limits   Limits
	Log      *slog.Logger
	BaseDir  string // relative paths in settings start here: the folder of the configuration file
	Secrets  Secrets
	Accounts Accounts // nil where nothing can be signed in
	Budgets  Budgets  // nil: the source keeps budgets of its own
}

// Secrets keeps what a source obtained and must not lose, such as a rotated refresh token. It is stored
// sealed, under the source's ID. Load gives nil without an error if nothing was saved.
type Secrets interface {
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, secret []byte) error
}

// Accounts gives access to the accounts that were signed in, or for which IT was given the right to act.
type Accounts interface {
	// Client gives a client that acts for an account (its address) at a provider ("google"), with at least the scopes
	// given. It asks nobody yet. Its requests carry a fresh token; a 401 is answered with one refresh and one repetition.
	// An account that must be signed in again fails with a Fault of Kind AuthExpired, one to which a scope was not
	// granted with a Permanent one that names it. Connections are shared, redirects are not followed to other hosts, and the token
	// is sent to the provider's own endpoints only.
	Client(provider, address string, scopes ...string) (*http.Client, error)
	// Endpoint is where a service of the provider ("gmail", "calendar", "forms", "pubsub") answers, with a slash at its
	// end; "" for the vendor's own place.
	Endpoint(provider, service string) string
}

// Budgets are the limits that sources share because a provider counts them together.
type Budgets interface {
	// Spend waits until cost units may be spent of every limit, and spends them. Those who ask for history
	// wait for all who ask for news. It fails only with ctx.
	Spend(ctx context.Context, cost int, history bool, limits ...Budget) error
	// Pause lets nobody spend of a limit for so long: the provider said that it is used up.
	Pause(limit Budget, d time.Duration)
}

// Budget is a limit: in no stretch of time of length Per more than Units. Whoever names the same limit means the
// same units.
type Budget struct {
	Name  string // "gmail/user/sato@example.co.jp"
	Units int
	Per   time.Duration
}

// Problem is one mistake in settings.
type Problem struct {
	Path string // relative to the settings; "" for the whole
	What string // one sentence: what is wrong
	Hint string // what to write instead

	Line, Column int // in the text that was read, from 1, in characters; 0 if only Path tells the place
}

// SourceKind describes a kind of source.
type SourceKind struct {
	Name        string          // as written in the configuration
	Schedule    string          // default, robfig/cron syntax
	NewSettings func() Settings // gives a pointer to a fresh value with defaults
}
