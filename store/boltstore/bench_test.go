//go:build unix

package boltstore_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// flagStored is how many activities the store holds before a benchmark of growth begins:
// go test -bench Grown -stored 5000000 -dir /var/tmp ./store/boltstore
var (
	flagStored = flag.Int("stored", 50_000, "activities stored before the benchmark of growth")
	flagDir    = flag.String("dir", "", "folder in which benchmarks keep the store between runs; a temporary one if empty")
)

var benchStart = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// traffic makes typical batches: nine of ten mails are logged to one or two of 100,000 people, the busy
// ones more often, the rest waits with two unknown addresses and two unknown messages that it answers, which makes every
// message that is logged be looked for among those that something waits for.
type traffic struct {
	r    *rand.Rand
	n    int
	text string
}

func newTraffic(from int) *traffic {
	return &traffic{r: rand.New(rand.NewPCG(1, uint64(from))), n: from, text: strings.Repeat("お世話になっております。Thank you for the quote. ", 60)}
}

func personID(n int) string { return crm.DerivedID("person", fmt.Sprint(n)) }
func accountID(n int) string {
	return crm.DerivedID("account", fmt.Sprint(n))
}

func (tr *traffic) key(n int) crm.Key {
	return crm.MessageKey(fmt.Sprintf("<%d@mail.example>", n), crm.MessageIdentity{})
}

func (tr *traffic) batch(size int) []crm.Write {
	out := make([]crm.Write, size)
	for i := range out {
		tr.n++
		at := benchStart.Add(time.Duration(tr.n) * 37 * time.Second)
		key := tr.key(tr.n)
		ext := fmt.Sprintf("INBOX;UIDVALIDITY=1;UID=%d", 100_000_000+tr.n)
		e := crm.Entry{ExternalID: ext, Key: key, SeenAt: at, ItemTime: at}
		if tr.r.IntN(10) == 0 {
			e.Verdict, e.Reason = crm.Unmatched, crm.ReasonNobody
			out[i] = crm.Write{Entry: e, Awaits: []crm.Key{tr.key(-2 * tr.n), tr.key(-2*tr.n - 1)}, Pending: []string{
				fmt.Sprintf("u%d@d%d.example.com", tr.r.IntN(50_000), tr.r.IntN(5_000)),
				fmt.Sprintf("v%d@e%d.example.jp", tr.r.IntN(50_000), tr.r.IntN(5_000))}}
			continue
		}
		p := int(float64(100_000) * tr.r.Float64() * tr.r.Float64() * tr.r.Float64())
		e.Verdict, e.Reason = crm.Logged, crm.ReasonMatched
		length := 400 + tr.r.IntN(2_600)
		text := tr.text[:length-length%3]
		out[i] = crm.Write{Entry: e, Activity: &crm.Activity{
			ID: string(key), Key: key, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal,
			Time: at, Subject: fmt.Sprintf("Re: お見積りの件 %d", tr.n), Text: strings.ToValidUTF8(text, ""), Version: 1,
			People: []crm.Participant{
				{Kind: crm.Contact, ID: personID(p), Name: "田中 太郎", Address: fmt.Sprintf("p%d@c%d.co.jp", p, p/10), Role: crm.RoleFrom},
				{Name: "佐藤", Address: "sato@example.co.jp", Role: crm.RoleTo, Internal: true},
			},
			Accounts: []string{accountID(p / 10)}, Owners: []string{"sato@example.co.jp"},
			Observed: []crm.Observation{{Source: "a", ExternalID: ext, Owner: "sato@example.co.jp", Folder: "INBOX"}},
			Thread:   string(key),
			Match:    crm.Match{Rule: crm.RuleAddress, Evidence: fmt.Sprintf("p%d@c%d.co.jp", p, p/10)},
		}}
	}
	return out
}

type benchStore struct {
	*boltstore.Store
	path  string
	claim crm.Claim
}

func openBench(b *testing.B, path string) *benchStore {
	ctx := context.Background()
	s, err := boltstore.Open(ctx, path, options(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if err := s.DeclareSources(ctx, []crm.Source{{ID: "a", Kind: "imap", Owner: "sato@example.co.jp"}}, benchStart); err != nil {
		b.Fatal(err)
	}
	claim, ok, err := s.ClaimSource(ctx, "a", time.Now().Add(24*time.Hour), 0)
	if err != nil || !ok {
		b.Fatal(ok, err)
	}
	b.Cleanup(func() {
		s.Settle(ctx, crm.Settlement{Source: "a", Epoch: claim.Source.Epoch, State: crm.SourceOK})
	})
	return &benchStore{s, path, claim}
}

func (s *benchStore) commit(b *testing.B, writes []crm.Write) {
	err := s.Commit(context.Background(), crm.Commit{Source: "a", Epoch: s.claim.Source.Epoch, Owner: "sato@example.co.jp",
		MoveCursor: true, Cursor: "x", Writes: writes, At: benchStart})
	if err != nil {
		b.Fatal(err)
	}
}

func (s *benchStore) stored(b *testing.B) int {
	src, err := s.GetSource(context.Background(), "a")
	if err != nil {
		b.Fatal(err)
	}
	return int(src.Tally.Seen)
}

// BenchmarkCommit is durable commits of 1,000 typical mails by one source into an empty store.
func BenchmarkCommit(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "store.db"))
	benchCommit(b, s)
}

