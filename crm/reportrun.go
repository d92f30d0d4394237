package crm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long a report may be, in periods of its grain.
const (
	maxReportDays   = 400
	maxReportWeeks  = 160
	maxReportMonths = 240
)

// RunReport works a report out. Errors are ErrRefused with words for a report, range or dimension that cannot be had: numbers by
// day and week are told by one of owner, channel and campaign at a time.
func RunReport(ctx context.Context, src NumberSource, q ReportQuery) (ReportTable, error) {
	r, err := newReportRun(q)
	if err != nil {
		return ReportTable{}, err
	}
	now, err := r.gather(ctx, src, r.from, r.to)
	if err != nil {
		return ReportTable{}, fmt.Errorf("report %s: %w", q.ID, err)
	}
	before, last := r.previous()
	was, err := r.totals(ctx, src, before, last)
	if err != nil {
		return ReportTable{}, fmt.Errorf("report %s: %w", q.ID, err)
	}
	return r.table(now, was, before, last), nil
}

// reportRun is a report that is being worked out.
type reportRun struct {
	q        ReportQuery
	report   Report
	by       Dimension
	grain    Grain
	from, to time.Time
	fine     Grain // the grain of the numbers that are asked for
}

// reportCells are the sums of a report.
type reportCells struct {
	rows  map[reportPlace]reportCell
	keys  map[string]reportCell
	names map[string]string // how a campaign is written, by its folded code
	total reportCell
}

// reportPlace is where a row stands.
type reportPlace struct{ period, key string }

func newReportRun(q ReportQuery) (*reportRun, error) {
	report, ok := ReportNamed(q.ID)
	if !ok {
		return nil, fmt.Errorf("%w: there is no report %q", ErrRefused, excerptOf(string(q.ID)))
	}
	if report.List {
		return nil, fmt.Errorf("%w: %s is a list of records", ErrRefused, q.ID)
	}
	r := &reportRun{q: q, report: report, by: report.By, grain: cmp.Or(q.Grain, GrainMonth)}
	r.q.Words = q.Words.orDefault()
	if q.By != nil {
		r.by = *q.By
	}
	if r.by != ByNone && !slices.Contains(report.Dimensions, r.by) {
		return nil, fmt.Errorf("%w: %s is not told apart by %q", ErrRefused, q.ID, excerptOf(string(r.by)))
	}
	if q.Owner != nil && !slices.Contains(report.Dimensions, ByOwner) {
		return nil, fmt.Errorf("%w: %s knows no owners: costs are those of campaigns", ErrRefused, q.ID)
	}
	return r, r.setRange()
}

// setRange makes whole weeks or months of the range, and says by which grain numbers are asked for: a range of whole months by
// months, everything else by days.
func (r *reportRun) setRange() error {
	if err := checkRange(r.q.From, r.q.To); err != nil {
		return err
	}
	r.from, _ = time.Parse(time.DateOnly, r.q.From)
	r.to, _ = time.Parse(time.DateOnly, r.q.To)
	var most, n int
	switch r.grain {
	case GrainDay:
		most, n = maxReportDays, days(r.from, r.to)
	case GrainWeek:
		r.from, r.to = monday(r.from), monday(r.to).AddDate(0, 0, 6)
		most, n = maxReportWeeks, days(r.from, r.to)/7
	case GrainMonth:
		r.from = r.from.AddDate(0, 0, 1-r.from.Day())
		r.to = lastOfMonth(r.q.To)
		most, n = maxReportMonths, months(r.from, r.to)
	default:
		return fmt.Errorf("%w: there is no grain %q (day, week or month)", ErrRefused, excerptOf(string(r.grain)))
	}
	if n > most {
		return fmt.Errorf("%w: %d periods of a %s are too many (at most %d)", ErrRefused, n, r.grain, most)
	}
	r.fine = GrainDay
	if r.grain == GrainMonth {
		r.fine = GrainMonth
	}
	limits := 0
	for _, set := range []bool{r.limited(ByOwner), r.limited(ByChannel), r.limited(ByCampaign)} {
		if set {
			limits++
		}
	}
	if limits > 1 && r.fine == GrainDay {
		return fmt.Errorf("%w: by day and week numbers are told by one of owner, source and campaign; by month by all", ErrRefused)
	}
	return nil
}

