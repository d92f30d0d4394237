package googleforms

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// liar answers questions whose address ends like that in Google's place.
type liar struct {
	accounts

	path, body string // "" path: none
}

func (l *liar) Client(provider, address string, scopes ...string) (*http.Client, error) {
	client, err := l.accounts.Client(provider, address, scopes...)
	if err != nil {
		return nil, err
	}
	honest := client.Transport
	client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if l.path == "" || !strings.HasSuffix(r.URL.Path, l.path) {
			return honest.RoundTrip(r)
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(l.body)), Request: r}, nil
	})
	return client, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnswersThatCannotBe(t *testing.T) {
	for name, body := range map[string][2]string{
		"the same page":       {"/responses", `{"nextPageToken":"same"}`},
		"the same full page":  {"/responses", `{"responses":[{"responseId":"x","createTime":"2026-11-21T00:00:00Z","lastSubmittedTime":"2026-11-21T00:00:00Z"}],"nextPageToken":"same"}`},
		"an error":            {"/responses", `{"error":{"code":500}}`},
		"a form that is none": {"/contact-form-0001", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer("r1", time.Hour, "佐藤")
			l := &liar{accounts{w.server}, body[0], body[1]}
			s := &Settings{Account: owner, Forms: []Form{{ID: w.form.ID(), Form: "contact"}}, Since: w.since}
			src, err := s.open(connectors.Env{ID: "forms", Accounts: l, Budgets: w.purse}, func() time.Time { return w.now })
			if err != nil {
				t.Fatal(err)
			}
			var fault *connectors.Fault
			cur := connectors.Cursor("")
			for range 10 {
				batch, err := src.Fetch(t.Context(), cur)
				if fault = connectors.Classify(err); fault != nil {
					break
				}
				cur = batch.Next
				if !batch.More {
					break
				}
			}
			if fault == nil || fault.Kind != connectors.Retryable {
				t.Errorf("got %v", fault)
			}
			l.path = ""
			batch, err := src.Fetch(t.Context(), "")
			if err != nil || len(batch.Items) != 1 {
				t.Errorf("after it: %d items, %v", len(batch.Items), err)
			}
		})
	}
}
