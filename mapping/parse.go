package mapping

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// maxDocument bounds the text of a mapping, in bytes; maxNodes what anchors may blow it up to; maxDepth how deep
// it may be nested.
const (
	maxDocument = 1 << 20
	maxNodes    = 50_000
	maxDepth    = 50
)

// Parse reads a mapping written as YAML, strictly: keys that do not exist, values of a wrong kind, expressions that
// cannot work and names of nothing are mistakes. All of them are reported, in the order of the text, with line,
// column and what to write instead; paths are those of the document ("screen.addresses[0]"). The Document is only
// good if there are none. An empty text is the default mapping.
func Parse(text []byte) (Document, []connectors.Problem) {
	p := &parser{}
	root := p.load(text)
	if root == nil {
		return Document{}, p.problems
	}
	return p.document(root, "")
}

// ParseNode is Parse for a mapping that is part of another YAML text. Anchors are followed.
func ParseNode(n *yaml.Node) (Document, []connectors.Problem) {
	p := &parser{}
	budget := maxNodes
	root := p.flatten(n, "", &budget, 0)
	if budget < 0 {
		return Document{}, []connectors.Problem{tooLarge(n)}
	}
	return p.document(root, "")
}

// parser carries one Parse.
type parser struct {
	problems []connectors.Problem
	said     map[*yaml.Node]bool     // nodes about which, with all below them, something was said
	typos    map[*yaml.Node][]string // keys that groups probably have under a wrong name
}

// document decodes the sections and lets the mapping check itself.
func (p *parser) document(root *yaml.Node, path string) (Document, []connectors.Problem) {
	var doc Document
	p.said, p.typos = map[*yaml.Node]bool{}, map[*yaml.Node][]string{}
	if !isNull(root) {
		p.decode(root, &doc, path)
	}
	_, problems := New(Organization{}, doc)
	for _, problem := range problems {
		problem.Path = strings.TrimPrefix(problem.Path, "mapping.")
		if key, n, covered := p.locate(root, problem.Path); !covered {
			place(&problem, key, n)
			p.problems = append(p.problems, problem)
		}
	}
	slices.SortStableFunc(p.problems, func(a, b connectors.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return doc, p.problems
}

// place turns a place within an expression into one of the text. Of a group or list its key is named.
func place(problem *connectors.Problem, key, n *yaml.Node) {
	line, column := problem.Line, problem.Column
	if n.Kind != yaml.ScalarNode {
		n, line = key, 0
	}
	problem.Line, problem.Column = n.Line, n.Column
	switch {
	case line < 1:
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		problem.Line += line // the text starts below the sign
		problem.Column = max(column, 1)
	case line == 1:
		problem.Column += column - 1
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			problem.Column++
		}
	}
}

// locate is the node at a path with its key, or the nearest above it. Covered says that something was said of it or
// above, or that what is missing stands there under a wrong name.
func (p *parser) locate(root *yaml.Node, path string) (key, n *yaml.Node, covered bool) {
	key, n = root, root
	for path != "" {
		if p.said[n] {
			return key, n, true
		}
		nextKey, next, rest := step(n, path)
		if next == nil {
			return key, n, slices.Contains(p.typos[n], path)
		}
		key, n, path = nextKey, next, strings.TrimPrefix(rest, ".")
	}
	return key, n, p.said[n] || len(p.typos[n]) > 0
}

// step goes one key or index down. Keys can hold dots themselves ("custom.plan"), so the longest that fits counts.
func step(n *yaml.Node, path string) (key, next *yaml.Node, rest string) {
	if path[0] == '[' {
		index, rest, _ := strings.Cut(path[1:], "]")
		i, err := strconv.Atoi(index)
		if err != nil || n.Kind != yaml.SequenceNode || i >= len(n.Content) {
			return nil, nil, ""
		}
		return n.Content[i], n.Content[i], rest
	}
	if n.Kind != yaml.MappingNode {
		return nil, nil, ""
	}
	longest := -1
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if after, ok := strings.CutPrefix(path, name); ok && len(name) > longest && (after == "" || after[0] == '.' || after[0] == '[') {
			longest, key, next, rest = len(name), n.Content[i], n.Content[i+1], after
		}
	}
	return key, next, rest
}

func (p *parser) at(n *yaml.Node, path, what, hint string) {
	p.problems = append(p.problems, connectors.Problem{Path: path, What: what, Hint: hint, Line: n.Line, Column: n.Column})
}

// load reads the one document of a text. What breaks the syntax ends it: YAML tells only the first of that.
func (p *parser) load(text []byte) *yaml.Node {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if problem := unreadable(text); problem != nil {
		p.problems = append(p.problems, *problem)
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithUniqueKeys(false))
	if err != nil {
		p.problems = append(p.problems, connectors.Problem{What: err.Error(), Line: 1, Column: 1})
		return nil
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); err != nil && !errors.Is(err, io.EOF) {
		p.syntax(err, text)
		return nil
	}
	if err := loader.Load(&second); err == nil {
		p.at(&second, "", "a second document starts here", "write everything into one, without ---")
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err, text)
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1, Column: 1}
	}
	budget := maxNodes
	root := p.flatten(doc.Content[0], "", &budget, 0)
	if budget < 0 {
		p.problems = append(p.problems, tooLarge(doc.Content[0]))
		return nil
	}
	return root
}

func tooLarge(n *yaml.Node) connectors.Problem {
	return connectors.Problem{What: "the anchors make the document too large, or it is nested too deep", Hint: "write the values out", Line: n.Line, Column: n.Column}
}

func unreadable(text []byte) *connectors.Problem {
	switch {
	case len(text) > maxDocument:
		return &connectors.Problem{What: fmt.Sprintf("the document is larger than %d MiB", maxDocument>>20), Hint: "keep long tables elsewhere", Line: 1, Column: 1}
	case !utf8.Valid(text):
		return &connectors.Problem{What: "the document is not UTF-8", Hint: "save it as UTF-8; is it Shift_JIS?", Line: 1, Column: 1}
	case bytes.IndexByte(text, 0) >= 0:
		return &connectors.Problem{What: "the document holds a NUL byte", Hint: "is it a text file?", Line: 1, Column: 1}
	}
	return nil
}

// syntax says what is wrong with the YAML. Tabs are named first, since the reader's own words about them help nobody.
func (p *parser) syntax(err error, text []byte) {
	tabs := false
	for i, line := range strings.Split(string(text), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && strings.TrimSpace(line) != "" {
			p.problems = append(p.problems, connectors.Problem{What: "a tab indents this line", Hint: "YAML wants spaces", Line: i + 1, Column: at + 1})
			tabs = true
		}
	}
	if tabs {
		return
	}
	problem := connectors.Problem{What: "this is not YAML: " + err.Error(), Hint: "look at the indentation, quotes and colons of this line and the one above", Line: 1, Column: 1}
	var le *yaml.LoadError
	if errors.As(err, &le) {
		problem.What = "this is not YAML: " + le.Message
		problem.Line, problem.Column = max(le.Mark.Line, 1), max(le.Mark.Column, 1)
	}
	if strings.Contains(problem.What, "unknown anchor") {
		problem.Hint = "put a value that starts with * in quotes"
	}
	p.problems = append(p.problems, problem)
}
