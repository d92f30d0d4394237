package boltstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var bucketViews = []byte("views") // id16 → saved view

func savedViews() recordKind[crm.SavedView] {
	return recordKind[crm.SavedView]{bucket: bucketViews, what: "view", id: func(v *crm.SavedView) string { return v.ID },
		lines: func(*crm.SavedView) []change { return nil }}
}

// SaveView inserts or replaces a saved view; see storetest.Views.
func (s *Store) SaveView(ctx context.Context, actor string, v crm.SavedView) error {
	err := s.update(ctx, func(u *unit) error {
		if err := crm.Refuse("view", crm.CheckSavedView(&v)); err != nil {
			return err
		}
		if err := u.roomFor(bucketViews, v.ID); err != nil {
			return err
		}
		before, err := savedViews().find(u.tx, v.ID)
		if err != nil {
			return err
		}
		if before != nil && before.Owner != v.Owner {
			return fmt.Errorf("%w: it is another user's", crm.ErrRefused)
		}
		if before == nil {
			mine, err := viewsOf(u.tx, func(w *crm.SavedView) bool { return w.Owner == v.Owner })
			if err != nil {
				return err
			}
			if len(mine) >= crm.MaxSavedViews {
				return refused("%d views are saved already", crm.MaxSavedViews)
			}
		}
		if err := savedViews().put(u, before, &v); err != nil {
			return err
		}
		return u.auditChange(actor, "view", v.ID, before, &v)
	})
	if err != nil {
		return fmt.Errorf("save view %s: %w", v.ID, err)
	}
	return nil
}

// GetView gives a saved view by ID.
func (s *Store) GetView(ctx context.Context, id string) (crm.SavedView, error) {
	return getRecord(ctx, s, savedViews(), id)
}

// DeleteView removes a saved view.
func (s *Store) DeleteView(ctx context.Context, actor, id string) error {
	err := s.update(ctx, func(u *unit) error {
		before, err := savedViews().read(u.tx, id)
		if err != nil {
			return err
		}
		if err := savedViews().put(u, &before, nil); err != nil {
			return err
		}
		var gone *crm.SavedView
		return u.auditChange(actor, "view", id, &before, gone)
	})
	if err != nil {
		return fmt.Errorf("delete view %s: %w", id, err)
	}
	return nil
}

// ListViews gives the views of a user and those that are shared, by name.
func (s *Store) ListViews(ctx context.Context, owner string) (out []crm.SavedView, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = viewsOf(tx, func(v *crm.SavedView) bool { return v.Shared || v.Owner == owner })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	return out, nil
}

func viewsOf(tx *bbolt.Tx, wanted func(*crm.SavedView) bool) (out []crm.SavedView, err error) {
	err = tx.Bucket(bucketViews).ForEach(func(_, raw []byte) error {
		v, err := savedViews().decode(raw)
		if err == nil && wanted(&v) {
			out = append(out, v)
		}
		return err
	})
	slices.SortFunc(out, func(a, b crm.SavedView) int {
		return cmp.Or(cmp.Compare(crm.Fold(a.Name), crm.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}
