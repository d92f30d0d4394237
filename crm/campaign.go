package crm

import "time"

// Campaign is where enquiries come from, with what it costs.
type Campaign struct {
	ID      string    `json:"id"`   // 32 hex characters
	Code    string    `json:"code"` // what Touch.Campaign says, without regard to case and width
	Name    string    `json:"name"`
	Channel string    `json:"channel,omitempty"`
	Budget  int64     `json:"budget,omitempty"` // in the smallest unit of the currency
	Start   string    `json:"start,omitempty"`  // a day
	End     string    `json:"end,omitempty"`
	Costs   []Cost    `json:"costs,omitempty"` // ordered by day
	Retired bool      `json:"retired,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// Cost is money spent on a campaign.
type Cost struct {
	Day    string `json:"day"` // 2026-11-21
	Amount int64  `json:"amount"`
	Note   string `json:"note,omitempty"`
}
