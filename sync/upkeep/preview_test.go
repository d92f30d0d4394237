package upkeep_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

func candidate(t testing.TB, d mapping.Document) upkeep.Candidate {
	t.Helper()
	m, problems := mapping.New(mapping.Organization{Domains: []string{"ours.example"}}, d, mapping.Source{ID: "a", Owner: "sato@ours.example", NewPeople: mapping.PolicyNever})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	text, err := yaml.Dump(d)
	if err != nil {
		t.Fatal(err)
	}
	return upkeep.Candidate{Mapper: m, Document: string(text), Rows: 1000}
}

func (r *rig) hash() [32]byte {
	r.t.Helper()
	var out bytes.Buffer
	if err := r.store.Backup(r.ctx, &out); err != nil {
		r.t.Fatal(err)
	}
	return sha256.Sum256(out.Bytes())
}

// TestPreviewSaysWhatApplyDoes tries documents, applies them, and compares.
func TestPreviewSaysWhatApplyDoes(t *testing.T) {
	off := false
	for name, c := range map[string]struct {
		first, second             mapping.Document
		add, change, remove, same int
	}{
		"nothing new":  {mapping.Document{}, mapping.Document{}, 0, 0, 0, 40},
		"an exclusion": {mapping.Document{}, withoutSuzuki(), 0, 0, 20, 20},
		"another one":  {withoutSuzuki(), mapping.Document{Screen: mapping.Screen{Addresses: []string{tanaka}}}, 20, 0, 20, 0},
		"none at last": {withoutSuzuki(), mapping.Document{}, 20, 0, 0, 20},
		"no domains":   {mapping.Document{}, mapping.Document{Match: mapping.MatchRules{Domain: &off}}, 0, 0, 0, 40},
	} {
		t.Run(name, func(t *testing.T) {
			r := many(t, 40)
			r.save(c.first)
			r.once()
			hash, before := r.hash(), r.export()
			p, err := r.Preview(r.ctx, candidate(t, c.second))
			if err != nil {
				t.Fatal(err)
			}
			if p.Add != c.add || p.Change != c.change || p.Remove != c.remove || p.Same != c.same || p.Skipped+p.Unread != 0 {
				t.Errorf("%+v, want %+v", p, c)
			}
			if p.Add+p.Change+p.Remove != len(p.Samples) {
				t.Errorf("%d samples", len(p.Samples))
			}
			if r.hash() != hash || r.export() != before {
				t.Error("the preview wrote something")
			}
			r.save(c.second)
			report := r.once()
			if report.Excluded != c.remove || report.Readmitted != c.add {
				t.Errorf("applied: %+v, foretold: %+v", report, p)
			}
		})
	}
}

func TestPreviewIsBounded(t *testing.T) {
	r := many(t, 40)
	r.save(withoutSuzuki())
	r.once()
	c := candidate(t, mapping.Document{})
	c.Rows = 7
	p, err := r.Preview(r.ctx, c)
	if err != nil || p.Add != 7 || p.Unread != 13 || p.Same != 20 {
		t.Errorf("%+v, %v, want 7 read again and 13 not", p, err)
	}
	c.Since = r.box.mails[30].Received
	if p, err = r.Preview(r.ctx, c); err != nil || p.Add != 5 || p.Same != 5 {
		t.Errorf("%+v, %v, want the last ten only", p, err)
	}
	r.box.gone[39] = true
	if p, err = r.Preview(r.ctx, c); err != nil || p.Add != 4 || p.Skipped != 1 {
		t.Errorf("%+v, %v, want one that cannot be read", p, err)
	}
}

func TestPreviewKeepsTheFirstSamplesInOrder(t *testing.T) {
	r := many(t, 5000)
	want := ""
	for range 5 {
		p, err := r.Preview(r.ctx, candidate(t, withoutSuzuki()))
		if err != nil || p.Remove != 2500 || len(p.Samples) != 20 {
			t.Fatalf("%d removed, %d samples, %v", p.Remove, len(p.Samples), err)
		}
		got := fmt.Sprint(p.Samples)
		if want == "" {
			want = got
		}
		if got != want {
			t.Error("the samples depend on which worker is faster")
		}
	}
}

