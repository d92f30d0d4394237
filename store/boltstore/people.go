package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// auditEach is how many records a save may hold before it is audited with one summary.
const auditEach = 100

// GetPerson gives a person by ID.
func (s *Store) GetPerson(ctx context.Context, id string) (p crm.Person, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		p, err = readPerson(tx, id)
		return err
	})
	if err != nil {
		return crm.Person{}, fmt.Errorf("read person %s: %w", id, err)
	}
	return p, nil
}

func readPerson(tx *bbolt.Tx, id string) (crm.Person, error) {
	key := idOf(id)
	raw := tx.Bucket(bucketPeople).Get(key[:])
	if raw == nil {
		return crm.Person{}, crm.ErrNotFound
	}
	return decodePerson(raw)
}

// SavePeople inserts or replaces people; see storetest.People.
func (s *Store) SavePeople(ctx context.Context, actor string, people []crm.Person) error {
	for _, p := range people {
		if p.ID == "" {
			return errors.New("save people: a person has no id")
		}
	}
	names := nameKeys{}
	names.add(people)
	err := s.update(ctx, func(u *unit) error {
		u.names = names
		return u.savePeople(actor, people)
	})
	if err != nil {
		return fmt.Errorf("save people: %w", err)
	}
	return nil
}

func (u *unit) savePeople(actor string, people []crm.Person) error {
	keys := personKeyGuard()
	for _, p := range people {
		if err := keys.claim(u, p.ID, p.ExternalKey); err != nil {
			return err
		}
		before, err := u.savePersonBy(actor, &p)
		if err != nil {
			return err
		}
		if len(people) > auditEach {
			continue
		}
		if err := u.auditChange(actor, "person", p.ID, before, &p); err != nil {
			return err
		}
	}
	if len(people) > auditEach {
		if err := u.audit(crm.AuditRecord{Actor: actor, Action: "save people", Object: fmt.Sprintf("%d people", len(people))}); err != nil {
			return err
		}
	}
	if len(people) == 0 {
		return nil
	}
	if err := u.flush(); err != nil {
		return err
	}
	return u.advance()
}

// createPerson stores a person unless there is one with this ID.
func (u *unit) createPerson(p crm.Person) error {
	key := idOf(p.ID)
	if p.ID == "" || u.bucket(bucketPeople).Get(key[:]) != nil {
		return nil
	}
	if _, merged, err := readSign(u.tx, p.ID); err != nil || merged {
		return err // it is part of another one by now
	}
	if _, err := u.savePerson(p); err != nil {
		return err
	}
	if err := u.auditChange("tsunagu", "person", p.ID, (*crm.Person)(nil), &p); err != nil {
		return err
	}
	return u.advance()
}

// savePerson stores a person with all indexes and queues late work for new addresses. It gives what was
// there before, nil if nothing was.
func (u *unit) savePerson(p crm.Person) (before *crm.Person, err error) {
	key := idOf(p.ID)
	old, err := readPerson(u.tx, p.ID)
	switch {
	case err == nil:
		before = &old
	case !errors.Is(err, crm.ErrNotFound):
		return nil, err
	default:
		if err := u.unsigned(crm.MergePeople, p.ID); err != nil {
			return nil, err
		}
		if err := u.metaAdd(metaPeople, 1); err != nil {
			return nil, err
		}
	}
	if err := u.put(bucketPeople, key[:], encodePerson(p)); err != nil {
		return nil, err
	}
	delete(u.accounts, key)
	if err := u.reindexPerson(before, &p); err != nil {
		return nil, err
	}
	if err := u.personChanged(before, &p); err != nil {
		return nil, err
	}
	var lost []string
	now := normalAddresses(p.Emails)
	if before != nil {
		then := normalAddresses(before.Emails)
		lost = without(then, now)
		now = without(now, then)
	}
	for _, address := range now {
		if err := u.queueAddress(address); err != nil {
			return nil, err
		}
	}
	if before != nil && (len(lost) > 0 || before.AccountID != p.AccountID || before.Kind != p.Kind) {
		if err := u.revisitPerson(p, lost); err != nil {
			return before, err
		}
	}
	return before, u.queueLeft(lost)
}

// queueLeft queues late work for addresses that somebody lost and others have: whose mail with them is may be in doubt no more.
func (u *unit) queueLeft(addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	l := newLookup(u.tx, u.s)
	for _, address := range addresses {
		answer, err := l.address(address)
		if err != nil {
			return err
		}
		if answer != nil && len(answer.People) > 0 {
			if err := u.queueAddress(address); err != nil {
				return err
			}
		}
	}
	return nil
}

// revisitPerson goes through the activities of a person whose kind or account changed or who lost addresses: they
// are indexed anew, and wait for the lost addresses from now on.
func (u *unit) revisitPerson(p crm.Person, lost []string) error {
	return u.eachOfPerson(p.ID, func(st *actState) error {
		st.cur.People = ofKind(st.cur.People, p.ID, p.Kind)
		return u.awaitParticipants(st, lost)
	})
}

// ofKind gives the participants that are somebody the kind of that person.
func ofKind(people []crm.Participant, id string, kind crm.PersonKind) []crm.Participant {
	people = slices.Clone(people)
	for i := range people {
		if people[i].ID == id {
			people[i].Kind = kind
		}
	}
	return people
}