// BenchmarkGrown is the same on top of -stored mails.
func BenchmarkGrown(b *testing.B) {
	benchCommit(b, grown(b))
}

// grown is a store with at least -stored mails.
func grown(b *testing.B) *benchStore {
	path := filepath.Join(b.TempDir(), "store.db")
	if *flagDir != "" {
		path = filepath.Join(*flagDir, "store.db")
	}
	s := openBench(b, path)
	tr := newTraffic(s.stored(b))
	for s.stored(b) < *flagStored {
		s.commit(b, tr.batch(1000))
	}
	return s
}

func benchCommit(b *testing.B, s *benchStore) {
	tr := newTraffic(s.stored(b))
	b.ReportAllocs()
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		writes := tr.batch(1000)
		before := processor(b)
		b.StartTimer()
		s.commit(b, writes)
		used += processor(b) - before
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "mails/s")
	b.ReportMetric(float64(used.Microseconds())/float64(b.N*1000), "cpu-µs/mail")
	b.ReportMetric(0, "ns/op")
}

// processor is the processor time used so far; on a busy machine it says more than the clock.
func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkLookup asks for one address among -people people.
func BenchmarkLookup(b *testing.B) {
	s := withPeople(b)
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		address := fmt.Sprintf("p%d@c%d.co.jp", r.IntN(*flagPeople), 0)
		if answer, err := s.Lookup(context.Background(), crm.Question{Addresses: []string{address}}); err != nil || len(answer.Addresses) != 1 {
			b.Fatal(answer, err)
		}
	}
}

// BenchmarkSearch looks for a name that one of -people people has, which reads the whole index.
func BenchmarkSearch(b *testing.B) {
	s := withPeople(b)
	for b.Loop() {
		list, _, err := s.ListPeople(context.Background(), crm.PeopleFilter{Query: fmt.Sprintf("p%d@", *flagPeople-1)})
		if err != nil || len(list) != 1 {
			b.Fatal(len(list), err)
		}
	}
}

var flagPeople = flag.Int("people", 100_000, "people stored before the benchmarks of look-ups")

func withPeople(b *testing.B) *benchStore {
	s := openBench(b, filepath.Join(b.TempDir(), "store.db"))
	const chunk = 10_000
	for n := 0; n < *flagPeople; {
		var people []crm.Person
		for ; n < *flagPeople && len(people) < chunk; n++ {
			people = append(people, crm.Person{ID: personID(n), Kind: crm.Contact, Name: fmt.Sprintf("田中 太郎%d", n), Kana: "タナカ タロウ",
				AccountID: accountID(n / 10), Emails: []string{fmt.Sprintf("p%d@c0.co.jp", n)}})
		}
		if err := s.SavePeople(context.Background(), "bench", people); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// BenchmarkTimeline reads a page of 50 in the middle of the timeline of an account that has -stored
// activities, BenchmarkRollups a quarter of a year.
func BenchmarkTimeline(b *testing.B) {
	s := grown(b)
	middle := benchStart.Add(time.Duration(s.stored(b)/2) * 37 * time.Second)
	for _, test := range []struct {
		name string
		f    crm.ActivityFilter
	}{
		{"newest", crm.ActivityFilter{Owner: "sato@example.co.jp"}},
		{"middle", crm.ActivityFilter{Owner: "sato@example.co.jp", Until: middle}},
		{"account", crm.ActivityFilter{Account: accountID(0)}},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				if list, _, err := s.ListActivities(context.Background(), test.f); err != nil || len(list) != 50 {
					b.Fatal(len(list), err)
				}
			}
		})
	}
	b.Run("rollups", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Rollups(context.Background(), "2026-01-01", "2026-03-31"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOutcomes looks for the meetings of an owner of -stored mails that want an outcome.
func BenchmarkOutcomes(b *testing.B) {
	s := grown(b)
	now := benchStart.Add(time.Duration(s.stored(b)) * 37 * time.Second)
	for b.Loop() {
		if list, err := s.ListOutcomes(context.Background(), "sato@example.co.jp", now, 20); err != nil || len(list) != 0 {
			b.Fatal(len(list), err)
		}
	}
}

// BenchmarkOpen opens a store of -stored activities.
func BenchmarkOpen(b *testing.B) {
	s := grown(b)
	path := s.path
	s.Close()
	for b.Loop() {
		s, err := boltstore.Open(context.Background(), path, options(b))
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
