package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// reportListed is a report that can be asked for.
type reportListed struct {
	ID         string   `json:"id"`
	Ja         string   `json:"ja"`
	En         string   `json:"en"`
	By         string   `json:"by" doc:"by what it is told apart if nothing is asked for"`
	Dimensions []string `json:"dimensions" nullable:"false" doc:"by what it can be told apart"`
	List       string   `json:"list,omitempty" doc:"address of the records, of one that is a list and no table"`
}

// reportAnswer is a table of numbers. What cannot be known, a rate of nothing, is null.
type reportAnswer struct {
	ID       string       `json:"id"`
	Ja       string       `json:"ja"`
	En       string       `json:"en"`
	Grain    string       `json:"grain" enum:"day,week,month"`
	By       string       `json:"by" enum:",owner,channel,campaign"`
	From     string       `json:"from" doc:"first day that is in it"`
	To       string       `json:"to"`
	Columns  []reportHead `json:"columns" nullable:"false"`
	Rows     []reportLine `json:"rows" nullable:"false" doc:"by period, then key"`
	Keys     []reportLine `json:"keys,omitempty" doc:"of each key over all periods, the greatest first"`
	Totals   []*float64   `json:"totals" nullable:"false" doc:"over everything: what has several owners counts once"`
	Previous struct {
		From   string     `json:"from"`
		To     string     `json:"to"`
		Totals []*float64 `json:"totals"`
	} `json:"previous" doc:"the same length of time before"`
}

type reportHead struct {
	ID    string `json:"id"`
	Ja    string `json:"ja"`
	En    string `json:"en"`
	Unit  string `json:"unit" enum:"count,money,seconds,rate"`
	Stack bool   `json:"stack,omitempty" doc:"a part of the whole"`
}

type reportLine struct {
	Period string     `json:"period,omitempty" doc:"a day, the Monday of a week, or a month"`
	Key    string     `json:"key,omitempty" doc:"an owner's address, a channel or a campaign; absent for what has none"`
	Values []*float64 `json:"values" nullable:"false" doc:"in the order of the columns"`
}

type reportQuery struct {
	ByID
	Grain    string                `query:"grain" enum:"day,week,month" doc:"absent: month"`
	By       string                `query:"by" enum:"none,owner,channel,campaign" doc:"absent: the report's own"`
	From     string                `query:"from" maxLength:"10" doc:"first day; with to, instead of range"`
	To       string                `query:"to" maxLength:"10" doc:"last day, inclusive"`
	Range    string                `query:"range" maxLength:"30" doc:"today, this_week, last_month, this_quarter, fiscal_year …, last_90d, last_12m, 2026-11 or 2026-04-01..2026-06-30; absent: last_12m"`
	Owner    OptionalParam[string] `query:"owner" maxLength:"300" doc:"a rep's address; empty for nobody's"`
	Channel  OptionalParam[string] `query:"channel" maxLength:"100" doc:"流入経路; empty for none"`
	Campaign OptionalParam[string] `query:"campaign" maxLength:"100" doc:"code; empty for none"`
	Format   string                `query:"format" enum:"json,csv" default:"json" doc:"json: codes and exact numbers; csv: for people, words and rounded numbers"`
	Lang     string                `query:"lang" enum:"ja,en" doc:"of the words of a CSV; absent: the organisation's"`
}

func (s *Server) reportsAPI(api huma.API) {
	huma.Register(api, operation("list-reports", http.MethodGet, "/reports", rep, "List the reports that can be asked for"),
		func(context.Context, *struct{}) (*list[reportListed], error) {
			return listOf(reportList(), "", "/reports", nil), nil
		})
	get := operation("get-report", http.MethodGet, "/reports/{id}", rep, "Work a report out, from numbers that are kept", http.StatusNotFound)
	get.Responses = jsonOrCSV[reportAnswer](api)
	huma.Register(api, get, func(ctx context.Context, in *reportQuery) (*written, error) {
		if err := queryDays("from", in.From, "to", in.To); err != nil {
			return nil, err
		}
		if _, known := crm.ReportNamed(crm.ReportID(in.ID)); !known {
			return nil, s.apiError(crm.ErrNotFound)
		}
		t, err := s.report(ctx, reportAsked{ID: in.ID, Grain: in.Grain, By: in.By, From: in.From, To: in.To, Range: in.Range,
			Owner: in.Owner.pointer(), Channel: in.Channel.pointer(), Campaign: in.Campaign.pointer()})
		if errors.Is(err, crm.ErrRefused) {
			return nil, huma.Error422UnprocessableEntity(err.Error(), &huma.ErrorDetail{Location: "query", Message: err.Error()})
		} else if err != nil {
			return nil, s.apiError(err)
		}
		out, err := s.writeReport(ctx, &t, in.Format, in.Lang)
		if err != nil {
			return nil, s.apiError(err)
		}
		return out, nil
	})
}

func (s *Server) writeReport(ctx context.Context, t *crm.ReportTable, format, lang string) (*written, error) {
	if format == "csv" {
		users, err := s.store.ListUsers(ctx)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = (&ReportText{s.speakers[cmp.Or(lang, s.organisationLanguage())], ownerNames(users)}).Write(&b, format, t)
		return &written{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="` + string(t.ID) + `.csv"`, Body: b.Bytes()}, err
	}
	raw, err := json.Marshal(reportTable(t))
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return &written{ContentType: "application/json", Body: raw}, nil
}

func reportList() []reportListed {
	lists := map[crm.ReportID]string{crm.ReportUnreplied: apiPrefix + "/lists/unreplied", crm.ReportExpiring: apiPrefix + "/contracts/notices"}
	var out []reportListed
	for _, r := range crm.Reports() {
		l := reportListed{ID: string(r.ID), Ja: r.Title.JA, En: r.Title.EN, By: string(r.By), Dimensions: []string{}, List: lists[r.ID]}
		for _, d := range r.Dimensions {
			l.Dimensions = append(l.Dimensions, string(d))
		}
		out = append(out, l)
	}
	return out
}

func reportTable(t *crm.ReportTable) reportAnswer {
	out := reportAnswer{ID: string(t.ID), Ja: t.Title.JA, En: t.Title.EN, Grain: string(t.Grain), By: string(t.By), From: t.From, To: t.To,
		Columns: []reportHead{}, Rows: linesAnswer(t.Rows), Keys: linesAnswer(t.Keys), Totals: valuesAnswer(t.Totals)}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, reportHead{ID: c.ID, Ja: c.Title.JA, En: c.Title.EN, Unit: string(c.Unit), Stack: c.Stack})
	}
	out.Previous.From, out.Previous.To, out.Previous.Totals = t.Previous.From, t.Previous.To, valuesAnswer(t.Previous.Totals)
	return out
}

func linesAnswer(rows []crm.ReportRow) []reportLine {
	out := make([]reportLine, 0, len(rows))
	for _, r := range rows {
		out = append(out, reportLine{Period: r.Period, Key: r.Key, Values: valuesAnswer(r.Values)})
	}
	return out
}

func valuesAnswer(list []crm.Measure) []*float64 {
	out := make([]*float64, len(list))
	for i, m := range list {
		if m.Known {
			out[i] = &m.Value
		}
	}
	return out
}
