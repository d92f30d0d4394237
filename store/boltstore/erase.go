package boltstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// erasure is the forgetting of one address.
type erasure struct {
	u        *unit
	address  string
	people   map[string]bool // ids of the people with the address
	emails   map[string]bool // normalised: the address and the others of those people
	accounts map[string]bool // ids of the accounts that those people belong to
	others   map[string]bool // ids of the people and accounts on their activities
	spelled  []string        // the address and the people's addresses as entered
	names    []string        // of the people
	keys     map[id16]bool   // of the activities that were removed
	parts    []string        // of their names
	made     map[string]bool // ids of the opportunities that conversions made of them

	gone      map[string]bool           // ids of the activities that were removed
	theirNext map[string]bool           // ids of activities that stay, whose next action was the person's
	said      map[string]*regexp.Regexp // by the id of an activity: the words by which it named the person
	dropped   map[string]bool           // "task/…": what the audit log must not say any more
	unasked   map[string]bool           // of emails: those that nobody has any more, but for the address
	removed   int
	changed   int
}

// erasedMark stands where the person's addresses and name stood.
const erasedMark = "[erased]"

// Erase forgets an address and scrubs what it leaves; see storetest.Upkeep. The address is kept as a keyed
// hash only, by which later items with it are recognised.
func (s *Store) Erase(ctx context.Context, actor, address string, now time.Time) (removed, changed int, err error) {
	normal, ok := crm.NormalizeAddress(address)
	if !ok {
		return 0, 0, fmt.Errorf("erase: %q is not an address", address)
	}
	err = s.update(ctx, func(u *unit) error {
		e := &erasure{u: u, address: normal, people: map[string]bool{}, emails: map[string]bool{normal: true},
			accounts: map[string]bool{}, others: map[string]bool{}, spelled: []string{normal, address}, keys: map[id16]bool{},
			made: map[string]bool{}, gone: map[string]bool{}, theirNext: map[string]bool{}, said: map[string]*regexp.Regexp{}, dropped: map[string]bool{}, unasked: map[string]bool{}}
		err := e.run(actor, now)
		removed, changed = e.removed, e.changed
		return err
	})
	if err == nil {
		s.news.ring() // a submission that was in quarantine is in the queue now, as a shell
		err = s.Scrub(ctx)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("erase: %w", err)
	}
	return removed, changed, nil
}

func (e *erasure) run(actor string, now time.Time) error {
	if err := e.gatherPeople(); err != nil {
		return err
	}
	if err := e.gatherMerged(); err != nil {
		return err
	}
	if err := e.forgetFilings(); err != nil { // before what they would put on again is taken off
		return err
	}
	rows, err := e.u.pendingRows(e.address)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(e.people) {
		if err := e.u.eachOfPerson(id, e.activity); err != nil {
			return err
		}
	}
	for _, seq := range rows {
		if err := e.row(seq); err != nil {
			return err
		}
	}
	for _, step := range []func() error{e.u.flush, e.forgetPeople, e.forgetJoins, e.forgetRecords, e.forgetLives, e.forgetSubmissions, e.forgetReviews, e.forgetWithheld, e.forgetLate, e.forgetAudit} {
		if err := step(); err != nil {
			return err
		}
	}
	hash, when := e.u.s.hmac("erased", e.address), timeKey(now)
	if err := e.u.put(bucketErased, hash[:], when[:]); err != nil {
		return err
	}
	if err := e.u.audit(crm.AuditRecord{At: now, Actor: actor, Action: "erase address", Object: "erased/" + hex.EncodeToString(hash[:])}); err != nil {
		return err
	}
	return e.u.advance()
}

// gatherPeople learns who has the address, while they are still there.
func (e *erasure) gatherPeople() error {
	answer, err := newLookup(e.u.tx, e.u.s).address(e.address)
	if err != nil || answer == nil {
		return err
	}
	for _, ref := range answer.People {
		if e.people[ref.ID] {
			continue
		}
		p, err := readPerson(e.u.tx, ref.ID)
		if err != nil {
			return err
		}
		e.people[p.ID] = true
		e.learn(&p)
		if p.AccountID != "" {
			e.accounts[p.AccountID] = true
		}
	}
	return nil
}

