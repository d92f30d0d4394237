package signals_test

import (
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals"
)

// sent is a Saturday.
var sent = time.Date(2026, 11, 21, 10, 0, 0, 0, time.FixedZone("JST", 9*3600))

func day(month, d int) time.Time { return time.Date(2026, time.Month(month), d, 0, 0, 0, 0, time.UTC) }

func personal(text string) signals.Mail {
	return signals.Mail{Class: crm.ClassPersonal, Subject: "Re: お打ち合わせの件", Text: text, FullText: text, Sent: sent,
		From: crm.Mailbox{Name: "鈴木 一郎", Address: "suzuki@client.co.jp"}, Own: func(a string) bool { return a == "sato@example.co.jp" }}
}

func automatic(text string) signals.Mail {
	m := personal(text)
	m.Class, m.Subject = crm.ClassAutoReply, "自動応答: お打ち合わせの件"
	return m
}

func english(text string) signals.Mail {
	m := personal(text)
	m.Subject, m.From.Name, m.From.Address = "Re: Proposal", "John Smith", "john.smith@client.com"
	return m
}

func find(list []crm.Signal, kinds ...crm.SignalKind) (crm.Signal, bool) {
	for _, s := range list {
		for _, k := range kinds {
			if s.Kind == k {
				return s, true
			}
		}
	}
	return crm.Signal{}, false
}

type leaving struct {
	text, successor, address string
	kind                     crm.SignalKind
}

