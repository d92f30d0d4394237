package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// mappingDraft is a document that somebody works on. It stands in the form of the page and nowhere else, so that nothing is
// left behind by whoever leaves the page.
type mappingDraft struct {
	Document string
	Base     int    // version from which it was made; 0 for none
	Comment  string // why it is changed
}

// maxComment bounds what stands beside a version, in bytes.
const maxComment = 1000

// newestMapping is the mapping in force; an empty one before the first version.
func (s *Server) newestMapping(ctx context.Context) (crm.MappingVersion, error) {
	if s.cfg.Mapping == nil {
		return crm.MappingVersion{}, crm.ErrNotFound
	}
	v, err := s.cfg.Mapping.Newest(ctx)
	if errors.Is(err, crm.ErrNotFound) {
		return crm.MappingVersion{}, nil
	}
	return v, err
}

// readDraft reads the document of a form. Pages send it in parts, since a Japanese document would be three times as
// long otherwise.
func (s *Server) readDraft(r *request) (mappingDraft, error) {
	if s.cfg.Mapping == nil {
		return mappingDraft{}, crm.ErrNotFound
	}
	if err := r.readParts(); err != nil {
		return mappingDraft{}, err
	}
	d := mappingDraft{Document: strings.ReplaceAll(r.PostForm.Get("document"), "\r\n", "\n"), Comment: strings.TrimSpace(r.PostForm.Get("comment"))}
	if len(d.Comment) > maxComment {
		return d, badRequest("error.form")
	}
	var err error
	if d.Base, err = strconv.Atoi(r.PostForm.Get("base")); err != nil || d.Base < 0 {
		return d, badRequest("error.form")
	}
	return d, nil
}

// readParts reads a form in either of the encodings of browsers.
func (r *request) readParts() error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return r.readForm()
	}
	err := r.ParseMultipartForm(maxBody)
	if tooLarge := (*http.MaxBytesError)(nil); err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return badRequest("error.form")
}

// wantsJSON says that a script asks, not a person.
func (r *request) wantsJSON() bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the browser may have gone
	return nil
}
