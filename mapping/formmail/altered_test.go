package formmail

import (
	"slices"
	"strings"
	"testing"
)

// alterations are what happens to a form, or to its mails, after the example was taken. Each gives another
// layout, or another body.
func alterations() map[string]func(l layout, v map[string]string) letter {
	change := func(edit func(*layout)) func(layout, map[string]string) letter {
		return func(l layout, v map[string]string) letter {
			l.questions = slices.Clone(l.questions)
			edit(&l)
			return l.letter(v, 1)
		}
	}
	body := func(edit func(string) string) func(layout, map[string]string) letter {
		return func(l layout, v map[string]string) letter {
			out := l.letter(v, 1)
			out.body = edit(out.body)
			return out
		}
	}
	return map[string]func(layout, map[string]string) letter{
		"first field gone":  change(func(l *layout) { l.questions = l.questions[1:] }),
		"middle field gone": change(func(l *layout) { l.questions = slices.Delete(l.questions, 2, 3) }),
		"last field gone":   change(func(l *layout) { l.questions = l.questions[:len(l.questions)-1] }),
		"label changed":     change(func(l *layout) { l.questions[2].label = "まったく別の項目" }),
		"fields in another order": change(func(l *layout) {
			l.questions[1], l.questions[2] = l.questions[2], l.questions[1]
		}),
		"field doubled":              change(func(l *layout) { l.questions = slices.Insert(l.questions, 3, l.questions[1]) }),
		"new field in the middle":    change(func(l *layout) { l.questions = slices.Insert(l.questions, 2, question{"date", "新しい項目"}) }),
		"new field at the start":     change(func(l *layout) { l.questions = slices.Insert(l.questions, 0, question{"date", "新しい項目"}) }),
		"new field at the end":       change(func(l *layout) { l.questions = append(l.questions, question{"date", "性別"}) }),
		"new empty field at the end": change(func(l *layout) { l.questions = append(l.questions, question{"none", "FAX"}) }),
		"message first": change(func(l *layout) {
			last := len(l.questions) - 1
			l.questions = append([]question{l.questions[last]}, l.questions[:last]...)
		}),
		"two submissions":  body(func(s string) string { return s + "\n" + s }),
		"cut off":          body(func(s string) string { return s[:len(s)/2] }),
		"first half gone":  body(func(s string) string { return s[strings.IndexByte(s[len(s)/2:], '\n')+len(s)/2:] }),
		"everything empty": body(func(string) string { return "" }),
		"quoted": body(func(s string) string {
			return "了解しました。\n\n2026/11/21 10:00 Form <form@service.example> wrote:\n> " + strings.ReplaceAll(s, "\n", "\n> ")
		}),
		"forwarded": body(func(s string) string {
			return "FYI\n\n---------- Forwarded message ---------\nFrom: Form <form@service.example>\nDate: Sat, 21 Nov 2026\nSubject: x\nTo: a@example.co.jp\n\n" + s
		}),
	}
}

// What became of a form may still be read, if all is right; nothing may be read wrongly.
func TestAlteredForms(t *testing.T) {
	parsers := learned(t)
	var letters []letter
	var names []string
	var entered []map[string]string
	var which []int
	for i, l := range layouts() {
		values := newValues(uint64(i) + 500)
		for name, alter := range alterations() {
			if l.html && (name == "quoted" || name == "forwarded" || name == "cut off" || name == "first half gone") {
				continue
			}
			v := l.answers(values)
			v["date"], v["none"] = "2026/12/01", ""
			letters, names, entered, which = append(letters, alter(l, v)), append(names, name), append(entered, v), append(which, i)
		}
	}
	read := 0
	for n, m := range delivered(t, letters) {
		l, p := layouts()[which[n]], &parsers[which[n]]
		fields, err := p.Parse(&m)
		if err != nil {
			continue
		}
		read++
		t.Logf("%s, %s: read", l.name, names[n])
		countRight(t, l, &m, fields, entered[n])
		if strings.HasPrefix(names[n], "new") || strings.Contains(names[n], "gone") || names[n] == "two submissions" || names[n] == "quoted" {
			t.Errorf("%s, %s: must not be read\n%s\n%v", l.name, names[n], m.FullText, fields)
		}
	}
	t.Logf("%d of %d altered mails were read", read, len(letters))
}

// The mail of one form is never another's.
func TestOtherForms(t *testing.T) {
	parsers := learned(t)
	var letters []letter
	for i, l := range layouts() {
		letters = append(letters, l.letter(l.answers(newValues(uint64(i)+900)), 1))
	}
	for i, m := range delivered(t, letters) {
		for j := range parsers {
			if fields, err := parsers[j].Parse(&m); i != j && err == nil {
				t.Errorf("mail of %q read as %q: %v", layouts()[i].name, layouts()[j].name, fields)
			}
		}
	}
}
