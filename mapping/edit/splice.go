package edit

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

func (d *document) cut(from, to int, with string) string { return d.text[:from] + with + d.text[to:] }

// behind puts lines under the line in which at is.
func (d *document) behind(at int, lines string) string {
	end := d.lineEnd(at)
	return d.cut(end, end, d.nl+lines)
}

// setRoot writes the first setting of a document.
func (d *document) setRoot(n *yaml.Node) (string, error) {
	lines := d.linesOf(n, 0) + d.nl
	if d.root != nil { // {}
		from, err := d.start(d.root)
		if err != nil {
			return "", err
		}
		to, err := d.end(d.root)
		if err != nil {
			return "", err
		}
		return d.cut(from, to, strings.TrimSuffix(lines, d.nl)), nil
	}
	if d.text != "" && !strings.HasSuffix(d.text, "\n") {
		lines = d.nl + lines
	}
	return d.text + lines, nil
}

// addKey puts a key behind the last one of a group.
func (d *document) addKey(group *yaml.Node, key string, value *yaml.Node) (string, error) {
	name := scalar(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key})
	if flow(group) {
		return d.addFlow(group, name+": "+inline(value))
	}
	at, err := d.pairEnd(group, len(group.Content)-2)
	if err != nil {
		return "", err
	}
	depth := indent(group)
	return d.behind(at, strings.Repeat(" ", depth)+name+":"+d.below(value, depth+2)), nil
}

// addItem puts an entry behind the last one of a list.
func (d *document) addItem(list *yaml.Node, value *yaml.Node) (string, error) {
	if flow(list) {
		return d.addFlow(list, inline(value))
	}
	dashes, err := d.dashes(list)
	if err != nil {
		return "", err
	}
	at, err := d.itemEnd(list, dashes, len(dashes)-1)
	if err != nil {
		return "", err
	}
	depth := dashes[0] - d.lineStart(dashes[0])
	return d.behind(at, strings.Repeat(" ", depth)+"-"+d.entry(value, depth+2)), nil
}

// addFlow puts something behind the last of what stands in brackets.
func (d *document) addFlow(n *yaml.Node, what string) (string, error) {
	if len(n.Content) == 0 {
		at, err := d.start(n)
		if err != nil {
			return "", err
		}
		at = d.skipProperties(at) + 1
		return d.cut(at, at, what), nil
	}
	at, err := d.lastEnd(n, len(n.Content)-1)
	if n.Kind == yaml.MappingNode {
		at, err = d.pairEnd(n, len(n.Content)-2)
	}
	if err != nil {
		return "", err
	}
	return d.cut(at, at, ", "+what), nil
}

// fill writes a value where a key stands without one.
func (d *document) fill(parent, key *yaml.Node, value *yaml.Node) (string, error) {
	at, err := d.colon(key)
	if err != nil {
		return "", err
	}
	if flow(parent) || inOneLine(value, indent(parent)+2) {
		return d.cut(at, at, " "+inline(value)), nil
	}
	return d.behind(at, d.linesOf(value, indent(parent)+2)), nil
}

// replace writes another value in the place of one that stands there.
func (d *document) replace(parent, key, old, value *yaml.Node) (string, error) {
	from, err := d.start(old)
	if err != nil {
		return "", err
	}
	to, err := d.end(old)
	if err != nil {
		return "", err
	}
	lines := old.Kind != yaml.ScalarNode && !flow(old) && key != nil && !flow(parent)
	if !lines {
		return d.cut(from, to, inline(value)), nil
	}
	if value.Kind != yaml.ScalarNode && !fits(value) {
		return d.cut(d.lineStart(from), to, d.linesOf(value, indent(old))), nil
	}
	at, err := d.colon(key)
	if err != nil {
		return "", err
	}
	rest, err := open(d.cut(d.lineStart(from), d.nextLine(to), ""))
	if err != nil {
		return "", err
	}
	return rest.cut(at, at, " "+inline(value)), nil
}

