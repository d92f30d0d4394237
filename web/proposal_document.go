package web

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// errHasRule means that the mapping has the rule already.
var errHasRule = errors.New("the mapping has this rule already")

// withRule puts a rule into a document and leaves everything else as it is, comments included.
func withRule(document string, rule Rule, add func(group *yaml.Node, key, value string) error) (string, error) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(document), &n); err != nil {
		return "", fmt.Errorf("read mapping: %w", err)
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if n.Kind == yaml.DocumentNode && n.Content[0].Kind == yaml.MappingNode && len(n.Content[0].Content) > 0 {
		root = n.Content[0]
	}
	section, key, _ := strings.Cut(rule.Setting, ".")
	group := valueOf(root, section)
	if group == nil || group.Kind != yaml.MappingNode {
		group = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		setNode(root, section, group)
	}
	if err := add(group, key, rule.Value); err != nil {
		return "", err
	}
	text, err := yaml.Dump(root)
	if err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	return string(text), nil
}

func addToList(group *yaml.Node, key, value string) error {
	list := valueOf(group, key)
	if list == nil || list.Kind != yaml.SequenceNode {
		list = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		setNode(group, key, list)
	}
	for _, item := range list.Content {
		if item.Value == value {
			return errHasRule
		}
	}
	list.Content = append(list.Content, text(value))
	return nil
}

func setValue(group *yaml.Node, key, value string) error {
	if old := valueOf(group, key); old != nil && old.Value == value {
		return errHasRule
	}
	setNode(group, key, text(value))
	return nil
}

// text is a scalar that stays a text, whatever it looks like.
func text(value string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(value)
	return n
}

func valueOf(group *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(group.Content); i += 2 {
		if group.Content[i].Value == key {
			return group.Content[i+1]
		}
	}
	return nil
}

func setNode(group *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(group.Content); i += 2 {
		if group.Content[i].Value == key {
			group.Content[i+1] = value
			return
		}
	}
	group.Content = append(group.Content, text(key), value)
}
