package webform

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// maxAfter is the longest wait that a service is given.
const maxAfter = 24 * time.Hour

// statusError is a refusal of the service.
type statusError struct{ code int }

func (e *statusError) Error() string {
	return fmt.Sprintf("the service answers %d %s", e.code, http.StatusText(e.code))
}

func permanent(op string, err error, hint string) *connectors.Fault {
	return &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: err, Hint: hint}
}

func retryable(op string, err error, hint string) *connectors.Fault {
	return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err, Hint: hint}
}

// statusFault classifies an answer that is no success.
func statusFault(resp *http.Response, now time.Time) *connectors.Fault {
	f := retryable("fetch form", &statusError{resp.StatusCode}, "")
	f.After = retryAfter(resp.Header.Get("Retry-After"), now)
	code := resp.StatusCode
	switch {
	case code == http.StatusUnauthorized:
		f.Kind, f.Hint = connectors.AuthExpired, "Give the source a new token or password."
	case code == http.StatusForbidden && f.After == 0:
		f.Kind, f.Hint = connectors.Permanent, "The token or account may not read this form; give it the permission."
	case code == http.StatusForbidden, code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
	case code == http.StatusNotFound, code == http.StatusGone:
		f.Kind, f.Hint = connectors.Permanent, "There is nothing at the address; compare url with the service's documentation."
	default:
		f.Kind, f.Hint = connectors.Permanent, "The service does not take the request; compare url, query and headers with its documentation."
	}
	return f
}

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds or a date. 0 if there is none.
func retryAfter(text string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxAfter)
}

// exchangeFault classifies a failure on the way. The URL is taken off it: it may hold a secret.
func exchangeFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("fetch form: %w", ctx.Err())
	}
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, safehttp.ErrRefused):
		return permanent("fetch form", err, "If this address is meant, put it into allow, as host:port or as a block such as 10.1.0.0/16.")
	case errors.Is(err, safehttp.ErrRedirect):
		return permanent("fetch form", err, "Set url to where the service really is.")
	case errors.Is(err, safehttp.ErrTooLarge):
		return permanent("fetch form", err, "Ask for smaller pages with paging, or raise max_bytes.")
	case errors.Is(err, safehttp.ErrEncoding):
		return permanent("fetch form", err, "The service compresses in a way that it was not asked for.")
	case errors.As(err, &untrusted):
		return retryable("fetch form", err, "If the certificate is of your own authority, name its file in ca_file.")
	}
	return retryable("fetch form", err, "")
}

// hold remembers that the service wants to be left alone, so that no call goes out before.
func (s *source) hold(f *connectors.Fault) *connectors.Fault {
	if f.Kind == connectors.Retryable && f.After > 0 {
		s.heldFault, s.heldUntil = f, s.now().Add(f.After)
	}
	return f
}

// held gives the fault of an earlier call while its wait lasts; an untyped nil otherwise.
func (s *source) held() error {
	left := s.heldUntil.Sub(s.now())
	if s.heldFault == nil || left <= 0 {
		return nil
	}
	f := *s.heldFault
	f.After = left
	return &f
}

// refusal is the status that the service refused with; 0 if it did not.
func refusal(err error) int {
	var status *statusError
	if errors.As(err, &status) {
		return status.code
	}
	return 0
}
