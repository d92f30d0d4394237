package webform

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// question is a request that can be compared with an earlier one.
type question struct {
	method, url, body string
}

// key is a hash of the question: it may hold secrets.
func (q question) key() string {
	sum := sha256.Sum256([]byte(q.method + "\x00" + q.url + "\x00" + q.body))
	return hex.EncodeToString(sum[:8])
}

// answer is what came back with status 200, or 304 without a body.
type answer struct {
	unchanged bool
	doc       value
	header    http.Header
	from      *url.URL // the question's
}

// ask makes the question for the page at a place in a walk.
func (s *source) ask(p *place) (question, error) {
	w := p.Walk
	if w.Next != "" && (s.cfg.Paging.By == pageURL || s.cfg.Paging.By == pageLink) {
		return question{method: s.cfg.Method, url: w.Next, body: s.cfg.Body}, nil
	}
	words := map[string]string{
		"page": strconv.Itoa(w.Page), "offset": strconv.Itoa(w.Offset), "size": strconv.Itoa(s.cfg.Paging.Size),
		"cursor": w.Next, "after": p.After,
	}
	if since := s.since(p); !since.IsZero() {
		words["since"] = formatTime(since, s.cfg.Cursor.Format, s.rows.zone)
	}
	return s.fillIn(s.cfg.URL, words)
}

// since is the time from which on a walk asks; zero for all.
func (s *source) since(p *place) time.Time {
	if p.Mark == 0 {
		return s.start
	}
	t := time.Unix(p.Mark, 0).Add(-s.overlap)
	if t.Before(s.start) {
		return s.start
	}
	return t
}

// fillIn puts words into the URL, the query and the body.
func (s *source) fillIn(template string, words map[string]string) (question, error) {
	filled, _ := fill(template, words, inURL)
	u, err := url.Parse(filled)
	if err != nil {
		return question{}, permanent("read setting url", errors.New("it cannot be read with its words filled in"), "")
	}
	query := u.Query()
	for name, text := range s.cfg.Query {
		if text, whole := fill(text, words, verbatim); whole && text != "" {
			query.Set(name, text)
		}
	}
	if len(s.cfg.Query) > 0 {
		u.RawQuery = query.Encode()
	}
	q := question{method: s.cfg.Method, url: u.String()}
	if s.cfg.Body != "" {
		escape := inJSON
		if strings.Contains(s.contentType(), "urlencoded") {
			escape = inURL
		}
		q.body, _ = fill(s.cfg.Body, words, escape)
	}
	return q, nil
}

func (s *source) contentType() string {
	for name, text := range s.cfg.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return text
		}
	}
	return "application/json"
}

// send sends a question and reads the answer to its end. etag and modified make it conditional; both may be "".
func (s *source) send(ctx context.Context, q question, etag, modified string) (answer, error) {
	if held := s.held(); held != nil {
		return answer{}, held
	}
	req, err := s.request(ctx, q)
	if err != nil {
		return answer{}, err
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		req.Header.Set("If-Modified-Since", modified)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return answer{}, exchangeFault(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusNotModified && etag+modified != "" {
		return answer{unchanged: true, header: resp.Header, from: req.URL}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return answer{}, s.hold(statusFault(resp, s.now()))
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, exchangeFault(ctx, err)
	}
	doc, err := s.parse(raw, resp.Header.Get("Content-Type"))
	if err != nil {
		return answer{}, err
	}
	return answer{doc: doc, header: resp.Header, from: req.URL}, nil
}

func (s *source) request(ctx context.Context, q question) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		return nil, permanent("make request", errors.New("the URL cannot be read"), "")
	}
	if !safehttp.SameOrigin(req.URL, s.base) {
		return nil, permanent("ask for the next page", errors.New("it is on another host"), "The service leads to another address; set url to that one.")
	}
	req.Header.Set("User-Agent", "Tsunagu")
	req.Header.Set("Accept", "application/json")
	if s.cfg.Format == formatCSV {
		req.Header.Set("Accept", "text/csv, */*;q=0.5")
	}
	if q.body != "" {
		req.Header.Set("Content-Type", s.contentType())
	}
	for name, text := range s.cfg.Headers {
		req.Header.Set(name, text)
	}
	if s.cfg.Bearer != "" {
		req.Header.Set("Authorization", "Bearer "+s.cfg.Bearer)
	}
	if b := s.cfg.Basic; b != nil {
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(b.Username+":"+b.Password)))
	}
	return req, nil
}

// parse reads an answer's bytes.
func (s *source) parse(raw []byte, contentType string) (value, error) {
	text, err := utf8Text(raw, s.cfg.Charset, contentType)
	if err == nil && looksLikePage(text, contentType) {
		err = errors.New("it is a web page")
	}
	var doc value
	switch {
	case err != nil:
	case s.cfg.Format == formatCSV:
		doc, err = parseCSV(text, s.delimiter)
	default:
		doc, err = parseJSON(text)
	}
	if err != nil {
		return value{}, retryable("read answer", fmt.Errorf("%w (%.60q, %d bytes)", err, contentType, len(raw)),
			"The address must give "+strings.ToUpper(s.cfg.Format)+" without a sign-in page or a maintenance page before it.")
	}
	return doc, nil
}

// looksLikePage tells a sign-in or maintenance page, which a table reader would take for rows.
func looksLikePage(text []byte, contentType string) bool {
	start := strings.ToLower(strings.TrimSpace(string(text[:min(len(text), 64)])))
	return strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html") ||
		strings.HasPrefix(strings.ToLower(contentType), "text/html") && strings.HasPrefix(start, "<")
}
