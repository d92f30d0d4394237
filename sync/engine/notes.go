package engine

import (
	"slices"
	"time"
)

// Note is something a person may want to know of a source: a folder was renamed, it is read anew.
type Note struct {
	At   time.Time // UTC
	Text string    // one sentence
}

const keptNotes = 20

// Notes gives the latest notes of a source since the start of the process, newest first, at most 20.
func (e *Engine) Notes(id string) []Note {
	r := e.runner(id)
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	notes := slices.Clone(r.notes)
	slices.Reverse(notes)
	return notes
}

// note logs a note and keeps it.
func (r *runner) note(text string) {
	r.eng.log.Info("source note", "source", r.id, "note", text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, Note{time.Now().UTC(), text})
	if len(r.notes) > keptNotes {
		r.notes = slices.Clone(r.notes[len(r.notes)-keptNotes:])
	}
}
