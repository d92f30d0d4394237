package boltstore

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// unwritable are times that JSON cannot have.
func unwritable() map[string]time.Time {
	return map[string]time.Time{"before the year 1": time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 14*3600)).UTC(), "after 9999": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func TestTimesThatCannotBeWrittenDown(t *testing.T) {
	for name, at := range unwritable() {
		t.Run(name, func(t *testing.T) {
			var e encoder
			e.time(at)
			old := encoder{b: []byte{1}} // as it was kept once
			old.int(at.Unix())
			old.uint(0)
			for _, raw := range [][]byte{e.b, old.b} {
				d := decoder{s: string(raw)}
				if got := d.time(); d.bad || !got.Equal(crm.ClampTime(at)) {
					t.Errorf("read as %v, %v", got, d.bad)
				}
			}
			person := &crm.Person{Name: "会田", Consent: crm.Consent{At: at}, Custom: map[string]string{"a": "b"}, Emails: []string{"a@b.jp"}}
			standing := &crm.Standing{Entered: map[string]time.Time{"s": at}}
			for _, v := range []any{person, standing, []crm.Change{{At: at}}, (*crm.Person)(nil), nil} {
				if _, err := asJSON(v); err != nil {
					t.Errorf("%T: %v", v, err)
				}
			}
			if !person.Consent.At.Equal(at) {
				t.Error("the record itself was changed")
			}
			text, _ := asJSON(person)
			var back crm.Person
			if err := json.Unmarshal([]byte(text), &back); err != nil || back.Name != "会田" || back.Custom["a"] != "b" || back.Emails[0] != "a@b.jp" || !back.Consent.At.Equal(crm.ClampTime(at)) {
				t.Errorf("written as %s, %v", text, err)
			}
		})
	}
}

// Whoever's record is damaged does not keep others from being followed.
func TestADamagedRecordHoldsUpNobody(t *testing.T) {
	ctx := context.Background()
	for what, bucket := range map[string][]byte{"person": bucketPeople, "standing": bucketStandings} {
		t.Run(what, func(t *testing.T) {
			s, err := Open(ctx, filepath.Join(t.TempDir(), "store.db"), Options{HMACKey: make([]byte, 32), Location: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			people := []crm.Person{{ID: crm.NewID(), Kind: crm.Lead, Name: "会田"}, {ID: crm.NewID(), Kind: crm.Lead, Name: "青木"}}
			if err := s.SavePeople(ctx, "test", people); err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			follow := func(at time.Time) (failed, fine []string) {
				t.Helper()
				list, err := s.NextFollowing(ctx, at, at, 10, nil)
				if err != nil {
					t.Fatal(err)
				}
				out := make([]crm.Followed, len(list))
				for i, f := range list {
					out[i] = crm.Followed{ID: f.ID, Mark: f.Mark, Keep: f.Err != nil, Standing: crm.Standing{ID: f.ID, Look: at.Add(24 * time.Hour)}}
					if f.Err == nil {
						fine = append(fine, f.ID)
						continue
					}
					failed = append(failed, f.ID)
					if !errors.Is(f.Err, crm.ErrCorrupt) || f.Person != nil {
						t.Errorf("given as %+v", f)
					}
				}
				if err := s.Follow(ctx, out); err != nil {
					t.Fatal(err)
				}
				return failed, fine
			}
			if failed, fine := follow(now.Add(time.Hour)); len(failed) != 0 || len(fine) != 2 {
				t.Fatalf("at first: %v, %v", failed, fine)
			}
			id := idOf(people[0].ID)
			err = s.update(ctx, func(u *unit) error {
				u.mark(people[0].ID)
				u.mark(people[1].ID)
				return u.put(bucket, id[:], []byte{0xff})
			})
			if err != nil {
				t.Fatal(err)
			}
			failed, fine := follow(now.Add(48 * time.Hour))
			if len(failed) != 1 || failed[0] != people[0].ID || len(fine) != 1 {
				t.Errorf("failed %v, followed %v; want the damaged one, and the other", failed, fine)
			}
			if list, err := s.NextFollowing(ctx, now.Add(48*time.Hour), now.Add(48*time.Hour), 10, nil); err != nil || len(list) != 0 {
				t.Errorf("the queue does not end: %d are left, %v", len(list), err)
			}
		})
	}
}
