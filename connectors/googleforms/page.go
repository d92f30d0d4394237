package googleforms

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

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
	if next := answer.NextPageToken; next != "" { // found out before anything is taken, likewise
		switch {
		case next == w.Page:
			return false, googleapi.Endless("list answers", "the same page comes again")
		case w.Pages >= maxPages:
			return false, googleapi.Endless("list answers", "it has too many pages")
		}
	}
	if err := f.take(ctx, one, p, w, answer.Responses); err != nil {
		return false, err
	}
	if answer.NextPageToken != "" {
		w.Page = answer.NextPageToken
		w.Pages++
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
