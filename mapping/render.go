package mapping

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Render writes a document as YAML. Equal documents give equal text, sections and settings in the order in which
// Document has them, names in alphabetical order; what is left out stays so. Parse reads it back.
func Render(doc Document) ([]byte, error) {
	var n yaml.Node
	if err := n.Encode(doc); err != nil {
		return nil, fmt.Errorf("write mapping: %w", err)
	}
	if doc.Screen.Classes == nil { // left out it means the default, empty it means none
		dropKey(&n, "screen", "classes")
	}
	text, err := yaml.Dump(&n)
	if err != nil {
		return nil, fmt.Errorf("write mapping: %w", err)
	}
	return text, nil
}

// IsZero reports a section that says nothing. An empty list of classes says that no class is kept out.
func (s Screen) IsZero() bool {
	return len(s.Addresses)+len(s.Domains)+len(s.Subjects)+len(s.Folders) == 0 && s.Classes == nil
}

// dropKey takes a key out of a section, and the section out if nothing is left.
func dropKey(n *yaml.Node, section, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != section {
			continue
		}
		group := n.Content[i+1]
		for j := 0; j+1 < len(group.Content); j += 2 {
			if group.Content[j].Value == key {
				group.Content = append(group.Content[:j], group.Content[j+2:]...)
				break
			}
		}
		if len(group.Content) == 0 {
			n.Content = append(n.Content[:i], n.Content[i+2:]...)
		}
		return
	}
}

// MarshalYAML writes a rule that is only an expression as that.
func (r FieldRule) MarshalYAML() (any, error) {
	if r.When == "" && r.Lookup == "" && len(r.Map) == 0 && r.Default == "" {
		return r.Value, nil
	}
	type group FieldRule
	return group(r), nil
}

// UnmarshalYAML reads the group or only the expression.
func (r *FieldRule) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*r = FieldRule{Value: n.Value}
		return nil
	}
	type group FieldRule
	if err := n.Decode((*group)(r)); err != nil {
		return fmt.Errorf("read rule: %w", err)
	}
	return nil
}
