package signals

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dated is a day named in a sentence.
type dated struct {
	start, end int // in the folded sentence; the time of day counts to it
	day        time.Time
	timed      bool // a time of day stands with it
}

const clockPattern = `^[ ,]?(?:\([^)]{1,8}\)|（[^）]{1,24}）)?[ 、,のは]{0,3}(?:at |from |around |@ ?)?(?:am|pm|午前|午後|終日|夕方|朝)?(?:\d{1,2}:\d{2}|\d{1,2}時|\d{1,2} ?(?:am|pm|a\.m|p\.m)|(?:morning|afternoon|noon)|午前|午後|終日|夕方)`

var clockAfter = regexp.MustCompile(clockPattern)

// dates finds the days named in a folded sentence, in order. A day without a year is the one nearest to when the mail
// was sent, rather ahead of it than behind.
func (t *telling) dates(folded string) []dated {
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

// daysOf are those named in a sentence of the mail, looked for once.
func (t *telling) daysOf(s *sentence) []dated {
	return s.named.of(func() []dated { return t.dates(s.folded) })
}

// daysIn are those named in a form of the sentence.
func (t *telling) daysIn(s *sentence, folded string) []dated {
	if folded == s.folded {
		return t.daysOf(s)
	}
	return t.dates(folded)
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
