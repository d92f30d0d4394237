package mapping

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestResult is what became of one of the document's tests.
type TestResult struct {
	Name     string
	Failures []string // what was expected otherwise, one sentence each; empty if the test passed
}

// Passed reports whether everything was as expected.
func (r TestResult) Passed() bool { return len(r.Failures) == 0 }

// RunTests puts the items of the document's tests through the mapping, among the people whom each test says are
// known, and compares. A document may only come into force if all of them pass.
func (m *Mapper) RunTests() []TestResult {
	results := make([]TestResult, len(m.tests))
	for i := range m.tests {
		results[i] = m.runTest(&m.tests[i])
	}
	return results
}

func (m *Mapper) runTest(t *Test) TestResult {
	result := TestResult{Name: t.Name}
	book := newTestBook(t.Item)
	source := Source{ID: "test", Owner: textAt(t.Item, "owner")}
	item := testItem(t.Item)
	writes, _, err := m.Map(context.Background(), book, source, []connectors.Item{item}, testTime())
	if err != nil {
		return TestResult{Name: t.Name, Failures: []string{err.Error()}}
	}
	got := outcomeOf(&writes[0], book)
	for _, key := range slices.Sorted(maps.Keys(t.Expect)) {
		group, ok := t.Expect[key].(map[string]any)
		if !ok {
			result.compare(key, t.Expect[key], got[""][key])
			continue
		}
		for _, field := range slices.Sorted(maps.Keys(group)) {
			result.compare(key+"."+field, group[field], got[key][field])
		}
	}
	return result
}

// compare notes a difference. An expected text between slashes is a regular expression; of a reason its code is
// enough.
func (r *TestResult) compare(name string, want any, got string) {
	text := textOf(want)
	if pattern, ok := slashed(text); ok {
		if re, err := regexp.Compile(pattern); err == nil && re.MatchString(got) {
			return
		}
	}
	code, _, _ := strings.Cut(got, ":")
	if text == got || name == "reason" && text == code {
		return
	}
	r.Failures = append(r.Failures, fmt.Sprintf("%s should be %q but is %q", name, text, got))
}

func slashed(text string) (string, bool) {
	if len(text) < 2 || text[0] != '/' || text[len(text)-1] != '/' {
		return "", false
	}
	return text[1 : len(text)-1], true
}

// testTime is when tests happen unless they say otherwise: results must not depend on the day.
func testTime() time.Time { return time.Date(2026, 1, 5, 3, 0, 0, 0, time.UTC) }

// testItem makes an item of what a test says.
func testItem(from map[string]any) connectors.Item {
	at := testTime()
	if t, err := time.Parse(time.RFC3339, textAt(from, "at")); err == nil {
		at = t.UTC()
	}
	item := connectors.Item{
		ExternalID: "test", Key: crm.Key(crm.DerivedID("test", "item")), Kind: crm.KindEmail, Folder: textAt(from, "folder"),
		Received: at, Draft: textAt(from, "draft") == "true",
	}
	if form := textAt(from, "form"); form != "" {
		item.Kind = crm.KindForm
		item.Submission = testSubmission(form, from, at)
		return item
	}
	text := textAt(from, "text")
	if meeting, ok := from["meeting"].(map[string]any); ok {
		item.Kind = crm.KindMeeting
		item.Meeting = testMeeting(meeting, at)
		item.Meeting.Summary, item.Meeting.Description = textAt(from, "subject"), text
		return item
	}
	item.Message = &connectors.Message{
		MessageID: "test", Date: at, From: mailboxes(from["from"]), To: mailboxes(from["to"]), Cc: mailboxes(from["cc"]), Bcc: mailboxes(from["bcc"]),
		ReplyTo: mailboxes(from["reply_to"]), Subject: textAt(from, "subject"), Text: text, FullText: text, Class: crm.Class(textAt(from, "class")),
	}
	return item
}

