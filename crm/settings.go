package crm

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Settings are what the set-up in the browser learnt of the organisation. What the configuration file says goes before it,
// field by field.
type Settings struct {
	Name     string   `json:"name,omitempty"`
	Domains  []string `json:"domains,omitempty"`  // of the organisation's own mail, lower-case ASCII
	Timezone string   `json:"timezone,omitempty"` // IANA name
}

// The bounds of settings.
const (
	maxSettingName    = 200 // characters
	maxSettingDomains = 100
)

// Errors of CheckSettings.
var (
	ErrSettingName   = errors.New("the name is missing or too long")
	ErrSettingDomain = errors.New("a domain is missing or is none")
	ErrSettingZone   = errors.New("there is no such time zone")
)

// CheckSettings gives the settings in their final form, or what is wrong with them.
func CheckSettings(s Settings) (Settings, error) {
	if n := utf8.RuneCountInString(s.Name); n == 0 || n > maxSettingName || !utf8.ValidString(s.Name) {
		return s, ErrSettingName
	}
	if len(s.Domains) == 0 || len(s.Domains) > maxSettingDomains {
		return s, ErrSettingDomain
	}
	var domains []string
	seen := map[string]bool{}
	for _, d := range s.Domains {
		ascii, ok := NormalizeDomain(d)
		if !ok || !strings.Contains(ascii, ".") {
			return s, ErrSettingDomain
		}
		if !seen[ascii] {
			domains = append(domains, ascii)
		}
		seen[ascii] = true
	}
	s.Domains = domains
	if _, err := time.LoadLocation(s.Timezone); err != nil || s.Timezone == "" || s.Timezone == "Local" {
		return s, ErrSettingZone
	}
	return s, nil
}
