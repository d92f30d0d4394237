package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tsunagu-crm/tsunagu/importing"
)

// Bounds of an import.
const (
	importPath     = apiPrefix + "/imports"
	maxImport      = 65 << 20         // bytes of a request: a file of 64 MiB and what goes with it
	importReading  = 5 * time.Minute  // until the request is read
	importTimeout  = 10 * time.Minute // for all of it
	maxImportLists = 10_000           // entries of each list of an answer
)

// importAnswer is what was understood of a file, and what was, or would be, written.
type importAnswer struct {
	DryRun      bool                 `json:"dry_run" doc:"nothing was written"`
	ReadAs      string               `json:"read_as" doc:"encoding and separator, or the sheet"`
	Kind        string               `json:"kind" enum:"leads,contacts,accounts"`
	KindGuessed bool                 `json:"kind_guessed"`
	Columns     []importColumn       `json:"columns" nullable:"false"`
	Rows        int                  `json:"rows" doc:"below the heading, but for empty ones"`
	People      importing.Counts     `json:"people"`
	Accounts    importing.Counts     `json:"accounts"`
	Skipped     int                  `json:"skipped" doc:"rows left out as duplicates"`
	Written     importing.Written    `json:"written" doc:"records that were stored by this request"`
	Problems    listed[importFlaw]   `json:"problems" doc:"rows left out as wrong"`
	Duplicates  listed[importTwin]   `json:"duplicates" doc:"rows about somebody who is there already, or may be"`
	Remarks     listed[importRemark] `json:"remarks" doc:"what was noticed in rows that are taken all the same"`
}

type importColumn struct {
	Heading string `json:"heading"`
	Field   string `json:"field" doc:"what the column is taken for; empty if it is not read"`
}

type importFlaw struct {
	Row    int    `json:"row" doc:"as a spreadsheet counts: the heading is usually 1; of a CSV file the line"`
	Column string `json:"column,omitempty" doc:"the heading, if it is one column's fault"`
	Why    string `json:"why"`

	Said importing.Sentence `json:"said" doc:"code and parts of the sentence, for whoever says it in another language; without the column"`
}

type importTwin struct {
	Row      int      `json:"row"`
	Name     string   `json:"name"`
	ID       string   `json:"id,omitempty" doc:"of the record that is there, or would be by an earlier row"`
	Score    int      `json:"score,omitempty" doc:"0 to 100; none if it is the same for sure"`
	Evidence []string `json:"evidence,omitempty"`
	Text     string   `json:"text"`

	Said importing.Sentence `json:"said" doc:"code and parts of text"`
}

type importRemark struct {
	Row  int    `json:"row" doc:"the first of the rows"`
	Rows int    `json:"rows" doc:"how many rows"`
	Text string `json:"text"`

	Said importing.Sentence `json:"said" doc:"code and parts of text"`
}

// listed is the start of a list, and how long the whole is.
type listed[T any] struct {
	Total int `json:"total"`
	Items []T `json:"items" nullable:"false" maxItems:"10000" doc:"the first ones"`
}

func listedOf[T, U any](from []T, of func(T) U) (out listed[U]) {
	out.Total, out.Items = len(from), []U{}
	for _, x := range from[:min(len(from), maxImportLists)] {
		out.Items = append(out.Items, of(x))
	}
	return out
}

// ImportRequest leaves the body unread, so that a file is read as it arrives; exported like Paging.
type ImportRequest struct {
	w http.ResponseWriter
	r *http.Request
}

// Resolve keeps the request.
func (in *ImportRequest) Resolve(ctx huma.Context) []error {
	in.r, in.w = humago.Unwrap(ctx)
	return nil
}

func (s *Server) importsAPI(api huma.API) {
	op := operation("import", http.MethodPost, "/imports", admin, "Take leads, contacts or accounts in from a CSV or XLSX file", http.StatusConflict, http.StatusInsufficientStorage)
	op.Description += " A file that cannot be read, or whose columns cannot be told apart, is refused as a whole with 422 and a sentence; nothing is written then. " +
		"Rows that are wrong are left out and named in problems. The same file again changes nothing. There is one import at a time."
	huma.Register(api, op, func(ctx context.Context, in *ImportRequest) (*one[importAnswer], error) {
		if !s.importing.TryLock() {
			return nil, huma.Error409Conflict("another import is under way; try again when it is done")
		}
		defer s.importing.Unlock()
		out, err := s.importFile(ctx, actor(ctx), in)
		if err != nil {
			return nil, s.importError(err)
		}
		return &one[importAnswer]{out}, nil
	})
	// Only now: the library would read a body that it knows of, and take it for JSON.
	api.OpenAPI().Paths[importPath].Post.RequestBody = importBody()
}

