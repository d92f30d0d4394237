package mapping

import (
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/formmail"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Document is the admin's mapping. Its zero value is the default mapping. docs/mapping.md explains every key.
type Document struct {
	Screen    Screen                             `yaml:"screen,omitempty" json:"screen"`
	Match     MatchRules                         `yaml:"match,omitempty" json:"match"`
	People    People                             `yaml:"people,omitempty" json:"people"`
	Fields    map[crm.ActivityKind]KindFields    `yaml:"fields,omitempty" json:"fields,omitempty"`
	Forms     map[string]Form                    `yaml:"forms,omitempty" json:"forms,omitempty"`        // by the form's id
	Lookups   map[string]map[string]string       `yaml:"lookups,omitempty" json:"lookups,omitempty"`    // tables, by name
	Custom    map[crm.FieldTarget][]crm.FieldDef `yaml:"custom,omitempty" json:"custom,omitempty"`      // declared fields
	Meetings  Meetings                           `yaml:"meetings,omitempty" json:"meetings,omitzero"`   //
	Lifecycle life.Document                      `yaml:"lifecycle,omitempty" json:"lifecycle,omitzero"` // what follows from what is logged
	Tests     []Test                             `yaml:"tests,omitempty" json:"tests,omitempty"`        // must pass before the document is saved
}

// KindFields says which fields of an activity of one kind, and of the people on it, get which values. The keys
// are the json names of fields of crm.Activity (subject, text, product, status) and crm.Person (name, kana,
// company, department, title, emails, phones …), or "custom." and a declared name. What is not named is as
// without rules; a person's fields are only filled where they are empty.
type KindFields struct {
	Activity map[string]FieldRule `yaml:"activity,omitempty" json:"activity,omitempty"`
	Person   map[string]FieldRule `yaml:"person,omitempty" json:"person,omitempty"`
}

// FieldRule says where a value comes from. In YAML it is this group, or only the expression.
type FieldRule struct {
	Value   string            `yaml:"value,omitempty" json:"value,omitempty"`     // CEL expression (package expr)
	When    string            `yaml:"when,omitempty" json:"when,omitempty"`       // CEL condition; the field stays as it is where it is false
	Lookup  string            `yaml:"lookup,omitempty" json:"lookup,omitempty"`   // name of a table through which the value goes
	Map     map[string]string `yaml:"map,omitempty" json:"map,omitempty"`         // a table of its own; "*" stands for everything else
	Default string            `yaml:"default,omitempty" json:"default,omitempty"` // where the value is empty: a text, no expression
}

// Form says what the submissions of one form mean. Its zero value knows the usual names of fields in Japanese
// and English, and those of a Salesforce Web-to-Lead form.
type Form struct {
	Name      string               `yaml:"name,omitempty" json:"name,omitempty"`             // as people call it; "" for the id
	Person    map[string]FieldRule `yaml:"person,omitempty" json:"person,omitempty"`         // beside the usual names; like KindFields.Person
	Activity  map[string]FieldRule `yaml:"activity,omitempty" json:"activity,omitempty"`     // like KindFields.Activity
	Campaign  FieldRule            `yaml:"campaign,omitempty" json:"campaign,omitzero"`      // of the touch
	Channel   FieldRule            `yaml:"channel,omitempty" json:"channel,omitzero"`        //
	Product   FieldRule            `yaml:"product,omitempty" json:"product,omitzero"`        //
	Owner     FieldRule            `yaml:"owner,omitempty" json:"owner,omitzero"`            // a rep's address; "" for the source's owner
	NewPeople Policy               `yaml:"new_people,omitempty" json:"new_people,omitempty"` // never or always; "" for always: an enquiry is where leads begin
	Mail      *formmail.Parser     `yaml:"mail,omitempty" json:"mail,omitempty"`             // reads the form's notification mails
}

// Meetings says what of calendars is logged.
type Meetings struct {
	// Private says what becomes of events that are marked private, or of which only the times are shown: "skip"
	// (nothing is stored), "time_only" (who and when, but no words) or "full". "" means skip.
	Private string `yaml:"private,omitempty" json:"private,omitempty"`
}

// What Meetings.Private can say.
const (
	PrivateSkip     = "skip"
	PrivateTimeOnly = "time_only"
	PrivateFull     = "full"
)

// privateRules are all that may be written.
func privateRules() []string { return []string{PrivateSkip, PrivateTimeOnly, PrivateFull} }

// Test is an example of the admin's: what an item has to become.
type Test struct {
	Name   string         `yaml:"name" json:"name"`
	Item   map[string]any `yaml:"item" json:"item"`     // kind, subject, from, to, text … or form and fields; docs/mapping.md lists them
	Expect map[string]any `yaml:"expect" json:"expect"` // verdict, reason, and fields of activity and person
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
