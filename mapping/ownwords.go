package mapping

import (
	_ "embed" // the phrases
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

//go:embed data/invitations.txt
var invitationData string

// phrases are the words of programs that send invitations, squashed.
type phrases struct {
	lines, labels map[string]bool
	replies, ends []string
	words         []string
}

var invitationPhrases = sync.OnceValue(func() *phrases {
	p := &phrases{lines: map[string]bool{}, labels: map[string]bool{}}
	for line := range strings.Lines(invitationData) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch text = squash(text); kind {
		case "line":
			p.lines[text] = true
		case "label":
			p.labels[text] = true
		case "reply":
			p.replies = append(p.replies, text)
		case "end":
			p.ends = append(p.ends, text)
		case "word":
			p.words = append(p.words, text)
		}
	}
	return p
})

// letterOf is what a mail says itself beside the meeting that it carries; ok is false if that is nothing. A text of which
// each line repeats the event, or is what programs write around it, says nothing.
func (b *batch) letterOf(item *connectors.Item) (letter crm.Letter, ok bool) {
	msg := item.Message
	if strings.TrimSpace(msg.Text) == "" || !newEventWords(msg).lacks(msg.Text) {
		return crm.Letter{}, false
	}
	letter = crm.Letter{Message: item.Key, At: msg.Date.UTC(), From: b.writer(msg), Subject: msg.Subject, Text: msg.Text}
	if msg.Date.IsZero() {
		letter.At = item.Received.UTC()
	}
	if len(letter.Text) > crm.MaxLetterText {
		letter.Text = strings.ToValidUTF8(letter.Text[:crm.MaxLetterText], "")
	}
	return letter, true
}

// writer is whose words a mail has: those of whom it speaks for where a service sent it.
func (b *batch) writer(msg *connectors.Message) string {
	for _, a := range b.readAll(msg.From) {
		if !a.noReply && a.normal != googleNotifier {
			return a.canonical
		}
	}
	m := msg.Invitation
	if m.Method == methodReply && len(m.Attendees) > 0 {
		return crm.CanonicalAddress(m.Attendees[0].Address)
	}
	return crm.CanonicalAddress(m.Organizer.Address)
}

// eventWords is what an event says, in the form in which lines of a mail are compared with it.
type eventWords struct {
	*phrases
	meeting     *connectors.Meeting
	lines       map[string]bool // its names, places, addresses, and the lines of its description
	whole       string          // all of them
	description string
	rest        string // of the description, what the lines before did not repeat: mails break its lines elsewhere
}

func newEventWords(msg *connectors.Message) *eventWords {
	m := msg.Invitation
	e := &eventWords{phrases: invitationPhrases(), meeting: m, lines: map[string]bool{}, description: squash(m.Description)}
	e.rest = e.description
	texts := []string{m.Summary, msg.Subject, m.Location, m.Conference, m.Organizer.Name, m.Organizer.Address, m.Zone}
	for _, who := range m.Attendees {
		texts = append(texts, who.Name, who.Address)
	}
	for _, boxes := range [][]crm.Mailbox{msg.From, msg.To, msg.Cc, msg.ReplyTo, {msg.Sender}} {
		for _, box := range boxes {
			texts = append(texts, box.Name, box.Address)
		}
	}
	for line := range strings.Lines(m.Description) {
		texts = append(texts, line)
	}
	var whole strings.Builder
	for _, text := range texts {
		if text = bare(squash(text)); text != "" {
			e.lines[text] = true
			whole.WriteString(text + "\n")
		}
	}
	e.whole = whole.String() + e.description
	return e
}

// lacks reports that a text says something that is not in the event.
func (e *eventWords) lacks(text string) bool {
	for line := range strings.Lines(text) {
		short := fold(e.withoutAddresses(line))
		s := withoutSpace(short)
		for _, end := range e.ends {
			if strings.HasPrefix(s, end) {
				return false
			}
		}
		if s == "begin:vcalendar" {
			return false // a mail that is nothing but the calendar
		}
		if !e.repeats(fold(line)) && !e.repeats(short) {
			return true
		}
	}
	return false
}

