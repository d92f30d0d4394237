package signals

import (
	"regexp"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var (
	promiseHints = vocabulary.Words("まで", "中", "末", "日に", "週", "本日", "今日", "明日", "夕方", "will", "'ll", "shall", "going to", "plan to")

	deadlineJapan = regexp.MustCompile(`^(?:[(（][^)）]{1,9}[)）])?(?:の)?(?:午前|午後)?(?:中|末|頃|ごろ|いっぱい|夕方|朝|\d{1,2}時)?(?:まで|迄)?(?:に|には|を目途に|を目処に|をめどに|を目安に|、)`)
	promiseJapan  = vocabulary.Expression(`^[^。]{0,40}?(?:送り|送付|送信|連絡|回答|返信|返事|提出|提示|納品|用意|準備|作成|手配|共有|報告|対応|案内|届け|見積(?:もり|り)?|お渡し|検討|確認|決定|完了|仕上げ|修正|発送|出荷|訂正|お出し|まとめ|伝え|知らせ|発注|手続き?|改めて|調整)(?:を|が)?(?:でき|完了)?(?:し|いたし|致し|させていただき|させて頂き|申し上げ|差し上げ|さしあげ)?(?:ます|予定|いたします|致します|する予定|つもり|る予定)`)
	requested     = regexp.MustCompile(`(?:ください|下さい|お願い|いただけ|頂け|いただきたく|いただきた|頂きた|いただければ|頂ければ|幸いです|願います|くださる|いただけない|もらえ|願えます|していただく必要|必要があります|しましょうか|ませんか|でしょうか|いただきまし)`)

	willEnglish    = vocabulary.Expression(`\b(?:i|we)(?:'ll| will| shall|'m going to| am going to| are going to| plan to| promise to| aim to| should be able to)(?: be able to)? (?:also |then |definitely |certainly |try to |make sure to |get |have )?(?:send|get|provide|deliver|reply|respond|confirm|let you know|share|submit|follow up|come back|return|finish|complete|prepare|forward|update|call|revert|have|answer|give|ship|finali[sz]e|pass|draft|review|check|inform|supply|produce|e-?mail)\b`)
	deadlineBefore = regexp.MustCompile(`\b(?:by|before|no later than|not later than|until|on|at the latest by|within)(?: the)? ?(?:end of(?: the)?(?: day)? ?(?:on )?)?(?:the )?(?:close of (?:business )?)?(?:noon |lunch ?time |eod |cob )?(?:on )?(?:\d{1,2}(?::\d{2})? ?(?:am|pm) (?:on )?)?$`)
)

// promised tells that the sender will do something by a day. What is asked of the reader is no promise.
func (t *telling) promised() (crm.Signal, bool) {
	for i := range t.sentences {
		s := &t.sentences[i]
		if !promiseHints.May(s.told) {
			continue
		}
		told := s.unquoted()
		f := told.String
		if asks(f) {
			continue
		}
		if !japanese(f) {
			will := willEnglish.Find(told)
			if will == nil || conditional(f[:will[0]]) {
				continue
			}
			for _, d := range t.daysIn(s, f) {
				relative := has(f[d.start:d.end], "tomorrow", "today", "next week", "this week", "tonight", "eod", "cob", "close of", "end of")
				if (deadlineBefore.MatchString(f[:d.start]) || relative) && !d.day.Before(midnight(t.Sent)) {
					return crm.Signal{Kind: crm.SignalPromised, Evidence: evidence(s.raw), Until: d.day}, true
				}
			}
			continue
		}
		if !promiseJapan.May(told) {
			continue
		}
		for _, d := range t.daysIn(s, f) {
			rest := f[d.end:]
			named := f[d.start:d.end]
			if at := deadlineJapan.FindString(rest); at != "" {
				rest = rest[len(at):]
			} else if !has(named, "中", "末", "本日", "今日", "明日", "夕方", "いっぱい") {
				continue
			} else {
				rest = strings.TrimPrefix(strings.TrimPrefix(rest, "に"), "中")
			}
			at := promiseJapan.FindIn(told, rest)
			if at == nil || requested.MatchString(rest[:at[1]]) || d.day.Before(midnight(t.Sent)) || promisesOther(rest[at[1]:]) || has(f[:d.start], "お客様", "御社", "貴社") {
				continue
			}
			return crm.Signal{Kind: crm.SignalPromised, Evidence: evidence(s.raw), Until: d.day}, true
		}
	}
	return crm.Signal{}, false
}

// promisesOther says whether the verb goes on into a question or a request: 送りますか, お送りいただけますと.
func promisesOther(after string) bool {
	return strings.HasPrefix(after, "か") || strings.HasPrefix(after, "と幸い") || strings.HasPrefix(after, "と助か")
}
