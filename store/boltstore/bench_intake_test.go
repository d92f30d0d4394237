//go:build unix

package boltstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// enquiry is a typical submission of about a kilobyte; one of ten is an edit or a repetition of an earlier one.
func enquiry(r *rand.Rand, n int) crm.Submission {
	if n > 10 && r.IntN(10) == 0 {
		n -= 10
	}
	response := fmt.Sprint(n)
	return crm.Submission{ID: crm.SubmissionID("contact", response), Form: "contact", Response: response, At: benchStart, State: crm.SubmissionAccepted,
		Fields: []crm.FormField{{Name: "name", Values: []string{"田中 太郎"}}, {Name: "company", Values: []string{"株式会社サンプル商事"}},
			{Name: "email", Values: []string{fmt.Sprintf("tanaka%d@sample.co.jp", n)}}, {Name: "phone", Values: []string{"03-1234-5678"}},
			{Name: "message", Values: []string{newTraffic(n).text[:700+r.IntN(2)]}}},
		Touch: crm.Touch{Source: "google", Medium: "cpc", Campaign: "spring", Landing: "https://example.co.jp/lp"}}
}

// BenchmarkSubmissions is durable submissions from 50 clients at once, with and without a source that makes activities
// and leads of them in batches of 500 meanwhile.
func BenchmarkSubmissions(b *testing.B) {
	for _, reading := range []bool{false, true} {
		b.Run(fmt.Sprintf("reading=%v", reading), func(b *testing.B) {
			s := openBench(b, filepath.Join(b.TempDir(), "store.db"))
			ctx, stop := context.WithCancel(context.Background())
			var reader sync.WaitGroup
			if reading {
				reader.Go(func() { s.read(ctx, b) })
			}
			const clients = 50
			took := make([][]time.Duration, clients)
			var next atomic.Int64
			var group sync.WaitGroup
			before := processor(b)
			b.ResetTimer()
			for c := range clients {
				group.Go(func() {
					r := rand.New(rand.NewPCG(1, uint64(c)))
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						began := time.Now()
						if _, _, err := s.AddSubmission(ctx, enquiry(r, int(n))); err != nil {
							b.Error(err)
						}
						took[c] = append(took[c], time.Since(began))
					}
				})
			}
			group.Wait()
			b.StopTimer()
			stop()
			reader.Wait()
			used := processor(b) - before
			all := slices.Sorted(slices.Values(slices.Concat(took...)))
			b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "submissions/s")
			b.ReportMetric(float64(used.Microseconds())/float64(len(all)), "cpu-µs/submission")
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// read makes an activity and a lead of each submission until the context ends.
func (s *benchStore) read(ctx context.Context, b *testing.B) {
	after, total := uint64(0), 0
	for s.WaitSubmission(ctx, after) == nil {
		list, err := s.ListSubmissions(ctx, after, 500)
		if err != nil {
			return
		}
		var writes []crm.Write
		for i := range list {
			sub := &list[i]
			after = sub.Seq
			person := crm.DerivedID("person", sub.Fields[2].Values[0])
			writes = append(writes, crm.Write{
				Entry:  crm.Entry{ExternalID: sub.ID, Key: crm.SubmissionKey(*sub), SeenAt: benchStart, ItemTime: sub.At, Verdict: crm.Logged, Reason: crm.ReasonMatched},
				People: []crm.Person{{ID: person, Kind: crm.Lead, Name: "田中 太郎", Company: "株式会社サンプル商事", Emails: sub.Fields[2].Values, Created: benchStart, Updated: benchStart}},
				Activity: &crm.Activity{ID: sub.ID, Key: crm.SubmissionKey(*sub), Kind: crm.KindForm, Direction: crm.DirectionIn, Time: sub.At, Version: sub.Version,
					Text: sub.Fields[4].Values[0], Form: sub.Form, Fields: sub.Fields, Touch: sub.Touch, Match: crm.Match{Rule: crm.RuleForm, Evidence: person},
					People: []crm.Participant{{Kind: crm.Lead, ID: person, Role: crm.RoleSubmitter}}},
			})
		}
		total += len(writes)
		s.commit(b, writes)
	}
	b.ReportMetric(float64(total), "read")
}

// BenchmarkIdentities asks for one telephone number and one name among -people people.
func BenchmarkIdentities(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "store.db"))
	phone := func(n int) string { return fmt.Sprintf("+81%09d", n) }
	company := func(n int) string { return fmt.Sprint("サンプル商事", n) }
	for n := 0; n < *flagPeople; {
		var people []crm.Person
		for ; n < *flagPeople && len(people) < 10_000; n++ {
			people = append(people, crm.Person{ID: personID(n), Kind: crm.Lead, Name: "田中 太郎", Company: company(n),
				Phones: []crm.Phone{{E164: phone(n)}}, Emails: []string{fmt.Sprintf("p%d@c0.co.jp", n)}})
		}
		if err := s.SavePeople(context.Background(), "bench", people); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 1000)
	for i := range names {
		names[i] = crm.NameKey("田中 太郎", company(r.IntN(*flagPeople)))
	}
	for b.Loop() {
		q := crm.Question{Phones: []string{phone(r.IntN(*flagPeople))}, Names: []string{names[r.IntN(len(names))]}}
		if answer, err := s.Lookup(context.Background(), q); err != nil || len(answer.Phones)+len(answer.Names) != 2 {
			b.Fatal(answer, err)
		}
	}
}
