package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func TestActivity(t *testing.T) {
	item := mail("3", "佐藤 <Sato@Example.co.jp>", "stranger@other.example", "TANAKA@client.co.jp", tanaka)
	item.Message.Cc = boxes("kato@example.co.jp", "tanaka@client.co.jp")
	item.Message.References, item.Message.InReplyTo = []string{"1", "2"}, []string{"2"}
	item.Message.Attachments = []crm.Attachment{{Name: "見積.pdf", Type: "application/pdf", Size: 10}}
	got := mapOne(t, newMapper(t, mapping.Document{}), clients(), mapping.Source{ID: "sato-mail", Owner: "Sato@Example.co.jp"}, item).Activity
	want := &crm.Activity{
		ID: string(key("3")), Key: key("3"), Kind: crm.KindEmail, Direction: crm.DirectionOut, Class: crm.ClassPersonal,
		Time: noon.Add(-time.Hour), Subject: "件名 SUBJECT", Text: "本文 BODY", FullText: "本文 BODY\n> QUOTE",
		People: []crm.Participant{
			{Name: "佐藤", Address: "sato@example.co.jp", Role: crm.RoleFrom, Internal: true},
			{Address: "stranger@other.example", Role: crm.RoleTo},
			{Kind: crm.Contact, ID: "tanaka", Name: "田中 太郎", Address: "tanaka@client.co.jp", Role: crm.RoleTo},
			{Address: "kato@example.co.jp", Role: crm.RoleCc, Internal: true},
			{Kind: crm.Contact, ID: "tanaka", Address: "tanaka@client.co.jp", Role: crm.RoleCc},
		},
		Accounts: []string{"client"}, Owners: []string{"sato@example.co.jp"},
		Observed:    []crm.Observation{{Source: "sato-mail", ExternalID: "INBOX;UID=3", Owner: "sato@example.co.jp", Folder: "INBOX"}},
		Thread:      string(key("1")),
		Attachments: item.Message.Attachments,
		Match:       crm.Match{Rule: crm.RuleAddress, Evidence: "tanaka@client.co.jp", RunnersUp: []crm.Candidate{}},
		Version:     1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThreadIsTheSameForAllItsMessages(t *testing.T) {
	m, dir := newMapper(t, mapping.Document{}), clients()
	first := mail("1", tanaka, us)
	reply := with(mail("2", us, tanaka), func(i *connectors.Item) { i.Message.InReplyTo = []string{"1"} })
	again := with(mail("3", tanaka, us), func(i *connectors.Item) {
		i.Message.InReplyTo, i.Message.References = []string{"2"}, []string{"1", "2"}
	})
	for _, item := range []connectors.Item{again, reply, first} {
		if got := mapOne(t, m, dir, sato, item).Activity.Thread; got != string(key("1")) {
			t.Errorf("thread of %s = %s", item.ExternalID, got)
		}
	}
}

func TestSenderStandsInForFrom(t *testing.T) {
	item := mail("1", "", us)
	item.Message.From, item.Message.Sender = nil, boxes(tanaka)[0]
	if got := summary(mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item)); got.Verdict != crm.Logged || got.Rule != crm.RuleAddress {
		t.Errorf("got %+v", got)
	}
}

func TestMissingDateIsTheTimeReceived(t *testing.T) {
	item := with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Date = time.Time{} })
	w := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item)
	if !w.Activity.Time.Equal(noon) || !w.Entry.ItemTime.Equal(noon) {
		t.Errorf("times %v, %v", w.Activity.Time, w.Entry.ItemTime)
	}
}

// secrets are words that stand in every content field of the items of TestNoContentLeaks.
var secrets = []string{"SUBJECT", "BODY", "QUOTE", "件名", "本文", "secretname", "見積"}

