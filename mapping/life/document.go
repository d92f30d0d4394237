package life

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Document is the lifecycle section of the mapping. The zero value means the defaults of the product's words: Default()
// says them as a Document. Of each list, what is written takes the place of the defaults as a whole.
type Document struct {
	Statuses    []Status           `yaml:"statuses,omitempty" json:"statuses,omitempty"`       // in the order shown
	Reasons     []Name             `yaml:"reasons,omitempty" json:"reasons,omitempty"`         // why a lead is nurtured
	Results     []Result           `yaml:"results,omitempty" json:"results,omitempty"`         // of calls
	Stages      []DealStage        `yaml:"stages,omitempty" json:"stages,omitempty"`           // of opportunities
	Rules       []Rule             `yaml:"rules,omitempty" json:"rules,omitempty"`             // the first that fits an event counts
	Requests    []Request          `yaml:"requests,omitempty" json:"requests,omitempty"`       // types of enquiry
	Assignment  []Assignment       `yaml:"assignment,omitempty" json:"assignment,omitempty"`   // the first that fits a lead without an owner counts
	Segments    []Segment          `yaml:"segments,omitempty" json:"segments,omitempty"`       //
	Territories []Territory        `yaml:"territories,omitempty" json:"territories,omitempty"` // the first that fits counts
	Plans       []Plan             `yaml:"plans,omitempty" json:"plans,omitempty"`             // work plans
	FollowUp    FollowUp           `yaml:"follow_up,omitempty" json:"follow_up,omitzero"`
	Hours       Hours              `yaml:"hours,omitempty" json:"hours,omitzero"`                // business hours
	Accept      []crm.ProposalKind `yaml:"accept,omitempty" json:"accept,omitempty"`             // proposals that need nobody's consent
	Accounts    *bool              `yaml:"accounts,omitempty" json:"accounts,omitempty"`         // 顧客組織; nil means on
	FiscalStart int                `yaml:"fiscal_start,omitempty" json:"fiscal_start,omitempty"` // month in which the fiscal year starts, 1 to 12; 0 means 4
}

// IsZero reports a section that says nothing. An empty list of rules says that no rule moves a lead.
func (d Document) IsZero() bool {
	return d.Statuses == nil && d.Reasons == nil && d.Results == nil && d.Stages == nil && d.Rules == nil && len(d.Requests) == 0 &&
		len(d.Assignment) == 0 && len(d.Segments) == 0 && len(d.Territories) == 0 && len(d.Plans) == 0 && d.FollowUp == (FollowUp{}) &&
		d.Hours.isZero() && len(d.Accept) == 0 && d.Accounts == nil && d.FiscalStart == 0
}

func (h *Hours) isZero() bool {
	return h.From == "" && h.To == "" && h.Days == nil && h.Holidays == "" && len(h.Closed) == 0
}

// MarshalYAML writes the section. Lists that are empty and not merely left out are written: there they mean none.
func (d Document) MarshalYAML() (any, error) {
	type plain Document
	var n yaml.Node
	if err := n.Encode(plain(d)); err != nil {
		return nil, fmt.Errorf("write lifecycle: %w", err)
	}
	for _, list := range []struct {
		name  string
		empty bool
	}{{"reasons", d.Reasons != nil && len(d.Reasons) == 0}, {"rules", d.Rules != nil && len(d.Rules) == 0}} {
		if list.empty {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: list.name}, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle})
		}
	}
	return &n, nil
}

// HasConditions reports whether something of the section is a condition, which may need the mapping's tables.
func (d *Document) HasConditions() bool {
	return slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.If != "" }) ||
		slices.ContainsFunc(d.Requests, func(q Request) bool { return q.If != "" }) ||
		slices.ContainsFunc(d.Assignment, func(a Assignment) bool { return a.If != "" }) || len(d.Segments)+len(d.Territories) > 0
}

// Label is what people read. "" falls back to the other language, then to the name.
type Label struct {
	Ja string `yaml:"ja,omitempty" json:"ja,omitempty"`
	En string `yaml:"en,omitempty" json:"en,omitempty"`
}

// Name is an entry of a list: a code that records keep, and what people read. A retired one cannot be chosen any more, and
// history keeps it. Renaming is changing the label; the code stays.
type Name struct {
	Name    string `yaml:"name" json:"name"` // lower-case letters, digits and _, at most 40
	Label   Label  `yaml:"label,omitempty" json:"label,omitzero"`
	Retired bool   `yaml:"retired,omitempty" json:"retired,omitempty"`
}

// Status is a status of leads.
type Status struct {
	Name   `yaml:",inline"`
	Reason bool `yaml:"reason,omitempty" json:"reason,omitempty"` // it goes with a reason
	Next   bool `yaml:"next,omitempty" json:"next,omitempty"`     // it wants a next action
	Won    bool `yaml:"won,omitempty" json:"won,omitempty"`       // it counts as a meeting won
	Closed bool `yaml:"closed,omitempty" json:"closed,omitempty"` // nothing is to be done: not followed up, no load of the owner
}

