package life

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// The limits of a section.
const (
	maxEntries = 200  // of a list
	maxTitle   = 60   // characters of the name of a rule or plan
	maxLabel   = 80   // characters of a label
	maxWords   = 500  // characters of what a step says: crm.Task.What
	maxDays    = 3650 // of a time
	maxCap     = 1_000_000
)

// codes are what entries of lists are called in records.
var codes = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// check finds what is wrong with the section beside conditions and times, which compile reads.
func (c *compiler) check() {
	c.checkLists()
	c.checkRules()
	c.checkRequests()
	c.checkAssignment()
	c.checkPlans()
	for i, kind := range c.doc.Accept {
		c.oneOf(fmt.Sprintf("accept[%d]", i), string(kind), "a kind of proposal that can be accepted without anybody's consent", words(Acceptable()))
	}
	if c.doc.FiscalStart < 1 || c.doc.FiscalStart > 12 {
		c.bad("fiscal_start", fmt.Sprintf("%d is no month", c.doc.FiscalStart), "write 1 to 12; 4 is April")
	}
}

func words[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = string(list[i])
	}
	return out
}

// oneOf reports a word that is not among the known ones.
func (c *compiler) oneOf(path, word, what string, known []string) bool {
	if slices.Contains(known, word) {
		return true
	}
	if word == "" {
		c.bad(path, "nothing is written here; it must be "+what, expr.Suggest(word, known))
	} else {
		c.bad(path, fmt.Sprintf("%q is not %s", word, what), expr.Suggest(word, known))
	}
	return false
}

func (c *compiler) size(path string, n int) {
	if n > maxEntries {
		c.bad(path, fmt.Sprintf("the list has %d entries; %d are allowed", n, maxEntries), "")
	}
}

func (c *compiler) checkLists() {
	c.statuses()
	c.names("reasons", c.doc.Reasons)
	c.names("results", namesOf(c.doc.Results, func(r Result) Name { return r.Name }))
	if len(c.doc.Results) == 0 {
		c.bad("results", "there is no result of calls", "name at least one, or leave results out for the usual ones")
	}
	c.stages()
	c.names("segments", namesOf(c.doc.Segments, func(s Segment) Name { return s.Name }))
	c.names("territories", namesOf(c.doc.Territories, func(t Territory) Name { return t.Name }))
	c.names("requests", namesOf(c.doc.Requests, func(q Request) Name { return q.Name }))
}

func namesOf[T any](list []T, name func(T) Name) []Name {
	out := make([]Name, len(list))
	for i := range list {
		out[i] = name(list[i])
	}
	return out
}

// names checks the codes and labels of a list.
func (c *compiler) names(path string, list []Name) {
	c.size(path, len(list))
	seen := map[string]int{}
	for i, n := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		first, twice := seen[n.Name]
		switch {
		case n.Name == "":
			c.bad(at+".name", "the entry has no name", "write a short code, such as "+`"meeting_won"`+"; what people read stands under label")
		case !codes.MatchString(n.Name):
			c.bad(at+".name", fmt.Sprintf("%q cannot be a name here", n.Name), "use lower-case letters, digits and _, starting with a letter, at most 40; what people read stands under label")
		case twice:
			c.bad(at+".name", fmt.Sprintf("%q stands here twice", n.Name), fmt.Sprintf("the first is entry %d; records know an entry by its name", first+1))
		}
		if _, ok := seen[n.Name]; !ok {
			seen[n.Name] = i
		}
		c.oneLine(at+".label.ja", n.Label.Ja, maxLabel)
		c.oneLine(at+".label.en", n.Label.En, maxLabel)
	}
}

func (c *compiler) oneLine(path, text string, limit int) {
	switch {
	case utf8.RuneCountInString(text) > limit:
		c.bad(path, fmt.Sprintf("the text has more than %d characters", limit), "")
	case strings.ContainsFunc(text, unicode.IsControl):
		c.bad(path, "the text is not one line", "")
	}
}

// title checks the name of a rule, an assignment or a plan, which history shows.
func (c *compiler) title(path, name string, seen map[string]bool) {
	switch {
	case strings.TrimSpace(name) == "":
		c.bad(path, "the name is missing", "history shows it as the cause of what the rule did")
	case seen[name]:
		c.bad(path, fmt.Sprintf("%q stands here twice", name), "give each a name of its own: history shows it as the cause")
	default:
		c.oneLine(path, name, maxTitle)
	}
	seen[name] = true
}

func (c *compiler) statuses() {
	c.names("statuses", namesOf(c.doc.Statuses, func(s Status) Name { return s.Name }))
	begins := c.status(string(crm.StatusNew))
	switch {
	case begins == nil:
		c.bad("statuses", `there is no status "new", with which leads begin`, "keep it; its label can say anything")
	case begins.Retired:
		c.bad("statuses", `the status "new", with which leads begin, is retired`, "keep it; its label can say anything")
	case begins.Reason:
		c.bad("statuses", `the status "new", with which leads begin, cannot want a reason`, "")
	}
	open := slices.ContainsFunc(c.doc.Reasons, func(n Name) bool { return !n.Retired })
	for i, s := range c.doc.Statuses {
		if s.Reason && !s.Retired && !open {
			c.bad(fmt.Sprintf("statuses[%d].reason", i), "the status wants a reason, and there is none to choose", "name reasons, or leave reasons out for the usual ones")
		}
	}
}

// status is the one with a code; nil if there is none.
func (c *compiler) status(code string) *Status {
	for i := range c.doc.Statuses {
		if c.doc.Statuses[i].Name.Name == code {
			return &c.doc.Statuses[i]
		}
	}
	return nil
}

func (c *compiler) stages() {
	c.names("stages", namesOf(c.doc.Stages, func(s DealStage) Name { return s.Name }))
	for _, last := range []struct {
		stage crm.Stage
		ends  string
	}{{crm.StageWon, EndsWon}, {crm.StageLost, EndsLost}} {
		stage, ends := last.stage, last.ends
		at := slices.IndexFunc(c.doc.Stages, func(s DealStage) bool { return s.Name.Name == string(stage) })
		switch {
		case at < 0:
			c.bad("stages", fmt.Sprintf("there is no stage %q, with which opportunities end", stage), "keep it; its label can say anything")
		case c.doc.Stages[at].Ends != ends:
			c.bad(fmt.Sprintf("stages[%d].ends", at), fmt.Sprintf("the stage %q must end opportunities as %s", stage, ends), "write ends: "+ends)
		}
	}
	for i, s := range c.doc.Stages {
		if s.Name.Name == string(crm.StageWon) || s.Name.Name == string(crm.StageLost) {
			continue
		}
		if s.Ends != "" {
			c.bad(fmt.Sprintf("stages[%d].ends", i), fmt.Sprintf("the stage %q cannot end opportunities", s.Name.Name), "only won and lost do; say the rest in a declared field")
		}
	}
}

// wallClock reads a time of day such as 09:00; 24:00 is the end of the day.
func wallClock(text string) (time.Duration, bool) {
	if text == "24:00" {
		return day, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}