// dropKey takes a key with its value out of a group.
func (d *document) dropKey(group *yaml.Node, i int) (string, error) {
	from, err := d.start(group.Content[i])
	if err != nil {
		return "", err
	}
	to, err := d.pairEnd(group, i)
	if err != nil {
		return "", err
	}
	switch {
	case flow(group):
		return d.dropFlow(group, i, from, to, 2)
	case strings.TrimSpace(d.text[d.lineStart(from):from]) == "":
		return d.cut(d.lineStart(from), d.nextLine(to), ""), nil
	case i+2 < len(group.Content): // behind a dash: the next key takes the place
		next, err := d.start(group.Content[i+2])
		if err != nil {
			return "", err
		}
		return d.cut(from, next, ""), nil
	}
	return "", ErrShape
}

// dropItem takes an entry out of a list.
func (d *document) dropItem(list *yaml.Node, i int) (string, error) {
	if flow(list) {
		from, err := d.start(list.Content[i])
		if err != nil {
			return "", err
		}
		to, err := d.end(list.Content[i])
		if err != nil {
			return "", err
		}
		return d.dropFlow(list, i, from, to, 1)
	}
	dashes, err := d.dashes(list)
	if err != nil {
		return "", err
	}
	to, err := d.itemEnd(list, dashes, i)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(d.text[d.lineStart(dashes[i]):dashes[i]]) != "" {
		return "", ErrShape
	}
	return d.cut(d.lineStart(dashes[i]), d.nextLine(to), ""), nil
}

// dropFlow takes something with a comma out of brackets. step is how many nodes belong together.
func (d *document) dropFlow(n *yaml.Node, i, from, to, step int) (string, error) {
	if i > 0 {
		before, err := d.end(n.Content[i-1])
		if empty(n.Content[i-1]) && step == 2 {
			before, err = d.pairEnd(n, i-2)
		}
		return d.cut(before, to, ""), err
	}
	if i+step < len(n.Content) {
		next, err := d.start(n.Content[i+step])
		return d.cut(from, next, ""), err
	}
	return d.cut(from, to, ""), nil
}

// moveItem puts an entry, with the comments above it, in another place of its list.
func (d *document) moveItem(list *yaml.Node, from, to int) (string, error) {
	var starts, ends []int
	if flow(list) {
		for _, c := range list.Content {
			start, err := d.start(c)
			if err != nil {
				return "", err
			}
			end, err := d.end(c)
			if err != nil {
				return "", err
			}
			starts, ends = append(starts, start), append(ends, end)
		}
		return d.permute(starts, ends, from, to), nil
	}
	dashes, err := d.dashes(list)
	if err != nil {
		return "", err
	}
	if !strings.HasSuffix(d.text, "\n") {
		d.text += d.nl
	}
	for i := range dashes {
		end, err := d.itemEnd(list, dashes, i)
		if err != nil {
			return "", err
		}
		start := d.lineStart(dashes[i])
		if i > 0 {
			start = ends[i-1]
		} else if strings.TrimSpace(d.text[start:dashes[i]]) != "" {
			return "", ErrShape
		}
		starts, ends = append(starts, start), append(ends, d.nextLine(end))
	}
	return d.permute(starts, ends, from, to), nil
}

// permute writes pieces of the text in another order; what stands between them stays.
func (d *document) permute(starts, ends []int, from, to int) string {
	order := make([]int, 0, len(starts))
	for i := range starts {
		if i != from {
			order = append(order, i)
		}
	}
	order = append(order[:to], append([]int{from}, order[to:]...)...)
	var b strings.Builder
	at := 0
	for i, piece := range order {
		b.WriteString(d.text[at:starts[i]])
		b.WriteString(d.text[starts[piece]:ends[piece]])
		at = ends[i]
	}
	return b.String() + d.text[at:]
}
