package formmail

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// values makes what people enter, as dirty as they do. The same seed gives the same values.
type values struct{ r *rand.Rand }

func newValues(seed uint64) values { return values{rand.New(rand.NewPCG(seed, 20261122))} }

func (v values) pick(of ...string) string { return of[v.r.IntN(len(of))] }

// of gives a value for a field of this name.
func (v values) of(name string) string {
	switch name {
	case "name":
		return v.pick("山田 太郎", "佐藤　花子", "髙橋 一郎", "鈴木", "ﾔﾏﾀﾞ ﾀﾛｳ", "Taro Yamada", "O'Brien, Pat", "李 明", "田中(旧姓 中村) 恵", "John  Q. Public Jr.", "🌸さくら🌸", "山本：健", "渡邊 邦彦") + v.pick("", "", " ", "　")
	case "kana":
		return v.pick("ヤマダ タロウ", "さとう はなこ", "ﾀｶﾊｼ ｲﾁﾛｳ", "スズキ", "やまだ　たろう")
	case "company":
		return v.pick("株式会社クライアント", "(株)青空商事", "㈱山川", "Client Inc.", "有限会社 みどり [本社]", "A&B <Tokyo> Ltd.", "合同会社：テスト", "個人", "医療法人社団 桜会・さくら病院")
	case "dept":
		return v.pick("", "営業部", "経営企画室 / DX推進課", "R&D", "総務・人事")
	case "email":
		return fmt.Sprintf("%s%d@%s", v.pick("taro", "h.sato", "Info", "a+b", "yamada_t"), v.r.IntN(1000), v.pick("client.co.jp", "example.com", "gmail.com", "docomo.ne.jp"))
	case "tel":
		n := v.r.IntN(9000) + 1000
		return fmt.Sprintf(v.pick("03-1234-%d", "０９０－１２３４－%d", "+81 90 1234 %d", "03(1234)%d", "0312345%d", "090.1234.%d 内線: 12", "080ー1111ー%d（携帯）"), n)
	case "fax":
		return v.pick("", "", "", fmt.Sprintf("03-9999-%04d", v.r.IntN(10000)))
	case "url":
		return v.pick("", "", "https://www.client.co.jp/", "http://example.com:8080/a?b=c&d=e:f", "www.client.jp")
	case "type":
		return v.pick("見積もり", "資料請求, デモ", "その他（採用：新卒）", "製品について / Product", "お問い合わせ")
	case "address":
		return v.pick("東京都千代田区丸の内1-1-1 ビル3F", "〒150-0001　渋谷区神宮前１－２－３", "1 Main St., Suite 5", "大阪府大阪市北区梅田: 駅前ビル", "")
	case "date":
		return v.pick("2026/12/01 10:00", "12月3日(木) 午後", "ASAP", "来週以降で: いつでも")
	case "agree":
		return v.pick("同意する", "はい")
	}
	return v.message()
}

// message is a text of several lines. What looks like a label at its end is rare, but it comes.
func (v values) message() string {
	lines := []string{v.pick("お世話になっております。", "Hello,", "はじめまして、山田と申します。", "資料を送ってください", "ﾊﾝｶｸｶﾅで失礼します｡")}
	for range v.r.IntN(7) {
		lines = append(lines, v.pick(
			"", "", "以下の件でお問い合わせします。", "希望日: 12月1日 10:00", "時間：14:00〜16:00", "・製品A: 3台", "- item one: 5 pcs", "* star", "1. 価格: いくらですか？",
			"詳しくは https://example.com/a:b?c=d を見てください。", "「テスト」（仮）で【至急】お願いします", "金額 = 100,000円", "担当者　　山田", "😀👍 よろしくです", "A | B | C", "> 引用です",
			"Dear Sir, could you tell me: what is the price?", "※急ぎません。", "(1) 納期 → 来月", "-----", strings.Repeat("とても長い文章が続きます。", 30), "   字下げした行", "From: Tokyo To: Osaka", "件数......10件"))
	}
	if v.r.IntN(25) == 0 {
		lines = append(lines, v.pick("携帯: 090-0000-0000", "よろしく：山田", "P.S.: thanks"))
	} else {
		lines = append(lines, v.pick("よろしくお願いいたします。", "以上です。", "Thank you!", "ご返信をお待ちしております", "Best regards,\nTaro"))
	}
	return strings.Join(lines, "\n")
}
