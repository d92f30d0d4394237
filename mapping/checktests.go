package mapping

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxTests is how many tests a document can have: they run each time it is saved.
const maxTests = 500

// testShape says what may stand in the groups of a test, by path.
func testShape() map[string][]string {
	return map[string][]string{
		"item": {
			"at", "owner", "folder", "draft", "from", "to", "cc", "bcc", "reply_to", "subject", "text", "class", "form", "fields", "touch",
			"meeting", "people", "accounts",
		},
		"item.meeting": {
			"start", "end", "all_day", "recurring", "organizer", "attendees", "rooms", "location", "conference", "status", "private", "type",
		},
		"item.touch":      {"campaign", "channel", "source", "medium", "term", "content", "referrer", "landing"},
		"item.people":     {"kind", "name", "company", "department", "title", "emails", "phones", "account"},
		"item.accounts":   {"name", "domains"},
		"expect":          {"verdict", "reason", "rule", "activity", "person"},
		"expect.activity": {"kind", "direction", "subject", "text", "product", "status", "campaign", "channel", "owner", "form", "location", "conference"},
		"expect.person":   append(personFields(), "kind", "new"),
	}
}

// checkTests finds what is wrong with the tests as they are written; whether they pass is for RunTests.
func (c *compiler) checkTests() {
	names := map[string]bool{}
	for i := range c.doc.Tests {
		t, path := &c.doc.Tests[i], fmt.Sprintf("mapping.tests[%d]", i)
		switch {
		case i == maxTests:
			c.bad(path, fmt.Sprintf("there are more than %d tests", maxTests), "leave some out")
			return
		case strings.TrimSpace(t.Name) == "":
			c.bad(path+".name", "the test has no name", "say in a few words what it shows")
		case names[t.Name]:
			c.bad(path+".name", fmt.Sprintf("another test is called %q", t.Name), "choose another name")
		}
		names[t.Name] = true
		c.checkItem(path+".item", t.Item)
		c.checkExpect(path+".expect", t.Expect)
	}
}

func (c *compiler) checkItem(path string, item map[string]any) {
	c.keys(path, "item", item, nil)
	if len(item) == 0 {
		c.bad(path, "the test has no item", "write from, to and subject of a mail, form and fields, or meeting")
		return
	}
	form := textAt(item, "form")
	if _, named := c.doc.Forms[form]; form != "" && !named && len(c.doc.Forms) > 0 {
		c.bad(path+".form", fmt.Sprintf("there is no form %q", form), Suggest(form, slices.Collect(maps.Keys(c.doc.Forms))))
	} else if form == "" && item["from"] == nil && item["meeting"] == nil {
		c.bad(path, "the item is neither a mail nor a submission nor a meeting", "write from, to and subject, form and fields, or meeting")
	}
	c.checkTime(path, item, "at")
	c.checkMeeting(path+".meeting", item["meeting"])
	if class := textAt(item, "class"); class != "" && !slices.Contains(classes(), crm.Class(class)) {
		c.bad(path+".class", fmt.Sprintf("%q is not a class of mail", class), suggestClass(class))
	}
	for _, key := range []string{"fields", "touch"} {
		c.groupAt(path+"."+key, item[key])
	}
	if touch, ok := item["touch"].(map[string]any); ok {
		c.keys(path+".touch", "item.touch", touch, nil)
	}
	for _, key := range []string{"people", "accounts"} {
		list, ok := item[key].([]any)
		if item[key] != nil && !ok {
			c.bad(path+"."+key, "a list is wanted here", "write one `- name: …` for each")
		}
		for i, one := range list {
			at := fmt.Sprintf("%s.%s[%d]", path, key, i)
			if group := c.groupAt(at, one); group != nil {
				c.keys(at, "item."+key, group, nil)
			}
		}
	}
}

func (c *compiler) checkTime(path string, group map[string]any, key string) {
	if at, ok := group[key]; ok {
		if _, err := time.Parse(time.RFC3339, textOf(at)); err != nil {
			c.bad(path+"."+key, fmt.Sprintf("%q is not a time", textOf(at)), "write 2026-11-21T09:00:00+09:00")
		}
	}
}

func (c *compiler) checkMeeting(path string, v any) {
	group := c.groupAt(path, v)
	if group == nil {
		return
	}
	c.keys(path, "item.meeting", group, nil)
	c.checkTime(path, group, "start")
	c.checkTime(path, group, "end")
	if start := testTimeAt(group, "start", time.Time{}); !start.IsZero() && testTimeAt(group, "end", start).Before(start) {
		c.bad(path+".end", "the meeting ends before it starts", "")
	}
	statuses := []string{crm.MeetingConfirmed, crm.MeetingTentative, crm.MeetingCancelled}
	if status := textAt(group, "status"); status != "" && !slices.Contains(statuses, status) {
		c.bad(path+".status", fmt.Sprintf("%q is not a status of meetings", status), Suggest(status, statuses))
	}
}

func (c *compiler) checkExpect(path string, expect map[string]any) {
	c.keys(path, "expect", expect, nil)
	if len(expect) == 0 {
		c.bad(path, "the test expects nothing", "write verdict, reason, activity or person")
	}
	if verdict := textAt(expect, "verdict"); verdict != "" && !slices.Contains(crm.Verdicts(), crm.Verdict(verdict)) {
		c.bad(path+".verdict", fmt.Sprintf("%q is not a verdict", verdict), Suggest(verdict, verdictNames()))
	}
	if group := c.groupAt(path+".activity", expect["activity"]); group != nil {
		c.keys(path+".activity", "expect.activity", group, []crm.FieldTarget{crm.OnActivity})
	}
	if group := c.groupAt(path+".person", expect["person"]); group != nil {
		c.keys(path+".person", "expect.person", group, []crm.FieldTarget{crm.OnLead, crm.OnContact})
	}
}

func verdictNames() []string {
	var names []string
	for _, v := range crm.Verdicts() {
		names = append(names, string(v))
	}
	return names
}

func suggestClass(class string) string {
	var names []string
	for _, c := range classes() {
		names = append(names, string(c))
	}
	return Suggest(class, names)
}

// groupAt is a group in a test; nil if there is none.
func (c *compiler) groupAt(path string, v any) map[string]any {
	group, ok := v.(map[string]any)
	if v != nil && !ok {
		c.bad(path, "a group is wanted here", "write `name: value` lines, indented below")
	}
	return group
}

// keys checks the names in a group of a test, and the patterns that are expected.
func (c *compiler) keys(path, shape string, group map[string]any, targets []crm.FieldTarget) {
	known := testShape()[shape]
	for _, key := range slices.Sorted(maps.Keys(group)) {
		if pattern, ok := slashed(textOf(group[key])); ok && strings.HasPrefix(shape, "expect") {
			if _, err := regexp.Compile(pattern); err != nil {
				c.bad(path+"."+key, fmt.Sprintf("this is not a regular expression: %v", err), "write RE2 between the slashes")
			}
		}
		if name, ok := strings.CutPrefix(key, "custom."); ok && targets != nil {
			c.declaredName(path+"."+key, name, targets)
		} else if !slices.Contains(known, key) {
			c.bad(path+"."+key, fmt.Sprintf("there is no %q here", key), Suggest(key, known))
		}
	}
}
