package upkeep

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// rules are today's exclusions, to be found by the reasons they gave.
type rules struct {
	screen  mapping.Screen
	mapping func(source string) (mapping.Source, bool)
	ownLeft bool // somebody who belonged to the organisation may no longer
}

// newRules takes the exclusions of a version; the zero version is the default mapping.
func newRules(version crm.MappingVersion, source func(string) (mapping.Source, bool), ownLeft bool) (rules, error) {
	var document mapping.Document
	if err := yaml.Unmarshal([]byte(version.Document), &document); err != nil {
		return rules{}, fmt.Errorf("read mapping version %d: %w", version.Number, err)
	}
	return rules{document.Screen, source, ownLeft}, nil
}

// stand says whether the rule that excluded this row is still there. A row does not hold who
// was on the item, so internal mail stands as long as nobody left the organisation. Rules that nobody can take
// back always stand: drafts, the erased.
func (r rules) stand(entry crm.Entry) bool {
	code, detail, _ := strings.Cut(string(entry.Reason), ": ")
	switch code {
	case crm.ReasonAddress:
		return slices.Contains(r.screen.Addresses, detail)
	case crm.ReasonDomain:
		return slices.ContainsFunc(r.screen.Domains, func(domain string) bool {
			normal, ok := crm.NormalizeDomain(domain)
			return domain == detail || ok && normal == detail
		})
	case crm.ReasonSubject:
		return slices.Contains(r.screen.Subjects, detail)
	case crm.ReasonFolder:
		source, _ := r.mapping(entry.Source)
		return slices.Contains(r.screen.Folders, detail) || slices.Contains(source.ExcludeFolders, detail)
	case crm.ReasonClass:
		if r.screen.Classes == nil {
			return detail == string(crm.ClassBulk)
		}
		return slices.Contains(r.screen.Classes, crm.Class(detail))
	case crm.ReasonInternal:
		return !r.ownLeft
	default:
		return true
	}
}
