package imap

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// listing is what a search for a folder's history gave. It answers for a place as long as that asks for the
// same days and for nothing above.
type listing struct {
	validity      uint32
	since, before day
	below         uint64
	uids          []uint32 // ascending
}

// begin makes the place of a folder that was not read before: everything there is now is history, and what
// the server numbers higher later is new. The folder is open.
func (s *source) begin(name string, since day) (place, error) {
	sess := s.sess
	searching := sess.searching(&imap.SearchCriteria{UID: uidRange(0, 0)}) // "*": the last message
	history, err := sess.search(s.historyCriteria(place{Since: since}))
	if err != nil {
		return place{}, err
	}
	last, err := lastUID(sess, searching.Wait)
	if err != nil {
		return place{}, err
	}
	at := place{Validity: sess.validity, Next: uint64(last) + 1, Since: since}
	if len(history) > 0 {
		at.Next = max(at.Next, uint64(history[len(history)-1])+1)
		at.Below, at.Total = at.Next, int64(len(history))
		s.history[name] = listing{validity: at.Validity, since: since, below: at.Below, uids: history}
	}
	return at, nil
}

// lastUID reads the answer to a search for "*". A server that refuses it is asked for everything.
func lastUID(sess *session, wait func() (*imap.SearchData, error)) (uint32, error) {
	data, err := wait()
	var uids []uint32
	var refused *imap.Error
	switch {
	case errors.As(err, &refused):
		uids, err = sess.search(&imap.SearchCriteria{})
	case err == nil:
		uids, err = uidsOf(data)
	}
	if err != nil || len(uids) == 0 {
		return 0, err
	}
	return uids[len(uids)-1], nil
}

// historyCriteria selects the history of a place.
func (s *source) historyCriteria(at place) *imap.SearchCriteria {
	criteria := &imap.SearchCriteria{}
	if at.Since > 0 {
		criteria.Since = at.Since.time()
	}
	if at.Before > 0 {
		criteria.Before = at.Before.time()
	}
	if at.Below > 1 {
		criteria.UID = uidRange(1, at.Below-1)
	}
	return criteria
}

// widen follows a change of the setting since. An earlier day opens history again, down to that day; a later
// one ends history that is still being read earlier.
func (s *source) widen(name string, at place, since day) place {
	switch {
	case since == at.Since || since > at.Since && at.Below == 0:
		return at
	case since > at.Since:
		at.Since = since
		return at
	case at.Below == 0:
		at.Before = at.Since
	default:
		at.Before = 0
	}
	at.Since, at.Below, at.Done, at.Total = since, at.Next, 0, 0
	delete(s.history, name)
	return at
}

// readHistory reads one chunk, newest first, of the folder that is furthest behind.
func (p *pass) readHistory(ctx context.Context) error {
	name := p.behind()
	p.pos.Reading = name
	if name == "" {
		return nil
	}
	at, err := p.enter(ctx, name, p.pos.Folders[name].Since)
	if err != nil || at.Below == 0 {
		return err
	}
	list, err := p.src.listHistory(ctx, name, &at)
	if err != nil {
		return err
	}
	below := len(list.uids)
	if at.Below <= 1<<32-1 {
		below, _ = slices.BinarySearch(list.uids, uint32(at.Below))
	}
	end := max(0, below-p.room)
	ask := descending(list.uids[end:below])
	beyond := descending(list.uids[max(0, end-p.src.carry()):end])
	done, err := p.read(ctx, name, ask, beyond)
	if done > 0 {
		at.Below = uint64(ask[done-1])
		at.Done += int64(done)
	}
	if done == below {
		at.Below, at.Before = 0, 0
		at.Done = at.Total
		delete(p.src.history, name)
	}
	p.pos.Folders[name] = at
	return err
}

// carry is how many messages may be on their way when a batch ends, for the next one.
func (s *source) carry() int {
	return (textsAhead + structuresAhead) * s.chunk()
}

func descending(uids []uint32) []uint32 {
	turned := slices.Clone(uids)
	slices.Reverse(turned)
	return turned
}

// leastLead is how much less of its history must be read, as a share, for another folder than the last one to
// come first: changing the folder costs what is already on its way.
const leastLead = 0.1

// behind names the folder with the smallest share of its history read; "" if all is read. The folder that was read
// last has the preference. Only the cursor decides, so that a reading goes on as it would have without a restart.
func (p *pass) behind() string {
	best, share := "", 2.0
	for _, name := range p.look.names {
		at, known := p.pos.Folders[name]
		if !known || at.Below == 0 || p.look.status[name] == nil {
			continue
		}
		read := float64(at.Done) / float64(max(at.Total, 1))
		if name == p.pos.Reading {
			read -= leastLead
		}
		if read < share {
			best, share = name, read
		}
	}
	return best
}

// listHistory gives the listing for a place, from memory or from the server. The folder is open.
func (s *source) listHistory(ctx context.Context, name string, at *place) (listing, error) {
	have, ok := s.history[name]
	if ok && have.validity == at.Validity && have.since == at.Since && have.before == at.Before && at.Below <= have.below {
		return have, nil
	}
	defer s.sess.guard(ctx)()
	uids, err := s.sess.search(s.historyCriteria(*at))
	if err != nil {
		return listing{}, s.fault(ctx, "look through history", lostUnlessRefused(err))
	}
	at.Total = at.Done + int64(len(uids))
	have = listing{validity: at.Validity, since: at.Since, before: at.Before, below: at.Below, uids: uids}
	s.history[name] = have
	return have, nil
}
