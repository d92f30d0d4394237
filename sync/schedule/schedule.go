// Package schedule reads schedules and says when a source is due next. It is pure: no clock, no state.
//
// A schedule is written in the syntax of robfig/cron: five fields, or six with seconds in front, or a
// descriptor such as @hourly or "@every 1m", each with an optional "TZ=Asia/Tokyo " before it.
//
// Many sources share one schedule, and must not all call at the same second. So each source has its own
// phase, a fixed share of the spread that a hash of its ID picks: the same after a restart and on every
// machine. "@every d" is spread over the whole of d; cron times are moved back by at most a tenth of the
// gap between them, five minutes at most, but always over a minute if the gap allows.
//
// Days on which clocks change are made regular. A time that the change leaps over fires as soon as clocks
// have jumped, and a time that comes twice fires once, unless the schedule fires about hourly anyway.
package schedule

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Spec is a schedule. The zero value is never due.
type Spec struct {
	text   string
	every  time.Duration // of "@every"; 0 for a cron schedule
	cron   *cron.SpecSchedule
	spread time.Duration // phases are in [0, spread)
	gap    time.Duration // shortest time between two firings
}

const (
	maxText    = 200
	minEvery   = time.Second
	maxEvery   = 366 * 24 * time.Hour
	maxSpread  = 5 * time.Minute
	fullSpread = time.Minute
)

// Parse reads a schedule. Times are those of loc, unless the text names a zone itself; nil means UTC. Errors
// are one sentence for whoever wrote the configuration.
func Parse(text string, loc *time.Location) (Spec, error) {
	if loc == nil {
		loc = time.UTC
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return Spec{}, errors.New("parse schedule: it is empty; write for example \"@every 1m\"")
	}
	if len(text) > maxText {
		return Spec{}, fmt.Errorf("parse schedule: it is longer than %d characters", maxText)
	}
	parsed, err := parse(text)
	if err != nil {
		return Spec{}, fmt.Errorf("parse schedule %q: %w", text, err)
	}
	s := Spec{text: text}
	switch parsed := parsed.(type) {
	case cron.ConstantDelaySchedule:
		return s.withEvery(text)
	case *cron.SpecSchedule:
		return s.withCron(parsed, loc)
	default:
		return Spec{}, fmt.Errorf("parse schedule %q: this form is not known", text)
	}
}

// parse calls the cron parser, which panics on a time zone with nothing after it.
func parse(text string) (s cron.Schedule, err error) {
	defer func() {
		if recover() != nil {
			s, err = nil, errors.New("a time zone must be followed by a schedule: \"TZ=Asia/Tokyo 0 9 * * *\"")
		}
	}()
	fields := cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	return cron.NewParser(fields).Parse(text)
}

// withEvery reads the duration itself, since the parser rounds what is too short up without a word.
func (s Spec) withEvery(text string) (Spec, error) {
	_, after, _ := strings.Cut(text, "@every ")
	every, err := time.ParseDuration(strings.TrimSpace(after))
	if err != nil {
		return Spec{}, fmt.Errorf("parse schedule %q: %w", text, err)
	}
	if every < minEvery || every > maxEvery {
		return Spec{}, fmt.Errorf("parse schedule %q: the interval must be between one second and one year", text)
	}
	s.every = every.Truncate(time.Second)
	s.spread, s.gap = s.every, s.every
	return s, nil
}

func (s Spec) withCron(c *cron.SpecSchedule, loc *time.Location) (Spec, error) {
	if c.Location == nil || c.Location == time.Local {
		c.Location = loc
	}
	s.cron = c
	s.gap = shortestGap(c)
	if s.gap == 0 {
		return Spec{}, fmt.Errorf("parse schedule %q: there is no such day, it would never run", s.text)
	}
	s.spread = min(max(s.gap/10, min(s.gap, fullSpread)), maxSpread)
	return s, nil
}

// shortestGap walks some firings on a calendar without clock changes. 0 if it never fires.
func shortestGap(c *cron.SpecSchedule) time.Duration {
	const steps = 100
	plain := *c
	plain.Location = time.UTC
	shortest := maxEvery
	last := plain.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if last.IsZero() {
		return 0
	}
	for range steps {
		next := plain.Next(last)
		if next.IsZero() {
			break
		}
		shortest = min(shortest, next.Sub(last))
		last = next
	}
	return shortest
}

// String is the schedule as it was written.
func (s Spec) String() string { return s.text }

// IsZero says whether the schedule is the zero value, which is never due.
func (s Spec) IsZero() bool { return s.every == 0 && s.cron == nil }

// Next is when the source with this ID is due next: always later than after, in UTC. It is the zero time
// for the zero schedule.
func (s Spec) Next(after time.Time, id string) time.Time {
	phase := s.phase(id)
	switch {
	case s.every > 0:
		return nextEvery(after, s.every, phase)
	case s.cron != nil:
		if next := s.nextCron(after.Add(-phase)); !next.IsZero() {
			return next.Add(phase).UTC()
		}
	}
	return time.Time{}
}

func (s Spec) phase(id string) time.Duration {
	if s.spread <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	sum := h.Sum64() // the low bits of neighbouring IDs are related; mixing parts them (MurmurHash3 finaliser)
	sum ^= sum >> 33
	sum *= 0xff51afd7ed558ccd
	sum ^= sum >> 33
	return time.Duration(sum % uint64(s.spread))
}

// nextEvery counts from the Unix epoch, so that the beat does not depend on when anything was started.
func nextEvery(after time.Time, every, phase time.Duration) time.Time {
	seconds := int64(every / time.Second)
	at := after.Add(-phase)
	beats := at.Unix() / seconds
	if at.Unix() < 0 && at.Unix()%seconds != 0 {
		beats--
	}
	return time.Unix((beats+1)*seconds, 0).Add(phase).UTC()
}
