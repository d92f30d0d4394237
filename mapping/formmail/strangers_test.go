package formmail

import (
	"fmt"
	"strings"
	"testing"
)

// strangers are forty mails that are no form's of ours: newsletters, orders, reports, other forms, talk about forms.
func strangers() []letter {
	texts := []string{
		"お問い合わせがありました。\n\n件名: システムメンテナンスのお知らせ\n日時: 2026/12/01\n対象: 全サービス\n",
		"ウェブサイトからお問い合わせがありました。\n\nお名前: 山田\n電話番号: 03-1111-2222\n\n--\nこのメールは example.co.jp のお問い合わせフォームから送信されました。\n",
		"山田様\n\nお問い合わせありがとうございます。\n以下の内容で承りました。\n\nお名前: 山田\nフリガナ: ヤマダ\n会社名: x\nメールアドレス: a@b.jp\n電話番号: 03\nお問い合わせ内容: x\n",
		"【会社名】株式会社ニュース\n今週のトピックス\n■新製品のご案内\n■セミナー情報\n配信停止はこちら: https://example.com/stop\n",
		"Order #%d\n\nName: Taro Yamada\nEmail: taro@example.com\nTotal: 1,000 JPY\n\nThank you for your order.\n",
		"You have a new submission from your website.\n\nFirst name: Taro\nLast name: Yamada\nEmail: taro@example.com\n\n--\nThis e-mail was sent from a contact form on Example (https://example.com)\n",
		"週報\n\n氏名　　　山田\n所属　　　営業部\n\n一　進捗　　　順調です\n",
		"担当者各位\n\nHPから問い合わせです。\n\n確認しましたか。\n[氏名] の欄が空のものがありました。\n",
		"■お名前\n■メールアドレス\n■お問い合わせ内容\n上の三つを入力してください。\n",
		"━━━━━━━━━━━━\nメールマガジン 第%d号\n━━━━━━━━━━━━\n◆特集 → https://example.com/1\n◆連載 → https://example.com/2\n\n投稿はここまで\n",
		"realname = x\nemail = y\n",
		"Response summary\n\nName\tScore\nTaro\t10\nHanako\t20\n\nView the response online\n",
		"Somebody filled in your form:\n\n## Name\n\n## Email\n\nSent by FormTool\n",
		"新規お問い合わせの内容は次のとおりです\n======================\n本日はありませんでした。\n======================\n以上 No.1\n",
		"",
	}
	pages := []string{
		"<p>お問い合わせがありました。</p><table><tr><th>日付</th><td>12/1</td></tr><tr><th>件数</th><td>5</td></tr></table><p>サンプル株式会社</p>",
		"<p>お問い合わせがありました。</p><table><tr><th>お名前</th><th>会社名</th><th>電話番号</th></tr><tr><td>山田</td><td>青空</td><td>03</td></tr></table><p>サンプル株式会社</p>",
		"<h2>Contact us: new submission</h2><p>Your name</p><p>Your email</p><p>Your phone</p><p>You receive this because you own the form.</p>",
		"<div>ホームページより</div><ul><li>種別：見積</li><li>氏名：山田</li></ul><div>以上です。</div>",
		"<p>Registration received.</p><p>We look forward to seeing you.</p><hr><p>Registration desk 1</p>",
	}
	var out []letter
	for i := range 40 {
		l := letter{subject: "お問い合わせがありました"}
		if n := i % 20; n < len(texts) {
			l.body = strings.ReplaceAll(texts[n], "%d", fmt.Sprint(i))
		} else {
			l.body, l.html = pages[n-len(texts)], true
		}
		if i >= 20 { // the same with talk around it, as an answer has it
			l.subject = "Re: " + l.subject
			if !l.html {
				l.body = "お世話になっております。\n下記の件、確認しました。\n\n" + l.body + "\n\nよろしくお願いいたします。\n山田\nTEL: 03-0000-0000\n"
			}
		}
		out = append(out, l)
	}
	return out
}

func TestStrangers(t *testing.T) {
	parsers := learned(t)
	for i, m := range delivered(t, strangers()) {
		for j := range parsers {
			if fields, err := parsers[j].Parse(&m); err == nil {
				t.Errorf("stranger %d is read as %q: %v\n%s", i, layouts()[j].name, fields, m.FullText)
			}
		}
	}
}
