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
	room chan struct{}     // those who read a heavy answer; the others wait when theirs proves to be heavy too
}

// Heavy answers are read by few at a time, so that many calls under way need little memory.
const (
	heavy       = 512 << 10 // bytes
	heavyAtOnce = 2
)

func newBounding(base http.RoundTripper, most int64) *bounding {
	return &bounding{base: base, most: most, room: make(chan struct{}, heavyAtOnce)}
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
	res.Body = &boundedBody{ReadCloser: res.Body, left: most, light: heavy, room: b.room, done: req.Context().Done()}
	if err := wellFormed(res); err != nil {
		_ = res.Body.Close()
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return res, nil
}

// errorLimit bounds the answer that explains a failure, bytes.
const errorLimit = 1 << 20

// boundedBody fails when more than left bytes come.
type boundedBody struct {
	io.ReadCloser

	left  int64
	light int64 // bytes until the answer is heavy
	room  chan struct{}
	held  bool
	done  <-chan struct{} // the request has ended
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if b.light < 0 && !b.held {
		select {
		case b.room <- struct{}{}:
			b.held = true
		case <-b.done: // the body says why
		}
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	b.light -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

// Close makes room.
func (b *boundedBody) Close() error {
	if b.held {
		b.held = false
		<-b.room
	}
	return b.ReadCloser.Close()
}
