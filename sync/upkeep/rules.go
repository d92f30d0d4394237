package upkeep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// rules are those of a mapping that decide about items that are not logged.
type rules struct {
	screen  mapping.Screen // to be found by the reasons they gave
	private bool           // private events are kept out
	mapping func(source string) (mapping.Source, bool)
	decides string // stands for the rules about who is matched and made
	mails   bool   // some form's notification mails are read
}

// newRules takes the rules of a version; the zero version is the default mapping.
func newRules(version crm.MappingVersion, source func(string) (mapping.Source, bool)) (rules, error) {
	var document mapping.Document // earlier releases wrote more into a version, so this is not mapping.Parse
	if err := yaml.Unmarshal([]byte(version.Document), &document); err != nil {
		return rules{}, fmt.Errorf("read mapping version %d: %w", version.Number, err)
	}
	raw, err := json.Marshal(struct { // of the rules for fields only those that say who sent a form
		Match   mapping.MatchRules
		People  mapping.People
		Sender  map[string]mapping.FieldRule
		Forms   map[string]mapping.Form
		Lookups map[string]map[string]string

		Meetings mapping.Meetings `json:",omitzero"` // absent, as it was before there were meetings, unless it says something
	}{document.Match, document.People, document.Fields[crm.KindForm].Person, document.Forms, document.Lookups, document.Meetings})
	if err != nil {
		return rules{}, fmt.Errorf("read mapping version %d: %w", version.Number, err)
	}
	sum := sha256.Sum256(raw)
	r := rules{screen: document.Screen, mapping: source, decides: hex.EncodeToString(sum[:8])}
	r.private = document.Meetings.Private == "" || document.Meetings.Private == mapping.PrivateSkip
	for _, form := range document.Forms {
		r.mails = r.mails || form.Mail != nil
	}
	return r, nil
}

// undecided says whether these rules may decide otherwise about a row. What is gone from its source, and what a
// person decided, stays. When rules about forms changed, a mail that was kept out as bulk or internal may turn out to tell
// of a submission.
func (r rules) undecided(entry crm.Entry, ownLeft, changed bool) bool {
	code, _, _ := strings.Cut(string(entry.Reason), ": ")
	if entry.Verdict == crm.Excluded {
		return !r.stand(entry, ownLeft) || changed && r.mails && (code == crm.ReasonClass || code == crm.ReasonInternal)
	}
	return code != crm.ReasonGone && code != crm.ReasonDismissed
}

// stand says whether the rule that excluded this row is still there. A row does not hold who
// was on the item, so internal mail stands as long as nobody left the organisation. Rules that nobody can take
// back always stand: drafts, the erased.
func (r rules) stand(entry crm.Entry, ownLeft bool) bool {
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
		return !ownLeft
	case crm.ReasonPrivate:
		return r.private
	default:
		return true
	}
}
