package web

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// importsPath is the page where files are uploaded.
const importsPath = "/imports"

// heldOnPage is how many rows a page asks about.
const heldOnPage = 20

// importRoutes are the pages on which files are imported. {id} names an upload, not a record of the store.
func importRoutes() []route {
	return []route{
		{pattern: "GET /imports", access: admin, handle: (*Server).listImports},
		{pattern: "POST /imports", access: admin, handle: (*Server).uploadImport},
		{pattern: "GET /imports/{id}", access: admin, handle: (*Server).showImport, any: "admins import for everybody"},
		{pattern: "POST /imports/{id}/columns", access: admin, handle: (*Server).chooseColumns, any: "admins import for everybody"},
		{pattern: "POST /imports/{id}/decide", access: admin, handle: (*Server).decideImport, any: "admins import for everybody"},
		{pattern: "POST /imports/{id}/run", access: admin, handle: (*Server).runImport, any: "admins import for everybody"},
		{pattern: "GET /imports/{id}/left.csv", access: admin, handle: (*Server).downloadLeft, any: "admins import for everybody"},
		{pattern: "POST /imports/{id}/delete", access: admin, handle: (*Server).deleteImport, any: "admins import for everybody"},
	}
}

// importLine is an import in the list.
type importLine struct {
	URL, File, By, When, Phase string
	Kind                       string
	Rows                       int
	New, Changed, Left         int
	Done, Works, Gone          bool
}

// importsView is the page where files are uploaded.
type importsView struct {
	Rows    []importLine
	Problem string // with the file that was just sent
}

func (s *Server) listImports(w http.ResponseWriter, r *request) error {
	return s.renderImports(w, r, http.StatusOK, "")
}

// refuseUpload says what is wrong with a file where another one can be chosen; an error that is not the file's stays.
func (s *Server) refuseUpload(w http.ResponseWriter, r *request, err error) error {
	if chosen := (*statusError)(nil); errors.As(err, &chosen) {
		return s.renderImports(w, r, chosen.status, r.say.text(chosen.key))
	}
	return err
}

func (s *Server) renderImports(w http.ResponseWriter, r *request, status int, problem string) error {
	list, err := s.desk.list(time.Now())
	if err != nil {
		return err
	}
	lines := make([]importLine, 0, len(list))
	for i := range list {
		st := &list[i]
		line := importLine{URL: importsPath + "/" + st.ID, File: st.File, By: st.By, When: r.say.when(st.At), Phase: r.say.label("import_phase", string(st.Phase)), Rows: st.Rows,
			New: st.People.New + st.Accounts.New, Changed: st.People.Changed + st.Accounts.Changed, Left: st.Refused + st.Skipped,
			Done: st.Phase == importDone, Works: st.Phase.works(), Gone: st.Phase == importGone}
		if st.TakenFor != "" {
			line.Kind = r.say.label("import_kind", st.TakenFor)
		}
		lines = append(lines, line)
	}
	return s.renderStatus(w, r, status, "imports", page{Title: r.say.text("imports.title"), Nav: "imports", Data: importsView{lines, problem}})
}

// uploadImport takes a file and begins to read it.
func (s *Server) uploadImport(w http.ResponseWriter, r *request) error {
	control := http.NewResponseController(w)
	now := time.Now()
	// A test recorder has no connection; there is nothing to bound then.
	_ = control.SetReadDeadline(now.Add(importReading))
	_ = control.SetWriteDeadline(now.Add(importReading + requestTimeout))
	list, err := s.desk.list(now)
	if err != nil {
		return err
	}
	waiting := 0
	for i := range list {
		if p := list[i].Phase; p != importDone && p != importGone && p != importFailed {
			waiting++
		}
	}
	if waiting >= maxWaiting {
		return s.refuseUpload(w, r, &statusError{http.StatusConflict, "imports.too_many"})
	}
	st := importState{ID: crm.NewID(), By: r.user.Email, At: now.UTC()}
	if err := s.takeUpload(r, &st); err != nil {
		return s.refuseUpload(w, r, err)
	}
	if _, err := s.beginImport(st, importReadingPhase); err != nil {
		return err
	}
	http.Redirect(w, r.Request, importsPath+"/"+st.ID, http.StatusSeeOther)
	return nil
}

