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
	index := &cellIndex{at: map[cellKey]int32{}}
	now, err := r.gather(ctx, src, index, r.from, r.to)
	if err != nil {
		return ReportTable{}, fmt.Errorf("report %s: %w", q.ID, err)
	}
	before, last := r.previous()
	was, err := r.totals(ctx, src, index, before, last)
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
}

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

// setRange makes whole weeks or months of the range.
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
	limits := 0
	for _, set := range []bool{r.limited(ByOwner), r.limited(ByChannel), r.limited(ByCampaign)} {
		if set {
			limits++
		}
	}
	if limits > 1 && r.grain != GrainMonth {
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
	size := len(now.index.list)
	now.total, was = now.total.widened(size), was.widened(size)
	both := slices.Clone(now.total)
	for place, s := range was {
		both[place] = both[place].plus(s)
	}
	values := &reportValues{columns: reportColumns(r.q.ID, r.q.Words, everything{now.index, both})}
	t := ReportTable{ID: r.q.ID, Title: r.report.Title, Grain: r.grain, By: r.by, From: r.from.Format(time.DateOnly), To: r.to.Format(time.DateOnly),
		Totals: values.of(now.total), Previous: ReportPrevious{From: before.Format(time.DateOnly), To: last.Format(time.DateOnly), Totals: values.of(was)}}
	for _, col := range values.columns {
		t.Columns = append(t.Columns, col.ReportColumn)
	}
	rows := groupsOf(now.sums, len(now.rows), size, func(row int32) int32 { return row })
	if r.by == ByNone {
		r.everyPeriod(&t, now, rows, values)
		return t
	}
	values.expect(len(now.rows) + len(now.keys))
	t.Rows = slices.Grow(t.Rows, len(now.rows))
	for _, row := range now.inOrder() {
		at := now.rows[row]
		t.Rows = append(t.Rows, ReportRow{Period: now.periods[at.period], Key: now.keys[at.key], Values: values.of(rows.of(row))})
	}
	keys := groupsOf(now.sums, len(now.keys), size, func(row int32) int32 { return now.rows[row].key })
	for n, key := range now.keys {
		t.Keys = append(t.Keys, ReportRow{Key: key, Values: values.of(keys.of(int32(n)))})
	}
	slices.SortFunc(t.Keys, func(a, b ReportRow) int {
		return cmp.Or(cmp.Compare(b.Values[0].Value, a.Values[0].Value), strings.Compare(a.Key, b.Key))
	})
	return t
}

// everyPeriod gives a row to every period, to one without numbers too.
func (r *reportRun) everyPeriod(t *ReportTable, now *reportCells, rows *groups, values *reportValues) {
	none := make(reportCell, len(now.index.list))
	for _, name := range r.periods() {
		cell := none
		if period, ok := now.periodAt[name]; ok {
			if row, ok := now.rowAt[reportPlace{period: period}]; ok {
				cell = rows.of(row)
			}
		}
		t.Rows = append(t.Rows, ReportRow{Period: name, Values: values.of(cell)})
	}
}

// widened makes a cell as long as others are.
func (c reportCell) widened(size int) reportCell { return append(c, make(reportCell, size-len(c))...) }

// reportValues works values out, those of many rows in one piece of memory.
type reportValues struct {
	columns []column
	room    []Measure
}

// expect makes room for so many rows.
func (v *reportValues) expect(rows int) { v.room = make([]Measure, 0, rows*len(v.columns)) }

func (v *reportValues) of(c reportCell) []Measure {
	if cap(v.room)-len(v.room) < len(v.columns) {
		v.expect(1)
	}
	from := len(v.room)
	for i := range v.columns {
		v.room = append(v.room, v.columns[i].value(c))
	}
	return v.room[from:len(v.room):len(v.room)]
}
