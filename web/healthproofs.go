package web

import (
	"context"
	"net/http"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// proofView is the newest proof of each source.
type proofView struct {
	Rows     []proofRow
	Date     string // of the oldest of them; "" if one has none
	Complete bool
	Running  string // what is under way; "" for nothing
	Percent  int64  // of the sources; -1 if unknown
	Missing  bool   // something is missing and could be read
	May      bool   // whoever looks may ask for one
}

type proofRow struct {
	Source, Name, When, Result, Raw                           string
	Light                                                     light
	OnServer, InLedger, Missing, ToRead, Repaired, Gone, Took string
}

// How old the newest proof and the newest back-up may be, and how little of the disk may be free.
const (
	proofStale  = 3 * 24 * time.Hour
	backupStale = 48 * time.Hour
	diskLow     = 5 << 30
	diskEmpty   = 1 << 30
)

// proofs are the newest proofs of the sources that are read.
func (s *Server) proofs(r *request, sources []crm.Source, now time.Time) (proofView, error) {
	v := proofView{Percent: -1, Complete: true, May: it.allows(r.user.Role)}
	if s.cfg.IT.Proofs == nil {
		return v, nil
	}
	kept, err := s.cfg.IT.Proofs.Proofs(r.Context())
	if err != nil {
		return v, err
	}
	if run, ok := s.cfg.IT.Proofs.Proving(); ok {
		v.Running = r.say.text("proof.waiting")
		if run.Source != "" {
			v.Running = r.say.text("proof.running", "source", r.say.nameOfSourceID(run.Source), "n", run.Checked, "done", run.Done+1, "total", run.Total)
			v.Percent = int64(run.Done) * 100 / int64(max(1, run.Total))
		}
	}
	var oldest time.Time
	for i := range sources {
		src := &sources[i]
		if src.State == crm.SourceDisabled {
			continue
		}
		p, ok := kept[src.ID]
		row := r.say.proofRow(src, &p, ok, now)
		v.Rows = append(v.Rows, row)
		v.Complete = v.Complete && row.Light == lightGood
		v.Missing = v.Missing || ok && p.Missing > p.Repaired+p.Gone
		if ok && (oldest.IsZero() || p.At.Before(oldest)) {
			oldest = p.At
		}
	}
	v.Date = r.say.when(oldest)
	return v, nil
}

func (sp *speaker) proofRow(src *crm.Source, p *crm.ProofRecord, ok bool, now time.Time) proofRow {
	row := proofRow{Source: src.ID, Name: sp.nameOfSource(src), Result: sp.text("proof.none")}
	if !ok {
		if now.Sub(src.LastSuccess) < proofStale || src.LastSuccess.IsZero() {
			return row // the first night is still to come
		}
		row.Light = lightWarn
		return row
	}
	row.When, row.Raw, row.Took = sp.when(p.At), p.Error, sp.ago(p.Took)
	for _, c := range []struct {
		to *string
		n  int
	}{{&row.OnServer, p.OnServer}, {&row.InLedger, p.InLedger}, {&row.Missing, p.Missing}, {&row.ToRead, p.ToRead}, {&row.Repaired, p.Repaired}, {&row.Gone, p.Gone}} {
		*c.to = group(int64(c.n))
	}
	left := p.Missing - p.Repaired - p.Gone
	switch {
	case p.Error != "":
		row.Light, row.Result = lightWarn, sp.text("proof.failed")
	case !p.Supported:
		row.Result = sp.text("proof.unsupported")
		row.OnServer, row.InLedger, row.Missing = "", "", ""
	case left > 0:
		row.Light, row.Result = lightBad, sp.text("proof.missing", "n", left)
	case p.ToRead > 0:
		row.Result = sp.text("proof.to_read", "n", p.ToRead)
	case p.Repaired > 0:
		row.Result = sp.text("proof.repaired", "n", p.Repaired)
	default:
		row.Result = sp.text("proof.complete")
	}
	if row.Light == lightGood && p.Supported && now.Sub(p.At) > proofStale {
		row.Light, row.Result = lightWarn, row.Result+" "+sp.text("proof.old")
	}
	return row
}

// proveSources has sources compared with the ledger, one or all.
func (s *Server) proveSources(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	if s.cfg.IT.Proofs == nil {
		return crm.ErrNotFound
	}
	if err := s.prove(r.Context(), r.user.Email, r.PostForm.Get("source"), r.PostForm.Get("repair") != ""); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/health?notice=proof_asked#proof", http.StatusSeeOther)
	return nil
}

// prove asks for a proof, audited; source "" means all.
func (s *Server) prove(ctx context.Context, actor, source string, repair bool) error {
	var sources []string
	object := "source"
	if source != "" {
		if _, err := s.store.GetSource(ctx, source); err != nil {
			return err
		}
		sources, object = []string{source}, "source/"+source
	}
	if err := s.cfg.IT.Proofs.Ask(actor, sources, repair); err != nil {
		return err
	}
	action := "prove source"
	if repair {
		action = "repair source"
	}
	return s.store.AppendAudit(ctx, crm.AuditRecord{At: time.Now().UTC(), Actor: actor, Action: action, Object: object})
}
