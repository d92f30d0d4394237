package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

const manyPeople = 1_000_000

// measureMatch maps batches of mails against a million people.
func (b *bench) measureMatch(ctx context.Context) error {
	path := filepath.Join(b.dir, "people.db")
	before := resident()
	if err := savePeople(ctx, path); err != nil {
		return err
	}
	store, err := boltstore.Open(ctx, path, storeOptions())
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	defer func() { _ = store.Close() }()
	mapper, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}, Location: time.UTC}, mapping.Document{})
	if len(problems) > 0 {
		return fmt.Errorf("make mapper: %v", problems)
	}
	var times []float64
	for round := range 50 {
		items := benchItems(round, 1000)
		start := time.Now()
		writes, _, err := mapper.Map(ctx, store, mapping.Source{ID: storedSource, Owner: userName}, items, start)
		if err != nil {
			return fmt.Errorf("map items: %w", err)
		}
		times = append(times, float64(time.Since(start).Microseconds())/1000)
		for i := range writes {
			if writes[i].Entry.Verdict != crm.Logged {
				return fmt.Errorf("map items: %s is %s (%s)", writes[i].Entry.ExternalID, writes[i].Entry.Verdict, writes[i].Entry.Reason)
			}
		}
	}
	b.report.atMost("match of one item among 1,000,000 people", spreadOf(times), " µs", 20)
	debug.FreeOSMemory() // what entering them took is not what knowing them takes
	perPerson := float64(resident()-before) / manyPeople
	b.report.atMost("private memory a person", spread{perPerson, perPerson, perPerson}, " B", 150)
	return nil
}

// savePeople makes a store that knows a million people.
func savePeople(ctx context.Context, path string) error {
	store, err := boltstore.Open(ctx, path, storeOptions())
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	for done := 0; done < manyPeople; done += 20_000 {
		if err := store.SavePeople(ctx, "bench", benchPeople(done, 20_000)); err != nil {
			return errors.Join(fmt.Errorf("save people: %w", err), store.Close())
		}
	}
	return store.Close()
}

// resident is the process's anonymous resident memory in bytes; pages of the store's file are the kernel's to drop.
func resident() int64 {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, rss, shared int64
	if _, err := fmt.Sscan(string(raw), &size, &rss, &shared); err != nil {
		return 0
	}
	return (rss - shared) * int64(os.Getpagesize())
}

func benchAddress(i int) string { return fmt.Sprintf("person%d@company%d.example", i, i/5) }

func benchPeople(from, n int) []crm.Person {
	people := make([]crm.Person, 0, n)
	now := time.Now().UTC()
	for i := from; i < from+n; i++ {
		people = append(people, crm.Person{ID: crm.DerivedID("bench", fmt.Sprint(i)), Kind: crm.Lead, Name: fmt.Sprintf("人物 %d", i),
			Company: fmt.Sprintf("会社%d", i/5), Emails: []string{benchAddress(i)}, Status: crm.StatusNew, Created: now, Updated: now})
	}
	return people
}

// benchItems are mails from people spread over the whole directory, each with a second customer in copy.
func benchItems(round, n int) []connectors.Item {
	items := make([]connectors.Item, 0, n)
	for i := range n {
		who := (round*n + i) * 7919 % manyPeople
		id := fmt.Sprintf("<%d.%d@bench>", round, i)
		items = append(items, connectors.Item{
			ExternalID: fmt.Sprintf("INBOX;UIDVALIDITY=1;UID=%d", i+1), Key: crm.MessageKey(id, crm.MessageIdentity{}), Kind: crm.KindEmail,
			Folder: "INBOX", Received: time.Unix(1_760_000_000, 0).UTC(), Size: 9000,
			Message: &connectors.Message{
				MessageID: crm.NormalizeMessageID(id), Date: time.Unix(1_760_000_000, 0).UTC(), Subject: "お見積もり", Class: crm.ClassPersonal,
				From: []crm.Mailbox{{Name: "人物", Address: benchAddress(who)}},
				To:   []crm.Mailbox{{Address: userName}},
				Cc:   []crm.Mailbox{{Address: benchAddress((who + 1) % manyPeople)}},
				Text: "お世話になっております。", FullText: "お世話になっております。",
			},
		})
	}
	return items
}
