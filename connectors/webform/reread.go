package webform

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// all walks the whole list, as a first reading would, apart from the place of Fetch. It ends early when yield
// wants no more.
func (s *source) all(ctx context.Context, yield func(items []connectors.Item) (more bool, err error)) error {
	p, err := parsePlace("", s.shape)
	if err != nil {
		return err
	}
	var kept cached
	for {
		f := &fetch{s: s, place: p, limits: s.limits, cache: &kept}
		if err := f.run(ctx); err != nil {
			return err
		}
		more, err := yield(f.batch.Items)
		if err != nil || !more || p.Done && !f.batch.More {
			return err
		}
	}
}

// Get reads rows again: each at its own address if there is one, else all in one walk of the list.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("get rows: %w", err)
	}
	if s.cfg.ItemURL != "" {
		return s.getEach(ctx, ids)
	}
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	found := make(map[string]connectors.Item, len(ids))
	err := s.all(ctx, func(items []connectors.Item) (bool, error) {
		for _, item := range items {
			if wanted[item.ExternalID] {
				found[item.ExternalID] = s.known.dated(item)
			}
		}
		return len(found) < len(wanted), nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]connectors.Item, 0, len(found))
	for _, id := range ids {
		if item, ok := found[id]; ok {
			out = append(out, item)
			delete(found, id)
		}
	}
	return out, nil
}

func (s *source) getEach(ctx context.Context, ids []string) ([]connectors.Item, error) {
	var out []connectors.Item
	for _, id := range ids {
		if id == "" || id == "." || id == ".." {
			continue
		}
		q, err := s.fillIn(s.cfg.ItemURL, map[string]string{"id": id})
		if err != nil {
			return nil, err
		}
		q.method, q.body = http.MethodGet, ""
		a, err := s.send(ctx, q, "", "")
		if code := refusal(err); code == http.StatusNotFound || code == http.StatusGone || code == http.StatusBadRequest {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, v := range s.paths.item.all(a.doc) {
			if r := s.rows.row(v, s.limits.TextBytes); r.item.ExternalID == id {
				if r.at.IsZero() {
					date(&r.item, entry{version: 1, at: uint32(s.now().Unix())})
				}
				out = append(out, s.known.dated(r.item))
				break
			}
		}
	}
	return out, nil
}

// dated gives an item the version that it was yielded with, and the time if its row has none.
func (k knownRows) dated(item connectors.Item) connectors.Item {
	e, ok := k[hashText(item.ExternalID)]
	if !ok || item.Submission == nil {
		return item
	}
	item.Submission.Version = int(max(e.version, 1))
	if e.flags&flagUntimed != 0 {
		item.Received = time.Unix(int64(e.at), 0).UTC()
		item.Submission.At = item.Received
	}
	return item
}

// Census lists the ids of all rows since the start of the settings.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	listed := make(map[string]bool)
	return s.all(ctx, func(items []connectors.Item) (bool, error) {
		var ids []string
		for _, item := range items {
			if !listed[item.ExternalID] {
				listed[item.ExternalID] = true
				ids = append(ids, item.ExternalID)
			}
		}
		if len(ids) == 0 {
			return true, nil
		}
		return true, yield(ids)
	})
}
