package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// filings are kept beside the activities, since an activity can go and come again. Whenever an activity is stored, it follows
// them (followFiling), as it follows merges.
func filings() recordKind[crm.Filing] {
	return recordKind[crm.Filing]{bucket: bucketFilings, what: "filing", id: func(f *crm.Filing) string { return f.Activity },
		lines: func(*crm.Filing) []change { return nil }}
}

// GetFiling gives what was decided about who stands on an activity; nothing is no error.
func (s *Store) GetFiling(ctx context.Context, activity string) (crm.Filing, error) {
	f, err := getRecord(ctx, s, filings(), activity)
	if errors.Is(err, crm.ErrNotFound) {
		return crm.Filing{Activity: activity}, nil
	}
	return f, err
}

// FileActivity puts somebody on an activity, takes somebody off it, or both; see storetest.Filings.
func (s *Store) FileActivity(ctx context.Context, actor, activity string, f crm.Filed) (out crm.Activity, err error) {
	err = s.update(ctx, func(u *unit) error {
		out, err = u.fileActivity(actor, activity, f)
		return err
	})
	if err != nil {
		return crm.Activity{}, fmt.Errorf("file activity %s: %w", activity, err)
	}
	return out, nil
}

func (u *unit) fileActivity(actor, activity string, f crm.Filed) (crm.Activity, error) {
	st, err := u.activity(activity)
	if err != nil {
		return crm.Activity{}, err
	}
	if st.cur == nil {
		return crm.Activity{}, crm.ErrNotFound
	}
	cur := *st.cur
	if err := u.checkFiled(&cur.Activity, &f); err != nil {
		return crm.Activity{}, err
	}
	before, err := filings().find(u.tx, cur.ID)
	if err != nil {
		return crm.Activity{}, err
	}
	after := crm.Filing{Activity: cur.ID}
	if before != nil {
		after.Moves = slices.Clone(before.Moves)
	}
	for i := range cur.People {
		if p := &cur.People[i]; f.Detach != "" && p.ID == f.Detach {
			f.Was = append(f.Was, crm.Stood{Role: p.Role, Address: p.Address, ID: p.ID, Kind: p.Kind})
		}
	}
	was := cur.Accounts
	if err := u.applyFiled(&cur, &f); err != nil {
		return crm.Activity{}, err
	}
	f.Left, f.Came = without(was, cur.Accounts), without(cur.Accounts, was)
	after.Moves = append(after.Moves, f)
	return cur.Activity, u.storeFiling(actor, f.At, st, &cur, before, &after)
}

// storeFiling stores an activity with the decisions about it.
func (u *unit) storeFiling(actor string, now time.Time, st *actState, cur *activity, before, after *crm.Filing) error {
	var was, is string
	var err error
	if before != nil {
		if was, err = asJSON(before.Moves); err != nil {
			return err
		}
	}
	if is, err = asJSON(after.Moves); err != nil {
		return err
	}
	if len(after.Moves) == 0 {
		after = nil
	}
	if before != nil || after != nil {
		if err := filings().put(u, before, after); err != nil {
			return err
		}
	}
	cur.Activity = crm.Merge(cur.Activity, cur.Activity) // brings the lists into order
	st.cur = cur
	return u.audit(crm.AuditRecord{At: now, Actor: actor, Action: "file activity", Object: "activity/" + cur.ID, Before: was, After: is})
}

// checkFiled refuses what makes no sense.
func (u *unit) checkFiled(a *crm.Activity, f *crm.Filed) error {
	on := func(id string) bool {
		return slices.ContainsFunc(a.People, func(p crm.Participant) bool { return p.ID == id })
	}
	switch {
	case f.ID == "" || f.At.IsZero() || f.Detach == "" && f.Attach == "":
		return errors.New("it has no id or no time, or names nobody")
	case f.Detach != "" && !on(f.Detach):
		return fmt.Errorf("%w: the person is not on the activity", crm.ErrRefused)
	case f.Attach != "" && on(f.Attach):
		return fmt.Errorf("%w: the person is on the activity already", crm.ErrRefused)
	case f.Attach != "":
		_, err := readPerson(u.tx, f.Attach)
		return err
	}
	return nil
}

// UnfileActivity takes the newest decision about an activity back.
func (s *Store) UnfileActivity(ctx context.Context, actor, activity, id string, now time.Time) (out crm.Activity, err error) {
	err = s.update(ctx, func(u *unit) error {
		out, err = u.unfileActivity(actor, activity, id, now)
		return err
	})
	if err != nil {
		return crm.Activity{}, fmt.Errorf("take back how activity %s was filed: %w", activity, err)
	}
	return out, nil
}

func (u *unit) unfileActivity(actor, activity, id string, now time.Time) (crm.Activity, error) {
	st, err := u.activity(activity)
	if err != nil {
		return crm.Activity{}, err
	}
	if st.cur == nil {
		return crm.Activity{}, crm.ErrNotFound
	}
	before, err := filings().find(u.tx, st.cur.ID)
	if err != nil {
		return crm.Activity{}, err
	}
	if before == nil || len(before.Moves) == 0 || before.Moves[len(before.Moves)-1].ID != id {
		return crm.Activity{}, fmt.Errorf("%w: only the newest decision can be taken back", crm.ErrRefused)
	}
	last := before.Moves[len(before.Moves)-1]
	if err := u.nowFiled(&last); err != nil {
		return crm.Activity{}, err
	}
	cur := *st.cur
	cur.People = last.Back(cur.People)
	cur.Accounts = union(without(cur.Accounts, last.Came), last.Left)
	after := crm.Filing{Activity: before.Activity, Moves: slices.Clone(before.Moves[:len(before.Moves)-1])}
	return cur.Activity, u.storeFiling(actor, now, st, &cur, before, &after)
}

