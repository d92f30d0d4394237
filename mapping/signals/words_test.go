package signals_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals"
)

func TestRefusal(t *testing.T) {
	for _, text := range []string{
		"今後のご連絡は不要です。", "今後のご連絡はご遠慮ください。", "今後のご連絡はご遠慮いただけますでしょうか。よろしくお願いします。", "連絡不要でお願いいたします。", "配信停止を希望します。", "メールの配信停止をお願いいたします。", "メルマガの配信を停止してください。",
		"営業のメールはお断りしております。", "営業電話は一切お断りしております。", "弊社では営業のご連絡をお断りしております。", "今後、営業のご連絡はお控えください。", "今後は一切連絡しないでください。", "二度とメールを送らないでください。", "配信リストから外してください。",
		"送付先リストから当方のアドレスを削除してください。", "登録の解除をお願いします。配信停止希望です。", "私のアドレスを削除していただけますか。", "メールの送信を停止してください。", "これ以上のご連絡はご遠慮願います。", "以後、ご案内は不要です。", "今後のご案内メールは結構です。",
		"せっかくですが、今後のご提案は不要です。", "資料の送付は不要です。今後の営業もご遠慮ください。", "お電話でのご案内は今後お控えください。今後の営業連絡は不要です。", "退会を希望します。", "セールスのお電話はご遠慮ください。", "もう連絡をしてこないでください。", "今後のお電話はご遠慮いただきたく存じます。",
		"弊社は導入の予定がございませんので、今後のご連絡は控えていただけますと幸いです。", "当社宛のダイレクトメールは今後お送りいただかなくて結構です。今後のメールは不要です。", "ご連絡はお控えください。", "迷惑ですのでメールはやめてください。二度と送らないでください。",
	} {
		if _, ok := find(signals.Read(personal(text)), crm.SignalRefusal); !ok {
			t.Errorf("%q is no refusal", text)
		}
	}
	for _, text := range []string{
		"Please remove me from your mailing list.", "Please unsubscribe me.", "Unsubscribe", "Stop emailing me.", "Please do not contact me again.", "We no longer wish to receive your emails.", "Kindly take me off your list.", "Please delete my email from your database.",
		"I do not want to be contacted.", "I do not want to receive marketing emails from you.", "I would not like to hear from your company again.", "I would prefer not to receive your newsletter.", "No further contact please.", "I would like to unsubscribe.", "Please stop sending these messages.", "Don't email us any more.", "We are not interested, please do not contact us further.", "Remove me please from this list. Please remove my address from your list.",
	} {
		if _, ok := find(signals.Read(english(text)), crm.SignalRefusal); !ok {
			t.Errorf("%q is no refusal", text)
		}
	}
}

