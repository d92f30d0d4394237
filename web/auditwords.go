package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// auditor puts the audit log into words. It looks up each record that a page of it names once, in the store that shows
// whoever looks no more than they may see: what is gone or is not theirs keeps its identifier.
type auditor struct {
	s     *Server
	say   *speaker
	names *names
	known map[string]link
}

// named finds what a record is called and where it is; the zero link if that is not to be known.
func (a *auditor) named(ctx context.Context, kind, id string) link {
	if !isRecordID(id) {
		return link{}
	}
	at, had := a.known[kind+"/"+id]
	if !had {
		at = a.find(ctx, kind, id)
		a.known[kind+"/"+id] = at
	}
	return at
}

func (a *auditor) find(ctx context.Context, kind, id string) (at link) {
	switch kind {
	case "person":
		at = link{a.s.personName(ctx, id), "/people/" + id}
	case "account":
		at = link{a.names.account(ctx, id), "/accounts/" + id}
	case "activity":
		if act, err := a.s.store.GetActivity(ctx, id); err == nil {
			at = link{cmp.Or(excerpt(a.say.subject(&act), 80), a.say.label("kind", string(act.Kind))), activityURL(id)}
		}
	case "opportunity":
		if o, err := a.s.store.GetOpportunity(ctx, id); err == nil {
			at = link{o.Name, "/opportunities/" + id}
		}
	case "contract":
		if c, err := a.s.store.GetContract(ctx, id); err == nil {
			at = link{c.Name, "/contracts/" + id}
		}
	case "task":
		if t, err := a.s.store.GetTask(ctx, id); err == nil {
			at.Name = excerpt(t.What, 80)
		}
	case "other": // of any of these kinds
		for _, kind := range []string{"person", "account", "task"} {
			if at = a.find(ctx, kind, id); at.Name != "" {
				break
			}
		}
	}
	if at.Name == "" {
		return link{}
	}
	return at
}

// joined notes the name of the record that a merge or conversion took in: it is gone, and only they know what it held.
func (a *auditor) joined(ctx context.Context, kind, id string) {
	var gone, name string
	switch kind {
	case "merge":
		if m, err := a.s.store.GetMerge(ctx, id); err == nil && m.Person != nil {
			gone, name = m.Loser, m.Person.Name
		} else if err == nil && m.Account != nil {
			gone, name = m.Loser, m.Account.Name
		}
	case "conversion":
		if c, err := a.s.store.GetConversion(ctx, id); err == nil && c.Before != nil {
			gone, name = c.Person, c.Before.Name
		}
	}
	if gone != "" && a.named(ctx, "other", gone).Name == "" {
		a.known["other/"+gone] = link{Name: name}
	}
}

// isRecordID says that a text has the form of a record's identifier.
func isRecordID(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdef") == ""
}

// recordIn is the kind of the records that a field names by their identifiers; "" for other fields. The state of a merge or
// conversion is nothing but such a name.
func recordIn(noun, field string) string {
	switch field {
	case "":
		if noun == "merge" || noun == "conversion" {
			return "other"
		}
	case "person", "people", "contact", "contacts", "successor", "winner", "loser", "attach", "detach", "instead", "stayed":
		return "person"
	case "account", "accounts", "account_id", "parent", "left", "came":
		return "account"
	case "activity", "activities", "cause":
		return "activity"
	case "opportunity", "contract", "task":
		return field
	case "other", "made", "result", "into":
		return "other"
	}
	return ""
}

// userIn says whether a field names users, or programs that act as such.
func userIn(field string) bool {
	switch field {
	case "by", "owner", "owners", "author", "done_by", "decided_by", "undone_by", "user", "mentions":
		return true
	}
	return false
}

