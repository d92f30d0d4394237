package web

import (
	"context"
	"time"
)

// Mailboxes are the mailboxes and calendars that people connect in the browser, and what they choose about each of their
// sources, whoever brought it. It is used by many goroutines at once.
type Mailboxes interface {
	// Test tries to sign in and says what there is to read. It stores nothing. *MailboxTrouble says what went wrong.
	Test(ctx context.Context, m Mailbox) (MailboxReport, error)
	// Connect tests, keeps the settings sealed, and has the source read from now on. It gives its id. The same mailbox again is
	// the same source, with the new password. *MailboxTrouble, or crm.ErrConflict if it is somebody else's.
	Connect(ctx context.Context, actor string, m Mailbox) (source string, err error)
	// Repair tries a source with another password, keeps that sealed and has the source read at once. *MailboxTrouble;
	// crm.ErrNotFound for a source that takes no password.
	Repair(ctx context.Context, actor, source, password string) error
	// Choices are what was chosen for sources, by id; a source that nothing was chosen for may be missing.
	Choices(ctx context.Context) (map[string]SourceChoice, error)
	// Pause leaves a source alone until it is resumed, also through a restart. crm.ErrNotFound if no such source is read.
	Pause(ctx context.Context, actor, source string, paused bool) error
	// ChooseFolders says which folders or calendars are read, and which folders and labels are left out. None of the first
	// means what the settings say. *MailboxTrouble for what cannot be folders.
	ChooseFolders(ctx context.Context, actor, source string, read, leave []string) error
	// Disconnect ends a source that was connected in the browser and destroys its password. With forget what only it brought
	// goes too, in the background, also through a restart. crm.ErrNotFound for a source that stands in the configuration,
	// unless it is not read any more and only forgotten.
	Disconnect(ctx context.Context, actor, source string, forget bool) error
}

// The kinds of mailboxes that can be connected in the browser.
const (
	MailboxIMAP   = "imap"
	MailboxCalDAV = "caldav"
)

// Mailbox is what somebody enters to connect a mailbox or a calendar.
type Mailbox struct {
	Kind     string // MailboxIMAP or MailboxCalDAV
	Owner    string // the user's address
	Server   string // of IMAP host or host:port; of CalDAV an https address
	StartTLS bool   // of IMAP; otherwise the connection is protected from the start
	Username string
	Password string
	Since    string // how far back: "90d", "all"
	Any      bool   // also unusual ports and this machine: for those who look after all
}

// MailboxReport is what a test found.
type MailboxReport struct {
	Items int64    // to read; -1 if unknown
	Lines []string // what the connector says, in English
}

// SourceChoice is what was chosen for a source.
type SourceChoice struct {
	Paused     bool
	Since      time.Time // of the pause
	Read       []string  // folders or calendars; none: as the settings say
	Leave      []string  // folders or labels that are left out
	Own        bool      // connected in the browser
	Password   bool      // it signs in with one, which can be entered anew
	Tokens     bool      // it signs in with tokens
	Folders    bool      // Read can be chosen
	Labels     bool      // Leave can be chosen
	Username   string    // it signs in with
	Forgetting bool      // what it brought is going
}

// MailboxTrouble says why a mailbox cannot be connected: Code is the end of a sentence's key (trouble.CODE), Detail what the
// server or the connector said.
type MailboxTrouble struct{ Code, Detail string }

// Error is for the log.
func (t *MailboxTrouble) Error() string { return t.Code + ": " + t.Detail }

// The codes of MailboxTrouble.
const (
	TroubleSignIn      = "signin"      // user name or password
	TroubleUnknownHost = "host"        // there is no such server
	TroubleRefused     = "refused"     // nobody answers there
	TroubleTimeout     = "timeout"     //
	TroubleCertificate = "certificate" //
	TroubleSettings    = "settings"    // what was entered cannot be right
	TroublePort        = "port"        // a port or address that only IT may connect
	TroubleInside      = "inside"      // the name leads to this machine itself
	TroubleQuota       = "quota"       // asked too often
	TroubleDisk        = "disk"        // no room for what is read
	TroublePermission  = "permission"  //
	TroubleExpired     = "expired"     // what somebody signed in with ran out, or was revoked
	TroubleMissing     = "missing"     // the mailbox, folder, calendar or form is not there any more
	TroubleOther       = "other"       //
)