func TestNoRefusal(t *testing.T) {
	for _, text := range []string{
		"ご返信は不要です。", "返信不要です。", "ご連絡お待ちしております。", "ご遠慮なくご連絡ください。", "配信停止をご希望の方はこちら https://x.example/u", "配信停止をご希望の場合は、お手数ですが下記よりお手続きください。", "今後のメール配信がご不要な方は、こちらからお手続きください。", "本メールへの返信はご遠慮ください。",
		"変更がなければご連絡は不要です。", "問題ない場合、ご連絡は不要です。", "平日18時以降のご連絡はご遠慮ください。", "会場での録音はご遠慮ください。", "ご出席の方は連絡不要です。", "今回は見送らせていただきます。", "お見積書の送付をお願いします。", "サーバーを停止してください。", "アカウントの削除方法を教えてください。",
		"この機能は不要です。", "添付資料は結構です、ありがとうございます。", "今後のご連絡はメールでお願いいたします。", "今後のご連絡は担当の伊藤までお願いいたします。", "お車でのご来場はご遠慮ください。", "配信停止の機能はありますか。", "お客様から配信停止のご依頼がありました。件数を教えてください。", "メルマガ配信システムを検討しています。",
		"遅くなり申し訳ございません。お気遣いは不要です。", "到着のご連絡は不要です。", "お断りする理由がありません。", "メールが届かないので再送をお願いします。", "入金のご連絡は不要です。", "今後ともご連絡のほどよろしくお願いいたします。", "連絡先の登録をお願いします。", "FAXでのご案内は不要です。",
	} {
		if s, ok := find(signals.Read(personal(text)), crm.SignalRefusal); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
	for _, text := range []string{
		"Please don't hesitate to contact me.", "To unsubscribe click here.", "If you no longer wish to receive these emails, unsubscribe here.", "You can unsubscribe at any time.", "Please remove me from the cc of this thread.", "Please remove the second item from the quote.", "Do not contact me before Monday, I am travelling.", "Please stop by our booth.",
		"How do customers unsubscribe from your service?", "I do not want to receive it by fax but by mail, please.", "Please do not send the invoice yet.", "We stopped sending parcels on Fridays.",
		"We do not want to receive it by fax.", "I don't want to receive the invoice by fax, please send it by email.", "We don't want to get the parts before Friday.", "We do not want to receive deliveries on Saturdays.",
	} {
		if s, ok := find(signals.Read(english(text)), crm.SignalRefusal); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
	m := personal("今後のご連絡は不要です。")
	m.Outgoing = true
	if got := signals.Read(m); len(got) > 0 {
		t.Errorf("by us: %+v", got)
	}
	m = personal("承知しました。\n> 今後のご連絡は不要です。\n")
	if _, ok := find(signals.Read(m), crm.SignalRefusal); ok {
		t.Error("quoted")
	}
	m.Class, m.Text = crm.ClassBulk, "配信停止を希望します。"
	if got := signals.Read(m); len(got) > 0 {
		t.Errorf("bulk: %+v", got)
	}
}

func TestAway(t *testing.T) {
	for _, c := range []struct {
		text  string
		until time.Time
	}{
		{"11月24日から11月27日まで不在にしております。", day(11, 27)}, {"11/24〜11/30まで休暇をいただいております。", day(11, 30)}, {"現在休暇中です。12月1日より出社いたします。", day(11, 30)}, {"出張のため、12月3日(木)まで返信が遅れます。", day(12, 3)},
		{"本日は終日不在にしております。", day(11, 21)}, {"夏季休業期間: 11月28日(土)~12月2日(水)", day(12, 2)}, {"年末年始休業のため12月29日から1月3日まで休業いたします。", time.Date(2027, 1, 3, 0, 0, 0, 0, time.UTC)}, {"育児休業を取得しております。", time.Time{}},
		{"１２月４日まで不在です。急ぎの場合は佐藤までご連絡ください。", day(12, 4)}, {"お休みをいただいております。11月26日に出社予定です。", day(11, 25)}, {"11月25日(水)は休暇をいただきます。", day(11, 25)}, {"不在期間：2026/11/24～2026/11/27", day(11, 27)}, {"明日まで出張しております。", day(11, 22)}, {"来週金曜まで不在です。", day(11, 27)}, {"ただいま不在にしております。", time.Time{}},
		{"産休に入っております。", time.Time{}}, {"11月末まで休職しております。", day(11, 30)}, {"海外出張中につき、11月27日までメールの確認ができません。", day(11, 27)},
		{"I am out of the office until 3 December.", day(12, 3)}, {"I will be out of office from Nov 23 to Nov 27.", day(11, 27)}, {"I'm on annual leave, returning on 1 December.", day(11, 30)}, {"I am on vacation through November 29, 2026.", day(11, 29)}, {"I'll be away until Monday.", day(11, 23)}, {"I am currently on business travel and will be back on Thursday, 26 November.", day(11, 25)}, {"Out of office until 12/5.", day(12, 5)},
		{"I am on maternity leave.", time.Time{}}, {"Thank you for your email. I am out of the office with limited access to email.", time.Time{}}, {"I will be travelling from 23rd November until 4th December and will be back in the office on 7th December.", day(12, 6)},
	} {
		s, ok := find(signals.Read(automatic(c.text)), crm.SignalOutOfOffice)
		if !ok || !s.Until.Equal(c.until) {
			t.Errorf("%q: %v, until %v", c.text, ok, s.Until)
		}
	}
	for _, text := range []string{"11月24日から27日まで不在にいたします。", "来週は休暇をいただきます。", "I will be out of the office until 3 December."} {
		if _, ok := find(signals.Read(personal(text)), crm.SignalOutOfOffice); !ok {
			t.Errorf("%q, personal", text)
		}
	}
}

func TestNobodyAway(t *testing.T) {
	for _, text := range []string{"ご不在でしたので、改めてお電話いたします。", "不在着信がありました。", "不在票が入っていました。", "休暇制度について教えてください。", "先日は出張しておりましたため、返信が遅れました。", "出張費の精算システムを検討しています。", "夏季休暇の予定はありますか。", "担当者が不在の場合は伝言をお願いします。", "有給休暇の管理機能についての質問です。", "お休みなさい。", "土日は休業です。", "休暇申請のワークフローを作りたい。",
		"田中様はご出張とのことでした。", "出張買取サービスのご紹介です。", "当店の定休日は水曜日です。", "大阪へ出張した際にお会いしました。", "休み明けにお電話します。", "不在にしておりまして失礼いたしました。", "連休はいかがお過ごしでしたか。", "出張所の住所をお送りします。",
		"How was your vacation?", "If I am out of the office, ask Bob.", "I was on holiday last week.", "The out of office settings do not work.", "This item is out of stock until March.", "Our vacation rental package starts at 100.", "Take away food is fine."} {
		if s, ok := find(signals.Read(personal(text)), crm.SignalOutOfOffice); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
	if s, ok := find(signals.Read(automatic("お問い合わせありがとうございます。土日祝日は休業のため、翌営業日にご返信いたします。")), crm.SignalOutOfOffice); ok {
		t.Errorf("%+v", s)
	}
}

func TestDatesProposed(t *testing.T) {
	for _, c := range []struct {
		text  string
		first time.Time
	}{
		{"お打ち合わせの日程ですが、以下の候補でいかがでしょうか。\n・11月25日(水) 10:00-11:00\n・11月26日(木) 14時以降\n・11月27日(金) 終日", day(11, 25)}, {"11/30(月)15時でご都合いかがでしょうか。オンラインでお話しできればと存じます。", day(11, 30)}, {"来週火曜の14時か水曜の10時でお打ち合わせは可能でしょうか。", day(11, 24)}, {"12月1日または12月3日に貴社へ伺いたく、ご都合をお聞かせください。", day(12, 1)},
		{"Would Tuesday 3pm work for a call?", day(11, 24)}, {"Could we meet on Nov 25 at 10:00 or Nov 26 at 14:00?", day(11, 25)}, {"I am available on Thursday or Friday. Which suits you for the demo?", day(11, 26)}, {"How about 1 December at 2 pm for a Zoom call?", day(12, 1)},
	} {
		if s, ok := find(signals.Read(personal(c.text)), crm.SignalDatesProposed); !ok || !s.Until.Equal(c.first) {
			t.Errorf("%q: %v %v", c.text, ok, s.Until)
		}
	}
	for _, text := range []string{"お打ち合わせは11月25日14時に確定しました。", "11月10日の会議の議事録をお送りします。", "請求書の締め日は11月30日、支払期限は12月31日です。", "納期は12月1日か12月5日でお願いします。", "日程調整のご連絡をお待ちしております。", "セミナーは11月25日と11月26日の14時に開催します。ご都合のよい日にご参加ください。", "The invoice is due on 30 November at 17:00.", "Thank you for meeting us on Nov 10 at 10:00."} {
		if s, ok := find(signals.Read(personal(text)), crm.SignalDatesProposed); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

func TestPromised(t *testing.T) {
	for _, c := range []struct {
		text string
		day  time.Time
	}{
		{"見積書は11月27日までにお送りいたします。", day(11, 27)}, {"今週中にご連絡いたします。", day(11, 20)}, {"来週中にご回答させていただきます。", day(11, 27)}, {"12/1までに資料を準備いたしますので、ご確認をお願いいたします。", day(12, 1)}, {"明日中に返信します。", day(11, 22)}, {"11月末までにご提出する予定です。", day(11, 30)},
		{"I will send the quote by Friday.", day(11, 27)}, {"We'll get back to you by 1 December.", day(12, 1)}, {"By tomorrow I will share the slides.", day(11, 22)},
	} {
		s, ok := find(signals.Read(personal(c.text)), crm.SignalPromised)
		if past := c.day.Before(day(11, 21)); ok == past || ok && !s.Until.Equal(c.day) {
			t.Errorf("%q: %v %v", c.text, ok, s.Until)
		}
	}
	for _, text := range []string{"11月27日までにご回答をお願いいたします。", "12月1日までにお送りください。", "11月27日までにご返信いただけますと幸いです。", "お申し込みは11月30日までです。", "Please send it by Friday.", "Could you reply by 1 December?", "If I will not send it by Friday, call me.", "期限は12月1日です。"} {
		if s, ok := find(signals.Read(personal(text)), crm.SignalPromised); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

func TestSignature(t *testing.T) {
	text := "お世話になっております。\n資料をお送りします。"
	for name, c := range map[string]struct {
		full string
		want map[string]string
	}{
		"framed":  {text + "\n\n━━━━━━━━━━\n株式会社クライアント\n営業部 部長 鈴木 一郎(すずき いちろう)\n〒100-0001 東京都千代田区1-1\nTEL: 03-1234-5678 FAX: 03-1234-5679\nsuzuki@client.co.jp\n━━━━━━━━━━\n", map[string]string{"company": "株式会社クライアント", "department": "営業部", "title": "部長", "name": "鈴木 一郎", "kana": "すずき いちろう", "phone": "03-1234-5678"}},
		"dashes":  {text + "\n-- \nJohn Smith\nSales Manager\nClient Inc.\nPhone: +81 3-1234-5678\n\n> 03-0000-0000 quoted\n", map[string]string{"company": "Client Inc", "title": "Sales Manager", "name": "John Smith", "phone": "+81 3-1234-5678"}},
		"company": {text + "\n\n-----------\nサンプル商事株式会社 営業本部 第二課\n鈴木 一郎\n携帯 090-1234-5678\n", map[string]string{"company": "サンプル商事株式会社", "department": "営業本部 第二課", "name": "鈴木 一郎", "phone": "090-1234-5678"}},
	} {
		m := personal(text)
		m.FullText = c.full
		s, ok := find(signals.Read(m), crm.SignalSignature)
		for field, want := range c.want {
			got := s.Fields[field]
			if !ok || strings.TrimRight(got, ".") != want {
				t.Errorf("%s: %s is %q, not %q (%v)", name, field, got, want, s.Fields)
			}
		}
		m.Outgoing = true
		if got := signals.Read(m); len(got) > 0 {
			t.Errorf("ours: %+v", got)
		}
	}
	if s, ok := find(signals.Read(personal(text)), crm.SignalSignature); ok {
		t.Errorf("without one: %+v", s)
	}
}

// What stands in signatures beside people and companies is taken for neither.
func TestSignatureLookAlikes(t *testing.T) {
	const name, company, phone, title = "name", "company", "phone", "title"
	for full, want := range map[string]map[string]string{
		"株式会社サンプル 東京本社\n営業部 課長\n田中 太郎\nTEL 03-1111-2222":         {name: "田中 太郎", company: "株式会社サンプル", title: "課長"},
		"株式会社サンプル\n東京都港区\nTEL 03-1111-2222":                      {name: "", company: "株式会社サンプル"},
		"株式会社サンプル\n営業担当\n田中太郎\nTEL 03-1111-2222":                 {name: "田中太郎"},
		"株式会社サンプル\n会社概要\n代表電話\n03-1111-2222":                     {name: "", phone: "03-1111-2222"},
		"株式会社サンプル\n採用担当 田中\nTEL 03-1111-2222":                    {name: ""},
		"株式会社サンプル(証券コード: 1234)\n田中 太郎\nTEL 03-1111-2222":         {company: "株式会社サンプル", name: "田中 太郎"},
		"株式会社サンプル\n田中 太郎\nインボイス登録番号 T1234567890123":              {phone: ""},
		"このメールは株式会社サンプルの機密情報を含む場合があります\n田中 太郎\nTEL 03-1111-2222": {company: "", name: "田中 太郎"},
		"株式会社サンプルは11月に出展します\n田中太郎\nTEL 03-1111-2222":             {company: ""},
		"株式会社はなまる\n田中太郎\nM 090-1111-2222":                        {company: "株式会社はなまる", phone: "090-1111-2222"},
	} {
		m := personal("お世話になっております。")
		m.FullText = m.Text + "\n-- \n" + full
		s, ok := find(signals.Read(m), crm.SignalSignature)
		for field, value := range want {
			if got := s.Fields[field]; !ok || got != value {
				t.Errorf("%q: %s is %q, not %q", full, field, got, value)
			}
		}
	}
}

func TestBounceSignals(t *testing.T) {
	m := signals.Mail{Class: crm.ClassBounce, Text: "退職", Bounces: []crm.Bounce{{Recipient: "Tanaka@Client.co.jp", Hard: true, Code: "5.1.1", Reason: "no_mailbox", Text: "x"}, {Recipient: "y@z.jp", Reason: "full"}, {Recipient: "?"}}}
	got := signals.Read(m)
	if len(got) != 2 || got[0].Kind != crm.SignalBounceHard || got[0].Address != "tanaka@client.co.jp" || !got[0].AddressGone() || got[1].Kind != crm.SignalBounceSoft || got[1].AddressGone() {
		t.Errorf("%+v", got)
	}
}
