package formmail

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// doubt looks into a value of several lines for a line that may be the label of a field which the form got
// since the example. Labels with a bullet or bracket and rows of a table show themselves anywhere. A plain
// "label: value" may as well be the customer's own: only the last line is doubted, since a new field of the
// form would stand there.
func (r *reading) doubt(value []string) *Unread {
	for i, line := range value {
		if line == "" {
			continue
		}
		if i >= r.beside && (r.decorated(line) || r.kind == kindBar && r.boxed(line) || r.plainLabel(line, i == len(value)-1)) {
			return &Unread{Why: fmt.Sprintf("a line in the value of %q may be a field of its own: %s", r.Fields[r.at].Label, short(line))}
		}
		if len(r.end) == 0 && r.at == len(r.Fields)-1 && quoteMark(line) {
			return &Unread{Why: "another mail seems to follow the fields: " + short(line)}
		}
	}
	return nil
}

// decorated reports a line that begins like the form's labels and may be one.
func (r *reading) decorated(line string) bool {
	line = strings.TrimLeft(line, spaces)
	if r.Before == "" || !strings.HasPrefix(line, r.Before) {
		return false
	}
	if c := r.firstLabel(line); c != nil {
		return true
	}
	return r.below && r.lonely(line)
}

// lonely reports a line that can be a label with its value below.
func (r *reading) lonely(line string) bool {
	var room [maxCuts]cut
	for _, c := range r.kind.cuts(line, room[:0]) {
		if c.rest != "" {
			return false
		}
	}
	return utf8.RuneCountInString(line) <= 40 && canBeLabel(strip(line)) && !strings.ContainsAny(line, "。、")
}

// firstLabel reads a line as the label of some field on the same line; nil if it cannot be one.
func (r *reading) firstLabel(line string) *cut {
	var room [maxCuts]cut
	cuts := r.kind.cuts(line, room[:0])
	if len(cuts) == 0 {
		return nil
	}
	c := cuts[0]
	head := strip(c.head)
	if r.spelt(c.sep, c.rest == "") && canBeLabel(head) && utf8.RuneCountInString(head) <= 40 && !strings.ContainsAny(head, "。、,！!") && !strings.HasPrefix(c.rest, "//") {
		return &c
	}
	return nil
}

// plainLabel reports a line that may be a label without bullet or bracket; last says that a label or the end
// follows.
func (r *reading) plainLabel(line string, last bool) bool {
	if r.kind == kindBelow {
		return r.Before == "" && usualLabel(line)
	}
	if r.kind != kindTab && (!last || r.Before != "") {
		return false
	}
	if last && r.kind.lone() && (usualLabel(line) || strings.HasSuffix(line, "：") || strings.HasSuffix(line, ":")) {
		return true // its value may be empty
	}
	return r.firstLabel(line) != nil
}

// boxed reports a line of a box that has a label, or ends a row.
func (r *reading) boxed(line string) bool {
	if isRule(line) {
		return strings.ContainsAny(line, corners)
	}
	if !bar(line) {
		return false
	}
	return strings.ContainsAny(line, "┃│║") && r.firstLabel(line) != nil || canBeLabel(strip(line)) && usualLabel(line)
}

// bar reports a line that begins with the bar of a box.
func bar(line string) bool {
	c, _ := utf8.DecodeRuneInString(strings.TrimLeft(line, spaces))
	return strings.ContainsRune(bars, c)
}

// spelt reports whether something that parts a label from its value is written as the form writes it;
// atEnd says that nothing stands behind it, and no spaces therefore.
func (r *reading) spelt(sep string, atEnd bool) bool {
	if r.kind != kindColon || r.Separator == "" {
		return true
	}
	return strings.TrimRight(sep, spaces) == strings.TrimRight(r.Separator, spaces) && (atEnd || sep == r.Separator) ||
		strings.Trim(sep, spaces) == r.Separator
}

// quoteMark reports a line that quotes, or with which the quote of another mail begins.
func quoteMark(line string) bool {
	line = strings.TrimLeft(line, spaces)
	if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "＞") {
		return true
	}
	if !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, "__") && !strings.HasPrefix(line, "==") {
		return false
	}
	inner := strings.Trim(crm.Fold(line), "-_=*ー ")
	for _, words := range []string{"forwarded message", "original message", "元のメッセージ", "転送メッセージ", "転送されたメッセージ"} {
		if inner == crm.Fold(words) {
			return true
		}
	}
	return false
}

// forwarded refuses a mail that has a quoted header before the fields.
func (f *form) forwarded(lines []string) *Unread {
	headers := 0
	for _, line := range lines {
		if quoteMark(line) {
			return &Unread{Why: "the mail is an answer or a forward: " + short(line)}
		}
		var room [maxCuts]cut
		cuts := kindColon.cuts(line, room[:0])
		if len(cuts) == 0 {
			continue
		}
		switch strings.ToLower(cuts[0].head) {
		case "from", "to", "date", "sent", "subject", "差出人", "宛先", "送信日時", "日時", "件名", "送信者":
			headers++
		}
	}
	if headers >= 3 {
		return &Unread{Why: "the mail is an answer or a forward"}
	}
	return nil
}

// twice refuses a mail in which half of the labels or more stand outside the fields as well: it tells of two
// submissions, or quotes one.
func (f *form) twice(before, behind []string) *Unread {
	outside := make(map[int]bool)
	for _, lines := range [][]string{before, behind} {
		for _, line := range lines {
			if i, _, ok := f.label(strings.TrimLeft(line, "> ＞")); ok {
				outside[i] = true
			}
		}
	}
	if len(outside) >= 2 && 2*len(outside) >= len(f.Fields) {
		return &Unread{Why: "the labels stand there a second time"}
	}
	return nil
}
