package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Bounds of what one response may hold in memory. What exceeds them is read and thrown away, so the
// connection stays usable.
const (
	maxResponse    = 16 << 20 // bytes of a response kept, its literals included
	maxLiteralKept = 8 << 20  // bytes of one literal kept; more than is ever asked for
	idleBuffer     = 512      // bytes of read buffer when little is to come
	busyBuffer     = 64 << 10 // bytes of read buffer while messages are read
)

// errOversized means that a response that only go-imap can read was too long.
var errOversized = errors.New("response is too long")

// span is a literal inside a frame: raw[start:end]. cut means the server sent more.
type span struct {
	mark       int // where its "{" stands
	start, end int
	cut        bool
}

// frame is one whole response as it came: a line, or several joined by literals.
type frame struct {
	raw      []byte
	literals []span
	oversize bool // something of it was thrown away beyond a literal's tail
}

// framer cuts what a server sends into responses. It relies on nothing but line ends and the announced lengths
// of literals, so no content, however malformed, can make it lose its place.
type framer struct {
	conn  net.Conn
	buf   []byte
	r, w  int
	stall func() time.Duration // how long a read may wait for one byte; 0 for ever
	busy  func() bool          // much is to come
	ack   func()               // hastens acknowledgements; see quickAcker
}

// fill reads more bytes once everything buffered was taken.
func (f *framer) fill() error {
	f.r, f.w = 0, 0
	size := idleBuffer
	if f.busy() {
		size = busyBuffer
	}
	if len(f.buf) != size {
		f.buf = make([]byte, size)
	}
	if d := f.stall(); d > 0 {
		f.ack()
		if err := f.conn.SetReadDeadline(time.Now().Add(d)); err != nil {
			return err
		}
	}
	n, err := f.conn.Read(f.buf)
	f.w = n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// next reads one response. An error at a response's first byte is the connection's own; later it is wrapped.
func (f *framer) next() (frame, error) {
	var fr frame
	for {
		lineStart := len(fr.raw)
		if err := f.line(&fr); err != nil {
			if errors.Is(err, io.EOF) && len(fr.raw) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return fr, err
		}
		mark, size, ok := literalAt(fr.raw[lineStart:])
		if !ok {
			return fr, nil
		}
		if err := f.literal(&fr, lineStart+mark, size); err != nil {
			return fr, err
		}
	}
}

// line appends up to and including the next line feed.
func (f *framer) line(fr *frame) error {
	var tail []byte // the last bytes of a line that is too long, which may announce a literal
	for {
		if f.r == f.w {
			if err := f.fill(); err != nil {
				return err
			}
		}
		chunk := f.buf[f.r:f.w]
		end := bytes.IndexByte(chunk, '\n')
		if end >= 0 {
			chunk = chunk[:end+1]
		}
		if fr.oversize || len(fr.raw)+len(chunk) > maxResponse {
			fr.oversize = true
			tail = append(tail, chunk...)
			tail = tail[max(0, len(tail)-32):]
		} else {
			fr.raw = append(fr.raw, chunk...)
		}
		f.r += len(chunk)
		if end >= 0 {
			fr.raw = append(fr.raw, tail...)
			return nil
		}
	}
}

// literal appends n bytes of literal; mark is where its announcement starts.
func (f *framer) literal(fr *frame, mark int, n int64) error {
	keep := min(n, maxLiteralKept, int64(max(0, maxResponse-len(fr.raw))))
	if fr.oversize {
		keep = 0
	}
	start := len(fr.raw)
	fr.raw = grow(fr.raw, int(keep)+128)
	for left := n; left > 0; {
		if f.r == f.w {
			if err := f.fill(); err != nil {
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return fmt.Errorf("read literal: %w", err)
			}
		}
		chunk := f.buf[f.r:f.w]
		if int64(len(chunk)) > left {
			chunk = chunk[:left]
		}
		if room := keep - int64(len(fr.raw)-start); room > 0 {
			fr.raw = append(fr.raw, chunk[:min(int64(len(chunk)), room)]...)
		}
		f.r += len(chunk)
		left -= int64(len(chunk))
	}
	fr.literals = append(fr.literals, span{mark: mark, start: start, end: len(fr.raw), cut: keep < n})
	return nil
}

// grow makes room for n more bytes, exactly, since most literals are the last big thing in a response.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	bigger := make([]byte, len(b), len(b)+n)
	copy(bigger, b)
	return bigger
}

// literalAt finds the announcement of a literal at the end of a line: {n}, {n+} or ~{n} (RFC 3501 section 4.3,
// RFC 7888, RFC 3516). mark is where the "{" stands.
func literalAt(line []byte) (mark int, size int64, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < 3 || line[len(line)-1] != '}' {
		return 0, 0, false
	}
	digits := line[:len(line)-1]
	if digits[len(digits)-1] == '+' {
		digits = digits[:len(digits)-1]
	}
	i := len(digits)
	for i > 0 && digits[i-1] >= '0' && digits[i-1] <= '9' {
		i--
	}
	if i == len(digits) || i == 0 || digits[i-1] != '{' || len(digits)-i > 12 {
		return 0, 0, false
	}
	for _, d := range digits[i:] {
		size = size*10 + int64(d-'0')
	}
	return i - 1, size, true
}