// value shows what a field says: a record by its name, a code by its words, a moment as people write it. A field that
// names several records shows the first of them, linked where it stands alone.
func (a *auditor) value(ctx context.Context, noun, field, v string) link {
	field = field[strings.LastIndexByte(field, '.')+1:]
	ids := strings.Split(v, ", ")
	if kind := recordIn(noun, field); kind != "" {
		if at := a.named(ctx, kind, v); at.Name != "" {
			return at
		}
		if isRecordID(ids[0]) {
			return link{Name: a.list(ctx, kind, ids)}
		}
	}
	if isRecordID(ids[0]) { // of what has no page: nothing that anybody could read
		return link{Name: a.say.text("audit.records", "n", len(ids))}
	}
	if userIn(field) && v != "" {
		for i, by := range ids {
			ids[i] = a.actor(ctx, by)
		}
		return link{Name: excerpt(strings.Join(ids, ", "), auditLength)}
	}
	if words := a.codeWord(noun, field, v); words != v {
		return link{Name: words}
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = a.codeWord(noun, field, id)
	}
	if !slices.Equal(words, ids) {
		return link{Name: excerpt(strings.Join(words, ", "), auditLength)}
	}
	return link{Name: a.say.auditValue(v)}
}

// list names records, and counts those that a page has no room to look up. What is gone is said once.
func (a *auditor) list(ctx context.Context, kind string, ids []string) string {
	var said []string
	gone := a.say.text("audit.gone")
	for i, id := range ids {
		if i == shownRecords {
			said = append(said, a.say.text("audit.and_more", "n", len(ids)-i))
			break
		}
		if name := excerpt(cmp.Or(a.named(ctx, kind, id).Name, gone), 80); name != gone || !slices.Contains(said, gone) {
			said = append(said, name)
		}
	}
	return strings.Join(said, ", ")
}

// codeWord is a code in words; what is none comes back as it is.
func (a *auditor) codeWord(noun, field, v string) string {
	doc := a.s.lifecycle()
	if n, what, ok := strings.Cut(v, " "); field == "" && ok && what == "items" {
		return a.say.text("audit.count", "n", n)
	}
	switch field {
	case "":
		if noun == "activity" { // what became of a meeting
			return a.say.label("outcome", v)
		}
		if a.say.has("reason_short." + v) { // why items were taken out
			return a.say.text("reason_short." + v)
		}
		if added, removed, ok := ownRulesChanged(v); ok {
			return a.say.text("audit.own_rules", "done", added, "total", removed)
		}
	case "report":
		if report, ok := crm.ReportNamed(crm.ReportID(v)); ok {
			return report.Title.In(a.say.lang)
		}
	case "field":
		if words, ok := a.say.auditField(v); ok {
			return words
		}
	case "result":
		if noun == "activity" {
			return a.say.wordOf(resultNames(doc), "call", v)
		}
	case "status":
		if noun == "person" {
			return a.say.wordOf(statusNames(doc), "lead_status", v)
		}
		return a.say.label("status", v)
	case "reason":
		return a.say.wordOf(doc.Reasons, "nurturing", v)
	case "stage", "from", "to":
		return a.say.wordOf(stageNames(doc), "stage", v)
	case "kind":
		if key := "deal.doc_" + v; (noun == "opportunity" || noun == "contract") && a.say.has(key) {
			return a.say.text(key)
		}
		set := map[string]string{"person": "person_kind", "task": "task", "activity": "kind", "proposal": "proposal_kind"}[noun]
		return a.say.label(set, v)
	case "state":
		for _, set := range []string{"proposal_state", "review_state", "consent", "submission_state"} {
			if a.say.has(set + "." + v) {
				return a.say.text(set + "." + v)
			}
		}
	case "role":
		return a.say.label("role", v)
	case "direction":
		return a.say.label("direction", v)
	case "origin":
		return a.say.label("audit_origin", v)
	case "locale":
		return a.say.label("rules_language", v)
	}
	if v == "true" || v == "false" {
		return a.say.text("audit." + v)
	}
	return v
}

// ownRulesChanged reads how the exclusions of a rep changed: "2 added, 1 removed".
func ownRulesChanged(v string) (added, removed string, ok bool) {
	if added, v, ok = strings.Cut(v, " added, "); !ok {
		return "", "", false
	}
	removed, ok = strings.CutSuffix(v, " removed")
	return added, removed, ok
}

// auditValue shows a value, times in the organisation's zone and days as they are written elsewhere.
func (sp *speaker) auditValue(v string) string {
	if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return sp.when(t)
	}
	if crm.IsDay(v) {
		return sp.plannedDay(v)
	}
	return excerpt(v, auditLength)
}