// takeUpload stores the file of a multipart/form-data request.
func (s *Server) takeUpload(r *request, st *importState) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return badRequest("imports.no_file")
	}
	for range maxImportFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return badRequest("imports.no_file")
		}
		if err != nil {
			return uploadBroke(err)
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return s.storeUpload(part, st)
		}
	}
	return badRequest("imports.no_file")
}

func (s *Server) storeUpload(part *multipart.Part, st *importState) error {
	name, _ := cleanText(path.Base(strings.ReplaceAll(part.FileName(), `\`, "/")))
	st.File = excerpt(strings.ReplaceAll(name, "\n", " "), 120)
	size, tooBig, err := s.desk.receive(st.ID, part)
	switch {
	case tooBig:
		return &statusError{http.StatusRequestEntityTooLarge, "imports.too_large"}
	case err != nil:
		return uploadBroke(err)
	case size == 0:
		s.desk.remove(st.ID)
		return badRequest("imports.no_file")
	}
	st.Size = size
	return nil
}

// uploadBroke tells a request that is too large from one that ended early.
func uploadBroke(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &statusError{http.StatusRequestEntityTooLarge, "imports.too_large"}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return badRequest("imports.cut_off")
	}
	return err
}

// chooseColumns takes what the columns mean and what becomes of duplicates, and looks the file through.
func (s *Server) chooseColumns(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	st, let, err := s.desk.take(r.PathValue("id"))
	if err != nil {
		return err
	}
	defer let()
	f := r.PostForm
	kind, policy := f.Get("kind"), importing.Policy(cmp.Or(f.Get("duplicates"), string(importing.Ask)))
	if !slices.Contains(importKinds(), kind) || !slices.Contains(importPolicies(), policy) || len(st.Columns) == 0 || st.Phase == importDone {
		return badRequest("error.form")
	}
	fields := s.importFields(r.say, kind)
	chosen, taken := map[string]string{}, map[importing.Field]bool{}
	for i := range st.Columns {
		c := &st.Columns[i]
		name := "c" + strconv.Itoa(i)
		if !f.Has(name) {
			continue
		}
		field := importing.Field(f.Get(name))
		if field != "" && !slices.ContainsFunc(fields, func(o importOption) bool { return o.Value == string(field) }) {
			field = "" // a declared field of another kind of record
		}
		if field != "" && taken[field] && !field.Several() {
			return badRequest("imports.field_twice")
		}
		taken[field], c.Field = true, field
		if field != c.Guess {
			chosen[c.Heading] = string(field)
		}
	}
	st.Kind, st.Map, st.Policy, st.ClearEmpty, st.Decided = kind, chosen, policy, f.Get("clear_empty") != "", nil
	return s.goOn(w, r, st, importCheckingPhase)
}

// goOn begins work on an import and leads to its page.
func (s *Server) goOn(w http.ResponseWriter, r *request, st importState, phase importPhase) error {
	began, err := s.beginImport(st, phase)
	if err != nil {
		return err
	}
	if !began {
		return &statusError{http.StatusConflict, "imports.works"}
	}
	http.Redirect(w, r.Request, importsPath+"/"+st.ID, http.StatusSeeOther)
	return nil
}

// decideImport notes what was decided about the rows of a page. What is not decided is left out.
func (s *Server) decideImport(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	st, let, err := s.desk.take(r.PathValue("id"))
	if err != nil {
		return err
	}
	defer let()
	if st.Phase != importChecked {
		return &statusError{http.StatusConflict, "imports.works"}
	}
	var report importReport
	if err := s.desk.get(st.ID+".report", &report); err != nil {
		return err
	}
	decided := maps.Clone(st.Decided)
	if decided == nil {
		decided = map[int]importing.Decision{}
	}
	for row, candidates := range report.Candidates {
		answer := r.PostForm.Get("row" + strconv.Itoa(row))
		switch {
		case answer == "":
		case answer == "ask":
			delete(decided, row)
		case answer == "new", answer == "leave":
			decided[row] = importDecision(answer)
		case slices.ContainsFunc(candidates, func(d importing.Duplicate) bool { return d.ID == answer }):
			decided[row] = importing.Decision{Same: answer}
		default:
			return badRequest("error.form")
		}
	}
	st.Decided = decided
	if err := s.desk.save(&st); err != nil {
		return err
	}
	return backTo(w, r, importsPath+"/"+st.ID, "import_decided")
}

// runImport writes what was looked through, or goes on with work that stopped.
func (s *Server) runImport(w http.ResponseWriter, r *request) error {
	st, let, err := s.desk.take(r.PathValue("id"))
	if err != nil {
		return err
	}
	defer let()
	switch {
	case st.Phase == importHalted && st.Waits.works():
		return s.goOn(w, r, st, st.Waits)
	case st.Phase == importChecked:
		return s.goOn(w, r, st, importWriting)
	}
	return &statusError{http.StatusConflict, "imports.works"}
}

// deleteImport takes an import off the list, with its file.
func (s *Server) deleteImport(w http.ResponseWriter, r *request) error {
	st, let, err := s.desk.take(r.PathValue("id"))
	if err != nil {
		return err
	}
	defer let()
	s.desk.remove(st.ID)
	if err := s.store.AppendAudit(r.Context(), crm.AuditRecord{At: time.Now().UTC(), Actor: r.user.Email, Action: "discard import", Object: "import/" + st.ID}); err != nil {
		return err
	}
	return backTo(w, r, importsPath, "import_removed")
}

// downloadLeft gives the rows that were left out as CSV, each with why, so that they can be put right and imported again.
func (s *Server) downloadLeft(w http.ResponseWriter, r *request) error {
	st, err := s.desk.load(r.PathValue("id"))
	if err != nil {
		return err
	}
	root, err := s.desk.folder()
	if err != nil {
		return err
	}
	f, err := root.Open(st.ID + ".left")
	if err != nil {
		return crm.ErrNotFound
	}
	defer func() { _ = f.Close() }()
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="left-out.csv"`)
	if _, err := io.WriteString(w, "\uFEFF"); err != nil { // spreadsheets take it for UTF-8 then
		return nil // the browser went away
	}
	out := csv.NewWriter(w)
	lines := json.NewDecoder(bufio.NewReader(f))
	for first := true; ; first = false {
		var row leftRow
		if err := lines.Decode(&row); err != nil {
			break // its end; what was sent cannot be taken back
		}
		end := []string{r.say.text("imports.row"), r.say.text("imports.column"), r.say.text("imports.why")}
		if !first {
			end = []string{strconv.Itoa(row.Row), row.Column, r.say.sentence(row.Said)}
		}
		pad := make([]string, max(0, len(st.Columns)-len(row.Cells))) // the columns stand where they stood
		cells := slices.Concat(row.Cells, pad, end)
		for i := range cells {
			cells[i] = crm.GuardCell(cells[i])
		}
		if out.Write(cells) != nil {
			return nil
		}
	}
	out.Flush()
	return nil
}

// sentence says what an import found, in the language of whoever reads it.
func (sp *speaker) sentence(said importing.Sentence) string {
	if key := "import_said." + said.Code; sp.has(key) {
		return sp.text(key, sentenceParts(said)...)
	}
	return fmt.Sprint(said)
}

// sentenceParts name the parts of a sentence for the catalogue: a, b, c.
func sentenceParts(said importing.Sentence) []any {
	var parts []any
	for i, a := range said.Args {
		parts = append(parts, string(rune('a'+i)), a)
	}
	return parts
}
