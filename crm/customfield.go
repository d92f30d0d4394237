package crm

// FieldType is what values a declared field has.
type FieldType string

// The types of declared fields, with their canonical text.
const (
	FieldText    FieldType = "text"    // one line or several, at most 10,000 bytes
	FieldNumber  FieldType = "number"  // decimal, "1234.5"
	FieldDate    FieldType = "date"    // "2026-11-21"
	FieldTime    FieldType = "time"    // RFC 3339, UTC
	FieldBool    FieldType = "bool"    // "true" or "false"
	FieldOption  FieldType = "option"  // the Value of one of Options
	FieldOptions FieldType = "options" // several of them, in the order declared, joined by ";"
	FieldURL     FieldType = "url"     // http or https
	FieldPhone   FieldType = "phone"   // E.164
	FieldEmail   FieldType = "email"   // an address
)

// FieldTarget is what kind of record a field is declared on.
type FieldTarget string

// The kinds of records that can have declared fields.
const (
	OnLead        FieldTarget = "lead"
	OnContact     FieldTarget = "contact"
	OnAccount     FieldTarget = "account"
	OnOpportunity FieldTarget = "opportunity"
	OnActivity    FieldTarget = "activity"
)

// FieldDef declares a field of the admin's own. Its values stand in the Custom map of a record, by Name, in
// the canonical form of its type.
type FieldDef struct {
	Name    string        `yaml:"name" json:"name"` // lower-case letters, digits and underscores, starting with a letter, at most 40
	Type    FieldType     `yaml:"type" json:"type"`
	Label   Label         `yaml:"label" json:"label"`
	Options []FieldChoice `yaml:"options,omitempty" json:"options,omitempty"` // of option and options
}

// Label is a text in the languages of the product. The other language stands in for an empty one.
type Label struct {
	JA string `yaml:"ja" json:"ja"`
	EN string `yaml:"en" json:"en"`
}

// FieldChoice is one of the values that an option field can have.
type FieldChoice struct {
	Value string `yaml:"value" json:"value"` // stored
	Label Label  `yaml:"label" json:"label"` // shown
}
