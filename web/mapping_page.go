package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const (
	sampleDays  = 30
	sampleRows  = 12
	sampleReads = 200 // activities looked at for a word
)

// mappingView is the editor: an item on the left, the mapping in the middle, what becomes of the item on the right.
type mappingView struct {
	mappingDraft
	Newest    crm.MappingVersion
	NewestAt  string
	Changed   bool // the draft is not what is in force
	Applying  *applyingView
	Checked   *mappingChecked // nil before it was asked
	Good      bool            // checked, and nothing is wrong
	Notes     []string        // what is no mistake, but may not be meant
	Stale     *staleView
	Line      int // where a guided change stands; 0 for none
	Expressed string
	Sample    sampleView
	Trial     *trialView
	Unread    bool // what was pasted cannot be read
	Guide     guideView
}

// staleView says who saved meanwhile.
type staleView struct{ Author, When, Comment string }

// sampleView is the item that the mapping is tried on, and those to choose from.
type sampleView struct {
	ID, Query, Pasted, Form string
	Rows                    []sampleRow
	Forms                   []option
	Chosen                  *sampleItem
}

type sampleRow struct {
	ID, Subject, Kind, When, Who string
	Selected                     bool
}

// sampleItem is the chosen activity as it came.
type sampleItem struct {
	crm.Activity
	When, KindWord string
	Hidden         bool // its words may not be shown to whoever looks
	Words          string
}

func (s *Server) showMapping(w http.ResponseWriter, r *request) error {
	newest, err := s.newestMapping(r.Context())
	if err != nil {
		return err
	}
	return s.renderMapping(w, r, http.StatusOK, mappingView{mappingDraft: mappingDraft{Document: newest.Document, Base: newest.Number}})
}

// editMapping opens the editor with a draft that was begun on another page.
func (s *Server) editMapping(w http.ResponseWriter, r *request) error {
	d, err := s.readDraft(r)
	if err != nil {
		return err
	}
	return s.renderMapping(w, r, http.StatusOK, mappingView{mappingDraft: d})
}

// checkDraft names the mistakes: as JSON for the script, else on the page.
func (s *Server) checkDraft(w http.ResponseWriter, r *request) error {
	d, err := s.readDraft(r)
	if err != nil {
		return err
	}
	checked, err := s.checkMapping(r.Context(), d.Document)
	if err != nil {
		return err
	}
	if r.wantsJSON() {
		return writeJSON(w, http.StatusOK, struct {
			mappingChecked
			Notes []string `json:"notes"`
		}{checked, s.ownerNotes(r.Context(), r.say, d.Document)})
	}
	return s.renderMapping(w, r, http.StatusOK, mappingView{mappingDraft: d, Checked: &checked})
}

// tryDraft shows what the draft makes of the chosen item.
func (s *Server) tryDraft(w http.ResponseWriter, r *request) error {
	d, err := s.readDraft(r)
	if err != nil {
		return err
	}
	v := mappingView{mappingDraft: d}
	if err := s.tryInto(r, &v); err != nil {
		return err
	}
	return s.renderMapping(w, r, http.StatusOK, v)
}

// tryInto tries the draft on what the form chose, and notes what came of it or what is wrong.
func (s *Server) tryInto(r *request, v *mappingView) error {
	text, form := r.PostForm.Get("pasted"), r.PostForm.Get("pasted_form")
	if len(text) > maxPasted || len(form) > 64 {
		v.Unread = true
		return nil
	}
	sample := MappingTry{Form: form, Pasted: text}
	if strings.TrimSpace(text) == "" {
		a, err := s.sampleOf(r, r.PostForm.Get("sample"))
		if err != nil || a == nil {
			return err
		}
		words := readable(r.may, *a)
		sample = MappingTry{Activity: &words}
	}
	trial, err := s.cfg.Mapping.Try(r.Context(), v.Document, sample)
	var refused *MappingRefused
	switch {
	case errors.As(err, &refused):
		checked := checkedOf(refused)
		v.Checked = &checked
		return nil
	case errors.Is(err, ErrUnreadable):
		v.Unread = true
		return nil
	case err != nil:
		return err
	}
	v.Trial, err = s.trialOf(r, &trial)
	return err
}

