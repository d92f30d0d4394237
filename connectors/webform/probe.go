package webform

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// maxNamed is how many fields a report names.
const maxNamed = 30

// Probe asks for the first page and says what is on it: names of fields, never what stands in them.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	p := &place{}
	p.begin(s.first, s.now())
	q, err := s.ask(p)
	if err != nil {
		return connectors.Report{}, err
	}
	a, err := s.send(ctx, q, "", "")
	if err != nil {
		return connectors.Report{}, err
	}
	pg, err := s.page(a, s.first)
	if err != nil {
		return connectors.Report{}, err
	}
	report := connectors.Report{Items: -1, Lines: []string{fmt.Sprintf("%s %s://%s%s answers with %d rows on its first page.", q.method, a.from.Scheme, a.from.Host, a.from.Path, len(pg.rows))}}
	switch {
	case pg.total > 0:
		report.Items = pg.total
	case s.cfg.Paging.By == pageNone:
		report.Items = int64(len(pg.rows))
	}
	report.Lines = append(report.Lines, s.survey(pg.rows)...)
	if pg.next != "" || !pg.last && len(pg.rows) > 0 && s.cfg.Paging.By != pageToken && s.cfg.Paging.By != pageURL && s.cfg.Paging.By != pageLink {
		report.Lines = append(report.Lines, "More pages follow.")
	}
	if pg.etag != "" || pg.modified != "" {
		report.Lines = append(report.Lines, "It says when nothing changed (ETag or Last-Modified).")
	}
	return report, nil
}

// survey describes rows: their fields, their times, and how many cannot be read.
func (s *source) survey(rows []value) []string {
	var lines, names []string
	var first, last time.Time
	var fault error
	bad, seen := 0, make(map[string]bool)
	for _, v := range rows {
		r := s.rows.row(v, s.limits.TextBytes)
		if r.item.Err != nil {
			bad++
			fault = r.item.Err
			continue
		}
		if !r.at.IsZero() && (first.IsZero() || r.at.Before(first)) {
			first = r.at
		}
		if r.at.After(last) {
			last = r.at
		}
		for _, f := range r.item.Submission.Fields {
			if !seen[f.Name] && len(names) < maxNamed {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		}
	}
	if len(names) > 0 {
		lines = append(lines, "Fields: "+strings.Join(names, ", ")+".")
	}
	if !last.IsZero() {
		lines = append(lines, fmt.Sprintf("They were sent from %s to %s.", first.In(s.rows.zone).Format(time.DateTime), last.In(s.rows.zone).Format(time.DateTime)))
	}
	if bad > 0 {
		lines = append(lines, fmt.Sprintf("%d rows cannot be read; the last because: %v.", bad, fault))
	}
	return lines
}
