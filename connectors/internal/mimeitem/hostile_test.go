package mimeitem

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/connectors"

	"github.com/google/go-cmp/cmp"
)

// checkItem holds what is true of every item, whatever it was made of.
func checkItem(t *testing.T, item connectors.Item, limit int) {
	t.Helper()
	if item.Err != nil {
		if item.Message != nil {
			t.Error("an item with an error has a message")
		}
		return
	}
	m := item.Message
	if item.Key == "" || m == nil {
		t.Fatal("an item without an error has no key or no message")
	}
	checkString(t, "subject", m.Subject, maxSubject, false)
	checkString(t, "text", m.Text, limit+maxReport, true)
	checkString(t, "full text", m.FullText, limit+maxReport*3, true)
	checkString(t, "message id", m.MessageID, maxMessageID, false)
	checkString(t, "class reason", m.ClassReason, 200, false)
	for _, list := range [][]string{m.InReplyTo, m.References} {
		if len(list) > maxReferences {
			t.Errorf("%d references", len(list))
		}
	}
	for _, box := range append(append(m.From, m.To...), m.Cc...) {
		checkString(t, "name", box.Name, maxName, false)
		checkString(t, "address", box.Address, maxAddress, false)
	}
	if len(m.To) > maxRecipients || len(m.Attachments) > maxParts {
		t.Errorf("%d recipients, %d attachments", len(m.To), len(m.Attachments))
	}
	for _, a := range m.Attachments {
		checkString(t, "attachment", a.Name+a.Type, 2*maxName, false)
	}
}

func checkString(t *testing.T, what, s string, limit int, lines bool) {
	t.Helper()
	switch {
	case !utf8.ValidString(s):
		t.Errorf("%s is no UTF-8: %.100q", what, s)
	case strings.ContainsAny(s, "\x00\r\x1b"), !lines && strings.Contains(s, "\n"):
		t.Errorf("%s has control characters: %.100q", what, s)
	case len(s) > limit:
		t.Errorf("%s has %d bytes", what, len(s))
	}
}

