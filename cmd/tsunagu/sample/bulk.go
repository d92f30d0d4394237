package sample

import (
	"fmt"
	"net/mail"
	"time"
)

// pattern is a newsletter or notice that comes again and again.
type pattern struct {
	from    mail.Address
	to      []mail.Address
	every   int // days
	hour    int
	subject string // with the number of the issue
	text    string
}

func patterns() []pattern {
	sato := mail.Address{Name: "佐藤 健太", Address: "sato@example.co.jp"}
	suzuki := mail.Address{Name: "鈴木 真由", Address: "suzuki@example.co.jp"}
	return []pattern{
		{mail.Address{Name: "営業のヒント", Address: "news@eigyo-hint.example"}, []mail.Address{sato, suzuki}, 7, 7,
			"【営業のヒント】第 %d 号 商談の最初の 5 分", "今週は、商談の最初の 5 分で話すことについてお届けします。\n\n配信停止はこちらから\n"},
		{mail.Address{Name: "受発注 EXPO 事務局", Address: "info@juhacchu-expo.example"}, []mail.Address{sato}, 9, 11,
			"受発注 EXPO ニュース No.%d", "会場の図面と出展社の一覧を公開しました。\n\n配信停止はこちらから\n"},
		{mail.Address{Name: "SaaS Weekly", Address: "hello@saas-weekly.example"}, []mail.Address{suzuki}, 7, 22,
			"SaaS Weekly #%d: pricing pages that work", "Five pricing pages, and what to take from each.\n\nUnsubscribe any time.\n"},
		{mail.Address{Name: "出張手配ナビ", Address: "campaign@shuccho-navi.example"}, []mail.Address{sato}, 10, 12,
			"新幹線とホテルが最大 30%% お得(第 %d 弾)", "早めのご予約がお得です。\n\n配信停止はこちらから\n"},
		{mail.Address{Name: "勤怠システム", Address: "no-reply@kintai.example"}, []mail.Address{sato, suzuki}, 8, 18,
			"勤怠の打刻もれのお知らせ(%d 件目)", "打刻もれがあります。本日中に修正してください。\n"},
		{mail.Address{Name: "クラウド会計", Address: "notice@cloud-kaikei.example"}, []mail.Address{suzuki}, 14, 9,
			"ご利用明細のお知らせ(第 %d 回)", "今月のご利用明細を公開しました。ログインしてご確認ください。\n"},
	}
}

// bulk makes the newsletters and notices of the last thirty days.
func bulk(now time.Time) []letter {
	var out []letter
	for i, p := range patterns() {
		issue := 0
		for day := 29 - i; day > 0; day -= p.every {
			issue++
			at := now.AddDate(0, 0, -day)
			out = append(out, letter{
				from: p.from, to: p.to, subject: fmt.Sprintf(p.subject, issue), text: p.text, list: p.from.Address,
				sent: time.Date(at.Year(), at.Month(), at.Day(), p.hour, 3*i, 0, 0, now.Location()),
			})
		}
	}
	return out
}
