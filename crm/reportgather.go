package crm

import (
	"context"
	"slices"
	"time"
)

// gather adds up everything between two days. What is told apart by owners is asked for once more as a whole, since what
// has several owners counts for each.
func (r *reportRun) gather(ctx context.Context, src NumberSource, index *cellIndex, from, to time.Time) (*reportCells, error) {
	out := newReportCells(index)
	for _, m := range reportMetrics(r.q.ID) {
		list, err := r.numbers(ctx, src, m, r.by, from, to)
		if err != nil {
			return nil, err
		}
		out.add(r, m, list)
	}
	if r.by != ByOwner {
		return out, nil
	}
	var err error
	out.total, err = r.totals(ctx, src, index, from, to)
	return out, err
}

// totals adds up everything between two days without telling anything apart.
func (r *reportRun) totals(ctx context.Context, src NumberSource, index *cellIndex, from, to time.Time) (out reportCell, err error) {
	for _, m := range reportMetrics(r.q.ID) {
		list, err := r.numbers(ctx, src, m, ByNone, from, to)
		if err != nil {
			return nil, err
		}
		for i := range list {
			out = out.add(index.place(cellKey{m, list[i].Detail}), cellSum{list[i].Count, list[i].Sum})
		}
	}
	return out, nil
}

// numbers asks for the numbers of a metric. A restriction to a campaign is without regard to how its code is written: all that
// is told of campaigns is asked for where that can be, else each writing on its own.
func (r *reportRun) numbers(ctx context.Context, src NumberSource, m Metric, by Dimension, from, to time.Time) ([]Number, error) {
	q := NumberQuery{Metric: m, Grain: r.grain, By: by, From: from.Format(time.DateOnly), To: to.Format(time.DateOnly),
		Owner: r.q.Owner, Channel: r.q.Channel, Campaign: r.q.Campaign}
	if r.q.Campaign == nil {
		return src.Numbers(ctx, q)
	}
	if by == ByNone || by == ByCampaign {
		q.By, q.Campaign = ByCampaign, nil
		list, err := r.ofCampaign(ctx, src, q)
		for i := range list {
			if by == ByNone {
				list[i].Key = ""
			}
		}
		return list, err
	}
	known, err := r.ofCampaign(ctx, src, NumberQuery{Metric: m, Grain: r.grain, By: ByCampaign, From: q.From, To: q.To})
	if err != nil {
		return nil, err
	}
	var out []Number
	asked := map[string]bool{}
	for _, n := range known {
		if asked[n.Key] {
			continue
		}
		asked[n.Key] = true
		q.Campaign = &n.Key
		list, err := src.Numbers(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// ofCampaign gives those numbers that are of the wanted campaign, in any writing of its code.
func (r *reportRun) ofCampaign(ctx context.Context, src NumberSource, q NumberQuery) ([]Number, error) {
	wanted := CampaignCode(*r.q.Campaign)
	list, err := src.Numbers(ctx, q)
	return slices.DeleteFunc(slices.Clone(list), func(n Number) bool { return CampaignCode(n.Key) != wanted }), err
}
