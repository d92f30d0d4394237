package caldav

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// object is a resource as the server gave it.
type object struct {
	data string
	gone bool  // it is not there
	err  error // why it could not be read
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
	switch {
	case errors.Is(err, errTooLarge) && len(keys) > 1:
		first, err := s.objects(ctx, c, keys[:len(keys)/2])
		if err != nil {
			return nil, err
		}
		second, err := s.objects(ctx, c, keys[len(keys)/2:])
		for key, o := range first {
			if second != nil {
				second[key] = o
			}
		}
		return second, err
	case errors.Is(err, errTooLarge):
		out[keys[0]] = object{err: err}
		return out, nil
	}
	return out, err
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
	return object{data: *p.Data}
}
