package mapping_test

import (
	"errors"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const (
	us     = "佐藤 <sato@example.co.jp>"
	tanaka = "田中 太郎 <tanaka@client.co.jp>"
)

func TestScreen(t *testing.T) {
	class := func(class crm.Class, refs ...string) func(*connectors.Item) {
		return func(i *connectors.Item) { i.Message.Class, i.Message.References = class, refs }
	}
	tests := map[string]struct {
		item    connectors.Item
		doc     mapping.Document
		source  mapping.Source
		verdict crm.Verdict
		reason  crm.Reason
	}{
		"a client's mail": {item: mail("1", tanaka, us), verdict: crm.Logged, reason: "matched"},
		"internal":        {item: mail("1", "kato@example.co.jp", us), verdict: crm.Excluded, reason: "internal"},
		"internal, subdomain and private address": {
			item: mail("1", "kato@osaka.example.co.jp", "Sato.Private@googlemail.com"), verdict: crm.Excluded, reason: "internal",
		},
		"internal, the owner's own address": {
			item: mail("1", "kato@example.co.jp", "me@nifty.com"), source: mapping.Source{ID: "s", Owner: "Me@nifty.com"},
			verdict: crm.Excluded, reason: "internal",
		},
		"a blind copy is not provably internal": {item: mail("1", us), verdict: crm.Unmatched, reason: "no_address"},
		"an unreadable recipient neither":       {item: mail("1", us, "kato@example.co.jp", "undisclosed-recipients:;"), verdict: crm.Unmatched, reason: "no_address"},
		"look-alike domain is outside":          {item: mail("1", "x@notexample.co.jp", us), verdict: crm.Unmatched, reason: "nobody"},
		"draft":                                 {item: with(mail("1", us, tanaka), func(i *connectors.Item) { i.Draft = true }), verdict: crm.Excluded, reason: "draft"},
		"address": {
			item: mail("1", tanaka, us), doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"Tanaka@Client.co.jp"}}},
			verdict: crm.Excluded, reason: "address: Tanaka@Client.co.jp",
		},
		"address in copy": {
			item:    with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Cc = boxes("lawyer@law.example") }),
			doc:     mapping.Document{Screen: mapping.Screen{Addresses: []string{"lawyer@*"}}},
			verdict: crm.Excluded, reason: "address: lawyer@*",
		},
		"our own office": {
			item: mail("1", tanaka, "jinji@example.co.jp"), doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"jinji@example.co.jp"}}},
			verdict: crm.Excluded, reason: "address: jinji@example.co.jp",
		},
		"address by its normal form": {
			item: mail("1", "suzuki.hanako+x@gmail.com", us), doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"suzukihanako@gmail.com"}}},
			verdict: crm.Excluded, reason: "address: suzukihanako@gmail.com",
		},
		"a tag excludes only itself": {
			item: mail("1", tanaka, us), doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"tanaka+news@client.co.jp"}}},
			verdict: crm.Logged, reason: "matched",
		},
		"domain": {
			item: mail("1", "x@mail.client.co.jp", us), doc: mapping.Document{Screen: mapping.Screen{Domains: []string{"client.co.jp"}}},
			verdict: crm.Excluded, reason: "domain: client.co.jp",
		},
		"address in Sender": {
			item:    with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Sender = boxes("lawyer@law.example")[0] }),
			doc:     mapping.Document{Screen: mapping.Screen{Addresses: []string{"lawyer@law.example"}}},
			verdict: crm.Excluded, reason: "address: lawyer@law.example",
		},
		"domain in Reply-To": {
			item:    with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.ReplyTo = boxes(tanaka, "x@sub.law.example") }),
			doc:     mapping.Document{Screen: mapping.Screen{Domains: []string{"law.example"}}},
			verdict: crm.Excluded, reason: "domain: law.example",
		},
		"own domain in Reply-To excludes nobody": {
			item:    with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.ReplyTo = boxes("info@example.co.jp") }),
			doc:     mapping.Document{Screen: mapping.Screen{Domains: []string{"example.co.jp"}}},
			verdict: crm.Logged, reason: "matched",
		},
		"Sender and Reply-To are no participants": {
			item: with(mail("1", "stranger@nowhere.example", us), func(i *connectors.Item) {
				i.Message.Sender, i.Message.ReplyTo = boxes(tanaka)[0], boxes(tanaka)
			}), verdict: crm.Unmatched, reason: "nobody",
		},
		"own domain excludes nobody": {
			item: mail("1", tanaka, us), doc: mapping.Document{Screen: mapping.Screen{Domains: []string{"example.co.jp"}}},
			verdict: crm.Logged, reason: "matched",
		},
		"subject words, folded": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Subject = "【ＳＥＣＲＥＴ】資料" }),
			doc:  mapping.Document{Screen: mapping.Screen{Subjects: []string{"[nothing]", "secret"}}}, verdict: crm.Excluded, reason: "subject: secret",
		},
		"subject with a zero-width space": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Subject = "社外\u200b秘 資料" }),
			doc:  mapping.Document{Screen: mapping.Screen{Subjects: []string{"社外秘"}}}, verdict: crm.Excluded, reason: "subject: 社外秘",
		},
		"subject with all that does not show": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) {
				i.Message.Subject = "s\u00ade\u200dc\ufe0fr\u202ee\U000e0100\u2066\u0000\u3164t"
			}),
			doc: mapping.Document{Screen: mapping.Screen{Subjects: []string{"secret"}}}, verdict: crm.Excluded, reason: "subject: secret",
		},
		"subject expression over what shows": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Subject = "[社外\u200b秘] 資料" }),
			doc:  mapping.Document{Screen: mapping.Screen{Subjects: []string{`/^\[社外秘\]/`}}}, verdict: crm.Excluded, reason: `subject: /^\[社外秘\]/`,
		},
		"a space in the subject shows": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Subject = "社外 秘" }),
			doc:  mapping.Document{Screen: mapping.Screen{Subjects: []string{"社外秘"}}}, verdict: crm.Logged, reason: "matched",
		},
		"folder with a zero-width space": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Folder = "Pri\u200bvate" }),
			doc:  mapping.Document{Screen: mapping.Screen{Folders: []string{"private"}}}, verdict: crm.Excluded, reason: "folder: private",
		},
		"subject expression": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Subject = "[社外秘] 資料" }),
			doc:  mapping.Document{Screen: mapping.Screen{Subjects: []string{`/^\[社外秘\]/`}}}, verdict: crm.Excluded, reason: `subject: /^\[社外秘\]/`,
		},
		"folder": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Folder = "プライベート/家族" }),
			doc:  mapping.Document{Screen: mapping.Screen{Folders: []string{"ﾌﾟﾗｲﾍﾞｰﾄ"}}}, verdict: crm.Excluded, reason: "folder: ﾌﾟﾗｲﾍﾞｰﾄ",
		},
		"folder of the source": {
			item:   with(mail("1", tanaka, us), func(i *connectors.Item) { i.Folder = "INBOX.Private" }),
			source: mapping.Source{ID: "s", ExcludeFolders: []string{"inbox.private"}}, verdict: crm.Excluded, reason: "folder: inbox.private",
		},
		"folder that only begins alike": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Folder = "Privately" }),
			doc:  mapping.Document{Screen: mapping.Screen{Folders: []string{"Private"}}}, verdict: crm.Logged, reason: "matched",
		},
		"newsletter of a client":           {item: with(mail("1", tanaka, us), class(crm.ClassBulk)), verdict: crm.Excluded, reason: "class: bulk"},
		"notification in a thread":         {item: with(mail("1", "notifications@client.co.jp", us), class(crm.ClassBulk, "a@x")), verdict: crm.Excluded, reason: "class: bulk"},
		"post to a list in a conversation": {item: with(mail("1", tanaka, us), class(crm.ClassBulk, "a@x")), verdict: crm.Logged, reason: "matched"},
		"automatic reply of a client":      {item: with(mail("1", tanaka, us), class(crm.ClassAutoReply)), verdict: crm.Logged, reason: "matched"},
		"classes listed": {
			item: with(mail("1", tanaka, us), class(crm.ClassAutoReply)), doc: mapping.Document{Screen: mapping.Screen{Classes: []crm.Class{crm.ClassAutoReply}}},
			verdict: crm.Excluded, reason: "class: auto_reply",
		},
		"no classes": {
			item: with(mail("1", tanaka, us), class(crm.ClassBulk)), doc: mapping.Document{Screen: mapping.Screen{Classes: []crm.Class{}}},
			verdict: crm.Logged, reason: "matched",
		},
		"unreadable": {
			item:    connectors.Item{ExternalID: "9", Err: errors.New("fetch body:\n  literal too long\xff")},
			verdict: crm.Failed, reason: "unreadable: fetch body: literal too long\uFFFD",
		},
		"nothing at all": {item: connectors.Item{ExternalID: "9"}, verdict: crm.Failed, reason: "unreadable: the source gave neither contents nor an error"},
		"no addresses":   {item: mail("1", "MAILER", "undisclosed-recipients:;"), verdict: crm.Unmatched, reason: "no_address"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			src := test.source
			if src.ID == "" {
				src = sato
			}
			w := mapOne(t, newMapper(t, test.doc), clients(), src, test.item)
			if w.Entry.Verdict != test.verdict || w.Entry.Reason != test.reason {
				t.Errorf("got %s, %q, want %s, %q", w.Entry.Verdict, w.Entry.Reason, test.verdict, test.reason)
			}
			if (w.Activity != nil) != (test.verdict == crm.Logged) {
				t.Errorf("verdict %s with activity %v", w.Entry.Verdict, w.Activity)
			}
			if w.Entry.Source != src.ID || w.Entry.ExternalID != test.item.ExternalID || !w.Entry.SeenAt.Equal(noon) {
				t.Errorf("entry %+v", w.Entry)
			}
		})
	}
}

