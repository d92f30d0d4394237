package web

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// owner trims the address of whom something is given to, who is a colleague (mayOwn); "" is nobody. Who has it already may
// keep it, whoever that is.
func (c *checks) owner(ctx context.Context, place string, value *string, stored ...string) {
	before := len(c.found)
	c.address(place, value)
	if *value == "" || len(c.found) > before || slices.ContainsFunc(stored, func(was string) bool { return strings.EqualFold(was, *value) }) {
		return
	}
	if !c.s.mayOwn(ctx, *value) {
		c.wrong(place, "entry.unknown_owner", shown(*value))
	}
}

// mayOwn says whether something can be given to an address: to whoever works with the system, and to a colleague of the
// organisation's own domains, who may come to it later. Not to somebody who may not sign in any more.
func (s *Server) mayOwn(ctx context.Context, address string) bool {
	if s.worksHere(ctx, address) {
		return true
	}
	_, err := s.store.GetUser(ctx, address)
	return errors.Is(err, crm.ErrNotFound) && s.cfg.Own != nil && s.cfg.Own(address)
}

// worksHere says whether an address is that of a user who may sign in, or of somebody whose mailbox or calendar is read.
func (s *Server) worksHere(ctx context.Context, address string) bool {
	if u, err := s.store.GetUser(ctx, address); err == nil {
		return !u.Disabled
	}
	return s.ownsSource(ctx, address)
}

// ownsSource says whether somebody's mailbox or calendar is read. They may not have signed in yet.
func (s *Server) ownsSource(ctx context.Context, address string) bool {
	sources, err := s.store.ListSources(unbounded(ctx))
	return err == nil && slices.ContainsFunc(sources, func(src crm.Source) bool { return strings.EqualFold(src.Owner, address) })
}

// workingHere is worksHere for a list, in which the same few stand again and again.
func (s *Server) workingHere(ctx context.Context) func(address string) bool {
	known := map[string]bool{}
	return func(address string) bool {
		is, asked := known[address]
		if !asked {
			is = s.worksHere(ctx, address)
			known[address] = is
		}
		return is
	}
}
