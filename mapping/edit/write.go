package edit

import (
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// maxInline is the longest group or list that is written in one line, in characters.
const maxInline = 110

// inline writes a value in one line.
func inline(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		parts := make([]string, len(n.Content))
		for i, c := range n.Content {
			parts[i] = inline(c)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		var parts []string
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, scalar(n.Content[i])+": "+inline(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return scalar(n)
}

// fits reports whether a value is written in one line.
func fits(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode || len(n.Content) == 0 || len([]rune(inline(n))) <= maxInline && !deep(n)
}

// deep reports a list of groups, which is easier to read with a line for each.
func deep(n *yaml.Node) bool {
	if n.Kind != yaml.SequenceNode {
		return false
	}
	return len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode
}

// below writes what follows a key or a dash: a value in the same line, or lines below it, indented by depth.
func (d *document) below(n *yaml.Node, depth int) string {
	if inOneLine(n, depth) {
		return " " + inline(n)
	}
	return d.nl + d.linesOf(n, depth)
}

// inOneLine is fits but for whole sections, where others will write more.
func inOneLine(n *yaml.Node, depth int) bool {
	return fits(n) && (depth > 2 || n.Kind != yaml.MappingNode || len(n.Content) == 0)
}

// linesOf writes a group or list line by line, without the last line's end.
func (d *document) linesOf(n *yaml.Node, depth int) string {
	pad := strings.Repeat(" ", depth)
	var lines []string
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			lines = append(lines, pad+"-"+d.entry(c, depth+2))
		}
	} else {
		for i := 0; i+1 < len(n.Content); i += 2 {
			lines = append(lines, pad+scalar(n.Content[i])+":"+d.below(n.Content[i+1], depth+2))
		}
	}
	return strings.Join(lines, d.nl)
}

// entry writes what follows a dash.
func (d *document) entry(n *yaml.Node, depth int) string {
	if fits(n) || n.Kind == yaml.SequenceNode {
		return " " + inline(n)
	}
	return " " + strings.TrimLeft(d.linesOf(n, depth), " ")
}

// scalar writes a text, number or truth so that it is read as the same again, wherever it stands.
func scalar(n *yaml.Node) string {
	s := n.Value
	switch {
	case n.Tag == "!!null":
		return "null"
	case n.Tag != "!!str" && n.Tag != "":
		return s
	case bare(s):
		return s
	case strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }):
		return escaped(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// bare reports texts that need no quotes.
func bare(s string) bool {
	for i, c := range s {
		word := unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || c == '_'
		if !word && (i == 0 || !strings.ContainsRune("-./@+() ", c)) {
			return false
		}
	}
	if s == "" || strings.TrimSpace(s) != s {
		return false
	}
	var n yaml.Node
	err := yaml.Unmarshal([]byte(s), &n)
	return err == nil && len(n.Content) == 1 && n.Content[0].Tag == "!!str" && n.Content[0].Value == s
}

func escaped(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			fmt.Fprintf(&b, `\u%04X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// nodeOf is a Go value as a node. A node is taken as it is.
func nodeOf(v any) (*yaml.Node, error) {
	if n, ok := v.(*yaml.Node); ok {
		return n, nil
	}
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return nil, fmt.Errorf("write value: %w", err)
	}
	return &n, nil
}
