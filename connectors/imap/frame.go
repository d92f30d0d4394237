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
	maxLinesKept   = 16 << 10 // bytes of a frame's lines whose memory is used again
)

// errOversized means that a response that only go-imap can read was too long.
var errOversized = errors.New("response is too long")

// span is a literal of a frame. Each has memory of its own, exactly as much as it needs: a text is kept long
// after its frame is forgotten.
type span struct {
	mark int // where its "{" stands in the frame
	next int // where the frame goes on behind the announcement
	data []byte
	cut  bool // the server sent more than data
}

// frame is one whole response as it came: a line, or several joined by literals.
type frame struct {
	raw      []byte // the lines, without the literals; its memory is used again for the next frame
	literals []span
	kept     int  // bytes of literals kept
	oversize bool // something of it was thrown away beyond a literal's tail
}

// whole is the response as it came.
func (fr frame) whole() []byte {
	out, done := make([]byte, 0, len(fr.raw)+fr.kept), 0
	for _, sp := range fr.literals {
		out = append(append(out, fr.raw[done:sp.next]...), sp.data...)
		done = sp.next
	}
	return append(out, fr.raw[done:]...)
}

// framer cuts what a server sends into responses. It relies on nothing but line ends and the announced lengths
// of literals, so no content, however malformed, can make it lose its place.
type framer struct {
	conn  net.Conn
	buf   []byte
	r, w  int
	lines []byte               // memory of the last frame's lines
	spans []span               // memory of its literals' places
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
	n, err := f.receive(f.buf)
	f.w = n
	return err
}

// receive reads some bytes from the connection.
func (f *framer) receive(into []byte) (int, error) {
	if d := f.stall(); d > 0 {
		f.ack()
		if err := f.conn.SetReadDeadline(time.Now().Add(d)); err != nil {
			return 0, err
		}
	}
	n, err := f.conn.Read(into)
	if n > 0 {
		return n, nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return 0, err
}

// next reads one response, which holds until the next one is read. An error at a response's first byte is the
// connection's own; later it is wrapped.
func (f *framer) next() (frame, error) {
	if cap(f.lines) > maxLinesKept || !f.busy() {
		f.lines = nil
	}
	clear(f.spans)
	fr := frame{raw: f.lines[:0], literals: f.spans[:0]}
	defer func() { f.lines, f.spans = fr.raw, fr.literals }()
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
		if fr.oversize || len(fr.raw)+fr.kept+len(chunk) > maxResponse {
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

// literal reads n bytes of literal; mark is where its announcement starts.
func (f *framer) literal(fr *frame, mark int, n int64) error {
	keep := min(n, maxLiteralKept, int64(max(0, maxResponse-len(fr.raw)-fr.kept)))
	if fr.oversize {
		keep = 0
	}
	sp := span{mark: mark, next: len(fr.raw), cut: keep < n}
	for left := n; left > 0; {
		if f.r == f.w {
			if err := f.fill(); err != nil {
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return fmt.Errorf("read literal: %w", err)
			}
		}
		chunk := f.buf[f.r:min(int64(f.w), int64(f.r)+left)]
		if room := keep - int64(len(sp.data)); room > 0 {
			if sp.data == nil {
				sp.data = make([]byte, 0, keep)
			}
			sp.data = append(sp.data, chunk[:min(int64(len(chunk)), room)]...)
		}
		f.r += len(chunk)
		left -= int64(len(chunk))
	}
	fr.kept += len(sp.data)
	fr.literals = append(fr.literals, sp)
	return nil
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
