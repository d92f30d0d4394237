package edit

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Put makes the setting at a path say want: a text, a number, a list, or a struct with yaml tags. What is missing above
// it is added, and what says the same already keeps its bytes. nil takes the setting out. Errors are ErrShape, or those of
// a text that is no YAML.
func Put(text string, path Path, want any) (string, error) {
	if want == nil {
		return Remove(text, path)
	}
	n, err := nodeOf(want)
	if err != nil {
		return "", err
	}
	out, err := put(text, path, n)
	if err != nil {
		return "", fmt.Errorf("change %s: %w", path, err)
	}
	return out, verify(text, out, func(root any) any { return set(root, path, plain(n)) })
}

// Append adds an entry to the list at a path, which need not be there yet.
func Append(text string, path Path, value any) (string, error) {
	n, err := nodeOf(value)
	if err != nil {
		return "", err
	}
	d, err := open(text)
	if err != nil {
		return "", err
	}
	list := d.find(path)
	if list == nil || empty(list) {
		return Put(text, path, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{n}})
	}
	if list.Kind != yaml.SequenceNode || list.Anchor != "" {
		return "", fmt.Errorf("add to %s: %w", path, ErrShape)
	}
	if flow(list) && len(list.Content) == 0 && n.Kind == yaml.MappingNode { // a line for each is easier to read
		return Put(text, path, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{n}})
	}
	out, err := d.addItem(list, n)
	if err != nil {
		return "", fmt.Errorf("add to %s: %w", path, err)
	}
	return out, verify(text, out, func(root any) any {
		entries, _ := get(root, path).([]any)
		return set(root, path, append(slices.Clone(entries), plain(n)))
	})
}

// Remove takes a setting, or an entry of a list, out. A list of which nothing is left becomes []. What is not there need not
// be taken out.
func Remove(text string, path Path) (string, error) {
	d, err := open(text)
	if err != nil {
		return "", err
	}
	if len(path) == 0 || d.find(path) == nil {
		return text, nil
	}
	out, err := d.remove(path)
	if err != nil {
		return "", fmt.Errorf("take out %s: %w", path, err)
	}
	return out, verify(text, out, func(root any) any { return without(root, path) })
}

func (d *document) remove(path Path) (string, error) {
	above, last := path[:len(path)-1], path[len(path)-1]
	parent := d.find(above)
	_, _, i := child(parent, last)
	if parent.Kind == yaml.MappingNode {
		return d.dropKey(parent, i)
	}
	out, err := d.dropItem(parent, i)
	if err != nil || len(parent.Content) > 1 || flow(parent) {
		return out, err
	}
	return put(out, above, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"})
}

// Move puts an entry of a list in another place, with the comments above it.
func Move(text string, path Path, from, to int) (string, error) {
	d, err := open(text)
	if err != nil {
		return "", err
	}
	list := d.find(path)
	if list == nil || list.Kind != yaml.SequenceNode || from < 0 || to < 0 || from >= len(list.Content) || to >= len(list.Content) {
		return "", fmt.Errorf("move in %s: %w", path, ErrShape)
	}
	if from == to {
		return text, nil
	}
	out, err := d.moveItem(list, from, to)
	if err != nil {
		return "", fmt.Errorf("move in %s: %w", path, err)
	}
	return out, verify(text, out, func(root any) any {
		entries, _ := get(root, path).([]any)
		moved := slices.Delete(slices.Clone(entries), from, from+1)
		return set(root, path, slices.Insert(moved, to, entries[from]))
	})
}

// put writes a node at a path, step by step.
func put(text string, path Path, want *yaml.Node) (string, error) {
	d, err := open(text)
	if err != nil {
		return "", err
	}
	if len(path) == 0 {
		return "", ErrShape
	}
	if d.root == nil || d.root.Kind == yaml.MappingNode && len(d.root.Content) == 0 {
		nested, err := nest(path, want)
		if err != nil {
			return "", err
		}
		return d.setRoot(nested)
	}
	var parent, key *yaml.Node
	n := d.root
	for i, step := range path {
		if n.Kind == yaml.AliasNode || n.Anchor != "" {
			return "", ErrShape
		}
		nextKey, next, _ := child(n, step)
		if next == nil {
			return d.create(parent, key, n, path[i:], want)
		}
		parent, key, n = n, nextKey, next
	}
	return d.become(path, parent, key, n, want)
}

// create writes what a path lacks.
func (d *document) create(parent, key, n *yaml.Node, rest Path, want *yaml.Node) (string, error) {
	name, ok := rest[0].(string)
	if !ok {
		return "", ErrShape
	}
	value, err := nest(rest[1:], want)
	switch {
	case err != nil:
		return "", err
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		return d.addKey(n, name, value)
	}
	group, err := nest(rest, want)
	switch {
	case err != nil:
		return "", err
	case key != nil && empty(n):
		return d.fill(parent, key, group)
	case key != nil && n.Kind == yaml.MappingNode:
		return d.replace(parent, key, n, group)
	}
	return "", ErrShape
}

// nest puts a node below the keys of a path.
func nest(path Path, n *yaml.Node) (*yaml.Node, error) {
	for i := len(path) - 1; i >= 0; i-- {
		name, ok := path[i].(string)
		if !ok {
			return nil, ErrShape
		}
		n = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, n}}
	}
	return n, nil
}

