package boltstore

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// redact takes the person's addresses and names out of the texts of an activity that stays: those of the
// records, and those by which the activity itself names the person.
func (e *erasure) redact(a *crm.Activity) {
	addresses, names := slices.Clone(e.spelled), slices.Clone(e.names)
	for _, p := range a.People {
		if e.means(p) {
			addresses, names = append(addresses, p.Address), append(names, p.Name)
		}
	}
	words := wordsOf(addresses, names)
	e.said[a.ID] = words
	for _, text := range []*string{&a.Subject, &a.Text, &a.FullText} {
		*text = words.ReplaceAllString(*text, erasedMark)
	}
	redactForm(a, words)
	e.redactLife(a, words, e.theirs(a))
	e.redactMeeting(a, words)
	if a.FullText == a.Text {
		a.FullText = ""
	}
}

// redactForm does the same with what a submission said, in all its states, and with how its sender came.
func redactForm(a *crm.Activity, words *regexp.Regexp) {
	redactTouch(&a.Touch, words)
	a.Fields = redactFields(a.Fields, words)
	a.Revisions = redactRevisions(a.Revisions, words)
	a.Custom = maps.Clone(a.Custom)
	for name, v := range a.Custom {
		a.Custom[name] = words.ReplaceAllString(v, erasedMark)
	}
}

func redactRevisions(list []crm.Revision, words *regexp.Regexp) []crm.Revision {
	list = slices.Clone(list)
	for i := range list {
		r := &list[i]
		for _, text := range []*string{&r.Subject, &r.Text, &r.Location} {
			*text = words.ReplaceAllString(*text, erasedMark)
		}
		r.Fields = redactFields(r.Fields, words)
	}
	return list
}

// redactMeeting does the same with what a meeting has: its place, what is remembered of it, and its outcome. What the
// person answered goes.
func (e *erasure) redactMeeting(a *crm.Activity, words *regexp.Regexp) {
	if a.Outcome != nil {
		o := *a.Outcome
		for _, text := range []*string{&o.Note, &o.Next.Whom, &o.Next.What} {
			*text = words.ReplaceAllString(*text, erasedMark)
		}
		a.Outcome = &o
	}
	if a.Meeting == nil {
		return
	}
	m := *a.Meeting
	m.Location, m.Conference = words.ReplaceAllString(m.Location, erasedMark), words.ReplaceAllString(m.Conference, erasedMark)
	theirs := e.theirs(a)
	a.Letters = e.redactLetters(a.Letters, words, theirs)
	answered := func(r crm.Reply) bool { return theirs[r.Address] || e.owns(r.Address) }
	m.Replies = withoutAny(m.Replies, answered)
	if m.Memory != nil {
		memory := *m.Memory
		memory.Answers = withoutAny(memory.Answers, answered)
		memory.Overruled = withoutAny(memory.Overruled, func(o crm.Overruled) bool { return theirs[o.Address] || e.owns(o.Address) })
		memory.States = redactRevisions(memory.States, words)
		m.Memory = &memory
	}
	a.Meeting = &m
}

// theirs are the addresses by which an activity names the person.
func (e *erasure) theirs(a *crm.Activity) map[string]bool {
	out := map[string]bool{}
	for _, p := range a.People {
		if e.means(p) {
			out[crm.CanonicalAddress(p.Address)], out[strings.ToLower(p.Address)] = true, true
		}
	}
	return out
}

// redactLetters does the same with letters; those of the person go whole.
func (e *erasure) redactLetters(list []crm.Letter, words *regexp.Regexp, theirs map[string]bool) []crm.Letter {
	list = withoutAny(list, func(l crm.Letter) bool {
		return e.owns(l.From) || theirs[crm.CanonicalAddress(l.From)] || theirs[strings.ToLower(l.From)]
	})
	for i := range list {
		l := &list[i]
		for _, text := range []*string{&l.From, &l.Subject, &l.Text} {
			*text = words.ReplaceAllString(*text, erasedMark)
		}
	}
	return list
}

// withoutAny is a list without the elements that are chosen; nil of none.
func withoutAny[T any](list []T, chosen func(T) bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), chosen)
	if len(list) == 0 {
		return nil
	}
	return list
}

// redactFields gives a copy of the answers without the words.
func redactFields(list []crm.FormField, words *regexp.Regexp) []crm.FormField {
	list = slices.Clone(list)
	for i := range list {
		list[i].Values = slices.Clone(list[i].Values)
		for j, v := range list[i].Values {
			list[i].Values[j] = words.ReplaceAllString(v, erasedMark)
		}
	}
	return list
}

// redactTouch works on the addresses of pages too: links in mails often carry whom they were sent to.
func redactTouch(t *crm.Touch, words *regexp.Regexp) {
	for _, text := range []*string{&t.Campaign, &t.Channel, &t.Source, &t.Medium, &t.Term, &t.Content, &t.Referrer, &t.Landing} {
		*text = words.ReplaceAllString(*text, erasedMark)
	}
}

// wordsOf finds addresses and names in a text, without regard to case. Longer ones come first, since one
// may be the beginning of another.
func wordsOf(addresses, names []string) *regexp.Regexp {
	var words []string
	for _, address := range addresses {
		if strings.Contains(address, "@") {
			words = append(words, regexp.QuoteMeta(strings.ToValidUTF8(strings.TrimSpace(address), "\uFFFD")))
		}
	}
	for _, name := range names {
		if tellsApart(name) {
			words = append(words, anySpacing(strings.ToValidUTF8(name, "\uFFFD")))
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	return regexp.MustCompile(`(?i)` + strings.Join(slices.Compact(words), "|"))
}

// tellsApart says whether a name can be looked for in a text: a single character or up to three ASCII letters
// ("Al") stand in too many other words.
func tellsApart(name string) bool {
	name = strings.TrimSpace(name)
	n := utf8.RuneCountInString(name)
	ascii := len(name) == n
	return strings.ContainsFunc(name, unicode.IsLetter) && (n > 3 || n > 1 && !ascii)
}

// anySpacing is the pattern of a name however its parts are spaced: 山田太郎 is 山田 太郎.
func anySpacing(name string) string {
	parts := strings.Fields(name)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, `[\s\p{Zs}]*`)
}
