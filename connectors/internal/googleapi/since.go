package googleapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const dayLength = 24 * time.Hour

// Since reads a setting that says where history begins: "90d" before now, "2026-01-31" (UTC) or "all", which is the zero
// time.
func Since(text string, now time.Time) (time.Time, error) {
	if text == "all" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil && t.Unix() > 0 {
		return t, nil
	}
	if n, err := Days(text); err == nil {
		return now.UTC().Add(-n), nil
	}
	return time.Time{}, fmt.Errorf("%q is neither a number of days nor a date nor all", text)
}

// Days reads a setting such as "90d": from 1 to 65535 days of 24 hours.
func Days(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return time.Duration(n) * dayLength, nil
		}
	}
	return 0, fmt.Errorf("%q is not a number of days such as 90d", text)
}
