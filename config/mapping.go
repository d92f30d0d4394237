package config

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Mapper prepares the mapping that the file asks for. A configuration that Load gave has no problems here.
func (c *Config) Mapper() (*mapping.Mapper, []connectors.Problem) { return c.MapperOf(c.Mapping) }

// MapperOf prepares another mapping for the organisation and the sources of the file. Problems of the document have
// paths that start with "mapping.".
func (c *Config) MapperOf(doc mapping.Document) (*mapping.Mapper, []connectors.Problem) {
	sources := make([]mapping.Source, len(c.Sources))
	for i := range c.Sources {
		sources[i] = c.Sources[i].MappingSource()
	}
	return mapping.New(c.mappingOrganization(), doc, sources...)
}

// MappingSource is what the mapping needs to know of the source.
func (s *Source) MappingSource() mapping.Source {
	return mapping.Source{ID: s.ID, Owner: s.Owner, NewPeople: s.NewPeople, ExcludeFolders: s.ExcludeFolders}
}

func (c *Config) mappingOrganization() mapping.Organization {
	return mapping.Organization{Name: c.Organization.Name, Domains: c.Organization.Domains, Addresses: c.Organization.Addresses, Location: c.Location}
}

// MappingDocument is the mapping of the file as YAML. Equal settings give equal text.
func (c *Config) MappingDocument() (string, error) { return MappingText(c.Mapping) }

// MappingText writes a mapping as YAML. Equal documents give equal text.
func MappingText(doc mapping.Document) (string, error) {
	var n yaml.Node
	if err := n.Encode(doc); err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	if doc.Screen.Classes == nil { // left out it means the default, empty it means none
		if screen := child(&n, "screen"); screen != nil {
			*screen = *without(screen, "classes")
			if len(screen.Content) == 0 {
				n = *without(&n, "screen")
			}
		}
	}
	if len(n.Content) == 0 {
		return "", nil // the default mapping
	}
	text, err := yaml.Dump(&n)
	if err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	return string(text), nil
}

// ReadMapping reads a mapping document and checks it for the organisation and the sources of the file. Every
// mistake is named, with the name of the document's file before its line.
func (c *Config) ReadMapping(file string, text []byte) (mapping.Document, *mapping.Mapper, Problems) {
	doc, root, problems := readMapping(file, text)
	said := map[string]bool{}
	for _, p := range problems {
		said[p.Path] = true
	}
	mapper, mistakes := c.MapperOf(doc)
	l := &loader{file: file, problems: problems}
	for _, p := range mistakes {
		if path := documentPath(p.Path); !said[path] {
			l.at(nearest(root, path), path, p.What, p.Hint)
		}
	}
	l.problems.sort()
	if l.problems.Fatal() {
		return doc, nil, l.problems
	}
	return doc, mapper, l.problems
}

// documentPath is a path without the section that the document is in a configuration file.
func documentPath(path string) string {
	if path == "mapping" {
		return ""
	}
	if len(path) > len("mapping.") && path[:len("mapping.")] == "mapping." {
		return path[len("mapping."):]
	}
	return path
}

// StoredMapping reads a stored version. Those of earlier versions of Tsunagu hold the organisation and the sources
// as well, which are left out.
func StoredMapping(text string) (mapping.Document, Problems) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err == nil && n.Kind == yaml.DocumentNode && child(n.Content[0], "organization") != nil {
		n.Content[0] = without(without(n.Content[0], "organization"), "sources")
		if old, err := yaml.Dump(n.Content[0]); err == nil {
			text = string(old)
		}
	}
	doc, _, problems := readMapping("mapping", []byte(text))
	return doc, problems
}

// readMapping reads a document strictly; an empty one is the default mapping.
func readMapping(file string, text []byte) (doc mapping.Document, root *yaml.Node, _ Problems) {
	l := &loader{file: file, written: map[*yaml.Node]string{}, unset: map[*yaml.Node]bool{}, broken: map[*yaml.Node]bool{}}
	root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	if blank(text) {
		return doc, root, nil
	}
	if read := l.parse(text); read != nil {
		root = read
		l.decode(root, reflect.ValueOf(&doc).Elem(), "")
	}
	l.problems.sort()
	return doc, root, l.problems
}

// blank reports a document that holds nothing but comments.
func blank(text []byte) bool {
	var n yaml.Node
	err := yaml.Unmarshal(text, &n)
	return err == nil && (n.Kind == 0 || len(n.Content) == 0 || isNull(n.Content[0]))
}

// mapping lets the mapping check itself.
func (k *checker) mapping(c *Config) {
	said := map[string]bool{}
	for _, p := range k.problems {
		said[p.Path] = true
	}
	_, problems := c.Mapper()
	for _, p := range problems {
		if !said[p.Path] {
			k.bad(p.Path, p.What, p.Hint)
		}
	}
}

func (k *checker) policy(path string, p mapping.Policy) {
	if p == "" {
		return
	}
	known := make([]string, 0, len(mapping.Policies()))
	for _, policy := range mapping.Policies() {
		known = append(known, string(policy))
	}
	k.enum(path, string(p), known...)
}
