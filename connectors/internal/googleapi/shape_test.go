package googleapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

func TestGoodAnswerThatIsNone(t *testing.T) {
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
	defer server.Close()
	access := open(t, accounts{client: server.Client(), endpoint: server.URL + "/"}, googleapi.Options{})
	long := `{"items":["` + strings.Repeat("a", 5000) + `"],"error":{}}`
	for text, good := range map[string]bool{
		`{}`: true, " {\n \"items\": []}": true, long: true, `{"errors":[]}`: true,
		`{"error":{"code":500}}`: false, "\n{\n  \"error\": {\"code\": 503}}": false, `<html>sign in to the network</html>`: false, ``: false, `[]`: false, `null`: false,
	} {
		answer = text
		var into map[string]any
		err := access.Get(context.Background(), "list", 1, false, server.URL, &into)
		if f := connectors.Classify(err); (err == nil) != good || err != nil && f.Kind != connectors.Retryable {
			t.Errorf("%.40q gives %v", text, err)
		}
		if text == long && len(into) != 2 {
			t.Error("the answer was not read from its beginning to its end")
		}
	}
}

func TestPagesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var same googleapi.Pages
		if err := same.Next("list", "a"); err != nil {
			t.Errorf("the first page: %v", err)
		}
		_ = same.Next("list", "b")
		if f := connectors.Classify(same.Next("list", "a")); f == nil || f.Kind != connectors.Retryable {
			t.Errorf("a page that comes again gives %v", f)
		}
		n, many := 0, googleapi.Pages{Most: 7}
		for n < 100 && many.Next("list", fmt.Sprint(n)) == nil {
			n++
		}
		if n != 6 {
			t.Errorf("%d more pages after the first of a walk of seven", n)
		}
		slow, endless := googleapi.Pages{}, googleapi.Pages{Limit: -1}
		_, _ = slow.Next("list", "a"), endless.Next("list", "a")
		time.Sleep(time.Hour)
		if slow.Next("list", "b") == nil || endless.Next("list", "b") != nil {
			t.Error("a walk's time is not what it says")
		}
	})
}
