package files

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Get reads single messages again. Ids are looked up in a fresh listing, so that none can lead out of the tree.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	root, only, err := s.open()
	if err != nil {
		return nil, err
	}
	defer shut(root)
	l, err := s.list(ctx, root, only)
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	var out []connectors.Item
	for i := range l.entries {
		if !wanted[l.entries[i].id] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read mail files: %w", err)
		}
		if item, ok := s.item(root, &l.entries[i]); ok {
			out = append(out, item)
		}
	}
	return s.getFromBoxes(ctx, root, l, wanted, out)
}

func (s *source) getFromBoxes(ctx context.Context, root *os.Root, l *listing, wanted map[string]bool, out []connectors.Item) ([]connectors.Item, error) {
	boxes := make(map[string]bool)
	for id := range wanted {
		if box, _, ok := strings.Cut(id, "#"); ok {
			boxes[box] = true
		}
	}
	err := s.eachMessage(ctx, root, l, func(b box) bool { return boxes[b.id] }, func(b box, m position) error {
		if wanted[m.id(b.id)] {
			out = append(out, s.mboxItem(root, b, m))
		}
		return nil
	})
	return out, err
}

// eachMessage calls do with every message of the mboxes that take wants.
func (s *source) eachMessage(ctx context.Context, root *os.Root, l *listing, take func(box) bool, do func(box, position) error) error {
	for _, name := range l.mboxes {
		id, err := escapeID(name)
		if err != nil || !take(box{path: name, id: id}) {
			continue
		}
		x, err := s.index(ctx, root, name)
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("index mbox: %w", ctx.Err())
			}
			return fmt.Errorf("index mbox %s: %w", name, err)
		}
		for _, m := range x.messages {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("read mbox: %w", err)
			}
			if err := do(box{name, id, x, nil}, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// Census lists the ids of all messages.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	const chunk = 1000
	root, only, err := s.open()
	if err != nil {
		return err
	}
	defer shut(root)
	l, err := s.list(ctx, root, only)
	if err != nil {
		return err
	}
	ids := make([]string, 0, chunk)
	add := func(id string) error {
		if ids = append(ids, id); len(ids) < chunk {
			return nil
		}
		full := ids
		ids = make([]string, 0, chunk)
		return yield(full)
	}
	for i := range l.entries {
		if err := add(l.entries[i].id); err != nil {
			return err
		}
	}
	err = s.eachMessage(ctx, root, l, func(box) bool { return true }, func(b box, m position) error {
		if s.tooOld(m) {
			return nil
		}
		return add(m.id(b.id))
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	return yield(ids)
}

// Probe says what lies at the path.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	root, only, err := s.open()
	if err != nil {
		return connectors.Report{}, err
	}
	defer shut(root)
	l, err := s.list(ctx, root, only)
	if err != nil {
		return connectors.Report{}, err
	}
	report := connectors.Report{Items: int64(len(l.entries))}
	report.Lines = append(report.Lines, fmt.Sprintf("%s holds %d single messages and %d mboxes.", s.path, len(l.entries), len(l.mboxes)))
	counts := make(map[string]int64)
	err = s.eachMessage(ctx, root, l, func(box) bool { return true }, func(b box, m position) error {
		if !s.tooOld(m) {
			counts[b.path]++
			report.Items++
		}
		return nil
	})
	for _, name := range l.mboxes {
		report.Lines = append(report.Lines, fmt.Sprintf("The mbox %s holds %d messages.", name, counts[name]))
	}
	report.Lines = append(report.Lines, l.notes...)
	return report, err
}
