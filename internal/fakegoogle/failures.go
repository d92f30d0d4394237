package fakegoogle

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Failure is a call that goes wrong on purpose. The first rule that fits a call is played.
type Failure struct {
	// Method is a discovery id or the beginning of one: "gmail.", "calendar.events"; pages of the sign-in
	// are "oauth2.token", "oauth2.revoke", "oauth2.device". "" is everything.
	Method string
	// User limits the rule to one address; "" is everybody.
	User string
	// Status is the answer, 0 lets the call through after Delay.
	Status int
	// Reason goes into the error body. "accessNotConfigured" and "USER_PROJECT_DENIED" bring the vendor's
	// whole bodies for an API that is not enabled and a quota project; for oauth2 it is the error code.
	Reason string
	// RetryAfter adds the header, rounded up to seconds; 0 leaves it out.
	RetryAfter time.Duration
	// Times is how often the rule is played; 0 is for ever.
	Times int
	// EveryNth plays the rule on each nth call that fits; 0 and 1 are every call.
	EveryNth int
	// Drop cuts the connection instead of answering. Go's client asks again by itself when that was a
	// connection it used before; the second call counts as one of its own.
	Drop bool
	// Half cuts the connection in the middle of the body.
	Half bool
	// Delay is how long the answer is held back, of real time.
	Delay time.Duration
}

type rule struct {
	Failure
	seen, played int
}

type failures struct {
	mu       sync.Mutex
	rules    []*rule
	disabled []string
	stormEnd time.Time
	storms   int
}

// Fail adds a rule.
func (s *Server) Fail(f Failure) {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	s.failures.rules = append(s.failures.rules, &rule{Failure: f})
}

// Heal takes away all rules of Fail, the storm, and switches all APIs on.
func (s *Server) Heal() {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	s.failures.rules, s.failures.disabled, s.failures.stormEnd = nil, nil, time.Time{}
}

// Storm answers 429 to every API call until the clock has advanced by d.
func (s *Server) Storm(d time.Duration) {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	s.failures.stormEnd = s.now().Add(d)
}

// Disable switches an API off as if the project had never enabled it: "gmail", "calendar", "forms",
// "directory", "pubsub".
func (s *Server) Disable(api string) {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	s.failures.disabled = append(s.failures.disabled, api)
}

// play carries out what is asked for and reports whether the call is over.
func (fs *failures) play(c *call) bool {
	fs.mu.Lock()
	api, _, _ := strings.Cut(c.method, ".")
	if slices.Contains(fs.disabled, api) {
		fs.mu.Unlock()
		c.fail(serviceDisabled(c.method))
		return true
	}
	f, ok := fs.pick(c)
	fs.mu.Unlock()
	if !ok {
		return false
	}
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.r.Context().Done():
		case <-c.server.stop.Done():
		}
	}
	switch {
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Half:
		c.w.Header().Set("Content-Length", "4096")
		c.w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_, _ = c.w.Write([]byte(`{"`))
		_ = http.NewResponseController(c.w).Flush()
		panic(http.ErrAbortHandler)
	case f.Status == 0:
		return false
	}
	c.playStatus(f)
	return true
}

func (fs *failures) pick(c *call) (Failure, bool) {
	oauth := strings.HasPrefix(c.method, "oauth2.")
	if c.at.Before(fs.stormEnd) && !oauth {
		fs.storms++
		f := Failure{Status: http.StatusTooManyRequests, Reason: "rateLimitExceeded"}
		if fs.storms%3 == 0 {
			f.RetryAfter = 2 * time.Second
		}
		return f, true
	}
	for _, r := range fs.rules {
		if !strings.HasPrefix(c.method, r.Method) || r.User != "" && !strings.EqualFold(r.User, c.user) {
			continue
		}
		if r.Times > 0 && r.played >= r.Times {
			continue
		}
		r.seen++
		if r.EveryNth > 1 && r.seen%r.EveryNth != 0 {
			continue
		}
		r.played++
		return r.Failure, true
	}
	return Failure{}, false
}

func (c *call) playStatus(f Failure) {
	if strings.HasPrefix(c.method, "oauth2.") {
		c.oauthError(f.Status, f.Reason, http.StatusText(f.Status))
		return
	}
	var e apiError
	switch f.Reason {
	case "accessNotConfigured", "SERVICE_DISABLED":
		e = serviceDisabled(c.method)
	case "USER_PROJECT_DENIED":
		e = quotaProject(c.method)
	case "insufficientPermissions":
		e = insufficientScopes(c.method)
	default:
		e = apiError{reason: f.Reason, message: messageOf(f)}
		if strings.Contains(strings.ToLower(f.Reason), "limitexceeded") {
			e.domain = "usageLimits"
		}
		if e.reason == "" {
			e.reason = reasonOf(f.Status)
		}
	}
	e.status, e.retryAfter = f.Status, f.RetryAfter
	c.fail(e)
}

func messageOf(f Failure) string {
	switch f.Reason {
	case "rateLimitExceeded":
		return "Rate Limit Exceeded"
	case "userRateLimitExceeded":
		return "User Rate Limit Exceeded"
	case "fullSyncRequired":
		return "Sync token is no longer valid, a full sync is required."
	case "failedPrecondition":
		return "Precondition check failed."
	default:
		return http.StatusText(f.Status)
	}
}

func reasonOf(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "rateLimitExceeded"
	case status == http.StatusForbidden:
		return "forbidden"
	case status == http.StatusNotFound:
		return "notFound"
	case status == http.StatusUnauthorized:
		return "authError"
	case status >= http.StatusInternalServerError:
		return "backendError"
	default:
		return "badRequest"
	}
}

// oauthError refuses in the shape of RFC 6749, section 5.2.
func (c *call) oauthError(status int, code, description string) {
	body, err := json.Marshal(struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{code, description})
	if err != nil {
		body = []byte(`{}`)
	}
	c.send(status, "application/json; charset=utf-8", body)
}
