package mapping

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// flatten copies the tree with anchors and merge keys written out, and notes doubled keys. The budget goes below
// zero where the tree is too large, or an anchor holds itself.
func (p *parser) flatten(n *yaml.Node, path string, budget *int, depth int) *yaml.Node {
	if *budget--; *budget < 0 || depth > maxDepth {
		*budget = -1
		return n
	}
	if n.Kind == yaml.AliasNode {
		return p.flatten(n.Alias, path, budget, depth+1)
	}
	c := *n
	c.Content = nil
	if n.Kind != yaml.MappingNode {
		for i, child := range n.Content {
			c.Content = append(c.Content, p.flatten(child, fmt.Sprintf("%s[%d]", path, i), budget, depth+1))
		}
		return &c
	}
	own := map[string]*yaml.Node{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content) && *budget >= 0; i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			p.at(n.Content[i], path, "a name is wanted here, not a list or a group", "write `name: value`")
			continue
		}
		value := p.flatten(n.Content[i+1], join(path, key.Value), budget, depth+1)
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if first := own[key.Value]; first != nil {
			p.at(key, join(path, key.Value), "this key stands here twice", fmt.Sprintf("the first is in line %d; delete one", first.Line))
			continue
		}
		own[key.Value] = key
		c.Content = append(c.Content, key, value)
	}
	for _, m := range merged {
		c.Content = append(c.Content, p.missing(m, own)...)
	}
	return &c
}

// missing gives the pairs of a merged group (or list of groups) whose keys are not there yet.
func (p *parser) missing(from *yaml.Node, own map[string]*yaml.Node) []*yaml.Node {
	var pairs []*yaml.Node
	switch from.Kind {
	case yaml.SequenceNode:
		for _, m := range from.Content {
			pairs = append(pairs, p.missing(m, own)...)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(from.Content); i += 2 {
			if key := from.Content[i]; own[key.Value] == nil {
				own[key.Value] = key
				pairs = append(pairs, key, from.Content[i+1])
			}
		}
	default:
		p.at(from, "<<", "only a group of settings can be merged in", "")
	}
	return pairs
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// decode fills the value that v points to and notes every mistake: it does not stop at the first. A key without a
// value keeps its default.
func (p *parser) decode(n *yaml.Node, v any, path string) {
	p.value(n, reflect.ValueOf(v).Elem(), path)
}

func (p *parser) value(n *yaml.Node, v reflect.Value, path string) {
	if isNull(n) {
		return
	}
	if v.Type() == reflect.TypeFor[FieldRule]() && n.Kind == yaml.ScalarNode {
		v.Set(reflect.ValueOf(FieldRule{Value: n.Value}))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.value(n, v.Elem(), path)
	case reflect.Struct:
		p.group(n, v, path)
	case reflect.Slice:
		p.list(n, v, path)
	case reflect.Map:
		p.table(n, v, path)
	case reflect.Interface:
		v.Set(reflect.ValueOf(plainValue(n)))
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			p.wrong(n, path, quoted(n)+" is neither true nor false", "write true or false")
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int:
		number, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			p.wrong(n, path, quoted(n)+" is not a whole number", "write a number such as 4")
			return
		}
		v.SetInt(int64(number))
	default: // all other settings are texts
		if n.Kind != yaml.ScalarNode {
			p.wrong(n, path, "a single value is wanted here, not a list or a group", "write one text")
			return
		}
		v.SetString(n.Value)
	}
}

// wrong notes a node of the wrong kind: what it lacks need not be said any more.
func (p *parser) wrong(n *yaml.Node, path, what, hint string) {
	p.at(n, path, what, hint)
	p.said[n] = true
}

func (p *parser) group(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		p.wrong(n, path, "a group of settings is wanted here", "write `name: value` lines, indented below")
		return
	}
	names, fields := settings(v)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if at := slices.Index(names, key.Value); at >= 0 {
			p.value(value, fields[at], join(path, key.Value))
			continue
		}
		p.at(key, join(path, key.Value), fmt.Sprintf("there is no setting %q here", key.Value), Suggest(key.Value, names))
		if near := nearest(key.Value, names); near != "" {
			p.typos[n] = append(p.typos[n], near)
		} else if v.Type() == reflect.TypeFor[FieldRule]() {
			p.typos[n] = append(p.typos[n], key.Value)
		}
	}
}

// settings are the names and places of a group's settings, those of embedded groups among them.
func settings(v reflect.Value) (names []string, fields []reflect.Value) {
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name == "" && options == "inline" {
			inner, places := settings(v.Field(i))
			names, fields = append(names, inner...), append(fields, places...)
			continue
		}
		names, fields = append(names, name), append(fields, v.Field(i))
	}
	return names, fields
}

func (p *parser) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		p.wrong(n, path, "a list is wanted here", "write [one, two], or one `- entry` a line")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, child := range n.Content {
		p.value(child, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(out)
}

func (p *parser) table(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		p.wrong(n, path, "a group of settings is wanted here", "write `name: value` lines, indented below")
		return
	}
	out := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := reflect.New(v.Type().Elem()).Elem()
		p.value(n.Content[i+1], value, join(path, n.Content[i].Value))
		out.SetMapIndex(reflect.ValueOf(n.Content[i].Value).Convert(v.Type().Key()), value)
	}
	v.Set(out)
}

// plainValue is a node as text, number, bool, list or map.
func plainValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, child := range n.Content {
			list[i] = plainValue(child)
		}
		return list
	case yaml.MappingNode:
		group := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			group[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		return group
	}
	if n.Tag == "!!bool" {
		return n.Value == "true"
	}
	if isNull(n) {
		return ""
	}
	return n.Value
}

func quoted(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return "this"
	}
	if r := []rune(n.Value); len(r) > 80 {
		return strconv.Quote(string(r[:80]) + "…")
	}
	return strconv.Quote(n.Value)
}
