package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/pasted"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/web"
)

// webMapping is the mapping as the web app wants it.
type webMapping struct{ in *instance }

// documentName stands for the document in messages, which has no file.
const documentName = "document"

func (w webMapping) draft(document string) (draft, error) {
	d, err := newDraft(w.in.cfg.Load(), documentName, []byte(document))
	return d, refused(err)
}

// refused puts what is wrong with a document into the web app's words.
func refused(err error) error {
	var problems config.Problems
	var tests *failedTests
	var f *failure
	switch {
	case errors.As(err, &problems):
		r := &web.MappingRefused{}
		for _, p := range problems {
			if !p.Warning {
				r.Problems = append(r.Problems, connectors.Problem{Path: p.Path, What: p.What, Hint: p.Hint, Line: p.Line, Column: p.Column})
			}
		}
		return r
	case errors.As(err, &tests):
		return &web.MappingRefused{Tests: tests.lines}
	case errors.As(err, &f):
		return &web.MappingRefused{Problems: []connectors.Problem{{What: f.what, Hint: f.todo}}}
	}
	return err
}

// Check refuses a document that could not be saved.
func (w webMapping) Check(_ context.Context, document string) error {
	d, err := w.draft(document)
	if err == nil {
		err = refused(d.test())
	}
	return err
}

// Try says what a document makes of one item.
func (w webMapping) Try(ctx context.Context, document string, sample web.MappingTry) (mapping.Trial, error) {
	d, err := w.draft(document)
	if err != nil {
		return mapping.Trial{}, err
	}
	if sample.Activity != nil {
		return d.mapper.TryActivity(ctx, w.in.store, *sample.Activity)
	}
	now := time.Now().UTC()
	if sub := sample.Submission; sub != nil {
		item := connectors.Item{ExternalID: sub.ID, Key: crm.SubmissionKey(*sub), Kind: crm.KindForm, Received: now, Submission: sub}
		return d.mapper.TryItem(ctx, w.in.store, mapping.Source{ID: config.IntakeSource}, item, now)
	}
	read := func() (connectors.Item, error) { return pasted.Mail(sample.Pasted, now) }
	if sample.Form != "" {
		read = func() (connectors.Item, error) { return pasted.Form(sample.Form, sample.Pasted, now) }
	}
	item, err := read()
	if err != nil {
		return mapping.Trial{}, fmt.Errorf("%w: %w", web.ErrUnreadable, err)
	}
	return d.mapper.TryItem(ctx, w.in.store, mapping.Source{ID: documentName}, item, now)
}

// Preview says what a document would change. Previews wait for each other.
func (w webMapping) Preview(ctx context.Context, document string, since time.Time, rows int) (web.MappingPreview, error) {
	return w.PreviewTold(ctx, document, since, rows, nil)
}

// PreviewTold is Preview that tells how far it is.
func (w webMapping) PreviewTold(ctx context.Context, document string, since time.Time, rows int, told func(looked int64)) (web.MappingPreview, error) {
	d, err := w.draft(document)
	if err != nil {
		return web.MappingPreview{}, err
	}
	candidate := d.candidate(since, rows)
	candidate.Told = told
	p, err := w.in.preview(ctx, candidate)
	if err != nil {
		return web.MappingPreview{}, err
	}
	out := web.MappingPreview{Add: p.Add, Change: p.Change, Remove: p.Remove, Same: p.Same, Skipped: p.Skipped, Unread: p.Unread,
		Samples: make([]web.MappingSample, len(p.Samples))}
	for i, s := range p.Samples {
		out.Samples[i] = web.MappingSample{Change: s.Op, Source: s.Ref.Source, ExternalID: s.Ref.ExternalID, Before: s.Before, After: s.After}
		for _, f := range s.Fields {
			out.Samples[i].Fields = append(out.Samples[i].Fields, web.MappingFieldChange(f))
		}
	}
	return out, nil
}

// Save makes a document the newest version.
func (w webMapping) Save(ctx context.Context, actor, document, comment string) (crm.MappingVersion, error) {
	return w.SaveOver(ctx, actor, document, comment, anyVersion)
}

// SaveOver makes a document the newest version if it was made from the newest.
func (w webMapping) SaveOver(ctx context.Context, actor, document, comment string, base int) (crm.MappingVersion, error) {
	d, err := w.draft(document)
	if err != nil {
		return crm.MappingVersion{}, err
	}
	v, err := w.in.saveOver(ctx, actor, comment, d, base)
	return v, refused(err)
}

// RollBack saves an earlier version as the newest.
func (w webMapping) RollBack(ctx context.Context, actor string, version int, comment string) (crm.MappingVersion, error) {
	return w.RollBackOver(ctx, actor, version, comment, anyVersion)
}

// RollBackOver saves an earlier version as the newest if base is that.
func (w webMapping) RollBackOver(ctx context.Context, actor string, version int, comment string, base int) (crm.MappingVersion, error) {
	old, err := w.in.stored(ctx, version)
	if err != nil {
		return crm.MappingVersion{}, err
	}
	d, err := w.in.draftOf(old)
	if err != nil {
		return crm.MappingVersion{}, refused(err)
	}
	v, err := w.in.saveOver(ctx, actor, first(comment, rollbackComment(version)), d, base)
	return v, refused(err)
}

// Newest is the version in force. A draft made from it is without what earlier versions of Tsunagu wrote beside
// the mapping.
func (w webMapping) Newest(ctx context.Context) (crm.MappingVersion, error) {
	v, err := w.in.store.LatestMapping(ctx)
	if err != nil {
		return v, err
	}
	d, err := w.in.draftOf(v)
	v.Document = d.text
	return v, err
}

// Versions are all, oldest first.
func (w webMapping) Versions(ctx context.Context) ([]crm.MappingVersion, error) {
	return w.in.store.ListMappings(ctx)
}

// Diff shows how one version becomes another.
func (w webMapping) Diff(ctx context.Context, from, to int) (string, error) {
	a, err := w.in.stored(ctx, from)
	if err != nil {
		return "", err
	}
	b, err := w.in.stored(ctx, to)
	if err != nil {
		return "", err
	}
	return diffVersions(a, b), nil
}

// Progress says how far history is in line.
func (w webMapping) Progress(ctx context.Context) (web.MappingProgress, error) {
	a, err := w.in.upkeep.Alignment(ctx)
	return web.MappingProgress(a), err
}
