package crm_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestExportActivity(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	tests := []struct {
		name string
		in   crm.Activity
		want string
	}{
		{
			name: "people with a record and others are kept apart",
			in: crm.Activity{
				ID: "a1", Key: "a1", Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal,
				Time: time.Date(2026, 11, 21, 10, 0, 0, 0, tokyo), Subject: "見積 <b>", Text: "本文",
				People: []crm.Participant{
					{Kind: crm.Contact, ID: "p1", Name: "田中", Address: "tanaka@client.co.jp", Role: crm.RoleFrom},
					{Address: "sato@example.co.jp", Role: crm.RoleTo, Internal: true},
				},
				Accounts: []string{"c1"}, Owners: []string{"sato@example.co.jp"},
				Observed: []crm.Observation{{Source: "sato-mail", ExternalID: "INBOX;UID=2", Owner: "sato@example.co.jp", Folder: "INBOX"}},
				Match: crm.Match{Rule: crm.RuleAddress, Evidence: "tanaka@client.co.jp",
					RunnersUp: []crm.Candidate{{Kind: "account", ID: "c1", Name: "Client", Rule: crm.RuleDomain, Evidence: "client.co.jp"}}},
				Version: 1,
			},
			want: `{"id":"a1","key":"a1","kind":"email","direction":"in","class":"personal","time":"2026-11-21T01:00:00Z",
				"subject":"見積 <b>","text":"本文",
				"people":[{"kind":"contact","id":"p1","name":"田中","email":"tanaka@client.co.jp","role":"from"}],
				"others":[{"email":"sato@example.co.jp","role":"to","internal":true}],
				"accounts":["c1"],"owners":["sato@example.co.jp"],
				"observed":[{"source":"sato-mail","external_id":"INBOX;UID=2","folder":"INBOX"}],
				"match":{"rule":"address","evidence":"tanaka@client.co.jp","runners_up":[
					{"kind":"account","id":"c1","name":"Client","rule":"domain","evidence":"client.co.jp"}]},"version":1}`,
		},
		{
			name: "a meeting",
			in: crm.Activity{ID: "a3", Kind: crm.KindMeeting, Time: time.Unix(0, 0), Status: crm.MeetingCancelled, Messages: []crm.Key{"m"},
				Letters:   []crm.Letter{{Message: "m", At: time.Unix(0, 0).UTC(), From: "a@b.jp", Subject: "s", Text: "t"}},
				People:    []crm.Participant{{Address: "room@x.jp", Role: crm.RoleAttendee, Type: crm.TypeRoom}, {Kind: crm.Lead, ID: "p", Role: crm.RoleAttendee, Optional: true}},
				Observed:  []crm.Observation{{Source: "s", ExternalID: "x", Withdrawn: true}},
				Meeting:   &crm.Meeting{UID: "u", Zone: "Asia/Tokyo", Memory: &crm.MeetingMemory{}},
				Revisions: []crm.Revision{{At: time.Unix(0, 0).UTC(), Start: time.Unix(60, 0).UTC(), Status: crm.MeetingConfirmed}},
				Outcome:   &crm.Outcome{Result: crm.OutcomeHeld, By: "o", At: time.Unix(0, 0).UTC(), Next: crm.NextAction{What: "call"}}},
			want: `{"id":"a3","key":"","kind":"meeting","direction":"","time":"1970-01-01T00:00:00Z","subject":"","text":"","status":"cancelled",
				"people":[{"kind":"lead","id":"p","email":"","role":"attendee","optional":true}],"others":[{"email":"room@x.jp","role":"attendee","type":"room"}],
				"accounts":[],"owners":[],"observed":[{"source":"s","external_id":"x","withdrawn":true}],"match":{"rule":"","evidence":"","runners_up":[]},"version":0,
				"meeting":{"uid":"u","zone":"Asia/Tokyo"},"messages":["m"],"letters":[{"message":"m","at":"1970-01-01T00:00:00Z","from":"a@b.jp","subject":"s","text":"t"}],"outcome":{"result":"held","by":"o","at":"1970-01-01T00:00:00Z","next":{"what":"call"}},
				"revisions":[{"at":"1970-01-01T00:00:00Z","start":"1970-01-01T00:01:00Z","status":"confirmed"}]}`,
		},
		{
			name: "of a call what was said and the opinion stand apart",
			in: crm.Activity{ID: "a4", Kind: crm.KindCall, Direction: crm.DirectionOut, Time: time.Unix(0, 0), Text: "来期に検討するとのこと", By: "sato@example.co.jp",
				Call: &crm.Call{Result: crm.CallAgain, Note: "明るい方", Next: crm.NextAction{When: "2026-12-01", Whom: "上長", What: "再架電"}}},
			want: `{"id":"a4","key":"","kind":"call","direction":"out","time":"1970-01-01T00:00:00Z","subject":"","text":"来期に検討するとのこと",
				"people":[],"others":[],"accounts":[],"owners":[],"observed":[],"match":{"rule":"","evidence":"","runners_up":[]},"version":0,
				"call":{"result":"call_again","note":"明るい方","next":{"when":"2026-12-01","whom":"上長","what":"再架電"}},"by":"sato@example.co.jp"}`,
		},
		{
			name: "signals stand on the mail that tells them",
			in:   crm.Activity{ID: "a5", Kind: crm.KindEmail, Time: time.Unix(0, 0), Signals: []crm.Signal{{Kind: crm.SignalRefusal, Evidence: "今後のご連絡は不要です"}}},
			want: `{"id":"a5","key":"","kind":"email","direction":"","time":"1970-01-01T00:00:00Z","subject":"","text":"",
				"people":[],"others":[],"accounts":[],"owners":[],"observed":[],"match":{"rule":"","evidence":"","runners_up":[]},"version":0,
				"signals":[{"kind":"refusal","evidence":"今後のご連絡は不要です"}]}`,
		},
		{
			name: "lists are empty, not null",
			in:   crm.Activity{ID: "a2", Time: time.Unix(0, 0), End: time.Unix(60, 0)},
			want: `{"id":"a2","key":"","kind":"","direction":"","time":"1970-01-01T00:00:00Z","end":"1970-01-01T00:01:00Z",
				"subject":"","text":"","people":[],"others":[],"accounts":[],"owners":[],"observed":[],
				"match":{"rule":"","evidence":"","runners_up":[]},"version":0}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { sameJSON(t, crm.ExportActivity(tt.in), tt.want) })
	}
}

func TestExportEntry(t *testing.T) {
	in := crm.Entry{Source: "s", ExternalID: "x", SeenAt: time.Unix(0, 0), Verdict: crm.Excluded, Reason: "folder: Private"}
	sameJSON(t, crm.ExportEntry(in), `{"source":"s","external_id":"x","key":"","seen_at":"1970-01-01T00:00:00Z",
		"verdict":"excluded","reason":"folder: Private","activity":""}`)
}

func sameJSON(t *testing.T, got any, want string) {
	t.Helper()
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
