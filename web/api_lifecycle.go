package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// lifecycleCode is an entry of a list of the lifecycle: a name that records keep, and what people read.
type lifecycleCode struct {
	Name      string `json:"name"`
	Ja        string `json:"ja" doc:"what people read in Japanese"`
	En        string `json:"en" doc:"what people read in English"`
	Retired   bool   `json:"retired,omitempty" doc:"it cannot be chosen any more; history keeps it"`
	Reason    bool   `json:"reason,omitempty" doc:"of a status: it goes with a reason"`
	Next      bool   `json:"next,omitempty" doc:"of a status or a call result: a next action is needed"`
	Won       bool   `json:"won,omitempty" doc:"of a status: it counts as a meeting won"`
	Closed    bool   `json:"closed,omitempty" doc:"of a status: nothing is to be done"`
	Connected bool   `json:"connected,omitempty" doc:"of a call result: somebody was spoken to"`
	Ends      string `json:"ends,omitempty" doc:"of a stage: won or lost; absent while the opportunity goes on"`
}

// lifecycleRequest is a type of enquiry.
type lifecycleRequest struct {
	Name   string          `json:"name"`
	Ja     string          `json:"ja"`
	En     string          `json:"en"`
	Forms  []string        `json:"forms" nullable:"false" doc:"ids of the forms that make one"`
	Stages []lifecycleCode `json:"stages" nullable:"false"`
	Final  []lifecycleCode `json:"final" nullable:"false" doc:"the actions one of which ends it"`
}

type lifecycleAnswer struct {
	Statuses    []lifecycleCode    `json:"statuses" nullable:"false" doc:"of leads, in the order shown"`
	Reasons     []lifecycleCode    `json:"reasons" nullable:"false" doc:"why a lead is nurtured"`
	Results     []lifecycleCode    `json:"results" nullable:"false" doc:"of calls"`
	Stages      []lifecycleCode    `json:"stages" nullable:"false" doc:"of opportunities"`
	Requests    []lifecycleRequest `json:"requests" nullable:"false" doc:"types of enquiry"`
	Segments    []lifecycleCode    `json:"segments" nullable:"false"`
	Territories []lifecycleCode    `json:"territories" nullable:"false"`
	Accounts    bool               `json:"accounts" doc:"customer organisations are switched on"`
	FiscalStart int                `json:"fiscal_start" doc:"month in which the fiscal year starts"`
}

func (s *Server) lifecycleAPI(api huma.API) {
	huma.Register(api, operation("get-lifecycle", http.MethodGet, "/lifecycle", rep, "Get the lists that can be chosen from: statuses, reasons, call results, stages, segments"),
		func(context.Context, *struct{}) (*one[lifecycleAnswer], error) {
			return &one[lifecycleAnswer]{lifecycleOf(s.lifecycle(), s.accountsOn())}, nil
		})
}

func lifecycleOf(doc *life.Document, accounts bool) lifecycleAnswer {
	out := lifecycleAnswer{Accounts: accounts, FiscalStart: fiscalStart(doc), Requests: []lifecycleRequest{},
		Reasons: codesOf(doc.Reasons),
		Statuses: codesWith(doc.Statuses, func(st life.Status) lifecycleCode {
			code := codeOf(st.Name)
			code.Reason, code.Next, code.Won, code.Closed = st.Reason, st.Next, st.Won, st.Closed
			return code
		}),
		Results: codesWith(doc.Results, func(r life.Result) lifecycleCode {
			code := codeOf(r.Name)
			code.Next, code.Connected = r.Next, r.Connected
			return code
		}),
		Stages: codesWith(doc.Stages, func(st life.DealStage) lifecycleCode {
			code := codeOf(st.Name)
			code.Ends = st.Ends
			return code
		}),
		Segments:    codesWith(doc.Segments, func(g life.Segment) lifecycleCode { return codeOf(g.Name) }),
		Territories: codesWith(doc.Territories, func(t life.Territory) lifecycleCode { return codeOf(t.Name) }),
	}
	for _, r := range doc.Requests {
		code := codeOf(r.Name)
		out.Requests = append(out.Requests, lifecycleRequest{Name: code.Name, Ja: code.Ja, En: code.En,
			Forms: append([]string{}, r.Forms...), Stages: codesOf(r.Stages), Final: codesOf(r.Final)})
	}
	return out
}

func codeOf(n life.Name) lifecycleCode {
	return lifecycleCode{Name: n.Name, Ja: n.Heading("ja"), En: n.Heading("en"), Retired: n.Retired}
}

func codesOf(names []life.Name) []lifecycleCode { return codesWith(names, codeOf) }

// codesWith makes an entry of each; no entries are an empty list, not none.
func codesWith[T any](list []T, code func(T) lifecycleCode) []lifecycleCode {
	out := make([]lifecycleCode, 0, len(list))
	for _, entry := range list {
		out = append(out, code(entry))
	}
	return out
}

// fiscalStart is the month in which the fiscal year starts.
func fiscalStart(doc *life.Document) int {
	if doc.FiscalStart == 0 {
		return 4
	}
	return doc.FiscalStart
}
