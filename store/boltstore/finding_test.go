package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

func findStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir()+"/find.db", Options{HMACKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func crowd(n int) []crm.Person {
	c := mailgen.NewCrowd(3)
	out := make([]crm.Person, n)
	for i := range out {
		m := c.Person(i)
		out[i] = crm.Person{ID: crm.DerivedID("crowd", fmt.Sprint(i)), Kind: crm.Lead, Name: m.Name, FamilyName: m.Family, GivenName: m.Given, Kana: m.Kana,
			Company: c.Company(m.Account).Name, Emails: []string{m.Email}, Phones: []crm.Phone{{Number: m.Phone, E164: crm.NormalizePhone(m.Phone, "")}}}
		if i%3 == 0 {
			out[i].Kind = crm.Contact
		}
		if i%50 == 0 {
			out[i].Name = "とても長い名前の同じ書き出しを持つ人 " + fmt.Sprint(i%7)
		}
	}
	return out
}

func TestListsFindWhatAScanFinds(t *testing.T) {
	s, people := findStore(t), crowd(2*segmentSize+700)
	for part := range slices.Chunk(people, 2000) {
		if err := s.SavePeople(t.Context(), "test", part); err != nil {
			t.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var changed []crm.Person // have stale entries in a segment
	for range 300 {
		p := &people[rng.IntN(len(people))]
		p.Name += "改"
		changed = append(changed, *p)
	}
	if err := s.SavePeople(t.Context(), "test", changed); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"田", "a", "7", "鑰", "田中", "佐藤 太郎", "サトウ", "ro", "株式会社", "example", "taro.sato1@", "03-12", "勅使河原", "改", "とても長い", "人 3", "qz", "ト", "-", "太郎 株式会社 1"} {
		for _, kind := range []crm.PersonKind{"", crm.Lead} {
			words := findWords(query)
			var want []string
			for i := range people {
				if doc := personDoc(&people[i]); (kind == "" || people[i].Kind == kind) && allIn(doc.text, words) {
					want = append(want, string(nameKey(people[i].Name, idOf(people[i].ID))))
				}
			}
			slices.Sort(want)
			var got []string
			for after, pages := "", 0; pages < 40; pages++ {
				list, next, err := s.ListPeople(t.Context(), crm.PeopleFilter{Query: query, Kind: kind, After: after, Limit: 30})
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range list {
					got = append(got, string(nameKey(p.Name, idOf(p.ID))))
				}
				if after = next; next == "" {
					break
				}
			}
			want = want[:min(len(want), 40*30)]
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q of %q: %d instead of %d (-want +got):\n%.2000s", query, kind, len(got), len(want), diff)
			}
		}
	}
}

func TestNothingOfThePersonStaysInTheIndex(t *testing.T) {
	s, people := findStore(t), crowd(segmentSize-1)
	old := crm.Person{ID: "gone", Kind: crm.Lead, Name: "龗 龖", Emails: []string{"xqxqx@erased.example"}}
	later := old
	later.Name = "驫 鱻"
	for _, list := range [][]crm.Person{{old}, people, {later}, {{ID: "other", Kind: crm.Lead, Name: "驫麤", Emails: []string{"o@o.example"}}}} {
		if err := s.SavePeople(t.Context(), "test", list); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(what string) bool {
		found := false
		err := s.contained(func(tx *bbolt.Tx) error {
			entries := func(_, v []byte) error {
				found = found || bytes.Contains(v, []byte(what))
				return nil
			}
			terms := func(_, v []byte) error {
				return termTable(v).each(termRange{0, ^term(0)}, func(at term, _ []byte) error {
					found = found || bytes.Contains(binary.BigEndian.AppendUint64(nil, uint64(at)), []byte(what))
					return nil
				})
			}
			return errors.Join(tx.Bucket(bucketFindDocs).ForEach(entries), tx.Bucket(bucketFindRecent).ForEach(entries), tx.Bucket(bucketFindTerms).ForEach(terms))
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if !holds("龗") || !holds("xqx") {
		t.Fatal("the test looks in the wrong place")
	}
	if _, _, err := s.Erase(t.Context(), "test", "xqxqx@erased.example", time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"龗", "龖", "鱻", "xqx"} {
		if holds(what) {
			t.Errorf("%s is still there", what)
		}
	}
	list, _, err := s.ListPeople(t.Context(), crm.PeopleFilter{Query: "驫"})
	if err != nil || len(list) != 1 || list[0].ID != "other" {
		t.Errorf("the others: %v, %v", list, err)
	}
	if list, _, err := s.ListPeople(t.Context(), crm.PeopleFilter{Query: people[7].Emails[0]}); err != nil || len(list) == 0 {
		t.Errorf("the rest of the segment: %v, %v", list, err)
	}
}

func TestIndexOfAnOlderStore(t *testing.T) {
	s, people := findStore(t), crowd(segmentSize+100)
	if err := s.SavePeople(t.Context(), "test", people); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAccounts(t.Context(), "test", []crm.Account{{ID: "a", Name: "株式会社サンプル"}}); err != nil {
		t.Fatal(err)
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range append(findBuckets(), bucketMarks, bucketFollowing, bucketFollowTime, bucketCounts) {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		for _, space := range []byte{spacePeople, spaceAccounts} {
			if err := tx.Bucket(bucketMeta).Delete(findIndex{tx, space}.countName()); err != nil {
				return err
			}
		}
		return nil
	})
	pieces, more := 0, true
	for ; err == nil && more; pieces++ { // as often as it is interrupted
		err = s.db.Update(func(tx *bbolt.Tx) error {
			more, err = addLives(tx, segmentSize)
			return err
		})
	}
	if err != nil || pieces != 3 {
		t.Fatalf("%d pieces, %v", pieces, err)
	}
	if n, err := s.CountFollowing(t.Context()); err != nil || n != segmentSize+101 {
		t.Errorf("%d are marked, %v", n, err)
	}
	leads, counted := 0, 0
	for _, p := range people {
		if p.Kind == crm.Lead {
			leads++
		}
	}
	loads, err := s.Loads(t.Context())
	for _, load := range loads {
		for _, n := range load.Leads {
			counted += n
		}
	}
	if err != nil || counted != leads {
		t.Errorf("%d of %d leads are counted, %v", counted, leads, err)
	}
	for _, p := range []crm.Person{people[0], people[segmentSize-1], people[segmentSize+50]} {
		list, _, err := s.ListPeople(t.Context(), crm.PeopleFilter{Query: p.Emails[0]})
		if err != nil || !slices.ContainsFunc(list, func(o crm.Person) bool { return o.ID == p.ID }) {
			t.Errorf("%s is not found: %v", p.Name, err)
		}
	}
	people[3].Name = "ä" + people[3].Name
	if err := s.SavePeople(t.Context(), "test", people[3:4]); err != nil {
		t.Fatal(err)
	}
	if list, _, err := s.ListPeople(t.Context(), crm.PeopleFilter{Query: "ä"}); err != nil || len(list) != 1 {
		t.Errorf("what is saved after: %v, %v", list, err)
	}
	err = s.view(t.Context(), func(tx *bbolt.Tx) error {
		twins, err := twinAccountsOf(tx, crm.Account{ID: "b", Name: "サンプル(株)"})
		if len(twins) != 1 || twins[0].ID != "a" {
			t.Errorf("twins: %v", twins)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwins(t *testing.T) {
	s := findStore(t)
	if err := s.SaveAccounts(t.Context(), "test", []crm.Account{{ID: "acc", Name: "株式会社サンプル"}}); err != nil {
		t.Fatal(err)
	}
	err := s.SavePeople(t.Context(), "test", []crm.Person{
		{ID: "me", Kind: crm.Lead, Name: "田中 太郎", Company: "㈱サンプル", Emails: []string{"T@sample.example"}, Phones: []crm.Phone{{Number: "x", E164: "+819012345678"}}},
		{ID: "address", Kind: crm.Lead, Name: "別人", Emails: []string{"t@sample.example"}},
		{ID: "phone", Kind: crm.Lead, Name: "別人", Phones: []crm.Phone{{Number: "y", E164: "+819012345678"}}},
		{ID: "name", Kind: crm.Contact, Name: "田中太郎", AccountID: "acc"},
		{ID: "other", Kind: crm.Lead, Name: "田中 太郎", Company: "株式会社サンプル商会"},
	})
	if err != nil {
		t.Fatal(err)
	}
	twins, err := s.Twins(t.Context(), "me")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range twins {
		got = append(got, p.ID+" "+p.Company)
	}
	if diff := cmp.Diff([]string{"address ", "phone ", "name 株式会社サンプル"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := s.Twins(t.Context(), "nobody"); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
}

// FuzzTermTable reads tables that nobody wrote.
func FuzzTermTable(f *testing.F) {
	b := newSegmentBuilder()
	b.add(3, "田中 太郎\ntaro@example.jp")
	b.add(4095, "田中")
	f.Add([]byte(b.encode()))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var m bitmap
		_ = termTable(raw).mark(termRange{0, ^term(0)}, &m)
		_ = termTable(raw).mark(exactly(0, "田中"), &m)
	})
}
