package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// mappingWords is what the editor can complete: the keys and values of each group by path ("lifecycle.rules"), and what
// expressions know.
type mappingWords struct {
	Keys   map[string][]string `json:"keys"`
	Values map[string][]string `json:"values"`
	Words  []string            `json:"words"`
}

// schemaNode is the part of a JSON Schema that completion needs.
type schemaNode struct {
	Ref        string                 `json:"$ref"`
	Enum       []string               `json:"enum"`
	Properties map[string]*schemaNode `json:"properties"`
	Patterns   map[string]*schemaNode `json:"patternProperties"`
	Additional json.RawMessage        `json:"additionalProperties"`
	Items      *schemaNode            `json:"items"`
	AnyOf      []*schemaNode          `json:"anyOf"`
	OneOf      []*schemaNode          `json:"oneOf"`
	Defs       map[string]*schemaNode `json:"$defs"`
}

// completions are made of the schema once.
var completions = sync.OnceValues(func() (mappingWords, error) {
	var root schemaNode
	out := mappingWords{Keys: map[string][]string{}, Values: map[string][]string{}}
	if err := json.Unmarshal(mapping.Schema(), &root); err != nil {
		return out, err
	}
	out.walk(&root, root.Defs, "", 0)
	for _, list := range out.Keys {
		slices.Sort(list)
	}
	for _, kind := range []crm.ActivityKind{crm.KindEmail, crm.KindMeeting, crm.KindForm} {
		for _, offer := range mapping.Offers(kind, nil) {
			out.Words = append(out.Words, offer.Expression)
		}
	}
	out.Words = append(out.Words, mapping.Functions()...)
	slices.Sort(out.Words)
	out.Words = slices.Compact(out.Words)
	return out, nil
})

// maxSchemaDepth is deeper than any mapping.
const maxSchemaDepth = 12

// walk notes the keys of a group and goes on below. Groups whose keys people choose are called * in paths; lists add
// nothing to a path.
func (m *mappingWords) walk(n *schemaNode, defs map[string]*schemaNode, path string, depth int) {
	if n == nil || depth > maxSchemaDepth {
		return
	}
	if len(n.Ref) > len("#/$defs/") {
		m.walk(defs[n.Ref[len("#/$defs/"):]], defs, path, depth+1)
	}
	for _, v := range n.Enum {
		if !slices.Contains(m.Values[path], v) {
			m.Values[path] = append(m.Values[path], v)
		}
	}
	for key, below := range n.Properties {
		if !slices.Contains(m.Keys[path], key) {
			m.Keys[path] = append(m.Keys[path], key)
		}
		m.walk(below, defs, pathBelow(path, key), depth+1)
	}
	for _, below := range n.Patterns {
		m.walk(below, defs, pathBelow(path, "*"), depth+1)
	}
	var additional schemaNode
	if json.Unmarshal(n.Additional, &additional) == nil {
		m.walk(&additional, defs, pathBelow(path, "*"), depth+1)
	}
	m.walk(n.Items, defs, path, depth+1)
	for _, other := range append(slices.Clone(n.AnyOf), n.OneOf...) {
		m.walk(other, defs, path, depth+1)
	}
}

func pathBelow(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// showMappingWords tells the editor what it can complete.
func (s *Server) showMappingWords(w http.ResponseWriter, _ *request) error {
	words, err := completions()
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, words)
}
