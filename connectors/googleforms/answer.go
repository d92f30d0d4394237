package googleforms

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// external is the external id of an answer: Google's ids of the form and of the answer.
func external(form, response string) string {
	return url.PathEscape(form) + "/" + url.PathEscape(response)
}

// split reads an external id.
func split(text string) (form, response string, ok bool) {
	first, second, ok := strings.Cut(text, "/")
	form, err1 := url.PathUnescape(first)
	response, err2 := url.PathUnescape(second)
	return form, response, ok && err1 == nil && err2 == nil && external(form, response) == text
}

// item makes an item of an answer.
func (s *source) item(f form, q *questions, r *forms.FormResponse) connectors.Item {
	item := connectors.Item{ExternalID: external(f.id, r.ResponseId), Kind: crm.KindForm, Folder: f.name}
	created, at := moment(r.CreateTime), submitted(r)
	sub := &crm.Submission{ID: crm.SubmissionID(f.name, r.ResponseId), Form: f.name, Response: r.ResponseId, At: at,
		Fields: fields(q, r), State: crm.SubmissionAccepted, Version: 1}
	if !created.IsZero() && at.After(created) {
		sub.Version = 2 // it was edited; how often nobody says
	}
	item.Received, item.Key, item.Submission = at, crm.SubmissionKey(*sub), sub
	for _, field := range sub.Fields {
		item.Size += int64(len(field.Label))
		for _, value := range field.Values {
			item.Size += int64(len(value))
		}
	}
	switch {
	case at.Unix() == 0:
		item.Err = errors.New("read answer: it has no time")
	case item.Size > s.limits.TextBytes:
		item.Err = fmt.Errorf("read answer: it has more than %d bytes", s.limits.TextBytes)
	}
	if item.Err != nil {
		item.Submission = nil
	}
	return item
}

// submitted is when an answer was given, or last edited; 1970 if it does not say.
func submitted(r *forms.FormResponse) time.Time {
	for _, text := range []string{r.LastSubmittedTime, r.CreateTime} {
		if at := moment(text); !at.IsZero() {
			return at
		}
	}
	return time.Unix(0, 0).UTC()
}

// fields are the answers in the order of the form; those to questions that it does not have any more follow.
func fields(q *questions, r *forms.FormResponse) []crm.FormField {
	out := make([]crm.FormField, 0, len(r.Answers)+1)
	if r.RespondentEmail != "" {
		out = append(out, crm.FormField{Name: "email", Values: []string{text(r.RespondentEmail)}})
	}
	unknown := make([]string, 0)
	for id := range r.Answers {
		if _, ok := q.labels[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	slices.Sort(unknown)
	for _, id := range slices.Concat(q.ids, unknown) {
		answer, ok := r.Answers[id]
		if !ok {
			continue
		}
		if values := valuesOf(answer); len(values) > 0 {
			out = append(out, crm.FormField{Name: id, Label: q.labels[id], Values: values})
		}
	}
	return out
}

// valuesOf gives what was answered. A file is its name and where it lies.
func valuesOf(a forms.Answer) []string {
	var out []string
	if a.TextAnswers != nil {
		for _, t := range a.TextAnswers.Answers {
			if t != nil {
				out = append(out, text(t.Value))
			}
		}
	}
	if a.FileUploadAnswers != nil {
		for _, f := range a.FileUploadAnswers.Answers {
			if f != nil && f.FileId != "" {
				out = append(out, strings.TrimSpace(line(f.FileName)+" https://drive.google.com/open?id="+url.QueryEscape(f.FileId)))
			}
		}
	}
	return out
}

// moment reads a time; zero if it cannot be read, or nobody can have answered then.
func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if year := t.UTC().Year(); err != nil || year < 1970 || year > 2199 {
		return time.Time{}
	}
	return t.UTC()
}

// text is a value without what no text has.
func text(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, s)
}

// line is a text in one line.
func line(s string) string { return strings.Join(strings.Fields(text(s)), " ") }
