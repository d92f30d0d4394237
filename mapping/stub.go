package mapping

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Mapper applies one state of the mapping. It is safe for use by several goroutines.
type Mapper struct{ hash string }

// New prepares a mapping. Problems are the mistakes of both, with paths such as "organization.domains[0]" and
// "mapping.screen.subjects[1]"; the Mapper is nil if there are any. The sources are those of the
// configuration: their owners belong to the organisation, and Screens knows their folders.
func New(org Organization, doc Document, sources ...Source) (*Mapper, []connectors.Problem) {
	return &Mapper{}, nil
}

// Hash changes when the organisation, the document or a source's folders change, so that history is screened again.
func (m *Mapper) Hash() string { return m.hash }

// Map decides about the items of one batch, with one look-up.
func (m *Mapper) Map(ctx context.Context, dir Directory, src Source, items []connectors.Item, now time.Time) (writes []crm.Write, generation uint64, err error) {
	return nil, 0, nil
}

// Rematched is a stored activity as it would be matched today.
type Rematched struct {
	Activity crm.Activity
	Pending  []string
	Changed  bool
}

// Rematch matches stored activities again.
func (m *Mapper) Rematch(ctx context.Context, dir Directory, activities []crm.Activity) ([]Rematched, uint64, error) {
	return nil, 0, nil
}

// Screens says which rows of a stored activity are excluded today.
func (m *Mapper) Screens(a crm.Activity) (rows []crm.ItemRef, reason crm.Reason, excluded bool) {
	return nil, "", false
}
