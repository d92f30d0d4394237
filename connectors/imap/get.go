package imap

import (
	"context"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// group names the messages of one folder that are asked for.
type group struct {
	folder   string
	validity uint32
}

// Get reads messages again by their external ids. Ids of folders that are gone or were numbered anew, and ids
// that are none, have no item.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	sess, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if s.now().Sub(sess.listed) > relistAfter {
		release := sess.guard(ctx)
		err := s.list(ctx)
		release()
		if err != nil {
			return nil, err
		}
	}
	names := make(map[string]string, len(sess.folders))
	for _, f := range sess.folders {
		names[folderID(f.name)] = f.name
	}
	wanted := make(map[group][]uint32)
	var order []group
	for _, id := range ids {
		encoded, validity, uid, ok := parseID(id)
		name, there := names[encoded]
		if !ok || !there {
			continue
		}
		g := group{name, validity}
		if wanted[g] == nil {
			order = append(order, g)
		}
		wanted[g] = append(wanted[g], uid)
	}
	var items []connectors.Item
	for _, g := range order {
		got, err := s.getGroup(ctx, g, wanted[g])
		if err != nil {
			return nil, err
		}
		items = append(items, got...)
	}
	return items, nil
}

// getGroup reads messages of one folder.
func (s *source) getGroup(ctx context.Context, g group, uids []uint32) ([]connectors.Item, error) {
	sess, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	uids, err = sess.present(ctx, s, g, uids)
	if err != nil {
		return nil, err
	}
	var items []connectors.Item
	for len(uids) > 0 {
		got, done, _, err := s.read(ctx, g.folder, uids, nil, s.env.Limits.BatchBytes)
		if err != nil {
			return nil, err
		}
		items = append(items, got...)
		if done == 0 {
			break
		}
		uids = uids[done:]
	}
	return items, nil
}

// present opens the group's folder and keeps those UIDs that are there. A folder that cannot be opened, or
// that was numbered anew, has none.
func (sess *session) present(ctx context.Context, s *source, g group, uids []uint32) ([]uint32, error) {
	defer sess.guard(ctx)()
	sess.selected = "" // UIDVALIDITY must be today's
	if err := sess.examine(g.folder); err != nil {
		if sess.tap.broken() || ctx.Err() != nil {
			return nil, s.fault(ctx, "open folder", lost{err})
		}
		return nil, nil
	}
	if sess.validity != g.validity {
		return nil, nil
	}
	slices.Sort(uids)
	var set imap.UIDSet
	for _, uid := range slices.Compact(uids) {
		set.AddNum(imap.UID(uid))
	}
	there, err := sess.search(&imap.SearchCriteria{UID: []imap.UIDSet{set}})
	if err != nil {
		return nil, s.fault(ctx, "look for messages", lostUnlessRefused(err))
	}
	return slices.DeleteFunc(there, func(uid uint32) bool { return !set.Contains(imap.UID(uid)) }), nil
}
