package googleapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// ErrTooLarge is why an answer was not read to its end.
var ErrTooLarge = errors.New("the answer is larger than anything of use")

// bounding is a transport that bounds the answers of another one.
type bounding struct {
	base http.RoundTripper // nil for the default
	most int64             // bytes
}

// RoundTrip passes the request on.
func (b *bounding) RoundTrip(req *http.Request) (*http.Response, error) {
	base := b.base
	if base == nil {
		base = http.DefaultTransport
	}
	res, err := base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.ContentLength > b.most {
		_ = res.Body.Close()
		return nil, fmt.Errorf("read answer: %w", ErrTooLarge)
	}
	most := b.most
	if res.StatusCode >= http.StatusBadRequest {
		most = min(most, errorLimit)
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: most}
	return res, nil
}

// errorLimit bounds the answer that explains a failure, bytes.
const errorLimit = 1 << 20

// boundedBody fails when more than left bytes come.
type boundedBody struct {
	io.ReadCloser

	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