// sampleOf is the chosen activity, or the newest of the last days; nil if there is none. One that may not be seen is none.
func (s *Server) sampleOf(r *request, id string) (*crm.Activity, error) {
	if id != "" {
		a, err := s.store.GetActivity(r.Context(), id)
		if err == nil {
			ok, seen := s.sees(r.Context(), r.may, activityRecord, id)
			if seen != nil || !ok {
				return nil, seen
			}
			return &a, nil
		}
		if !errors.Is(err, crm.ErrNotFound) {
			return nil, err
		}
	}
	list, _, err := s.store.ListActivities(r.Context(), crm.ActivityFilter{Since: time.Now().AddDate(0, 0, -sampleDays), Limit: sampleRows})
	for i := range list {
		if fromItem(list[i].Kind) && s.mayTry(r, &list[i]) {
			return &list[i], nil
		}
	}
	return nil, err
}

// mayTry says whether the user may see an activity of a list.
func (s *Server) mayTry(r *request, a *crm.Activity) bool {
	if r.may.All() {
		return true
	}
	ok, err := s.sees(r.Context(), r.may, activityRecord, a.ID)
	return ok && err == nil
}

// fromItem says whether activities of a kind come from items, which the mapping decides about.
func fromItem(kind crm.ActivityKind) bool {
	return kind == crm.KindEmail || kind == crm.KindMeeting || kind == crm.KindForm
}

// samples are activities of the last days that have a word in their subject, or are with people who are found by it.
func (s *Server) samples(r *request, query, chosen string) ([]sampleRow, error) {
	since := time.Now().AddDate(0, 0, -sampleDays)
	limit := sampleRows
	if query != "" {
		limit = sampleReads
	}
	list, _, err := s.store.ListActivities(r.Context(), crm.ActivityFilter{Since: since, Limit: limit})
	if err != nil {
		return nil, err
	}
	if query != "" {
		folded := crm.Fold(query)
		list = slices.DeleteFunc(list, func(a crm.Activity) bool { return !strings.Contains(crm.Fold(a.Subject), folded) })
		found, err := s.store.Search(r.Context(), crm.SearchQuery{Query: query, Limit: 5})
		if err != nil {
			return nil, err
		}
		for _, hit := range found.Hits {
			f := crm.ActivityFilter{Since: since, Limit: 4, Person: hit.ID}
			if hit.Kind == "account" {
				f.Person, f.Account = "", hit.ID
			}
			theirs, _, err := s.store.ListActivities(r.Context(), f)
			if err != nil {
				return nil, err
			}
			list = append(list, theirs...)
		}
	}
	var rows []sampleRow
	for i := range list {
		a := &list[i]
		seen := slices.ContainsFunc(rows, func(row sampleRow) bool { return row.ID == a.ID })
		if seen || !fromItem(a.Kind) || len(rows) == sampleRows || !s.mayTry(r, a) {
			continue
		}
		rows = append(rows, sampleRow{ID: a.ID, Subject: a.Subject, Kind: r.say.label("kind", string(a.Kind)), When: r.say.when(a.Time), Who: firstOutside(a), Selected: a.ID == chosen})
	}
	return rows, nil
}

// firstOutside names somebody of a customer on an activity.
func firstOutside(a *crm.Activity) string {
	for i := range a.People {
		if p := &a.People[i]; !p.Internal {
			if p.Name != "" {
				return p.Name
			}
			return p.Address
		}
	}
	return ""
}

