package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Mapper prepares the mapping that the file asks for. A configuration that Load gave has no problems here.
func (c *Config) Mapper() (*mapping.Mapper, []connectors.Problem) {
	sources := make([]mapping.Source, len(c.Sources))
	for i := range c.Sources {
		sources[i] = c.Sources[i].MappingSource()
	}
	return mapping.New(c.mappingOrganization(), c.Mapping, sources...)
}

// MappingSource is what the mapping needs to know of the source.
func (s *Source) MappingSource() mapping.Source {
	return mapping.Source{ID: s.ID, Owner: s.Owner, NewPeople: s.NewPeople, ExcludeFolders: s.ExcludeFolders}
}

func (c *Config) mappingOrganization() mapping.Organization {
	return mapping.Organization{Name: c.Organization.Name, Domains: c.Organization.Domains, Addresses: c.Organization.Addresses, Location: c.Location}
}

// MappingDocument is everything in the file that decides what becomes of an item, as YAML: the mapping itself, as
// mapping.Document is written, and beside it the own domains and addresses and what the sources say. Equal
// settings give equal text.
func (c *Config) MappingDocument() (string, error) {
	type organization struct {
		Domains   []string `yaml:"domains"`
		Addresses []string `yaml:"addresses,omitempty"`
	}
	type source struct {
		ID             string         `yaml:"id"`
		Owner          string         `yaml:"owner"`
		NewPeople      mapping.Policy `yaml:"new_people,omitempty"`
		ExcludeFolders []string       `yaml:"exclude_folders,omitempty"`
	}
	doc := struct {
		mapping.Document `yaml:",inline"`
		Organization     organization `yaml:"organization"`
		Sources          []source     `yaml:"sources,omitempty"`
	}{Document: c.Mapping, Organization: organization{c.Organization.Domains, c.Organization.Addresses}}
	for _, s := range c.Sources {
		doc.Sources = append(doc.Sources, source{s.ID, s.Owner, s.NewPeople, s.ExcludeFolders})
	}
	var n yaml.Node
	if err := n.Encode(doc); err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	if c.Mapping.Screen.Classes == nil { // left out it means the default, empty it means none
		if screen := child(&n, "screen"); screen != nil {
			*screen = *without(screen, "classes")
		}
	}
	text, err := yaml.Dump(&n)
	if err != nil {
		return "", fmt.Errorf("write mapping: %w", err)
	}
	return string(text), nil
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
