package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// segmentRow is a segment and how many are in it.
type segmentRow struct {
	Name    string `json:"name"`
	Ja      string `json:"ja"`
	En      string `json:"en"`
	If      string `json:"if" doc:"the condition, in the mapping's language"`
	Members int64  `json:"members"`
	Retired bool   `json:"retired,omitempty"`
}

// ByName is how a segment is asked for, exported like Paging.
type ByName struct {
	Name string `path:"name" maxLength:"40"`
}

type segmentExportQuery struct {
	ByName
	Format string `query:"format" enum:"csv,json" default:"csv" doc:"csv: who may be written to; json: how many, and how many were left out and why"`
}

func (s *Server) segmentsAPI(api huma.API) {
	huma.Register(api, operation("list-segments", http.MethodGet, "/segments", rep, "List segments with the number of their members"),
		func(ctx context.Context, _ *struct{}) (*list[segmentRow], error) {
			rows, err := s.segmentRows(ctx)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(rows, "", "/segments", nil), nil
		})
	huma.Register(api, operation("list-segment-members", http.MethodGet, "/segments/{name}/members", rep, "List the members of a segment", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByName
			Paging
		}) (*list[crm.Listed], error) {
			after, err := in.place(listOfSegment + in.Name)
			if err != nil {
				return nil, err
			}
			if !hasSegment(s.lifecycle(), in.Name) {
				return nil, s.apiError(crm.ErrNotFound)
			}
			rows, next, err := s.store.ListSegment(ctx, in.Name, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(rows, cursorFor(listOfSegment+in.Name, next), "/segments/"+url.PathEscape(in.Name)+"/members", url.Values{"limit": {strconv.Itoa(in.Limit)}}), nil
		})
	export := operation("export-segment", http.MethodGet, "/segments/{name}/export", admin, "Export a segment for a mailing service: only who agreed to mailings, may be approached and can be reached", http.StatusNotFound)
	export.Responses = jsonOrCSV[mailingCounts](api)
	huma.Register(api, export, func(ctx context.Context, in *segmentExportQuery) (*written, error) {
		out, err := s.exportSegment(ctx, actor(ctx), in.Name, in.Format)
		if err != nil {
			return nil, s.apiError(err)
		}
		return out, nil
	})
}

func (s *Server) segmentRows(ctx context.Context) ([]segmentRow, error) {
	var rows []segmentRow
	for _, g := range s.lifecycle().Segments {
		n, err := s.store.CountSegment(ctx, g.Name.Name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, segmentRow{Name: g.Name.Name, Ja: g.Heading("ja"), En: g.Heading("en"), If: g.If, Members: n, Retired: g.Retired})
	}
	return rows, nil
}

func hasSegment(doc *life.Document, name string) bool {
	return slices.ContainsFunc(doc.Segments, func(g life.Segment) bool { return g.Name.Name == name })
}
