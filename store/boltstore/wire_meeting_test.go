package boltstore

import (
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// formRecord is a submission as a program stored it that knew nothing of meetings.
const formRecord = "0103ab03ab04666f726d00000102000000010003cd0003614062097375626d69747465720000000106616363000101730131016f00010000000004" +
	"00017301740001660000000000000000000001016101620101020000017501016e00010176"

// TestOldFormRecord: what an older program wrote is read, and is written as it was.
func TestOldFormRecord(t *testing.T) {
	raw, err := hex.DecodeString(formRecord)
	if err != nil {
		t.Fatal(err)
	}
	want := activity{indexed: []string{"acc"}, Activity: crm.Activity{ID: "ab", Key: "ab", Kind: crm.KindForm, Time: time.Unix(1, 0).UTC(), Subject: "s", Text: "t", Version: 2, Form: "f",
		People: []crm.Participant{{ID: "cd", Address: "a@b", Role: crm.RoleSubmitter}}, Observed: []crm.Observation{{Source: "s", ExternalID: "1", Owner: "o"}},
		Custom: map[string]string{"a": "b"}, Revisions: []crm.Revision{{At: time.Unix(1, 0).UTC(), Text: "u", Fields: []crm.FormField{{Name: "n", Values: []string{"v"}}}}}}}
	got, err := decodeActivity(raw, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(activity{})); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if again := encoded(got); hex.EncodeToString(again) != formRecord {
		t.Errorf("written again it is %x", again)
	}
	if kind := kindOf(raw); kind != crm.KindForm {
		t.Errorf("its kind is read as %q", kind)
	}
}

// TestOldMeetingRecord reads meetings as they were stored before it was kept which views were mails.
func TestOldMeetingRecord(t *testing.T) {
	mark := crm.Mark{Rank: 2, Sequence: 1}
	meeting := func(timesOnly bool, mails ...bool) activity {
		a := activity{Activity: crm.Activity{ID: "ab", Key: "ab", Kind: crm.KindMeeting, Time: time.Unix(1, 0).UTC(), Version: 1,
			Meeting: &crm.Meeting{UID: "u", TimesOnly: timesOnly, Memory: &crm.MeetingMemory{Words: mark, Guests: mark}}}}
		for _, mail := range mails {
			a.Observed = append(a.Observed, crm.Observation{Source: "s", Mail: mail})
		}
		return a
	}
	for _, test := range []struct {
		name                string
		a                   activity
		mail, words, guests bool
	}{
		{"mails", meeting(false, true, true), true, false, false},
		{"a calendar", meeting(false, true, false), false, true, true},
		{"only when it is", meeting(true, false), false, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			whole := encoded(test.a)
			bare := test.a
			var tail encoder
			tail.origin(&bare.Activity, false)
			old := whole[:len(whole)-len(tail.b)]
			got, err := decodeActivity(old, false)
			if err != nil {
				t.Fatal(err)
			}
			m := got.Meeting
			if m.Mail != test.mail || m.Memory.Words.Calendar != test.words || m.Memory.Guests.Calendar != test.guests || m.Private || m.UID != "u" {
				t.Errorf("%+v, %+v", m, m.Memory)
			}
			again, err := decodeActivity(encoded(got), false)
			if diff := cmp.Diff(got.Activity, again.Activity); diff != "" || err != nil {
				t.Errorf("written and read again: %v\n%s", err, diff)
			}
		})
	}
}

// TestEveryFieldIsStored sets every field of an activity and of all that is in it.
func TestEveryFieldIsStored(t *testing.T) {
	var a activity
	n := 0
	set(t, reflect.ValueOf(&a.Activity).Elem(), &n)
	for i := range a.Meeting.Memory.States { // a state of a meeting has no texts
		a.Meeting.Memory.States[i].Text, a.Meeting.Memory.States[i].Fields = "", nil
	}
	got, err := decodeActivity(encoded(a), false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.Activity, got.Activity); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	head, err := decodeActivity(encoded(a), true)
	if err != nil || head.Text+head.Subject+head.FullText != "" || !cmp.Equal(head.Messages, a.Messages) || !cmp.Equal(head.People, a.People) {
		t.Errorf("the head of it: %+v, %v", head, err)
	}
}

// set gives a value to everything in v, each another one as far as its type allows.
func set(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(int64(*n), 5).UTC()))
	case v.Kind() == reflect.String:
		v.SetString("text " + time.Duration(*n).String())
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(*n))
	case v.CanUint():
		v.SetUint(uint64(*n))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			set(t, v.Index(i), n)
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a": "b", "c": "d"}))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(t, v.Elem(), n)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			set(t, v.Field(i), n)
		}
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}