// BenchmarkPreview tries an exclusion and other matching on 100,000 stored mails of 5,000 people.
func BenchmarkPreview(b *testing.B) {
	const mails, people = 100_000, 5_000
	ctx := b.Context()
	store, err := boltstore.Open(ctx, filepath.Join(b.TempDir(), "store.db"), boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	var list []crm.Person
	for n := range people {
		list = append(list, crm.Person{ID: crm.DerivedID("person", fmt.Sprint(n)), Kind: crm.Lead, Name: fmt.Sprint("Person ", n), Emails: []string{fmt.Sprintf("p%d@client%d.example", n, n%500)}})
	}
	if err := store.SavePeople(ctx, "cli", list); err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	if err := store.DeclareSources(ctx, []crm.Source{{ID: "a", Kind: "imap"}}, now); err != nil {
		b.Fatal(err)
	}
	claim, _, err := store.ClaimSource(ctx, "a", now, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("お世話になっております。", 40)
	for start := 0; start < mails; start += 1000 {
		c := crm.Commit{Source: "a", Epoch: claim.Source.Epoch, Owner: "sato@ours.example", At: now}
		for n := start; n < start+1000; n++ {
			id, p := crm.MessageKey(fmt.Sprint(n), crm.MessageIdentity{}), list[n%people]
			ext := fmt.Sprint(n)
			c.Writes = append(c.Writes, crm.Write{
				Entry: crm.Entry{Source: "a", ExternalID: ext, Key: id, SeenAt: now, ItemTime: now, Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: string(id)},
				Activity: &crm.Activity{ID: string(id), Key: id, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal, Time: now.Add(-time.Duration(n) * time.Second), Subject: "件名 " + ext, Text: text,
					People: []crm.Participant{{Kind: crm.Lead, ID: p.ID, Address: p.Emails[0], Role: crm.RoleFrom}, {Address: "sato@ours.example", Role: crm.RoleTo, Internal: true}}, Owners: []string{"sato@ours.example"},
					Observed: []crm.Observation{{Source: "a", ExternalID: ext, Owner: "sato@ours.example"}}, Match: crm.Match{Rule: crm.RuleAddress, Evidence: p.Emails[0]}, Version: 1},
			})
		}
		if err := store.Commit(ctx, c); err != nil {
			b.Fatal(err)
		}
	}
	u := upkeep.New(upkeep.Config{Store: store, Directory: store})
	c := candidate(b, mapping.Document{Screen: mapping.Screen{Domains: []string{"client7.example"}}})
	for b.Loop() {
		activities, err := u.PreviewActivities(ctx, c)
		if err != nil || activities.Remove != mails/500 {
			b.Fatalf("%+v, %v", activities, err)
		}
	}
}

// TestDifferencesAreToldApart holds what a preview says of a changed activity to its fields, and the English of the command line
// to the same.
func TestDifferencesAreToldApart(t *testing.T) {
	was := crm.Activity{Subject: "見積", Owners: []string{"sato@example.co.jp"}, Match: crm.Match{Rule: "address", Evidence: "t@client.co.jp"}, Custom: map[string]string{"size": "1"}}
	now := was
	now.Subject, now.Custom, now.Match = "見積 "+strings.Repeat("x", 100), map[string]string{"size": "2"}, crm.Match{Rule: "domain", Evidence: "client.co.jp"}
	want := []upkeep.FieldChange{{Field: "match", Before: "logged: address t@client.co.jp", After: "logged: domain client.co.jp"}, {Field: "subject", Before: "見積", After: "見積 " + strings.Repeat("x", 77) + "…"}, {Field: "custom.size", Before: "1", After: "2"}}
	if got := upkeep.Differences(&was, &now); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if before, after := upkeep.Difference(&was, &now); before != "logged: address t@client.co.jp; subject “見積”; custom.size “1”" || !strings.HasPrefix(after, "logged: domain client.co.jp; subject “見積 xx") {
		t.Errorf("%q, %q", before, after)
	}
}
