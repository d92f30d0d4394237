package web

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// gapWatch remembers what came from sources, so that a look costs reading the newest hours and not eight weeks.
type gapWatch struct {
	mu   sync.Mutex
	kept map[string]*keptHours
}

type keptHours struct {
	hours   []crm.SourceHour
	whole   time.Time // when all of them were read
	judged  time.Time // when silence was found; and from what:
	until   time.Time
	last    time.Time
	silence crm.Silence
}

const (
	gapReread = 6 * time.Hour    // all hours are read again after so long
	gapJudge  = 30 * time.Second // a silence that grows is judged anew after so long
	rateOver  = 24 * time.Hour
)

// pace is how much comes from a source.
type pace struct {
	crm.Silence
	PerHour float64 // items over the last day, history among them
}

// paceOf tells how much comes from a source and whether its silence is unusual. The silence of a source that does not
// work, or still reads history, is not judged: its state says all.
func (s *Server) paceOf(ctx context.Context, src *crm.Source, now time.Time) (pace, error) {
	s.gaps.mu.Lock()
	defer s.gaps.mu.Unlock()
	k := s.gaps.kept[src.ID]
	if k == nil || now.Sub(k.whole) > gapReread || now.Before(k.whole) {
		k = &keptHours{whole: now}
	}
	from := now.Add(-crm.HoursKept)
	if n := len(k.hours); n > 0 {
		from = k.hours[n-1].Hour
		k.hours = k.hours[:n-1] // it may have gone on
	}
	fresh, err := s.store.SourceHours(ctx, src.ID, from)
	if err != nil {
		delete(s.gaps.kept, src.ID)
		return pace{}, err
	}
	k.hours = append(k.hours, fresh...)
	if s.gaps.kept == nil {
		s.gaps.kept = map[string]*keptHours{}
	}
	s.gaps.kept[src.ID] = k
	var p pace
	sum := int64(0)
	for i := len(k.hours) - 1; i >= 0 && k.hours[i].Hour.After(now.Add(-rateOver)); i-- {
		sum += k.hours[i].Seen
	}
	p.PerHour = float64(sum) / rateOver.Hours()
	if src.State == crm.SourceOK && !src.LastSuccess.IsZero() {
		p.Silence = s.judge(k, earliest(src.LastSuccess, now), now)
	}
	return p, nil
}

func (s *Server) judge(k *keptHours, until, now time.Time) crm.Silence {
	last := time.Time{}
	if n := len(k.hours); n > 0 {
		last = k.hours[n-1].Last
	}
	if !k.judged.IsZero() && now.Sub(k.judged) < gapJudge && !now.Before(k.judged) && last.Equal(k.last) {
		return k.silence
	}
	k.silence = crm.JudgeSilence(k.hours, until, s.lifeRules().Hours(), s.cfg.Organization.Location)
	k.judged, k.until, k.last = now, until, last
	return k.silence
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// silenceText says that a source is silent against what is usual; "" if it is not. It is for every page that shows a source.
func (sp *speaker) silenceText(p *crm.Silence, now time.Time) string {
	if !p.Unusual {
		return ""
	}
	since, until := p.Since.In(sp.zone), now.In(sp.zone)
	weekday := sp.text("gap.weekday." + weekdayKey(until.Weekday()))
	if since.Format(time.DateOnly) == until.Format(time.DateOnly) {
		return sp.text("gap.today", "time", since.Format("15:04"), "kind", weekday)
	}
	return sp.text("gap.longer", "time", sp.when(p.Since), "d", sp.ago(p.For))
}

func weekdayKey(d time.Weekday) string {
	return [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}[d]
}

// gapCollector tells monitors how long sources have been silent.
type gapCollector struct {
	s               *Server
	silent, unusual *prometheus.Desc
}

func newGapCollector(s *Server) gapCollector {
	source := []string{"source"}
	return gapCollector{s,
		prometheus.NewDesc("tsunagu_source_silent_seconds", "Time from the last news of a source to when it was last read to its end.", source, nil),
		prometheus.NewDesc("tsunagu_source_silent_unusual", "1 if a source is silent for longer than is usual at this time of the week.", source, nil)}
}

// Describe implements prometheus.Collector.
func (c gapCollector) Describe(out chan<- *prometheus.Desc) { out <- c.silent; out <- c.unusual }

// Collect implements prometheus.Collector.
func (c gapCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(unbounded(context.Background()), 5*time.Second)
	defer cancel()
	sources, err := c.s.store.ListSources(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(c.silent, err)
		return
	}
	now := time.Now()
	for i := range sources {
		p, err := c.s.paceOf(ctx, &sources[i], now)
		if err != nil {
			out <- prometheus.NewInvalidMetric(c.silent, err)
			return
		}
		if p.Since.IsZero() {
			continue
		}
		unusual := 0.0
		if p.Unusual {
			unusual = 1
		}
		out <- prometheus.MustNewConstMetric(c.silent, prometheus.GaugeValue, p.For.Seconds(), sources[i].ID)
		out <- prometheus.MustNewConstMetric(c.unusual, prometheus.GaugeValue, unusual, sources[i].ID)
	}
}