// renderMapping fills in what surrounds a draft and answers with the editor.
func (s *Server) renderMapping(w http.ResponseWriter, r *request, status int, v mappingView) error {
	var err error
	if v.Newest, err = s.newestMapping(r.Context()); err != nil {
		return err
	}
	if v.Applying, err = s.applying(r); err != nil {
		return err
	}
	v.NewestAt, v.Changed = r.say.when(v.Newest.At), v.Document != v.Newest.Document
	v.Good = v.Checked != nil && len(v.Checked.Problems)+len(v.Checked.Tests) == 0
	form := r.PostForm
	if form == nil {
		form = r.URL.Query()
	}
	v.Sample.Query, v.Sample.Pasted, v.Sample.Form = form.Get("q"), form.Get("pasted"), form.Get("pasted_form")
	a, err := s.sampleOf(r, form.Get("sample"))
	if err != nil {
		return err
	}
	if a != nil {
		v.Sample.ID = a.ID
		item := sampleItem{Activity: readable(r.may, *a), When: r.say.when(a.Time), KindWord: r.say.label("kind", string(a.Kind)), Hidden: !r.may.Body(a)}
		item.Words = cutRunes(item.Text, 600)
		v.Sample.Chosen = &item
	}
	if v.Sample.Rows, err = s.samples(r, v.Sample.Query, v.Sample.ID); err != nil {
		return err
	}
	v.Notes = s.ownerNotes(r.Context(), r.say, v.Document)
	doc, _ := mapping.Parse([]byte(v.Document))
	v.Sample.Forms = s.formOptions(&doc, v.Sample.Form)
	said := v.Guide.Problem
	v.Guide = s.guide(r, &doc, v.Sample.Chosen)
	v.Guide.Problem = said
	return s.renderStatus(w, r, status, "mapping", page{Title: r.say.text("mapping.title"), Nav: "mapping", Data: v})
}

// formOptions are the forms that the document or the configuration has.
func (s *Server) formOptions(doc *mapping.Document, chosen string) []option {
	names := map[string]string{}
	if s.cfg.Forms != nil {
		for _, f := range s.cfg.Forms.Forms() {
			names[f.ID] = f.Name
		}
	}
	for id, f := range doc.Forms {
		names[id] = f.Name
	}
	var list []option
	for id, name := range names {
		if name == "" {
			name = id
		}
		list = append(list, option{id, name, id == chosen})
	}
	slices.SortFunc(list, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	return list
}

func cutRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// applyingView says how far history is in line with what is in force.
type applyingView struct {
	Running, Failed bool
	Percent         int
	Done, Total     int64
	Changed         int64
	Removed         int64
}

func (s *Server) applying(r *request) (*applyingView, error) {
	p, err := s.cfg.Mapping.Progress(r.Context())
	if err != nil || p.Version == 0 || p.Started.IsZero() {
		return nil, err
	}
	v := &applyingView{Running: p.Ended.IsZero(), Failed: p.Trouble != "", Done: p.Done, Total: max(p.Total, p.Done), Changed: p.Changed, Removed: p.Removed}
	if v.Total > 0 {
		v.Percent = int(100 * v.Done / v.Total)
	}
	return v, nil
}

// saveMapping makes the draft the newest version.
func (s *Server) saveMapping(w http.ResponseWriter, r *request) error {
	d, err := s.readDraft(r)
	if err != nil {
		return err
	}
	_, err = s.cfg.Mapping.SaveOver(r.Context(), r.user.Email, d.Document, d.Comment, d.Base)
	var refused *MappingRefused
	var stale *MappingStale
	switch {
	case errors.As(err, &refused):
		checked := checkedOf(refused)
		return s.renderMapping(w, r, http.StatusUnprocessableEntity, mappingView{mappingDraft: d, Checked: &checked})
	case errors.As(err, &stale):
		return s.renderMapping(w, r, http.StatusConflict, mappingView{mappingDraft: d, Stale: s.staleOf(r, stale)})
	case err != nil:
		return err
	}
	return backTo(w, r, "/mapping/versions", "mapping_saved")
}

func (s *Server) staleOf(r *request, stale *MappingStale) *staleView {
	return &staleView{Author: s.authorName(r, stale.Newest.Author), When: r.say.when(stale.Newest.At), Comment: r.say.versionComment(stale.Newest.Comment)}
}

// authorName is what people call who saved a version.
func (s *Server) authorName(r *request, author string) string {
	if u, err := s.store.GetUser(r.Context(), author); err == nil && u.Name != "" {
		return u.Name
	}
	return r.say.actor(author)
}

// versionComment is what was said of a version; what is not of people's own is in the reader's words.
func (sp *speaker) versionComment(comment string) string {
	if comment == crm.FromConfiguration {
		return sp.text("mapping.from_configuration")
	}
	if rule, ok := strings.CutPrefix(comment, fromReview); ok {
		return sp.text("mapping.from_review", "rule", rule)
	}
	return comment
}
