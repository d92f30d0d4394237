package formmail

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// frame makes the parser: it adds what stands between the marked fields and around them.
func (s *search) frame(found kindSpots) (Parser, error) {
	p := Parser{Layout: found.kind.layout()}
	p.Before, p.Separator = s.style(found)
	if kindOf(p.Layout, p.Separator) != found.kind {
		return Parser{}, fmt.Errorf("learn form mail: labels are parted from values by %q, which is not known", p.Separator)
	}
	f := frame{search: s, kind: found.kind, before: p.Before}
	spots := found.spots
	above := f.above(spots[0].line)
	spots = append(above, spots...)
	spots = append(spots, f.below(spots[len(spots)-1])...)
	for i := range spots {
		p.Fields = append(p.Fields, f.field(spots[i]))
		if i+1 == len(spots) {
			break
		}
		between, after, err := f.between(spots[i], spots[i+1])
		if err != nil {
			return Parser{}, err
		}
		p.Fields[len(p.Fields)-1].After = after
		p.Fields = append(p.Fields, between...)
	}
	p.Start = f.anchor(spots[0].line-1, -1)
	p.End = f.anchor(spots[len(spots)-1].end, 1)
	return p, nil
}

// style gives the bullet that all labels have, and what parts them from values.
func (s *search) style(found kindSpots) (before, separator string) {
	seps := map[string]bool{}
	trimmed := map[string]bool{}
	for i, at := range found.spots {
		this := decoration(s.lines[at.line], at.label)
		if i == 0 {
			before = this
		} else if before != this {
			before = ""
		}
		if at.sep != "" && !at.below {
			seps[at.sep] = true
			trimmed[strings.Trim(at.sep, spaces)] = true
			separator = at.sep
		}
	}
	switch found.kind {
	case kindTab:
		return before, "\t"
	case kindSpaces, kindBelow:
		return before, ""
	}
	if len(seps) > 1 || strings.ContainsAny(separator, "\t") {
		separator = strings.Trim(separator, spaces)
	}
	if found.kind == kindLeader && len(trimmed) > 1 {
		c, _ := utf8.DecodeRuneInString(separator)
		separator = strings.Repeat(string(c), 3)
	}
	if found.kind == kindColon && len(trimmed) > 1 {
		separator = ""
	}
	return before, separator
}

// frame knows the style of the example.
type frame struct {
	*search

	kind   kind
	before string
}

// field describes a place.
func (f *frame) field(at spot) Field {
	field := Field{
		Label: at.label, Suffix: at.suffix, Below: at.below && f.kind != kindBelow,
		Many: at.many || at.mark >= 0 && wantsRoom(at.label),
	}
	if at.mark >= 0 {
		field.Name = f.marks[at.mark].name
	}
	return field
}

// unmarked reads a line as the label of a field that was not marked.
func (f *frame) unmarked(i int) (spot, bool) {
	line := f.lines[i]
	var room [maxCuts]cut
	if cuts := f.kind.cuts(line, room[:0]); len(cuts) > 0 {
		c := cuts[0]
		label := strip(c.head)
		if !canBeLabel(label) || decoration(line, label) != f.before || strings.HasPrefix(c.rest, "//") ||
			strings.ContainsAny(label, "。、") || utf8.RuneCountInString(label) > 30 {
			return spot{}, false
		}
		return spot{mark: -1, line: i, end: i + 1, label: label, sep: c.sep}, true
	}
	if f.kind.lone() && (usualLabel(line) || strings.HasSuffix(line, ":") || strings.HasSuffix(line, "：")) && canBeLabel(strip(line)) {
		return spot{mark: -1, line: i, end: i + 1, label: strip(line)}, true // an empty cell behind it is not written
	}
	if label := strip(line); f.kind == kindBelow && f.before != "" && canBeLabel(label) && decoration(line, label) == f.before {
		return spot{mark: -1, line: i, end: i + 1, label: label, below: true}, true
	}
	return spot{}, false
}

// above finds the fields that were not marked right above the first that was.
func (f *frame) above(line int) []spot {
	var spots []spot
	for i := line - 1; i >= 0 && line-i <= maxFields; i-- {
		if f.lines[i] == "" {
			continue
		}
		at, ok := f.unmarked(i)
		if !ok || f.kind == kindBelow {
			break
		}
		spots = append([]spot{at}, spots...)
	}
	return spots
}

// below finds those after the last that was marked.
func (f *frame) below(last spot) []spot {
	var spots []spot
	for i := last.end; i < len(f.lines) && len(spots) < maxFields; i++ {
		if f.lines[i] == "" {
			continue
		}
		at, ok := f.unmarked(i)
		if !ok {
			break
		}
		if at.below {
			if next := nextFull(f.lines, i+1); next < len(f.lines) && !isRule(f.lines[next]) {
				if _, label := f.unmarked(next); !label {
					at.end = next + 1
					i = next
				}
			}
		}
		spots = append(spots, at)
	}
	return spots
}

// between places the lines between two fields: they belong to fields that were not marked, or are headings and
// rules that stand in every mail.
func (f *frame) between(from, to spot) (fields []Field, after []string, err error) {
	last := &after
	room := false // the unmarked field before may have a value below
	for i := from.end; i < to.line; i++ {
		line := f.lines[i]
		if line == "" {
			continue
		}
		if at, ok := f.unmarked(i); ok {
			fields = append(fields, f.field(at))
			last = nil
			room = at.below
			continue
		}
		switch {
		case room && !isRule(line):
			room = false
		case last == nil:
			last = &fields[len(fields)-1].After
			fallthrough
		default:
			if !f.heading(i) {
				return nil, nil, fmt.Errorf("learn form mail: line %d belongs to no marked value: %s; mark all of the value before it, or, if it is the label of an empty field, an empty value with its name", i+1, short(line))
			}
			*last = append(*last, f.pattern(strings.Trim(line, spaces)))
		}
	}
	return fields, after, nil
}

// heading reports a line that may stand between fields in every mail.
func (f *frame) heading(i int) bool {
	line := f.lines[i]
	if isRule(line) {
		return true
	}
	if utf8.RuneCountInString(line) > 40 || strings.ContainsAny(line, "。") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(line, spaces))
	return f.lines[i-1] == "" || strings.ContainsRune(opening+bullets, first)
}
