package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Mappings is what the web app asks about the mapping. A document with mistakes is refused with a *MappingRefused, a
// version that is not there is crm.ErrNotFound.
type Mappings interface {
	// Preview says what a document would change from since on, and changes nothing. At most rows items that are not
	// logged are read again from their sources.
	Preview(ctx context.Context, document string, since time.Time, rows int) (MappingPreview, error)
	// PreviewTold is Preview that tells now and then how many activities it has looked at; told must not block.
	PreviewTold(ctx context.Context, document string, since time.Time, rows int, told func(looked int64)) (MappingPreview, error)
	// Check refuses a document that could not be saved: it has mistakes, or its tests fail.
	Check(ctx context.Context, document string) error
	// Try says what a document makes of one item, and stores nothing. What was pasted and cannot be read is
	// ErrUnreadable.
	Try(ctx context.Context, document string, sample MappingTry) (mapping.Trial, error)
	// Save makes a document whose tests pass the newest version and puts it into force; history follows in
	// the background. One equal to the newest version is no new one.
	Save(ctx context.Context, actor, document, comment string) (crm.MappingVersion, error)
	// SaveOver is Save for a document that was made from the version base (0: there was none). If another is the newest by
	// now, nothing is saved and the error is a *MappingStale.
	SaveOver(ctx context.Context, actor, document, comment string, base int) (crm.MappingVersion, error)
	// RollBack saves an earlier version as the newest.
	RollBack(ctx context.Context, actor string, version int, comment string) (crm.MappingVersion, error)
	// RollBackOver is RollBack as long as base is the newest version, like SaveOver.
	RollBackOver(ctx context.Context, actor string, version int, comment string, base int) (crm.MappingVersion, error)
	// Newest is the version in force; crm.ErrNotFound before the first.
	Newest(ctx context.Context) (crm.MappingVersion, error)
	// Versions are all, oldest first.
	Versions(ctx context.Context) ([]crm.MappingVersion, error)
	// Diff shows in the unified format how one version becomes another; "" if they are the same.
	Diff(ctx context.Context, from, to int) (string, error)
	// Progress says how far history is in line with the version in force.
	Progress(ctx context.Context) (MappingProgress, error)
}

// ErrUnreadable says that what was pasted is neither a mail nor the answers of a form.
var ErrUnreadable = errors.New("what was pasted cannot be read")

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

// MappingStale says that somebody else saved a version meanwhile.
type MappingStale struct{ Newest crm.MappingVersion }

// Error names the version and who saved it.
func (s *MappingStale) Error() string {
	return fmt.Sprintf("version %d was saved by %s meanwhile", s.Newest.Number, s.Newest.Author)
}

// MappingTry is an item on which a document is tried: a stored activity, or else what somebody pasted.
type MappingTry struct {
	Activity *crm.Activity // without its words if whoever asks may not read them
	Form     string        // id of the form whose answers were pasted; "" for a mail
	Pasted   string        // source text of a mail, or answers, one "question: answer" a line

	Submission *crm.Submission // to a form, if nothing else is given
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

	Fields []MappingFieldChange `json:"fields,omitempty" doc:"of an activity that stays and changes, each field that does"`
}

// MappingFieldChange is a field that a document would change.
type MappingFieldChange struct {
	Field  string `json:"field" doc:"match for the rule and evidence, custom.… for a declared field, else as in activities"`
	Before string `json:"before"`
	After  string `json:"after"`
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
