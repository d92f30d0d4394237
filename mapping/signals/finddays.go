package signals

import (
	"regexp"
	"strings"
	"sync"

	"github.com/tsunagu-crm/tsunagu/mapping/signals/internal/phrase"
)

const (
	englishMonth = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?`
	weekdayJapan = `[月火水木金土日]`
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

// dayForm is one of the ways to name a day. It is tried alone, where one can begin.
type dayForm struct {
	at    *regexp.Regexp // at the second character of a text
	first int            // the number of its first group in days
}

// The forms of days by number, as far as they are told apart by how they begin.
const (
	formWhole = iota // 2026/12/3
	formReiwa
	formMonth // 12月3日
	formPart  // 12月末
	formThisMonth
	formThisWeek
	formWeek
	formWord
	formWeekday
	formSlash     // 12/3
	formDayMonth  // 3 december
	formMonthDay  // december 3
	formEnglish   // friday
	formEnglished // tomorrow
	formAlone     // 3日
)

// dayForms are the forms in the order of days.
var dayForms = sync.OnceValue(func() (list []dayForm) {
	group := 1
	for _, source := range phrase.Alternatives(days) {
		at := regexp.MustCompile(`^(?s:.)(` + source + `)`)
		list = append(list, dayForm{at, group})
		group += at.NumSubexp() - 1
	}
	return list
})

// maxDays is how many days of a sentence are read, and dayGroups how many groups there are with that of the whole.
const (
	maxDays   = 40
	dayGroups = 30
)

// findDays are the places of all days with those of their groups, as FindAllStringSubmatchIndex gives them. The
// expression as a whole takes long, so its forms are tried one by one, and only where they can begin.
func findDays(folded string) (list [][]int) {
	for at := 0; at < len(folded) && len(list) < maxDays; at++ {
		c := folded[at]
		if !beginsDay[c] || c > '9' && at > 0 && wordBytes[folded[at-1]] && wordBytes[c] || c == 0xe3 && !strings.HasPrefix(folded[at:], "あ") {
			continue
		}
		forms := formsAt(folded, at)
		if forms == 0 {
			continue
		}
		if found := dayAt(folded, at, forms); found != nil {
			list = append(list, found)
			at = found[1] - 1
		}
	}
	return list
}

// longestDay is more than the longest name of a day has, bytes.
const longestDay = 64

// dayAt is the day that begins at a place, in the first of some forms that matches.
func dayAt(folded string, at int, forms uint) []int {
	end := min(len(folded), at+longestDay)
	before := " " // so that there is a byte before, by which a word begins
	if at > 0 {
		before = ""
	}
	text := before + folded[max(0, at-1):end]
	for n, form := range dayForms() {
		if forms&(1<<n) == 0 {
			continue
		}
		if found := form.at.FindStringSubmatchIndex(text); found != nil {
			return groupsOf(found[2:], form.first, at-1)
		}
	}
	return nil
}

// groupsOf are the places of the groups of all forms, moved, where found are the whole and those from the first on.
func groupsOf(found []int, first, by int) []int {
	out := make([]int, 2*dayGroups)
	for i := range out {
		out[i] = -1
	}
	out[0], out[1] = found[0]+by, found[1]+by
	for i, at := range found[2:] {
		if at >= 0 {
			out[2*first+i] = at + by
		}
	}
	return out
}

// formsAt are the forms of which one may begin at a place, as bits.
func formsAt(s string, at int) uint {
	switch c := s[at]; {
	case c >= '0' && c <= '9':
		return formsOfNumber(s[at:])
	case c >= 'a' && c <= 'z':
		if len(s)-at < 3 {
			return 0
		}
		return formsOfWord(s[at : at+3])
	case c < 0xe3 || c > 0xe9 || len(s)-at < 6:
		return 0
	}
	return formsOfJapan(s[at : at+6])
}

// formsOfNumber looks at what stands behind one or two digits.
func formsOfNumber(s string) uint {
	n := digits(s)
	rest := s[n:]
	switch {
	case n == 4:
		return 1 << formWhole
	case n == 3:
		return 0
	case rest == "":
		return 0
	case rest[0] == '/':
		return 1 << formSlash
	case strings.HasPrefix(rest, "月"):
		return 1<<formMonth | 1<<formPart
	case strings.HasPrefix(rest, "日"):
		return 1 << formAlone
	}
	return formsOfOrdinal(rest)
}

// formsOfOrdinal looks for the month behind a number: 3rd of may.
func formsOfOrdinal(rest string) uint {
	if rest[0] != ' ' {
		for _, ending := range []string{"st ", "nd ", "rd ", "th "} {
			rest = strings.TrimPrefix(rest, ending)
		}
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, " "), "of ")
	if len(rest) < 3 || formsOfWord(rest[:3])&(1<<formMonthDay) == 0 {
		return 0
	}
	return 1 << formDayMonth
}

// digits is how many digits a text begins with, up to four.
func digits(s string) int {
	n := 0
	for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// beginsDay are the bytes with which a day can begin.
var beginsDay = bytesOf("0123456789jfmasondtwec" + "\xe3\xe4\xe5\xe6\xe7\xe9")

// wordBytes are those of which words are made, as \b has it.
var wordBytes = bytesOf("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")

func bytesOf(list string) (is [256]bool) {
	for i := range len(list) {
		is[list[i]] = true
	}
	return is
}

// formsOfWord looks at the first three letters of a word.
func formsOfWord(letters string) uint {
	switch letters {
	case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec":
		return 1 << formMonthDay
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun", "com":
		return 1 << formEnglish
	case "nex", "thi":
		return 1<<formEnglish | 1<<formEnglished
	case "tod", "tom", "ton", "eod", "cob", "end", "clo":
		return 1 << formEnglished
	}
	return 0
}

// formsOfJapan looks at two characters.
func formsOfJapan(pair string) uint {
	switch pair {
	case "令和":
		return 1 << formReiwa
	case "今月", "来月":
		return 1<<formPart | 1<<formThisMonth
	case "今週", "来週", "再来":
		return 1<<formPart | 1<<formThisWeek | 1<<formWeek
	case "翌週":
		return 1 << formThisWeek
	case "翌月", "当月", "同月", "月末", "月上", "月初", "月中", "月下":
		return 1 << formPart
	case "今日", "翌日", "明日", "明後", "あさ", "本日", "週明", "年内", "年末":
		return 1 << formWord
	case "月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜":
		return 1 << formWeekday
	}
	return 0
}