func (s *Server) importFile(ctx context.Context, who string, in *ImportRequest) (out importAnswer, err error) {
	control := http.NewResponseController(in.w)
	now := time.Now()
	// A test recorder has no connection; there is nothing to bound then.
	_ = control.SetReadDeadline(now.Add(importReading))
	_ = control.SetWriteDeadline(now.Add(importTimeout + requestTimeout))
	asked, err := readImport(in.r)
	if err != nil {
		return out, err
	}
	options := s.importOptions(asked)
	options.User = s.workingHere(ctx)
	plan, err := importing.Make(ctx, s.store, asked.sheet, options)
	if err != nil {
		return out, err
	}
	out = importAnswerOf(plan.Report(), asked.dryRun)
	if asked.dryRun {
		return out, nil
	}
	out.Written, err = plan.Apply(ctx, who)
	if out.Written != (importing.Written{}) {
		s.cfg.Kick()
	}
	// What was stored is written down even if the rest failed or nobody waits for the answer any more.
	if audited := s.auditImport(context.WithoutCancel(ctx), who, &out, err); err == nil {
		err = audited
	}
	if err != nil {
		return out, &importStopped{out.Written, err}
	}
	return out, nil
}

func importAnswerOf(r importing.Report, dryRun bool) importAnswer {
	out := importAnswer{DryRun: dryRun, ReadAs: r.How, Kind: r.Kind, KindGuessed: r.Guessed, Columns: []importColumn{}, Rows: r.Rows, People: r.People, Accounts: r.Accounts, Skipped: r.Skipped}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, importColumn{c.Heading, string(c.Field)})
	}
	out.Problems = listedOf(r.Bad, func(b importing.BadRow) importFlaw { return importFlaw{b.Row, b.Column, b.Why, b.Said} })
	out.Duplicates = listedOf(r.Duplicates, func(d importing.Duplicate) importTwin {
		return importTwin{d.Row, d.Name, d.ID, d.Score, d.Evidence, d.Text, d.Said}
	})
	out.Remarks = listedOf(r.Remarks, func(m importing.Remark) importRemark { return importRemark{m.Rows[0], len(m.Rows), m.Text, m.Said} })
	return out
}

// importOptions are those of the request, with what the organisation declares.
func (s *Server) importOptions(asked *importAsked) importing.Options {
	o := asked.options
	o.Own = func(domain string) bool { return s.cfg.Own("x@" + domain) }
	o.Zone, o.Words = s.cfg.Organization.Location, importing.WordsOf(s.lifecycle())
	if s.cfg.Custom != nil {
		o.Custom = s.cfg.Custom()
	}
	return o
}

// importStopped is an import that failed in the middle.
type importStopped struct {
	written importing.Written
	cause   error
}

func (e *importStopped) Error() string { return e.cause.Error() }
func (e *importStopped) Unwrap() error { return e.cause }

// importError makes a problem of what is wrong with an import.
func (s *Server) importError(err error) error {
	var whole *importing.Problem
	var refused *importRefused
	var stopped *importStopped
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return huma.Error413RequestEntityTooLarge("the request is too large: a file may have 64 MiB; split it")
	case errors.As(err, &refused):
		return huma.NewError(refused.status, refused.text, refused.details()...)
	case errors.As(err, &whole):
		return huma.Error422UnprocessableEntity("nothing was imported: "+whole.Error(), &huma.ErrorDetail{Location: "body.file", Message: whole.Error()})
	case errors.As(err, &stopped):
		status, key := statusOf(stopped.cause)
		s.log.Error("import", "error", err)
		return huma.NewError(status, s.speakers["en"].text(key)+" "+stopped.said())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return huma.Error400BadRequest("the request ends in the middle of the file; nothing was imported")
	default:
		return s.apiError(err)
	}
}
