package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// declaredFields are the fields that the mapping in force declares, by kind of record; none without a mapping.
func (in *instance) declaredFields(ctx context.Context) (map[crm.FieldTarget][]crm.FieldDef, error) {
	v, err := in.store.LatestMapping(ctx)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read declared fields: %w", err)
	}
	doc, problems := config.StoredMapping(v.Document)
	if problems.Fatal() {
		return nil, fmt.Errorf("read declared fields: %w", problems)
	}
	return doc.Custom, nil
}
