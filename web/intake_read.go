package web

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// pair is a name and a value as they were sent; the same name may come several times.
type pair struct{ name, value string }

// parse cuts a body into pairs, by its Content-Type.
func (a *arrival) parse(r *http.Request, body []byte) error {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" { // a bomb, if anything
		return &intakeError{status: http.StatusUnsupportedMediaType, key: "intake.bad_type"}
	}
	header := r.Header.Get("Content-Type")
	kind, params := "application/x-www-form-urlencoded", map[string]string(nil)
	if header != "" && header != kind {
		var err error
		if kind, params, err = mime.ParseMediaType(header); err != nil {
			return &intakeError{status: http.StatusUnsupportedMediaType, key: "intake.bad_type"}
		}
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		if err := a.parseURLEncoded(string(body)); err != nil {
			return err
		}
	case kind == "multipart/form-data":
		if err := a.parseMultipart(body, params["boundary"]); err != nil {
			return err
		}
	case isJSON(kind):
		body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
		if !utf8.Valid(body) { // RFC 8259 section 8.1
			return &intakeError{status: http.StatusBadRequest, key: "intake.bad_json"}
		}
		return a.parseJSON(body)
	default:
		return &intakeError{status: http.StatusUnsupportedMediaType, key: "intake.bad_type"}
	}
	a.decode(params["charset"], r.URL.RawQuery)
	return nil
}

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

// add takes a pair, or refuses one too many or too large.
func (a *arrival) add(name, value string) error {
	if name == "" {
		return nil // a browser sends none
	}
	if len(a.pairs) >= maxFields {
		return &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.too_many_fields"}
	}
	if len(name) > maxFieldName || len(value) > maxFieldValue {
		return &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.long_field"}
	}
	a.pairs = append(a.pairs, pair{name, value})
	return nil
}

// parseURLEncoded reads as the WHATWG URL standard's application/x-www-form-urlencoded parser does: a per cent
// sign that no two hexadecimal digits follow stands for itself. Names and values are bytes still.
func (a *arrival) parseURLEncoded(body string) error {
	a.pairs = make([]pair, 0, min(maxFields, strings.Count(body, "&")+1))
	for body != "" {
		var part string
		part, body, _ = strings.Cut(body, "&")
		name, value, _ := strings.Cut(part, "=")
		if err := a.add(unescape(name), unescape(value)); err != nil {
			return err
		}
	}
	return nil
}

func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
