package webform

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// path leads to values inside a value. Its text is a small part of JSONPath (RFC 9535), with or without the
// leading $: names after dots or quoted in brackets, [0] and [-1] for elements, [*] for all of them.
type path struct {
	text  string
	steps []step
}

// step goes one level down.
type step struct {
	name string
	at   int
	kind stepKind
}

type stepKind byte

const (
	stepName stepKind = iota
	stepIndex
	stepAll
)

// compile reads a path. plain takes the text as the one name it is: the heading of a CSV column.
func compile(text string, plain bool) (path, error) {
	p := path{text: text}
	if plain {
		if heading := strings.Join(strings.Fields(text), " "); heading != "" {
			p.steps = []step{{name: heading}}
		}
		return p, nil
	}
	rest := strings.TrimPrefix(text, "$")
	for first := true; rest != ""; first = false {
		var s step
		var err error
		if rest[0] == '[' {
			s, rest, err = bracket(rest)
		} else {
			s, rest, err = dotted(rest, first && rest == text)
		}
		if err != nil {
			return path{}, fmt.Errorf("read path %q: %w", text, err)
		}
		p.steps = append(p.steps, s)
	}
	return p, nil
}

func dotted(rest string, bareFirst bool) (step, string, error) {
	if !bareFirst {
		if rest[0] != '.' {
			return step{}, "", errors.New("a name needs a dot before it")
		}
		rest = rest[1:]
	}
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return step{}, "", errors.New("a name is empty")
	}
	if strings.ContainsAny(rest[:end], "]*?@()'\"") {
		return step{}, "", fmt.Errorf("%q is not a plain name; quote it in brackets: ['…']", rest[:end])
	}
	return step{name: rest[:end]}, rest[end:], nil
}

func bracket(rest string) (step, string, error) {
	if len(rest) > 2 && (rest[1] == '\'' || rest[1] == '"') {
		end := strings.IndexByte(rest[2:], rest[1])
		if end < 0 || !strings.HasPrefix(rest[2+end+1:], "]") {
			return step{}, "", errors.New("a quoted name is not closed")
		}
		return step{name: rest[2 : 2+end]}, rest[2+end+2:], nil
	}
	inner, after, closed := strings.Cut(rest[1:], "]")
	if !closed {
		return step{}, "", errors.New("a bracket is not closed")
	}
	if inner == "*" {
		return step{kind: stepAll}, after, nil
	}
	at, err := strconv.Atoi(inner)
	if err != nil {
		return step{}, "", fmt.Errorf("[%s] is neither a number, nor *, nor a quoted name", inner)
	}
	return step{kind: stepIndex, at: at}, after, nil
}

// all gives the values that the path leads to. A name that is the whole text of the path counts before its steps.
func (p *path) all(v value) []value {
	if v.kind == isObject && len(p.steps) > 1 {
		if whole, ok := v.member(p.text); ok {
			return []value{whole}
		}
	}
	found := []value{v}
	for _, s := range p.steps {
		var next []value
		for _, v := range found {
			next = s.down(v, next)
		}
		found = next
	}
	return found
}

func (s step) down(v value, out []value) []value {
	switch {
	case s.kind == stepName && v.kind == isObject:
		if m, ok := v.member(s.name); ok {
			return append(out, m)
		}
	case s.kind == stepAll && v.kind == isList:
		return append(out, v.parts...)
	case s.kind == stepIndex && v.kind == isList:
		at := s.at
		if at < 0 {
			at += len(v.parts)
		}
		if at >= 0 && at < len(v.parts) {
			return append(out, v.parts[at])
		}
	}
	return out
}

// textIn gives the first text that the path leads to, without white space around it; "" if there is none.
func (p *path) textIn(v value) string {
	for _, found := range p.all(v) {
		if found.kind == isText {
			if text := strings.TrimSpace(found.text); text != "" {
				return text
			}
		}
	}
	return ""
}
