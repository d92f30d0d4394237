package googleapi

import (
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// longestAfter bounds how long anybody can make us wait.
const longestAfter = 24 * time.Hour

// retryAfter reads the header field Retry-After (RFC 9110, section 10.2.3): seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, longestAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return between(at.Sub(now))
	}
	return 0
}

// stampPattern is how Gmail says it: "User-rate limit exceeded.  Retry after 2026-11-22T05:06:07.890Z".
var stampPattern = regexp.MustCompile(`(?i)retry after ([0-9T:.-]+Z)`)

func retryStamp(message string, now time.Time) time.Duration {
	m := stampPattern.FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	at, err := time.Parse(time.RFC3339, m[1])
	if err != nil {
		return 0
	}
	return between(at.Sub(now))
}

// retryDelay reads google.rpc.RetryInfo: "3.5s".
func retryDelay(value string) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0
	}
	return between(d)
}

func between(d time.Duration) time.Duration { return min(max(d, 0), longestAfter) }
