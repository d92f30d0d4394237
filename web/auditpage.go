package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// auditView is the page of the audit log.
type auditView struct {
	Rows                                       []auditRow
	Actor, Object, Action, Query, Since, Until string
	Verbs, Nouns                               []option
	Filtered                                   bool
	Problem                                    string
	Start, Next                                string
}

// auditRow is one record in words.
type auditRow struct {
	When, Actor, What, Name, URL, Object string
	Changes                              []auditChange
	More                                 int  // changes that are not shown
	Made                                 bool // there was nothing before
}

// auditChange is one field before and after.
type auditChange struct {
	Field         string
	Before, After link // the words, and where the record is that they name
}

// Bounds of what a record shows.
const (
	shownChanges = 30
	shownRecords = 10 // of a field that names several
	auditLength  = 300
)

// The verbs and kinds of records that the page has words for and offers to filter by.
func auditVerbs() []string {
	return []string{"create", "change", "delete", "save", "merge", "undo", "convert", "import", "export", "accept", "dismiss", "erase", "exclude", "sign", "end", "wake",
		"prove", "repair", "make", "try", "download", "log", "fill", "file", "set", "mark", "lift"}
}

func auditNouns() []string {
	return []string{"person", "account", "activity", "user", "token", "source", "review", "mapping", "opportunity", "contract", "task", "proposal", "campaign",
		"product", "comment", "view", "session", "backup", "settings", "mailbox", "thread"}
}

const listOfAudit = "audit/"

func (s *Server) showAudit(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	v := auditView{Actor: q.Get("actor"), Object: q.Get("object"), Action: q.Get("action"), Query: q.Get("q"), Since: q.Get("since"), Until: q.Get("until")}
	f := crm.AuditFilter{Actor: strings.TrimSpace(v.Actor), Query: excerpt(v.Query, 200), Limit: 50}
	if v.Action != "" {
		f.Action = v.Action + " "
	}
	if slices.Contains(auditNouns(), v.Object) {
		f.Object = v.Object + "/"
	} else if v.Object != "" {
		f.Object = v.Object
	}
	since, bad := auditDay(v.Since, 0, s.cfg.Organization.Location)
	until, badUntil := auditDay(v.Until, 1, s.cfg.Organization.Location)
	f.Since, f.Until = since, until
	if bad || badUntil {
		return badRequest("error.form")
	}
	list := listOfAudit + strings.Join([]string{f.Actor, f.Action, f.Object, f.Query, v.Since, v.Until}, "\x00")
	var err error
	if f.After, err = r.place(list); err != nil {
		return err
	}
	records, next, err := s.store.FindAudit(r.Context(), f)
	if err != nil {
		return err
	}
	words := &auditor{s: s, say: r.say, names: s.names(), known: map[string]link{}}
	for i := range records {
		v.Rows = append(v.Rows, words.row(r.Context(), &records[i]))
	}
	for _, verb := range auditVerbs() {
		v.Verbs = append(v.Verbs, option{Value: verb, Label: r.say.text("audit.verb." + verb), Selected: verb == v.Action})
	}
	for _, noun := range auditNouns() {
		v.Nouns = append(v.Nouns, option{Value: noun, Label: r.say.text("audit.noun." + noun), Selected: noun == v.Object})
	}
	v.Filtered = v.Actor+v.Object+v.Action+v.Query+v.Since+v.Until != ""
	if q.Get("after") != "" {
		v.Start = auditURL(q, "")
	}
	if next != "" {
		v.Next = auditURL(q, cursorFor(list, next))
	}
	return s.render(w, r, "audit", page{Title: r.say.text("audit.title"), Nav: "audit", Data: v})
}

// auditDay is the beginning of a day, or of one that many days later; the zero time for "".
func auditDay(text string, later int, zone *time.Location) (t time.Time, bad bool) {
	if text == "" {
		return time.Time{}, false
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, true
	}
	return day.AddDate(0, 0, later), false
}

func auditURL(q url.Values, after string) string {
	q = maps.Clone(q)
	q.Del("after")
	q.Del("notice")
	if after != "" {
		q.Set("after", after)
	}
	return "/audit?" + q.Encode()
}

