package signals_test

import (
	"testing"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals"
)

func FuzzRead(f *testing.F) {
	f.Add("不在", "11月24日から27日まで不在です。後任は山田(y@c.jp)です。退職しました。", "x\n-- \n株式会社A\nTEL 03-1234-5678", true)
	f.Add("Hi", "I will send it by Friday. Would Tuesday 3pm work for a call? Please remove me from your list.", "", false)
	f.Fuzz(func(t *testing.T, subject, text, full string, auto bool) {
		m := personal(text)
		m.Subject, m.FullText = subject, text+full
		if auto {
			m.Class = crm.ClassAutoReply
		}
		for _, s := range signals.Read(m) {
			if s.Kind == "" || s.Evidence == "" || !utf8.ValidString(s.Evidence) || utf8.RuneCountInString(s.Evidence) > 300 {
				t.Errorf("%+v", s)
			}
			if y := s.Until.Year(); !s.Until.IsZero() && (y < 1990 || y > 2100) {
				t.Errorf("until %v", s.Until)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for name, text := range map[string]string{
		"japanese": "株式会社サンプル\n佐藤様\n\nいつもお世話になっております。クライアントの鈴木です。\n\nお見積書をお送りいただきありがとうございました。社内で確認のうえ、改めてご連絡いたします。\n\n一点ご質問ですが、保守費用は月額に含まれているという理解でよろしいでしょうか。\n\n引き続きどうぞよろしくお願いいたします。\n",
		"english":  "Hi Hanako,\n\nThanks for the quote. It looks fine to us, and the team is happy with the price.\n\nOne question: is maintenance part of the monthly fee? Our finance people asked for a breakdown.\n\nKind thanks,\nJohn\n",
	} {
		b.Run(name, func(b *testing.B) {
			m := personal(text)
			for b.Loop() {
				if got := signals.Read(m); len(got) > 0 {
					b.Fatal(got)
				}
			}
		})
	}
}
