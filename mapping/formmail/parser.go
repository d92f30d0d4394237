// Package formmail reads the mails by which a form service tells of a submission. A Parser is made from one
// example with its fields marked (Learn) and then reads other mails of the same form (Parse). It knows labels
// followed by a value, on the same line or below, in Japanese and English, and tables in HTML mail. It never
// guesses: a mail in which a field that the example had is missing, or that has lines it cannot place, is not
// read at all, and a person is asked.
//
// Learn seeks each marked value in the lines of the example: as the rest of a line after something that parts
// a label from its value (a colon, a bracket, a tab between cells, leaders …), or as whole lines below a line
// that can be a label. It takes the one way of parting that explains every mark, and refuses if there is none
// or if a value stands behind several labels. What is not marked between the fields is learned too: labelled
// lines become fields without a name, which are read and not handed out, headings and rules become lines that
// must stand there again. The lines around the fields become anchors, in which "*" stands for what differs
// from mail to mail: marked values, numbers, dates.
//
// Parse finds the place after the Start anchor and goes down line by line. Fields come in the order of the
// example and each comes once; a line that is the label of a field which is not due ends the reading, and so
// does one that belongs to nothing. Inside a value of several lines anything may stand but a label of the
// form, a line that has the looks of one where a new field would stand, and the End anchor: these leave it
// open where the value ends, and what is open is not read.
package formmail

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Parser reads the mails of one form.
type Parser struct {
	From      []string `yaml:"from,omitempty" json:"from,omitempty"`       // senders: addresses, or "@" and a domain; empty for any
	Subject   string   `yaml:"subject,omitempty" json:"subject,omitempty"` // words that the subject must contain, without regard to width and case
	Layout    Layout   `yaml:"layout" json:"layout"`
	Before    string   `yaml:"before,omitempty" json:"before,omitempty"`       // bullet or bracket before each label: "■", "【"; "" for none
	Separator string   `yaml:"separator,omitempty" json:"separator,omitempty"` // what parts label and value: "：", "】", "....", "\t"; "" for a colon, or for spaces between columns
	Fields    []Field  `yaml:"fields" json:"fields"`                           // in the order of the mail
	Start     string   `yaml:"start,omitempty" json:"start,omitempty"`         // lines after which the fields begin, "*" stands for anything; "" for the first line
	End       string   `yaml:"end,omitempty" json:"end,omitempty"`             // lines before which they end, "*" stands for anything; "" for the end of the mail
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
	Name     string   `yaml:"name,omitempty" json:"name,omitempty"` // of the submission's field; "" for one that is not handed out
	Label    string   `yaml:"label" json:"label"`                   // as it stands in the mail, without brackets, bullets and colon
	Optional bool     `yaml:"optional,omitempty" json:"optional,omitempty"`
	Many     bool     `yaml:"many,omitempty" json:"many,omitempty"`     // the value may go over several lines
	Below    bool     `yaml:"below,omitempty" json:"below,omitempty"`   // the value is in the lines below the label, whatever the layout
	Suffix   string   `yaml:"suffix,omitempty" json:"suffix,omitempty"` // stands behind the value and is none of it: "様"
	After    []string `yaml:"after,omitempty" json:"after,omitempty"`   // lines between this field and the next: headings, rules
}

// Unread is the error of a mail that was not read as the form's.
type Unread struct {
	Missing []string // labels of fields that the mail does not have
	Why     string   // one sentence
}

// Error says why the mail was not read.
func (u *Unread) Error() string {
	if len(u.Missing) == 0 {
		return "read form mail: " + u.Why
	}
	return "read form mail: " + u.Why + ": " + strings.Join(u.Missing, ", ")
}

// Matches reports whether a mail looks from outside like one of the form's: by its sender and subject. Answers
// to such mails and forwards of them do not.
func (p *Parser) Matches(m *connectors.Message) bool {
	if !p.fromMatches(m.From) {
		return false
	}
	subject, words := crm.Fold(m.Subject), crm.Fold(p.Subject)
	if !strings.Contains(subject, words) {
		return false
	}
	return !answers(subject) || answers(words)
}

func (p *Parser) fromMatches(from []crm.Mailbox) bool {
	if len(p.From) == 0 {
		return true
	}
	for _, box := range from {
		address := crm.Fold(box.Address)
		for _, want := range p.From {
			want = crm.Fold(want)
			if address == want || strings.HasPrefix(want, "@") && strings.HasSuffix(address, want) {
				return true
			}
		}
	}
	return false
}

// answers tells the subject of an answer or a forward. The subject is folded.
func answers(subject string) bool {
	for _, prefix := range []string{"re:", "re[", "fw:", "fwd:", "aw:", "wg:", "返信:", "転送:", "答复:", "回复:"} {
		if strings.HasPrefix(subject, prefix) {
			return true
		}
	}
	return false
}
