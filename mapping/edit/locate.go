package edit

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

const (
	maxNodes = 50_000 // of a document, with what anchors repeat
	maxDepth = 60
)

// document is a text with the places of its nodes.
type document struct {
	text  string
	lines []int      // where each line begins
	root  *yaml.Node // nil if the text says nothing
	nl    string     // how its lines end
}

func open(text string) (*document, error) {
	d := &document{text: text, lines: []int{0}, nl: "\n"}
	if strings.Contains(text, "\r\n") {
		d.nl = "\r\n"
	}
	for i := range len(text) {
		if text[i] == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 && !empty(n.Content[0]) {
		d.root = n.Content[0]
	}
	return d, nil
}

// empty reports a node of which nothing stands in the text.
func empty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Tag == "!!null" && n.Anchor == ""
}

func flow(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 }

// start is where a node begins in the text.
func (d *document) start(n *yaml.Node) (int, error) {
	if n.Kind == yaml.MappingNode && !flow(n) && len(n.Content) > 0 {
		return d.start(n.Content[0])
	}
	if n.Line < 1 || n.Line > len(d.lines) {
		return 0, ErrShape
	}
	at := d.lines[n.Line-1]
	if at == 0 && strings.HasPrefix(d.text, "\uFEFF") {
		at += len("\uFEFF")
	}
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(d.text[at:])
		at += size
	}
	return at, nil
}

// indent is the column of a node, from 0.
func indent(n *yaml.Node) int {
	if n.Kind == yaml.MappingNode && !flow(n) && len(n.Content) > 0 {
		return n.Content[0].Column - 1
	}
	return n.Column - 1
}

// end is where a node that is not empty ends, without a comment behind it.
func (d *document) end(n *yaml.Node) (int, error) {
	at, err := d.start(n)
	if err != nil {
		return 0, err
	}
	switch {
	case n.Kind == yaml.AliasNode:
		return at + 1 + len(n.Value), nil
	case n.Kind == yaml.ScalarNode:
		return d.scalarEnd(n, d.skipProperties(at))
	case flow(n):
		at = d.skipProperties(at) + 1
		if last := len(n.Content) - 1; last >= 0 {
			if at, err = d.lastEnd(n, last); err != nil {
				return 0, err
			}
		}
		return d.closing(at)
	case n.Kind == yaml.SequenceNode:
		dashes, err := d.dashes(n)
		if err != nil {
			return 0, err
		}
		return d.itemEnd(n, dashes, len(n.Content)-1)
	}
	return d.pairEnd(n, len(n.Content)-2)
}

// lastEnd is where the last node of a flow collection ends.
func (d *document) lastEnd(n *yaml.Node, last int) (int, error) {
	for ; last > 0 && empty(n.Content[last]); last-- {
		continue
	}
	return d.end(n.Content[last])
}

// closing is the place behind the bracket that ends a flow collection.
func (d *document) closing(at int) (int, error) {
	for ; at < len(d.text); at++ {
		switch c := d.text[at]; c {
		case ']', '}':
			return at + 1, nil
		case '#':
			at = d.lineEnd(at)
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return 0, ErrShape
		}
	}
	return 0, ErrShape
}

// skipProperties goes over an anchor and a tag.
func (d *document) skipProperties(at int) int {
	for at < len(d.text) && (d.text[at] == '&' || d.text[at] == '!') {
		for at < len(d.text) && !space(d.text[at]) {
			at++
		}
		for at < len(d.text) && space(d.text[at]) {
			at++
		}
	}
	return at
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (d *document) scalarEnd(n *yaml.Node, at int) (int, error) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for at++; at < len(d.text); at++ {
			switch d.text[at] {
			case '\\':
				at++
			case '"':
				return at + 1, nil
			}
		}
	case n.Style&yaml.SingleQuotedStyle != 0:
		for at++; at < len(d.text); at++ {
			if d.text[at] != '\'' {
				continue
			}
			if !strings.HasPrefix(d.text[at:], "''") {
				return at + 1, nil
			}
			at++
		}
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return d.blockEnd(at)
	default:
		return d.plainEnd(n.Value, at)
	}
	return 0, ErrShape
}

// plainEnd follows a value without quotes, which may go on in the next lines.
func (d *document) plainEnd(value string, at int) (int, error) {
	for value != "" && at < len(d.text) {
		if space(value[0]) && space(d.text[at]) {
			value = strings.TrimLeft(value, " \t\n")
			for at < len(d.text) && space(d.text[at]) {
				at++
			}
			continue
		}
		if value[0] != d.text[at] {
			return 0, ErrShape
		}
		value, at = value[1:], at+1
	}
	if value != "" {
		return 0, ErrShape
	}
	return at, nil
}

