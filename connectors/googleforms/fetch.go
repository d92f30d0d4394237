package googleforms

import (
	"context"
	"fmt"
	"net/http"
	"time"

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

// formTime is how long a form is read before the next one's turn comes.
const formTime = time.Minute

const (
	answerFields = "nextPageToken,responses(responseId,createTime,lastSubmittedTime,respondentEmail,answers)"
	pageSize     = 250
	idPageSize   = 5000 // Google's maximum
	maxPages     = 4000 // of a walk
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
	case googleapi.Status(err) >= http.StatusInternalServerError, googleapi.Odd(err):
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
	for until := f.s.now().Add(formTime); !f.full() && !f.s.now().After(until); {
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
