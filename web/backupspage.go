package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// backupsView is the page of back-ups.
type backupsView struct {
	Rows                                       []backupRow
	On                                         bool // back-ups can be made
	Dir, Schedule, Next, Last, Working, Failed string
	FailedAt                                   string
	Keep                                       int
	Test                                       *backupTestView
	Stale                                      bool
}

type backupRow struct{ Name, When, Size string }

type backupTestView struct {
	Name, When, Text, Raw string
	Good                  bool
}

// shownBackups bounds the list.
const shownBackups = 100

func (s *Server) listBackups(w http.ResponseWriter, r *request) error {
	v := backupsView{}
	if s.cfg.IT.Backups != nil {
		list, err := s.cfg.IT.Backups.List()
		if err != nil {
			return err
		}
		st, err := s.cfg.IT.Backups.State(r.Context())
		if err != nil {
			return err
		}
		v = r.say.backups(list[:min(len(list), shownBackups)], &st, time.Now())
	}
	return s.render(w, r, "backups", page{Title: r.say.text("backups.title"), Nav: "backups", Live: "page=backups", Data: v})
}

func (sp *speaker) backups(list []crm.Backup, st *BackupState, now time.Time) backupsView {
	v := backupsView{On: true, Dir: st.Dir, Schedule: st.Schedule, Next: sp.when(st.Next), Last: sp.when(st.Last), Keep: st.Keep, Failed: st.Error,
		FailedAt: sp.when(st.FailedAt), Stale: now.Sub(st.Last) > backupStale}
	if st.Working != "" {
		v.Working = sp.text("backups.working." + st.Working)
	}
	for _, b := range list {
		v.Rows = append(v.Rows, backupRow{b.Name, sp.when(b.At), wideSize(b.Bytes)})
	}
	if t := st.Test; t != nil {
		v.Test = &backupTestView{Name: t.Name, When: sp.when(t.At), Raw: t.Error, Good: t.Error == ""}
		v.Test.Text = sp.text("backups.test_bad")
		if v.Test.Good {
			v.Test.Text = sp.text("backups.test_good", "n", t.People, "total", t.Sources)
		}
	}
	return v
}

func (s *Server) makeBackup(w http.ResponseWriter, r *request) error {
	if s.cfg.IT.Backups == nil {
		return crm.ErrNotFound
	}
	if err := s.cfg.IT.Backups.Make(r.user.Email); err != nil {
		return err
	}
	if err := s.auditBackup(r, "make backup", ""); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/backups?notice=backup_begun", http.StatusSeeOther)
	return nil
}

func (s *Server) tryBackup(w http.ResponseWriter, r *request) error {
	if s.cfg.IT.Backups == nil {
		return crm.ErrNotFound
	}
	if err := s.cfg.IT.Backups.Try(r.user.Email, r.PathValue("name")); err != nil {
		return err
	}
	if err := s.auditBackup(r, "try backup", r.PathValue("name")); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/backups?notice=backup_tried", http.StatusSeeOther)
	return nil
}

// backupPiece is what must get through within requestTimeout, in bytes.
const backupPiece = 1 << 20

// downloadBackup streams a back-up as it lies in its folder. It takes as long as it takes; the audit is written before.
func (s *Server) downloadBackup(w http.ResponseWriter, r *request) error {
	if s.cfg.IT.Backups == nil {
		return crm.ErrNotFound
	}
	file, bytes, err := s.cfg.IT.Backups.Read(r.PathValue("name"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := s.auditBackup(r, "download backup", r.PathValue("name")); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatInt(bytes, 10))
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", r.PathValue("name")))
	control := http.NewResponseController(w)
	for {
		_ = control.SetWriteDeadline(time.Now().Add(requestTimeout)) // of each piece; not supported by a test recorder
		if _, err := io.CopyN(w, file, backupPiece); err != nil {
			return nil // at the end, or the browser has gone: what it has is too short then, and its sum says so
		}
	}
}

func (s *Server) auditBackup(r *request, action, name string) error {
	object := "backup"
	if name != "" {
		object += "/" + name
	}
	return s.store.AppendAudit(r.Context(), crm.AuditRecord{At: time.Now().UTC(), Actor: r.user.Email, Action: action, Object: object})
}
