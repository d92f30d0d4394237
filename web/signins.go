package web

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// What a SignIns says of a sign-in that came to nothing. All can be wrapped. With the last two it says whose it was.
var (
	// ErrDenied says that the person, or the provider, refused.
	ErrDenied = errors.New("sign-in was refused at the provider")
	// ErrFlow says that an answer belongs to no sign-in that is under way: its state is another one, it is too
	// old, or it was used before.
	ErrFlow = errors.New("the answer belongs to no sign-in under way")
	// ErrAnother says that the address is a user's who signed in with another account of the provider before.
	ErrAnother = errors.New("the address belongs to another account than before")
	// ErrNotLasting says that the provider granted nothing that lasts, as happens to an account that it asked before.
	ErrNotLasting = errors.New("the provider granted nothing that lasts")
)

// SignIns lets people sign in with another provider, and connects the accounts from which sources read.
// It is used by many goroutines at once.
type SignIns interface {
	// Providers are those that are configured, in the order in which they are listed. It does no work that can block.
	Providers() []Provider
	// Begin starts a sign-in: redirect is the provider's address to send the browser to, flow what Finish needs of
	// this beginning. Flow is sealed: it may be given to the browser.
	Begin(ctx context.Context, req SignInRequest) (redirect string, flow []byte, err error)
	// Finish ends it with the query the browser came back with. ErrDenied if somebody refused, ErrFlow if the query
	// is not the answer to this flow. A flow can be finished once. Nothing is connected for an address that is no
	// user's, unless SignedIn.SignUp says that it may become one.
	Finish(ctx context.Context, flow []byte, query url.Values) (SignedIn, error)
	// Connections are those of an owner, ordered by provider, then account; everybody's if owner is "".
	Connections(ctx context.Context, owner string) ([]Connection, error)
	// Disconnect revokes what a provider granted for an account and ends its sources. What was logged stays.
	// crm.ErrNotFound if there is no such connection.
	Disconnect(ctx context.Context, actor, provider, account string) error
}

// Provider is somebody else with whom people sign in.
type Provider struct {
	ID, Name string   // "google", "Google"
	SignIn   bool     // may be used to enter the web app
	Services []string // that a connected account brings: "mail", "calendar", "forms"; empty if there is nothing to connect
	Sources  []string // ids of IMAP sources that sign in with it; those of a Connection need not be named
}

// SignInRequest is how a sign-in begins.
type SignInRequest struct {
	Provider string // id
	Source   string // an IMAP source to sign in; "" otherwise
	Connect  bool   // asks for the services too; false for identity only
	Hint     string // the address somebody will probably sign in with; "" if unknown
	Callback string // absolute address to which the provider sends the browser back
	Return   string // path of this site to go to afterwards
	User     string // address of who is signed in to the web app; "" for nobody
}

// SignedIn is how a sign-in ended.
type SignedIn struct {
	Provider    string   // id
	Email, Name string   // as the provider says
	Verified    bool     // the provider vouches for the address
	Connected   bool     // the services are granted and kept
	Missing     []string // services that were asked for and not granted
	Return      string   // as in the request
	SignUp      bool     // a user may be made for this address
	User        string   // as in the request
}

// Connection is an account at a provider from which sources read.
type Connection struct {
	Provider, Account string    // id of the provider, address at it
	Owner             string    // address of the user whose it is
	Services, Missing []string  // granted, and asked for but not granted
	Sources           []string  // ids
	State             string    // ConnectionOK, ConnectionExpired or ConnectionPartial
	Since             time.Time //
	Delegated         bool      // granted by the organisation's administrator: nobody signs in, nothing to disconnect
}

// The states of a connection.
const (
	ConnectionOK      = "ok"
	ConnectionExpired = "expired" // somebody must sign in again
	ConnectionPartial = "partial" // some services were not granted
)
