package formmail

import (
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

const mailsPerLayout = 10

// same compares a value that was read with the one entered: spaces at the ends of lines and empty lines around
// are nobody's, HTML makes one space of several and leaves one empty line of several.
func same(got, want string, html bool) bool {
	return shape(got, html) == shape(want, html)
}

func shape(s string, html bool) string {
	lines := splitLines(s)
	out := lines[:0]
	for _, line := range lines {
		if html {
			line = strings.Join(strings.Fields(line), " ")
		}
		if html && line == "" && len(out) > 0 && out[len(out)-1] == "" {
			continue
		}
		out = append(out, line)
	}
	return strings.Trim(strings.Join(trimEmpty(out), "\n"), spaces)
}

// learned makes the parser of each layout from its one example.
func learned(t *testing.T) []Parser {
	t.Helper()
	var letters []letter
	for _, l := range layouts() {
		values, _ := l.example()
		letters = append(letters, l.letter(values, 0))
	}
	examples := delivered(t, letters)
	parsers := make([]Parser, len(letters))
	for i, l := range layouts() {
		_, marked := l.example()
		p, err := Learn(examples[i], marked)
		if err != nil {
			t.Fatalf("%s: %v\n%s", l.name, err, examples[i].FullText)
		}
		if problems := p.Check(); len(problems) > 0 {
			t.Errorf("%s: %v", l.name, problems)
		}
		parsers[i] = p
	}
	return parsers
}

func TestTwentyLayouts(t *testing.T) {
	parsers := learned(t)
	var letters []letter
	var entered []map[string]string
	for i, l := range layouts() {
		v := newValues(uint64(i) + 1)
		for n := range mailsPerLayout {
			answers := l.answers(v)
			entered = append(entered, answers)
			letters = append(letters, l.letter(answers, n+1))
		}
	}
	right, unread, total := 0, 0, 0
	for i, m := range delivered(t, letters) {
		l, p := layouts()[i/mailsPerLayout], &parsers[i/mailsPerLayout]
		total += len(l.questions)
		if !p.Matches(&m) {
			t.Errorf("%s: mail %d is not seen as the form's: %q", l.name, i%mailsPerLayout, m.Subject)
		}
		fields, err := p.Parse(&m)
		if err != nil {
			unread++
			t.Logf("%s: %v", l.name, err)
			continue
		}
		right += countRight(t, l, &m, fields, entered[i])
	}
	t.Logf("%d of %d fields right, %d of %d mails unread", right, total, unread, len(letters))
	if 100*right < 98*total {
		t.Errorf("%d of %d fields are right, want 98 %%", right, total)
	}
}

// countRight fails the test for each wrong field: what is not right must not be read.
func countRight(t *testing.T, l layout, m *connectors.Message, fields []crm.FormField, want map[string]string) int {
	t.Helper()
	if len(fields) != len(l.questions) {
		t.Errorf("%s: %d fields, want %d", l.name, len(fields), len(l.questions))
	}
	right := 0
	for i, f := range fields {
		if f.Name != l.questions[i].name || len(f.Values) != 1 || !same(f.Values[0], want[f.Name], l.html) {
			t.Errorf("%s: %s = %q, entered %q\n%s", l.name, f.Name, f.Values, want[f.Name], m.FullText)
			continue
		}
		right++
	}
	return right
}
