package crm

import "time"

// JapaneseHoliday is the name of the holiday that a day is in Japan, "" if it is none, by the Act on National Holidays (国民の祝日に
// 関する法律) and the special measures of 2019 to 2021. It is right from 2007, when the rule for substitutes got its present form,
// to 2099, as far as the law stays and the astronomers' formula for the equinoxes holds; other years have no holidays.
// Only year, month and day count.
func JapaneseHoliday(year int, month time.Month, day int) string {
	if year < 2007 || year > 2099 {
		return ""
	}
	if name := nationalHoliday(year, month, day); name != "" {
		return name
	}
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if substitutes(date) {
		return "振替休日"
	}
	if holidayOn(date.AddDate(0, 0, -1)) != "" && holidayOn(date.AddDate(0, 0, 1)) != "" {
		return "国民の休日" // section 3, paragraph 3
	}
	return ""
}

// substitutes reports whether a day that is no holiday of its own follows a row of holidays with a Sunday among them
// (section 3, paragraph 2).
func substitutes(date time.Time) bool {
	for {
		date = date.AddDate(0, 0, -1)
		if holidayOn(date) == "" {
			return false
		}
		if date.Weekday() == time.Sunday {
			return true
		}
	}
}

func holidayOn(date time.Time) string {
	return nationalHoliday(date.Year(), date.Month(), date.Day())
}

// nationalHoliday is section 2 of the act.
func nationalHoliday(year int, month time.Month, day int) string {
	if name, special := olympicHoliday(year, month, day); special {
		return name
	}
	switch month {
	case time.January:
		return named(day == 1, "元日", isMonday(2, year, month, day), "成人の日")
	case time.February:
		return named(day == 11, "建国記念の日", day == 23 && year >= 2020, "天皇誕生日")
	case time.March:
		return named(day == equinox(20.8431, year), "春分の日", false, "")
	case time.April:
		return named(day == 29, "昭和の日", false, "")
	case time.May:
		return mayHoliday(year, day)
	case time.July:
		return named(isMonday(3, year, month, day), "海の日", false, "")
	case time.August:
		return named(day == 11 && year >= 2016, "山の日", false, "")
	case time.September:
		return named(isMonday(3, year, month, day), "敬老の日", day == equinox(23.2488, year), "秋分の日")
	case time.October:
		sports := "スポーツの日"
		if year < 2020 {
			sports = "体育の日"
		}
		return named(isMonday(2, year, month, day), sports, year == 2019 && day == 22, "即位礼正殿の儀")
	case time.November:
		return named(day == 3, "文化の日", day == 23, "勤労感謝の日")
	case time.December:
		return named(day == 23 && year <= 2018, "天皇誕生日", false, "")
	}
	return ""
}

func mayHoliday(year, day int) string {
	switch {
	case day == 1 && year == 2019:
		return "即位の日"
	case day == 3:
		return "憲法記念日"
	case day == 4:
		return "みどりの日"
	case day == 5:
		return "こどもの日"
	}
	return ""
}

// olympicHoliday is what the special measures for the games of Tokyo say of July, August and October 2020 and 2021.
func olympicHoliday(year int, month time.Month, day int) (name string, special bool) {
	if year != 2020 && year != 2021 || month != time.July && month != time.August && month != time.October {
		return "", false
	}
	first := year == 2020
	switch {
	case month == time.July && (first && day == 23 || !first && day == 22):
		return "海の日", true
	case month == time.July && (first && day == 24 || !first && day == 23):
		return "スポーツの日", true
	case month == time.August && (first && day == 10 || !first && day == 8):
		return "山の日", true
	}
	return "", true
}

func named(first bool, one string, second bool, other string) string {
	switch {
	case first:
		return one
	case second:
		return other
	}
	return ""
}

// isMonday reports whether a day is the nth Monday of its month.
func isMonday(n, year int, month time.Month, day int) bool {
	return (day-1)/7 == n-1 && time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday() == time.Monday
}

// equinox is the day of the month by the formula of the Hydrographic Department (海上保安庁水路部) for 1980 to 2099.
func equinox(day1980 float64, year int) int {
	since := year - 1980
	return int(day1980+0.242194*float64(since)) - since/4
}