// Result is a result of a call.
type Result struct {
	Name      `yaml:",inline"`
	Next      bool `yaml:"next,omitempty" json:"next,omitempty"`           // a next action must be given
	Connected bool `yaml:"connected,omitempty" json:"connected,omitempty"` // somebody was spoken to: it counts as contact
}

// DealStage is a stage of opportunities.
type DealStage struct {
	Name `yaml:",inline"`
	Ends string `yaml:"ends,omitempty" json:"ends,omitempty"` // "won", "lost" or ""
}

// Rule moves a lead's status.
type Rule struct {
	Name   string        `yaml:"name" json:"name"`
	On     crm.EventKind `yaml:"on" json:"on"`
	Result []string      `yaml:"result,omitempty" json:"result,omitempty"` // of a call: one of these
	After  string        `yaml:"after,omitempty" json:"after,omitempty"`   // of silence: 30d, 2w
	If     string        `yaml:"if,omitempty" json:"if,omitempty"`         // CEL condition on activity, person and standing
	From   []string      `yaml:"from,omitempty" json:"from,omitempty"`     // statuses; none means any but To
	To     string        `yaml:"to" json:"to"`
	Reason string        `yaml:"reason,omitempty" json:"reason,omitempty"`
}

// Request is a type of enquiry with its stages, and the actions one of which ends it.
type Request struct {
	Name   `yaml:",inline"`
	Forms  []string `yaml:"forms,omitempty" json:"forms,omitempty"` // ids; a submission of one makes the request
	If     string   `yaml:"if,omitempty" json:"if,omitempty"`
	Stages []Name   `yaml:"stages,omitempty" json:"stages,omitempty"`
	Final  []Name   `yaml:"final,omitempty" json:"final,omitempty"`
}

// Assignment gives leads to owners.
type Assignment struct {
	Name      string   `yaml:"name" json:"name"`
	Territory string   `yaml:"territory,omitempty" json:"territory,omitempty"`
	Product   []string `yaml:"product,omitempty" json:"product,omitempty"`   // one of these was asked for
	Language  string   `yaml:"language,omitempty" json:"language,omitempty"` // ja or en: of what they wrote first
	Company   []string `yaml:"company,omitempty" json:"company,omitempty"`   // names or domains
	If        string   `yaml:"if,omitempty" json:"if,omitempty"`
	Owners    []string `yaml:"owners" json:"owners"`               // addresses; the one who waited longest gets it
	Cap       int      `yaml:"cap,omitempty" json:"cap,omitempty"` // open leads of an owner; 0 for no limit. If all are full the next rule is asked
}

// Segment is the people for whom a condition holds.
type Segment struct {
	Name  `yaml:",inline"`
	If    string `yaml:"if" json:"if"`
	After string `yaml:"follow_up,omitempty" json:"follow_up,omitempty"` // instead of FollowUp.After: 60d; "never"
}

// Territory is a sales territory: the people for whom a condition holds.
type Territory struct {
	Name `yaml:",inline"`
	If   string `yaml:"if" json:"if"`
}

// Plan is a work plan: tasks for everybody who enters a segment.
type Plan struct {
	Name    string `yaml:"name" json:"name"`
	Segment string `yaml:"segment" json:"segment"`
	Steps   []Step `yaml:"steps" json:"steps"`
}

// Step is one task of a plan.
type Step struct {
	After string       `yaml:"after,omitempty" json:"after,omitempty"` // from entering the segment: 0d, 3d
	Kind  crm.TaskKind `yaml:"kind" json:"kind"`
	What  string       `yaml:"what" json:"what"`
}

// FollowUp says when no contact makes somebody due.
type FollowUp struct {
	After  string `yaml:"after,omitempty" json:"after,omitempty"`   // 120d if not given
	Oldest string `yaml:"oldest,omitempty" json:"oldest,omitempty"` // 365d if not given: nobody stays off the list longer, whatever a segment says
	Reply  string `yaml:"reply,omitempty" json:"reply,omitempty"`   // business hours after which something unanswered is proposed as a next action: 8h if not given
}

// Hours are the business hours, in the organisation's time zone.
type Hours struct {
	From     string   `yaml:"from,omitempty" json:"from,omitempty"`         // 09:00 if not given
	To       string   `yaml:"to,omitempty" json:"to,omitempty"`             // 18:00
	Days     []string `yaml:"days,omitempty" json:"days,omitempty"`         // mon … sun; monday to friday if not given
	Holidays string   `yaml:"holidays,omitempty" json:"holidays,omitempty"` // "jp" (default) or "none"
	Closed   []string `yaml:"closed,omitempty" json:"closed,omitempty"`     // further days: 2026-12-29
}
