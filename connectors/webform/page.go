package webform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// page is one answer of a list.
type page struct {
	rows     []value
	hash     string // of the rows; "" on a last page
	next     string // token or URL of the next page; "" if there is none or the page does not say
	last     bool   // the page itself says that no other follows
	total    int64  // rows in all; 0 if it does not say
	etag     string
	modified string
}

// page reads an answer as a page of the list. at is its number, counted from the first of the walk.
func (s *source) page(a answer, number int) (page, error) {
	rows, err := s.listIn(a.doc)
	if err != nil {
		return page{}, err
	}
	pg := page{rows: rows, etag: a.header.Get("ETag"), modified: a.header.Get("Last-Modified")}
	pg.total, _ = strconv.ParseInt(textOr(&s.paths.total, a.doc, a.header, s.cfg.Paging.TotalHeader), 10, 64)
	if pages, err := strconv.Atoi(textOr(&s.paths.pages, a.doc, a.header, s.cfg.Paging.PagesHeader)); err == nil {
		pg.last = number-s.first+1 >= pages && s.cfg.Paging.By == pageNumber
	}
	switch strings.ToLower(s.paths.more.textIn(a.doc)) {
	case "false", "0", "no":
		pg.last = true
	}
	switch s.cfg.Paging.By {
	case pageToken, pageURL:
		pg.next = s.paths.next.textIn(a.doc)
	case pageLink:
		pg.next = nextLink(a.header.Values("Link"))
	case pageNone:
		pg.last = true
	}
	if !pg.last {
		pg.hash = hashRows(rows)
	}
	if pg.next != "" && s.cfg.Paging.By != pageToken {
		if pg.next, err = resolved(a.from, pg.next); err != nil {
			return page{}, err
		}
	}
	return pg, nil
}

// listIn finds the rows. A list that is absent or null is empty only if the answer is an object: some services
// leave it out when there is nothing.
func (s *source) listIn(doc value) ([]value, error) {
	found := s.rows.list.all(doc)
	if len(found) == 1 && found[0].kind == isList {
		return found[0].parts, nil
	}
	if len(found) == 1 && found[0].kind == isNull && s.rows.list.text != "" {
		return nil, nil
	}
	if strings.Contains(s.rows.list.text, "[*]") && doc.kind != isText {
		var rows []value
		for _, v := range found {
			if v.kind == isList {
				rows = append(rows, v.parts...)
			} else {
				rows = append(rows, v)
			}
		}
		return rows, nil
	}
	return nil, retryable("read answer", errors.New("there is no list at "+strconv.Quote(s.rows.list.text)),
		"Set list to the path of the rows, such as data.items.")
}

// textOr is the text at a path in the answer, or that of a header.
func textOr(p *path, doc value, header http.Header, name string) string {
	if p.text != "" {
		return p.textIn(doc)
	}
	if name == "" {
		return ""
	}
	return strings.TrimSpace(header.Get(name))
}

func resolved(base *url.URL, next string) (string, error) {
	u, err := base.Parse(next)
	if err != nil {
		return "", retryable("read next page", errors.New("its address cannot be read"), "")
	}
	return u.String(), nil
}

func hashRows(rows []value) string {
	h := sha256.New()
	var raw []byte
	for _, r := range rows {
		raw = appendValue(raw[:0], r)
		h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// nextLink finds the target of rel="next" in Link headers (RFC 8288); "" if there is none.
func nextLink(headers []string) string {
	for _, rest := range headers {
		for {
			_, after, ok := strings.Cut(rest, "<")
			if !ok {
				break
			}
			target, params, ok := strings.Cut(after, ">")
			if !ok {
				break
			}
			if rest = params; isNext(&rest) {
				return target
			}
		}
	}
	return ""
}

// isNext reads the parameters of one link off text and says whether its relation is next.
func isNext(text *string) bool {
	next, related := false, false
	for {
		*text = strings.TrimLeft(*text, " \t;")
		if *text == "" || (*text)[0] == ',' {
			return next
		}
		end := strings.IndexAny(*text, "=;,")
		if end < 0 {
			end = len(*text)
		}
		name := strings.TrimSpace((*text)[:end])
		*text = (*text)[end:]
		if !strings.HasPrefix(*text, "=") {
			continue
		}
		word := paramValue(text)
		if strings.EqualFold(name, "rel") && !related { // only the first counts (section 3.3)
			related = true
			for _, rel := range strings.Fields(word) {
				next = next || strings.EqualFold(rel, "next")
			}
		}
	}
}

// paramValue reads =token or ="quoted string" off text.
func paramValue(text *string) string {
	*text = strings.TrimLeft((*text)[1:], " \t")
	if !strings.HasPrefix(*text, `"`) {
		end := strings.IndexAny(*text, ";,")
		if end < 0 {
			end = len(*text)
		}
		word := strings.TrimSpace((*text)[:end])
		*text = (*text)[end:]
		return word
	}
	var out strings.Builder
	for i := 1; i < len(*text); i++ {
		switch c := (*text)[i]; {
		case c == '"':
			*text = (*text)[i+1:]
			return out.String()
		case c == '\\' && i+1 < len(*text):
			i++
			out.WriteByte((*text)[i])
		default:
			out.WriteByte(c)
		}
	}
	*text = ""
	return out.String()
}
