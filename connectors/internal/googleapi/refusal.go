package googleapi

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"google.golang.org/api/googleapi"
)

// Refusal is what Google answered instead of what was asked for.
type Refusal struct {
	Status  int      // of HTTP
	Reasons []string // rateLimitExceeded, SERVICE_DISABLED …; old and new names, in the order of the answer
	Message string   // one line, cut short
	Project bool     // the quota that is used up is the project's
	After   time.Duration

	console string // the project that the answer names
}

// Error says status, first reason and message.
func (r *Refusal) Error() string {
	reason := ""
	if len(r.Reasons) > 0 {
		reason = " " + r.Reasons[0]
	}
	if r.Message == "" {
		return fmt.Sprintf("Google answers %d%s", r.Status, reason)
	}
	return fmt.Sprintf("Google answers %d%s: %s", r.Status, reason, r.Message)
}

// has says whether one of the reasons was given.
func (r *Refusal) has(reasons ...string) bool {
	return slices.ContainsFunc(r.Reasons, func(have string) bool { return slices.Contains(reasons, have) })
}

// Status is the HTTP status that Google refused with; 0 if err is no refusal.
func Status(err error) int {
	if r := refusalOf(err); r != nil {
		return r.Status
	}
	return 0
}

// Refused says whether Google refused with this status and one of these reasons.
func Refused(err error, status int, reasons ...string) bool {
	r := refusalOf(err)
	return r != nil && r.Status == status && r.has(reasons...)
}

func refusalOf(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// readRefusal reads an answer's status, reasons and hints.
func readRefusal(e *googleapi.Error, now time.Time) *Refusal {
	r := &Refusal{Status: e.Code, Message: line(e.Message)}
	for _, item := range e.Errors {
		r.add(item.Reason)
	}
	limit := ""
	for _, d := range e.Details {
		detail, _ := d.(map[string]any)
		r.add(text(detail["reason"]))
		meta, _ := detail["metadata"].(map[string]any)
		limit += text(meta["quota_limit"])
		if consumer, ok := strings.CutPrefix(text(meta["consumer"]), "projects/"); ok {
			r.console = line(consumer)
		}
		r.After = max(r.After, retryDelay(text(detail["retryDelay"])))
	}
	if m := projectPattern.FindStringSubmatch(e.Message); m != nil && r.console == "" {
		r.console = m[1]
	}
	r.Project = strings.HasSuffix(limit, "PerProject") || r.has("dailyLimitExceeded")
	r.After = max(r.After, retryAfter(e.Header.Get("Retry-After"), now), retryStamp(e.Message, now))
	return r
}

func (r *Refusal) add(reason string) {
	if reason = line(reason); reason != "" && len(r.Reasons) < 16 && !r.has(reason) {
		r.Reasons = append(r.Reasons, reason)
	}
}

var projectPattern = regexp.MustCompile(`project[= ]([a-z0-9-]{4,40})`)

func text(v any) string {
	s, _ := v.(string)
	return s
}

// maxLine bounds what is shown of an answer, runes.
const maxLine = 300

// addresses may stand in answers; what follows the path of one is nobody's business.
var queryPattern = regexp.MustCompile(`(https?://[^\s?]+)\?\S*`)

// line makes one short, printable line of foreign text.
func line(s string) string {
	if len(s) > 8*maxLine {
		s = s[:8*maxLine]
	}
	s = queryPattern.ReplaceAllString(strings.ToValidUTF8(s, "?"), "$1")
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return ' '
		}
		return c
	}, s)
	if runes := []rune(strings.TrimSpace(s)); len(runes) > maxLine {
		return string(runes[:maxLine]) + "…"
	}
	return strings.TrimSpace(s)
}
