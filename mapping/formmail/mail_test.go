package formmail

import (
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/files"
)

// letter is a mail of a form service before it is sent.
type letter struct {
	subject, body string
	html          bool
}

func (l layout) letter(v map[string]string, n int) letter {
	subject := strings.ReplaceAll(strings.ReplaceAll(l.subject, "%s", strings.TrimRight(v["name"], " 　")), "%d", fmt.Sprint(4711+n))
	return letter{subject: subject, body: l.render(v, n), html: l.html}
}

// delivered sends letters the way mail takes: written to a mailbox, read by the files source.
func delivered(t *testing.T, letters []letter) []connectors.Message {
	t.Helper()
	dir := t.TempDir()
	for i, l := range letters {
		kind := "plain"
		if l.html {
			kind = "html"
		}
		raw := fmt.Sprintf("From: Form <form@service.example>\nTo: sato@example.co.jp\nSubject: %s\nMessage-ID: <%d@service.example>\nDate: Sat, 21 Nov 2026 10:00:00 +0900\n"+
			"MIME-Version: 1.0\nContent-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s", mime.BEncoding.Encode("utf-8", l.subject), i, kind, l.body)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.eml", i)), []byte(strings.ReplaceAll(raw, "\n", "\r\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings := files.Settings{Path: dir, Format: "eml", Since: "all"}
	source, err := settings.Open(t.Context(), connectors.Env{Limits: connectors.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	out := make([]connectors.Message, len(letters))
	seen := 0
	for cursor := connectors.Cursor(""); ; {
		batch, err := source.Fetch(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range batch.Items {
			var i int
			if _, err := fmt.Sscanf(item.Message.MessageID, "%d@", &i); err != nil {
				t.Fatalf("%q: %v", item.Message.MessageID, err)
			}
			out[i] = *item.Message
			seen++
		}
		if cursor = batch.Next; !batch.More {
			break
		}
	}
	if seen != len(letters) {
		t.Fatalf("%d of %d mails were read", seen, len(letters))
	}
	return out
}

// answers gives a value for each question of a layout.
func (l layout) answers(v values) map[string]string {
	out := map[string]string{}
	for _, q := range l.questions {
		out[q.name] = v.of(q.name)
	}
	return out
}

// example is a mail as an admin has it: clean, with different values and all of them filled in.
func (l layout) example() (map[string]string, []Marked) {
	values := map[string]string{
		"name": "見本 一郎", "kana": "ミホン イチロウ", "company": "見本商事株式会社", "dept": "営業一課", "email": "mihon@sample.co.jp", "tel": "03-5555-1234", "fax": "03-5555-9876", "url": "https://sample.co.jp/",
		"type": "見本の請求", "address": "東京都港区芝1-2-3", "date": "2026/12/24 15:00", "agree": "同意します", "message": "見本を送ってください。\n\nなるべく早く: 年内にお願いします。\nでは。",
	}
	var marked []Marked
	for _, q := range l.questions {
		marked = append(marked, Marked{Name: q.name, Value: values[q.name]})
	}
	return values, marked
}
