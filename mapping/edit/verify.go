package edit

import (
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// verify reads the new text and compares what it says with what the change makes of what the old one said.
func verify(before, after string, change func(root any) any) error {
	old, err := values(before)
	if err != nil {
		return err
	}
	now, err := values(after)
	if err != nil {
		return ErrShape
	}
	if !same(change(old), now) {
		return ErrShape
	}
	return nil
}

func values(text string) (any, error) {
	d, err := open(text)
	if err != nil {
		return nil, err
	}
	if d.root == nil {
		return nil, nil
	}
	budget := maxNodes
	if count(d.root, &budget, 0); budget < 0 {
		return nil, ErrShape
	}
	return plain(d.root), nil
}

// count goes over all nodes with what anchors repeat, as long as there are not too many.
func count(n *yaml.Node, budget *int, depth int) {
	if *budget--; *budget < 0 || depth > maxDepth {
		*budget = -1
		return
	}
	if n.Kind == yaml.AliasNode {
		count(n.Alias, budget, depth+1)
	}
	for _, c := range n.Content {
		count(c, budget, depth+1)
	}
}

// plain is a node as map, list or text. Keys without values are left out, as groups without keys are: both say nothing.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return plain(n.Alias)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = plain(c)
		}
		return list
	case yaml.MappingNode:
		group := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if value := plain(n.Content[i+1]); !nothing(value) {
				group[n.Content[i].Value] = value
			}
		}
		return group
	}
	if n.Tag == "!!null" {
		return nil
	}
	return n.Value
}

func nothing(v any) bool {
	group, ok := v.(map[string]any)
	return v == nil || ok && len(group) == 0
}

func same(a, b any) bool { return nothing(a) && nothing(b) || reflect.DeepEqual(a, b) }

func get(v any, path Path) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			group, _ := v.(map[string]any)
			v = group[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// set is the tree with another value at a path. What it was stays as it is.
func set(v any, path Path, to any) any {
	if len(path) == 0 {
		return to
	}
	switch step := path[0].(type) {
	case int:
		list, _ := v.([]any)
		if list = slices.Clone(list); step < len(list) {
			list[step] = set(list[step], path[1:], to)
		}
		return list
	case string:
		group, _ := v.(map[string]any)
		if group = maps.Clone(group); group == nil {
			group = map[string]any{}
		}
		if group[step] = set(group[step], path[1:], to); nothing(group[step]) {
			delete(group, step)
		}
		return group
	}
	return v
}

// without is the tree without what stands at a path.
func without(v any, path Path) any {
	above, last := path[:len(path)-1], path[len(path)-1]
	if i, ok := last.(int); ok {
		list, _ := get(v, above).([]any)
		return set(v, above, slices.Delete(slices.Clone(list), i, i+1))
	}
	group, _ := get(v, above).(map[string]any)
	group = maps.Clone(group)
	if key, ok := last.(string); ok {
		delete(group, key)
	}
	return set(v, above, group)
}
