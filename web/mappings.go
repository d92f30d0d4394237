package web

import (
	"context"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Mappings is what the web app asks about the mapping. A document with mistakes is refused with a *MappingRefused, a
// version that is not there is crm.ErrNotFound.
type Mappings interface {
	// Preview says what a document would change from since on, and changes nothing. At most rows items that are not
	// logged are read again from their sources.
	Preview(ctx context.Context, document string, since time.Time, rows int) (MappingPreview, error)
	// Save makes a document whose tests pass the newest version and puts it into force; history follows in
	// the background. One equal to the newest version is no new one.
	Save(ctx context.Context, actor, document, comment string) (crm.MappingVersion, error)
	// RollBack saves an earlier version as the newest.
	RollBack(ctx context.Context, actor string, version int, comment string) (crm.MappingVersion, error)
	// Newest is the version in force; crm.ErrNotFound before the first.
	Newest(ctx context.Context) (crm.MappingVersion, error)
	// Versions are all, oldest first.
	Versions(ctx context.Context) ([]crm.MappingVersion, error)
	// Diff shows in the unified format how one version becomes another; "" if they are the same.
	Diff(ctx context.Context, from, to int) (string, error)
	// Progress says how far history is in line with the version in force.
	Progress(ctx context.Context) (MappingProgress, error)
}

// MappingRefused says why a document cannot be saved.
type MappingRefused struct {
	Problems []connectors.Problem // mistakes, with line and column
	Tests    []string             // tests that fail, one sentence each
}

// Error lists everything, one a line.
func (r *MappingRefused) Error() string {
	lines := make([]string, 0, len(r.Problems)+len(r.Tests))
	for _, p := range r.Problems {
		lines = append(lines, p.Path+": "+p.What)
	}
	return strings.Join(append(lines, r.Tests...), "\n")
}

// MappingPreview is what a document would change.
type MappingPreview struct {
	Add     int             `json:"add" doc:"items that would be logged"`
	Change  int             `json:"change" doc:"activities, or verdicts of items, that would become others"`
	Remove  int             `json:"remove" doc:"activities that would go"`
	Same    int             `json:"same" doc:"activities and items that would stay as they are"`
	Skipped int             `json:"skipped" doc:"items that cannot be read again now"`
	Unread  int             `json:"unread" doc:"items that were not read again, beyond the limit"`
	Samples []MappingSample `json:"samples" nullable:"false" doc:"of each sort the first ones"`
}

// MappingSample is one change that a document would make.
type MappingSample struct {
	Change     string `json:"change" enum:"add,change,remove"`
	Source     string `json:"source"`
	ExternalID string `json:"external_id"`
	Before     string `json:"before"`
	After      string `json:"after"`
}

// MappingProgress says how far history is in line with the mapping in force.
type MappingProgress struct {
	Version    int       `json:"version"`
	Done       int64     `json:"done" doc:"activities looked at"`
	Total      int64     `json:"total" doc:"about so many there are"`
	Changed    int64     `json:"changed" doc:"activities that became others"`
	Removed    int64     `json:"removed" doc:"items that are excluded now"`
	Readmitted int64     `json:"readmitted" doc:"items that were read again"`
	Started    time.Time `json:"started,omitzero"`
	Ended      time.Time `json:"ended,omitzero" doc:"absent while it goes on"`
	Trouble    string    `json:"trouble,omitempty" doc:"why it could not go on; it is tried again within a minute"`
}
