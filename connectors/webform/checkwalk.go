package webform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// The bounds of numbers in the settings.
const (
	maxPageSize   = 100_000
	maxMaxBytes   = 256 << 20
	maxMaxItems   = 1_000_000
	maxMaxPages   = 1_000_000
	maxTimeout    = 10 * time.Minute
	maxOverlapAge = 31 * 24 * time.Hour
)

// used says where a placeholder stands in what is sent.
func (c *checker) used(word string) bool {
	texts := append([]string{c.cfg.URL, c.cfg.Body}, slices.Collect(maps.Values(c.cfg.Query))...)
	return slices.ContainsFunc(texts, func(t string) bool { return slices.Contains(placeholders(t), word) })
}

// placeholdersIn finds words in braces that nobody fills.
func (c *checker) placeholdersIn(path, text string, known ...string) {
	for _, word := range placeholders(text) {
		if !slices.Contains(known, word) {
			c.add(path, fmt.Sprintf("Nothing stands for {{%s}}.", word), "Write one of {{"+strings.Join(known, "}}, {{")+"}}.")
		}
	}
	if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") {
		c.add(path, "A placeholder is not closed, or its name is no word.", "Write it like {{since}}.")
	}
}

// cursor checks where a walk starts.
func (c *checker) cursor() {
	p := c.cfg.Cursor
	c.oneOf("cursor.by", p.By, byAll, byTime, byID)
	if p.By == byTime && c.cfg.Time == "" {
		c.add("cursor.by", "A cursor by time needs time.", "Set time to the path of when a row was sent.")
	}
	if p.By == byID && c.cfg.ID == "" {
		c.add("cursor.by", "A cursor by id needs id.", "Set id to the path of the response id.")
	}
	if p.By == byTime && !c.used("since") {
		c.add("cursor.by", "Nothing that is sent holds {{since}}.", "Put {{since}} into query, url or body, or write by: all.")
	}
	if p.By == byID && !c.used("after") {
		c.add("cursor.by", "Nothing that is sent holds {{after}}.", "Put {{after}} into query, url or body, or write by: all.")
	}
	if d, err := time.ParseDuration(p.Overlap); err != nil || d < time.Second || d > maxOverlapAge {
		c.add("cursor.overlap", fmt.Sprintf("%q is no overlap.", p.Overlap), "Write a time from 1s to 744h, such as 10m.")
	}
	if _, err := startTime(p.Start, time.Unix(0, 0)); err != nil {
		c.add("cursor.start", "The start cannot be read: "+err.Error()+".", "Write a number of days such as 90d, a date such as 2026-01-31, or all.")
	}
	if p.Start != "all" && c.cfg.Time == "" {
		c.add("cursor.start", "A start needs time.", "Set time to the path of when a row was sent.")
	}
}

// paging checks how pages follow each other.
func (c *checker) paging() {
	p := c.cfg.Paging
	c.oneOf("paging.by", p.By, pageNone, pageNumber, pageOffset, pageToken, pageURL, pageLink)
	needs := map[string]string{pageNumber: "page", pageOffset: "offset", pageToken: "cursor"}
	if word := needs[p.By]; word != "" && !c.used(word) {
		c.add("paging.by", fmt.Sprintf("Nothing that is sent holds {{%s}}.", word), "Put it into query, url or body.")
	}
	for _, by := range slices.Sorted(maps.Keys(needs)) {
		if word := needs[by]; by != p.By && c.used(word) {
			c.add("paging.by", fmt.Sprintf("{{%s}} is sent, but the pages are not counted so.", word), "Write paging: {by: "+by+"}.")
		}
	}
	if next := p.By == pageToken || p.By == pageURL; next && p.Next == "" {
		c.add("paging.next", "The path to the next page is missing.", "Write where the answer holds it, such as meta.next.")
	}
	if p.Size < 0 || p.Size > maxPageSize || p.Size == 0 && c.used("size") {
		c.add("paging.size", "The size of a page is missing or impossible.", "Write a number from 1 to "+strconv.Itoa(maxPageSize)+".")
	}
	if p.First != nil && (*p.First < 0 || *p.First > 1) {
		c.add("paging.first", "The first page is neither 0 nor 1.", "")
	}
	known := []string{"since", "after", "cursor", "page", "offset", "size"}
	c.placeholdersIn("url", c.cfg.URL, known...)
	c.placeholdersIn("body", c.cfg.Body, known...)
	for _, name := range slices.Sorted(maps.Keys(c.cfg.Query)) {
		c.placeholdersIn("query."+name, c.cfg.Query[name], known...)
	}
	c.item()
}

// item checks the address of a single row.
func (c *checker) item() {
	if c.cfg.ItemURL == "" {
		return
	}
	c.address("item_url", c.cfg.ItemURL, false)
	c.placeholdersIn("item_url", c.cfg.ItemURL, "id")
	if !slices.Contains(placeholders(c.cfg.ItemURL), "id") || c.cfg.ID == "" || c.cfg.Format == formatCSV {
		c.add("item_url", "A row's own address needs {{id}}, the setting id, and JSON.", "")
	}
}

// network checks what may be reached, and the limits.
func (c *checker) network() {
	for i, entry := range c.cfg.Allow {
		if err := safehttp.CheckAllow(entry); err != nil {
			c.add("allow["+strconv.Itoa(i)+"]", "The entry cannot be read: "+err.Error()+".", "Write a block such as 10.1.0.0/16, or host:port.")
		}
	}
	if c.cfg.Proxy != "" && safehttp.CheckProxy(c.cfg.Proxy) != nil {
		c.add("proxy", "The proxy's address cannot be read.", "Write a URL such as http://proxy.example.co.jp:3128.")
	}
	if d, err := time.ParseDuration(c.cfg.Timeout); err != nil || d < time.Second || d > maxTimeout {
		c.add("timeout", fmt.Sprintf("%q is no time limit.", c.cfg.Timeout), "Write a time from 1s to 10m, such as 30s.")
	}
	for _, n := range []struct {
		path      string
		got, most int64
	}{{"max_bytes", c.cfg.MaxBytes, maxMaxBytes}, {"max_items", int64(c.cfg.MaxItems), maxMaxItems}, {"max_pages", int64(c.cfg.MaxPages), maxMaxPages}} {
		if n.got < 0 || n.got > n.most {
			c.add(n.path, "The limit is impossible.", fmt.Sprintf("Write a number from 1 to %d, or leave it out.", n.most))
		}
	}
}
