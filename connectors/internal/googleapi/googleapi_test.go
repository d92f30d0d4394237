package googleapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/gmail/v1"
	lib "google.golang.org/api/googleapi"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// accounts gives a plain client for a server of the test.
type accounts struct {
	client   *http.Client
	endpoint string
}

func (a accounts) Client(string, string, ...string) (*http.Client, error) { return a.client, nil }

func (a accounts) Endpoint(string, string) string { return a.endpoint }

func open(t *testing.T, a accounts, o googleapi.Options) *googleapi.Access {
	t.Helper()
	o.Account, o.Service, o.Scopes = "sato@example.co.jp", "gmail", []string{gmail.GmailReadonlyScope}
	access, err := googleapi.Open(connectors.Env{Accounts: a}, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return access
}

func refusal(status int, reason, message string) *lib.Error {
	return &lib.Error{Code: status, Message: message, Errors: []lib.ErrorItem{{Reason: reason, Message: message}}, Header: http.Header{}}
}

func info(status int, reason string, meta map[string]any) *lib.Error {
	return &lib.Error{Code: status, Message: "no", Header: http.Header{},
		Details: []any{map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": meta}}}
}

func after(e *lib.Error, value string) *lib.Error {
	e.Header.Set("Retry-After", value)
	return e
}

func TestFault(t *testing.T) {
	disabled := "Gmail API has not been used in project 1234567 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project=1234567 then retry."
	tests := []struct {
		name  string
		err   error
		kind  connectors.Kind
		after time.Duration
		hint  string // part of it
	}{
		{"401", refusal(401, "authError", "Invalid Credentials"), connectors.AuthExpired, 0, "Sign sato@example.co.jp in again"},
		{"403 rate", refusal(403, "rateLimitExceeded", "Rate Limit Exceeded"), connectors.Retryable, 0, ""},
		{"403 user rate", after(refusal(403, "userRateLimitExceeded", "x"), "7"), connectors.Retryable, 7 * time.Second, ""},
		{"403 quota of calendars", refusal(403, "quotaExceeded", "Calendar usage limits exceeded."), connectors.Retryable, 0, ""},
		{"403 for today", refusal(403, "dailyLimitExceeded", "x"), connectors.Retryable, time.Hour, "quota for today"},
		{"403 new form", info(403, "RATE_LIMIT_EXCEEDED", nil), connectors.Retryable, 0, ""},
		{"429", after(refusal(429, "rateLimitExceeded", "x"), "120"), connectors.Retryable, 2 * time.Minute, ""},
		{"429 much too long", after(refusal(429, "rateLimitExceeded", "x"), "99999999"), connectors.Retryable, 24 * time.Hour, ""},
		{"scope, old form", refusal(403, "insufficientPermissions", "Insufficient Permission"), connectors.Permanent, 0, gmail.GmailReadonlyScope},
		{"scope, new form", info(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", nil), connectors.Permanent, 0, gmail.GmailReadonlyScope},
		{"disabled, old form", refusal(403, "accessNotConfigured", disabled), connectors.Permanent, 0, "project 1234567"},
		{"disabled, new form", info(403, "SERVICE_DISABLED", map[string]any{"consumer": "projects/77889"}), connectors.Permanent, 0, "project 77889"},
		{"quota project", info(403, "USER_PROJECT_DENIED", map[string]any{"consumer": "projects/5555"}), connectors.Permanent, 0, "project 5555"},
		{"no mailbox", refusal(400, "failedPrecondition", "Mail service not enabled"), connectors.Permanent, 0, "switched on"},
		{"policy", refusal(403, "domainPolicy", "x"), connectors.Permanent, 0, "admin console"},
		{"forbidden", refusal(403, "forbidden", "x"), connectors.Permanent, 0, "Ask its owner"},
		{"403 of no known kind", refusal(403, "somethingNew", "x"), connectors.Retryable, 0, ""},
		{"400", refusal(400, "invalidArgument", "x"), connectors.Permanent, 0, "settings"},
		{"404", refusal(404, "notFound", "x"), connectors.Retryable, 0, ""},
		{"410", refusal(410, "fullSyncRequired", "x"), connectors.CursorInvalid, 0, ""},
		{"500", refusal(500, "backendError", "x"), connectors.Retryable, 0, ""},
		{"503", after(refusal(503, "backendError", "x"), "9"), connectors.Retryable, 9 * time.Second, ""},
		{"grant is gone", &oauth2.RetrieveError{ErrorCode: "invalid_grant", Body: []byte("secret-token")}, connectors.AuthExpired, 0, "Sign"},
		{"token endpoint is down", &oauth2.RetrieveError{Body: []byte("secret-token")}, connectors.Retryable, 0, ""},
		{"fault of the client", fmt.Errorf("get: %w", &connectors.Fault{Kind: connectors.AuthExpired, Hint: "own words"}), connectors.AuthExpired, 0, "own words"},
		{"anything else", errors.New("connection reset"), connectors.Retryable, 0, ""},
	}
	access := open(t, accounts{client: http.DefaultClient}, googleapi.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := connectors.Classify(access.Fault(t.Context(), "list mail", tt.err))
			if f.Kind != tt.kind || f.After != tt.after || !strings.Contains(f.Hint, tt.hint) || tt.hint == "" && f.Hint != "" {
				t.Errorf("got kind %v, after %v, hint %q", f.Kind, f.After, f.Hint)
			}
			if strings.Contains(f.Hint+fmt.Sprint(f.Err), "secret-token") || strings.Contains(fmt.Sprint(f.Err), "?project=") {
				t.Errorf("the fault says too much: %v", f.Err)
			}
		})
	}
}

func TestRetryAfterIsTheLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		access := open(t, accounts{client: http.DefaultClient}, googleapi.Options{})
		e := after(refusal(429, "rateLimitExceeded", "User-rate limit exceeded.  Retry after "+time.Now().UTC().Add(40*time.Second).Format(time.RFC3339)), time.Now().UTC().Add(20*time.Second).Format(http.TimeFormat))
		if f := connectors.Classify(access.Fault(t.Context(), "x", e)); f.After != 40*time.Second {
			t.Errorf("got %v, want 40s", f.After)
		}
	})
}

