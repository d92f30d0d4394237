package sample

import (
	_ "embed" // for the story and the people in it
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"
)

//go:embed story.txt
var story string

//go:embed people.csv
var peopleCSV []byte

//go:embed accounts.csv
var accountsCSV []byte

// People is the list of the customers' people, as a CSV file for `import people`.
func People() []byte { return append([]byte(nil), peopleCSV...) }

// Accounts is the list of the customers, as a CSV file for `import people --kind accounts`.
func Accounts() []byte { return append([]byte(nil), accountsCSV...) }

// letter is one mail of the story.
type letter struct {
	id, reply string // names within the story; "" for none
	sent      time.Time
	from      mail.Address
	to, cc    []mail.Address
	subject   string
	text      string
	charset   string // utf-8 if ""
	folder    string // instead of INBOX; "" for INBOX
	attach    string // name of a file; "" for none
	bounce    string // the address that could not be reached; "" if it is no bounce
	auto      bool   // an automatic reply
	list      string // List-Id of a newsletter; "" for none
	calendar  string // a calendar object that answers an invitation; "" for none
}

// plot is the whole story: what lies in the mailboxes, and what arrives later.
type plot struct {
	past []letter
	live []letter
}

// parse reads story.txt. Days count back from now in the zone of the story.
func parse(text string, now time.Time) (plot, error) {
	var p plot
	people := map[string]mail.Address{}
	var current *letter
	live := false
	for n, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		var err error
		switch {
		case strings.HasPrefix(line, "p ") && len(fields) >= 3 && current == nil:
			var a *mail.Address
			if a, err = mail.ParseAddress(strings.TrimSpace(strings.TrimPrefix(line, "p "+fields[1]))); err == nil {
				people[fields[1]] = *a
			}
		case strings.HasPrefix(line, "@ "):
			list := &p.past
			if live {
				list = &p.live
			}
			var l letter
			if l, err = heading(line, people, now); err == nil {
				*list = append(*list, l)
				current = &(*list)[len(*list)-1]
			}
		case line == "live":
			live, current = true, nil
		case strings.HasPrefix(line, "#"):
			current = nil
		case current != nil:
			current.text += line + "\n"
		}
		if err != nil {
			return plot{}, fmt.Errorf("story line %d: %w", n+1, err)
		}
	}
	return p, nil
}

// heading reads "@ 29 09:14 tanaka > sato [id=aoba1 cc=suzuki] | subject".
func heading(line string, people map[string]mail.Address, now time.Time) (letter, error) {
	head, subject, _ := strings.Cut(strings.TrimPrefix(line, "@ "), " | ")
	head, options, _ := strings.Cut(head, "[")
	f := strings.Fields(head)
	if len(f) != 5 || f[3] != ">" {
		return letter{}, fmt.Errorf("%q is no heading", line)
	}
	days, err := strconv.Atoi(f[0])
	if err != nil {
		return letter{}, err
	}
	clock, err := time.Parse("15:04", f[1])
	if err != nil {
		return letter{}, err
	}
	l := letter{subject: strings.TrimSpace(subject), from: people[f[2]]}
	day := now.AddDate(0, 0, -days)
	l.sent = time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
	if l.to, err = addresses(f[4], people); err != nil {
		return letter{}, err
	}
	for _, option := range strings.Fields(strings.TrimSuffix(strings.TrimSpace(options), "]")) {
		if err := l.option(option, people); err != nil {
			return letter{}, err
		}
	}
	if l.from.Address == "" {
		return letter{}, fmt.Errorf("nobody is called %s", f[2])
	}
	return l, nil
}

func (l *letter) option(option string, people map[string]mail.Address) (err error) {
	switch name, value, _ := strings.Cut(option, "="); name {
	case "id":
		l.id = value
	case "re":
		l.reply = value
	case "cc":
		l.cc, err = addresses(value, people)
	case "cs":
		l.charset = value
	case "in":
		l.folder = value
	case "attach":
		l.attach = value
	case "bounce":
		l.bounce = value
	case "auto":
		l.auto = true
	default:
		err = fmt.Errorf("%q is no option", option)
	}
	return err
}

func addresses(aliases string, people map[string]mail.Address) ([]mail.Address, error) {
	var out []mail.Address
	for alias := range strings.SplitSeq(aliases, ",") {
		a, known := people[alias]
		if !known {
			return nil, fmt.Errorf("nobody is called %s", alias)
		}
		out = append(out, a)
	}
	return out, nil
}
