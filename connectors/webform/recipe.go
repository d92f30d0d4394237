package webform

import (
	"cmp"
	"maps"
	"slices"
)

// recipes are the presets by name. They know the shape of a service's answers; the address, the form and the
// secrets are the user's, and each setting of the user's own replaces the recipe's.
func recipes() map[string]Settings {
	return map[string]Settings{
		// Answers as a list with their fields in an object, newest first, page by page.
		"formrun": {
			List: "data", ID: "id", Time: "created_at", Updated: "updated_at", TimeZone: "Asia/Tokyo",
			Fields: []Field{{Path: "answers"}, {Path: "status"}, {Path: "memo"}},
			Touch:  map[string]string{"source": "utm.source", "medium": "utm.medium", "campaign": "utm.campaign", "term": "utm.term", "content": "utm.content", "referrer": "referrer", "landing": "landing_page"},
			Query:  map[string]string{"page": "{{page}}", "per_page": "{{size}}", "updated_since": "{{since}}"},
			Cursor: Place{By: byTime, Format: "rfc3339"},
			Paging: Paging{By: pageNumber, Size: 100, Pages: "meta.total_pages", Total: "meta.total_count"},
		},
		// The answers' sheet of a Google form, published to the web as CSV. The sheet has no response id.
		"google-forms-csv": {
			Format: formatCSV, Time: "タイムスタンプ", TimeZone: "Asia/Tokyo",
		},
		// Messages of Contact Form 7 that Flamingo keeps, through the REST API of WordPress.
		"flamingo": {
			ID: "id", Time: "date_gmt", Updated: "modified_gmt", TimeZone: "UTC",
			Fields: []Field{{Path: "fields"}, {Path: "channel"}},
			Touch:  map[string]string{"landing": "meta.url", "referrer": "meta.referrer"},
			Query: map[string]string{"page": "{{page}}", "per_page": "{{size}}", "modified_after": "{{since}}",
				"orderby": "modified", "order": "asc"},
			Cursor: Place{By: byTime, Format: "rfc3339", Overlap: "1h"},
			Paging: Paging{By: pageNumber, Size: 100, PagesHeader: "X-WP-TotalPages", TotalHeader: "X-WP-Total"},
		},
		// The responses API of Typeform: newest first, and each page asks for what lies before the last token.
		"typeform": {
			List: "items", ID: "response_id", Time: "submitted_at",
			Answers: &Answers{List: "answers", Name: "field.ref", Value: []string{
				"text", "email", "phone_number", "choice.label", "choice.other", "choices.labels[*]", "choices.other", "number",
				"boolean", "date", "url", "file_url", "payment.amount",
			}},
			Fields: []Field{{Path: "hidden"}},
			Touch: map[string]string{"referrer": "metadata.referer", "source": "hidden.utm_source", "medium": "hidden.utm_medium",
				"campaign": "hidden.utm_campaign", "term": "hidden.utm_term", "content": "hidden.utm_content"},
			Query:  map[string]string{"page_size": "{{size}}", "before": "{{cursor}}", "since": "{{since}}"},
			Cursor: Place{By: byTime, Format: "2006-01-02T15:04:05Z", Overlap: "1h"},
			Paging: Paging{By: pageToken, Size: 1000, Next: "items[-1].token", Total: "total_items"},
		},
	}
}

// Recipes gives the names of the presets, sorted.
func Recipes() []string { return slices.Sorted(maps.Keys(recipes())) }

// effective is the settings with what the recipe and the defaults add.
func (s *Settings) effective() Settings {
	out := *s
	preset := recipes()[s.Recipe]
	for _, text := range []struct {
		own       *string
		fallbacks [2]string
	}{
		{&out.Method, [2]string{preset.Method, "GET"}}, {&out.Format, [2]string{preset.Format, formatJSON}},
		{&out.Charset, [2]string{preset.Charset, "auto"}}, {&out.Delimiter, [2]string{preset.Delimiter, ","}},
		{&out.List, [2]string{preset.List}}, {&out.ID, [2]string{preset.ID}}, {&out.Time, [2]string{preset.Time}},
		{&out.Updated, [2]string{preset.Updated}}, {&out.TimeFormat, [2]string{preset.TimeFormat, "auto"}},
		{&out.TimeZone, [2]string{preset.TimeZone, "UTC"}}, {&out.Item, [2]string{preset.Item}},
		{&out.Cursor.By, [2]string{preset.Cursor.By, byAll}}, {&out.Cursor.Format, [2]string{preset.Cursor.Format, "rfc3339"}},
		{&out.Cursor.Overlap, [2]string{preset.Cursor.Overlap, defaultOverlap.String()}},
		{&out.Cursor.Start, [2]string{preset.Cursor.Start, "all"}}, {&out.Timeout, [2]string{"30s"}},
	} {
		for _, fallback := range text.fallbacks {
			if *text.own == "" {
				*text.own = fallback
			}
		}
	}
	out.Headers, out.Query = merged(preset.Headers, s.Headers), merged(preset.Query, s.Query)
	out.Touch = merged(preset.Touch, s.Touch)
	if len(out.Fields) == 0 && out.Answers == nil {
		out.Fields, out.Answers = preset.Fields, preset.Answers
	}
	out.Paging = out.Paging.over(preset.Paging)
	if out.MaxItems == 0 {
		out.MaxItems = defaultMaxItems
	}
	if out.MaxPages == 0 {
		out.MaxPages = defaultMaxPages
	}
	return out
}

// over is the paging with what it leaves out taken from a preset of the same way.
func (p Paging) over(preset Paging) Paging {
	if p.By != "" && p.By != preset.By {
		return p
	}
	p.By = cmp.Or(p.By, preset.By, pageNone)
	p.First = cmp.Or(p.First, preset.First)
	p.Size = cmp.Or(p.Size, preset.Size)
	p.Next = cmp.Or(p.Next, preset.Next)
	p.Pages, p.PagesHeader = cmp.Or(p.Pages, preset.Pages), cmp.Or(p.PagesHeader, preset.PagesHeader)
	p.Total, p.TotalHeader = cmp.Or(p.Total, preset.Total), cmp.Or(p.TotalHeader, preset.TotalHeader)
	p.More = cmp.Or(p.More, preset.More)
	return p
}

// merged is preset with the user's own entries over it.
func merged(preset, own map[string]string) map[string]string {
	out := maps.Clone(preset)
	if out == nil {
		out = make(map[string]string, len(own))
	}
	maps.Copy(out, own)
	return out
}
