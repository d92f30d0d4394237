package crm

import (
	"strings"
	"time"
	"unicode"
)

// SameMail says whether two activities with the same Key are views of one real mail. Message-IDs are meant to
// be unique, but broken scripts repeat them, some differ in case only, and anybody can copy one; a mail must
// not vanish behind another because of that. Views of one mail agree in their Date, and in the sender or the
// subject (mailing lists change one or the other), and their texts agree but for footers, banners and
// rewritten links. Of mails without a usable Date, whose time is that of each mailbox, more must agree.
func SameMail(a, b Activity) bool {
	if a.Kind != KindEmail || b.Kind != KindEmail {
		return true
	}
	apart := a.Time.Sub(b.Time).Abs()
	sender := strings.EqualFold(senderOf(a), senderOf(b))
	subject := bareSubject(a.Subject) == bareSubject(b.Subject)
	textA, textB := squash(wholeText(a)), squash(wholeText(b))
	contained := strings.Contains(textA, textB) || strings.Contains(textB, textA)
	const rounding, mailboxes = 2 * time.Second, 12 * time.Hour
	if apart <= rounding {
		return (sender || subject) && (contained || sharedLines(wholeText(a), wholeText(b)))
	}
	return apart <= mailboxes && sender && subject && contained && (textA == "") == (textB == "")
}

// ApartKey is the Key of a mail or a meeting whose own Key belongs to a different one already. All views of it give
// the same one, those of a meeting as far as they name its organiser.
func ApartKey(a Activity) Key {
	if a.Meeting != nil {
		return hashKey("apart meeting", string(a.Key), strings.Join(organizersOf(&a), ","))
	}
	return hashKey("apart", string(a.Key), strings.ToLower(senderOf(a)), bareSubject(a.Subject), a.Time.UTC().Format(time.RFC3339))
}

func senderOf(a Activity) string {
	for _, p := range a.People {
		if p.Role == RoleFrom {
			return p.Address
		}
	}
	return ""
}

func wholeText(a Activity) string {
	if a.FullText != "" {
		return a.FullText
	}
	return a.Text
}

// bareSubject takes off the tags that mailing lists and gateways put in front, such as "[EXTERNAL]".
func bareSubject(s string) string {
	for {
		s = strings.TrimSpace(s)
		tag, rest, found := strings.Cut(s, "]")
		if !found || !strings.HasPrefix(tag, "[") || strings.TrimSpace(rest) == "" {
			return s
		}
		s = rest
	}
}

// squash drops white space, in which transports differ.
func squash(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, s)
}

// sharedLines says whether at least half of the lines of the shorter text stand in the longer one.
func sharedLines(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	known := make(map[string]bool)
	for line := range strings.Lines(b) {
		known[strings.TrimSpace(line)] = true
	}
	shared, all := 0, 0
	for line := range strings.Lines(a) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		all++
		if known[line] {
			shared++
		}
	}
	return shared*2 >= all
}
