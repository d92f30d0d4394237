package gmail_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// A message becomes part of the source when it leaves what is never read, or gets a label that is.
func TestLabelMoves(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	spam := box.Deliver(mail(1), time.Now(), "SPAM")
	private := box.Deliver(mail(2), time.Now(), "INBOX", "private")
	draft := box.Deliver(mail(3), time.Now(), "DRAFT")
	ancient := box.Deliver(mail(4), time.Now().AddDate(-1, 0, 0), "SPAM")
	s := open(t, settings(), env(server, connectors.Limits{}))
	items, cur := drain(t, s, "")
	if len(items) != 0 {
		t.Fatalf("read %v, want nothing", ids(items))
	}
	box.Relabel(spam, []string{"INBOX"}, []string{"SPAM"})
	box.Relabel(private, nil, []string{"private"})
	box.Relabel(draft, []string{"SENT"}, []string{"DRAFT"})
	box.Relabel(ancient, []string{"INBOX"}, []string{"SPAM"})
	secret := box.Deliver(mail(5), time.Now(), "INBOX", "private")
	items, cur = drain(t, s, cur)
	if diff := cmp.Diff(sorted([]string{spam, private, draft}), sorted(ids(items))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	fresh := box.CreateLabel("Private/family") // nested below an excluded one, made while we run
	box.Relabel(spam, []string{fresh}, nil)
	box.Relabel(spam, []string{"STARRED"}, []string{"UNREAD"})
	if items, _ = drain(t, s, cur); len(items) != 0 {
		t.Errorf("read %v after labels that do not matter; %s is private", ids(items), secret)
	}
}

func TestContentOfExcludedMailIsNotAskedFor(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	box.Deliver(mail(1), time.Now(), "private")
	s := open(t, settings(), env(server, connectors.Limits{}))
	_, cur := drain(t, s, "")
	if n := count(server, "gmail.users.messages.get"); n != 0 {
		t.Errorf("%d messages were asked for, want none", n)
	}
	box.Deliver(mail(2), time.Now(), "private")
	if batch := fetch(t, s, cur); len(batch.Items) != 0 {
		t.Errorf("read %v", ids(batch.Items))
	}
	if n := count(server, "gmail.users.messages.get"); n != 1 {
		t.Errorf("%d calls for a new message, want the one for its labels", n)
	}
}

func TestIncludedLabels(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	only := settings(func(s *gmail.Settings) { s.Labels.Include = []string{"商談", "sent"} })
	deal := box.Deliver(mail(1), time.Now(), "INBOX", "商談")
	nested := box.Deliver(mail(2), time.Now(), "商談/A社")
	sent := box.Deliver(mail(3), time.Now(), "SENT")
	later := box.Deliver(mail(4), time.Now(), "INBOX")
	box.Deliver(mail(5), time.Now(), "商談", "private")
	s := open(t, only, env(server, connectors.Limits{}))
	items, cur := drain(t, s, "")
	if diff := cmp.Diff(sorted([]string{deal, nested, sent}), sorted(ids(items))); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	box.Relabel(later, []string{"商談"}, nil)
	box.Deliver(mail(6), time.Now(), "INBOX")
	items, _ = drain(t, s, cur)
	if diff := cmp.Diff([]string{later}, ids(items)); diff != "" {
		t.Errorf("a label added later (-want +got):\n%s", diff)
	}
}

func TestDeletions(t *testing.T) {
	for policy, want := range map[string]int{"keep": 0, "tombstone": 3} {
		t.Run(policy, func(t *testing.T) {
			server := start(t, fakegoogle.Options{})
			box := server.Mailbox(sato)
			mails := deliver(server, 1, 5)
			s := open(t, settings(func(s *gmail.Settings) { s.Deletions = policy }), env(server, connectors.Limits{}))
			_, cur := drain(t, s, "")
			box.Delete(mails[0])
			box.Trash(mails[1])
			box.Relabel(mails[2], []string{"SPAM"}, []string{"INBOX"})
			box.Trash(mails[3])
			box.Relabel(mails[3], []string{"INBOX"}, []string{"TRASH"})
			batch := fetch(t, s, cur)
			if len(batch.Withdrawn) != want || batch.More {
				t.Errorf("withdrawn: %v", batch.Withdrawn)
			}
			for _, scope := range batch.Withdrawn {
				if scope.Prefix != mails[0] && scope.Prefix != mails[1] && scope.Prefix != mails[2] || scope.Present != nil {
					t.Errorf("withdrawn: %+v", scope)
				}
			}
			if diff := cmp.Diff([]string{mails[3]}, ids(batch.Items)); diff != "" {
				t.Errorf("what left the trash (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNarrowing(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	known := box.Deliver(mail(1), time.Now())
	box.Deliver([]byte("Message-ID: <x@other.example>\r\nFrom: a@other.example\r\nTo: "+sato+"\r\nSubject: x\r\n\r\nx\r\n"), time.Now())
	for name, change := range map[string]func(*gmail.Settings){
		"domains": func(s *gmail.Settings) { s.KnownDomains = []string{"client.example"} },
		"many": func(s *gmail.Settings) {
			for range 30 {
				s.KnownDomains = append(s.KnownDomains, "nobody.example")
			}
			s.KnownDomains = append(s.KnownDomains, "client.example", "client.example")
		},
		"query": func(s *gmail.Settings) { s.Query = "subject:no" },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, settings(change), env(server, connectors.Limits{}))
			items, _ := drain(t, s, "")
			if diff := cmp.Diff([]string{known}, ids(items)); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSinceMovesBack(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	old := box.Deliver(mail(1), time.Now().AddDate(0, 0, -50))
	older := box.Deliver(mail(2), time.Now().AddDate(-5, 0, 0))
	fresh := box.Deliver(mail(3), time.Now())
	cur := connectors.Cursor("")
	for _, step := range []struct {
		since string
		want  []string
	}{{"10d", []string{fresh}}, {"9d", nil}, {"90d", []string{old}}, {"90d", nil}, {"all", []string{older}}, {"all", nil}, {"10d", nil}} {
		s := open(t, settings(func(s *gmail.Settings) { s.Since = step.since }), env(server, connectors.Limits{}))
		var items []connectors.Item
		items, cur = drain(t, s, cur)
		if diff := cmp.Diff(step.want, ids(items)); diff != "" && len(step.want)+len(items) > 0 {
			t.Errorf("since %s (-want +got):\n%s", step.since, diff)
		}
	}
}

// What was put into the trash and taken out again is there, also when Gmail tells it on two pages.
func TestBackFromTheTrash(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	mails := deliver(server, 1, 2)
	s := open(t, settings(func(s *gmail.Settings) { s.Deletions = "tombstone" }), env(server, connectors.Limits{}))
	_, cur := drain(t, s, "")
	box.Trash(mails[0])
	for range 300 { // the rest of a page of records
		box.Relabel(mails[1], []string{"STARRED"}, nil)
		box.Relabel(mails[1], nil, []string{"STARRED"})
	}
	box.Relabel(mails[0], []string{"INBOX"}, []string{"TRASH"})
	batch := fetch(t, s, cur)
	if len(batch.Withdrawn) != 0 {
		t.Errorf("withdrawn: %v", batch.Withdrawn)
	}
	if diff := cmp.Diff(mails[:1], ids(batch.Items)); diff != "" {
		t.Errorf("what left the trash (-want +got):\n%s", diff)
	}
}
