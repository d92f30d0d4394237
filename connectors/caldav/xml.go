package caldav

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// response is one DAV:response of a multistatus (RFC 4918 section 14.24).
type response struct {
	Hrefs  []string   `xml:"DAV: href"`
	Status string     `xml:"DAV: status"`
	Props  []propstat `xml:"DAV: propstat"`
	Error  *struct {
		Matches *struct{} `xml:"DAV: number-of-matches-within-limits"`
	} `xml:"DAV: error"`
}

type propstat struct {
	Status string `xml:"DAV: status"`
	Prop   prop   `xml:"DAV: prop"`
}

// prop are the properties that we ask for.
type prop struct {
	ETag       string        `xml:"DAV: getetag"`
	Name       string        `xml:"DAV: displayname"`
	SyncToken  string        `xml:"DAV: sync-token"`
	CTag       string        `xml:"http://calendarserver.org/ns/ getctag"`
	Type       *resourceType `xml:"DAV: resourcetype"`
	Components *components   `xml:"urn:ietf:params:xml:ns:caldav supported-calendar-component-set"`
	Reports    *struct {
		XML string `xml:",innerxml"`
	} `xml:"DAV: supported-report-set"`
	Principal *hrefs  `xml:"DAV: current-user-principal"`
	Home      *hrefs  `xml:"urn:ietf:params:xml:ns:caldav calendar-home-set"`
	TimeZone  string  `xml:"urn:ietf:params:xml:ns:caldav calendar-timezone"`
	Data      *string `xml:"urn:ietf:params:xml:ns:caldav calendar-data"`
}

type resourceType struct {
	Collection *struct{} `xml:"DAV: collection"`
	Calendar   *struct{} `xml:"urn:ietf:params:xml:ns:caldav calendar"`
}

type components struct {
	Comps []struct {
		Name string `xml:"name,attr"`
	} `xml:"urn:ietf:params:xml:ns:caldav comp"`
}

type hrefs struct {
	Hrefs []string `xml:"DAV: href"`
}

// found are the properties that a response has: those of its propstats of success, in one.
func (r *response) found() prop {
	var out prop
	for _, p := range r.Props {
		if code := statusCode(p.Status); code != 0 && code/100 != 2 {
			continue
		}
		if out == (prop{}) {
			out = p.Prop
			continue
		}
		merge(&out, p.Prop)
	}
	return out
}

// merge fills in what out lacks.
func merge(out *prop, more prop) {
	out.ETag, out.Name, out.SyncToken = or(out.ETag, more.ETag), or(out.Name, more.Name), or(out.SyncToken, more.SyncToken)
	out.CTag, out.TimeZone = or(out.CTag, more.CTag), or(out.TimeZone, more.TimeZone)
	if out.Type == nil {
		out.Type = more.Type
	}
	if out.Components == nil {
		out.Components = more.Components
	}
	if out.Reports == nil {
		out.Reports = more.Reports
	}
	if out.Principal == nil {
		out.Principal = more.Principal
	}
	if out.Home == nil {
		out.Home = more.Home
	}
	if out.Data == nil {
		out.Data = more.Data
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// statusCode reads "HTTP/1.1 404 Not Found"; 0 if there is none.
func statusCode(line string) int {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0
	}
	code, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return code
}

// maxXMLDepth is how deep an answer may be nested.
const maxXMLDepth = 64

// shallow is a source of tokens that refuses what is nested too deep, and declarations of entities.
type shallow struct {
	d     *xml.Decoder
	depth int
}

func (s *shallow) Token() (xml.Token, error) {
	t, err := s.d.Token()
	switch t.(type) {
	case xml.StartElement:
		if s.depth++; s.depth > maxXMLDepth {
			return nil, fmt.Errorf("%w: it is nested too deep", errXML)
		}
	case xml.EndElement:
		s.depth--
	case xml.Directive:
		return nil, fmt.Errorf("%w: it declares a document type", errXML)
	}
	return t, err
}

// multistatus reads an answer and calls each with its responses as they come. It gives the sync token at its end.
func multistatus(body io.Reader, each func(*response) error) (token string, err error) {
	raw := xml.NewDecoder(body)
	raw.CharsetReader = charset.NewReaderLabel
	d := xml.NewTokenDecoder(&shallow{d: raw})
	root := false
	for {
		t, err := d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) && root {
				return token, nil
			}
			return "", readError(err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch {
		case !root && start.Name.Local == "multistatus":
			root = true
		case !root:
			return "", fmt.Errorf("%w: it is no multistatus but %s", errXML, start.Name.Local)
		case start.Name.Local == "response":
			var r response
			if err := d.DecodeElement(&r, &start); err != nil {
				return "", readError(err)
			}
			if err := each(&r); err != nil {
				return "", err
			}
		case start.Name.Local == "sync-token":
			if err := d.DecodeElement(&token, &start); err != nil {
				return "", readError(err)
			}
			token = strings.TrimSpace(token)
		default:
			if err := d.Skip(); err != nil {
				return "", readError(err)
			}
		}
	}
}

// readError tells a limit from text that ends early or is no XML.
func readError(err error) error {
	if errors.Is(err, errTooLarge) || errors.Is(err, errXML) {
		return err
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", errXML, err)
	}
	return err
}

// ask sends a PROPFIND or REPORT and reads its multistatus. from is where the answer came from, after redirects.
func (c *client) ask(ctx context.Context, method string, target *url.URL, depth, body string, each func(*response) error) (token string, from *url.URL, err error) {
	a, err := c.do(ctx, method, target, depth, xml.Header+body)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = a.body.Close() }() // it was read
	if a.code != http.StatusMultiStatus {
		return "", nil, fmt.Errorf("%w: the status is %d, not 207", errXML, a.code)
	}
	token, err = multistatus(a.body, each)
	return token, a.url, err
}

// escape writes a text into XML.
func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder does not fail
	return out.String()
}

// The name spaces of requests.
const spaces = ` xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"`

func propfind(props string) string {
	return "<D:propfind" + spaces + "><D:prop>" + props + "</D:prop></D:propfind>"
}
