package googleforms

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// questions are those of a form, in its order.
type questions struct {
	title  string // of the form
	ids    []string
	labels map[string]string // by id
	asked  time.Time
}

const (
	questionsFor = time.Hour   // how long questions are believed
	notSooner    = time.Minute // than this they are asked for again because of an answer's unknown id
	formFields   = "formId,revisionId,info(title,documentTitle),items(title,pageBreakItem,questionItem/question(questionId)," +
		"questionGroupItem/questions(questionId,rowQuestion))"
)

// ask gives the questions of a form, asked for again if they are old.
func (s *source) ask(ctx context.Context, id string, oldest time.Duration) (*questions, error) {
	if q := s.known[id]; q != nil && s.now().Sub(q.asked) < oldest {
		return q, nil
	}
	var body forms.Form
	if err := s.get(ctx, s.reads, "get form", false, url.PathEscape(id), url.Values{"fields": {formFields}}, &body); err != nil {
		return nil, err
	}
	if body.FormId == "" {
		return nil, googleapi.Misshapen("get form", "formId")
	}
	q := read(&body)
	q.asked = s.now()
	s.known[id] = q
	return q, nil
}

// read finds the questions of a form.
func read(body *forms.Form) *questions {
	q := &questions{labels: make(map[string]string)}
	if body.Info != nil {
		q.title = cmp.Or(line(body.Info.Title), line(body.Info.DocumentTitle))
	}
	section, taken := "", make(map[string]int)
	for _, item := range body.Items {
		switch {
		case item == nil:
		case item.PageBreakItem != nil:
			section = line(item.Title)
		case item.QuestionItem != nil && item.QuestionItem.Question != nil:
			q.add(item.QuestionItem.Question.QuestionId, line(item.Title), section, taken)
		case item.QuestionGroupItem != nil:
			for _, row := range item.QuestionGroupItem.Questions {
				if row == nil {
					continue
				}
				title := line(item.Title)
				if row.RowQuestion != nil && row.RowQuestion.Title != "" {
					title = strings.TrimSpace(title + " [" + line(row.RowQuestion.Title) + "]")
				}
				q.add(row.QuestionId, title, section, taken)
			}
		}
	}
	return q
}

// add takes in a question. A title that stands there already gets its section's before it, or a number.
func (q *questions) add(id, title, section string, taken map[string]int) {
	if _, twice := q.labels[id]; id == "" || twice {
		return
	}
	label := title
	if taken[label] > 0 && section != "" {
		label = strings.TrimSpace(section + " / " + title)
	}
	if taken[label] > 0 && label != "" {
		label = fmt.Sprintf("%s (%d)", label, taken[label]+1)
	}
	taken[title]++
	if label != title {
		taken[label]++
	}
	q.ids = append(q.ids, id)
	q.labels[id] = label
}

// changes says in words how the questions differ from those told of before, and remembers them.
func (p *progress) changes(form string, q *questions) (notes []string, changed bool) {
	titles, first := q.titles(), p.Questions == nil
	if maps.Equal(p.Questions, titles) {
		return nil, false
	}
	for _, id := range q.ids {
		label := q.labels[id]
		old, known := p.Questions[id]
		switch {
		case first:
		case !known:
			notes = append(notes, fmt.Sprintf("The form %s has a new question 「%s」: see whether the mapping takes it.", form, short(label)))
		case old != short(label):
			notes = append(notes, fmt.Sprintf("The question 「%s」 of the form %s is now 「%s」: see whether the mapping takes it.", old, form, short(label)))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Questions)) {
		if _, still := q.labels[id]; !still {
			notes = append(notes, fmt.Sprintf("The question 「%s」 was removed from the form %s.", p.Questions[id], form))
		}
	}
	p.Questions = titles
	return notes, true
}

// titles are what is remembered of the questions.
func (q *questions) titles() map[string]string {
	out := make(map[string]string, len(q.labels))
	for id, label := range q.labels {
		out[id] = short(label)
	}
	return out
}

// short cuts a title for a note.
func short(title string) string {
	if runes := []rune(title); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return title
}
