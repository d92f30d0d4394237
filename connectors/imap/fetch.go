package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// pass is one Fetch under way.
type pass struct {
	src    *source
	look   survey
	pos    position // what Next will hold
	batch  connectors.Batch
	room   int   // items that still fit
	budget int64 // bytes that still fit
	rest   bool  // there is new mail that did not fit
}

// Fetch reads what is new in all folders, then a chunk of history. What was read before the connection was lost
// is returned; the loss shows in the next Fetch.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	pos, err := decode(cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	v, err := s.lookNowAndThen(ctx, cur, pos)
	if err != nil {
		return connectors.Batch{}, err
	}
	p := &pass{src: s, look: v, pos: pos.clone(), room: s.env.Limits.BatchItems, budget: s.env.Limits.BatchBytes}
	p.batch.Notes = s.notes(v)
	p.retire()
	since, err := sinceDay(s.settings.Since, s.now())
	if err != nil {
		return connectors.Batch{}, &connectors.Fault{Kind: connectors.Permanent, Op: "read setting since", Err: err}
	}
	err = p.run(ctx, since)
	if err != nil && (len(p.batch.Items) == 0 || ctx.Err() != nil) {
		return connectors.Batch{}, err
	}
	p.batch.More = err != nil
	batch, err := p.finish(pos, cur)
	if batch.More {
		s.last.next = batch.Next
	}
	return batch, err
}

// run reads: first all that is new, then history.
func (p *pass) run(ctx context.Context, since day) error {
	var refused error
	read := 0
	for _, name := range p.look.names {
		if p.look.status[name] == nil {
			continue
		}
		at, known := p.pos.Folders[name]
		if known && !p.src.changed(p.look, name, at) {
			p.pos.Folders[name] = p.src.widen(name, at, since)
			read++
			continue
		}
		if err := p.readNew(ctx, name, since); err != nil {
			if !p.skips(name, err) {
				return err
			}
			refused = err
			continue
		}
		read++
	}
	if read == 0 && refused != nil {
		return refused
	}
	if p.rest || p.room <= 0 || p.budget <= 0 {
		return nil
	}
	return p.readHistory(ctx)
}

// skips says whether an error concerns one folder alone, which the server refuses to open. It is left out of the
// rest of the pass, and a person is told once.
func (p *pass) skips(name string, err error) bool {
	var refused *imap.Error
	if !errors.As(err, &refused) || connectors.Classify(err).After > 0 {
		return false
	}
	p.look.status[name] = nil
	note := fmt.Sprintf("folder %s cannot be read: %v", name, refused)
	if !p.src.noted[note] {
		p.src.noted[note] = true
		p.batch.Notes = append(p.batch.Notes, note)
	}
	return true
}

// finish completes the batch.
func (p *pass) finish(before position, cur connectors.Cursor) (connectors.Batch, error) {
	b := &p.batch
	for _, at := range p.pos.Folders {
		b.Progress.Done += at.Done
		b.Progress.Total += at.Total
		b.Backfill = b.Backfill || at.Below > 0
	}
	b.More = b.More || p.rest || b.Backfill
	b.Next = cur
	if !samePlaces(before, p.pos) || cur == "" {
		next, err := p.pos.encode()
		if err != nil {
			return connectors.Batch{}, err
		}
		b.Next = next
	}
	return *b, nil
}

func samePlaces(a, b position) bool {
	if len(a.Folders) != len(b.Folders) {
		return false
	}
	for name, at := range a.Folders {
		if other, ok := b.Folders[name]; !ok || other != at {
			return false
		}
	}
	return true
}

// retire takes folders out of the cursor that are gone or no longer chosen.
func (p *pass) retire() {
	for name, at := range p.pos.Folders {
		if slices.Contains(p.look.names, name) {
			continue
		}
		p.forget(name)
		listed := slices.ContainsFunc(p.src.sess.folders, func(f folder) bool { return f.name == name })
		if listed || p.look.there[name] {
			p.notef("folder %s is no longer read", name)
			continue
		}
		p.batch.Retired = append(p.batch.Retired, idPrefix(name, at.Validity))
		if renamed := p.renamed(at); renamed != "" {
			p.notef("folder %s was renamed %s", name, renamed)
		} else {
			p.notef("folder %s is gone", name)
		}
	}
	slices.Sort(p.batch.Retired)
	slices.Sort(p.batch.Notes)
}

