package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// Bounds of the fields beside the file.
const (
	maxImportFields = 10_600 // a column each, a decision for each row that is held back, and the rest
	maxImportField  = 2000   // bytes
)

// importAsked is a request for an import.
type importAsked struct {
	sheet   *importing.Sheet
	dryRun  bool
	options importing.Options
}

// importRefused is a request that asks for nothing that can be done.
type importRefused struct {
	status int
	text   string
	field  string // "" for the whole
}

func (e *importRefused) Error() string { return e.text }

func (e *importRefused) details() []error {
	if e.field == "" {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "body." + e.field, Message: e.text}}
}

// readImport reads multipart/form-data as it arrives. The fields may stand before the file and after it.
func readImport(r *http.Request) (*importAsked, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, &importRefused{status: http.StatusUnsupportedMediaType, text: "send the file as multipart/form-data, in a field named file"}
	}
	asked := &importAsked{options: importing.Options{Map: map[string]string{}}}
	parts := multipart.NewReader(r.Body, params["boundary"])
	seen := map[string]bool{}
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		switch {
		case errors.Is(err, io.EOF):
			if asked.sheet == nil {
				return nil, &importRefused{http.StatusUnprocessableEntity, "there is no file: send it in a field named file", "file"}
			}
			return asked, nil
		case err != nil:
			return nil, brokenImport(err)
		case n >= maxImportFields:
			return nil, &importRefused{status: http.StatusUnprocessableEntity, text: "there are too many fields"}
		}
		name := part.FormName()
		if seen[name] && name != "map" && name != "decide" {
			return nil, &importRefused{http.StatusUnprocessableEntity, "this field is given twice", name}
		}
		seen[name] = true
		if err := asked.take(name, part); err != nil {
			return nil, err
		}
	}
}

// take reads one field.
func (a *importAsked) take(name string, part io.Reader) (err error) {
	if name == "file" {
		a.sheet, err = importing.Read(part)
		var whole *importing.Problem
		if err != nil && !errors.As(err, &whole) {
			return brokenImport(err)
		}
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(part, maxImportField+1))
	if err != nil {
		return brokenImport(err)
	}
	wrong := func(what string) error {
		return &importRefused{http.StatusUnprocessableEntity, what, name}
	}
	value := string(raw)
	if len(value) > maxImportField {
		return wrong("this is too long")
	}
	switch name {
	case "kind":
		a.options.Kind = value
	case "key":
		a.options.Key = value
	case "duplicates":
		a.options.Duplicates = importing.Policy(value)
	case "dry_run", "clear_empty":
		yes, err := strconv.ParseBool(value)
		if err != nil {
			return wrong("say true or false")
		}
		if name == "dry_run" {
			a.dryRun = yes
		} else {
			a.options.ClearEmpty = yes
		}
	case "decide":
		row, decision, ok := strings.Cut(value, "=")
		number, err := strconv.Atoi(row)
		if !ok || err != nil || decision == "" {
			return wrong("say ROW=new, ROW=leave, or ROW=ID of the record that the row is about")
		}
		if a.options.Decided == nil {
			a.options.Decided = map[int]importing.Decision{}
		}
		a.options.Decided[number] = importDecision(decision)
	case "map":
		heading, field, ok := strings.Cut(value, "=")
		if !ok || heading == "" {
			return wrong("say HEADING=FIELD, with nothing behind the = for a column that is not to be read")
		}
		a.options.Map[heading] = field
	default:
		return &importRefused{http.StatusUnprocessableEntity, "there is no such field; there are file, kind, dry_run, key, map, duplicates, decide and clear_empty", shown(name)}
	}
	return nil
}

// importDecision reads what was decided about a row: "new", "leave", or the id of the record that it is about.
func importDecision(text string) importing.Decision {
	switch text {
	case "new":
		return importing.Decision{New: true}
	case "leave":
		return importing.Decision{Leave: true}
	}
	return importing.Decision{Same: text}
}

// brokenImport tells a request that is too large from one that is cut off or no multipart/form-data.
func brokenImport(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return err
	}
	return &importRefused{status: http.StatusBadRequest, text: "the request cannot be read to its end; nothing was imported"}
}

// importBody documents the request.
func importBody() *huma.RequestBody {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	oneOf := func(doc string, values ...any) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: doc, Enum: values}
	}
	flag := func(doc string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeBoolean, Description: doc, Default: false}
	}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"file":        {Type: huma.TypeString, Format: "binary", Description: "CSV in UTF-8, UTF-16 or Shift_JIS, separated by commas, semicolons or tabs; or XLSX, of which the first sheet is read. 64 MiB, 500,000 rows and 500 columns at most"},
			"kind":        oneOf("guessed from the columns if it is left out", "leads", "contacts", "accounts"),
			"dry_run":     flag("say what would be written, and write nothing"),
			"key":         text("heading of the column by which records are found again, such as 顧客番号"),
			"map":         {Type: huma.TypeArray, Items: text("HEADING=FIELD"), Description: "takes a column for a field, as 会社名=company; with nothing behind the = it is not read. Can be given several times; the rest is guessed"},
			"duplicates":  oneOf("what becomes of rows that may be about somebody who is there: ask keeps them apart and reports them, skip leaves out all who are there, update changes the record if it is all but sure, create adds them. ask if it is left out", "ask", "skip", "update", "create"),
			"decide":      {Type: huma.TypeArray, Items: text("ROW=new, ROW=leave or ROW=ID"), Description: "what becomes of a row that was held back as a possible duplicate: a record of its own, nothing, or a change of the record of that id, which must be one the row was held back for"},
			"clear_empty": flag("an empty cell empties the field of a record that is there already"),
		},
	}}}}
}

// said tells how far an import came.
func (e *importStopped) said() string {
	if e.written == (importing.Written{}) {
		return "Nothing was imported."
	}
	return fmt.Sprintf("%d accounts and %d people are written already; the same file again goes on with the rest.", e.written.Accounts, e.written.People)
}

// auditImport writes down who took how much in.
func (s *Server) auditImport(ctx context.Context, who string, a *importAnswer, failed error) error {
	said := map[string]any{"read_as": a.ReadAs, "rows": a.Rows, "people": a.People, "accounts": a.Accounts, "written": a.Written,
		"problems": a.Problems.Total, "duplicates": a.Duplicates.Total, "skipped": a.Skipped, "complete": failed == nil}
	after, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("write counts: %w", err)
	}
	return s.store.AppendAudit(ctx, crm.AuditRecord{At: time.Now().UTC(), Actor: who, Action: "import " + a.Kind, Object: "import/" + a.Kind, After: string(after)})
}
