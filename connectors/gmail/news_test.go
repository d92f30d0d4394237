package gmail_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// Much news comes in the order in which it happened, a batch at a time, each message once.
func TestMuchNews(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	s := open(t, settings(), env(server, connectors.Limits{BatchItems: 7}))
	_, cur := drain(t, s, "")
	var want []string
	for n := range 1200 { // more than a page of records
		id := box.Deliver(mail(n), time.Now())
		if n%10 == 0 {
			box.Delete(id)
			continue
		}
		box.Relabel(id, []string{"STARRED"}, []string{"UNREAD"})
		want = append(want, id)
	}
	items, cur := drain(t, s, cur)
	if diff := cmp.Diff(want, ids(items)); diff != "" {
		t.Errorf("news (-happened +read):\n%s", diff)
	}
	if batch := fetch(t, s, cur); batch.Next != cur || len(batch.Items) != 0 {
		t.Errorf("after the news: %v", ids(batch.Items))
	}
}
