package life_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// A person with fifty activities, followed for the second time, as nearly all are.
func BenchmarkFollow(b *testing.B) {
	for _, n := range []int{5, 50, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newStory(b, rulesOf(b, life.Document{}))
			start := time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC)
			for i := range n {
				at := start.Add(time.Duration(i) * 36 * time.Hour).Format("2006-01-02 15:04")
				switch i % 5 {
				case 0:
					s.add(mailIn(b, at, "質問", signature(map[string]string{"company": "株式会社サンプル", "title": "部長"})))
				case 3:
					s.add(call(b, at, crm.CallAgain, crm.NextAction{}))
				default:
					s.add(mailOut(b, at, "回答"))
				}
			}
			now := start.AddDate(3, 0, 0)
			s.followAt(now)
			around := &life.Around{Now: now, Location: tokyo(b), Locale: "ja", Loads: s.loads}
			b.ReportAllocs()
			for b.Loop() {
				s.rules.Follow(s.f, around)
			}
		})
	}
}
