package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/importing"
)

// importShown bounds each list of a report that a page shows.
const importShown = 200

// importTopic is what the page of an import listens to.
func importTopic(id string) string { return "import-" + id }

// take gives an import that nobody works on, and keeps others from deciding about imports until let is called: what two
// people decide at the same time would otherwise begin the same work twice, or bring back what was discarded.
func (d *importDesk) take(id string) (st importState, let func(), err error) {
	d.taken.Lock()
	if d.job(id) != nil {
		d.taken.Unlock()
		return st, nil, &statusError{http.StatusConflict, "imports.works"}
	}
	if st, err = d.load(id); err != nil {
		d.taken.Unlock()
		return st, nil, err
	}
	return st, d.taken.Unlock, nil
}

// beginImport lets work begin on an import that was taken; false if the server is ending.
func (s *Server) beginImport(st importState, phase importPhase) (bool, error) {
	st.Phase, st.Waits = phase, phase
	if err := s.desk.save(&st); err != nil {
		return false, err
	}
	return s.desk.start(st.ID, func(ctx context.Context, job *importJob) { s.workImport(ctx, job, st) }), nil
}

// workImport does what the phase says, and notes how it ended.
func (s *Server) workImport(ctx context.Context, job *importJob, st importState) {
	var err error
	switch st.Phase {
	case importReadingPhase:
		err = s.readUpload(&st)
	case importCheckingPhase:
		err = s.planImport(ctx, job, &st, false)
	default:
		err = s.planImport(ctx, job, &st, true)
	}
	var whole *importing.Problem
	switch {
	case errors.As(err, &whole):
		st.Phase, st.Said, st.Advice = importFailed, whole.Said, whole.Advice
		if st.Columns != nil { // the columns may be put right
			st.Phase = importColumns
		}
	case err != nil:
		st.Waits, st.Phase = st.Phase, importHalted
		s.log.Error("import", "id", st.ID, "error", err)
	default:
		st.Said, st.Advice = importing.Sentence{}, importing.Sentence{}
	}
	if err := s.desk.save(&st); err != nil {
		s.log.Error("import", "id", st.ID, "error", err)
	}
	s.live.tell(importTopic(st.ID))
	time.AfterFunc(time.Second/5, func() { s.live.tell(importTopic(st.ID)) }) // when the work is off the list
}

// readUpload finds out what the columns mean.
func (s *Server) readUpload(st *importState) error {
	sheet, err := s.desk.sheet(st.ID)
	if err != nil {
		return err
	}
	r, err := importing.Columns(sheet, s.optionsOf(st))
	if err != nil {
		return err
	}
	st.Columns = make([]importHeading, len(r.Columns))
	for i, c := range r.Columns {
		st.Columns[i] = importHeading{Heading: c.Heading, Guess: c.Field, Field: c.Field}
	}
	sheet.Each(func(number int, cells []string) bool {
		for i := range st.Columns {
			c := &st.Columns[i]
			if i < len(cells) && cells[i] != "" && len(c.Samples) < 3 && !slices.Contains(c.Samples, excerpt(cells[i], 40)) {
				c.Samples = append(c.Samples, excerpt(cells[i], 40))
			}
		}
		return number < 500
	})
	st.ReadAs, st.TakenFor, st.Rows, st.Phase = r.How, r.Kind, r.Rows, importColumns
	return nil
}

// optionsOf are what was chosen, with what the organisation declares.
func (s *Server) optionsOf(st *importState) importing.Options {
	return s.importOptions(&importAsked{options: importing.Options{Kind: st.Kind, Map: st.Map, Duplicates: st.Policy, ClearEmpty: st.ClearEmpty, Decided: st.Decided}})
}

