package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The limits of trying a draft on history.
const (
	previewTime  = 10 * time.Minute // that one may take
	previewKept  = 20               // that are remembered
	previewWait  = 700 * time.Millisecond
	pagePreviews = 2000 // items that are not logged, read again from their sources
)

// previewJobs are the drafts that are being tried on history, or were just now. Trying takes longer than a page may
// wait, so it goes on by itself, and its page looks in. The zero value is ready.
type previewJobs struct {
	mu   sync.Mutex
	jobs []*previewJob // oldest first
}

// previewJob is one draft that is tried. Only whoever began it sees it.
type previewJob struct {
	id, owner string
	draft     mappingDraft
	looked    atomic.Int64
	total     int64
	stop      context.CancelFunc
	done      chan struct{}

	// Set before done is closed.
	result MappingPreview
	err    error
}

// begin remembers a job. Whoever began another one gives that up; the oldest is forgotten if there are too many.
func (p *previewJobs) begin(j *previewJob) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, other := range p.jobs {
		if other.owner == j.owner {
			other.stop()
		}
	}
	if p.jobs = append(p.jobs, j); len(p.jobs) > previewKept {
		p.jobs[0].stop()
		p.jobs = p.jobs[1:]
	}
}

func (p *previewJobs) find(id, owner string) (*previewJob, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range p.jobs {
		if j.id == id && j.owner == owner {
			return j, true
		}
	}
	return nil, false
}

// previewView is the page of a job.
type previewView struct {
	mappingDraft
	ID              string
	Running, Failed bool
	Percent         int
	Looked, Total   int64
	Result          MappingPreview
	Groups          []previewGroup
	Checked         *mappingChecked
	Days            int
	Silent          bool // samples are not shown, since mails may not be read
}

type previewGroup struct {
	Change  string
	Total   int64
	Samples []previewSample
}

// previewDraft begins to try the draft on history.
func (s *Server) previewDraft(w http.ResponseWriter, r *request) error {
	d, err := s.readDraft(r)
	if err != nil {
		return err
	}
	if checked, err := s.checkMapping(r.Context(), d.Document); err != nil || len(checked.Problems) > 0 {
		if err != nil {
			return err
		}
		return s.renderMapping(w, r, http.StatusUnprocessableEntity, mappingView{mappingDraft: d, Checked: &checked})
	}
	progress, err := s.cfg.Mapping.Progress(r.Context())
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), previewTime)
	j := &previewJob{id: crm.NewID(), owner: r.user.Email, draft: d, total: progress.Total, stop: stop, done: make(chan struct{})}
	s.previews.begin(j)
	go s.runPreview(ctx, j)
	select {
	case <-j.done:
	case <-time.After(previewWait):
	case <-r.Context().Done():
	}
	http.Redirect(w, r.Request, "/mapping/preview/"+j.id, http.StatusSeeOther)
	return nil
}

func (s *Server) runPreview(ctx context.Context, j *previewJob) {
	defer close(j.done)
	defer j.stop()
	go func() {
		select {
		case <-s.live.stop:
			j.stop()
		case <-ctx.Done():
		}
	}()
	j.result, j.err = s.cfg.Mapping.PreviewTold(ctx, j.draft.Document, time.Now().AddDate(0, 0, -previewDays), pagePreviews, j.looked.Store)
	var refused *MappingRefused
	if j.err != nil && !errors.As(j.err, &refused) && ctx.Err() == nil {
		s.log.Error("preview mapping", "error", j.err)
	}
}

func (s *Server) showMappingPreview(w http.ResponseWriter, r *request) error {
	j, ok := s.previews.find(r.PathValue("id"), r.user.Email)
	if !ok {
		return crm.ErrNotFound
	}
	v := previewView{mappingDraft: j.draft, ID: j.id, Looked: j.looked.Load(), Total: j.total, Days: previewDays}
	select {
	case <-j.done:
		s.fillPreview(r, j, &v)
	default:
		v.Running = true
		if v.Total > 0 {
			v.Percent = int(min(99, 100*v.Looked/v.Total))
		}
	}
	return s.render(w, r, "mappingpreview", page{Title: r.say.text("mapping.preview"), Nav: "mapping", Data: v})
}

// fillPreview lays the result out. What samples say can come out of mails, so whoever may not read every mail sees the
// counts alone.
func (s *Server) fillPreview(r *request, j *previewJob, v *previewView) {
	var refused *MappingRefused
	if errors.As(j.err, &refused) {
		checked := checkedOf(refused)
		v.Checked = &checked
		return
	}
	if j.err != nil {
		v.Failed = true
		return
	}
	v.Result = j.result
	known := s.names()
	v.Silent = !r.may.Body(&crm.Activity{Kind: crm.KindEmail})
	for _, g := range []previewGroup{{"add", int64(j.result.Add), nil}, {"change", int64(j.result.Change), nil}, {"remove", int64(j.result.Remove), nil}} {
		for _, sample := range j.result.Samples {
			if sample.Change == g.Change && !v.Silent {
				g.Samples = append(g.Samples, s.previewSample(r, known, sample))
			}
		}
		v.Groups = append(v.Groups, g)
	}
}