// TestNoContentLeaks holds promise 5: what is not logged leaves nothing of its content. Only a review may
// show subject, name and address, and only keyed hashes are stored of Pending.
func TestNoContentLeaks(t *testing.T) {
	doc := mapping.Document{Screen: mapping.Screen{Domains: []string{"secret.example"}, Subjects: []string{"/./"}}}
	tests := map[string]struct {
		doc  mapping.Document
		item connectors.Item
		want crm.Verdict
	}{
		"internal":       {item: mail("1", "secretname <kato@example.co.jp>", us), want: crm.Excluded},
		"domain":         {doc: doc, item: mail("1", "secretname <x@secret.example>", us), want: crm.Excluded},
		"subject":        {doc: doc, item: mail("1", "secretname <tanaka@client.co.jp>", us), want: crm.Excluded},
		"bulk":           {item: with(mail("1", "secretname <x@y.example>", us), func(i *connectors.Item) { i.Message.Class = crm.ClassBulk }), want: crm.Excluded},
		"unmatched":      {item: mail("1", "secretname <x@y.example>", us), want: crm.Unmatched},
		"waiting":        {item: mail("1", us, "secretname <x@y.example>"), want: crm.Waiting},
		"erased":         {item: mail("1", "secretname <erased@y.example>", us), want: crm.Excluded},
		"mistake inside": {item: mail("1", "secretname <panic@y.example>", us), want: crm.Failed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := clients()
			dir.erased["erased@y.example"] = true
			test.item.Message.Attachments = []crm.Attachment{{Name: "見積.pdf"}}
			w := mapOne(t, newMapper(t, test.doc), dir, sato, test.item)
			if name == "mistake inside" {
				w = mapBroken(t, test.item)
			}
			if w.Entry.Verdict != test.want || w.Activity != nil {
				t.Fatalf("verdict %s, activity %v", w.Entry.Verdict, w.Activity)
			}
			if test.want != crm.Waiting && w.Reviews != nil {
				t.Errorf("reviews %v", w.Reviews)
			}
			if (test.want == crm.Excluded || test.want == crm.Failed) && w.Pending != nil {
				t.Errorf("pending %v", w.Pending)
			}
			w.Reviews, w.Pending, w.Screening = nil, nil, nil // the last is looked at and never stored
			for _, text := range texts(reflect.ValueOf(w), nil) {
				for _, secret := range append(secrets, "y.example") {
					if strings.Contains(text, secret) {
						t.Errorf("%q holds %q", text, secret)
					}
				}
			}
		})
	}
}

// texts gathers every string in v.
func texts(v reflect.Value, list []string) []string {
	switch v.Kind() {
	case reflect.String:
		return append(list, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			return texts(v.Elem(), list)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			list = texts(v.Field(i), list)
		}
	case reflect.Slice:
		for i := range v.Len() {
			list = texts(v.Index(i), list)
		}
	}
	return list
}

func mapBroken(t *testing.T, item connectors.Item) crm.Write {
	t.Helper()
	return mapping.MapWithPanic(newMapper(t, mapping.Document{}), sato, item, noon, fmt.Errorf("cannot read %s", item.Message.Subject))
}

func TestPanicIsContained(t *testing.T) {
	m := newMapper(t, mapping.Document{})
	w := mapping.MapWithPanic(m, sato, mail("1", tanaka, us), noon, errors.New("BODY"))
	if w.Entry.Verdict != crm.Failed || w.Entry.Reason != crm.ReasonInternalError || w.Entry.ExternalID != "INBOX;UID=1" || w.Entry.Key != key("1") {
		t.Errorf("got %+v", w.Entry)
	}
}

func TestLookupFails(t *testing.T) {
	down := errors.New("store is closed")
	_, _, err := newMapper(t, mapping.Document{}).Map(context.Background(), failing{down}, sato, []connectors.Item{mail("1", tanaka, us)}, noon)
	if !errors.Is(err, down) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Lookup(context.Context, crm.Question) (crm.Answer, error) {
	return crm.Answer{}, f.err
}
