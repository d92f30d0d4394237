package crm

import (
	"slices"
	"strconv"
	"strings"
)

// CampaignCode is by what campaigns are told apart: the code without regard to case, width and white space at its ends.
func CampaignCode(code string) string { return Fold(code) }

// TidyCampaign is a campaign as it is stored: its costs in the order of their days, its code without white space at the ends.
func TidyCampaign(c Campaign) Campaign {
	c.Code = strings.TrimSpace(c.Code)
	c.Costs = slices.Clone(c.Costs)
	slices.SortStableFunc(c.Costs, func(a, b Cost) int { return strings.Compare(a.Day, b.Day) })
	return c
}

// CheckCampaign says everything that is wrong with a campaign as somebody entered it.
func CheckCampaign(c *Campaign) []Flaw {
	const most = 5_000
	var f flawFinder
	f.needed("code", c.Code)
	f.line("code", c.Code, 100)
	f.needed("name", c.Name)
	f.line("name", c.Name, maxRecordName)
	f.line("channel", c.Channel, 100)
	f.number("budget", c.Budget, maxAmount)
	f.span("start", c.Start, "end", c.End)
	f.count("costs", len(c.Costs), most)
	for i, cost := range c.Costs[:min(len(c.Costs), most)] {
		f.prefix = "costs." + strconv.Itoa(i) + "."
		f.needed("day", cost.Day)
		f.day("day", cost.Day)
		f.number("amount", cost.Amount, maxAmount)
		f.line("note", cost.Note, maxRecordName)
	}
	f.prefix = ""
	return f.found
}
