package webform

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// checker gathers mistakes.
type checker struct {
	cfg Settings // effective
	out []connectors.Problem
}

func (c *checker) add(path, what, hint string) {
	c.out = append(c.out, connectors.Problem{Path: path, What: what, Hint: hint})
}

// Check finds every mistake at once. Nothing is connected to.
func (s *Settings) Check() []connectors.Problem {
	c := &checker{cfg: s.effective()}
	if s.Recipe != "" && !slices.Contains(Recipes(), s.Recipe) {
		c.add("recipe", fmt.Sprintf("There is no recipe %q.", s.Recipe), "Write "+strings.Join(Recipes(), ", ")+", or leave it out.")
	}
	if strings.TrimSpace(s.Form) == "" {
		c.add("form", "The form is missing.", "Name the form as the mapping does, such as contact.")
	}
	c.address("url", c.cfg.URL, true)
	c.access()
	c.words()
	c.times()
	c.paths()
	c.cursor()
	c.paging()
	c.network()
	return c.out
}

func (c *checker) oneOf(path, got string, words ...string) {
	if !slices.Contains(words, got) {
		c.add(path, fmt.Sprintf("There is no %s %q.", path, got), "Write "+strings.Join(words, ", ")+".")
	}
}

// address checks a URL template.
func (c *checker) address(path, text string, needed bool) {
	if text == "" {
		if needed {
			c.add(path, "The address is missing.", "Write the https URL of the service's list or export.")
		}
		return
	}
	filled, _ := fill(text, nil, inURL)
	u, err := url.Parse(filled)
	_, rest, _ := strings.Cut(text, "://")
	host, _, _ := strings.Cut(rest, "/")
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		c.add(path, "The address cannot be read.", "Write a whole URL, such as https://forms.example.com/api/answers.")
		return
	case strings.Contains(host, "{{"):
		c.add(path, "The host may not hold a placeholder.", "Put placeholders into the path or the query.")
	case u.User != nil:
		c.add(path, "The address holds a user name or password.", "Put them into basic: {username, password}.")
	}
	if u.Scheme == "http" && !safehttp.Listed(c.cfg.Allow, u) {
		c.add(path, "The address is not protected by TLS.", "Write https, or name the host in allow, as host:port, if it is your own.")
	}
	if base, err := url.Parse(c.cfg.URL); path != "url" && err == nil && !safehttp.SameOrigin(base, u) {
		c.add(path, "The address is on another host than url.", "Both must have the same scheme, host and port.")
	}
}

// access checks the method, the headers and the ways to sign in.
func (c *checker) access() {
	c.oneOf("method", c.cfg.Method, http.MethodGet, http.MethodPost)
	if c.cfg.Body != "" && c.cfg.Method != http.MethodPost {
		c.add("body", "Only a POST has a body.", "Write method: POST, or take body away.")
	}
	if c.cfg.Bearer != "" && c.cfg.Basic != nil {
		c.add("bearer", "There are two ways to sign in, bearer and basic.", "Keep one.")
	}
	if b := c.cfg.Basic; b != nil && b.Username == "" {
		c.add("basic.username", "The user name is missing.", "")
	}
	if !httpguts.ValidHeaderFieldValue(c.cfg.Bearer) {
		c.add("bearer", "The token holds characters that no header may have.", "Is there a line break at its end?")
	}
	for _, name := range slices.Sorted(maps.Keys(c.cfg.Headers)) {
		at := "headers." + name
		switch {
		case !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(c.cfg.Headers[name]):
			c.add(at, "The header holds characters that it may not have.", "")
		case reservedHeader(name):
			c.add(at, "The header is set by Tsunagu itself.", "Take it away.")
		case strings.EqualFold(name, "Authorization") && (c.cfg.Bearer != "" || c.cfg.Basic != nil):
			c.add(at, "There are two ways to sign in.", "Keep the header, bearer or basic.")
		}
	}
}

func reservedHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Upgrade", "Te", "Trailer", "Range":
		return true
	}
	return false
}

// openHeader says whether the value of a header is no secret.
func openHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Accept", "Accept-Language", "Content-Type", "User-Agent":
		return true
	}
	return strings.HasSuffix(strings.ToLower(name), "-version")
}

