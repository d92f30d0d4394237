package web

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Config is what the web app needs. Store and Engine are required; everything else has a usable zero value.
type Config struct {
	Store          Store
	Engine         Engine
	Kick           func()                          // starts late matching soon; called after people, accounts and reviews changed. nil: nothing
	Organization   Organization                    //
	Own            func(address string) bool       // says whether an address belongs to the organisation; nil: none does
	CompanyDomain  func(addresses []string) string // the domain that tells a company, "" if none of them does; nil: none ever does
	Version        string                          // shown at the foot of every page
	Log            *slog.Logger                    // nil: nothing is logged
	PublicURL      string                          // as browsers see it; "https://…" makes cookies Secure
	TrustedProxies []netip.Prefix                  // peers whose X-Forwarded-For is believed; none by default
	SetupCode      string                          // asked on the first-run page, so that a stranger cannot take over; "" closes that page

	Mapping Mappings                                // its versions, and trying a change; nil: admins have no operations for it
	Forms   Forms                                   // that may be posted to; nil for none
	Intake  Intake                                  // takes what was posted; nil closes every form
	Screen  func(crm.Submission) (crm.Reason, bool) // says whether a rule keeps a submission out, and which; nil: none does
	SignIns SignIns                                 // with other providers; nil: only passwords
	Imports string                                  // folder for files that are being imported; "" for one of its own that goes with the server
	Sealer  Sealer                                  // seals second factors; nil: nobody can have one
	FormKey []byte                                  // signs the times in our forms, 32 bytes that outlive a restart; nil: forms bear no time

	// Mailboxes are connected in the browser, and keep what is chosen for sources. nil: neither can be done.
	Mailboxes Mailboxes

	IT IT // what those who run the machine see and do

	// Custom gives the declared fields by kind of record; what it gives is only read. It is asked for every
	// request, so that it follows a new mapping. nil: none are declared.
	Custom func() map[crm.FieldTarget][]crm.FieldDef

	// Life gives the lifecycle rules in force: statuses, call results, segments and their words. It is asked for every
	// request, like Custom. nil: those out of the box.
	Life func() *life.Rules

	// Access gives what the organisation lets its people see. It is asked for every request, so that it follows a
	// reload. nil: everybody sees everything.
	Access func() crm.AccessPolicy
}

// Sealer makes what must not be readable in a copy of the store unreadable. A record that was sealed under one name does not
// open under another.
type Sealer interface {
	Seal(name string, plain []byte) ([]byte, error)
	Unseal(name string, sealed []byte) ([]byte, error)
}

// Forms knows the forms that may be posted to. It is asked for every request, so that it follows a reload of
// the configuration and a new mapping.
type Forms interface {
	// Form is the form of an id; false if there is none.
	Form(id string) (Form, bool)
	// Forms are all of them, in the order in which they are listed.
	Forms() []Form
}

// Form is how the submissions of one form are taken. Of its zero value only the ID is missing.
type Form struct {
	ID         string        // as in the address, /forms/ID
	Name       string        // as people call it; "" for the ID
	Inputs     []FormInput   // of the HTML form that can be copied; empty for the usual ones
	ReturnURLs []string      // where a browser may be led afterwards: origin and start of the path; empty: our thank-you page
	Origins    []string      // sites whose scripts may post and read the answer (CORS): "https://www.example.co.jp"
	MinFill    time.Duration // a form of ours that comes back sooner is quarantined; 0 switches it off
	PerMinute  int           // submissions of the whole form; 0 means 600
	PerAddress int           // of them from one address; 0 means a fifth of PerMinute, and all of it if submissions are signed
	HMACSecret string        // every submission must be signed with it; "" for unsigned ones
	Captcha    Captcha       // zero for none
}

// FormInput is a field of the HTML form that can be copied.
type FormInput struct {
	Name     string    // of the submission's field
	Label    crm.Label // beside it
	Type     string    // "text", "email", "tel", "url", "date", "textarea", "select" or "checkbox"; "" means text
	Required bool
	Options  []string // of select and checkbox
}

// Captcha is a service that tells people from programs.
type Captcha struct {
	Provider  string // "turnstile", "recaptcha" or "hcaptcha"; "" for none
	Secret    string
	VerifyURL string // "" for the provider's own
}

// Intake is what forms ask of a store: the queue that the intake source reads, and its quarantine.
// store/storetest says all that each method must do.
type Intake interface {
	// AddSubmission returns when a submission is durable. One that says what is stored under its id already is not
	// stored again: stored is the earlier one then, and fresh is false. crm.ErrTooBig if it is too big to store.
	AddSubmission(ctx context.Context, s crm.Submission) (stored crm.Submission, fresh bool, err error)
	// GetSubmission gives the newest version, also one in quarantine; crm.ErrNotFound if there is none.
	GetSubmission(ctx context.Context, id string) (crm.Submission, error)
	// ListQuarantine gives a page of the submissions in a state, newest first, and the place of the next one: "" at the
	// end. after is such a place, or "" for the first page.
	ListQuarantine(ctx context.Context, state crm.SubmissionState, after string, limit int) ([]crm.Submission, string, error)
	// DecideSubmission lets a submission out of quarantine into the queue, or rejects it; crm.ErrNotFound if there
	// is none, crm.ErrConflict if there is nothing to decide any more.
	DecideSubmission(ctx context.Context, actor, id string, release bool, now time.Time) (crm.Submission, error)
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
