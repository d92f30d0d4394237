package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// metrics serves /metrics to this machine, and elsewhere to a token of role it: source ids and counts say
// more about a company than strangers should know.
func (s *Server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(s.store, s.cfg.Version), newGapCollector(s))
	serve := promhttp.HandlerFor(registry, promhttp.HandlerOpts{Timeout: 10 * time.Second, MaxRequestsInFlight: 4})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.loopback(r) {
			token, err := s.bearer(r.Context(), r.Header.Get("Authorization"))
			switch {
			case err != nil && !errors.Is(err, crm.ErrNotFound):
				s.log.Error("find token", "error", err)
				http.Error(w, "the token could not be looked up", http.StatusInternalServerError)
				return
			case err != nil:
				w.Header().Set("WWW-Authenticate", `Bearer realm="tsunagu"`)
				http.Error(w, "a token of role it is needed", http.StatusUnauthorized)
				return
			case !it.allows(token.Role):
				http.Error(w, "the token's role is too low", http.StatusForbidden)
				return
			}
		}
		serve.ServeHTTP(w, r)
	})
}

// collector reads the store when it is scraped: the sources' rows, two counts and a file's size, whatever
// has been logged so far.
type collector struct {
	store   Store
	version string

	items, lag, up, success, logged, reviews, size, build *prometheus.Desc
}

func newCollector(store Store, version string) *collector {
	source := []string{"source"}
	return &collector{
		store: store, version: version,
		items:   prometheus.NewDesc("tsunagu_source_items", "Items seen by a source, by what became of them.", []string{"source", "verdict"}, nil),
		lag:     prometheus.NewDesc("tsunagu_source_lag_seconds", "Time since a source was last read to the end of what was new.", source, nil),
		up:      prometheus.NewDesc("tsunagu_source_up", "1 if a source works, 0 if it retries, is paused or was never read.", source, nil),
		success: prometheus.NewDesc("tsunagu_source_last_success_timestamp_seconds", "When a source was last read to the end of what was new, Unix time.", source, nil),
		logged:  prometheus.NewDesc("tsunagu_activities_logged", "Items that are logged as activities now. An exclusion made later, or erasing, takes some away.", source, nil),
		reviews: prometheus.NewDesc("tsunagu_reviews_open", "Questions that wait for a person.", nil, nil),
		size:    prometheus.NewDesc("tsunagu_store_size_bytes", "Size of the store on disk.", nil, nil),
		build:   prometheus.NewDesc("tsunagu_build_info", "1, labelled with the version.", []string{"version"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.items, c.lag, c.up, c.success, c.logged, c.reviews, c.size, c.build} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(c.build, 1, c.version)
	if n, err := c.store.CountReviews(ctx, crm.ReviewOpen); err == nil {
		gauge(c.reviews, float64(n))
	} else {
		out <- prometheus.NewInvalidMetric(c.reviews, err)
	}
	if n, err := c.store.Size(ctx); err == nil {
		gauge(c.size, float64(n))
	} else {
		out <- prometheus.NewInvalidMetric(c.size, err)
	}
	sources, err := c.store.ListSources(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(c.items, err)
		return
	}
	now := time.Now()
	for _, src := range sources {
		counts := map[crm.Verdict]int64{crm.Logged: src.Tally.Logged, crm.Excluded: src.Tally.Excluded,
			crm.Unmatched: src.Tally.Unmatched, crm.Waiting: src.Tally.Waiting, crm.Failed: src.Tally.Failed}
		for verdict, n := range counts {
			gauge(c.items, float64(n), src.ID, string(verdict))
		}
		gauge(c.logged, float64(src.Tally.Logged), src.ID)
		up := 0.0
		if src.State == crm.SourceOK || src.State == crm.SourceBackfilling {
			up = 1
		}
		gauge(c.up, up, src.ID)
		if d, ok := lag(src, now); ok {
			gauge(c.lag, d.Seconds(), src.ID)
			gauge(c.success, float64(src.LastSuccess.Unix()), src.ID)
		}
	}
}
