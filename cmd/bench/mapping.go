package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

// measureMapping times expressions, the default mapping, and a preview over stored history.
func (b *bench) measureMapping(ctx context.Context) error {
	if err := b.measureExpressions(); err != nil {
		return err
	}
	if err := b.measureDefaultMapping(ctx); err != nil {
		return err
	}
	return b.measurePreview(ctx)
}

// measureExpressions evaluates five million times: fields, functions and a condition as mappings have them.
func (b *bench) measureExpressions() error {
	env, err := expr.New(map[string]map[string]string{"region": {"東京都": "east", "大阪府": "west"}})
	if err != nil {
		return fmt.Errorf("make expressions: %w", err)
	}
	var programs []*expr.Program
	for _, text := range []string{
		`form.email`, `company(form.?company.orValue(""))`, `lookup("region", form.prefecture, "other")`,
		`form.?budget.orValue("") == "" ? "unknown" : form.budget`, `truncate(form.message, 20)`,
	} {
		p, err := env.Value(text)
		if err != nil {
			return fmt.Errorf("compile %s: %w", text, err)
		}
		programs = append(programs, p)
	}
	inputs := make([]*expr.Input, 1000)
	for i := range inputs {
		inputs[i] = &expr.Input{Form: map[string]any{"email": benchAddress(i), "company": fmt.Sprintf("株式会社会社%d", i), "prefecture": "東京都",
			"message": "資料を送ってください。よろしくお願いいたします。"}}
	}
	const evaluations = 5_000_000
	start := time.Now()
	for i := range evaluations {
		if _, err := programs[i%len(programs)].Text(inputs[i%len(inputs)]); err != nil {
			return fmt.Errorf("evaluate: %w", err)
		}
	}
	took := time.Since(start)
	b.report.inform("5 million evaluations of expressions", fmt.Sprintf("%.2f s, %d ns each", took.Seconds(), took.Nanoseconds()/evaluations))
	return nil
}

// nobody is a directory without people.
type nobody struct{}

func (nobody) Lookup(context.Context, crm.Question) (crm.Answer, error) { return crm.Answer{}, nil }

// measureDefaultMapping maps mails and submissions with the default document and an empty directory.
func (b *bench) measureDefaultMapping(ctx context.Context) error {
	mapper, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}, Location: time.UTC}, mapping.Document{})
	if len(problems) > 0 {
		return fmt.Errorf("make mapper: %v", problems)
	}
	for _, kind := range []struct {
		name  string
		items func(round int) []connectors.Item
	}{
		{"mail", func(round int) []connectors.Item { return benchItems(round, 1000) }},
		{"submission", benchSubmissions},
	} {
		var times []float64
		for round := range 50 {
			items := kind.items(round)
			start := time.Now()
			if _, _, err := mapper.Map(ctx, nobody{}, mapping.Source{ID: storedSource, Owner: userName}, items, start); err != nil {
				return fmt.Errorf("map items: %w", err)
			}
			times = append(times, float64(time.Since(start).Nanoseconds())/1e6)
		}
		b.report.atMost("mapping a "+kind.name+" with the default document", spreadOf(times), " µs", 10)
	}
	return nil
}

func benchSubmissions(round int) []connectors.Item {
	items := make([]connectors.Item, 1000)
	for i := range items {
		n := round*len(items) + i
		sub := &crm.Submission{ID: crm.NewID(), Form: "contact", At: time.Unix(1_760_000_000, 0).UTC(), State: crm.SubmissionAccepted, Version: 1,
			Fields: []crm.FormField{{Name: "name", Values: []string{fmt.Sprintf("人物 %d", n)}}, {Name: "company", Values: []string{fmt.Sprintf("株式会社会社%d", n/5)}},
				{Name: "email", Values: []string{benchAddress(n)}}, {Name: "phone", Values: []string{fmt.Sprintf("03-%04d-%04d", n/10000, n%10000)}},
				{Name: "description", Values: []string{"資料を送ってください。"}}}}
		items[i] = connectors.Item{ExternalID: sub.ID, Key: crm.SubmissionKey(*sub), Kind: crm.KindForm, Folder: "contact", Received: sub.At, Submission: sub}
	}
	return items
}

// unreadable is a reader of sources that are gone; a preview of stored history asks for no items.
type unreadable struct{ upkeep.Reader }

func (unreadable) Mapping(string) (mapping.Source, bool) { return mapping.Source{}, false }

// previewed is how many activities a preview goes through.
const previewed = 100_000

// measurePreview tries a mapping that excludes a domain and changes a field on stored activities, and checks that the
// store's file stays as it is.
func (b *bench) measurePreview(ctx context.Context) error {
	path := filepath.Join(b.dir, "preview.db")
	store, err := boltstore.Open(ctx, path, storeOptions())
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	defer func() { _ = store.Close() }()
	now := time.Now().UTC()
	if err := fillForPreview(ctx, store, now); err != nil {
		return err
	}
	document := "fields: {email: {activity: {product: 'mail.subject.contains(\"見積\") ? \"quote\" : \"\"'}}}\nscreen: {subjects: [\"/77$/\"]}\n"
	parsed, problems := mapping.Parse([]byte(document))
	if len(problems) > 0 {
		return fmt.Errorf("read mapping: %v", problems)
	}
	mapper, problems := mapping.New(mapping.Organization{Domains: []string{"example.co.jp"}, Location: time.UTC}, parsed)
	if len(problems) > 0 {
		return fmt.Errorf("make mapper: %v", problems)
	}
	before, err := hashFile(path)
	if err != nil {
		return err
	}
	keeper := upkeep.New(upkeep.Config{Store: store, Reader: unreadable{}, Directory: store, Mapper: func() *mapping.Mapper { return mapper }})
	start := time.Now()
	p, err := keeper.Preview(ctx, upkeep.Candidate{Mapper: mapper, Document: document})
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	seconds := time.Since(start).Seconds()
	after, err := hashFile(path)
	switch {
	case err != nil:
		return err
	case before != after:
		return errors.New("preview: it changed the store")
	case p.Remove == 0 || p.Add+p.Change+p.Remove+p.Same != previewed:
		return fmt.Errorf("preview: %d added, %d changed, %d removed, %d the same of %d", p.Add, p.Change, p.Remove, p.Same, previewed)
	}
	b.report.atMost(fmt.Sprintf("preview of a mapping over %d activities", previewed), spread{seconds, seconds, seconds}, " s", 10)
	return nil
}

func fillForPreview(ctx context.Context, store *boltstore.Store, now time.Time) error {
	source := crm.Source{ID: storedSource, Kind: "imap", Owner: userName, Fingerprint: "1"}
	if err := store.DeclareSources(ctx, []crm.Source{source}, now); err != nil {
		return fmt.Errorf("declare source: %w", err)
	}
	claim, ok, err := store.ClaimSource(ctx, storedSource, now, time.Hour)
	if err != nil || !ok {
		return fmt.Errorf("claim source: %v, %w", ok, err)
	}
	maker := newActivityMaker()
	for range previewed / 1000 {
		if err := store.Commit(ctx, maker.batch(1000, claim.Source.Epoch, now)); err != nil {
			return fmt.Errorf("commit batch: %w", err)
		}
	}
	return nil
}

func hashFile(path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, fmt.Errorf("read store: %w", err)
	}
	defer func() { _ = file.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return sum, fmt.Errorf("read store: %w", err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
