package crm

import (
	"strings"
	"testing"
	"time"
)

func TestNewCallRefusesWhatCannotBe(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	person := Person{ID: NewID(), Kind: Contact, Name: "会田", AccountID: NewID()}
	good := CallLogged{By: "sato@example.co.jp", At: now.Add(-time.Hour), Now: now, Direction: DirectionOut, Text: " 不在 "}
	for name, change := range map[string]struct {
		call func(*Call)
		log  func(*CallLogged)
		want string
	}{
		"nobody called":       {log: func(l *CallLogged) { l.By = " " }, want: "who called"},
		"tomorrow's call":     {log: func(l *CallLogged) { l.At = now.AddDate(0, 0, 1) }, want: "lies ahead"},
		"the year 0":          {log: func(l *CallLogged) { l.At = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) }, want: "nobody can have called"},
		"before 1970 in UTC":  {log: func(l *CallLogged) { l.At = time.Date(1970, 1, 1, 0, 0, 0, 0, time.FixedZone("", 9*3600)) }, want: "nobody can have called"},
		"an override":         {log: func(l *CallLogged) { l.Text = "good\u202enews" }, want: "the text holds the character U+202E"},
		"a terminal's escape": {call: func(c *Call) { c.Note = "\x1b[2J" }, want: "the note holds the character U+001B"},
		"an isolate":          {call: func(c *Call) { c.Next.What = "a\u2066b" }, want: "next action holds the character U+2066"},
		"the day in 9999":     {call: func(c *Call) { c.Next.When = "9999-12-31" }, want: "9999-12-31"},
		"no direction":        {log: func(l *CallLogged) { l.Direction = DirectionInternal }, want: "direction"},
		"a novel":             {log: func(l *CallLogged) { l.Text = strings.Repeat("あ", maxCallText+1) }, want: "text has more"},
		"bytes":               {log: func(l *CallLogged) { l.Text = "\xff" }, want: "text has more"},
		"a long opinion":      {call: func(c *Call) { c.Note = strings.Repeat("x", maxOutcomeNote+1) }, want: "note has more"},
		"two lines of action": {call: func(c *Call) { c.Next.What = "a\nb" }, want: "one line"},
		"February 30":         {call: func(c *Call) { c.Next.When = "2026-02-30" }, want: "2026-02-30"},
	} {
		t.Run(name, func(t *testing.T) {
			call, log := Call{Result: CallNoAnswer}, good
			if change.call != nil {
				change.call(&call)
			}
			if change.log != nil {
				change.log(&log)
			}
			if _, err := NewCall(person, call, log); err == nil || !strings.Contains(err.Error(), change.want) {
				t.Errorf("error %v; want one that says %q", err, change.want)
			}
		})
	}
	a, err := NewCall(person, Call{Result: CallNoAnswer, Note: " 早口 "}, good)
	if err != nil || a.Text != "不在" || a.Call.Note != "早口" || a.Owners[0] != good.By || a.People[0].Role != RoleTo || a.Accounts[0] != person.AccountID {
		t.Errorf("call %+v, %v", a, err)
	}
}
