package fakegoogle

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/forms/v1"
)

// form finds the form of the path; it answers the call when it may not be read.
func (c *call) form() *Form {
	f := c.server.Form(c.vars[0])
	if f == nil {
		c.fail(entityNotFound())
		return nil
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if !slices.Contains(f.readers, c.user) {
		c.fail(apiError{status: http.StatusForbidden, reason: "forbidden", message: "The caller does not have permission"})
		return nil
	}
	return f
}

func (s *Server) getForm(c *call) {
	f := c.form()
	if f == nil {
		return
	}
	f.mu.RLock()
	body := clone(f.body)
	f.mu.RUnlock()
	c.answer(body)
}

// listResponses lists by last submission. A page token holds on to the last answer that was sent and to the
// filter, which must stay the same.
func (s *Server) listResponses(c *call) {
	f := c.form()
	if f == nil {
		return
	}
	limit, ok := c.number("pageSize", 5000, 5000)
	if !ok {
		return
	}
	wanted, ok := parseFilter(c.params.Get("filter"))
	if !ok {
		c.fail(invalidArgument("Invalid filter: " + c.params.Get("filter")))
		return
	}
	question := seal(c.vars[0], c.params.Get("filter"))
	var after *response
	if token := c.params.Get("pageToken"); token != "" {
		position, ok := openToken(token, question)
		stamp, id, _ := strings.Cut(position, " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if !ok || err != nil {
			c.fail(invalidArgument("Invalid page token. The filter must be the one of the first page."))
			return
		}
		after = &response{id: id, changed: at}
	}
	f.mu.RLock()
	answer := forms.ListFormResponsesResponse{}
	var last *response
	for _, r := range f.responses {
		if after != nil && compareResponses(r, after) <= 0 || !wanted(r.changed) {
			continue
		}
		if len(answer.Responses) == limit {
			answer.NextPageToken = sealToken(last.changed.UTC().Format(time.RFC3339Nano)+" "+last.id, question)
			break
		}
		answer.Responses, last = append(answer.Responses, r.json()), r
	}
	f.mu.RUnlock()
	c.answer(&answer)
}

// parseFilter reads "timestamp > N" and "timestamp >= N" with N in RFC 3339, UTC.
func parseFilter(filter string) (func(time.Time) bool, bool) {
	if filter == "" {
		return func(time.Time) bool { return true }, true
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(filter), "timestamp")
	rest = strings.TrimSpace(rest)
	stamp, inclusive := strings.CutPrefix(rest, ">=")
	if !inclusive {
		var strict bool
		if stamp, strict = strings.CutPrefix(rest, ">"); !strict {
			return nil, false
		}
	}
	stamp = strings.Trim(strings.TrimSpace(stamp), `"`)
	from, err := time.Parse(time.RFC3339Nano, stamp)
	if !ok || err != nil || !strings.HasSuffix(stamp, "Z") {
		return nil, false
	}
	if inclusive {
		return func(t time.Time) bool { return !t.Before(from) }, true
	}
	return func(t time.Time) bool { return t.After(from) }, true
}

func (s *Server) getResponse(c *call) {
	f := c.form()
	if f == nil {
		return
	}
	f.mu.RLock()
	r := f.response(c.vars[1])
	f.mu.RUnlock()
	if r == nil {
		c.fail(entityNotFound())
		return
	}
	body := r.json()
	body.FormId = c.vars[0]
	c.answer(body)
}

func (r *response) json() *forms.FormResponse {
	out := &forms.FormResponse{
		ResponseId: r.id, RespondentEmail: r.email, CreateTime: formTime(r.created), LastSubmittedTime: formTime(r.changed),
		Answers: map[string]forms.Answer{},
	}
	for q, values := range r.answers {
		a := forms.Answer{QuestionId: q}
		if slices.Contains(r.files, q) {
			a.FileUploadAnswers = &forms.FileUploadAnswers{}
			for i, v := range values {
				a.FileUploadAnswers.Answers = append(a.FileUploadAnswers.Answers, &forms.FileUploadAnswer{
					FileId: v, FileName: fmt.Sprintf("file-%d.pdf", i+1), MimeType: "application/pdf",
				})
			}
		} else {
			a.TextAnswers = &forms.TextAnswers{}
			for _, v := range values {
				a.TextAnswers.Answers = append(a.TextAnswers.Answers, &forms.TextAnswer{Value: v, ForceSendFields: []string{"Value"}})
			}
		}
		out.Answers[q] = a
	}
	return out
}

// formTime has microseconds, as the vendor's answers do.
func formTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