func TestErased(t *testing.T) {
	dir := clients()
	dir.erased["suzukihanako@gmail.com"] = true
	item := with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Cc = boxes("Suzuki.Hanako@gmail.com") })
	w := mapOne(t, newMapper(t, mapping.Document{}), dir, sato, item)
	if w.Entry.Verdict != crm.Excluded || w.Entry.Reason != crm.ReasonErased || w.Activity != nil || w.Pending != nil {
		t.Errorf("got %+v", w)
	}
}

// TestErasedInReplyTo holds that who asked to be forgotten is recognised where people are not listed.
func TestErasedInReplyTo(t *testing.T) {
	for name, change := range map[string]func(*connectors.Message){
		"Sender":   func(m *connectors.Message) { m.Sender = boxes("Suzuki.Hanako@gmail.com")[0] },
		"Reply-To": func(m *connectors.Message) { m.ReplyTo = boxes(us, "Suzuki.Hanako@gmail.com") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := clients()
			dir.erased["suzukihanako@gmail.com"] = true
			item := with(mail("1", tanaka, us), func(i *connectors.Item) { change(i.Message) })
			w := mapOne(t, newMapper(t, mapping.Document{}), dir, sato, item)
			if w.Entry.Verdict != crm.Excluded || w.Entry.Reason != crm.ReasonErased || w.Activity != nil {
				t.Errorf("got %+v", w)
			}
		})
	}
}

func TestExcludedIsNotAskedAbout(t *testing.T) {
	dir := clients()
	mapOne(t, newMapper(t, mapping.Document{Screen: mapping.Screen{Domains: []string{"client.co.jp"}}}), dir, sato, mail("1", tanaka, us))
	if len(dir.questions) != 1 || dir.questions[0].Addresses != nil || dir.questions[0].Domains != nil {
		t.Errorf("asked %+v", dir.questions)
	}
}
