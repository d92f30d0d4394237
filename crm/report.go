package crm

import (
	"context"
	"encoding/json"
	"strconv"
)

// A report is a table of numbers over periods. What is counted comes from roll-ups (NumberSource); a report adds them up for each
// period and key, and works out what follows from the sums: rates, means and costs are always those of sums, never
// means of means. So a total is worked out in the same way as a row.

// ReportID names a report. The ids are stable: saved links name them.
type ReportID string

// The reports. The last two are lists, which are served elsewhere; they are here so that a page can name all.
const (
	ReportMeetingsWon         ReportID = "meetings_won"
	ReportMeetingsWonBySource ReportID = "meetings_won_by_source"
	ReportActivities          ReportID = "activities"
	ReportCallResults         ReportID = "call_results"
	ReportLeads               ReportID = "leads"
	ReportReasons             ReportID = "nurturing_reasons"
	ReportConversion          ReportID = "conversion"
	ReportCostPerLead         ReportID = "cost_per_lead"
	ReportCostPerMeeting      ReportID = "cost_per_meeting"
	ReportProductDemand       ReportID = "product_demand"
	ReportResponseTime        ReportID = "response_time"
	ReportManualSaved         ReportID = "manual_entries_saved"
	ReportWon                 ReportID = "won"
	ReportUnreplied           ReportID = "unreplied"
	ReportExpiring            ReportID = "expiring_contracts"
)

// NumberSource gives numbers, ordered by period, key and detail (storetest.Life).
type NumberSource interface {
	Numbers(ctx context.Context, q NumberQuery) ([]Number, error)
}

// Report says what a report is.
type Report struct {
	ID         ReportID    `json:"id"`
	Title      Label       `json:"title"`
	List       bool        `json:"list,omitempty"` // a list of records, not a table of numbers: RunReport refuses it
	By         Dimension   `json:"by"`             // by what it is told apart if nothing is asked for
	Dimensions []Dimension `json:"dimensions"`     // by what it can be told apart, beside ByNone
}

// ReportName is a code of the mapping with what people read.
type ReportName struct {
	Code  string `json:"code"`
	Label Label  `json:"label"`
}

// ReportWords are the lists of the mapping that reports speak of, in the order shown. A nil list is that of the product's words.
type ReportWords struct {
	Results []ReportName // of calls
	Reasons []ReportName // of nurturing
	Funnel  []ReportName // what leads reach, from the first step to the last: statuses, "converted", "opportunity", "won"
	Won     []string     // statuses that count as a meeting won
}

// ReportQuery asks for a report.
type ReportQuery struct {
	ID       ReportID
	Grain    Grain      // "" means months
	By       *Dimension // nil means the report's own
	From, To string     // days such as 2026-11-21, both inclusive; of weeks and months whole ones are given
	Owner    *string    // "" is nobody
	Channel  *string
	Campaign *string // without regard to case and width
	Words    ReportWords
}

// ReportTable is what a report gives.
type ReportTable struct {
	ID       ReportID       `json:"id"`
	Title    Label          `json:"title"`
	Grain    Grain          `json:"grain"`
	By       Dimension      `json:"by"`
	From     string         `json:"from"` // first day that is in it
	To       string         `json:"to"`
	Columns  []ReportColumn `json:"columns"`
	Rows     []ReportRow    `json:"rows"`              // by period, then key. Without a dimension every period has one; with one those that have numbers
	Keys     []ReportRow    `json:"keys,omitempty"`    // of each key over all periods, the greatest first column first
	Totals   []Measure      `json:"totals"`            // over everything: what has several owners counts once
	Previous ReportPrevious `json:"previous,omitzero"` // the same length of time before
}

// ReportPrevious is what the period before gave, to compare with.
type ReportPrevious struct {
	From   string    `json:"from"`
	To     string    `json:"to"`
	Totals []Measure `json:"totals"`
}

// ReportColumn says what the values of a place mean.
type ReportColumn struct {
	ID    string `json:"id"` // stable: of what is told apart by a code, that code behind a word and a colon
	Title Label  `json:"title"`
	Unit  Unit   `json:"unit"`
	Stack bool   `json:"stack,omitempty"` // a part of the whole: shown stacked on the others
}

// Unit is what a value counts.
type Unit string

// The units.
const (
	UnitCount   Unit = "count"
	UnitMoney   Unit = "money"   // in the smallest unit of the currency
	UnitSeconds Unit = "seconds" //
	UnitRate    Unit = "rate"    // 0.25 is a quarter; it can be more than 1
)

// ReportRow is a line of a report. The values are in the order of the columns.
type ReportRow struct {
	Period string    `json:"period,omitempty"` // a day, the Monday of a week, or a month such as 2026-11
	Key    string    `json:"key,omitempty"`    // an owner's address, a channel, a campaign; "" for what has none
	Values []Measure `json:"values"`
}

// Measure is a value, or the knowledge that there is none: a rate of nothing.
type Measure struct {
	Value float64
	Known bool
}

// MarshalJSON gives a number, or null.
func (m Measure) MarshalJSON() ([]byte, error) {
	if !m.Known {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, m.Value, 'f', -1, 64), nil
}

// UnmarshalJSON reads a number or null.
func (m *Measure) UnmarshalJSON(b []byte) error {
	if *m = (Measure{}); string(b) == "null" {
		return nil
	}
	m.Known = true
	return json.Unmarshal(b, &m.Value)
}

func known(n int64) Measure { return Measure{Value: float64(n), Known: true} }

// ratio is part of whole; of nothing there is none.
func ratio(part, whole int64) Measure {
	if whole == 0 {
		return Measure{}
	}
	return Measure{Value: float64(part) / float64(whole), Known: true}
}