func TestLeft(t *testing.T) {
	left, moved := crm.SignalLeft, crm.SignalTransferred
	for _, c := range []leaving{
		{"私事で恐縮ですが、11月末日をもちまして退職いたしました。後任は山田太郎(yamada@client.co.jp)です。", "山田太郎", "yamada@client.co.jp", left},
		{"このたび一身上の都合により退職することとなりました。\n後任の営業部 山田 花子が担当いたします。\nyamada@client.co.jp", "山田 花子", "yamada@client.co.jp", left},
		{"鈴木は9月30日をもって退職いたしました。今後は営業二課の高橋(takahashi@client.co.jp)が担当いたします。", "高橋", "takahashi@client.co.jp", left},
		{"担当の鈴木は退職いたしました。後任:佐々木健一\nメール:sasaki@client.co.jp", "佐々木健一", "sasaki@client.co.jp", left},
		{"この度、株式会社クライアントを円満退社いたしました。在職中は大変お世話になりました。", "", "", left},
		{"本メールアドレスの使用者は退職しております。", "", "", left},
		{"鈴木は既に弊社に在籍しておりません。お問い合わせは総務部の伊藤までお願いいたします。", "伊藤", "", left},
		{"鈴木は退職済みのため、今後のご連絡は中村(nakamura@client.co.jp)までお願いいたします。", "中村", "nakamura@client.co.jp", left},
		{"12月20日が最終出社日となります。後任につきましては加藤が引き継ぎます。", "加藤", "", left},
		{"来月末で会社を離れることになりました。業務は同じ部署の小林が引き継ぎます。", "小林", "", left},
		{"私、鈴木は、12月31日をもちまして退職させていただくこととなりました。後任者は渡辺直美でございます。", "渡辺直美", "", left},
		{"退職のご挨拶を申し上げたくご連絡いたしました。", "", "", left},
		{"11月30日付で退職する運びとなりました。\n後任には吉田を予定しております。", "吉田", "", left},
		{"このメールアドレスは退職により使用できません。", "", "", left},
		{"弊社を退職し、新しい道に進むことにいたしました。今後は松本 (matsumoto@client.co.jp) にご連絡ください。", "松本", "matsumoto@client.co.jp", left},
		{"本日をもって退職いたします。これまでのご厚情に感謝申し上げます。", "", "", left},
		{"先月退職いたしましたため、こちらにはご返信できません。", "", "", left},
		{"このたび代表取締役を退任いたしました。", "", "", left},
		{"鈴木 一郎は当社を退職しました。", "", "", left},
		{"年内をもちまして\n退職いたすこととなり\nました。後任は井上でございます。", "井上", "", left},
		{"転職することとなりましたのでご連絡いたします。後任は木村が務めます。", "木村", "", left},
		{"１２月１５日をもちまして退職いたします。後任：斎藤 次郎（saito@client.co.jp）", "斎藤 次郎", "saito@client.co.jp", left},
		{"お世話になっております。実は今月いっぱいで退職いたします。引き継ぎは清水が行います。", "清水", "", left},
		{"当社を去ることになりました。これからは山口が窓口となります。", "山口", "", left},
		{"ご連絡ありがとうございます。鈴木は退職いたしました。代わりに森が対応いたします。", "森", "", left},
		{"10月1日付で大阪支店へ異動いたしました。後任は池田(ikeda@client.co.jp)です。", "池田", "ikeda@client.co.jp", moved},
		{"人事異動に伴い、名古屋支社へ異動となりました。後任の橋本が近日中にご挨拶に伺います。", "橋本", "", moved},
		{"このたび総務部に異動することになりました。今後は阿部が担当させていただきます。", "阿部", "", moved},
		{"12月1日より福岡へ転勤することとなりました。後任の石川 誠をよろしくお願いいたします。", "石川 誠", "", moved},
		{"御社の担当を外れることになりました。後任は前田でございます。", "前田", "", moved},
		{"弊社担当が鈴木から藤田に変更となりました。", "藤田", "", moved},
		{"担当変更のご連絡です。新担当は後藤(goto@client.co.jp)です。", "後藤", "goto@client.co.jp", moved},
		{"グループ会社へ出向いたしました。後任として岡田が着任いたします。", "岡田", "", moved},
		{"関連会社に転籍いたしました。後任者:長谷川", "長谷川", "", moved},
		{"異動のご挨拶\n私こと、このたび経理部勤務を命じられ異動いたしました。", "", "", moved},
		{"鈴木は異動となりましたので、営業部の村上宛にお送りください。", "村上", "", moved},
		{"部署が変わりましたので、本件は近藤に引き継ぎました。", "近藤", "", moved},
		{"組織変更により、担当が変わりました。後任は遠藤です。", "遠藤", "", moved},
		{"本件の担当を離れました。後任は青木 (aoki@client.co.jp) です。", "青木", "aoki@client.co.jp", moved},
		{"東京本社に配属となりました。大阪の業務は坂本が引き継いでおります。", "坂本", "", moved},
	} {
		for name, m := range map[string]signals.Mail{"personal": personal(c.text), "auto reply": automatic(c.text)} {
			s, ok := find(signals.Read(m), left, moved)
			if !ok || s.Kind != c.kind || s.Successor != c.successor || s.NewEmail != c.address || s.Evidence == "" || s.Address != "" {
				t.Errorf("%s %q: %+v", name, c.text, s)
			}
		}
	}
}

func TestLeftEnglish(t *testing.T) {
	left, moved := crm.SignalLeft, crm.SignalTransferred
	for _, c := range []leaving{
		{"I am no longer with Acme Corporation. Please contact Jane Doe at jane.doe@client.com.", "Jane Doe", "jane.doe@client.com", left},
		{"John Smith is no longer with the company. Please direct all enquiries to Mary Jones (mary.jones@client.com).", "Mary Jones", "mary.jones@client.com", left},
		{"John has left the company. His successor is Peter Brown.", "Peter Brown", "", left},
		{"Friday is my last day at Acme. Anna Lee will be taking over my accounts.", "Anna Lee", "", left},
		{"My last day with the company was November 13. Please reach out to Tom Hill.", "Tom Hill", "", left},
		{"I have left the organisation as of 1 November.", "", "", left},
		{"Please note that I no longer work for Client Inc.", "", "", left},
		{"I've retired. My replacement is Sue Park, sue.park@client.com.", "Sue Park", "sue.park@client.com", left},
		{"The person you are trying to reach is no longer with our company.", "", "", left},
		{"I will be leaving the company on 30 November.", "", "", left},
		{"As of October 1, I am no longer an employee of Client Inc. Kindly email Robert King.", "Robert King", "", left},
		{"John Smith no longer works here.", "", "", left},
		{"I have moved to a new role within the company. Lisa Wong is your new contact.", "Lisa Wong", "", moved},
		{"I have transferred to our Osaka branch. Please contact Ken Mori for anything urgent.", "Ken Mori", "", moved},
		{"I am no longer responsible for purchasing. Please get in touch with Emma White.", "Emma White", "", moved},
		{"I've taken on a new position and your account will be handled by Mark Green.", "Mark Green", "", moved},
	} {
		s, ok := find(signals.Read(english(c.text)), left, moved)
		if !ok || s.Kind != c.kind || s.Successor != c.successor || s.NewEmail != c.address {
			t.Errorf("%q: %+v", c.text, s)
		}
	}
}

