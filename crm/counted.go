package crm

// CountedQuery asks for what stands behind numbers: the facts of a metric, one by one. Restrictions are those of NumberQuery,
// and hold together for every range.
type CountedQuery struct {
	Metric   Metric   // any but MetricCost: costs stand in their campaigns
	Details  []string // any of them; nil for all
	From, To string   // days such as 2026-11-21, both inclusive, in the organisation's time zone
	Owner    *string  // "" is nobody
	Channel  *string
	Campaign *string // without regard to case and width
	After    string  // cursor
	Limit    int     // 0 means 50; facts of one record and day are not parted
}

// Counted is a fact with the record that it was counted of; one of the three is set.
type Counted struct {
	Fact        Fact
	Person      *Person
	Activity    *Activity
	Opportunity *Opportunity
}
