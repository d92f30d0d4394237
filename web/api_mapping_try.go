package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// checkEntry is a mapping that a program wants to know the mistakes of.
type checkEntry struct {
	Document string `json:"document" maxLength:"1048576" doc:"YAML; docs/mapping.md explains every key"`
}

// mappingMistake is one thing that is wrong with a document.
type mappingMistake struct {
	Path   string `json:"path" doc:"of the setting, as in the document"`
	What   string `json:"what"`
	Hint   string `json:"hint,omitempty" doc:"what to write instead"`
	Line   int    `json:"line" doc:"from 1; 0 if it concerns the whole"`
	Column int    `json:"column" doc:"from 1, in characters"`
}

// mappingChecked is what a check finds.
type mappingChecked struct {
	Problems []mappingMistake `json:"problems" nullable:"false"`
	Tests    []string         `json:"tests" nullable:"false" doc:"tests of the document that fail, one sentence each"`
}

// tryEntry is a mapping and an item on which it is tried.
type tryEntry struct {
	Document string `json:"document" maxLength:"1048576" doc:"YAML; docs/mapping.md explains every key"`
	Activity string `json:"activity,omitempty" doc:"id of a stored activity"`
	Form     string `json:"form,omitempty" maxLength:"64" doc:"id of the form whose answers text is; absent: text is a mail"`
	Text     string `json:"text,omitempty" maxLength:"262144" doc:"source text of a mail, or answers, one \"question: answer\" a line"`
}

func (s *Server) mappingTryAPI(api huma.API) {
	huma.Register(api, operation("check-mapping", http.MethodPost, "/mapping/check", admin, "Name every mistake of a mapping, and run its tests; saves nothing"),
		func(ctx context.Context, in *struct{ Body checkEntry }) (*one[mappingChecked], error) {
			checked, err := s.checkMapping(ctx, in.Body.Document)
			return answer(s, checked, err)
		})
	huma.Register(api, operation("try-mapping", http.MethodPost, "/mapping/try", admin, "Say what a mapping makes of one item; stores nothing", http.StatusNotFound),
		func(ctx context.Context, in *struct{ Body tryEntry }) (*one[mapping.Trial], error) {
			sample := MappingTry{Form: in.Body.Form, Pasted: in.Body.Text}
			if in.Body.Activity != "" {
				a, err := s.store.GetActivity(ctx, in.Body.Activity)
				if err != nil {
					return nil, s.apiError(err)
				}
				sample = MappingTry{Activity: &a}
			}
			trial, err := s.cfg.Mapping.Try(ctx, in.Body.Document, sample)
			return answer(s, trial, err)
		})
}

// checkMapping names what is wrong with a document.
func (s *Server) checkMapping(ctx context.Context, document string) (mappingChecked, error) {
	out := mappingChecked{Problems: []mappingMistake{}, Tests: []string{}}
	err := s.cfg.Mapping.Check(ctx, document)
	var refused *MappingRefused
	if !errors.As(err, &refused) {
		return out, err
	}
	return checkedOf(refused), nil
}

func checkedOf(refused *MappingRefused) mappingChecked {
	out := mappingChecked{Problems: []mappingMistake{}, Tests: append([]string{}, refused.Tests...)}
	for _, p := range refused.Problems {
		out.Problems = append(out.Problems, mistakeOf(p))
	}
	return out
}

func mistakeOf(p connectors.Problem) mappingMistake {
	return mappingMistake{Path: p.Path, What: p.What, Hint: p.Hint, Line: p.Line, Column: p.Column}
}

// readable is an activity without its words if whoever asks may not read them, so that no expression shows them either.
func readable(may crm.Clearance, a crm.Activity) crm.Activity {
	if may.Body(&a) {
		return a
	}
	a.Subject, a.Text, a.FullText = "", "", ""
	return a
}

// maxPasted bounds what may be pasted, in bytes.
const maxPasted = 256 << 10
