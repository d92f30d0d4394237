package connectors

import (
	"context"
	"log/slog"
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
	ID      string // of the source
	Limits  Limits
	Log     *slog.Logger
	BaseDir string // relative paths in settings start here: the folder of the configuration file
	Secrets Secrets
}

// Secrets keeps what a source obtained and must not lose, such as a rotated refresh token. It is stored
// sealed, under the source's ID. Load gives nil without an error if nothing was saved.
type Secrets interface {
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, secret []byte) error
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
