package crm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The days as the Cabinet Office publishes them (国民の祝日について). "s" is a substitute, "k" a day between two holidays.
func publishedHolidays() map[int]string {
	return map[int]string{
		2016: "1/1 1/11 2/11 3/20 3/21s 4/29 5/3 5/4 5/5 7/18 8/11 9/19 9/22 10/10 11/3 11/23 12/23",
		2017: "1/1 1/2s 1/9 2/11 3/20 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/23 10/9 11/3 11/23 12/23",
		2018: "1/1 1/8 2/11 2/12s 3/21 4/29 4/30s 5/3 5/4 5/5 7/16 8/11 9/17 9/23 9/24s 10/8 11/3 11/23 12/23 12/24s",
		2019: "1/1 1/14 2/11 3/21 4/29 4/30k 5/1 5/2k 5/3 5/4 5/5 5/6s 7/15 8/11 8/12s 9/16 9/23 10/14 10/22 11/3 11/4s 11/23",
		2020: "1/1 1/13 2/11 2/23 2/24s 3/20 4/29 5/3 5/4 5/5 5/6s 7/23 7/24 8/10 9/21 9/22 11/3 11/23",
		2021: "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9s 9/20 9/23 11/3 11/23",
		2022: "1/1 1/10 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/18 8/11 9/19 9/23 10/10 11/3 11/23",
		2023: "1/1 1/2s 1/9 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/23 10/9 11/3 11/23",
		2024: "1/1 1/8 2/11 2/12s 2/23 3/20 4/29 5/3 5/4 5/5 5/6s 7/15 8/11 8/12s 9/16 9/22 9/23s 10/14 11/3 11/4s 11/23",
		2025: "1/1 1/13 2/11 2/23 2/24s 3/20 4/29 5/3 5/4 5/5 5/6s 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24s",
		2026: "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6s 7/20 8/11 9/21 9/22k 9/23 10/12 11/3 11/23",
		2027: "1/1 1/11 2/11 2/23 3/21 3/22s 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23",
	}
}

func TestJapaneseHolidaysAreThePublishedOnes(t *testing.T) {
	for year, want := range publishedHolidays() {
		t.Run(fmt.Sprint(year), func(t *testing.T) {
			var got []string
			for day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
				name := crm.JapaneseHoliday(day.Date())
				if name == "" {
					continue
				}
				mark := map[string]string{"振替休日": "s", "国民の休日": "k"}[name]
				got = append(got, fmt.Sprintf("%d/%d%s", day.Month(), day.Day(), mark))
			}
			if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJapaneseHolidayNames(t *testing.T) {
	for day, want := range map[string]string{
		"2015-09-22": "国民の休日", "2009-09-22": "国民の休日", "2012-09-22": "秋分の日", "2018-12-23": "天皇誕生日", "2019-12-23": "",
		"2019-02-23": "", "2020-02-23": "天皇誕生日", "2019-05-01": "即位の日", "2019-10-22": "即位礼正殿の儀", "2019-10-14": "体育の日",
		"2022-10-10": "スポーツの日", "2015-08-11": "", "2020-10-12": "", "2026-11-23": "勤労感謝の日", "2026-12-29": "", "2006-01-01": "", "2100-01-01": "",
		"2032-09-21": "国民の休日", "2044-03-20": "春分の日",
	} {
		date, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := crm.JapaneseHoliday(date.Date()); got != want {
			t.Errorf("%s is %q, want %q", day, got, want)
		}
	}
}
