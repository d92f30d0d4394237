package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The limits of a preview over HTTP, which must end before the answer's time is over.
const (
	previewDays = 30
	previewRows = 200
)

// previewEntry is a mapping that a program wants to try.
type previewEntry struct {
	Document string    `json:"document" maxLength:"1048576" doc:"YAML; docs/mapping.md explains every key"`
	Since    time.Time `json:"since,omitzero" doc:"only items from then on; absent: the last 30 days"`
	Rows     *int      `json:"rows,omitempty" minimum:"0" maximum:"2000" doc:"read at most so many items that are not logged again from their sources; absent: 200"`
}

// saveEntry is a mapping that is to be in force.
type saveEntry struct {
	Document string `json:"document" maxLength:"1048576" doc:"YAML; docs/mapping.md explains every key"`
	Comment  string `json:"comment,omitempty" maxLength:"1000" doc:"why it was changed; kept with the version"`
	Base     *int   `json:"base,omitempty" minimum:"0" doc:"the version from which it was made, 0 for none: refused with 409 if another is the newest by now; absent: it takes the place of whatever is in force"`
}

type rollBackEntry struct {
	Version int    `json:"version" minimum:"1"`
	Comment string `json:"comment,omitempty" maxLength:"1000"`
	Base    *int   `json:"base,omitempty" minimum:"0" doc:"as in apply-mapping"`
}

type versionPath struct {
	Number int `path:"number" minimum:"1"`
}

type diffQuery struct {
	From int `query:"from" minimum:"1" required:"true" doc:"number of a version"`
	To   int `query:"to" minimum:"1" required:"true" doc:"number of another one"`
}

type mappingDifference struct {
	Diff string `json:"diff" doc:"unified format; empty if the versions are the same"`
}

// mappingAPI registers what admins do with the mapping.
func (s *Server) mappingAPI(api huma.API) {
	if s.cfg.Mapping == nil {
		return
	}
	s.mappingReadAPI(api)
	s.mappingWriteAPI(api)
	s.mappingTryAPI(api)
	s.reviewRuleAPI(api)
}

func (s *Server) mappingReadAPI(api huma.API) {
	huma.Register(api, operation("get-mapping", http.MethodGet, "/mapping", admin, "Get the mapping in force", http.StatusNotFound),
		func(ctx context.Context, _ *struct{}) (*one[crm.MappingVersion], error) {
			v, err := s.cfg.Mapping.Newest(ctx)
			return answer(s, v, err)
		})
	huma.Register(api, operation("list-mapping-versions", http.MethodGet, "/mapping/versions", admin, "List all versions of the mapping, newest first"),
		func(ctx context.Context, _ *struct{}) (*list[crm.MappingVersion], error) {
			versions, err := s.cfg.Mapping.Versions(ctx)
			if err != nil {
				return nil, s.mappingError(err)
			}
			for i := range versions {
				versions[i].Document = "" // there is get-mapping-version for it
			}
			for i, j := 0, len(versions)-1; i < j; i, j = i+1, j-1 {
				versions[i], versions[j] = versions[j], versions[i]
			}
			return listOf(versions, "", "/mapping/versions", nil), nil
		})
	huma.Register(api, operation("get-mapping-version", http.MethodGet, "/mapping/versions/{number}", admin, "Get a version of the mapping", http.StatusNotFound),
		func(ctx context.Context, in *versionPath) (*one[crm.MappingVersion], error) {
			v, err := s.mappingVersion(ctx, in.Number)
			return answer(s, v, err)
		})
	huma.Register(api, operation("diff-mapping", http.MethodGet, "/mapping/diff", admin, "Say in what two versions differ", http.StatusNotFound),
		func(ctx context.Context, in *diffQuery) (*one[mappingDifference], error) {
			text, err := s.cfg.Mapping.Diff(ctx, in.From, in.To)
			return answer(s, mappingDifference{text}, err)
		})
	huma.Register(api, operation("get-mapping-progress", http.MethodGet, "/mapping/progress", admin, "Say how far history is in line with the mapping"),
		func(ctx context.Context, _ *struct{}) (*one[MappingProgress], error) {
			p, err := s.cfg.Mapping.Progress(ctx)
			return answer(s, p, err)
		})
}

