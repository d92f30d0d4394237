package formmail

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxExample is how many lines an example may have.
const maxExample = 2000

// Marked is a field of the example as a person marked it.
type Marked struct {
	Name  string // of the submission's field
	Value string // as it stands in the mail, whole; "" for a field that is empty in the example and whose label is Name
}

// Learn makes a parser of one example and its marked fields, in any order. The parser reads the example to just
// what was marked. The error tells of every mark that cannot be used; nothing is learned then.
func Learn(example connectors.Message, marked []Marked) (Parser, error) {
	if err := learnable(example, marked); err != nil {
		return Parser{}, err
	}
	s := newSearch(example.FullText, marked)
	spots, err := s.choose()
	if err != nil {
		return Parser{}, err
	}
	p, err := s.frame(spots)
	if err != nil {
		return Parser{}, err
	}
	p.From, p.Subject = s.sender(example.From), s.subject(example.Subject)
	if err := p.retell(example, marked); err != nil {
		return Parser{}, err
	}
	return p, nil
}

// learnable refuses what need not be tried.
func learnable(example connectors.Message, marked []Marked) error {
	switch {
	case example.Wrapper != "":
		return fmt.Errorf("learn form mail: the example's text is inside a wrapper: %s", example.Wrapper)
	case example.Truncated || len(example.FullText) > maxText || strings.Count(example.FullText, "\n") > maxExample:
		return errors.New("learn form mail: the example is too long")
	case len(marked) == 0:
		return errors.New("learn form mail: no value is marked")
	case len(marked) > maxFields:
		return fmt.Errorf("learn form mail: more than %d values are marked", maxFields)
	}
	names, filled := map[string]bool{}, false
	for _, m := range marked {
		if m.Name == "" {
			return fmt.Errorf("learn form mail: the value %q has no name", short(m.Value))
		}
		if names[m.Name] {
			return fmt.Errorf("learn form mail: the name %q is there twice", m.Name)
		}
		names[m.Name] = true
		filled = filled || !isBlank(m.Value)
	}
	if !filled {
		return errors.New("learn form mail: no value is marked")
	}
	return nil
}

// retell reads the example with what was learned from it.
func (p *Parser) retell(example connectors.Message, marked []Marked) error {
	if problems := p.Check(); len(problems) > 0 && problems[0].Path != "subject" {
		return fmt.Errorf("learn form mail: %s", problems[0].What)
	}
	fields, err := p.Parse(&example)
	if err != nil {
		return fmt.Errorf("learn form mail: the example cannot be told from other mail: %w", err)
	}
	for _, m := range marked {
		i := slices.IndexFunc(fields, func(f crm.FormField) bool { return f.Name == m.Name })
		if i < 0 || !sameText(fields[i].Values[0], m.Value) {
			return fmt.Errorf("learn form mail: the value of %q cannot be read again; mark all of it, and what stands around it", m.Name)
		}
	}
	return nil
}

// sender takes the example's sender, unless it is the customer, as some forms have it.
func (s *search) sender(from []crm.Mailbox) []string {
	if len(from) == 0 || from[0].Address == "" {
		return nil
	}
	address := strings.ToLower(from[0].Address)
	for _, m := range s.marks {
		if strings.Contains(strings.ToLower(m.text), address) {
			return nil
		}
	}
	return []string{address}
}

// subject is the longest piece of the example's subject that does not change from mail to mail.
func (s *search) subject(subject string) string {
	longest := ""
	for piece := range strings.SplitSeq(s.pattern(subject), "*") {
		if piece = strings.Trim(piece, spaces); len(piece) > len(longest) {
			longest = piece
		}
	}
	return longest
}

func isBlank(s string) bool { return strings.Trim(s, spaces+"\n") == "" }

// sameText compares two texts without regard to the spaces in them and empty lines.
func sameText(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}
