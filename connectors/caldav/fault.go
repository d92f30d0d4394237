package caldav

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Errors of answers; compare with errors.Is.
var (
	errTooLarge = errors.New("the answer is too large")
	errRedirect = errors.New("redirect refused")
	errToken    = errors.New("the server does not know the sync token any more")
	errXML      = errors.New("the answer cannot be read")
	errEndless  = errors.New("the server goes on with new sync tokens and tells of nothing new")
)

// statusError is an answer that is no success.
type statusError struct {
	code  int
	after time.Duration // Retry-After
	token bool          // a valid-sync-token precondition failed (RFC 6578 section 3.2)
}

func (e *statusError) Error() string {
	return fmt.Sprintf("the server answered %d %s", e.code, http.StatusText(e.code))
}

func permanent(op string, err error, hint string) *connectors.Fault {
	return &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: err, Hint: hint}
}

// classify makes a Fault of a failed exchange.
func classify(op string, err error) error {
	var fault *connectors.Fault
	if err == nil || errors.As(err, &fault) {
		return err
	}
	out := &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err}
	var status *statusError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &status):
		out.After = status.after
		switch status.code {
		case http.StatusUnauthorized:
			out.Kind, out.Hint = connectors.AuthExpired, "Check the user name and the password; some services want an app password for calendars."
		case http.StatusForbidden:
			out.Kind, out.Hint = connectors.Permanent, "The account may not read there. Check its rights on the calendar server."
		case http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed:
			out.Kind, out.Hint = connectors.Permanent, "There is no CalDAV there. Check url: it is the address of the server, a calendar home or a calendar."
		}
	case errors.Is(err, errEndless):
		out.After = endlessPause
	case errors.Is(err, errRedirect):
		out.Kind, out.Hint = connectors.Permanent, "The password is sent to the configured host only. If the other one is right, set url to it or add it to trusted_hosts."
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verify):
		out.Kind, out.Hint = connectors.Permanent, "The server's certificate cannot be trusted. Set ca_file if it is of a private authority."
	}
	return out
}

// endlessPause is how long a server that goes on without end is left alone: it is not asked again at once.
const endlessPause = 5 * time.Minute

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// retryAfter reads Retry-After (RFC 9110 section 10.2.3): seconds or a date.
func retryAfter(text string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(seconds, 86400)) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

// statusOf is the status of an answer that failed; 0 if it is another error.
func statusOf(err error) int {
	var status *statusError
	if errors.As(err, &status) {
		return status.code
	}
	return 0
}
