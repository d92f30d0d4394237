package web

import (
	"cmp"
	"context"
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
	case "other": // of a merge: a person or an account
		if at = a.find(ctx, "person", id); at.Name == "" {
			at = a.find(ctx, "account", id)
		}
	}
	if at.Name == "" {
		return link{}
	}
	return at
}

// isRecordID says that a text has the form of a record's identifier.
func isRecordID(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdef") == ""
}

// recordIn is the kind of the records that a field names by their identifiers; "" for other fields.
func recordIn(field string) string {
	switch field {
	case "person", "people", "contact", "contacts", "successor", "winner", "loser", "attach", "detach", "instead":
		return "person"
	case "account", "accounts", "account_id", "parent":
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

// value shows what a field says: a record by its name, a code by its words, a moment as people write it. A field that
// names several records shows each, linked where it stands alone.
func (a *auditor) value(ctx context.Context, noun, field, v string) link {
	field = field[strings.LastIndexByte(field, '.')+1:]
	if kind := recordIn(field); kind != "" {
		ids := strings.Split(v, ", ")
		for i, id := range ids {
			at := a.named(ctx, kind, id)
			if len(ids) == 1 && at.Name != "" {
				return at
			}
			ids[i] = cmp.Or(at.Name, id)
		}
		v = strings.Join(ids, ", ")
	}
	if words := a.codeWord(noun, field, v); words != v {
		return link{Name: words}
	}
	return link{Name: a.say.auditValue(v)}
}

// codeWord is a code in words; what is none comes back as it is.
func (a *auditor) codeWord(noun, field, v string) string {
	doc := a.s.lifecycle()
	switch field {
	case "status":
		if noun == "person" {
			return a.say.wordOf(statusNames(doc), "lead_status", v)
		}
		return a.say.label("status", v)
	case "reason":
		return a.say.wordOf(doc.Reasons, "nurturing", v)
	case "stage":
		return a.say.wordOf(stageNames(doc), "stage", v)
	case "kind":
		set := map[string]string{"person": "person_kind", "task": "task", "activity": "kind", "proposal": "proposal_kind"}[noun]
		return a.say.label(set, v)
	case "state":
		for _, set := range []string{"proposal_state", "review_state", "consent"} {
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
