package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// auditName is what a record calls itself.
func auditName(states ...map[string]string) string {
	for _, state := range states {
		for _, key := range []string{"name", "subject", "title", "email", "account_name", "company", "what"} {
			if v := state[key]; v != "" {
				return excerpt(v, 80)
			}
		}
	}
	return ""
}

// auditStates flattens a record before and after to its fields; nil for none. What is no JSON is one field without a name.
// A list that only grew, such as decisions about an activity, is what was added.
func auditStates(before, after string) (was, is map[string]string) {
	from, to := auditJSON(before), auditJSON(after)
	if a, ok := from.([]any); ok {
		if b, ok := to.([]any); ok {
			same := 0
			for same < len(a) && same < len(b) && fmt.Sprint(a[same]) == fmt.Sprint(b[same]) {
				same++
			}
			from, to = a[same:], b[same:]
		}
	}
	return auditFields(from), auditFields(to)
}

// auditJSON reads a state; nil for none, a text for what is no JSON.
func auditJSON(text string) any {
	if text == "" {
		return nil
	}
	var v any
	if isRecordID(text) || json.Unmarshal([]byte(text), &v) != nil { // some identifiers are numbers, too
		return text
	}
	return v
}

// auditFields are the fields of a state by their paths; nil if there are none.
func auditFields(v any) map[string]string {
	out := map[string]string{}
	flattenAudit(out, "", v)
	if len(out) == 0 {
		return nil
	}
	return out
}

// flattenAudit writes a value's fields into out. Of a list of groups each field is the list of what it is in them.
func flattenAudit(out map[string]string, path string, v any) {
	add := func(path, text string) {
		if out[path] != "" {
			text = out[path] + ", " + text
		}
		out[path] = text
	}
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			next := k
			if path != "" {
				next = path + "." + k
			}
			inner := map[string]string{}
			flattenAudit(inner, next, child)
			for name, text := range inner {
				add(name, text)
			}
		}
	case []any:
		for _, child := range v {
			inner := map[string]string{}
			flattenAudit(inner, path, child)
			for name, text := range inner {
				add(name, text)
			}
		}
	case nil:
	case float64:
		add(path, strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00"))
	default:
		add(path, fmt.Sprint(v))
	}
}

// unshownField says that a field is nobody's to read: it says when a record was written, or names parts of it by
// identifiers that mean nothing elsewhere.
func unshownField(name string) bool {
	return name == "updated" || name == "-" || name == "password" || name == "id" || strings.HasSuffix(name, ".id") || strings.HasPrefix(name, "was.")
}

// changes are the fields in which two states of a record differ, in the order of their names, and how many more there are.
func (a *auditor) changes(ctx context.Context, noun string, before, after map[string]string) (list []auditChange, more int) {
	differ := map[string]bool{}
	for _, state := range []map[string]string{before, after} {
		for name := range state {
			if before[name] != after[name] && !unshownField(name) {
				differ[name] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(differ))
	if len(names) > shownChanges {
		names, more = names[:shownChanges], len(names)-shownChanges
	}
	for _, name := range names {
		list = append(list, auditChange{a.field(noun, name), a.value(ctx, noun, name, before[name]), a.value(ctx, noun, name, after[name])})
	}
	return list, more
}

// field is a field in words; one that an admin declared has their label.
func (a *auditor) field(noun, name string) string {
	if code, own := strings.CutPrefix(name, "custom."); own && a.s.cfg.Custom != nil {
		targets := map[string][]crm.FieldTarget{"account": {crm.OnAccount}, "opportunity": {crm.OnOpportunity}, "activity": {crm.OnActivity}}[noun]
		if targets == nil {
			targets = []crm.FieldTarget{crm.OnLead, crm.OnContact}
		}
		for _, of := range targets {
			for _, def := range a.s.cfg.Custom()[of] {
				if word := def.Label.In(a.say.lang); def.Name == code && word != "" {
					return word
				}
			}
		}
		return code
	}
	words, _ := a.say.auditField(name)
	return words
}

// auditField is a field in words: its own, or those of the field that it is a part of; false if there are none.
func (sp *speaker) auditField(name string) (string, bool) {
	if name == "" {
		return sp.text("audit.field.value"), true
	}
	for _, key := range []string{strings.ReplaceAll(name, ".", "_"), name[strings.LastIndexByte(name, '.')+1:], strings.Split(name, ".")[0]} {
		if sp.has("audit.field." + key) {
			return sp.text("audit.field." + key), true
		}
	}
	return strings.ReplaceAll(name, "_", " "), false
}
