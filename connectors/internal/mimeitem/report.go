package mimeitem

import (
	"strconv"
	"strings"
)

// reported is what a delivery status says of one recipient (RFC 3464, section 2.3).
type reported struct {
	final, original string // as written, with the type in front
	action          string // lower-case
	status          string
	diagnostic      string // unfolded, without its type
}

// named says whether the group is of a recipient at all: the first one of a report is of the whole message.
func (g *reported) named() bool { return g.final != "" || g.original != "" }

// recipientGroups reads the machine-readable part of a report. Groups are parted by empty lines; where these are
// missing, a field that the group has already begins the next one. What is no field continues the one before.
func recipientGroups(report string) []reported {
	var list []reported
	var g reported
	var last *string
	flush := func() {
		if g.named() && len(list) < maxBounces {
			list = append(list, g)
		}
		g, last = reported{}, nil
	}
	for line := range strings.Lines(report) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			if g.named() {
				flush()
			}
			last = nil
			continue
		}
		slot, value := g.field(line)
		switch {
		case slot == nil && last != nil && (line[0] == ' ' || line[0] == '\t' || !isField(line)):
			if len(*last) < 4096 {
				*last = strings.TrimSpace(*last + " " + strings.TrimSpace(line))
			}
			continue
		case slot == nil:
			last = nil
			continue
		case *slot != "" && g.named():
			flush()
			slot, _ = g.field(line)
		}
		*slot, last = value, slot
	}
	flush()
	return list
}

// field gives where the value of a line belongs; nil if it is none of the fields that are read.
func (g *reported) field(line string) (slot *string, value string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok || line[0] == ' ' || line[0] == '\t' {
		return nil, ""
	}
	value = strings.TrimSpace(value)
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "final-recipient":
		return &g.final, value
	case "original-recipient":
		return &g.original, value
	case "action":
		return &g.action, strings.ToLower(value)
	case "status":
		return &g.status, value
	case "diagnostic-code":
		return &g.diagnostic, value
	}
	return nil, ""
}

func isField(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	return ok && len(name) <= 40 && name != "" && !strings.ContainsAny(name, " \t;<>@.")
}

// reportedAddress is the address in a field such as "rfc822; taro@client.co.jp"; "" if it holds none. In the type
// utf-8 characters may be written as \x{3042} (RFC 6533, section 3).
func reportedAddress(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && !strings.Contains(kind, "@") {
		value = rest
	}
	value = unescapeUnitext(strings.TrimSpace(value))
	if from, to := strings.IndexByte(value, '<'), strings.LastIndexByte(value, '>'); from >= 0 && to > from {
		value = value[from+1 : to]
	}
	value, _, _ = strings.Cut(value, " (")
	return bareAddress(value)
}

// unescapeUnitext decodes the \x{HEX} of RFC 6533.
func unescapeUnitext(s string) string {
	if !strings.Contains(s, `\x{`) {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, `\x{`)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		hex, after, closed := strings.Cut(rest, "}")
		c, err := strconv.ParseUint(hex, 16, 21)
		if !closed || err != nil || len(hex) > 6 {
			b.WriteString(`\x{`)
			s = rest
			continue
		}
		b.WriteRune(rune(c))
		s = after
	}
}

// diagnosticText drops the type in front of a diagnostic: "smtp; 550 …".
func diagnosticText(diagnostic string) string {
	if kind, rest, ok := strings.Cut(diagnostic, ";"); ok && len(kind) <= 24 && !strings.ContainsAny(kind, " \t0123456789<@:") || ok && strings.EqualFold(strings.TrimSpace(kind), "x-postfix") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(diagnostic)
}

// failing says whether the action is one of a failure, and whether it is only a delay. A report without a legible
// action fails unless its status is one of success.
func (g *reported) failing() (failed, delayed bool) {
	switch {
	case strings.HasPrefix(g.action, "fail"), strings.HasPrefix(g.action, "bounce"), strings.HasPrefix(g.action, "undeliver"):
		return true, false
	case strings.HasPrefix(g.action, "delay"):
		return true, true
	case strings.HasPrefix(g.action, "deliver"), strings.HasPrefix(g.action, "relay"), strings.HasPrefix(g.action, "expand"):
		return false, false
	}
	return !strings.HasPrefix(g.status, "2"), false
}
