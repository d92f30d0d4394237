package signals

import (
	"regexp"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var (
	awayHints = vocabulary.Words("不在", "休", "出張", "席", "留守", "office", "ooo", "leave", "vacation", "holiday", "away", "travel", "trip", "out", "off", "abroad", "unavailable", "absent", "sabbatical", "pto", "on the road")

	notAway = vocabulary.Expression(`ご不在|御不在|不在着信|不在票|不在通知|不在者|不在届|不在時|不在の(?:場合|際|とき|折|方|ため(?:、)?(?:折り返し|ご伝言|持ち帰))|不在(?:に|と|で|として)?(?:い?た?し?て?)?(?:おりまし(?:た|て)|でし|だった)|休暇(?:制度|申請|届|の(?:ご案内|過ごし|予定は|取得)|明け|取得率|を(?:楽し|お過ごし|利用))|ご休暇|お休みなさい|ご出張|出張(?:費|所|精算|旅費|買取|サービス|講習|査定|料|手配|申請|管理|報告)|出張(?:して)?(?:おりまし|いまし)た|出張中でし|休暇中でし|お?休みを?(?:いただ|頂)(?:いて)?(?:おりまし|い?て?いまし)た|休業日|定休|休業補償|(?:休暇|お?休み)をいただきました|(?:休暇|お?休み|不在|休業)(?:に)?(?:なる|する|される|の|となる)(?:場合|際|方)|お?休みの(?:日|ところ|ところを)|土日祝?日?(?:は|の)?(?:お?休み|休業)|席を(?:立|用意|確保)|席を外しておりまし|留守番`)

	awayJapan = vocabulary.Expression(`不在(?:に|と|で|です|の(?:ため|為|期間|間)|期間|中|:|いた|致|$|。|、)|(?:休暇|有休)(?:を|中|の(?:ため|為|期間)|に入|と|期間|で|です|$|。|、)|お?休み(?:を)?(?:いただ|頂|させ|と(?:な|さ)|中|です|に入)|出張(?:して|いたし|致し|中|の(?:ため|為)|で|に(?:出|行|て)|と|です)|休業(?:いた|致|と|し|中|期間|させ|の(?:ため|為)|です)|(?:育児|産前|産後|介護)(?:産後)?休(?:業|暇)|産休|育休|休職|席を(?:外|離)|離席|留守`)

	awayEnglish    = vocabulary.Expression(`\bout of (?:the |my )?office\b|\booo\b|\b(?:on|taking|beginning|starting) (?:my |an? )?(?:[a-z]+ )?(?:leave|vacation|holidays?|sabbatical|pto)\b|\baway (?:from (?:the office|my desk|work|my e-?mail|e-?mail|the desk)|on |until|this week|next week|for |between|through|till|and )|\b(?:on|for) (?:a )?business (?:trip|travel)|\b(?:i'm|i am|i will be|i'll be) (?:currently |presently )?(?:away|out|off|abroad|travell?ing|unavailable|absent|on the road)\b|\boffice (?:is|will be) closed\b`)
	notAwayEnglish = vocabulary.Expression(`\b(?:you|you're|you are|your|we were|was|were|has been|have been|back from|returned from|he was|she was) (?:[a-z]+ ){0,2}(?:out of (?:the )?office|on (?:[a-z]+ )?(?:leave|vacation|holidays?)|away)|out of office (?:hours|reply|message|replies|assistant|settings?)|(?:away|out) of (?:stock|date)|take (?:it )?away|right away|leave (?:policy|request|management)|vacation (?:rental|package|deal|home|policy)|holiday (?:season|greetings|party|sale)`)
	selfEnglish    = regexp.MustCompile(`\bi\b|\bi'(?:m|ll)\b|\bmy\b`)
)

// away tells that the sender is not there, and the last day of it.
func (t *telling) away() (crm.Signal, bool) {
	automatic := t.Class == crm.ClassAutoReply
	for i := range t.sentences {
		s := &t.sentences[i]
		if !t.isAway(s, automatic) {
			continue
		}
		until := t.awayUntil(s.folded)
		for j := 0; until.IsZero() && j < len(t.sentences); j++ {
			if automatic || j == i+1 || j == i-1 {
				until = t.awayUntil(t.sentences[j].folded)
			}
		}
		if until.IsZero() {
			until = t.awayDay(s.folded)
		}
		return crm.Signal{Kind: crm.SignalOutOfOffice, Evidence: evidence(s.raw), Until: until}, true
	}
	return crm.Signal{}, false
}

func (t *telling) isAway(s *sentence, automatic bool) bool {
	if !awayHints.May(s.told) {
		return false
	}
	told := s.unquoted()
	f := told.String
	if asks(f) {
		return false
	}
	if !japanese(f) {
		told = notAwayEnglish.Replace(told, " - ")
		f = told.String
		at := awayEnglish.Find(told)
		if at == nil || conditional(f[:at[0]]) {
			return false
		}
		return automatic || selfEnglish.MatchString(f[:at[1]])
	}
	told = notAway.Replace(told, "")
	f = told.String
	at := awayJapan.Find(told)
	if at == nil {
		return false
	}
	word := f[at[0]:at[1]]
	if strings.HasPrefix(word, "休業") || strings.HasPrefix(word, "休み") || strings.HasPrefix(word, "お休み") {
		if has(f, "土日", "土曜", "日曜", "祝日", "定休", "毎週") || strings.HasPrefix(word, "休業") && (!automatic || len(t.dates(f)) == 0) {
			return false
		}
	}
	if automatic {
		return true
	}
	if t.otherJapanese(f[:at[0]]) || has(f, "おりました", "いました", "でした", "場合", "先日", "昨日", "先週", "ため、お返事が遅", "ですか", "ください") {
		return false
	}
	if strings.HasPrefix(word, "出張") {
		return has(f, "返信が", "返事が", "ご返信", "連絡が", "確認が", "確認でき", "対応でき", "遅く", "遅れ") || t.awayUntil(f) != time.Time{}
	}
	return true
}

var (
	rangeJoint  = regexp.MustCompile(`^[^。]{0,4}(?:~|から|より|-|–|to |through |thru |until |till |and )`)
	returnJapan = regexp.MustCompile(`^[^。]{0,4}(?:より|から|に|は)[^。~]{0,12}(?:出社|出勤|復帰|復職|戻|業務|通常|営業|対応|順次|勤務|帰社|帰国|再開|確認|返信|連絡)`)
	backEnglish = regexp.MustCompile(`(?:\bback|\breturn(?:ing)?|\bin the office|\bavailable|\bresume|\bresuming)[^.]{0,40}$`)
	backAt      = regexp.MustCompile(`\b(?:back|returning|return) (?:to|and) $`)
	tillEnglish = regexp.MustCompile(`\b(?:until|till|til|through|thru|to|up to(?: and including)?|and|-|~) ?(?:and including )?(?:the )?(?:end of )?(?:the )?(?:[a-z]+day,? ?(?:the )?)?$`)
	weekdayEnd  = regexp.MustCompile(`(?:sun|mon|tues|wednes|thurs|fri|satur)day$`)
)

// awayUntil is the last day away that a sentence names; zero if it names none.
func (t *telling) awayUntil(f string) time.Time {
	list := t.dates(f)
	var last time.Time
	for i, d := range list {
		before, after := f[:d.start], f[d.end:]
		after = strings.TrimLeft(after, " ")
		if len(after) > 0 && (after[0] == '(') {
			if end := strings.IndexByte(after, ')'); end > 0 && end < 12 {
				after = after[end+1:]
			}
		}
		next := i+1 < len(list)
		if next && weekdayEnd.MatchString(f[d.start:d.end]) && list[i+1].start-d.end < 8 {
			continue // "Monday, 3 March": the day itself follows
		}
		switch {
		case strings.HasPrefix(after, "まで"), strings.HasPrefix(after, "いっぱい"), strings.HasPrefix(after, "一杯"):
			last = later(last, d.day)
		case tillEnglish.MatchString(before) && !backAt.MatchString(before):
			last = later(last, d.day)
		case backEnglish.MatchString(before), returnJapan.MatchString(after) && !(next && strings.Contains(f[list[i+1].start:], "まで")):
			return later(last, d.day.AddDate(0, 0, -1))
		case next && rangeJoint.MatchString(after) && list[i+1].start-d.end < 40 && !list[i+1].day.Before(d.day):
			last = later(last, list[i+1].day)
		}
	}
	return last
}

// awayDay is the one day of a sentence that names no range: 本日は不在.
func (t *telling) awayDay(f string) time.Time {
	var last time.Time
	for _, d := range t.dates(f) {
		if rest := f[d.end:]; strings.HasPrefix(rest, "から") || strings.HasPrefix(rest, "より") {
			return time.Time{}
		}
		last = later(last, d.day)
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
