package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxNodes bounds what anchors may blow a file up to.
const maxNodes = 200_000

// parse reads the one document of a file. Problems of the syntax end it; YAML tells only the first of them.
func (l *loader) parse(data []byte) *yaml.Node {
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithUniqueKeys(false))
	if err != nil {
		l.problem(Problem{What: err.Error()})
		return nil
	}
	var doc yaml.Node
	if err := loader.Load(&doc); err != nil && !errors.Is(err, io.EOF) {
		l.syntax(err, data)
		return nil
	}
	var second yaml.Node
	if err := loader.Load(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			l.syntax(err, data)
			return nil
		}
		l.at(&second, "", "a second document starts here", "write everything into one, without ---")
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || isNull(doc.Content[0]) {
		l.problem(Problem{What: "the file holds no settings", Hint: "`tsunagu init` in an empty folder writes a file to start from"})
		return nil
	}
	budget := maxNodes
	root := l.flatten(doc.Content[0], "", &budget, 0)
	if budget < 0 {
		l.problem(Problem{What: "the anchors make the file too large", Hint: "write the values out"})
		return nil
	}
	if root.Kind != yaml.MappingNode {
		l.at(root, "", "the file must consist of settings, one `name: value` a line", "")
		return nil
	}
	return root
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// syntax turns an error of the YAML reader into problems. Tabs are named first, since the reader's own words
// about them help nobody.
func (l *loader) syntax(err error, data []byte) {
	lines := strings.Split(string(data), "\n")
	tabs := false
	for i, line := range lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && strings.TrimSpace(line) != "" {
			l.problem(Problem{Line: i + 1, Column: at + 1, What: "a tab indents this line", Hint: "YAML wants spaces"})
			tabs = true
		}
	}
	if tabs {
		return
	}
	p := Problem{What: "this is not YAML: " + err.Error()}
	var le *yaml.LoadError
	if errors.As(err, &le) {
		p.What = "this is not YAML: " + le.Message
		p.Line, p.Column = le.Mark.Line, le.Mark.Column
		if strings.Contains(le.Message, "end of stream") && le.ContextMark.Line > 0 {
			p.Line, p.Column = le.ContextMark.Line, le.ContextMark.Column
		}
	}
	switch {
	case strings.Contains(p.What, "unknown anchor"):
		p.Hint = "put a value that starts with * in quotes"
	case p.Line > 0 && p.Line <= len(lines):
		p.Hint = syntaxHint(lines[p.Line-1])
	}
	l.problem(p)
}

func syntaxHint(line string) string {
	switch _, value, _ := strings.Cut(line, ":"); {
	case strings.Contains(line, "${") && strings.ContainsAny(line, "{["):
		return `inside { } and [ ] write "${NAME}" with quotes`
	case strings.ContainsAny(firstCharacter(value), "*@%`"):
		return "put the value in quotes"
	case strings.Count(line, `"`)%2 == 1:
		return "a quote is missing"
	case strings.Count(line, ": ") > 1:
		return "put a value that holds a colon in quotes"
	}
	return "look at the indentation and quotes of this line and the one above"
}

func firstCharacter(s string) string {
	s = strings.TrimSpace(s)
	return s[:min(1, len(s))]
}

// flatten copies the tree with anchors and merge keys written out, and notes doubled keys.
func (l *loader) flatten(n *yaml.Node, path string, budget *int, depth int) *yaml.Node {
	if *budget--; *budget < 0 || depth > 100 {
		*budget = -1
		return n
	}
	if n.Kind == yaml.AliasNode {
		return l.flatten(n.Alias, path, budget, depth+1)
	}
	c := *n
	c.Content = nil
	if n.Kind != yaml.MappingNode {
		for i, child := range n.Content {
			c.Content = append(c.Content, l.flatten(child, fmt.Sprintf("%s[%d]", path, i), budget, depth+1))
		}
		return &c
	}
	own := map[string]*yaml.Node{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		value := l.flatten(n.Content[i+1], join(path, key.Value), budget, depth+1)
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if first := own[key.Value]; first != nil {
			l.at(key, join(path, key.Value), "this key stands here twice", fmt.Sprintf("the first is in line %d; delete one", first.Line))
			continue
		}
		own[key.Value] = key
		c.Content = append(c.Content, key, value)
	}
	for _, m := range merged {
		c.Content = append(c.Content, l.missing(m, own)...)
	}
	return &c
}

// missing gives the pairs of a merged mapping (or list of mappings) whose keys are not there yet.
func (l *loader) missing(from *yaml.Node, own map[string]*yaml.Node) []*yaml.Node {
	var pairs []*yaml.Node
	switch from.Kind {
	case yaml.SequenceNode:
		for _, m := range from.Content {
			pairs = append(pairs, l.missing(m, own)...)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(from.Content); i += 2 {
			if key := from.Content[i]; own[key.Value] == nil {
				own[key.Value] = key
				pairs = append(pairs, key, from.Content[i+1])
			}
		}
	default:
		l.at(from, "<<", "only a group of settings can be merged in", "")
	}
	return pairs
}
