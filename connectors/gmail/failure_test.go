package gmail_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// A history id that Gmail no longer knows costs a bounded reading and loses nothing, also twice, also in the middle of history.
func TestHistoryExpires(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	box := server.Mailbox(sato)
	want := deliver(server, 1, 600)
	s := open(t, settings(), env(server, connectors.Limits{BatchItems: 60}))
	var got []string
	cur := connectors.Cursor("")
	for n := range 7 {
		batch := fetch(t, s, cur)
		got, cur = append(got, ids(batch.Items)...), batch.Next
		if n == 2 || n == 4 {
			want = append(want, box.Deliver(mail(1000+n), time.Now().Add(-time.Minute)))
			box.ExpireHistory()
		}
	}
	rest, cur := drain(t, s, cur)
	got = append(got, ids(rest)...)
	if diff := cmp.Diff(sorted(want), unique(got)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if again := len(got) - len(want); again > 200 {
		t.Errorf("%d messages were read again; only a day of them may be", again)
	}
	fresh := box.Deliver(mail(5000), time.Now())
	box.ExpireHistory()
	batch := fetch(t, s, cur)
	if len(batch.Notes) != 1 || !strings.Contains(batch.Notes[0], "read again") {
		t.Errorf("notes: %q", batch.Notes)
	}
	rest, _ = drain(t, s, batch.Next)
	if all := unique(append(ids(batch.Items), ids(rest)...)); len(all) > 30 || len(all) == 0 || !strings.Contains(strings.Join(all, " "), fresh) {
		t.Errorf("after the end of history expired, %d messages were read again; the new one must be among them", len(all))
	}
}

// A mailbox where nothing happens for a month asks with an id that Gmail still knows.
func TestHistoryIDIsKeptFresh(t *testing.T) {
	server := start(t, fakegoogle.Options{AccessTTL: 100 * 365 * 24 * time.Hour})
	token := token(t, server)
	synctest.Test(t, func(t *testing.T) {
		one := deliver(server, 1, 1)[0]
		s := open(t, settings(), inProcessEnv(server, token, 0, nil))
		_, cur := drain(t, s, "")
		for day := range 30 * 24 {
			time.Sleep(time.Hour)
			server.Mailbox(sato).Relabel(one, []string{"STARRED"}, nil)
			server.Mailbox(sato).Relabel(one, nil, []string{"STARRED"})
			batch := fetch(t, s, cur)
			cur = batch.Next
			if len(batch.Items) != 0 {
				t.Fatalf("day %d: read %v", day/24, ids(batch.Items))
			}
		}
		if !strings.Contains(string(cur), "\"good\":"+strconv.FormatInt(time.Now().Unix(), 10)) {
			t.Errorf("the cursor is old: %s", cur)
		}
	})
}

func TestConnectionsAreCut(t *testing.T) {
	server := start(t, fakegoogle.Options{AccessTTL: 100 * 365 * 24 * time.Hour})
	want := deliver(server, 1, 150)
	s := open(t, settings(), env(server, connectors.Limits{BatchItems: 20}))
	server.Fail(fakegoogle.Failure{Method: "gmail.users.messages.get", Drop: true, EveryNth: 7})
	server.Fail(fakegoogle.Failure{Method: "gmail.users.messages.get", Half: true, EveryNth: 11})
	server.Fail(fakegoogle.Failure{Method: "gmail.users.history.list", Status: 503, Times: 3})
	server.Fail(fakegoogle.Failure{Method: "gmail.users.getProfile", Drop: true, Times: 1})
	var got []string
	cur := connectors.Cursor("")
	for failures := 0; failures < 60; {
		batch, err := s.Fetch(t.Context(), cur)
		if err != nil {
			failures++
			if connectors.Classify(err).Kind != connectors.Retryable || strings.Contains(err.Error(), server.URL) {
				t.Fatalf("fetch: %v", err)
			}
			continue
		}
		for _, item := range batch.Items {
			if item.Err != nil {
				t.Errorf("%s counts as unreadable because the line was cut: %v", item.ExternalID, item.Err)
			}
		}
		got, cur = append(got, ids(batch.Items)...), batch.Next
		if !batch.More {
			break
		}
	}
	if diff := cmp.Diff(sorted(want), unique(got)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestSignInEnds(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	deliver(server, 1, 100)
	s := open(t, settings(), env(server, connectors.Limits{BatchItems: 10}))
	cur := fetch(t, s, "").Next
	server.ExpireAccess(sato)
	for range 3 {
		batch, err := s.Fetch(t.Context(), cur)
		if err == nil {
			cur = batch.Next
		}
	}
	server.Revoke(sato)
	_, err := s.Fetch(t.Context(), cur)
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.AuthExpired || f.Hint == "" {
		t.Errorf("after the access was revoked: %v", err)
	}
	for _, token := range server.Tokens() {
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the error holds a token: %v", err)
		}
	}
	again := open(t, settings(), env(server, connectors.Limits{BatchItems: 10})) // signed in anew
	items, _ := drain(t, again, cur)
	if len(items) == 0 {
		t.Error("nothing was read after the new sign-in")
	}
}

func TestPermanentFailures(t *testing.T) {
	for reason, hint := range map[string]string{"accessNotConfigured": "Enable the gmail API", "USER_PROJECT_DENIED": "quota of the project", "insufficientPermissions": "gmail.readonly"} {
		t.Run(reason, func(t *testing.T) {
			server := start(t, fakegoogle.Options{})
			server.Fail(fakegoogle.Failure{Method: "gmail.", Status: 403, Reason: reason})
			_, err := open(t, settings(), env(server, connectors.Limits{})).Fetch(t.Context(), "")
			if f := connectors.Classify(err); f == nil || f.Kind != connectors.Permanent || !strings.Contains(f.Hint, hint) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A message over which the server stumbles is yielded with its error; the others are read.
func TestPoison(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	want := deliver(server, 1, 20)
	e := env(server, connectors.Limits{})
	e.Accounts = stumbling{e.Accounts, want[7]}
	items, _ := drain(t, open(t, settings(), e), "")
	if len(items) != len(want) {
		t.Errorf("%d items, want %d", len(items), len(want))
	}
	for _, item := range items {
		if (item.Err != nil) != (item.ExternalID == want[7]) {
			t.Errorf("%s: error %v", item.ExternalID, item.Err)
		}
	}
	server.Fail(fakegoogle.Failure{Method: "gmail.users.messages.get", Status: 500})
	_, err := open(t, settings(), env(server, connectors.Limits{})).Fetch(t.Context(), "")
	if f := connectors.Classify(err); err == nil || f.Kind != connectors.Retryable {
		t.Errorf("a server that stumbles over every message gives %v; nothing may be given up", err)
	}
}

// A message over which the server stumbles does not hold up the mailbox because nothing else is there to be read.
func TestPoisonAlone(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	want := deliver(server, 1, 1)
	e := env(server, connectors.Limits{})
	e.Accounts = stumbling{e.Accounts, want[0]}
	items, cur := drain(t, open(t, settings(), e), "")
	if len(items) != 1 || items[0].Err == nil {
		t.Fatalf("items: %+v", items)
	}
	want = append(want, deliver(server, 2, 1)...)
	items, _ = drain(t, open(t, settings(), e), cur)
	if diff := cmp.Diff(want[1:], ids(items)); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
}

func TestGoneWhileReading(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	want := deliver(server, 1, 10)
	server.Fail(fakegoogle.Failure{Method: "gmail.users.messages.get", Status: 404, Reason: "notFound", Times: 1})
	items, _ := drain(t, open(t, settings(), env(server, connectors.Limits{})), "")
	if len(items) != len(want)-1 {
		t.Errorf("%d items, want one less than %d", len(items), len(want))
	}
}

// stumbling is an account at a server that fails over one message.
type stumbling struct {
	connectors.Accounts

	id string
}

func (s stumbling) Client(provider, address string, scopes ...string) (*http.Client, error) {
	client, err := s.Accounts.Client(provider, address, scopes...)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: stumble{client.Transport, s.id}}, nil
}

type stumble struct {
	base http.RoundTripper
	id   string
}

func (s stumble) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/messages/"+s.id) {
		return &http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return s.base.RoundTrip(r)
}
