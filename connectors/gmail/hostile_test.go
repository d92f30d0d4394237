package gmail_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// liar answers one question in Gmail's place.
type liar struct {
	http.RoundTripper

	path, body string // "" path: nothing
}

func (l *liar) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.path == "" || !strings.HasSuffix(r.URL.Path, l.path) {
		return l.RoundTripper.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(l.body)), Request: r}, nil
}

// What cannot be an answer says neither that there is no mail nor that all of it was read.
func TestAnswersThatCannotBe(t *testing.T) {
	tests := []struct{ name, path, body string }{
		{"list: the same page", "/messages", `{"messages":[{"id":"deadbeef"}],"nextPageToken":"same","resultSizeEstimate":1}`},
		{"list: the same empty page", "/messages", `{"nextPageToken":"same","resultSizeEstimate":0}`},
		{"list: nothing", "/messages", `{}`},
		{"list: an error", "/messages", `{"error":{"code":500}}`},
		{"history: the same page", "/history", `{"historyId":"99999999","nextPageToken":"same"}`},
		{"history: an error", "/history", `{"error":{"code":500}}`},
		{"history: nothing", "/history", `{"history":[]}`},
		{"history: a page of a wifi", "/history", `<html>sign in</html>`},
		{"labels: nothing", "/labels", `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := start(t, fakegoogle.Options{})
			want := deliver(server, 1, 3)
			client := server.HTTPClient(sato, "https://www.googleapis.com/auth/gmail.readonly")
			l := &liar{RoundTripper: client.Transport, path: tt.path, body: tt.body}
			client.Transport = l
			s := open(t, settings(), connectors.Env{ID: "sato-gmail", Accounts: account{client, server.Endpoints()}})
			cur := connectors.Cursor("")
			if tt.path == "/history" {
				l.path = ""
				_, cur = drain(t, s, cur)
				want = []string{server.Mailbox(sato).Deliver(mail(9), time.Now())}
				l.path = tt.path
			}
			batch, err := s.Fetch(t.Context(), cur)
			if f := connectors.Classify(err); f == nil || f.Kind != connectors.Retryable {
				t.Errorf("got %+v, %v", batch, err)
			}
			l.path = ""
			items, _ := drain(t, s, cur)
			if got := strings.Join(unique(ids(items)), " "); got != strings.Join(sorted(want), " ") {
				t.Errorf("after it %s was read, want %v", got, want)
			}
		})
	}
}
