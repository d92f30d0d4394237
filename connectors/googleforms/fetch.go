package googleforms

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// fetch is one Fetch under way.
type fetch struct {
	s       *source
	state   *state
	batch   connectors.Batch
	bytes   int64
	changed bool  // the state differs from the cursor's
	left    bool  // forms were not come to
	lost    int   // forms that cannot be read
	err     error // of a form, which did not end the fetch
	cause   error // why a form cannot be read
}

const (
	answerFields = "nextPageToken,responses(responseId,createTime,lastSubmittedTime,respondentEmail,answers)"
	pageSize     = 250
	idPageSize   = 5000 // Google's maximum
	maxPages     = 1000 // of anything that is read in one go
	itemOverhead = 1024 // what an item takes of a batch beside its values, bytes
)

// Fetch goes through all forms until the batch is full.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	st, err := parse(cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	f := &fetch{s: s, state: st}
	f.reconcile()
	for i := range s.forms {
		if f.full() {
			f.left = true
			break
		}
		if err := f.failed(ctx, &s.forms[i], f.form(ctx, &s.forms[i])); err != nil {
			return connectors.Batch{}, err
		}
	}
	if f.lost == len(s.forms) {
		return connectors.Batch{}, s.allGone(f.cause)
	}
	if f.err != nil && !f.changed {
		return connectors.Batch{}, f.err
	}
	return f.finish(cur)
}

// reconcile gives new forms a state, and takes it from those that the settings do not name any more.
func (f *fetch) reconcile() {
	named := make(map[string]bool, len(f.s.forms))
	for _, one := range f.s.forms {
		named[one.id] = true
		if f.state.Forms[one.id] == nil {
			f.state.Forms[one.id], f.changed = &progress{}, true
		}
	}
	for id := range f.state.Forms {
		if !named[id] {
			delete(f.state.Forms, id)
			f.changed = true
		}
	}
}

// failed sorts what went wrong with a form; nil means go on with the next one.
func (f *fetch) failed(ctx context.Context, one *form, err error) error {
	p := f.state.Forms[one.id]
	switch {
	case err == nil:
		if p.Lost {
			p.Lost, f.changed = false, true
			f.notef("The form %s can be read again.", one.name)
		}
	case ctx.Err() != nil:
		return err
	case gone(err):
		f.lost++
		f.cause = err
		if !p.Lost {
			p.Lost, p.Walk, f.changed = true, nil, true
			f.notef("The form %s cannot be read: it was deleted, or it is not shared with %s any more. What was read of it stays.", one.name, f.s.account)
		}
	case googleapi.Status(err) >= http.StatusInternalServerError:
		if f.err == nil {
			f.err = err
		}
	case f.changed:
		f.err = err // what was read is yielded first; the next Fetch meets the failure again
	default:
		return err
	}
	return nil
}

func (f *fetch) notef(format string, args ...any) {
	f.batch.Notes = append(f.batch.Notes, fmt.Sprintf(format, args...))
}

func (f *fetch) full() bool {
	return len(f.batch.Items) >= f.s.limits.BatchItems || f.bytes >= f.s.limits.BatchBytes
}

// form reads what a form has, page after page.
func (f *fetch) form(ctx context.Context, one *form) error {
	p := f.state.Forms[one.id]
	q, err := f.s.ask(ctx, one.id, questionsFor)
	if err != nil {
		return err
	}
	f.told(one, p, q)
	begin, err := f.s.begin()
	if err != nil {
		return err
	}
	f.changed = p.begin(begin) || f.changed
	for !f.full() {
		last, err := f.page(ctx, one, p)
		if err != nil || last {
			return err
		}
	}
	return nil
}

// told notes what changed of the questions.
func (f *fetch) told(one *form, p *progress, q *questions) {
	notes, changed := p.changes(one.name, q)
	f.batch.Notes = append(f.batch.Notes, notes...)
	f.changed = f.changed || changed
}

