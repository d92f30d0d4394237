package mimeitem

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxBounces is how many failed recipients of one mail are kept.
const maxBounces = 100

// notice is a delivery failure as it is read: what its server says to machines and to people, and what it gives back of
// the mail.
type notice struct {
	subject  string
	words    string          // for people, without the mail given back
	groups   []reported      // for machines
	failed   []string        // X-Failed-Recipients, as Exim writes it
	returned []string        // recipients of the mail given back
	skip     map[string]bool // lower-case: who sent the notice and who got it
	spots    []spot          // addresses in words that may have failed
	all      string          // squashed words and subject
	code     statusCode      // the first in words
	reason   string          // what all of it says; "" if nothing known
}

// bounces reads a delivery failure. What is written for machines (RFC 3464) names the recipients; where that is missing or
// broken, the header of Exim, the words for people, and at last the mail given back do. A recipient's codes and
// words are looked for beside their name first, then in all of the notice.
func (r *reader) bounces(m *connectors.Message) []crm.Bounce {
	n := r.notice(m)
	var list []crm.Bounce
	for i := range n.groups {
		g := &n.groups[i]
		failed, delayed := g.failing()
		if !failed {
			continue
		}
		if address := n.recipientOf(g); address != "" {
			list = add(list, n.bounce(address, g, delayed))
		}
	}
	if len(list) > 0 || len(n.groups) > 0 && !slices.ContainsFunc(n.groups, func(g reported) bool { failed, _ := g.failing(); return failed }) {
		return list
	}
	for _, address := range n.recipients() {
		list = add(list, n.bounce(address, &reported{}, false))
	}
	return list
}

// add appends a bounce unless the recipient is known to have failed already.
func add(list []crm.Bounce, b crm.Bounce) []crm.Bounce {
	if len(list) >= maxBounces || slices.ContainsFunc(list, func(x crm.Bounce) bool { return strings.EqualFold(x.Recipient, b.Recipient) }) {
		return list
	}
	return append(list, b)
}

func (r *reader) notice(m *connectors.Message) *notice {
	n := &notice{subject: m.Subject, skip: map[string]bool{}}
	words, rest := serverWords(r.text)
	n.words = words
	if r.choice.status {
		n.groups = recipientGroups(r.report)
	}
	for _, boxes := range [][]crm.Mailbox{m.From, m.To, m.ReplyTo} {
		for _, box := range boxes {
			n.skip[strings.ToLower(box.Address)] = true
		}
	}
	for _, box := range r.mailboxes(fieldXFailedRecipients) {
		if box.Address != "" && len(n.failed) < maxBounces {
			n.failed = append(n.failed, box.Address)
		}
	}
	n.returned = r.returnedTo(rest)
	n.spots = rankSpots(words, addressSpots(words), n.skip)
	n.all = squash(n.words + "\n" + n.subject)
	n.code, n.reason = codesIn(n.words), wordsReason(n.all)
	return n
}

// returnedTo gives the recipients of the mail that the failure gives back: in a part of its own, or in the text.
func (r *reader) returnedTo(rest string) []string {
	var block []byte
	if p := r.choice.returned; p != nil {
		if body := r.body(p.Path); body != nil {
			block = decodeTransfer(body.Data, p.Encoding).b
		}
	}
	if len(block) == 0 {
		at := strings.Index(rest, "\nTo:")
		if at < 0 {
			return nil
		}
		block = []byte(rest[at+1:])
	}
	h := readHeader(block)
	inner := reader{h: &h}
	var list []string
	for _, boxes := range [][]crm.Mailbox{inner.mailboxes(fieldTo), inner.mailboxes(fieldCc), inner.mailboxes(fieldBcc)} {
		for _, box := range boxes {
			if box.Address != "" && len(list) < maxBounces {
				list = append(list, box.Address)
			}
		}
	}
	return list
}

// recipientOf is whom a group of a report is about: the address that was written to, as far as it tells. A local
// part alone is completed from what else is known.
func (n *notice) recipientOf(g *reported) string {
	for _, value := range []string{g.original, g.final} {
		if address := reportedAddress(value); address != "" {
			return address
		}
	}
	local := strings.ToLower(lastWord(cmpOr(g.final, g.original)))
	var known []string
	for _, s := range n.spots {
		known = append(known, s.address)
	}
	known = append(append(known, n.failed...), n.returned...)
	for _, address := range known {
		if l, _, _ := strings.Cut(strings.ToLower(address), "@"); l == local {
			return address
		}
	}
	if found := n.recipients(); len(found) == 1 && len(n.groups) == 1 {
		return found[0]
	}
	return ""
}

