package oauth

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// What can be wrong with a sign-in or a refresh; compare with errors.Is.
var (
	ErrDenied      = errors.New("sign-in was refused at the provider")
	ErrFlow        = errors.New("the answer belongs to no sign-in under way")
	ErrIdentity    = errors.New("the provider's statement of who signed in cannot be believed")
	ErrSignInAgain = errors.New("the provider accepts this sign-in no longer")
	ErrClock       = errors.New("the clock of this machine is wrong")
	ErrSettings    = errors.New("the provider does not accept this application")
	ErrDelegation  = errors.New("the provider does not let the service account act for this user")
	ErrUnavailable = errors.New("the provider does not answer properly")
	ErrNotStored   = errors.New("a fresh token could not be stored and is not used")
	ErrForeignHost = errors.New("tokens are not sent to this host")
)

// Error is a failure at a provider. It holds no token, code or secret.
type Error struct {
	Op          string        // verb noun: "refresh token"
	Kind        error         // one of this package's
	Code        string        // the provider's (RFC 6749 section 5.2); "" if it gave none
	Description string        // what the provider adds, with secrets taken out
	After       time.Duration // the provider asks to be left alone so long
	Skew        time.Duration // by how much our clock is ahead of the provider's, if Kind is ErrClock
	Err         error         // cause below, such as one of the network; may be nil
}

// Error is "Op: kind: what the provider said".
func (e *Error) Error() string {
	parts := []string{e.Op, e.Kind.Error()}
	if e.Skew != 0 {
		parts = append(parts, DescribeSkew(e.Skew))
	}
	if said := strings.TrimSpace(e.Code + " " + e.Description); said != "" {
		parts = append(parts, said)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// DescribeSkew says how far a clock is off: "it is 7m0s ahead of the provider's".
func DescribeSkew(d time.Duration) string {
	if d < 0 {
		return fmt.Sprintf("it is %s behind the provider's", (-d).Round(time.Second))
	}
	return fmt.Sprintf("it is %s ahead of the provider's", d.Round(time.Second))
}

// bare takes the address off an error of an HTTP client: addresses can hold what nobody should read.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// longestSaid bounds what a provider may say in an error, in bytes.
const longestSaid = 300

// tokenLike is what looks like a token: a JWT (RFC 7519), a word of the shapes in use at Google, or any long word
// without blanks. Assertions are made where we cannot see them, and a proxy may repeat what it got.
var tokenLike = regexp.MustCompile(`eyJ[\w-]{8,}(\.[\w-]*)*|ya29\.[\w.-]+|[14]//?0[\w-]{8,}|[\w~+-]{40,}`)

// redact takes secrets out of what a provider said, and shortens it to one line.
func redact(said string, secrets ...string) string {
	for _, s := range secrets {
		if len(s) >= 4 {
			said = strings.ReplaceAll(said, s, "…")
		}
	}
	said = strings.Join(strings.Fields(tokenLike.ReplaceAllString(said, "…")), " ")
	if len(said) > longestSaid {
		said = strings.ToValidUTF8(said[:longestSaid], "") + "…"
	}
	return said
}