// remove takes an activity away; its ledger rows stay as the proof, excluded.
func (e *erasure) remove(st *actState) error {
	observed := st.cur.Observed
	e.keys[idOf(string(st.cur.Key))], e.gone[st.cur.ID] = true, true
	st.cur = nil
	for _, o := range observed {
		r, err := e.u.rowOf(o.Source, o.ExternalID)
		if err != nil {
			return err
		}
		if r != nil && r.cur != nil {
			if err := e.u.exclude(r, o.Source, crm.ReasonErased); err != nil {
				return err
			}
		}
	}
	return nil
}

// stopWaiting takes the address off what the rows of an activity wait for.
func (e *erasure) stopWaiting(st *actState) error {
	hash := e.u.s.pendingHash(e.address)
	for _, o := range st.cur.Observed {
		r, err := e.u.rowOf(o.Source, o.ExternalID)
		if err != nil {
			return err
		}
		if r != nil && r.cur != nil && slices.Contains(r.cur.pending, hash) {
			fresh := *r.cur
			fresh.pending = slices.DeleteFunc(slices.Clone(fresh.pending), func(p id16) bool { return p == hash })
			r.cur = &fresh
		}
	}
	return nil
}

// row handles a ledger row that waits for the address.
func (e *erasure) row(seq uint64) error {
	st, err := e.u.rowBySeq(seq)
	if err != nil {
		return err
	}
	if st.cur.entry.Verdict == crm.Excluded {
		return nil
	}
	name, err := e.u.sourceName(st.id.src)
	if err != nil {
		return err
	}
	if st.cur.entry.Activity == "" {
		return e.u.exclude(st, name, crm.ReasonErased)
	}
	a, err := e.u.activity(st.cur.entry.Activity)
	if err != nil || a.cur == nil || !slices.ContainsFunc(a.cur.People, e.means) {
		return err
	}
	return e.activity(a)
}

func (e *erasure) forgetPeople() error {
	for _, id := range sortedKeys(e.people) {
		if err := e.removeThere(id); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasure) forgetLate() error {
	return e.u.rewrite(bucketLate, func(v []byte) ([]byte, error) {
		l, err := decodeLate(v)
		if err == nil && (l.address == e.address || e.unasked[l.address] || e.people[l.person]) {
			return nil, nil
		}
		return v, err
	})
}

// forgetAudit blanks what audit records say about the address or the people, and takes their names out of the rest.
func (e *erasure) forgetAudit() error {
	words := wordsOf(e.spelled, e.names)
	return e.u.rewrite(bucketAudit, func(v []byte) ([]byte, error) {
		r, err := decodeAudit(v)
		if err != nil {
			return nil, err
		}
		if e.dropped[r.Object] {
			r.Before, r.After = "", ""
			return encodeAudit(r), nil
		}
		if !e.spoken(r.Before) && !e.spoken(r.After) && !e.spoken(r.Object) {
			if !words.MatchString(r.Before) && !words.MatchString(r.After) {
				return v, nil
			}
			r.Before, r.After = words.ReplaceAllString(r.Before, erasedMark), words.ReplaceAllString(r.After, erasedMark)
			return encodeAudit(r), nil
		}
		r.Before, r.After = "", ""
		if strings.Contains(strings.ToLower(r.Object), e.address) {
			r.Object = erasedMark
		}
		return encodeAudit(r), nil
	})
}

func (e *erasure) spoken(text string) bool {
	if strings.Contains(strings.ToLower(text), e.address) {
		return true
	}
	for id := range e.people {
		if strings.Contains(text, id) {
			return true
		}
	}
	return false
}

// rewrite replaces the values of a bucket; nil removes.
func (u *unit) rewrite(bucket []byte, edit func(v []byte) ([]byte, error)) error {
	var changes []change
	err := u.bucket(bucket).ForEach(func(k, v []byte) error {
		fresh, err := edit(v)
		if err == nil && string(fresh) != string(v) {
			changes = append(changes, entry(bucket, append([]byte(nil), k...), fresh))
		}
		return err
	})
	for _, c := range changes {
		u.gather(c)
	}
	if err != nil {
		return err
	}
	return u.flushChanges()
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