func TestNobodyLeft(t *testing.T) {
	for _, text := range []string{
		"退職金制度についてご相談させてください。", "退職給付会計の見直しを検討しております。", "退職者の管理機能はありますか。", "昨年退職された田中様の後任はどなたでしょうか。",
		"ご退職おめでとうございます。", "異動シーズンのため、アカウントの棚卸しを行っています。", "人事異動の時期ですので、登録情報の更新をお願いします。", "担当者が変更になりましたらお知らせください。",
		"退職した場合のデータの扱いを教えてください。", "退職代行サービスのご案内です。", "定年退職制度を見直しました。", "早期退職優遇制度の説明資料です。",
		"後任の山田と申します。前任の鈴木が退職したため、今後は私が担当いたします。", "前任の佐藤が退職いたしましたので、後任として着任いたしました鈴木と申します。", "本日は退社いたしましたので、明日ご連絡します。", "18時に退社しますので、それまでにお電話ください。",
		"異動がありましたらお知らせください。", "社員が異動した際の手続きについて質問です。", "退職するかどうか迷っている社員がいます。", "退職の予定はございません。",
		"「退職しました」という自動返信が届きました。", "先月、弊社の高橋が退職いたしました。そのため対応が遅れております。", "御社のご担当者様が異動されたと伺いました。", "部長が異動になりました。新しい部長は佐藤です。", "弊社社長が退任することとなりました。", "退職手続きのクラウドサービスをご紹介します。",
		"転勤の多い業界ですので、システム化を検討しています。", "採用と退職のワークフローを比較しています。", "退職願のテンプレートを添付します。", "会議のため席を離れておりました。",
		"異動届の電子化についてのお打ち合わせをお願いします。", "退職後の健康保険について教えてください。", "人事異動情報の連携APIはありますか。", "転職サイトの掲載料金を教えてください。",
		"卒業生向けのイベントを企画しています。", "部署ごとに権限を変えられますか。", "担当変更をお願いできますでしょうか。", "担当者の変更は可能ですか。",
		"田中さんが退職されたので、アカウントの削除をお願いします。", "同僚の伊藤が異動しましたので、ライセンスを減らしてください。", "出向者の管理について。", "本社移転のお知らせです。",
		"退職所得の源泉徴収についてご質問があります。", "離職率の改善事例を教えてください。", "担当の件、承知いたしました。", "新しい担当の方をご紹介ください。",
	} {
		if s, ok := find(signals.Read(personal(text)), crm.SignalLeft, crm.SignalTransferred); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
	for _, text := range []string{
		"We are no longer with our previous vendor.", "The printer is no longer working at our office.", "This product is no longer with warranty.", "The shipment has left the warehouse.",
		"I left the meeting early, sorry.", "My last day of vacation is Friday.", "If I have left the company by then, ask my team.", "Is Tanaka no longer with you?",
		"We have moved to a new office.", "He left a comment on the document.", "My predecessor has left the company, I am your new contact.", "We retired the old API last week.",
		"I am leaving the office at five.", "The last day of the trial is Monday.", "My colleague Bob has left the company.", "Please tell me if you are no longer responsible for purchasing.",
		"The train has left the station.", "Jane Doe is no longer with the company, so please send it to me.", "I am taking over from Jane, who has left the company.", "We moved to a new system.",
	} {
		if s, ok := find(signals.Read(english(text)), crm.SignalLeft, crm.SignalTransferred); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
}