// blockEnd is the end of a text written below its key (| or >): the last line that is indented like its first.
func (d *document) blockEnd(at int) (int, error) {
	header := d.text[at:d.lineEnd(at)]
	if strings.ContainsAny(strings.SplitN(header, "#", 2)[0], "0123456789") {
		return 0, ErrShape // the depth of its lines is said, not shown
	}
	end, depth := d.lineEnd(at), -1
	for next := d.nextLine(end); next < len(d.text); next = d.nextLine(next) {
		line := d.text[next:d.lineEnd(next)]
		bare := strings.TrimLeft(line, " ")
		if bare == "" {
			continue
		}
		if depth < 0 {
			depth = len(line) - len(bare)
		}
		if len(line)-len(bare) < depth || depth == 0 {
			break
		}
		end = next + len(line)
	}
	return end, nil
}

// pairEnd is where the value of the key at i ends, or the colon if there is none.
func (d *document) pairEnd(n *yaml.Node, i int) (int, error) {
	if value := n.Content[i+1]; !empty(value) {
		return d.end(value)
	}
	return d.colon(n.Content[i])
}

// colon is the place behind the colon of a key.
func (d *document) colon(key *yaml.Node) (int, error) {
	at, err := d.end(key)
	if err != nil {
		return 0, err
	}
	for at < len(d.text) && (d.text[at] == ' ' || d.text[at] == '\t') {
		at++
	}
	if at == len(d.text) || d.text[at] != ':' {
		return 0, ErrShape
	}
	return at + 1, nil
}

// dashes are the places of the dashes of a list that is written line by line.
func (d *document) dashes(n *yaml.Node) ([]int, error) {
	first, err := d.start(n)
	if err != nil {
		return nil, err
	}
	if first = d.skipProperties(first); first >= len(d.text) || d.text[first] != '-' {
		return nil, ErrShape
	}
	depth := first - d.lineStart(first)
	dashes := []int{first}
	for i := 1; i < len(n.Content); i++ {
		at, err := d.itemEnd(n, dashes, i-1)
		if err != nil {
			return nil, err
		}
		found := false
		for at = d.nextLine(at); at < len(d.text) && !found; at = d.nextLine(at) {
			line := d.text[at:d.lineEnd(at)]
			if found = len(line) > depth && line[depth] == '-' && strings.Trim(line[:depth], " ") == ""; found {
				dashes = append(dashes, at+depth)
			}
		}
		if !found {
			return nil, ErrShape
		}
	}
	return dashes, nil
}

func (d *document) itemEnd(n *yaml.Node, dashes []int, i int) (int, error) {
	if i < 0 {
		return 0, ErrShape
	}
	if empty(n.Content[i]) {
		return dashes[i] + 1, nil
	}
	return d.end(n.Content[i])
}

// lineEnd is the end of a line without what breaks it.
func (d *document) lineEnd(at int) int {
	end := strings.IndexByte(d.text[at:], '\n')
	if end < 0 {
		return len(d.text)
	}
	if end += at; end > at && d.text[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine is the start of the next line, or the end of the text.
func (d *document) nextLine(at int) int {
	if end := strings.IndexByte(d.text[at:], '\n'); end >= 0 {
		return at + end + 1
	}
	return len(d.text)
}

func (d *document) lineStart(at int) int { return strings.LastIndexByte(d.text[:at], '\n') + 1 }

// child is the node one step below, with its key in a group; nil if there is none.
func child(n *yaml.Node, step any) (key, value *yaml.Node, index int) {
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step >= 0 && step < len(n.Content) {
			return nil, n.Content[step], step
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step && n.Content[i].Kind == yaml.ScalarNode {
				return n.Content[i], n.Content[i+1], i
			}
		}
	}
	return nil, nil, -1
}

// find is the node at a path; nil if there is none.
func (d *document) find(path Path) *yaml.Node {
	n := d.root
	for _, step := range path {
		if n == nil {
			return nil
		}
		_, n, _ = child(n, step)
	}
	return n
}

// Line is the line, from 1, in which a setting stands, or the nearest thing above it.
func Line(text string, path Path) int {
	d, err := open(text)
	if err != nil || d.root == nil {
		return 1
	}
	n, line := d.root, 1
	for _, step := range path {
		key, value, _ := child(n, step)
		if value == nil {
			break
		}
		if line = value.Line; key != nil {
			line = key.Line
		}
		n = value
	}
	return line
}