// renamed finds the new name of a folder that is gone: a folder not read yet whose UIDVALIDITY and UIDs fit.
func (p *pass) renamed(at place) string {
	for _, name := range p.look.names {
		data := p.look.status[name]
		if _, known := p.pos.Folders[name]; !known && data != nil && data.UIDValidity == at.Validity && uint64(data.UIDNext) >= at.Next {
			return name
		}
	}
	return ""
}

func (p *pass) notef(format string, args ...any) {
	p.batch.Notes = append(p.batch.Notes, fmt.Sprintf(format, args...))
}

// forget drops what is known of a folder.
func (p *pass) forget(name string) {
	delete(p.pos.Folders, name)
	delete(p.src.seen, name)
	delete(p.src.history, name)
}

// enter opens a folder and gives the place to go on from. A folder seen for the first time, or replaced by
// another of the same name, begins anew.
func (p *pass) enter(ctx context.Context, name string, since day) (place, error) {
	sess := p.src.sess
	defer sess.guard(ctx)()
	if data := p.look.status[name]; sess.selected == name && data.UIDValidity != sess.validity {
		sess.selected = ""
	}
	if err := sess.examine(name); err != nil {
		return place{}, p.src.fault(ctx, "open folder", lostUnlessRefused(err))
	}
	at, known := p.pos.Folders[name]
	if known && at.Validity == sess.validity {
		return p.src.widen(name, at, since), nil
	}
	if known {
		p.batch.Retired = append(p.batch.Retired, idPrefix(name, at.Validity))
		p.notef("the server numbers folder %s anew (UIDVALIDITY %d, was %d); it is read again", name, sess.validity, at.Validity)
		p.forget(name)
	}
	at, err := p.src.begin(name, since)
	if err != nil {
		return place{}, p.src.fault(ctx, "look through folder", lostUnlessRefused(err))
	}
	p.pos.Folders[name] = at
	return at, nil
}

// readNew reads what came after the cursor in one folder.
func (p *pass) readNew(ctx context.Context, name string, since day) error {
	if p.room <= 0 || p.budget <= 0 {
		p.rest = true
		return nil
	}
	at, err := p.enter(ctx, name, since)
	if err != nil {
		return err
	}
	uids, err := p.src.newUIDs(ctx, at.Next)
	if err != nil {
		return err
	}
	ask := uids[:min(len(uids), p.room)]
	done, err := p.read(ctx, name, ask, nil)
	if done > 0 {
		at.Next = uint64(ask[done-1]) + 1
	}
	p.pos.Folders[name] = at
	if err != nil {
		return err
	}
	if done < len(uids) {
		p.rest = true
		return nil
	}
	p.src.seen[name] = snapshotOf(p.look.status[name], at.Next)
	return nil
}

// read reads messages of the open folder into the batch and says how many of them are accounted for.
func (p *pass) read(ctx context.Context, name string, uids, beyond []uint32) (int, error) {
	items, done, spent, err := p.src.read(ctx, name, uids, beyond, p.budget)
	if len(p.batch.Items) == 0 {
		p.batch.Items = items
	} else {
		p.batch.Items = append(p.batch.Items, items...)
	}
	p.room -= len(uids)
	p.budget -= spent
	return done, err
}

// newUIDs lists what is at next or above in the open folder. "n:*" also means the last message when that is
// below n (RFC 9051 section 9, seq-range), so the answer is filtered.
func (s *source) newUIDs(ctx context.Context, next uint64) ([]uint32, error) {
	if next > 1<<32-1 {
		return nil, nil
	}
	defer s.sess.guard(ctx)()
	uids, err := s.sess.search(&imap.SearchCriteria{UID: uidRange(next, 0)})
	if err != nil {
		return nil, s.fault(ctx, "look for new mail", lostUnlessRefused(err))
	}
	first, _ := slices.BinarySearch(uids, uint32(next))
	return uids[first:], nil
}
