package web

import (
	"cmp"
	"context"
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
	When, Actor, What, Name, URL string
	Changes                      []auditChange
	More                         int  // changes that are not shown
	Made                         bool // there was nothing before
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
		"prove", "repair", "make", "try", "download", "log", "fill", "file", "set", "mark", "lift",
		"connect", "disconnect", "choose", "pause", "resume", "reject", "release", "discard", "renew", "forget", "drop"}
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
	row := auditRow{When: sp.when(rec.At), Actor: a.actor(ctx, rec.Actor)}
	kind, id, _ := strings.Cut(rec.Object, "/")
	row.What, _ = sp.auditAction(rec.Action)
	before, after := auditStates(rec.Before, rec.After)
	at := a.named(ctx, kind, id)
	if kind == "merge" || kind == "conversion" {
		a.joined(ctx, kind, id)
		at = a.named(ctx, "other", after[""])
	}
	row.Name, row.URL = cmp.Or(auditName(after, before), at.Name), at.URL
	deleted := strings.HasPrefix(rec.Action, "delete ")
	switch other, is := a.otherObject(rec.Object); {
	case kind == "user" && id == rec.Actor: // who did it to themselves is named already
		row.Name = ""
	case is:
		row.Name, row.URL = cmp.Or(other.Name, row.Name), other.URL
	case !deleted && at.Name == "" && isRecordID(id):
		row.Name = strings.TrimSpace(row.Name + " " + sp.text("audit.gone"))
	}
	if id == "" || deleted {
		row.URL = ""
	}
	row.Made = len(before) == 0
	row.Changes, row.More = a.changes(ctx, kind, before, after)
	return row
}
