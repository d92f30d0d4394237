package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// progress shows how far reading has come: a bar on a terminal, else a line a source now and then.
type progress struct {
	w    io.Writer
	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	last map[string]crm.Source
	said map[string]time.Time
}

// quietFor is how long a source says nothing when there is no terminal.
const quietFor = 5 * time.Second

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, last: map[string]crm.Source{}, said: map[string]time.Time{}}
	if terminal(w) {
		p.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("reading"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("items"),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))
	}
	return p
}

// report takes a source as it stands.
func (p *progress) report(s crm.Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[s.ID] = s
	if p.bar != nil {
		var done, total int64
		for _, s := range p.last {
			done += s.Tally.Seen
			total += max(s.Progress.Total, s.Tally.Seen)
		}
		p.bar.ChangeMax64(max(total, 1))
		_ = p.bar.Set64(done)
		return
	}
	if since := p.said[s.ID]; time.Since(since) < quietFor {
		return
	}
	p.said[s.ID] = time.Now()
	line := fmt.Sprintf("%s: %s", s.ID, counted(s.Tally.Seen, "item", "items"))
	if s.Progress.Total > 0 {
		line += fmt.Sprintf(", %d of %d read", s.Progress.Done, s.Progress.Total)
	}
	_, _ = fmt.Fprintln(p.w, spoken(line))
}

// finish takes the bar away.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
