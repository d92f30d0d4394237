package fakegoogle

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Quota limits what is admitted in any 60 seconds. Zero is unlimited.
type Quota struct {
	// UserPerMinute and ProjectPerMinute are Gmail units; new projects have 6,000 and 1,200,000.
	UserPerMinute, ProjectPerMinute int
	// CalendarUserPerMinute counts calendar calls of a user; the vendor's figure is 600.
	CalendarUserPerMinute int
	// FormsPerMinute counts forms.responses.list of a user; the vendor's figure is 180.
	FormsPerMinute int
}

// unitsOf is the vendor's price list of Gmail methods; other methods are free of units.
func unitsOf(method string) int {
	switch method {
	case "gmail.users.getProfile", "gmail.users.labels.list", "gmail.users.labels.get":
		return 1
	case "gmail.users.history.list":
		return 2
	case "gmail.users.messages.list":
		return 5
	case "gmail.users.threads.list":
		return 10
	case "gmail.users.messages.get", "gmail.users.messages.attachments.get":
		return 20
	case "gmail.users.threads.get":
		return 40
	case "gmail.users.stop":
		return 50
	case "gmail.users.watch":
		return 100
	default:
		return 0
	}
}

// usage meters calls in sliding windows.
type usage struct {
	mu       sync.Mutex
	quota    Quota
	project  window
	gmail    map[string]*window
	calendar map[string]*window
	forms    map[string]*window
	refused  int
}

// SetQuota replaces the limits; what was admitted before counts on.
func (s *Server) SetQuota(q Quota) {
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	s.usage.quota = q
}

// PeakUnits is the most Gmail units that were admitted in any 60 seconds, for one user or, with "", for the
// whole project. Calls within 10 ms count as one moment.
func (s *Server) PeakUnits(user string) int {
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	if user == "" {
		return s.usage.project.peak
	}
	if w := s.usage.gmail[strings.ToLower(user)]; w != nil {
		return w.peak
	}
	return 0
}

func (u *usage) resetPeaks() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.project.peak = 0
	for _, w := range u.gmail {
		w.peak = 0
	}
}

// admit charges the call, or says how the vendor refuses it.
func (u *usage) admit(c *call) (apiError, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case strings.HasPrefix(c.method, "gmail."):
		return u.admitGmail(c)
	case strings.HasPrefix(c.method, "calendar."):
		if !windowOf(&u.calendar, c.user).take(c.at, 1, u.quota.CalendarUserPerMinute) {
			return u.refuse(c, "quotaMetric 'Queries' and limit 'Queries per minute per user' of service 'calendar-json.googleapis.com'"), false
		}
	case c.method == "forms.forms.responses.list":
		if !windowOf(&u.forms, c.user).take(c.at, 1, u.quota.FormsPerMinute) {
			return apiError{
				status: http.StatusTooManyRequests, reason: "rateLimitExceeded",
				message: "Quota exceeded for quota metric 'Expensive read requests' and limit 'Expensive read requests per minute per user' of service 'forms.googleapis.com' for consumer 'project_number:123456789012'.",
				details: []any{errorInfo("RATE_LIMIT_EXCEEDED", map[string]string{
					"quota_metric": "forms.googleapis.com/expensive_read_requests", "quota_limit": "ExpensiveReadsPerMinutePerUser",
					"service": "forms.googleapis.com", "consumer": "projects/123456789012",
				})},
			}, false
		}
	}
	return apiError{}, true
}

func (u *usage) admitGmail(c *call) (apiError, bool) {
	units := unitsOf(c.method)
	user := windowOf(&u.gmail, c.user)
	if !user.fits(c.at, units, u.quota.UserPerMinute) {
		return u.refuse(c, "quota metric 'Queries' and limit 'Queries per minute per user' of service 'gmail.googleapis.com'"), false
	}
	if !u.project.fits(c.at, units, u.quota.ProjectPerMinute) {
		return u.refuse(c, "quota metric 'Queries' and limit 'Queries per minute' of service 'gmail.googleapis.com'"), false
	}
	user.charge(c.at, units)
	u.project.charge(c.at, units)
	c.units = units
	return apiError{}, true
}

// refuse takes turns between the two documented answers; every third one says when to come back.
func (u *usage) refuse(c *call, limit string) apiError {
	u.refused++
	e := apiError{
		status: http.StatusForbidden, domain: "usageLimits", reason: "rateLimitExceeded",
		message: fmt.Sprintf("Quota exceeded for %s for consumer 'project_number:123456789012'.", limit),
	}
	if u.refused%2 == 0 {
		e.status, e.reason = http.StatusTooManyRequests, "userRateLimitExceeded"
		e.message = "User-rate limit exceeded.  Retry after " + c.at.Add(15*time.Second).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if u.refused%3 == 0 {
		e.retryAfter = 15 * time.Second
	}
	return e
}

func windowOf(m *map[string]*window, user string) *window {
	if *m == nil {
		*m = map[string]*window{}
	}
	w := (*m)[user]
	if w == nil {
		w = &window{}
		(*m)[user] = w
	}
	return w
}