// secretName says whether the value of a query parameter is a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"key", "token", "secret", "password", "passwd", "auth", "signature"} {
		if strings.Contains(name, word) && name != "page_token" && name != "pagetoken" && name != "next_token" {
			return true
		}
	}
	return false
}

// words checks the settings that are one word of a few.
func (c *checker) words() {
	c.oneOf("format", c.cfg.Format, formatJSON, formatCSV)
	c.oneOf("charset", strings.ToLower(c.cfg.Charset), "auto", "utf-8", "shift_jis", "euc-jp")
	if d := delimiterOf(c.cfg.Delimiter); c.cfg.Delimiter != "tab" && utf8.RuneCountInString(c.cfg.Delimiter) != 1 || d == '"' || d == '\n' || d == '\r' || d == utf8.RuneError {
		c.add("delimiter", fmt.Sprintf("%q does not part columns.", c.cfg.Delimiter), `Write one character such as "," or ";", or tab.`)
	}
	if c.cfg.Format == formatCSV && (c.cfg.List != "" || c.cfg.Answers != nil) {
		c.add("format", "A table has neither list nor answers.", "Take them away, or write format: json.")
	}
	var touch crm.Touch
	for _, word := range slices.Sorted(maps.Keys(c.cfg.Touch)) {
		if known := touchWords(&touch); known[word] == nil {
			c.add("touch."+word, fmt.Sprintf("A touch has no %q.", word), "Write "+strings.Join(slices.Sorted(maps.Keys(known)), ", ")+".")
		}
	}
	if a := c.cfg.Answers; a != nil && (a.List == "" || a.Name == "" && a.Label == "" || len(a.Value) == 0) {
		c.add("answers", "The answers need list, name (or label) and value.", "")
	}
	names := make(map[string]bool)
	for i, f := range c.cfg.Fields {
		at := "fields[" + strconv.Itoa(i) + "]"
		if f.Path == "" {
			c.add(at+".path", "The path is missing.", "")
		}
		if name := f.Name; name != "" && names[name] {
			c.add(at+".name", fmt.Sprintf("The name %q stands twice.", name), "")
		}
		names[f.Name] = true
	}
}

// times checks how times are read and written.
func (c *checker) times() {
	if _, err := time.LoadLocation(c.cfg.TimeZone); err != nil || c.cfg.TimeZone == "Local" {
		c.add("time_zone", fmt.Sprintf("There is no time zone %q.", c.cfg.TimeZone), "Write a name such as Asia/Tokyo.")
	}
	if !timeLayout(c.cfg.TimeFormat, "auto", "unix", "unix_ms") {
		c.add("time_format", fmt.Sprintf("%q describes no time.", c.cfg.TimeFormat), "Write auto, unix, unix_ms, or how the second of January 2006, 15:04:05, is written there.")
	}
	if !timeLayout(c.cfg.Cursor.Format, "rfc3339", "unix", "unix_ms", "date", "datetime") {
		c.add("cursor.format", fmt.Sprintf("%q describes no time.", c.cfg.Cursor.Format), "Write rfc3339, unix, unix_ms, date, datetime, or how the second of January 2006, 15:04:05, is written there.")
	}
}

// timeLayout says whether a text is one of words, or a layout that tells two days apart.
func timeLayout(text string, words ...string) bool {
	a, b := time.Date(2031, 11, 23, 4, 5, 6, 0, time.UTC), time.Date(2032, 12, 24, 4, 5, 6, 0, time.UTC)
	return slices.Contains(words, text) || a.Format(text) != b.Format(text) && strings.Contains(text, "06")
}

// paths checks that every path can be read.
func (c *checker) paths() {
	s := &source{cfg: c.cfg, rows: layout{named: make([]namedField, len(c.cfg.Fields)), touch: make(map[string]path)}}
	if c.cfg.Answers != nil {
		s.rows.answers = &answerPaths{values: make([]path, len(c.cfg.Answers.Value))}
	}
	for _, p := range s.placesOf() {
		if _, err := compile(p.text, p.plain); err != nil {
			c.add(p.setting, "The path cannot be read: "+err.Error()+".", "Write names with dots, such as data.items, or data['a.b'][0].")
		}
	}
}
