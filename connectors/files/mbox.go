package files

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// index says where the messages of an mbox start.
type index struct {
	size     int64
	modTime  time.Time
	messages []position
}

// position is one message of an mbox.
type position struct {
	offset, end int64 // of its "From " line, and behind its last byte
	hash        [4]byte
	at          time.Time // of the "From " line; zero if it has none that can be read
}

// id is the message's external id: the mbox, the offset, and a hash of how the message starts, so that an
// mbox that was rewritten does not lend an id to another message.
func (p position) id(mbox string) string {
	return mbox + "#" + strconv.FormatInt(p.offset, 10) + "." + hex.EncodeToString(p.hash[:])
}

// hashed is how much of a message its hash covers, bytes.
const hashed = 512

// index gives the positions of an mbox. One that only grew is read from its last message on.
func (s *source) index(ctx context.Context, root *os.Root, name string) (*index, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer shut(file)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	x := s.indexes[name]
	if x != nil && x.size == info.Size() && x.modTime.Equal(info.ModTime()) {
		return x, nil
	}
	fresh := &index{size: info.Size(), modTime: info.ModTime()}
	from := int64(0)
	if x != nil && x.size <= info.Size() && len(x.messages) > 0 && sameStart(file, x) {
		last := len(x.messages) - 1
		fresh.messages = append(fresh.messages, x.messages[:last]...)
		from = x.messages[last].offset
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	if err := fresh.scan(ctx, io.LimitReader(file, info.Size()-from), from); err != nil {
		return nil, err
	}
	s.indexes[name] = fresh
	return fresh, nil
}

// sameStart says whether the first and the last message still start as the index says.
func sameStart(file io.ReaderAt, x *index) bool {
	for _, p := range []position{x.messages[0], x.messages[len(x.messages)-1]} {
		start := make([]byte, min(hashed, p.end-p.offset))
		if _, err := file.ReadAt(start, p.offset); err != nil || hashStart(start) != p.hash {
			return false
		}
	}
	return true
}

func hashStart(start []byte) (out [4]byte) {
	sum := sha256.Sum256(start)
	copy(out[:], sum[:])
	return out
}

// scan finds the messages from offset on. A message starts with a "From " line at the start of the file or
// after an empty line; without the empty line it is somebody's text.
func (x *index) scan(ctx context.Context, r io.Reader, offset int64) error {
	const buffer = 256 << 10
	in := bufio.NewReaderSize(r, buffer)
	var start []byte
	afterBlank, lineStart := true, true
	finish := func(end int64) {
		if n := len(x.messages); n > 0 && x.messages[n-1].end == 0 {
			x.messages[n-1].end = end
			x.messages[n-1].hash = hashStart(start)
		}
		start = start[:0]
	}
	for lines := 0; ; lines++ {
		if lines%4096 == 0 && ctx.Err() != nil {
			return fmt.Errorf("index mbox: %w", ctx.Err())
		}
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			if lineStart && afterBlank && fromLine(line) {
				finish(offset)
				x.messages = append(x.messages, position{offset: offset, at: fromTime(line)})
			}
			if room := hashed - len(start); room > 0 && len(x.messages) > 0 {
				start = append(start, line[:min(room, len(line))]...)
			}
			afterBlank = lineStart && len(bytes.TrimRight(line, "\r\n")) == 0
			lineStart = line[len(line)-1] == '\n'
			offset += int64(len(line))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			finish(offset)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("index mbox: %w", err)
		}
	}
}

// fromLine tells an mbox's "From " line from a sentence that starts so: it has a time of day.
func fromLine(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("From ")) {
		return false
	}
	line = bytes.TrimRight(line, "\r\n")
	for i := 6; i+2 < len(line) && i < 300; i++ {
		if line[i] == ':' && isDigit(line[i-1]) && isDigit(line[i+1]) && isDigit(line[i+2]) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// fromTime reads the time of a "From " line.
func fromTime(line []byte) time.Time {
	_, rest, _ := bytes.Cut(bytes.TrimPrefix(bytes.TrimSpace(line), []byte("From ")), []byte(" "))
	t, ok := mimeitem.ParseDate(string(rest))
	if !ok {
		return time.Time{}
	}
	return t
}

// unquoteFrom takes the "From " line off a message and one ">" off lines such as ">From " (mboxo) and
// ">>From " (mboxrd), and the empty line that parts messages.
func unquoteFrom(raw []byte) []byte {
	if end := bytes.IndexByte(raw, '\n'); end >= 0 && bytes.HasPrefix(raw, []byte("From ")) {
		raw = raw[end+1:]
	}
	if trimmed, ok := bytes.CutSuffix(raw, []byte("\r\n\r\n")); ok {
		raw = raw[:len(trimmed)+2]
	} else if bytes.HasSuffix(raw, []byte("\n\n")) {
		raw = raw[:len(raw)-1]
	}
	if !bytes.Contains(raw, []byte(">From ")) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		line := raw
		if end := bytes.IndexByte(raw, '\n'); end >= 0 {
			line = raw[:end+1]
		}
		raw = raw[len(line):]
		if line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}
