package webform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	maxFields    = 1000 // of a submission
	maxFieldName = 500  // bytes
)

// layout is how rows are read: the settings, compiled.
type layout struct {
	form       string
	list       path
	id         path
	time       path
	updated    path
	timeFormat string
	zone       *time.Location
	named      []namedField
	skip       []string
	answers    *answerPaths
	touch      map[string]path
}

type namedField struct {
	path  path
	name  string // "" if the settings give none
	label string
}

type answerPaths struct {
	list, name, label path
	values            []path
}

// collector gathers fields in the order in which they come.
type collector struct {
	fields []crm.FormField
	at     map[string]int // name -> place
	bytes  int64
	skip   []string
}

// fields gives the fields of a row and their size, bytes.
func (l *layout) fields(v value, textBytes int64) ([]crm.FormField, int64, error) {
	c := &collector{at: make(map[string]int)}
	if l.answers != nil {
		l.eachAnswer(v, c)
	}
	for _, f := range l.named {
		for _, found := range f.path.all(v) {
			name := f.name
			if name == "" && found.kind != isObject {
				name = f.path.text
			}
			c.flatten(found, name, f.label)
		}
	}
	if l.answers == nil && len(l.named) == 0 {
		c.skip = l.skip
		c.flatten(v, "", "")
	}
	switch {
	case len(c.fields) > maxFields:
		return nil, 0, fmt.Errorf("read row: it has more than %d fields", maxFields)
	case c.bytes > textBytes:
		return nil, 0, fmt.Errorf("read row: it has %d bytes of text, at most %d are kept", c.bytes, textBytes)
	}
	return c.fields, c.bytes, nil
}

func (l *layout) eachAnswer(v value, c *collector) {
	for _, list := range l.answers.list.all(v) {
		for _, answer := range list.parts {
			name := l.answers.name.textIn(answer)
			label := l.answers.label.textIn(answer)
			if name == "" {
				name = label
			}
			for i := range l.answers.values {
				before := c.bytes
				for _, found := range l.answers.values[i].all(answer) {
					c.flatten(found, name, label)
				}
				if c.bytes > before {
					break
				}
			}
		}
	}
}

// flatten adds every text in v: members of objects by name.member, elements of lists as several values.
func (c *collector) flatten(v value, name, label string) {
	if len(c.fields) > maxFields || slices.Contains(c.skip, name) && name != "" {
		return
	}
	switch v.kind {
	case isText:
		c.add(name, label, v.text)
	case isList:
		for _, element := range v.parts {
			c.flatten(element, name, label)
		}
	case isObject:
		for i, member := range v.parts {
			inner := v.names[i]
			if name != "" {
				inner = name + "." + inner
			}
			c.flatten(member, inner, "")
		}
	case isNull:
	}
}

// add adds a value to the field of this name. An empty text is no answer.
func (c *collector) add(name, label, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if name == "" {
		name = "value"
	}
	if len(name) > maxFieldName {
		name = strings.ToValidUTF8(name[:maxFieldName], "")
	}
	place, ok := c.at[name]
	if !ok {
		place = len(c.fields)
		c.at[name] = place
		c.fields = append(c.fields, crm.FormField{Name: name, Label: label})
		c.bytes += int64(len(name) + len(label))
	}
	c.fields[place].Values = append(c.fields[place].Values, text)
	c.bytes += int64(len(text)) + 1
}
