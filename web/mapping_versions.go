package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// versionsView is the history of the mapping.
type versionsView struct {
	Rows        []versionRow
	Next, Start string
	Applying    *applyingView
}

type versionRow struct {
	Number                int
	When, Author, Comment string
	InForce               bool
	Document              string
	Rows                  []diffRow // in what it differs from the one before
	Before, Base          int       // the version before it, and the newest
	Stale                 *staleView
	Checked               *mappingChecked // why it cannot be saved today
	Offered               bool            // going back to it
}

func (s *Server) versionRow(r *request, v crm.MappingVersion, newest int) versionRow {
	return versionRow{Number: v.Number, When: r.say.when(v.At), Author: s.authorName(r, v.Author), Comment: r.say.versionComment(v.Comment), InForce: v.Number == newest, Base: newest}
}

func (s *Server) listMappingVersions(w http.ResponseWriter, r *request) error {
	if s.cfg.Mapping == nil {
		return crm.ErrNotFound
	}
	versions, err := s.cfg.Mapping.Versions(r.Context())
	if err != nil {
		return err
	}
	newest := len(versions)
	before := newest + 1
	if text := r.URL.Query().Get("before"); text != "" {
		if before, err = strconv.Atoi(text); err != nil {
			return badRequest("error.form")
		}
	}
	var v versionsView
	for i := min(before-1, newest) - 1; i >= 0; i-- {
		if len(v.Rows) == pageRows {
			v.Next = "/mapping/versions?before=" + strconv.Itoa(versions[i+1].Number)
			break
		}
		v.Rows = append(v.Rows, s.versionRow(r, versions[i], newest))
	}
	if before <= newest {
		v.Start = "/mapping/versions"
	}
	if v.Applying, err = s.applying(r); err != nil {
		return err
	}
	return s.render(w, r, "mappingversions", page{Title: r.say.text("mapping.versions"), Nav: "mapping", Live: "page=mapping", Data: v})
}

// versionAt reads the version that the address names, and the one before it.
func (s *Server) versionAt(r *request) (this, before crm.MappingVersion, newest int, err error) {
	if s.cfg.Mapping == nil {
		return this, before, 0, crm.ErrNotFound
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return this, before, 0, crm.ErrNotFound
	}
	versions, err := s.cfg.Mapping.Versions(r.Context())
	if err != nil {
		return this, before, 0, err
	}
	for i := range versions {
		switch versions[i].Number {
		case n:
			this = versions[i]
		case n - 1:
			before = versions[i]
		}
	}
	if this.Number == 0 {
		return this, before, len(versions), crm.ErrNotFound
	}
	return this, before, len(versions), nil
}

func (s *Server) showMappingVersion(w http.ResponseWriter, r *request) error {
	return s.renderVersion(w, r, http.StatusOK, nil, nil)
}

func (s *Server) renderVersion(w http.ResponseWriter, r *request, status int, stale *staleView, checked *mappingChecked) error {
	this, before, newest, err := s.versionAt(r)
	if err != nil {
		return err
	}
	v := s.versionRow(r, this, newest)
	v.Document, v.Before, v.Rows, v.Stale, v.Checked = this.Document, before.Number, diffRows(before.Document, this.Document), stale, checked
	v.Offered = !v.InForce
	return s.renderStatus(w, r, status, "mappingversion", page{Title: r.say.text("mapping.version", "n", this.Number), Nav: "mapping", Data: v})
}

// rollBackMapping saves an earlier version as the newest.
func (s *Server) rollBackMapping(w http.ResponseWriter, r *request) error {
	this, _, _, err := s.versionAt(r)
	if err != nil {
		return err
	}
	if err := r.readForm(); err != nil {
		return err
	}
	base, err := strconv.Atoi(r.PostForm.Get("base"))
	comment := strings.TrimSpace(r.PostForm.Get("comment"))
	if err != nil || len(comment) > maxComment {
		return badRequest("error.form")
	}
	if comment == "" {
		comment = r.say.text("mapping.back_to", "n", this.Number)
	}
	_, err = s.cfg.Mapping.RollBackOver(r.Context(), r.user.Email, this.Number, comment, base)
	var refused *MappingRefused
	var stale *MappingStale
	switch {
	case errors.As(err, &refused):
		checked := checkedOf(refused)
		return s.renderVersion(w, r, http.StatusUnprocessableEntity, nil, &checked)
	case errors.As(err, &stale):
		return s.renderVersion(w, r, http.StatusConflict, s.staleOf(r, stale), nil)
	case err != nil:
		return err
	}
	return backTo(w, r, "/mapping/versions", "mapping_rolled_back")
}
