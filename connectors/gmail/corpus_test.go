package gmail_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

// fill puts generated mail into sato's mailbox and gives it by id.
func fill(server *fakegoogle.Server, n int) map[string]mailgen.Mail {
	byID := make(map[string]mailgen.Mail, n)
	at := time.Now().Add(-time.Duration(n) * time.Minute).Truncate(time.Second)
	for m := range mailgen.Generate(7, n) {
		at = at.Add(time.Minute)
		byID[server.Mailbox(sato).Deliver(m.Raw, at)] = m
	}
	return byID
}

// One mail gives one item, however it was read: what comes through Gmail is what the other sources make of the same bytes.
func TestItemsEqualThoseOfOtherSources(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	mails := fill(server, 3000)
	items, _ := drain(t, open(t, settings(), env(server, connectors.Limits{})), "")
	if len(items) != len(mails) {
		t.Errorf("%d items of %d mails", len(items), len(mails))
	}
	for _, item := range items {
		mail := mails[item.ExternalID]
		want := mimeitem.FromRaw(mimeitem.Envelope{ExternalID: item.ExternalID, Folder: "INBOX", Received: item.Received}, mail.Raw, 0)
		if diff := cmp.Diff(want, item); diff != "" {
			t.Fatalf("a mail of kind %s (-others +gmail):\n%s", mail.Truth.Feature, diff)
		}
	}
}

// Of a message that is too large to be asked for whole, the parsed form gives the same to whoever reads it, and the
// same key. Where a mail is broken Gmail's reading of it counts.
func TestParsedForm(t *testing.T) {
	server := start(t, fakegoogle.Options{})
	mails := fill(server, 400)
	e := env(server, connectors.Limits{})
	e.Accounts = large{e.Accounts}
	items, _ := drain(t, open(t, settings(), e), "")
	if len(items) != len(mails) {
		t.Errorf("%d items of %d mails", len(items), len(mails))
	}
	differs := map[string]int{}
	for _, item := range items {
		mail := mails[item.ExternalID]
		want := mimeitem.FromRaw(mimeitem.Envelope{ExternalID: item.ExternalID, Folder: "INBOX", Received: item.Received}, mail.Raw, 0)
		if item.Err != nil {
			t.Fatalf("a mail of kind %s: %v", mail.Truth.Feature, item.Err)
		}
		if why := difference(want.Message, item.Message); why != "" || want.Key != item.Key {
			differs[mail.Truth.Feature+" "+why]++
			if !slices.Contains(broken(), mail.Truth.Feature) {
				t.Errorf("a mail of kind %s differs in %s", mail.Truth.Feature, why)
			}
		}
	}
	if len(differs) > len(broken())+2 {
		t.Errorf("what differs: %v", differs)
	}
}

// broken are the kinds of mail whose parsed form is another one: what is badly written Google reads in its own way, it names a forwarded
// message by its file, and sizes of attachments are guessed.
func broken() []string {
	return []string{"broken-base64", "cut-words-jis", "cut-words-utf8", "form-notification", "forwarded-message", "mime-bomb",
		"no-message-id", "raw-shift-jis-headers", "smime-encrypted", "winmail-only"}
}

func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }

// difference names what a reader would see differ.
func difference(want, got *connectors.Message) string {
	var out []string
	for name, same := range map[string]bool{
		"subject":     unspaced(want.Subject) == unspaced(got.Subject),
		"text":        want.Text == got.Text,
		"from":        cmp.Equal(want.From, got.From),
		"to":          cmp.Equal(want.To, got.To) && cmp.Equal(want.Cc, got.Cc),
		"class":       want.Class == got.Class,
		"attachments": cmp.Equal(want.Attachments, got.Attachments),
		"thread":      cmp.Equal(want.References, got.References) && cmp.Equal(want.InReplyTo, got.InReplyTo),
	} {
		if !same {
			out = append(out, name)
		}
	}
	return strings.Join(slices.Sorted(slices.Values(out)), ",")
}

// large is an account whose messages are all too large to be read whole.
type large struct{ connectors.Accounts }

func (l large) Client(provider, address string, scopes ...string) (*http.Client, error) {
	client, err := l.Accounts.Client(provider, address, scopes...)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: swell{client.Transport}}, nil
}

type swell struct{ base http.RoundTripper }

func (s swell) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("format") != "raw" {
		return s.base.RoundTrip(r)
	}
	body := http.NoBody
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, ContentLength: 30 << 20, Request: r}, nil
}
