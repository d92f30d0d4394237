package boltstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// TestLettersLeaveTheFile: the words of a mail that is part of a meeting are in no page any more once they had to go,
// while the meeting itself stays.
func TestLettersLeaveTheFile(t *testing.T) {
	const letter = "words between the lines"
	key := crm.MeetingKey("u@x", "")
	message := crm.MessageKey("<1@mail>", crm.MessageIdentity{})
	write := func(ext string, own crm.Key) crm.Write {
		return crm.Write{Entry: crm.Entry{ExternalID: ext, Key: own, ItemTime: benchStart, Verdict: crm.Logged, Reason: crm.ReasonMatched},
			Activity: &crm.Activity{ID: string(key), Key: key, Kind: crm.KindMeeting, Time: benchStart, End: benchStart.Add(time.Hour), Subject: "the meeting", Version: 1,
				Observed: []crm.Observation{{Source: "a", ExternalID: ext, Owner: "sato@example.co.jp"}}, Meeting: &crm.Meeting{UID: "u@x", Updated: benchStart, Stated: crm.MeetingConfirmed},
				Match:  crm.Match{Rule: crm.RuleAddress, Evidence: "o@stays.jp"},
				People: []crm.Participant{{Kind: crm.Contact, ID: "o", Address: "o@stays.jp", Role: crm.RoleAttendee}, {Kind: crm.Contact, ID: "f", Address: "f@forget.jp", Role: crm.RoleAttendee}}}}
	}
	mail := write("INBOX;1", message)
	mail.Activity.Letters = []crm.Letter{{Message: message, At: benchStart, From: "f@forget.jp", Subject: "Re: the meeting", Text: letter}}
	tests := map[string]func(s *boltstore.Store) error{
		"its mail is excluded": func(s *boltstore.Store) error {
			return s.ExcludeRows(t.Context(), "it", []crm.ItemRef{{Source: "a", ExternalID: "INBOX;1"}}, "subject: x", benchStart)
		},
		"its mail was deleted": func(s *boltstore.Store) error {
			return s.Commit(t.Context(), crm.Commit{Source: "a", At: benchStart, Withdrawn: []crm.Scope{{Prefix: "INBOX;1"}}})
		},
		"who wrote it is erased": func(s *boltstore.Store) error {
			_, _, err := s.Erase(t.Context(), "it", "f@forget.jp", benchStart)
			return err
		},
		"the meeting became private": func(s *boltstore.Store) error {
			private := write("cal/e;", key)
			private.Activity.Meeting.Private, private.Activity.Meeting.Sequence, private.Activity.Subject = true, 1, ""
			return s.Commit(t.Context(), crm.Commit{Source: "a", At: benchStart, Writes: []crm.Write{private}})
		},
	}
	for name, taking := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s, err := boltstore.Open(t.Context(), path, options(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(s.DeclareSources(t.Context(), []crm.Source{{ID: "a", Kind: "gmail", Owner: "sato@example.co.jp"}}, benchStart))
			must(s.SavePeople(t.Context(), "cli", []crm.Person{{ID: "f", Kind: crm.Contact, Name: "Forgotten Person", Emails: []string{"f@forget.jp"}},
				{ID: "o", Kind: crm.Contact, Name: "Who Stays", Emails: []string{"o@stays.jp"}}}))
			must(s.Commit(t.Context(), crm.Commit{Source: "a", At: benchStart, Writes: []crm.Write{write("cal/e;", key), mail}}))
			holds := func() bool {
				file, err := os.ReadFile(path)
				must(err)
				return bytes.Contains(file, []byte(letter))
			}
			if !holds() {
				t.Fatal("the file does not hold what was logged")
			}
			must(taking(s))
			if holds() {
				t.Error("the file still holds it")
			}
			if a, err := s.GetActivity(t.Context(), string(key)); err != nil || len(a.Letters) != 0 {
				t.Errorf("the meeting: %+v, %v", a, err)
			}
		})
	}
}
