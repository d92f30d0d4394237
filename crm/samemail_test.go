package crm_test

import (
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestSameMail(t *testing.T) {
	at := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	mail := func(from, subject, text string, when time.Time) crm.Activity {
		return crm.Activity{Kind: crm.KindEmail, Key: "k", Time: when, Subject: subject, Text: text,
			People: []crm.Participant{{Role: crm.RoleFrom, Address: from}}}
	}
	quote := mail("tanaka@c.jp", "見積もり", "お世話になっております。\n見積もりをお送りします。\nhttps://c.jp/q", at)
	cases := []struct {
		name  string
		other crm.Activity
		same  bool
	}{
		{"the same", quote, true},
		{"a list's tag, sender and footer", mail("list@ml.jp", "[sales:12] 見積もり", quote.Text+"\n--\nsales mailing list", at), true},
		{"a gateway's banner and links", mail("tanaka@c.jp", "[EXTERNAL] 見積もり", "Caution!\nお世話になっております。\n見積もりをお送りします。\nhttps://safe.example/?u=c.jp", at), true},
		{"wrapped otherwise", mail("tanaka@c.jp", "見積もり", "お世話になっております。見積もりを\nお送りします。https://c.jp/q", at), true},
		{"no date, received an hour later elsewhere", mail("tanaka@c.jp", "見積もり", quote.Text, at.Add(time.Hour)), true},
		{"its text cannot be read", mail("tanaka@c.jp", "見積もり", "", at), true},
		{"somebody else's mail", mail("suzuki@other.jp", "苦情", "納品された品が壊れています。", at.Add(-30*time.Minute)), false},
		{"somebody else's mail at the same second", mail("suzuki@other.jp", "苦情", "納品された品が壊れています。", at), false},
		{"the sender's next mail", mail("tanaka@c.jp", "納期", "納期はいつですか。", at.Add(time.Hour)), false},
		{"the same subject, another text", mail("tanaka@c.jp", "見積もり", "bbbb", at), false},
		{"tomorrow's report", mail("tanaka@c.jp", "見積もり", quote.Text, at.Add(24*time.Hour)), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := crm.SameMail(quote, c.other); got != c.same {
				t.Errorf("SameMail is %v, want %v", got, c.same)
			}
			if got := crm.SameMail(c.other, quote); got != c.same {
				t.Errorf("SameMail the other way round is %v, want %v", got, c.same)
			}
			if key := crm.ApartKey(c.other); len(key) != 32 || key == c.other.Key {
				t.Errorf("ApartKey is %q", key)
			}
		})
	}
}

func TestMessageKeyWithoutID(t *testing.T) {
	one := crm.MessageIdentity{From: "a@c.jp", Subject: "問い合わせ", Size: 300, Text: "aaaa"}
	two := one
	two.Text = "bbbb"
	if crm.MessageKey("", one) == crm.MessageKey("", two) {
		t.Error("two forms sent in the same second are one mail")
	}
	if crm.MessageKey("<ID@x>", one) != crm.MessageKey("id@x", two) {
		t.Error("a mail with a Message-ID is known by something else")
	}
}