// awaitParticipants makes the rows of an activity wait for those of the addresses that are on it.
func (u *unit) awaitParticipants(st *actState, addresses []string) error {
	for _, p := range st.cur.People {
		address, ok := crm.NormalizeAddress(p.Address)
		if !ok || !slices.Contains(addresses, address) {
			continue
		}
		for _, o := range st.cur.Observed {
			r, err := u.rowOf(o.Source, o.ExternalID)
			if err != nil {
				return err
			}
			u.addPending(r, u.s.pendingHash(address))
		}
	}
	return nil
}

// maxLoaded is how many activities a unit holds that walks over those of people.
const maxLoaded = 4000

// eachOfPerson calls fn with every activity of a person. It flushes now and then, and at the end.
func (u *unit) eachOfPerson(id string, fn func(st *actState) error) error {
	if err := u.walkPerson(id, fn); err != nil {
		return err
	}
	return u.flush()
}

// walkPerson is eachOfPerson without the flush at the end, for many people who have few activities each.
func (u *unit) walkPerson(id string, fn func(st *actState) error) error {
	var seqs []uint64
	scope := idOf(id)
	x, err := openLayered(u.tx, bucketTimeline)
	if err != nil {
		return err
	}
	err = x.eachKey(scope[:], func(key []byte) bool {
		seqs = append(seqs, seqOf(key, 25))
		return true
	})
	if err != nil {
		return err
	}
	for _, seq := range seqs {
		st, err := u.activityBySeq(seq)
		if err != nil {
			return err
		}
		if st.cur != nil {
			if err := fn(st); err != nil {
				return err
			}
		}
		if len(u.actOrder) >= maxLoaded {
			if err := u.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// activityBySeq loads an activity by its number, once.
func (u *unit) activityBySeq(seq uint64) (*actState, error) {
	raw := u.bucket(bucketActivities).Get(u64(seq))
	a, err := decodeActivity(raw, false)
	if err != nil {
		return nil, err
	}
	id, key := idOf(a.ID), idOf(string(a.Key))
	for _, known := range []id16{id, key} {
		if st := u.acts[known]; st != nil && st.old != nil && st.seq == seq {
			return st, nil
		}
	}
	cur := a
	st := &actState{seq: seq, raw: raw, old: &a, cur: &cur}
	u.remember(st, id)
	return st, nil
}

// DeletePerson removes a person; activities keep the participant without its ID, and records that people made name them no
// more (leaveRecords). crm.ErrRefused while others are part of the
// person by merges that could be undone: they would be lost with it.
func (s *Store) DeletePerson(ctx context.Context, actor, id string) error {
	err := s.update(ctx, func(u *unit) error {
		if err := u.unjoined(id); err != nil {
			return err
		}
		there, err := readPerson(u.tx, id)
		if err != nil {
			return err
		}
		if err := u.dropComments(id); err != nil {
			return err
		}
		if err := u.leaveRecords(actor, &there); err != nil {
			return err
		}
		p, err := u.removePerson(id)
		if err != nil {
			return err
		}
		if err := u.forgetChanges(&p); err != nil {
			return err
		}
		return u.auditChange(actor, "person", id, &p, (*crm.Person)(nil))
	})
	if err != nil {
		return fmt.Errorf("delete person %s: %w", id, err)
	}
	return nil
}

// removePerson takes a person out of everything; their addresses are waited for again.
func (u *unit) removePerson(id string) (crm.Person, error) {
	p, err := readPerson(u.tx, id)
	if err != nil {
		return p, err
	}
	key := idOf(id)
	if err := u.delete(bucketPeople, key[:]); err != nil {
		return p, err
	}
	u.accounts[key] = ""
	if err := u.reindexPerson(&p, nil); err != nil {
		return p, err
	}
	if err := u.personChanged(&p, nil); err != nil {
		return p, err
	}
	if err := u.metaAdd(metaPeople, -1); err != nil {
		return p, err
	}
	err = u.eachOfPerson(id, func(st *actState) error {
		var addresses []string
		people := slices.Clone(st.cur.People)
		for i := range people {
			if people[i].ID == id {
				people[i].ID, people[i].Kind, people[i].Was = "", "", ""
				if address, ok := crm.NormalizeAddress(people[i].Address); ok {
					addresses = append(addresses, address)
				}
			}
		}
		st.cur.People = people
		return u.awaitParticipants(st, addresses)
	})
	if err != nil {
		return p, err
	}
	if err := u.queueLeft(normalAddresses(p.Emails)); err != nil {
		return p, err
	}
	return p, u.advance()
}

func normalAddresses(emails []string) []string {
	var out []string
	for _, email := range emails {
		if address, ok := crm.NormalizeAddress(email); ok {
			out = append(out, address)
		}
	}
	return out
}

func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(others, s) })
}

// CountPeople is how many people there are.
func (s *Store) CountPeople(ctx context.Context) (int64, error) { return s.count(ctx, metaPeople) }

// CountAccounts is how many accounts there are.
func (s *Store) CountAccounts(ctx context.Context) (int64, error) { return s.count(ctx, metaAccounts) }

func (s *Store) count(ctx context.Context, name []byte) (n int64, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		n = int64(getU64(tx.Bucket(bucketMeta).Get(name)))
		return nil
	})
	return n, err
}
