package crm

import "time"

// UserRole is what a user may do.
type UserRole string

// The roles of users and of API tokens, each may do what the ones before it may.
const (
	RoleRep     UserRole = "rep"
	RoleManager UserRole = "manager" // of a team: sees its records and numbers
	RoleAdmin   UserRole = "admin"
	RoleIT      UserRole = "it"
)

// User may sign in to the web app.
type User struct {
	Email        string    `json:"email"` // lower-case; the identifier
	Name         string    `json:"name,omitempty"`
	Role         UserRole  `json:"role"`
	Locale       string    `json:"locale,omitempty"` // ja or en; "" for the browser's
	PasswordHash string    `json:"-"`                // argon2id in PHC form; "" for none
	Disabled     bool      `json:"disabled,omitempty"`
	Team         string    `json:"team,omitempty"`     // whose records and mails may be shared by policy; "" for none
	TOTP         []byte    `json:"-"`                  // sealed second factor (RFC 6238) and recovery codes; nil for none
	SignedIn     time.Time `json:"signed_in,omitzero"` // when they last signed in to the web app
	Created      time.Time `json:"created"`
}

// Token lets a program use the API.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    UserRole  `json:"role"`
	User    string    `json:"user,omitempty"` // address of the user whose records it sees; "" for nobody's
	Hash    []byte    `json:"-"`              // SHA-256 of the secret
	Created time.Time `json:"created"`
	Revoked time.Time `json:"revoked,omitzero"`
}

// AuditRecord says who changed what.
type AuditRecord struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`            // a user's address, "token:<id>", "cli" or "tsunagu"
	Action string    `json:"action"`           // verb noun: "create person", "accept review"
	Object string    `json:"object"`           // "person/<id>"
	Before string    `json:"before,omitempty"` // JSON
	After  string    `json:"after,omitempty"`  // JSON
}

// AuditFilter chooses audit records. Zero fields do not restrict.
type AuditFilter struct {
	Actor  string    // as in AuditRecord, whole
	Action string    // its beginning: "change", "create person"
	Object string    // its beginning: "person/", "person/<id>"
	Query  string    // folded words, all must be found in actor, action, object, before or after
	Since  time.Time //
	Until  time.Time // exclusive
	After  string    // cursor
	Limit  int       // 0 means 50
}

// StoredSession is somebody's being signed in to the web app, as a store keeps it.
type StoredSession struct {
	Key    string    // by which it can be ended; it lets nobody in
	Data   []byte    // of the web app
	Expiry time.Time //
}

// FromConfiguration is the comment of versions of the mapping that came from the configuration file.
const FromConfiguration = "from the configuration file"

// MappingVersion is one state of the admin's mapping.
type MappingVersion struct {
	Number   int       `json:"number"` // from 1
	At       time.Time `json:"at"`
	Author   string    `json:"author"`
	Comment  string    `json:"comment,omitempty"`
	Document string    `json:"document"` // YAML
	Hash     string    `json:"hash"`     // SHA-256 of Document, hexadecimal
	Applied  bool      `json:"applied"`  // history has been brought in line with its exclusions
}

// OutboxRow is a change of an activity that the targets have not been told yet.
type OutboxRow struct {
	Seq      uint64    `json:"seq"` // ascending
	Activity string    `json:"activity"`
	Op       string    `json:"op"` // "put" or "delete"
	At       time.Time `json:"at"`
}

// Rollup counts activities for one day, owner, kind and direction.
type Rollup struct {
	Day       string       `json:"day"` // 2026-11-21, in the organisation's time zone
	Owner     string       `json:"owner"`
	Kind      ActivityKind `json:"kind"`
	Direction Direction    `json:"direction"`
	Count     int64        `json:"count"`
}
