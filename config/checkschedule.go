package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// schedule checks a robfig/cron schedule, which may name a day that never comes.
func (k *checker) schedule(path, spec string) {
	const hint = `write "@every 5m", "@hourly" or five fields such as "*/10 8-19 * * 1-5"`
	s, err := parseSchedule(spec)
	if err != nil {
		k.bad(path, k.shown(path, spec)+" is not a schedule", hint)
		return
	}
	if every, ok := s.(cron.ConstantDelaySchedule); ok {
		k.interval(path, spec, every)
		return
	}
	if s.Next(time.Now()).IsZero() {
		k.bad(path, k.shown(path, spec)+" never comes", "is there such a day in that month?")
	}
}

// interval checks an "@every". The library makes one that is too short a second without a word, so the text counts.
func (k *checker) interval(path, spec string, read cron.ConstantDelaySchedule) {
	_, text, _ := strings.Cut(spec, "@every ")
	every, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		every = read.Delay
	}
	if every < time.Second || every > 366*24*time.Hour {
		k.bad(path, k.shown(path, spec)+" is no interval between one second and one year", `write "@every 5m"`)
	}
}

// parseSchedule reads robfig/cron syntax with optional seconds. The library panics on a time zone without a
// schedule; that is an error here.
func parseSchedule(spec string) (s cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	return parser.Parse(spec)
}