func lastWord(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		value = rest
	}
	return strings.Trim(value, " <>\"")
}

// recipients are those whom the free form names.
func (n *notice) recipients() []string {
	if len(n.failed) > 0 {
		return n.failed
	}
	var list []string
	best := 0
	for _, s := range n.spots {
		best = max(best, s.rank)
	}
	for _, s := range n.spots {
		switch {
		case s.rank < best:
		case best < 3 && len(list) > 0 && !n.wasFor(s.address):
		case originOf(n.words, s) != "":
			list = append(list, originOf(n.words, s))
		case n.isOrigin(s):
		default:
			list = append(list, s.address)
		}
	}
	if len(list) == 0 {
		list = slices.DeleteFunc(slices.Clone(n.returned), func(a string) bool { return n.skip[strings.ToLower(a)] })
		if len(list) > 1 {
			return nil // nobody can tell which of them
		}
	}
	return list
}

// isOrigin says whether the address only explains the one before it.
func (n *notice) isOrigin(s spot) bool {
	before := n.words[max(0, s.start-24):s.start]
	return strings.Contains(before, "expanded from") || strings.Contains(before, "generated from")
}

func (n *notice) wasFor(address string) bool {
	return slices.ContainsFunc(n.returned, func(a string) bool { return strings.EqualFold(a, address) })
}

// bounce says what is known of one recipient.
func (n *notice) bounce(address string, g *reported, delayed bool) crm.Bounce {
	diagnostic := cutString(diagnosticText(g.diagnostic), 2000)
	beside := n.beside(address)
	code := codesIn(g.status)
	code.reply = "" // a status holds none
	codes := []statusCode{codesIn(diagnostic), codesIn(beside), n.code}
	reasons := []string{wordsReason(squash(diagnostic)), wordsReason(squash(beside)), n.reason}
	if n.several(address) && (codes[1].String() != "" || reasons[1] != "") {
		codes[2], reasons[2] = statusCode{}, "" // the rest is about others
	}
	for _, more := range codes {
		if code.vague() && more.enhanced != "" && (code.enhanced == "" || more.class() == code.class() && !more.vague()) {
			code.enhanced = more.enhanced
		}
		code.reply = cmpOr(code.reply, more.reply)
		if code.String() != "" && !code.vague() {
			break
		}
	}
	b := crm.Bounce{Recipient: address, Code: code.String(), Reason: bounceReason(code, reasons)}
	b.Text = oneLine(cmpOr(diagnostic, tellingLine(beside, address)), 300)
	if b.Text == "" {
		b.Text = oneLine(n.subject, 300)
	}
	b.Hard = n.hard(code, b.Reason, g.action, delayed)
	return b
}

// several says whether the words name another failed recipient beside this one.
func (n *notice) several(address string) bool {
	return slices.ContainsFunc(n.spots, func(s spot) bool { return s.rank >= 2 && !strings.EqualFold(s.address, address) && !n.isOrigin(s) })
}

// hard follows the class of the code, but a mailbox that is full and a server that was away come back. Without a code
// it is final unless the server says that it still tries.
func (n *notice) hard(code statusCode, reason, action string, delayed bool) bool {
	switch {
	case delayed, reason == reasonFull, reason == reasonExpired:
		return false
	case code.class() != 0:
		return code.class() == '5'
	case action != "":
		return true
	}
	return !delayWords(n.all) || containsAny(n.all, "permanent", "恒久的", "永続的") != ""
}

// bounceReason asks the codes that mean one thing, then the words, nearest first, then the other codes.
func bounceReason(code statusCode, reasons []string) string {
	byCode, sure := statusReason(code.enhanced)
	if sure {
		return byCode
	}
	for i, reason := range reasons {
		if reason == "" {
			continue
		}
		if i == len(reasons)-1 && byCode != "" { // the whole notice says many things
			break
		}
		return reason
	}
	return cmpOr(cmpOr(byCode, replyReason(code.reply)), reasonOther)
}
