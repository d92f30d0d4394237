//go:build unix

package boltstore_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/lifecycle"
)

// flagCrowd is how many people are in the store of the benchmarks of saving, following and importing. With -dir they are
// stored once for all runs of the benchmark of importing.
var flagCrowd = flag.Int("crowd", 100_000, "people stored before the benchmarks of following and importing")

func crowdPerson(c *mailgen.Crowd, n int, now time.Time) crm.Person {
	p := c.Person(n)
	made := now.AddDate(0, 0, -n%700)
	return crm.Person{ID: personID(n), Kind: crm.Lead, Name: p.Name, FamilyName: p.Family, GivenName: p.Given, Kana: p.Kana,
		Company: c.Company(p.Account).Name, Emails: []string{p.Email}, Phones: []crm.Phone{{Number: p.Phone, E164: crm.NormalizePhone(p.Phone, "JP")}},
		Owner: fmt.Sprintf("rep%d@example.co.jp", n%100), Status: crm.StatusNew, Origin: "import", Created: made, Updated: made,
		Given: crm.Touch{Channel: fmt.Sprintf("channel %d", n%8), Campaign: fmt.Sprintf("campaign %d", n%60)}}
}

func saveCrowd(b *testing.B, s *boltstore.Store) {
	b.Helper()
	crowd, now := mailgen.NewCrowd(1), time.Now().UTC()
	for done := 0; done < *flagCrowd; done += 10_000 {
		people := make([]crm.Person, 10_000)
		for i := range people {
			people[i] = crowdPerson(crowd, done+i, now)
		}
		if err := s.SavePeople(b.Context(), "bench", people); err != nil {
			b.Fatal(err)
		}
	}
}

func openCrowd(b *testing.B) *boltstore.Store {
	b.Helper()
	dir := *flagDir
	if dir == "" {
		dir = b.TempDir()
	}
	s, err := boltstore.Open(b.Context(), filepath.Join(dir, fmt.Sprintf("crowd-%d.db", *flagCrowd)), options(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// perSecond reports how many of something there were per second of processor time and of the clock.
func perSecond(b *testing.B, what string, n int, cpu time.Duration, began time.Time) {
	b.ReportMetric(float64(n)/cpu.Seconds(), what+"/cpu-s")
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), what+"/s")
}

// BenchmarkSavePeople stores people with all their indexes.
func BenchmarkSavePeople(b *testing.B) {
	s := openCrowd(b)
	for b.Loop() {
		began, cpu := time.Now(), processor(b)
		saveCrowd(b, s)
		perSecond(b, "people", *flagCrowd, processor(b)-cpu, began)
	}
}

// BenchmarkFollowCrowd follows people of whom each has about five mails, as after a change of the rules.
func BenchmarkFollowCrowd(b *testing.B) {
	s := openCrowd(b)
	saveCrowd(b, s)
	if err := s.DeclareSources(b.Context(), []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
		b.Fatal(err)
	}
	claim, ok, err := s.ClaimSource(b.Context(), "a", time.Now(), time.Hour)
	if err != nil || !ok {
		b.Fatal(ok, err)
	}
	const followed = 20_000 // of the crowd, so that making the mails does not take longer than following
	traffic, among := newTraffic(0), rand.New(rand.NewPCG(5, 6))
	for range followed * 5 / 1000 {
		writes := traffic.batch(1000)
		for i := range writes {
			if a := writes[i].Activity; a != nil {
				a.People[0].ID, a.People[0].Kind, a.Accounts = personID(among.IntN(followed)), crm.Lead, nil
			}
		}
		if err := s.Commit(b.Context(), crm.Commit{Source: "a", Owner: "sato@example.co.jp", Epoch: claim.Source.Epoch, At: benchStart, Writes: writes}); err != nil {
			b.Fatal(err)
		}
	}
	for n := 0; b.Loop(); n++ {
		follower := crowdFollower(b, s, fmt.Sprint("bench", n))
		began, cpu := time.Now(), processor(b)
		n, err := follower.CatchUp(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		perSecond(b, "people", n, processor(b)-cpu, began)
	}
}

// crowdFollower follows by the rules of an organisation that has none of its own.
func crowdFollower(b *testing.B, s *boltstore.Store, record string) *lifecycle.Follower {
	b.Helper()
	mapper, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}, Location: time.UTC}, mapping.Document{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return lifecycle.New(lifecycle.Config{Store: s, Rules: mapper.Life, Record: record})
}

// BenchmarkImport imports rows of which half are known, and follows those whom that concerns.
func BenchmarkImport(b *testing.B) {
	const rows = 20_000
	s, crowd := openCrowd(b), mailgen.NewCrowd(1)
	have, err := s.CountPeople(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if have == 0 {
		saveCrowd(b, s)
	}
	follower := crowdFollower(b, s, "bench")
	if _, err := follower.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	next := max(int(have), *flagCrowd)
	for b.Loop() {
		b.StopTimer()
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		_ = w.Write([]string{"氏名", "フリガナ", "会社名", "メールアドレス", "電話番号", "役職"}) // a buffer takes all
		known := rand.New(rand.NewPCG(3, uint64(next)))
		for i := range rows {
			n := known.IntN(*flagCrowd)
			if i%2 == 0 {
				n, next = next, next+1
			}
			p := crowd.Person(n)
			_ = w.Write([]string{p.Name, p.Kana, crowd.Company(p.Account).Name, p.Email, p.Phone, "課長"})
		}
		w.Flush()
		b.StartTimer()
		began, cpu := time.Now(), processor(b)
		sheet, err := importing.Read(&file)
		if err != nil {
			b.Fatal(err)
		}
		plan, err := importing.Make(b.Context(), s, sheet, importing.Options{})
		if err != nil {
			b.Fatal(err)
		}
		planned := processor(b) - cpu
		if _, err := plan.Apply(b.Context(), "bench"); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(planned.Seconds(), "plan-cpu-s")
		written := processor(b) - cpu
		b.ReportMetric((written - planned).Seconds(), "write-cpu-s")
		if _, err := follower.CatchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((processor(b) - cpu - written).Seconds(), "follow-cpu-s")
		perSecond(b, "rows", rows, processor(b)-cpu, began)
	}
}
