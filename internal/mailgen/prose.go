package mailgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// tongue is a language to write in.
type tongue int

const (
	inJapanese tongue = iota
	inEnglish
	inChinese
)

// writeSubject makes a subject line.
func writeSubject(rng *rand.Rand, t tongue) string {
	n := 100 + rng.IntN(900)
	switch t {
	case inJapanese:
		return fmt.Sprintf(pick(rng, []string{
			"お見積りの件（第%d号）", "次回お打ち合わせの日程について %d", "【ご確認】契約書案 No.%d", "新製品①のご案内 %d",
			"㈱サンプル様 納品日のご連絡 %d", "資料送付のお礼と追加のお願い、ならびに来月以降の進め方についてのご相談 %d",
		}), n)
	case inChinese:
		return fmt.Sprintf(pick(rng, []string{"关于报价单的确认 %d", "会议时间安排 %d", "合同草案第%d版"}), n)
	default:
		return fmt.Sprintf(pick(rng, []string{
			"Quote for order %d", "Meeting next week (%d)", "Contract draft v%d", "Delivery date, please confirm #%d",
			"Thank you for your visit, and some further questions about the offer of last month no. %d",
		}), n)
	}
}

// writeText makes about so many characters of paragraphs, with a greeting and an end.
func writeText(rng *rand.Rand, t tongue, from, to Person, characters int) string {
	var b strings.Builder
	switch t {
	case inJapanese:
		fmt.Fprintf(&b, "%s様\n\nいつもお世話になっております。%sです。\n\n", to.Family, from.Family)
	case inChinese:
		b.WriteString("您好：\n\n")
	default:
		fmt.Fprintf(&b, "Dear %s,\n\n", to.Given)
	}
	length := 0
	for line := 0; length < characters; line++ {
		s := writeSentence(rng, t)
		length += len([]rune(s))
		b.WriteString(s)
		if line%3 == 2 {
			b.WriteString("\n\n")
		} else {
			b.WriteString("\n")
		}
	}
	switch t {
	case inJapanese:
		b.WriteString("\n何卒よろしくお願いいたします。\n")
	case inChinese:
		b.WriteString("\n谢谢！\n")
	default:
		fmt.Fprintf(&b, "\nKind regards,\n%s\n", from.Name)
	}
	return b.String()
}

func writeSentence(rng *rand.Rand, t tongue) string {
	n := 1 + rng.IntN(28)
	switch t {
	case inJapanese:
		return fmt.Sprintf(pick(rng, []string{
			"先日は貴重なお時間をいただき、誠にありがとうございました。ご質問の%d点について回答いたします。",
			"お見積りは%d日までにお送りできる見込みです。", "納期は約%d週間、数量①〜③のいずれでも対応可能です。",
			"添付の資料%dページをご覧ください。", "金額は税込%d万円（№12、℡03-5555-0100）となります。",
			"ご不明な点がございましたら、お気軽に担当の髙橋までお問い合わせください。内線%dです。",
		}), n)
	case inChinese:
		return fmt.Sprintf(pick(rng, []string{
			"感谢贵公司的来信，我们将在%d天内答复。", "附件是最新的报价，共%d页，请查收。", "价格为€%d，镕基先生已确认。",
		}), n)
	default:
		return fmt.Sprintf(pick(rng, []string{
			"Thank you for the offer; we have %d questions about the schedule.",
			"The delivery would take about %d weeks from the day of the order.",
			"Please find the %d-page summary of our last meeting below.",
			"Our café next to the station – the “blue” one – has room for %d people.",
			"Could you tell us the price for %d units, including transport and insurance?",
		}), n)
	}
}

// quote is an answer's copy of the mail before, as mail programs write it.
func quote(rng *rand.Rand, t tongue, d draft, characters int) string {
	var b strings.Builder
	date := d.date.AddDate(0, 0, -2)
	if t == inJapanese {
		fmt.Fprintf(&b, "\n%s %s <%s>:\n", date.Format("2006年1月2日 15:04"), d.to.Name, d.to.Email)
	} else {
		fmt.Fprintf(&b, "\nOn %s, %s <%s> wrote:\n", date.Format("Mon, Jan 2, 2006 at 15:04"), d.to.Name, d.to.Email)
	}
	for length := 0; length < characters; {
		s := writeSentence(rng, t)
		length += len([]rune(s))
		b.WriteString("> " + s + "\n")
	}
	return b.String()
}
