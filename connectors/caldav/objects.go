package caldav

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
)

// object is a resource as the server gave it.
type object struct {
	data string
	etag string // "" if the server does not say
	gone bool   // it is not there
	err  error  // why it could not be read
}

// chunk is how many resources are asked for at once.
const chunk = 50

// objects asks calendar-multiget (RFC 4791 section 7.9). Each of the keys has an object in the answer.
func (s *source) objects(ctx context.Context, c calendar, keys []string) (map[string]object, error) {
	out := make(map[string]object, len(keys))
	var body strings.Builder
	body.WriteString("<C:calendar-multiget" + spaces + "><D:prop><D:getetag/><C:calendar-data/></D:prop>")
	for _, key := range keys {
		out[key] = object{err: errors.New("the server did not answer for it")}
		body.WriteString("<D:href>" + escape(key) + "</D:href>")
	}
	body.WriteString("</C:calendar-multiget>")
	_, _, err := s.dav.ask(ctx, "REPORT", c.url, "1", body.String(), func(r *response) error {
		for i := range r.Hrefs {
			key, ok := s.member(c, c.url, &response{Hrefs: r.Hrefs[i : i+1]})
			if _, asked := out[key]; ok && asked {
				out[key] = objectOf(r)
			}
		}
		return nil
	})
	switch code := statusOf(err); {
	case errors.Is(err, errTooLarge), errors.Is(err, errXML), code == http.StatusInternalServerError:
		return s.inHalves(ctx, c, keys)
	case code == http.StatusNotImplemented, code == http.StatusMethodNotAllowed:
		return s.oneByOne(ctx, c, keys)
	}
	return out, err
}

// inHalves asks again for what the server could not put into one answer: one resource may have spoilt it, by its size
// or by characters that XML cannot hold.
func (s *source) inHalves(ctx context.Context, c calendar, keys []string) (map[string]object, error) {
	if len(keys) == 1 {
		return s.oneByOne(ctx, c, keys)
	}
	first, err := s.objects(ctx, c, keys[:len(keys)/2])
	if err != nil {
		return nil, err
	}
	second, err := s.objects(ctx, c, keys[len(keys)/2:])
	if err != nil {
		return nil, err
	}
	maps.Copy(second, first)
	return second, nil
}

// oneByOne gets resources as they are, without XML around them.
func (s *source) oneByOne(ctx context.Context, c calendar, keys []string) (map[string]object, error) {
	out := make(map[string]object, len(keys))
	for _, key := range keys {
		target, err := c.url.Parse(key)
		if err != nil {
			out[key] = object{err: err}
			continue
		}
		data, err := s.dav.get(ctx, target)
		switch code := statusOf(err); {
		case code == http.StatusNotFound || code == http.StatusGone:
			out[key] = object{gone: true}
		case errors.Is(err, errTooLarge), ofOne(code):
			out[key] = object{err: err}
		case err != nil:
			return nil, err
		default:
			out[key] = object{data: string(data)}
		}
	}
	return out, nil
}

// ofOne says whether the status of a GET is about the resource, rather than about the account or the moment.
func ofOne(code int) bool {
	switch code {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	case http.StatusInternalServerError, http.StatusNotImplemented:
		return true
	}
	return code/100 == 4
}

func objectOf(r *response) object {
	code := statusCode(r.Status)
	p := r.found()
	switch {
	case code == http.StatusNotFound || code == http.StatusGone:
		return object{gone: true}
	case code != 0 && code/100 != 2:
		return object{err: &statusError{code: code}}
	case p.Data == nil:
		return object{err: errors.New("the server gave no calendar data for it")}
	}
	return object{data: *p.Data, etag: p.ETag}
}
