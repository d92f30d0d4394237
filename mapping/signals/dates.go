package signals

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// dated is a day named in a sentence.
type dated struct {
	start, end int // in the folded sentence; the time of day counts to it
	day        time.Time
	timed      bool // a time of day stands with it
}

const (
	englishMonth = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?`
	weekdayJapan = `[月火水木金土日]`
	clockPattern = `^[ ,]?(?:\([^)]{1,8}\)|（[^）]{1,24}）)?[ 、,のは]{0,3}(?:at |from |around |@ ?)?(?:am|pm|午前|午後|終日|夕方|朝)?(?:\d{1,2}:\d{2}|\d{1,2}時|\d{1,2} ?(?:am|pm|a\.m|p\.m)|(?:morning|afternoon|noon)|午前|午後|終日|夕方)`
)

// days are the ways to name a day; the numbers are those of the groups.
const days = `(\d{4})[年/.\-](\d{1,2})[月/.\-](\d{1,2})日?` + // 1 2 3
	`|令和(\d{1,2}|元)年(\d{1,2})月(\d{1,2})日` + // 4 5 6
	`|(\d{1,2})月(\d{1,2})日?` + // 7 8
	`|(\d{1,2}|今|来|再来|翌|当|同)?月(末日?|上旬|初旬|中旬|下旬)` + // 9 10
	`|(今月|来月)(\d{1,2})日` + // 11 12
	`|(今週|来週|再来週|翌週)の?(` + weekdayJapan + `)曜?日?` + // 13 14
	`|(今週|来週|再来週)(?:末|中|いっぱい|一杯)` + // 15
	`|(明後日|あさって|明日|翌日|本日|今日|週明け|年内|年末)` + // 16
	`|(` + weekdayJapan + `)曜日?` + // 17
	`|\b(\d{1,2})/(\d{1,2})\b` + // 18 19
	`|\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ` + englishMonth + `(?:,? (\d{4}))?\b` + // 20 21 22
	`|\b` + englishMonth + ` (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?\b` + // 23 24 25
	`|\b(next |this |coming )?(mon|tues|wednes|thurs|fri|satur|sun)day\b` + // 26 27
	`|\b(today|tomorrow|tonight|eod|cob|end of (?:the )?day|close of business|end of (?:the|this|next) (?:week|month)|next week|this week)\b` + // 28
	`|(\d{1,2})日(?:[(（]` + weekdayJapan + `[)）])?` // 29

var (
	dateAt     = regexp.MustCompile(`^(?s:.)(` + days + `)`) // at the second character
	clockAfter = regexp.MustCompile(clockPattern)
)

// dates finds the days named in a folded sentence, in order. A day without a year is the one nearest to when the mail
// was sent, rather ahead of it than behind.
func (t *telling) dates(folded string) []dated {
	if !mayNameDay(folded) {
		return nil
	}
	var list []dated
	for _, at := range findDays(folded) {
		group := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return folded[at[2*n]:at[2*n+1]]
		}
		if notADay(folded, at[0], at[1]) {
			continue
		}
		var last *dated
		if len(list) > 0 {
			last = &list[len(list)-1]
		}
		day, ok := t.day(group, last)
		if !ok {
			continue
		}
		d := dated{start: at[0], end: at[1], day: day}
		if clock := clockAfter.FindStringIndex(folded[at[1]:]); clock != nil {
			d.timed, d.end = true, at[1]+clock[1]
		}
		list = append(list, d)
	}
	return list
}

// maxDays is how many days of a sentence are read.
const maxDays = 40

// findDays are the places of all days with those of their groups, as FindAllStringSubmatchIndex gives them. A search for
// so large an expression from each character takes long, so it is tried only where a day can begin.
func findDays(folded string) (list [][]int) {
	padded := " " + folded // so that there is a character before the first, by which a word begins
	before, at := 0, 1
	for at < len(padded) && len(list) < maxDays {
		c, size := utf8.DecodeRuneInString(padded[at:])
		last, _ := utf8.DecodeRuneInString(padded[before:at])
		from := before
		before, at = at, at+size
		if !beginsDay(c, last) {
			continue
		}
		if found := dateAt.FindStringSubmatchIndex(padded[from:]); found != nil {
			list = append(list, groupsOf(found[2:], from-1))
			at = from + found[3]
			_, size = utf8.DecodeLastRuneInString(padded[:at])
			before = at - size
		}
	}
	return list
}

// groupsOf are the places of groups, moved; those that are not there stay so.
func groupsOf(found []int, by int) []int {
	out := make([]int, len(found))
	for i, at := range found {
		out[i] = at
		if at >= 0 {
			out[i] = at + by
		}
	}
	return out
}

// beginsDay says whether a day can begin with a character: a digit, a word of Japanese, or an English one at its beginning.
func beginsDay(c, before rune) bool {
	switch {
	case c >= '0' && c <= '9':
		return true
	case c < 0x80:
		word := before >= '0' && before <= '9' || before >= 'a' && before <= 'z' || before >= 'A' && before <= 'Z' || before == '_'
		return !word && strings.ContainsRune("jfmasondtwec", c)
	}
	return strings.ContainsRune("令今来再翌当同月明あ本週年火水木金土日", c)
}

// daysOf are those named in a sentence of the mail, looked for once.
func (t *telling) daysOf(s *sentence) []dated {
	return s.named.of(func() []dated { return t.dates(s.folded) })
}

// mayNameDay says whether a sentence has what dateAt cannot match without. It is asked for first, since that is large.
func mayNameDay(f string) bool {
	digit := false
	for i := range len(f) {
		if f[i] < '0' || f[i] > '9' {
			continue
		}
		digit = true
		rest := f[i+1:]
		if rest != "" && strings.IndexByte("/.-", rest[0]) >= 0 || strings.HasPrefix(rest, "年") || strings.HasPrefix(rest, "月") || strings.HasPrefix(rest, "日") {
			return true
		}
	}
	return has(f, "曜", "今週", "来週", "翌週", "月末", "旬", "今月", "来月", "明後日", "あさって", "明日", "翌日", "本日", "今日", "週明け", "年内", "年末", "元年",
		"day", "tomorrow", "tonight", "eod", "cob", "end of", "close of", "next week", "this week") ||
		digit && has(f, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
}

// notADay tells fractions and spans from days: 1/2/3, 3日間, 5日前.
func notADay(s string, start, end int) bool {
	rest := s[end:]
	if start > 0 && (s[start-1] == '/' || s[start-1] == '.' || s[start-1] >= '0' && s[start-1] <= '9' || s[start-1] == '-' && start > 1 && s[start-2] >= '0' && s[start-2] <= '9') {
		return true
	}
	if strings.HasPrefix(rest, "/") {
		return true
	}
	for _, unit := range []string{"間", "前", "後", "以内", "程", "ほど", "営業日", "目", "%", "ずつ"} {
		if strings.HasPrefix(rest, unit) && strings.HasSuffix(s[:end], "日") {
			return !strings.HasSuffix(s[:end], "月") && !strings.Contains(s[start:end], "月") || unit == "間"
		}
	}
	return false
}

// day makes a day of what the pattern found.
func (t *telling) day(group func(int) string, last *dated) (time.Time, bool) {
	today := midnight(t.Sent)
	switch {
	case group(1) != "":
		return exactDay(number(group(1)), number(group(2)), number(group(3)))
	case group(5) != "":
		year := number(group(4))
		if group(4) == "元" {
			year = 1
		}
		return exactDay(2018+year, number(group(5)), number(group(6)))
	case group(7) != "":
		return near(today, number(group(7)), number(group(8)))
	case group(10) != "":
		return partOfMonth(today, group(9), group(10))
	case group(11) != "":
		month := today
		if group(11) == "来月" {
			month = today.AddDate(0, 0, 1-today.Day()).AddDate(0, 1, 0)
		}
		return exactDay(month.Year(), int(month.Month()), number(group(12)))
	case group(13) != "":
		return weekday(monday(today).AddDate(0, 0, 7*weeksAhead(group(13))), group(14)), true
	case group(15) != "":
		return monday(today).AddDate(0, 0, 7*weeksAhead(group(15))+4), true
	case group(16) != "":
		return relativeDay(today, group(16)), true
	case group(17) != "":
		return nextWeekday(today, strings.Index("日月火水木金土", group(17))/3, false), true
	case group(18) != "":
		month, day := number(group(18)), number(group(19))
		if month > 12 {
			month, day = day, month
		}
		return near(today, month, day)
	case group(20) != "":
		return english(today, group(21), group(20), group(22))
	case group(24) != "":
		return english(today, group(23), group(24), group(25))
	case group(27) != "":
		return nextWeekday(today, strings.Index("sunmontuewedthufrisat", group(27)[:3])/3, group(26) == "next "), true
	case group(28) != "":
		return englishRelative(today, group(28)), true
	case group(29) != "":
		return dayAlone(today, number(group(29)), last)
	}
	return time.Time{}, false
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
