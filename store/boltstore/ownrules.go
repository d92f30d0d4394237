package boltstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ownRecord is what is kept of a rep's rules, and how far the store is in following them.
type ownRecord struct {
	Rules  crm.OwnRules `json:"rules"`
	Steps  []ownStep    `json:"steps,omitempty"`  // left to do, in order; none if all is as the rules say
	Source uint32       `json:"source,omitempty"` // of the first step: the source it is at
	After  string       `json:"after,omitempty"`  // and the place behind which it goes on
}

// ownStep is a walk over the rows of the rep's sources.
type ownStep string

const (
	ownLift  ownStep = "lift"  // rows of rules that are gone are read again
	ownApply ownStep = "apply" // what is logged and covered by a rule goes
	ownAsk   ownStep = "ask"   // so does what waits for a review
)

// ownAtOnce is how many rows a step looks at in one transaction.
const ownAtOnce = 300

func decodeOwn(b []byte) (ownRecord, error) { return decodeRecord[ownRecord](b, "own rules") }

func readOwn(tx *bbolt.Tx, rep string) (ownRecord, error) {
	raw := tx.Bucket(bucketOwnRules).Get([]byte(strings.ToLower(rep)))
	if raw == nil {
		return ownRecord{}, nil
	}
	return decodeOwn(raw)
}

func (u *unit) putOwn(rep string, own ownRecord) error {
	key := []byte(strings.ToLower(rep))
	if len(own.Rules) == 0 && len(own.Steps) == 0 {
		return u.delete(bucketOwnRules, key)
	}
	raw, err := encodeRecord(own)
	if err != nil {
		return err
	}
	return u.put(bucketOwnRules, key, raw)
}

// ownRules are the rules of the owner of a source.
func (u *unit) ownRules(owner string) (crm.OwnRules, error) {
	if owner == "" || unlessEmpty(u.bucket(bucketOwnRules)) == nil {
		return nil, nil
	}
	own, err := readOwn(u.tx, owner)
	return own.Rules, err
}

// OwnRules gives a rep's rules; see storetest.Withheld.
func (s *Store) OwnRules(ctx context.Context, rep string) (rules crm.OwnRules, settled bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		own, err := readOwn(tx, rep)
		rules, settled = own.Rules, len(own.Steps) == 0
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("read own rules: %w", err)
	}
	return rules, settled, nil
}

// ChangeOwnRules adds rules and takes others away; see storetest.Withheld.
func (s *Store) ChangeOwnRules(ctx context.Context, actor, rep string, add []crm.OwnRule, remove []string, now time.Time) error {
	err := s.update(ctx, func(u *unit) error {
		if rep == "" {
			return errNoRep
		}
		own, err := readOwn(u.tx, rep)
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(own.Rules), func(r crm.OwnRule) bool { return slices.Contains(remove, r.ID) })
		gone, fresh := len(own.Rules)-len(kept), 0
		for _, r := range add {
			if !slices.ContainsFunc(kept, func(k crm.OwnRule) bool { return k.ID == r.ID }) {
				kept, fresh = append(kept, r), fresh+1
			}
		}
		switch {
		case len(kept) > crm.MaxOwnRules && fresh > 0:
			return crm.ErrTooBig
		case gone+fresh == 0:
			return nil
		}
		var steps []ownStep
		if gone > 0 || slices.Contains(own.Steps, ownLift) {
			steps = append(steps, ownLift)
		}
		if fresh > 0 || slices.Contains(own.Steps, ownAsk) {
			steps = append(steps, ownApply, ownAsk)
		}
		if err := u.putOwn(rep, ownRecord{Rules: kept, Steps: steps}); err != nil {
			return err
		}
		return u.audit(crm.AuditRecord{At: now, Actor: actor, Action: "change own exclusions", Object: "user/" + strings.ToLower(rep),
			After: fmt.Sprintf("%d added, %d removed", fresh, gone)})
	})
	if err != nil {
		return fmt.Errorf("change own rules: %w", err)
	}
	return nil
}

