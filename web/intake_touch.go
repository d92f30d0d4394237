package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxTouch is how many bytes of a marketing word or of a page's address are kept.
const maxTouch = 2048

// touch is where the sender came from: hidden fields of the form, then the query of the landing page. Without
// a landing field the page with the form, which the browser names as Referer, is the first page of ours that
// we know of. The fields themselves stay among the submission's.
func (a *arrival) touch(r *http.Request) crm.Touch {
	var t crm.Touch
	for i := range a.pairs {
		p := &a.pairs[i]
		if to := touchField(&t, p.name); to != nil && *to == "" {
			*to = oneLine(p.value)
		}
	}
	if t.Landing == "" {
		t.Landing = oneLine(r.Referer())
	}
	if at := strings.IndexByte(t.Landing, '?'); at >= 0 && strings.Contains(t.Landing[at:], "utm_") {
		query, _, _ := strings.Cut(t.Landing[at+1:], "#")
		for part := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(part, "=")
			if !strings.HasPrefix(name, "utm_") {
				continue
			}
			if to := touchField(&t, name); to != nil && *to == "" {
				if value, err := url.QueryUnescape(value); err == nil {
					*to = oneLine(value)
				}
			}
		}
	}
	return t
}

// touchField is the part of a touch that a field of a form tells; nil for none.
func touchField(t *crm.Touch, name string) *string {
	switch name {
	case "utm_campaign":
		return &t.Campaign
	case "utm_source":
		return &t.Source
	case "utm_medium":
		return &t.Medium
	case "utm_term":
		return &t.Term
	case "utm_content":
		return &t.Content
	case "referrer", "referer":
		return &t.Referrer
	case "landing", "landing_page":
		return &t.Landing
	}
	return nil
}

// oneLine is a value without what does not show, cut at a character's edge.
func oneLine(s string) string {
	if len(s) > maxTouch {
		s = s[:maxTouch]
	}
	s, _ = cleanText(strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(strings.ReplaceAll(s, "\n", " "))
}
