// Package formmail reads the mails by which a form service tells of a submission. A Parser is made from one
// example with its fields marked (Learn) and then reads other mails of the same form (Parse). It knows labels
// followed by a value, on the same line or below, in Japanese and English, and tables in HTML mail. It never
// guesses: a mail in which a field that the example had is missing, or that has lines it cannot place, is not
// read at all, and a person is asked.
package formmail

// Parser reads the mails of one form.
type Parser struct {
	From    []string `yaml:"from,omitempty" json:"from,omitempty"`       // senders: addresses, or "@" and a domain; empty for any
	Subject string   `yaml:"subject,omitempty" json:"subject,omitempty"` // words that the subject must contain, without regard to width and case
	Layout  Layout   `yaml:"layout" json:"layout"`
	Fields  []Field  `yaml:"fields" json:"fields"`                   // in the order of the mail
	Start   string   `yaml:"start,omitempty" json:"start,omitempty"` // line after which the fields begin; "" for the first
	End     string   `yaml:"end,omitempty" json:"end,omitempty"`     // line before which they end; "" for the last
}

// Layout is how labels and values stand in the mail.
type Layout string

// The layouts.
const (
	LayoutInline  Layout = "inline"  // "お名前: 山田 太郎"
	LayoutBelow   Layout = "below"   // "■お名前" and the value in the lines below
	LayoutColumns Layout = "columns" // label and value apart by spaces or tabs, or a row of a table
)

// Field is one field of the form.
type Field struct {
	Name     string `yaml:"name" json:"name"`   // of the submission's field
	Label    string `yaml:"label" json:"label"` // as it stands in the mail, without brackets, bullets and colon
	Optional bool   `yaml:"optional,omitempty" json:"optional,omitempty"`
	Many     bool   `yaml:"many,omitempty" json:"many,omitempty"` // the value may go over several lines
}