func union(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// followFiling makes an activity that is about to be stored follow what people decided about it.
func (u *unit) followFiling(a *activity) error {
	if unlessEmpty(u.bucket(bucketFilings)) == nil {
		return nil
	}
	f, err := filings().find(u.tx, a.ID)
	if err != nil || f == nil {
		return err
	}
	for i := range f.Moves {
		if err := u.applyFiled(a, &f.Moves[i]); err != nil {
			return err
		}
	}
	a.Activity = crm.Merge(a.Activity, a.Activity)
	return nil
}

// nowFiled names those whom a decision concerns as they are called by now.
func (u *unit) nowFiled(f *crm.Filed) (err error) {
	if f.Detach, err = nowCalled(u.tx, f.Detach); err != nil {
		return err
	}
	f.Attach, err = nowCalled(u.tx, f.Attach)
	return err
}

// applyFiled makes people and accounts of an activity follow one decision. An account goes with somebody if nobody else on the
// activity belongs to it.
func (u *unit) applyFiled(a *activity, decided *crm.Filed) error {
	f := *decided
	if err := u.nowFiled(&f); err != nil {
		return err
	}
	var kind crm.PersonKind
	name := ""
	if f.Attach != "" {
		p, err := readPerson(u.tx, f.Attach)
		there, err := isThere(err)
		if err != nil {
			return err
		}
		if kind, name = p.Kind, p.Name; !there {
			f.Attach = ""
		}
	}
	a.People = f.Apply(a.People, kind, name)
	accounts := slices.Clone(a.Accounts)
	if f.Detach != "" {
		gone, err := u.accountOf(f.Detach)
		if err != nil {
			return err
		}
		held, err := u.holdsAccount(a, gone)
		if err != nil {
			return err
		}
		if !held {
			accounts = without(accounts, []string{gone})
		}
	}
	if f.Attach != "" {
		came, err := u.accountOf(f.Attach)
		if err != nil {
			return err
		}
		if came != "" {
			accounts = union(accounts, []string{came})
		}
	}
	a.Accounts = accounts
	return nil
}

// holdsAccount says whether somebody on an activity belongs to an account.
func (u *unit) holdsAccount(a *activity, account string) (bool, error) {
	if account == "" {
		return true, nil
	}
	b := u.belonging(nil)
	for i := range a.People {
		if id, err := b.of(&a.People[i]); err != nil || id == account {
			return err == nil, err
		}
	}
	return false, nil
}

// RaiseReview puts a question of a person's before people: one that was decided is open again, with what it asks now,
// unless it was accepted and asks the same.
func (s *Store) RaiseReview(ctx context.Context, actor string, r crm.Review) error {
	err := s.update(ctx, func(u *unit) error {
		r.State, r.Person, r.DecidedBy, r.DecidedAt = crm.ReviewOpen, "", "", time.Time{}
		old, err := readReview(u.tx, r.ID)
		if errors.Is(err, crm.ErrNotFound) {
			return errors.Join(u.saveReview(nil, &review{Review: r}), u.auditReview(actor, nil, &r))
		}
		if err != nil {
			return err
		}
		if old.State == crm.ReviewAccepted && sameCandidates(old.Candidates, r.Candidates) {
			return nil
		}
		return errors.Join(u.saveReview(&old, &review{Review: r, item: old.item}), u.auditReview(actor, &old.Review, &r))
	})
	if err != nil {
		return fmt.Errorf("raise review %s: %w", r.ID, err)
	}
	return nil
}

// forgetFilings takes the person out of decisions about activities, so that none puts them on again.
func (e *erasure) forgetFilings() error {
	list, err := chosen(e.u.tx, filings(), func(*crm.Filing) bool { return true })
	if err != nil {
		return err
	}
	for i := range list {
		before := list[i]
		after, changed := e.withoutFiled(&before)
		if !changed {
			continue
		}
		e.dropped["activity/"+before.Activity] = true
		if len(after.Moves) == 0 {
			after = nil
		}
		if err := filings().put(e.u, &before, after); err != nil {
			return err
		}
	}
	return e.u.flush()
}

func (e *erasure) withoutFiled(f *crm.Filing) (after *crm.Filing, changed bool) {
	after = &crm.Filing{Activity: f.Activity}
	theirs := func(address string) bool {
		normal, ok := crm.NormalizeAddress(address)
		return ok && e.emails[normal]
	}
	for _, m := range f.Moves {
		was := m
		if e.people[m.Attach] {
			m.Attach, m.Came = "", nil
		}
		if e.people[m.Detach] {
			m.Detach, m.Left = "", nil
		}
		if theirs(m.Address) {
			m.Address = ""
		}
		m.Was = slices.DeleteFunc(slices.Clone(m.Was), func(s crm.Stood) bool { return e.people[s.ID] || theirs(s.Address) })
		changed = changed || m.Attach != was.Attach || m.Detach != was.Detach || m.Address != was.Address || len(m.Was) != len(was.Was)
		if m.Attach != "" || m.Detach != "" {
			after.Moves = append(after.Moves, m)
		}
	}
	return after, changed
}

func sameCandidates(a, b []crm.Candidate) bool {
	return slices.EqualFunc(a, b, func(x, y crm.Candidate) bool { return x.ID == y.ID })
}
