package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

// Which mapping is in force: the newest version in the store. Versions come from `tsunagu mapping apply`, the API and
// roll-backs, and from the `mapping:` section of the configuration file: a section that differs from the one that
// was last taken from the file becomes a version once. So an unchanged file never undoes what an admin saved.

// force is the mapping that decides now.
type force struct {
	mapper   *mapping.Mapper
	document mapping.Document
	version  crm.MappingVersion // what it was made from; number 0 before the first was stored
	forms    *formBook
}

// mapper is today's.
func (in *instance) mapper() *mapping.Mapper { return in.force.Load().mapper }

// version is what today's mapper was made from.
func (in *instance) version() crm.MappingVersion { return in.force.Load().version }

// fileRecord is the record that holds the hash of the section last taken from the file.
const fileRecord = upkeep.PlainPrefix + "mapping-file"

// sectionComment is the comment of versions that came from the file.
const sectionComment = crm.FromConfiguration

// takeSection makes the file's section a version if it changed since it was last taken from there.
func (in *instance) takeSection(ctx context.Context, cfg *config.Config) error {
	document, err := cfg.MappingDocument()
	if err != nil {
		return err
	}
	sum := documentHash(document)
	last, err := in.lastSection(ctx)
	if err != nil || last == sum {
		return err
	}
	v := crm.MappingVersion{At: time.Now().UTC(), Author: actorCLI, Comment: sectionComment, Document: document, Hash: sum}
	if _, err := in.store.SaveMapping(ctx, v); err != nil {
		return fmt.Errorf("record mapping: %w", err)
	}
	if err := in.store.PutSealed(ctx, fileRecord, []byte(sum)); err != nil { // a crash before it does no harm: the same document is no new version
		return fmt.Errorf("record mapping: %w", err)
	}
	return nil
}

// lastSection is the hash of the section last taken from the file; "" if none was. Earlier versions of Tsunagu
// kept no record of it, and wrote more than the mapping into the versions.
func (in *instance) lastSection(ctx context.Context) (string, error) {
	raw, err := in.store.GetSealed(ctx, fileRecord)
	if err == nil {
		return string(raw), nil
	}
	if !errors.Is(err, crm.ErrNotFound) {
		return "", fmt.Errorf("read which mapping the file had: %w", err)
	}
	newest, err := in.store.LatestMapping(ctx)
	if errors.Is(err, crm.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	document, problems := config.StoredMapping(newest.Document)
	if problems.Fatal() || newest.Comment != sectionComment {
		return "", nil
	}
	text, err := mapping.Render(document)
	return documentHash(string(text)), err
}

func documentHash(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// enforce makes the newest stored version the one that decides; before there is one, the file's section.
func (in *instance) enforce(ctx context.Context, cfg *config.Config) error {
	newest, err := in.store.LatestMapping(ctx)
	document := cfg.Mapping
	switch {
	case errors.Is(err, crm.ErrNotFound):
	case err != nil:
		return fmt.Errorf("read mapping: %w", err)
	default:
		var problems config.Problems
		if document, problems = config.StoredMapping(newest.Document); problems.Fatal() {
			return failed("it was saved by another version of Tsunagu: upgrade this binary",
				"version %d of the mapping cannot be used: %s", newest.Number, oneLine(problems.Error()))
		}
	}
	mapper, mistakes := cfg.MapperOf(document)
	if len(mistakes) > 0 {
		return misused(mistakes[0].Hint, "version %d of the mapping does not go with the configuration: %s: %s", newest.Number, mistakes[0].Path, mistakes[0].What)
	}
	in.force.Store(&force{mapper: mapper, document: document, version: newest, forms: newFormBook(cfg, document)})
	return in.resource()
}

// recordMapping takes the file's section and puts the newest version into force.
func (in *instance) recordMapping(ctx context.Context) error {
	in.saving.Lock()
	defer in.saving.Unlock()
	if err := in.takeSection(ctx, in.cfg.Load()); err != nil {
		return err
	}
	return in.enforce(ctx, in.cfg.Load())
}

// previewSection puts the file's section into force without storing it, if recordMapping would take it: for commands that
// only say what would happen.
func (in *instance) previewSection(ctx context.Context) error {
	in.saving.Lock()
	defer in.saving.Unlock()
	cfg, now := in.cfg.Load(), in.force.Load()
	document, err := cfg.MappingDocument()
	if err != nil {
		return err
	}
	last, err := in.lastSection(ctx)
	if err != nil || last == documentHash(document) {
		return err
	}
	mapper, mistakes := cfg.Mapper()
	if len(mistakes) > 0 {
		return misused(mistakes[0].Hint, "%s: %s", mistakes[0].Path, mistakes[0].What)
	}
	in.force.Store(&force{mapper: mapper, document: cfg.Mapping, version: now.version, forms: newFormBook(cfg, cfg.Mapping)})
	return nil
}
