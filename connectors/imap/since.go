package imap

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// day counts days since 1970-01-01. IMAP's SINCE and BEFORE know no finer unit (RFC 9051 section 6.4.4). Zero
// stands for the beginning of time.
type day int64

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// sinceDay reads the setting since: "90d", "2026-01-31" or "all".
func sinceDay(text string, now time.Time) (day, error) {
	if text == "all" {
		return 0, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil && t.Unix() > 0 {
		return day(t.Unix() / 86400), nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return max(1, day(now.Unix()/86400)-day(n)), nil
		}
	}
	return 0, fmt.Errorf("%q is neither a number of days nor a date nor all", text)
}
