package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// The embedded store is what forms ask for.
var _ Intake = (*boltstore.Store)(nil)

// queue is an Intake in memory. It keeps every version, as the contract in store/storetest says.
type queue struct {
	mu   sync.Mutex
	byID map[string][]crm.Submission
	fail error // what AddSubmission answers, if anything
}

func newQueue() *queue { return &queue{byID: map[string][]crm.Submission{}} }

func (q *queue) AddSubmission(ctx context.Context, s crm.Submission) (crm.Submission, bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return s, false, err
	}
	if q.fail != nil {
		return crm.Submission{}, false, q.fail
	}
	versions := q.byID[s.ID]
	for _, v := range versions {
		if reflect.DeepEqual(v.Fields, s.Fields) {
			return versions[0], false, nil
		}
	}
	s.Version = len(versions) + 1
	q.byID[s.ID] = append(versions, s)
	return s, true, nil
}

func (q *queue) GetSubmission(_ context.Context, id string) (crm.Submission, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if v := q.byID[id]; len(v) > 0 {
		return v[len(v)-1], nil
	}
	return crm.Submission{}, crm.ErrNotFound
}

func (q *queue) all() (list []crm.Submission) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, v := range q.byID {
		list = append(list, v[len(v)-1])
	}
	slices.SortFunc(list, func(a, b crm.Submission) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func (q *queue) ListQuarantine(_ context.Context, state crm.SubmissionState, after string, limit int) (page []crm.Submission, next string, err error) {
	for _, s := range q.all() {
		if s.State != state || s.ID <= after {
			continue
		}
		if len(page) == limit {
			return page, page[limit-1].ID, nil
		}
		page = append(page, s)
	}
	return page, "", nil
}

func (q *queue) CountSubmissions(_ context.Context, state crm.SubmissionState) (n int64, err error) {
	for _, s := range q.all() {
		if s.State == state {
			n++
		}
	}
	return n, nil
}

func (q *queue) DecideSubmission(_ context.Context, _, id string, release bool, _ time.Time) (crm.Submission, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	v := q.byID[id]
	if len(v) == 0 {
		return crm.Submission{}, crm.ErrNotFound
	}
	s := &v[len(v)-1]
	switch {
	case release && (s.State == crm.SubmissionQuarantined || s.State == crm.SubmissionRejected):
		s.State = crm.SubmissionReleased
	case !release && s.State == crm.SubmissionQuarantined:
		s.State = crm.SubmissionRejected
	default:
		return *s, crm.ErrConflict
	}
	return *s, nil
}

// formList is Forms from a list.
type formList []Form

func (l formList) Form(id string) (Form, bool) {
	for _, f := range l {
		if f.ID == id {
			return f, true
		}
	}
	return Form{}, false
}

func (l formList) Forms() []Form { return l }

// emptyStore is a store with nobody and nothing in it, for what asks nothing of it.
type emptyStore struct{ Store }

func (emptyStore) CountReviews(context.Context, crm.ReviewState) (int64, error) { return 0, nil }

// post is a web app with forms and nothing else, whose clock the test holds.
type post struct {
	queue  *queue
	server *Server
	now    time.Time
}

// fast is a rate that no test reaches.
const fast = 1_000_000

func newPost(tb testing.TB, forms []Form, change ...func(*Config)) *post {
	tb.Helper()
	p := &post{queue: newQueue(), now: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)}
	cfg := Config{Store: emptyStore{}, Engine: &fakeEngine{}, Forms: formList(forms), Intake: p.queue, FormKey: []byte(strings.Repeat("k", 32))}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	p.server, err = New(cfg)
	must(tb, err)
	tb.Cleanup(p.server.Close)
	p.server.intake.now = func() time.Time { return p.now }
	return p
}

// send posts a body to a form; headers are name and value in turn.
func (p *post) send(tb testing.TB, form, body string, headers ...string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/forms/"+form, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.server.Handler().ServeHTTP(w, r)
	return w
}

// only is the one submission that is stored.
func (p *post) only(tb testing.TB) crm.Submission {
	tb.Helper()
	all := p.queue.all()
	if len(all) != 1 {
		tb.Fatalf("%d submissions are stored", len(all))
	}
	return all[0]
}

func field(name string, values ...string) crm.FormField {
	return crm.FormField{Name: name, Values: values}
}