func (s *Server) mappingWriteAPI(api huma.API) {
	huma.Register(api, operation("preview-mapping", http.MethodPost, "/mapping/preview", admin, "Say what a mapping would change, and change nothing"),
		func(ctx context.Context, in *struct{ Body previewEntry }) (*one[MappingPreview], error) {
			since, rows := in.Body.Since, previewRows
			if since.IsZero() {
				since = time.Now().AddDate(0, 0, -previewDays)
			}
			if in.Body.Rows != nil {
				rows = *in.Body.Rows
			}
			p, err := s.cfg.Mapping.Preview(ctx, in.Body.Document, since, rows)
			return answer(s, p, err)
		})
	huma.Register(api, operation("apply-mapping", http.MethodPost, "/mapping/apply", admin, "Save a mapping; history follows in the background", http.StatusConflict),
		func(ctx context.Context, in *struct{ Body saveEntry }) (*one[crm.MappingVersion], error) {
			if in.Body.Base != nil {
				v, err := s.cfg.Mapping.SaveOver(ctx, actor(ctx), in.Body.Document, in.Body.Comment, *in.Body.Base)
				return answer(s, v, err)
			}
			v, err := s.cfg.Mapping.Save(ctx, actor(ctx), in.Body.Document, in.Body.Comment)
			return answer(s, v, err)
		})
	huma.Register(api, operation("rollback-mapping", http.MethodPost, "/mapping/rollback", admin, "Save an earlier version anew; history follows in the background", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct{ Body rollBackEntry }) (*one[crm.MappingVersion], error) {
			if in.Body.Base != nil {
				v, err := s.cfg.Mapping.RollBackOver(ctx, actor(ctx), in.Body.Version, in.Body.Comment, *in.Body.Base)
				return answer(s, v, err)
			}
			v, err := s.cfg.Mapping.RollBack(ctx, actor(ctx), in.Body.Version, in.Body.Comment)
			return answer(s, v, err)
		})
}

// reviewRuleAPI registers the rule that a decided review suggests.
func (s *Server) reviewRuleAPI(api huma.API) {
	huma.Register(api, operation("get-review-rule", http.MethodGet, "/reviews/{id}/rule", admin, "Get the rule that would have decided a review; try it with preview-mapping", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[Rule], error) {
			rule, err := s.ruleFor(ctx, in.ID)
			return answer(s, rule, err)
		})
	huma.Register(api, operation("save-review-rule", http.MethodPost, "/reviews/{id}/rule", admin, "Save the mapping with the rule that would have decided a review", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.MappingVersion], error) {
			v, err := s.saveRuleOf(ctx, actor(ctx), in.ID)
			return answer(s, v, err)
		})
	huma.Register(api, operation("undo-review-rule", http.MethodDelete, "/reviews/{id}/rule", admin, "Save the mapping without the rule that was made of a review whose answer was taken back", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.MappingVersion], error) {
			v, err := s.undoRule(ctx, actor(ctx), in.ID)
			return answer(s, v, err)
		})
}

func (s *Server) mappingVersion(ctx context.Context, number int) (crm.MappingVersion, error) {
	versions, err := s.cfg.Mapping.Versions(ctx)
	for _, v := range versions {
		if v.Number == number {
			return v, nil
		}
	}
	if err == nil {
		err = crm.ErrNotFound
	}
	return crm.MappingVersion{}, err
}

// answer is a record, or the problem that kept it from being made.
func answer[T any](s *Server, body T, err error) (*one[T], error) {
	if err != nil {
		return nil, s.mappingError(err)
	}
	return &one[T]{body}, nil
}

// mappingError names every mistake of a refused document with its place.
func (s *Server) mappingError(err error) error {
	var refused *MappingRefused
	var stale *MappingStale
	switch {
	case errors.As(err, &stale):
		return huma.Error409Conflict(stale.Error())
	case errors.Is(err, ErrUnreadable):
		return huma.Error422UnprocessableEntity("what was pasted cannot be read")
	case !errors.As(err, &refused):
		return s.apiError(err)
	}
	var details []error
	for _, p := range refused.Problems {
		message := p.What
		if p.Hint != "" {
			message += " (" + p.Hint + ")"
		}
		details = append(details, &huma.ErrorDetail{Location: documentPlace(p.Line, p.Column), Message: message, Value: p.Path})
	}
	for _, test := range refused.Tests {
		details = append(details, &huma.ErrorDetail{Location: "body.document.tests", Message: test})
	}
	return huma.Error422UnprocessableEntity("the mapping cannot be saved", details...)
}

func documentPlace(line, column int) string {
	if line == 0 {
		return "body.document"
	}
	return fmt.Sprintf("body.document:%d:%d", line, column)
}
