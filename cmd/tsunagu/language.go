package main

import (
	"cmp"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
)

// japanese says whether messages are to be Japanese: as the environment says, else as the configuration does.
func (a *app) japanese(cfg *config.Config) bool {
	for _, name := range languageVariables() {
		if v, ok := a.env(name); ok && v != "" {
			return strings.HasPrefix(v, "ja")
		}
	}
	return cfg.Organization.Locale == "ja"
}

// moment is a --since: a day, a moment or a length of time before now. The zero value is no limit.
type moment struct{ text string }

// UnmarshalText reads a value of the command line; it is understood later, when the time zone is known.
func (m *moment) UnmarshalText(text []byte) error { //nolint:unparam // encoding.TextUnmarshaler wants an error
	m.text = string(text)
	return nil
}

func (m moment) time(loc *time.Location) (time.Time, error) {
	if m.text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "2006/1/2"} {
		if t, err := time.ParseInLocation(layout, m.text, loc); err == nil {
			return t, nil
		}
	}
	if d, err := config.ParseDuration(m.text); err == nil && d > 0 {
		return time.Now().Add(-d), nil
	}
	return time.Time{}, misused("write 2026-11-01, 2026-11-01T09:00:00+09:00 or 30d", "--since %s is not a time", m.text)
}

// first gives the first text that is not empty.
func first(texts ...string) string { return cmp.Or(texts...) }
