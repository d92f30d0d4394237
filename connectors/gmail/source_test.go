package gmail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

func TestSource(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	deliver(server, 1, 60)
	for _, label := range []string{"DRAFT", "SPAM", "TRASH", "private", "Private/doctor", "プライベート"} {
		box.Deliver(mail(1000), time.Now().Add(-time.Minute), label)
	}
	box.Deliver(mail(2000), time.Now().AddDate(0, 0, -100))
	for name, limits := range map[string]connectors.Limits{"usual": {}, "small": {BatchItems: 7, BatchBytes: 20_000}} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) connectors.Source { return open(t, settings(), env(server, limits)) })
		})
	}
	if got := writes(server); len(got) > 0 {
		t.Errorf("methods that change something were called: %v", got)
	}
}

func TestNewestFirst(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	want := deliver(server, 1, 400)
	slices.Reverse(want)
	items, _ := drain(t, open(t, settings(), env(server, connectors.Limits{BatchItems: 30})), "")
	if diff := cmp.Diff(want, ids(items)); diff != "" {
		t.Errorf("order (-newest first +got):\n%s", diff)
	}
}

// News comes with the next Fetch, before the history that is still to be read.
func TestNewsBeforeHistory(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	want := deliver(server, 1, 50)
	s := open(t, settings(), env(server, connectors.Limits{BatchItems: 10}))
	first := fetch(t, s, "")
	fresh := server.Mailbox(sato).Deliver(mail(1000), time.Now())
	second := fetch(t, s, first.Next)
	if len(second.Items) == 0 || second.Items[0].ExternalID != fresh || !second.Backfill {
		t.Errorf("the second batch has %v, want %s in front and more of history", ids(second.Items), fresh)
	}
	rest, _ := drain(t, s, second.Next)
	got := slices.Concat(ids(first.Items), ids(second.Items), ids(rest))
	if diff := cmp.Diff(sorted(append(want, fresh)), sorted(got)); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestIdlePoll(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	deliver(server, 1, 3)
	s := open(t, settings(), env(server, connectors.Limits{}))
	_, end := drain(t, s, "")
	server.ResetCalls()
	batch := fetch(t, s, end)
	if batch.Next != end || batch.More || len(batch.Items) != 0 {
		t.Errorf("an idle poll gives %+v", batch)
	}
	if calls := server.Calls(); len(calls) != 1 || calls[0].Method != "gmail.users.history.list" {
		t.Errorf("an idle poll made the calls %v", calls)
	}
}

// Mail that comes, goes and moves while history is listed makes no gap.
func TestChangesWhileListing(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	old := deliver(server, 1, 700)
	s := open(t, settings(), env(server, connectors.Limits{BatchItems: 40}))
	var got []string
	var trashed string
	cur := connectors.Cursor("")
	for n := 0; ; n++ {
		batch := fetch(t, s, cur)
		got = append(got, ids(batch.Items)...)
		if cur = batch.Next; !batch.More {
			break
		}
		old = append(old, box.Deliver(mail(10_000+n), time.Now()))
		old = append(old, box.Deliver(mail(20_000+n), time.Now().Add(-time.Duration(n)*10*time.Hour))) // imported with its old date
		box.Delete(old[n])
		box.Relabel(trashed, nil, []string{"TRASH"})
		trashed = old[n+100]
		box.Relabel(trashed, []string{"TRASH"}, nil)
		box.Relabel(old[n+200], []string{"STARRED"}, []string{"INBOX", "UNREAD"})
		if n%3 == 0 {
			_ = s.Close()
			s = open(t, settings(), env(server, connectors.Limits{BatchItems: 40}))
		}
		if n > 60 {
			break
		}
	}
	rest, _ := drain(t, s, cur)
	got = unique(append(got, ids(rest)...))
	for _, id := range box.IDs() {
		if _, found := slices.BinarySearch(got, id); !found && id != trashed {
			t.Errorf("%s is there and was not read", id)
		}
	}
}

func TestFolders(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	want := map[string]string{
		box.Deliver(mail(1), time.Now(), "INBOX", "商談"): "商談",
		box.Deliver(mail(2), time.Now(), "INBOX"):       "INBOX",
		box.Deliver(mail(3), time.Now(), "SENT"):        "SENT",
		box.Deliver(mail(4), time.Now(), "STARRED"):     "All Mail",
	}
	items, _ := drain(t, open(t, settings(), env(server, connectors.Limits{})), "")
	got := map[string]string{}
	for _, item := range items {
		got[item.ExternalID] = item.Folder
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}

func TestProbe(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	deliver(server, 1, 5)
	server.Mailbox(sato).Deliver(mail(9), time.Now(), "private")
	s, ok := open(t, settings(), env(server, connectors.Limits{})).(connectors.Prober)
	if !ok {
		t.Fatal("the source cannot be probed")
	}
	report, err := s.Probe(t.Context())
	if err != nil || report.Items != 5 {
		t.Errorf("%d items, error %v", report.Items, err)
	}
	text := strings.Join(report.Lines, "\n")
	for _, want := range []string{sato, "6 messages", "private", "5 messages to read", "units a minute"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
}

func TestCheck(t *testing.T) {
	bad := settings(func(s *gmail.Settings) {
		s.Account, s.Since, s.Deletions, s.Query = "sato", "yesterday", "forget", "a\nb"
		s.KnownDomains = []string{"ok.example", "x@y", "a b"}
		s.Labels.Include = []string{" "}
		s.QuotaUserPerMinute, s.QuotaProjectPerMinute = 1, 0
		s.PubSub = &gmail.PubSub{Topic: "t", Subscription: "projects/p/topics/t"}
	})
	want := []string{"account", "deletions", "known_domains[1]", "known_domains[2]", "labels.include[0]", "pubsub.subscription",
		"pubsub.topic", "query", "quota_project_per_minute", "quota_user_per_minute", "since"}
	var got []string
	for _, p := range bad.Check() {
		got = append(got, p.Path)
		if p.What == "" || p.Hint == "" {
			t.Errorf("%s says too little", p.Path)
		}
	}
	if diff := cmp.Diff(want, sorted(got)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if p := settings().Check(); len(p) > 0 {
		t.Errorf("the defaults have problems: %v", p)
	}
	if settings().Fingerprint() == bad.Fingerprint() {
		t.Error("the fingerprint does not change with the settings")
	}
}