// row puts a record into words.
func (a *auditor) row(ctx context.Context, rec *crm.AuditRecord) auditRow {
	sp := a.say
	row := auditRow{When: sp.when(rec.At), Actor: sp.auditActor(rec.Actor)}
	verb, rest, _ := strings.Cut(rec.Action, " ")
	kind, id, _ := strings.Cut(rec.Object, "/")
	noun := rest
	if sp.has("audit.noun." + rest) {
		noun = sp.text("audit.noun." + rest)
	} else if sp.has("audit.noun." + kind) {
		noun = sp.text("audit.noun." + kind)
	}
	row.What = rec.Action
	if sp.has("audit.did." + verb) {
		row.What = sp.text("audit.did."+verb, "kind", noun)
	}
	before, after := auditFields(rec.Before), auditFields(rec.After)
	at := a.named(ctx, kind, id)
	if kind == "merge" || kind == "conversion" {
		a.joined(ctx, kind, id)
		at = a.named(ctx, "other", after[""])
	}
	row.Name, row.URL = cmp.Or(auditName(after, before), at.Name), at.URL
	switch kind {
	case "source":
		row.URL, row.Name = "/sources#"+id, sp.nameOfSourceID(id)
	case "user", "backup":
		row.Name = id
	}
	if id == "" || strings.HasPrefix(rec.Action, "delete ") {
		row.URL = ""
	}
	row.Object, row.Made = rec.Object, len(before) == 0
	row.Changes, row.More = a.changes(ctx, kind, before, after)
	return row
}

// auditActor names who did it.
func (sp *speaker) auditActor(actor string) string {
	switch {
	case actor == "cli", actor == "tsunagu", actor == "setup":
		return sp.text("audit.actor." + actor)
	case strings.HasPrefix(actor, "token:"):
		return sp.text("audit.actor.token")
	case strings.HasPrefix(actor, "signin:"):
		return sp.text("audit.actor.signin")
	}
	return actor
}

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

// auditFields flattens a record to its fields; nil for none. What is no JSON object is one field without a name.
func auditFields(text string) map[string]string {
	if text == "" {
		return nil
	}
	var v any
	if isRecordID(text) || json.Unmarshal([]byte(text), &v) != nil { // some identifiers are numbers, too
		return map[string]string{"": text}
	}
	out := map[string]string{}
	flattenAudit(out, "", v)
	return out
}

func flattenAudit(out map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			next := k
			if path != "" {
				next = path + "." + k
			}
			flattenAudit(out, next, child)
		}
	case []any:
		parts := make([]string, len(v))
		for i, child := range v {
			inner := map[string]string{}
			flattenAudit(inner, "", child)
			values := make([]string, 0, len(inner))
			for _, k := range slices.Sorted(maps.Keys(inner)) {
				values = append(values, inner[k])
			}
			parts[i] = strings.Join(values, " ")
		}
		out[path] = strings.Join(parts, ", ")
	case nil:
	default:
		out[path] = fmt.Sprint(v)
	}
}

// changes are the fields in which two states of a record differ, in the order of their names, and how many more there are.
func (a *auditor) changes(ctx context.Context, noun string, before, after map[string]string) (list []auditChange, more int) {
	differ := map[string]bool{}
	for _, state := range []map[string]string{before, after} {
		for name := range state {
			if before[name] != after[name] && name != "updated" && name != "id" {
				differ[name] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(differ))
	if len(names) > shownChanges {
		names, more = names[:shownChanges], len(names)-shownChanges
	}
	for _, name := range names {
		list = append(list, auditChange{a.say.auditField(name), a.value(ctx, noun, name, before[name]), a.value(ctx, noun, name, after[name])})
	}
	return list, more
}

// auditField is a field in words: its own, or those of the field that it is a part of.
func (sp *speaker) auditField(name string) string {
	if name == "" {
		return sp.text("audit.field.value")
	}
	for _, key := range []string{name, name[strings.LastIndexByte(name, '.')+1:], strings.Split(name, ".")[0]} {
		if sp.has("audit.field." + key) {
			return sp.text("audit.field." + key)
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}