// TestHostile feeds what would exhaust a careless reader. A step that is not linear makes it run for minutes.
func TestHostile(t *testing.T) {
	var bomb strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&bomb, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	recipients := strings.Repeat("Name Name <someone@client.co.jp>, ", 2000)
	for name, raw := range map[string]string{
		"nested parts":           "From: a@b.jp\r\n" + bomb.String() + "\r\ntext",
		"nested messages":        "From: a@b.jp\r\n" + strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 10000) + "text",
		"flat parts":             "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 50000),
		"endless line":           "From: a@b.jp\r\nSubject: x\r\n\r\n" + strings.Repeat("x", 50<<20),
		"endless header line":    "From: a@b.jp\r\nSubject: " + strings.Repeat("x", 20<<20) + "\r\n\r\nHi",
		"header lines":           strings.Repeat("Received: from x by y; z\r\n", 100000) + "\r\nHi",
		"subject lines":          strings.Repeat("Subject: x\r\n", 100000) + "\r\nHi",
		"references":             "References: " + strings.Repeat("<a@b> ", 200000) + "\r\n\r\nHi",
		"open words":             "Subject: " + strings.Repeat("=?utf-8?Q?", 100000) + "\r\n\r\nHi",
		"short base64 words":     "Subject: " + strings.Repeat("=?utf-8?B?Q?= ", 60000) + "\r\n\r\nHi",
		"open quotes":            "To: " + strings.Repeat(`"<a@b`, 100000) + "\r\n\r\nHi",
		"escaped quotes":         "To: " + strings.Repeat(`\"`, 250000) + "\r\n\r\nHi",
		"open brackets":          "To: " + strings.Repeat("<", 500000) + "\r\n\r\nHi",
		"open comments":          "To: " + strings.Repeat("(", 500000) + "\r\n\r\nHi",
		"commas":                 "To: " + strings.Repeat("a,", 400000) + "\r\n\r\nHi",
		"colons":                 "To: " + strings.Repeat("a@b:", 200000) + "\r\n\r\nHi",
		"html tags never closed": "Content-Type: text/html\r\n\r\n" + strings.Repeat("<div><p ", 200000),
		"html open quotes":       "Content-Type: text/html\r\n\r\n" + strings.Repeat("<a b='x", 200000) + strings.Repeat(`<a b="`, 1),
		"html open styles":       "Content-Type: text/html\r\n\r\n" + strings.Repeat("<style></", 200000),
		"html end tags":          "Content-Type: text/html\r\n\r\n" + strings.Repeat("<i>", 100000) + strings.Repeat("</b>", 100000),
		"html quotes":            "Content-Type: text/html\r\n\r\n" + strings.Repeat("<blockquote type=cite><br>x", 20000),
		"soft breaks":            "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("= ", 500000),
		"escapes":                "\r\n" + strings.Repeat("\x1b", 500000),
		"attributions":           "\r\n\r\n" + strings.Repeat("On Mon, Nov 21, 2026\r\n", 100000),
		"quote blocks":           "From: a@b.jp\r\n\r\n" + strings.Repeat("> x\r\ny\r\n", 100000),
		"rules":                  "From: a@b.jp\r\n\r\n" + strings.Repeat("-----\r\n", 200000),
		"header blocks":          "From: a@b.jp\r\n\r\n" + strings.Repeat("From: x\r\n", 200000),
		"parameters":             "Content-Type: text/plain; " + strings.Repeat("a=b; ", 200000) + "\r\n\r\nHi",
		"continuations":          "Content-Type: text/plain; name*0=" + strings.Repeat("x; name*1=", 50000) + "\r\n\r\nHi",
		"utf-7":                  "Content-Type: text/plain; charset=utf-7\r\n\r\n" + strings.Repeat("+", 500000),
		"many recipients":        "From: a@b.jp\r\nTo: " + recipients + "\r\n\r\nHi",
	} {
		t.Run(name, func(t *testing.T) {
			item := FromRaw(Envelope{ExternalID: "x"}, []byte(raw), 1<<20)
			checkItem(t, item, 1<<20)
			if name == "many recipients" && len(item.Message.To) != 2000 {
				t.Errorf("%d recipients, want 2000", len(item.Message.To))
			}
			if name == "endless line" && !item.Message.Truncated {
				t.Error("a text of 50 MB is not marked as cut")
			}
		})
	}
}

// TestDeepStructure gives FromParts a structure that no server should send.
func TestDeepStructure(t *testing.T) {
	root := &Part{Type: "text/plain", Size: 5}
	for range 10000 {
		root = &Part{Type: "multipart/mixed", Children: []*Part{root}}
	}
	Number(root)
	checkItem(t, FromParts(Envelope{ExternalID: "x"}, []byte("From: a@b.jp\r\n\r\n"), root, []Body{{Path: "1", Data: []byte("x")}}, 0), 1<<20)
	if item := FromParts(Envelope{ExternalID: "x"}, []byte("From: a@b.jp\r\n\r\n"), nil, []Body{{Path: "TEXT", Data: []byte("Hello")}}, 0); item.Message.Text != "Hello" {
		t.Errorf("without a structure the text is %q", item.Message.Text)
	}
	if item := FromRaw(Envelope{ExternalID: "x"}, nil, 0); item.Err == nil {
		t.Error("an empty message has no error")
	}
}

// TestSharedNumber reads a forward whose inner multipart has nothing in it, so that it shares the number of the
// message around it. Which content is meant by that number must not be left to chance.
func TestSharedNumber(t *testing.T) {
	raw := []byte("From: a@b.jp\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" +
		"From: c@d.jp\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\nno boundary here\r\n--o--\r\n")
	first := FromRaw(Envelope{ExternalID: "x"}, raw, 0)
	if got := first.Message.FullText; got != "no boundary here" {
		t.Errorf("text %q", got)
	}
	for range 50 {
		if diff := cmp.Diff(first, FromRaw(Envelope{ExternalID: "x"}, raw, 0)); diff != "" {
			t.Fatalf("read twice (-first +again):\n%s", diff)
		}
	}
}
