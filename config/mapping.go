package config

import (
	"strings"

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
func (c *Config) MappingDocument() (string, error) {
	text, err := mapping.Render(c.Mapping)
	return string(text), err
}

// ReadMapping reads a mapping document and checks it for the organisation and the sources of the file. Every
// mistake is named, with the name of the document's file before its line.
func (c *Config) ReadMapping(file string, text []byte) (mapping.Document, *mapping.Mapper, Problems) {
	doc, problems := readMapping(file, text)
	if problems.Fatal() {
		return doc, nil, problems
	}
	mapper, mistakes := c.MapperOf(doc)
	if len(mistakes) > 0 {
		return doc, nil, documentProblems(file, mistakes)
	}
	return doc, mapper, nil
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
	return readMapping("mapping", []byte(text))
}

func readMapping(file string, text []byte) (mapping.Document, Problems) {
	doc, mistakes := mapping.Parse(text)
	return doc, documentProblems(file, mistakes)
}

func documentProblems(file string, mistakes []connectors.Problem) Problems {
	var problems Problems
	for _, p := range mistakes {
		problems = append(problems, Problem{File: file, Line: p.Line, Column: p.Column, Path: strings.TrimPrefix(p.Path, "mapping."), What: p.What, Hint: p.Hint})
	}
	return problems
}

// section reads the mapping of the file, by the rules of a document of its own.
func (l *loader) section(root *yaml.Node, c *Config) {
	n := child(root, "mapping")
	if n == nil {
		return
	}
	doc, mistakes := mapping.ParseNode(n)
	c.Mapping = doc
	for _, p := range mistakes {
		path := strings.TrimSuffix(join("mapping", p.Path), ".")
		if at := find(root, path); at == nil || !l.unset[at] {
			l.problem(Problem{Line: p.Line, Column: p.Column, Path: path, What: p.What, Hint: p.Hint})
		}
	}
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
