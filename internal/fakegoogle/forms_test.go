package fakegoogle_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

func enquiry() *forms.Form {
	return &forms.Form{FormId: "form-1", Info: &forms.Info{Title: "Enquiry"}, Items: []*forms.Item{
		{Title: "Your name", QuestionItem: &forms.QuestionItem{Question: &forms.Question{QuestionId: "q1", TextQuestion: &forms.TextQuestion{}}}},
		{Title: "Drawing", QuestionItem: &forms.QuestionItem{Question: &forms.Question{QuestionId: "q2", FileUploadQuestion: &forms.FileUploadQuestion{MaxFiles: 1, MaxFileSize: 1 << 20, Types: []string{"PDF"}}}}},
		{Title: "Opinion", QuestionGroupItem: &forms.QuestionGroupItem{
			Grid:      &forms.Grid{Columns: &forms.ChoiceQuestion{Type: "RADIO", Options: []*forms.Option{{Value: "good"}, {Value: "bad"}}}},
			Questions: []*forms.Question{{QuestionId: "q3", RowQuestion: &forms.RowQuestion{Title: "Price"}}, {RowQuestion: &forms.RowQuestion{Title: "Speed"}}},
		}},
	}}
}

func TestFormAnswersAreListedAndEdited(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	form, api := s.AddForm(enquiry(), hana), formsOf(t, s, hana)
	for i := range 5 {
		form.Answer(fmt.Sprintf("r%d", i), clk.Now().Add(time.Duration(i)*time.Minute), map[string][]string{"q1": {"Suzuki"}, "q2": {"file-id"}, "q3": {"good"}})
	}
	f := must[*forms.Form](t)(api.Forms.Get("form-1").Do())
	if f.Items[2].QuestionGroupItem.Questions[1].QuestionId == "" || f.Items[0].ItemId == "" || f.RevisionId == "" {
		t.Errorf("ids are missing: %+v", f.Items)
	}
	list := func(filter, token string) *forms.ListFormResponsesResponse {
		t.Helper()
		return must[*forms.ListFormResponsesResponse](t)(api.Forms.Responses.List("form-1").Filter(filter).PageSize(2).PageToken(token).Do())
	}
	first := "timestamp >= " + clk.Now().Add(time.Minute).Format(time.RFC3339)
	page := list(first, "")
	rest := list(first, page.NextPageToken)
	if len(page.Responses) != 2 || page.Responses[0].ResponseId != "r1" || len(rest.Responses) != 2 || rest.NextPageToken != "" {
		t.Errorf("pages %+v %+v", page, rest)
	}
	if a := page.Responses[0].Answers["q2"]; a.FileUploadAnswers.Answers[0].FileId != "file-id" {
		t.Errorf("file answer %+v", a)
	}
	_, err := api.Forms.Responses.List("form-1").PageToken(page.NextPageToken).Do()
	wantError(t, err, 400, "invalidArgument")
	form.Edit("r0", clk.Now().Add(time.Hour), map[string][]string{"q1": {"Suzuki Ichiro"}})
	last := list("timestamp > "+rest.Responses[1].LastSubmittedTime, "")
	if len(last.Responses) != 1 || last.Responses[0].ResponseId != "r0" || last.Responses[0].CreateTime >= last.Responses[0].LastSubmittedTime {
		t.Errorf("edited answer %+v", last.Responses)
	}
	id := form.AddQuestion(&forms.Item{Title: "Budget", QuestionItem: &forms.QuestionItem{Question: &forms.Question{TextQuestion: &forms.TextQuestion{}}}})
	form.RemoveQuestion("q1")
	f = must[*forms.Form](t)(api.Forms.Get("form-1").Do())
	if id == "" || len(f.Items) != 3 || f.Items[2].QuestionItem.Question.QuestionId != id {
		t.Errorf("changed form %+v", f.Items)
	}
	_, err = formsOf(t, s, ken).Forms.Get("form-1").Do()
	wantError(t, err, 403, "forbidden")
	_, err = api.Forms.Get("none").Do()
	wantError(t, err, 404, "notFound")
}
