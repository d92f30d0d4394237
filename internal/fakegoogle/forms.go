package fakegoogle

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/forms/v1"
)

type formStore struct {
	mu    sync.RWMutex
	now   func() time.Time
	forms map[string]*Form
}

func newFormStore(now func() time.Time) *formStore {
	return &formStore{now: now, forms: map[string]*Form{}}
}

// Form is one form with its answers.
type Form struct {
	mu        sync.RWMutex
	body      *forms.Form
	readers   []string
	revision  int
	responses []*response // by last submission, then id
}

type response struct {
	id, email        string
	created, changed time.Time
	answers          map[string][]string
	files            []string // question ids that ask for files, as of the submission
}

// AddForm adds a form that its owner may read; whoever else may is named by Share. Missing form and question
// ids are filled in.
func (s *Server) AddForm(f *forms.Form, owner string) *Form {
	owner = s.ensureUser(owner)
	fs := s.forms
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.FormId == "" {
		f.FormId = fmt.Sprintf("1FAIpQLS%016x", hash64(owner, fmt.Sprint(len(fs.forms))))
	}
	form := &Form{body: clone(f), readers: []string{owner}, revision: 1}
	if form.body.Info == nil {
		form.body.Info = &forms.Info{Title: "Untitled form"}
	}
	if form.body.Info.DocumentTitle == "" {
		form.body.Info.DocumentTitle = form.body.Info.Title
	}
	form.body.ResponderUri = s.URL + "/forms/d/e/" + f.FormId + "/viewform"
	form.fillIDs()
	fs.forms[f.FormId] = form
	return form
}

// Form returns a form by id, nil if there is none.
func (s *Server) Form(id string) *Form {
	s.forms.mu.RLock()
	defer s.forms.mu.RUnlock()
	return s.forms.forms[id]
}

// DeleteForm removes a form; reading it is answered 404.
func (s *Server) DeleteForm(id string) {
	s.forms.mu.Lock()
	defer s.forms.mu.Unlock()
	delete(s.forms.forms, id)
}

// ID is the form's id.
func (f *Form) ID() string { return f.body.FormId }

// Share lets another user read the form.
func (f *Form) Share(email string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readers = append(f.readers, strings.ToLower(email))
}

// Unshare takes that back; the owner too can lose the form.
func (f *Form) Unshare(email string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readers = slices.DeleteFunc(f.readers, func(r string) bool { return strings.EqualFold(r, email) })
}

// Answer submits the form at a moment. The key of answers is a question id; questions of grids have one id
// for each row. The values of a question that asks for files are file ids.
func (f *Form) Answer(responseID string, at time.Time, answers map[string][]string) {
	f.AnswerAs(responseID, "", at, answers)
}

// AnswerAs is Answer of a respondent whose address the form collects.
func (f *Form) AnswerAs(responseID, email string, at time.Time, answers map[string][]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(&response{id: responseID, email: email, created: at.Truncate(time.Microsecond), changed: at.Truncate(time.Microsecond), answers: answers, files: f.fileQuestions()})
}

// Edit submits an answer again: its last submission moves, so that it is listed anew. An answer that is not
// there is submitted for the first time.
func (f *Form) Edit(responseID string, at time.Time, answers map[string][]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &response{id: responseID, created: at.Truncate(time.Microsecond), changed: at.Truncate(time.Microsecond), answers: answers, files: f.fileQuestions()}
	if old := f.response(responseID); old != nil {
		r.created, r.email = old.created, old.email
	}
	f.put(r)
}

// DeleteResponse removes an answer.
func (f *Form) DeleteResponse(responseID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.responses = slices.DeleteFunc(f.responses, func(r *response) bool { return r.id == responseID })
}

// Len is the number of answers.
func (f *Form) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.responses)
}

func (f *Form) response(id string) *response {
	for _, r := range f.responses {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (f *Form) put(r *response) {
	copied := map[string][]string{}
	for q, values := range r.answers {
		copied[q] = slices.Clone(values)
	}
	r.answers = copied
	f.responses = slices.DeleteFunc(f.responses, func(o *response) bool { return o.id == r.id })
	i, _ := slices.BinarySearchFunc(f.responses, r, compareResponses)
	f.responses = slices.Insert(f.responses, i, r)
}

func compareResponses(a, b *response) int {
	if n := a.changed.Compare(b.changed); n != 0 {
		return n
	}
	return strings.Compare(a.id, b.id)
}

// AddQuestion appends an item and returns the id of its (first) question, filled in when it was empty.
func (f *Form) AddQuestion(item *forms.Item) (questionID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.body.Items = append(f.body.Items, clone(item))
	f.revision++
	f.fillIDs()
	for _, q := range questionsOf(f.body.Items[len(f.body.Items)-1]) {
		return q.QuestionId
	}
	return ""
}

// RemoveQuestion removes the item that holds a question. Answers to it stay in the responses.
func (f *Form) RemoveQuestion(questionID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revision++
	f.body.Items = slices.DeleteFunc(f.body.Items, func(i *forms.Item) bool {
		return slices.ContainsFunc(questionsOf(i), func(q *forms.Question) bool { return q.QuestionId == questionID })
	})
}

// Change edits the form itself, its title for instance.
func (f *Form) Change(change func(*forms.Form)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body := clone(f.body)
	change(body)
	f.body = body
	f.revision++
	f.fillIDs()
}

// fillIDs names items and questions that have no id yet and sets the revision. The lock is held.
func (f *Form) fillIDs() {
	f.body.RevisionId = fmt.Sprintf("%08d", f.revision)
	for i, item := range f.body.Items {
		if item.ItemId == "" {
			item.ItemId = fmt.Sprintf("%08x", uint32(hash64(f.body.FormId, "item", fmt.Sprint(i, f.revision))))
		}
		for j, q := range questionsOf(item) {
			if q.QuestionId == "" {
				q.QuestionId = fmt.Sprintf("%08x", uint32(hash64(f.body.FormId, item.ItemId, fmt.Sprint(j))))
			}
		}
	}
}

// questionsOf lists the questions of an item: one, or one for each row of a grid.
func questionsOf(item *forms.Item) []*forms.Question {
	switch {
	case item.QuestionItem != nil && item.QuestionItem.Question != nil:
		return []*forms.Question{item.QuestionItem.Question}
	case item.QuestionGroupItem != nil:
		return item.QuestionGroupItem.Questions
	default:
		return nil
	}
}

// fileQuestions lists the questions that ask for files. The lock is held.
func (f *Form) fileQuestions() []string {
	var ids []string
	for _, item := range f.body.Items {
		for _, q := range questionsOf(item) {
			if q.FileUploadQuestion != nil {
				ids = append(ids, q.QuestionId)
			}
		}
	}
	return ids
}
