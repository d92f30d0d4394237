package boltstore

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestEveryFieldOfLivesIsStored sets every field of what is kept of lives.
func TestEveryFieldOfLivesIsStored(t *testing.T) {
	n := 0
	t.Run("standing", func(t *testing.T) {
		st := crm.Standing{Entered: map[string]time.Time{"s": time.Unix(9, 0).UTC()}}
		v := reflect.ValueOf(&st).Elem()
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Entered" {
				set(t, v.Field(i), &n)
			}
		}
		got, err := decodeStanding(encodeStanding(&st))
		if diff := cmp.Diff(st, got); diff != "" || err != nil {
			t.Errorf("stored, %v (-want +got):\n%s", err, diff)
		}
		o, err := decodeOrigin(encodeStanding(&st))
		if want := (origin{st.First.Channel, st.First.Campaign}); o != want || err != nil {
			t.Errorf("the origin %+v, want %+v, %v", o, want, err)
		}
	})
	t.Run("change", func(t *testing.T) {
		var c crm.Change
		set(t, reflect.ValueOf(&c).Elem(), &n)
		got, err := decodeChange(encodeChange(&c))
		if diff := cmp.Diff(c, got); diff != "" || err != nil {
			t.Errorf("stored, %v (-want +got):\n%s", err, diff)
		}
	})
	t.Run("facts", func(t *testing.T) {
		facts := make([]crm.Fact, 2)
		for i := range facts {
			set(t, reflect.ValueOf(&facts[i]).Elem(), &n)
		}
		got, err := decodeFacts(encodeFacts(facts))
		if diff := cmp.Diff(facts, got); diff != "" || err != nil {
			t.Errorf("stored, %v (-want +got):\n%s", err, diff)
		}
		facts[0], facts[1] = facts[1], facts[0]
		if again, _ := decodeFacts(encodeFacts(facts)); !cmp.Equal(again, got) {
			t.Error("the order in which facts come makes a difference")
		}
	})
	t.Run("long origin", func(t *testing.T) {
		long := string(make([]byte, 3000))
		st := crm.Standing{First: crm.Touch{Campaign: "c" + long, Channel: "web"}}
		if o, err := decodeOrigin(encodeStanding(&st)); err != nil || o.channel != "web" {
			t.Errorf("%q, %v", o.channel, err)
		}
	})
}

// TestWithoutTexts: of an activity read for following only the texts are missing, and a damaged one is said to be.
func TestWithoutTexts(t *testing.T) {
	var a activity
	n := 0
	set(t, reflect.ValueOf(&a.Activity).Elem(), &n)
	a.indexed, a.channel, a.campaign = []string{"acc"}, "web", "spring"
	for i := range a.Meeting.Memory.States { // a state of a meeting has no texts
		a.Meeting.Memory.States[i].Text, a.Meeting.Memory.States[i].Fields = "", nil
	}
	raw := encoded(a)
	light, err := withoutTexts(raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeActivity(light, false)
	want := a
	want.Text, want.FullText = "", ""
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(activity{})); diff != "" || err != nil {
		t.Errorf("read, %v (-want +got):\n%s", err, diff)
	}
	for cut := range raw {
		_, whole := decodeActivity(raw[:cut], false)
		light, err := withoutTexts(raw[:cut])
		if err == nil {
			_, err = decodeActivity(light, false)
		}
		if (err == nil) != (whole == nil) {
			t.Fatalf("the first %d of %d bytes: %v, whole: %v", cut, len(raw), err, whole)
		}
	}
}