// SettleOwnRules does a piece of what rules that changed ask for; see storetest.Withheld.
func (s *Store) SettleOwnRules(ctx context.Context, now time.Time) (changed int, more bool, err error) {
	rep, taken := "", false
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketOwnRules).ForEach(func(k, v []byte) error {
			own, err := decodeOwn(v)
			if err == nil && len(own.Steps) > 0 {
				rep = string(k)
				return crm.ErrStop
			}
			return err
		})
	})
	if errors.Is(err, crm.ErrStop) {
		err = nil
	}
	if err == nil && rep != "" {
		err = s.update(ctx, func(u *unit) (err error) {
			u.taken = false
			changed, err = u.settleOwn(rep, now)
			taken = u.taken
			return err
		})
	}
	if err == nil && taken {
		err = s.Scrub(context.WithoutCancel(ctx))
	}
	if err != nil {
		return 0, false, fmt.Errorf("settle own rules: %w", err)
	}
	return changed, rep != "", nil
}

func (u *unit) settleOwn(rep string, now time.Time) (changed int, err error) {
	own, err := readOwn(u.tx, rep)
	if err != nil || len(own.Steps) == 0 {
		return 0, err
	}
	sources, err := u.sourcesOf(rep)
	if err != nil {
		return 0, err
	}
	at := slices.IndexFunc(sources, func(num uint32) bool { return num >= own.Source })
	if at < 0 {
		own.Steps, own.Source, own.After = own.Steps[1:], 0, ""
		return 0, u.putOwn(rep, own)
	}
	if sources[at] != own.Source {
		own.After = ""
	}
	after, err := hex.DecodeString(own.After)
	if err != nil {
		return 0, corrupt("own rules")
	}
	verdict, look := crm.Logged, u.ownLogged
	switch own.Steps[0] {
	case ownLift:
		verdict, look = crm.Excluded, u.ownExcluded
	case ownAsk:
		verdict, look = crm.Waiting, u.ownWaiting
	}
	seqs, last := u.rowsAfter(sources[at], verdict, after, ownAtOnce)
	for _, seq := range seqs {
		r, err := u.rowBySeq(seq)
		if err != nil {
			return 0, err
		}
		did, err := look(r, own.Rules, now)
		if err != nil {
			return 0, err
		}
		if did {
			changed++
		}
	}
	if own.Source, own.After = sources[at], hex.EncodeToString(last); last == nil {
		own.Source++
	}
	return changed, u.putOwn(rep, own)
}

// ownLogged excludes a row if a rule covers its activity. The activity goes if it was seen nowhere else.
func (u *unit) ownLogged(r *rowState, rules crm.OwnRules, _ time.Time) (bool, error) {
	st, err := u.activity(r.cur.entry.Activity)
	if err != nil || st.cur == nil {
		return false, err
	}
	s := crm.ScreeningOf(&st.cur.Activity)
	return u.excludeOwn(r, rules.Excludes(&s))
}

// ownWaiting does the same with a row that waits, of which its reviews tell an address.
func (u *unit) ownWaiting(r *rowState, rules crm.OwnRules, _ time.Time) (bool, error) {
	for _, id := range r.cur.reviews {
		review, err := readReview(u.tx, id)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		s := crm.Screening{Outside: []string{review.Address}, Subject: review.Subject}
		if rule := rules.Excludes(&s); rule != nil {
			return u.excludeOwn(r, rule)
		}
	}
	return false, nil
}

func (u *unit) excludeOwn(r *rowState, rule *crm.OwnRule) (bool, error) {
	if rule == nil {
		return false, nil
	}
	name, err := u.sourceName(r.id.src)
	if err != nil {
		return false, err
	}
	u.taken = true
	return true, u.exclude(r, name, rule.Reason())
}

// ownExcluded has a row read again whose rule is gone.
func (u *unit) ownExcluded(r *rowState, rules crm.OwnRules, now time.Time) (bool, error) {
	reason := r.cur.entry.Reason
	if reasonCode(reason) != crm.ReasonOwnRule || slices.ContainsFunc(rules, func(rule crm.OwnRule) bool { return rule.Reason() == reason }) {
		return false, nil
	}
	source, err := u.readAgain(r.id, reason, now)
	return source != "", err
}
