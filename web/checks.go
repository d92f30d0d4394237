package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Bounds of what may be entered, in characters.
const (
	maxWhat  = 500    // of a next action or a task
	maxFacts = 20_000 // of what was said in a call
)

// checks gathers all that is wrong with an entry, in the words of the catalogue and by the place where it stands. What the
// store refuses comes in the same form, so that pages and programs are told alike.
type checks struct {
	s      *Server
	labels bool // names are said as pages show them, not as programs send them
	found  []crm.Flaw
}

// wrong notes a sentence of the catalogue about a part of the entry.
func (c *checks) wrong(place, key, value string) {
	c.found = append(c.found, crm.Flaw{Field: place, Text: crm.Label{
		JA: c.s.speakers["ja"].text(key, "value", value), EN: c.s.speakers["en"].text(key, "value", value)}})
}

// wrongNames is wrong for a sentence about some of the organisation's names.
func (c *checks) wrongNames(place, key string, names []life.Name) {
	if !c.labels {
		c.wrong(place, key, strings.Join(inUse(names), ", "))
		return
	}
	said := func(lang, between string) string {
		var words []string
		for _, n := range names {
			if !n.Retired {
				words = append(words, n.Heading(lang))
			}
		}
		return c.s.speakers[lang].text(key, "value", strings.Join(words, between))
	}
	c.found = append(c.found, crm.Flaw{Field: place, Text: crm.Label{JA: said("ja", "、"), EN: said("en", ", ")}})
}

// err is nil if nothing is wrong.
func (c *checks) err(what string) error { return crm.Refuse(what, c.found) }

// line trims one line of at most so many characters.
func (c *checks) line(place string, value *string, most int) {
	if bad := tidy(value); bad != nil {
		c.wrong(place, bad.key, bad.value)
	} else if utf8.RuneCountInString(*value) > most {
		c.wrong(place, "entry.too_long", strconv.Itoa(most))
	}
}

// needed is line for what may not be empty.
func (c *checks) needed(place string, value *string, most int) {
	if c.line(place, value, most); strings.TrimSpace(*value) == "" {
		c.wrong(place, "entry.missing", "")
	}
}

// text trims several lines of at most so many characters together. Line ends and tabs stay, as in a letter.
func (c *checks) text(place string, value *string, most int) {
	whole := strings.TrimSpace(strings.ReplaceAll(*value, "\r\n", "\n"))
	*value = whole
	flat := strings.NewReplacer("\n", " ", "\t", " ").Replace(whole)
	if bad := tidy(&flat); bad != nil {
		c.wrong(place, bad.key, bad.value)
	} else if utf8.RuneCountInString(whole) > most {
		c.wrong(place, "entry.too_long", strconv.Itoa(most))
	}
}

// day trims a day such as 2026-11-21; "" is none. What no calendar has is refused, and what nobody means.
func (c *checks) day(place string, value *string) {
	*value = strings.TrimSpace(*value)
	if *value == "" {
		return
	}
	if crm.IsDay(*value) {
		return
	}
	key := "entry.bad_day"
	if _, err := time.Parse(time.DateOnly, *value); err == nil {
		key = "entry.far_day"
	}
	c.wrong(place, key, shown(*value))
}

// neededDay is day for what may not be empty.
func (c *checks) neededDay(place string, value *string) {
	if c.day(place, value); *value == "" {
		c.wrong(place, "entry.missing", "")
	}
}

// address trims the address of a colleague; "" is nobody.
func (c *checks) address(place string, value *string) {
	if c.line(place, value, maxField); *value == "" {
		return
	}
	address := bareAddress(*value)
	if address == "" {
		c.wrong(place, "form.bad_address", shown(*value))
		return
	}
	*value = strings.ToLower(address)
}

// code says that a value is one of a list.
func (c *checks) code(place, value string, codes []string) {
	if !slices.Contains(codes, value) {
		c.wrong(place, "entry.unknown_code", shown(value)+" ("+strings.Join(codes, ", ")+")")
	}
}

// shown is the start of a value as a sentence about it repeats it.
func shown(value string) string { return excerpt(strings.ToValidUTF8(value, "\ufffd"), 60) }

// refusal makes a problem of what an entry or the state of a record does not allow, nil if the error is nothing of the sort.
func refusal(err error) error {
	var flawed *crm.FlawError
	switch {
	case errors.As(err, &flawed):
		details := make([]error, 0, len(flawed.Flaws))
		for _, f := range flawed.Flaws {
			details = append(details, &huma.ErrorDetail{Location: "body." + f.Field, Message: f.Text.EN})
		}
		return huma.Error422UnprocessableEntity(flawed.Error(), details...)
	case errors.Is(err, crm.ErrRefused):
		return huma.Error409Conflict(err.Error())
	default:
		return nil
	}
}

// flawIn is the first thing that is wrong with an entry in a page's language; false if the error is of another sort.
func (sp *speaker) flawIn(err error) (string, bool) {
	var flawed *crm.FlawError
	var bad *problem
	switch {
	case errors.As(err, &flawed):
		return flawed.Flaws[0].Text.In(sp.lang), true
	case errors.As(err, &bad):
		return sp.text(bad.key, "value", bad.value), true
	default:
		return "", false
	}
}