func testSubmission(form string, from map[string]any, at time.Time) *crm.Submission {
	sub := &crm.Submission{ID: crm.DerivedID("test", form), Form: form, At: at, State: crm.SubmissionAccepted, Version: 1}
	fields, _ := from["fields"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		sub.Fields = append(sub.Fields, crm.FormField{Name: name, Values: textsOf(fields[name])})
	}
	touch, _ := from["touch"].(map[string]any)
	sub.Touch = crm.Touch{
		Campaign: textAt(touch, "campaign"), Channel: textAt(touch, "channel"), Source: textAt(touch, "source"), Medium: textAt(touch, "medium"),
		Term: textAt(touch, "term"), Content: textAt(touch, "content"), Referrer: textAt(touch, "referrer"), Landing: textAt(touch, "landing"),
	}
	return sub
}

// mailboxes reads "Name <address>" or a list of such.
func mailboxes(v any) []crm.Mailbox {
	var list []crm.Mailbox
	for _, text := range textsOf(v) {
		name, address, ok := strings.Cut(text, "<")
		if !ok {
			name, address = "", text
		}
		list = append(list, crm.Mailbox{Name: strings.TrimSpace(name), Address: strings.TrimSuffix(strings.TrimSpace(address), ">")})
	}
	return list
}

func textAt(group map[string]any, key string) string { return textOf(group[key]) }

func textOf(v any) string { return strings.Join(textsOf(v), "; ") }

func textsOf(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var list []string
		for _, one := range v {
			list = append(list, fmt.Sprint(one))
		}
		return list
	}
	return []string{fmt.Sprint(v)}
}

// outcomeOf shows a write as tests name it: by group ("", activity, person) and field.
func outcomeOf(w *crm.Write, book *testBook) map[string]map[string]string {
	top := map[string]string{"verdict": string(w.Entry.Verdict), "reason": string(w.Entry.Reason)}
	out := map[string]map[string]string{"": top, "activity": {}, "person": {}}
	if a := w.Activity; a != nil {
		out["activity"] = activityOutcome(a)
		top["rule"] = string(a.Match.Rule)
	}
	if p := personOf(w, book); p != nil {
		out["person"] = personOutcome(p)
		out["person"]["new"] = fmt.Sprint(len(w.People) > 0)
	}
	return out
}

func activityOutcome(a *crm.Activity) map[string]string {
	out := map[string]string{
		"kind": string(a.Kind), "direction": string(a.Direction), "subject": a.Subject, "text": a.Text, "product": a.Product, "status": a.Status,
		"location": "", "conference": "", "campaign": a.Touch.Campaign, "channel": a.Touch.Channel, "owner": strings.Join(a.Owners, "; "), "form": a.Form,
	}
	if a.Meeting != nil {
		out["location"], out["conference"] = a.Meeting.Location, a.Meeting.Conference
	}
	for name, value := range a.Custom {
		out["custom."+name] = value
	}
	return out
}

func personOutcome(p *crm.Person) map[string]string {
	out := map[string]string{
		"name": p.Name, "family_name": p.FamilyName, "given_name": p.GivenName, "kana": p.Kana, "company": p.Company, "department": p.Department,
		"title": p.Title, "owner": p.Owner, "status": string(p.Status), "kind": string(p.Kind), "emails": strings.Join(p.Emails, "; "),
		"consent": string(p.Consent.State),
	}
	var phones []string
	for _, phone := range p.Phones {
		phones = append(phones, phone.Number)
	}
	out["phones"] = strings.Join(phones, "; ")
	for name, value := range p.Custom {
		out["custom."+name] = value
	}
	return out
}

// personOf is the first new person, or the known one whom the activity is with, as it is afterwards.
func personOf(w *crm.Write, book *testBook) *crm.Person {
	var p *crm.Person
	switch {
	case len(w.People) > 0:
		p = &w.People[0]
	case w.Activity != nil:
		for i := range w.Activity.People {
			if p = book.person(w.Activity.People[i].ID); p != nil {
				break
			}
		}
	}
	if p == nil {
		return nil
	}
	after := *p
	for _, u := range w.Updates {
		if u.ID == after.ID {
			crm.ApplyUpdate(&after, u)
		}
	}
	return &after
}