// planImport says what an import would write, and writes it if asked to. There is one import at a time, with those of the
// API.
func (s *Server) planImport(ctx context.Context, job *importJob, st *importState, write bool) error {
	if err := s.awaitImporting(ctx); err != nil {
		return err
	}
	defer s.importing.Unlock()
	sheet, err := s.desk.sheet(st.ID)
	if err != nil {
		return err
	}
	o := s.optionsOf(st)
	o.User = s.workingHere(ctx)
	o.Told = func(done, of int) {
		if job.far(done, of) {
			s.live.tell(importTopic(st.ID))
		}
	}
	plan, err := importing.Make(ctx, s.store, sheet, o)
	if err != nil {
		return err
	}
	report := plan.Report()
	st.count(&report)
	if err := s.keepReport(st, sheet, &report); err != nil {
		return err
	}
	st.Phase = importChecked
	if !write {
		return nil
	}
	st.Phase = importWriting
	written, err := plan.Apply(ctx, st.By)
	st.Written = importing.Written{Accounts: st.Written.Accounts + written.Accounts, People: st.Written.People + written.People}
	if written != (importing.Written{}) {
		s.cfg.Kick()
	}
	answer := importAnswerOf(report, false)
	answer.Written = written
	if audited := s.auditImport(context.WithoutCancel(ctx), st.By, &answer, err); err == nil {
		err = audited
	}
	if err != nil {
		return err
	}
	st.Phase = importDone
	s.desk.remove(st.ID, ".json", ".report", ".left")
	return nil
}

// awaitImporting waits until no other import is under way.
func (s *Server) awaitImporting(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !s.importing.TryLock() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

func (st *importState) count(r *importing.Report) {
	st.TakenFor, st.Rows, st.People, st.Accounts, st.Skipped = r.Kind, r.Rows, r.People, r.Accounts, r.Skipped
	st.Refused, st.Held, st.Remarks, st.Duplicates = len(r.Bad), len(r.Held), len(r.Remarks), 0
	for _, d := range r.Duplicates {
		if !d.Held {
			st.Duplicates++
		}
	}
	for i := range st.Columns {
		if i < len(r.Columns) {
			st.Columns[i].Field = r.Columns[i].Field
		}
	}
}

// keepReport stores what the page shows of rows, and the rows that are left out.
func (s *Server) keepReport(st *importState, sheet *importing.Sheet, r *importing.Report) error {
	out := importReport{Bad: r.Bad[:min(len(r.Bad), importShown)], Held: r.Held, Candidates: map[int][]importing.Duplicate{}}
	for _, m := range r.Remarks[:min(len(r.Remarks), importShown)] {
		m.Rows = m.Rows[:min(len(m.Rows), importShown)]
		out.Remarks = append(out.Remarks, m)
	}
	left := map[int]leftRow{}
	for _, b := range r.Bad {
		left[b.Row] = leftRow{Row: b.Row, Column: b.Column, Said: b.Said}
	}
	for _, d := range r.Duplicates {
		switch {
		case d.Held:
			out.Candidates[d.Row] = append(out.Candidates[d.Row], d)
			left[d.Row] = leftRow{Row: d.Row, Said: d.Said}
		case len(out.Known) < importShown:
			out.Known = append(out.Known, d)
		}
	}
	if err := s.desk.put(st.ID+".report", &out); err != nil {
		return err
	}
	return s.desk.putLeft(st.ID, sheet, left)
}

// putLeft writes the rows that are left out, one a line, as they stand in the file. The first line is the heading.
func (d *importDesk) putLeft(id string, sheet *importing.Sheet, left map[int]leftRow) error {
	root, err := d.folder()
	if err != nil {
		return err
	}
	f, err := root.OpenFile(id+".left", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write rows that are left out: %w", err)
	}
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	err = lines.Encode(leftRow{Cells: sheet.Heading()})
	sheet.Each(func(number int, cells []string) bool {
		if row, ok := left[number]; ok && err == nil {
			row.Cells = cells
			err = lines.Encode(row)
		}
		return err == nil
	})
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write rows that are left out: %w", err)
	}
	return nil
}