// become turns what stands there into what is wanted.
func (d *document) become(path Path, parent, key, n, want *yaml.Node) (string, error) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return "", ErrShape
	case same(plain(n), plain(want)):
		return d.text, nil
	case empty(n) && key != nil:
		return d.fill(parent, key, want)
	case empty(n):
		return "", ErrShape
	case n.Kind == yaml.MappingNode && want.Kind == yaml.MappingNode && len(want.Content) > 0 && len(n.Content) > 0:
		return d.group(path, n, want)
	case n.Kind == yaml.SequenceNode && want.Kind == yaml.SequenceNode && len(want.Content) > 0 && len(n.Content) > 0:
		return d.list(path, n, want)
	}
	return d.replace(parent, key, n, want)
}

func (d *document) group(path Path, n, want *yaml.Node) (string, error) {
	text := d.text
	var err error
	for i := 0; i+1 < len(want.Content); i += 2 {
		if text, err = put(text, path.at(want.Content[i].Value), want.Content[i+1]); err != nil {
			return "", err
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if _, wanted, _ := child(want, n.Content[i].Value); wanted == nil {
			if text, err = Remove(text, path.at(n.Content[i].Value)); err != nil {
				return "", err
			}
		}
	}
	return text, nil
}

// list takes out what is not wanted any more from the end, and changes and adds the rest.
func (d *document) list(path Path, n, want *yaml.Node) (string, error) {
	text := d.text
	var err error
	kept := make([]any, 0, len(n.Content))
	wanted := make([]any, 0, len(want.Content))
	for _, entry := range want.Content {
		wanted = append(wanted, plain(entry))
	}
	for _, entry := range n.Content {
		kept = append(kept, plain(entry))
	}
	for i := len(kept) - 1; i >= 0 && len(kept) > 1; i-- {
		if !contains(wanted, kept[i]) && len(kept) > len(wanted) {
			if text, err = Remove(text, path.at(i)); err != nil {
				return "", err
			}
			kept = slices.Delete(kept, i, i+1)
		}
	}
	for len(kept) > len(wanted) {
		if text, err = Remove(text, path.at(len(kept)-1)); err != nil {
			return "", err
		}
		kept = kept[:len(kept)-1]
	}
	for i, entry := range want.Content {
		if i < len(kept) {
			text, err = put(text, path.at(i), entry)
		} else {
			text, err = Append(text, path, entry)
		}
		if err != nil {
			return "", err
		}
	}
	return text, nil
}

func contains(list []any, v any) bool {
	return slices.ContainsFunc(list, func(one any) bool { return same(one, v) })
}
