package boltstore

import (
	"maps"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Lives. What follows from what is known of a person or account (its standing) is worked out by the program's rules, not
// here. The store says of whom something changed: a unit notes whom it concerns (mark) and appends them to a log in its
// transaction, which is one value at the end of a bucket whatever the size of the store. Whoever follows moves the log into
// the queue first, many units at once, so that somebody marked a thousand times during an import is followed once
// (follow_queue.go). A mark is the place in the log: what was read while the log ended at a place is good as long as
// nobody stands behind that place (follow.go).
//
// Numbers. What is counted is a set of facts: those of activities follow from them (crm.ActivityFacts), those of people are
// stored with their standing, those of records are their own. Whatever changes takes its old facts off and puts its new
// ones on; a unit adds all of that up and writes sums once (numbers.go). Where people came from stands in their standing and
// is stamped on their activities, since it is counted by that.
//
// Lists and counts of lists follow from standings and owners in the same way (standing_lists.go).
var (
	bucketMarks        = []byte("marks")        // seq(8) → time, id16 …; the log
	bucketFollowing    = []byte("following")    // id16 → mark(8), time
	bucketFollowTime   = []byte("followtime")   // time, id16 → nothing
	bucketStandings    = []byte("standings")    // id16 → standing
	bucketLooks        = []byte("looks")        // time, id16 → nothing: when time alone changes a standing
	bucketChanges      = []byte("changes")      // person id16, time, id16 → change
	bucketChangeID     = []byte("changeid")     // id16 → person id16, time
	bucketFacts        = []byte("facts")        // person id16, month(7) → facts
	bucketNumbers      = []byte("sums")         // see numbers.go → list of numbers
	bucketUnreplied    = []byte("unreplied")    // scope(16), time, id16 → nothing; the scope is an owner's, or zero for all
	bucketFollowUps    = []byte("followups")    // the same
	bucketSegments     = []byte("segments")     // hash(16) of the name, id16 → nothing
	bucketCounts       = []byte("counts")       // name → count(8); see life_counts.go
	bucketAssigned     = []byte("assigned")     // owner → time when a rule last gave them a lead
	bucketSubsidiaries = []byte("subsidiaries") // account id16, account id16 → nothing: who is below whom
)

func lifeBuckets() [][]byte {
	return [][]byte{
		bucketMarks, bucketFollowing, bucketFollowTime, bucketStandings, bucketLooks, bucketChanges, bucketChangeID, bucketFacts,
		bucketNumbers, bucketUnreplied, bucketFollowUps, bucketSegments, bucketCounts, bucketAssigned, bucketSubsidiaries,
	}
}

// lifeSpare is what a unit gathers about lives; the memory is used again by the next unit.
type lifeSpare struct {
	marks   []id16
	facts   map[factKey]tally
	counts  map[string]int64
	origins map[id16]origin // of people, as far as they were asked
}

func (l *lifeSpare) empty() {
	l.marks = roomOf(l.marks)
	l.facts, l.counts, l.origins = emptied(l.facts), emptied(l.counts), emptied(l.origins)
}

// flushLife writes what was gathered about lives.
func (u *unit) flushLife() error {
	for _, step := range []func() error{u.flushNumbers, u.flushCounts, u.flushMarks} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// personChanged is called with every change of a person; before or after is nil for one that was not or is no more. The
// changes of one who is no more stay, since a merge can be undone; see forgetChanges.
func (u *unit) personChanged(before, after *crm.Person) error {
	u.countLead(before, -1)
	u.countLead(after, 1)
	for _, p := range []*crm.Person{before, after} {
		if p != nil {
			u.mark(p.ID)
			u.mark(p.AccountID)
		}
	}
	if err := u.markTwins(before, after); err != nil {
		return err
	}
	switch {
	case before == nil:
		return nil
	case after == nil:
		key := idOf(before.ID)
		if err := u.setStanding(key, before.Owner, "", nil, true); err != nil {
			return err
		}
		return u.replaceFacts(key, nil, nil)
	case before.Owner != after.Owner && idOf(before.ID) != u.quiet:
		return u.relist(idOf(before.ID), before.Owner, after.Owner)
	}
	return nil
}

// accountChanged is the same for accounts.
func (u *unit) accountChanged(before, after *crm.Account) error {
	u.reindex(branchKeys(before), branchKeys(after))
	for _, a := range []*crm.Account{before, after} {
		if a != nil {
			u.mark(a.ID)
			u.mark(a.Parent)
		}
	}
	if err := u.markTwinAccounts(before, after); err != nil {
		return err
	}
	if before != nil && after == nil {
		return u.setStanding(idOf(before.ID), "", "", nil, false)
	}
	u.markMembers(before, after)
	return nil
}

// markMembers marks an account's people where something changed that conditions on them may ask, at most maxMembers.
func (u *unit) markMembers(before, after *crm.Account) {
	if before == nil || after == nil || before.Name == after.Name && before.Kana == after.Kana && before.Owner == after.Owner &&
		before.Parent == after.Parent && slices.Equal(before.Domains, after.Domains) && maps.Equal(before.Custom, after.Custom) {
		return
	}
	id, n := idOf(after.ID), 0
	cursor := u.bucket(bucketMembers).Cursor()
	for k, _ := cursor.Seek(id[:]); hasPrefix(k, id[:]) && len(k) >= 32 && n < maxMembers; k, _ = cursor.Next() {
		u.markKey(id16(k[len(k)-16:]))
		n++
	}
}

// branchKeys is the entry by which an account is found from its parent.
func branchKeys(a *crm.Account) []change {
	if a == nil || a.Parent == "" {
		return nil
	}
	parent, id := idOf(a.Parent), idOf(a.ID)
	return []change{entry(bucketSubsidiaries, slices.Concat(parent[:], id[:]), nothing)}
}

// activityChanged is the same for activities. Where its people came from is the store's own note: if nothing else
// changed, it concerns nobody.
func (u *unit) activityChanged(before, after *activity) error {
	u.countFacts(before, -1)
	u.countFacts(after, 1)
	u.listActivity(before, after)
	if sameButOrigin(before, after) {
		return nil
	}
	if before != nil && (after == nil || after.Status == crm.StatusDeleted && before.Status != crm.StatusDeleted) {
		if err := u.forgetWords(before); err != nil {
			return err
		}
	}
	for _, a := range []*activity{before, after} {
		if a == nil {
			continue
		}
		for i := range a.People {
			u.mark(a.People[i].ID)
		}
		for _, account := range a.indexed {
			u.mark(account)
		}
	}
	return nil
}

func sameButOrigin(a, b *activity) bool {
	return a != nil && b != nil && slices.Equal(a.indexed, b.indexed) && crm.SameActivity(&a.Activity, &b.Activity)
}

// origin is where somebody came from first.
type origin struct{ channel, campaign string }

// stamp notes on an activity where its people came from: what a submission tells itself, else the standing of the first
// known person outside.
func (u *unit) stamp(a *activity) error {
	a.channel, a.campaign = a.Touch.Channel, a.Touch.Campaign
	if a.channel != "" || a.campaign != "" {
		return nil
	}
	at := slices.IndexFunc(a.People, isMatched)
	if at < 0 {
		return nil
	}
	key := idOf(a.People[at].ID)
	o, known := u.life.origins[key]
	if !known {
		if standings := unlessEmpty(u.bucket(bucketStandings)); standings != nil {
			var err error
			if o, err = decodeOrigin(standings.Get(key[:])); err != nil {
				return err
			}
		}
		u.life.origins[key] = o
	}
	a.channel, a.campaign = o.channel, o.campaign
	return nil
}
