package calitem

import (
	"errors"
	"strings"
)

// Limits of a calendar text. What is beyond is not read: ErrTooLarge.
const (
	maxDepth      = 8
	maxComponents = 100_000
	maxProperties = 2_000_000
)

// ErrNoCalendar means that the text is no calendar at all.
var ErrNoCalendar = errors.New("no calendar")

// ErrNoEvent means that a calendar holds neither an event nor anything else that a calendar is for.
var ErrNoEvent = errors.New("it holds no event")

// ErrTooLarge means that a calendar was not read to its end.
var ErrTooLarge = errors.New("it has too many parts, or parts nested too deep, and was not read to its end")

// component is a VCALENDAR, VEVENT, VTIMEZONE or one of their parts.
type component struct {
	name     string // upper-case
	props    []property
	children []*component
	ended    bool // by its own END
}

// parseComponents reads all top-level components. An END that is missing or of another component ends what is open
// as far as it can: the end of the text ends everything.
func parseComponents(data []byte) (top []*component, cut bool) {
	var open []*component
	components, properties := 0, 0
	for line := range strings.SplitSeq(string(decode(data)), "\n") {
		p, ok := parseLine(line)
		if !ok {
			continue
		}
		switch p.name {
		case "BEGIN":
			if components++; components > maxComponents || len(open) >= maxDepth {
				return top, true
			}
			c := &component{name: strings.ToUpper(strings.TrimSpace(p.value))}
			open = closeFor(open, c.name)
			if len(open) == 0 {
				top = append(top, c)
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, c)
			}
			open = append(open, c)
		case "END":
			open = closeAt(open, strings.ToUpper(strings.TrimSpace(p.value)))
		default:
			if properties++; properties > maxProperties {
				return top, true
			}
			if len(open) > 0 {
				c := open[len(open)-1]
				c.props = append(c.props, p)
			}
		}
	}
	return top, false
}

// closeFor ends components that cannot hold one of the name: an event that lacks its END.
func closeFor(open []*component, name string) []*component {
	switch name {
	case "VCALENDAR":
		return nil
	case "VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE", "VFREEBUSY":
		return open[:min(len(open), 1)]
	}
	return open
}

// closeAt ends the innermost open component of the name, with all inside it.
func closeAt(open []*component, name string) []*component {
	for i := len(open) - 1; i >= 0; i-- {
		if open[i].name == name {
			open[i].ended = true
			return open[:i]
		}
	}
	return open
}

// get gives the first property of a name, and whether there is one.
func (c *component) get(name string) (property, bool) {
	for _, p := range c.props {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

// all gives the properties of a name.
func (c *component) all(name string) []property {
	var out []property
	for _, p := range c.props {
		if p.name == name {
			out = append(out, p)
		}
	}
	return out
}

// word gives the value of a property in upper case, without blanks around it.
func (c *component) word(name string) string {
	p, _ := c.get(name)
	return strings.ToUpper(strings.TrimSpace(p.value))
}
