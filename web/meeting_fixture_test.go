package web

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// meetingStore is the embedded store with meetings that are held in memory, so that a test can put them in any state.
type meetingStore struct {
	*boltstore.Store
	mu   sync.Mutex
	held []crm.Activity
}

func (m *meetingStore) GetActivity(ctx context.Context, id string) (crm.Activity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.held {
		if a.ID == id {
			return a, nil
		}
	}
	return m.Store.GetActivity(ctx, id)
}

func (m *meetingStore) ListActivities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, string, error) {
	list, next, err := m.Store.ListActivities(ctx, f)
	if f.After != "" || err != nil {
		return list, next, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.held {
		switch {
		case f.Person != "" && !slices.ContainsFunc(a.People, func(p crm.Participant) bool { return p.ID == f.Person }),
			f.Account != "" && !slices.Contains(a.Accounts, f.Account), f.Owner != "" && !slices.Contains(a.Owners, f.Owner),
			!f.Since.IsZero() && a.Time.Before(f.Since), !f.Until.IsZero() && !a.Time.Before(f.Until):
		default:
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list, func(a, b crm.Activity) int { return b.Time.Compare(a.Time) })
	return list, next, nil
}

func (m *meetingStore) ListOutcomes(_ context.Context, owner string, now time.Time, limit int) ([]crm.Activity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []crm.Activity
	for _, a := range m.held {
		if slices.Contains(a.Owners, owner) && a.End.Before(now) && a.Outcome == nil && a.Status != crm.MeetingCancelled && len(out) < limit {
			out = append(out, a)
		}
	}
	return out, nil
}

func (m *meetingStore) SetOutcome(_ context.Context, _, id string, o crm.Outcome) (crm.Activity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.held {
		if m.held[i].ID == id {
			m.held[i].Outcome = &o
			return m.held[i], nil
		}
	}
	return crm.Activity{}, crm.ErrNotFound
}

// withMeetings is a web app whose store holds what build gives.
func withMeetings(tb testing.TB, build func(f *fixture) []crm.Activity, change ...func(*Config)) (*fixture, *meetingStore) {
	tb.Helper()
	held := &meetingStore{}
	f := newFixture(tb, append(change, func(c *Config) { held.Store, c.Store = c.Store.(*boltstore.Store), held })...)
	held.held = build(f)
	return f, held
}

// meeting is one of Sato's with Tanaka, an hour long.
func (f *fixture) meeting(uid, subject string, start time.Time) crm.Activity {
	key := crm.MeetingKey(uid, "")
	return crm.Activity{ID: string(key), Key: key, Kind: crm.KindMeeting, Direction: crm.DirectionOut, Time: start.UTC(), End: start.Add(time.Hour).UTC(),
		Subject: subject, Status: crm.MeetingConfirmed, Owners: []string{"sato@example.co.jp"}, Accounts: []string{f.client.ID}, Version: 1,
		Meeting: &crm.Meeting{UID: uid, Zone: "Asia/Tokyo", Location: "本社 3階 会議室A", Conference: "https://meet.google.com/abc-defg-hij"},
		People: []crm.Participant{
			{Name: "佐藤 花子", Address: "sato@example.co.jp", Role: crm.RoleOrganizer, Internal: true, Response: crm.ResponseAccepted},
			{Kind: crm.Contact, ID: f.tanaka.ID, Name: "田中 太郎", Address: "tanaka@client.co.jp", Role: crm.RoleAttendee, Response: crm.ResponseAccepted},
			{Name: "山田 次郎", Address: "yamada@client.co.jp", Role: crm.RoleAttendee, Response: crm.ResponseTentative, Optional: true},
			{Name: "法務部", Address: "legal@client.co.jp", Role: crm.RoleAttendee, Type: crm.TypeGroup},
			{Name: "会議室A(10名)", Address: "room-a@example.co.jp", Role: crm.RoleAttendee, Type: crm.TypeRoom, Internal: true, Response: crm.ResponseAccepted}},
		Observed: []crm.Observation{{Source: "sato-calendar", ExternalID: "primary/1;", Owner: "sato@example.co.jp", Folder: "佐藤 花子"}},
		Messages: []crm.Key{crm.MessageKey("invitation@test", crm.MessageIdentity{})},
		Match:    crm.Match{Rule: crm.RuleAddress, Evidence: "tanaka@client.co.jp"}}
}

// sampleMeetings are one of each sort.
func (f *fixture) sampleMeetings() []crm.Activity {
	held := f.meeting("held", "製品デモ", f.now.Add(-3*time.Hour))
	moved := f.meeting("moved", "価格のご相談", f.now.Add(26*time.Hour))
	moved.Meeting.Occurrence = "20261123T010000Z"
	moved.Revisions = []crm.Revision{{At: f.now.Add(-48 * time.Hour), Start: f.now.Add(2 * time.Hour), End: f.now.Add(3 * time.Hour), Location: "先方 受付", Status: crm.MeetingTentative, Subject: "価格の件(仮)"}}
	off := f.meeting("off", "キックオフ", f.now.Add(-27*time.Hour))
	off.Status = crm.MeetingCancelled
	private := f.meeting("private", "secret subject", f.now.Add(-5*time.Hour))
	private.Meeting.TimesOnly, private.Text, private.Direction = true, "secret text", crm.DirectionIn
	day := time.Date(f.now.Year(), f.now.Month(), f.now.Day()+9, 0, 0, 0, 0, f.zone)
	fair := f.meeting("fair", "展示会 TECH 2026", day)
	fair.End, fair.Meeting.AllDay, fair.Meeting.Conference = day.AddDate(0, 0, 3).UTC(), true, ""
	abroad := f.meeting("abroad", "Quarterly review", f.now.Add(50*time.Hour))
	abroad.Meeting.Zone = "Europe/Berlin"
	later := f.meeting("later", "フォローアップ", f.now.Add(20*24*time.Hour))
	return []crm.Activity{held, moved, off, private, fair, abroad, later}
}
