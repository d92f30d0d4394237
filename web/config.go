package web

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Config is what the web app needs. Store and Engine are required; everything else has a usable zero value.
type Config struct {
	Store          Store
	Engine         Engine
	Kick           func()                    // starts late matching soon; called after people, accounts and reviews changed. nil: nothing
	Organization   Organization              //
	Own            func(address string) bool // says whether an address belongs to the organisation; nil: none does
	Version        string                    // shown at the foot of every page
	Log            *slog.Logger              // nil: nothing is logged
	PublicURL      string                    // as browsers see it; "https://…" makes cookies Secure
	TrustedProxies []netip.Prefix            // peers whose X-Forwarded-For is believed; none by default
	SetupCode      string                    // asked on the first-run page, so that a stranger cannot take over; "" closes that page
}

// Organization is who runs Tsunagu.
type Organization struct {
	Name     string
	Locale   string         // "ja" or "en": the language of last resort; "" means ja
	Location *time.Location // in which all times are shown; nil means UTC
}

// Engine is what pages want of the engine.
type Engine interface {
	// Wake makes a source due now. crm.ErrNotFound if there is no such source.
	Wake(ctx context.Context, source string) error
	// Subscribe gives what happens from now on until cancel is called, which closes the channel. The
	// engine never waits for a subscriber: one that is slow misses events, and the next one says Many.
	Subscribe() (events <-chan Event, cancel func())
	// Notes gives what a person may want to know of a source since the start of the process, newest first;
	// none if there is no such source.
	Notes(source string) []Note
}

// Note is something that happened at a source: a folder was renamed, one is read anew.
type Note struct {
	At   time.Time
	Text string // one sentence, in English, which may hold names from the mailbox
}

// Event says that something was stored. It carries no content.
type Event struct {
	Source     string   // id; "" if no source is concerned
	Activities []string // ids of activities that are new or changed
	People     []string // ids of the people on them
	Accounts   []string // ids of the accounts on them
	Many       bool     // too many to name: anything may have changed
	Ledger     bool     // ledger rows, tallies or the source's state changed
	At         time.Time
}