// A throttled call is made again after a pause that everybody keeps, and costs again.
func TestThrottledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := []connectors.Budget{{Name: "u", Units: 6000, Per: time.Minute}, {Name: "p", Units: 60000, Per: time.Minute}}
		access := open(t, accounts{client: http.DefaultClient}, googleapi.Options{Limits: limits})
		time.Sleep(time.Minute)
		calls, start := 0, time.Now()
		err := access.Do(t.Context(), "get mail", 20, true, func(context.Context) error {
			if calls++; calls < 4 {
				return refusal(429, "rateLimitExceeded", "x")
			}
			return nil
		})
		if took := time.Since(start); err != nil || calls != 4 || took < 7*time.Second || took > 8*time.Second {
			t.Errorf("%d calls in %v, error %v; want four, 1+2+4 s apart", calls, took, err)
		}
		calls, start = 0, time.Now()
		err = access.Do(t.Context(), "get mail", 20, true, func(context.Context) error {
			calls++
			return after(refusal(403, "userRateLimitExceeded", "x"), "300")
		})
		if f := connectors.Classify(err); calls != 1 || f.Kind != connectors.Retryable || f.After != 5*time.Minute {
			t.Errorf("%d calls, fault %v after %v; a long pause is the engine's", calls, f, f.After)
		}
		_ = access.Do(t.Context(), "get mail", 20, false, func(context.Context) error { return nil })
		if took := time.Since(start); took < 5*time.Minute {
			t.Errorf("the next call went after %v, into the pause", took)
		}
	})
}

func TestNotThrottledIsNotRepeated(t *testing.T) {
	access := open(t, accounts{client: http.DefaultClient}, googleapi.Options{})
	calls := 0
	err := access.Do(t.Context(), "get mail", 20, true, func(context.Context) error { calls++; return refusal(500, "backendError", "x") })
	if calls != 1 || googleapi.Status(err) != 500 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

func TestCallHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		access := open(t, accounts{client: http.DefaultClient}, googleapi.Options{})
		err := access.Do(t.Context(), "get mail", 20, true, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if f := connectors.Classify(err); f.Kind != connectors.Retryable || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a call that hangs gives %v: it must not look like the caller's own end", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if err := access.Do(ctx, "get mail", 20, true, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller's end gives %v", err)
		}
	})
}

func TestAnswersAreBounded(t *testing.T) {
	size := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"emailAddress":%q}`, strings.Repeat("a", size-19))
	}))
	defer server.Close()
	access := open(t, accounts{client: server.Client(), endpoint: server.URL + "/"}, googleapi.Options{AnswerBytes: 100_000})
	service, err := gmail.NewService(t.Context(), access.ClientOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	for size = range map[int]bool{100: true, 100_000: true, 100_001: false, 10_000_000: false} {
		fits := size <= 100_000
		err := access.Do(t.Context(), "get profile", 1, false, func(ctx context.Context) error {
			_, err := service.Users.GetProfile("me").Context(ctx).Do()
			return err
		})
		if errors.Is(err, googleapi.ErrTooLarge) == fits || (err == nil) != fits {
			t.Errorf("an answer of %d bytes gives %v", size, err)
		}
	}
}

// Nothing of a request shows in an error: neither its address nor its token.
func TestErrorsAreSilentAboutRequests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	}))
	defer server.Close()
	access := open(t, accounts{client: server.Client(), endpoint: server.URL + "/"}, googleapi.Options{})
	service, err := gmail.NewService(t.Context(), access.ClientOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	err = access.Do(t.Context(), "get profile", 1, false, func(ctx context.Context) error {
		_, err := service.Users.GetProfile("me").Context(ctx).Do(lib.QuotaUser("secret-token"))
		return err
	})
	if err == nil || strings.Contains(err.Error(), "secret-token") || strings.Contains(err.Error(), server.URL) {
		t.Errorf("got %v", err)
	}
}

func TestNoAccounts(t *testing.T) {
	_, err := googleapi.Open(connectors.Env{}, googleapi.Options{Service: "gmail"})
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.Permanent || f.Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestSince(t *testing.T) {
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"all": {}, "1d": now.AddDate(0, 0, -1), "90d": now.AddDate(0, 0, -90), "2026-01-31": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := googleapi.Since(text, now); err != nil || !got.Equal(want) {
			t.Errorf("since %q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0d", "-1d", "d", "90", "99999d", "2026-13-01", "1960-01-01", "yesterday"} {
		if got, err := googleapi.Since(text, now); err == nil {
			t.Errorf("since %q gives %v", text, got)
		}
	}
}