// page reads one page of the walk, which it starts if there is none. last means that the walk is over.
func (f *fetch) page(ctx context.Context, one *form, p *progress) (last bool, err error) {
	w := p.Walk
	if w == nil {
		begin := time.Time{}
		if p.From != 0 {
			begin = time.UnixMicro(p.From)
		}
		w = &walk{Filter: p.filter(begin)}
	}
	answer, err := f.s.list(ctx, one.id, w.Filter, w.Page, answerFields, min(pageSize, f.s.limits.BatchItems), !p.Begun)
	if err != nil && w.Page != "" && brokenOff(err) {
		p.Walk, f.changed = nil, true
		f.notef("Google broke off the list of answers of the form %s; it is read again.", one.name)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if err := f.take(ctx, one, p, w, answer.Responses); err != nil {
		return false, err
	}
	if answer.NextPageToken != "" {
		w.Page = answer.NextPageToken
		p.Walk, f.changed = w, true
		return false, nil
	}
	f.changed = f.changed || p.Walk != nil || !p.Begun || w.Max > p.Mark
	p.Walk, p.Begun, p.Mark = nil, true, max(p.Mark, w.Max)
	p.forget(p.Mark)
	return true, nil
}

// take yields what is new of a page. It fails before it yields anything: what is yielded without an end of the walk
// would come again, and hide the failure.
func (f *fetch) take(ctx context.Context, one *form, p *progress, w *walk, list []*forms.FormResponse) error {
	q := f.s.known[one.id]
	if slices.ContainsFunc(list, func(r *forms.FormResponse) bool { return r != nil && !p.knows(r) && unknown(q, r) }) {
		var err error
		if q, err = f.s.ask(ctx, one.id, notSooner); err != nil {
			return err
		}
		f.told(one, p, q)
	}
	for _, r := range list {
		if r == nil || r.ResponseId == "" {
			continue
		}
		at := submitted(r).UnixMicro()
		w.Max = max(w.Max, at)
		if p.knows(r) {
			continue
		}
		item := f.s.item(*one, q, r)
		p.remember(r.ResponseId, at)
		f.batch.Items = append(f.batch.Items, item)
		f.bytes += item.Size + itemOverhead
		f.changed = true
		if !p.Begun {
			f.state.Done++
		}
	}
	p.forget(max(p.Mark, w.Max))
	return nil
}

// unknown says that an answer is to a question nobody knows.
func unknown(q *questions, r *forms.FormResponse) bool {
	for id := range r.Answers {
		if _, ok := q.labels[id]; !ok {
			return true
		}
	}
	return false
}

// list asks for a page of answers.
func (s *source) list(ctx context.Context, id, filter, page, fields string, size int, history bool) (*forms.ListFormResponsesResponse, error) {
	q := url.Values{"fields": {fields}, "pageSize": {strconv.Itoa(size)}}
	if filter != "" {
		q.Set("filter", filter)
	}
	if page != "" {
		q.Set("pageToken", page)
	}
	var answer forms.ListFormResponsesResponse
	return &answer, s.get(ctx, s.lists, "list answers", history, url.PathEscape(id)+"/responses", q, &answer)
}

// finish makes the batch.
func (f *fetch) finish(cur connectors.Cursor) (connectors.Batch, error) {
	begun := true
	for _, p := range f.state.Forms {
		f.batch.More = f.batch.More || p.Walk != nil
		begun = begun && (p.Begun || p.Lost)
	}
	f.batch.More = f.batch.More || f.err != nil || f.left
	f.batch.Backfill = !begun
	f.batch.Next = cur
	if f.changed {
		next, err := f.state.cursor()
		if err != nil {
			return connectors.Batch{}, err
		}
		f.batch.Next = next
	}
	f.batch.Progress = crm.Progress{Done: f.state.Done}
	if begun {
		f.batch.Progress.Total = f.state.Done
	}
	return f.batch, nil
}
