package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Errors of Items, Reread and Census; compare with errors.Is.
var (
	ErrUnsupported = errors.ErrUnsupported                         // it is no Getter, or no Census
	ErrUnavailable = errors.New("the source cannot be called now") // it is paused, or failing and its next try is not due
)

const getAtATime = 32 // items; a Get holds them all in memory

// Items reads single items again, whatever became of them. IDs that the source no longer has are absent.
// At most 32 IDs at a time.
func (e *Engine) Items(ctx context.Context, source string, ids []string) ([]connectors.Item, error) {
	if len(ids) > getAtATime {
		return nil, fmt.Errorf("read items: %d ids are more than %d", len(ids), getAtATime)
	}
	r, err := e.usable(ctx, source)
	if err != nil {
		return nil, err
	}
	return e.get(ctx, r, ids)
}

// Census lists the IDs of all that the source holds now. While yield works the source is not read.
func (e *Engine) Census(ctx context.Context, source string, yield func(ids []string) error) error {
	r, err := e.usable(ctx, source)
	if err != nil {
		return err
	}
	_, err = limited(ctx, e.cfg.FetchLimit, r, "list items", func(ctx context.Context, src connectors.Source) (struct{}, error) {
		census, ok := src.(connectors.Census)
		if !ok {
			return struct{}{}, nil
		}
		return struct{}{}, census.Census(ctx, yield)
	})
	if err == nil && !r.has(capCensus) {
		return fmt.Errorf("list items: %w", ErrUnsupported)
	}
	return err
}

// Mapping is how the items of a source are mapped; false if the configuration has no such source.
func (e *Engine) Mapping(source string) (mapping.Source, bool) {
	r := e.runner(source)
	if r == nil {
		return mapping.Source{}, false
	}
	return r.config().Mapping, true
}

// usable finds a source that may be called now.
func (e *Engine) usable(ctx context.Context, source string) (*runner, error) {
	r := e.runner(source)
	if r == nil {
		return nil, fmt.Errorf("source %s is not in the configuration: %w", source, ErrUnsupported)
	}
	s, err := e.cfg.Store.GetSource(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", source, err)
	}
	switch s.State {
	case crm.SourceDisabled:
		if r.paused() {
			return nil, fmt.Errorf("source %s is paused: %w", source, ErrUnavailable)
		}
		return nil, fmt.Errorf("source %s is switched off: %w", source, ErrUnsupported)
	case crm.SourceAuthExpired, crm.SourceNeedsIT:
		return nil, fmt.Errorf("source %s: %w", source, ErrUnavailable)
	case crm.SourceRetrying:
		if s.Due.After(time.Now()) {
			return nil, fmt.Errorf("source %s: %w", source, ErrUnavailable)
		}
	}
	return r, nil
}

// get reads items again. An answer that was not asked for is dropped.
func (e *Engine) get(ctx context.Context, r *runner, ids []string) ([]connectors.Item, error) {
	items, err := limited(ctx, e.cfg.FetchLimit, r, "read items again", func(ctx context.Context, src connectors.Source) ([]connectors.Item, error) {
		getter, ok := src.(connectors.Getter)
		if !ok {
			return nil, nil
		}
		return getter.Get(ctx, ids)
	})
	if err != nil {
		return nil, err
	}
	if !r.has(capGetter) {
		return nil, fmt.Errorf("read items again: %w", ErrUnsupported)
	}
	asked := make(map[string]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	kept := items[:0]
	for _, item := range items {
		if asked[item.ExternalID] {
			delete(asked, item.ExternalID)
			kept = append(kept, item)
		}
	}
	return kept, nil
}
