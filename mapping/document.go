package mapping

import "github.com/tsunagu-crm/tsunagu/crm"

// Document is the admin's mapping. Its zero value is the default mapping. docs/mapping.md explains every key.
type Document struct {
	Screen Screen     `yaml:"screen,omitempty" json:"screen"`
	Match  MatchRules `yaml:"match,omitempty" json:"match"`
	People People     `yaml:"people,omitempty" json:"people"`
}

// Screen says what is never logged. Internal mail, drafts and the mail of erased people are kept out always.
type Screen struct {
	// Addresses keep out every item with such a participant, whether outside or our own (jinji@example.co.jp).
	// "*" stands for any run of characters.
	Addresses []string `yaml:"addresses,omitempty" json:"addresses"`
	// Domains keep out every item with an outside participant of the domain or one below it.
	Domains []string `yaml:"domains,omitempty" json:"domains"`
	// Subjects are words found anywhere in the subject without regard to case and width, or regular
	// expressions (RE2) between slashes: /^\[社外秘\]/.
	Subjects []string `yaml:"subjects,omitempty" json:"subjects"`
	// Folders are folders, labels or calendars with all below them. "*" stands for any run of characters.
	Folders []string `yaml:"folders,omitempty" json:"folders"`
	// Classes of mail that are kept out. Left out it means bulk mail, except posts to a mailing list that
	// continue a conversation; an empty list means none; a list means just what it says.
	Classes []crm.Class `yaml:"classes" json:"classes"`
}

// MatchRules says how people are recognised.
type MatchRules struct {
	// FreeMail are domains, with those below them, that tell nothing about a company, beside the built-in list.
	FreeMail []string `yaml:"free_mail,omitempty" json:"free_mail"`
	// RoleNames are local parts that stand for an office instead of a person, beside the built-in list.
	RoleNames []string `yaml:"role_names,omitempty" json:"role_names"`
	// Domain switches matching by an account's domain; nil means on.
	Domain *bool `yaml:"domain,omitempty" json:"domain"`
}

// People says when unknown people become records.
type People struct {
	New Policy `yaml:"new,omitempty" json:"new"`
}

// Policy says what happens to an unknown person on a mail that one person wrote.
type Policy string

// The policies. "" means PolicyWhenWeWroteFirst, in a Source the document's.
const (
	PolicyNever            Policy = "never"               // the item stays unmatched
	PolicyWhenWeWroteFirst Policy = "when_we_wrote_first" // if we wrote, a contact is proposed in a review
	PolicyAlways           Policy = "always"              // a contact or a lead is created
)

// Policies are all policies that may be written.
func Policies() []Policy {
	return []Policy{PolicyNever, PolicyWhenWeWroteFirst, PolicyAlways}
}

// Valid reports whether p is a policy or "".
func (p Policy) Valid() bool {
	return p == "" || p == PolicyNever || p == PolicyWhenWeWroteFirst || p == PolicyAlways
}
