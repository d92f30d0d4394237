package crm

import (
	"slices"
	"time"
)

// Won reports whether an opportunity is won, Lost whether it is lost; one that is neither goes on.
func (o *Opportunity) Won() bool { return o.Ends == EndsWon }

// Lost is described with Won.
func (o *Opportunity) Lost() bool { return o.Ends == EndsLost }

// NextOpportunity is after as it is to be stored when it takes the place of before, nil for a new one: its history, what
// its stage means, the day it closed and its amount are filled. Actor did it at the time at; the day is one of zone (nil means
// UTC). History is before's, whatever after says of it. A Closed that somebody wrote is kept while the opportunity
// ends as it did, so that a deal of the past can be entered with its day.
func NextOpportunity(before *Opportunity, after Opportunity, actor string, at time.Time, zone *time.Location) Opportunity {
	at = at.UTC()
	if zone == nil {
		zone = time.UTC
	}
	var was Opportunity
	if before != nil {
		was = *before
	}
	after.Ends = endsOf(&was, &after)
	after.Stages, after.Contract = was.Stages, was.Contract
	if before == nil || was.Stage != after.Stage {
		after.Stages = append(slices.Clip(was.Stages), StageChange{At: at, From: was.Stage, To: after.Stage, By: actor})
	}
	switch {
	case after.Ends == "":
		after.Closed = ""
	case after.Closed == "" && after.Ends == was.Ends:
		after.Closed = was.Closed
	case after.Closed == "" || before != nil && after.Ends != was.Ends && after.Closed == was.Closed:
		after.Closed = at.In(zone).Format(time.DateOnly)
	}
	if len(after.Lines) > 0 {
		after.Amount = SumLines(after.Lines)
	}
	after.Created, after.Updated = createdAt(was.Created, after.Created, at), at
	return after
}

// createdAt is the time since when a record is there: that of the stored one, else what the caller says, else now.
func createdAt(was, says, at time.Time) time.Time {
	for _, t := range []time.Time{was, says} {
		if !t.IsZero() {
			return t.UTC()
		}
	}
	return at
}

// endsOf is what the stage of after means. Of the stages out of the box it is known; of others the caller says it, and
// an opportunity that stays where it was keeps what was said.
func endsOf(was, after *Opportunity) string {
	switch after.Stage {
	case StageWon:
		return EndsWon
	case StageLost:
		return EndsLost
	case StageProspect, StageProposal, StageNegotiation:
		return ""
	}
	if after.Ends == "" && after.Stage == was.Stage {
		return was.Ends
	}
	return after.Ends
}

// SumLines adds up what the lines cost together, in the smallest unit of the currency.
func SumLines(lines []Line) int64 {
	var sum int64
	for _, l := range lines {
		sum += l.Quantity * l.Price
	}
	return sum
}

// OpportunityFacts is what is counted of an opportunity: that it was won or lost, on the day it closed; nothing while
// it goes on. The day is one of zone, nil for UTC.
func OpportunityFacts(o *Opportunity, zone *time.Location) []Fact {
	at, ok := noonOf(o.Closed, zone)
	if !ok || o.Ends == "" {
		return nil
	}
	f := Fact{Metric: MetricLost, At: at, Channel: o.Touch.Channel, Campaign: o.Touch.Campaign, Detail: string(o.Stage), Value: o.Amount}
	if o.Won() {
		f.Metric = MetricWon
	}
	if o.Owner != "" {
		f.Owners = []string{o.Owner}
	}
	return []Fact{f}
}

// CampaignFacts is what is counted of a campaign: its costs.
func CampaignFacts(c *Campaign, zone *time.Location) []Fact {
	var out []Fact
	for _, cost := range c.Costs {
		if at, ok := noonOf(cost.Day, zone); ok {
			out = append(out, Fact{Metric: MetricCost, At: at, Channel: c.Channel, Campaign: c.Code, Value: cost.Amount})
		}
	}
	return out
}

// noonOf is a time that lies on the day in every reading of the zone.
func noonOf(day string, zone *time.Location) (time.Time, bool) {
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, zone).UTC(), true
}
