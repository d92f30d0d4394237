package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/pasted"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// realMapping reads documents as the daemon does and keeps versions in memory. Previews wait for go, if there is one.
type realMapping struct {
	mu       sync.Mutex
	dir      mapping.Directory
	versions []crm.MappingVersion
	wait     chan struct{}
}

func (m *realMapping) read(document string) (*mapping.Mapper, error) {
	doc, problems := mapping.Parse([]byte(document))
	var mapper *mapping.Mapper
	if len(problems) == 0 {
		mapper, problems = mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}}, doc)
	}
	if len(problems) > 0 {
		return nil, &MappingRefused{Problems: problems}
	}
	return mapper, nil
}

func (m *realMapping) Check(_ context.Context, document string) error {
	mapper, err := m.read(document)
	if err != nil {
		return err
	}
	refused := &MappingRefused{}
	for _, result := range mapper.RunTests() {
		refused.Tests = append(refused.Tests, result.Failures...)
	}
	if len(refused.Tests) > 0 {
		return refused
	}
	return nil
}

func (m *realMapping) Try(ctx context.Context, document string, sample MappingTry) (mapping.Trial, error) {
	mapper, err := m.read(document)
	if err != nil {
		return mapping.Trial{}, err
	}
	if sample.Activity != nil {
		return mapper.TryActivity(ctx, m.dir, *sample.Activity)
	}
	var item connectors.Item
	if sample.Form != "" {
		item, err = pasted.Form(sample.Form, sample.Pasted, time.Now())
	} else {
		item, err = pasted.Mail(sample.Pasted, time.Now())
	}
	if err != nil {
		return mapping.Trial{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return mapper.TryItem(ctx, m.dir, mapping.Source{ID: "x"}, item, time.Now())
}

func (m *realMapping) Preview(ctx context.Context, document string, since time.Time, rows int) (MappingPreview, error) {
	return m.PreviewTold(ctx, document, since, rows, func(int64) {})
}

func (m *realMapping) PreviewTold(ctx context.Context, document string, _ time.Time, _ int, told func(int64)) (MappingPreview, error) {
	told(5)
	if m.wait != nil {
		select {
		case <-m.wait:
		case <-ctx.Done():
			return MappingPreview{}, ctx.Err()
		}
	}
	return MappingPreview{Add: 1, Change: 2, Remove: 3, Same: 4, Samples: []MappingSample{{Change: "remove", Before: "logged", After: "excluded: 秘密"},
		{Change: "change", Before: "subject “a”", After: "subject “b”", Fields: []MappingFieldChange{{"match", "logged: address t@client.co.jp", "logged: domain client.co.jp"}, {"subject", "お見積り", "お見積りの件"}, {"owners", "sato@example.co.jp", ""}}},
	}}, m.Check(ctx, document)
}

func (m *realMapping) SaveOver(ctx context.Context, actor, document, comment string, base int) (crm.MappingVersion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.versions); n != base {
		return crm.MappingVersion{}, &MappingStale{Newest: m.versions[n-1]}
	}
	v := crm.MappingVersion{Number: base + 1, At: time.Now(), Author: actor, Comment: comment, Document: document}
	if err := m.Check(ctx, document); err != nil {
		return v, err
	}
	m.versions = append(m.versions, v)
	return v, nil
}

func (m *realMapping) Save(ctx context.Context, actor, document, comment string) (crm.MappingVersion, error) {
	return m.SaveOver(ctx, actor, document, comment, len(m.versions))
}

func (m *realMapping) RollBack(ctx context.Context, actor string, version int, comment string) (crm.MappingVersion, error) {
	return m.RollBackOver(ctx, actor, version, comment, len(m.versions))
}

func (m *realMapping) RollBackOver(ctx context.Context, actor string, version int, comment string, base int) (crm.MappingVersion, error) {
	return m.SaveOver(ctx, actor, m.versions[version-1].Document, comment, base)
}

func (m *realMapping) Newest(context.Context) (crm.MappingVersion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.versions) == 0 {
		return crm.MappingVersion{}, crm.ErrNotFound
	}
	return m.versions[len(m.versions)-1], nil
}

func (m *realMapping) Versions(context.Context) ([]crm.MappingVersion, error) { return m.versions, nil }

func (m *realMapping) Diff(context.Context, int, int) (string, error) { return "", nil }

func (m *realMapping) Progress(context.Context) (MappingProgress, error) {
	return MappingProgress{Version: 1, Done: 5, Total: 10, Started: time.Now()}, nil
}