// limited reports whether a dimension plays a part, as what tells rows apart or as a restriction.
func (r *reportRun) limited(d Dimension) bool {
	set := map[Dimension]bool{ByOwner: r.q.Owner != nil, ByChannel: r.q.Channel != nil, ByCampaign: r.q.Campaign != nil}
	return r.by == d || set[d]
}

func days(from, to time.Time) int { return int(to.Sub(from).Hours()/24) + 1 }

func months(from, to time.Time) int {
	return (to.Year()-from.Year())*12 + int(to.Month()-from.Month()) + 1
}

func lastOfMonth(day string) time.Time {
	t, _ := time.Parse("2006-01", day[:len("2026-11")])
	return t.AddDate(0, 1, -1)
}

// previous is the same length of time before.
func (r *reportRun) previous() (from, to time.Time) {
	if r.grain == GrainMonth {
		return r.from.AddDate(0, -months(r.from, r.to), 0), r.from.AddDate(0, 0, -1)
	}
	return r.from.AddDate(0, 0, -days(r.from, r.to)), r.from.AddDate(0, 0, -1)
}

// period is the period of the report in which that of a number lies.
func (r *reportRun) period(fine string) string {
	if r.grain != GrainWeek {
		return fine
	}
	t, err := time.Parse(time.DateOnly, fine)
	if err != nil {
		return fine
	}
	return monday(t).Format(time.DateOnly)
}

// periods are all periods of the report.
func (r *reportRun) periods() (out []string) {
	for t := r.from; !t.After(r.to); {
		switch r.grain {
		case GrainDay:
			out, t = append(out, t.Format(time.DateOnly)), t.AddDate(0, 0, 1)
		case GrainWeek:
			out, t = append(out, t.Format(time.DateOnly)), t.AddDate(0, 0, 7)
		default:
			out, t = append(out, t.Format("2006-01")), t.AddDate(0, 1, 0)
		}
	}
	return out
}

// table lays the sums out.
func (r *reportRun) table(now *reportCells, was reportCell, before, last time.Time) ReportTable {
	everything := reportCell{}
	for k, s := range now.total {
		everything.add(k, s)
	}
	for k, s := range was {
		everything.add(k, s)
	}
	columns := reportColumns(r.q.ID, r.q.Words, everything)
	values := func(c reportCell) []Measure {
		out := make([]Measure, len(columns))
		for i, col := range columns {
			out[i] = col.value(c)
		}
		return out
	}
	t := ReportTable{ID: r.q.ID, Title: r.report.Title, Grain: r.grain, By: r.by, From: r.from.Format(time.DateOnly), To: r.to.Format(time.DateOnly),
		Totals: values(now.total), Previous: ReportPrevious{From: before.Format(time.DateOnly), To: last.Format(time.DateOnly), Totals: values(was)}}
	for _, col := range columns {
		t.Columns = append(t.Columns, col.ReportColumn)
	}
	if r.by == ByNone {
		for _, period := range r.periods() {
			t.Rows = append(t.Rows, ReportRow{Period: period, Values: values(now.rows[reportPlace{period: period}])})
		}
		return t
	}
	for at, c := range now.rows {
		t.Rows = append(t.Rows, ReportRow{Period: at.period, Key: at.key, Values: values(c)})
	}
	slices.SortFunc(t.Rows, func(a, b ReportRow) int {
		return cmp.Or(strings.Compare(a.Period, b.Period), strings.Compare(a.Key, b.Key))
	})
	for key, c := range now.keys {
		t.Keys = append(t.Keys, ReportRow{Key: key, Values: values(c)})
	}
	slices.SortFunc(t.Keys, func(a, b ReportRow) int {
		return cmp.Or(cmp.Compare(b.Values[0].Value, a.Values[0].Value), strings.Compare(a.Key, b.Key))
	})
	return t
}
