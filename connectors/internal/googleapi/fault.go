package googleapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// dailyPause is how long a quota for a day is left alone before it is tried again.
const dailyPause = time.Hour

// Fault classifies the failure of a call: nil stays nil, ctx's end stays what it is, a Fault is passed through, and
// everything else becomes a Fault.
func (a *Access) Fault(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
	var known *connectors.Fault
	if errors.As(err, &known) {
		return known
	}
	var token *oauth2.RetrieveError
	if errors.As(err, &token) {
		return a.tokenFault(op, token)
	}
	var refused *googleapi.Error
	if errors.As(err, &refused) {
		return a.refusalFault(op, readRefusal(refused, time.Now()))
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // its address is of no use to anybody
	}
	f := &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Err = errors.New("no answer in time")
	}
	return f
}

// tokenFault is for the error of a token endpoint, whose text may hold what was sent there.
func (a *Access) tokenFault(op string, e *oauth2.RetrieveError) *connectors.Fault {
	f := &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: errors.New("the token endpoint refuses: " + line(e.ErrorCode))}
	if e.ErrorCode == "invalid_grant" {
		f.Kind, f.Hint = connectors.AuthExpired, a.signIn()
	}
	return f
}

func (a *Access) signIn() string {
	return fmt.Sprintf("Sign %s in again with Google.", a.options.Account)
}

// refusalFault says what can be done about a refusal.
func (a *Access) refusalFault(op string, r *Refusal) *connectors.Fault {
	f := &connectors.Fault{Kind: connectors.Retryable, Op: op, After: r.After, Err: r}
	switch {
	case r.throttles():
		if r.has("dailyLimitExceeded") {
			f.After = max(f.After, dailyPause)
			f.Hint = "The Google project has used up its quota for today; ask for a higher one in the Google Cloud console."
		}
	case r.Status == http.StatusUnauthorized:
		f.Kind, f.Hint = connectors.AuthExpired, a.signIn()
	case r.Status == http.StatusForbidden, r.Status == http.StatusBadRequest:
		a.forbidden(f, r)
	case r.Status == http.StatusGone:
		f.Kind = connectors.CursorInvalid
	}
	return f
}

// forbidden explains a refusal that repeating does not help, as far as it is known to be one.
func (a *Access) forbidden(f *connectors.Fault, r *Refusal) {
	var hint string
	switch {
	case r.has("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
		hint = fmt.Sprintf("The permission %s was not given. Sign %s in again with Google and leave it ticked; for a service account add it to the domain-wide delegation.",
			strings.Join(a.options.Scopes, ", "), a.options.Account)
	case r.has("accessNotConfigured", "SERVICE_DISABLED"):
		hint = fmt.Sprintf("Enable the %s API for the Google project%s: Google Cloud console, APIs & Services, Library.", a.options.Service, space(r.console))
	case r.has("USER_PROJECT_DENIED"):
		hint = fmt.Sprintf("The account may not use the quota of the project%s: give it the role Service Usage Consumer there, or set no quota project.", space(r.console))
	case r.has("domainPolicy", "ORG_RESTRICTION_VIOLATION"):
		hint = "The Google Workspace administrator does not allow this app: trust it in the admin console, Security, API controls."
	case r.has("failedPrecondition", "FAILED_PRECONDITION"):
		hint = fmt.Sprintf("Google cannot do this for %s: is the service switched on for this user in the Google Workspace admin console?", a.options.Account)
	case r.has("forbidden", "delegationDenied", "PERMISSION_DENIED", "requiredAccessLevel", "forbiddenForNonOrganizer"):
		hint = fmt.Sprintf("%s may not read this. Ask its owner for access.", a.options.Account)
	case r.Status == http.StatusBadRequest:
		hint = "Google does not understand the request: check the source's settings."
	default:
		return // temporary unless known to be permanent
	}
	f.Kind, f.Hint = connectors.Permanent, hint
}

func space(word string) string {
	if word == "" {
		return ""
	}
	return " " + word
}

// throttles says whether a quota is used up.
func (r *Refusal) throttles() bool {
	return r.Status == http.StatusTooManyRequests ||
		r.Status == http.StatusForbidden && r.has("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED")
}

func throttles(err error) bool {
	r := refusalOf(err)
	return r != nil && r.throttles()
}
