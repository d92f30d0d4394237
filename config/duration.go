package config

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var durationPart = regexp.MustCompile(`^(\d+(?:\.\d+)?)(ms|[smhdw])`)

// ParseDuration reads a length of time as people write it: "90d", "2w", "1h30m", "45s". A day is 24 hours and a
// week seven days. "0" is zero; a negative length is an error.
func ParseDuration(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	var total float64
	for rest := s; rest != "" || s == ""; {
		part := durationPart.FindStringSubmatch(rest)
		if part == nil {
			return 0, fmt.Errorf("%q is not a length of time", s)
		}
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a length of time", s)
		}
		total += n * float64(unit(part[2]))
		rest = rest[len(part[0]):]
	}
	const longest = 100 * 366 * 24 * float64(time.Hour)
	if total > longest {
		return 0, fmt.Errorf("%q is longer than a hundred years", s)
	}
	return time.Duration(total), nil
}

func unit(name string) time.Duration {
	switch name {
	case "ms":
		return time.Millisecond
	case "s":
		return time.Second
	case "m":
		return time.Minute
	case "h":
		return time.Hour
	case "d":
		return 24 * time.Hour
	default:
		return 7 * 24 * time.Hour
	}
}