// withoutAddresses takes the addresses of Google's pages and of those who take part out of a line.
func (e *eventWords) withoutAddresses(line string) string {
	fields := strings.Fields(line)
	kept := fields[:0]
	for _, f := range fields {
		address := strings.Trim(f, "<>()[].,;:")
		page := strings.HasPrefix(address, "https://calendar.google.com/") || strings.HasPrefix(address, "https://www.google.com/calendar/") ||
			strings.HasPrefix(address, "https://www.google.com/maps/search/") || strings.HasPrefix(address, "https://support.google.com/calendar/")
		if page || strings.Contains(address, "@") && e.lines[squash(address)] {
			continue
		}
		kept = append(kept, f)
	}
	return strings.Join(kept, " ")
}

// longEnough is from how many characters on a line that stands anywhere in the event is taken for a piece of it.
const longEnough = 16

// repeats reports that a folded line says nothing that the event does not, or that a program wrote it.
func (e *eventWords) repeats(line string) bool {
	s := withoutSpace(line)
	if rest, ok := strings.CutPrefix(e.rest, s); ok {
		if e.rest = rest; rest == "" {
			e.rest = e.description
		}
		return true
	}
	s = bare(s)
	if s == "" || e.lines[s] || e.phrases.lines[s] || e.labels[s] {
		return true
	}
	if utf8.RuneCountInString(s) >= longEnough && strings.Contains(e.whole, s) {
		return true
	}
	for _, end := range e.replies {
		if who, ok := strings.CutSuffix(s, bare(end)); ok && (who == "" || e.lines[bare(who)]) {
			return true
		}
	}
	if label, value, ok := strings.Cut(line, ":"); ok && e.labels[bare(withoutSpace(label))] {
		return e.repeats(value)
	}
	if at := strings.LastIndexByte(s, '-'); at > 0 && e.labels[bare(s[at:])] && e.lines[bare(s[:at])] {
		return true // "Sato - organizer"
	}
	return e.repeatsTime(line)
}

// repeatsTime reports that a line is a date, with or without times, and that of the meeting: as it is in the zone it was
// made in, or in UTC.
func (e *eventWords) repeatsTime(line string) bool {
	numbers, ok := e.dateNumbers(line)
	if !ok || len(numbers) == 0 || e.meeting.Start.IsZero() {
		return false
	}
	zones := []*time.Location{time.UTC}
	if zone, err := time.LoadLocation(e.meeting.Zone); err == nil {
		zones = append(zones, zone)
	}
	for _, zone := range zones {
		if saysTime(numbers, e.meeting.Start.In(zone), e.meeting.End.In(zone)) {
			return true
		}
	}
	return false
}

func saysTime(numbers map[int]bool, start, end time.Time) bool {
	_, offset := start.Zone()
	days, times := map[int]bool{}, map[int]bool{0: true, offset / 3600: true, offset % 3600 / 60: true}
	for _, t := range []time.Time{start, end, end.Add(-time.Second)} {
		days[t.Year()], days[int(t.Month())], days[t.Day()] = true, true, true
	}
	for _, t := range []time.Time{start, end} {
		times[t.Hour()], times[(t.Hour()+11)%12+1], times[t.Minute()] = true, true, true
	}
	timed := false
	for n := range numbers {
		if !days[n] && !times[n] {
			return false
		}
		timed = timed || !days[n]
	}
	return !timed || numbers[start.Hour()] || numbers[(start.Hour()+11)%12+1]
}

// dateNumbers are the numbers of a line that consists of nothing but what stands in dates.
func (e *eventWords) dateNumbers(s string) (numbers map[int]bool, ok bool) {
	numbers = map[int]bool{}
	for s != "" {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c >= '0' && c <= '9':
			digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
			n, err := strconv.Atoi(s[:digits])
			if err != nil {
				return nil, false
			}
			numbers[n], size = true, digits
		case unicode.IsLetter(c):
			if size = e.dateWord(s); size == 0 {
				return nil, false
			}
		}
		s = s[size:]
	}
	return numbers, true
}

// dateWord is the length of the longest word with which s begins; 0 if it begins with none.
func (e *eventWords) dateWord(s string) int {
	longest := 0
	for _, word := range e.words {
		if len(word) > longest && strings.HasPrefix(s, word) {
			longest = len(word)
		}
	}
	return longest
}

// squash folds a text and takes out its white space.
func squash(s string) string { return withoutSpace(fold(s)) }

func withoutSpace(s string) string { return strings.Join(strings.Fields(s), "") }

// bare takes off what stands around words: bullets, brackets, full stops.
func bare(s string) string {
	return strings.TrimFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) })
}
