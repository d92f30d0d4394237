package crm

import "time"

// Metric names what is counted. Numbers come from roll-ups that are kept in the transaction that stores what they count.
type Metric string

// The metrics. In brackets: what Detail says, what Value adds up.
const (
	MetricActivities Metric = "activities" // exchanges [kind/direction, 1]; of what lies ahead too, on its day
	MetricCalls      Metric = "calls"      // logged calls [result, 1]
	MetricManual     Metric = "manual"     // what came in [automatic or typed, 1]
	MetricProducts   Metric = "products"   // enquiries [product, 1]
	MetricLeads      Metric = "leads"      // leads made, on the day they were [request type, 1]
	MetricReached    Metric = "reached"    // leads by the day they were made [what they ever reached: Standing.Reached, 1]
	MetricStatus     Metric = "status"     // changes of status [status, 1]: meeting_won counts the meetings won
	MetricReasons    Metric = "reasons"    // changes into a status with a nurturing reason [reason, 1]
	MetricResponse   Metric = "response"   // answered exchanges, on the day they wrote [band: see ResponseBand, seconds until we answered]
	MetricWon        Metric = "won"        // opportunities won, on the day [stage, amount]
	MetricLost       Metric = "lost"       // opportunities lost, on the day [stage, amount]
	MetricCost       Metric = "cost"       // costs of campaigns [, amount]
)

// Fact is one thing to be counted.
type Fact struct {
	Metric   Metric
	At       time.Time
	Owners   []string // each is credited; it counts once for all
	Channel  string
	Campaign string
	Detail   string
	Value    int64 // 1 for a mere count
}

// Dimension is by what numbers are told apart.
type Dimension string

// The dimensions.
const (
	ByNone     Dimension = ""
	ByOwner    Dimension = "owner"
	ByChannel  Dimension = "channel" // lead source (流入経路)
	ByCampaign Dimension = "campaign"
)

// Grain is the length of the periods of numbers.
type Grain string

// The grains. A week begins on Monday; the store keeps days and months, and adds weeks up from days.
const (
	GrainDay   Grain = "day"
	GrainWeek  Grain = "week"
	GrainMonth Grain = "month"
)

// NumberQuery asks for numbers of one metric. Owner, Channel and Campaign restrict; together with By, or two of them
// together, they are only told by months.
type NumberQuery struct {
	Metric   Metric
	Grain    Grain // day, week or month
	By       Dimension
	From, To string  // days such as 2026-11-21, both inclusive, in the organisation's time zone; of weeks and months the whole ones
	Owner    *string // "" is nobody
	Channel  *string
	Campaign *string
}

// Number is a count and a sum of one period.
type Number struct {
	Period string // 2026-11-21, of a week its Monday, or 2026-11
	Key    string // of the dimension: an owner's address, a channel, a campaign
	Detail string
	Count  int64
	Sum    int64
}
